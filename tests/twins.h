/*
 * twins.h - two readers over one store, in step
 *
 * Walks everything that a store holds with both and compares it: the lists,
 * and of each object every property's number, type, size and bytes.
 */
#ifndef OST_TWINS_H
#define OST_TWINS_H

#include "bytes/buf.h"
#include "store/store.h"

struct twins {
	const char *name;	     /* of the store, without folders */
	struct store *ours, *theirs; /* on loan */

	/*
	 * Is the difference in property `id` (0: in a list) of the object at
	 * `path` known to be theirs? `ours` is the object, or NULL.
	 */
	bool (*excused)(const struct twins *w, struct store_object *ours,
			uint16_t id);

	struct buf path;	    /* of the object at hand */
	struct buf seen;	    /* uint32_t NIDs of the nodes compared */
	size_t objects, properties; /* compared */
	size_t cells;		    /* of contents tables, compared */
	size_t absent; /* cells that a row does not have, and libpff makes up */
	size_t differences, excuses;
	uint64_t bytes; /* of values, found equal */
};

/* Compare all; differences are printed and counted. */
void twins_walk(struct twins *w);

/* Count a difference, unless it is excused, and print it. */
void twins_differ(struct twins *w, struct store_object *ours, uint16_t id,
		  const char *format, ...) OST_PRINTF(4, 5);

/* FNV-1a, 64 bits: what the sum of no bytes is, and of `len` bytes more. */
#define TWINS_SUM UINT64_C(0xCBF29CE484222325)
uint64_t twins_sum(uint64_t sum, const void *bytes, size_t len);

/* The sum of a value; false if it cannot be read. */
bool twins_sum_of(struct store_object *o, const struct store_prop *p,
		  uint64_t *out);

void twins_free(struct twins *w);

#endif
