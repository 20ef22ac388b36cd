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
	return ino_make(INO_RECOVERED, dir, 0);
}

struct recovered *recovered_new(void); /* NULL: no memory */
void recovered_free(struct recovered *r);

/* The directory that recovered item `nid` is in. */
uint64_t recovered_home(struct tree *t, uint32_t nid);

#endif
