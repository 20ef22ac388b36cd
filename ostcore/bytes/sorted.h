/*
 * sorted.h - arrays that grow, and looking things up in those in order
 */
#ifndef OST_SORTED_H
#define OST_SORTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/*
 * Room for one more than `count` in the array of things of `width` bytes at
 * `*array`, which has room for eight and then doubles when it is full. False:
 * no memory.
 */
static inline bool array_more(void *array, size_t count, size_t width)
{
	enum { FIRST = 8 };
	void **at = array;
	void *new_at;

	if (count > 0 && (count < FIRST || (count & (count - 1)) != 0))
		return true;
	new_at = reallocarray(*at, count > 0 ? 2 * count : FIRST, width);
	if (new_at == NULL)
		return false;
	*at = new_at;
	return true;
}

/*
 * `first` becomes the first index below `count` of which `before`, an
 * expression with the index `i`, does not hold; `count` if it holds of all. In
 * front of that it must hold, from there on not.
 */
#define SORTED_FIRST(first, count, i, before)                                  \
	do {                                                                   \
		size_t high_ = (count);                                        \
		for ((first) = 0; (first) < high_;) {                          \
			const size_t i = (first) + (high_ - (first)) / 2;      \
			if (before)                                            \
				(first) = i + 1;                               \
			else                                                   \
				high_ = i;                                     \
		}                                                              \
	} while (0)

/*
 * Of `count` things in order, the first that does not come before `key`;
 * `count` if all do. `order` is as for bsearch(3), with `arg` for more.
 */
typedef int sorted_order(const void *key, size_t index, const void *arg);

static inline size_t sorted_first(const void *key, size_t count,
				  sorted_order *order, const void *arg)
{
	size_t first;

	SORTED_FIRST(first, count, i, order(key, i, arg) > 0);
	return first;
}

/* Where `key` is; false: nowhere. */
static inline bool sorted_find(const void *key, size_t count,
			       sorted_order *order, const void *arg,
			       size_t *index)
{
	*index = sorted_first(key, count, order, arg);
	return *index < count && order(key, *index, arg) == 0;
}

/* The order of an array of uint32_t, which is `arg`. */
static inline int sorted_uint32(const void *key, size_t index, const void *arg)
{
	const uint32_t x = *(const uint32_t *)key;
	const uint32_t y = ((const uint32_t *)arg)[index];

	return (x > y) - (x < y);
}

#endif
