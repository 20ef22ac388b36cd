/*
 * pff_wire.h - private: what we and the process with libpff say to each other
 *
 * A message is its length in 4 bytes and as many bytes, in the order that
 * bytes.h reads. A request names its object by the way there, so neither side
 * need remember any for the other. What libpff's process says is believed no
 * more than the store that it may have been taken over by.
 */
#ifndef OST_PFF_WIRE_H
#define OST_PFF_WIRE_H

#include <time.h>

#include "bytes/buf.h"
#include "store/store.h"

enum {
	PFF_STEPS = 64,	       /* from a node down to what is in it */
	PFF_BYTES = 256 << 10, /* most of a value in one reply */
	PFF_MESSAGE = PFF_BYTES + 1024,
	PFF_RECOVERED = 1 << 16, /* most items recovered */
};

/* From the node `root` to child `index` of its list, and on from there. */
struct pff_path {
	struct store_id root;
	unsigned steps;
	struct pff_step {
		enum store_list list;
		uint32_t index;
	} step[PFF_STEPS];
};

/*
 * The root of the path of recovered item `index`; that of no item, 0x1D, is of
 * all of them.
 */
static inline struct store_id pff_recovered_id(uint32_t index)
{
	return (struct store_id){ (index + 1) << 5 | MAPI_NID_RECOVERED_PFF,
				  0 };
}

bool pff_path_same(const struct pff_path *a, const struct pff_path *b);

enum pff_op {
	PFF_OBJECT, /* is it there, and what is it called? */
	PFF_NEXT,   /* see struct store_ops */
	PFF_READ,   /* at most PFF_BYTES */
	PFF_COUNT,  /* how many items does libpff recover? */
	PFF_DROP,   /* it may be forgotten: no reply */
	PFF_OPS,
};

struct pff_request {
	enum pff_op op;
	struct pff_path path;
	uint16_t id, last; /* of properties */
	uint64_t off;
	uint32_t len;
};

struct pff_reply {
	enum ost_status status;
	struct ost_error err;	       /* unless OST_OK */
	struct store_id id;	       /* PFF_OBJECT */
	uint32_t parent, original_nid; /* PFF_OBJECT */
	uint32_t count;		       /* PFF_COUNT */
	struct store_prop prop; /* PFF_NEXT; a small value is in `place` */
	struct span bytes;	/* PFF_READ; on loan */
};

/* Append a whole message. */
void pff_put_request(struct buf *out, const struct pff_request *r);
void pff_put_reply(struct buf *out, enum pff_op op, const struct pff_reply *r);

/* Take a message apart, without its length. False: it is none. */
bool pff_get_request(struct span in, struct pff_request *out);

/*
 * The same of a reply to `to`. It is one only if it answers that: the bytes
 * are as many, the property lies in the range.
 */
bool pff_get_reply(struct span in, const struct pff_request *to,
		   struct pff_reply *out);

/* Send it all. False: nobody is there. */
bool pff_send(int fd, const struct buf *message);

enum pff_heard { PFF_HEARD, PFF_GONE, PFF_LATE };

/*
 * The next message, without its length, in place of what `in` holds; before
 * `until` by CLOCK_MONOTONIC, or NULL for ever. PFF_GONE: there are no more,
 * or it is too long for one.
 */
enum pff_heard pff_hear(int fd, const struct timespec *until, struct buf *in);

#endif
