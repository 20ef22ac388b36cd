/*
 * said.h - what a worker says of itself, taken apart
 *
 * A worker is as little trusted as the store that it reads: what is not whole,
 * or is too much, was not said.
 */
#ifndef OST_FS_SAID_H
#define OST_FS_SAID_H

#include <stdbool.h>
#include <stddef.h>

#include "bytes/bytes.h"

/* The kinds of what a worker says, as the first of its words. */
enum {
	WORKER_READY = 'r',  /* code 0; warnings follow, a line each */
	WORKER_FAILED = 'f', /* an exit code; why, and what to do */
	WORKER_WHOSE = 'w',  /* code 0; mailbox GUID, address and name of its
				owner, with a NUL after each */
};

enum {
	WORKER_WORDS_MAX = 16 << 10, /* bytes of words, at most */
	SAID_WHOSE = 3,
};

struct said {
	int kind;
	int code;		       /* of WORKER_FAILED; 1 to 255 */
	struct span words;	       /* on loan from the message */
	struct span whose[SAID_WHOSE]; /* of WORKER_WHOSE */
};

/* Take apart the `len` bytes of `message`; false: that is none. */
bool said_read(struct said *out, const void *message, size_t len);

#endif
