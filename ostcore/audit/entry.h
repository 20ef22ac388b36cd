/*
 * entry.h - private: a line of a manifest, as it is made, written and read
 */
#ifndef OST_AUDIT_ENTRY_H
#define OST_AUDIT_ENTRY_H

#include "audit/sha.h"
#include "bytes/json.h"

enum { MANIFEST_VERSION = 1 };

enum manifest_kind {
	MANIFEST_FOLDER,
	MANIFEST_ATTACHMENTS, /* the directory of those of an item */
	MANIFEST_ITEM,
	MANIFEST_ATTACHMENT,
	MANIFEST_FILE, /* of an export: it is of no one item */
	MANIFEST_KINDS
};

extern const char *const manifest_kinds[MANIFEST_KINDS];

struct manifest_entry {
	enum manifest_kind kind;
	char *path; /* owned; relative to the root of the tree */
	uint32_t nid;
	uint64_t size;
	bool is_part;	 /* of a file that has more: `size` bytes at `offset` */
	uint64_t offset; /* or, of a MANIFEST_FILE, all its parts: no hash */
	int64_t mtime;
	uint32_t nsec;
	struct sha sha; /* of a file, when it can be read */
	char *notes;	/* owned; codes with commas between; NULL: none */
	char *error;	/* owned; why it cannot be read; NULL: it can be */
};

static inline bool manifest_is_dir(const struct manifest_entry *e)
{
	return e->kind < MANIFEST_ITEM;
}

void manifest_entry_free(struct manifest_entry *e);

/* Append the line of it. */
void manifest_put(struct buf *out, const struct manifest_entry *e);

/* Append the first line; without the hash of the store if that is NULL. */
void manifest_put_head(struct buf *out, struct tree *t, const char *name,
		       const struct sha *sha);

/* What an export says of itself in the first line. */
struct manifest_export {
	const char *format;
	const char *filters; /* what was asked for; "" for all */
	const char *record_key;
};

/* The same as the first line of an export. */
void manifest_put_export(struct buf *out, struct tree *t, const char *name,
			 const struct sha *sha,
			 const struct manifest_export *x);

/* Append the last; `sha` is of all lines before it. */
void manifest_put_totals(struct buf *out, const struct manifest_totals *n,
			 const struct sha *sha);

void manifest_count(struct manifest_totals *n, const struct manifest_entry *e);

/*
 * Something in the tree. `path` becomes the entry's; `why` says why a
 * directory cannot be listed, or is NULL. NULL: no memory, and `path` is freed.
 */
struct manifest_found {
	uint64_t ino;
	char *path; /* owned by who is given it */
	const char *why;
};

/* False: no more. */
typedef bool manifest_find(void *arg, const struct manifest_found *found);

/* Go through all of the tree but its root, in an order that is always the same,
   a directory before what is in it. */
enum ost_status manifest_walk(struct tree *t, manifest_find *find, void *arg,
			      struct ost_error *err);

enum manifest_kind manifest_kind_of(const struct tree *t, uint64_t ino);

/*
 * Read the file `ino` of `t`, or ask what directory it is, for the entry. Of
 * damage there is an error in it.
 */
enum ost_status manifest_fill(struct manifest_entry *e, struct tree *t,
			      uint64_t ino, const struct audit_watch *watch,
			      struct ost_error *err);

/*
 * reader.c: the entries of a manifest that may be anybody's. The file is on
 * loan.
 */
struct manifest_reader;
enum ost_status manifest_open(struct manifest_reader **out, FILE *from,
			      struct ost_error *err);
/*
 * The entry that is written in `line`, without its place in a manifest.
 * OST_CORRUPT: it is none.
 */
enum ost_status manifest_parse(struct manifest_entry *out, struct span line,
			       struct ost_error *err);
/* The first line, on loan. */
const char *manifest_head(const struct manifest_reader *r);
/* True if it lists only what was asked for. */
bool manifest_is_filtered(const struct manifest_reader *r);
/*
 * The next entry, owned. OST_NOT_FOUND after the last, once the sums are what
 * the last line says. OST_CORRUPT: no manifest, not all of it, or altered.
 */
enum ost_status manifest_next(struct manifest_reader *r,
			      struct manifest_entry *out,
			      struct ost_error *err);
void manifest_close(struct manifest_reader *r); /* NULL is fine */

#endif
