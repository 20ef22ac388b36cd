/*
 * recurrence.c - the recurrence blob of appointments and tasks
 */
#include "mail/calendar/recurrence.h"

#include "bytes/sorted.h"
#include "mail/text/clock.h"

#include <stdlib.h>

enum {
	VERSION = 0x3004,
	VERSION_APPOINTMENT = 0x3006,
	VERSION_HIGHLIGHT = 0x3009, /* from it on, exceptions have one */
	DAY = 1440,		    /* minutes */
	END_DATE = 0x2021,
	END_COUNT = 0x2022,
	END_NEVER = 0x2023,
	EXCEPTION_SIZE = 14, /* bytes of one, at the least */
	/* [RFC 5545] knows no greater; parsers keep 16 bits of it. */
	INTERVAL_MAX = 32767,
	ALL_WEEKDAYS = 0x7F,
};

/* What the pattern names days by. */
static void read_days(struct recurrence *r, struct cursor *c)
{
	switch (r->pattern) {
	case RECURRENCE_WEEK:
		r->weekdays = cur_u32(c);
		break;
	case RECURRENCE_MONTH:
	case RECURRENCE_MONTH_END:
	case RECURRENCE_HIJRI_MONTH:
	case RECURRENCE_HIJRI_MONTH_END:
		r->day = cur_u32(c);
		break;
	case RECURRENCE_MONTH_NTH:
	case RECURRENCE_HIJRI_MONTH_NTH:
		r->weekdays = cur_u32(c);
		r->nth = cur_u32(c);
		break;
	default:
		break;
	}
}

static bool is_known(uint16_t pattern)
{
	return pattern <= RECURRENCE_MONTH_END ||
	       (pattern >= RECURRENCE_HIJRI_MONTH &&
		pattern <= RECURRENCE_HIJRI_MONTH_END);
}

/* The first day is the first instance: what names no day is told by it. */
static enum ost_status settle_weekdays(struct recurrence *r, uint32_t first,
				       struct ost_error *err)
{
	if (r->weekdays > 0 && r->weekdays <= ALL_WEEKDAYS)
		return OST_OK;
	if (r->weekdays > ALL_WEEKDAYS && (r->weekdays & first) == 0)
		return ost_fail(err, OST_CORRUPT, "weekdays %#x", r->weekdays);
	r->damaged = true;
	r->weekdays = r->weekdays == 0 ? first : r->weekdays & ALL_WEEKDAYS;
	return OST_OK;
}

static enum ost_status settle_days(struct recurrence *r, struct ost_error *err)
{
	const int64_t start = clock_minutes(r->start);
	const struct clock_time first = clock_of(start);
	const uint32_t weekday = 1U << clock_weekday(start);
	const bool nth = r->pattern == RECURRENCE_MONTH_NTH ||
			 r->pattern == RECURRENCE_HIJRI_MONTH_NTH;

	if (r->pattern == RECURRENCE_DAY)
		return OST_OK;
	if (nth && (r->nth < 1 || r->nth > RECURRENCE_LAST)) {
		if (!recurrence_gregorian(r) || (r->weekdays & weekday) == 0 ||
		    (r->weekdays & (r->weekdays - 1)) != 0)
			return ost_fail(err, OST_CORRUPT,
					"weekday %u of a month", r->nth);
		r->nth = ((uint32_t)first.day - 1) / 7 + 1;
		r->damaged = true;
	}
	if (nth || r->pattern == RECURRENCE_WEEK)
		return settle_weekdays(r, weekday, err);
	if (r->day >= 1 && r->day <= 31)
		return OST_OK;
	if (!recurrence_gregorian(r))
		return ost_fail(err, OST_CORRUPT, "day %u of a month", r->day);
	r->day = (uint32_t)first.day;
	r->damaged = true;
	return OST_OK;
}

static enum ost_status set_interval(struct recurrence *r, uint32_t period,
				    struct ost_error *err)
{
	const uint32_t unit = r->pattern == RECURRENCE_DAY ? DAY : 1;

	r->interval = period / unit;
	if (r->interval == 0 || r->interval > INTERVAL_MAX ||
	    period % unit != 0)
		return ost_fail(err, OST_CORRUPT, "period of %u %s", period,
				unit == DAY ? "minutes" : "weeks or months");
	return OST_OK;
}

/* How it ends: of a type that does not say so, by the last day. */
static enum ost_status settle_end(struct recurrence *r, uint32_t *type,
				  struct ost_error *err)
{
	const bool known = *type == END_DATE || *type == END_COUNT ||
			   *type == END_NEVER || *type == UINT32_MAX;

	if (known && !(*type == END_COUNT && r->count == 0))
		return OST_OK;
	if (r->end < r->start || r->end >= RECURRENCE_NEVER - DAY + 1)
		return known ? ost_fail(err, OST_CORRUPT,
					"ends after no instance")
			     : ost_fail(err, OST_CORRUPT, "end of type %#x",
					*type);
	*type = END_DATE;
	r->damaged = true;
	return OST_OK;
}

static enum ost_status set_end(struct recurrence *r, uint32_t type,
			       struct ost_error *err)
{
	if (r->start > RECURRENCE_NEVER)
		return ost_fail(err, OST_CORRUPT,
				"starts in minute %u, after the year 4500",
				r->start);
	if (settle_end(r, &type, err) != OST_OK)
		return OST_CORRUPT;
	if (type == END_DATE && r->end < r->start)
		return ost_fail(err, OST_CORRUPT,
				"ends in minute %u, starts in %u", r->end,
				r->start);
	if (type != END_COUNT)
		r->count = 0;
	r->end -= r->end % DAY;
	if (type != END_DATE || r->end >= RECURRENCE_NEVER - DAY + 1)
		r->end = RECURRENCE_NEVER;
	r->start -= r->start % DAY;
	return settle_days(r, err);
}

/* The dates of so many instances, 4 bytes each. */
static struct span read_dates(struct cursor *c)
{
	const uint64_t count = cur_u32(c);

	return cur_span(c, 4 * count);
}

static enum ost_status read_pattern(struct recurrence *r, struct cursor *c,
				    struct ost_error *err)
{
	const uint16_t reader = cur_u16(c), writer = cur_u16(c);
	uint32_t period, end;
	enum ost_status st;

	r->frequency = cur_u16(c);
	r->pattern = cur_u16(c);
	r->calendar = cur_u16(c);
	(void)cur_u32(c); /* FirstDateTime: `start` says the same, plainer */
	period = cur_u32(c);
	r->sliding = cur_u32(c) != 0;
	if (cur_ok(c) && (reader != VERSION || writer != VERSION))
		return ost_fail(err, OST_CORRUPT,
				"versions %#x and %#x, not 0x3004", reader,
				writer);
	if (cur_ok(c) && (r->frequency < RECURRENCE_DAILY ||
			  r->frequency > RECURRENCE_YEARLY))
		return ost_fail(err, OST_CORRUPT, "frequency %#x",
				r->frequency);
	if (cur_ok(c) && !is_known(r->pattern))
		return ost_fail(err, OST_CORRUPT, "pattern of type %#x",
				r->pattern);
	read_days(r, c);
	end = cur_u32(c);
	r->count = cur_u32(c);
	r->first_weekday = cur_u32(c);
	r->deleted = read_dates(c);
	(void)read_dates(c); /* of those modified: exceptions tell more */
	r->start = cur_u32(c);
	r->end = cur_u32(c);
	if (!cur_ok(c))
		return ost_fail(err, OST_CORRUPT, "pattern is cut short");
	st = set_interval(r, period, err);
	return st == OST_OK ? set_end(r, end, err) : st;
}

/*
 * Exceptions
 */

/* Text with its length before it, twice: with a NUL counted, and without. */
static struct span read_text(struct cursor *c)
{
	(void)cur_u16(c);
	return cur_span(c, cur_u16(c));
}

static uint32_t read_if(struct cursor *c, const struct recurrence_exception *e,
			uint16_t flag)
{
	return e->flags & flag ? cur_u32(c) : 0;
}

static void read_exception(struct recurrence_exception *e, struct cursor *c)
{
	e->start = cur_u32(c);
	e->end = cur_u32(c);
	e->original = cur_u32(c);
	e->flags = cur_u16(c);
	if (e->flags & EXCEPTION_SUBJECT)
		e->subject = read_text(c);
	e->meeting_type = read_if(c, e, EXCEPTION_MEETING_TYPE);
	e->reminder_delta = read_if(c, e, EXCEPTION_REMINDER_DELTA);
	e->reminder = read_if(c, e, EXCEPTION_REMINDER);
	if (e->flags & EXCEPTION_LOCATION)
		e->location = read_text(c);
	e->busy = read_if(c, e, EXCEPTION_BUSY);
	(void)read_if(c, e, EXCEPTION_ATTACHMENT);
	e->all_day = read_if(c, e, EXCEPTION_ALL_DAY);
	(void)read_if(c, e, EXCEPTION_COLOR);
}

static void skip_block(struct cursor *c)
{
	(void)cur_span(c, cur_u32(c));
}

/* What was added to the format later: text as UTF-16LE. */
static void read_extended(struct recurrence_exception *e, uint32_t version,
			  struct cursor *c)
{
	const uint16_t text = EXCEPTION_SUBJECT | EXCEPTION_LOCATION;
	struct span subject = { NULL, 0 }, location = { NULL, 0 };

	if (version >= VERSION_HIGHLIGHT)
		skip_block(c);
	skip_block(c);
	if (e->flags & text) {
		(void)cur_span(c, 12); /* the three times again */
		if (e->flags & EXCEPTION_SUBJECT)
			subject = cur_span(c, UINT64_C(2) * cur_u16(c));
		if (e->flags & EXCEPTION_LOCATION)
			location = cur_span(c, UINT64_C(2) * cur_u16(c));
		skip_block(c);
	}
	if (!cur_ok(c))
		return;
	e->wide_subject = subject;
	e->wide_location = location;
}

/* True for one whose times are what times of an instance can be. */
static bool is_sound(const struct recurrence_exception *e)
{
	return e->start <= e->end && e->end <= RECURRENCE_NEVER &&
	       e->original <= RECURRENCE_NEVER;
}

static int by_original(const void *a, const void *b)
{
	const struct recurrence_exception *x = a, *y = b;

	if (x->original != y->original)
		return x->original < y->original ? -1 : 1;
	return (x->start > y->start) - (x->start < y->start);
}

/* Leave only the sound exceptions, one an instance, and sort them. */
static void keep_sound(struct recurrence *r)
{
	size_t kept = 0;

	if (r->count_exceptions == 0)
		return;
	qsort(r->exceptions, r->count_exceptions, sizeof(r->exceptions[0]),
	      by_original);
	for (size_t i = 0; i < r->count_exceptions; i++) {
		const struct recurrence_exception *e = &r->exceptions[i];

		if (is_sound(e) &&
		    (kept == 0 ||
		     r->exceptions[kept - 1].original != e->original))
			r->exceptions[kept++] = *e;
	}
	if (kept < r->count_exceptions)
		r->damaged = true;
	r->count_exceptions = kept;
}

static enum ost_status read_exceptions(struct recurrence *r, uint32_t version,
				       struct cursor *c, struct ost_error *err)
{
	const uint16_t count = cur_u16(c);
	const size_t fit = c->rest.len / EXCEPTION_SIZE;

	r->exceptions = calloc((count < fit ? count : fit) + 1,
			       sizeof(r->exceptions[0]));
	if (r->exceptions == NULL)
		return ost_no_memory(err);
	for (size_t i = 0; i < count; i++) {
		struct recurrence_exception e = { 0 };

		read_exception(&e, c);
		if (!cur_ok(c))
			break;
		r->exceptions[r->count_exceptions++] = e;
	}
	skip_block(c);
	for (size_t i = 0; cur_ok(c) && i < r->count_exceptions; i++)
		read_extended(&r->exceptions[i], version, c);
	return OST_OK;
}

static enum ost_status read_appointment(struct recurrence *r, struct cursor *c,
					struct ost_error *err)
{
	const uint32_t reader = cur_u32(c), version = cur_u32(c);
	enum ost_status st;

	r->start_offset = cur_u32(c);
	r->end_offset = cur_u32(c);
	r->timed = cur_ok(c) && reader == VERSION_APPOINTMENT &&
		   version >= VERSION_APPOINTMENT && r->start_offset < DAY &&
		   r->end_offset >= r->start_offset &&
		   r->end_offset <= RECURRENCE_NEVER;
	if (!r->timed) {
		r->start_offset = r->end_offset = 0;
		r->damaged = true;
		return OST_OK;
	}
	st = read_exceptions(r, version, c, err);
	if (st != OST_OK)
		return st;
	skip_block(c);
	r->damaged = r->damaged || !cur_ok(c);
	keep_sound(r);
	r->left = c->rest.len;
	return OST_OK;
}

enum ost_status recurrence_decode_pattern(struct recurrence *out,
					  struct span blob,
					  struct ost_error *err)
{
	struct recurrence r = { 0 };
	struct cursor c = cur_at(blob, 0);
	const enum ost_status st = read_pattern(&r, &c, err);

	r.left = c.rest.len;
	*out = st == OST_OK ? r : (struct recurrence){ 0 };
	return st;
}

enum ost_status recurrence_decode(struct recurrence *out, struct span blob,
				  struct ost_error *err)
{
	struct recurrence r = { 0 };
	struct cursor c = cur_at(blob, 0);
	enum ost_status st = read_pattern(&r, &c, err);

	if (st == OST_OK)
		st = read_appointment(&r, &c, err);
	*out = st == OST_OK ? r : (struct recurrence){ 0 };
	return st;
}

bool recurrence_deleted(const struct recurrence *r, size_t index, uint32_t *day)
{
	struct cursor c = cur_at(r->deleted, 4 * (uint64_t)index);
	const uint32_t minutes = cur_u32(&c);

	*day = minutes - minutes % DAY;
	return cur_ok(&c);
}

const struct recurrence_exception *
recurrence_exception_on(const struct recurrence *r, uint32_t day)
{
	size_t at;

	SORTED_FIRST(at, r->count_exceptions, i,
		     r->exceptions[i].original / DAY < day / DAY);
	if (at < r->count_exceptions &&
	    r->exceptions[at].original / DAY == day / DAY)
		return &r->exceptions[at];
	return NULL;
}

bool recurrence_gregorian(const struct recurrence *r)
{
	/* Calendars with other months [MS-OXOCAL] 2.2.1.44.1: Hijri, Hebrew,
	   the lunar ones, Saka, Umm al-Qura. Others but number years anew. */
	static const uint8_t other[] = { 6, 8, 14, 15, 16, 17, 18, 19, 20, 23 };

	if (r->pattern == RECURRENCE_DAY || r->pattern == RECURRENCE_WEEK)
		return true;
	for (size_t i = 0; i < sizeof(other); i++)
		if (r->calendar == other[i])
			return false;
	return r->pattern < RECURRENCE_HIJRI_MONTH;
}

void recurrence_free(struct recurrence *r)
{
	free(r->exceptions);
	*r = (struct recurrence){ 0 };
}
