/*
 * pst.h - a store written as a PST that Outlook takes
 *
 * One pass over a store of any kind, into a Unicode PST of its own, or into
 * several when it gets too large: each is a whole store. What is carried is
 * carried as it is; what is not stands in the report with its reason. The same
 * store and the same options give the same bytes, and a file has its name only
 * once it is complete and was read back.
 */
#ifndef OST_PST_H
#define OST_PST_H

#include <stdio.h>

#include "store/store.h"

enum {
	PST_SPLIT_LEAST = 64 << 20, /* bytes of a part, at least */
	PST_FOLDER_DEPTH_MAX = 512,
	PST_EMBEDDED_MAX = 8, /* messages in messages */
	PST_TOTALS = 64,
};
#define PST_SPLIT_MOST	  (UINT64_C(50) << 30)
#define PST_SPLIT_DEFAULT (UINT64_C(9) << 30)

struct pst_options {
	const char *out;    /* where it is to be: OUT.pst, OUT.2.pst ... */
	const char *source; /* the store's name, for the report */
	const char *sha256; /* of the store's file, likewise; or NULL */
	const char *name;   /* that Outlook shows; NULL: the store's own */
	bool heal;	    /* how `s` was opened: what may make another file */
	unsigned codepage;
	/* Patterns of fnmatch(3) for the paths of folders, which are wanted
	   with all below them; none: all are. On loan. */
	const char *const *folders;
	size_t folder_count;
	/* Times of items, in seconds since 1970: since <= time < until. */
	bool has_since, has_until;
	int64_t since, until;
	uint64_t split;	      /* bytes of a part, at most; 0: never */
	bool associated;      /* FAI messages, too */
	bool hidden;	      /* folders outside of what Outlook shows, too */
	bool recovered;	      /* what STORE_RECOVERED has, too */
	bool omit_damaged;    /* attachments that lack a part: left out */
	bool dry;	      /* read all, write nothing */
	bool verify;	      /* read each part back */
	bool replace;	      /* what is there under its name */
	bool resume;	      /* parts that are there are kept, if they hold
				 what they are to hold */
	uint32_t folder_rows; /* rows of a folder, at most; 0: as many as fit */
	FILE *report;	      /* gets the JSON; NULL: none is wanted */
	FILE *scratch;	      /* empty, to write and to read; with `report` */

	/* How many messages were written, of how many. Or NULL. */
	void (*progress)(void *arg, uint64_t done, uint64_t all);
	bool (*stop)(void *arg); /* true: OST_STOPPED. Or NULL */
	void *arg;		 /* of both */
};

struct pst_result {
	uint64_t parts, bytes; /* files and their size together */
	uint64_t folders, messages, attachments;
	uint64_t lost;	    /* things that stand as lost in the report */
	uint64_t not_asked; /* left out because nobody asked for them */
	bool no_folder;	    /* none fits `folders` */
	bool unsearched;    /* this reader cannot tell what no folder lists */
	/* What a failure is of: else of the store. */
	bool destination;
	uint64_t totals[PST_TOTALS]; /* for pst_say() */
};

/*
 * Write `s`. OST_STOPPED: by `stop`; parts that are complete stay.
 */
enum ost_status pst_write(struct pst_result *result, struct store *s,
			  const struct pst_options *options,
			  struct ost_error *err);

/*
 * Append a line for each kind of thing that was lost or left out, or that
 * somebody should know: "lost: messages that cannot be read: 3".
 */
void pst_say(const struct pst_result *result, struct buf *to);

#endif
