/*
 * known.h - the stores of a fleet that are known, and what of them
 *
 * Each has a slot, 1 to 4095, which is in bits 52-63 of its inode numbers. It
 * is made of the store's path, so that it is the same at the next mount, and
 * is not given to another store that was read once, for somebody may have its
 * files open still.
 */
#ifndef OST_FS_KNOWN_H
#define OST_FS_KNOWN_H

#include <time.h>

#include "fleet/fleet.h"
#include "fs/link.h"

enum { KNOWN_SLOTS = 4096 };

enum known_state {
	KNOWN_UNOPENED,
	KNOWN_WANTED,  /* it is waiting to be opened */
	KNOWN_OPENING, /* a worker is at it */
	KNOWN_OPEN,
	KNOWN_CLOSED, /* again, for nobody asked for it */
	KNOWN_FAILED,
};

struct known_store {
	struct fleet_store file; /* path and name are owned */
	unsigned slot;
	uint32_t generation; /* of this path, size and time */
	bool gone;	     /* not there any more, or another file is */
	bool read;	     /* it was opened once */
	enum known_state state;
	struct link link;   /* to its worker */
	uint64_t used;	    /* ms: when it was last asked for */
	uint64_t failed_at; /* ms */
	bool passing;	    /* it failed for what may pass */
	unsigned crashes;   /* of its worker */
	bool unopened;	    /* the last worker ended before it was open */
	int code;	    /* the exit code that ostfs would end with */
	char *reason;	    /* owned; why it failed; NULL */
	char *warnings;	    /* owned; a line each; NULL */
	char *guid, *owner, *owner_name; /* owned; NULL: not known yet */
	struct timespec problem_at;	 /* real time of `reason` */
};

struct known {
	struct known_store *by_slot[KNOWN_SLOTS]; /* owned; NULL: nobody */
	/* Those that are there, by name; on loan. */
	struct known_store *shown[KNOWN_SLOTS];
	size_t count;
	const char *base;	 /* what the paths begin with, told to people */
	struct timespec changed; /* real time; of what is shown */
	uint64_t edition;	 /* of all that known_json() tells */
};

/*
 * Take in what was found, and empty it. Who was there keeps slot and name,
 * unless another file is in its place: that is another store. Tells of each
 * slot that is gone from now on.
 */
enum ost_status known_merge(struct known *k, struct fleet *found,
			    void (*gone)(void *arg, struct known_store *s),
			    void *arg, struct ost_error *err);

/* The store that is shown as `name`; NULL: none. */
struct known_store *known_called(const struct known *k, const char *name);

/* Set one of the owned texts. */
void known_set(struct known *k, char **text, struct span value);

/* Note what became of the opening of `s`. */
void known_failed(struct known *k, struct known_store *s, int code,
		  struct span why);

/* Append what NAME.problem.txt says. */
void known_problem(const struct known_store *s, struct buf *out);

/* Append fleet.json. */
void known_json(const struct known *k, struct buf *out);

void known_free(struct known *k);

#endif
