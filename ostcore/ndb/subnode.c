/*
 * subnode.c - the nodes inside a node                   [MS-PST] 2.2.2.8.3.3
 */
#include <inttypes.h>

#include "ndb/layout.h"

enum { SLBLOCK = 2, TRIES_MAX = 64 };

/* An SLBLOCK (level 0) or SIBLOCK (level 1). */
struct subblock {
	uint8_t level;
	uint16_t count;
	unsigned width; /* bytes in an entry */
	struct span entries;
};

static enum ost_status decode_subblock(const struct ndb_layout *layout,
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

/* How many entries have a NID below `nid`, or not above it if `equal`. */
static size_t count_below(const struct ndb_layout *layout,
			  const struct subblock *b, uint32_t nid, bool equal)
{
	size_t low = 0, high = b->count;

	while (low < high) {
		const size_t mid = low + (high - low) / 2;
		const uint32_t here = nid_at(layout, b, mid);

		if (here < nid || (equal && here == nid))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static enum ost_status find_in(struct ndb *db, ndb_bid bid, unsigned max_level,
			       ndb_nid nid, bool or_above, struct ndb_node *out,
			       struct ost_error *err);

static enum ost_status find_leaf(struct ndb *db, const struct subblock *b,
				 ndb_nid nid, bool or_above,
				 struct ndb_node *out, struct ost_error *err)
{
	const unsigned width = db->layout->id_width;
	const size_t at = count_below(db->layout, b, nid.value, false);

	if (at == b->count ||
	    (!or_above && nid_at(db->layout, b, at) != nid.value))
		return ost_none(err, "subnode", nid.value);

	struct cursor c = entry_at(b, at);
	*out = (struct ndb_node){ .nid = { (uint32_t)cur_uint(&c, width) } };
	out->data.value = cur_uint(&c, width);
	out->subnodes.value = cur_uint(&c, width);
	return OST_OK;
}

static enum ost_status find_branch(struct ndb *db, const struct subblock *b,
				   ndb_nid nid, bool or_above,
				   struct ndb_node *out, struct ost_error *err)
{
	const unsigned width = db->layout->id_width;
	size_t at = count_below(db->layout, b, nid.value, true);
	enum ost_status st = ost_none(err, "subnode", nid.value);

	if (at > 0)
		at--;
	else if (!or_above)
		return st;
	for (unsigned tries = 0; at < b->count && st == OST_NOT_FOUND; at++) {
		if (++tries > TRIES_MAX)
			return ost_fail(err, OST_CORRUPT,
					"over %d empty blocks of subnodes",
					TRIES_MAX);
		struct cursor c = entry_at(b, at);
		ndb_bid below;

		(void)cur_uint(&c, width);
		below.value = cur_uint(&c, width);
		st = find_in(db, below, b->level - 1U, nid, or_above, out, err);
		if (!or_above)
			break;
	}
	return st;
}

/* Search the block `bid`, whose level must be `max_level` or less. */
static enum ost_status find_in(struct ndb *db, ndb_bid bid, unsigned max_level,
			       ndb_nid nid, bool or_above, struct ndb_node *out,
			       struct ost_error *err)
{
	struct ndb_block *block = NULL;
	struct subblock b;
	enum ost_status st = ndb_block_get(db, bid, &block, err);

	if (st == OST_OK)
		st = decode_subblock(db->layout, ndb_block_span(block), &b,
				     err);
	if (st == OST_OK && b.level > max_level)
		st = ost_fail(err, OST_CORRUPT, "level %u below level %u",
			      b.level, max_level + 1);
	if (st == OST_OK)
		st = b.level == 0
			     ? find_leaf(db, &b, nid, or_above, out, err)
			     : find_branch(db, &b, nid, or_above, out, err);
	ndb_block_drop(block);
	return st;
}

static enum ost_status find_sub(struct ndb *db, const struct ndb_node *owner,
				ndb_nid nid, bool or_above,
				struct ndb_node *out, struct ost_error *err)
{
	if (bid_key(owner->subnodes) == 0)
		return ost_none(err, "subnode", nid.value);

	const enum ost_status st =
		find_in(db, owner->subnodes, 1, nid, or_above, out, err);
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
