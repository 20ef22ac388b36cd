#include "mail/calendar/zone_names.h"

#include "mail/text/chars.h"
#include "mail/text/clock.h"

/*
 * A change of clocks each year: on the first `weekday` (0: Sunday) from day
 * `from` of the month on, or, 0, on its last; at `minute` of the clock that
 * shows before it. `month` 0: there is none.
 */
struct change {
	uint8_t month, weekday, from;
	uint16_t minute;
};

/* What holds from a year on: minutes ahead of UTC, in the order of a year. */
struct rule {
	uint16_t since; /* 0: no more rules */
	int16_t winter; /* before the first change and after the second */
	int16_t summer; /* between them; names as in the north */
	struct change changes[2];
};

struct known {
	const char *windows, *iana;
	struct rule rules[3]; /* the newest first */
};

/* clang-format off */
#define FIXED(since, offset) { since, offset, offset, { { 0 } } }
#define US_2007(since, offset)                                                  \
	{ since, offset, offset + 60, { { 3, 0, 8, 120 }, { 11, 0, 1, 120 } } }
#define US_1987(since, offset)                                                  \
	{ since, offset, offset + 60, { { 4, 0, 1, 120 }, { 10, 0, 0, 120 } } }
#define US_1976(offset)                                                         \
	{ 1976, offset, offset + 60, { { 4, 0, 0, 120 }, { 10, 0, 0, 120 } } }
#define US(offset) US_2007(2007, offset), US_1987(1987, offset), US_1976(offset)
#define EU(since, offset) /* at 01:00 UTC */                                    \
	{ since, offset, offset + 60,                                            \
	  { { 3, 0, 0, offset + 60 }, { 10, 0, 0, offset + 120 } } }

static const struct known zones[] = {
	{ "AUS Central Standard Time", "Australia/Darwin", { FIXED(1970, 570) } },
	{ "AUS Eastern Standard Time", "Australia/Sydney", { { 2008, 660, 600, { { 4, 0, 1, 180 }, { 10, 0, 1, 120 } } } } },
	{ "Afghanistan Standard Time", "Asia/Kabul", { FIXED(1970, 270) } },
	{ "Alaskan Standard Time", "America/Anchorage", { US_2007(2007, -540), US_1987(1987, -540) } },
	{ "Aleutian Standard Time", "America/Adak", { US_2007(2007, -600), US_1987(1987, -600) } },
	{ "Altai Standard Time", "Asia/Barnaul", { FIXED(2017, 420) } },
	{ "Arab Standard Time", "Asia/Riyadh", { FIXED(1970, 180) } },
	{ "Arabian Standard Time", "Asia/Dubai", { FIXED(1970, 240) } },
	{ "Arabic Standard Time", "Asia/Baghdad", { FIXED(2008, 180) } },
	{ "Argentina Standard Time", "America/Buenos_Aires", { FIXED(2010, -180) } },
	{ "Astrakhan Standard Time", "Europe/Astrakhan", { FIXED(2017, 240) } },
	{ "Atlantic Standard Time", "America/Halifax", { US(-240) } },
	{ "Aus Central W. Standard Time", "Australia/Eucla", { FIXED(2010, 525) } },
	{ "Azerbaijan Standard Time", "Asia/Baku", { FIXED(2016, 240), { 1997, 240, 300, { { 3, 0, 0, 240 }, { 10, 0, 0, 300 } } } } },
	{ "Azores Standard Time", "Atlantic/Azores", { EU(1996, -60) } },
	{ "Bahia Standard Time", "America/Bahia", { FIXED(2013, -180) } },
	{ "Bangladesh Standard Time", "Asia/Dhaka", { FIXED(2011, 360) } },
	{ "Belarus Standard Time", "Europe/Minsk", { FIXED(2012, 180) } },
	{ "Bougainville Standard Time", "Pacific/Bougainville", { FIXED(2015, 660) } },
	{ "Canada Central Standard Time", "America/Regina", { FIXED(1970, -360) } },
	{ "Cape Verde Standard Time", "Atlantic/Cape_Verde", { FIXED(1976, -60) } },
	{ "Caucasus Standard Time", "Asia/Yerevan", { FIXED(2012, 240), { 1997, 240, 300, { { 3, 0, 0, 120 }, { 10, 0, 0, 180 } } } } },
	{ "Cen. Australia Standard Time", "Australia/Adelaide", { { 2008, 630, 570, { { 4, 0, 1, 180 }, { 10, 0, 1, 120 } } } } },
	{ "Central America Standard Time", "America/Guatemala", { FIXED(2007, -360) } },
	{ "Central Asia Standard Time", "Asia/Bishkek", { FIXED(2006, 360) } },
	{ "Central Brazilian Standard Time", "America/Cuiaba", { FIXED(2020, -240) } },
	{ "Central Europe Standard Time", "Europe/Budapest", { EU(1996, 60), { 1984, 60, 120, { { 3, 0, 0, 120 }, { 9, 0, 0, 180 } } } } },
	{ "Central European Standard Time", "Europe/Warsaw", { EU(1996, 60), { 1988, 60, 120, { { 3, 0, 0, 120 }, { 9, 0, 0, 180 } } }, { 1981, 60, 120, { { 3, 0, 0, 60 }, { 9, 0, 0, 120 } } } } },
	{ "Central Pacific Standard Time", "Pacific/Guadalcanal", { FIXED(1970, 660) } },
	{ "Central Standard Time", "America/Chicago", { US(-360) } },
	{ "Central Standard Time (Mexico)", "America/Mexico_City", { FIXED(2023, -360), US_1987(2002, -360) } },
	{ "Chatham Islands Standard Time", "Pacific/Chatham", { { 2008, 825, 765, { { 4, 0, 1, 225 }, { 9, 0, 0, 165 } } } } },
	{ "China Standard Time", "Asia/Shanghai", { FIXED(1992, 480), { 1987, 480, 540, { { 4, 0, 11, 120 }, { 9, 0, 11, 120 } } } } },
	{ "Cuba Standard Time", "America/Havana", { { 2013, -300, -240, { { 3, 0, 8, 0 }, { 11, 0, 1, 60 } } } } },
	{ "Dateline Standard Time", "Etc/GMT+12", { FIXED(1970, -720) } },
	{ "E. Africa Standard Time", "Africa/Nairobi", { FIXED(1970, 180) } },
	{ "E. Australia Standard Time", "Australia/Brisbane", { FIXED(1993, 600) } },
	{ "E. Europe Standard Time", "Europe/Chisinau", { EU(2022, 120), { 1997, 120, 180, { { 3, 0, 0, 120 }, { 10, 0, 0, 180 } } } } },
	{ "E. South America Standard Time", "America/Sao_Paulo", { FIXED(2020, -180) } },
	{ "Easter Island Standard Time", "Pacific/Easter", { { 2023, -300, -360, { { 4, 6, 1, 1320 }, { 9, 6, 1, 1320 } } }, { 2019, -300, -360, { { 4, 6, 1, 1320 }, { 9, 6, 4, 1320 } } } } },
	{ "Eastern Standard Time", "America/New_York", { US(-300) } },
	{ "Eastern Standard Time (Mexico)", "America/Cancun", { FIXED(2016, -300) } },
	{ "Ekaterinburg Standard Time", "Asia/Yekaterinburg", { FIXED(2015, 300) } },
	{ "FLE Standard Time", "Europe/Kiev", { EU(1997, 120) } },
	{ "Fiji Standard Time", "Pacific/Fiji", { FIXED(2022, 720) } },
	{ "GMT Standard Time", "Europe/London", { EU(1996, 0), { 1990, 0, 60, { { 3, 0, 0, 60 }, { 10, 0, 22, 120 } } }, { 1981, 0, 60, { { 3, 0, 0, 60 }, { 10, 0, 23, 120 } } } } },
	{ "GTB Standard Time", "Europe/Bucharest", { EU(1997, 120) } },
	{ "Georgian Standard Time", "Asia/Tbilisi", { FIXED(2006, 240) } },
	{ "Greenland Standard Time", "America/Godthab", { { 2024, -120, -60, { { 3, 6, 24, 1380 }, { 10, 0, 0, 0 } } } } },
	{ "Greenwich Standard Time", "Atlantic/Reykjavik", { FIXED(1970, 0) } },
	{ "Haiti Standard Time", "America/Port-au-Prince", { US_2007(2017, -300) } },
	{ "Hawaiian Standard Time", "Pacific/Honolulu", { FIXED(1970, -600) } },
	{ "India Standard Time", "Asia/Calcutta", { FIXED(1970, 330) } },
	{ "Iran Standard Time", "Asia/Tehran", { FIXED(2023, 210) } },
	{ "Israel Standard Time", "Asia/Jerusalem", { { 2013, 120, 180, { { 3, 5, 23, 120 }, { 10, 0, 0, 120 } } } } },
	{ "Jordan Standard Time", "Asia/Amman", { FIXED(2023, 180) } },
	{ "Kaliningrad Standard Time", "Europe/Kaliningrad", { FIXED(2015, 120) } },
	{ "Kamchatka Standard Time", "Asia/Kamchatka", { FIXED(2012, 720) } },
	{ "Korea Standard Time", "Asia/Seoul", { FIXED(1989, 540) } },
	{ "Libya Standard Time", "Africa/Tripoli", { FIXED(2014, 120) } },
	{ "Line Islands Standard Time", "Pacific/Kiritimati", { FIXED(1995, 840) } },
	{ "Lord Howe Standard Time", "Australia/Lord_Howe", { { 2008, 660, 630, { { 4, 0, 1, 120 }, { 10, 0, 1, 120 } } } } },
	{ "Magadan Standard Time", "Asia/Magadan", { FIXED(2017, 660) } },
	{ "Magallanes Standard Time", "America/Punta_Arenas", { FIXED(2017, -180) } },
	{ "Marquesas Standard Time", "Pacific/Marquesas", { FIXED(1970, -570) } },
	{ "Mauritius Standard Time", "Indian/Mauritius", { FIXED(2010, 240) } },
	{ "Middle East Standard Time", "Asia/Beirut", { { 1999, 120, 180, { { 3, 0, 0, 0 }, { 10, 0, 0, 0 } } }, { 1993, 120, 180, { { 3, 0, 0, 0 }, { 9, 0, 0, 0 } } } } },
	{ "Montevideo Standard Time", "America/Montevideo", { FIXED(2016, -180) } },
	{ "Mountain Standard Time", "America/Denver", { US(-420) } },
	{ "Mountain Standard Time (Mexico)", "America/Mazatlan", { FIXED(2023, -420), US_1987(2002, -420) } },
	{ "Myanmar Standard Time", "Asia/Rangoon", { FIXED(1970, 390) } },
	{ "N. Central Asia Standard Time", "Asia/Novosibirsk", { FIXED(2017, 420) } },
	{ "Namibia Standard Time", "Africa/Windhoek", { FIXED(2018, 120), { 1995, 120, 60, { { 4, 0, 1, 120 }, { 9, 0, 1, 120 } } } } },
	{ "Nepal Standard Time", "Asia/Katmandu", { FIXED(1987, 345) } },
	{ "New Zealand Standard Time", "Pacific/Auckland", { { 2008, 780, 720, { { 4, 0, 1, 180 }, { 9, 0, 0, 120 } } } } },
	{ "Newfoundland Standard Time", "America/St_Johns", { US_2007(2012, -210) } },
	{ "Norfolk Standard Time", "Pacific/Norfolk", { { 2020, 720, 660, { { 4, 0, 1, 180 }, { 10, 0, 1, 120 } } } } },
	{ "North Asia East Standard Time", "Asia/Irkutsk", { FIXED(2015, 480) } },
	{ "North Asia Standard Time", "Asia/Krasnoyarsk", { FIXED(2015, 420) } },
	{ "North Korea Standard Time", "Asia/Pyongyang", { FIXED(2019, 540) } },
	{ "Omsk Standard Time", "Asia/Omsk", { FIXED(2015, 360) } },
	{ "Pacific SA Standard Time", "America/Santiago", { { 2023, -180, -240, { { 4, 0, 2, 0 }, { 9, 0, 2, 0 } } }, { 2019, -180, -240, { { 4, 0, 1, 0 }, { 9, 0, 5, 0 } } } } },
	{ "Pacific Standard Time", "America/Los_Angeles", { US(-480) } },
	{ "Pacific Standard Time (Mexico)", "America/Tijuana", { US_2007(2010, -480), US_1987(1987, -480), US_1976(-480) } },
	{ "Pakistan Standard Time", "Asia/Karachi", { FIXED(2010, 300) } },
	{ "Paraguay Standard Time", "America/Asuncion", { FIXED(2025, -180), { 2013, -180, -240, { { 3, 0, 22, 0 }, { 10, 0, 1, 0 } } } } },
	{ "Qyzylorda Standard Time", "Asia/Qyzylorda", { FIXED(2019, 300) } },
	{ "Romance Standard Time", "Europe/Paris", { EU(1996, 60), { 1981, 60, 120, { { 3, 0, 0, 120 }, { 9, 0, 0, 180 } } } } },
	{ "Russia Time Zone 10", "Asia/Srednekolymsk", { FIXED(2015, 660) } },
	{ "Russia Time Zone 11", "Asia/Kamchatka", { FIXED(2012, 720) } },
	{ "Russia Time Zone 3", "Europe/Samara", { FIXED(2012, 240) } },
	{ "Russian Standard Time", "Europe/Moscow", { FIXED(2015, 180) } },
	{ "SA Eastern Standard Time", "America/Cayenne", { FIXED(1970, -180) } },
	{ "SA Pacific Standard Time", "America/Bogota", { FIXED(1994, -300) } },
	{ "SA Western Standard Time", "America/La_Paz", { FIXED(1970, -240) } },
	{ "SE Asia Standard Time", "Asia/Bangkok", { FIXED(1970, 420) } },
	{ "Saint Pierre Standard Time", "America/Miquelon", { US_2007(2007, -180), US_1987(1987, -180), FIXED(1981, -180) } },
	{ "Sakhalin Standard Time", "Asia/Sakhalin", { FIXED(2017, 660) } },
	{ "Samoa Standard Time", "Pacific/Apia", { FIXED(2022, 780) } },
	{ "Sao Tome Standard Time", "Africa/Sao_Tome", { FIXED(2020, 0) } },
	{ "Saratov Standard Time", "Europe/Saratov", { FIXED(2017, 240) } },
	{ "Singapore Standard Time", "Asia/Singapore", { FIXED(1982, 480) } },
	{ "South Africa Standard Time", "Africa/Johannesburg", { FIXED(1970, 120) } },
	{ "South Sudan Standard Time", "Africa/Juba", { FIXED(2022, 120) } },
	{ "Sri Lanka Standard Time", "Asia/Colombo", { FIXED(2007, 330) } },
	{ "Sudan Standard Time", "Africa/Khartoum", { FIXED(2018, 120) } },
	{ "Syria Standard Time", "Asia/Damascus", { FIXED(2023, 180) } },
	{ "Taipei Standard Time", "Asia/Taipei", { FIXED(1980, 480) } },
	{ "Tasmania Standard Time", "Australia/Hobart", { { 2008, 660, 600, { { 4, 0, 1, 180 }, { 10, 0, 1, 120 } } } } },
	{ "Tocantins Standard Time", "America/Araguaina", { FIXED(2014, -180) } },
	{ "Tokyo Standard Time", "Asia/Tokyo", { FIXED(1970, 540) } },
	{ "Tomsk Standard Time", "Asia/Tomsk", { FIXED(2017, 420) } },
	{ "Tonga Standard Time", "Pacific/Tongatapu", { FIXED(2018, 780) } },
	{ "Transbaikal Standard Time", "Asia/Chita", { FIXED(2017, 540) } },
	{ "Turkey Standard Time", "Europe/Istanbul", { FIXED(2017, 180) } },
	{ "Turks And Caicos Standard Time", "America/Grand_Turk", { US_2007(2019, -300) } },
	{ "US Eastern Standard Time", "America/Indianapolis", { US_2007(2007, -300) } },
	{ "US Mountain Standard Time", "America/Phoenix", { FIXED(1970, -420) } },
	{ "UTC", "Etc/UTC", { FIXED(1970, 0) } },
	{ "UTC+12", "Etc/GMT-12", { FIXED(1970, 720) } },
	{ "UTC+13", "Etc/GMT-13", { FIXED(1970, 780) } },
	{ "UTC-02", "Etc/GMT+2", { FIXED(1970, -120) } },
	{ "UTC-08", "Etc/GMT+8", { FIXED(1970, -480) } },
	{ "UTC-09", "Etc/GMT+9", { FIXED(1970, -540) } },
	{ "UTC-11", "Etc/GMT+11", { FIXED(1970, -660) } },
	{ "Ulaanbaatar Standard Time", "Asia/Ulaanbaatar", { FIXED(2017, 480) } },
	{ "Venezuela Standard Time", "America/Caracas", { FIXED(2017, -240) } },
	{ "Vladivostok Standard Time", "Asia/Vladivostok", { FIXED(2015, 600) } },
	{ "Volgograd Standard Time", "Europe/Volgograd", { FIXED(2021, 180) } },
	{ "W. Australia Standard Time", "Australia/Perth", { FIXED(2010, 480) } },
	{ "W. Central Africa Standard Time", "Africa/Lagos", { FIXED(1970, 60) } },
	{ "W. Europe Standard Time", "Europe/Berlin", { EU(1996, 60), { 1981, 60, 120, { { 3, 0, 0, 120 }, { 9, 0, 0, 180 } } } } },
	{ "W. Mongolia Standard Time", "Asia/Hovd", { FIXED(2017, 420) } },
	{ "West Asia Standard Time", "Asia/Tashkent", { FIXED(1992, 300) } },
	{ "West Pacific Standard Time", "Pacific/Port_Moresby", { FIXED(1970, 600) } },
	{ "Yakutsk Standard Time", "Asia/Yakutsk", { FIXED(2015, 540) } },
	{ "Yukon Standard Time", "America/Whitehorse", { FIXED(2021, -420) } },
};
/* clang-format on */

static const struct known *known_as(const struct zone *z)
{
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (chars_same(buf_span(&z->name), chars_of(zones[i].windows)))
			return &zones[i];
	return NULL;
}

/* The rule of a year; NULL: it is not known. */
static const struct rule *rule_in(const struct known *k, int year)
{
	for (size_t i = 0; i < 3 && k->rules[i].since != 0; i++)
		if (year >= k->rules[i].since)
			return &k->rules[i];
	return NULL;
}

static int64_t change_in(const struct change *c, int year)
{
	const int last = clock_month_days(year, c->month) - 6;
	const int64_t day =
		clock_day(year, c->month, c->from != 0 ? c->from : last);

	return day + (c->weekday - clock_weekday(day) + 7) % 7 * CLOCK_DAY +
	       c->minute * 60;
}

/* The changes of a year, as zone_changes() has them. */
static size_t changes_in(const struct rule *r, int year,
			 struct zone_change out[2])
{
	if (r->changes[0].month == 0)
		return 0;
	out[0] = (struct zone_change){ change_in(&r->changes[0], year),
				       r->winter, r->summer, true };
	out[1] = (struct zone_change){ change_in(&r->changes[1], year),
				       r->summer, r->winter, false };
	return 2;
}

/* Is `z` as far ahead of UTC as what is known? */
static bool same_at(const struct zone *z, const struct known *k, int64_t utc)
{
	const int64_t wall = zone_wall(z, utc);
	const int year = clock_of(wall).year;
	const struct rule *r = rule_in(k, year);
	struct zone_change c[2];
	int64_t offset;

	if (r == NULL)
		return false;
	offset = r->winter;
	if (changes_in(r, year, c) != 0 &&
	    utc >= c[0].wall - INT64_C(60) * c[0].from &&
	    utc < c[1].wall - INT64_C(60) * c[1].from)
		offset = r->summer;
	return wall - utc == 60 * offset;
}

static bool same_in(const struct zone *z, const struct known *k, int year)
{
	const struct zone_rule *ours = zone_rule_of(z, year);
	const struct rule *theirs = rule_in(k, year);
	struct zone_change a[2], b[2];

	if (theirs == NULL)
		return false;
	const size_t count = zone_changes(ours, year, a);
	if (count != changes_in(theirs, year, b))
		return false;
	for (size_t i = 0; i < count; i++)
		if (a[i].wall != b[i].wall || a[i].from != b[i].from ||
		    a[i].to != b[i].to)
			return false;
	return zone_at_start(ours, year) == theirs->winter;
}

const char *zone_iana_at(const struct zone *z, const int64_t *utc, size_t count)
{
	const struct known *k = known_as(z);

	for (size_t i = 0; k != NULL && i < count; i++)
		if (!same_at(z, k, utc[i]))
			k = NULL;
	return k != NULL ? k->iana : NULL;
}

const char *zone_iana_years(const struct zone *z, int first, int last)
{
	enum { CYCLE = 28 }; /* years, after which days fall alike again */
	const struct known *k = known_as(z);
	const int rule = z->rules[z->count - 1].year;
	const int max = CYCLE + (first > rule ? first : rule);

	for (int year = first; k != NULL && year <= last && year <= max; year++)
		if (!same_in(z, k, year))
			k = NULL;
	return k != NULL ? k->iana : NULL;
}
