/*
 * recurrence.h - private: how often an appointment or a task comes again
 *
 * PidLidAppointmentRecur and PidLidTaskRecurrence [MS-OXOCAL] 2.2.1.44. All
 * times in it are minutes since 1601 on the clock of the item's time zone.
 */
#ifndef OST_MAIL_RECURRENCE_H
#define OST_MAIL_RECURRENCE_H

#include "bytes/bytes.h"
#include "bytes/error.h"

enum recurrence_frequency {
	RECURRENCE_DAILY = 0x200A,
	RECURRENCE_WEEKLY = 0x200B,
	RECURRENCE_MONTHLY = 0x200C,
	RECURRENCE_YEARLY = 0x200D,
};

enum recurrence_pattern {
	RECURRENCE_DAY = 0, /* every `period` minutes */
	RECURRENCE_WEEK = 1,
	RECURRENCE_MONTH = 2,
	RECURRENCE_MONTH_NTH = 3,
	RECURRENCE_MONTH_END = 4,
	RECURRENCE_HIJRI_MONTH = 0xA,
	RECURRENCE_HIJRI_MONTH_NTH = 0xB,
	RECURRENCE_HIJRI_MONTH_END = 0xC,
};

enum {
	RECURRENCE_LAST = 5,	       /* `nth`: the last of the month */
	RECURRENCE_NEVER = 0x5AE980DF, /* `end`: 4500-08-31 23:59 */
};

/* What an exception has of its own: flags [MS-OXOCAL] 2.2.1.44.2 */
enum {
	EXCEPTION_SUBJECT = 0x0001,
	EXCEPTION_MEETING_TYPE = 0x0002,
	EXCEPTION_REMINDER_DELTA = 0x0004,
	EXCEPTION_REMINDER = 0x0008,
	EXCEPTION_LOCATION = 0x0010,
	EXCEPTION_BUSY = 0x0020,
	EXCEPTION_ATTACHMENT = 0x0040,
	EXCEPTION_ALL_DAY = 0x0080,
	EXCEPTION_COLOR = 0x0100,
	EXCEPTION_BODY = 0x0200,
};

struct recurrence_exception {
	uint32_t start, end, original; /* minutes since 1601 */
	uint16_t flags;
	uint32_t meeting_type, reminder_delta, reminder, busy, all_day;
	/* On loan from the blob: in the item's code page, and in UTF-16LE,
	   which wins when there is any. */
	struct span subject, location;
	struct span wide_subject, wide_location;
};

struct recurrence {
	uint16_t frequency; /* enum recurrence_frequency */
	uint16_t pattern;   /* enum recurrence_pattern */
	uint16_t calendar;  /* CALID; 0: Gregorian, unless Hijri by pattern */
	uint32_t interval;  /* days, weeks or months */
	uint32_t weekdays;  /* 1: Sunday, 2: Monday ... 0x40 */
	uint32_t day;	    /* of the month */
	uint32_t nth;	    /* 1 to 4, or RECURRENCE_LAST */
	uint32_t first_weekday; /* of a week: 0 for Sunday */
	uint32_t count;		/* how often in all; 0: `end` tells */
	bool sliding;	/* of a task: counts from when the last one was done */
	uint32_t start; /* the first day */
	uint32_t end;	/* the last day, or RECURRENCE_NEVER */
	struct span deleted; /* on loan; see recurrence_deleted() */
	/* The first or the last day had to tell what the pattern does not say,
	   or what follows it is only in part there. */
	bool damaged;

	/* Of appointments */
	bool timed;				 /* the next two are there */
	uint32_t start_offset, end_offset;	 /* minutes after midnight */
	struct recurrence_exception *exceptions; /* owned; by `original` */
	size_t count_exceptions;
	size_t left; /* bytes behind the end; Outlook leaves none */
};

/*
 * Decode the pattern in `blob`, from which `*out` borrows. OST_CORRUPT when
 * there is no pattern to be had; what is wrong behind it sets `damaged`.
 */
enum ost_status recurrence_decode(struct recurrence *out, struct span blob,
				  struct ost_error *err);

/* The same of a task, whose blob is a pattern only. */
enum ost_status recurrence_decode_pattern(struct recurrence *out,
					  struct span blob,
					  struct ost_error *err);

/* The day, in minutes, of deleted instance `index`; false past the last. */
bool recurrence_deleted(const struct recurrence *r, size_t index,
			uint32_t *day);

/* The exception of the instance that was on `day`, in minutes, or NULL. */
const struct recurrence_exception *
recurrence_exception_on(const struct recurrence *r, uint32_t day);

/* True if years and months are those of the Gregorian calendar. */
bool recurrence_gregorian(const struct recurrence *r);

void recurrence_free(struct recurrence *r);

#endif
