/*
 * heal_sift.c - is an old entry of a lost leaf what the leaf said at last?
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
struct claim {
	uint64_t bid;	/* bid_key() */
	uint64_t users; /* old entries and nodes that are left */
};

static void add_claim(struct buf *claims, ndb_bid bid)
{
	const struct claim claim = { bid_key(bid), 1 };

	if (claim.bid != 0)
		buf_add(claims, &claim, sizeof(claim));
}

static int by_bid(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	return (x->bid > y->bid) - (x->bid < y->bid);
}

/* Sort them, and make one of those on the same block. */
static void merge(struct buf *claims)
{
	struct claim *all = BUF_OF(claims, struct claim);
	const size_t count = BUF_COUNT(claims, struct claim);
	size_t kept = 0;

	if (count > 0)
		qsort(all, count, sizeof(*all), by_bid);
	for (size_t i = 0; i < count; i++) {
		if (kept > 0 && all[kept - 1].bid == all[i].bid)
			all[kept - 1].users++;
		else
			all[kept++] = all[i];
	}
	buf_cut(claims, kept * sizeof(*all));
}

static struct claim *claim_on(const struct buf *claims, ndb_bid bid)
{
	const struct claim key = { bid_key(bid), 0 };

	if (claims->len == 0)
		return NULL;
	return bsearch(&key, claims->at, BUF_COUNT(claims, struct claim),
		       sizeof(key), by_bid);
}

static void count_user(const struct buf *claims, ndb_bid bid)
{
	struct claim *claim = claim_on(claims, bid);

	if (claim != NULL)
		claim->users++;
}

static void count_node(const struct buf *claims, const struct ndb_node *node)
{
	count_user(claims, node->data);
	count_user(claims, node->subnodes);
}

/* The nodes that are left, in the tree or chosen, have their blocks, too. */
static void count_left(const struct gather *g, const struct buf *claims,
		       const struct buf *chosen)
{
	const struct ndb_node *all = BUF_OF(chosen, struct ndb_node);
	struct ndb_node node = { .nid = { 0 } };
	struct ost_error why;

	if (claims->len == 0)
		return;
	for (size_t i = 0; i < BUF_COUNT(chosen, struct ndb_node); i++)
		if (!is_old(g, &all[i]))
			count_node(claims, &all[i]);
	while (ndb_next(g->db, node.nid, &node, &why) == OST_OK) {
		count_node(claims, &node);
		if (node.nid.value++ == UINT32_MAX)
			break;
	}
}

/* Does someone that is lost use the block; with `alone`, and nobody else? */
static bool holds(struct ndb *db, const struct buf *claims, ndb_bid bid,
		  bool alone)
{
	const struct claim *claim = claim_on(claims, bid);
	struct ndb_place place;
	struct ost_error why;

	if (claim == NULL)
		return !alone;
	return ndb_place_of(db, bid, &place, &why) == OST_OK &&
	       place.refs > claim->users && (!alone || place.refs == 2);
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

	return key == 0 || heal_covers(db, NDB_PAGE_BBT, key, key) ||
	       ndb_place_of(db, bid, &place, &why) != OST_CORRUPT;
}

static bool is_current(const struct gather *g, const struct buf *claims,
		       const struct ndb_node *node)
{
	if (!is_old(g, node))
		return is_there(g->db, node->data) &&
		       is_there(g->db, node->subnodes);
	return holds(g->db, claims, node->data, true) &&
	       holds(g->db, claims, node->subnodes, false);
}

enum ost_status gather_sift(struct gather *g, const struct buf *chosen,
			    struct ost_error *err)
{
	const struct ndb_node *all = BUF_OF(chosen, struct ndb_node);
	const size_t count = BUF_COUNT(chosen, struct ndb_node);
	struct buf claims = { 0 }, nodes = { 0 };
	enum ost_status st;

	for (size_t i = 0; i < count; i++) {
		if (!is_old(g, &all[i]))
			continue;
		add_claim(&claims, all[i].data);
		add_claim(&claims, all[i].subnodes);
	}
	merge(&claims);
	count_left(g, &claims, chosen);
	for (size_t i = 0; i < count; i++) {
		const struct key_range key = { all[i].nid.value,
					       all[i].nid.value };

		if (is_current(g, &claims, &all[i]))
			buf_add(&nodes, &all[i], sizeof(all[i]));
		else
			buf_add(&g->heal->stale, &key, sizeof(key));
	}
	st = buf_status(claims.bad ? &claims : &nodes, err);
	if (st == OST_OK)
		st = buf_status(&g->heal->stale, err);
	buf_free(&claims);
	g->heal->nodes = nodes;
	return st;
}
