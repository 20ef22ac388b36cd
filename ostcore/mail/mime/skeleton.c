/*
 * skeleton.c - a message in the structure that it came in
 *
 * Each part that became a body or an attachment is filled again, in its own
 * encoding; all others are as they came. What the skeleton knows nothing of is
 * attached. When any part cannot be filled, the message takes another form.
 */
#include "mail/rfc822/skeleton_parse.h"

#include <stdlib.h>

#include "mail/body/body_text.h"
#include "mail/mime/skeleton_fill.h"
#include "mail/rfc822/entity.h"
#include "mail/text/chars.h"
#include "mail/text/lines.h"

enum {
	SKELETON_MAX = 4 << 20,
	FILE_MAX = 4 << 20, /* of a file that is compared */
	DEPTH_MAX = 99,	    /* messages in messages */
};

/*
 * Finding what goes where
 */

static bool is_id(const struct buf *text, struct span id)
{
	struct span s = chars_trim(buf_span(text));

	if (s.len > 1 && s.at[0] == '<' && s.at[s.len - 1] == '>')
		s = chars_first(chars_from(s, 1), s.len - 2);
	return s.len > 0 && span_equal(s, id);
}

static bool find_body(struct filler *f, size_t index, struct span id)
{
	const struct body *b = &f->msg->body;
	const bool html = chars_begin(skeleton_type(f, index), "text/html");
	const bool plain = chars_begin(skeleton_type(f, index), "text/plain") ||
			   skeleton_type(f, index).len == 0;
	struct buf own = { 0 };
	struct ost_error err;
	bool found = store_text(f->msg->item, MAPI_BODY_CONTENT_ID, &own, NULL,
				&err) == OST_OK &&
		     is_id(&own, id) &&
		     (html ? b->has_html : plain && b->has_plain);

	if (found) {
		f->parts[index].content = html ? CONTENT_HTML : CONTENT_PLAIN;
		f->body = true;
	}
	buf_free(&own);
	return found;
}

/* May attachment `a` fill a part of this type? RFC 2046 5.2 */
static bool may_fill(const struct filler *f, const struct attach *a,
		     struct span type)
{
	const bool message = chars_begin(type, "message/");

	if (a->kind == MAIL_MESSAGE)
		return chars_begin(type, "message/rfc822") &&
		       f->m->depth < DEPTH_MAX;
	return a->kind == MAIL_FILE && !a->made &&
	       (!message || a->text.len > 0);
}

static bool find_attached(struct filler *f, size_t index, struct span id)
{
	for (size_t i = 0; i < f->msg->list.count; i++) {
		const struct attach *a = &f->msg->list.all[i];
		struct buf own = { 0 };

		attach_content_id(a, &own);
		const bool found = !f->used[i] && is_id(&own, id) &&
				   may_fill(f, a, skeleton_type(f, index));
		buf_free(&own);
		if (!found)
			continue;
		f->used[i] = true;
		f->parts[index].content = CONTENT_ATTACHED;
		f->parts[index].attachment = i;
		return true;
	}
	return false;
}

/* False: what it was filled with is not to be found. */
static bool find_content(struct filler *f, size_t index)
{
	struct buf id = { 0 };
	bool promoted = false, found = true;

	skeleton_id(&f->s, index, &id, &promoted);
	const struct span own = buf_span(&id);
	const bool empty = chars_trim(skeleton_body_of(&f->s, index)).len == 0;
	if (own.len > 0 && (promoted || empty))
		found = find_body(f, index, own) ||
			find_attached(f, index, own) || !promoted;
	else
		found = !promoted;
	buf_free(&id);
	return found;
}

/* A body is not to be lost because the skeleton has no place for it. */
static bool has_text(const struct filler *f)
{
	for (size_t i = 0; i < f->s.count; i++)
		if (!f->s.all[i].multi &&
		    (chars_begin(skeleton_type(f, i), "text/") ||
		     skeleton_type(f, i).len == 0) &&
		    f->parts[i].content == CONTENT_KEPT &&
		    chars_trim(skeleton_body_of(&f->s, i)).len > 0)
			return true;
	return f->body ||
	       (f->msg->body.plain.len == 0 && f->msg->body.html.len == 0);
}

static bool find_all(struct filler *f)
{
	for (size_t i = 0; i < f->s.count; i++)
		if (!f->s.all[i].multi && !find_content(f, i))
			return false;
	return has_text(f);
}

/*
 * Entities
 */

static enum ost_status put_entity(struct filler *f, size_t index,
				  const struct mime_top *top,
				  enum mime_lines *lines);

/* The entities in a multipart, and what stands between them. */
static enum ost_status put_parts(struct filler *f, size_t index,
				 enum mime_lines *lines)
{
	const struct skeleton_part *p = &f->s.all[index];
	size_t at = p->body;
	struct span between;

	for (size_t i = index + 1; i < p->next; i = f->s.all[i].next) {
		const struct skeleton_part *part = &f->s.all[i];
		enum mime_lines theirs = MIME_7BIT;
		enum ost_status st;

		(void)span_sub(f->s.text, at, part->header - at, &between);
		buf_add(pieces_out(f->m->pieces), between.at, between.len);
		st = put_entity(f, i, NULL, &theirs);
		if (st != OST_OK)
			return st;
		*lines = mime_worse(*lines, theirs);
		at = part->end;
	}
	(void)span_sub(f->s.text, at, p->end - at, &between);
	buf_add(pieces_out(f->m->pieces), between.at, between.len);
	return OST_OK;
}

static enum ost_status put_entity(struct filler *f, size_t index,
				  const struct mime_top *top,
				  enum mime_lines *lines)
{
	const size_t slot = pieces_slot(f->m->pieces);
	struct buf *out = pieces_out(f->m->pieces);
	const struct span encoding = skeleton_encoding(f, index);
	struct change change = { 0 };
	enum ost_status st = OST_OK;

	if (f->s.all[index].multi)
		st = put_parts(f, index, lines);
	else
		st = skeleton_fill(f, index, lines, &change);
	if (*lines == MIME_8BIT && !skeleton_is(encoding, "8bit") &&
	    !skeleton_is(encoding, "binary"))
		change.encoding = "8bit";
	pieces_cut(f->m->pieces);
	if (top != NULL)
		buf_add(out, top->header.at, top->header.len);
	skeleton_put_fields(f, index, &change, out);
	mime_header_end(f->m, top);
	pieces_fill(f->m->pieces, slot);
	return st;
}

/*
 * What the skeleton knows nothing of
 */

/* Is the file in the skeleton already, as a part that was kept? */
static bool is_kept(const struct filler *f, const struct attach *a)
{
	struct buf file = { 0 }, part = { 0 };
	struct ost_error err;
	bool same = false;

	if (a->kind != MAIL_FILE || a->made ||
	    store_bytes(a->object, MAPI_ATTACH_DATA, FILE_MAX, &file, &err) !=
		    OST_OK) {
		buf_free(&file);
		return false;
	}
	for (size_t i = 0; !same && i < f->s.count; i++) {
		if (f->s.all[i].multi || f->parts[i].content != CONTENT_KEPT)
			continue;
		buf_cut(&part, 0);
		entity_decode(skeleton_body_of(&f->s, i),
			      skeleton_encoding(f, i), &part);
		same = part.len > 0 && !part.bad &&
		       span_equal(buf_span(&part), buf_span(&file));
	}
	buf_free(&file);
	buf_free(&part);
	return same;
}

/* True if any attachment is left. */
static bool find_rest(struct filler *f)
{
	bool any = false;

	for (size_t i = 0; i < f->msg->list.count; i++) {
		f->used[i] = f->used[i] || is_kept(f, &f->msg->list.all[i]);
		any = any || !f->used[i];
	}
	return any;
}

static enum ost_status put_with_rest(struct filler *f,
				     const struct mime_top *top,
				     enum mime_lines *lines)
{
	struct mime_multi multi;
	enum mime_lines theirs = MIME_7BIT;
	enum ost_status st;

	mime_open(f->m, &multi);
	mime_part(f->m, &multi);
	st = put_entity(f, 0, NULL, &multi.lines);
	message_extras(f->m, f->msg, &multi);
	for (size_t i = 0; st == OST_OK && i < f->msg->list.count; i++) {
		if (f->used[i] || mime_full(f->m, &f->msg->notes))
			continue;
		mime_part(f->m, &multi);
		st = mime_attachment(f->m, &f->msg->list.all[i], &f->msg->notes,
				     &theirs, f->err);
		multi.lines = mime_worse(multi.lines, theirs);
	}
	mime_close(f->m, &multi, top, "mixed");
	*lines = multi.lines;
	return st;
}

/*
 * The whole
 */

/* What is told of recipients in a report that was kept. */
static void drop_told(struct filler *f)
{
	for (size_t i = 0; i < f->s.count; i++)
		if (chars_begin(skeleton_type(f, i),
				"message/delivery-status") ||
		    chars_begin(skeleton_type(f, i),
				"message/disposition-notification"))
			message_drop_told(f->msg, skeleton_body_of(&f->s, i));
}

static enum ost_status put_all(struct filler *f, enum mime_lines *lines)
{
	const bool rest = find_rest(f);

	drop_told(f);
	message_drop_repeated(f->msg, skeleton_header_of(&f->s, 0));

	const struct mime_top top = message_top(f->msg);
	if (rest || message_has_extras(f->msg))
		return put_with_rest(f, &top, lines);
	return put_entity(f, 0, &top, lines);
}

static enum ost_status put_skeleton(struct filler *f, struct span text,
				    enum mime_lines *lines)
{
	enum ost_status st = skeleton_parse(&f->s, text, f->err);

	if (st != OST_OK)
		return st == OST_NO_MEMORY ? st : OST_NOT_FOUND;
	f->parts = calloc(f->s.count + 1, sizeof(*f->parts));
	f->used = calloc(f->msg->list.count + 1, sizeof(*f->used));
	if (f->parts == NULL || f->used == NULL)
		st = ost_no_memory(f->err);
	else
		st = find_all(f) ? put_all(f, lines) : OST_NOT_FOUND;
	free(f->parts);
	free(f->used);
	skeleton_free(&f->s);
	return st;
}

enum ost_status skeleton_put(struct mime *m, struct message *msg,
			     enum mime_lines *lines, struct ost_error *err)
{
	struct filler f = { .m = m, .msg = msg, .err = err };
	struct buf stored = { 0 }, text = { 0 };
	enum ost_status st = store_bytes(msg->item, MAPI_MIME_SKELETON,
					 SKELETON_MAX, &stored, err);

	if (st == OST_NOT_FOUND || ost_is_internal_or_transient(st) ||
	    m->options->inside == MAIL_BESIDE) {
		buf_free(&stored);
		return ost_is_internal_or_transient(st) ? st : OST_NOT_FOUND;
	}
	lines_crlf(&text, buf_span(&stored));
	if (stored.bad || text.bad)
		st = ost_no_memory(err);
	else
		st = st == OST_OK ? put_skeleton(&f, buf_span(&text), lines)
				  : OST_NOT_FOUND;
	if (st == OST_NOT_FOUND)
		note_add(&msg->notes, NOTE_SKELETON);
	buf_free(&stored);
	buf_free(&text);
	return st;
}
