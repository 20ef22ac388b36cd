/*
 * patch.h - private: what stands in for the parts of the trees that are lost
 *
 * Sorted arrays, and looking things up in them. heal.c and history.c fill them.
 */
#ifndef OST_NDB_PATCH_H
#define OST_NDB_PATCH_H

#include "bytes/buf.h"
#include "ndb/page.h"

/* In each buf, elements one after the other, by their keys. */
struct heal {
	struct buf node_gaps;  /* struct key_range: what a tree cannot give */
	struct buf block_gaps; /* struct key_range */
	struct buf nodes;      /* struct ndb_node: found for the gaps */
	struct buf blocks;     /* struct ndb_place */

	/* struct key_range, of nodes: what says whether there were more */
	struct buf known; /* on some leaf that was found */
	struct buf lost;  /* on a leaf that was not */
	struct buf stale; /* newer than what was found of them */
};

/* The elements of a buf that holds a `type` each. */
#define BUF_OF(buf, type)    ((type *)(void *)(buf)->at)
#define BUF_COUNT(buf, type) ((buf)->len / sizeof(type))

/* The range of those in `ranges` that holds `key`, or NULL. */
const struct key_range *range_of(const struct buf *ranges, uint64_t key);

/* What old pages tell: see history.c. */
struct history {
	struct buf blocks; /* struct ndb_place, by key: in no tree */
	struct buf nodes;  /* struct old */
};

/* Must all keys from `low` to `high` be asked for here, not in the tree? */
bool heal_contains(const struct ndb *db, enum ndb_page_type type, uint64_t low,
		   uint64_t high);

/* The entry of a key that heal_contains(). Statuses as ndb_find(). */
enum ost_status heal_node(const struct ndb *db, ndb_nid nid,
			  struct ndb_node *out, struct ost_error *err);
enum ost_status heal_place(const struct ndb *db, ndb_bid bid,
			   struct ndb_place *out, struct ost_error *err);

/* The place of `bid` among `places`, struct ndb_place by key; or NULL. */
const struct ndb_place *heal_place_in(const struct buf *places, ndb_bid bid);

/* Sort places by key, and keep one of each: the last in the file. */
void heal_sort_places(struct buf *places);

/* The first node here at or above `nid`; NULL: none. On loan. */
const struct ndb_node *heal_next(const struct ndb *db, ndb_nid nid);

/* The place of a block that the trees no longer name. */
bool history_place(const struct ndb *db, ndb_bid bid, struct ndb_place *out);

#endif
