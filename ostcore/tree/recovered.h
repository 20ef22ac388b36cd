/*
 * recovered.h - private: Recovered, for what the store holds no longer
 *
 * With -o recovered the root has a directory of what a scan of the file finds
 * besides: items that were deleted, earlier versions of items that were
 * changed, and what libpff finds and is in none of the others nor in the
 * store. Each is scanned for when somebody first looks into it, and kept.
 */
#ifndef OST_TREE_RECOVERED_H
#define OST_TREE_RECOVERED_H

#include "tree/found.h"

#define RECOVERED_NAME "Recovered"

/* In the place of the NID in their inode numbers, which no item of it has. */
enum recovered_dir {
	RECOVERED_TOP = 0 << 5 | MAPI_NID_RECOVERED,
	RECOVERED_DELETED = 1 << 5 | MAPI_NID_RECOVERED,
	RECOVERED_OLDER = 2 << 5 | MAPI_NID_RECOVERED,
	RECOVERED_PFF = 3 << 5 | MAPI_NID_RECOVERED,
};

static inline uint64_t recovered_ino(enum recovered_dir dir)
{
	return ino_make(INO_LOST, dir, INO_PLACE_MAX);
}

static inline bool recovered_is_dir(struct ino i)
{
	return i.kind == INO_LOST && i.place == INO_PLACE_MAX &&
	       nid_is_recovered(i.nid);
}

struct recovered *recovered_new(void); /* NULL: no memory */
void recovered_free(struct recovered *r);

/* As found_at(), found_lookup() and found_stat(). */
enum ost_status recovered_at(struct tree *t, uint32_t dir, size_t index,
			     struct found_entry *out, struct ost_error *err);
enum ost_status recovered_lookup(struct tree *t, uint32_t dir, const char *name,
				 uint64_t *ino, struct ost_error *err);
enum ost_status recovered_stat(struct tree *t, uint32_t dir,
			       struct tree_node *out, struct ost_error *err);

/* The directory that recovered item `nid` is in. */
uint64_t recovered_home(struct tree *t, uint32_t nid);

#endif
