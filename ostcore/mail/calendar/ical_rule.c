/*
 * ical_rule.c - a recurrence as RRULE, RDATE and EXDATE  [RFC 5545] 3.8.5
 */
#include "mail/calendar/ical_parts.h"
#include "mail/text/chars.h"

enum {
	CALENDAR_DEFAULT = 0,
	CALENDAR_HIJRI = 6,
	DATES_MAX = 200, /* of a series in another calendar, written out */
};

static const char weekdays[7][3] = { "SU", "MO", "TU", "WE", "TH", "FR", "SA" };

void ical_put_wall(struct ical_lines *l, const char *name,
		   const struct ical_frame *f, int64_t wall)
{
	char text[CLOCK_TEXT_SIZE + 1] = "";

	ical_name(l, name);
	if (f->all_day) {
		ical_parameter(l, "VALUE", chars_of("DATE"));
		clock_date(clock_nearest_midnight(wall), text);
	} else {
		if (f->tzid != NULL)
			ical_parameter(l, "TZID", chars_of(f->tzid));
		if (f->tzid != NULL && f->used != NULL)
			*f->used = true;
		clock_text(wall, text);
		if (f->tzid == NULL)
			strcat(text, "Z");
	}
	ical_value(l, chars_of(text));
}

/* "MO,WE", each with `nth` (0: none; 5: the last) before it. */
static void put_weekdays(uint32_t mask, uint32_t nth, struct buf *out)
{
	const char *separator = ";BYDAY=";

	for (unsigned i = 0; i < 7; i++) {
		if (!(mask >> i & 1))
			continue;
		buf_str(out, separator);
		if (nth != 0)
			buf_printf(out, "%d",
				   nth == RECURRENCE_LAST ? -1 : (int)nth);
		buf_str(out, weekdays[i]);
		separator = ",";
	}
}

static bool is_hijri(const struct recurrence *r)
{
	return !recurrence_gregorian(r) && (r->calendar == CALENDAR_HIJRI ||
					    r->calendar == CALENDAR_DEFAULT);
}

/* The month that a yearly rule is in, by its first instance. */
static int month_of(const struct recurrence *r)
{
	const int64_t start = clock_minutes(r->start);

	return is_hijri(r) ? hijri_month(start) : clock_of(start).month;
}

/*
 * Day `day` of a month, or its last when it is shorter, of one that has from
 * `least` to `most` days. Not all programs know BYSETPOS.
 */
static void put_month_day(uint32_t day, uint32_t least, uint32_t most,
			  struct buf *out)
{
	if (day <= least) {
		buf_printf(out, ";BYMONTHDAY=%u", day);
		return;
	}
	if (day >= most) {
		buf_str(out, ";BYMONTHDAY=-1");
		return;
	}
	buf_str(out, ";BYMONTHDAY=");
	for (uint32_t i = least; i <= day; i++)
		buf_printf(out, i == least ? "%u" : ",%u", i);
	buf_str(out, ";BYSETPOS=-1");
}

static bool is_nth(const struct recurrence *r)
{
	return r->pattern == RECURRENCE_MONTH_NTH ||
	       r->pattern == RECURRENCE_HIJRI_MONTH_NTH;
}

static void put_months(const struct recurrence *r, struct buf *out)
{
	const bool yearly =
		r->frequency == RECURRENCE_YEARLY && r->interval % 12 == 0;
	const int month = month_of(r);
	uint32_t least = is_hijri(r) ? 29 : 28, most = is_hijri(r) ? 30 : 31;

	buf_printf(out, "FREQ=%s;INTERVAL=%u", yearly ? "YEARLY" : "MONTHLY",
		   yearly ? r->interval / 12 : r->interval);
	if (yearly)
		buf_printf(out, ";BYMONTH=%d", month);
	if (yearly && !is_hijri(r)) { /* of 2024, a leap year */
		least = (uint32_t)clock_month_days(2023, month);
		most = (uint32_t)clock_month_days(2024, month);
	}
	if (!is_nth(r)) {
		const bool end = r->pattern == RECURRENCE_MONTH_END ||
				 r->pattern == RECURRENCE_HIJRI_MONTH_END;

		put_month_day(end ? most + 1 : r->day, end ? most : least, most,
			      out);
	} else if ((r->weekdays & (r->weekdays - 1)) == 0) {
		put_weekdays(r->weekdays, r->nth, out);
	} else {
		put_weekdays(r->weekdays, 0, out);
		buf_printf(out, ";BYSETPOS=%d",
			   r->nth == RECURRENCE_LAST ? -1 : (int)r->nth);
	}
}

static void put_end(const struct recurrence *r, const struct ical_frame *f,
		    struct buf *out)
{
	const int64_t last = clock_minutes(r->end) + f->offset;
	char text[CLOCK_TEXT_SIZE];

	if (r->count != 0) {
		buf_printf(out, ";COUNT=%u", r->count);
	} else if (r->end != RECURRENCE_NEVER) {
		if (f->all_day) {
			clock_date(clock_nearest_midnight(last), text);
			buf_printf(out, ";UNTIL=%s", text);
		} else {
			clock_text(zone_utc(f->zone, last), text);
			buf_printf(out, ";UNTIL=%sZ", text);
		}
	}
}

static void put_rule(const struct recurrence *r, const struct ical_frame *f,
		     struct buf *out)
{
	if (r->pattern == RECURRENCE_DAY) {
		buf_printf(out, "FREQ=DAILY;INTERVAL=%u", r->interval);
	} else if (r->pattern == RECURRENCE_WEEK) {
		buf_printf(out, "FREQ=WEEKLY;INTERVAL=%u", r->interval);
		put_weekdays(r->weekdays, 0, out);
	} else {
		put_months(r, out);
	}
	put_end(r, f, out);
	if (r->pattern == RECURRENCE_WEEK && r->first_weekday < 7)
		buf_printf(out, ";WKST=%s", weekdays[r->first_weekday]);
}

/* True if the instance of a day is gone, and not only moved. */
static bool is_deleted(const struct recurrence *r, int64_t day)
{
	uint32_t minutes;

	for (size_t i = 0; recurrence_deleted(r, i, &minutes); i++)
		if (clock_minutes(minutes) == day)
			return recurrence_exception_on(r, minutes) == NULL;
	return false;
}

/* A series by the Hijri calendar: what RRULE cannot say, as dates. */
static void put_dates(struct ical *w, const struct recurrence *r,
		      const struct ical_frame *f)
{
	int64_t days[DATES_MAX];
	const size_t count = is_hijri(r) ? hijri_expand(r, days, DATES_MAX) : 0;

	for (size_t i = 0; i < count; i++)
		if (days[i] != clock_minutes(r->start) &&
		    !is_deleted(r, days[i]))
			ical_put_wall(&w->lines, "RDATE", f,
				      days[i] + f->offset);
}

void ical_put_foreign_rule(struct ical *w, const char *name,
			   const struct recurrence *r,
			   const struct ical_frame *f)
{
	struct buf rule = { 0 };

	put_rule(r, f, &rule);
	ical_name(&w->lines, name);
	ical_value(&w->lines, buf_span(&rule));
	w->lines.out->bad = w->lines.out->bad || rule.bad;
	buf_free(&rule);
}

void ical_put_rule(struct ical *w, const struct recurrence *r,
		   const struct ical_frame *f)
{
	const bool gregorian = recurrence_gregorian(r);
	uint32_t day;

	ical_put_foreign_rule(w, gregorian ? "RRULE" : "X-MICROSOFT-RRULE", r,
			      f);
	if (!gregorian) {
		note_add(w->notes, NOTE_HIJRI);
		put_dates(w, r, f);
	}
	for (size_t i = 0; recurrence_deleted(r, i, &day); i++)
		if (recurrence_exception_on(r, day) == NULL &&
		    (gregorian ||
		     clock_minutes(day) == clock_minutes(r->start)))
			ical_put_wall(&w->lines, "EXDATE", f,
				      clock_minutes(day) + f->offset);
}
