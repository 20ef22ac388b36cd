/*
 * test_textform.c - items as text for people and grep (C6)
 */
#include "bytes/text.h"
#include "cardkit.h"

static const struct mail_options as_text = { .items = MAIL_ITEMS_TEXT };

/* The item as text, read in reads of two sizes. */
static const char *text(struct made *t)
{
	struct buf again = { 0 };

	mail_free(t->mail);
	CHECK(mail_plan(&t->mail, fake_open(t->message), &as_text, &t->err) ==
	      OST_OK);
	buf_cut(&t->bytes, 0);
	if (t->mail == NULL)
		return "";
	read_all(t->mail, 4096, &t->bytes);
	read_all(t->mail, 7, &again);
	CHECK(t->bytes.len == mail_size(t->mail));
	CHECK(span_equal(buf_span(&t->bytes), buf_span(&again)));
	buf_free(&again);
	return buf_text(&t->bytes);
}

static void a_mail_is_its_header_decoded_and_its_body(void)
{
	struct made t = make();

	fake_text(t.message, MAPI_TRANSPORT_MESSAGE_HEADERS,
		  "From: =?utf-8?Q?J=C3=BCrgen?= =?utf-8?Q?_M=C3=BCller?=\r\n"
		  " <j@example.org>\r\n"
		  "To: \"A \\\"B\\\" C\" <b@example.org>\r\n"
		  "Date: Tue, 5 Mar 2024 10:00:00 +0530\r\n"
		  "Subject: =?utf-8?B?R3LDvMOfZQ==?= from\r\n"
		  "\tus\r\n"
		  "X-Spam: no\r\n\r\n");
	fake_remove(t.message, MAPI_SUBJECT);
	fake_text(t.message, MAPI_SUBJECT,
		  "Gr\xC3\xBC\xC3\x9F"
		  "e from us");
	fake_remove(t.message, MAPI_SENDER_NAME);
	fake_remove(t.message, MAPI_SENDER_EMAIL);
	fake_remove(t.message, MAPI_SENDER_ADDRTYPE);
	fake_text(t.message, MAPI_BODY, "Hello\r\n\r\nBu\xCC\x88ro\r\n\r\n");
	CHECK_STR(text(&t),
		  "Date: Tue, 5 Mar 2024 10:00:00 +0530\n"
		  "From: J\xC3\xBCrgen M\xC3\xBCller <j@example.org>\n"
		  "To: \"A \"B\" C\" <b@example.org>\n"
		  "Subject: Gr\xC3\xBC\xC3\x9F"
		  "e from us\n"
		  "Message-ID: <1@example.org>\n"
		  "Flags: unread\n"
		  "\n"
		  "Hello\n"
		  "\n"
		  "B\xC3\xBCro\n");
	done(&t);
}

static void what_is_attached_is_told_and_an_item_is_in_it(void)
{
	struct made t = make();

	fill(&t);
	CHECK(in_order(text(&t), "\nAttachment: i.png (image/png, 8 bytes)\n",
		       "\nAttachment: data.bin (application/octet-stream, 8 "
		       "bytes)\n",
		       "\nAttachment: Inner.eml (message/rfc822",
		       "\n    Subject: Inner\n", "\n    inner body\n",
		       "\n    Attachment: inner.txt (text/plain, 10 bytes)\n",
		       NULL));
	done(&t);
}

/* A file of `data` that says in its name or type what it is. */
static const char *with_file(struct made *t, const char *name, const char *type,
			     const char *data)
{
	*t = make();
	fake_text(t->message, MAPI_BODY, "See the file");
	attach(t->message, name, type, NULL, data);
	return text(t);
}

static void text_that_is_attached_is_in_it(void)
{
	static const struct {
		const char *name, *type, *data, *want;
	} cases[] = {
		{ "a.txt", "text/plain", "one\r\n\r\ntw\xC3\xB6\r\n",
		  " bytes)\n    one\n\n    tw\xC3\xB6\n" },
		/* in no page that is named */
		{ "a.txt", "text/plain", "tw\xF6", "\n    tw\xC3\xB6\n" },
		{ "a.csv", "text/csv", "x;y", "\n    x;y\n" },
		{ "a.htm", "text/html", "<ul><li>a&auml;",
		  "\n    * a\xC3\xA4\n" },
		{ "a.ics", "text/calendar",
		  "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Lun\r\n ch\r\n"
		  "DTSTART;TZID=Europe/Berlin:20240305T120000\r\n"
		  "DESCRIPTION:a\\nb\\, c\r\nUID:x\r\n"
		  "ATTENDEE;CN=\"Doe; Jo\";PARTSTAT=NEEDS-ACTION:mailto:j@x.org"
		  "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
		  "\n    Subject: Lunch\n"
		  "    Start: 2024-03-05 12:00 (Europe/Berlin)\n"
		  "    Description: a\n      b, c\n"
		  "    Attendee: Doe; Jo <j@x.org> (needs action)\n" },
		{ "a.vcf", "text/vcard",
		  "BEGIN:VCARD\nitem1.ORG:A;;B\\;C\nX-MS-SPOUSE:Eve\n"
		  "PHOTO;ENCODING=b:AAAA\nTEL;TYPE=WORK,VOICE:1\nEND:VCARD\n",
		  "\n    Organization: A, B;C\n    Spouse: Eve\n"
		  "    Phone (work,voice): 1\n" },
		{ "a.eml", "message/rfc822",
		  "Subject: =?utf-8?B?w7w=?=\r\n"
		  "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
		  "--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
		  "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
		  "lon=\r\nger =C3=BC\r\n"
		  "--b\r\nContent-Type: application/pdf; name=x.pdf\r\n"
		  "Content-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b--\r\n",
		  "\n    Subject: \xC3\xBC\n\n        longer \xC3\xBC\n\n"
		  "    Attachment: x.pdf (application/pdf, 3 bytes)\n" },
		{ "a.pdf", "application/pdf", "%PDF-1.4",
		  "\nAttachment: a.pdf (application/pdf, 8 bytes)\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t;

		CHECK(in_order(with_file(&t, cases[i].name, cases[i].type,
					 cases[i].data),
			       cases[i].want, NULL));
		done(&t);
	}
}

static void a_body_is_shown_once_unless_it_says_more(void)
{
	struct made t = make();

	fake_text(t.message, MAPI_BODY, "one two");
	add_html(&t, "<p>One <b>tw</b>o <p>one");
	CHECK(count(text(&t), "two") == 1);
	done(&t);

	t = make();
	fake_text(t.message, MAPI_BODY, "one two three");
	add_html(&t, "<p>one <b>tw</b>o");
	CHECK(in_order(text(&t), "\none two\n", "\n[The plain text:]\n",
		       "one two three\n", NULL));
	done(&t);
}

static void names_that_the_header_lacks_are_told(void)
{
	struct made t = make();
	struct fake *r = fake_recipient(t.message);

	fake_number(r, MAPI_RECIPIENT_TYPE, MAPI_INTEGER32, 1);
	fake_text(r, MAPI_DISPLAY_NAME, "Anne Example");
	fake_text(r, MAPI_ADDRTYPE, "SMTP");
	fake_text(r, MAPI_EMAIL_ADDRESS, "a@example.org");
	fake_text(t.message, MAPI_TRANSPORT_MESSAGE_HEADERS,
		  "From: Jane Doe <jane@example.org>\r\nTo: a@example.org\r\n"
		  "Date: Tue, 5 Mar 2024 10:00:00 +0530\r\n\r\n");
	CHECK(in_order(text(&t), "\nTo: a@example.org\n",
		       "\nTo, by name: Anne Example <a@example.org>\n", NULL));
	CHECK(count(buf_text(&t.bytes), "Jane Doe") == 1);
	done(&t);
}

static void what_is_no_mail_is_text_too(void)
{
	struct made t = make_class("IPM.Contact");

	fake_text(t.message, MAPI_DISPLAY_NAME, "J\xC3\xBCrgen Doe");
	fake_text(t.message, MAPI_BODY, "met in Rome");
	attach(t.message, "a.txt", "text/plain", NULL, "more");
	CHECK(in_order(text(&t), "Class: IPM.Contact\n", "J\xC3\xBCrgen Doe",
		       "\nFlags: unread\n\nmet in Rome\n\n",
		       "Attachment: a.txt", "    more\n", NULL));
	CHECK(count(buf_text(&t.bytes), "met in Rome") == 1);
	done(&t);

	t = make_class("IPM.StickyNote");
	fake_text(t.message, MAPI_BODY, "Milk");
	CHECK(in_order(text(&t), "Class: IPM.StickyNote\n",
		       "Subject: Budget review\n", "\n\nMilk\n", NULL));
	done(&t);

	t = make_class("IPM.Appointment");
	fake_number(t.message, MAPI_START_DATE, MAPI_TIME, 133536673200000000);
	fake_number(t.message, MAPI_END_DATE, MAPI_TIME, 133536709200000000);
	CHECK(in_order(text(&t), "\nStart: 2024-02-29 08:02 UTC",
		       "\nSubject: Budget review\n", NULL));
	done(&t);
}

/* Items in items: as deep as is shown, and what is deeper is told. */
static void what_lies_too_deep_is_told(void)
{
	struct made t = make();
	struct fake *m = t.message;

	for (int i = 0; i < 102; i++)
		m = attach_message(m, "Inner");
	CHECK(count(text(&t), "Subject: Inner") == 100);
	CHECK(strstr(buf_text(&t.bytes), "[It lies too deep to be shown.]") !=
	      NULL);
	CHECK(has_note(t.mail, "depth"));
	done(&t);
}

static void what_is_lost_or_too_large_is_told(void)
{
	struct made t = make();
	struct fake *a = attach(t.message, "big.txt", "text/plain", NULL, NULL);

	fake_huge(a, MAPI_ATTACH_DATA, MAPI_BINARY, 17 << 20, 'x');
	fake_huge(t.message, MAPI_BODY, MAPI_STRING8, 33 << 20, 'y');
	attach(t.message, "gone.txt", "text/plain", NULL, NULL);
	fake_broken(attach(t.message, "bad.txt", "text/plain", NULL, NULL),
		    MAPI_ATTACH_DATA, MAPI_BINARY);
	CHECK(in_order(text(&t),
		       "[The body is not in this text: it has 34603008 bytes.]",
		       "big.txt (text/plain, 17825792 bytes)\n",
		       "    [Its text is not here: the file is too large.]\n",
		       "gone.txt", "not in the store", "bad.txt",
		       "\nNote: ", NULL));
	CHECK(has_note(t.mail, "body-large"));
	CHECK(has_note(t.mail, "att-missing"));
	done(&t);
}

/* What no line may have, and what cards may say: the table of bad inputs. */
static void bad_cards_are_lines_or_nothing(void)
{
	static const char *const cases[] = {
		"",
		"BEGIN",
		":",
		";:",
		";;=:x",
		"ATTENDEE",
		"ATTENDEE;CN:",
		"ATTENDEE;CN=\":mailto:x",
		"DTSTART:2024",
		"DTSTART:20240305T1200",
		"DTSTART;TZID:,,,",
		"SUMMARY:\\",
		"ADR:;;;;\\",
		"END:VTIMEZONE\nEND:VEVENT",
		"BEGIN:VALARM\nBEGIN:VALARM\nX:never ends",
		" folded first\n\n \n\tx",
		"X:\x01\x02\xFF\xC3",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t;
		const char *all =
			with_file(&t, "a.ics", "text/calendar", cases[i]);

		for (; *all != '\0'; all++)
			CHECK((uint8_t)*all >= ' ' || *all == '\n' ||
			      *all == '\t');
		CHECK(text_is_utf8(buf_span(&t.bytes)));
		done(&t);
	}
}

int main(void)
{
	RUN(a_mail_is_its_header_decoded_and_its_body);
	RUN(what_is_attached_is_told_and_an_item_is_in_it);
	RUN(text_that_is_attached_is_in_it);
	RUN(a_body_is_shown_once_unless_it_says_more);
	RUN(names_that_the_header_lacks_are_told);
	RUN(what_is_no_mail_is_text_too);
	RUN(what_lies_too_deep_is_told);
	RUN(what_is_lost_or_too_large_is_told);
	RUN(bad_cards_are_lines_or_nothing);
	return checked();
}
