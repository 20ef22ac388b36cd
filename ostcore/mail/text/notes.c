#include "mail/text/notes.h"

#define OST_NOTE_CODE(name, code, severity, meaning)                           \
	{ code, meaning, MAIL_##severity },
static const struct {
	const char code[MAIL_NOTE_MAX], *meaning;
	enum mail_severity severity;
} all[] = { OST_NOTES(OST_NOTE_CODE) };
#undef OST_NOTE_CODE

#define OST_NOTE_FITS(name, code, severity, meaning)                           \
	_Static_assert(sizeof(code) <= MAIL_NOTE_MAX, code);
OST_NOTES(OST_NOTE_FITS)
#undef OST_NOTE_FITS

void notes_text(const struct notes *n, struct buf *out)
{
	const char *separator = "";

	for (unsigned i = 0; i < NOTE_COUNT; i++) {
		if (!note_has(n, (enum note)i))
			continue;
		buf_str(out, separator);
		buf_str(out, all[i].code);
		separator = ", ";
	}
}

void notes_reading(struct notes *n, const struct store_reading *how,
		   uint16_t type)
{
	const bool wide = (type & ~MAPI_MULTIPLE) == MAPI_UNICODE;

	if (how->replaced > 0)
		note_add(n, wide ? NOTE_SURROGATE : NOTE_CHARSET);
	if (how->guessed)
		note_add(n, NOTE_CHARSET_GUESS);
}

void notes_origin(struct notes *n, struct store_object *item)
{
	/* What an item lacks when names are lost, nobody can know. */
	if (store_is_damaged(item->store) || store_lacks_names(item))
		note_add(n, NOTE_STORE);
	if (item->original_nid == 0)
		return;
	note_add(n, NOTE_RECOVERED);
	if ((item->id.nid & MAPI_NID_TYPE) == MAPI_NID_RECOVERED_PFF)
		note_add(n, NOTE_UNCHECKED);
}

bool mail_note_next(const char **codes, struct span *code)
{
	const char *at = *codes + strspn(*codes, ", ");
	const size_t len = strcspn(at, ",");

	*code = span_of(at, len);
	*codes = at + len;
	return len > 0;
}

/* NOTE_COUNT: there is none. */
static unsigned index_of(struct span code)
{
	unsigned i = 0;

	while (i < NOTE_COUNT && (strlen(all[i].code) != code.len ||
				  memcmp(all[i].code, code.at, code.len) != 0))
		i++;
	return i;
}

const char *mail_note_meaning(struct span code)
{
	const unsigned i = index_of(code);

	return i < NOTE_COUNT ? all[i].meaning : "";
}

enum mail_severity mail_note_severity(struct span code)
{
	const unsigned i = index_of(code);

	return i < NOTE_COUNT ? all[i].severity : MAIL_DAMAGED;
}
