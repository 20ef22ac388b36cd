#include "mail/notes.h"

void notes_text(const struct notes *n, struct buf *out)
{
#define OST_NOTE_CODE(name, code, meaning) code,
	static const char *const codes[] = { OST_NOTES(OST_NOTE_CODE) };
#undef OST_NOTE_CODE
	const char *separator = "";

	for (unsigned i = 0; i < NOTE_COUNT; i++) {
		if (!note_has(n, (enum note)i))
			continue;
		buf_str(out, separator);
		buf_str(out, codes[i]);
		separator = ", ";
	}
}

void notes_origin(struct notes *n, const struct store_object *item)
{
	if (item->was == 0)
		return;
	note_add(n, NOTE_RECOVERED);
	if (item->store->ops == &store_pff)
		note_add(n, NOTE_UNCHECKED);
}
