/*
 * pff_spawner.h - private: the processes in which libpff reads
 *
 * A reader is a process that a store can take over or bring down. Readers are
 * forked not by us, who may have threads, but by a process made for that when
 * the store is opened: the spawner, which looks at no store and has at most
 * one reader at a time.
 */
#ifndef OST_PFF_SPAWNER_H
#define OST_PFF_SPAWNER_H

#include <sys/types.h>

#include "bytes/source.h"
#include "ndb/map.h"

/* The file that libpff reads, and what holds that against its sums. */
struct pff_input {
	struct source *source;
	struct ndb_map *map; /* NULL: nothing does */
};

struct pff_spawner {
	pid_t pid;
	int control; /* its end is the spawner's end, and the reader's */
};

/*
 * Start the spawner. It keeps `in`, which stays the caller's, and nothing
 * else that is open. Each reader may use `memory` bytes more than it starts
 * with.
 */
enum ost_status pff_spawner_start(struct pff_spawner *out,
				  const struct pff_input *in, uint64_t memory,
				  struct ost_error *err);

/*
 * A new reader: `*fd` is the socket on which it says whether it could open
 * the store, and then answers requests; see pff_wire.h.
 */
enum ost_status pff_spawner_fork(const struct pff_spawner *s, int *fd,
				 struct ost_error *err);

/*
 * End the reader. Returns the signal that it ended by before that; SIGKILL
 * also if it had not ended, 0 if it ended by itself.
 */
int pff_spawner_kill(const struct pff_spawner *s);

/* End the spawner and its reader. */
void pff_spawner_stop(struct pff_spawner *s);

/* What a reader does; returns when nobody asks any more. */
void pff_serve(int fd, const struct pff_input *file);

#endif
