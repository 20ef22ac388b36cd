/*
 * notes.c - what note codes mean for a ledger
 */
#include "audit/ledger.h"

static enum entry_kind kind_of(struct span code)
{
	static const enum entry_kind kinds[] = {
		[MAIL_DEGRADED] = ENTRY_DEGRADED,
		[MAIL_NOT_CACHED] = ENTRY_NOT_CACHED,
		[MAIL_DAMAGED] = ENTRY_DAMAGED,
	};

	return kinds[mail_note_severity(code)];
}

static void count(struct ledger *l, struct span code)
{
	struct note_count *n = l->notes;
	size_t at = 0;

	if (code.len >= sizeof(n->code))
		return;
	pthread_mutex_lock(&l->lock);
	while (at < l->note_count &&
	       (strlen(n[at].code) != code.len ||
		memcmp(n[at].code, code.at, code.len) != 0))
		at++;
	if (at < NOTE_COUNT) {
		memcpy(n[at].code, code.at, code.len);
		n[at].files++;
		if (at == l->note_count)
			l->note_count++;
	}
	pthread_mutex_unlock(&l->lock);
}

bool notes_are_damage(const char *codes)
{
	struct span code;

	while (mail_note_next(&codes, &code))
		if (kind_of(code) == ENTRY_DAMAGED)
			return true;
	return false;
}

/* One entry for each kind of thing that became of the file. */
void notes_count(struct ledger *l, const struct tree_what *what,
		 const char *path, const char *codes)
{
	struct buf of[ENTRY_KINDS] = { { 0 } };
	struct span code;

	while (mail_note_next(&codes, &code)) {
		struct buf *to = &of[kind_of(code)];

		count(l, code);
		if (to->len > 0)
			buf_str(to, ", ");
		buf_add(to, code.at, code.len);
	}
	for (int i = 0; i < ENTRY_KINDS; i++) {
		const struct entry e = { .kind = (enum entry_kind)i,
					 .nid = what->nid,
					 .place = what->place };

		if (of[i].len > 0)
			ledger_add(l, &e, path, buf_text(&of[i]));
		buf_free(&of[i]);
	}
}
