/*
 * worker.h - the process that reads one store of a fleet
 *
 * It serves FUSE as the process of a single mount does, with the same code, but
 * for the device it has a socket, on which a message is a request or an answer
 * as linux/fuse.h has them. What it says of itself is an answer to WORKER_SAYS,
 * with a code in `error` and words after it: see said.h.
 */
#ifndef OST_FS_WORKER_H
#define OST_FS_WORKER_H

#include <stdint.h>

#include "fs/options.h"
#include "fs/said.h"

/* No request of the kernel has this number. */
#define WORKER_SAYS UINT64_MAX

enum {
	WORKER_READ_MAX = 128 << 10, /* bytes of an answer, but for headers */
};

struct worker {
	const struct options *o;
	unsigned slot; /* of its inode numbers */
	uint32_t generation;
	const char *path; /* as it is told to a person */
	int store;	  /* open */
};

/* Serve the store by `channel` until that is closed. Does not return. */
void worker_run(const struct worker *w, int channel) __attribute__((noreturn));

#endif
