/*
 * recurkit.h - recurrence blobs, and series that have them
 *
 * Included once a program. Days are written as "20240301".
 */
#ifndef OST_RECURKIT_H
#define OST_RECURKIT_H

#include "icalkit.h"

/* A recurrence [MS-OXOCAL] 2.2.1.44; what is 0 is left as it is. */
struct pattern {
	uint32_t frequency, type, calendar, period;
	uint32_t weekdays, day, nth;
	uint32_t end, count, first_weekday;
	const char *const *deleted; /* days; ends with NULL; NULL: none */
	const char *start, *last;   /* days; `last` NULL: no end */
	uint32_t from, to;	    /* minutes after midnight */
	uint32_t sliding;
};

static inline void put_pattern(struct buf *b, const struct pattern *p)
{
	size_t deleted = 0;

	while (p->deleted != NULL && p->deleted[deleted] != NULL)
		deleted++;
	put16(b, 0x3004);
	put16(b, 0x3004);
	put16(b, p->frequency);
	put16(b, p->type);
	put16(b, p->calendar);
	put32(b, 0);
	put32(b, p->period);
	put32(b, p->sliding);
	if (p->type == 1 || p->type == 3 || p->type == 0xB)
		put32(b, p->weekdays);
	else if (p->type != 0)
		put32(b, p->day);
	if (p->type == 3 || p->type == 0xB)
		put32(b, p->nth);
	put32(b, p->end);
	put32(b, p->count);
	put32(b, p->first_weekday);
	put32(b, (uint32_t)deleted);
	for (size_t i = 0; i < deleted; i++)
		put32(b, minutes_of(p->deleted[i]));
	put32(b, 0);
	put32(b, minutes_of(p->start));
	put32(b, p->last != NULL ? minutes_of(p->last) : 0x5AE980DF);
}

struct change {
	const char *original, *start, *end;
	uint32_t flags;
	const char *subject, *location;
	uint32_t busy, all_day;
};

static inline void put_short_text(struct buf *b, const char *text)
{
	put16(b, (uint32_t)strlen(text) + 1);
	put16(b, (uint32_t)strlen(text));
	buf_str(b, text);
}

static inline void put_change(struct buf *b, const struct change *c)
{
	put32(b, minutes_of(c->start));
	put32(b, minutes_of(c->end));
	put32(b, minutes_of(c->original));
	put16(b, c->flags);
	if (c->flags & EXCEPTION_SUBJECT)
		put_short_text(b, c->subject);
	if (c->flags & EXCEPTION_REMINDER_DELTA)
		put32(b, 30);
	if (c->flags & EXCEPTION_REMINDER)
		put32(b, 1);
	if (c->flags & EXCEPTION_LOCATION)
		put_short_text(b, c->location);
	if (c->flags & EXCEPTION_BUSY)
		put32(b, c->busy);
	if (c->flags & EXCEPTION_ALL_DAY)
		put32(b, c->all_day);
}

static inline void put_wide_change(struct buf *b, const struct change *c)
{
	put32(b, 4); /* ChangeHighlight */
	put32(b, 0);
	put32(b, 0);
	if (!(c->flags & (EXCEPTION_SUBJECT | EXCEPTION_LOCATION)))
		return;
	put32(b, minutes_of(c->start));
	put32(b, minutes_of(c->end));
	put32(b, minutes_of(c->original));
	if (c->flags & EXCEPTION_SUBJECT) {
		put16(b, (uint32_t)strlen(c->subject));
		put_wide(b, c->subject);
	}
	if (c->flags & EXCEPTION_LOCATION) {
		put16(b, (uint32_t)strlen(c->location));
		put_wide(b, c->location);
	}
	put32(b, 0);
}

static inline void put_recurrence(struct buf *b, const struct pattern *p,
				  const struct change *changes, size_t count)
{
	put_pattern(b, p);
	put32(b, 0x3006);
	put32(b, 0x3009);
	put32(b, p->from);
	put32(b, p->to);
	put16(b, (uint32_t)count);
	for (size_t i = 0; i < count; i++)
		put_change(b, &changes[i]);
	put32(b, 0);
	for (size_t i = 0; i < count; i++)
		put_wide_change(b, &changes[i]);
	put32(b, 0);
}

/* A series of appointments in Pacific time. */
static inline struct fake *
series_new(const struct pattern *p, const struct change *changes, size_t count)
{
	struct fake *f = item_new("IPM.Appointment");
	struct buf b = { 0 };

	put_recurrence(&b, p, changes, count);
	set_blob(f, named(SET_APPOINTMENT, LID_RECUR), &b);
	set_pacific(f, LID_ZONE_RECUR);
	set_time(f, MAPI_LAST_MODIFICATION_TIME, "20240301T102200");
	return f;
}

/* Three Tuesdays are not as the others: one is gone, two are moved. */
static const char *const tuesdays_gone[] = { "20160809", "20160823", "20160830",
					     NULL };
static const struct pattern tuesdays = { .frequency = 0x200B,
					 .type = 1,
					 .period = 1,
					 .weekdays = 0x04,
					 .end = 0x2022,
					 .count = 12,
					 .deleted = tuesdays_gone,
					 .start = "20160802",
					 .from = 480,
					 .to = 540 };
static const struct change tuesdays_moved[] = {
	{ "20160823T080000", "20160823T090000", "20160823T100000", 0 },
	{ "20160830T080000", "20160830T100000", "20160830T113000",
	  EXCEPTION_SUBJECT | EXCEPTION_LOCATION | EXCEPTION_BUSY |
		  EXCEPTION_REMINDER | EXCEPTION_REMINDER_DELTA,
	  "Moved; later", "Room 5", 3 },
};

#endif
