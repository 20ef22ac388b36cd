/*
 * clock.h - private: what a clock and a calendar on the wall show
 *
 * A wall time is the seconds since 1970-01-01 00:00 on that clock, wherever
 * it hangs. All years are of the proleptic Gregorian calendar.
 */
#ifndef OST_MAIL_ICAL_CLOCK_H
#define OST_MAIL_ICAL_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum { CLOCK_DAY = 86400 }; /* seconds */

struct clock_time {
	int year;
	int month, day; /* from 1 */
	int hour, minute, second;
};

/* What the clock shows at `wall`; years outside 1 to 9999 become those. */
struct clock_time clock_of(int64_t wall);

/* Midnight of a day. `month` is 1 to 12; `day` may be any. */
int64_t clock_day(int year, int month, int day);

/* The days in a month. */
int clock_month_days(int year, int month);

/* 0 for Sunday to 6. */
int clock_weekday(int64_t wall);

/* The midnight before `wall`, and the one nearest to it. */
int64_t clock_midnight(int64_t wall);
int64_t clock_nearest_midnight(int64_t wall);

/* Minutes since 1601, as recurrences count, as a wall time. */
int64_t clock_minutes(uint32_t minutes);

/*
 * Write "20240301" and "20240301T102200", NUL-terminated.
 */
enum { CLOCK_DATE_SIZE = 9, CLOCK_TEXT_SIZE = 16 };
void clock_date(int64_t wall, char out[CLOCK_DATE_SIZE]);
void clock_text(int64_t wall, char out[CLOCK_TEXT_SIZE]);

#endif
