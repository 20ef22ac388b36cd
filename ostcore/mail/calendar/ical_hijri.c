/*
 * ical_hijri.c - the tabular Hijri calendar, and what recurs by it
 *
 * 30 years are 10,631 days; 11 of them, told by (11 y + 14) mod 30 < 11, have
 * a day more. Months have 30 and 29 days in turn. This is the calendar that
 * Windows counts by; what is seen of the moon may be a day or two off it.
 */
#include "mail/calendar/ical_parts.h"

enum {
	MONTHS = 12,
	/* Instances looked at: a month may lack the weekday asked for. */
	TRIES_PER_INSTANCE = 16,
};

struct hijri {
	int64_t month; /* counted from the first of year 1: 0 */
	int day;
};

/* Days from 1970-01-01 to the first of month 0. */
static int64_t epoch(void)
{
	return clock_day(622, 7, 18) / CLOCK_DAY;
}

/* Days from the epoch to the first of a month. */
static int64_t month_start(int64_t month)
{
	const int64_t year = month / MONTHS + 1, in_year = month % MONTHS;

	return (year - 1) * 354 + (11 * year + 3) / 30 + 29 * in_year +
	       (in_year + 1) / 2;
}

static int month_days(int64_t month)
{
	return (int)(month_start(month + 1) - month_start(month));
}

/* The Hijri date of a day that is not before 622. */
static struct hijri hijri_of(int64_t wall)
{
	const int64_t days = clock_midnight(wall) / CLOCK_DAY - epoch();
	int64_t month = days / 30;

	while (month_start(month + 1) <= days)
		month++;
	return (struct hijri){ month, (int)(days - month_start(month)) + 1 };
}

int hijri_month(int64_t wall)
{
	return (int)(hijri_of(wall).month % MONTHS) + 1;
}

static int64_t day_of(int64_t month, int day)
{
	return (epoch() + month_start(month) + day - 1) * CLOCK_DAY;
}

/* The day of the instance in `month`; 0: it has none. */
static int day_in(const struct recurrence *r, int64_t month)
{
	const int days = month_days(month);
	unsigned seen = 0;
	int last = 0;

	if (r->pattern == RECURRENCE_MONTH_END ||
	    r->pattern == RECURRENCE_HIJRI_MONTH_END)
		return days;
	if (r->pattern == RECURRENCE_MONTH ||
	    r->pattern == RECURRENCE_HIJRI_MONTH)
		return (int)r->day < days ? (int)r->day : days;
	for (int day = 1; day <= days; day++) {
		const int weekday = clock_weekday(day_of(month, day));

		if (!(r->weekdays >> weekday & 1))
			continue;
		last = day;
		if (++seen == r->nth && r->nth != RECURRENCE_LAST)
			return day;
	}
	return r->nth == RECURRENCE_LAST ? last : 0;
}

size_t hijri_expand(const struct recurrence *r, int64_t *days, size_t max)
{
	const int64_t first = clock_minutes(r->start);
	const int64_t last = clock_minutes(r->end);
	const struct hijri start = hijri_of(first);
	size_t count = 0;

	if (r->count != 0 && r->count < max)
		max = r->count;
	for (size_t i = 0; count < max && i < max * TRIES_PER_INSTANCE; i++) {
		const int64_t month = start.month + (int64_t)i * r->interval;
		const int day = day_in(r, month);
		const int64_t wall = day_of(month, day);

		if (wall > last)
			break;
		if (day != 0 && wall >= first)
			days[count++] = wall;
	}
	return count;
}
