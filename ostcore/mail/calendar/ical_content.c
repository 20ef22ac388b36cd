/*
 * ical_content.c - bodies and attachments in a component
 */
#include "mail/body/plain.h"
#include "mail/calendar/ical_parts.h"
#include "mail/text/chars.h"
#include "mail/text/encode.h"

enum {
	BODY_MAX = 8 << 20, /* bytes of a body that is told in full */
	STEP = 57 << 10,    /* of an attachment at a time: of 3, for base64 */
	FLAG_EXCEPTION = 2, /* MAPI_ATTACHMENT_FLAGS */
};

/*
 * Bodies
 */

static void put_text(struct ical *w, const char *name, const char *type,
		     struct span text)
{
	if (chars_trim(text).len == 0)
		return;
	if (text.len > BODY_MAX) {
		note_add(w->notes, NOTE_BODY_LARGE);
		return;
	}
	ical_name(&w->lines, name);
	if (type != NULL)
		ical_parameter(&w->lines, "FMTTYPE", chars_of(type));
	ical_text(&w->lines, text);
}

static void put_head(struct ical *w, const char *type, struct span name)
{
	ical_name(&w->lines, "ATTACH");
	ical_parameter(&w->lines, "FMTTYPE", chars_of(type));
	ical_parameter(&w->lines, "ENCODING", chars_of("BASE64"));
	ical_parameter(&w->lines, "VALUE", chars_of("BINARY"));
	ical_parameter(&w->lines, "X-FILENAME", name);
}

/* A body that is no text as it is stored, or whose form the text lost. */
static void put_raw(struct ical *w, const char *type, const char *name,
		    const struct buf *bytes)
{
	struct buf base64 = { 0 };

	if (bytes->len == 0)
		return;
	if (bytes->len > w->inside_left) {
		note_add(w->notes, NOTE_BODY_LARGE);
		return;
	}
	w->inside_left -= bytes->len;
	encode_base64_run(&base64, buf_span(bytes));
	put_head(w, type, chars_of(name));
	ical_value(&w->lines, buf_span(&base64));
	w->lines.out->bad = w->lines.out->bad || base64.bad;
	buf_free(&base64);
}

/* The text in the HTML, which is there too: for those who read no other. */
static void put_html_text(struct ical *w, const struct buf *html)
{
	struct buf text = { 0 };

	if (html->len <= BODY_MAX)
		plain_of_html(&text, buf_span(html));
	else
		note_add(w->notes, NOTE_BODY_LARGE);
	put_text(w, "DESCRIPTION", NULL, chars_trim(buf_span(&text)));
	w->lines.out->bad = w->lines.out->bad || text.bad;
	buf_free(&text);
}

/* HTML that was made of RTF may show what is no part of a calendar. */
static bool has_parts(const struct body *body)
{
	static const char shows[] = "<img src=\"cid:";
	const struct span html = buf_span(&body->html);

	return body->html_id == MAPI_RTF_COMPRESSED && html.len > 0 &&
	       memmem(html.at, html.len, shows, strlen(shows)) != NULL;
}

void ical_put_body(struct ical *w, const struct body *body,
		   const struct body *said)
{
	if (chars_trim(buf_span(&body->plain)).len > 0)
		put_text(w, "DESCRIPTION", NULL, buf_span(&body->plain));
	else if (body->has_html)
		put_html_text(w, &body->html);
	if (body->has_html && !has_parts(body))
		put_text(w, "X-ALT-DESC", "text/html", buf_span(&body->html));
	if (body->has_rtf && body->rtf_rich &&
	    (said == NULL ||
	     !span_equal(buf_span(&body->rtf), buf_span(&said->rtf))))
		put_raw(w, "application/rtf", "message-body.rtf", &body->rtf);
	put_raw(w, "application/octet-stream", "message-body.orig.txt",
		&body->plain_raw);
	put_raw(w, "application/octet-stream", "message-body.orig.html",
		&body->html_raw);
	if (body->large[0] != 0)
		note_add(w->notes, NOTE_BODY_LARGE);
}

/*
 * Attachments
 */

bool ical_is_exception(const struct attach *a)
{
	return a->kind == MAIL_MESSAGE && a->object != NULL &&
	       (store_number(a->object, MAPI_ATTACHMENT_FLAGS, 0) &
		FLAG_EXCEPTION);
}

/* Append all of a file as base64. */
static enum ost_status read_base64(const struct attach *a, struct buf *out,
				   struct ost_error *err)
{
	struct buf raw = { 0 };
	void *at = buf_more(&raw, STEP);
	enum ost_status st = buf_status(&raw, err);

	for (uint64_t off = 0; st == OST_OK && off < a->data.size;
	     off += STEP) {
		const uint64_t rest = a->data.size - off;
		const size_t want = rest < STEP ? (size_t)rest : STEP;

		st = store_read(a->object, &a->data, off, at, want, err);
		if (st == OST_OK)
			encode_base64_run(out, span_of(at, want));
	}
	buf_free(&raw);
	return st == OST_OK ? buf_status(out, err) : st;
}

/* Name what lies beside the file. */
static void put_beside(struct ical *w, const struct attach *a)
{
	ical_name(&w->lines, "X-OST-ATTACHMENT");
	if (a->type.len > 0)
		ical_parameter(&w->lines, "FMTTYPE", buf_span(&a->type));
	ical_text(&w->lines, buf_span(&a->name));
}

static enum ost_status put_file(struct ical *w, const struct attach *a)
{
	struct buf base64 = { 0 };
	enum ost_status st;

	/* There is no line for an empty file: ATTACH wants a value. */
	if (a->data.size == 0 || a->data.size > w->inside_left) {
		if (a->data.size > 0)
			note_add(w->notes, NOTE_ATTACH_BESIDE);
		put_beside(w, a);
		return OST_OK;
	}
	st = read_base64(a, &base64, w->err);
	if (st == OST_OK) {
		w->inside_left -= a->data.size;
		put_head(w,
			 a->type.len > 0 ? a->type.at
					 : "application/octet-stream",
			 buf_span(&a->name));
		ical_value(&w->lines, buf_span(&base64));
	} else if (!ost_is_internal_or_transient(st)) {
		note_add(w->notes, NOTE_ATTACH_CORRUPT);
		put_beside(w, a);
		st = OST_OK;
	}
	buf_free(&base64);
	return st;
}

enum ost_status ical_put_attachments(struct ical *w,
				     const struct attach_list *list,
				     const bool *told)
{
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i < list->count; i++) {
		const struct attach *a = &list->all[i];

		if (told != NULL && told[i])
			continue;
		if (a->kind == MAIL_FILE)
			st = put_file(w, a);
		else
			put_beside(w, a);
	}
	return st;
}
