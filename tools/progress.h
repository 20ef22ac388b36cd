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
	uint64_t all_files, all_bytes; /* 0: not known yet */
	struct timespec begun;
	int64_t last; /* when a line was written, in tenths of a second */
};

void progress_all(struct progress *p, uint64_t files, uint64_t bytes);
void progress_at(struct progress *p, uint64_t files, uint64_t bytes);

/* The same where it is items that are counted. */
void progress_items(struct progress *p, uint64_t items);

/* Wipe the line. */
void progress_end(const struct progress *p);

#endif
