#include "tree/lru.h"

#include <pthread.h>
#include <stdlib.h>

enum { CHAINS = 1 << 13 }; /* small plans are many */

/* A thing that some thread makes; on that thread's stack. */
struct making {
	uint64_t key;
	struct making *next;
};

struct lru {
	pthread_mutex_t lock;
	pthread_cond_t made;
	size_t budget, used;
	struct making *making;
	struct lru_entry *newest, *oldest;
	struct lru_entry *chains[CHAINS];
};

struct lru *lru_new(size_t budget)
{
	struct lru *c = calloc(1, sizeof(*c));

	if (c != NULL) {
		pthread_mutex_init(&c->lock, NULL);
		pthread_cond_init(&c->made, NULL);
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

struct lru_entry *lru_kept(struct lru *c, uint64_t key)
{
	struct lru_entry *e;

	pthread_mutex_lock(&c->lock);
	e = find(c, key);
	pthread_mutex_unlock(&c->lock);
	return e;
}

static bool is_being_made(const struct lru *c, uint64_t key)
{
	const struct making *m = c->making;

	while (m != NULL && m->key != key)
		m = m->next;
	return m != NULL;
}

/* What is kept, or NULL and `m` among those being made. */
static struct lru_entry *find_or_begin(struct lru *c, struct making *m)
{
	struct lru_entry *e;

	pthread_mutex_lock(&c->lock);
	while ((e = find(c, m->key)) == NULL && is_being_made(c, m->key))
		pthread_cond_wait(&c->made, &c->lock);
	if (e == NULL) {
		m->next = c->making;
		c->making = m;
	}
	pthread_mutex_unlock(&c->lock);
	return e;
}

/* `m` is made no more; keep `e`, unless it is NULL. Returns what to drop. */
static struct lru_entry *end(struct lru *c, struct making *m,
			     struct lru_entry *e)
{
	struct making **p = &c->making;
	struct lru_entry *gone = NULL;

	pthread_mutex_lock(&c->lock);
	while (*p != m)
		p = &(*p)->next;
	*p = m->next;
	if (e != NULL) {
		struct lru_entry **chain = chain_of(c, e->key);

		atomic_fetch_add(&e->owners, 1);
		e->chain = *chain;
		*chain = e;
		link_newest(c, e);
		c->used += e->cost;
		while (c->used > c->budget && c->oldest != e)
			evict(c, &gone);
	}
	pthread_cond_broadcast(&c->made);
	pthread_mutex_unlock(&c->lock);
	return gone;
}

enum ost_status lru_get(struct lru *c, uint64_t key, lru_make *make, void *arg,
			struct lru_entry **out, struct ost_error *err)
{
	struct making m = { .key = key };
	enum ost_status st;

	*out = find_or_begin(c, &m);
	if (*out != NULL)
		return OST_OK;
	st = make(arg, key, out, err);
	if (st == OST_OK && (*out)->store.core == NULL) {
		(*out)->destroy(*out);
		st = ost_fail(err, OST_BUG, "it is read through nothing");
	}
	if (st == OST_OK) {
		(*out)->key = key;
		atomic_init(&(*out)->owners, 1);
		store_settle(&(*out)->store); /* it outlives who asked */
	} else {
		*out = NULL;
	}

	const bool keep = st == OST_OK && !store_failed(&(*out)->store);
	drop_all(end(c, &m, keep ? *out : NULL));
	return st;
}

void lru_free(struct lru *c)
{
	struct lru_entry *gone = NULL;

	if (c == NULL)
		return;
	while (c->oldest != NULL)
		evict(c, &gone);
	drop_all(gone);
	pthread_cond_destroy(&c->made);
	pthread_mutex_destroy(&c->lock);
	free(c);
}
