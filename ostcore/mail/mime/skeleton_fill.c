/*
 * skeleton_fill.c - contents of parts that became bodies and attachments
 */
#include "mail/mime/skeleton_fill.h"

#include "bytes/text.h"
#include "mail/rfc822/entity.h"
#include "mail/rfc822/scan.h"
#include "mail/rfc822/transport.h"
#include "mail/text/chars.h"
#include "mail/text/encode.h"

enum { LOAD_MAX = 4 << 20 }; /* of an attachment that is not base64 */

/* A field of part `index`, without blanks at its ends; "" if it has none. */
static struct span field_of(const struct filler *f, size_t index,
			    const char *name)
{
	struct transport_field field;

	if (!transport_find(skeleton_header_of(&f->s, index), name, &field))
		return chars_of("");
	return chars_trim(field.value);
}

struct span skeleton_type(const struct filler *f, size_t index)
{
	return field_of(f, index, "Content-Type");
}

struct span skeleton_encoding(const struct filler *f, size_t index)
{
	return field_of(f, index, "Content-Transfer-Encoding");
}

bool skeleton_is(struct span encoding, const char *name)
{
	return chars_same(encoding, chars_of(name));
}

/*
 * Filling a part. Each sets what is to change in its header.
 */

static void put_base64(struct filler *f, size_t index, struct span bytes,
		       struct change *change)
{
	if (!skeleton_is(skeleton_encoding(f, index), "base64"))
		change->encoding = "base64";
	pieces_base64(f->m->pieces, bytes);
}

/* True if it was put: it is not when a boundary would stand in it. */
static bool put_quoted(struct filler *f, size_t index, struct span bytes,
		       struct change *change)
{
	struct buf *out = pieces_out(f->m->pieces);
	struct buf text = { 0 };

	encode_quoted_printable(&text, bytes);
	const bool fits = skeleton_fits(&f->s, index, buf_span(&text));
	if (fits) {
		buf_add(out, text.at, text.len);
		if (!skeleton_is(skeleton_encoding(f, index),
				 "quoted-printable"))
			change->encoding = "quoted-printable";
	}
	out->bad = out->bad || text.bad;
	buf_free(&text);
	return fits;
}

static enum mime_lines put_bytes(struct filler *f, size_t index,
				 struct span bytes, bool text,
				 struct change *change)
{
	const struct span encoding = skeleton_encoding(f, index);
	const bool quoted = skeleton_is(encoding, "quoted-printable");
	const bool eight = skeleton_is(encoding, "8bit") ||
			   skeleton_is(encoding, "binary");
	const bool none =
		encoding.len == 0 || eight || skeleton_is(encoding, "7bit");
	struct scan scan;

	scan_bytes(&scan, bytes);
	if (none && scan_lines(&scan) && (eight || !scan.eight) &&
	    skeleton_fits(&f->s, index, bytes)) {
		buf_add(pieces_out(f->m->pieces), bytes.at, bytes.len);
		return scan.eight ? MIME_8BIT : MIME_7BIT;
	}
	if (!(quoted || (text && none)) || !put_quoted(f, index, bytes, change))
		put_base64(f, index, bytes, change);
	return MIME_7BIT;
}

/*
 * The HTML as it is stored, if it is in the charset that the part had: not a
 * byte of it was changed then.
 */
static bool read_stored_html(struct filler *f, unsigned cp, struct buf *out)
{
	struct store_prop p;
	struct ost_error err;

	return cp != 0 &&
	       store_number(f->msg->item, MAPI_INTERNET_CODEPAGE, 0) == cp &&
	       store_find(f->msg->item, MAPI_HTML, &p, &err) == OST_OK &&
	       p.type == MAPI_BINARY &&
	       store_bytes(f->msg->item, MAPI_HTML, LOAD_MAX, out, &err) ==
		       OST_OK;
}

static enum mime_lines put_text(struct filler *f, size_t index,
				struct change *change)
{
	const bool html = f->parts[index].content == CONTENT_HTML;
	const struct buf *text =
		html ? &f->msg->body.html : &f->msg->body.plain;
	struct buf charset = { 0 }, bytes = { 0 };
	enum mime_lines lines;

	entity_parameter(skeleton_type(f, index), "charset", &charset);
	const struct span name = buf_span(&charset);
	if (!html ||
	    !read_stored_html(f, text_charset_codepage(name), &bytes)) {
		buf_cut(&bytes, 0);
		if (!skeleton_encode(buf_span(text), name, &bytes)) {
			buf_add(&bytes, text->at, text->len);
			change->utf8 = true;
		}
	}
	lines = put_bytes(f, index, buf_span(&bytes), true, change);
	if (charset.bad || bytes.bad)
		pieces_out(f->m->pieces)->bad = true;
	buf_free(&charset);
	buf_free(&bytes);
	return lines;
}

static enum ost_status put_message(struct filler *f, size_t index,
				   const struct attach *a,
				   enum mime_lines *lines,
				   struct change *change)
{
	const struct span encoding = skeleton_encoding(f, index);
	struct store_object *message = NULL;
	enum ost_status st = attach_message(a, &message, f->err);

	if (st == OST_OK)
		st = mime_message(f->m, message, lines, f->err);
	if (st == OST_NOT_FOUND) /* it was there a moment ago */
		st = ost_fail(f->err, OST_CORRUPT, "attachment %#x is gone",
			      a->nid);
	if (skeleton_is(encoding, "base64") ||
	    skeleton_is(encoding, "quoted-printable"))
		change->encoding = "7bit";
	return st;
}

static enum ost_status put_attached(struct filler *f, size_t index,
				    enum mime_lines *lines,
				    struct change *change)
{
	struct attach *a = &f->msg->list.all[f->parts[index].attachment];
	const struct span encoding = skeleton_encoding(f, index);
	struct buf bytes = { 0 };
	enum ost_status st = OST_NOT_FOUND;

	if (a->kind == MAIL_MESSAGE)
		return put_message(f, index, a, lines, change);
	if (a->text.len > 0) {
		buf_add(pieces_out(f->m->pieces), a->text.at, a->text.len);
		*lines = text_is_ascii(buf_span(&a->text)) ? MIME_7BIT
							   : MIME_8BIT;
		change->encoding = *lines == MIME_8BIT ? "8bit" : "7bit";
		return OST_OK;
	}
	if (!skeleton_is(encoding, "base64"))
		st = store_bytes(a->object, MAPI_ATTACH_DATA, LOAD_MAX, &bytes,
				 f->err);
	if (st == OST_OK) {
		*lines = put_bytes(f, index, buf_span(&bytes), false, change);
	} else if (!ost_is_internal_or_transient(st)) {
		if (!skeleton_is(encoding, "base64"))
			change->encoding = "base64";
		pieces_prop(f->m->pieces, a->object, &a->data, true);
		pieces_own(f->m->pieces, a->object);
		a->object = NULL;
		st = OST_OK;
	}
	buf_free(&bytes);
	return st;
}

static enum mime_lines put_kept(struct filler *f, size_t index)
{
	const struct span body = skeleton_body_of(&f->s, index);

	buf_add(pieces_out(f->m->pieces), body.at, body.len);
	return text_is_ascii(body) ? MIME_7BIT : MIME_8BIT;
}

enum ost_status skeleton_fill(struct filler *f, size_t index,
			      enum mime_lines *lines, struct change *change)
{
	if (f->parts[index].content == CONTENT_ATTACHED)
		return put_attached(f, index, lines, change);
	*lines = f->parts[index].content == CONTENT_KEPT
			 ? put_kept(f, index)
			 : put_text(f, index, change);
	return OST_OK;
}

/*
 * Headers
 */

/* Append a Content-Type with its charset made UTF-8. */
static void put_type(struct span raw, struct buf *out)
{
	static const char name[] = "charset=";
	struct span rest = raw;

	while (rest.len > 0 && !chars_begin(rest, name))
		rest = chars_from(rest, 1);
	if (rest.len == 0) {
		buf_add(out, raw.at, raw.len - 2);
		buf_str(out, ";\r\n charset=utf-8\r\n");
		return;
	}
	buf_add(out, raw.at, raw.len - rest.len);
	buf_str(out, "charset=utf-8");
	rest = chars_from(rest, sizeof(name) - 1);
	if (rest.len > 0 && rest.at[0] == '"') {
		rest = chars_from(rest, 1);
		rest = chars_from(rest, chars_find(rest, '"') + 1);
	}
	while (rest.len > 0 && rest.at[0] != ';' && !chars_blank(rest.at[0]))
		rest = chars_from(rest, 1);
	buf_add(out, rest.at, rest.len);
	if (rest.len < 2)
		buf_str(out, "\r\n");
}

/* Of the first entity those fields that are of its body; the mail's header
 * has the others. */
void skeleton_put_fields(struct filler *f, size_t index,
			 const struct change *change, struct buf *out)
{
	struct span rest = skeleton_header_of(&f->s, index);
	struct transport_field field;

	while (transport_next(&rest, &field)) {
		const bool type =
			chars_same(field.name, chars_of("Content-Type"));
		const bool encoding = chars_same(
			field.name, chars_of("Content-Transfer-Encoding"));

		if (chars_begin(field.name, "X-Exchange-Mime-Skeleton-") ||
		    (index == 0 && !chars_begin(field.name, "Content-")) ||
		    chars_same(field.name, chars_of("Content-Class")) ||
		    (encoding && change->encoding != NULL))
			continue;
		if (type && change->utf8)
			put_type(field.raw, out);
		else
			buf_add(out, field.raw.at, field.raw.len);
	}
	if (change->utf8 && skeleton_type(f, index).len == 0)
		buf_str(out, "Content-Type: text/plain; charset=utf-8\r\n");
	if (change->encoding != NULL)
		buf_printf(out, "Content-Transfer-Encoding: %s\r\n",
			   change->encoding);
}
