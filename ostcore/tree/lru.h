/*
 * lru.h - private: things made lately, shared and counted
 *
 * One lock, held in lru.c only, and never while a thing is made or destroyed.
 */
#ifndef OST_TREE_LRU_H
#define OST_TREE_LRU_H

#include <stdatomic.h>
#include <stdbool.h>

#include <stddef.h>

#include "store/store.h"

/* The head of a thing that can be kept. It never changes once it was made. */
struct lru_entry {
	uint64_t key;
	size_t cost; /* bytes, roughly */
	/*
	 * What it was read through, by store_again(): the store's objects that
	 * it holds are of that, and so it knows whether it is whole.
	 */
	struct store store;
	void (*destroy)(struct lru_entry *c);
	atomic_uint owners;

	/* of the cache */
	struct lru_entry *older, *newer, *chain;
};

struct lru;

/*
 * An empty cache of things that cost `budget` in all, or of the last one, if
 * that costs more; NULL: no memory.
 */
struct lru *lru_new(size_t budget);
void lru_free(struct lru *c); /* NULL is fine */

/*
 * Make the thing of `key`, and set what it is read through, its cost and what
 * destroys it.
 */
typedef enum ost_status lru_make(void *arg, uint64_t key,
				 struct lru_entry **out, struct ost_error *err);

/*
 * The thing kept under `key`, or made by `make` and then kept. Two threads do
 * not make the same thing at once: the second waits for the first, and makes
 * it itself only if that failed. `*out` is owned: lru_drop() it. What is not
 * whole, by its store_failed(), is not kept.
 */
enum ost_status lru_get(struct lru *c, uint64_t key, lru_make *make, void *arg,
			struct lru_entry **out, struct ost_error *err);

/* The thing kept under `key`, or NULL. Owned: lru_drop() it. */
struct lru_entry *lru_kept(struct lru *c, uint64_t key);

void lru_drop(struct lru_entry *c); /* NULL is fine */

#endif
