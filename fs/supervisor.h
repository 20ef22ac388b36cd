/*
 * supervisor.h - who mounts and unmounts for the one who reads the store
 *
 * The process that reads the store and serves it is in a sandbox from before
 * its first byte is read: it can neither mount, nor execute fusermount3 to
 * unmount. So it has a parent, which reads nothing: it waits until the store
 * is open, mounts, hands over the device, waits again, and unmounts.
 */
#ifndef OST_FS_SUPERVISOR_H
#define OST_FS_SUPERVISOR_H

#include <stdbool.h>

/*
 * How the process that serves came to its end, as its exit status. When there
 * was no mount yet, that is an exit code.
 */
enum supervisor_end {
	SUPERVISOR_UNMOUNTED = 0, /* somebody unmounted it */
	SUPERVISOR_TOLD = 64,	  /* a signal told it to end */
	SUPERVISOR_FAILED,
	SUPERVISOR_CRASHED, /* the mount is dead, and stays to say so */
};

/*
 * Fork. In the child, which shall serve, return true, with a socket to the
 * parent in `*channel`; in the parent the same with false. The parent passes
 * on the signals that end us. -1 in `*channel`: there is no child, as was said.
 */
bool supervisor_fork(int *channel);

/* --- in the parent */

/*
 * Wait until the child can serve. False, with the exit code in `*code`, when
 * it has ended instead.
 */
bool supervisor_await(int channel, int *code);

/* Hand over `device`, which is /dev/fuse. */
bool supervisor_give(int channel, int device);

/*
 * Wait for the child's end. With `ready` not -1, which is closed, speak to the
 * log only, as stdout does to nobody.
 */
enum supervisor_end supervisor_wait(int ready);

/* --- in the child */

/* Say that we can serve. Returns the device; -1: there is to be no mount. */
int supervisor_take(int channel);

#endif
