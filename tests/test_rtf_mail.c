/*
 * test_rtf_mail.c - messages whose body is RTF, as files
 *
 *	test_rtf_mail [DIR]	leaves each mail in DIR, for check_eml.py
 *	test_rtf_mail --real	all RTF in the stores that OST_REAL_STORES names
 */
#include "mail/body/body.h"
#include "mail/rtf/lzfu.h"
#include "mail/rtf/rtf.h"
#include "mail/text/chars.h"
#include "mailkit.h"
#include "real_stores.h"

enum { NATIVE_RTF = 2 };

/* Store RTF uncompressed. */
static void add_rtf(struct made *t, const char *rtf)
{
	const size_t len = strlen(rtf);
	const uint8_t header[16] = { (uint8_t)(len + 12),
				     (uint8_t)((len + 12) >> 8),
				     0,
				     0,
				     (uint8_t)len,
				     (uint8_t)(len >> 8),
				     0,
				     0,
				     'M',
				     'E',
				     'L',
				     'A' };
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

static void B15_rtf_is_html_beside_its_text_and_is_attached(void)
{
	struct made t = make();

	add_rtf(&t, "{\\rtf1\\ansi{\\b Hello}\\par}");
	CHECK(in_order(RENDER(&t), "Content-Type: multipart/mixed;",
		       "Content-Type: multipart/alternative;",
		       "Content-Type: text/plain; charset=us-ascii\r\n",
		       "\r\n\r\nHello\r\n",
		       "Content-Type: text/html; charset=us-ascii\r\n",
		       "<p><b>Hello</b></p>\r\n",
		       "Content-Type: application/rtf;",
		       "filename=\"message-body.rtf\"",
		       "e1xydGYxXGFuc2l7XGIgSGVsbG99XHBhcn0=", NULL));
	CHECK(count(buf_text(&t.bytes), "multipart/related") == 0);
	done(&t);
}

static void B15_pictures_of_rtf_are_parts_that_the_html_shows(void)
{
	struct made t = make();

	add_rtf(&t, "{\\rtf1\\ansi a{\\pict\\pngblip 89504e470d0a1a0a}b"
		    "{\\pict\\jpegblip ffd8ff}\\par}");
	attach(t.message, "a.txt", "text/plain", NULL, "file");
	CHECK(in_order(
		render_as(&t, MAIL_BESIDE, __func__),
		"Content-Type: multipart/mixed;",
		"Content-Type: multipart/alternative;",
		"Content-Type: text/plain", "Content-Type: multipart/related;",
		"Content-Type: text/html",
		"<img src=\"cid:picture-1@rtf.ost.invalid\" alt=\"\">",
		"<img src=\"cid:picture-2@rtf.ost.invalid\" alt=\"\">",
		"Content-Type: image/png; name=picture-1.png\r\n",
		"Content-Disposition: inline; filename=picture-1.png\r\n"
		"Content-ID: <picture-1@rtf.ost.invalid>\r\n",
		"\r\niVBORw0KGgo=", "Content-Type: image/jpeg;", "/9j/",
		"message-body.rtf", "\"a.txt\" is not in this file", NULL));
	done(&t);
}

/* A bitmap as OLE keeps it; no file can be had of the other. */
static void put_objects(struct made *t)
{
	static const char bitmap[] = "\1\5\0\0\2\0\0\0\7\0\0\0PBrush\0\0\0\0"
				     "\0\0\0\0\0\x0A\0\0\0BM picture";
	struct fake *a = attach_method(t->message, MAPI_ATTACH_OLE);

	fake_bytes(a, MAPI_ATTACH_DATA, MAPI_BINARY, bitmap,
		   sizeof(bitmap) - 1);
	fake_text(a, MAPI_DISPLAY_NAME, "Picture");
	fake_number(a, MAPI_RENDERING_POSITION, MAPI_INTEGER32, 7);
	a = attach_method(t->message, MAPI_ATTACH_OLE);
	fake_bytes(a, MAPI_ATTACH_DATA, MAPI_BINARY, "\1\5\0", 3);
	fake_text(a, MAPI_DISPLAY_NAME, "Thing");
	fake_number(a, MAPI_RENDERING_POSITION, MAPI_INTEGER32, 3);
}

static void B15_objects_stand_where_they_stood(void)
{
	struct made t = make();

	add_rtf(&t,
		"{\\rtf1\\ansi a \\objattph  b \\objattph  c \\objattph  d}");
	put_objects(&t);
	attach(t.message, "own.png", "image/png", "own@id", "PNG");
	CHECK(in_order(
		RENDER(&t), "Content-Type: multipart/alternative;",
		"a [attachment: Thing.ole] b [attachment: Picture.bmp] c",
		"Content-Type: multipart/related;",
		"a [attachment: Thing.ole] b <img src=\"cid:attachment-1@"
		"rtf.ost.invalid\" alt=\"Picture.bmp\"> c [attachment] d",
		"Content-Type: image/bmp", "Content-Disposition: inline",
		"Content-ID: <attachment-1@rtf.ost.invalid>",
		"Qk0gcGljdHVyZQ==", "message-body.rtf", "Thing.ole", "own.png",
		"Content-ID: <own@id>", NULL));
	CHECK(count(buf_text(&t.bytes), "Picture.ole") == 0);
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

/*
 * The RTF of real stores
 */

/* What a store may have of the same text beside its RTF. */
static const struct beside {
	uint16_t id;
	bool start; /* the start of it only */
} beside[] = { { MAPI_BODY, false },
	       { MAPI_PREVIEW, true },
	       { MAPI_BODY_PREFIX, true } };

static size_t decoded, compared;

/* Append `in` without blanks, and without where links lead. */
static void put_letters(struct buf *out, struct span in)
{
	bool link = false;

	for (size_t i = 0; i < in.len; i++) {
		const uint8_t c = in.at[i];
		const struct span rest = chars_from(in, i + 1);

		if (c == '<' &&
		    (chars_begin(rest, "http") || chars_begin(rest, "mailto:")))
			link = true;
		if (!link && !chars_blank(c) && c != '\r' && c != '\n' &&
		    c != 0xC2 && c != 0xA0)
			buf_byte(out, (char)c);
		link = link && c != '>';
	}
}

static void compare(struct store_object *o, const struct beside *other,
		    struct span text)
{
	struct buf stored = { 0 }, want = { 0 }, got = { 0 };
	struct ost_error err;

	if (store_text(o, other->id, &stored, NULL, &err) == OST_OK) {
		put_letters(&want, buf_span(&stored));
		put_letters(&got, text);
		if (other->start && want.len > 0 && got.len > want.len)
			buf_cut(&got, want.len);
		CHECK_STR(buf_text(&got), buf_text(&want));
		compared++;
	}
	buf_free(&stored);
	buf_free(&want);
	buf_free(&got);
}

static void check_rtf(struct store *s, uint32_t nid)
{
	struct store_object *o = NULL;
	struct buf stored = { 0 }, rtf = { 0 }, text = { 0 };
	struct notes notes = { 0 };
	struct ost_error err;

	CHECK(store_get(s, (struct store_id){ nid, 0 }, &o, &err) == OST_OK);
	if (store_bytes(o, MAPI_RTF_COMPRESSED, 64 << 20, &stored, &err) !=
		    OST_OK ||
	    stored.len == 0)
		goto out;
	CHECK(lzfu_decode(buf_span(&stored), &rtf, &notes, &err) == OST_OK);
	const enum rtf_kind kind = rtf_recognise(buf_span(&rtf));
	CHECK(kind != RTF_NONE);
	CHECK(rtf_read(buf_span(&rtf), kind, NULL, &text, &notes));
	CHECK(notes.set == 0); /* nor was the CRC wrong */
	decoded++;
	if (kind != RTF_HTML)
		for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++)
			compare(o, &beside[i], buf_span(&text));
out:
	store_drop(o);
	buf_free(&stored);
	buf_free(&rtf);
	buf_free(&text);
}

static void check_store(const char *path)
{
	struct store *s = NULL;
	struct store_object *top = NULL, *o = NULL;
	struct ost_error err = { "" };

	CHECK(store_open(&s, path, &store_native, NULL, &err) == OST_OK);
	if (s == NULL)
		return;
	CHECK(store_get(s, (struct store_id){ MAPI_NID_STORE, 0 }, &top,
			&err) == OST_OK);
	for (size_t nid = 0;
	     store_child(top, STORE_NODES, nid, &o, &err) == OST_OK;) {
		nid = (size_t)o->id.nid + 1;
		if ((o->id.nid & MAPI_NID_TYPE) == MAPI_NID_MESSAGE)
			check_rtf(s, o->id.nid);
		store_drop(o);
	}
	store_drop(top);
	store_close(s);
}

static void all_rtf_is_sound_and_says_what_stands_beside_it(void)
{
	real_stores(check_store);
	printf("%zu decoded, %zu compared\n", decoded, compared);
	CHECK(decoded > 300 && compared > 300);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--real") == 0) {
		RUN(all_rtf_is_sound_and_says_what_stands_beside_it);
		return checked();
	}
	directory = argc > 1 ? argv[1] : NULL;
	RUN(html_of_rtf_is_the_body_and_shows_its_images);
	RUN(B15_rtf_is_html_beside_its_text_and_is_attached);
	RUN(B15_pictures_of_rtf_are_parts_that_the_html_shows);
	RUN(B15_objects_stand_where_they_stood);
	RUN(text_made_to_rtf_is_the_whole_body);
	RUN(what_is_older_than_the_rtf_follows_it);
	RUN(damaged_rtf_is_noted_and_attached);
	return checked();
}
