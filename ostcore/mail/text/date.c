#include "mail/text/date.h"

#include "mail/text/chars.h"

bool date_filetime(uint64_t filetime, int64_t *sec, uint32_t *nsec)
{
	const uint64_t none = UINT64_C(0x0CB34557A3DD4000); /* 4501-01-01 */
	const uint64_t max = UINT64_C(2650467743999999999); /* 9999-12-31 */
	const uint64_t unit = 10000000; /* FILETIME: 100 ns since 1601 */

	if (filetime == 0 || filetime == none || filetime > max)
		return false;
	*sec = (int64_t)(filetime / unit) - INT64_C(11644473600);
	*nsec = (uint32_t)(filetime % unit) * 100;
	return true;
}

bool date_property(struct store_object *o, uint16_t id, int64_t *sec,
		   uint32_t *nsec)
{
	struct ost_error err;
	struct store_prop p;

	return id != 0 && store_find(o, id, &p, &err) == OST_OK &&
	       p.type == MAPI_TIME &&
	       date_filetime(store_number(o, id, 0), sec, nsec);
}

/* Skip blanks and comments, which nest. */
static void skip_blank(struct span *s)
{
	unsigned depth = 0;

	while (s->len > 0 &&
	       (depth > 0 || chars_blank(s->at[0]) || s->at[0] == '(')) {
		if (s->at[0] == '(')
			depth++;
		else if (s->at[0] == ')')
			depth--;
		else if (s->at[0] == '\\' && depth > 0)
			*s = chars_from(*s, 1); /* of a pair */
		*s = chars_from(*s, 1);
	}
}

/* Take one of the characters of `set`, after blanks. */
static bool take(struct span *s, const char *set)
{
	skip_blank(s);
	if (s->len == 0 || !chars_in(s->at[0], set))
		return false;
	*s = chars_from(*s, 1);
	return true;
}

/* Take letters, after blanks. */
static struct span take_word(struct span *s)
{
	size_t len = 0;

	skip_blank(s);
	while (len < s->len && chars_letter(s->at[len]))
		len++;
	const struct span word = chars_first(*s, len);
	*s = chars_from(*s, len);
	return word;
}

/* Take a number of `least` to `most` digits, after blanks. -1: none. */
static int take_number(struct span *s, size_t least, size_t max)
{
	size_t len = 0;
	int value = 0;

	skip_blank(s);
	for (; len < s->len && chars_digit(s->at[len]); len++)
		value = len < max ? value * 10 + (s->at[len] - '0') : value;
	if (len < least || len > max)
		return -1;
	*s = chars_from(*s, len);
	return value;
}

/* 1 to 12, of a month's name or its beginning. 0: none. */
static int month_of(struct span word)
{
	static const char *const names[] = {
		"January",   "February", "March",    "April",
		"May",	     "June",	 "July",     "August",
		"September", "October",	 "November", "December",
	};

	for (int i = 0; word.len >= 3 && i < 12; i++)
		if (chars_same(chars_first(chars_of(names[i]), word.len), word))
			return i + 1;
	return 0;
}

/* Days from 1970-01-01 to a day of the Gregorian calendar. */
static int64_t days_from(int year, int month, int day)
{
	const int64_t y = month > 2 ? year : year - 1; /* begins in March */
	const int64_t m = month > 2 ? month - 3 : month + 9;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day -
	       719469;
}

static int days_in(int year, int month)
{
	const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/* Take a zone; how far it is ahead of UTC, in seconds. 0 when it is none. */
static int64_t take_zone(struct span *s)
{
	/* obs-zone of RFC 5322 4.3; the military ones mean nothing. */
	static const struct {
		const char *name;
		int hours;
	} zones[] = {
		{ "EST", -5 }, { "EDT", -4 }, { "CST", -6 }, { "CDT", -5 },
		{ "MST", -7 }, { "MDT", -6 }, { "PST", -8 }, { "PDT", -7 },
	};
	struct span rest = *s;

	skip_blank(&rest);
	const bool west = rest.len > 0 && rest.at[0] == '-';
	if (take(&rest, "+-")) {
		const int value = take_number(&rest, 4, 4);
		const int64_t offset = value / 100 * 3600 + value % 100 * 60;

		if (value < 0)
			return 0;
		*s = rest;
		return west ? -offset : offset;
	}

	const struct span word = take_word(s);
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (chars_same(word, chars_of(zones[i].name)))
			return zones[i].hours * 3600;
	return 0;
}

/* Take h:m or h:m:s; seconds of the day, or -1. */
static int64_t take_clock(struct span *s)
{
	const int hour = take_number(s, 1, 2);
	const int minute = take(s, ":") ? take_number(s, 1, 2) : -1;
	const int second = take(s, ":") ? take_number(s, 1, 2) : 0;

	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
	    second > 60)
		return -1;
	return hour * 3600 + minute * 60 + second;
}

static int take_year(struct span *s)
{
	const int year = take_number(s, 2, 4);

	/* obs-year of RFC 5322 4.3 */
	return year < 0	     ? -1
	       : year < 50   ? year + 2000
	       : year < 1000 ? year + 1900
			     : year;
}

bool date_parse(struct span s, int64_t *sec)
{
	struct span word = take_word(&s);
	int month = month_of(word), day, year = -1;
	int64_t clock;

	/* Mon, 1 Mar 2024 10:22:00 +0100, or Mon Mar 1 10:22:00 2024 */
	(void)take(&s, ",.");
	if (month == 0) {
		struct span rest = s;

		word = take_word(&rest);
		month = month_of(word);
		if (month != 0)
			s = rest;
	}
	const bool month_first = month != 0;
	day = take_number(&s, 1, 2);
	if (!month_first) {
		(void)take(&s, "-");
		month = month_of(take_word(&s));
		(void)take(&s, "-.");
		year = take_year(&s);
	}
	clock = take_clock(&s);
	const int64_t offset = take_zone(&s);
	if (month_first)
		year = take_year(&s);
	if (month == 0 || year < 0 || day < 1 || day > days_in(year, month) ||
	    clock < 0)
		return false;
	*sec = days_from(year, month, day) * 86400 + clock - offset;
	return true;
}
