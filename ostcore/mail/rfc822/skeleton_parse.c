/*
 * skeleton_parse.c - a MIME skeleton taken apart (RFC 2046 5.1)
 */
#include <stdlib.h>

#include "mail/rfc822/entity.h"
#include "mail/rfc822/skeleton_parse.h"
#include "mail/rfc822/transport.h"
#include "mail/text/chars.h"
#include "mail/text/lines.h"

enum { PARTS_MAX = 1000, DEPTH_MAX = 20, SKELETON_MAX = 4 << 20 };

static struct span range(struct span s, size_t from, size_t to)
{
	struct span part;

	(void)span_sub(s, from, to - from, &part);
	return part;
}

struct span skeleton_header_of(const struct skeleton *s, size_t index)
{
	return range(s->text, s->all[index].header, s->all[index].body);
}

struct span skeleton_body_of(const struct skeleton *s, size_t index)
{
	return range(s->text, s->all[index].body, s->all[index].end);
}

/* The line that begins at `at`, with its CRLF. */
static struct span line_at(struct span text, size_t at, size_t end)
{
	const struct span rest = range(text, at, end);
	const size_t len = chars_find(rest, '\n');

	return chars_first(rest, len + 1);
}

static enum ost_status add(struct skeleton *s, size_t parent,
			   struct ost_error *err)
{
	void *at;

	if (s->count == PARTS_MAX)
		return ost_fail(err, OST_LIMIT, "more than %d entities",
				PARTS_MAX);
	/* Room grows at every power of two. */
	if ((s->count & (s->count - 1)) == 0) {
		const size_t cap = s->count == 0 ? 1 : 2 * s->count;

		at = realloc(s->all, cap * sizeof(*s->all));
		if (at == NULL)
			return ost_no_memory(err);
		s->all = at;
	}
	s->all[s->count] = (struct skeleton_part){ .parent = parent };
	s->count++;
	return OST_OK;
}

/* Read the header of the entity from `from` to `end`. */
static enum ost_status open_part(struct skeleton_part *p, struct span text,
				 size_t from, size_t end, struct ost_error *err)
{
	struct transport_field type;
	const struct span all = range(text, from, end);
	const size_t body = entity_body(all);
	const struct span header = body > 0 ? chars_first(all, body - 2) : all;

	/* The empty line may be what ends the part: then it has no body. */
	if (!entity_sound(header) ||
	    (header.len > 0 && header.at[header.len - 1] != '\n'))
		return ost_fail(err, OST_CORRUPT,
				"the text at %zu is not a header", from);
	p->header = from;
	p->body = body > 0 ? from + body : end;
	p->end = end;
	if (transport_find(header, "Content-Type", &type) &&
	    chars_begin(chars_trim(type.value), "multipart/")) {
		p->multi = true;
		entity_parameter(type.value, "boundary", &p->boundary);
		if (p->boundary.len == 0)
			return ost_fail(err, OST_CORRUPT,
					"the multipart at %zu has no boundary",
					from);
	}
	return buf_status(&p->boundary, err);
}

static enum ost_status parse(struct skeleton *s, size_t parent, size_t from,
			     size_t end, unsigned depth, struct ost_error *err);

/* The entities in multipart `index`. */
static enum ost_status parse_parts(struct skeleton *s, size_t index,
				   unsigned depth, struct ost_error *err)
{
	const size_t begin = s->all[index].body, end = s->all[index].end;
	const struct span boundary = buf_span(&s->all[index].boundary);
	size_t part = 0; /* where the one that goes on began; 0: none does */
	bool last = false;

	for (size_t at = begin; at < end && !last;) {
		const struct span line = line_at(s->text, at, end);
		enum ost_status st = OST_OK;

		if (entity_delimits(line, boundary, &last)) {
			if (part > 0) /* the CRLF is the delimiter's */
				st = parse(s, index, part,
					   at - 2 < part ? part : at - 2,
					   depth + 1, err);
			part = at + line.len;
		}
		if (st != OST_OK)
			return st;
		at += line.len;
	}
	if (!last || s->count == index + 1)
		return ost_fail(err, OST_CORRUPT,
				"the multipart at %zu does not end",
				s->all[index].header);
	return OST_OK;
}

static enum ost_status parse(struct skeleton *s, size_t parent, size_t from,
			     size_t end, unsigned depth, struct ost_error *err)
{
	const size_t index = s->count;
	enum ost_status st;

	if (depth > DEPTH_MAX)
		return ost_fail(err, OST_LIMIT, "%d entities in one another",
				DEPTH_MAX);
	st = add(s, parent, err);
	if (st == OST_OK)
		st = open_part(&s->all[index], s->text, from, end, err);
	if (st == OST_OK && s->all[index].multi)
		st = parse_parts(s, index, depth, err);
	if (st == OST_OK)
		s->all[index].next = s->count;
	return st;
}

enum ost_status skeleton_parse(struct skeleton *out, struct span text,
			       struct ost_error *err)
{
	enum ost_status st;

	*out = (struct skeleton){ .text = text };
	st = parse(out, 0, 0, text.len, 1, err);
	if (st != OST_OK)
		skeleton_free(out);
	return st;
}

void skeleton_free(struct skeleton *s)
{
	for (size_t i = 0; i < s->count; i++)
		buf_free(&s->all[i].boundary);
	free(s->all);
	*s = (struct skeleton){ 0 };
}

bool skeleton_fits(const struct skeleton *s, size_t index, struct span text)
{
	size_t up = index;

	while (up != s->all[up].parent) {
		up = s->all[up].parent;
		const struct span boundary = buf_span(&s->all[up].boundary);
		bool last;

		for (size_t at = 0; at < text.len;) {
			const struct span line = line_at(text, at, text.len);

			if (entity_delimits(line, boundary, &last))
				return false;
			at += line.len;
		}
	}
	return true;
}

void skeleton_id(const struct skeleton *s, size_t index, struct buf *out,
		 bool *promoted)
{
	const struct span header = skeleton_header_of(s, index);
	struct transport_field f;
	struct span id = { NULL, 0 };

	*promoted = transport_find(header,
				   "X-Exchange-Mime-Skeleton-Content-Id", &f);
	if (*promoted || transport_find(header, "Content-ID", &f))
		id = chars_trim(f.value);
	if (id.len > 1 && id.at[0] == '<' && id.at[id.len - 1] == '>')
		id = chars_first(chars_from(id, 1), id.len - 2);
	buf_add(out, id.at, id.len);
}

/*
 * The header, as that of a message
 */

/* Fields that the store holds in properties, which a user may have changed. */
static bool is_known_better(struct span name)
{
	static const char *const names[] = {
		"X-Exchange-Mime-Skeleton-Content-Id",
		"Keywords",
		"Importance",
		"Priority",
		"X-MsMail-Priority",
		"X-Priority",
		"X-Message-Flag",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (chars_same(name, chars_of(names[i])))
			return true;
	return false;
}

enum ost_status skeleton_header(struct store_object *item, struct buf *out,
				struct ost_error *err)
{
	struct buf stored = { 0 }, text = { 0 };
	struct transport_field f;
	enum ost_status st = store_bytes(item, MAPI_MIME_SKELETON, SKELETON_MAX,
					 &stored, err);

	lines_crlf(&text, buf_span(&stored));
	for (struct span rest = buf_span(&text);
	     st == OST_OK && transport_next(&rest, &f);)
		if (!is_known_better(f.name))
			buf_add(out, f.raw.at, f.raw.len);
	out->bad = out->bad || text.bad;
	buf_free(&stored);
	buf_free(&text);
	return st;
}
