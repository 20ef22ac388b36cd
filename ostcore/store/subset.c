/*
 * subset.c - whether an object is nothing beside another
 */
#include <string.h>

#include "store/store.h"

enum { CHUNK = 4096, DEPTH_MAX = 16, LIST_MAX = 65536 };

static bool is_zero(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

/* Are the bytes of `p`, as far as they can be read, those of `q`? */
static bool same_bytes(struct store_object *less, const struct store_prop *p,
		       struct store_object *more, const struct store_prop *q)
{
	uint8_t bytes[2][CHUNK];
	struct ost_error err;

	for (uint64_t off = 0; off < p->size;) {
		const uint64_t left = p->size - off;
		const size_t len = left < CHUNK ? (size_t)left : CHUNK;

		if (store_read(less, p, off, bytes[0], len, &err) != OST_OK)
			return true;
		if (store_read(more, q, off, bytes[1], len, &err) != OST_OK ||
		    memcmp(bytes[0], bytes[1], len) != 0)
			return false;
		off += len;
	}
	return true;
}

static bool is_nothing(struct store_object *o, const struct store_prop *p)
{
	uint8_t bytes[8];
	struct ost_error err;

	return p->size == 0 ||
	       (p->size <= sizeof(bytes) &&
		store_read(o, p, 0, bytes, (size_t)p->size, &err) == OST_OK &&
		is_zero(bytes, (size_t)p->size));
}

static bool contains_props(struct store_object *more, struct store_object *less)
{
	struct store_prop p = { .id = 0 }, q;
	struct ost_error err;
	enum ost_status st = store_next(less, 0, &p, &err);

	while (st == OST_OK) {
		if (!is_nothing(less, &p) &&
		    (store_find(more, p.id, &q, &err) != OST_OK ||
		     q.type != p.type || q.size != p.size ||
		     !same_bytes(less, &p, more, &q)))
			return false;
		if (p.id == UINT16_MAX)
			return true;
		st = store_next(less, (uint16_t)(p.id + 1), &p, &err);
	}
	return true;
}

static bool contains(struct store_object *more, struct store_object *less,
		     unsigned depth);

/* Child `index` of a list; `*last`: there is none, which is fine. */
static bool contains_child(struct store_object *more, struct store_object *less,
			   enum store_list list, size_t index, unsigned depth,
			   bool *last)
{
	struct store_object *in_more = NULL, *in_less = NULL;
	struct ost_error err;
	const enum ost_status st =
		store_child(less, list, index, &in_less, &err);
	bool good = true;

	*last = st == OST_NOT_FOUND;
	if (st == OST_OK)
		good = store_child(more, list, index, &in_more, &err) ==
			       OST_OK &&
		       (list == STORE_RECIPIENTS
				? contains_props(in_more, in_less)
				: contains(in_more, in_less, depth + 1));
	store_drop(in_less);
	store_drop(in_more);
	return good;
}

/* Of a message its two lists; of an attachment the message in it. */
static bool contains(struct store_object *more, struct store_object *less,
		     unsigned depth)
{
	static const enum store_list lists[] = { STORE_RECIPIENTS,
						 STORE_ATTACHMENTS,
						 STORE_MESSAGES };
	const bool attachment = depth % 2 == 1;
	bool good = depth < 2 * DEPTH_MAX && contains_props(more, less);

	for (size_t i = attachment ? 2 : 0; good && i < (attachment ? 3 : 2);
	     i++) {
		bool last = false;

		/* What is longer is not looked through: it may hold more. */
		for (size_t at = 0; good && !last; at++)
			good = contains_child(more, less, lists[i], at, depth,
					      &last) &&
			       (last || at < LIST_MAX);
	}
	return good;
}

bool store_contains(struct store_object *more, struct store_object *less)
{
	return contains(more, less, 0);
}
