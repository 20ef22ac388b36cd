/*
 * test_window.c - small reads that follow one another, read as one
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/window.h"
#include "callcount.h"
#include "check.h"

enum { SIZE = 4 << 20, STEP = 700, LEN = 500, THREADS = 4, TRIES = 20000 };

static uint8_t truth[SIZE];
static int file;

static uint64_t next(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return *state >> 33;
}

static void make_file(void)
{
	char name[] = "/tmp/ostfs-window.XXXXXX";
	uint64_t state = 1;

	for (size_t i = 0; i < SIZE; i++)
		truth[i] = (uint8_t)next(&state);
	file = mkstemp(name);
	CHECK(file >= 0 && unlink(name) == 0);
	CHECK(write(file, truth, SIZE) == SIZE);
}

/* Read in two parts; *same: a window had it, and the bytes are right. */
static enum window_read read_parts(struct windows *w, uint64_t off, size_t len,
				   bool *same)
{
	uint8_t bytes[LEN * 2];
	const struct iovec parts[] = { { bytes, len / 3 },
				       { bytes + len / 3, len - len / 3 } };
	const enum window_read how = windows_read(w, file, SIZE, off, parts, 2);

	*same = how == WINDOW_NOT || memcmp(bytes, truth + off, len) == 0;
	return how;
}

static enum window_read read_at(struct windows *w, uint64_t off, size_t len)
{
	bool same;
	const enum window_read how = read_parts(w, off, len, &same);

	CHECK(same);
	return how;
}

static void what_follows_is_read_at_once(void)
{
	struct windows w;
	unsigned not = 0;

	windows_init(&w);
	reads = 0;
	for (uint64_t off = 0; off + LEN <= SIZE; off += STEP)
		not += read_at(&w, off, LEN) == WINDOW_NOT;
	CHECK(not < 10);
	CHECK(reads >= SIZE / WINDOW_SIZE &&
	      reads < SIZE / WINDOW_SIZE * 5 / 4);
	windows_free(&w);
}

/* The parts of an item lie together, but are not read as they lie. */
static void a_step_back_stays_in_the_window(void)
{
	struct windows w;

	windows_init(&w);
	for (uint64_t off = 0; off < SIZE / 2; off += STEP)
		(void)read_at(&w, off, LEN);
	reads = 0;
	for (uint64_t off = SIZE / 2; off + 3 * STEP <= SIZE; off += 2 * STEP) {
		(void)read_at(&w, off + STEP, LEN);
		(void)read_at(&w, off, LEN);
	}
	CHECK(reads < SIZE / 2 / WINDOW_SIZE * 5 / 4);
	windows_free(&w);
}

static void what_lies_apart_brings_nothing_along(void)
{
	struct windows w;
	uint64_t state = 7;

	windows_init(&w);
	reads = 0;
	for (unsigned i = 0; i < 64; i++)
		for (uint64_t part = 0; part < 3; part++)
			CHECK(read_at(&w, i * (SIZE / 64) + part * STEP, LEN) ==
			      WINDOW_NOT);
	for (unsigned i = 0; i < 1000; i++)
		(void)read_at(&w, next(&state) % (SIZE - LEN), LEN);
	CHECK(reads < 10);
	windows_free(&w);
}

/* A disk that fails in one place must not be asked for more than is needed. */
static void a_file_that_fails_is_read_as_asked(void)
{
	struct windows w;
	unsigned not = 0;

	windows_init(&w);
	CHECK(ftruncate(file, SIZE - WINDOW_SIZE / 2) == 0);
	for (uint64_t off = SIZE / 2; off + LEN <= SIZE; off += STEP)
		not += read_at(&w, off, LEN) == WINDOW_NOT;
	CHECK(w.off);
	CHECK(not > 10);
	CHECK(pwrite(file, truth, SIZE, 0) == SIZE);
	windows_free(&w);
}

struct reader {
	pthread_t thread;
	struct windows *windows;
	unsigned wrong; /* CHECK counts for one thread only */
};

static void *read_much(void *arg)
{
	struct reader *r = arg;
	uint64_t state = (uint64_t)(uintptr_t)&state, off = 0;
	bool same;

	for (unsigned i = 0; i < TRIES; i++) {
		if (i % 100 == 0)
			off = next(&state);
		off = (off + next(&state) % STEP) % (SIZE - LEN * 2);
		(void)read_parts(r->windows, off, next(&state) % LEN + 1,
				 &same);
		r->wrong += !same;
	}
	return NULL;
}

static void many_threads_read_the_same(void)
{
	struct windows w;
	struct reader readers[THREADS] = { 0 };

	windows_init(&w);
	for (unsigned i = 0; i < THREADS; i++) {
		readers[i].windows = &w;
		CHECK(pthread_create(&readers[i].thread, NULL, read_much,
				     &readers[i]) == 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(readers[i].thread, NULL);
		CHECK(readers[i].wrong == 0);
	}
	CHECK(w.clock > 0);
	windows_free(&w);
}

int main(void)
{
	make_file();
	RUN(what_follows_is_read_at_once);
	RUN(a_step_back_stays_in_the_window);
	RUN(what_lies_apart_brings_nothing_along);
	RUN(a_file_that_fails_is_read_as_asked);
	RUN(many_threads_read_the_same);
	return checked();
}
