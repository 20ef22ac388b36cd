/*
 * manifest.h - what a tree holds, as lines that a copy can be held against
 *
 * A manifest has a line of JSON for each directory and file of a tree, with
 * the SHA-256 of its bytes, between one that says of what store it is and one
 * that sums it up: ostfs-json(5) describes them. The same store, shown in the
 * same way, has the same manifest, byte for byte.
 */
#ifndef OST_AUDIT_MANIFEST_H
#define OST_AUDIT_MANIFEST_H

#include <stdio.h>

#include "bytes/source.h"
#include "tree/tree.h"

/* Who watches what takes long, and may end it. */
struct audit_watch {
	/* How many files were read, and bytes; by one thread. Or NULL. */
	void (*progress)(void *arg, uint64_t files, uint64_t bytes);
	/* True: stop, with OST_STOPPED. Any thread may ask. Or NULL. */
	bool (*stop)(void *arg);
	void *arg;
};

/* OST_STOPPED if `watch` wants no more. */
enum ost_status audit_go_on(const struct audit_watch *watch,
			    struct ost_error *err);

struct manifest_options {
	const char *name;     /* the store's: a file's, without directories */
	struct source *bytes; /* the store's, on loan */
	unsigned threads;     /* 0: one a core */
	struct audit_watch watch;
};

struct manifest_totals {
	uint64_t directories;
	uint64_t files;
	uint64_t bytes;
	uint64_t unreadable; /* files, or lists of directories; the store is
				damaged there */
	uint64_t losses;     /* these, and files that say that a part of them
				is; but for what is in Recovered */
};

/*
 * Write the manifest of `t` to `to`. Damage stands in it and is counted;
 * OST_IO: it cannot be written. Takes 1 MiB of memory or so a thread, and
 * what the tree takes.
 */
enum ost_status manifest_write(struct tree *t,
			       const struct manifest_options *options, FILE *to,
			       struct manifest_totals *totals,
			       struct ost_error *err);

#endif
