/*
 * ledger.h - private: what a ledger is made of
 */
#ifndef OST_AUDIT_LEDGER_H
#define OST_AUDIT_LEDGER_H

#include <pthread.h>

#include "audit/audit.h"
#include "store/inventory.h"

/* What became of something. The first three are losses. */
enum entry_kind {
	ENTRY_MISSING,	  /* a contents table lists it, and it is not there */
	ENTRY_UNREADABLE, /* it is there, and cannot be read */
	ENTRY_DAMAGED,	  /* a part of it cannot be read */
	ENTRY_NOT_CACHED, /* the server had more of it than the store has */
	ENTRY_DEGRADED,	  /* it could not be rendered as it was */
	ENTRY_KINDS
};

struct entry {
	enum entry_kind kind;
	uint32_t nid;
	uint32_t place; /* of the attachment; 0: the item itself */
	uint64_t off;	/* the first byte of the file that fails, or 0 */
	uint64_t bytes; /* how many do; 0: all, or not known */
	size_t path;	/* in texts; of the file, or of the folder */
	size_t why;	/* in texts: a sentence, or note codes */
};

struct ledger_folder {
	uint32_t nid;
	bool found;	     /* Lost and found, or a directory in it */
	bool recovered;	     /* Recovered, or a directory in it */
	bool outside;	     /* not below the folder that is mounted */
	size_t path;	     /* in texts */
	uint64_t shown;	     /* files of items */
	uint64_t unreadable; /* entries that cannot be read */
	/* What was counted; all zero without `counted`. */
	struct inventory_folder count;
	bool counted;
};

enum { ENTRIES_MAX = 100000 };

struct note_count {
	char code[MAIL_NOTE_MAX];
	uint64_t files;
};

struct ledger {
	struct tree *tree; /* on loan */
	const struct inventory
		*inventory; /* on loan from it; NULL: not to be had */
	bool deep;
	struct ledger_folder *folders; /* by path */
	size_t folder_count, folder_cap;

	pthread_mutex_t lock; /* of what follows, while it is made */
	struct buf texts;     /* strings, each with its NUL */
	struct entry *entries;
	size_t entry_count, entry_cap;
	uint64_t counts[ENTRY_KINDS]; /* of all entries, kept or not */
	struct note_count notes[NOTE_COUNT];
	size_t note_count;
	uint64_t files, bytes; /* that were read in depth */
	uint64_t bytes_left;   /* that may still be; atomic */
	bool no_memory;

	bool dated; /* some item that is no appointment has a time */
	int64_t first, last;
	uint64_t cut_off; /* bytes that the file lacks */

	/* Messages, of all folders. */
	struct {
		uint64_t expected, shown, found, outside, recovered;
		uint64_t stale; /* folders that count wrong */
		uint64_t twice;
		uint64_t not_shown; /* though they are there */
		uint64_t tables;    /* lists that have damage */
		uint64_t places;    /* in the file, that are damaged */
		uint64_t unaccounted;
		/* Associated ones, which no folder shows. */
		uint64_t hidden, hidden_missing, hidden_unlisted;
	} sum;
};

/* `text` with its NUL in texts; 0 when it is NULL. */
size_t ledger_put(struct ledger *l, const char *text);

static inline const char *ledger_at(const struct ledger *l, size_t text)
{
	return l->texts.at != NULL ? l->texts.at + text : "";
}

/* Add an entry; its texts are copied. Any thread may. */
void ledger_add(struct ledger *l, const struct entry *e, const char *path,
		const char *why);

/* Add that `where` lists message `nid`, which is not in the store. */
void ledger_add_missing(struct ledger *l, uint32_t nid, const char *path,
			const char *where);

/*
 * rows.c: is message `nid`, of either kind, in the store? One that is missing
 * is told once.
 */
bool ledger_has(const struct ledger *l, uint32_t nid);

/* What a ledger is for: of the second kind, just whether it has losses. */
enum ledger_rows { LEDGER_DATES, LEDGER_LOSSES };

/*
 * rows.c: go through the rows of all folders, but for LEDGER_LOSSES not of
 * messages that are shown: these were looked for where they are.
 */
enum ost_status rows_read(struct ledger *l, enum ledger_rows rows,
			  struct ost_error *err);

/*
 * walk.c: every directory of folders in the tree, and what is in it; the
 * directories of attachments are not gone into.
 */
struct walk_entry {
	uint64_t ino, dir; /* and of the directory it is in */
	struct tree_what what;
	const char *path; /* on loan */
	const char *why; /* it cannot be listed, or not to its end; else NULL */
};

/*
 * False: to stop. A folder is given before what is in it, once; one that the
 * tree shows again, and the folder at which the budget of a run ends, is given
 * with `why`.
 */
typedef bool walk_visit(void *arg, const struct walk_entry *e);

enum ost_status walk_tree(struct tree *t, walk_visit *visit, void *arg,
			  struct ost_error *err);

/*
 * ledger.c: the same, and by the way a ledger, which is to be freed whatever
 * comes of it. Once all that was visited is dealt with, ledger_sum_up() tells
 * whether it has losses, as ledger_has_losses() does.
 */
enum ost_status ledger_walk(struct ledger **out, struct tree *t,
			    walk_visit *visit, void *arg,
			    struct ost_error *err);
enum ost_status ledger_sum_up(struct ledger *l, bool *lost,
			      struct ost_error *err);

/* The same without items, which are not even listed. */
enum ost_status walk_folders(struct tree *t, walk_visit *visit, void *arg,
			     struct ost_error *err);

/* What a walk may meet before it ends and says so. */
struct walk_budget {
	uint64_t folders, paths, entries;
};

/* The same with another budget than any store needs. */
enum ost_status walk_within(struct tree *t, const struct walk_budget *budget,
			    walk_visit *visit, void *arg,
			    struct ost_error *err);

/*
 * deep.c: threads that read files. NULL: no memory.
 */
struct deep;
struct deep *deep_start(struct ledger *l, const struct ledger_options *options);
/* Read the file, or all in the directory, `ino` in `dir`. False: no memory. */
bool deep_read(struct deep *d, uint64_t ino, uint64_t dir, const char *path);
/* Read what no folder shows. False: no memory. */
bool deep_read_associated(struct deep *d);
void deep_finish(struct deep *d); /* waits until all is read; NULL is fine */

/* notes.c: does one of the codes tell of damage? */
bool notes_are_damage(const char *codes);

/* Put the note codes of a file into the ledger. */
void notes_count(struct ledger *l, const struct tree_what *what,
		 const char *path, const char *codes);

#endif
