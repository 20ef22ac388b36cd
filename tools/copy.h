/*
 * copy.h - manifests of trees, and copies held against them, for ostcheck(1)
 */
#ifndef OST_COPY_H
#define OST_COPY_H

#include <stdio.h>

#include "output.h"
#include "tree/tree.h"

struct copy_options {
	const char *manifest; /* --manifest: where to, "-" for stdout */
	const char *verify;   /* --verify: the copy */
	const char *against;  /* --against: a manifest, in place of a store */
	const char *resume;   /* --resume: what to remember in */
	bool times;	      /* --times: list those that differ */
	bool progress;

	/* What copy_open() opened of these. */
	struct source *bytes; /* of the store */
	struct output output;
	int dir;
	FILE *state, *entries;
};

/*
 * Open all that is needed, as long as that can be; `store` is NULL when there
 * is none. Returns the exit code, OST_EXIT_OK or after saying why not; either
 * way copy_close() has the last word on it, and on the manifest.
 */
int copy_open(struct copy_options *o, const char *store);
int copy_close(struct copy_options *o, int code);

/* Write the manifest of `t`, which shows `store`. Returns the exit code. */
int copy_manifest(const struct copy_options *o, struct tree *t,
		  const char *store);

/* Verify a copy against `t`, or against a manifest. Returns the exit code. */
int copy_verify(const struct copy_options *o, struct tree *t,
		const char *store);

#endif
