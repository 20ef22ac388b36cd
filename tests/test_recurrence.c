/*
 * test_recurrence.c - recurrence blobs: good ones, and bad ones each way
 *
 * With a directory as its argument, leaves each calendar there for
 * ical_check.py.
 */
#include "recurkit.h"

static struct buf good_blob(void)
{
	struct buf b = { 0 };

	put_recurrence(&b, &tuesdays, tuesdays_moved, 2);
	return b;
}

static void a_blob_is_read_to_its_end(void)
{
	struct buf b = good_blob();
	struct recurrence r;
	struct ost_error err;
	uint32_t day;

	CHECK(recurrence_decode(&r, buf_span(&b), &err) == OST_OK);
	CHECK(r.left == 0 && !r.damaged && r.timed);
	CHECK(r.weekdays == 4 && r.interval == 1 && r.count == 12);
	CHECK(r.start_offset == 480 && r.end_offset == 540);
	CHECK(recurrence_deleted(&r, 2, &day));
	CHECK(day == minutes_of("20160830"));
	CHECK(!recurrence_deleted(&r, 3, &day));
	CHECK(r.count_exceptions == 2);
	if (r.count_exceptions == 2) {
		CHECK(r.exceptions[1].start == minutes_of("20160830T100000"));
		CHECK(r.exceptions[1].wide_subject.len == 24);
		CHECK(r.exceptions[1].location.len == 6);
		CHECK(r.exceptions[1].busy == 3);
	}
	CHECK(recurrence_exception_on(&r, minutes_of("20160823")) ==
	      &r.exceptions[0]);
	CHECK(recurrence_exception_on(&r, minutes_of("20160824")) == NULL);
	recurrence_free(&r);
	buf_free(&b);
}

/* Where things are in good_blob(). */
enum {
	AT_TYPE = 6,
	AT_PERIOD = 14,
	AT_DAYS = 22,
	AT_END = 26,
	AT_COUNT = 30,
	AT_DELETED = 38,
	AT_START = 58,
	AT_OFFSET = 74,
	AT_EXCEPTIONS = 82,
	AT_FIRST = 84,
};

static void says_what_is_wrong_with_a_pattern(void)
{
	static const struct {
		const char *text;
		size_t at, width;
		uint32_t to;
		size_t len; /* 0: all */
	} cases[] = {
		{ "pattern is cut short", 0, 0, 0, 1 },
		{ "pattern is cut short", 0, 0, 0, AT_DAYS },
		{ "pattern is cut short", 0, 0, 0, AT_START + 7 },
		{ "versions 0x3003 and 0x3004, not 0x3004", 0, 2, 0x3003, 0 },
		{ "versions 0x3004 and 0, not 0x3004", 2, 2, 0, 0 },
		{ "frequency 0x2009", 4, 2, 0x2009, 0 },
		{ "frequency 0x200e", 4, 2, 0x200E, 0 },
		{ "pattern of type 0x5", AT_TYPE, 2, 5, 0 },
		{ "pattern of type 0xd", AT_TYPE, 2, 0xD, 0 },
		{ "period of 0 weeks or months", AT_PERIOD, 4, 0, 0 },
		{ "period of 32768 weeks or months", AT_PERIOD, 4, 32768, 0 },
		{ "weekdays 0x80", AT_DAYS, 4, 0x80, 0 },
		{ "ends after no instance", AT_COUNT, 4, 0, 0 },
		{ "pattern is cut short", AT_DELETED, 4, 0xFFFFFFFF, 0 },
		{ "pattern is cut short", AT_DELETED, 4, 0x40000003, 0 },
		{ "starts in minute 1525252320, after the year 4500", AT_START,
		  4, 0x5AE980E0, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b = good_blob();
		struct recurrence r;
		struct ost_error err = { "" };

		for (size_t j = 0; j < cases[i].width; j++)
			b.at[cases[i].at + j] =
				(char)(uint8_t)(cases[i].to >> 8 * j);
		if (cases[i].len > 0)
			buf_cut(&b, cases[i].len);
		CHECK(recurrence_decode(&r, buf_span(&b), &err) == OST_CORRUPT);
		CHECK_STR(err.text, cases[i].text);
		CHECK(r.exceptions == NULL);
		recurrence_free(&r);
		buf_free(&b);
	}
}

static void says_what_is_wrong_with_days_of_months(void)
{
	static const struct {
		const char *text;
		struct pattern p;
	} cases[] = {
		{ "end of type 0x2020",
		  { 0x200A, 0, 0, 1440, 0, 0, 0, 0x2020, 0, 0, NULL, "20240301",
		    NULL, 0, 0 } },
		{ "ends after no instance",
		  { 0x200A, 0, 0, 1440, 0, 0, 0, 0x2022, 0, 0, NULL, "20240301",
		    NULL, 0, 0 } },
		{ "day 0 of a month",
		  { 0x200C, 0xA, 0, 1, 0, 0, 0, 0x2023, 0, 0, NULL, "20240301",
		    NULL, 0, 0 } },
		{ "weekday 0 of a month",
		  { 0x200C, 3, 0, 1, 1, 0, 0, 0x2023, 0, 0, NULL, "20240301",
		    NULL, 0, 0 } },
		{ "weekday 6 of a month",
		  { 0x200C, 0xB, 0, 1, 1, 0, 6, 0x2023, 0, 0, NULL, "20240301",
		    NULL, 0, 0 } },
		{ "period of 1441 minutes",
		  { 0x200A, 0, 0, 1441, 0, 0, 0, 0x2023, 0, 0, NULL, "20240301",
		    NULL, 0, 0 } },
		{ "ends in minute 222531840, starts in 222533280",
		  { 0x200A, 0, 0, 1440, 0, 0, 0, 0x2021, 0, 0, NULL, "20240210",
		    "20240209", 0, 0 } },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b = { 0 };
		struct recurrence r;
		struct ost_error err = { "" };

		put_pattern(&b, &cases[i].p);
		CHECK(recurrence_decode_pattern(&r, buf_span(&b), &err) ==
		      OST_CORRUPT);
		CHECK_STR(err.text, cases[i].text);
		buf_free(&b);
	}
}

/*
 * B16: a rule is kept where its first or last day tells what it does not say.
 * Friday 8 March 2024 is the second of its month.
 */
static void b16_odd_fields_that_have_one_meaning_keep_the_rule(void)
{
	static const struct {
		struct pattern p;
		uint32_t weekdays, day, nth, count;
		const char *last; /* NULL: it goes on */
	} cases[] = {
		{ { 0x200B, 1, 0, 1, 0, 0, 0, 0x2023, 0, 0, NULL, "20240308",
		    NULL, 0, 0 },
		  0x20,
		  0,
		  0,
		  0,
		  NULL },
		{ { 0x200B, 1, 0, 1, 0x122, 0, 0, 0x2023, 0, 0, NULL,
		    "20240308", NULL, 0, 0 },
		  0x22,
		  0,
		  0,
		  0,
		  NULL },
		{ { 0x200C, 2, 0, 1, 0, 0, 0, 0x2023, 0, 0, NULL, "20240308",
		    NULL, 0, 0 },
		  0,
		  8,
		  0,
		  0,
		  NULL },
		{ { 0x200D, 2, 0, 12, 0, 32, 0, 0x2023, 0, 0, NULL, "20240308",
		    NULL, 0, 0 },
		  0,
		  8,
		  0,
		  0,
		  NULL },
		{ { 0x200C, 3, 0, 1, 0x20, 0, 0, 0x2023, 0, 0, NULL, "20240308",
		    NULL, 0, 0 },
		  0x20,
		  0,
		  2,
		  0,
		  NULL },
		{ { 0x200C, 3, 0, 1, 0x20, 0, 6, 0x2023, 0, 0, NULL, "20240308",
		    NULL, 0, 0 },
		  0x20,
		  0,
		  2,
		  0,
		  NULL },
		{ { 0x200A, 0, 0, 1440, 0, 0, 0, 0x2022, 0, 0, NULL, "20240308",
		    "20240312", 0, 0 },
		  0,
		  0,
		  0,
		  0,
		  "20240312" },
		{ { 0x200A, 0, 0, 1440, 0, 0, 0, 0, 7, 0, NULL, "20240308",
		    "20240312", 0, 0 },
		  0,
		  0,
		  0,
		  0,
		  "20240312" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b = { 0 };
		struct recurrence r;
		struct ost_error err;

		put_pattern(&b, &cases[i].p);
		CHECK(recurrence_decode_pattern(&r, buf_span(&b), &err) ==
		      OST_OK);
		CHECK(r.damaged && r.weekdays == cases[i].weekdays);
		CHECK(r.day == cases[i].day && r.nth == cases[i].nth);
		CHECK(r.count == cases[i].count);
		CHECK(r.end == (cases[i].last != NULL
					? minutes_of(cases[i].last)
					: RECURRENCE_NEVER));
		recurrence_free(&r);
		buf_free(&b);
	}
}

/* What is behind the pattern may be lost: the rule is not. */
static void damage_behind_the_pattern_costs_that_only(void)
{
	enum { ANY = 1000 };
	const struct {
		size_t at, width;
		uint32_t to;
		size_t len;
		bool timed;
		size_t exceptions;
	} cases[] = {
		{ 0, 0, 0, AT_START + 8, false, 0 },
		{ 0, 0, 0, AT_EXCEPTIONS - 1, false, 0 },
		{ AT_START + 8, 4, 0x3005, 0, false, 0 },
		{ AT_START + 12, 4, 0x3005, 0, false, 0 },
		{ AT_OFFSET, 4, 1440, 0, false, 0 },
		{ AT_OFFSET, 4, 541, 0, false, 0 },
		{ 0, 0, 0, AT_EXCEPTIONS + 1, true, 0 },
		{ AT_EXCEPTIONS, 2, 0xFFFF, 0, true, ANY },
		{ 0, 0, 0, AT_FIRST + 13, true, 0 },
		{ 0, 0, 0, AT_FIRST + 14, true, 1 },
		/* starts after its end; original after 4500 */
		{ AT_FIRST, 4, 0x5AE980DF, 0, true, 1 },
		{ AT_FIRST + 8, 4, 0x5AE980E0, 0, true, 1 },
		/* an original of two exceptions */
		{ AT_FIRST + 8, 4, minutes_of("20160830T080000"), 0, true, 1 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b = good_blob();
		struct recurrence r;
		struct ost_error err = { "" };

		for (size_t j = 0; j < cases[i].width; j++)
			b.at[cases[i].at + j] =
				(char)(uint8_t)(cases[i].to >> 8 * j);
		if (cases[i].len > 0)
			buf_cut(&b, cases[i].len);
		CHECK(recurrence_decode(&r, buf_span(&b), &err) == OST_OK);
		CHECK(r.damaged);
		CHECK(r.timed == cases[i].timed);
		CHECK(cases[i].exceptions == ANY ||
		      r.count_exceptions == cases[i].exceptions);
		recurrence_free(&r);
		buf_free(&b);
	}
}

static void every_beginning_of_a_blob_is_taken_calmly(void)
{
	const struct buf whole = good_blob();
	struct buf b = whole;

	for (size_t len = 0; len < whole.len; len++) {
		uint8_t *part = malloc(len + 1);
		struct recurrence r;
		struct ost_error err;

		if (part == NULL)
			abort();
		memcpy(part, whole.at, len);
		const enum ost_status st =
			recurrence_decode(&r, span_of(part, len), &err);
		CHECK(st == (len < AT_START + 8 ? OST_CORRUPT : OST_OK));
		CHECK(st != OST_OK || r.damaged);
		recurrence_free(&r);
		free(part);
	}
	buf_free(&b);
}

static void a_damaged_recurrence_is_noted(void)
{
	struct fake *f = item_new("IPM.Appointment");

	fake_bytes(f, named(SET_APPOINTMENT, LID_RECUR), MAPI_BINARY, "abc", 3);
	set_time(f, named(SET_APPOINTMENT, LID_START_WHOLE), "20240301T102200");
	set_time(f, MAPI_LAST_MODIFICATION_TIME, "20240301T102200");
	(void)CALENDAR();
	CHECK(has_line("DTSTART:20240301T102200Z"));
	CHECK(!has_name("RRULE"));
	CHECK(has_line("X-OST-NOTE:recurrence-corrupt"));
	item_done();
}

int main(int argc, char **argv)
{
	if (argc > 1)
		directory = argv[1];
	RUN(a_blob_is_read_to_its_end);
	RUN(says_what_is_wrong_with_a_pattern);
	RUN(says_what_is_wrong_with_days_of_months);
	RUN(b16_odd_fields_that_have_one_meaning_keep_the_rule);
	RUN(damage_behind_the_pattern_costs_that_only);
	RUN(every_beginning_of_a_blob_is_taken_calmly);
	RUN(a_damaged_recurrence_is_noted);
	return checked();
}
