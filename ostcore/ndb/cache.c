/*
 * cache.c - decoded blocks and verified pages, bounded by bytes
 *
 * One lock, held only to look up and to link: never across I/O. Two threads
 * that miss the same entry both read it; the second to arrive is not kept.
 */
#include <pthread.h>
#include <stdlib.h>

#include "ndb/layout.h"

enum { BUCKETS = 1 << 16 }; /* small blocks are many */

struct cache {
	pthread_mutex_t lock;
	size_t most, used; /* bytes */
	struct ndb_block *newest, *oldest;
	struct ndb_block *buckets[BUCKETS];
};

enum ost_status cache_new(struct cache **out, size_t most,
			  struct ost_error *err)
{
	struct cache *c = calloc(1, sizeof(*c));

	*out = c;
	if (c == NULL)
		return ost_fail(err, OST_NO_MEMORY, "out of memory");
	pthread_mutex_init(&c->lock, NULL);
	c->most = most;
	return OST_OK;
}

void cache_free(struct cache *c)
{
	if (c == NULL)
		return;
	while (c->newest != NULL) {
		struct ndb_block *b = c->newest;

		c->newest = b->older;
		ndb_block_drop(b);
	}
	pthread_mutex_destroy(&c->lock);
	free(c);
}

static struct ndb_block **bucket(struct cache *c, uint64_t key)
{
	const uint64_t mixed = key * UINT64_C(0x9E3779B97F4A7C15);

	return &c->buckets[mixed >> 48];
}

static void unlink_age(struct cache *c, struct ndb_block *b)
{
	*(b->newer != NULL ? &b->newer->older : &c->newest) = b->older;
	*(b->older != NULL ? &b->older->newer : &c->oldest) = b->newer;
}

static void link_newest(struct cache *c, struct ndb_block *b)
{
	b->newer = NULL;
	b->older = c->newest;
	*(c->newest != NULL ? &c->newest->newer : &c->oldest) = b;
	c->newest = b;
}

static struct ndb_block *find_linked(struct cache *c, uint64_t key)
{
	struct ndb_block *b = *bucket(c, key);

	while (b != NULL && b->key != key)
		b = b->chain;
	return b;
}

struct ndb_block *cache_find(struct cache *c, uint64_t key)
{
	pthread_mutex_lock(&c->lock);
	struct ndb_block *b = find_linked(c, key);

	if (b != NULL) {
		__atomic_add_fetch(&b->owners, 1, __ATOMIC_RELAXED);
		if (b != c->newest) {
			unlink_age(c, b);
			link_newest(c, b);
		}
	}
	pthread_mutex_unlock(&c->lock);
	return b;
}

struct ndb_block *cache_blank(uint64_t key, size_t size)
{
	struct ndb_block *b = malloc(sizeof(*b) + size);

	if (b != NULL)
		*b = (struct ndb_block){ .key = key,
					 .size = size,
					 .owners = 1 };
	return b;
}

/* What an entry costs. */
static size_t cost(const struct ndb_block *b)
{
	return sizeof(*b) + b->size;
}

static void forget_oldest(struct cache *c)
{
	struct ndb_block *b = c->oldest;
	struct ndb_block **at = bucket(c, b->key);

	while (*at != b)
		at = &(*at)->chain;
	*at = b->chain;
	unlink_age(c, b);
	c->used -= cost(b);
	ndb_block_drop(b);
}

void cache_put(struct cache *c, struct ndb_block *b)
{
	pthread_mutex_lock(&c->lock);
	if (cost(b) <= c->most && find_linked(c, b->key) == NULL) {
		struct ndb_block **first = bucket(c, b->key);

		b->chain = *first;
		*first = b;
		link_newest(c, b);
		c->used += cost(b);
		__atomic_add_fetch(&b->owners, 1, __ATOMIC_RELAXED);
		while (c->used > c->most)
			forget_oldest(c);
	}
	pthread_mutex_unlock(&c->lock);
}

struct span ndb_block_span(const struct ndb_block *b)
{
	return span_of(b->bytes, b->size);
}

void ndb_block_drop(struct ndb_block *b)
{
	if (b != NULL &&
	    __atomic_sub_fetch(&b->owners, 1, __ATOMIC_ACQ_REL) == 0)
		free(b);
}
