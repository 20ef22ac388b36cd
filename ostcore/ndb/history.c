/*
 * history.c - nodes that were changed or deleted, as far as they are still
 * there
 *
 * A store is written to free places first, then linked: so the file keeps old
 * pages and blocks until their place is needed again. An old page tells of old
 * nodes; an old block is as good as a new one, by its BID and its CRC.
 */
#include <stdlib.h>

#include "bytes/sorted.h"
#include "ndb/heal.h"
#include "ndb/scan.h"

struct old {
	struct ndb_node node;
	struct ndb_ref page; /* that it was found on */
};

/* --- gathering -------------------------------------------------------- */

static bool same(const struct ndb_node *a, const struct ndb_node *b)
{
	return bid_key(a->data) == bid_key(b->data) &&
	       bid_key(a->subnodes) == bid_key(b->subnodes);
}

struct gather {
	struct ndb *db;
	struct history *history;
};

static enum ost_status gather_page(const struct gather *g,
				   const struct scan_find *find,
				   struct ost_error *err)
{
	const struct ndb_layout *layout = g->db->layout;
	struct ost_error why;
	struct page p;

	if (page_decode(layout, find->page, NDB_PAGE_NBT, &p, &why) != OST_OK ||
	    p.level > 0)
		return OST_OK;
	for (size_t i = 0; i < p.count; i++) {
		const struct old old = { page_node(layout, page_entry(&p, i)),
					 { find->bid, find->ib } };
		struct ndb_node now;

		if (bid_key(old.node.data) == 0 ||
		    (ndb_find(g->db, old.node.nid, &now, &why) == OST_OK &&
		     same(&old.node, &now)))
			continue;
		buf_add(&g->history->nodes, &old, sizeof(old));
	}
	return buf_status(&g->history->nodes, err);
}

static enum ost_status gather(void *arg, const struct scan_find *find,
			      struct ost_error *err)
{
	const struct gather *g = arg;
	const struct ndb_place place = { find->bid, find->ib, find->stored,
					 find->size, 0 };
	struct ndb_place now;
	struct ost_error why;

	if (find->type == NDB_PAGE_NBT)
		return gather_page(g, find, err);
	if (find->type != 0 ||
	    ndb_place_of(g->db, find->bid, &now, &why) == OST_OK)
		return OST_OK;
	buf_add(&g->history->blocks, &place, sizeof(place));
	return buf_status(&g->history->blocks, err);
}

/* --- choosing --------------------------------------------------------- */

static int by_bids(const struct ndb_node *a, const struct ndb_node *b)
{
	const uint64_t p = bid_key(a->data), q = bid_key(b->data);
	const uint64_t r = bid_key(a->subnodes), s = bid_key(b->subnodes);

	return p != q ? (p > q) - (p < q) : (r > s) - (r < s);
}

/* The latest first. */
static int by_page(const struct old *a, const struct old *b)
{
	const uint64_t p = a->page.bid.value, q = b->page.bid.value;

	if (p != q)
		return p < q ? 1 : -1;
	return (a->page.ib < b->page.ib) - (a->page.ib > b->page.ib);
}

static int by_content(const void *a, const void *b)
{
	const struct old *x = a, *y = b;
	const int order = by_bids(&x->node, &y->node);

	if (order != 0)
		return order;
	if (by_page(x, y) != 0)
		return by_page(x, y);
	return (x->node.nid.value > y->node.nid.value) -
	       (x->node.nid.value < y->node.nid.value);
}

static int by_nid(const void *a, const void *b)
{
	const struct old *x = a, *y = b;
	const uint32_t p = x->node.nid.value, q = y->node.nid.value;

	if (p != q)
		return (p > q) - (p < q);
	return by_page(x, y) != 0 ? by_page(x, y) : by_content(a, b);
}

static void sort(struct history *history,
		 int (*order)(const void *, const void *))
{
	if (history->nodes.len > 0)
		qsort(history->nodes.at, BUF_COUNT(&history->nodes, struct old),
		      sizeof(struct old), order);
}

/* Nothing else is to be had of a node than what it is now. */
static void forget(struct history *history, const struct ndb_node *now)
{
	struct old *all = BUF_OF(&history->nodes, struct old);
	const size_t count = BUF_COUNT(&history->nodes, struct old);
	size_t at;

	SORTED_FIRST(at, count, i, by_bids(&all[i].node, now) < 0);
	for (; at < count && by_bids(&all[at].node, now) == 0; at++)
		all[at].page.bid.value = 0; /* no page has that */
}

static bool has_blocks(struct ndb *view, const struct ndb_node *node)
{
	struct ndb_place place;
	struct ost_error why;

	return ndb_place_of(view, node->data, &place, &why) == OST_OK &&
	       (bid_key(node->subnodes) == 0 ||
		ndb_place_of(view, node->subnodes, &place, &why) == OST_OK);
}

/* Of those with the same content the latest, if its blocks are there. */
static void choose(struct ndb *view)
{
	struct buf *nodes = &view->history->nodes;
	struct old *all = BUF_OF(nodes, struct old);
	const size_t count = BUF_COUNT(nodes, struct old);
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (kept > 0 && same(&all[kept - 1].node, &all[i].node))
			continue;
		if (has_blocks(view, &all[i].node))
			all[kept++] = all[i];
	}
	buf_cut(nodes, kept * sizeof(*all));
}

/* Drop those whose content some node has now, under whatever NID. */
static void drop_current(struct ndb *view)
{
	struct buf *nodes = &view->history->nodes;
	struct old *all = BUF_OF(nodes, struct old);
	const size_t count = BUF_COUNT(nodes, struct old);
	struct ndb_node now = { .nid = { 0 } };
	struct ost_error why;
	size_t kept = 0;

	while (count > 0 && ndb_next(view, now.nid, &now, &why) == OST_OK) {
		forget(view->history, &now);
		if (now.nid.value++ == UINT32_MAX)
			break;
	}
	for (size_t i = 0; i < count; i++)
		if (all[i].page.bid.value != 0)
			all[kept++] = all[i];
	buf_cut(nodes, kept * sizeof(*all));
}

/* --- the view --------------------------------------------------------- */

enum ost_status ndb_history_open(struct ndb **out, struct ndb *db,
				 struct ost_error *err)
{
	struct ndb *view = malloc(sizeof(*view));
	struct history *history = calloc(1, sizeof(*history));
	struct gather g = { db, history };
	enum ost_status st;

	*out = NULL;
	if (view == NULL || history == NULL) {
		free(view);
		free(history);
		return ost_no_memory(err);
	}
	*view = *db; /* all of it but `past` on loan */
	view->history = history;
	st = ndb_scan(db, gather, &g, err);
	if (st != OST_OK) {
		ndb_history_close(view);
		return st;
	}
	heal_sort_places(&history->blocks);
	sort(history, by_content);
	choose(view);
	drop_current(view);
	sort(history, by_nid);
	*out = view;
	return OST_OK;
}

void ndb_history_close(struct ndb *history)
{
	if (history == NULL)
		return;
	buf_free(&history->history->blocks);
	buf_free(&history->history->nodes);
	free(history->history);
	free(history);
}

bool ndb_history_node(const struct ndb *history, size_t index,
		      struct ndb_node *out)
{
	if (index >= BUF_COUNT(&history->history->nodes, struct old))
		return false;
	*out = BUF_OF(&history->history->nodes, struct old)[index].node;
	return true;
}
