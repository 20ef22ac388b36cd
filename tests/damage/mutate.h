/*
 * mutate.h - private to damage/: what can happen to a store
 */
#ifndef OST_DAMAGE_MUTATE_H
#define OST_DAMAGE_MUTATE_H

#include "survey.h"

enum mutation {
	MUTATE_BYTE,  /* one byte is another */
	MUTATE_512,   /* zeros, as a disk gives them for a lost sector */
	MUTATE_4K,    /* the same, of 4096 bytes */
	MUTATE_64K,   /* of 65536 */
	MUTATE_NOISE, /* 512 bytes of something else */
	MUTATE_CUT,   /* the file ends early */
	MUTATE_SWAP,  /* two pages or blocks have changed places */
	MUTATE_COPY,  /* one lies where another should */
	MUTATE_LIE,   /* some fields of one are others, its checksums right */
	MUTATE_CYCLE, /* a page of an index names itself, or one above */
	MUTATIONS
};

/* For a table: "one byte changed". */
extern const char *const mutation_names[MUTATIONS];

/* At most two places are changed. */
struct hurt {
	struct range at[2];
	size_t count; /* 0: nothing was changed */
};

/*
 * Do `what` to the store, somewhere that depends on `seed` alone, mostly where
 * something is read. Returns what is not as it was.
 */
struct hurt mutate(struct buf *store, const struct survey *survey,
		   enum mutation what, uint64_t seed);

#endif
