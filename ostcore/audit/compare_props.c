/*
 * compare_props.c - two readers in step: the properties of an object
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/compare_parts.h"
#include "bytes/text.h"

enum { CHUNK = 1 << 16 };

/* True if a value is nothing but zeros, or nothing at all. */
static bool is_nothing(struct store_object *o, const struct store_prop *p)
{
	uint8_t bytes[8] = { 0 };
	struct ost_error err;

	if (p->size > sizeof(bytes) ||
	    store_read(o, p, 0, bytes, (size_t)p->size, &err) != OST_OK)
		return false;
	for (size_t i = 0; i < sizeof(bytes); i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

/* One piece of a value; false: to stop there. */
static bool compare_chunk(struct compare *w, struct pair o,
			  const struct store_prop *p, uint64_t off, size_t len,
			  uint8_t *bytes)
{
	struct compare_difference d = { .object = o.ours, .id = p->id };
	struct ost_error ours = { "" };
	char what[64];

	d.ours = store_read(o.ours, p, off, bytes, len, &ours);
	d.theirs =
		store_read(o.theirs, p, off, bytes + CHUNK, len, &d.complaint);
	d.kind = d.ours != d.theirs ? COMPARE_READ : COMPARE_BYTES;
	snprintf(what, sizeof(what), "from byte %" PRIu64 " on ", off);
	compare_differ_in(w, &d, what, &ours);
	if (d.ours != OST_OK || d.theirs != OST_OK)
		return false;
	if (memcmp(bytes, bytes + CHUNK, len) != 0) {
		compare_differ(w, &d, "other bytes after byte %" PRIu64, off);
		return false;
	}
	w->bytes += len;
	return true;
}

static void compare_bytes(struct compare *w, struct pair o,
			  const struct store_prop *p)
{
	uint8_t *const bytes = malloc(2 * CHUNK);
	bool same = bytes != NULL;

	w->no_memory |= bytes == NULL;
	for (uint64_t off = 0; same && off < p->size; off += CHUNK) {
		const uint64_t left = p->size - off;

		same = compare_chunk(w, o, p, off,
				     left < CHUNK ? (size_t)left : CHUNK,
				     bytes);
	}
	free(bytes);
}

static void compare_property(struct compare *w, struct pair o,
			     const struct store_prop *ours,
			     const struct store_prop *theirs)
{
	struct compare_difference d = { .object = o.ours,
					.id = ours->id,
					.ours_size = ours->size,
					.theirs_size = theirs->size };

	if (ours->type != theirs->type) {
		d.kind = COMPARE_TYPE;
		compare_differ(w, &d, "type %#06x, theirs %#06x", ours->type,
			       theirs->type);
	} else if (ours->size != theirs->size) {
		d.kind = COMPARE_SIZE;
		compare_differ(
			w, &d, "%" PRIu64 " %s, theirs %" PRIu64, ours->size,
			text_plural(ours->size, "byte", "bytes"), theirs->size);
	} else {
		compare_bytes(w, o, ours);
	}
}

/*
 * A property that only they have. libpff gives a cell that a row does not
 * have (its existence bit is 0) as empty or zero [MS-PST] 2.3.4.4.1.
 */
static void compare_extra(struct compare *w, struct pair o, bool row,
			  const struct store_prop *theirs)
{
	const struct compare_difference d = { .kind = COMPARE_THEIRS,
					      .object = o.ours,
					      .id = theirs->id,
					      .theirs_size = theirs->size };

	if (row && is_nothing(o.theirs, theirs))
		w->absent++;
	else
		compare_differ(w, &d,
			       "only theirs, of type %#06x, %" PRIu64 " %s",
			       theirs->type, theirs->size,
			       text_plural(theirs->size, "byte", "bytes"));
}

/* Step to the next property at or above `id`; OST_NOT_FOUND past the last. */
static enum ost_status step(struct store_object *o, uint32_t id,
			    struct store_prop *out, struct ost_error *err)
{
	if (id > UINT16_MAX)
		return OST_NOT_FOUND;
	return store_next(o, (uint16_t)id, out, err);
}

/* Where each reader is in an object. */
struct steps {
	enum ost_status ours, theirs;
	struct store_prop a, b;
	struct ost_error why_ours, why_theirs;
};

/* One of them cannot go on where the other can. */
static bool is_stuck(struct compare *w, struct pair o, const struct steps *s)
{
	const bool ours = s->ours != OST_OK && s->ours != OST_NOT_FOUND;
	const bool theirs = s->theirs != OST_OK && s->theirs != OST_NOT_FOUND;
	const struct compare_difference d = { .kind = COMPARE_OBJECT,
					      .object = o.ours,
					      .ours = s->ours,
					      .theirs = s->theirs,
					      .complaint = s->why_theirs };

	if (ours || theirs)
		compare_differ_in(w, &d, "properties: ", &s->why_ours);
	return ours || theirs;
}

void compare_properties(struct compare *w, struct pair o, bool row)
{
	struct steps s = { 0 };

	w->objects++;
	s.ours = step(o.ours, 0, &s.a, &s.why_ours);
	s.theirs = step(o.theirs, 0, &s.b, &s.why_theirs);
	while (!is_stuck(w, o, &s) &&
	       (s.ours == OST_OK || s.theirs == OST_OK)) {
		const bool only_a = s.theirs != OST_OK ||
				    (s.ours == OST_OK && s.a.id < s.b.id);
		const bool only_b = s.ours != OST_OK ||
				    (s.theirs == OST_OK && s.b.id < s.a.id);
		const struct compare_difference d = { .kind = COMPARE_OURS,
						      .object = o.ours,
						      .id = s.a.id,
						      .ours_size = s.a.size };

		if (only_a)
			compare_differ(w, &d, "only ours");
		else if (only_b)
			compare_extra(w, o, row, &s.b);
		else
			compare_property(w, o, &s.a, &s.b);
		w->properties += !only_a && !only_b;
		if (!only_b)
			s.ours = step(o.ours, s.a.id + 1u, &s.a, &s.why_ours);
		if (!only_a)
			s.theirs = step(o.theirs, s.b.id + 1u, &s.b,
					&s.why_theirs);
	}
}

/* Outlook writes this to a row by itself: not what the message has. */
static bool is_of_row(uint16_t id)
{
	return id == MAPI_MESSAGE_SIZE;
}

void compare_row(struct compare *w, struct pair o)
{
	struct store_prop cell, whole;
	struct ost_error err = { "" };
	uint32_t id = 0;

	while (step(o.ours, id, &cell, &err) == OST_OK) {
		id = cell.id + 1u;
		if (is_of_row(cell.id) ||
		    store_find(o.theirs, cell.id, &whole, &err) != OST_OK)
			continue;
		w->cells++;
		compare_property(w, o, &cell, &whole);
	}
}
