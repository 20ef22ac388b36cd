/*
 * message.c - lay a message out as MIME parts
 *
 *	mixed { body, attachments }		when there are any
 *	body: alternative { plain, html }	or the one there is
 *	html: related { html, inline }		when it refers to any
 */
#include <stdlib.h>

#include "mail/attach/inside.h"
#include "mail/attach/ole.h"
#include "mail/body/refs.h"
#include "mail/calendar/ical.h"
#include "mail/mime/message.h"
#include "mail/text/chars.h"
#include "mail/text/encode.h"

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

/* Is `a` shown in HTML that is made of RTF? */
static bool is_placed(const struct message *msg, const struct refs *refs,
		      const struct attach *a)
{
	struct buf id = { 0 };
	bool placed = false;

	if (msg->body.html_id == MAPI_RTF_COMPRESSED && a->kind == MAIL_FILE &&
	    a->position != ATTACH_NO_POSITION) {
		attach_place_id(a, &id);
		placed = refs_cid(refs, buf_text(&id));
	}
	buf_free(&id);
	return placed;
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

		a->in_place = is_placed(msg, &refs, a);
		a->in_body = a->in_place || (a->kind == MAIL_FILE && !a->made &&
					     is_used(&refs, a));
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
	return ost_is_internal_or_transient(st) ? st : OST_OK;
}

static enum ost_status gather(const struct mime *m, struct message *msg,
			      struct ost_error *err)
{
	enum ost_status st;

	notes_origin(&msg->notes, msg->item);
	st = header_write(msg->item, &msg->header, &msg->facts, &msg->notes,
			  err);

	if (st == OST_OK)
		st = body_read(msg->item, &msg->body, &msg->notes, err);
	if (st == OST_OK)
		st = attach_list_open(&msg->list, msg->item, &msg->notes, err);
	if (st == OST_OK)
		st = inside_check(&msg->list, &msg->notes, err);
	if (st == OST_OK)
		st = ole_add(&msg->list, &msg->notes, err);
	if (st == OST_OK)
		st = form_part(msg->item, &msg->own, &msg->notes, err);
	if (st == OST_OK)
		st = read_calendar(msg, err);
	if (st != OST_OK)
		return st;
	message_shed(msg, pieces_cap(m->pieces) / 4);
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

/* What is in the list of attachments and shown in the body. */
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
		if (mime_full(m, &msg->notes))
			break;
		mime_part(m, multi);
		st = mime_attachment(m, a, &msg->notes, &lines, err);
		multi->lines = mime_worse(multi->lines, lines);
	}
	return st;
}

/* The pictures of HTML that is made of RTF: no attachments, but of it. */
static void put_pictures(struct mime *m, const struct message *msg,
			 struct mime_multi *multi)
{
	const struct rtfhtml *shown = &msg->body.shown;

	for (size_t i = 0; i < shown->count; i++) {
		const char *type = shown->pictures[i].type;
		const char *extension = type_extension(type);
		struct buf *out;

		mime_part(m, multi);
		out = pieces_out(m->pieces);
		buf_printf(out,
			   "Content-Type: %s; name=picture-%zu.%s\r\n"
			   "Content-Transfer-Encoding: base64\r\n"
			   "Content-Disposition: inline; "
			   "filename=picture-%zu.%s\r\nContent-ID: <",
			   type, i + 1, extension != NULL ? extension : "bin",
			   i + 1, extension != NULL ? extension : "bin");
		rtfhtml_id(i, out);
		buf_str(out, ">\r\n\r\n");
		pieces_base64(m->pieces, buf_span(&shown->pictures[i].bytes));
	}
}

static enum ost_status put_html(struct mime *m, struct message *msg,
				const struct mime_top *top,
				enum mime_lines *lines, struct ost_error *err)
{
	struct mime_multi multi;
	enum ost_status st;

	if (count_inline(msg) == 0 && msg->body.shown.count == 0) {
		*lines = put_text(m, top, "text/html", &msg->body.html,
				  msg->body.stale_html);
		return OST_OK;
	}
	mime_open(m, &multi);
	mime_part(m, &multi);
	multi.lines = put_text(m, NULL, "text/html", &msg->body.html,
			       msg->body.stale_html);
	put_pictures(m, msg, &multi);
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
		st = ost_no_memory(err);
		store_drop(item);
		return st;
	}
	const uint32_t nid = item->id.nid;
	m->depth++;
	msg->item = item;
	if (!pieces_stopped(m->pieces))
		st = gather(m, msg, err);
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
