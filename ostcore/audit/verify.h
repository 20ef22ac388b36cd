/*
 * verify.h - whether a copy of a tree has all of it, unaltered
 */
#ifndef OST_AUDIT_VERIFY_H
#define OST_AUDIT_VERIFY_H

#include "audit/manifest.h"

/* The directory at the top of a copy in which ostexport remembers what it did:
   it is no part of the copy. */
#define VERIFY_JOURNAL ".ostexport"

enum verify_verdict {
	VERIFY_SAME,
	VERIFY_MISSING,	   /* the copy lacks it */
	VERIFY_ALTERED,	   /* it is another there */
	VERIFY_EXTRA,	   /* only the copy has it */
	VERIFY_UNREADABLE, /* the copy of it cannot be read */
	VERIFY_LOST,	   /* the store is damaged there: none can tell */
	VERIFY_TIME,	   /* the same, but of another time: no difference */
	VERIFY_VERDICTS
};

struct verify_options {
	const char *name; /* the store's, as for a manifest */
	/*
	 * A file, open to be read and appended to and on loan, in which to
	 * remember what was found to be the same, and what is remembered there
	 * is not read again as long as its size and its times stay; NULL: none.
	 */
	FILE *state;
	const char *state_name; /* for messages */
	unsigned threads;	/* 0: one a core */
	struct audit_watch watch;
	/* Told of all that is not VERIFY_SAME. `path` is that of the copy,
	   any bytes; `why` is for a person. */
	void (*tell)(void *arg, enum verify_verdict verdict, const char *path,
		     const char *why);
	void *arg; /* of tell */
};

struct verify_result {
	uint64_t counts[VERIFY_VERDICTS];
	uint64_t directories; /* that ought to be there */
	uint64_t files;	      /* the same */
	uint64_t bytes;	      /* in them */
	uint64_t remembered;  /* files that were not read again */
	bool filtered; /* the manifest is of what was asked for, not of all */
};

/* True if the copy has all and is unaltered. */
bool verify_is_proven(const struct verify_result *r);

/*
 * Hold the copy in the directory `dir` (an open one, on loan) against `t`.
 * What differs is told and counted, and no error. Symbolic links are not
 * followed. Takes 17 bytes of memory for each path, and 48 more with a state.
 */
enum ost_status verify_tree(struct verify_result *out, struct tree *t, int dir,
			    const struct verify_options *options,
			    struct ost_error *err);

/*
 * The same against a manifest, on loan. OST_CORRUPT: what is read there is no
 * manifest, or not all of one.
 */
enum ost_status verify_manifest(struct verify_result *out, FILE *manifest,
				int dir, const struct verify_options *options,
				struct ost_error *err);

#endif
