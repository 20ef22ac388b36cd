/*
 * heal.c - finds the holes in the trees, and has them filled
 */
#include "ndb/heal.h"

#include <inttypes.h>
#include <stdlib.h>

#include "ndb/page.h"

/* --- the holes -------------------------------------------------------- */

struct walk {
	struct ndb *db;
	enum ndb_page_type type;
	struct buf *gaps, *lost; /* of leaves */
};

/* Nothing in the range is to be had. Gaps come in order: one may go on. */
static enum ost_status add_gap(struct walk *w, struct key_range range,
			       bool leaf, struct ost_error *err)
{
	struct key_range *all = BUF_OF(w->gaps, struct key_range);
	const size_t count = BUF_COUNT(w->gaps, struct key_range);

	if (count > 0 && all[count - 1].high + 1 == range.low)
		all[count - 1].high = range.high;
	else
		buf_add(w->gaps, &range, sizeof(range));
	if (leaf)
		buf_add(w->lost, &range, sizeof(range));
	if (w->gaps->bad || w->lost->bad)
		return ost_no_memory(err);
	return OST_OK;
}

/*
 * Entries are left out of the page: what they had lies between those that are
 * left, and may be had from an older leaf.
 */
static enum ost_status add_gaps_in(struct walk *w, const struct page *p,
				   struct key_range range,
				   struct ost_error *err)
{
	const struct ndb_layout *layout = w->db->layout;
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i < p->count; i++) {
		const uint64_t key = page_key(layout, p, i);

		if (key > range.low)
			st = add_gap(w,
				     (struct key_range){ range.low, key - 1 },
				     true, err);
		range.low = key + 1;
	}
	if (st == OST_OK && range.low <= range.high)
		st = add_gap(w, range, true, err);
	return st;
}

static enum ost_status walk(struct walk *w, const struct page_want *want,
			    struct ost_error *err);

static enum ost_status walk_children(struct walk *w, const struct page *p,
				     struct key_range range,
				     struct ost_error *err)
{
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i < p->count; i++) {
		const struct page_want child =
			page_child(w->db->layout, p, i, range);

		st = walk(w, &child, err);
	}
	return st;
}

/*
 * What was left out of a leaf for its key is looked for on older ones. All
 * else below a page that is not in order names itself: it is there.
 */
static enum ost_status take_page(struct walk *w, const struct page *p,
				 struct key_range range, struct ost_error *err)
{
	if (p->sifted)
		w->db->info.healing.pages++;
	if (p->sifted && p->level == 0 && w->type == NDB_PAGE_NBT)
		return add_gaps_in(w, p, range, err);
	if (p->sifted)
		return add_gap(w, range, false, err);
	return p->level > 0 ? walk_children(w, p, range, err) : OST_OK;
}

/* Find the gaps in the tree below it. Fails for want of memory only. */
static enum ost_status walk(struct walk *w, const struct page_want *want,
			    struct ost_error *err)
{
	struct ndb_block *block = NULL;
	struct page page;
	enum ost_status st = page_get(w->db, w->type, want, &block, &page, err);

	if (st == OST_OK) {
		st = take_page(w, &page, want->range, err);
	} else if (st == OST_CORRUPT || st == OST_IO) {
		w->db->info.healing.pages++;
		st = add_gap(w, want->range, want->level == 0, err);
	}
	ndb_block_drop(block);
	return st;
}

static enum ost_status find_gaps(struct ndb *db, enum ndb_page_type type,
				 struct buf *gaps, struct buf *lost,
				 struct ost_error *err)
{
	const struct page_want root = page_root(db, type);
	struct walk w = { db, type, gaps, lost };

	return walk(&w, &root, err);
}

/* --- making it -------------------------------------------------------- */

static enum ost_status scan(struct ndb *db, struct ost_error *err)
{
	enum ost_status st = heal_scan(db, err);

	if (st == OST_OK && db->info.healing.header)
		st = heal_encoding(db, err);
	db->info.healing.nodes = BUF_COUNT(&db->heal->nodes, struct ndb_node);
	db->info.healing.blocks =
		BUF_COUNT(&db->heal->blocks, struct ndb_place);
	return st;
}

enum ost_status heal_make(struct ndb *db, struct ost_error *err)
{
	struct heal *h = calloc(1, sizeof(*h));
	struct buf blocks = { 0 }; /* those are found or are nowhere */
	struct ndb_node first;
	enum ost_status st;

	if (h == NULL)
		return ost_no_memory(err);
	st = find_gaps(db, NDB_PAGE_NBT, &h->node_gaps, &h->lost, err);
	if (st == OST_OK)
		st = find_gaps(db, NDB_PAGE_BBT, &h->block_gaps, &blocks, err);
	buf_free(&blocks);
	if (st == OST_OK && h->node_gaps.len == 0 && h->block_gaps.len == 0 &&
	    db->info.healing.header)
		st = heal_encoding(db, err);
	if (st != OST_OK || (h->node_gaps.len == 0 && h->block_gaps.len == 0)) {
		heal_free(h);
		return st;
	}
	db->heal = h;
	st = scan(db, err);
	if (st == OST_OK)
		st = ndb_next(db, (ndb_nid){ 0 }, &first, err);
	if (st == OST_NOT_FOUND)
		st = ost_fail(err, OST_CORRUPT,
			      "is damaged beyond healing: no page of its index "
			      "is left");
	return st;
}

void heal_free(struct heal *h)
{
	if (h == NULL)
		return;
	buf_free(&h->node_gaps);
	buf_free(&h->block_gaps);
	buf_free(&h->nodes);
	buf_free(&h->blocks);
	buf_free(&h->known);
	buf_free(&h->lost);
	buf_free(&h->stale);
	free(h);
}
