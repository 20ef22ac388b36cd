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
	return ino_make(INO_FOUND, folder, 0);
}

struct found *found_new(void); /* NULL: no memory */
void found_free(struct found *f);

/* The inventory, on loan for the tree's life. */
enum ost_status found_inventory(struct tree *t, const struct inventory **out,
				struct ost_error *err);

/*
 * The directory that lost message or folder `nid` is in. 0: it is not lost, or
 * nobody has asked yet; to know where a thing is, is no reason to count all.
 */
uint64_t found_home(struct tree *t, uint32_t nid);

#endif
