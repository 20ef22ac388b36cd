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

/* Nothing of the page is to be had. Gaps come in order: one may go on. */
static enum ost_status add_gap(struct walk *w, struct key_range range,
			       bool leaf, struct ost_error *err)
{
	struct key_range *all = BUF_OF(w->gaps, struct key_range);
	const size_t count = BUF_COUNT(w->gaps, struct key_range);

	w->db->info.healing.pages++;
	if (count > 0 && all[count - 1].high + 1 == range.low)
		all[count - 1].high = range.high;
	else
		buf_add(w->gaps, &range, sizeof(range));
	if (leaf)
		buf_add(w->lost, &range, sizeof(range));
	if (w->gaps->bad || w->lost->bad)
		return ost_fail(err, OST_NO_MEMORY, "out of memory");
	return OST_OK;
}

/*
 * The keys rise and stay in the range that the parent has for them: so no
 * page counts twice, however often it is named.
 */
static enum ost_status check_keys(const struct ndb_layout *layout,
				  const struct page *p, struct key_range range,
				  struct ost_error *err)
{
	uint64_t last = range.low;

	for (size_t i = 0; i < p->count; i++) {
		const uint64_t key = page_key(layout, p, i);

		if (key < last || key > range.high || (i > 0 && key == last))
			return ost_fail(err, OST_CORRUPT,
					"key %#" PRIx64 " out of order", key);
		last = key;
	}
	return OST_OK;
}

static enum ost_status walk(struct walk *w, const struct ndb_ref *ref,
			    unsigned level, struct key_range range,
			    struct ost_error *err);

static enum ost_status walk_children(struct walk *w, const struct page *p,
				     struct key_range range,
				     struct ost_error *err)
{
	const struct ndb_layout *layout = w->db->layout;
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i < p->count; i++) {
		const struct ndb_ref ref = page_ref(layout, p, i);
		const struct key_range below = {
			i == 0 ? range.low : page_key(layout, p, i),
			i + 1 < p->count ? page_key(layout, p, i + 1) - 1
					 : range.high
		};

		st = walk(w, &ref, p->level - 1U, below, err);
	}
	return st;
}

/* Find the gaps in the tree below `ref`. Fails for want of memory only. */
static enum ost_status walk(struct walk *w, const struct ndb_ref *ref,
			    unsigned level, struct key_range range,
			    struct ost_error *err)
{
	struct ndb_block *block = NULL;
	struct page page;
	enum ost_status st =
		page_get(w->db, w->type, ref, level, &block, &page, err);

	if (st == OST_OK) {
		st = check_keys(w->db->layout, &page, range, err);
		health_note(w->db, health_page(w->type), ref->bid, ref->ib, st,
			    err);
	}
	if (st == OST_OK && page.level > 0)
		st = walk_children(w, &page, range, err);
	else if (st == OST_CORRUPT || st == OST_IO)
		st = add_gap(w, range, level == 0, err);
	ndb_block_drop(block);
	return st;
}

static enum ost_status find_gaps(struct ndb *db, enum ndb_page_type type,
				 struct buf *gaps, struct buf *lost,
				 struct ost_error *err)
{
	const struct key_range all = { 0, UINT64_MAX };
	struct walk w = { db, type, gaps, lost };

	return walk(&w, type == NDB_PAGE_NBT ? &db->nbt : &db->bbt, LEVEL_ANY,
		    all, err);
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
		return ost_fail(err, OST_NO_MEMORY, "out of memory");
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
