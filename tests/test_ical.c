/*
 * test_ical.c - when appointments are, and what all items share
 *
 *	test_ical		the tests
 *	test_ical DIR		the same; leaves each calendar in DIR
 *	test_ical DIR STORE...	writes all calendar items of the stores to DIR
 */
#include "icalkit.h"

#include "mail/text/chars.h"

/*
 * When
 */

static void an_appointment_is_in_its_zone(void)
{
	appointment("20240715T160000", "20240715T163000", true);
	(void)CALENDAR();
	CHECK(has_line("DTSTART;TZID=America/Los_Angeles:20240715T090000"));
	CHECK(has_line("DTEND;TZID=America/Los_Angeles:20240715T093000"));
	CHECK(has_line("TZID:America/Los_Angeles"));
	CHECK(has_line("DTSTAMP:20240201T030405Z"));
	CHECK(has_line("CREATED:20240101T000000Z"));
	CHECK(has_line("LAST-MODIFIED:20240201T030405Z"));
	CHECK(has_line("UID:abcd0102.200024@ost.invalid"));
	CHECK(has_line("SUMMARY:Budget review"));
	CHECK(has_line("X-MICROSOFT-CDO-INSTTYPE:0"));
	CHECK(!has_name("X-OST-NOTE"));
	item_done();
}

static void without_a_zone_it_is_in_utc(void)
{
	appointment("20240715T160000", "20240715T163000", false);
	(void)CALENDAR();
	CHECK(has_line("DTSTART:20240715T160000Z"));
	CHECK(has_line("DTEND:20240715T163000Z"));
	CHECK(strstr(item_now.text.at, "VTIMEZONE") == NULL);
	item_done();
}

/* On 3 November 2024 it is 1:30 twice: of which TZID says it, few agree. */
static void an_hour_shown_twice_is_in_utc(void)
{
	static const struct {
		const char *start, *end; /* UTC */
		const char *want[2];
	} cases[] = {
		{ "20241103T083000",
		  "20241103T090000",
		  { "DTSTART:20241103T083000Z", "DTEND:20241103T090000Z" } },
		{ "20241103T083000",
		  "20241103T093000",
		  { "DTSTART:20241103T083000Z", "DTEND:20241103T093000Z" } },
		{ "20241103T084500",
		  "20241103T091500",
		  { "DTSTART:20241103T084500Z", "DTEND:20241103T091500Z" } },
		{ "20241103T093000",
		  "20241103T100000",
		  { "DTSTART:20241103T093000Z",
		    "DTEND;TZID=America/Los_Angeles:20241103T020000" } },
		{ "20241103T090000",
		  "20241103T093000",
		  { "DTSTART:20241103T090000Z", "DTEND:20241103T093000Z" } },
		{ "20240310T093000",
		  "20240310T100000",
		  { "DTSTART;TZID=America/Los_Angeles:20240310T013000",
		    "DTEND;TZID=America/Los_Angeles:20240310T030000" } },
	};
	char name[32];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		appointment(cases[i].start, cases[i].end, true);
		snprintf(name, sizeof(name), "clocks_change_%zu", i);
		(void)calendar_as(name);
		CHECK(has_line(cases[i].want[0]));
		CHECK(has_line(cases[i].want[1]));
		CHECK(!has_name("X-OST-NOTE"));
	}
	item_done();
}

static void each_end_may_have_a_zone_of_its_own(void)
{
	static const struct rule rules[] = {
		{ 1601, -60, -60, { 10, 0, 5, 3 }, { 3, 0, 5, 2 } },
	};
	struct fake *f =
		appointment("20240715T160000", "20240716T020000", true);
	struct buf b = { 0 };

	put_zone(&b, "W. Europe, Standard: Time", rules, 1);
	set_blob(f, named(SET_APPOINTMENT, LID_ZONE_END), &b);
	(void)CALENDAR();
	CHECK(has_line("DTSTART;TZID=America/Los_Angeles:20240715T090000"));
	CHECK(has_line("DTEND;TZID=W. Europe Standard. Time:20240716T040000"));
	CHECK(has_line("TZID:W. Europe Standard. Time"));
	item_done();
}

static const struct rule us_2006_2007[] = {
	{ 2006, 480, -60, { 10, 0, 5, 2 }, { 4, 0, 1, 2 } },
	{ 2007, 480, -60, { 11, 0, 1, 2 }, { 3, 0, 2, 2 } },
};

/* Two zones of one name, of which the end's has a rule that the other lacks. */
static void in_two_zones(const char *start, const char *end, const char *name)
{
	struct fake *f = appointment(start, end, false);
	struct buf b = { 0 };

	put_zone(&b, name, us_2006_2007 + 1, 1);
	set_blob(f, named(SET_APPOINTMENT, LID_ZONE_START), &b);
	put_zone(&b, name, us_2006_2007, 2);
	set_blob(f, named(SET_APPOINTMENT, LID_ZONE_END), &b);
}

static size_t count_of(const char *what)
{
	size_t count = 0;

	for (const char *at = buf_text(&item_now.text);
	     (at = strstr(at, what)) != NULL; at++)
		count++;
	return count;
}

static void b5_one_name_is_one_zone(void)
{
	in_two_zones("20240715T160000", "20240715T163000",
		     "Pacific Standard Time");
	(void)CALENDAR();
	CHECK(has_line("DTSTART;TZID=America/Los_Angeles:20240715T090000"));
	CHECK(has_line("DTEND;TZID=America/Los_Angeles:20240715T093000"));
	CHECK(has_line("TZID:America/Los_Angeles"));
	CHECK(count_of("BEGIN:VTIMEZONE") == 1);
	/* only what it needs */
	CHECK(has_line("DTSTART:20230312T020000"));
	CHECK(has_line("DTSTART:20231105T020000"));
	CHECK(count_of("BEGIN:STANDARD") == 1);
	CHECK(count_of("BEGIN:DAYLIGHT") == 1);

	/* In March 2006 only the end's rules are what the IANA has. */
	in_two_zones("20060320T160000", "20060320T163000",
		     "Pacific Standard Time");
	(void)calendar_as("b5_2006");
	CHECK(has_line("DTSTART;TZID=America/Los_Angeles:20060320T080000"));
	CHECK(has_line("DTEND;TZID=America/Los_Angeles:20060320T083000"));
	CHECK(count_of("BEGIN:VTIMEZONE") == 1);

	/* A name that nobody else has. */
	in_two_zones("20240715T160000", "20240715T163000", "Contoso Time");
	(void)calendar_as("b5_unknown");
	CHECK(has_line("DTEND;TZID=Contoso Time:20240715T093000"));
	CHECK(count_of("BEGIN:VTIMEZONE") == 1);
	CHECK(strstr(item_now.text.at, "(2)") == NULL);
	item_done();
}

/* Its TZID, when an event of 2024 is in a zone of one rule. */
static bool is_called(const char *name, const struct rule *rule,
		      const char *tzid)
{
	char line[120];
	struct fake *f =
		appointment("20240715T160000", "20240715T163000", false);
	struct buf b = { 0 };

	put_zone(&b, name, rule, 1);
	set_blob(f, named(SET_APPOINTMENT, LID_ZONE_START), &b);
	(void)calendar_as(NULL);
	snprintf(line, sizeof(line), "TZID:%s", tzid);
	return has_line(line);
}

static void b5_a_zone_has_the_iana_name_where_it_is_the_same(void)
{
	static const struct {
		const char *windows, *tzid;
		struct rule rule;
	} cases[] = {
		{ "W. Europe Standard Time",
		  "Europe/Berlin",
		  { 1601, -60, -60, { 10, 0, 5, 3 }, { 3, 0, 5, 2 } } },
		{ "Romance Standard Time",
		  "Europe/Paris",
		  { 1601, -60, -60, { 10, 0, 5, 3 }, { 3, 0, 5, 2 } } },
		{ "GMT Standard Time",
		  "Europe/London",
		  { 1601, 0, -60, { 10, 0, 5, 2 }, { 3, 0, 5, 1 } } },
		{ "Eastern Standard Time",
		  "America/New_York",
		  { 2007, 300, -60, { 11, 0, 1, 2 }, { 3, 0, 2, 2 } } },
		{ "Tokyo Standard Time",
		  "Asia/Tokyo",
		  { 1601, -540, 0, { 0 }, { 0 } } },
		{ "India Standard Time",
		  "Asia/Calcutta",
		  { 1601, -330, 0, { 0 }, { 0 } } },
		{ "AUS Eastern Standard Time",
		  "Australia/Sydney",
		  { 1601, -600, -60, { 4, 0, 1, 3 }, { 10, 0, 1, 2 } } },
		/* Somebody changed what Windows has, or it is an old one. */
		{ "W. Europe Standard Time",
		  "W. Europe Standard Time",
		  { 1601, -60, 0, { 0 }, { 0 } } },
		{ "Russian Standard Time",
		  "Russian Standard Time",
		  { 1601, -240, 0, { 0 }, { 0 } } },
		{ "Tokyo", "Tokyo", { 1601, -540, 0, { 0 }, { 0 } } },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (!is_called(cases[i].windows, &cases[i].rule, cases[i].tzid))
			CHECK_STR(buf_text(&item_now.text), cases[i].tzid);
	CHECK(check_count > 0);
	item_done();
}

static void b5_days_need_no_zone(void)
{
	struct fake *f =
		appointment("20240715T070000", "20240716T070000", true);

	set_bool(f, named(SET_APPOINTMENT, LID_SUBTYPE), true);
	(void)CALENDAR();
	CHECK(has_line("DTSTART;VALUE=DATE:20240715"));
	CHECK(strstr(item_now.text.at, "VTIMEZONE") == NULL);
	item_done();
}

static void a_damaged_zone_is_noted(void)
{
	struct fake *f =
		appointment("20240715T160000", "20240715T163000", false);

	fake_bytes(f, named(SET_APPOINTMENT, LID_ZONE_START), MAPI_BINARY,
		   "\x02\x01\x06", 3);
	(void)CALENDAR();
	CHECK(has_line("DTSTART:20240715T160000Z"));
	CHECK(has_line("X-OST-NOTE:tz-corrupt"));
	item_done();
}

static void whole_days_are_dates_of_the_zone(void)
{
	struct fake *f =
		appointment("20210815T070000", "20210818T070000", true);

	set_bool(f, named(SET_APPOINTMENT, LID_SUBTYPE), true);
	(void)CALENDAR();
	CHECK(has_line("DTSTART;VALUE=DATE:20210815"));
	CHECK(has_line("DTEND;VALUE=DATE:20210818"));
	CHECK(has_line("X-MICROSOFT-CDO-ALLDAYEVENT:TRUE"));
	item_done();
}

static void whole_days_off_midnight_are_the_nearest(void)
{
	static const struct {
		const char *start, *end, *first, *last;
	} cases[] = {
		{ "20210815T050000", "20210816T050000",
		  "DTSTART;VALUE=DATE:20210815", "DTEND;VALUE=DATE:20210816" },
		{ "20210814T220000", "20210815T220000",
		  "DTSTART;VALUE=DATE:20210815", "DTEND;VALUE=DATE:20210816" },
		{ "20210815T110000", "20210815T110000",
		  "DTSTART;VALUE=DATE:20210815", "DTEND;VALUE=DATE:20210816" },
		{ "20210815T120000", "20210814T120000",
		  "DTSTART;VALUE=DATE:20210816", "DTEND;VALUE=DATE:20210817" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake *f =
			appointment(cases[i].start, cases[i].end, false);

		set_bool(f, named(SET_APPOINTMENT, LID_SUBTYPE), true);
		(void)CALENDAR();
		CHECK(has_line(cases[i].first));
		CHECK(has_line(cases[i].last));
	}
	item_done();
}

static void the_length_tells_the_end(void)
{
	struct fake *f = appointment("20240715T160000", NULL, false);

	set_int(f, named(SET_APPOINTMENT, LID_DURATION), 45);
	(void)CALENDAR();
	CHECK(has_line("DTEND:20240715T164500Z"));
	item_done();
}

static void an_end_before_the_start_is_left_out(void)
{
	appointment("20240715T160000", "20240715T150000", false);
	(void)CALENDAR();
	CHECK(!has_name("DTEND"));
	CHECK(has_line("X-OST-NOTE:times"));
	appointment("20240715T160000", "20240715T160000", false);
	(void)CALENDAR();
	CHECK(!has_name("DTEND"));
	CHECK(!has_name("X-OST-NOTE"));
	item_done();
}

static void other_properties_tell_the_start(void)
{
	struct fake *f = appointment(NULL, NULL, false);

	set_time(f, MAPI_START_DATE, "20240715T160000");
	set_time(f, MAPI_END_DATE, "20240715T170000");
	(void)CALENDAR();
	CHECK(has_line("DTSTART:20240715T160000Z"));
	CHECK(has_line("DTEND:20240715T170000Z"));
	item_done();
}

/* A10: no time looks real that is not; when it was made is none of it. */
static void without_a_start_it_is_a_to_do(void)
{
	struct fake *f = appointment(NULL, NULL, true);

	set_int(f, named(SET_COMMON, LID_REMINDER_SET), 1);
	(void)CALENDAR();
	CHECK(has_line("BEGIN:VTODO"));
	CHECK(has_line("SUMMARY:Budget review"));
	CHECK(has_line("X-OST-NOTE:no-date"));
	CHECK(!has_name("DTSTART"));
	CHECK(!has_name("DTEND"));
	CHECK(!has_name("DUE"));
	CHECK(!has_name("TRANSP"));
	CHECK(!has_name("STATUS"));
	CHECK(!has_name("TRIGGER"));
	CHECK(!has_name("TZID"));

	appointment(NULL, "20240715T173000", false);
	(void)CALENDAR();
	CHECK(has_line("DUE:20240715T173000Z"));
	CHECK(has_line("X-OST-NOTE:no-date"));
	CHECK(!has_name("DTSTART"));
	item_done();
}

/* A10: what is sent is a VEVENT, in which a METHOD makes DTSTART optional. */
static void what_is_sent_without_a_start_has_none(void)
{
	struct store_object *o = fake_open(appointment(NULL, NULL, false));
	struct buf out = { 0 };
	struct ost_error err;

	CHECK(ical_make_event(o, "CANCEL", &out, &item_now.notes, &err) ==
	      OST_OK);
	store_drop(o);
	CHECK(strstr(buf_text(&out), "BEGIN:VEVENT\r\n") != NULL);
	CHECK(strstr(buf_text(&out), "DTSTART") == NULL);
	buf_free(&out);
	item_done();
}

static void no_time_is_beyond_it(void)
{
	const struct {
		uint64_t filetime;
		const char *line;
	} cases[] = {
		{ 1, "DTSTART:16010101T000000Z" },
		{ filetime_of("45000901"), "DTSTART:45000901T000000Z" },
		{ UINT64_C(2650467743999999999), "DTSTART:99991231T235959Z" },
		{ UINT64_C(2650467744000000000), "BEGIN:VTODO" },
		{ 0x0CB34557A3DD4000, "BEGIN:VTODO" },
		{ UINT64_MAX, "BEGIN:VTODO" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake *f = appointment(NULL, NULL, false);

		fake_number(f, named(SET_APPOINTMENT, LID_START_WHOLE),
			    MAPI_TIME, cases[i].filetime);
		(void)calendar_as(NULL);
		CHECK(has_line(cases[i].line));
	}
	item_done();
}

static void an_old_zone_goes_by_its_description(void)
{
	struct fake *f = appointment("20240715T160000", NULL, false);
	struct buf b = zone_struct(-60, -60);

	set_blob(f, named(SET_APPOINTMENT, LID_ZONE_STRUCT), &b);
	fake_text(f, named(SET_APPOINTMENT, LID_ZONE_DESCRIPTION),
		  "(UTC+01:00) Berlin, \"Rome\"; a\\b");
	(void)CALENDAR();
	CHECK(has_line("TZID:(UTC+01.00) Berlin Rome ab"));
	CHECK(has_line("DTSTART;TZID=(UTC+01.00) Berlin Rome ab"
		       ":20240715T180000"));
	CHECK(has_line("X-MICROSOFT-TZTEXT:(UTC+01:00) Berlin\\, \"Rome\""
		       "\\; a\\\\b"));
	item_done();
}

static void a_zone_of_no_name_at_all_goes_by_its_offset(void)
{
	struct fake *f = appointment("20240115T160000", NULL, false);
	struct buf b = zone_struct(210, -60);

	set_blob(f, named(SET_APPOINTMENT, LID_ZONE_STRUCT), &b);
	(void)CALENDAR();
	CHECK(has_line("DTSTART;TZID=UTC-0330:20240115T123000"));
	item_done();
}

static void utc_is_utc(void)
{
	static const struct rule rules[] = { { 1601, 0, 0, { 0 }, { 0 } } };
	struct fake *f = appointment("20240115T160000", NULL, false);
	struct buf b = { 0 };

	put_zone(&b, "UTC", rules, 1);
	set_blob(f, named(SET_APPOINTMENT, LID_ZONE_START), &b);
	(void)CALENDAR();
	CHECK(has_line("DTSTART:20240115T160000Z"));
	CHECK(strstr(item_now.text.at, "VTIMEZONE") == NULL);
	item_done();
}

/*
 * All of it
 */

static void other_items_are_no_calendar(void)
{
	static const char *const classes[] = { "IPM.Note", "IPM.Appointments",
					       "IPM.Contact", "IPM", "" };

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		struct store_object *o = fake_open(item_new(classes[i]));
		struct notes notes = { 0 };
		struct buf out = { 0 };
		struct ost_error err = { "" };

		CHECK(ical_write(o, ICAL_INSIDE_MAX, &out, &notes, &err) ==
		      OST_NOT_FOUND);
		CHECK_STR(err.text, "no calendar item");
		CHECK(out.len == 0);
		CHECK(!ical_is(chars_of(classes[i])));
		store_drop(o);
	}
	CHECK(ical_is(chars_of("ipm.appointment.Custom")));
	item_done();
}

static void where_it_is_made_does_not_matter(void)
{
	struct buf first = { 0 };

	setenv("TZ", "Asia/Tokyo", 1);
	appointment("20240715T160000", "20240715T163000", true);
	buf_str(&first, CALENDAR());
	setenv("TZ", "America/New_York", 1);
	CHECK_STR(CALENDAR(), buf_text(&first));
	unsetenv("TZ");
	buf_free(&first);
	item_done();
}

static void an_empty_item_is_a_calendar_still(void)
{
	struct fake *f = item_new("IPM.Appointment");

	fake_remove(f, MAPI_SUBJECT);
	fake_remove(f, MAPI_SEARCH_KEY);
	(void)CALENDAR();
	CHECK(has_line("BEGIN:VTODO"));
	CHECK(has_line("DTSTAMP:19700101T000000Z"));
	item_done();
}

/*
 * Days
 */

static void days_are_those_of_the_calendar(void)
{
	static const struct {
		const char *text;
		int64_t days;
		int weekday;
	} cases[] = {
		{ "19700101", 0, 4 },	    { "19691231", -1, 3 },
		{ "20000229", 11016, 2 },   { "16010101", -134774, 1 },
		{ "45000831", 924306, 2 },  { "99991231", 2932896, 5 },
		{ "00010101", -719162, 1 },
	};
	char text[CLOCK_DATE_SIZE];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const int64_t wall = cases[i].days * CLOCK_DAY;

		CHECK(wall_of(cases[i].text) == wall);
		clock_date(wall + CLOCK_DAY - 1, text);
		CHECK_STR(text, cases[i].text);
		CHECK(clock_weekday(wall) == cases[i].weekday);
	}
	CHECK(clock_month_days(1900, 2) == 28);
	CHECK(clock_month_days(2000, 2) == 29);
	CHECK(clock_month_days(2023, 12) == 31);
	CHECK(clock_nearest_midnight(CLOCK_DAY / 2 - 1) == 0);
	CHECK(clock_nearest_midnight(CLOCK_DAY / 2) == CLOCK_DAY);
	CHECK(clock_midnight(-1) == -CLOCK_DAY);
}

static void every_day_has_a_date_of_its_own(void)
{
	const int64_t last = clock_day(9999, 12, 31);
	int year = 1, month = 1, day = 0;

	for (int64_t t = clock_day(1, 1, 1); t <= last; t += CLOCK_DAY) {
		const struct clock_time c = clock_of(t);

		day++;
		if (day > clock_month_days(year, month)) {
			day = 1;
			month++;
		}
		if (month > 12) {
			month = 1;
			year++;
		}
		CHECK(c.year == year && c.month == month && c.day == day);
	}
}

static void what_is_beyond_all_years_is_their_end(void)
{
	char text[CLOCK_TEXT_SIZE];

	clock_text(INT64_MAX / 4, text);
	CHECK_STR(text, "99991231T235959");
	clock_text(INT64_MIN / 4, text);
	CHECK_STR(text, "00010101T000000");
}

/*
 * The items of real stores
 */

/* What real stores hold of whole days and series is exactly so. */
static void check_item(struct store_object *o)
{
	struct notes notes = { 0 };
	struct ost_error err;
	struct ical w = { .item = o, .notes = &notes, .err = &err };
	struct ical_zones zones = { 0 };
	struct recurrence r = { 0 };
	struct buf blob = { 0 };
	int64_t start;

	CHECK(ical_zones_read(&zones, &w, false) == OST_OK);
	if (ical_number(&w, ical_id(&w, SET_APPOINTMENT, LID_SUBTYPE), 0) &&
	    ical_time(&w, ical_id(&w, SET_APPOINTMENT, LID_START_WHOLE),
		      &start))
		CHECK(!zones.known ||
		      zone_wall(zones.start, start) % CLOCK_DAY == 0);
	CHECK(ical_bytes(&w, ical_id(&w, SET_APPOINTMENT, LID_RECUR), &blob) ==
	      OST_OK);
	if (blob.len > 0) {
		CHECK(recurrence_decode(&r, buf_span(&blob), &err) == OST_OK);
		CHECK(r.left == 0 && !r.damaged);
	}
	CHECK(notes.set == 0);
	recurrence_free(&r);
	buf_free(&blob);
	ical_zones_free(&zones);
}

static void write_item(struct store *s, uint32_t nid, const char *name,
		       size_t *count)
{
	struct store_object *o = NULL;
	struct buf class = { 0 };
	struct ost_error err;

	CHECK(store_get(s, (struct store_id){ nid, 0 }, &o, &err) == OST_OK);
	if (o != NULL && value_class(o, &class, &err) == OST_OK &&
	    ical_is(buf_span(&class))) {
		struct buf text = { 0 };
		struct notes notes = { 0 };
		char file[300];

		CHECK(ical_write(o, ICAL_INSIDE_MAX, &text, &notes, &err) ==
		      OST_OK);
		snprintf(file, sizeof(file), "%s-%x", name, o->id.nid);
		leave(file, &text);
		unfold(&text);
		check_item(o);
		buf_free(&text);
		++*count;
	}
	buf_free(&class);
	store_drop(o);
}

static int write_store(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct store *s = NULL;
	struct store_object *top = NULL, *o = NULL;
	struct ost_error err = { "" };
	size_t count = 0;

	if (store_open(&s, path, &store_native, NULL, &err) != OST_OK ||
	    store_get(s, (struct store_id){ MAPI_NID_STORE, 0 }, &top, &err) !=
		    OST_OK) {
		fprintf(stderr, "%s: %s\n", path, err.text);
		store_close(s);
		return 1;
	}
	for (size_t nid = 0;
	     store_child(top, STORE_NODES, nid, &o, &err) == OST_OK;) {
		nid = (size_t)o->id.nid + 1;
		if ((o->id.nid & MAPI_NID_TYPE) == MAPI_NID_MESSAGE)
			write_item(s, o->id.nid,
				   slash != NULL ? slash + 1 : path, &count);
		store_drop(o);
	}
	store_drop(top);
	store_close(s);
	printf("%s: %zu items\n", path, count);
	return 0;
}

int main(int argc, char **argv)
{
	int failed = 0;

	if (argc > 1)
		directory = argv[1];
	for (int i = 2; i < argc; i++)
		failed |= write_store(argv[i]);
	if (argc > 2)
		return failed || checked();
	RUN(an_appointment_is_in_its_zone);
	RUN(without_a_zone_it_is_in_utc);
	RUN(an_hour_shown_twice_is_in_utc);
	RUN(each_end_may_have_a_zone_of_its_own);
	RUN(b5_one_name_is_one_zone);
	RUN(b5_a_zone_has_the_iana_name_where_it_is_the_same);
	RUN(b5_days_need_no_zone);
	RUN(a_damaged_zone_is_noted);
	RUN(whole_days_are_dates_of_the_zone);
	RUN(whole_days_off_midnight_are_the_nearest);
	RUN(the_length_tells_the_end);
	RUN(an_end_before_the_start_is_left_out);
	RUN(other_properties_tell_the_start);
	RUN(without_a_start_it_is_a_to_do);
	RUN(what_is_sent_without_a_start_has_none);
	RUN(no_time_is_beyond_it);
	RUN(an_old_zone_goes_by_its_description);
	RUN(a_zone_of_no_name_at_all_goes_by_its_offset);
	RUN(utc_is_utc);
	RUN(other_items_are_no_calendar);
	RUN(where_it_is_made_does_not_matter);
	RUN(an_empty_item_is_a_calendar_still);
	RUN(days_are_those_of_the_calendar);
	RUN(every_day_has_a_date_of_its_own);
	RUN(what_is_beyond_all_years_is_their_end);
	return checked();
}
