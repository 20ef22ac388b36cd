#include "bytes/seen.h"

#include <stdlib.h>

enum { FIRST_CAP = 64 };

/* The place of `key`, or the free one where it would be. */
static uint64_t *seen_place(const struct seen_set *s, uint64_t key)
{
	uint64_t hash = key * UINT64_C(0x9E3779B97F4A7C15);
	size_t i = (size_t)(hash ^ hash >> 32) & (s->cap - 1);

	while (s->at[i] != 0 && s->at[i] != key)
		i = (i + 1) & (s->cap - 1);
	return &s->at[i];
}

/* At most half of the places are used. */
static bool seen_grow(struct seen_set *s)
{
	struct seen_set more = { .count = s->count };

	if (s->count < s->cap / 2)
		return true;
	more.cap = s->cap > 0 ? 2 * s->cap : FIRST_CAP;
	more.at = calloc(more.cap, sizeof(*more.at));
	if (more.at == NULL)
		return false;
	for (size_t i = 0; i < s->cap; i++)
		if (s->at[i] != 0)
			*seen_place(&more, s->at[i]) = s->at[i];
	free(s->at);
	s->at = more.at;
	s->cap = more.cap;
	return true;
}

bool seen_add(struct seen_set *s, uint64_t key)
{
	const bool was_zero = s->zero;
	uint64_t *place;

	if (s->bad || !seen_grow(s)) {
		s->bad = true;
		return false;
	}
	if (key == 0) {
		s->zero = true;
		return !was_zero;
	}
	place = seen_place(s, key);
	if (*place == key)
		return false;
	*place = key;
	s->count++;
	return true;
}

bool seen_has(const struct seen_set *s, uint64_t key)
{
	if (key == 0)
		return s->zero;
	return s->cap > 0 && *seen_place(s, key) == key;
}

void seen_free(struct seen_set *s)
{
	free(s->at);
	*s = (struct seen_set){ 0 };
}
