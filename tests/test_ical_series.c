/*
 * test_ical_series.c - what recurs, as RRULE and exceptions
 *
 * With a directory as its argument, leaves there each series as an .ics, and
 * beside it in .expect when its instances are, as counted here day by day,
 * for ical_check.py to compare.
 */
#include "recurkit.h"

/*
 * Instances, counted the slow way
 */

struct instance {
	int64_t start, end; /* wall times */
};

enum { INSTANCES = 40 };

static bool month_matches(const struct pattern *p, int64_t day,
			  const struct clock_time *first)
{
	const struct clock_time t = clock_of(day);
	const int months = (t.year - first->year) * 12 + t.month - first->month;
	const int days = clock_month_days(t.year, t.month);
	uint32_t seen = 0, all = 0;

	if (months % (int)p->period != 0)
		return false;
	if (p->type != 3)
		return t.day == (p->type == 4 || (int)p->day > days
					 ? days
					 : (int)p->day);
	if (!(p->weekdays >> clock_weekday(day) & 1))
		return false;
	for (int i = 1; i <= days; i++) {
		const int64_t other = clock_day(t.year, t.month, i);

		if (!(p->weekdays >> clock_weekday(other) & 1))
			continue;
		all++;
		seen += i <= t.day;
	}
	return p->nth == 5 ? seen == all : seen == p->nth;
}

static bool matches(const struct pattern *p, int64_t day)
{
	const int64_t start = wall_of(p->start);
	const struct clock_time first = clock_of(start);

	if (p->type == 0)
		return (day - start) / CLOCK_DAY % (p->period / 1440) == 0;
	if (p->type != 1)
		return month_matches(p, day, &first);

	const int from = (clock_weekday(start) - (int)p->first_weekday + 7) % 7;
	const int64_t week = start - from * CLOCK_DAY;
	return (p->weekdays >> clock_weekday(day) & 1) &&
	       (day - week) / (7 * CLOCK_DAY) % p->period == 0;
}

/* Is the instance of `day` gone? `*moved`: the change of it, if that is why. */
static bool is_gone(const struct pattern *p, const struct change *changes,
		    size_t count, int64_t day, const struct change **moved)
{
	bool gone = false;

	*moved = NULL;
	for (size_t i = 0; i < count; i++)
		if (clock_midnight(wall_of(changes[i].original)) == day)
			*moved = &changes[i];
	for (size_t i = 0; p->deleted != NULL && p->deleted[i] != NULL; i++)
		gone = gone || wall_of(p->deleted[i]) == day;
	return gone && *moved == NULL;
}

static size_t count_days(const struct pattern *p, const struct change *changes,
			 size_t count, struct instance *out)
{
	const int64_t start = wall_of(p->start);
	size_t made = 0, seen = 0;

	for (int64_t day = start;
	     made < INSTANCES && day < start + INT64_C(12000) * CLOCK_DAY;
	     day += CLOCK_DAY) {
		const struct change *moved;

		if (!matches(p, day))
			continue;
		if (p->end == 0x2021 && day > wall_of(p->last))
			break;
		if (p->end == 0x2022 && seen == p->count)
			break;
		seen++;
		if (is_gone(p, changes, count, day, &moved))
			continue;
		out[made].start = day + p->from * INT64_C(60);
		out[made].end = day + p->to * INT64_C(60);
		if (moved != NULL) {
			out[made].start = wall_of(moved->start);
			out[made].end = wall_of(moved->end);
		}
		made++;
	}
	return made;
}

static void leave_instances(const char *test, const struct pattern *p,
			    const struct change *changes, size_t count)
{
	struct instance all[INSTANCES];
	const size_t made = count_days(p, changes, count, all);
	char path[512], start[CLOCK_TEXT_SIZE], end[CLOCK_TEXT_SIZE];
	FILE *f;

	CHECK(made > 0);
	if (directory == NULL)
		return;
	snprintf(path, sizeof(path), "%s/%s.expect", directory, test);
	f = fopen(path, "w");
	CHECK(f != NULL);
	if (f == NULL)
		return;
	for (size_t i = 0; i < made; i++) {
		clock_text(all[i].start, start);
		clock_text(all[i].end, end);
		fprintf(f, "%s %s\n", start, end);
	}
	CHECK(fclose(f) == 0);
}

/*
 * Patterns
 */

/* clang-format off */
static const char *const two_days[] = { "20240315", "20240403", NULL };
static const struct {
	const char *name, *rule;
	struct pattern p;
} patterns[] = {
	{ "every_third_day", "RRULE:FREQ=DAILY;INTERVAL=3;COUNT=10",
	  { 0x200A, 0, 0, 3 * 1440, 0, 0, 0, 0x2022, 10, 0, NULL,
	    "20240301", NULL, 600, 660 } },
	{ "every_workday",
	  "RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU,WE,TH,FR;WKST=SU",
	  { 0x200A, 1, 0, 1, 0x3E, 0, 0, 0x2023, 0, 0, NULL,
	    "20240301", NULL, 600, 660 } },
	{ "ten_mondays",
	  "RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO;COUNT=10;WKST=SU",
	  { 0x200B, 1, 0, 1, 0x02, 0, 0, 0x2022, 10, 0, NULL,
	    "20240304", NULL, 540, 570 } },
	{ "mondays_and_wednesdays",
	  "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;"
	  "UNTIL=20240620T150000Z;WKST=MO",
	  { 0x200B, 1, 0, 2, 0x0A, 0, 0, 0x2021, 0, 1, two_days,
	    "20240304", "20240620", 480, 570 } },
	{ "until_in_winter",
	  "RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=TU;"
	  "UNTIL=20241210T160000Z;WKST=SU",
	  { 0x200B, 1, 0, 1, 0x04, 0, 0, 0x2021, 0, 0, NULL,
	    "20240903", "20241210", 480, 540 } },
	{ "late_until_in_summer",
	  "RRULE:FREQ=DAILY;INTERVAL=1;UNTIL=20240613T063000Z",
	  { 0x200A, 0, 0, 1440, 0, 0, 0, 0x2021, 0, 0, NULL,
	    "20240601", "20240612", 23 * 60 + 30, 25 * 60 } },
	{ "week_begins_on_sunday",
	  "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TU;COUNT=8;WKST=SU",
	  { 0x200B, 1, 0, 2, 0x05, 0, 0, 0x2022, 8, 0, NULL,
	    "20240305", NULL, 540, 570 } },
	{ "week_begins_on_monday",
	  "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TU;COUNT=8;WKST=MO",
	  { 0x200B, 1, 0, 2, 0x05, 0, 0, 0x2022, 8, 1, NULL,
	    "20240305", NULL, 540, 570 } },
	{ "monthly_on_the_15th", "RRULE:FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=15",
	  { 0x200C, 2, 0, 1, 0, 15, 0, 0x2023, 0, 0, two_days,
	    "20240215", NULL, 540, 570 } },
	{ "monthly_on_the_30th",
	  "RRULE:FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=28,29,30;BYSETPOS=-1;"
	  "COUNT=20",
	  { 0x200C, 2, 0, 1, 0, 30, 0, 0x2022, 20, 0, NULL,
	    "20240130", NULL, 540, 570 } },
	{ "monthly_on_the_31st",
	  "RRULE:FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=-1;COUNT=20",
	  { 0x200C, 2, 0, 1, 0, 31, 0, 0x2022, 20, 0, NULL,
	    "20240131", NULL, 540, 570 } },
	{ "month_end", "RRULE:FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=-1",
	  { 0x200C, 4, 0, 2, 0, 31, 0, 0xFFFFFFFF, 0, 0, NULL,
	    "20240229", NULL, 540, 570 } },
	{ "fifth_friday_is_the_last",
	  "RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=-1FR",
	  { 0x200C, 3, 0, 1, 0x20, 0, 5, 0x2023, 0, 0, NULL,
	    "20240329", NULL, 540, 570 } },
	{ "second_tuesday",
	  "RRULE:FREQ=MONTHLY;INTERVAL=3;BYDAY=2TU;COUNT=12",
	  { 0x200C, 3, 0, 3, 0x04, 0, 2, 0x2022, 12, 0, NULL,
	    "20240312", NULL, 540, 570 } },
	{ "last_workday",
	  "RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;"
	  "COUNT=12",
	  { 0x200C, 3, 0, 1, 0x3E, 0, 5, 0x2022, 12, 0, NULL,
	    "20240329", NULL, 540, 570 } },
	{ "third_weekend_day",
	  "RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=SU,SA;BYSETPOS=3;COUNT=12",
	  { 0x200C, 3, 0, 1, 0x41, 0, 3, 0x2022, 12, 0, NULL,
	    "20240309", NULL, 540, 570 } },
	{ "new_years_eve",
	  "RRULE:FREQ=YEARLY;INTERVAL=1;BYMONTH=12;BYMONTHDAY=31",
	  { 0x200D, 2, 0, 12, 0, 31, 0, 0x2023, 0, 0, NULL,
	    "20241231", NULL, 540, 570 } },
	{ "leap_day",
	  "RRULE:FREQ=YEARLY;INTERVAL=1;BYMONTH=2;BYMONTHDAY=-1;COUNT=9",
	  { 0x200D, 2, 0, 12, 0, 29, 0, 0x2022, 9, 0, NULL,
	    "20240229", NULL, 540, 570 } },
	{ "every_second_year",
	  "RRULE:FREQ=YEARLY;INTERVAL=2;BYMONTH=7;BYMONTHDAY=4;COUNT=5",
	  { 0x200D, 2, 0, 24, 0, 4, 0, 0x2022, 5, 0, NULL,
	    "20240704", NULL, 540, 570 } },
	{ "thanksgiving",
	  "RRULE:FREQ=YEARLY;INTERVAL=1;BYMONTH=11;BYDAY=4TH;COUNT=5",
	  { 0x200D, 3, 0, 12, 0x10, 0, 4, 0x2022, 5, 0, NULL,
	    "20241128", NULL, 540, 570 } },
	{ "yearly_by_half_years",
	  "RRULE:FREQ=MONTHLY;INTERVAL=18;BYMONTHDAY=4;COUNT=5",
	  { 0x200D, 2, 0, 18, 0, 4, 0, 0x2022, 5, 0, NULL,
	    "20240704", NULL, 540, 570 } },
	{ "each_third_month_on_the_31st",
	  "RRULE:FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1;COUNT=12",
	  { 0x200C, 2, 0, 3, 0, 31, 0, 0x2022, 12, 0, NULL,
	    "20240131", NULL, 540, 570 } },
	{ "the_31st_begins_in_february",
	  "RRULE:FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=-1;COUNT=14",
	  { 0x200C, 2, 0, 1, 0, 31, 0, 0x2022, 14, 0, NULL,
	    "20240229", NULL, 540, 570 } },
	{ "each_second_month_on_the_30th",
	  "RRULE:FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=28,29,30;BYSETPOS=-1;"
	  "COUNT=14",
	  { 0x200C, 2, 0, 2, 0, 30, 0, 0x2022, 14, 0, NULL,
	    "20230228", NULL, 540, 570 } },
	{ "each_fifth_month_on_the_29th",
	  "RRULE:FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=28,29;BYSETPOS=-1",
	  { 0x200C, 2, 0, 5, 0, 29, 0, 0x2023, 0, 0, NULL,
	    "20240929", NULL, 540, 570 } },
	{ "leap_day_each_fourth_year",
	  "RRULE:FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=-1;COUNT=4",
	  { 0x200D, 2, 0, 48, 0, 29, 0, 0x2022, 4, 0, NULL,
	    "20240229", NULL, 540, 570 } },
	{ "leap_day_begins_in_a_common_year",
	  "RRULE:FREQ=YEARLY;INTERVAL=1;BYMONTH=2;BYMONTHDAY=-1;"
	  "UNTIL=20320229T170000Z",
	  { 0x200D, 2, 0, 12, 0, 29, 0, 0x2021, 0, 0, NULL,
	    "20230228", "20320229", 540, 570 } },
	{ "last_monday_of_each_second_month",
	  "RRULE:FREQ=MONTHLY;INTERVAL=2;BYDAY=-1MO;COUNT=14",
	  { 0x200C, 3, 0, 2, 0x02, 0, 5, 0x2022, 14, 0, NULL,
	    "20240129", NULL, 540, 570 } },
	{ "last_day_of_all_weekdays",
	  "RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=SU,MO,TU,WE,TH,FR,SA;"
	  "BYSETPOS=-1;COUNT=14",
	  { 0x200C, 3, 0, 1, 0x7F, 0, 5, 0x2022, 14, 0, NULL,
	    "20240131", NULL, 540, 570 } },
	{ "first_workday_of_the_year",
	  "RRULE:FREQ=YEARLY;INTERVAL=1;BYMONTH=1;BYDAY=MO,TU,WE,TH,FR;"
	  "BYSETPOS=1;COUNT=9",
	  { 0x200D, 3, 0, 12, 0x3E, 0, 1, 0x2022, 9, 0, NULL,
	    "20240101", NULL, 540, 570 } },
	{ "last_sunday_of_february",
	  "RRULE:FREQ=YEARLY;INTERVAL=1;BYMONTH=2;BYDAY=-1SU;COUNT=9",
	  { 0x200D, 3, 0, 12, 0x01, 0, 5, 0x2022, 9, 0, NULL,
	    "20240225", NULL, 540, 570 } },
	{ "weeks_that_begin_on_wednesday",
	  "RRULE:FREQ=WEEKLY;INTERVAL=3;BYDAY=SU,MO,TU,FR;COUNT=17;WKST=WE",
	  { 0x200B, 1, 0, 3, 0x27, 0, 0, 0x2022, 17, 3, NULL,
	    "20240301", NULL, 540, 570 } },
	{ "weeks_that_begin_on_saturday",
	  "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TH,FR,SA;COUNT=17;WKST=SA",
	  { 0x200B, 1, 0, 2, 0x71, 0, 0, 0x2022, 17, 6, NULL,
	    "20240303", NULL, 540, 570 } },
	{ "by_the_japanese_calendar",
	  "RRULE:FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=4;COUNT=5",
	  { 0x200C, 2, 3, 1, 0, 4, 0, 0x2022, 5, 0, NULL,
	    "20240704", NULL, 540, 570 } },
};
/* clang-format on */

static void patterns_become_rules(void)
{
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		series_new(&patterns[i].p, NULL, 0);
		(void)calendar_as(patterns[i].name);
		if (!has_line(patterns[i].rule))
			fprintf(stderr, "%s\n", buf_text(&item_now.text));
		CHECK(has_line(patterns[i].rule));
		CHECK(item_now.notes.set == 0);
		leave_instances(patterns[i].name, &patterns[i].p, NULL, 0);
	}
	item_done();
}

/*
 * Exceptions
 */

static void exceptions_become_events(void)
{
	const char *text;

	series_new(&tuesdays, tuesdays_moved, 2);
	text = CALENDAR();
	leave_instances(__func__, &tuesdays, tuesdays_moved, 2);
	CHECK(has_line("EXDATE;TZID=America/Los_Angeles:20160809T080000"));
	CHECK(strstr(from(text, "EXDATE") + 6, "EXDATE") == NULL);
	text = from(text, "END:VEVENT");
	CHECK(strstr(text, "RECURRENCE-ID;TZID=America/Los_"
			   "Angeles:20160823T080000\r\n"
			   "DTSTART;TZID=America/Los_"
			   "Angeles:20160823T090000\r\n"
			   "DTEND;TZID=America/Los_"
			   "Angeles:20160823T100000\r\n") != NULL);
	text = from(text, "RECURRENCE-ID;TZID=America/Los_"
			  "Angeles:20160830T080000");
	CHECK(strstr(text, "SUMMARY:Moved\\; later\r\n") != NULL);
	CHECK(strstr(text, "LOCATION:Room 5\r\n") != NULL);
	CHECK(strstr(text, "X-MICROSOFT-CDO-BUSYSTATUS:OOF\r\n") != NULL);
	CHECK(strstr(text, "TRIGGER:-PT30M\r\n") != NULL);
	CHECK(strstr(text, "X-MICROSOFT-CDO-INSTTYPE:3\r\n") != NULL);
	item_done();
}

/* Give the series a message for the exception of `original`. */
static struct fake *own_message(const char *original)
{
	const uint8_t object[8] = { 0x24, 0x80 };
	struct fake *a = fake_attachment(item_now.fake), *m;

	set_int(a, MAPI_ATTACH_METHOD, MAPI_ATTACH_EMBEDDED);
	set_int(a, MAPI_ATTACHMENT_FLAGS, 2);
	fake_bytes(a, MAPI_ATTACH_DATA, MAPI_OBJECT, object, sizeof(object));
	set_time(a, 0x7FF9, original);
	m = fake_embedded(a);
	fake_text(m, MAPI_MESSAGE_CLASS,
		  "IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}");
	return m;
}

static void an_exception_has_its_own_text_or_that_of_the_series(void)
{
	const char *text, *first, *second;

	series_new(&tuesdays, tuesdays_moved, 2);
	fake_text(item_now.fake, MAPI_BODY, "as ever");
	fake_text(own_message("20160823T080000"), MAPI_BODY, "this once");
	text = CALENDAR();
	first = from(text, "RECURRENCE-ID");
	second = from(first + strlen("RECURRENCE"), "RECURRENCE-ID");
	CHECK(*second != '\0');
	CHECK(from(text, "DESCRIPTION:as ever\r\n") < first);
	CHECK(from(first, "DESCRIPTION:this once\r\n") < second);
	CHECK(*from(first, "DESCRIPTION:this once\r\n") != '\0');
	CHECK(*from(second, "DESCRIPTION:as ever\r\n") != '\0');
	CHECK(!has_name("X-OST-ATTACHMENT"));
	item_done();
}

static size_t times(const char *text, const char *what)
{
	size_t count = 0;

	for (; *(text = from(text, what)) != '\0'; text += strlen(what))
		count++;
	return count;
}

/* B10: what the series has said, its exceptions do not say again. */
static void B10_rtf_is_attached_once(void)
{
	static const char
		one[] = "{\\rtf1 a{\\pict\\pngblip 89504e470d0a1a0a}}",
		other[] = "{\\rtf1 b{\\pict\\pngblip 89504e470d0a1a0a}}";
	const char *text;

	series_new(&tuesdays, tuesdays_moved, 2);
	set_rtf(item_now.fake, one);
	set_rtf(own_message("20160823T080000"), one);
	text = CALENDAR();
	CHECK(times(text, "\r\nATTACH;") == 1);
	CHECK(times(text, "\r\nDESCRIPTION:a") == 3);
	item_done();

	series_new(&tuesdays, tuesdays_moved, 2);
	set_rtf(item_now.fake, one);
	set_rtf(own_message("20160823T080000"), other);
	CHECK(times(CALENDAR(), "\r\nATTACH;") == 2);
	item_done();
}

static void a_message_of_no_exception_is_named(void)
{
	series_new(&tuesdays, tuesdays_moved, 2);
	fake_text(own_message("20160906T080000"), MAPI_SUBJECT, "Left over");
	(void)CALENDAR();
	CHECK(has_name("X-OST-ATTACHMENT"));
	item_done();
}

/* Blobs cut short have no wide text. */
static void an_exception_may_have_8_bit_text_only(void)
{
	const struct change moved = { "20160823T080000", "20160823T090000",
				      "20160823T100000", EXCEPTION_SUBJECT,
				      "Caf\xE9" };
	struct fake *f = item_new("IPM.Appointment");
	struct buf b = { 0 };

	put_recurrence(&b, &tuesdays, &moved, 1);
	buf_cut(&b, b.len - 20);
	set_blob(f, named(SET_APPOINTMENT, LID_RECUR), &b);
	set_pacific(f, LID_ZONE_RECUR);
	set_time(f, MAPI_LAST_MODIFICATION_TIME, "20240301T102200");
	(void)CALENDAR();
	CHECK(has_line("SUMMARY:Caf\xC3\xA9"));
	CHECK(has_line("X-OST-NOTE:recurrence-corrupt"));
	item_done();
}

/* COUNT counts what is gone and what is moved, too. */
static void a_count_counts_what_is_not_as_the_others(void)
{
	static const char *const all[] = { "20240131", "20240229", "20240430",
					   "20240531", NULL };
	static const struct pattern p = { .frequency = 0x200C,
					  .type = 2,
					  .period = 1,
					  .day = 31,
					  .end = 0x2022,
					  .count = 6,
					  .deleted = all,
					  .start = "20240131",
					  .from = 540,
					  .to = 600 };
	static const struct change moved[] = {
		{ "20240229T090000", "20240301T100000", "20240301T110000", 0 },
		{ "20240531T090000", "20240530T090000", "20240530T100000", 0 },
	};

	series_new(&p, moved, 2);
	(void)CALENDAR();
	leave_instances(__func__, &p, moved, 2);
	CHECK(has_line("RRULE:FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=-1;COUNT=6"));
	CHECK(has_line("EXDATE;TZID=America/Los_Angeles:20240131T090000"));
	CHECK(has_line("EXDATE;TZID=America/Los_Angeles:20240430T090000"));
	item_done();
}

/*
 * Across the changes of clocks
 */

static const struct place {
	const char *windows, *iana;
	struct rule rule;
} berlin = { "W. Europe Standard Time",
	     "Europe/Berlin",
	     { 1601, -60, -60, { 10, 0, 5, 3 }, { 3, 0, 5, 2 } } },
  new_york = { "Eastern Standard Time",
	       "America/New_York",
	       { 2007, 300, -60, { 11, 0, 1, 2 }, { 3, 0, 2, 2 } } };

static struct fake *series_in(const struct place *where,
			      const struct pattern *p,
			      const struct change *changes, size_t count)
{
	struct fake *f = item_new("IPM.Appointment");
	struct buf b = { 0 };

	put_recurrence(&b, p, changes, count);
	set_blob(f, named(SET_APPOINTMENT, LID_RECUR), &b);
	put_zone(&b, where->windows, &where->rule, 1);
	set_blob(f, named(SET_APPOINTMENT, LID_ZONE_RECUR), &b);
	set_time(f, MAPI_LAST_MODIFICATION_TIME, "20240301T102200");
	return f;
}

/*
 * In Berlin no clock shows 2:30 on 31 March 2024, and all show it twice on 27
 * October; in New York on 10 March and 3 November.
 */
static void series_go_on_when_clocks_change(void)
{
	static const struct {
		const char *name;
		const struct place *where;
		const char *start, *last, *until;
		uint32_t from;
		bool all_day;
	} cases[] = {
		{ "skipped_in_berlin", &berlin, "20240330", "20240402",
		  "UNTIL=20240402T003000Z", 150, false },
		{ "last_is_skipped_in_berlin", &berlin, "20240329", "20240331",
		  "UNTIL=20240331T013000Z", 150, false },
		{ "twice_in_berlin", &berlin, "20241026", "20241029",
		  "UNTIL=20241029T013000Z", 150, false },
		{ "skipped_in_new_york", &new_york, "20240309", "20240312",
		  "UNTIL=20240312T063000Z", 150, false },
		{ "twice_in_new_york", &new_york, "20241102", "20241105",
		  "UNTIL=20241105T063000Z", 90, false },
		{ "last_is_twice_in_new_york", &new_york, "20241101",
		  "20241103", "UNTIL=20241103T053000Z", 90, false },
		{ "days_in_berlin", &berlin, "20240330", "20240402",
		  "UNTIL=20240402", 0, true },
		{ "days_in_new_york", &new_york, "20241102", "20241105",
		  "UNTIL=20241105", 0, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct pattern p = { .frequency = 0x200A,
					   .period = 1440,
					   .end = 0x2021,
					   .start = cases[i].start,
					   .last = cases[i].last,
					   .from = cases[i].from,
					   .to = cases[i].all_day
							 ? 1440
							 : cases[i].from + 30 };
		const char *text;

		series_in(cases[i].where, &p, NULL, 0);
		set_bool(item_now.fake, named(SET_APPOINTMENT, LID_SUBTYPE),
			 cases[i].all_day);
		text = calendar_as(cases[i].name);
		leave_instances(cases[i].name, &p, NULL, 0);
		CHECK(strstr(text, cases[i].until) != NULL);
		CHECK(cases[i].all_day ||
		      strstr(text, cases[i].where->iana) != NULL);
		CHECK(item_now.notes.set == 0);
	}
	item_done();
}

/* An instance moved to an hour that is there twice: its message says which. */
static void an_exception_is_in_the_hour_that_its_message_says(void)
{
	static const char *const gone[] = { "20241103", NULL };
	static const struct pattern p = { .frequency = 0x200A,
					  .period = 1440,
					  .end = 0x2022,
					  .count = 5,
					  .deleted = gone,
					  .start = "20241102",
					  .from = 600,
					  .to = 660 };
	static const struct change moved = { "20241103T100000",
					     "20241103T013000",
					     "20241103T020000", 0 };
	static const struct {
		const char *name, *start, *end; /* UTC; NULL: not said */
		const char *line;
	} cases[] = {
		{ "moved_to_the_first", "20241103T053000", "20241103T060000",
		  "DTSTART:20241103T053000Z" },
		{ "moved_to_the_second", "20241103T063000", "20241103T070000",
		  "DTSTART:20241103T063000Z" },
		{ "moved_to_one_of_them", NULL, NULL,
		  "DTSTART;TZID=America/New_York:20241103T013000" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		series_in(&new_york, &p, &moved, 1);
		if (cases[i].start != NULL) {
			struct fake *m = own_message("20241103T100000");

			set_time(m, named(SET_APPOINTMENT, LID_START_WHOLE),
				 cases[i].start);
			set_time(m, named(SET_APPOINTMENT, LID_END_WHOLE),
				 cases[i].end);
		}
		(void)calendar_as(cases[i].name);
		leave_instances(cases[i].name, &p, &moved, 1);
		CHECK(has_line(cases[i].line));
		CHECK(has_line("RECURRENCE-ID;TZID=America/New_York:"
			       "20241103T100000"));
	}
	item_done();
}

static void an_all_day_series_has_dates(void)
{
	static const char *const gone[] = { "20240308", "20240315", NULL };
	const struct pattern p = { .frequency = 0x200B,
				   .type = 1,
				   .period = 1,
				   .weekdays = 0x20,
				   .end = 0x2021,
				   .deleted = gone,
				   .start = "20240301",
				   .last = "20240628",
				   .to = 2 * 1440 };
	const struct change moved[] = {
		{ "20240315", "20240316", "20240317", EXCEPTION_BUSY, NULL,
		  NULL, 0 },
	};

	series_new(&p, moved, 1);
	set_bool(item_now.fake, named(SET_APPOINTMENT, LID_SUBTYPE), true);
	(void)CALENDAR();
	leave_instances(__func__, &p, moved, 1);
	CHECK(has_line("DTSTART;VALUE=DATE:20240301"));
	CHECK(has_line("DTEND;VALUE=DATE:20240303"));
	CHECK(has_line("RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=FR;"
		       "UNTIL=20240628;WKST=SU"));
	CHECK(has_line("EXDATE;VALUE=DATE:20240308"));
	CHECK(has_line("RECURRENCE-ID;VALUE=DATE:20240315"));
	CHECK(has_line("DTSTART;VALUE=DATE:20240316"));
	item_done();
}

static void a_series_without_a_zone_gets_one_that_fits(void)
{
	struct fake *f = item_new("IPM.Appointment");
	struct pattern p = patterns[2].p;
	struct buf b = { 0 };

	put_recurrence(&b, &p, NULL, 0);
	set_blob(f, named(SET_APPOINTMENT, LID_RECUR), &b);
	set_time(f, named(SET_APPOINTMENT, LID_START_WHOLE), "20240304T033000");
	set_time(f, MAPI_LAST_MODIFICATION_TIME, "20240301T102200");
	(void)CALENDAR();
	leave_instances(__func__, &p, NULL, 0);
	CHECK(has_line("DTSTART;TZID=UTC+0530:20240304T090000"));
	CHECK(has_line("TZID:UTC+0530"));
	CHECK(note_has(&item_now.notes, NOTE_NO_ZONE));
	item_done();
}

/*
 * Hijri
 */

/* For ical_check.py: the days that are gone of a series in RDATEs. */
static void leave_gone(const char *test, const char *const *gone)
{
	char path[512];
	FILE *f;

	if (directory == NULL)
		return;
	snprintf(path, sizeof(path), "%s/%s.hijri", directory, test);
	f = fopen(path, "w");
	CHECK(f != NULL);
	if (f == NULL)
		return;
	for (; gone != NULL && *gone != NULL; gone++)
		fprintf(f, "%s\n", *gone);
	CHECK(fclose(f) == 0);
}

/* These ICU counts, too: see ical_check.py. */
static void hijri_months_end_on_their_days(void)
{
	static const char *const gone[] = { "20240606", NULL };
	static const struct {
		const char *name, *rule;
		struct pattern p;
	} cases[] = {
		{ "hijri_month_on_the_30th",
		  "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=-1;COUNT=30",
		  { 0x200C, 0xA, 6, 1, 0, 30, 0, 0x2022, 30, 0, gone,
		    "20240408", NULL, 540, 600 } },
		{ "hijri_month_end",
		  "FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=-1;"
		  "COUNT=20",
		  { 0x200C, 0xC, 6, 5, 0, 31, 0, 0x2022, 20, 0, NULL,
		    "20240408", NULL, 540, 600 } },
		{ "hijri_second_friday",
		  "FREQ=MONTHLY;INTERVAL=1;BYDAY=2FR;COUNT=20",
		  { 0x200C, 0xB, 6, 1, 0x20, 0, 2, 0x2022, 20, 0, NULL,
		    "20240322", NULL, 540, 600 } },
		{ "hijri_last_workday",
		  "FREQ=MONTHLY;INTERVAL=1;BYDAY=SU,MO,TU,WE,TH;BYSETPOS=-1;"
		  "COUNT=20",
		  { 0x200C, 0xB, 6, 1, 0x1F, 0, 5, 0x2022, 20, 0, NULL,
		    "20240408", NULL, 540, 600 } },
		{ "hijri_new_year",
		  "FREQ=YEARLY;INTERVAL=1;BYMONTH=1;BYMONTHDAY=1;COUNT=40",
		  { 0x200D, 0xA, 6, 12, 0, 1, 0, 0x2022, 40, 0, NULL,
		    "20240707", NULL, 540, 600 } },
		/* which, Microsoft says, 1 January 2001 is, 6 Shawwal 1421 */
		{ "hijri_sixth_of_shawwal",
		  "FREQ=YEARLY;INTERVAL=2;BYMONTH=10;BYMONTHDAY=6;COUNT=9",
		  { 0x200D, 0xA, 6, 24, 0, 6, 0, 0x2022, 9, 0, NULL, "20010101",
		    NULL, 540, 600 } },
		{ "hijri_end_of_the_year",
		  "FREQ=YEARLY;INTERVAL=1;BYMONTH=12;BYMONTHDAY=-1;COUNT=40",
		  { 0x200D, 0xA, 0, 12, 0, 30, 0, 0x2022, 40, 0, NULL,
		    "20240706", NULL, 540, 600 } },
	};
	char line[160];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		series_new(&cases[i].p, NULL, 0);
		(void)calendar_as(cases[i].name);
		leave_gone(cases[i].name, cases[i].p.deleted);
		snprintf(line, sizeof(line), "X-MICROSOFT-RRULE:%s",
			 cases[i].rule);
		CHECK(has_line(line));
		CHECK(!has_name("RRULE"));
	}
	item_done();
}

static void a_hijri_series_is_written_as_dates(void)
{
	/* 1 Ramadan 1445 is 2024-03-10, by the calendar Windows has */
	static const char *const gone[] = { "20250228", NULL };
	const struct pattern p = { .frequency = 0x200D,
				   .type = 0xA,
				   .calendar = 6,
				   .period = 12,
				   .day = 1,
				   .end = 0x2022,
				   .count = 4,
				   .deleted = gone,
				   .start = "20240310",
				   .from = 540,
				   .to = 600 };
	const char *text;

	series_new(&p, NULL, 0);
	text = CALENDAR();
	leave_gone(__func__, gone);
	CHECK(has_line("X-MICROSOFT-RRULE:FREQ=YEARLY;INTERVAL=1;BYMONTH=9;"
		       "BYMONTHDAY=1;COUNT=4"));
	CHECK(!has_name("RRULE"));
	CHECK(note_has(&item_now.notes, NOTE_HIJRI));
	CHECK(strstr(text, "X-OST-NOTE:hijri\r\n") != NULL);
	CHECK(has_line("DTSTART;TZID=America/Los_Angeles:20240310T090000"));
	CHECK(!has_line("RDATE;TZID=America/Los_Angeles:20250228T090000"));
	CHECK(!has_line("RDATE;TZID=America/Los_Angeles:20280127T090000"));
	CHECK(has_line("RDATE;TZID=America/Los_Angeles:20260217T090000"));
	CHECK(has_line("RDATE;TZID=America/Los_Angeles:20270207T090000"));
	item_done();
}

static void an_endless_hijri_series_ends_after_200_dates(void)
{
	const struct pattern p = { .frequency = 0x200C,
				   .type = 0xB,
				   .calendar = 6,
				   .period = 1,
				   .weekdays = 0x20,
				   .nth = 2,
				   .end = 0x2023,
				   .start = "20240322",
				   .from = 540,
				   .to = 600 };
	const char *text;
	size_t count = 0;

	series_new(&p, NULL, 0);
	text = CALENDAR();
	for (; (text = strstr(text, "\r\nRDATE")) != NULL; text++)
		count++;
	CHECK(count == 199); /* and DTSTART */
	leave_gone(__func__, NULL);
	item_done();
}

static void other_calendars_are_named_only(void)
{
	/* Hebrew, lunar of Japan, China and Korea, Saka, Umm al-Qura */
	static const uint32_t calendars[] = {
		8, 14, 15, 16, 17, 18, 19, 20, 23
	};

	for (size_t i = 0; i < sizeof(calendars) / sizeof(calendars[0]); i++) {
		const struct pattern p = { .frequency = 0x200C,
					   .type = 2,
					   .calendar = calendars[i],
					   .period = 1,
					   .day = 30,
					   .end = 0x2023,
					   .start = "20240322",
					   .from = 540,
					   .to = 600 };

		series_new(&p, NULL, 0);
		(void)CALENDAR();
		CHECK(has_name("X-MICROSOFT-RRULE"));
		CHECK(!has_name("RRULE"));
		CHECK(!has_name("RDATE"));
		CHECK(note_has(&item_now.notes, NOTE_HIJRI));
	}
	item_done();
}

int main(int argc, char **argv)
{
	if (argc > 1)
		directory = argv[1];
	RUN(patterns_become_rules);
	RUN(exceptions_become_events);
	RUN(an_exception_has_its_own_text_or_that_of_the_series);
	RUN(B10_rtf_is_attached_once);
	RUN(a_message_of_no_exception_is_named);
	RUN(an_exception_may_have_8_bit_text_only);
	RUN(a_count_counts_what_is_not_as_the_others);
	RUN(series_go_on_when_clocks_change);
	RUN(an_exception_is_in_the_hour_that_its_message_says);
	RUN(an_all_day_series_has_dates);
	RUN(a_series_without_a_zone_gets_one_that_fits);
	RUN(a_hijri_series_is_written_as_dates);
	RUN(hijri_months_end_on_their_days);
	RUN(an_endless_hijri_series_ends_after_200_dates);
	RUN(other_calendars_are_named_only);
	return checked();
}
