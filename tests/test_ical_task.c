/*
 * test_ical_task.c - tasks and journal entries
 *
 * With a directory as its argument, leaves each calendar there for
 * ical_check.py.
 */
#include "recurkit.h"

#include "mail/text/chars.h"

/*
 * Tasks and journal entries
 */

static void set_double(struct fake *f, uint16_t id, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	fake_number(f, id, MAPI_FLOATING64, bits);
}

static struct fake *task(void)
{
	struct fake *f = item_new("IPM.Task");

	set_time(f, named(SET_TASK, LID_TASK_START), "20240701");
	set_time(f, named(SET_TASK, LID_TASK_DUE), "20240705");
	set_time(f, MAPI_LAST_MODIFICATION_TIME, "20240301T102200");
	return f;
}

static void a_task_is_done_by_then(void)
{
	static const char *const companies[] = { "A, B & Co", "C" };
	struct fake *f = task();

	set_int(f, named(SET_TASK, LID_TASK_STATUS), 1);
	set_double(f, named(SET_TASK, LID_TASK_PERCENT), 0.29);
	set_int(f, named(SET_TASK, LID_TASK_ACTUAL), 90);
	set_int(f, named(SET_TASK, LID_TASK_ESTIMATED), 480);
	fake_text(f, named(SET_TASK, LID_TASK_OWNER), "Jane");
	fake_text(f, named(SET_COMMON, LID_MILEAGE), "12 km");
	fake_multi(f, named(SET_COMMON, LID_COMPANIES), companies, 2);
	set_bool(f, named(SET_COMMON, LID_REMINDER_SET), true);
	set_time(f, named(SET_COMMON, LID_REMINDER_SIGNAL_TIME),
		 "20240704T080000");
	fake_text(f, MAPI_BODY, "how");
	(void)CALENDAR();
	CHECK(has_line("BEGIN:VTODO"));
	CHECK(has_line("DTSTART;VALUE=DATE:20240701"));
	CHECK(has_line("DUE;VALUE=DATE:20240705"));
	CHECK(has_line("STATUS:IN-PROCESS"));
	CHECK(has_line("PERCENT-COMPLETE:29"));
	CHECK(has_line("X-MS-OLK-ACTUALWORK:90"));
	CHECK(has_line("X-MS-OLK-TOTALWORK:480"));
	CHECK(has_line("X-MS-OLK-OWNER:Jane"));
	CHECK(has_line("X-MS-OLK-MILEAGE:12 km"));
	CHECK(has_line("X-MS-OLK-COMPANIES:A\\, B & Co"));
	CHECK(has_line("TRIGGER;VALUE=DATE-TIME:20240704T080000Z"));
	CHECK(has_line("DESCRIPTION:how"));
	item_done();
}

/* B16: whom it was assigned to, by a row or by a name alone. */
static void a_task_has_its_assignee(void)
{
	static const struct {
		const char *owner;
		int ownership; /* < 0: not there */
		const char *row, *line;
	} cases[] = {
		{ "jane@x.org", 1, NULL, "mailto:jane@x.org" },
		{ "jane@x.org", 2, NULL, "mailto:jane@x.org" },
		{ "jane@x.org", -1, NULL, "mailto:jane@x.org" },
		{ "jane@x.org", 0, NULL, NULL }, /* not assigned */
		{ "", 1, NULL, NULL },
		{ "Jane", -1, NULL, NULL }, /* its own user, then */
		{ "Jane", 1, "jane@x.org", "mailto:jane@x.org" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake *f = task(), *row;
		struct buf want = { 0 };

		fake_text(f, named(SET_TASK, LID_TASK_OWNER), cases[i].owner);
		fake_text(f, named(SET_TASK, LID_TASK_ASSIGNER), "boss@x.org");
		if (cases[i].ownership >= 0)
			set_int(f, named(SET_TASK, LID_TASK_OWNERSHIP),
				(uint32_t)cases[i].ownership);
		if (cases[i].row != NULL) {
			row = fake_recipient(f);
			fake_number(row, MAPI_RECIPIENT_TYPE, MAPI_INTEGER32,
				    1);
			fake_text(row, MAPI_EMAIL_ADDRESS, cases[i].row);
		}
		(void)CALENDAR();
		buf_printf(&want,
			   "ATTENDEE;ROLE=REQ-PARTICIPANT;"
			   "PARTSTAT=NEEDS-ACTION:%s",
			   cases[i].line == NULL ? "" : cases[i].line);
		CHECK(has_name("ATTENDEE") == (cases[i].line != NULL));
		CHECK(has_line("ORGANIZER:mailto:boss@x.org") ==
		      (cases[i].line != NULL));
		CHECK(cases[i].line == NULL || has_line(buf_text(&want)));
		buf_free(&want);
	}
	item_done();
}

static void a_task_has_its_status(void)
{
	static const struct {
		uint32_t status;
		const char *line, *more;
	} cases[] = {
		{ 0, "STATUS:NEEDS-ACTION", NULL },
		{ 1, "STATUS:IN-PROCESS", NULL },
		{ 2, "STATUS:COMPLETED", NULL },
		{ 3, "STATUS:IN-PROCESS", "X-MICROSOFT-STATUS:WAITING" },
		{ 4, "STATUS:NEEDS-ACTION", "X-MICROSOFT-STATUS:DEFERRED" },
	};
	struct fake *f;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		f = task();
		set_int(f, named(SET_TASK, LID_TASK_STATUS), cases[i].status);
		(void)CALENDAR();
		CHECK(has_line(cases[i].line));
		CHECK(has_name("X-MICROSOFT-STATUS") ==
		      (cases[i].more != NULL));
		CHECK(cases[i].more == NULL || has_line(cases[i].more));
	}
	item_done();
}

static void a_completed_task_says_when(void)
{
	struct fake *f = task();

	set_bool(f, named(SET_TASK, LID_TASK_COMPLETE), true);
	set_double(f, named(SET_TASK, LID_TASK_PERCENT), 1);
	set_time(f, named(SET_TASK, LID_TASK_COMPLETED), "20240703");
	(void)CALENDAR();
	CHECK(has_line("STATUS:COMPLETED"));
	CHECK(has_line("COMPLETED:20240703T000000Z"));
	CHECK(has_line("PERCENT-COMPLETE:100"));
	item_done();
}

static void percents_that_are_none_are_left_out(void)
{
	static const double bad[] = { -0.01, 1.01, 1e300 };
	uint64_t nan = UINT64_C(0x7FF8000000000000);
	struct fake *f;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		f = task();
		set_double(f, named(SET_TASK, LID_TASK_PERCENT), bad[i]);
		(void)CALENDAR();
		CHECK(!has_name("PERCENT-COMPLETE"));
	}
	f = task();
	fake_number(f, named(SET_TASK, LID_TASK_PERCENT), MAPI_FLOATING64, nan);
	(void)CALENDAR();
	CHECK(!has_name("PERCENT-COMPLETE"));
	item_done();
}

static void a_task_may_come_again(void)
{
	const struct pattern p = { .frequency = 0x200B,
				   .type = 1,
				   .period = 2,
				   .weekdays = 0x02,
				   .end = 0x2021,
				   .start = "20240701",
				   .last = "20240930" };
	struct fake *f = item_new("IPM.Task");
	struct buf b = { 0 };

	put_pattern(&b, &p);
	set_blob(f, named(SET_TASK, LID_TASK_RECUR), &b);
	(void)CALENDAR();
	CHECK(has_line("DTSTART;VALUE=DATE:20240701"));
	CHECK(has_line("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;"
		       "UNTIL=20240930;WKST=SU"));
	CHECK(has_line("DTSTAMP:19700101T000000Z"));
	CHECK(has_line("X-OST-NOTE:no-date"));
	item_done();
}

/* A task with a rule for every third day. */
static struct fake *third_day(uint32_t sliding)
{
	const struct pattern p = { .frequency = 0x200A,
				   .type = 0,
				   .period = 3 * 1440,
				   .end = 0x2023,
				   .start = "20240701",
				   .sliding = sliding };
	struct fake *f = task();
	struct buf b = { 0 };

	put_pattern(&b, &p);
	set_blob(f, named(SET_TASK, LID_TASK_RECUR), &b);
	return f;
}

static void b11_a_task_that_regenerates_has_no_endless_rule(void)
{
	struct fake *f = third_day(1);

	(void)CALENDAR();
	CHECK(!has_name("RRULE"));
	CHECK(has_line("X-OST-RRULE-WHEN-DONE:FREQ=DAILY;INTERVAL=3"));
	CHECK(has_line("X-OST-NOTE:task-rule"));

	/* One whose series is over: it does not come again either. */
	f = third_day(0);
	set_bool(f, named(SET_TASK, LID_TASK_DEAD_OCCURRENCE), true);
	(void)calendar_as("b11_dead");
	CHECK(!has_name("RRULE"));
	CHECK(has_line("X-OST-RRULE-ENDED:FREQ=DAILY;INTERVAL=3"));
	CHECK(note_has(&item_now.notes, NOTE_TASK_RULE));
	f = third_day(0);
	set_bool(f, named(SET_TASK, LID_TASK_RECURRING), false);
	(void)calendar_as("b11_no_more");
	CHECK(!has_name("RRULE"));

	f = third_day(0);
	set_bool(f, named(SET_TASK, LID_TASK_RECURRING), true);
	set_bool(f, named(SET_TASK, LID_TASK_DEAD_OCCURRENCE), false);
	(void)calendar_as("b11_series");
	CHECK(has_line("RRULE:FREQ=DAILY;INTERVAL=3"));
	CHECK(!has_name("X-OST-NOTE"));
	item_done();
}

/* B11: what cannot be said is not left out either. */
static void b11_a_task_that_is_due_before_it_starts_keeps_both(void)
{
	struct fake *f = item_new("IPM.Task");

	set_time(f, named(SET_TASK, LID_TASK_START), "20240705T000000");
	set_time(f, named(SET_TASK, LID_TASK_DUE), "20240701T000000");
	(void)CALENDAR();
	CHECK(has_line("DTSTART;VALUE=DATE:20240705"));
	CHECK(!has_name("DUE"));
	CHECK(has_line("X-OST-DUE;VALUE=DATE:20240701"));
	CHECK(note_has(&item_now.notes, NOTE_TIMES));
	item_done();
}

static void a_journal_entry_has_its_minutes(void)
{
	static const char *const contacts[] = { "Ann", "Bob; B" };
	struct fake *f = item_new("IPM.Activity");

	set_time(f, named(SET_LOG, LID_LOG_START), "20240715T160000");
	set_time(f, named(SET_LOG, LID_LOG_END), "20240715T163000");
	set_int(f, named(SET_LOG, LID_LOG_DURATION), 30);
	fake_text(f, named(SET_LOG, LID_LOG_TYPE), "Phone call");
	fake_text(f, named(SET_LOG, LID_LOG_DESCRIPTION), "Phone call");
	fake_multi(f, named(SET_COMMON, LID_CONTACTS), contacts, 2);
	fake_text(f, MAPI_BODY, "said");
	(void)CALENDAR();
	CHECK(has_line("BEGIN:VJOURNAL"));
	CHECK(has_line("DTSTART:20240715T160000Z"));
	CHECK(has_line("X-DTEND:20240715T163000Z"));
	CHECK(has_line("X-DURATION:PT30M"));
	CHECK(has_line("X-TYPE:Phone call"));
	CHECK(has_line("CATEGORIES:Phone call"));
	CHECK(has_line("CONTACT:Bob\\; B"));
	CHECK(has_line("DESCRIPTION:said"));
	item_done();
}

int main(int argc, char **argv)
{
	if (argc > 1)
		directory = argv[1];
	RUN(a_task_is_done_by_then);
	RUN(a_task_has_its_assignee);
	RUN(a_task_has_its_status);
	RUN(a_completed_task_says_when);
	RUN(percents_that_are_none_are_left_out);
	RUN(a_task_may_come_again);
	RUN(b11_a_task_that_regenerates_has_no_endless_rule);
	RUN(b11_a_task_that_is_due_before_it_starts_keeps_both);
	RUN(a_journal_entry_has_its_minutes);
	return checked();
}
