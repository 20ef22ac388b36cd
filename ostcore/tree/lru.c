#include "tree/lru.h"

#include <pthread.h>
#include <stdlib.h>

enum { CHAINS = 1024 };

struct lru {
	pthread_mutex_t lock;
	size_t budget, used;
	struct lru_entry *newest, *oldest;
	struct lru_entry *chains[CHAINS];
};

struct lru *lru_new(size_t budget)
{
	struct lru *c = calloc(1, sizeof(*c));

	if (c != NULL) {
		pthread_mutex_init(&c->lock, NULL);
		c->budget = budget;
	}
	return c;
}

static size_t mix(uint64_t key)
{
	return (size_t)((key * UINT64_C(0x9E3779B97F4A7C15)) >> 32);
}

static struct lru_entry **chain_of(struct lru *c, uint64_t key)
{
	return &c->chains[mix(key) % CHAINS];
}

void lru_drop(struct lru_entry *c)
{
	if (c != NULL && atomic_fetch_sub(&c->owners, 1) == 1)
		c->destroy(c);
}

static void unlink_age(struct lru *c, struct lru_entry *e)
{
	if (e->newer != NULL)
		e->newer->older = e->older;
	else
		c->newest = e->older;
	if (e->older != NULL)
		e->older->newer = e->newer;
	else
		c->oldest = e->newer;
}

static void link_newest(struct lru *c, struct lru_entry *e)
{
	e->newer = NULL;
	e->older = c->newest;
	if (c->newest != NULL)
		c->newest->newer = e;
	else
		c->oldest = e;
	c->newest = e;
}

/* Find, make the newest, and add an owner. */
static struct lru_entry *find(struct lru *c, uint64_t key)
{
	struct lru_entry *e = *chain_of(c, key);

	while (e != NULL && e->key != key)
		e = e->chain;
	if (e != NULL) {
		unlink_age(c, e);
		link_newest(c, e);
		atomic_fetch_add(&e->owners, 1);
	}
	return e;
}

/* Take out the oldest, onto the list of those to drop without the lock. */
static void evict(struct lru *c, struct lru_entry **out)
{
	struct lru_entry *e = c->oldest;
	struct lru_entry **p = chain_of(c, e->key);

	while (*p != e)
		p = &(*p)->chain;
	*p = e->chain;
	unlink_age(c, e);
	c->used -= e->cost;
	e->chain = *out;
	*out = e;
}

static void drop_all(struct lru_entry *list)
{
	while (list != NULL) {
		struct lru_entry *next = list->chain;

		lru_drop(list);
		list = next;
	}
}

struct lru_entry *lru_get(struct lru *c, uint64_t key)
{
	struct lru_entry *e;

	pthread_mutex_lock(&c->lock);
	e = find(c, key);
	pthread_mutex_unlock(&c->lock);
	return e;
}

struct lru_entry *lru_put(struct lru *c, struct lru_entry *made)
{
	struct lru_entry *gone = NULL, *e;

	atomic_init(&made->owners, 1);
	if (made->cost > c->budget)
		return made; /* too large to be kept */
	pthread_mutex_lock(&c->lock);
	e = find(c, made->key);
	if (e == NULL) {
		struct lru_entry **chain = chain_of(c, made->key);

		e = made;
		atomic_fetch_add(&e->owners, 1);
		e->chain = *chain;
		*chain = e;
		link_newest(c, e);
		c->used += e->cost;
		while (c->used > c->budget)
			evict(c, &gone);
	}
	pthread_mutex_unlock(&c->lock);
	drop_all(gone);
	if (e != made)
		lru_drop(made);
	return e;
}

void lru_free(struct lru *c)
{
	struct lru_entry *gone = NULL;

	if (c == NULL)
		return;
	while (c->oldest != NULL)
		evict(c, &gone);
	drop_all(gone);
	pthread_mutex_destroy(&c->lock);
	free(c);
}
