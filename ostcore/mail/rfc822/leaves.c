#include "mail/rfc822/leaves.h"

#include <stdio.h>

#include "bytes/text.h"
#include "mail/rfc822/entity.h"
#include "mail/rfc822/transport.h"
#include "mail/text/chars.h"
#include "mail/text/encode.h"

enum { ENTITIES_MAX = 1000, DEPTH_MAX = 20, UTF8 = 65001 };

struct walk {
	leaf_taker *take;
	void *arg;
	struct ost_error *err;
	unsigned count;
};

/*
 * Parts
 */

static struct span range(struct span s, size_t from, size_t to)
{
	struct span part = { NULL, 0 };

	if (to >= from)
		(void)span_sub(s, from, to - from, &part);
	return part;
}

/* Without the line end that is the delimiter's. */
static size_t before_line_end(struct span s, size_t from, size_t to)
{
	if (to > from && s.at[to - 1] == '\n')
		to--;
	if (to > from && s.at[to - 1] == '\r')
		to--;
	return to;
}

/*
 * Take the next part off `*at`, in the multipart `body`. OST_NOT_FOUND: that
 * was the last; OST_CORRUPT: the multipart ends within one, which is given.
 */
static enum ost_status next_part(struct span body, struct span boundary,
				 size_t *at, struct span *out)
{
	size_t from = SIZE_MAX;

	while (*at < body.len) {
		const size_t begin = *at;
		const size_t len = chars_find(chars_from(body, begin), '\n');
		const size_t end =
			begin + len < body.len ? begin + len + 1 : body.len;
		bool last;

		*at = end;
		if (!entity_delimits(range(body, begin, end), boundary, &last))
			continue;
		if (from != SIZE_MAX) {
			*at = begin; /* it begins the next one */
			*out = range(body, from,
				     before_line_end(body, from, begin));
			return OST_OK;
		}
		if (last) {
			*at = body.len;
			return OST_NOT_FOUND;
		}
		from = end;
	}
	*out = range(body, from, body.len);
	return from == SIZE_MAX ? OST_NOT_FOUND : OST_CORRUPT;
}

/*
 * What a header says
 */

/* The header as lines of CRLF. */
static void put_header(struct span text, size_t body, struct buf *out)
{
	for (size_t i = 0; i < body; i++)
		if (text.at[i] == '\n')
			buf_str(out, "\r\n");
		else if (text.at[i] != '\r')
			buf_byte(out, (char)text.at[i]);
}

/* The boundary of a multipart/signed, and where its body begins. */
static size_t signed_boundary(struct span all, struct buf *out)
{
	const size_t from = entity_body(all);
	struct buf header = { 0 };
	struct transport_field type;

	if (chars_begin(all, "--")) {
		const struct span line =
			chars_trim(chars_first(all, chars_find(all, '\n')));

		buf_add(out, line.at + 2, line.len - 2);
		return 0;
	}
	put_header(all, from, &header);
	if (from > 0 && !header.bad &&
	    transport_find(buf_span(&header), "Content-Type", &type) &&
	    chars_begin(chars_trim(type.value), "multipart/signed"))
		entity_parameter(type.value, "boundary", out);
	buf_free(&header);
	return from;
}

bool leaves_signed(struct span all, struct span *out)
{
	struct buf boundary = { 0 };
	const size_t from = signed_boundary(all, &boundary);
	size_t at = 0;
	const bool found = boundary.len > 0 &&
			   next_part(chars_from(all, from), buf_span(&boundary),
				     &at, out) == OST_OK;

	buf_free(&boundary);
	return found;
}

/* RFC 2231: charset'language'text, with %XX in it; append as UTF-8. */
static void put_extended(struct span value, struct buf *out)
{
	const struct span charset = chars_first(value, chars_find(value, '\''));
	const struct span rest = chars_from(value, charset.len + 1);
	const struct span text = chars_from(rest, chars_find(rest, '\'') + 1);
	const unsigned cp = text_charset_codepage(charset);
	struct buf raw = { 0 }, encoded = { 0 };

	/* What %XX is to a parameter, =XX is to quoted-printable. */
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] == '=')
			buf_str(&encoded, "=3D");
		else
			buf_byte(&encoded,
				 text.at[i] == '%' ? '=' : (char)text.at[i]);
	entity_decode(buf_span(&encoded), chars_of("quoted-printable"), &raw);
	(void)text_codepage(out, cp != 0 ? cp : UTF8, buf_span(&raw));
	out->bad = out->bad || raw.bad || encoded.bad;
	buf_free(&raw);
	buf_free(&encoded);
}

/* Append the pieces of a parameter (RFC 2231 3); `*extended`: they are coded */
static void put_pieces(struct span field, const char *name, struct buf *out,
		       bool *extended)
{
	enum { PIECES_MAX = 100 };

	for (unsigned i = 0; i < PIECES_MAX; i++) {
		const size_t before = out->len;
		char piece[40];

		snprintf(piece, sizeof(piece), "%s*%u*", name, i);
		entity_parameter(field, piece, out);
		*extended = *extended || out->len > before;
		piece[strlen(piece) - 1] = '\0';
		if (out->len == before)
			entity_parameter(field, piece, out);
		if (out->len == before)
			return;
	}
}

/* Append parameter `name` of a field as UTF-8, however it is written. */
static void put_parameter(struct span field, const char *name, struct buf *out)
{
	struct buf value = { 0 };
	bool extended = true;
	char star[40];

	snprintf(star, sizeof(star), "%s*", name);
	entity_parameter(field, star, &value);
	if (value.len == 0) {
		extended = false;
		put_pieces(field, name, &value, &extended);
	}
	if (value.len > 0 && extended) {
		put_extended(buf_span(&value), out);
	} else {
		if (value.len == 0)
			entity_parameter(field, name, &value);
		encode_undo_words(out, buf_span(&value));
	}
	out->bad = out->bad || value.bad;
	buf_free(&value);
}

static void read_type(struct leaf *leaf, struct span value)
{
	const struct span type =
		chars_trim(chars_first(value, chars_find(value, ';')));

	for (size_t i = 0; i < type.len; i++)
		if (!chars_blank(type.at[i]))
			buf_byte(&leaf->type, (char)chars_lower(type.at[i]));
	put_parameter(value, "name", &leaf->name);
}

/* What `header`, lines of CRLF, says; `boundary` of a multipart. */
static void read_header(struct span header, struct leaf *leaf,
			struct buf *boundary)
{
	struct transport_field f;

	if (transport_find(header, "Content-Disposition", &f))
		put_parameter(f.value, "filename", &leaf->name);
	if (transport_find(header, "Content-Transfer-Encoding", &f))
		leaf->encoding = chars_trim(f.value);
	if (!transport_find(header, "Content-Type", &f)) {
		buf_str(&leaf->type, "text/plain");
		return;
	}
	const size_t named = leaf->name.len;
	read_type(leaf, f.value);
	if (named > 0)
		buf_cut(&leaf->name, named);
	if (chars_begin(buf_span(&leaf->type), "multipart/"))
		entity_parameter(f.value, "boundary", boundary);
}

/*
 * The walk
 */

static enum ost_status visit(struct walk *w, struct span text, unsigned depth);

static enum ost_status visit_parts(struct walk *w, struct span body,
				   struct span boundary, unsigned depth)
{
	size_t at = 0;

	for (;;) {
		struct span part = { NULL, 0 };
		const enum ost_status st =
			next_part(body, boundary, &at, &part);
		enum ost_status inner = OST_OK;

		if (st == OST_NOT_FOUND)
			return OST_OK;
		inner = visit(w, part, depth + 1);
		if (inner != OST_OK)
			return inner;
		if (st == OST_CORRUPT)
			return ost_fail(w->err, OST_CORRUPT,
					"a multipart does not end");
	}
}

static enum ost_status visit(struct walk *w, struct span text, unsigned depth)
{
	const size_t from = entity_body(text);
	const size_t head = from > 0 ? from : text.len;
	struct buf header = { 0 }, boundary = { 0 };
	struct leaf leaf = { .body = chars_from(text, head) };
	enum ost_status st;

	if (depth > DEPTH_MAX || ++w->count > ENTITIES_MAX)
		return ost_fail(w->err, OST_LIMIT, "too many MIME entities");
	put_header(text, head, &header);
	if (from > 0 && header.len >= 2)
		buf_cut(&header, header.len - 2); /* the empty line */
	read_header(buf_span(&header), &leaf, &boundary);
	if (header.bad || boundary.bad || leaf.type.bad || leaf.name.bad)
		st = ost_no_memory(w->err);
	else if (boundary.len > 0)
		st = visit_parts(w, leaf.body, buf_span(&boundary), depth);
	else
		st = w->take(w->arg, &leaf, w->err);
	buf_free(&header);
	buf_free(&boundary);
	buf_free(&leaf.type);
	buf_free(&leaf.name);
	return st;
}

enum ost_status leaves_each(struct span text, leaf_taker *take, void *arg,
			    struct ost_error *err)
{
	struct walk w = { take, arg, err, 0 };

	return visit(&w, text, 1);
}
