/*
 * value.h - private: what a message is and holds, as header fields want it
 *
 * Nothing here fails on bad data: what is absent, of another type or not to
 * be read counts as absent, and the last is noted.
 */
#ifndef OST_MAIL_VALUE_H
#define OST_MAIL_VALUE_H

#include "mail/text/notes.h"
#include "store/store.h"

/* Property sets [MS-OXPROPS] 1.3.2, by what they are looked up for here. */
enum value_set {
	SET_COMMON,
	SET_APPOINTMENT,
	SET_ADDRESS,
	SET_PUBLIC_STRINGS,
	SET_INTERNET_HEADERS,
	SET_NOTE,
	SET_POST_RSS,
	SET_MEETING,
	SET_TASK,
	SET_LOG,
};

/* The GUID of a set, as stored: 16 bytes. */
const uint8_t *value_guid(enum value_set set);

/* The id of the property `lid` of `set`; 0: the store has none. */
uint16_t value_named(struct store_object *o, enum value_set set, uint32_t lid);

/*
 * Append text property `id` as one line, without blanks at its ends. `id` 0:
 * none. OST_OK also when there is none.
 */
enum ost_status value_line(struct store_object *o, uint16_t id, struct buf *out,
			   struct notes *notes, struct ost_error *err);

/*
 * The same with its lines kept apart and control characters as they are,
 * without blanks at its ends.
 */
enum ost_status value_text(struct store_object *o, uint16_t id, struct buf *out,
			   struct notes *notes, struct ost_error *err);

/* Append binary property `id` of at most 1 MiB. As value_line(). */
enum ost_status value_bytes(struct store_object *o, uint16_t id,
			    struct buf *out, struct notes *notes,
			    struct ost_error *err);

/* Append the subject as one line, without the mark of its prefix. */
enum ost_status value_subject(struct store_object *o, struct buf *out,
			      struct notes *notes, struct ost_error *err);

/* Append the message class; "IPM.Note" when it has none. */
enum ost_status value_class(struct store_object *o, struct buf *out,
			    struct ost_error *err);

/* True if the class is `name` or one below it ("IPM.Note" has "IPM.Note.X"). */
bool value_class_is(struct span class, const char *name);

/*
 * Append category `index`; OST_NOT_FOUND past the last, and with a note past
 * LIMIT_VALUES.
 */
enum ost_status value_category(struct store_object *o, size_t index,
			       struct buf *out, struct notes *notes,
			       struct ost_error *err);

/* What was done with a message, one bit each. */
enum value_state {
	STATE_READ = 1,
	STATE_DRAFT = 2,
	STATE_ANSWERED = 4,
	STATE_FORWARDED = 8,
	STATE_FLAGGED = 16,
	STATE_DELETED = 32,
};
unsigned value_state(struct store_object *o);

#endif
