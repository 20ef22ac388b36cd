/*
 * test_timezone.c - time zones in the store, their clocks and VTIMEZONE
 *
 * With a directory as its argument, leaves there an appointment in each zone,
 * and beside it in .zone times as UTC and on its clock, for ical_check.py.
 */
#include "icalkit.h"

#include "mail/text/chars.h"

/*
 * Zones
 */

/* Four rules, as Windows has it: summer time came and went. */
static const struct rule pakistan[] = {
	{ 1601, -300, -60, { 0 }, { 0 } },
	{ 2008, -300, -60, { 10, 5, 5, 23 }, { 5, 6, 5, 23 } },
	{ 2009, -300, -60, { 10, 6, 5, 23 }, { 4, 2, 2, 23 } },
	{ 2010, -300, -60, { 0 }, { 0 } },
};

/* Summer is at the New Year; the rules change. */
static const struct rule sydney[] = {
	{ 1, -600, -60, { 3, 0, 5, 3 }, { 10, 0, 5, 2 } },
	{ 2008, -600, -60, { 4, 0, 1, 3 }, { 10, 0, 1, 2 } },
};

/* No summer time, and then it begins in the middle of one. */
static const struct rule joined[] = {
	{ 1601, -600, -60, { 0 }, { 0 } },
	{ 2015, -600, -60, { 4, 0, 1, 3 }, { 10, 0, 1, 2 } },
};

/* The offset itself changes, at the New Year. */
static const struct rule moved[] = {
	{ 1601, 210, -60, { 11, 0, 1, 0 }, { 3, 0, 2, 0 } },
	{ 2010, 240, -60, { 11, 0, 1, 0 }, { 3, 0, 2, 0 } },
	{ 2012, -345, 0, { 0 }, { 0 } },
};

/* Winter time an hour back of it, as Windows has Dublin. */
static const struct rule dublin[] = {
	{ 1601, 0, -60, { 10, 0, 5, 2 }, { 3, 0, 5, 1 } },
};

/* Rules of years before Windows begins to count. */
static const struct rule early[] = {
	{ 1, -60, 0, { 0 }, { 0 } },
	{ 1601, -60, 0, { 0 }, { 0 } },
	{ 2006, -60, -60, { 10, 0, 5, 3 }, { 3, 0, 5, 2 } },
};

static const struct {
	const char *name;
	const struct rule *rules;
	size_t count;
} zones[] = {
	{ "pakistan", pakistan, 4 }, { "sydney", sydney, 2 },
	{ "joined", joined, 2 },     { "moved", moved, 3 },
	{ "early", early, 3 },	     { "dublin", dublin, 1 },
	{ "pacific", pacific, 2 },
};

static struct zone zone_of(const struct rule *rules, size_t count)
{
	struct ost_error err = { "" };
	struct buf b = { 0 };
	struct zone z;

	put_zone(&b, "A Zone", rules, count);
	CHECK(zone_decode(&z, buf_span(&b), &err) == OST_OK);
	CHECK_STR(err.text, "");
	buf_free(&b);
	return z;
}

/*
 * Clocks
 */

/* `minutes` ahead of UTC at a time in UTC. */
static int readahead(const struct zone *z, const char *utc)
{
	const int64_t t = wall_of(utc);

	return (int)((zone_wall(z, t) - t) / 60);
}

static void clocks_change_by_the_rules(void)
{
	const struct {
		const struct rule *rules;
		size_t count;
		const char *utc;
		int readahead;
	} cases[] = {
		{ pacific, 2, "20240101T000000", -480 },
		{ pacific, 2, "20240310T095959", -480 },
		{ pacific, 2, "20240310T100000", -420 },
		{ pacific, 2, "20241103T085959", -420 },
		{ pacific, 2, "20241103T090000", -480 },
		{ pacific, 2, "20060402T100000", -420 },
		{ pacific, 2, "20060401T100000", -480 },
		{ pacific, 2, "15000701T000000", -420 },
		{ pacific, 2, "45000701T000000", -420 },
		{ pakistan, 4, "20080601T185959", 360 },
		{ pakistan, 4, "20080531T175959", 300 },
		{ pakistan, 4, "20080531T180000", 360 },
		{ pakistan, 4, "20081031T165959", 360 },
		{ pakistan, 4, "20081031T170000", 300 },
		{ pakistan, 4, "20070701T000000", 300 },
		{ pakistan, 4, "20110701T000000", 300 },
		{ sydney, 2, "20240101T000000", 660 },
		{ sydney, 2, "20231231T130000", 660 },
		{ sydney, 2, "20240406T155959", 660 },
		{ sydney, 2, "20240406T160000", 600 },
		{ sydney, 2, "20070701T000000", 600 },
		{ joined, 2, "20141231T135959", 600 },
		{ joined, 2, "20150101T000000", 660 },
		{ dublin, 1, "20240331T010000", 60 },
		{ dublin, 1, "20241027T005959", 60 },
		{ dublin, 1, "20241027T010000", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct zone z = zone_of(cases[i].rules, cases[i].count);
		const int got = readahead(&z, cases[i].utc);

		if (got != cases[i].readahead)
			fprintf(stderr, "%s: %d\n", cases[i].utc, got);
		CHECK(got == cases[i].readahead);
		zone_free(&z);
	}
}

static void a_wall_time_goes_back_to_utc(void)
{
	static const struct {
		const char *wall, *utc;
	} cases[] = {
		{ "20240310T015959", "20240310T095959" },
		{ "20240310T030000", "20240310T100000" },
		{ "20240310T023000", "20240310T103000" }, /* not on the clock */
		{ "20241103T013000", "20241103T083000" }, /* the first one */
		{ "20241103T020000", "20241103T100000" },
		{ "20241103T003000", "20241103T073000" },
	};
	struct zone z = zone_of(pacific, 2);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK(zone_utc(&z, wall_of(cases[i].wall)) ==
		      wall_of(cases[i].utc));
	CHECK(zone_utc(NULL, 5) == 5 && zone_wall(NULL, 5) == 5);
	zone_free(&z);
}

/* For each hour of some years: there and back. */
static void every_hour_goes_there_and_back(void)
{
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		struct zone z = zone_of(zones[i].rules, zones[i].count);
		size_t twice = 0;

		for (int64_t t = wall_of("2006"); t < wall_of("2017");
		     t += 3600) {
			const int64_t wall = zone_wall(&z, t);
			const int64_t back = zone_utc(&z, wall);

			/* An hour that the clock shows twice is the first. */
			CHECK(zone_wall(&z, back) == wall);
			CHECK(back == t || back == t - 3600 ||
			      back == t - 1800);
			twice += back != t;
		}
		CHECK(twice <= 13);
		zone_free(&z);
	}
}

/*
 * VTIMEZONE
 */

static void leave_walls(const char *name, const struct zone *z)
{
	char path[512], utc[CLOCK_TEXT_SIZE], wall[CLOCK_TEXT_SIZE];
	FILE *f;

	if (directory == NULL)
		return;
	snprintf(path, sizeof(path), "%s/zone_%s.zone", directory, name);
	f = fopen(path, "w");
	CHECK(f != NULL);
	if (f == NULL)
		return;
	for (int64_t t = wall_of("2004"); t < wall_of("2020");
	     t += 61 * 3600 + 1800) {
		clock_text(t, utc);
		clock_text(zone_wall(z, t), wall);
		fprintf(f, "%s %s\n", utc, wall);
	}
	CHECK(fclose(f) == 0);
}

/* The calendar of an appointment of 16 years in a zone. */
static const char *calendar_in(const char *name, const struct rule *rules,
			       size_t count)
{
	struct fake *f =
		appointment("20040105T160000", "20200105T163000", false);
	struct zone z = zone_of(rules, count);
	struct buf b = { 0 };
	char file[80];

	put_zone(&b, "A Zone", rules, count);
	set_blob(f, named(SET_APPOINTMENT, LID_ZONE_START), &b);
	snprintf(file, sizeof(file), "zone_%s", name);
	leave_walls(name, &z);
	zone_free(&z);
	return calendar_as(file);
}

static void each_zone_is_a_vtimezone(void)
{
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		(void)calendar_in(zones[i].name, zones[i].rules,
				  zones[i].count);
		CHECK(has_line("TZID:A Zone"));
		CHECK(!has_name("X-OST-NOTE"));
	}
	item_done();
}

static void each_rule_ends_where_the_next_begins(void)
{
	const char *text = calendar_in("pakistan", pakistan, 4);

	CHECK(strstr(text,
		     "BEGIN:STANDARD\r\nDTSTART:20030101T000000\r\n"
		     "TZOFFSETFROM:+0500\r\nTZOFFSETTO:+0500\r\n") != NULL);
	CHECK(strstr(text,
		     "BEGIN:DAYLIGHT\r\nDTSTART:20080531T230000\r\n"
		     "TZOFFSETFROM:+0500\r\nTZOFFSETTO:+0600\r\n") != NULL);
	CHECK(strstr(text,
		     "BEGIN:STANDARD\r\nDTSTART:20081031T230000\r\n"
		     "TZOFFSETFROM:+0600\r\nTZOFFSETTO:+0500\r\n") != NULL);
	CHECK(strstr(text, "DTSTART:20090414T230000\r\n") != NULL);
	CHECK(strstr(text, "DTSTART:20091031T230000\r\n") != NULL);
	CHECK(strstr(text, "DTSTART:2010") == NULL); /* nothing changes then */
	CHECK(strstr(text, "RRULE") == NULL);
	text = calendar_in("pacific", pacific, 2);
	/* icalendar 4 knows no UNTIL in UTC here; for Thunderbird DTSTART is
	   no change where there is an RDATE, unless it is one. */
	CHECK(strstr(text, "DTSTART:20030406T020000\r\n"
			   "TZOFFSETFROM:-0800\r\nTZOFFSETTO:-0700\r\n"
			   "RDATE:20030406T020000\r\nRDATE:20040404T020000\r\n"
			   "RDATE:20050403T020000\r\nRDATE:20060402T020000\r\n"
			   "END:DAYLIGHT") != NULL);
	CHECK(has_line("RDATE:20061029T020000"));
	CHECK(!has_line("RDATE:20070401T020000"));
	CHECK(has_line("DTSTART:20070311T020000"));
	CHECK(has_line("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU"));
	CHECK(has_line("RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU"));
	item_done();
}

static void the_last_second_of_a_day_is_kept(void)
{
	struct ost_error err = { "" };
	struct buf b = { 0 };
	struct zone z;

	put_zone(&b, "A Zone", pakistan, 2);
	/* 23:59:59.999 of the second rule's way to summer */
	b.at[b.len - 6] = 59;
	b.at[b.len - 4] = 59;
	b.at[b.len - 2] = (char)(uint8_t)(999 & 0xFF);
	b.at[b.len - 1] = 999 >> 8;
	CHECK(zone_decode(&z, buf_span(&b), &err) == OST_OK);
	CHECK(readahead(&z, "20080531T185958") == 300);
	CHECK(readahead(&z, "20080531T185959") == 360);
	zone_free(&z);
	buf_free(&b);
}

/*
 * What is none
 */

/* Where things are in a zone called "Zone". */
enum {
	AT_HEADER = 2,
	AT_NAME_LENGTH = 6,
	AT_COUNT = 16,
	AT_RULE = 18,
	AT_BIAS = AT_RULE + 22,
	AT_STANDARD = AT_RULE + 34,
	AT_DAYLIGHT = AT_RULE + 50,
	AT_END = AT_RULE + 66,
};

static void says_what_is_wrong_with_a_zone(void)
{
	static const struct {
		const char *text;
		size_t at, width;
		uint32_t to;
		size_t len; /* 0: all */
	} cases[] = {
		{ "header is cut short", 0, 0, 0, 1 },
		{ "header is cut short", 0, 0, 0, AT_RULE - 1 },
		{ "header is cut short", AT_HEADER, 2, 0xFFFF, 0 },
		{ "header is cut short", AT_HEADER, 2, 1, 0 },
		{ "header is cut short", AT_NAME_LENGTH, 2, 5, 0 },
		{ "header is cut short", AT_NAME_LENGTH, 2, 0xFFFF, 0 },
		{ "version 3, not 2", 0, 1, 3, 0 },
		{ "0 rules", AT_COUNT, 2, 0, 0 },
		{ "1025 rules", AT_COUNT, 2, 1025, 0 },
		{ "rule 1 of 2: cut short: 0 bytes", AT_COUNT, 2, 2, 0 },
		{ "rule 0 of 1: cut short: 0 bytes", 0, 0, 0, AT_END - 1 },
		{ "rule 0 of 1: cut short: 61 bytes", AT_RULE + 2, 2, 61, 0 },
		{ "rule 0 of 1: -1440 and -1380 minutes ahead of UTC", AT_BIAS,
		  4, 1440, 0 },
		{ "rule 0 of 1: 2147483648 and 2147483708 minutes ahead of UTC",
		  AT_BIAS, 4, 0x80000000, 0 },
		{ "rule 0 of 1: -480 and -1440 minutes ahead of UTC",
		  AT_BIAS + 8, 4, 960, 0 },
		{ "rule 0 of 1: changes in month 13 on day 1 and in month 3 on "
		  "day 2",
		  AT_STANDARD + 2, 2, 13, 0 },
		{ "rule 0 of 1: changes in month 11 on day 0 and in month 3 on "
		  "day 2",
		  AT_STANDARD + 6, 2, 0, 0 },
		{ "rule 0 of 1: changes in month 11 on day 1 and in month 3 on "
		  "day 6",
		  AT_DAYLIGHT + 6, 2, 6, 0 },
		{ "rule 0 of 1: changes in month 11 on day 1 and in month 3 on "
		  "day 2",
		  AT_DAYLIGHT + 4, 2, 7, 0 },
		{ "rule 0 of 1: changes in month 11 on day 1 and in month 3 on "
		  "day 2",
		  AT_DAYLIGHT + 8, 2, 24, 0 },
		{ "rule 0 of 1: changes in month 11 on day 1 and in month 3 on "
		  "day 2",
		  AT_DAYLIGHT + 10, 2, 60, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ost_error err = { "" };
		struct buf b = { 0 };
		struct zone z;

		put_zone(&b, "Zone", pacific + 1, 1);
		CHECK(b.len == AT_END);
		for (size_t j = 0; j < cases[i].width; j++)
			b.at[cases[i].at + j] =
				(char)(uint8_t)(cases[i].to >> 8 * j);
		if (cases[i].len > 0)
			buf_cut(&b, cases[i].len);
		CHECK(zone_decode(&z, buf_span(&b), &err) == OST_CORRUPT);
		CHECK_STR(err.text, cases[i].text);
		CHECK(z.rules == NULL && z.name.at == NULL);
		zone_free(&z);
		buf_free(&b);
	}
}

static void says_what_is_wrong_with_an_old_zone(void)
{
	static const struct {
		const char *text;
		size_t at;
		uint8_t to;
		size_t len;
	} cases[] = {
		{ "0 bytes, not 48", 0, 0, 0 },
		{ "47 bytes, not 48", 0, 0xC4, 47 },
		{ "-1532 and -1472 minutes ahead of UTC", 1, 5, 48 },
		{ "changes in month 255 on day 5 and in month 3 on day 5", 16,
		  0xFF, 48 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b = zone_struct(252, -60);
		struct ost_error err = { "" };
		struct zone z;

		b.at[cases[i].at] = (char)cases[i].to;
		CHECK(zone_decode_struct(&z, span_of(b.at, cases[i].len),
					 &err) == OST_CORRUPT);
		CHECK_STR(err.text, cases[i].text);
		CHECK(z.rules == NULL);
		buf_free(&b);
	}
}

static void rules_out_of_order_are_put_in_order(void)
{
	static const struct rule rules[] = {
		{ 2010, -120, 0, { 0 }, { 0 } },
		{ 2000, -60, 0, { 0 }, { 0 } },
		{ 2010, -180, 0, { 0 }, { 0 } },
		{ 1601, 0, 0, { 0 }, { 0 } },
	};
	struct zone z = zone_of(rules, 4);

	CHECK(z.count == 3);
	CHECK(readahead(&z, "19990101") == 0);
	CHECK(readahead(&z, "20050101") == 60);
	CHECK(readahead(&z, "20150101") == 180);
	zone_free(&z);
}

static void a_rule_may_be_of_one_year_by_date(void)
{
	struct ost_error err = { "" };
	struct buf b = { 0 };
	struct zone z;

	put_zone(&b, "Zone", pacific + 1, 1);
	b.at[AT_STANDARD] = (char)(uint8_t)(2016 & 0xFF);
	b.at[AT_STANDARD + 1] = 2016 >> 8;
	b.at[AT_STANDARD + 6] = 13; /* the day itself */
	b.at[AT_DAYLIGHT] = (char)(uint8_t)(2016 & 0xFF);
	b.at[AT_DAYLIGHT + 1] = 2016 >> 8;
	b.at[AT_DAYLIGHT + 6] = 31;
	CHECK(zone_decode(&z, buf_span(&b), &err) == OST_OK);
	CHECK(readahead(&z, "20160331T100000") == -420);
	CHECK(readahead(&z, "20161113T090000") == -480);
	CHECK(readahead(&z, "20150701T000000") == -480);
	CHECK(readahead(&z, "20170701T000000") == -480);
	zone_free(&z);

	struct fake *f = appointment("20160715T160000", NULL, false);
	set_blob(f, named(SET_APPOINTMENT, LID_ZONE_START), &b);
	(void)CALENDAR();
	CHECK(has_line("DTSTART:20160331T020000"));
	CHECK(has_line("DTSTART:20161113T020000"));
	CHECK(!has_line("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU"));
	item_done();
}

int main(int argc, char **argv)
{
	if (argc > 1)
		directory = argv[1];
	RUN(clocks_change_by_the_rules);
	RUN(a_wall_time_goes_back_to_utc);
	RUN(every_hour_goes_there_and_back);
	RUN(each_zone_is_a_vtimezone);
	RUN(each_rule_ends_where_the_next_begins);
	RUN(the_last_second_of_a_day_is_kept);
	RUN(says_what_is_wrong_with_a_zone);
	RUN(says_what_is_wrong_with_an_old_zone);
	RUN(rules_out_of_order_are_put_in_order);
	RUN(a_rule_may_be_of_one_year_by_date);
	return checked();
}
