/*
 * test_cache.c - what the tree remembers: things made lately, sizes
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "check.h"
#include "store/backend.h"
#include "tree/lru.h"
#include "tree/size_cache.h"

static struct ost_error err;

static atomic_uint made, destroyed;

static void destroy(struct lru_entry *e)
{
	atomic_fetch_add(&destroyed, 1);
	free(e);
}

enum { FORGOTTEN = 99 };

static size_t cost;
static struct store_core core = { .self.core = &core };
static bool troubled; /* making something meets trouble that may pass */

static enum ost_status make(void *arg, uint64_t key, struct lru_entry **out,
			    struct ost_error *why)
{
	struct lru_entry *e = calloc(1, sizeof(*e));

	(void)arg;
	atomic_fetch_add(&made, 1);
	if (key == 0) {
		free(e);
		return ost_fail(why, OST_CORRUPT, "nothing");
	}
	if (e == NULL)
		return ost_no_memory(why);
	if (key != FORGOTTEN)
		store_again(&e->store, &core.self);
	if (troubled)
		(void)!store_met(&e->store, OST_IO);
	e->cost = cost;
	e->destroy = destroy;
	*out = e;
	return OST_OK;
}

/* Ask for `key`: was it made anew? */
static bool is_new(struct lru *c, uint64_t key)
{
	const unsigned before = atomic_load(&made);
	struct lru_entry *e;

	CHECK(lru_get(c, key, make, NULL, &e, &err) == OST_OK);
	CHECK(e != NULL && e->key == key);
	lru_drop(e);
	return atomic_load(&made) != before;
}

static struct lru *start(size_t budget, size_t each)
{
	atomic_store(&made, 0);
	atomic_store(&destroyed, 0);
	cost = each;
	return lru_new(budget);
}

static void keeps_what_was_asked_for_last(void)
{
	struct lru *c = start(20, 10);

	CHECK(is_new(c, 1));
	CHECK(is_new(c, 2));
	CHECK(!is_new(c, 1));
	CHECK(is_new(c, 3));
	CHECK(!is_new(c, 1));
	CHECK(is_new(c, 2));
	lru_free(c);
	CHECK(atomic_load(&destroyed) == atomic_load(&made));
}

static void keeps_one_however_large(void)
{
	struct lru *c = start(20, 30);

	CHECK(is_new(c, 1));
	CHECK(!is_new(c, 1));
	CHECK(is_new(c, 2));
	CHECK(is_new(c, 1));
	lru_free(c);
}

static void does_not_keep_what_is_passing(void)
{
	struct lru *c = start(20, 10);

	troubled = true;
	CHECK(is_new(c, 1));
	CHECK(is_new(c, 1));
	CHECK(atomic_load(&destroyed) == 2);
	troubled = false;
	CHECK(is_new(c, 1));
	CHECK(!is_new(c, 1));
	lru_free(c);
}

/* Who makes it cannot forget to say through what it was read. */
static void what_is_read_through_nothing_is_a_bug(void)
{
	struct lru *c = start(20, 10);
	struct lru_entry *e;

	CHECK(lru_get(c, FORGOTTEN, make, NULL, &e, &err) == OST_BUG);
	CHECK(e == NULL && atomic_load(&destroyed) == 1);
	lru_free(c);
}

static void a_failure_is_not_kept(void)
{
	struct lru *c = start(20, 10);
	struct lru_entry *e;

	CHECK(lru_get(c, 0, make, NULL, &e, &err) == OST_CORRUPT);
	CHECK(e == NULL);
	CHECK(lru_get(c, 0, make, NULL, &e, &err) == OST_CORRUPT);
	CHECK(atomic_load(&made) == 2);
	CHECK(lru_kept(c, 0) == NULL);
	lru_free(c);
}

static void what_is_in_use_outlives_the_cache(void)
{
	struct lru *c = start(10, 10);
	struct lru_entry *e;

	CHECK(lru_get(c, 1, make, NULL, &e, &err) == OST_OK);
	CHECK(is_new(c, 2));
	CHECK(atomic_load(&destroyed) == 0);
	lru_free(c);
	CHECK(atomic_load(&destroyed) == 1);
	lru_drop(e);
	CHECK(atomic_load(&destroyed) == 2);
}

enum { THREADS = 8, ROUNDS = 2000, KEYS = 16 };

struct crowd {
	struct lru *c;
	pthread_barrier_t all;
	atomic_uint wrong;
};

static void *ask(void *arg)
{
	struct crowd *crowd = arg;
	struct ost_error why;

	pthread_barrier_wait(&crowd->all);
	for (uint64_t i = 0; i < ROUNDS; i++) {
		const uint64_t key = i % (KEYS + 1);
		struct lru_entry *e;
		const bool good =
			lru_get(crowd->c, key, make, NULL, &e, &why) == OST_OK;

		atomic_fetch_add(&crowd->wrong,
				 good != (key > 0) || (good && e->key != key));
		lru_drop(e);
	}
	return NULL;
}

static void ask_from_many_threads(struct lru *c)
{
	struct crowd crowd = { .c = c };
	pthread_t threads[THREADS];

	pthread_barrier_init(&crowd.all, NULL, THREADS);
	for (size_t i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, ask, &crowd) == 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&crowd.all);
	CHECK(atomic_load(&crowd.wrong) == 0);
}

/* The failures, at key 0, are tried again each time. */
static void many_threads_make_each_thing_once(void)
{
	const unsigned failures = THREADS * ((ROUNDS + KEYS) / (KEYS + 1));
	struct lru *c = start(KEYS * 10, 10);

	ask_from_many_threads(c);
	CHECK(atomic_load(&made) == KEYS + failures);
	lru_free(c);
	CHECK(atomic_load(&destroyed) == KEYS);
}

static void many_threads_share_a_cache_that_is_too_small(void)
{
	struct lru *c = start(30, 10);

	ask_from_many_threads(c);
	lru_free(c);
}

/* As inode numbers are: NIDs, some with an attachment's place above them. */
static uint64_t ino_at(uint64_t i)
{
	return (i + 0x10000) * 0x20 + 4 + (i % 3) * (UINT64_C(1) << 34) * i;
}

static uint64_t size_at(uint64_t i)
{
	return i * i * 977 % ((UINT64_C(1) << 44) - 1);
}

static void remembers_every_size(void)
{
	enum { COUNT = 300000 };
	const uint64_t bits = (UINT64_C(1) << 52) - 1;
	struct size_cache *m = size_cache_new();
	unsigned wrong = 0;
	uint64_t size = 7;

	CHECK(!size_cache_get(m, 5, &size) && size == 7);
	for (uint64_t i = 1; i < COUNT; i++)
		size_cache_put(m, ino_at(i) & bits, size_at(i));
	for (uint64_t i = 1; i < COUNT; i++)
		wrong += !size_cache_get(m, ino_at(i) & bits, &size) ||
			 size != size_at(i);
	CHECK(wrong == 0);
	CHECK(!size_cache_get(m, 5, &size));
	size_cache_free(m);
}

static void remembers_the_largest_numbers(void)
{
	const uint64_t ino = (UINT64_C(1) << 52) - 1;
	const uint64_t max = (UINT64_C(1) << 44) - 1;
	struct size_cache *m = size_cache_new();
	uint64_t size = 0;

	size_cache_put(m, ino, max);
	size_cache_put(m, 1, 0);
	CHECK(size_cache_get(m, ino, &size) && size == max);
	CHECK(size_cache_get(m, 1, &size) && size == 0);
	size_cache_put(m, 2, max + 1);
	CHECK(!size_cache_get(m, 2, &size));
	size_cache_put(m, ino, 3);
	CHECK(size_cache_get(m, ino, &size) && size == 3);
	size_cache_free(m);
}

int main(void)
{
	RUN(keeps_what_was_asked_for_last);
	RUN(keeps_one_however_large);
	RUN(does_not_keep_what_is_passing);
	RUN(what_is_read_through_nothing_is_a_bug);
	RUN(a_failure_is_not_kept);
	RUN(what_is_in_use_outlives_the_cache);
	RUN(many_threads_make_each_thing_once);
	RUN(many_threads_share_a_cache_that_is_too_small);
	RUN(remembers_every_size);
	RUN(remembers_the_largest_numbers);
	return checked();
}
