/*
 * progress.h - a line on a terminal that says how far a program has come
 */
#ifndef OST_PROGRESS_H
#define OST_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Works from { 0 }, with `shown` set or not. */
struct progress {
	bool shown;
	uint64_t all; /* items there are; 0: not known yet */
	struct timespec begun;
	int64_t last; /* when a line was written, in tenths of a second */
};

void progress_all(struct progress *p, uint64_t items);
/* `bytes` are those written so far; 0: nobody counts them. */
void progress_at(struct progress *p, uint64_t items, uint64_t bytes);

/* Wipe the line. */
void progress_end(const struct progress *p);

#endif
