/*
 * behind.c - write a file while the next piece of it is made
 */
#include "pst/behind.h"

#include <pthread.h>
#include <stdlib.h>

#include "pst/file.h"

struct pst_behind {
	int fd;
	uint8_t *bytes; /* owned: what is written, or was */
	bool has_thread;
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t changed;
	bool busy; /* `piece` is to be written */
	bool over; /* the thread is to end */
	uint64_t off;
	struct span piece;
	enum ost_status st; /* the first failure */
	struct ost_error err;
};

static void write_piece(struct pst_behind *b)
{
	struct ost_error err;
	const enum ost_status st =
		pst_file_write(b->fd, b->off, b->piece, &err);

	pthread_mutex_lock(&b->lock);
	if (st != OST_OK && b->st == OST_OK) {
		b->st = st;
		b->err = err;
	}
	b->busy = false;
	pthread_cond_broadcast(&b->changed);
	pthread_mutex_unlock(&b->lock);
}

static void *serve(void *arg)
{
	struct pst_behind *b = arg;

	for (;;) {
		bool busy;

		pthread_mutex_lock(&b->lock);
		while (!b->busy && !b->over)
			pthread_cond_wait(&b->changed, &b->lock);
		busy = b->busy;
		pthread_mutex_unlock(&b->lock);
		if (!busy)
			return NULL;
		write_piece(b);
	}
}

enum ost_status pst_behind_new(struct pst_behind **out, int fd, size_t size,
			       struct ost_error *err)
{
	struct pst_behind *b = calloc(1, sizeof(*b));

	*out = b;
	if (b == NULL)
		return ost_no_memory(err);
	b->fd = fd;
	b->bytes = malloc(size);
	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->changed, NULL);
	b->has_thread = b->bytes != NULL &&
			pthread_create(&b->thread, NULL, serve, b) == 0;
	if (b->bytes != NULL)
		return OST_OK;
	pst_behind_free(b);
	*out = NULL;
	return ost_no_memory(err);
}

enum ost_status pst_behind_wait(struct pst_behind *b, struct ost_error *err)
{
	enum ost_status st;

	pthread_mutex_lock(&b->lock);
	while (b->busy)
		pthread_cond_wait(&b->changed, &b->lock);
	st = b->st;
	if (st != OST_OK)
		*err = b->err;
	pthread_mutex_unlock(&b->lock);
	return st;
}

enum ost_status pst_behind_write(struct pst_behind *b, uint64_t off,
				 uint8_t **bytes, size_t len,
				 struct ost_error *err)
{
	const enum ost_status st = pst_behind_wait(b, err);
	uint8_t *free_now = b->bytes;

	if (st != OST_OK)
		return st;
	pthread_mutex_lock(&b->lock);
	b->bytes = *bytes;
	b->piece = span_of(b->bytes, len);
	b->off = off;
	b->busy = true;
	pthread_cond_broadcast(&b->changed);
	pthread_mutex_unlock(&b->lock);
	*bytes = free_now;
	if (b->has_thread)
		return OST_OK;
	write_piece(b);
	return pst_behind_wait(b, err);
}

void pst_behind_free(struct pst_behind *b)
{
	if (b == NULL)
		return;
	if (b->has_thread) {
		pthread_mutex_lock(&b->lock);
		b->over = true;
		pthread_cond_broadcast(&b->changed);
		pthread_mutex_unlock(&b->lock);
		pthread_join(b->thread, NULL);
	}
	pthread_cond_destroy(&b->changed);
	pthread_mutex_destroy(&b->lock);
	free(b->bytes);
	free(b);
}
