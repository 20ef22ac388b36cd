/*
 * ops.h - the FUSE operations, each a few lines over the tree
 */
#ifndef OST_FS_OPS_H
#define OST_FS_OPS_H

#include <fuse_lowlevel.h>

#include "tree/tree.h"

/* What is mounted: the user data of the session. Fixed while it runs. */
struct fs {
	struct tree *tree;
	struct fuse_session *session; /* once there is one */
	/*
	 * Of one store among many: what its inode numbers have in bits 52-63,
	 * and what says that they are of this very file. Else 0.
	 */
	uint64_t slot, generation;
	uid_t uid; /* who owns everything */
	gid_t gid;
	mode_t umask;
	bool xattrs;	 /* there are extended attributes */
	bool no_open;	 /* the kernel needs no OPEN: set by init */
	bool no_opendir; /* nor OPENDIR */
};

enum { FS_SLOT_SHIFT = 52 };

extern const struct fuse_lowlevel_ops fs_ops;

/* False if the operations could not set up what they share. */
bool fs_ops_start(void);

#endif
