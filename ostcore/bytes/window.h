/*
 * window.h - private: small reads of a file that follow one another, as one
 *
 * A store is mostly read as its blocks lie, 2 KiB here and the next close
 * behind. Each such read is a trip to a disk, or over the network, unless what
 * lies behind it comes along.
 */
#ifndef OST_BYTES_WINDOW_H
#define OST_BYTES_WINDOW_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

enum { WINDOWS = 8, WINDOW_SIZE = 64 << 10, WINDOW_ENDS = 16 };

struct window {
	uint8_t *bytes; /* owned; NULL: never used */
	uint64_t off;
	size_t len;
	uint64_t used; /* when: of `clock` */
	bool taken;    /* a thread fills it */
};

/* Reads that followed one another. */
struct window_run {
	uint64_t end;	/* of the last; 0: none */
	uint64_t count; /* of those that went on with one */
};

/* For any number of threads. */
struct windows {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct window at[WINDOWS];
	struct window_run runs[WINDOW_ENDS]; /* the latest */
	unsigned next_run;
	uint64_t clock;
	bool off; /* a part of the file cannot be read: nothing comes along */
};

enum window_read {
	WINDOW_NOT,  /* not done: read just what is asked for */
	WINDOW_KEPT, /* done, from memory */
	WINDOW_FRESH /* done, and the file was read for it */
};

/* Fill the `n` parts from byte `off` of `fd`, which has `size` bytes. */
enum window_read windows_read(struct windows *w, int fd, uint64_t size,
			      uint64_t off, const struct iovec *parts, int n);

void windows_init(struct windows *w);
void windows_free(struct windows *w);

#endif
