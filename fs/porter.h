/*
 * porter.h - who opens the stores of a fleet for the one who serves it
 *
 * The process that serves may open nothing. So it has a child, made before it
 * gave that up: the porter holds the directory of the stores, looks on demand
 * which there are, and starts for each store that is opened a process of its
 * own, the worker, which has that store open and nothing else. The porter
 * reads no store.
 */
#ifndef OST_FS_PORTER_H
#define OST_FS_PORTER_H

#include "fleet/fleet.h"
#include "fs/options.h"

/* Where the stores are. */
struct porter_place {
	int dir;		   /* open; the paths are relative to it */
	const struct fleet *named; /* the only ones; NULL: all below `dir` */
	int leave[2];		   /* descriptors that are not its; or -1 */
};

/*
 * Start the porter. Returns the socket to it, or -1 after saying why not. It
 * ends, and all workers with it, when that is closed.
 */
int porter_start(const struct options *o, const struct porter_place *place);

/* What the porter says. */
struct porter_word {
	enum {
		PORTER_OPENED, /* the socket to the worker is `fd`, or -1 */
		PORTER_ENDED,  /* the worker of `slot`; wait(2)'s is `status` */
		PORTER_LOOKED, /* what there is is in the file `fd`, or -1 */
	} what;
	unsigned slot;
	int status; /* or errno */
	int fd;	    /* the caller's */
};

/* Have it, and its workers, speak to the log only. */
bool porter_leave_terminal(int porter);

/* Have it look which stores there are. */
bool porter_look(int porter);

/* Have it start a worker, for a store that is shown in `slot`. */
bool porter_open(int porter, unsigned slot, uint32_t generation,
		 const char *path);

/* Have it end that worker. */
bool porter_end(int porter, unsigned slot);

/* Take what it says; false: it is gone. Waits if it says nothing. */
bool porter_hear(int porter, struct porter_word *out);

/*
 * Read the stores in the file `fd` of PORTER_LOOKED, which is closed, into
 * `out`, with no names. False if it lacks some: there was an error, which was
 * told to the log.
 */
bool porter_read(int fd, struct fleet *out);

/* Look once, in this process: as the porter does. */
enum ost_status porter_look_here(const struct porter_place *place,
				 struct fleet *out, struct ost_error *err);

#endif
