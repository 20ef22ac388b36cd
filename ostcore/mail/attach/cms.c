#include "mail/attach/cms.h"

enum {
	TAG_OCTETS = 0x04,
	TAG_OBJECT = 0x06,
	TAG_OCTETS_IN_PARTS = 0x24,
	TAG_SEQUENCE = 0x30,
	TAG_EXPLICIT = 0xA0,
	DEPTH_MAX = 20,
};

/* An element of BER. */
struct element {
	uint8_t tag;
	bool open;	     /* of no stated length: up to two NULs */
	uint64_t size;	     /* of its content, unless it is open */
	struct cursor inner; /* its content, or, open, all there is from it */
};

/* Take the start of an element off `*c`; its content is not. */
static bool next_element(struct cursor *c, struct element *out)
{
	out->tag = cur_u8(c);
	const uint8_t length = cur_u8(c);
	out->open = length == 0x80;
	out->size = length < 0x80 ? length : 0;
	if (length > 0x88)
		return false;
	for (unsigned i = 0x80; i < length; i++)
		out->size = out->size << 8 | cur_u8(c);
	/* One that is cut short has what is there. */
	out->inner = cur_at(c->rest, 0);
	if (!out->open && out->size < c->rest.len)
		out->inner = cur_at(span_of(c->rest.at, (size_t)out->size), 0);
	return cur_ok(c);
}

/* Does an open element end here? */
static bool at_end(const struct cursor *c)
{
	return c->rest.len >= 2 && c->rest.at[0] == 0 && c->rest.at[1] == 0;
}

/* Take a whole element off `*c`, whatever is in it. */
static bool skip_element(struct cursor *c, unsigned depth)
{
	struct element e;

	if (depth > DEPTH_MAX || !next_element(c, &e))
		return false;
	if (!e.open) {
		(void)cur_span(c, e.inner.rest.len);
		return cur_ok(c);
	}
	while (!at_end(c))
		if (!skip_element(c, depth + 1))
			return false;
	(void)cur_span(c, 2);
	return cur_ok(c);
}

/* Go into the next element, which must be a `tag`. */
static bool enter(struct cursor *c, uint8_t tag)
{
	struct element e;

	if (!next_element(c, &e) || e.tag != tag)
		return false;
	*c = e.inner;
	return true;
}

const char *cms_type(struct span head)
{
	static const struct {
		const char *name;
		uint8_t len, oid[11]; /* 1.2.840.113549 ... */
	} types[] = {
		{ "signed-data", 9, "\x2A\x86\x48\x86\xF7\x0D\1\7\2" },
		{ "enveloped-data", 9, "\x2A\x86\x48\x86\xF7\x0D\1\7\3" },
		{ "authEnveloped-data",
		  11,
		  { 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 1, 23 } },
		{ "compressed-data",
		  11,
		  { 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 1, 9 } },
	};
	struct cursor c = cur_at(head, 0);
	struct element id;

	if (!enter(&c, TAG_SEQUENCE) || !next_element(&c, &id) ||
	    id.tag != TAG_OBJECT)
		return NULL;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (span_equal(id.inner.rest,
			       span_of(types[i].oid, types[i].len)))
			return types[i].name;
	return NULL;
}

/* Append an OCTET STRING, which may be in parts. False: it is cut short. */
static bool put_octets(struct cursor *c, struct buf *out, unsigned depth)
{
	struct element e;

	if (depth > DEPTH_MAX || !next_element(c, &e) ||
	    (e.tag != TAG_OCTETS && e.tag != TAG_OCTETS_IN_PARTS))
		return false;
	if (e.open) {
		while (!at_end(c))
			if (!put_octets(c, out, depth + 1))
				return false;
		(void)cur_span(c, 2);
		return cur_ok(c);
	}
	const size_t len = e.inner.rest.len;
	if (e.tag == TAG_OCTETS)
		buf_add(out, e.inner.rest.at, len);
	while (e.tag == TAG_OCTETS_IN_PARTS && e.inner.rest.len > 0)
		if (!put_octets(&e.inner, out, depth + 1))
			return false;
	(void)cur_span(c, len);
	return e.size == len;
}

enum ost_status cms_signed(struct span all, struct buf *out,
			   struct ost_error *err)
{
	const char *type = cms_type(all);
	struct cursor c = cur_at(all, 0);

	if (type == NULL || strcmp(type, "signed-data") != 0)
		return ost_fail(err, OST_NOT_FOUND, "no signed-data");
	if (!enter(&c, TAG_SEQUENCE) || !skip_element(&c, 0) ||
	    !enter(&c, TAG_EXPLICIT) || !enter(&c, TAG_SEQUENCE) ||
	    !skip_element(&c, 0) || /* version */
	    !skip_element(&c, 0) || /* digest algorithms */
	    !enter(&c, TAG_SEQUENCE) || !skip_element(&c, 0) ||
	    !enter(&c, TAG_EXPLICIT))
		return ost_fail(err, OST_NOT_FOUND, "no content is in it");
	if (!put_octets(&c, out, 0))
		return ost_fail(err, OST_CORRUPT, "the content is cut short");
	return buf_status(out, err);
}
