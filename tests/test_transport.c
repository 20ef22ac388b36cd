/*
 * test_transport.c - transport headers, kept, repaired and filled up
 */
#include "heading.h"

/* A message that came with `headers`. */
static void came_with(const char *headers)
{
	fake_text(heading_new(), MAPI_TRANSPORT_MESSAGE_HEADERS, headers);
}

static bool holds(const char *what)
{
	return strstr(buf_text(&heading_now.text), what) != NULL;
}

static void what_was_sent_stands_byte_for_byte(void)
{
	const char *sent =
		"Received: from a (b\r\n\tc) by d;\r\n   Fri, 1 Mar 2024 "
		"10:22:00 +0000\r\n"
		"DKIM-Signature: v=1; a=rsa-sha256;  d=x.org;\r\n"
		"\tbh=abc=;\r\n h=From : To;  b=\t=\r\n"
		"FROM:a@x.org\r\n"
		"to: b@x.org  \r\n"
		"Subject:  two  blanks \r\n"
		"date: Fri, 1 Mar 2024 10:22:00 +0000\r\n"
		"Message-ID:\r\n <m@x.org>\r\n"
		"Received: again\r\n"
		"MIME-version: 1.0 (x)\r\n";

	came_with(sent);
	fake_text(heading_now.mail, MAPI_SUBJECT, "two blanks");
	CHECK(strncmp(heading(), sent, strlen(sent)) == 0);
	CHECK_STR(heading() + strlen(sent), "Status: O\r\n");
	heading_done();
}

static void the_body_as_it_was_is_told_by_other_names(void)
{
	came_with("From: a@x.org\r\n"
		  "Content-Type: application/ms-tnef;\r\n\tname=\"w\"\r\n"
		  "content-transfer-encoding: binary\r\n"
		  "Lines: 5\r\n"
		  "X-Mozilla-Status2: 0\r\n"
		  "X-Ost-Note: a lie\r\n"
		  "Status: R\r\n");
	heading();
	CHECK(holds("\r\nX-Ost-Orig-Content-Type: application/ms-tnef;\r\n"
		    "\tname=\"w\"\r\n"));
	CHECK(holds("\r\nX-Ost-Orig-content-transfer-encoding: binary\r\n"));
	CHECK(holds("\r\nX-Ost-Orig-Lines: 5\r\n"));
	CHECK(holds("\r\nX-Ost-Orig-X-Mozilla-Status2: 0\r\n"));
	CHECK(holds("\r\nX-Ost-Orig-X-Ost-Note: a lie\r\n"));
	CHECK(holds("\r\nX-Ost-Orig-Status: R\r\n"));
	CHECK_STR(heading_field("Content-Type"), "(none)");
	CHECK_STR(heading_field("Status"), "O");
	heading_done();
}

static void what_may_stand_once_stands_once(void)
{
	came_with("Date: Fri, 1 Mar 2024 10:22:00 +0000\r\n"
		  "From: a@x.org\r\n"
		  "DATE: Sat, 2 Mar 2024 10:22:00 +0000\r\n"
		  "to: b@x.org\r\nTo: c@x.org\r\n");
	heading();
	CHECK(holds("\r\nX-Ost-Dup-DATE: Sat, 2"));
	CHECK(holds("\r\nX-Ost-Dup-To: c@x.org\r\n"));
	CHECK_STR(heading_field("Date"), "Fri, 1 Mar 2024 10:22:00 +0000");
	CHECK_STR(heading_field("X-Ost-Note"), "synth-msgid, th-dup");
	heading_done();
}

static void a_date_that_is_none_is_replaced(void)
{
	came_with("From: a@x.org\r\nDate: whenever\r\n");
	fake_number(heading_now.mail, MAPI_CLIENT_SUBMIT_TIME, MAPI_TIME,
		    UINT64_C(133537621200000000));
	heading();
	CHECK_STR(heading_field("X-Ost-Orig-Date"), "whenever");
	CHECK_STR(heading_field("Date"), "Fri, 01 Mar 2024 10:22:00 +0000");
	CHECK(note_has(&heading_now.notes, NOTE_TH_DATE));

	/* Two dates in one field are read as the first. */
	came_with("From: a@x.org\r\n"
		  "date: Fri, 1 Mar 2024 10:22:00 +0000 Fri, 1 Mar 2024\r\n");
	heading();
	CHECK(!note_has(&heading_now.notes, NOTE_TH_DATE));
	CHECK_STR(heading_field("Date"),
		  "Fri, 1 Mar 2024 10:22:00 +0000 Fri, 1 Mar 2024");
	heading_done();
}

static void the_start_and_the_line_ends_are_put_right(void)
{
	const char *const starts[] = {
		"From: a@x.org\nTo: b@x.org",
		"From: a@x.org\rTo: b@x.org\r",
		"\xEF\xBB\xBF\r\n\r\nFrom: a@x.org\r\nTo: b@x.org\r\n\r\n",
		"Microsoft Mail Internet Headers Version 2.0\r\n"
		"From: a@x.org\r\nTo: b@x.org\r\n",
		"From: a@x.org\r\nTo: b@x.org\r\n\r\n"
		"--part\r\nContent-Type: text/plain\r\n",
	};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		came_with(starts[i]);
		CHECK(strncmp(heading(), "From: a@x.org\r\nTo: b@x.org\r\n",
			      28) == 0);
		CHECK(!holds("Version 2.0"));
		CHECK(!holds("part"));
	}
	heading_done();
}

static void lines_that_are_no_fields_are_kept_as_some(void)
{
	came_with("From a@x.org Fri Mar  1 10:22:00 2024\r\n"
		  "Received: x\r\n"
		  "no field at all\r\n"
		  ": nor this\r\n"
		  "From: a@x.org\r\n");
	heading();
	CHECK_STR(heading_field("X-Ost-Mbox-From"),
		  "From a@x.org Fri Mar  1 10:22:00 2024");
	CHECK_STR(heading_field("X-Ost-Bad-Header"), "(many)");
	CHECK(holds("\r\nX-Ost-Bad-Header: no field at all\r\n"));
	CHECK(holds("\r\nX-Ost-Bad-Header: : nor this\r\n"));
	CHECK(note_has(&heading_now.notes, NOTE_TH_BAD_LINE));
	heading_done();
}

static void what_is_no_header_is_attached_and_not_used(void)
{
	const char *const bogus[] = {
		"Hello Jane,\r\n\r\nthe budget: see below.\r\n",
		"Note: one\r\nThen: two\r\n",
		"<html>",
	};

	for (size_t i = 0; i < sizeof(bogus) / sizeof(bogus[0]); i++) {
		came_with(bogus[i]);
		CHECK(strncmp(heading(), "Date: ", 6) == 0);
		CHECK_STR(buf_text(&heading_now.facts.bogus), bogus[i]);
		CHECK(note_has(&heading_now.notes, NOTE_TH_BOGUS));
	}

	/* Blanks are no headers, and nothing to keep either. */
	came_with(" \r\n\r\n");
	heading();
	CHECK(heading_now.facts.bogus.len == 0);
	CHECK(!note_has(&heading_now.notes, NOTE_TH_BOGUS));
	heading_done();
}

static void raw_8_bit_text_becomes_words(void)
{
	const struct {
		const char *sent, *name, *value;
	} cases[] = {
		{ "Subject: caf\xC3\xA9 au lait", "Subject",
		  "=?utf-8?Q?caf=C3=A9?= au lait" },
		/* UTF-8 that was taken for Latin-1 */
		{ "Subject: caf\xC3\x83\xC2\xA9", "Subject",
		  "=?utf-8?Q?caf=C3=A9?=" },
		{ "From: J\xC3\xBCrgen M\xC3\xBCller <j@x.org>", "From",
		  "=?utf-8?Q?J=C3=BCrgen_M=C3=BCller?= <j@x.org>" },
		{ "To: \"M\xC3\xBCller, J\" <j@x.org>,a@x.org", "To",
		  "=?utf-8?Q?M=C3=BCller=2C_J?= <j@x.org>,a@x.org" },
		{ "Cc: A \xC3\xBC B <a@x.org>, \xC3\xBC"
		  "bcdef <b@x.org>",
		  "Cc",
		  "A =?utf-8?B?w7w=?= B <a@x.org>, "
		  "=?utf-8?Q?=C3=BCbcdef?= <b@x.org>" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf all = { 0 };

		buf_printf(&all, "Received: x\r\n%s\r\n", cases[i].sent);
		came_with(buf_text(&all));
		CHECK_STR(heading_of(cases[i].name), cases[i].value);
		CHECK(note_has(&heading_now.notes, NOTE_TH_8BIT));
		buf_free(&all);
	}
	heading_done();
}

/* B8: no encoded-word in an address (RFC 2047 5 (3)). */
static void b8_addresses_of_8_bit_text_hold_no_words(void)
{
	static const char *const jane = "Jane <j@x.org>";
	const struct {
		const char *sent, *name, *value, *orig;
	} cases[] = {
		{ "From: \xC3\xBC <u@ex\xC3\xA4mple.de>", "From",
		  "=?utf-8?B?w7w=?= <u@xn--exmple-cua.de>", "(none)" },
		{ "From: u@ex\xC3\xA4mple.de (\xC3\xBC@x)", "From",
		  "u@xn--exmple-cua.de ( =?utf-8?Q?=C3=BC=40x?= )", "(none)" },
		{ "From: \xC3\xBC@x <u@x.org>", "From",
		  "=?utf-8?Q?=C3=BC=40x?= <u@x.org>", "(none)" },
		{ "From: \"\xC3\xBC@x\" <u@x.org>", "From",
		  "=?utf-8?Q?=C3=BC=40x?= <u@x.org>", "(none)" },
		{ "Resent-To: a@x.org, u@ex\xC3\xA4mple.de", "Resent-To",
		  "a@x.org, u@xn--exmple-cua.de", "(none)" },
		/* these have no form in ASCII */
		{ "From: \xC3\xBC@x.org", "From", jane,
		  "=?utf-8?Q?=C3=BC=40x=2Eorg?=" },
		{ "From: \xC3\xBC <\xC3\xBC@x.org>", "From", jane,
		  "=?utf-8?Q?=C3=BC_=3C=C3=BC=40x=2Eorg=3E?=" },
		{ "From: \"\xC3\xBC\"@x.org", "From", jane,
		  "=?utf-8?Q?=22=C3=BC=22=40x=2Eorg?=" },
		{ "From: a@b@\xC3\xBC..org", "From", jane,
		  "=?utf-8?Q?a=40b=40=C3=BC=2E=2Eorg?=" },
		{ "From: <\xC3\xBC>", "From", jane,
		  "=?utf-8?Q?=3C=C3=BC=3E?=" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf all = { 0 }, orig = { 0 };

		buf_printf(&all, "Received: x\r\n%s\r\n", cases[i].sent);
		came_with(buf_text(&all));
		fake_text(heading_now.mail, MAPI_SENT_REPRESENTING_NAME,
			  "Jane");
		fake_text(heading_now.mail, MAPI_SENT_REPRESENTING_EMAIL,
			  "j@x.org");
		CHECK_STR(heading_of(cases[i].name), cases[i].value);
		buf_printf(&orig, "X-Ost-Orig-%s", cases[i].name);
		CHECK_STR(heading_field(buf_text(&orig)), cases[i].orig);
		buf_free(&all);
		buf_free(&orig);
	}
	heading_done();
}

static void control_characters_become_blanks(void)
{
	came_with("Received: a\001b\tc\x7F"
		  "d\r\n");
	CHECK_STR(heading_of("Received"), "a b\tc d");
	CHECK(note_has(&heading_now.notes, NOTE_CONTROL));
	heading_done();
}

static void no_line_is_too_long_and_nothing_of_it_is_lost(void)
{
	for (size_t kind = 0; kind < 3; kind++) {
		struct buf sent = { 0 };
		size_t longest = 0, column = 0, count = 0;

		buf_str(&sent, "Received: x\r\nX-Long: ");
		for (size_t i = 0; i < 2000; i++)
			buf_byte(&sent, kind == 0 || (kind == 1 && i % 700)
						? 'x'
						: ' ');
		buf_str(&sent, "y\r\n");
		came_with(buf_text(&sent));
		heading();
		for (size_t i = 0; i < heading_now.text.len; i++) {
			const char c = heading_now.text.at[i];

			column = c == '\n' ? 0 : column + 1;
			longest = column > longest ? column : longest;
			count += c == 'x';
		}
		CHECK(longest <= 999);
		CHECK(count == 1 + (kind == 0 ? 2000 : kind == 1 ? 1997 : 0));
		CHECK(note_has(&heading_now.notes, NOTE_TH_FOLD));
		CHECK_STR(heading_field("Received"), "x");
		CHECK_STR(heading_field("Status"), "O");
		buf_free(&sent);
	}
	heading_done();
}

static struct fake *recipient(uint32_t type, const char *name, const char *addr)
{
	struct fake *r = fake_recipient(heading_now.mail);

	fake_number(r, MAPI_RECIPIENT_TYPE, MAPI_INTEGER32, type);
	fake_text(r, MAPI_DISPLAY_NAME, name);
	fake_text(r, MAPI_EMAIL_ADDRESS, addr);
	return r;
}

static void what_is_missing_is_filled_in_once(void)
{
	came_with("From: a@x.org\r\nTo: b@x.org\r\n");
	fake_text(heading_now.mail, MAPI_SENT_REPRESENTING_EMAIL, "z@x.org");
	recipient(1, "B", "b@x.org");
	recipient(3, "C", "c@x.org");
	heading();
	CHECK_STR(heading_field("From"), "a@x.org");
	CHECK_STR(heading_field("To"), "b@x.org");
	CHECK_STR(heading_field("Bcc"), "C <c@x.org>");
	CHECK_STR(heading_field("MIME-Version"), "1.0");
	CHECK_STR(heading_field("Subject"), "");
	CHECK_STR(heading_field("X-Ost-Recipient"), "(none)");

	came_with("From: a@x.org\r\nTo: b@x.org\r\nBcc: c@x.org\r\n");
	recipient(3, "C", "c@x.org");
	CHECK_STR(heading_of("Bcc"), "c@x.org");
	heading_done();
}

static void recipients_the_headers_do_not_name_are_kept(void)
{
	came_with("From: a@x.org\r\nTo: =?utf-8?Q?J=C3=BCrgen?= <b@x.org>,\r\n"
		  " ee@x.org, 'q@x.org'\r\nCc: Ex Change\r\n");
	recipient(1, "B", "B@X.org");
	recipient(1, "Q", "q@x.org");
	recipient(1, "E", "e@x.org"); /* not ee@x.org */
	recipient(2, "Ex  Change", "/O=X/CN=EX");
	recipient(2, "J\xC3\xBCrgen", "/O=X/CN=J");
	CHECK_STR(heading_of("X-Ost-Recipient"), "to; E <e@x.org>");
	recipient(2, "Un Known", "/O=X/CN=U");
	heading();
	CHECK(holds("X-Ost-Recipient: cc; Un Known"));
	CHECK(!holds("Ex Change <"));
	heading_done();
}

static void a_changed_subject_is_told_beside_the_first(void)
{
	came_with("From: a@x.org\r\nSubject: =?utf-8?Q?caf=C3=A9_au?=\r\n"
		  "  lait\r\n");
	fake_text(heading_now.mail, MAPI_SUBJECT, "caf\xC3\xA9 au lait");
	CHECK_STR(heading_of("X-Ost-Subject"), "(none)");
	fake_remove(heading_now.mail, MAPI_SUBJECT);
	fake_text(heading_now.mail, MAPI_SUBJECT, "paid");
	CHECK_STR(heading_of("X-Ost-Subject"), "paid");
	CHECK_STR(heading_field("Subject"), "=?utf-8?Q?caf=C3=A9_au?=  lait");
	heading_done();
}

int main(void)
{
	RUN(what_was_sent_stands_byte_for_byte);
	RUN(the_body_as_it_was_is_told_by_other_names);
	RUN(what_may_stand_once_stands_once);
	RUN(a_date_that_is_none_is_replaced);
	RUN(the_start_and_the_line_ends_are_put_right);
	RUN(lines_that_are_no_fields_are_kept_as_some);
	RUN(what_is_no_header_is_attached_and_not_used);
	RUN(raw_8_bit_text_becomes_words);
	RUN(b8_addresses_of_8_bit_text_hold_no_words);
	RUN(control_characters_become_blanks);
	RUN(no_line_is_too_long_and_nothing_of_it_is_lost);
	RUN(what_is_missing_is_filled_in_once);
	RUN(recipients_the_headers_do_not_name_are_kept);
	RUN(a_changed_subject_is_told_beside_the_first);
	return checked();
}
