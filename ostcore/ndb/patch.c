#include "ndb/patch.h"

#include "bytes/sorted.h"

#include <stdlib.h>

const struct key_range *range_of(const struct buf *ranges, uint64_t key)
{
	const struct key_range *all = BUF_OF(ranges, struct key_range);
	const size_t count = BUF_COUNT(ranges, struct key_range);
	size_t at;

	SORTED_FIRST(at, count, i, all[i].high < key);
	return at < count && all[at].low <= key ? &all[at] : NULL;
}

bool heal_contains(const struct ndb *db, enum ndb_page_type type, uint64_t low,
		   uint64_t high)
{
	const struct key_range *gap;

	if (db->heal == NULL)
		return false;
	gap = range_of(type == NDB_PAGE_NBT ? &db->heal->node_gaps
					    : &db->heal->block_gaps,
		       low);
	return gap != NULL && gap->high >= high;
}

const struct ndb_node *heal_next(const struct ndb *db, ndb_nid nid)
{
	if (db->heal == NULL)
		return NULL;

	const struct ndb_node *all = BUF_OF(&db->heal->nodes, struct ndb_node);
	const size_t count = BUF_COUNT(&db->heal->nodes, struct ndb_node);
	size_t at;

	SORTED_FIRST(at, count, i, all[i].nid.value < nid.value);
	return at < count ? &all[at] : NULL;
}

enum ost_status heal_node(const struct ndb *db, ndb_nid nid,
			  struct ndb_node *out, struct ost_error *err)
{
	const struct ndb_node *node = heal_next(db, nid);

	if (node != NULL && node->nid.value == nid.value) {
		*out = *node;
		return OST_OK;
	}
	if (range_of(&db->heal->known, nid.value) != NULL &&
	    range_of(&db->heal->lost, nid.value) == NULL &&
	    range_of(&db->heal->stale, nid.value) == NULL)
		return ost_none(err, "entry", nid.value);
	return ost_fail(err, OST_CORRUPT,
			"the part of the index that would have it is lost");
}

const struct ndb_place *heal_place_in(const struct buf *places, ndb_bid bid)
{
	const struct ndb_place *all = BUF_OF(places, struct ndb_place);
	const size_t count = BUF_COUNT(places, struct ndb_place);
	const uint64_t key = bid_key(bid);
	size_t at;

	SORTED_FIRST(at, count, i, bid_key(all[i].bid) < key);
	return at < count && bid_key(all[at].bid) == key ? &all[at] : NULL;
}

enum ost_status heal_place(const struct ndb *db, ndb_bid bid,
			   struct ndb_place *out, struct ost_error *err)
{
	const struct ndb_place *place = heal_place_in(&db->heal->blocks, bid);

	if (place == NULL)
		return ost_fail(err, OST_CORRUPT, "it is nowhere in the file");
	*out = *place;
	return OST_OK;
}

static int by_place(const void *a, const void *b)
{
	const struct ndb_place *x = a, *y = b;
	const uint64_t p = bid_key(x->bid), q = bid_key(y->bid);

	return p != q ? (p > q) - (p < q) : (x->ib > y->ib) - (x->ib < y->ib);
}

void heal_sort_places(struct buf *places)
{
	struct ndb_place *all = BUF_OF(places, struct ndb_place);
	const size_t count = BUF_COUNT(places, struct ndb_place);
	size_t kept = 0;

	if (count > 0)
		qsort(all, count, sizeof(*all), by_place);
	for (size_t i = 0; i < count; i++) {
		if (i + 1 < count &&
		    bid_key(all[i].bid) == bid_key(all[i + 1].bid))
			continue;
		all[kept++] = all[i];
	}
	buf_cut(places, kept * sizeof(*all));
}

bool history_place(const struct ndb *db, ndb_bid bid, struct ndb_place *out)
{
	const struct ndb_place *place;

	if (db->history == NULL)
		return false;
	place = heal_place_in(&db->history->blocks, bid);
	if (place != NULL)
		*out = *place;
	return place != NULL;
}
