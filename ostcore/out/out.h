/*
 * out.h - a store written out as files, in the layout that is asked for
 *
 * What a mount shows, without a mount: read by many threads, written so that a
 * file with its final name is whole, gone on with where a run was ended, and
 * listed with the SHA-256 of each file in a manifest. The same store and the
 * same options give the same files and the same manifest, whatever the number
 * of threads and however often a run was ended.
 */
#ifndef OST_OUT_H
#define OST_OUT_H

#include "audit/manifest.h"
#include "tree/tree.h"

/* What of a store is wanted; all of it when all is zero. */
struct out_filter {
	/* Patterns of fnmatch(3) for the paths of folders, which are wanted
	   with all below them; on loan. */
	const char *const *folders, *const *not_folders;
	size_t folder_count, not_folder_count;
	/* Times of items, in seconds since 1970: since <= time < until. */
	bool has_since, has_until;
	int64_t since, until;
	const char *class;  /* a pattern, letter case aside, e.g. "IPM.Note*" */
	const char *sender; /* a part of name or address, letter case aside */
	bool attachments;   /* those that have some */
};

/*
 * That what is written cannot be: no room, no right, or something else is
 * there. Opening a store has the same for the store, and is over by then.
 */
#define OUT_DESTINATION OST_CANNOT_OPEN

/* The exit code for it; enum ost_exit has the others. */
enum out_exit {
	OST_EXIT_DESTINATION = 12,
};

struct out_format; /* a layout */

/* NULL: no layout has that name. */
const struct out_format *out_format_of(const char *name);
const char *out_format_name(const struct out_format *f);
/* The names of all layouts, with commas between. */
void out_format_names(struct buf *to);
/* Is it written as one stream, not as files in a directory? */
bool out_format_is_stream(const struct out_format *f);
/* Does `ostcheck --verify` prove it against the store itself? */
bool out_format_is_tree(const struct out_format *f);
/* Have the tree that is to be made show what the layout wants. */
void out_format_shape(const struct out_format *f, struct tree_options *o);

struct out_options {
	const struct out_format *format;
	bool index;	      /* index.jsonl and index.csv beside it */
	const char *name;     /* the store's: a file's, without directories */
	struct source *bytes; /* the store's, on loan */
	/*
	 * An open directory, or of a stream what it is written to; on loan.
	 * Of a stream that may not be one, `-1` is none.
	 */
	int dest;
	const char *boot; /* tells starts of this machine apart; "" unknown */
	unsigned threads; /* 0: one a core */
	struct out_filter filter;
	bool keep_roles;       /* folders keep the names that they have */
	bool server_schedules; /* no SCHEDULE-AGENT in calendars */
	/* Of vdir: the server that vdirsyncer is to be configured for, its URL
	   with "://", and where the password lies; or NULL. On loan. */
	const char *vdirsyncer, *password_file;
	const char *dest_path; /* of `dest`, absolute; for that */
	/* Of a stream: an empty file, to write and to read; on loan. */
	FILE *scratch;
	FILE *manifest; /* a copy of it goes there; or NULL */
	/* Its progress() is told how many items are gone through, whether
	   they were written or not, and bytes that were. */
	struct audit_watch watch;
	/* Told once, before anything is written: how many items there are.
	   Or NULL. */
	void (*sized)(void *arg, uint64_t items);
};

struct out_result {
	struct manifest_totals totals;
	uint64_t damaged;	/* files that lack a part, and are written */
	uint64_t left_out;	/* items: not asked for, or of no use there */
	uint64_t keywords_left; /* categories that are only in the mail */
	uint64_t kept;		/* files that were there from an earlier run */
	bool lost;		/* as ledger_has_losses() */
	bool other;		/* OUT_DESTINATION: the options are others */
};

/*
 * Write `t` out. OUT_DESTINATION: not enough room, or it cannot be written, or
 * holds something else; what was written by then is gone on with when called
 * again. Damage of the store stands in the manifest and is counted.
 */
enum ost_status out_run(struct out_result *result, struct tree *t,
			const struct out_options *options,
			struct ost_error *err);

/* Is the folder at `path` one of those that are wanted? */
bool out_wants_folder(const struct out_filter *f, const char *path);

/* Is anything left out? */
bool out_is_filtered(const struct out_filter *f);

/*
 * OST_OK if the open directory `dest` is empty, a volume's lost+found aside, or
 * has no more than .ostexport and in it the file `part`, which a run makes
 * first.
 */
enum ost_status out_begun(int dest, const char *part, struct ost_error *err);

/* Read a date, "2024-03-01" or "2024-03-01T10:22:00Z", UTC; with `end`, a day
   is meant to its end. False: it is none. */
bool out_date(int64_t *out, const char *text, bool end);

#endif
