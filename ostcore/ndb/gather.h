/*
 * gather.h - private: what a scan found of the node B-tree
 */
#ifndef OST_NDB_GATHER_H
#define OST_NDB_GATHER_H

#include "ndb/heal.h"

/* A leaf. No other leaf of its time has its keys. */
struct leaf {
	struct ndb_ref ref;
	struct key_range keys;
};

/* A child of a branch: where its keys end, unless it is the last there. */
struct bound {
	struct ndb_ref child, parent;
	uint64_t high;
	bool last;
};

/* An entry of a leaf, in a gap. */
struct candidate {
	struct ndb_node node;
	uint32_t leaf; /* its index */
};

struct gather {
	struct ndb *db;
	struct heal *heal;
	struct buf leaves, bounds, candidates; /* of the three above */
};

/*
 * heal_nodes.c: choose for each key in the gaps the entry of the newest leaf
 * that the key can lie on, and note which keys lie on any.
 */
enum ost_status gather_choose(struct gather *g, struct ost_error *err);

/*
 * heal_filter.c: of `chosen`, struct ndb_node by NID, keep those that are still
 * what they were, and note which are not.
 */
enum ost_status gather_filter(struct gather *g, const struct buf *chosen,
			      struct ost_error *err);

#endif
