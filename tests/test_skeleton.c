/*
 * test_skeleton.c - messages in the MIME structure that they came in
 *
 * With a directory as its argument, leaves each mail there for check_eml.py.
 */
#include "mail/rfc822/entity.h"
#include "mail/rfc822/skeleton_parse.h"
#include "mailkit.h"

#define HEADER                                                                 \
	"From: Jane <jane@example.org>\r\nTo: bob@example.org\r\n"             \
	"Date: Thu, 29 Feb 2024 08:02:00 +0000\r\nSubject: Budget review\r\n"  \
	"Message-ID: <1@example.org>\r\nMIME-Version: 1.0\r\n"
#define ID "X-Exchange-Mime-Skeleton-Content-Id: "

static struct made skeleton(const char *text)
{
	struct made t = make();

	fake_bytes(t.message, MAPI_MIME_SKELETON, MAPI_BINARY, text,
		   strlen(text));
	return t;
}

static void has_body(struct made *t, const char *id, const char *text)
{
	fake_text(t->message, MAPI_BODY_CONTENT_ID, id);
	fake_text(t->message, MAPI_BODY, text);
}

/*
 * Filled
 */

static void a_text_is_encoded_as_it_came(void)
{
	struct made t = skeleton(
		HEADER "Importance: high\r\n"
		       "Content-Type: text/plain; charset=\"iso-8859-1\"\r\n"
		       "Content-Transfer-Encoding: quoted-printable\r\n" ID
		       "<body@x>\r\n\r\n");

	has_body(&t, "body@x", "caf\xC3\xA9");
	CHECK(in_order(RENDER(&t), "To: bob@example.org\r\n",
		       "Content-Type: text/plain; charset=\"iso-8859-1\"\r\n"
		       "Content-Transfer-Encoding: quoted-printable\r\n",
		       "\r\n\r\ncaf=E9", NULL));
	CHECK(count(buf_text(&t.bytes), "X-Exchange") == 0);
	CHECK(count(buf_text(&t.bytes), "X-Ost-Orig") == 0);
	CHECK(count(buf_text(&t.bytes), "Importance") == 0);
	CHECK(!has_note(t.mail, "skeleton-unusable"));
	done(&t);
}

static void an_encoding_that_does_not_do_is_changed(void)
{
	static const struct {
		const char *type, *encoding, *text, *want;
	} cases[] = {
		{ "text/plain", "7bit", "plain", "\r\n\r\nplain" },
		{ "text/plain; charset=us-ascii", "7bit", "\xC3\xA9",
		  "charset=utf-8" },
		{ "text/plain; charset=us-ascii", "7bit", "\xC3\xA9",
		  "quoted-printable\r\n" },
		{ "text/plain; format=flowed", "7bit", "\xC3\xA9",
		  "text/plain; format=flowed;\r\n charset=utf-8\r\n" },
		{ "text/plain; charset=koi8-r; x=y", "8bit", "\xE2\x82\xAC",
		  "charset=utf-8; x=y\r\n" },
		{ "text/plain; charset=koi8-r", "8bit", "\xD0\x9F",
		  "\r\n\r\n\xF0" },
		{ "text/plain; charset=shift_jis", "base64", "\xE3\x82\xA2",
		  "charset=utf-8\r\n" },
		{ "text/plain; charset=utf-8", "base64", "\xE3\x82\xA2",
		  "\r\n\r\n44Ki\r\n" },
		{ "text/plain; charset=utf-8", "8bit", "\xE3\x82\xA2",
		  "\r\n\r\n\xE3\x82\xA2" },
		{ "text/plain; charset=utf-8", "rot13", "x", "eA==" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[1024], name[64];
		struct made t;

		snprintf(name, sizeof(name), "%s-%zu", __func__, i);
		snprintf(text, sizeof(text),
			 HEADER "Content-Type: %s\r\n"
				"Content-Transfer-Encoding: %s\r\n" ID "b\r\n"
				"\r\n",
			 cases[i].type, cases[i].encoding);
		t = skeleton(text);
		has_body(&t, "<b>", cases[i].text);
		render_as(&t, MAIL_ALL_INSIDE, name);
		CHECK(strstr(buf_text(&t.bytes), cases[i].want) != NULL);
		CHECK(!has_note(t.mail, "skeleton-unusable"));
		done(&t);
	}
}

#define TREE                                                                   \
	HEADER                                                                 \
	"Content-Type: multipart/mixed; boundary=\"a b\"\r\n\r\n"              \
	"preamble\r\n"                                                         \
	"--a b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n"     \
	"--c\r\nContent-Type: text/plain\r\n\r\nkept text\r\n"                 \
	"--c\r\nContent-Type: text/html; charset=utf-8\r\n" ID "b\r\n\r\n\r\n" \
	"--c\r\nContent-Type: text/calendar; method=REQUEST\r\n"               \
	"Content-Transfer-Encoding: base64\r\n\r\nQkVHSU46Vg==\r\n"            \
	"--c--\r\nepilogue of c\r\n"                                           \
	"--a b\r\nContent-Type: image/png; name=i.png\r\n"                     \
	"Content-Transfer-Encoding: base64\r\nContent-ID: <i@x>\r\n"           \
	"X-Own: kept\r\n\r\n\r\n"                                              \
	"--a b\r\nContent-Type: message/rfc822\r\n" ID "m\r\n\r\n"             \
	"--a b--\r\nepilogue\r\n"

static struct made tree(void)
{
	struct made t = skeleton(TREE);
	struct fake *m;

	fake_text(t.message, MAPI_BODY_CONTENT_ID, "b");
	add_html(&t, "<p>\xC3\xBC</p>");
	attach(t.message, "i.png", "image/png", "i@x", "an image");
	m = attach_message(t.message, "Inner");
	fake_text(m, MAPI_BODY, "inner body");
	return t;
}

static void put_id(struct fake *a, const char *id)
{
	fake_text(a, MAPI_ATTACH_CONTENT_ID, id);
}

static void a_tree_is_as_it_came(void)
{
	struct made t = skeleton(TREE);
	const uint8_t object[8] = { 0x24, 0x80 };
	struct fake *a;

	fake_text(t.message, MAPI_BODY_CONTENT_ID, "b");
	add_html(&t, "<p>\xC3\xBC</p>");
	attach(t.message, "i.png", "image/png", "i@x", "an image");
	attach(t.message, "invite.ics", "text/calendar", NULL, "BEGIN:V");
	a = attach_method(t.message, MAPI_ATTACH_EMBEDDED);
	fake_bytes(a, MAPI_ATTACH_DATA, MAPI_OBJECT, object, sizeof(object));
	put_id(a, "m");
	fake_text(fake_embedded(a), MAPI_SUBJECT, "Inner");
	CHECK(in_order(RENDER(&t),
		       "Content-Type: multipart/mixed; boundary=\"a b\"\r\n",
		       "\r\n\r\npreamble\r\n--a b\r\n",
		       "Content-Type: multipart/alternative; boundary=c\r\n",
		       "\r\n--c\r\nContent-Type: text/plain\r\n\r\n"
		       "kept text\r\n--c\r\n",
		       "Content-Type: text/html; charset=utf-8\r\n"
		       "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
		       "<p>=C3=BC</p>",
		       "\r\n--c\r\nContent-Type: text/calendar; method=REQUEST",
		       "QkVHSU46Vg==\r\n--c--\r\nepilogue of c\r\n--a b\r\n",
		       "Content-ID: <i@x>\r\nX-Own: kept\r\n\r\nYW4gaW1hZ2U=",
		       "Content-Type: message/rfc822\r\n\r\n",
		       "Subject: Inner\r\n", "\r\n--a b--\r\nepilogue\r\n",
		       NULL));
	CHECK(count(buf_text(&t.bytes), "X-Exchange") == 0);
	CHECK(count(buf_text(&t.bytes), "invite.ics") == 0);
	CHECK(count(buf_text(&t.bytes), "=_ost_") == 0);
	CHECK(!has_note(t.mail, "skeleton-unusable"));
	done(&t);
}

static void a_report_has_the_parts_it_came_with(void)
{
	struct made t = skeleton(
		HEADER
		"Content-Type: multipart/report; boundary=r;\r\n"
		" report-type=delivery-status\r\n\r\n"
		"--r\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n"
		"--c\r\nContent-Type: text/plain\r\n" ID "b\r\n\r\n\r\n"
		"--c\r\nContent-Type: text/html\r\n\r\n<p>kept</p>\r\n--c--\r\n"
		"--r\r\nContent-Type: message/delivery-status\r\n\r\n"
		"Reporting-MTA: dns; mx\r\n\r\n"
		"Final-Recipient: rfc822; ann@example.org\r\n\r\n"
		"--r\r\nContent-Type: message/rfc822\r\n\r\n"
		"Subject: kept\r\n\r\nx\r\n--r--\r\n");
	struct fake *row = fake_recipient(t.message);

	fake_text(t.message, MAPI_MESSAGE_CLASS, "REPORT.IPM.Note.NDR");
	has_body(&t, "b", "Sorry.");
	fake_text(row, MAPI_SMTP_ADDRESS, "ann@example.org");
	fake_number(row, MAPI_RECIPIENT_TYPE, MAPI_INTEGER32, 1);
	CHECK(in_order(RENDER(&t), "multipart/report; boundary=r",
		       "multipart/alternative", "\r\n\r\nSorry.\r\n--c\r\n",
		       "<p>kept</p>", "message/delivery-status",
		       "Final-Recipient: rfc822; ann@example.org\r\n",
		       "message/rfc822", "Subject: kept", NULL));
	CHECK(count(buf_text(&t.bytes), "X-Exchange") == 0);
	CHECK(count(buf_text(&t.bytes), "X-Ost-Recipient") == 0);
	CHECK(count(buf_text(&t.bytes), "Final-Recipient") == 1);
	done(&t);
}

static void what_it_does_not_know_is_attached(void)
{
	struct made t =
		skeleton(HEADER "Content-Type: text/plain\r\n" ID "b\r\n\r\n");

	has_body(&t, "b", "text");
	attach(t.message, "new.txt", NULL, "other@x", "new");
	CHECK(in_order(RENDER(&t), "Content-Type: multipart/mixed;\r\n",
		       "Content-Type: text/plain\r\n\r\ntext\r\n--=_ost_",
		       "new.txt", NULL));
	CHECK(!has_note(t.mail, "skeleton-unusable"));
	done(&t);
}

static void the_transport_headers_are_better(void)
{
	struct made t =
		skeleton(HEADER "X-Old: 1\r\n"
				"Content-Type: text/plain\r\n" ID "b\r\n\r\n");

	has_body(&t, "b", "text");
	fake_text(t.message, MAPI_TRANSPORT_MESSAGE_HEADERS,
		  "Received: from x\r\nFrom: jane@example.org\r\n"
		  "Content-Type: application/ms-tnef\r\n\r\n");
	CHECK(in_order(RENDER(&t), "Received: from x\r\n",
		       "X-Ost-Orig-Content-Type: application/ms-tnef\r\n",
		       "\r\nContent-Type: text/plain\r\n", NULL));
	CHECK(count(buf_text(&t.bytes), "X-Old") == 0);
	done(&t);
}

static void a_boundary_in_a_new_text_does_not_end_it(void)
{
	struct made t = skeleton(
		HEADER "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
		       "--b\r\nContent-Type: text/plain\r\n" ID "x\r\n\r\n\r\n"
		       "--b--\r\n");

	has_body(&t, "x", "one\r\n--b--\r\ntwo");
	CHECK(in_order(RENDER(&t),
		       "Content-Transfer-Encoding: base64\r\n\r\n"
		       "b25lDQotLWItLQ0KdHdv",
		       "\r\n--b--\r\n", NULL));
	done(&t);
}

static void an_attachment_in_lines_is_in_lines(void)
{
	struct made t = skeleton(
		HEADER "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
		       "--b\r\nContent-Type: text/plain\r\n\r\nkept\r\n"
		       "--b\r\nContent-Type: text/x-one\r\n" ID "1\r\n\r\n\r\n"
		       "--b\r\nContent-Type: application/x-two\r\n" ID
		       "2\r\n\r\n\r\n"
		       "--b\r\nContent-Type: text/x-three\r\n"
		       "Content-Transfer-Encoding: quoted-printable\r\n" ID
		       "3\r\n\r\n\r\n--b--\r\n");

	attach(t.message, "1", NULL, "1", "7bit\r\nlines");
	attach(t.message, "2", NULL, "2", "\xFF\n");
	attach(t.message, "3", NULL, "3", "a=b");
	CHECK(in_order(
		RENDER(&t), "text/x-one\r\n\r\n7bit\r\nlines\r\n--b",
		"application/x-two\r\nContent-Transfer-Encoding: base64\r\n\r\n"
		"/wo=\r\n",
		"\r\n\r\na=3Db", NULL));
	done(&t);
}

/*
 * Not filled
 */

static void what_cannot_be_filled_takes_another_form(void)
{
	static const char *const cases[] = {
		"",
		"\r\n",
		"no header",
		HEADER, /* and no place for the text */
		HEADER "Content-Type: text/plain\r\n" ID "other\r\n\r\n",
		HEADER "Content-Type: text/html\r\n" ID "b\r\n\r\n",
		HEADER "Content-Type: image/png\r\n" ID "b\r\n\r\n",
		HEADER "Content-Type: text/plain\r\n" ID "\r\n\r\n",
		HEADER "Content-Type: multipart/mixed\r\n\r\n",
		HEADER "Content-Type: multipart/mixed; boundary=b\r\n\r\n",
		HEADER "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
		       "--b\r\n" ID "b\r\n\r\n\r\n",
		HEADER "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
		       "--b--\r\n",
		HEADER "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
		       "--b\r\n\xFF: 1\r\n\r\n\r\n--b--\r\n",
		HEADER "Content-Type: message/rfc822\r\n" ID "f\r\n\r\n",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = skeleton(cases[i]);
		char name[64];

		snprintf(name, sizeof(name), "%s-%zu", __func__, i);
		has_body(&t, "b", "the text");
		attach(t.message, "f.bin", NULL, "f", "not a message");
		render_as(&t, MAIL_ALL_INSIDE, name);
		CHECK(has_note(t.mail, "skeleton-unusable"));
		CHECK(in_order(buf_text(&t.bytes), "multipart/mixed",
			       "the text", "f.bin", NULL));
		done(&t);
	}
}

static void a_mail_beside_its_files_takes_another_form(void)
{
	struct made t = tree();

	CHECK(in_order(render_as(&t, MAIL_BESIDE, __func__), "=_ost_",
		       "is not in this file", NULL));
	CHECK(!has_note(t.mail, "skeleton-unusable"));
	done(&t);
}

static void says_what_is_wrong_with_a_bad_skeleton(void)
{
	static const struct {
		const char *text, *want;
		enum ost_status status;
	} cases[] = {
		{ "a", "the text at 0 is not a header", OST_CORRUPT },
		{ "a: b", "the text at 0 is not a header", OST_CORRUPT },
		{ "a: b\r\nc\r\n\r\n", "the text at 0 is not a header",
		  OST_CORRUPT },
		{ " a: b\r\n\r\n", "the text at 0 is not a header",
		  OST_CORRUPT },
		{ "Content-Type: multipart/x\r\n\r\n",
		  "the multipart at 0 has no boundary", OST_CORRUPT },
		{ "Content-Type: multipart/x; boundary=\"\"\r\n\r\n",
		  "the multipart at 0 has no boundary", OST_CORRUPT },
		{ "Content-Type: multipart/x; boundary=b\r\n\r\n",
		  "the multipart at 0 does not end", OST_CORRUPT },
		{ "Content-Type: multipart/x; boundary=b\r\n\r\n--b\r\n"
		  "--bb\r\n--b-\r\n --b--\r\n",
		  "the multipart at 0 does not end", OST_CORRUPT },
		{ "Content-Type: multipart/x; boundary=b\r\n\r\n--b\r\n"
		  "x\r\n--b--\r\n",
		  "the text at 46 is not a header", OST_CORRUPT },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct skeleton s;
		struct ost_error err = { "" };

		CHECK(skeleton_parse(
			      &s, span_of(cases[i].text, strlen(cases[i].text)),
			      &err) == cases[i].status);
		CHECK_STR(err.text, cases[i].want);
	}
}

static void many_parts_are_too_many(void)
{
	static const char head[] = "Content-Type: multipart/x; boundary=b";
	struct buf wide = { 0 }, deep = { 0 };
	struct skeleton s;
	struct ost_error err = { "" };

	buf_printf(&wide, "%s\r\n\r\n", head);
	for (int i = 0; i < 1001; i++)
		buf_str(&wide, "--b\r\n\r\n");
	buf_str(&wide, "--b--\r\n");
	CHECK(skeleton_parse(&s, buf_span(&wide), &err) == OST_LIMIT);
	CHECK_STR(err.text, "more than 1000 entities");
	for (int i = 0; i < 21; i++)
		buf_printf(&deep, "%s%02d\r\n\r\n--b%02d\r\n", head, i, i);
	for (int i = 21; i-- > 0;)
		buf_printf(&deep, "\r\n--b%02d--\r\n", i);
	CHECK(skeleton_parse(&s, buf_span(&deep), &err) == OST_LIMIT);
	CHECK_STR(err.text, "20 entities in one another");
	buf_free(&wide);
	buf_free(&deep);
}

/*
 * Entities
 */

static void parameters_are_found(void)
{
	static const struct {
		const char *type, *want;
	} cases[] = {
		{ "multipart/x; boundary=b", "b" },
		{ "multipart/x; Boundary = \"a \\\"b\" ; y=z", "a \"b" },
		{ "multipart/x;\r\n\tx=\"; boundary=no\";\r\n\tboundary=yes",
		  "yes" },
		{ "multipart/x; boundary", "" },
		{ "multipart/x; boundary=", "" },
		{ "multipart/x; boundary=\"b", "b" },
		{ "boundary=b", "" },
		{ "", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf got = { 0 };

		entity_parameter(span_of(cases[i].type, strlen(cases[i].type)),
				 "boundary", &got);
		CHECK_STR(buf_text(&got), cases[i].want);
		buf_free(&got);
	}
}

static void contents_are_decoded(void)
{
	static const struct {
		const char *text, *encoding, *want;
	} cases[] = {
		{ "YWJj\r\nZA==\r\nYWJj", "base64", "abcd" },
		{ "Y W!Jj", "BASE64", "abc" },
		{ "YWJ", "base64", "ab" },
		{ "Y", "base64", "" },
		{ "a=3Db=\r\nc=3d\r\n", "quoted-printable", "a=bc=\r\n" },
		{ "a=", "quoted-printable", "a=" },
		{ "a=3", "quoted-printable", "a=3" },
		{ "=ZZ", "quoted-printable", "=ZZ" },
		{ "a=3D", "7bit", "a=3D" },
		{ "", "base64", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf got = { 0 };

		entity_decode(
			span_of(cases[i].text, strlen(cases[i].text)),
			span_of(cases[i].encoding, strlen(cases[i].encoding)),
			&got);
		CHECK_STR(buf_text(&got), cases[i].want);
		buf_free(&got);
	}
}

int main(int argc, char **argv)
{
	directory = argc > 1 ? argv[1] : NULL;
	RUN(a_text_is_encoded_as_it_came);
	RUN(an_encoding_that_does_not_do_is_changed);
	RUN(a_tree_is_as_it_came);
	RUN(a_report_has_the_parts_it_came_with);
	RUN(what_it_does_not_know_is_attached);
	RUN(the_transport_headers_are_better);
	RUN(a_boundary_in_a_new_text_does_not_end_it);
	RUN(an_attachment_in_lines_is_in_lines);
	RUN(what_cannot_be_filled_takes_another_form);
	RUN(a_mail_beside_its_files_takes_another_form);
	RUN(says_what_is_wrong_with_a_bad_skeleton);
	RUN(many_parts_are_too_many);
	RUN(parameters_are_found);
	RUN(contents_are_decoded);
	return checked();
}
