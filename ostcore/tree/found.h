/*
 * found.h - private: Lost and found, for what no folder lists
 *
 * A message whose node is there but which no contents table lists, and a
 * folder that no hierarchy table leads to, would be missing from the tree. They
 * are shown in a directory of their own in the root, which is there only if
 * there are any: the messages by the folder their node names, in "Messages of
 * Inbox [8022]", those of no known folder directly, and folders as they are.
 *
 * It takes a inventory of the store to know, so that is taken when somebody
 * first lists the root or looks for the directory, and kept.
 */
#ifndef OST_TREE_FOUND_H
#define OST_TREE_FOUND_H

#include "store/inventory.h"
#include "tree/parts.h"

#define FOUND_NAME "Lost and found"

/* Its inode number, and with `folder` that of the messages of one. */
static inline uint64_t found_ino(uint32_t folder)
{
	return ino_make(INO_LOST, folder, INO_PLACE_MAX);
}

static inline bool found_is_dir(struct ino i)
{
	return i.kind == INO_LOST && i.place == INO_PLACE_MAX &&
	       !nid_is_recovered(i.nid);
}

struct found *found_new(void); /* NULL: no memory */
void found_free(struct found *f);

/* Is there anything lost? Takes the inventory at the first call. */
bool found_any(struct tree *t);

/* The inventory, on loan for the tree's life. */
enum ost_status found_inventory(struct tree *t, const struct inventory **out,
				struct ost_error *err);

/* Entry `index` of the directory `dir`: a lost message, or a directory. */
struct found_entry {
	uint32_t message; /* its NID; 0: the entry is a directory */
	uint64_t ino;	  /* of the directory */
	struct buf name;  /* of the directory; to be freed */
};

/* OST_NOT_FOUND at and past the last. */
enum ost_status found_at(struct tree *t, uint32_t dir, size_t index,
			 struct found_entry *out, struct ost_error *err);

/* The inode number of `name` in the directory `dir`. */
enum ost_status found_lookup(struct tree *t, uint32_t dir, const char *name,
			     uint64_t *ino, struct ost_error *err);

enum ost_status found_stat(struct tree *t, uint32_t dir, struct tree_node *out,
			   struct ost_error *err);

/*
 * The directory that lost message or folder `nid` is in. 0: it is not lost, or
 * nobody has asked yet; to know where a thing is, is no reason to count all.
 */
uint64_t found_home(struct tree *t, uint32_t nid);

#endif
