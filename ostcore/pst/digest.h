/*
 * digest.h - private: a sum over all values of a PST
 *
 * Each value has a hash, of the object it is of and of itself, and the sum of
 * those does not depend on the order in which they are met. What was handed to
 * be written and what is read back have the same sum, or the file is wrong.
 */
#ifndef OST_PST_DIGEST_H
#define OST_PST_DIGEST_H

#include "bytes/bytes.h"

struct digest {
	uint64_t sum[2];
	uint64_t values, objects;
};

/* Whose value it is: the NID of an object, or of one with its place in it. */
struct digest_key {
	uint32_t nid, place;
	uint16_t id, type;
};

/*
 * A value that comes in pieces. Its hash is against faults, not against
 * people: it takes a tenth of the time of one that is.
 */
enum { DIGEST_LANES = 4, DIGEST_STRIPE = 8 * DIGEST_LANES };
struct digest_value {
	uint64_t lanes[DIGEST_LANES]; /* of every fourth word each */
	uint64_t len;		      /* bytes so far */
	uint8_t rest[DIGEST_STRIPE];  /* those that fill no stripe yet */
};

void digest_begin(struct digest_value *v, const struct digest_key *key);
void digest_more(struct digest_value *v, struct span bytes);
void digest_end(struct digest *d, struct digest_value *v);

/* One whole. */
void digest_add(struct digest *d, const struct digest_key *key,
		struct span value);

/* There is an object `nid` in `parent`. */
void digest_object(struct digest *d, uint32_t nid, uint32_t parent);

bool digest_equal(const struct digest *a, const struct digest *b);

#endif
