/*
 * internal.h - private: the blocks that lead to others  [MS-PST] 2.2.2.8.3
 *
 * What they have is on loan from the block. OST_CORRUPT: it is not such a
 * block, or too short for what it says that it has.
 */
#ifndef OST_NDB_INTERNAL_H
#define OST_NDB_INTERNAL_H

#include "ndb/layout.h"

/* An XBLOCK or XXBLOCK. stream.c */
struct xblock {
	uint8_t level;
	uint16_t count;
	uint32_t total; /* bytes of data below */
	struct cursor bids;
};

enum ost_status xblock_decode(const struct ndb_layout *layout,
			      struct span bytes, struct xblock *out,
			      struct ost_error *err);

/* An SLBLOCK (level 0) or SIBLOCK (level 1). subnode.c */
struct subblock {
	uint8_t level;
	uint16_t count;
	unsigned width; /* bytes in an entry */
	struct span entries;
	bool rises; /* the NIDs do, as they must: whoever needs it sets it */
};

enum ost_status subblock_decode(const struct ndb_layout *layout,
				struct span bytes, struct subblock *out,
				struct ost_error *err);

/* Entry `index` of an SLBLOCK. */
struct ndb_node subblock_node(const struct ndb_layout *layout,
			      const struct subblock *b, size_t index);

/* The block that entry `index` of a SIBLOCK leads to. */
ndb_bid subblock_child(const struct ndb_layout *layout,
		       const struct subblock *b, size_t index);

#endif
