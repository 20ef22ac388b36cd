/*
 * heal_filter.c - is an old entry of a lost leaf what the leaf said at last?
 *
 * The block B-tree counts the users of each block. If data has one user, no
 * node that is left, and is named by one old entry, then that holds still: had
 * the node been changed, its data would be another block and this one gone.
 * So it is with mails. Many empty tables share one block, and may have got
 * their own since: of those nothing is known.
 */
#include <stdlib.h>

#include "ndb/gather.h"

/* Was the node on a leaf that is lost? Then it comes from an older one. */
static bool is_old(const struct gather *g, const struct ndb_node *node)
{
	return range_of(&g->heal->lost, node->nid.value) != NULL;
}

/* A block that old entries name. */
struct refcount {
	uint64_t bid;	/* bid_key() */
	uint64_t users; /* old entries and nodes that are left */
};

static void add_refcount(struct buf *refcounts, ndb_bid bid)
{
	const struct refcount refcount = { bid_key(bid), 1 };

	if (refcount.bid != 0)
		buf_add(refcounts, &refcount, sizeof(refcount));
}

static int by_bid(const void *a, const void *b)
{
	const struct refcount *x = a, *y = b;

	return (x->bid > y->bid) - (x->bid < y->bid);
}

/* Sort them, and make one of those on the same block. */
static void merge(struct buf *refcounts)
{
	struct refcount *all = BUF_OF(refcounts, struct refcount);
	const size_t count = BUF_COUNT(refcounts, struct refcount);
	size_t kept = 0;

	if (count > 0)
		qsort(all, count, sizeof(*all), by_bid);
	for (size_t i = 0; i < count; i++) {
		if (kept > 0 && all[kept - 1].bid == all[i].bid)
			all[kept - 1].users++;
		else
			all[kept++] = all[i];
	}
	buf_cut(refcounts, kept * sizeof(*all));
}

static struct refcount *refcount_on(const struct buf *refcounts, ndb_bid bid)
{
	const struct refcount key = { bid_key(bid), 0 };

	if (refcounts->len == 0)
		return NULL;
	return bsearch(&key, refcounts->at,
		       BUF_COUNT(refcounts, struct refcount), sizeof(key),
		       by_bid);
}

static void count_user(const struct buf *refcounts, ndb_bid bid)
{
	struct refcount *refcount = refcount_on(refcounts, bid);

	if (refcount != NULL)
		refcount->users++;
}

static void count_node(const struct buf *refcounts, const struct ndb_node *node)
{
	count_user(refcounts, node->data);
	count_user(refcounts, node->subnodes);
}

/* The nodes that are left, in the tree or chosen, have their blocks, too. */
static void count_left(const struct gather *g, const struct buf *refcounts,
		       const struct buf *chosen)
{
	const struct ndb_node *all = BUF_OF(chosen, struct ndb_node);
	struct ndb_node node = { .nid = { 0 } };
	struct ost_error why;

	if (refcounts->len == 0)
		return;
	for (size_t i = 0; i < BUF_COUNT(chosen, struct ndb_node); i++)
		if (!is_old(g, &all[i]))
			count_node(refcounts, &all[i]);
	while (ndb_next(g->db, node.nid, &node, &why) == OST_OK) {
		count_node(refcounts, &node);
		if (node.nid.value++ == UINT32_MAX)
			break;
	}
}

/* Does someone that is lost use the block; with `alone`, and nobody else? */
static bool holds(struct ndb *db, const struct buf *refcounts, ndb_bid bid,
		  bool alone)
{
	const struct refcount *refcount = refcount_on(refcounts, bid);
	struct ndb_place place;
	struct ost_error why;

	if (refcount == NULL)
		return !alone;
	return ndb_place_of(db, bid, &place, &why) == OST_OK &&
	       place.refs > refcount->users && (!alone || place.refs == 2);
}

/*
 * Could a node of the newest leaf there is be of our time? Not if its data is
 * named neither in the part of the block B-tree that is left nor among the
 * blocks that were found.
 */
static bool is_there(struct ndb *db, ndb_bid bid)
{
	const uint64_t key = bid_key(bid);
	struct ndb_place place;
	struct ost_error why;

	return key == 0 || heal_contains(db, NDB_PAGE_BBT, key, key) ||
	       ndb_place_of(db, bid, &place, &why) != OST_CORRUPT;
}

static bool is_current(const struct gather *g, const struct buf *refcounts,
		       const struct ndb_node *node)
{
	if (!is_old(g, node))
		return is_there(g->db, node->data) &&
		       is_there(g->db, node->subnodes);
	return holds(g->db, refcounts, node->data, true) &&
	       holds(g->db, refcounts, node->subnodes, false);
}

enum ost_status gather_filter(struct gather *g, const struct buf *chosen,
			      struct ost_error *err)
{
	const struct ndb_node *all = BUF_OF(chosen, struct ndb_node);
	const size_t count = BUF_COUNT(chosen, struct ndb_node);
	struct buf refcounts = { 0 }, nodes = { 0 };
	enum ost_status st;

	for (size_t i = 0; i < count; i++) {
		if (!is_old(g, &all[i]))
			continue;
		add_refcount(&refcounts, all[i].data);
		add_refcount(&refcounts, all[i].subnodes);
	}
	merge(&refcounts);
	count_left(g, &refcounts, chosen);
	for (size_t i = 0; i < count; i++) {
		const struct key_range key = { all[i].nid.value,
					       all[i].nid.value };

		if (is_current(g, &refcounts, &all[i]))
			buf_add(&nodes, &all[i], sizeof(all[i]));
		else
			buf_add(&g->heal->stale, &key, sizeof(key));
	}
	st = buf_status(refcounts.bad ? &refcounts : &nodes, err);
	if (st == OST_OK)
		st = buf_status(&g->heal->stale, err);
	buf_free(&refcounts);
	g->heal->nodes = nodes;
	return st;
}
