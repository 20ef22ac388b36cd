#include "bytes/window.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* So far behind a read another goes on with it; so many must, by then what
 * comes next is worth having. */
enum { NEAR = 16 << 10, RUN = 6 };

/* And so far before it: the parts of an item are not read just as they lie. */
enum { BACK = 4 << 10 };

static void copy_out(const struct window *from, uint64_t off,
		     const struct iovec *parts, int n)
{
	const uint8_t *at = from->bytes + (off - from->off);

	for (int i = 0; i < n; i++) {
		if (parts[i].iov_len > 0)
			memcpy(parts[i].iov_base, at, parts[i].iov_len);
		at += parts[i].iov_len;
	}
}

/* Does the read from `off` to `end` go on with those before? Remembers it. */
static bool goes_on(struct windows *w, uint64_t off, uint64_t end)
{
	for (unsigned i = 0; i < WINDOW_ENDS; i++) {
		struct window_run *r = &w->runs[i];

		if (r->end == 0 || off + BACK < r->end || off > r->end + NEAR)
			continue;
		r->end = end;
		return ++r->count >= RUN;
	}
	w->runs[w->next_run++ % WINDOW_ENDS] = (struct window_run){ end, 0 };
	return false;
}

/* The window that holds all of it, once it is filled; NULL: there is none. */
static struct window *holding(struct windows *w, uint64_t off, uint64_t end)
{
	for (unsigned i = 0; i < WINDOWS; i++) {
		struct window *one = &w->at[i];

		if (one->len == 0 || off < one->off ||
		    end > one->off + one->len)
			continue;
		while (one->taken)
			pthread_cond_wait(&w->filled, &w->lock);
		if (off >= one->off && end <= one->off + one->len)
			return one;
	}
	return NULL;
}

/* The window that was not used for longest; NULL: all are being filled. */
static struct window *oldest(struct windows *w)
{
	struct window *found = NULL;

	for (unsigned i = 0; i < WINDOWS; i++)
		if (!w->at[i].taken &&
		    (found == NULL || w->at[i].used < found->used))
			found = &w->at[i];
	return found;
}

/* Read what a window is for. */
static bool read_into(struct window *to, int fd)
{
	size_t got = 0;

	if (to->bytes == NULL)
		to->bytes = malloc(WINDOW_SIZE);
	while (to->bytes != NULL && got < to->len) {
		const ssize_t n = pread(fd, to->bytes + got, to->len - got,
					(off_t)(to->off + got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		got += (size_t)n;
	}
	return to->bytes != NULL;
}

/* A window around `off`, filled while the lock is open. NULL: none. */
static struct window *fill(struct windows *w, int fd, uint64_t size,
			   uint64_t off)
{
	const uint64_t from = off - (off < BACK ? off : BACK);
	struct window *one = w->off ? NULL : oldest(w);
	bool good;

	if (one == NULL)
		return NULL;
	one->off = from;
	one->len =
		size - from < WINDOW_SIZE ? (size_t)(size - from) : WINDOW_SIZE;
	one->taken = true;
	pthread_mutex_unlock(&w->lock);
	good = read_into(one, fd);
	pthread_mutex_lock(&w->lock);
	one->taken = false;
	pthread_cond_broadcast(&w->filled);
	if (good)
		return one;
	one->len = 0;
	w->off = true;
	return NULL;
}

enum window_read windows_read(struct windows *w, int fd, uint64_t size,
			      uint64_t off, const struct iovec *parts, int n)
{
	struct window *one;
	uint64_t end = off;
	bool fresh = false;

	for (int i = 0; i < n; i++)
		end += parts[i].iov_len;
	if (end - off > WINDOW_SIZE / 2)
		return WINDOW_NOT;
	pthread_mutex_lock(&w->lock);
	const bool pays = goes_on(w, off, end);
	one = holding(w, off, end);
	if (one == NULL && pays) {
		one = fill(w, fd, size, off);
		fresh = one != NULL;
	}
	if (one != NULL) {
		one->used = ++w->clock;
		copy_out(one, off, parts, n);
	}
	pthread_mutex_unlock(&w->lock);
	return one == NULL ? WINDOW_NOT : fresh ? WINDOW_FRESH : WINDOW_KEPT;
}

void windows_init(struct windows *w)
{
	*w = (struct windows){ 0 };
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->filled, NULL);
}

void windows_free(struct windows *w)
{
	for (unsigned i = 0; i < WINDOWS; i++)
		free(w->at[i].bytes);
	pthread_cond_destroy(&w->filled);
	pthread_mutex_destroy(&w->lock);
}
