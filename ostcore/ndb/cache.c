/*
 * cache.c - decoded blocks and verified pages, bounded by bytes
 *
 * A lock is held only to look up and to link: never across I/O, inflation or
 * free(3). Two threads that miss the same entry both read it; the second to
 * arrive is not kept. A large cache is several, each with a share of the
 * keys and a lock of its own.
 *
 * Most blocks are asked for a few times while a message is read and never
 * again; were they to pass through all of the cache, all of its memory would
 * be in turn what the processor's caches do not hold. An eighth is enough
 * for them. The rest is for what is asked for again after a while, as are the
 * pages of the B-trees.
 */
#include <pthread.h>
#include <stdlib.h>

#include "ndb/layout.h"

enum {
	SHARDS_MAX = 8,
	SHARD_LEAST = 2 << 20, /* bytes: below that one lock serves all */
	BUCKETS = 1 << 13,     /* of a shard: small blocks are many */
	YOUNG_SHARE = 8,
	YOUNG_LEAST = 1 << 18, /* bytes */
	A_WHILE = 64,	       /* entries that came since */
};

/* Entries from the latest to the oldest. */
struct age {
	size_t max, used; /* bytes */
	struct ndb_block *newest, *oldest;
};

struct shard {
	pthread_mutex_t lock;
	uint32_t puts;	    /* entries that came, ever */
	struct age ages[2]; /* by ndb_block.proven */
	struct ndb_block *buckets[BUCKETS];
};

struct cache {
	size_t count; /* a power of two */
	struct shard shards[];
};

static size_t shards_for(size_t max)
{
	size_t count = 1;

	while (count < SHARDS_MAX && max / (2 * count) >= SHARD_LEAST)
		count *= 2;
	return count;
}

static void share_out(struct shard *s, size_t max)
{
	size_t young = max / YOUNG_SHARE;

	if (young < YOUNG_LEAST)
		young = max / 2 < YOUNG_LEAST ? max / 2 : YOUNG_LEAST;
	pthread_mutex_init(&s->lock, NULL);
	s->ages[false].max = young;
	s->ages[true].max = max - young;
}

enum ost_status cache_new(struct cache **out, size_t max, struct ost_error *err)
{
	const size_t count = shards_for(max);
	struct cache *c = calloc(1, sizeof(*c) + count * sizeof(c->shards[0]));

	*out = c;
	if (c == NULL)
		return ost_no_memory(err);
	c->count = count;
	for (size_t i = 0; i < count; i++)
		share_out(&c->shards[i], max / count);
	return OST_OK;
}

static uint64_t mix(uint64_t key)
{
	return key * UINT64_C(0x9E3779B97F4A7C15);
}

static struct shard *shard_of(struct cache *c, uint64_t key)
{
	return &c->shards[mix(key) >> 32 & (c->count - 1)];
}

static struct ndb_block **bucket(struct shard *s, uint64_t key)
{
	return &s->buckets[mix(key) >> 48 & (BUCKETS - 1)];
}

/* What an entry costs. */
static size_t cost(const struct ndb_block *b)
{
	return sizeof(*b) + b->size;
}

static void unlink_age(struct age *a, struct ndb_block *b)
{
	*(b->newer != NULL ? &b->newer->older : &a->newest) = b->older;
	*(b->older != NULL ? &b->older->newer : &a->oldest) = b->newer;
	a->used -= cost(b);
}

static void link_newest(struct age *a, struct ndb_block *b)
{
	b->newer = NULL;
	b->older = a->newest;
	*(a->newest != NULL ? &a->newest->newer : &a->oldest) = b;
	a->newest = b;
	a->used += cost(b);
}

static struct ndb_block *find_linked(struct shard *s, uint64_t key)
{
	struct ndb_block *b = *bucket(s, key);

	while (b != NULL && b->key != key)
		b = b->chain;
	return b;
}

/* Take out what is too much, onto the list of what to drop without the lock. */
static void shrink(struct shard *s, struct age *a, struct ndb_block **gone)
{
	while (a->used > a->max) {
		struct ndb_block *b = a->oldest;
		struct ndb_block **at = bucket(s, b->key);

		while (*at != b)
			at = &(*at)->chain;
		*at = b->chain;
		unlink_age(a, b);
		b->chain = *gone;
		*gone = b;
	}
}

static void drop_all(struct ndb_block *list)
{
	while (list != NULL) {
		struct ndb_block *next = list->chain;

		ndb_block_drop(list);
		list = next;
	}
}

/* An entry was asked for: the young one moves up once it is proven. */
static void touch(struct shard *s, struct ndb_block *b, struct ndb_block **gone)
{
	struct age *a = &s->ages[b->proven];

	if (b->proven ? b == a->newest : s->puts - b->born < A_WHILE)
		return;
	unlink_age(a, b);
	b->proven = true;
	link_newest(&s->ages[true], b);
	shrink(s, &s->ages[true], gone);
}

struct ndb_block *cache_find(struct cache *c, uint64_t key)
{
	struct shard *s = shard_of(c, key);
	struct ndb_block *gone = NULL;

	pthread_mutex_lock(&s->lock);
	struct ndb_block *b = find_linked(s, key);

	if (b != NULL) {
		__atomic_add_fetch(&b->owners, 1, __ATOMIC_RELAXED);
		touch(s, b, &gone);
	}
	pthread_mutex_unlock(&s->lock);
	drop_all(gone);
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

void cache_put(struct cache *c, struct ndb_block *b)
{
	struct shard *s = shard_of(c, b->key);
	struct age *age = &s->ages[b->proven];
	struct ndb_block *gone = NULL;

	pthread_mutex_lock(&s->lock);
	if (cost(b) <= age->max && find_linked(s, b->key) == NULL) {
		struct ndb_block **first = bucket(s, b->key);

		b->born = s->puts++;
		b->chain = *first;
		*first = b;
		link_newest(age, b);
		__atomic_add_fetch(&b->owners, 1, __ATOMIC_RELAXED);
		shrink(s, age, &gone);
	}
	pthread_mutex_unlock(&s->lock);
	drop_all(gone);
}

void cache_free(struct cache *c)
{
	for (size_t i = 0; c != NULL && i < c->count; i++) {
		struct shard *s = &c->shards[i];
		struct ndb_block *gone = NULL;

		for (int age = 0; age < 2; age++) {
			s->ages[age].max = 0;
			shrink(s, &s->ages[age], &gone);
		}
		drop_all(gone);
		pthread_mutex_destroy(&s->lock);
	}
	free(c);
}

struct span ndb_block_span(const struct ndb_block *b)
{
	return span_of(b->bytes, b->size);
}

struct ndb_block *ndb_block_keep(struct ndb_block *b)
{
	__atomic_add_fetch(&b->owners, 1, __ATOMIC_RELAXED);
	return b;
}

void ndb_block_drop(struct ndb_block *b)
{
	if (b != NULL &&
	    __atomic_sub_fetch(&b->owners, 1, __ATOMIC_ACQ_REL) == 0)
		free(b);
}
