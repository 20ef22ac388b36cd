#include "tree/memo.h"

#include <pthread.h>
#include <stdlib.h>

/* Open addressing, at most three quarters full. No inode number is 0. */
struct memo_entry {
	uint64_t ino, size;
};

struct memo {
	pthread_mutex_t lock;
	struct memo_entry *at;
	size_t room, count; /* room is 0 or a power of two */
};

struct memo *memo_new(void)
{
	struct memo *m = calloc(1, sizeof(*m));

	if (m != NULL)
		pthread_mutex_init(&m->lock, NULL);
	return m;
}

void memo_free(struct memo *m)
{
	if (m == NULL)
		return;
	pthread_mutex_destroy(&m->lock);
	free(m->at);
	free(m);
}

static size_t mix(uint64_t key)
{
	return (size_t)((key * UINT64_C(0x9E3779B97F4A7C15)) >> 32);
}

static struct memo_entry *place(const struct memo *m, uint64_t ino)
{
	size_t i = mix(ino) & (m->room - 1);

	while (m->at[i].ino != 0 && m->at[i].ino != ino)
		i = (i + 1) & (m->room - 1);
	return &m->at[i];
}

static bool make_room(struct memo *m)
{
	struct memo more = { .room = m->room > 0 ? m->room * 2 : 256 };

	if (m->room > 0 && m->count < m->room / 4 * 3)
		return true;
	more.at = calloc(more.room, sizeof(*more.at));
	if (more.at == NULL)
		return false;
	for (size_t i = 0; i < m->room; i++)
		if (m->at[i].ino != 0)
			*place(&more, m->at[i].ino) = m->at[i];
	free(m->at);
	m->at = more.at;
	m->room = more.room;
	return true;
}

bool memo_get(struct memo *m, uint64_t ino, uint64_t *size)
{
	bool known = false;

	pthread_mutex_lock(&m->lock);
	if (m->room > 0) {
		const struct memo_entry *e = place(m, ino);

		known = e->ino == ino;
		if (known)
			*size = e->size;
	}
	pthread_mutex_unlock(&m->lock);
	return known;
}

void memo_put(struct memo *m, uint64_t ino, uint64_t size)
{
	pthread_mutex_lock(&m->lock);
	if (make_room(m)) {
		struct memo_entry *e = place(m, ino);

		m->count += e->ino == 0;
		*e = (struct memo_entry){ ino, size };
	}
	pthread_mutex_unlock(&m->lock);
}
