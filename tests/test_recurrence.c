/*
 * test_recurrence.c - recurrence blobs, and the series that they become
 *
 * With a directory as its argument, leaves there each series as an .ics, and
 * beside it in .expect when its instances are, as counted here day by day,
 * for ical_check.py to compare.
 */
#include "icalkit.h"

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
	  "RRULE:FREQ=YEARLY;INTERVAL=1;BYMONTH=2;BYMONTHDAY=28,29;"
	  "BYSETPOS=-1;COUNT=9",
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

/* Three Tuesdays are not as the others: one is gone, two are moved. */
static const char *const tuesdays_gone[] = { "20160809", "20160823", "20160830",
					     NULL };
static const struct pattern tuesdays = { .frequency = 0x200B,
					 .type = 1,
					 .period = 1,
					 .weekdays = 0x04,
					 .end = 0x2022,
					 .count = 12,
					 .deleted = tuesdays_gone,
					 .start = "20160802",
					 .from = 480,
					 .to = 540 };
static const struct change tuesdays_moved[] = {
	{ "20160823T080000", "20160823T090000", "20160823T100000", 0 },
	{ "20160830T080000", "20160830T100000", "20160830T113000",
	  EXCEPTION_SUBJECT | EXCEPTION_LOCATION | EXCEPTION_BUSY |
		  EXCEPTION_REMINDER | EXCEPTION_REMINDER_DELTA,
	  "Moved; later", "Room 5", 3 },
};

static void exceptions_become_events(void)
{
	const char *text;

	series_new(&tuesdays, tuesdays_moved, 2);
	text = CALENDAR();
	leave_instances(__func__, &tuesdays, tuesdays_moved, 2);
	CHECK(has_line("EXDATE;TZID=Pacific Standard Time:20160809T080000"));
	CHECK(strstr(from(text, "EXDATE") + 6, "EXDATE") == NULL);
	text = from(text, "END:VEVENT");
	CHECK(strstr(text, "RECURRENCE-ID;TZID=Pacific Standard "
			   "Time:20160823T080000\r\n"
			   "DTSTART;TZID=Pacific Standard "
			   "Time:20160823T090000\r\n"
			   "DTEND;TZID=Pacific Standard "
			   "Time:20160823T100000\r\n") != NULL);
	text = from(text, "RECURRENCE-ID;TZID=Pacific Standard "
			  "Time:20160830T080000");
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

static void a_message_of_no_exception_is_named(void)
{
	series_new(&tuesdays, tuesdays_moved, 2);
	fake_text(own_message("20160906T080000"), MAPI_SUBJECT, "Left over");
	(void)CALENDAR();
	CHECK(has_name("X-OST-ATTACHMENT"));
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
	CHECK(has_line("DTSTART;TZID=\"UTC+05:30\":20240304T090000"));
	CHECK(has_line("TZID:UTC+05:30"));
	CHECK(note_has(&item_now.notes, NOTE_NO_ZONE));
	item_done();
}

/*
 * Hijri
 */

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
	CHECK(has_line("X-MICROSOFT-RRULE:FREQ=YEARLY;INTERVAL=1;BYMONTH=9;"
		       "BYMONTHDAY=1;COUNT=4"));
	CHECK(!has_name("RRULE"));
	CHECK(note_has(&item_now.notes, NOTE_HIJRI));
	CHECK(strstr(text, "X-OST-NOTE:hijri\r\n") != NULL);
	CHECK(has_line("DTSTART;TZID=Pacific Standard Time:20240310T090000"));
	CHECK(!has_line("RDATE;TZID=Pacific Standard Time:20250228T090000"));
	CHECK(!has_line("RDATE;TZID=Pacific Standard Time:20280127T090000"));
	CHECK(has_line("RDATE;TZID=Pacific Standard Time:20260217T090000"));
	CHECK(has_line("RDATE;TZID=Pacific Standard Time:20270207T090000"));
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
	item_done();
}

static void other_calendars_are_named_only(void)
{
	const struct pattern p = { .frequency = 0x200C,
				   .type = 2,
				   .calendar = 8, /* Hebrew */
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
	item_done();
}

/*
 * Blobs
 */

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
		{ "weekdays 0", AT_DAYS, 4, 0, 0 },
		{ "weekdays 0x80", AT_DAYS, 4, 0x80, 0 },
		{ "end of type 0x2020", AT_END, 4, 0x2020, 0 },
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
		{ "day 0 of a month",
		  { 0x200C, 2, 0, 1, 0, 0, 0, 0x2023, 0, 0, NULL, "20240301",
		    NULL, 0, 0 } },
		{ "day 32 of a month",
		  { 0x200C, 4, 0, 1, 0, 32, 0, 0x2023, 0, 0, NULL, "20240301",
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
	RUN(patterns_become_rules);
	RUN(exceptions_become_events);
	RUN(an_exception_has_its_own_text_or_that_of_the_series);
	RUN(a_message_of_no_exception_is_named);
	RUN(an_all_day_series_has_dates);
	RUN(a_series_without_a_zone_gets_one_that_fits);
	RUN(a_hijri_series_is_written_as_dates);
	RUN(an_endless_hijri_series_ends_after_200_dates);
	RUN(other_calendars_are_named_only);
	RUN(a_blob_is_read_to_its_end);
	RUN(says_what_is_wrong_with_a_pattern);
	RUN(says_what_is_wrong_with_days_of_months);
	RUN(damage_behind_the_pattern_costs_that_only);
	RUN(every_beginning_of_a_blob_is_taken_calmly);
	RUN(a_damaged_recurrence_is_noted);
	return checked();
}
