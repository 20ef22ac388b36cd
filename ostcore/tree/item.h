/*
 * item.h - private: the names of the items in a folder
 */
#ifndef OST_TREE_ITEM_H
#define OST_TREE_ITEM_H

#include "tree/parts.h"

/* A row of a contents table, as the listing shows it. */
struct item {
	struct buf name; /* of the file; the stem, then the suffix */
	size_t stem;	 /* bytes of the stem, which NAME_BESIDE can follow */
	bool has_beside; /* there is a directory beside it */
};

/*
 * Read the item that `row` lists. What the row lacks is asked of the message
 * itself; what neither has, or neither can say, is left out of the name.
 */
enum ost_status item_read(struct item *out, const struct tree *t,
			  struct store_object *row, struct ost_error *err);
void item_free(struct item *item);

/* List it: two places, its file at `file`, then the directory beside it. */
struct listing;
enum ost_status item_list(struct listing *l, struct store_object *row,
			  uint64_t file, struct ost_error *err);

/*
 * What stands for the row of message `nid`, which no table lists: its bare
 * node, so that it has a name even if the message cannot be read. Of one that
 * is recovered, itself.
 */
enum ost_status item_bare(struct tree *t, uint32_t nid,
			  struct store_object **out, struct ost_error *err);

/*
 * The inode number of the entry `name` of folder `nid`, or with 0 of what no
 * folder lists, when it is an item's file or directory; with `gathered`, of
 * the entry of its Attachments.
 */
enum ost_status item_find(struct tree *t, uint32_t nid, bool gathered,
			  const char *name, uint64_t *ino,
			  struct ost_error *err);

#endif
