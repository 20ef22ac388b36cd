/*
 * lru.h - private: things made lately, shared and counted
 *
 * One lock, held in lru.c only, and never while a thing is made or destroyed.
 */
#ifndef OST_TREE_LRU_H
#define OST_TREE_LRU_H

#include <stdatomic.h>

#include "bytes/bytes.h"

/* The head of a thing that can be kept. It never changes once it was put. */
struct lru_entry {
	uint64_t key;
	size_t cost; /* bytes, roughly */
	void (*destroy)(struct lru_entry *c);
	atomic_uint owners;

	/* of the cache */
	struct lru_entry *older, *newer, *chain;
};

struct lru;

/* An empty cache of things that cost `budget` in all; NULL: no memory. */
struct lru *lru_new(size_t budget);
void lru_free(struct lru *c); /* NULL is fine */

/* The thing kept under `key`, or NULL. Owned: lru_drop() it. */
struct lru_entry *lru_get(struct lru *c, uint64_t key);

/*
 * Keep `made`, which the caller owns and fills from `key` to `destroy`. If
 * another was kept under its key meanwhile, `made` is dropped for that one.
 * Returns the one kept, owned by the caller.
 */
struct lru_entry *lru_put(struct lru *c, struct lru_entry *made);

void lru_drop(struct lru_entry *c); /* NULL is fine */

#endif
