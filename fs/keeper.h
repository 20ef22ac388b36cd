/*
 * keeper.h - who is left to unmount when the one who serves may do nothing
 *
 * The process that serves cannot execute fusermount3 and has no privileges
 * to unmount with, so it has a parent that waits for it and does that.
 */
#ifndef OST_FS_KEEPER_H
#define OST_FS_KEEPER_H

#include <stdbool.h>

/* How the process that serves came to its end: its exit status. */
enum keeper_end {
	KEEPER_UNMOUNTED = 0, /* somebody unmounted it */
	KEEPER_TOLD = 64,     /* a signal told it to end */
	KEEPER_FAILED,
	KEEPER_CRASHED, /* the mount is dead, and stays to say so */
};

/*
 * Fork. In the child, which shall serve, return true. The parent closes
 * `device`, which is /dev/fuse, and `ready`; when that was not -1 it leaves
 * the terminal. It waits, passes on the signals that end us, and returns false
 * with `*end` when the child is gone. When there can be no child, say so and
 * return false with KEEPER_FAILED.
 */
bool keeper_fork(int device, int ready, enum keeper_end *end);

#endif
