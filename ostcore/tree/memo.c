#include "tree/memo.h"

#include <pthread.h>
#include <stdlib.h>

enum { SHARDS = 64, ROOM_LEAST = 32, SIZE_BITS = 44 };

/*
 * 52 bits of an inode number, then 44 of a size, from the lowest on. No inode
 * number is 0, so an entry of zeros is free.
 */
struct memo_entry {
	uint32_t word[3];
};

/*
 * Open addressing, at most seven eighths full, and growing by an eighth: so
 * one shard at a time is copied, and little of it stands empty.
 */
struct shard {
	pthread_mutex_t lock;
	struct memo_entry *at;
	uint32_t room, count;
};

struct memo {
	struct shard shards[SHARDS];
};

struct memo *memo_new(void)
{
	struct memo *m = calloc(1, sizeof(*m));

	for (size_t i = 0; m != NULL && i < SHARDS; i++)
		pthread_mutex_init(&m->shards[i].lock, NULL);
	return m;
}

void memo_free(struct memo *m)
{
	for (size_t i = 0; m != NULL && i < SHARDS; i++) {
		pthread_mutex_destroy(&m->shards[i].lock);
		free(m->shards[i].at);
	}
	free(m);
}

static struct memo_entry entry_of(uint64_t ino, uint64_t size)
{
	return (struct memo_entry){ {
		(uint32_t)ino,
		(uint32_t)(ino >> 32 & 0xFFFFF) | (uint32_t)size << 20,
		(uint32_t)(size >> 12),
	} };
}

static uint64_t ino_of(const struct memo_entry *e)
{
	return e->word[0] | (uint64_t)(e->word[1] & 0xFFFFF) << 32;
}

static uint64_t size_of(const struct memo_entry *e)
{
	return e->word[1] >> 20 | (uint64_t)e->word[2] << 12;
}

/* The upper half places an entry in its shard, the lower picks the shard. */
static uint64_t mix(uint64_t ino)
{
	ino *= UINT64_C(0x9E3779B97F4A7C15);
	return ino ^ ino >> 32;
}

static struct shard *shard_of(struct memo *m, uint64_t ino)
{
	return &m->shards[mix(ino) % SHARDS];
}

static struct memo_entry *place(const struct shard *s, uint64_t ino)
{
	uint32_t i = (uint32_t)((mix(ino) >> 32) * s->room >> 32);

	while (ino_of(&s->at[i]) != 0 && ino_of(&s->at[i]) != ino)
		i = i + 1 < s->room ? i + 1 : 0;
	return &s->at[i];
}

static bool make_room(struct shard *s)
{
	struct shard more = { .room = s->room + s->room / 8 };

	if (s->count < s->room - s->room / 8)
		return true;
	if (more.room < ROOM_LEAST)
		more.room = ROOM_LEAST;
	if (s->room > UINT32_MAX / 2)
		return false;
	more.at = calloc(more.room, sizeof(*more.at));
	if (more.at == NULL)
		return false;
	for (uint32_t i = 0; i < s->room; i++)
		if (ino_of(&s->at[i]) != 0)
			*place(&more, ino_of(&s->at[i])) = s->at[i];
	free(s->at);
	s->at = more.at;
	s->room = more.room;
	return true;
}

bool memo_get(struct memo *m, uint64_t ino, uint64_t *size)
{
	struct shard *s = shard_of(m, ino);
	bool known = false;

	pthread_mutex_lock(&s->lock);
	if (s->room > 0) {
		const struct memo_entry *e = place(s, ino);

		known = ino_of(e) == ino;
		if (known)
			*size = size_of(e);
	}
	pthread_mutex_unlock(&s->lock);
	return known;
}

void memo_put(struct memo *m, uint64_t ino, uint64_t size)
{
	struct shard *s = shard_of(m, ino);

	if (size >> SIZE_BITS != 0)
		return;
	pthread_mutex_lock(&s->lock);
	if (make_room(s)) {
		struct memo_entry *e = place(s, ino);

		s->count += ino_of(e) == 0;
		*e = entry_of(ino, size);
	}
	pthread_mutex_unlock(&s->lock);
}
