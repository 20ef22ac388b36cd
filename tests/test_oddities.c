/*
 * test_oddities.c - what is odd, but has one meaning (B16)
 */
#include <stdlib.h>

#include "bytes/text.h"
#include "heading.h"
#include "treekit.h"

enum { DAY = 86400 };

/* RFC 5322 4.5: blanks once stood before the colon. */
static void a_field_may_have_a_blank_before_its_colon(void)
{
	struct fake *mail = heading_new();

	fake_text(mail, MAPI_TRANSPORT_MESSAGE_HEADERS,
		  "From : a@x.org\r\nSubject\t: one\r\n two\r\n"
		  "Date: Mon, 1 Jan 24 10:00:00 GMT\r\n");
	CHECK_STR(heading_of("From"), "a@x.org");
	CHECK_STR(heading_of("Subject"), "one two");
	CHECK(strstr(heading(), "\r\nSubject: one\r\n two\r\n") != NULL);
	heading_done();
}

static void an_originator_that_names_nobody_gives_way(void)
{
	static const struct {
		const char *field, *from, *kept;
	} cases[] = {
		{ "From:", "Jane <j@x.org>", "" },
		{ "From: <>", "Jane <j@x.org>", "<>" },
		{ "From: \"\" <>", "Jane <j@x.org>", "\"\" <>" },
		{ "From: Jane Doe", "Jane <j@x.org>", "Jane Doe" },
		{ "From: Other <o@x.org>", "Other <o@x.org>", "(none)" },
		{ "From: root", "root", "(none)" },
		{ "From: <>\r\nFrom: o@x.org", "o@x.org", "<>" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake *mail = heading_new();
		struct buf header = { 0 };

		buf_printf(&header, "%s\r\nTo: b@x.org\r\n", cases[i].field);
		fake_text(mail, MAPI_TRANSPORT_MESSAGE_HEADERS,
			  buf_text(&header));
		fake_text(mail, MAPI_SENT_REPRESENTING_NAME, "Jane");
		fake_text(mail, MAPI_SENT_REPRESENTING_EMAIL, "j@x.org");
		CHECK_STR(heading_of("From"), cases[i].from);
		CHECK_STR(heading_field("X-Ost-Orig-From"), cases[i].kept);
		buf_free(&header);
	}
	heading_done();
}

static void a_subject_may_be_in_the_header_alone(void)
{
	struct fake *mail = heading_new();

	fake_text(mail, MAPI_TRANSPORT_MESSAGE_HEADERS,
		  "From: a@x.org\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= an\n"
		  " alle");
	CHECK_STR(heading_fact(MAIL_SUBJECT), "Grüße an alle");
	CHECK_STR(heading_of("X-Ost-Subject"), "(none)");
	CHECK_STR(heading_field("Subject"),
		  "=?utf-8?Q?Gr=C3=BC=C3=9Fe?= an alle");
	heading_done();
}

static void a_recipient_of_no_name_is_no_damage(void)
{
	struct fake *mail = heading_new(), *row = fake_recipient(mail);

	fake_number(row, MAPI_RECIPIENT_TYPE, MAPI_INTEGER32, 1);
	CHECK_STR(heading_of("X-Ost-Note"), "no-from, no-date, synth-msgid");
	/* one that has an address, of which nothing can be made, is */
	fake_text(row, MAPI_EMAIL_ADDRESS, "\001");
	CHECK_STR(heading_of("X-Ost-Note"),
		  "ctl, no-from, no-date, synth-msgid, rcpt-corrupt");
	heading_done();
}

static void a_report_is_dated_by_its_own_time(void)
{
	struct fake *mail = heading_new();
	struct store_object *o;
	int64_t sec = 0;
	uint32_t nsec;

	fake_text(mail, MAPI_MESSAGE_CLASS, "REPORT.IPM.Note.NDR");
	fake_number(mail, MAPI_REPORT_TIME, MAPI_TIME, filetime(365 * DAY));
	CHECK_STR(heading_of("Date"), "Fri, 01 Jan 1971 00:00:00 +0000");
	o = fake_open(mail);
	CHECK(mail_time(o, &sec, &nsec) && sec == 365 * DAY);
	store_drop(o);
	heading_done();
}

/* Microsoft's best fit of 949 gives the rows C9 and FE to its users. */
static void korean_has_characters_of_its_users(void)
{
	static const struct {
		const char *in, *want;
		size_t bad;
	} cases[] = {
		{ "\xC9\xA1", "\xEE\x80\x80", 0 },     /* U+E000 */
		{ "a\xC9\xFEz", "a\xEE\x81\x9Dz", 0 }, /* U+E05D */
		{ "\xFE\xA1\xFE\xFE", "\xEE\x81\x9E\xEE\x82\xBB", 0 },
		{ "\xC7\xD1\xC9\xA1", "\xED\x95\x9C\xEE\x80\x80", 0 },
		{ "\xC9", "\xEF\xBF\xBD", 1 },
		{ "\xC9\x20", "\xEF\xBF\xBD ", 1 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = { 0 };

		CHECK(text_codepage(&out, 949, chars_of(cases[i].in)) ==
		      cases[i].bad);
		CHECK_STR(buf_text(&out), cases[i].want);
		buf_free(&out);
	}
}

static void a_file_name_may_be_a_word_of_mail(void)
{
	struct fake *mail = heading_new(), *file = fake_attachment(mail);
	struct mail_attachments *list = NULL;
	struct store_object *o = fake_open(mail);
	struct ost_error err;

	fake_text(file, MAPI_ATTACH_LONG_FILENAME, "=?utf-8?B?w7xiZXIucGRm?=");
	fake_number(file, MAPI_ATTACH_METHOD, MAPI_INTEGER32, 1);
	fake_bytes(file, MAPI_ATTACH_DATA, MAPI_BINARY, "x", 1);
	CHECK(mail_attachments_open(&list, o, NULL, &err) == OST_OK);
	CHECK_STR(mail_attachment_at(list, 0)->name, "über.pdf");
	mail_attachments_close(list);
	store_drop(o);
	heading_done();
}

static void categories_may_be_one_string(void)
{
	struct fake *mail = heading_new();
	const uint16_t id =
		fake_name(heading_now.store, value_guid(SET_PUBLIC_STRINGS), 0,
			  "Keywords");

	fake_text(mail, id, "Red;  Blue Team,Green ;");
	CHECK_STR(heading_fact(MAIL_CATEGORIES), "Red, Blue Team, Green");
	heading_done();
}

static void attached_files_have_times_of_their_own(void)
{
	static const char path[] = "Inbox/2024-03-01 10.22 Jane Doe - "
				   "Budget review [200024].attachments/";
	struct store *s = mailbox();
	struct fake *mail = add_message(s, MESSAGE, INBOX);
	struct fake *both = add_file(mail, "both.txt", "x");
	struct fake *made = add_file(mail, "made.txt", "x");
	const int64_t want[] = { 3 * DAY, 2 * DAY, MARCH_1 };
	const char *const names[] = { "both.txt", "made.txt", "none.txt" };
	struct tree *t;

	add_file(mail, "none.txt", "x");
	fake_number(both, MAPI_CREATION_TIME, MAPI_TIME, filetime(DAY));
	fake_number(both, MAPI_LAST_MODIFICATION_TIME, MAPI_TIME,
		    filetime(3 * DAY));
	fake_number(made, MAPI_CREATION_TIME, MAPI_TIME, filetime(2 * DAY));
	t = show(s);
	for (size_t i = 0; i < 3; i++) {
		struct tree_node node = { 0 };
		struct ost_error err;
		struct buf at = { 0 };

		buf_printf(&at, "%s%s", path, names[i]);
		CHECK(tree_walk(t, buf_text(&at), &node, &err) == OST_OK);
		CHECK(node.mtime == want[i]);
		CHECK(tree_stat(t, node.ino, &node, &err) == OST_OK);
		CHECK(node.mtime == want[i]);
		buf_free(&at);
	}
	tree_free(t);
}

static void a_company_is_named_by_its_name(void)
{
	struct store *s = mailbox();
	struct fake *o = fake_add(s, MESSAGE, INBOX);
	struct tree *t;

	fake_text(o, MAPI_MESSAGE_CLASS, "IPM.Contact");
	fake_text(o, 0x3A16, "Example GmbH");
	t = show(s);
	check_list(t, "Inbox", "Example GmbH [200024].vcf\n");
	tree_free(t);
}

int main(void)
{
	RUN(a_field_may_have_a_blank_before_its_colon);
	RUN(an_originator_that_names_nobody_gives_way);
	RUN(a_subject_may_be_in_the_header_alone);
	RUN(a_recipient_of_no_name_is_no_damage);
	RUN(a_report_is_dated_by_its_own_time);
	RUN(korean_has_characters_of_its_users);
	RUN(a_file_name_may_be_a_word_of_mail);
	RUN(categories_may_be_one_string);
	RUN(attached_files_have_times_of_their_own);
	RUN(a_company_is_named_by_its_name);
	return checked();
}
