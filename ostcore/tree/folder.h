/*
 * folder.h - private: the subfolders of a folder
 */
#ifndef OST_TREE_FOLDER_H
#define OST_TREE_FOLDER_H

#include "store/root.h"
#include "tree/parts.h"

struct folder_child {
	uint32_t nid;
	bool hidden;
	size_t name; /* in folder->names */
};

/* A folder's subfolders by NID, hidden ones last: those that are shown. */
struct folder {
	struct lru_entry base;
	struct folder_child *at;
	size_t count;
	struct buf names;
	uint32_t *by_name; /* indexes of `at`, in strcmp(3)'s order */
	uint32_t *lost; /* indexes in its hierarchy table that fail, in order */
	size_t lost_count;
	bool unlisted; /* all of the hierarchy table fails */
	bool empty;    /* it lists no messages */
};

/*
 * The subfolders of `nid`. `*out` is shared: folder_drop(). Of two with like
 * names the one with the higher NID, which came later, has its NID added, so
 * names stay as a store grows.
 */
enum ost_status folder_open(struct tree *t, uint32_t nid, struct folder **out,
			    struct ost_error *err);
void folder_drop(struct folder *f); /* NULL is fine */

const char *folder_name(const struct folder *f, size_t index);

/* The subfolder `name`, or NULL. */
const struct folder_child *folder_find(const struct folder *f,
				       const char *name);

/* Does entry `index` of its hierarchy table fail? */
bool folder_is_lost(const struct folder *f, uint32_t index);

/*
 * lost.c: entries that cannot be read are listed by their place, so that
 * nothing is missing silently.
 */

/*
 * True if the child that `failed` is all there is of the list: then it is
 * most likely the list that cannot be read, which is one error long.
 */
bool list_is_lost(struct store_object *o, enum store_list list, size_t failed);

enum { LOST_NAME = 64, LOST_LIST = -1 };

/* Name and inode number of entry `index`, or LOST_LIST, of folder `nid`. */
uint64_t lost_entry(char name[LOST_NAME], uint32_t nid, enum store_list list,
		    int64_t index);

/* The number of the lost entry `name` of a list of folder `nid`. */
enum ost_status lost_find(struct tree *t, uint32_t nid, enum store_list list,
			  const char *name, uint64_t *ino,
			  struct ost_error *err);

/*
 * node_folder.c: the directory that folder or item `nid` is in.
 */
enum ost_status folder_of(struct tree *t, uint32_t nid, uint64_t *out,
			  struct ost_error *err);

/* node_item.c: that of the attachment at the place of `i`. */
enum ost_status attachment_dir(struct tree *t, struct ino i, uint64_t *out,
			       struct ost_error *err);

/*
 * Is folder `o` hidden (PidTagAttributeHidden) and nothing in it, nor in any
 * folder below it? What cannot be read may hold something. hidden.c
 */
enum ost_status hidden_is_empty(struct store_object *o, bool *is,
				struct ost_error *err);

#endif
