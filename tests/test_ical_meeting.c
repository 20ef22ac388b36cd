/*
 * test_ical_meeting.c - the calendar part of meeting mail
 *
 * With a directory as its argument, leaves each calendar there for
 * ical_check.py.
 */
#include "icalkit.h"

#include "mail/text/chars.h"

/*
 * Meetings
 */

/* The calendar of meeting mail; "" when it is none. */
static const char *meeting_as(const char *test, const char **method)
{
	struct store_object *o = fake_open(item_now.fake);
	struct ost_error err = { "" };

	buf_cut(&item_now.text, 0);
	item_now.notes = (struct notes){ 0 };
	const enum ost_status st =
		ical_meeting(o, &item_now.text, method, &item_now.notes, &err);
	CHECK(st == (*method != NULL ? OST_OK : OST_NOT_FOUND));
	store_drop(o);
	if (st == OST_OK)
		leave(test, &item_now.text);
	unfold(&item_now.text);
	return buf_text(&item_now.text);
}

#define MEETING(method) meeting_as(__func__, method)

static struct fake *meeting(const char *class)
{
	struct fake *f =
		appointment("20240715T160000", "20240715T170000", true);
	struct buf id = object_id("\xDE\xAD\xBE\xEF", 4);

	fake_remove(f, MAPI_MESSAGE_CLASS);
	fake_text(f, MAPI_MESSAGE_CLASS, class);
	memset(id.at + 16, 0, 4);
	set_blob(f, named(SET_MEETING, LID_GLOBAL_OBJECT_ID), &id);
	from_jane(f);
	person(f, "Ann", "ann@example.org", 1, 1, 0);
	return f;
}

static void a_request_asks(void)
{
	struct fake *f = meeting("IPM.Schedule.Meeting.Request");
	const char *method;

	set_int(f, named(SET_APPOINTMENT, LID_BUSY_STATUS), 1);
	set_int(f, named(SET_APPOINTMENT, LID_INTENDED_BUSY_STATUS), 2);
	set_bool(f, MAPI_RESPONSE_REQUESTED, true);
	fake_bytes(attach_file(f, "a.bin"), MAPI_ATTACH_DATA, MAPI_BINARY, "a",
		   1);
	(void)MEETING(&method);
	CHECK_STR(method, "REQUEST");
	CHECK(has_line("METHOD:REQUEST"));
	CHECK(has_line("STATUS:CONFIRMED"));
	CHECK(has_line("X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"));
	CHECK(has_line("X-MICROSOFT-CDO-INTENDEDSTATUS:BUSY"));
	CHECK(has_line("TZID:America/Los_Angeles"));
	CHECK(has_line(
		"ORGANIZER;CN=\"Doe, ^'Jane^'\":mailto:jane@example.org"));
	CHECK(has_line(
		"ATTENDEE;CN=Ann;ROLE=REQ-PARTICIPANT;"
		"PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ann@example.org"));
	CHECK(!has_name("RECURRENCE-ID"));
	CHECK(!has_name("ATTACH")); /* it is a part of the mail */
	item_done();
}

static void a_cancellation_cancels(void)
{
	const char *method;

	meeting("IPM.Schedule.Meeting.Canceled");
	(void)MEETING(&method);
	CHECK_STR(method, "CANCEL");
	CHECK(has_line("METHOD:CANCEL"));
	CHECK(has_line("STATUS:CANCELLED"));
	item_done();
}

static void a_reply_is_of_one_attendee(void)
{
	static const struct {
		const char *class, *part;
	} cases[] = {
		{ "IPM.Schedule.Meeting.Resp.Pos", "ACCEPTED" },
		{ "IPM.Schedule.Meeting.Resp.Tent", "TENTATIVE" },
		{ "IPM.Schedule.Meeting.Resp.Neg", "DECLINED" },
	};
	const char *method;
	char line[200];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake *f = meeting(cases[i].class);

		person(f, "Copy", "copy@example.org", 2, 1, 0);
		set_time(f, named(SET_MEETING, LID_ATTENDEE_CRITICAL_CHANGE),
			 "20240301T010203");
		(void)MEETING(&method);
		CHECK_STR(method, "REPLY");
		snprintf(line, sizeof(line),
			 "ATTENDEE;CN=\"Doe, ^'Jane^'\";ROLE=REQ-PARTICIPANT;"
			 "PARTSTAT=%s:mailto:jane@example.org",
			 cases[i].part);
		CHECK(has_line(line));
		CHECK(has_line("ORGANIZER;CN=Ann:mailto:ann@example.org"));
		CHECK(has_line("DTSTAMP:20240301T010203Z"));
		CHECK(strstr(item_now.text.at, "copy@") == NULL);
	}
	item_done();
}

static void a_reply_may_propose_another_time(void)
{
	struct fake *f = meeting("IPM.Schedule.Meeting.Resp.Tent");
	const char *method;

	set_bool(f, named(SET_APPOINTMENT, LID_COUNTER_PROPOSAL), true);
	set_time(f, named(SET_APPOINTMENT, LID_PROPOSED_START),
		 "20240715T180000");
	set_time(f, named(SET_APPOINTMENT, LID_PROPOSED_END),
		 "20240715T190000");
	(void)MEETING(&method);
	CHECK_STR(method, "COUNTER");
	CHECK(has_line("METHOD:COUNTER"));
	CHECK(has_line("DTSTART;TZID=America/Los_Angeles:20240715T110000"));
	CHECK(has_line("DTEND;TZID=America/Los_Angeles:20240715T120000"));
	item_done();
}

static void a_proposal_without_times_has_those_of_the_meeting(void)
{
	struct fake *f = meeting("IPM.Schedule.Meeting.Resp.Tent");
	const char *method;

	set_bool(f, named(SET_APPOINTMENT, LID_COUNTER_PROPOSAL), true);
	set_time(f, named(SET_APPOINTMENT, LID_PROPOSED_END),
		 "20240715T190000");
	(void)MEETING(&method);
	CHECK_STR(method, "COUNTER");
	CHECK(has_line("DTSTART;TZID=America/Los_Angeles:20240715T090000"));
	CHECK(has_line("DTEND;TZID=America/Los_Angeles:20240715T120000"));
	item_done();
}

static void other_mail_is_no_meeting(void)
{
	static const char *const classes[] = {
		"IPM.Note",
		"IPM.Schedule.Meeting",
		"IPM.Appointment",
		"IPM.Schedule.Meeting.Notification.Forward",
	};
	const char *method;

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		meeting(classes[i]);
		CHECK_STR(MEETING(&method), "");
		CHECK(method == NULL);
	}
	item_done();
}

static void one_instance_of_a_series_says_which(void)
{
	struct fake *f = meeting("IPM.Schedule.Meeting.Request");
	struct buf id = object_id("\xDE\xAD\xBE\xEF", 4);
	const char *method;

	set_blob(f, named(SET_MEETING, LID_CLEAN_GLOBAL_OBJECT_ID), &id);
	set_time(f, named(SET_APPOINTMENT, LID_EXCEPTION_REPLACE_TIME),
		 "20240714T160000");
	(void)MEETING(&method);
	CHECK(has_line("RECURRENCE-ID;TZID=America/Los_Angeles"
		       ":20240714T090000"));
	item_done();
}

static const char came[] = "\xEF\xBB\xBF"
			   "BEGIN:VCALENDAR\nMETHOD:REQUEST\n"
			   "VERSION:2.0\nPRODID:another\n"
			   "BEGIN:VEVENT\nUID:0400000082\r\n "
			   "00E00074C5B7101A82E008\n\t00000000"
			   "0102030405060708000000000000000004000000"
			   "DEADBEEF\nDTSTART:20240715T160000Z\n"
			   "DTSTAMP:20240715T160000Z\n"
			   "X-KEPT:as it came\nSUMMARY:s\nSEQUENCE:0\n"
			   "ORGANIZER:mailto:jane@example.org\n"
			   "ATTENDEE:mailto:ann@example.org\n"
			   "END:VEVENT\nEND:VCALENDAR";

static void the_calendar_it_came_with_is_used(void)
{
	struct fake *f = meeting("IPM.Schedule.Meeting.Request");
	const char *method;

	fake_bytes(f, named(SET_APPOINTMENT, LID_INBOUND_STREAM), MAPI_BINARY,
		   came, sizeof(came) - 1);
	CHECK(strncmp(MEETING(&method), "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n",
		      33) == 0);
	CHECK(has_line("X-KEPT:as it came"));
	CHECK_STR(method, "REQUEST");
	item_done();
}

static void an_attached_calendar_of_the_meeting_is_used(void)
{
	struct fake *f = meeting("IPM.Schedule.Meeting.Request"), *a;
	const char *method;

	a = attach_file(f, "invite.ics");
	fake_remove(a, MAPI_ATTACH_MIME_TAG);
	fake_text(a, MAPI_ATTACH_MIME_TAG, "application/ics");
	fake_bytes(a, MAPI_ATTACH_DATA, MAPI_BINARY, came, sizeof(came) - 1);
	(void)MEETING(&method);
	CHECK(has_line("X-KEPT:as it came"));
	item_done();
}

static void a_calendar_that_does_not_fit_is_not_used(void)
{
	static const char *const others[] = {
		"",
		"BEGIN:VCALENDAR",
		"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n",
		"BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n",
		"METHOD:REQUEST\r\nEND:VCALENDAR\r\nBEGIN:VCALENDAR\r\n",
		"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n\xFF\r\nEND:VCALENDAR",
		" \r\n \r\n\t",
	};
	const char *method;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct fake *f = meeting("IPM.Schedule.Meeting.Request");

		fake_bytes(f, named(SET_APPOINTMENT, LID_INBOUND_STREAM),
			   MAPI_BINARY, others[i], strlen(others[i]));
		(void)MEETING(&method);
		CHECK(has_line("PRODID:-//ostfs//ostfs//EN"));
	}
	item_done();
}

int main(int argc, char **argv)
{
	if (argc > 1)
		directory = argv[1];
	RUN(a_request_asks);
	RUN(a_cancellation_cancels);
	RUN(a_reply_is_of_one_attendee);
	RUN(a_reply_may_propose_another_time);
	RUN(a_proposal_without_times_has_those_of_the_meeting);
	RUN(other_mail_is_no_meeting);
	RUN(one_instance_of_a_series_says_which);
	RUN(the_calendar_it_came_with_is_used);
	RUN(an_attached_calendar_of_the_meeting_is_used);
	RUN(a_calendar_that_does_not_fit_is_not_used);
	return checked();
}
