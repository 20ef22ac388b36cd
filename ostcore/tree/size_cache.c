#include "tree/size_cache.h"

#include <pthread.h>
#include <stdlib.h>

enum { SHARDS = 64, ROOM_LEAST = 32, SIZE_BITS = 44 };

/*
 * 52 bits of an inode number, then 44 of a size, from the lowest on. No inode
 * number is 0, so an entry of zeros is free.
 */
struct size_cache_entry {
	uint32_t word[3];
};

/*
 * Open addressing, at most seven eighths full, and growing by an eighth: so
 * one shard at a time is copied, and little of it stands empty.
 */
struct shard {
	pthread_mutex_t lock;
	struct size_cache_entry *at;
	uint32_t cap, count;
};

struct size_cache {
	struct shard shards[SHARDS];
};

struct size_cache *size_cache_new(void)
{
	struct size_cache *m = calloc(1, sizeof(*m));

	for (size_t i = 0; m != NULL && i < SHARDS; i++)
		pthread_mutex_init(&m->shards[i].lock, NULL);
	return m;
}

void size_cache_free(struct size_cache *m)
{
	for (size_t i = 0; m != NULL && i < SHARDS; i++) {
		pthread_mutex_destroy(&m->shards[i].lock);
		free(m->shards[i].at);
	}
	free(m);
}

static struct size_cache_entry entry_of(uint64_t ino, uint64_t size)
{
	return (struct size_cache_entry){ {
		(uint32_t)ino,
		(uint32_t)(ino >> 32 & 0xFFFFF) | (uint32_t)size << 20,
		(uint32_t)(size >> 12),
	} };
}

static uint64_t ino_of(const struct size_cache_entry *e)
{
	return e->word[0] | (uint64_t)(e->word[1] & 0xFFFFF) << 32;
}

static uint64_t size_of(const struct size_cache_entry *e)
{
	return e->word[1] >> 20 | (uint64_t)e->word[2] << 12;
}

/* The upper half places an entry in its shard, the lower picks the shard. */
static uint64_t mix(uint64_t ino)
{
	ino *= UINT64_C(0x9E3779B97F4A7C15);
	return ino ^ ino >> 32;
}

static struct shard *shard_of(struct size_cache *m, uint64_t ino)
{
	return &m->shards[mix(ino) % SHARDS];
}

static struct size_cache_entry *place(const struct shard *s, uint64_t ino)
{
	uint32_t i = (uint32_t)((mix(ino) >> 32) * s->cap >> 32);

	while (ino_of(&s->at[i]) != 0 && ino_of(&s->at[i]) != ino)
		i = i + 1 < s->cap ? i + 1 : 0;
	return &s->at[i];
}

static bool make_room(struct shard *s)
{
	struct shard more = { .cap = s->cap + s->cap / 8 };

	if (s->count < s->cap - s->cap / 8)
		return true;
	if (more.cap < ROOM_LEAST)
		more.cap = ROOM_LEAST;
	if (s->cap > UINT32_MAX / 2)
		return false;
	more.at = calloc(more.cap, sizeof(*more.at));
	if (more.at == NULL)
		return false;
	for (uint32_t i = 0; i < s->cap; i++)
		if (ino_of(&s->at[i]) != 0)
			*place(&more, ino_of(&s->at[i])) = s->at[i];
	free(s->at);
	s->at = more.at;
	s->cap = more.cap;
	return true;
}

bool size_cache_get(struct size_cache *m, uint64_t ino, uint64_t *size)
{
	struct shard *s = shard_of(m, ino);
	bool known = false;

	pthread_mutex_lock(&s->lock);
	if (s->cap > 0) {
		const struct size_cache_entry *e = place(s, ino);

		known = ino_of(e) == ino;
		if (known)
			*size = size_of(e);
	}
	pthread_mutex_unlock(&s->lock);
	return known;
}

void size_cache_put(struct size_cache *m, uint64_t ino, uint64_t size)
{
	struct shard *s = shard_of(m, ino);

	if (size >> SIZE_BITS != 0)
		return;
	pthread_mutex_lock(&s->lock);
	if (make_room(s)) {
		struct size_cache_entry *e = place(s, ino);

		s->count += ino_of(e) == 0;
		*e = entry_of(ino, size);
	}
	pthread_mutex_unlock(&s->lock);
}
