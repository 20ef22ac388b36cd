/*
 * test_meeting.c - meeting mail: the calendar is one more form of its text
 *
 * With a directory as its argument, leaves each mail there for check_eml.py.
 */
#include "mail/text/value.h"
#include "mailkit.h"

enum { LID_COUNTER = 0x8257 };

/* The times of the meeting; those proposed for it are the same. */
enum { LID_START = 0x820D, LID_END = 0x820E, LID_PROPOSED_START = 0x8250 };

static struct made meeting(const char *class)
{
	struct made t = make();
	uint16_t id;

	fake_text(t.message, MAPI_MESSAGE_CLASS, class);
	fake_text(t.message, MAPI_BODY, "Shall we meet?");
	id = fake_name(t.store, value_guid(SET_APPOINTMENT), LID_START, NULL);
	fake_number(t.message, id, MAPI_TIME, 133536673200000000);
	id = fake_name(t.store, value_guid(SET_APPOINTMENT), LID_END, NULL);
	fake_number(t.message, id, MAPI_TIME, 133536709200000000);
	id = fake_name(t.store, value_guid(SET_APPOINTMENT), LID_PROPOSED_START,
		       NULL);
	fake_number(t.message, id, MAPI_TIME, 133536673200000000);
	return t;
}

static void a_meeting_is_text_and_a_calendar(void)
{
	static const struct {
		const char *class, *method;
		bool counter;
	} cases[] = {
		{ "IPM.Schedule.Meeting.Request", "REQUEST", false },
		{ "IPM.Schedule.Meeting.Canceled", "CANCEL", false },
		{ "IPM.Schedule.Meeting.Resp.Pos", "REPLY", false },
		{ "IPM.Schedule.Meeting.Resp.Neg", "REPLY", false },
		{ "IPM.Schedule.Meeting.Resp.Tent", "REPLY", false },
		{ "IPM.Schedule.Meeting.Resp.Tent", "COUNTER", true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = meeting(cases[i].class);
		char type[64], method[64], name[64];
		uint16_t id;

		id = fake_name(t.store, value_guid(SET_APPOINTMENT),
			       LID_COUNTER, NULL);
		fake_number(t.message, id, MAPI_BOOLEAN, cases[i].counter);
		snprintf(name, sizeof(name), "%s-%zu", __func__, i);
		snprintf(type, sizeof(type), "text/calendar; method=%s; ",
			 cases[i].method);
		snprintf(method, sizeof(method), "\r\nMETHOD:%s\r\n",
			 cases[i].method);
		CHECK(in_order(render_as(&t, MAIL_ALL_INSIDE, name),
			       "Content-Type: multipart/alternative;",
			       "Content-Type: text/plain;", "Shall we meet?",
			       type, "BEGIN:VCALENDAR\r\n", method,
			       "DTSTART:20240229T080200Z\r\n",
			       "END:VCALENDAR\r\n", NULL));
		CHECK(count(buf_text(&t.bytes), "properties.txt") == 0);
		done(&t);
	}
}

static void html_and_attachments_are_there_too(void)
{
	struct made t = meeting("IPM.Schedule.Meeting.Request");
	struct made h = meeting("IPM.Schedule.Meeting.Request");

	add_html(&t, "<p>Shall we meet?<img src=cid:i@x></p>");
	attach(t.message, "i.png", "image/png", "i@x", "an image");
	attach(t.message, "agenda.txt", NULL, NULL, "1. lunch");
	CHECK(in_order(RENDER(&t), "multipart/mixed", "multipart/alternative",
		       "text/plain", "multipart/related", "text/html",
		       "image/png", "text/calendar", "agenda.txt", NULL));
	done(&t);

	fake_remove(h.message, MAPI_BODY);
	add_html(&h, "<p>Shall we meet?</p>");
	CHECK(in_order(render_as(&h, MAIL_ALL_INSIDE, "meeting-html"),
		       "multipart/alternative", "text/html", "text/calendar",
		       NULL));
	CHECK(count(buf_text(&h.bytes), "text/plain") == 0);
	done(&h);
}

static void a_meeting_without_a_text_has_a_calendar(void)
{
	struct made t = meeting("IPM.Schedule.Meeting.Request");

	fake_remove(t.message, MAPI_BODY);
	CHECK(in_order(RENDER(&t), "multipart/alternative",
		       "BEGIN:VCALENDAR\r\n", NULL));
	done(&t);
}

static void news_of_a_meeting_has_a_calendar_that_asks_nothing(void)
{
	struct made t = meeting("IPM.Schedule.Meeting.Notification.Forward");

	CHECK(in_order(RENDER(&t), "multipart/mixed", "Shall we meet?",
		       "Content-Type: text/calendar; charset=us-ascii",
		       "filename=\"item.ics\"", "DTSTART:20240229T080200Z\r\n",
		       NULL));
	CHECK(count(buf_text(&t.bytes), "METHOD") == 0);
	done(&t);
}

static void other_schedule_mail_is_mail(void)
{
	struct made t = meeting("IPM.Schedule.Inquiry");

	CHECK(in_order(RENDER(&t), "Shall we meet?", NULL));
	CHECK(count(buf_text(&t.bytes), "text/calendar") == 0);
	done(&t);
}

int main(int argc, char **argv)
{
	directory = argc > 1 ? argv[1] : NULL;
	RUN(a_meeting_is_text_and_a_calendar);
	RUN(html_and_attachments_are_there_too);
	RUN(a_meeting_without_a_text_has_a_calendar);
	RUN(news_of_a_meeting_has_a_calendar_that_asks_nothing);
	RUN(other_schedule_mail_is_mail);
	return checked();
}
