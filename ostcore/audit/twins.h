/*
 * twins.h - two readers over one store, in step
 *
 * Walks everything that a store holds with both and compares it: the lists,
 * and of each object every property's number, type, size and bytes. Where the
 * readers differ, one of them is wrong.
 */
#ifndef OST_TWINS_H
#define OST_TWINS_H

#include "bytes/buf.h"
#include "store/store.h"

enum twins_kind {
	TWINS_STORE,  /* what is known of the file */
	TWINS_OBJECT, /* one reader cannot get it, or not all of it */
	TWINS_LIST,   /* other children */
	TWINS_OURS,   /* a property that they do not have */
	TWINS_THEIRS, /* one that we do not have */
	TWINS_TYPE,
	TWINS_SIZE,
	TWINS_BYTES,
	TWINS_READ, /* one reader cannot read the value */
	TWINS_KINDS
};

struct twins_difference {
	enum twins_kind kind;
	struct store_object *object; /* ours; NULL: there is none */
	enum store_list list;	     /* TWINS_LIST: which, and in it */
	size_t index;
	uint16_t id; /* of a property; 0: it is about none */
	/* Where one reader fails, how each fares. */
	enum ost_status ours, theirs;
	uint64_t ours_size, theirs_size; /* TWINS_SIZE: in bytes */

	const char *path;	    /* of the object */
	struct ost_error text;	    /* what differs */
	struct ost_error complaint; /* theirs, where they fail */
	const char *why;	    /* what `explain` says */
};

struct twins {
	struct store *ours, *theirs; /* on loan */

	/* Why is it so, if that is known? Else NULL. */
	const char *(*explain)(const struct twins *w,
			       const struct twins_difference *d);
	/* Told each; all in it is on loan. */
	void (*found)(void *arg, const struct twins *w,
		      const struct twins_difference *d);
	void *arg;

	struct buf path; /* of the object at hand */
	uint32_t *seen;	 /* a table of the nodes compared */
	size_t seen_count, seen_room;
	size_t objects, properties; /* compared */
	size_t cells;		    /* of contents tables, compared */
	size_t absent; /* cells that a row does not have, and libpff makes up */
	size_t differences, explained;
	uint64_t bytes; /* of values, found equal */
	bool no_memory; /* so not all was compared */
};

/* Compare all; differences are counted and told. */
void twins_walk(struct twins *w);

void twins_free(struct twins *w);

/*
 * An `explain` for libpff as the second reader: the faults that the version
 * 20180714 is known to have.
 */
const char *twins_known(const struct twins *w,
			const struct twins_difference *d);

#endif
