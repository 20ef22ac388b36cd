/*
 * bth.c - B-tree-on-heap                                [MS-PST] 2.3.2
 */
#include "ltp/heap.h"

#include "bytes/sorted.h"

enum {
	BTH_TYPE = 0xB5,
	BTH_LEVELS_MAX = 8,
	BTH_ENTRY_MAX = 64,
	BTH_VISITS_MAX = 1 << 20, /* items of one tree */
};

enum ost_status bth_open(struct bth *b, const struct heap *h, uint32_t hid,
			 struct ost_error *err)
{
	struct ndb_block *block = NULL;
	struct span item;
	const enum ost_status st = heap_item(h, hid, &block, &item, err);

	if (st != OST_OK)
		return st;

	struct cursor c = cur_at(item, 0);
	const uint8_t type = cur_u8(&c);
	b->heap = h;
	b->key_size = cur_u8(&c);
	b->entry_size = cur_u8(&c);
	b->levels = cur_u8(&c);
	b->root = cur_u32(&c);
	const bool whole = cur_ok(&c);
	ndb_block_drop(block);
	if (!whole || type != BTH_TYPE || b->key_size == 0 ||
	    b->key_size > 16 || b->entry_size == 0 ||
	    b->entry_size > BTH_ENTRY_MAX || b->levels > BTH_LEVELS_MAX)
		return ost_fail(err, OST_CORRUPT,
				"B-tree-on-heap of type %#x, key %u, entry %u, "
				"%u levels",
				type, b->key_size, b->entry_size, b->levels);
	return OST_OK;
}

/* Bytes in a record of a level: the leaves are level 0. */
static unsigned record_size(const struct bth *b, unsigned level)
{
	return b->key_size + (level == 0 ? b->entry_size : 4U);
}

struct walk {
	const struct bth *tree;
	bth_take *take;
	void *arg;
	unsigned visits;
	bool stopped;
};

static enum ost_status each_below(struct walk *w, uint32_t hid, unsigned level,
				  struct ost_error *err)
{
	const struct bth *b = w->tree;
	const unsigned size = record_size(b, level);
	struct ndb_block *block = NULL;
	struct span item, record;
	enum ost_status st = heap_item(b->heap, hid, &block, &item, err);

	if (st == OST_OK && ++w->visits > BTH_VISITS_MAX)
		st = ost_fail(err, OST_LIMIT, "B-tree-on-heap of over %d items",
			      BTH_VISITS_MAX);
	for (uint64_t off = 0;
	     st == OST_OK && !w->stopped && span_sub(item, off, size, &record);
	     off += size) {
		struct cursor c = cur_at(record, 0);
		const struct span key = cur_span(&c, b->key_size);

		if (level > 0)
			st = each_below(w, cur_u32(&c), level - 1, err);
		else
			w->stopped = !w->take(w->arg, key, c.rest);
	}
	ndb_block_drop(block);
	return st;
}

enum ost_status bth_each(const struct bth *b, bth_take *take, void *arg,
			 struct ost_error *err)
{
	struct walk w = { b, take, arg, 0, false };

	return b->root == 0 ? OST_OK : each_below(&w, b->root, b->levels, err);
}

static uint64_t key_at(const struct bth *b, struct span item, unsigned size,
		       size_t index)
{
	struct cursor c = cur_at(item, (uint64_t)index * size);

	return cur_uint(&c, b->key_size);
}

/* How many records of `item` have a key not above `key`. */
static size_t count_up_to(const struct bth *b, struct span item, unsigned size,
			  uint64_t key)
{
	size_t count;

	SORTED_FIRST(count, item.len / size, i,
		     key_at(b, item, size, i) <= key);
	return count;
}

enum ost_status bth_find(const struct bth *b, uint64_t key, uint8_t *entry,
			 struct ost_error *err)
{
	uint32_t hid = b->root;
	enum ost_status st = ost_none(err, "record", key);

	if (hid == 0 || b->key_size > 8)
		return st;
	for (unsigned level = b->levels + 1U; level-- > 0;) {
		const unsigned size = record_size(b, level);
		struct ndb_block *block = NULL;
		struct span item;

		st = heap_item(b->heap, hid, &block, &item, err);
		if (st != OST_OK)
			return st;

		const size_t below = count_up_to(b, item, size, key);
		struct cursor c = cur_at(
			item, below > 0 ? (uint64_t)(below - 1) * size : 0);
		const uint64_t found = cur_uint(&c, b->key_size);

		if (below == 0 || (level == 0 && found != key))
			st = ost_none(err, "record", key);
		else if (level > 0)
			hid = cur_u32(&c);
		else
			memcpy(entry, c.rest.at, b->entry_size);
		ndb_block_drop(block);
		if (st != OST_OK)
			return st;
	}
	return OST_OK;
}
