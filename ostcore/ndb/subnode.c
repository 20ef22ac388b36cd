/*
 * subnode.c - the nodes inside a node                   [MS-PST] 2.2.2.8.3.3
 */
#include <inttypes.h>

#include "ndb/internal.h"
#include "ndb/page.h"

#include "bytes/sorted.h"

enum { SLBLOCK = 2, TRIES_MAX = 64 };

/* What is known of a block that was checked once. */
enum order { UNKNOWN, RISING, MIXED };

enum ost_status subblock_decode(const struct ndb_layout *layout,
				struct span bytes, struct subblock *out,
				struct ost_error *err)
{
	struct cursor c = cur_at(bytes, 0);
	const uint8_t type = cur_u8(&c);

	out->level = cur_u8(&c);
	out->count = cur_u16(&c);
	out->width = layout->id_width * (out->level == 0 ? 3U : 2U);
	(void)cur_span(&c, layout->sub_head - 4U); /* padding */
	out->entries = cur_span(&c, (uint64_t)out->count * out->width);
	if (type != SLBLOCK || out->level > 1)
		return ost_fail(err, OST_CORRUPT,
				"internal block of type %u, level %u, where "
				"subnodes should be",
				type, out->level);
	if (!cur_ok(&c))
		return ost_fail(err, OST_CORRUPT,
				"block of %zu bytes cannot hold %u subnodes",
				bytes.len, out->count);
	return OST_OK;
}

static struct cursor entry_at(const struct subblock *b, size_t index)
{
	struct span entry;

	(void)span_sub(b->entries, (uint64_t)index * b->width, b->width,
		       &entry);
	return cur_at(entry, 0);
}

/* Only the low half of the NID counts: the upper can hold rubbish. */
static uint32_t nid_at(const struct ndb_layout *layout,
		       const struct subblock *b, size_t index)
{
	struct cursor c = entry_at(b, index);

	return (uint32_t)cur_uint(&c, layout->id_width);
}

struct ndb_node subblock_node(const struct ndb_layout *layout,
			      const struct subblock *b, size_t index)
{
	const unsigned width = layout->id_width;
	struct cursor c = entry_at(b, index);
	struct ndb_node node = { .nid = { (uint32_t)cur_uint(&c, width) } };

	node.data.value = cur_uint(&c, width);
	node.subnodes.value = cur_uint(&c, width);
	return node;
}

ndb_bid subblock_child(const struct ndb_layout *layout,
		       const struct subblock *b, size_t index)
{
	struct cursor c = entry_at(b, index);

	(void)cur_uint(&c, layout->id_width); /* NID */
	return (ndb_bid){ cur_uint(&c, layout->id_width) };
}

/* How many entries have a NID below `nid`, or not above it if `equal`. */
static size_t count_below(const struct ndb_layout *layout,
			  const struct subblock *b, uint32_t nid, bool equal)
{
	size_t count;

	SORTED_FIRST(count, b->count, i,
		     nid_at(layout, b, i) < (uint64_t)nid + equal);
	return count;
}

/* --- NIDs out of order --------------------------------------------------- */

static void note_nid(struct ndb *db, ndb_bid bid, uint32_t nid)
{
	struct ndb_place place = { .ib = 0 };
	struct ost_error err, why;

	(void)!ndb_place_of(db, bid, &place, &err);
	health_note(
		db, NDB_BLOCK_BAD, bid, place.ib,
		ost_fail(&why, OST_CORRUPT, "subnode %#x out of order", nid),
		&why);
}

/* Each block is looked through once, however often it is searched. */
static void check_order(struct ndb *db, ndb_bid bid, struct ndb_block *block,
			struct subblock *b)
{
	uint8_t order = __atomic_load_n(&block->order, __ATOMIC_RELAXED);

	if (order == UNKNOWN) {
		order = RISING;
		for (size_t i = 1; i < b->count && order == RISING; i++)
			if (nid_at(db->layout, b, i - 1) >=
			    nid_at(db->layout, b, i)) {
				note_nid(db, bid, nid_at(db->layout, b, i));
				order = MIXED;
			}
		__atomic_store_n(&block->order, order, __ATOMIC_RELAXED);
	}
	b->rises = order == RISING;
}

/* They must be those that the block above has it for. */
static void check_range(struct ndb *db, ndb_bid bid, const struct subblock *b,
			struct key_range range)
{
	if (b->count == 0 || !b->rises)
		return;
	if (nid_at(db->layout, b, 0) < range.low)
		note_nid(db, bid, nid_at(db->layout, b, 0));
	else if (nid_at(db->layout, b, b->count - 1U) > range.high)
		note_nid(db, bid, nid_at(db->layout, b, b->count - 1U));
}

/* Of a block that is not in order: the lowest that is not below `nid`. */
static size_t lowest_from(const struct ndb_layout *layout,
			  const struct subblock *b, uint32_t nid)
{
	size_t best = b->count;

	for (size_t i = 0; i < b->count; i++)
		if (nid_at(layout, b, i) >= nid &&
		    (best == b->count ||
		     nid_at(layout, b, i) < nid_at(layout, b, best)))
			best = i;
	return best;
}

/* --- searching ----------------------------------------------------------- */

/* A block of subnodes as what leads to it has it. */
struct sub_want {
	ndb_bid bid;
	unsigned max_level;
	struct key_range range; /* of the NIDs in it */
};

static enum ost_status find_in(struct ndb *db, const struct sub_want *want,
			       ndb_nid nid, bool or_above, struct ndb_node *out,
			       struct ost_error *err);

static enum ost_status find_leaf(struct ndb *db, const struct subblock *b,
				 ndb_nid nid, bool or_above,
				 struct ndb_node *out, struct ost_error *err)
{
	const size_t at = b->rises
				  ? count_below(db->layout, b, nid.value, false)
				  : lowest_from(db->layout, b, nid.value);

	if (at == b->count ||
	    (!or_above && nid_at(db->layout, b, at) != nid.value))
		return ost_none(err, "subnode", nid.value);

	*out = subblock_node(db->layout, b, at);
	return OST_OK;
}

/* What entry `index` of a branch leads to. */
static struct sub_want child_of(const struct ndb_layout *layout,
				const struct subblock *b, size_t index,
				struct key_range range)
{
	struct sub_want want = { .max_level = b->level - 1U, .range = range };

	want.range.low = nid_at(layout, b, index);
	want.bid = subblock_child(layout, b, index);
	if (index + 1U < b->count)
		want.range.high = nid_at(layout, b, index + 1U) - UINT64_C(1);
	return want;
}

static enum ost_status find_branch(struct ndb *db, const struct subblock *b,
				   struct key_range range, ndb_nid nid,
				   bool or_above, struct ndb_node *out,
				   struct ost_error *err)
{
	size_t at = count_below(db->layout, b, nid.value, true);
	enum ost_status st = ost_none(err, "subnode", nid.value);

	if (!b->rises)
		return ost_fail(err, OST_CORRUPT, "subnodes out of order");
	if (at > 0)
		at--;
	else if (!or_above)
		return st;
	for (unsigned tries = 0; at < b->count && st == OST_NOT_FOUND; at++) {
		if (++tries > TRIES_MAX)
			return ost_fail(err, OST_CORRUPT,
					"over %d empty blocks of subnodes",
					TRIES_MAX);
		const struct sub_want below =
			child_of(db->layout, b, at, range);

		st = find_in(db, &below, nid, or_above, out, err);
		if (!or_above)
			break;
	}
	return st;
}

/* Search a block, whose level must be `max_level` or less. */
static enum ost_status find_in(struct ndb *db, const struct sub_want *want,
			       ndb_nid nid, bool or_above, struct ndb_node *out,
			       struct ost_error *err)
{
	struct ndb_block *block = NULL;
	struct subblock b;
	enum ost_status st = ndb_block_get(db, want->bid, &block, err);

	if (st == OST_OK)
		st = subblock_decode(db->layout, ndb_block_span(block), &b,
				     err);
	if (st == OST_OK && b.level > want->max_level)
		st = ost_fail(err, OST_CORRUPT, "level %u below level %u",
			      b.level, want->max_level + 1);
	if (st == OST_OK) {
		check_order(db, want->bid, block, &b);
		check_range(db, want->bid, &b, want->range);
		st = b.level == 0 ? find_leaf(db, &b, nid, or_above, out, err)
				  : find_branch(db, &b, want->range, nid,
						or_above, out, err);
	}
	ndb_block_drop(block);
	return st;
}

static enum ost_status find_sub(struct ndb *db, const struct ndb_node *owner,
				ndb_nid nid, bool or_above,
				struct ndb_node *out, struct ost_error *err)
{
	if (bid_key(owner->subnodes) == 0)
		return ost_none(err, "subnode", nid.value);

	const struct sub_want all = { owner->subnodes, 1, { 0, UINT32_MAX } };
	const enum ost_status st = find_in(db, &all, nid, or_above, out, err);
	if (st == OST_OK || st == OST_NOT_FOUND)
		return st;
	return ost_within(err, st, "subnodes of %#x", owner->nid.value);
}

enum ost_status ndb_find_sub(struct ndb *db, const struct ndb_node *owner,
			     ndb_nid nid, struct ndb_node *out,
			     struct ost_error *err)
{
	return find_sub(db, owner, nid, false, out, err);
}

enum ost_status ndb_next_sub(struct ndb *db, const struct ndb_node *owner,
			     ndb_nid nid, struct ndb_node *out,
			     struct ost_error *err)
{
	return find_sub(db, owner, nid, true, out, err);
}
