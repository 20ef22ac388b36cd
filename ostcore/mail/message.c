/*
 * message.c - lay a message out as MIME parts
 *
 *	mixed { body, attachments }		when there are any
 *	body: alternative { plain, html }	or the one there is
 *	html: related { html, inline }		when it refers to any
 */
#include <stdlib.h>

#include "mail/chars.h"
#include "mail/encode.h"
#include "mail/ical.h"
#include "mail/message.h"
#include "mail/ole.h"
#include "mail/refs.h"

/*
 * Bodies that are larger together leave little of the text that a plan may
 * hold; the larger one is attached as it is stored.
 */
enum { BODIES_MOST = 24 << 20 };

static void message_free(struct message *msg)
{
	buf_free(&msg->header);
	header_facts_free(&msg->facts);
	body_free(&msg->body);
	attach_list_close(&msg->list);
	buf_free(&msg->calendar);
	buf_free(&msg->own.text);
}

/*
 * Gathering
 */

static void shed(struct message *msg, struct buf *body, bool *has, uint16_t id)
{
	struct store_prop p;
	struct ost_error err;

	/* It may have been made from the RTF. */
	if (store_find(msg->item, id, &p, &err) != OST_OK)
		id = MAPI_RTF_COMPRESSED;
	for (size_t i = 0; i < 3; i++)
		if (msg->body.large[i] == 0 || msg->body.large[i] == id) {
			msg->body.large[i] = id;
			break;
		}
	buf_free(body);
	*has = false;
	note_add(&msg->notes, NOTE_BODY_LARGE);
}

static void shed_bodies(struct message *msg)
{
	struct body *b = &msg->body;

	if (b->html.len > BODIES_MOST ||
	    (b->html.len > b->plain.len &&
	     b->html.len + b->plain.len > BODIES_MOST))
		shed(msg, &b->html, &b->has_html, MAPI_HTML);
	if (b->html.len + b->plain.len > BODIES_MOST)
		shed(msg, &b->plain, &b->has_plain, MAPI_BODY);
	if (b->html.len + b->plain.len + b->older.len > BODIES_MOST)
		shed(msg, &b->older, &b->older_is_html,
		     b->older_is_html ? MAPI_HTML : MAPI_BODY);
	if (b->has_rtf && b->rtf.len > BODIES_MOST)
		shed(msg, &b->rtf, &b->has_rtf, MAPI_RTF_COMPRESSED);
}

/* Append text property `id` to `out`, from nothing. */
static const char *text_of(const struct attach *a, uint16_t id, struct buf *out)
{
	struct ost_error err;

	buf_cut(out, 0);
	if (store_text(a->object, id, out, NULL, &err) != OST_OK)
		buf_cut(out, 0);
	return buf_text(out);
}

static bool uses_location(const struct refs *refs, const struct attach *a,
			  const char *location, struct buf *base)
{
	if (refs_url(refs, location))
		return true;
	(void)text_of(a, MAPI_ATTACH_CONTENT_BASE, base);
	if (base->len == 0)
		return false;
	buf_str(base, location);
	return refs_url(refs, buf_text(base));
}

/* Is `a` named by the HTML body? Flags tell nothing reliable of it. */
static bool is_used(const struct refs *refs, const struct attach *a)
{
	const uint16_t names[] = { MAPI_ATTACH_LONG_FILENAME,
				   MAPI_ATTACH_FILENAME };
	struct buf text = { 0 }, base = { 0 };
	bool used = false, named = false;

	attach_content_id(a, &text);
	named = text.len > 0;
	used = named && refs_cid(refs, text.at);
	if (!used && text_of(a, MAPI_ATTACH_CONTENT_LOCATION, &text)[0] != 0) {
		named = true;
		used = uses_location(refs, a, text.at, &base);
	}
	for (size_t i = 0; !named && !used && i < 2; i++) {
		const char *name = text_of(a, names[i], &text);

		used = refs_cid(refs, name) || refs_url(refs, name);
	}
	buf_free(&text);
	buf_free(&base);
	return used;
}

static enum ost_status find_inline(struct message *msg, struct ost_error *err)
{
	struct refs refs;
	enum ost_status st;

	if (!msg->body.has_html || msg->list.count == 0)
		return OST_OK;
	st = refs_read(&refs, buf_span(&msg->body.html), err);
	if (st != OST_OK)
		return st;
	for (size_t i = 0; i < msg->list.count; i++) {
		struct attach *a = &msg->list.all[i];

		a->in_body =
			a->kind == MAIL_FILE && !a->made && is_used(&refs, a);
	}
	refs_free(&refs);
	return OST_OK;
}

/* The calendar of meeting mail says all that its properties say. */
static enum ost_status read_calendar(struct message *msg, struct ost_error *err)
{
	const enum ost_status st = ical_meeting(msg->item, &msg->calendar,
						&msg->method, &msg->notes, err);

	if (st == OST_OK)
		buf_free(&msg->own.text);
	else
		buf_free(&msg->calendar);
	return attach_grave(st) ? st : OST_OK;
}

static enum ost_status gather(struct message *msg, struct ost_error *err)
{
	enum ost_status st = header_write(msg->item, &msg->header, &msg->facts,
					  &msg->notes, err);

	if (st == OST_OK)
		st = body_read(msg->item, &msg->body, &msg->notes, err);
	if (st == OST_OK)
		st = attach_list_open(&msg->list, msg->item, &msg->notes, err);
	if (st == OST_OK)
		st = ole_add(&msg->list, &msg->notes, err);
	if (st == OST_OK)
		st = form_part(msg->item, &msg->own, &msg->notes, err);
	if (st == OST_OK)
		st = read_calendar(msg, err);
	if (st != OST_OK)
		return st;
	shed_bodies(msg);
	return find_inline(msg, err);
}

/*
 * The body
 */

static enum mime_lines put_text(struct mime *m, const struct mime_top *top,
				const char *type, const struct buf *text,
				bool stale)
{
	static const char old[] = "X-Ost-Body: stale\r\n";

	return mime_text(m, top, type, span_of(old, stale ? strlen(old) : 0),
			 buf_span(text));
}

static size_t count_inline(const struct message *msg)
{
	size_t count = 0;

	for (size_t i = 0; i < msg->list.count; i++)
		count += msg->list.all[i].in_body;
	return count;
}

/* The attachments that are, or are not, in the body: each a part. */
static enum ost_status put_attachments(struct mime *m, struct message *msg,
				       bool in_body, struct mime_multi *multi,
				       struct ost_error *err)
{
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i < msg->list.count; i++) {
		struct attach *a = &msg->list.all[i];
		enum mime_lines lines = MIME_7BIT;

		if (a->in_body != in_body)
			continue;
		if (pieces_stopped(m->pieces))
			break;
		mime_part(m, multi);
		st = mime_attachment(m, a, &msg->notes, &lines, err);
		multi->lines = mime_worse(multi->lines, lines);
	}
	return st;
}

static enum ost_status put_html(struct mime *m, struct message *msg,
				const struct mime_top *top,
				enum mime_lines *lines, struct ost_error *err)
{
	struct mime_multi multi;
	enum ost_status st;

	if (count_inline(msg) == 0) {
		*lines = put_text(m, top, "text/html", &msg->body.html,
				  msg->body.stale_html);
		return OST_OK;
	}
	mime_open(m, &multi);
	mime_part(m, &multi);
	multi.lines = put_text(m, NULL, "text/html", &msg->body.html,
			       msg->body.stale_html);
	st = put_attachments(m, msg, true, &multi, err);
	mime_close(m, &multi, top, "related; type=\"text/html\"");
	*lines = multi.lines;
	return st;
}

/* RFC 6047 2.4: the method stands in the type too. */
static void put_calendar(struct mime *m, const struct message *msg,
			 struct mime_multi *multi)
{
	struct buf type = { 0 };
	enum mime_lines lines;

	if (msg->calendar.len == 0)
		return;
	buf_printf(&type, "text/calendar; method=%s", msg->method);
	mime_part(m, multi);
	lines = mime_text(m, NULL, buf_text(&type), (struct span){ NULL, 0 },
			  buf_span(&msg->calendar));
	multi->lines = mime_worse(multi->lines, lines);
	buf_free(&type);
}

enum ost_status message_body(struct mime *m, struct message *msg,
			     const struct mime_top *top, enum mime_lines *lines,
			     struct ost_error *err)
{
	struct mime_multi multi;
	enum mime_lines html = MIME_7BIT;
	enum ost_status st = OST_OK;

	if (!msg->body.has_html && msg->calendar.len == 0) {
		*lines = put_text(m, top, "text/plain", &msg->body.plain,
				  msg->body.stale_plain);
		return OST_OK;
	}
	if (!msg->body.has_plain && msg->calendar.len == 0)
		return put_html(m, msg, top, lines, err);
	mime_open(m, &multi);
	if (msg->body.has_plain || !msg->body.has_html) {
		mime_part(m, &multi);
		multi.lines = put_text(m, NULL, "text/plain", &msg->body.plain,
				       msg->body.stale_plain);
	}
	if (msg->body.has_html) {
		mime_part(m, &multi);
		st = put_html(m, msg, NULL, &html, err);
		multi.lines = mime_worse(multi.lines, html);
	}
	put_calendar(m, msg, &multi);
	mime_close(m, &multi, top, "alternative");
	*lines = multi.lines;
	return st;
}

/*
 * What is attached beside the attachments
 */

static void put_names(struct buf *out, const char *type, const char *name)
{
	buf_printf(out,
		   "Content-Type: %s;\r\n name=\"%s\"\r\n"
		   "Content-Transfer-Encoding: base64\r\n"
		   "Content-Disposition: attachment;\r\n filename=\"%s\"\r\n"
		   "\r\n",
		   type, name, name);
}

static void put_bytes(struct mime *m, struct mime_multi *multi,
		      const char *type, const char *name,
		      const struct buf *bytes)
{
	if (bytes->len == 0)
		return;
	mime_part(m, multi);
	put_names(pieces_out(m->pieces), type, name);
	pieces_base64(m->pieces, buf_span(bytes));
}

/* A body too large for memory, as it is stored. */
static void put_large(struct mime *m, struct message *msg, uint16_t id,
		      struct mime_multi *multi)
{
	struct store_prop p;
	struct ost_error err;

	if (id == 0 || store_find(msg->item, id, &p, &err) != OST_OK)
		return;

	const bool wide = p.type == MAPI_UNICODE;
	mime_part(m, multi);
	if (id == MAPI_BODY)
		put_names(pieces_out(m->pieces),
			  wide ? "text/plain; charset=utf-16le" : "text/plain",
			  "message-body.txt");
	else if (id == MAPI_HTML)
		put_names(pieces_out(m->pieces),
			  wide ? "text/html; charset=utf-16le" : "text/html",
			  "message-body.html");
	else
		put_names(pieces_out(m->pieces), "application/octet-stream",
			  "message-body.rtf.lzfu");
	pieces_prop(m->pieces, msg->item, &p, true);
	msg->keeps_item = true;
}

bool message_has_extras(const struct message *msg)
{
	return msg->own.text.len > 0 || msg->facts.bogus.len > 0 ||
	       msg->body.plain_raw.len > 0 || msg->body.html_raw.len > 0 ||
	       (msg->body.has_rtf && msg->body.rtf.len > 0) ||
	       msg->body.older.len > 0 || msg->body.large[0] != 0;
}

/* A body that the RTF took the place of. */
static void put_older(struct mime *m, const struct message *msg,
		      struct mime_multi *multi)
{
	const bool html = msg->body.older_is_html;
	struct buf head = { 0 };
	enum mime_lines lines;

	if (msg->body.older.len == 0)
		return;
	buf_printf(&head,
		   "X-Ost-Body: stale\r\nContent-Disposition: attachment; "
		   "filename=\"message-body.stale.%s\"\r\n",
		   html ? "html" : "txt");
	mime_part(m, multi);
	lines = mime_text(m, NULL, html ? "text/html" : "text/plain",
			  buf_span(&head), buf_span(&msg->body.older));
	multi->lines = mime_worse(multi->lines, lines);
	buf_free(&head);
}

void message_extras(struct mime *m, struct message *msg,
		    struct mime_multi *multi)
{
	static const char octets[] = "application/octet-stream";
	enum mime_lines lines;

	if (msg->own.text.len > 0) {
		mime_part(m, multi);
		lines = mime_text(m, NULL, msg->own.type,
				  chars_of(msg->own.fields),
				  buf_span(&msg->own.text));
		multi->lines = mime_worse(multi->lines, lines);
	}
	put_older(m, msg, multi);
	if (msg->body.has_rtf)
		put_bytes(m, multi, "application/rtf", "message-body.rtf",
			  &msg->body.rtf);
	put_bytes(m, multi, octets, "message-body.orig.txt",
		  &msg->body.plain_raw);
	put_bytes(m, multi, octets, "message-body.orig.html",
		  &msg->body.html_raw);
	for (size_t i = 0; i < 3; i++)
		put_large(m, msg, msg->body.large[i], multi);
	put_bytes(m, multi, "text/plain; charset=utf-8",
		  "transport-headers.txt", &msg->facts.bogus);
}

/*
 * The whole
 */

static enum ost_status put_mixed(struct mime *m, struct message *msg,
				 const struct mime_top *top,
				 enum mime_lines *lines, struct ost_error *err)
{
	struct mime_multi multi;
	enum mime_lines body = MIME_7BIT;
	enum ost_status st = OST_OK;

	mime_open(m, &multi);
	if (msg->body.has_plain || msg->body.has_html ||
	    msg->calendar.len > 0) {
		mime_part(m, &multi);
		st = message_body(m, msg, NULL, &body, err);
		multi.lines = body;
	}
	message_extras(m, msg, &multi);
	if (st == OST_OK)
		st = put_attachments(m, msg, false, &multi, err);
	mime_close(m, &multi, top, "mixed");
	*lines = multi.lines;
	return st;
}

static enum ost_status put_usual(struct mime *m, struct message *msg,
				 enum mime_lines *lines, struct ost_error *err)
{
	const struct mime_top top = message_top(msg);

	if (message_has_extras(msg) || count_inline(msg) < msg->list.count)
		return put_mixed(m, msg, &top, lines, err);
	return message_body(m, msg, &top, lines, err);
}

/* In the first form that it takes. */
static enum ost_status put_all(struct mime *m, struct message *msg,
			       enum mime_lines *lines, struct ost_error *err)
{
	static message_form *const forms[] = { smime_put, pgp_put, skeleton_put,
					       report_put, put_usual };
	enum ost_status st = OST_NOT_FOUND;

	for (size_t i = 0; st == OST_NOT_FOUND; i++)
		st = forms[i](m, msg, lines, err);
	return st;
}

enum ost_status mime_message(struct mime *m, struct store_object *item,
			     enum mime_lines *lines, struct ost_error *err)
{
	struct message *msg = calloc(1, sizeof(*msg));
	enum ost_status st = OST_OK;

	*lines = MIME_7BIT;
	if (msg == NULL) {
		st = ost_fail(err, OST_NO_MEMORY, "out of memory");
		store_drop(item);
		return st;
	}
	const uint32_t nid = item->id.nid;
	m->depth++;
	msg->item = item;
	if (!pieces_stopped(m->pieces))
		st = gather(msg, err);
	if (st == OST_OK)
		st = put_all(m, msg, lines, err);
	m->depth--;
	m->notes.set |= msg->notes.set;
	if (msg->header.bad || msg->own.text.bad)
		pieces_out(m->pieces)->bad = true;
	if (msg->keeps_item)
		pieces_own(m->pieces, item);
	else
		store_drop(item);
	message_free(msg);
	free(msg);
	return st == OST_OK ? st : ost_within(err, st, "message %#x", nid);
}
