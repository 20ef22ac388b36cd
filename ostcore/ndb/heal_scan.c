/*
 * heal_scan.c - looks in the file for what the trees cannot give
 *
 * Blocks name themselves, so those of a lost page of the block B-tree are
 * simply found. Nodes are named by the leaves of the node B-tree alone, of
 * which the file holds old versions too.
 */
#include <stdlib.h>

#include "ndb/gather.h"
#include "ndb/scan.h"

/* --- gathering -------------------------------------------------------- */

static void gather_leaf(struct gather *g, const struct scan_find *find,
			const struct page *p)
{
	const struct ndb_layout *layout = g->db->layout;
	const struct leaf leaf = {
		{ find->bid, find->ib },
		{ page_key(layout, p, 0), page_key(layout, p, p->count - 1) },
	};
	const uint32_t index = (uint32_t)BUF_COUNT(&g->leaves, struct leaf);

	buf_add(&g->leaves, &leaf, sizeof(leaf));
	for (size_t i = 0; i < p->count; i++) {
		const struct candidate candidate = {
			page_node(layout, page_entry(p, i)), index
		};

		if (range_of(&g->heal->node_gaps, candidate.node.nid.value) !=
		    NULL)
			buf_add(&g->candidates, &candidate, sizeof(candidate));
	}
}

static void gather_branch(struct gather *g, const struct scan_find *find,
			  const struct page *p)
{
	const struct ndb_layout *layout = g->db->layout;

	for (size_t i = 0; i < p->count; i++) {
		struct bound bound = {
			.child = page_ref(layout, p, i),
			.parent = { find->bid, find->ib },
			.last = i + 1 == p->count,
		};

		if (!bound.last)
			bound.high = page_key(layout, p, i + 1) - 1;
		buf_add(&g->bounds, &bound, sizeof(bound));
	}
}

/* Do the keys of `p` rise? */
static bool rises(const struct ndb_layout *layout, const struct page *p)
{
	for (size_t i = 1; i < p->count; i++)
		if (page_key(layout, p, i - 1) >= page_key(layout, p, i))
			return false;
	return true;
}

static enum ost_status gather_page(struct gather *g,
				   const struct scan_find *find,
				   struct ost_error *err)
{
	struct ost_error why;
	struct page p;

	if (page_decode(g->db->layout, find->page, NDB_PAGE_NBT, &p, &why) !=
		    OST_OK ||
	    p.count == 0 || !rises(g->db->layout, &p))
		return OST_OK;
	if (p.level == 0)
		gather_leaf(g, find, &p);
	else
		gather_branch(g, find, &p);
	if (g->leaves.bad || g->bounds.bad || g->candidates.bad)
		return ost_no_memory(err);
	return OST_OK;
}

static enum ost_status gather_find(void *arg, const struct scan_find *find,
				   struct ost_error *err)
{
	struct gather *g = arg;
	const struct ndb_place place = { find->bid, find->ib, find->stored,
					 find->size, 0 };

	if (find->type == NDB_PAGE_NBT && g->heal->node_gaps.len > 0)
		return gather_page(g, find, err);
	if (find->type != 0 ||
	    range_of(&g->heal->block_gaps, bid_key(find->bid)) == NULL)
		return OST_OK;
	buf_add(&g->heal->blocks, &place, sizeof(place));
	return buf_status(&g->heal->blocks, err);
}

/* --- blocks ----------------------------------------------------------- */

enum ost_status heal_scan(struct ndb *db, struct ost_error *err)
{
	struct gather g = { .db = db, .heal = db->heal };
	enum ost_status st = ndb_scan(db, gather_find, &g, err);

	heal_sort_places(&db->heal->blocks);
	if (st == OST_OK && db->heal->node_gaps.len > 0)
		st = gather_choose(&g, err);
	buf_free(&g.leaves);
	buf_free(&g.bounds);
	buf_free(&g.candidates);
	return st;
}
