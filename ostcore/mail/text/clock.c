/*
 * clock.c - days and seconds to dates and back
 */
#include "mail/text/clock.h"

#include <stdio.h>

/* 400 years, after which the calendar begins again, in days. */
enum { ERA = 146097 };

/* 0000-03-01, from which years are counted here: leap days come last. */
static const int64_t epoch = -719468;

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int64_t clock_day(int year, int month, int day)
{
	const int64_t y = month > 2 ? year : year - 1;
	const int64_t m = month > 2 ? month - 3 : month + 9;

	return CLOCK_DAY *
	       (365 * y + floor_div(y, 4) - floor_div(y, 100) +
		floor_div(y, 400) + (153 * m + 2) / 5 + day - 1 + epoch);
}

int clock_month_days(int year, int month)
{
	const int64_t first = clock_day(year, month, 1);
	const int64_t next = month == 12 ? clock_day(year + 1, 1, 1)
					 : clock_day(year, month + 1, 1);

	return (int)((next - first) / CLOCK_DAY);
}

int64_t clock_midnight(int64_t wall)
{
	return floor_div(wall, CLOCK_DAY) * CLOCK_DAY;
}

int64_t clock_nearest_midnight(int64_t wall)
{
	return clock_midnight(wall + CLOCK_DAY / 2);
}

int clock_weekday(int64_t wall)
{
	const int64_t days = floor_div(wall, CLOCK_DAY) + 4; /* a Thursday */

	return (int)(days - floor_div(days, 7) * 7);
}

struct clock_time clock_of(int64_t wall)
{
	const int64_t first = clock_day(1, 1, 1);
	const int64_t last = clock_day(9999, 12, 31) + CLOCK_DAY - 1;
	const int64_t t = wall < first ? first : wall > last ? last : wall;
	const int64_t days = floor_div(t, CLOCK_DAY) - epoch;
	const int64_t era = days / ERA, in_era = days % ERA;
	const int64_t y =
		(in_era - in_era / 1460 + in_era / 36524 - in_era / (ERA - 1)) /
		365;
	const int64_t in_year = in_era - (365 * y + y / 4 - y / 100);
	const int64_t m = (5 * in_year + 2) / 153;
	const int clock = (int)(t - clock_midnight(t));

	return (struct clock_time){
		.year = (int)(era * 400 + y + (m >= 10)),
		.month = (int)(m < 10 ? m + 3 : m - 9),
		.day = (int)(in_year - (153 * m + 2) / 5 + 1),
		.hour = clock / 3600,
		.minute = clock / 60 % 60,
		.second = clock % 60,
	};
}

int64_t clock_minutes(uint32_t minutes)
{
	return clock_day(1601, 1, 1) + INT64_C(60) * minutes;
}

void clock_date(int64_t wall, char out[CLOCK_DATE_SIZE])
{
	const struct clock_time t = clock_of(wall);

	snprintf(out, CLOCK_DATE_SIZE, "%04u%02u%02u", (unsigned)t.year % 10000,
		 (unsigned)t.month % 100, (unsigned)t.day % 100);
}

void clock_text(int64_t wall, char out[CLOCK_TEXT_SIZE])
{
	const struct clock_time t = clock_of(wall);

	snprintf(out, CLOCK_TEXT_SIZE, "%04u%02u%02uT%02u%02u%02u",
		 (unsigned)t.year % 10000, (unsigned)t.month % 100,
		 (unsigned)t.day % 100, (unsigned)t.hour % 100,
		 (unsigned)t.minute % 100, (unsigned)t.second % 100);
}
