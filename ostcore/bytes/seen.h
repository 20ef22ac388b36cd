/*
 * seen.h - a set of numbers that only grows: what was met already
 */
#ifndef OST_SEEN_H
#define OST_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Works from { 0 }; for one thread. */
struct seen_set {
	uint64_t *at; /* owned; `cap` places, 0: free */
	size_t cap, count;
	bool zero; /* 0 is in it */
	bool bad;  /* memory ran out: what is in it is not known */
};

/* Put `key` in. False: it was there, or the set is bad. */
bool seen_add(struct seen_set *s, uint64_t key);

/* Is `key` in it? */
bool seen_has(const struct seen_set *s, uint64_t key);

void seen_free(struct seen_set *s);

#endif
