/*
 * compare.h - two readers over one store, in step
 *
 * Walks everything that a store holds with both and compares it: the lists,
 * and of each object every property's number, type, size and bytes. Where the
 * readers differ, one of them is wrong.
 */
#ifndef OST_COMPARE_H
#define OST_COMPARE_H

#include "bytes/buf.h"
#include "store/store.h"

enum compare_kind {
	COMPARE_STORE,	/* what is known of the file */
	COMPARE_OBJECT, /* one reader cannot get it, or not all of it */
	COMPARE_LIST,	/* other children */
	COMPARE_OURS,	/* a property that they do not have */
	COMPARE_THEIRS, /* one that we do not have */
	COMPARE_TYPE,
	COMPARE_SIZE,
	COMPARE_BYTES,
	COMPARE_READ, /* one reader cannot read the value */
	COMPARE_KINDS
};

struct compare_difference {
	enum compare_kind kind;
	struct store_object *object; /* ours; NULL: there is none */
	enum store_list list;	     /* COMPARE_LIST: which, and in it */
	size_t index;
	uint16_t id; /* of a property; 0: it is about none */
	/* Where one reader fails, how each fares. */
	enum ost_status ours, theirs;
	uint64_t ours_size, theirs_size; /* COMPARE_SIZE: in bytes */

	const char *path;	    /* of the object */
	struct ost_error text;	    /* what differs */
	struct ost_error complaint; /* theirs, where they fail */
	const char *why;	    /* what `explain` says */
};

struct compare {
	struct store *ours, *theirs; /* on loan */

	/* Why is it so, if that is known? Else NULL. */
	const char *(*explain)(const struct compare *w,
			       const struct compare_difference *d);
	/* Told each; all in it is on loan. */
	void (*found)(void *arg, const struct compare *w,
		      const struct compare_difference *d);
	void *arg;

	struct buf path; /* of the object at hand */
	uint32_t *seen;	 /* a table of the nodes compared */
	size_t seen_count, seen_cap;
	size_t objects, properties; /* compared */
	size_t cells;		    /* of contents tables, compared */
	size_t absent; /* cells that a row does not have, and libpff makes up */
	size_t differences, explained;
	uint64_t bytes; /* of values, found equal */
	bool no_memory; /* so not all was compared */
};

/* Compare all; differences are counted and told. */
void compare_walk(struct compare *w);

void compare_free(struct compare *w);

/*
 * An `explain` for libpff as the second reader: the faults that the version
 * 20180714 is known to have.
 */
const char *compare_known(const struct compare *w,
			  const struct compare_difference *d);

#endif
