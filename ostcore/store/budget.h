/*
 * budget.h - how much a run over a store may do, whatever the store says
 *
 * A damaged or hostile store can list the same things over and over. A run
 * counts what it meets and ends, saying so, where an honest store cannot get:
 * no store holds more entries than bytes, nor gives out more bytes than some
 * thousand times its own, which is what its compression can do.
 */
#ifndef OST_STORE_BUDGET_H
#define OST_STORE_BUDGET_H

#include "store/store.h"

enum {
	BUDGET_ENTRIES_LEAST = 1 << 16, /* what any store may list */
	BUDGET_BYTES_LEAST = 1 << 30,	/* what any store may give */
	BUDGET_BYTES_TIMES = 4096,	/* its size, at most */
	BUDGET_FOLDERS_MAX = 1 << 20,	/* of a run */
	BUDGET_PATHS_MAX = 256 << 20,	/* bytes of their paths */
};

/* Rows and entries that a run may look at. */
static inline uint64_t budget_entries(const struct store *s)
{
	return store_info(s)->size + BUDGET_ENTRIES_LEAST;
}

/* Bytes that it may read out of files. */
static inline uint64_t budget_bytes(const struct store *s)
{
	return store_info(s)->size < UINT64_MAX / BUDGET_BYTES_TIMES / 2
		       ? store_info(s)->size * BUDGET_BYTES_TIMES +
				 BUDGET_BYTES_LEAST
		       : UINT64_MAX;
}

/* Take `count` of what is left. False: there is not so much. */
static inline bool budget_take(uint64_t *left, uint64_t count)
{
	if (*left < count)
		return false;
	*left -= count;
	return true;
}

#endif
