/*
 * btree.c - the two B-trees: nodes by NID, blocks by BID  [MS-PST] 2.2.2.7.7
 *
 * A page is checked when it is read, then kept whole. The level must fall by
 * one with each step down, so no chain of pages, however made, goes on.
 */
#include <inttypes.h>

#include "ndb/layout.h"

enum { ENTRY_MOST = 32 };

/* A page of a B-tree, on loan from the block it lies in. */
struct page {
	struct span entries;
	size_t count;
	size_t width; /* bytes in an entry */
	uint8_t level;
};

/* A page's trailer [MS-PST] 2.2.2.7.1 */
struct trailer {
	uint8_t type, again;
	uint16_t sig;
	uint32_t crc;
	ndb_bid bid;
};

static bool decode_trailer(const struct ndb_layout *layout, struct span page,
			   struct trailer *out)
{
	struct cursor c = cur_at(page, layout->page_trailer);

	out->type = cur_u8(&c);
	out->again = cur_u8(&c);
	out->sig = cur_u16(&c);
	out->crc = layout->crc_first ? cur_u32(&c) : 0;
	out->bid.value = cur_uint(&c, layout->id_width);
	if (!layout->crc_first)
		out->crc = cur_u32(&c);
	return cur_ok(&c);
}

/* Is it the page that `ref` means? */
static enum ost_status check_identity(const struct ndb_layout *layout,
				      struct span page, enum ndb_page_type type,
				      const struct ndb_ref *ref,
				      struct ost_error *err)
{
	struct trailer t;

	if (!decode_trailer(layout, page, &t))
		return ost_fail(err, OST_CORRUPT, "page of %zu bytes, not %u",
				page.len, layout->page_size);
	if (t.type != type || t.again != type)
		return ost_fail(err, OST_CORRUPT,
				"page types %#x and %#x, not %#x", t.type,
				t.again, type);
	if (t.bid.value != ref->bid.value)
		return ost_fail(err, OST_CORRUPT,
				"page is %#" PRIx64 ", not %#" PRIx64,
				t.bid.value, ref->bid.value);
	return OST_OK;
}

/* Is it whole? Asked once, when it is read. */
static enum ost_status check_sums(const struct ndb_layout *layout,
				  struct span page, uint64_t ib,
				  struct ost_error *err)
{
	struct trailer t;
	struct span covered;

	if (!decode_trailer(layout, page, &t) ||
	    !span_sub(page, 0, layout->page_trailer, &covered))
		return ost_fail(err, OST_CORRUPT, "page of %zu bytes, not %u",
				page.len, layout->page_size);
	if (sum_differs(ndb_crc(covered), t.crc))
		return ost_fail(err, OST_CORRUPT, "page CRC is %#x, not %#x",
				ndb_crc(covered), t.crc);
	if (sum_differs(ndb_signature(ib, t.bid), t.sig))
		return ost_fail(err, OST_CORRUPT,
				"page signature is %#x, not %#x", t.sig,
				ndb_signature(ib, t.bid));
	return OST_OK;
}

static unsigned bytes_needed(const struct ndb_layout *layout,
			     enum ndb_page_type type, uint8_t level)
{
	const unsigned id = layout->id_width;

	if (level > 0)
		return 3 * id; /* BTENTRY: key, bid, ib */
	if (type == NDB_PAGE_NBT)
		return 3 * id + 4; /* nid, bidData, bidSub, nidParent */
	return 2 * id + 4;	   /* bid, ib, cb, cRef (4K: cb twice) */
}

static enum ost_status decode_page(const struct ndb_layout *layout,
				   struct span bytes, enum ndb_page_type type,
				   struct page *out, struct ost_error *err)
{
	struct cursor c = cur_at(bytes, layout->bt_counts);
	const uint64_t count = cur_uint(&c, layout->count_width);
	const uint64_t most = cur_uint(&c, layout->count_width);
	const uint8_t width = cur_u8(&c);
	struct span body;

	*out = (struct page){ .level = cur_u8(&c) };
	if (!cur_ok(&c) || !span_sub(bytes, 0, layout->bt_counts, &body))
		return ost_fail(err, OST_CORRUPT, "page of %zu bytes, not %u",
				bytes.len, layout->page_size);
	if (out->level > NDB_DEPTH_MOST)
		return ost_fail(err, OST_CORRUPT, "level %u, at most %u",
				out->level, NDB_DEPTH_MOST);
	if (width > ENTRY_MOST ||
	    width < bytes_needed(layout, type, out->level))
		return ost_fail(err, OST_CORRUPT, "entries of %u bytes", width);
	if (count > most || !span_sub(body, 0, count * width, &out->entries))
		return ost_fail(err, OST_CORRUPT,
				"%u entries of %u bytes, at most %u fit",
				(unsigned)count, width, (unsigned)most);
	out->count = (size_t)count;
	out->width = width;
	return OST_OK;
}

/* The page at `ib`, whole, from the cache or the file. `*out` is owned. */
static enum ost_status load_page(struct ndb *db, uint64_t ib,
				 struct ndb_block **out, struct ost_error *err)
{
	struct ndb_block *b = cache_find(db->cache, cache_key_page(ib));
	enum ost_status st;

	*out = b;
	if (b != NULL)
		return OST_OK;
	b = cache_blank(cache_key_page(ib), db->layout->page_size);
	if (b == NULL)
		return ost_fail(err, OST_NO_MEMORY, "out of memory");
	st = source_read(db->source, ib, b->bytes, b->size, err);
	if (st == OST_OK)
		st = check_sums(db->layout, ndb_block_span(b), ib, err);
	if (st != OST_OK) {
		ndb_block_drop(b);
		return st;
	}
	cache_put(db->cache, b);
	*out = b;
	return OST_OK;
}

/* Entry `index` of a page. */
static struct cursor entry_at(const struct page *p, size_t index)
{
	struct span entry;

	(void)span_sub(p->entries, (uint64_t)index * p->width, p->width,
		       &entry);
	return cur_at(entry, 0);
}

/*
 * How a tree is searched: nodes by the low half of their key, whose upper
 * half can hold rubbish, blocks without bit 0.
 */
struct search {
	struct ndb *db;
	enum ndb_page_type type;
	uint64_t key;
	bool or_above; /* the first at or above `key` will do */
};

static uint64_t key_at(const struct search *s, const struct page *p,
		       size_t index)
{
	struct cursor c = entry_at(p, index);
	const uint64_t key = cur_uint(&c, s->db->layout->id_width);

	return s->type == NDB_PAGE_NBT ? (uint32_t)key
				       : bid_key((ndb_bid){ key });
}

/* How many entries have a key below, or with `equal` at, the searched. */
static size_t count_below(const struct search *s, const struct page *p,
			  bool equal)
{
	size_t low = 0, high = p->count;

	while (low < high) {
		const size_t mid = low + (high - low) / 2;
		const uint64_t key = key_at(s, p, mid);

		if (key < s->key || (equal && key == s->key))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static enum ost_status find_in_leaf(const struct search *s,
				    const struct page *p,
				    uint8_t entry[ENTRY_MOST],
				    struct ost_error *err)
{
	const size_t at = count_below(s, p, false);

	if (at == p->count || (!s->or_above && key_at(s, p, at) != s->key))
		return ost_none(err, "entry", s->key);

	struct cursor c = entry_at(p, at);
	memset(entry, 0, ENTRY_MOST);
	memcpy(entry, c.rest.at, c.rest.len);
	return OST_OK;
}

static enum ost_status find_below(const struct search *s,
				  const struct ndb_ref *ref, unsigned level,
				  uint8_t entry[ENTRY_MOST],
				  struct ost_error *err);

static enum ost_status find_in_branch(const struct search *s,
				      const struct page *p,
				      uint8_t entry[ENTRY_MOST],
				      struct ost_error *err)
{
	size_t at = count_below(s, p, true);
	enum ost_status st = ost_none(err, "entry", s->key);

	/* The child whose first key is the last not above the searched; the
	 * next one only if that child ends below it. */
	if (at > 0)
		at--;
	else if (!s->or_above)
		return st;
	for (; at < p->count && st == OST_NOT_FOUND; at++) {
		struct cursor c = entry_at(p, at);
		struct ndb_ref ref;

		(void)cur_uint(&c, s->db->layout->id_width);
		ref.bid.value = cur_uint(&c, s->db->layout->id_width);
		ref.ib = cur_uint(&c, s->db->layout->id_width);
		st = find_below(s, &ref, p->level - 1U, entry, err);
		if (!s->or_above)
			break;
	}
	return st;
}

/* Search the page `ref` and what is below it. `level`: what it must be. */
static enum ost_status find_below(const struct search *s,
				  const struct ndb_ref *ref, unsigned level,
				  uint8_t entry[ENTRY_MOST],
				  struct ost_error *err)
{
	struct ndb_block *block = NULL;
	struct page page;
	enum ost_status st = load_page(s->db, ref->ib, &block, err);

	if (st == OST_OK)
		st = check_identity(s->db->layout, ndb_block_span(block),
				    s->type, ref, err);
	if (st == OST_OK)
		st = decode_page(s->db->layout, ndb_block_span(block), s->type,
				 &page, err);
	if (st == OST_OK && level != UINT32_MAX && page.level != level)
		st = ost_fail(err, OST_CORRUPT, "level %u, not %u", page.level,
			      level);
	if (st == OST_OK)
		st = page.level == 0 ? find_in_leaf(s, &page, entry, err)
				     : find_in_branch(s, &page, entry, err);
	ndb_block_drop(block);
	if (st == OST_OK || st == OST_NOT_FOUND)
		return st;
	return ost_within(err, st, "page at %#" PRIx64, ref->ib);
}

static enum ost_status search(struct ndb *db, enum ndb_page_type type,
			      uint64_t key, bool or_above,
			      uint8_t entry[ENTRY_MOST], struct ost_error *err)
{
	const struct search s = { db, type, key, or_above };

	return find_below(&s, type == NDB_PAGE_NBT ? &db->nbt : &db->bbt,
			  UINT32_MAX, entry, err);
}

static enum ost_status find_node(struct ndb *db, ndb_nid nid, bool or_above,
				 struct ndb_node *out, struct ost_error *err)
{
	const unsigned width = db->layout->id_width;
	uint8_t entry[ENTRY_MOST];
	const enum ost_status st =
		search(db, NDB_PAGE_NBT, nid.value, or_above, entry, err);

	if (st != OST_OK)
		return ost_within(err, st, "node %#x", nid.value);

	struct cursor c = cur_at(span_of(entry, sizeof(entry)), 0);
	out->nid.value = (uint32_t)cur_uint(&c, width);
	out->data.value = cur_uint(&c, width);
	out->subnodes.value = cur_uint(&c, width);
	out->parent.value = cur_u32(&c);
	return OST_OK;
}

enum ost_status ndb_find(struct ndb *db, ndb_nid nid, struct ndb_node *out,
			 struct ost_error *err)
{
	return find_node(db, nid, false, out, err);
}

enum ost_status ndb_next(struct ndb *db, ndb_nid nid, struct ndb_node *out,
			 struct ost_error *err)
{
	return find_node(db, nid, true, out, err);
}

enum ost_status ndb_place_of(struct ndb *db, ndb_bid bid, struct ndb_place *out,
			     struct ost_error *err)
{
	const unsigned width = db->layout->id_width;
	uint8_t entry[ENTRY_MOST];
	enum ost_status st =
		search(db, NDB_PAGE_BBT, bid_key(bid), false, entry, err);

	if (st == OST_NOT_FOUND)
		st = ost_fail(err, OST_CORRUPT, "there is no such block");
	if (st != OST_OK)
		return ost_within(err, st, "block %#" PRIx64, bid.value);

	struct cursor c = cur_at(span_of(entry, sizeof(entry)), 0);
	out->bid.value = cur_uint(&c, width);
	out->ib = cur_uint(&c, width);
	out->stored = cur_u16(&c);
	out->size = db->layout->two_sizes ? cur_u16(&c) : out->stored;
	return OST_OK;
}
