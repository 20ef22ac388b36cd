/*
 * gathered.h - private: directories of ours in those that have items
 */
#ifndef OST_TREE_GATHERED_H
#define OST_TREE_GATHERED_H

#include "tree/node.h"

#define GATHERED_NAME "Attachments"
#define CUR_NAME      "cur"
#define NEW_NAME      "new"
#define TMP_NAME      "tmp"

/*
 * `*dir` is the directory of items that the file of one, or the directory of
 * its attachments, belongs to: set it to the one inside that they are in.
 */
void home_of_item(const struct tree *t, uint64_t *dir);

/* The one at `index` in a directory of items; OST_NOT_FOUND past the last. */
enum ost_status gathered_at(const struct tree *t, struct ino dir, size_t index,
			    struct dir_entry *out, struct ost_error *err);

/* The number of the one called `name`; false: none is. */
bool gathered_named(const struct tree *t, struct ino dir, const char *name,
		    uint64_t *ino);

#endif
