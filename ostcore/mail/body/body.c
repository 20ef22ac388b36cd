/*
 * body.c - choose the bodies of a message                   [MS-OXBBODY]
 *
 * A message may hold its body as text, HTML and RTF, each of them stored as
 * text or as bytes. All that it has natively is given on; of what cannot be
 * read, the stored bytes are, as long as they can.
 */
#include "mail/body/body.h"

#include "bytes/text.h"
#include "mail/body/body_rtf.h"
#include "mail/body/body_text.h"
#include "mail/rtf/lzfu.h"
#include "mail/text/lines.h"
#include "store/cached.h"

enum { BODY_MAX = 32 << 20 };

/* MAPI_NATIVE_BODY [MS-OXBBODY] 2.1.4.2 */

/* A message being read; what goes wrong with a body is noted. */
struct reader {
	struct store_object *item;
	struct body *out;
	struct notes *notes;
	struct ost_error *err;
	bool found; /* there is a body property, readable or not */
};

/* Have the property attached as it is stored. */
static void attach_stored(struct reader *r, uint16_t id)
{
	size_t i = 0;

	while (r->out->large[i] != 0)
		i++;
	r->out->large[i] = id;
}

/*
 * The stored bytes of body property `id`. OST_NOT_FOUND: not there, or not
 * to be had, which is noted.
 */
static enum ost_status read_stored(struct reader *r, uint16_t id,
				   struct store_prop *p, struct buf *out)
{
	enum ost_status st = store_find(r->item, id, p, r->err);

	if (st == OST_NOT_FOUND)
		return st;
	r->found = true;
	if (st == OST_OK && p->type != MAPI_UNICODE &&
	    p->type != MAPI_STRING8 && p->type != MAPI_BINARY)
		st = ost_fail(r->err, OST_CORRUPT,
			      "body %#06x is of type %#06x", id, p->type);
	if (st == OST_OK && p->size > BODY_MAX) {
		attach_stored(r, id);
		note_add(r->notes, NOTE_BODY_LARGE);
		return OST_NOT_FOUND;
	}
	if (st == OST_OK)
		st = store_bytes(r->item, id, BODY_MAX, out, r->err);
	if (st == OST_OK || ost_is_internal_or_transient(st))
		return st;
	note_add(r->notes, NOTE_BODY_CORRUPT);
	return OST_NOT_FOUND;
}

static unsigned page_of(struct store_object *o, uint16_t id)
{
	const uint64_t cp = store_number(o, id, 0);

	return cp <= UINT16_MAX ? (unsigned)cp : 0;
}

/* The pages an 8-bit body may be in: said of the body, or of its message. */
static struct body_pages pages_of(struct store_object *o, bool html)
{
	const unsigned message = page_of(o, MAPI_MESSAGE_CODEPAGE);
	const uint32_t lcid =
		(uint32_t)store_number(o, MAPI_MESSAGE_LOCALE_ID, 0);

	return (struct body_pages){
		.said = { page_of(o, MAPI_INTERNET_CODEPAGE),
			  html ? 0 : message },
		.guessed = { message, page_of(o, MAPI_CODEPAGE_ID),
			     text_lcid_codepage(lcid) },
		.store = o->store,
	};
}

/* Decode stored bytes to UTF-8. False if they were not all text. */
static bool decode(struct reader *r, const struct store_prop *p, struct span in,
		   bool html, struct buf *out)
{
	static const uint8_t mark[] = { 0xFF, 0xFE };
	struct body_pages pages;
	enum body_fit fit;

	if (p->type == MAPI_UNICODE) {
		if (in.len >= 2 && memcmp(in.at, mark, 2) == 0)
			(void)span_sub(in, 2, in.len - 2, &in);
		if (text_utf16(out, in) == 0)
			return true;
		note_add(r->notes, NOTE_SURROGATE);
		return false;
	}
	pages = pages_of(r->item, html);
	fit = body_decode(out, in, &pages, html);
	if (fit == BODY_GUESSED && !html) /* HTML is 1252 unless it says so */
		note_add(r->notes, NOTE_CHARSET_GUESS);
	if (fit == BODY_UNFIT)
		note_add(r->notes, NOTE_CHARSET);
	return fit != BODY_UNFIT;
}

/*
 * Read text body `id` to `text`; what did not decode, as stored, to `raw`.
 * OST_NOT_FOUND: there is none.
 */
static enum ost_status read_text(struct reader *r, uint16_t id, bool html,
				 struct buf *text, struct buf *raw)
{
	struct buf stored = { 0 }, utf8 = { 0 }, lines = { 0 };
	struct store_prop p;
	enum ost_status st = read_stored(r, id, &p, &stored);

	if (st != OST_OK)
		goto out;
	if (!decode(r, &p, buf_span(&stored), html, &utf8)) {
		*raw = stored;
		stored = (struct buf){ 0 };
	}
	lines_crlf(html ? &lines : text, buf_span(&utf8));
	if (html)
		body_as_utf8(text, buf_span(&lines));
	if (utf8.bad || lines.bad || text->bad)
		st = ost_no_memory(r->err);
out:
	buf_free(&stored);
	buf_free(&utf8);
	buf_free(&lines);
	return st;
}

static enum ost_status read_plain(struct reader *r)
{
	struct body *b = r->out;
	enum ost_status st =
		read_text(r, MAPI_BODY, false, &b->plain, &b->plain_raw);

	b->plain_id = MAPI_BODY;
	if (st == OST_NOT_FOUND && b->large[0] == 0 &&
	    (b->plain_id = cached_charset_body(r->item->store)) != 0)
		st = read_text(r, b->plain_id, false, &b->plain, &b->plain_raw);
	b->has_plain = st == OST_OK;
	return st == OST_NOT_FOUND ? OST_OK : st;
}

static enum ost_status read_html(struct reader *r)
{
	struct body *b = r->out;
	const enum ost_status st =
		read_text(r, MAPI_HTML, true, &b->html, &b->html_raw);

	b->html_id = MAPI_HTML;
	b->has_html = st == OST_OK;
	return st == OST_NOT_FOUND ? OST_OK : st;
}

static enum ost_status read_rtf(struct reader *r)
{
	struct buf stored = { 0 };
	struct store_prop p;
	enum ost_status st = read_stored(r, MAPI_RTF_COMPRESSED, &p, &stored);

	if (st == OST_OK && stored.len > 0) {
		st = lzfu_decode(buf_span(&stored), &r->out->rtf, r->notes,
				 r->err);
		if (st == OST_CORRUPT || st == OST_LIMIT) {
			note_add(r->notes, st == OST_CORRUPT ? NOTE_BODY_CORRUPT
							     : NOTE_BODY_LARGE);
			attach_stored(r, MAPI_RTF_COMPRESSED);
			buf_free(&r->out->rtf);
			st = OST_OK;
		}
	}
	if (st == OST_OK && r->out->rtf.len > 0)
		st = body_use_rtf(r->item, r->out, r->notes, r->err);
	buf_free(&stored);
	return st == OST_NOT_FOUND ? OST_OK : st;
}

/* The start of the body, which a store keeps of what it has not fetched. */
static enum ost_status read_preview(struct reader *r)
{
	const uint16_t ids[] = { MAPI_PREVIEW, MAPI_BODY_PREFIX };
	struct body *b = r->out;
	enum ost_status st = OST_OK;

	for (size_t i = 0; i < 2 && b->plain.len == 0; i++) {
		struct buf text = { 0 };

		st = store_text(r->item, ids[i], &text, NULL, r->err);
		lines_crlf(&b->plain, buf_span(&text));
		buf_free(&text);
		if (ost_is_internal_or_transient(st))
			return st;
	}
	if (b->plain.len > 0)
		note_add(r->notes, NOTE_PREVIEW_ONLY);
	b->has_plain = true;
	return buf_status(&b->plain, r->err);
}

enum ost_status body_read(struct store_object *item, struct body *out,
			  struct notes *notes, struct ost_error *err)
{
	struct reader r = { item, out, notes, err, false };
	enum ost_status st;

	*out = (struct body){ 0 };
	st = read_plain(&r);
	if (st == OST_OK)
		st = read_html(&r);
	if (st == OST_OK)
		st = read_rtf(&r);
	if (st != OST_OK)
		return st;

	/* An empty text beside another body says less than none. */
	if (out->has_html && out->plain.len == 0)
		out->has_plain = false;
	if (out->has_plain || out->has_html || out->large[0] != 0)
		return OST_OK;
	if (out->has_rtf) {
		out->has_plain = true;
		return OST_OK;
	}
	st = read_preview(&r);
	if (st == OST_OK && !r.found && out->plain.len == 0 &&
	    cached_had_body(item))
		note_add(notes, NOTE_NO_BODY);
	return st;
}

void body_free(struct body *b)
{
	buf_free(&b->plain);
	buf_free(&b->html);
	buf_free(&b->rtf);
	rtfhtml_free(&b->shown);
	buf_free(&b->older);
	buf_free(&b->plain_raw);
	buf_free(&b->html_raw);
}
