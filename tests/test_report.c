/*
 * test_report.c - reports of delivery, and of what became of a message
 *
 * With a directory as its argument, leaves each mail there for check_eml.py.
 */
#include "mail/mime/report.h"
#include "mailkit.h"

#define STORED                                                                 \
	"Reporting-MTA: dns; mx.example.org\r\n\r\n"                           \
	"Final-Recipient: RFC822; Bob@Example.org\r\nAction: failed\r\n"       \
	"Status: 5.1.1\r\n"

static struct made report(const char *class)
{
	struct made t = make();

	fake_text(t.message, MAPI_MESSAGE_CLASS, class);
	fake_text(t.message, MAPI_BODY, "It was not delivered.");
	return t;
}

static struct fake *about(struct made *t, const char *name, const char *addr)
{
	struct fake *row = fake_recipient(t->message);

	fake_text(row, MAPI_DISPLAY_NAME, name);
	fake_text(row, MAPI_SMTP_ADDRESS, addr);
	fake_number(row, MAPI_RECIPIENT_TYPE, MAPI_INTEGER32, 1);
	return row;
}

static void code(struct fake *o, uint16_t id, uint32_t value)
{
	fake_number(o, id, MAPI_INTEGER32, value);
}

/* The part for programs: what lies between its header and the next part. */
static void machine(const char *text, char *out, size_t cap)
{
	const char *from = strstr(text, "\r\nContent-Type: message/d");
	const char *to = NULL;

	if (from != NULL)
		from = strstr(from, "\r\n\r\n");
	if (from != NULL)
		to = strstr(from + 4, "\r\n--=_ost_");
	snprintf(out, cap, "%.*s", to == NULL ? 0 : (int)(to - from - 4),
		 to == NULL ? "" : from + 4);
}

/*
 * Of delivery
 */

static void two_rows_are_two_groups(void)
{
	struct made t = report("REPORT.IPM.Note.NDR");
	struct fake *a = about(&t, "Bob", "bob@example.org");
	struct fake *b = about(&t, "\xC3\x89va", "eva@example.org");
	char got[2048];

	fake_text(t.message, MAPI_REPORTING_MTA, "mx.example.com");
	fake_number(t.message, MAPI_ORIGINAL_SUBMIT_TIME, MAPI_TIME,
		    133536673200000000);
	code(a, MAPI_NDR_STATUS_CODE, 511);
	fake_text(a, MAPI_SUPPLEMENTARY_INFO, "550 5.1.1 no such user");
	fake_text(a, MAPI_REMOTE_MTA, "mx.example.org");
	code(b, MAPI_NDR_DIAG_CODE, 5);
	code(b, MAPI_NDR_REASON_CODE, 0);
	CHECK(in_order(RENDER(&t),
		       "Content-Type: multipart/report; "
		       "report-type=delivery-status;",
		       "\r\n\r\nIt was not delivered.\r\n--",
		       "Content-Type: message/delivery-status\r\n"
		       "Content-Transfer-Encoding: 7bit\r\n",
		       NULL));
	CHECK(count(buf_text(&t.bytes), "X-Ost-Recipient") == 0);
	CHECK(count(buf_text(&t.bytes), "\r\nTo:") == 0);
	machine(buf_text(&t.bytes), got, sizeof(got));
	CHECK_STR(got, "Reporting-MTA: dns; mx.example.com\r\n"
		       "Arrival-Date: Thu, 29 Feb 2024 08:02:00 +0000\r\n"
		       "\r\n"
		       "Original-Recipient: rfc822; bob@example.org\r\n"
		       "Final-Recipient: rfc822; bob@example.org\r\n"
		       "X-Display-Name: Bob\r\n"
		       "Action: failed\r\n"
		       "Status: 5.1.1\r\n"
		       "Remote-MTA: dns; mx.example.org\r\n"
		       "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n"
		       "\r\n"
		       "Original-Recipient: rfc822; eva@example.org\r\n"
		       "Final-Recipient: rfc822; eva@example.org\r\n"
		       "X-Display-Name: =?utf-8?Q?=C3=89va?=\r\n"
		       "Action: failed\r\n"
		       "Status: 4.4.7\r\n");
	done(&t);
}

/* B8: utf-8-addr-xtext of RFC 6533. */
static void b8_a_mailbox_that_is_not_ascii_is_told(void)
{
	struct made t = report("REPORT.IPM.Note.NDR");

	about(&t, "Bob", "j\xC3\xBC+a@ex\xC3\xA4mple.de");
	CHECK(in_order(RENDER(&t),
		       "Original-Recipient: utf-8; "
		       "j\\x{FC}\\x{2B}a@xn--exmple-cua.de\r\n"
		       "Final-Recipient: utf-8; "
		       "j\\x{FC}\\x{2B}a@xn--exmple-cua.de\r\n",
		       NULL));
	done(&t);
}

static void the_class_says_what_was_done(void)
{
	static const struct {
		const char *class, *want;
	} cases[] = {
		{ "REPORT.IPM.Note.NDR", "Action: failed\r\nStatus: 5.0.0" },
		{ "report.ipm.note.dr", "Action: delivered\r\nStatus: 2.0.0" },
		{ "REPORT.IPM.Note.Delayed.DR",
		  "Action: delayed\r\nStatus: 4.4.7" },
		{ "REPORT.IPM.Note.Relayed.DR",
		  "Action: relayed\r\nStatus: 2.0.0" },
		{ "REPORT.IPM.Note.Expanded.DR",
		  "Action: expanded\r\nStatus: 2.0.0" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = report(cases[i].class);
		char name[64];

		snprintf(name, sizeof(name), "%s-%zu", __func__, i);
		about(&t, "Bob", "bob@example.org");
		CHECK(in_order(render_as(&t, MAIL_ALL_INSIDE, name),
			       "report-type=delivery-status",
			       "Reporting-MTA: dns; unknown\r\n", cases[i].want,
			       NULL));
		done(&t);
	}
}

static void a_status_is_found_where_there_is_one(void)
{
	static const struct {
		const char *class;
		uint32_t number, diagnostic, reason; /* 99: not set */
		const char *info, *want;
	} cases[] = {
		{ "NDR", 447, 99, 99, "5.1.1", "4.4.7" },
		{ "NDR", 0, 99, 99, "<mx #5.7.1 smtp;550 5.1.1>", "5.7.1" },
		{ "NDR", 99, 99, 99, "550 5.1.10 not found", "5.1.10" },
		{ "NDR", 1234, 99, 99, "10.4.4.7 2.0.0 5.4.4.7", "5.0.0" },
		{ "NDR", 99, 99, 99, "5.1.", "5.0.0" },
		{ "NDR", 99, 99, 99, "5.1.1234", "5.0.0" },
		{ "NDR", 99, 99, 99, "v5.1.1", "5.0.0" },
		{ "NDR", 99, 99, 99, "end 5.2.2.", "5.2.2" },
		{ "NDR", 99, 0, 0, "", "5.1.1" },
		{ "NDR", 99, UINT32_MAX, 5, "", "5.7.1" },
		{ "NDR", 99, 11, 2, "", "5.6.3" },
		{ "NDR", 99, 1000000, 1000000, "", "5.0.0" },
		{ "DR", 99, 0, 0, "5.1.1 2.1.5 ok", "2.1.5" },
		{ "Delayed.DR", 99, 99, 99, "5.1.1", "4.4.7" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char class[64], got[2048], want[64];
		struct made t;
		struct fake *row;

		snprintf(class, sizeof(class), "REPORT.IPM.Note.%s",
			 cases[i].class);
		t = report(class);
		row = about(&t, "Bob", "bob@example.org");
		if (cases[i].number != 99)
			code(row, MAPI_NDR_STATUS_CODE, cases[i].number);
		if (cases[i].diagnostic != 99)
			code(row, MAPI_NDR_DIAG_CODE, cases[i].diagnostic);
		if (cases[i].reason != 99)
			code(row, MAPI_NDR_REASON_CODE, cases[i].reason);
		fake_text(row, MAPI_SUPPLEMENTARY_INFO, cases[i].info);
		RENDER(&t);
		machine(buf_text(&t.bytes), got, sizeof(got));
		snprintf(want, sizeof(want), "\r\nStatus: %s\r\n",
			 cases[i].want);
		CHECK(strstr(got, want) != NULL);
		done(&t);
	}
}

static void a_stored_part_is_kept_as_it_is(void)
{
	struct made t = report("REPORT.IPM.Note.NDR");
	char got[2048];

	about(&t, "Bob", "bob@example.org");
	about(&t, "Ann", "ann@example.org");
	attach(t.message, "other.txt", NULL, NULL, "other");
	attach(t.message, "details.txt", "message/delivery-status", NULL,
	       STORED);
	fake_text(attach_message(t.message, "The original"), MAPI_BODY, "hi");
	CHECK(in_order(RENDER(&t), "X-Ost-Recipient: to; Ann",
		       "multipart/report; report-type=delivery-status",
		       "Content-Type: message/delivery-status;",
		       "Content-Transfer-Encoding: 7bit\r\n",
		       "filename=details.txt\r\n\r\n", STORED,
		       "Content-Type: message/rfc822",
		       "Subject: The original\r\n", "other.txt", NULL));
	CHECK(count(buf_text(&t.bytes), "X-Ost-Recipient") == 1);
	CHECK(count(buf_text(&t.bytes), "delivery-status\r\n") == 0);
	machine(buf_text(&t.bytes), got, sizeof(got));
	CHECK_STR(got, STORED);
	done(&t);
}

/* The part for programs of a mail that keeps its files beside it. */
static void a_stored_part_is_never_beside(void)
{
	struct made t = report("REPORT.IPM.Note.NDR");

	attach(t.message, "details.txt", "message/delivery-status", NULL,
	       STORED);
	attach(t.message, "other.txt", NULL, NULL, "other");
	CHECK(in_order(render_as(&t, MAIL_BESIDE, __func__), STORED,
		       "\"other.txt\" is not in this file", NULL));
	done(&t);
}

static void a_stored_part_that_is_none_is_attached(void)
{
	static const char *const cases[] = {
		"Reporting-MTA: dns; a\n\nAction: failed\n",
		"Reporting-MTA: dns; \xC3\xA9\r\n\r\nAction: failed\r\n",
		"no field",
		"",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = report("REPORT.IPM.Note.NDR");
		char name[64];

		snprintf(name, sizeof(name), "%s-%zu", __func__, i);
		about(&t, "Bob", "bob@example.org");
		attach(t.message, "details.txt", "message/delivery-status",
		       NULL, cases[i]);
		CHECK(in_order(render_as(&t, MAIL_ALL_INSIDE, name),
			       "Content-Type: message/delivery-status\r\n",
			       "Final-Recipient: rfc822; bob@example.org",
			       "Content-Type: application/octet-stream",
			       "details.txt", NULL));
		done(&t);
	}
}

static void those_known_by_name_only_are_told(void)
{
	struct made t = report("REPORT.IPM.Note.NDR");
	struct made none = report("REPORT.IPM.Note.NDR");
	struct fake *row;

	fake_text(t.message, MAPI_DISPLAY_TO, "bob@example.org; Ann");
	CHECK(in_order(RENDER(&t), "rfc822; bob@example.org",
		       "rfc822; IMCEAUNKNOWN-Ann@", "X-Display-Name: Ann",
		       NULL));
	done(&t);
	CHECK(in_order(render_as(&none, MAIL_ALL_INSIDE, "nobody"),
		       "Final-Recipient: rfc822; unknown\r\n", NULL));
	done(&none);

	t = report("REPORT.IPM.Note.NDR");
	row = fake_recipient(t.message);
	fake_text(row, MAPI_ADDRTYPE, "EX");
	fake_text(row, MAPI_EMAIL_ADDRESS, "/O=X/OU=Y/CN=BOB");
	CHECK(in_order(RENDER(&t),
		       "Final-Recipient: x-ex; /O=X/OU=Y/CN=BOB\r\n", NULL));
	CHECK(count(buf_text(&t.bytes), "X-Ost-Recipient") == 0);
	done(&t);
}

static void what_it_is_about_is_in_the_header(void)
{
	struct made t = make();

	fake_text(t.message, MAPI_MESSAGE_CLASS, "REPORT.IPM.Note.NDR");
	fake_text(t.message, MAPI_REPORT_TEXT, "Sorry: 5.2.2 is full.\n");
	fake_text(t.message, MAPI_ORIGINAL_SUBJECT, "Lunch");
	fake_text(t.message, MAPI_ORIGINAL_DISPLAY_TO, "Bob");
	fake_text(t.message, MAPI_INTERNET_RETURN_PATH, "<9@example.org>");
	fake_text(t.message, MAPI_ORIGINAL_SENDER_NAME, "Sec Retary");
	fake_text(t.message, MAPI_ORIGINAL_SENDER_EMAIL, "s@example.org");
	fake_bytes(t.message, MAPI_ORIGINAL_REPRESENTING_SEARCH_KEY,
		   MAPI_BINARY, "SMTP:JANE@EXAMPLE.ORG", 22);
	CHECK(in_order(RENDER(&t), "X-Ost-Original-From: jane@example.org\r\n",
		       "X-Ost-Original-Sender: Sec Retary <s@example.org>\r\n",
		       "X-Ost-Original-Subject: Lunch\r\n",
		       "X-Ost-Original-To: Bob\r\n",
		       "X-Ost-Original-Message-ID: <9@example.org>\r\n",
		       "multipart/report", "\r\n\r\nSorry: 5.2.2 is full.\r\n",
		       "\r\nStatus: 5.2.2\r\n", NULL));
	CHECK(count(buf_text(&t.bytes), "Return-Path") == 0);
	done(&t);
}

static void a_bad_text_breaks_no_field(void)
{
	struct made t = report("REPORT.IPM.Note.NDR");
	struct fake *row = about(&t, "Bob", "bob@example.org");
	char long_text[3000];
	char got[8192];

	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	fake_text(row, MAPI_SUPPLEMENTARY_INFO,
		  "a\r\nAction: none\r\n\r\n\x01");
	fake_text(row, MAPI_REMOTE_MTA, "\xC3\xBC.example");
	fake_text(t.message, MAPI_REPORTING_MTA, long_text);
	fake_broken(t.message, MAPI_REPORT_TEXT, MAPI_UNICODE);
	fake_lost_child(t.message, STORE_RECIPIENTS);
	RENDER(&t);
	machine(buf_text(&t.bytes), got, sizeof(got));
	CHECK(count(got, "\r\nAction:") == 1);
	CHECK(in_order(got, "\r\n\r\n", "Remote-MTA: ", "Diagnostic-Code: ",
		       "Action: none\r\n", NULL));
	CHECK(has_note(t.mail, "rcpt-corrupt"));
	CHECK(has_note(t.mail, "prop-corrupt"));
	done(&t);
}

/*
 * Of what became of it
 */

static void a_receipt_is_a_disposition_notification(void)
{
	static const struct {
		const char *class, *mode, *what, *want;
	} cases[] = {
		{ "REPORT.IPM.Note.IPNRN", NULL, NULL,
		  "automatic-action/MDN-sent-automatically; displayed" },
		{ "REPORT.IPM.Note.IPNNRN", NULL, NULL,
		  "automatic-action/MDN-sent-automatically; deleted" },
		{ "REPORT.IPM.Note.IPNRN", "manual-action/MDN-sent-manually",
		  "processed", "manual-action/MDN-sent-manually; processed" },
		{ "REPORT.IPM.Note.IPNRN", "a b", "x\r\nEvil: 1",
		  "automatic-action/MDN-sent-automatically; displayed" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = report(cases[i].class);
		char got[1024], want[512], name[64];

		snprintf(name, sizeof(name), "%s-%zu", __func__, i);
		fake_text(t.message, MAPI_INTERNET_RETURN_PATH,
			  "<9@example.org>");
		if (cases[i].mode != NULL) {
			fake_text(t.message, MAPI_REPORT_DISPOSITION_MODE,
				  cases[i].mode);
			fake_text(t.message, MAPI_REPORT_DISPOSITION,
				  cases[i].what);
		}
		CHECK(in_order(render_as(&t, MAIL_ALL_INSIDE, name),
			       "report-type=disposition-notification",
			       "Content-Type: message/disposition-notification"
			       "\r\nContent-Transfer-Encoding: 7bit\r\n",
			       NULL));
		machine(buf_text(&t.bytes), got, sizeof(got));
		snprintf(want, sizeof(want),
			 "Final-Recipient: rfc822; jane@example.org\r\n"
			 "Original-Message-ID: <9@example.org>\r\n"
			 "Disposition: %s\r\n",
			 cases[i].want);
		CHECK_STR(got, want);
		done(&t);
	}
}

static void a_stored_notification_is_kept_as_it_is(void)
{
	struct made t = report("REPORT.IPM.Note.IPNRN");
	const char *stored = "Final-Recipient: rfc822;jane@example.org\r\n"
			     "Disposition: manual-action/"
			     "MDN-sent-manually;displayed\r\n";

	attach(t.message, "ATT00001", "message/disposition-notification", NULL,
	       stored);
	CHECK(in_order(RENDER(&t), "report-type=disposition-notification",
		       stored, NULL));
	CHECK(count(buf_text(&t.bytes), "Final-Recipient") == 1);
	done(&t);
}

static void other_reports_are_mails(void)
{
	static const char *const cases[] = { "REPORT", "REPORT.IPM.Note",
					     "REPORT.IPM.Note.Other",
					     "IPM.Note.NDR", "REPORTS.NDR" };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = report(cases[i]);
		char name[64];

		CHECK(report_kind(span_of(cases[i], strlen(cases[i]))) ==
		      REPORT_NONE);
		snprintf(name, sizeof(name), "%s-%zu", __func__, i);
		about(&t, "Bob", "bob@example.org");
		CHECK(in_order(render_as(&t, MAIL_ALL_INSIDE, name),
			       "bob@example.org", "Content-Type: text/plain",
			       NULL));
		done(&t);
	}
}

int main(int argc, char **argv)
{
	directory = argc > 1 ? argv[1] : NULL;
	RUN(two_rows_are_two_groups);
	RUN(b8_a_mailbox_that_is_not_ascii_is_told);
	RUN(the_class_says_what_was_done);
	RUN(a_status_is_found_where_there_is_one);
	RUN(a_stored_part_is_kept_as_it_is);
	RUN(a_stored_part_is_never_beside);
	RUN(a_stored_part_that_is_none_is_attached);
	RUN(those_known_by_name_only_are_told);
	RUN(what_it_is_about_is_in_the_header);
	RUN(a_bad_text_breaks_no_field);
	RUN(a_receipt_is_a_disposition_notification);
	RUN(a_stored_notification_is_kept_as_it_is);
	RUN(other_reports_are_mails);
	return checked();
}
