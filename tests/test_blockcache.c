/*
 * test_blockcache.c - what the cache of blocks and pages keeps, and what it
 * drops
 */
#include "check.h"
#include "ndb/layout.h"

enum { SIZE = 1000, MAX = 8 << 20, MANY = 20000 };

static struct cache *new_cache(size_t max)
{
	struct cache *c = NULL;
	struct ost_error err;

	CHECK(cache_new(&c, max, &err) == OST_OK);
	return c;
}

/* Put an entry of `size` bytes, all of them of its key. */
static void put(struct cache *c, uint64_t key, size_t size)
{
	struct ndb_block *b = cache_blank(key, size);

	CHECK(b != NULL);
	if (b == NULL)
		return;
	memset(b->bytes, (int)(uint8_t)key, size);
	cache_put(c, b);
	ndb_block_drop(b);
}

/* Is `key` there, as it was put? */
static bool has(struct cache *c, uint64_t key)
{
	struct ndb_block *b = cache_find(c, key);
	const bool is = b != NULL && b->key == key && b->size > 0 &&
			b->bytes[b->size - 1] == (uint8_t)key;

	ndb_block_drop(b);
	return is;
}

static void gives_what_was_put(void)
{
	struct cache *c = new_cache(MAX);

	CHECK(!has(c, 4));
	put(c, 4, SIZE);
	put(c, 8, 1);
	CHECK(has(c, 4) && has(c, 8) && !has(c, 12));
	cache_free(c);
}

static void keeps_what_is_asked_for_after_a_while(void)
{
	struct cache *c = new_cache(MAX);
	uint64_t key = 1;

	put(c, key, SIZE);
	while (key < 600)
		put(c, ++key, SIZE);
	CHECK(has(c, 1));
	while (key < MANY)
		put(c, ++key, SIZE);
	CHECK(has(c, 1));
	CHECK(has(c, MANY));
	CHECK(!has(c, 2));
	cache_free(c);
}

/* As a block is that is read in two parts. */
static void keeps_nothing_for_being_read_twice_at_once(void)
{
	struct cache *c = new_cache(MAX);

	for (uint64_t key = 1; key <= MANY; key++) {
		put(c, key, SIZE);
		CHECK(has(c, key));
	}
	CHECK(!has(c, 1));
	cache_free(c);
}

static void holds_no_more_than_it_may(void)
{
	const size_t max[] = { 0, 1, 100 * SIZE, MAX };

	for (size_t i = 0; i < sizeof(max) / sizeof(max[0]); i++) {
		struct cache *c = new_cache(max[i]);
		size_t held = 0;

		for (int again = 0; again < 3; again++)
			for (uint64_t key = 1; key <= MANY; key++)
				if (!has(c, key))
					put(c, key, SIZE);
		for (uint64_t key = 1; key <= MANY; key++)
			held += has(c, key);
		CHECK(held * SIZE <= max[i]);
		CHECK(max[i] < 100 * SIZE || held > 0);
		cache_free(c);
	}
}

static void what_is_in_use_outlives_its_place(void)
{
	struct cache *c = new_cache(100 * SIZE);
	struct ndb_block *b;

	put(c, 1, SIZE);
	b = cache_find(c, 1);
	for (uint64_t key = 2; key < 1000; key++)
		put(c, key, SIZE);
	CHECK(!has(c, 1));
	CHECK(b != NULL && b->bytes[SIZE - 1] == 1);
	ndb_block_drop(b);
	put(c, 5000, 200 * SIZE); /* larger than the cache */
	CHECK(!has(c, 5000));
	cache_free(c);
}

static void takes_an_entry_once(void)
{
	struct cache *c = new_cache(MAX);
	struct ndb_block *twin = cache_blank(4, SIZE), *b;

	put(c, 4, SIZE);
	CHECK(twin != NULL);
	cache_put(c, twin);
	b = cache_find(c, 4);
	CHECK(b != NULL && b != twin);
	ndb_block_drop(b);
	ndb_block_drop(twin);
	cache_free(c);
}

int main(void)
{
	RUN(gives_what_was_put);
	RUN(keeps_what_is_asked_for_after_a_while);
	RUN(keeps_nothing_for_being_read_twice_at_once);
	RUN(holds_no_more_than_it_may);
	RUN(what_is_in_use_outlives_its_place);
	RUN(takes_an_entry_once);
	return checked();
}
