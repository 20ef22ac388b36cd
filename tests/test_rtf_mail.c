/*
 * test_rtf_mail.c - messages whose body is RTF, as files
 *
 * With a directory as its argument, leaves each mail there for check_eml.py.
 */
#include "mailkit.h"

enum { NATIVE_RTF = 2 };

/* Store RTF uncompressed; it is shorter than 200 bytes. */
static void add_rtf(struct made *t, const char *rtf)
{
	const uint8_t len = (uint8_t)strlen(rtf);
	const uint8_t header[16] = {
		(uint8_t)(len + 12), 0, 0, 0, len, 0, 0, 0, 'M', 'E', 'L', 'A'
	};
	struct buf b = { 0 };

	buf_add(&b, header, sizeof(header));
	buf_str(&b, rtf);
	fake_bytes(t->message, MAPI_RTF_COMPRESSED, MAPI_BINARY, b.at, b.len);
	buf_free(&b);
}

static void html_of_rtf_is_the_body_and_shows_its_images(void)
{
	struct made t = make();
	const char *text;

	add_rtf(&t, "{\\rtf1\\ansi\\fromhtml1{\\*\\htmltag64 <img "
		    "src='cid:a@b'>}\\'e9}");
	attach(t.message, "a.png", "image/png", "a@b", "PNG");
	text = RENDER(&t);
	CHECK(in_order(text, "Content-Type: multipart/related;",
		       "Content-Type: text/html; charset=utf-8\r\n",
		       "<img src='cid:a@b'>\xC3\xA9", "Content-ID: <a@b>",
		       NULL));
	CHECK(count(text, "message-body") == 0);
	CHECK(count(text, "text/plain") == 0);
	done(&t);
}

static void text_of_rtf_is_the_body_and_the_rtf_is_attached(void)
{
	struct made t = make();

	add_rtf(&t, "{\\rtf1\\ansi{\\b Hello}\\par}");
	CHECK(in_order(RENDER(&t), "Content-Type: multipart/mixed;",
		       "Content-Type: text/plain; charset=us-ascii\r\n",
		       "\r\n\r\nHello\r\n", "Content-Type: application/rtf;",
		       "filename=\"message-body.rtf\"",
		       "e1xydGYxXGFuc2l7XGIgSGVsbG99XHBhcn0=", NULL));
	done(&t);
}

static void text_made_to_rtf_is_the_whole_body(void)
{
	struct made t = make();
	const char *text;

	add_rtf(&t, "{\\rtf1\\ansi\\fromtext Hello}");
	text = RENDER(&t);
	CHECK(in_order(text, "Content-Type: text/plain; charset=us-ascii\r\n",
		       "\r\n\r\nHello", NULL));
	CHECK(count(text, "multipart") == 0);
	CHECK(count(text, "rtf") == 0);
	done(&t);
}

static void what_is_older_than_the_rtf_follows_it(void)
{
	struct made t = make();

	add_rtf(&t, "{\\rtf1\\ansi\\fromtext As it is now}");
	fake_number(t.message, MAPI_NATIVE_BODY, MAPI_INTEGER32, NATIVE_RTF);
	fake_text(t.message, MAPI_BODY, "As it was");
	CHECK(in_order(RENDER(&t), "Content-Type: multipart/mixed;",
		       "\r\n\r\nAs it is now", "Content-Type: text/plain;",
		       "X-Ost-Body: stale\r\n",
		       "filename=\"message-body.stale.txt\"",
		       "\r\n\r\nAs it was", NULL));
	done(&t);

	t = make();
	add_rtf(&t, "{\\rtf1\\ansi\\fromhtml1 now}");
	fake_number(t.message, MAPI_NATIVE_BODY, MAPI_INTEGER32, NATIVE_RTF);
	add_html(&t, "<p>was");
	CHECK(in_order(RENDER(&t), "Content-Type: text/html;", "\r\n\r\nnow",
		       "Content-Type: text/html;", "X-Ost-Body: stale\r\n",
		       "filename=\"message-body.stale.html\"", "\r\n\r\n<p>was",
		       NULL));
	done(&t);
}

static void damaged_rtf_is_noted_and_attached(void)
{
	struct made t = make();

	add_rtf(&t, "{\\rtf1\\ansi\\fromtext Hello");
	CHECK(in_order(RENDER(&t), "X-Ost-Note: rtf-damaged\r\n",
		       "\r\n\r\nHello", "filename=\"message-body.rtf\"", NULL));
	CHECK_STR(mail_notes(t.mail), "rtf-damaged");
	done(&t);
}

int main(int argc, char **argv)
{
	directory = argc > 1 ? argv[1] : NULL;
	RUN(html_of_rtf_is_the_body_and_shows_its_images);
	RUN(text_of_rtf_is_the_body_and_the_rtf_is_attached);
	RUN(text_made_to_rtf_is_the_whole_body);
	RUN(what_is_older_than_the_rtf_follows_it);
	RUN(damaged_rtf_is_noted_and_attached);
	return checked();
}
