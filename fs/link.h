/*
 * link.h - what is asked of a worker, and what it answers
 *
 * Requests are those of the kernel, byte for byte, and so are the answers. A
 * worker that ends leaves none of them open: what it was at is asked again,
 * once, of the next one, alone; so only the request that a worker died of
 * fails. A worker is as little trusted as the store that it reads: an answer
 * to a question that it was not asked, or that names inodes of other stores,
 * is none.
 */
#ifndef OST_FS_LINK_H
#define OST_FS_LINK_H

#include <linux/fuse.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct link_request; /* private */

struct link {
	int fd;	    /* the socket; -1: there is no worker */
	bool live;  /* it has begun to serve */
	bool full;  /* it takes no more for now: wait for POLLOUT */
	bool alone; /* one request at a time: its worker died of one */
	struct link_request *first, **last; /* not sent yet */
	struct link_request *asked;	    /* and not answered */
	size_t asked_count;
};

void link_start(struct link *l);

/* Keep the request `in`, of in->len bytes, to be sent. False: no memory. */
bool link_add(struct link *l, const struct fuse_in_header *in);

/* Nothing is to be sent or to be answered. */
static inline bool link_is_idle(const struct link *l)
{
	return l->first == NULL && l->asked == NULL;
}

/* Send what can be sent. */
void link_send(struct link *l);

/*
 * Is the answer `out`, of `len` bytes, from the worker of `slot` one to a
 * request? Then that is answered.
 */
bool link_answers(struct link *l, const struct fuse_out_header *out, size_t len,
		  unsigned slot);

/*
 * The worker is gone. What it was asked is to be asked again, or, the second
 * time, is refused by `refuse`, as is all that `keep` is false for.
 */
void link_lost(struct link *l, bool keep,
	       void (*refuse)(void *arg, uint64_t unique), void *arg);

#endif
