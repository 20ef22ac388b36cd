/*
 * facts.h - what a listing shows of an item, without planning it
 */
#ifndef OST_MAIL_FACTS_H
#define OST_MAIL_FACTS_H

#include "store/store.h"

/*
 * What a listing shows of an item: facts that are cheap and do not need the
 * plan. Each appends UTF-8 to `out`, and nothing when the item lacks it.
 * `item` may be a row.
 */
enum mail_fact {
	MAIL_SUBJECT,	 /* without the U+0001 mark, one line */
	MAIL_FROM_NAME,	 /* display name of the author, else the address */
	MAIL_TO_NAMES,	 /* to whom, as a list shows them: "Jane; Bob" */
	MAIL_FROM,	 /* "Name <addr>", resolved; item, not row */
	MAIL_TO,	 /* the same, comma-separated */
	MAIL_MESSAGE_ID, /* as the mail has it, with <> */
	MAIL_DATE,	 /* RFC 3339, UTC: of mail_when() */
	MAIL_FLAGS, /* of "read draft answered forwarded flagged deleted" */
	MAIL_CATEGORIES, /* comma-separated */
	MAIL_CLASS,	 /* message class; "IPM.Note" when absent */
	MAIL_COLOR,	 /* of a note: "yellow" */
	MAIL_GEOMETRY,	 /* of a note: "WIDTHxHEIGHT+X+Y", in pixels */
};
enum ost_status mail_fact(struct store_object *item, enum mail_fact fact,
			  struct buf *out, struct ost_error *err);

/*
 * When an item came to be: delivered, else submitted, else created, as
 * seconds since 1970 with nanoseconds. False: none.
 */
bool mail_time(struct store_object *item, int64_t *sec, uint32_t *nsec);

/*
 * The time of an item's file: the start of an appointment, which a row need
 * not know; else as mail_time().
 */
bool mail_when(struct store_object *item, int64_t *sec, uint32_t *nsec);

/*
 * When an appointment starts on the clock of its own time zone (UTC, if it
 * has none), as if that clock were UTC. `*day_only`: it is an all-day one.
 * False: it does not say.
 */
bool mail_starts(struct store_object *item, int64_t *sec, bool *day_only);

/* Last modification (0x3008). False: none. */
bool mail_changed(struct store_object *item, int64_t *sec, uint32_t *nsec);

#endif
