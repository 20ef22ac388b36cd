/*
 * inventory.h - the messages and folders of a store, counted three ways
 *
 * A folder says how many messages it has, its contents table lists them, and
 * the node B-tree knows of each whose it is. Where the three agree nothing
 * can be missing; where they do not, what is missing has a name.
 */
#ifndef OST_STORE_INVENTORY_H
#define OST_STORE_INVENTORY_H

#include "store/store.h"

/* What a folder has two lists of. */
enum inventory_kind {
	INVENTORY_MESSAGES,
	INVENTORY_ASSOCIATED, /* FAI: views, rules and settings, which no folder
			      shows */
	INVENTORY_KINDS
};

/* Those of one kind in a folder. */
struct inventory_count {
	bool has_declared; /* it says how many it has */
	bool unreadable;   /* the table that lists them, or part of it */
	uint64_t declared; /* 0x3602, or 0x3617 */
	uint64_t rows;	   /* of the table */
	uint64_t nodes;	   /* those whose node names it as the parent */
	uint64_t unlisted; /* of these, those no table lists */
	uint64_t missing;  /* rows that name nothing in the store */
	uint64_t twice;	   /* rows that name one listed already */
};

/*
 * Does the table lack what the folder counts and the nodes know? Where just
 * one of the two has more, an old count or a node is left over.
 */
static inline bool inventory_is_short(const struct inventory_count *n)
{
	return n->has_declared && n->unlisted > 0 &&
	       n->declared == n->rows - n->twice + n->unlisted;
}

static inline bool inventory_is_damaged(const struct inventory_count *n)
{
	return n->unreadable || inventory_is_short(n);
}

struct inventory_folder {
	uint32_t nid;
	uint32_t parent; /* as its node says */
	/* It says that it has folders, nodes name it, and its list has none. */
	bool folders_lost;
	struct inventory_count of[INVENTORY_KINDS];
};

/* Those of one kind in the store. */
struct inventory_list {
	uint32_t *nids;	   /* ascending */
	uint32_t *parents; /* theirs, in the same order */
	uint8_t *listed;   /* a bit for each: a table lists it */
	size_t count;
};

struct inventory {
	struct inventory_folder *folders; /* by NID */
	size_t folder_count;
	struct inventory_list of[INVENTORY_KINDS];
	bool cut;      /* the nodes or rows were not read to their end */
	uint64_t left; /* of the budget of rows */
};

/*
 * Count. Takes time and 9 bytes of memory for each message. Damage costs what
 * it hides, and is told by `cut` and `unreadable`. `*out` is owned.
 */
enum ost_status inventory_take(struct inventory **out, struct store *s,
			       struct ost_error *err);
void inventory_free(struct inventory *c); /* NULL is fine */

static inline bool inventory_is_listed(const struct inventory_list *l,
				       size_t index)
{
	return (l->listed[index / 8] >> (index % 8) & 1) != 0;
}

/* Folder `nid`, or NULL. */
struct inventory_folder *inventory_folder(const struct inventory *c,
					  uint32_t nid);

#endif
