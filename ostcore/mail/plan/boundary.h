/*
 * boundary.h - private: the boundaries of a mail's multiparts (RFC 2046 5.1)
 *
 * All have one length, so that should one of them stand in the mail's own
 * text, all can be changed where they are.
 */
#ifndef OST_MAIL_BOUNDARY_H
#define OST_MAIL_BOUNDARY_H

#include "mail/plan/piece.h"

struct boundaries {
	uint64_t seed;	/* from store data only: same store, same bytes */
	uint32_t count; /* boundaries made, named 0 to count - 1 */
	struct boundary_mark {
		size_t at; /* in the text */
		uint32_t name;
	} * marks; /* where they stand, in rising order */
	size_t marked, cap;
	bool bad; /* memory ran out */
};

/* A hash to seed with: `more` on top of `seed`. */
uint64_t boundary_hash(uint64_t seed, struct span more);

/* One more boundary. Returns its name. */
uint32_t boundary_new(struct boundaries *b);

/* Write boundary `name` to the text of `p`. */
void boundary_put(struct boundaries *b, struct pieces *p, uint32_t name);

/* Forget where boundaries stood from byte `at` of the text on. */
void boundary_rewind(struct boundaries *b, size_t at);

/*
 * See that no line of text starts with a boundary that was not put there,
 * changing all of them as long as one does. Needs all of the text.
 */
enum ost_status boundary_settle(struct boundaries *b, struct pieces *p,
				struct ost_error *err);

void boundary_free(struct boundaries *b);

#endif
