/*
 * ical_parts.h - private: what ical*.c share
 */
#ifndef OST_MAIL_ICAL_PARTS_H
#define OST_MAIL_ICAL_PARTS_H

#include "mail/attach/attach.h"
#include "mail/body/body.h"
#include "mail/calendar/recurrence.h"
#include "mail/calendar/timezone.h"
#include "mail/text/clock.h"
#include "mail/text/contentline.h"
#include "mail/text/value.h"

/* Named properties [MS-OXPROPS], by their sets. */
enum {
	/* PSETID_Appointment */
	LID_APPOINTMENT_SEQUENCE = 0x8201,
	LID_BUSY_STATUS = 0x8205,
	LID_LOCATION = 0x8208,
	LID_START_WHOLE = 0x820D,
	LID_END_WHOLE = 0x820E,
	LID_DURATION = 0x8213,
	LID_SUBTYPE = 0x8215,
	LID_RECUR = 0x8216,
	LID_STATE_FLAGS = 0x8217,
	LID_RESPONSE_STATUS = 0x8218,
	LID_INTENDED_BUSY_STATUS = 0x8224,
	LID_EXCEPTION_REPLACE_TIME = 0x8228,
	LID_RECURRENCE_PATTERN = 0x8232,
	LID_ZONE_STRUCT = 0x8233,
	LID_ZONE_DESCRIPTION = 0x8234,
	LID_PROPOSED_START = 0x8250,
	LID_PROPOSED_END = 0x8251,
	LID_COUNTER_PROPOSAL = 0x8257,
	LID_NOT_ALLOW_PROPOSE = 0x825A,
	LID_ZONE_START = 0x825E,
	LID_ZONE_END = 0x825F,
	LID_ZONE_RECUR = 0x8260,
	LID_INBOUND_STREAM = 0x827A,
	/* PSETID_Common */
	LID_REMINDER_DELTA = 0x8501,
	LID_REMINDER_TIME = 0x8502,
	LID_REMINDER_SET = 0x8503,
	LID_PRIVATE = 0x8506,
	LID_COMMON_START = 0x8516,
	LID_COMMON_END = 0x8517,
	LID_MILEAGE = 0x8534,
	LID_BILLING = 0x8535,
	LID_COMPANIES = 0x8539,
	LID_CONTACTS = 0x853A,
	LID_REMINDER_SIGNAL_TIME = 0x8560,
	/* PSETID_Meeting */
	LID_ATTENDEE_CRITICAL_CHANGE = 0x0001,
	LID_GLOBAL_OBJECT_ID = 0x0003,
	LID_OWNER_CRITICAL_CHANGE = 0x001A,
	LID_CLEAN_GLOBAL_OBJECT_ID = 0x0023,
	/* PSETID_Task */
	LID_TASK_STATUS = 0x8101,
	LID_TASK_PERCENT = 0x8102,
	LID_TASK_START = 0x8104,
	LID_TASK_DUE = 0x8105,
	LID_TASK_DEAD_OCCURRENCE = 0x8109,
	LID_TASK_COMPLETED = 0x810F,
	LID_TASK_ACTUAL = 0x8110,
	LID_TASK_ESTIMATED = 0x8111,
	LID_TASK_RECUR = 0x8116,
	LID_TASK_COMPLETE = 0x811C,
	LID_TASK_OWNER = 0x811F,
	LID_TASK_ASSIGNER = 0x8121,
	LID_TASK_RECURRING = 0x8126,
	LID_TASK_OWNERSHIP = 0x8129,
	/* PSETID_Log */
	LID_LOG_TYPE = 0x8700,
	LID_LOG_START = 0x8706,
	LID_LOG_DURATION = 0x8707,
	LID_LOG_END = 0x8708,
	LID_LOG_DESCRIPTION = 0x8712,
};

enum {
	STATE_MEETING = 1, /* LID_STATE_FLAGS */
	STATE_CANCELED = 4,
	BUSY_TENTATIVE = 1,
};

/* An iCalendar object while it is written. */
struct ical {
	struct ical_lines lines;
	struct store_object *item;
	struct store_object *series; /* whose exception `item` is, or NULL: it
					has what `item` lacks */
	const char *method;	     /* of meeting mail, else NULL */
	uint64_t inside_left;	     /* bytes of attachments that may come */
	struct notes *notes;
	struct ost_error *err;
};

/*
 * Properties of the item, else of its series. `id` 0: none.
 */
uint16_t ical_id(const struct ical *w, enum value_set set, uint32_t lid);
uint64_t ical_number(const struct ical *w, uint16_t id, uint64_t fallback);
bool ical_time(const struct ical *w, uint16_t id, int64_t *utc);
enum ost_status ical_string(const struct ical *w, uint16_t id, struct buf *out);
enum ost_status ical_bytes(const struct ical *w, uint16_t id, struct buf *out);

/* Lines of one property each; nothing when there is none. */
enum ost_status ical_put_string(struct ical *w, const char *name, uint16_t id);
void ical_put_utc(struct ical *w, const char *name, int64_t utc);
void ical_put_time(struct ical *w, const char *name, uint16_t id);
void ical_put_date(struct ical *w, const char *name, int64_t wall);

/*
 * ical_common.c: what every component has
 */

/* UID, DTSTAMP, CREATED, LAST-MODIFIED. */
enum ost_status ical_put_identity(struct ical *w, struct span uid);

/* CLASS, CATEGORIES; `category` is one more, or empty. */
enum ost_status ical_put_common(struct ical *w, struct span category);
enum ost_status ical_put_summary(struct ical *w);
void ical_put_priority(struct ical *w); /* VJOURNAL has none */

/* Append each value of a list, as `name` lines. */
enum ost_status ical_put_list(struct ical *w, const char *name, uint16_t id);

/*
 * ical_content.c: bodies and attachments
 */
/* RTF only where it says more than the text, and `said`, if any, has not. */
void ical_put_body(struct ical *w, const struct body *body,
		   const struct body *said);

/* Those of `list` that are not `told` elsewhere; `told` may be NULL. */
enum ost_status ical_put_attachments(struct ical *w,
				     const struct attach_list *list,
				     const bool *told);

/* True if `a` holds an exception of the series it is attached to. */
bool ical_is_exception(const struct attach *a);

/*
 * ical_uid.c
 */

/* Append the UID: of the meeting, else made from the item itself. */
enum ost_status ical_uid(const struct ical *w, struct buf *out);

/*
 * Append the UID that a global object id holds [MS-OXOCAL] 2.2.1.27: that of
 * another calendar program, or its bytes in hex, those of the date zeroed.
 * OST_CORRUPT: it is none.
 */
enum ost_status ical_uid_decode(struct span id, struct buf *out,
				struct ost_error *err);

/* The day of the instance that a global object id names; false: of none. */
bool ical_uid_day(struct span id, int64_t *day);

/*
 * ical_people.c: ORGANIZER and ATTENDEEs, or nothing when there are none.
 * `given` tells whether there was anybody.
 */
enum ost_status ical_put_people(struct ical *w, bool *given);

/* How times of an item are written. */
struct ical_frame {
	bool all_day;
	int64_t offset; /* seconds after midnight that instances start */
	const struct zone *zone;
	const char *tzid; /* NULL: UTC */
	bool *used;	  /* set when `tzid` is; NULL: nobody asks */
};

/*
 * ical_zones.c
 */
enum { ICAL_LAST_YEAR = 9999 };

struct ical_zones {
	struct zone all[2];
	char *ids[2]; /* owned: the TZID of each */
	bool used[2]; /* by a time that was written */
	size_t count;
	const struct zone *start, *end; /* NULL: UTC; on loan from `all` */
	bool known;		   /* the store names the zone of `start` */
	int first_year, last_year; /* of times that are written in them */
};

/* The zones of the item: of its series when `series`, else of its times. */
enum ost_status ical_zones_read(struct ical_zones *out, const struct ical *w,
				bool series);

/* For a series in no zone, one that is as far ahead of UTC as it is. */
enum ost_status ical_zones_fix(struct ical_zones *z, int32_t minutes,
			       struct ost_error *err);

/*
 * Name the zones, once it is known what for: for single times, in UTC; for a
 * series whose first instance is at the wall time `first`. An IANA name is
 * given only where it means the same. `start` and `end` become one zone when
 * they have one name.
 */
enum ost_status ical_zones_single(struct ical_zones *z, const int64_t *utc,
				  size_t count, struct ost_error *err);
enum ost_status ical_zones_series(struct ical_zones *z,
				  const struct recurrence *r, int64_t first,
				  struct ost_error *err);

/* Write times in `zone`, which is `start` or `end`. */
void ical_zones_frame(struct ical_zones *z, const struct zone *zone,
		      struct ical_frame *f);
void ical_zones_free(struct ical_zones *z);

/* ical_timezone.c: a VTIMEZONE with what is needed from year to year. */
void ical_timezone(const struct zone *z, const char *tzid, int first, int last,
		   struct ical_lines *l);

/*
 * ical_rule.c
 */

/* `name` with a wall time in the frame's zone, or a date. */
void ical_put_wall(struct ical_lines *l, const char *name,
		   const struct ical_frame *f, int64_t wall);

/*
 * `name` with a rule that says something else than an RRULE of the same text
 * would; nothing takes it for one.
 */
void ical_put_foreign_rule(struct ical *w, const char *name,
			   const struct recurrence *r,
			   const struct ical_frame *f);

/* RRULE, or for other calendars RDATEs; and EXDATEs. */
void ical_put_rule(struct ical *w, const struct recurrence *r,
		   const struct ical_frame *f);

/*
 * ical_hijri.c: the days of a series by the tabular Hijri calendar
 */

/* Midnights of the first instances, at most `most`. Returns how many. */
size_t hijri_expand(const struct recurrence *r, int64_t *days, size_t max);

/* The month (1 to 12) of a day. */
int hijri_month(int64_t wall);

/*
 * Components: each appends all it is to `w`.
 */
enum ost_status ical_event(struct ical *w, struct ical_zones *zones);
enum ost_status ical_todo(struct ical *w);
enum ost_status ical_journal(struct ical *w);

/* ical.c: meeting mail as a VCALENDAR made from its properties. */
enum ost_status ical_make_event(struct store_object *item, const char *method,
				struct buf *out, struct notes *notes,
				struct ost_error *err);

#endif
