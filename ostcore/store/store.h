/*
 * store.h - the narrow waist: a store as objects with numbered properties
 *
 * Above it nobody knows how bytes are kept; below it nobody knows what they
 * mean. Two backends stand behind seven operations: ours (native) and libpff.
 * All functions may be called from many threads at once, on the same store
 * and on the same object.
 */
#ifndef OST_STORE_H
#define OST_STORE_H

#include <stdatomic.h>

#include "bytes/buf.h"
#include "bytes/error.h"
#include "store/mapi.h"

/*
 * Names an object. `nid` alone: the folder, message, or store object (0x21,
 * 0x61) itself. With `folder` set too: the row of that folder's contents
 * table that lists `nid`, cheap and enough to show it in a listing. Objects
 * inside a message (recipients, attachments, embedded messages) have a `nid`
 * that is unique in that message only: reach them with store_child().
 */
struct store_id {
	uint32_t nid;
	uint32_t folder;
};

enum store_list {
	STORE_FOLDERS,	   /* of a folder: its subfolders */
	STORE_MESSAGES,	   /* of a folder: rows {nid, folder} of its contents
			      table. Of an attachment: at 0, the message in it */
	STORE_ASSOCIATED,  /* of a folder: rows of its associated contents */
	STORE_RECIPIENTS,  /* of a message, in the order of its table */
	STORE_ATTACHMENTS, /* of a message, in the order of its table; then
			      those that the table has lost */
	STORE_NODES,	   /* of object 0x21: any folder or message node of the
			      store; here `index` is not a position but the NID
			      to start at, and the first node at or above it is
			      given. libpff cannot: OST_UNSUPPORTED */
	STORE_RECOVERED,   /* of object 0x21: messages that were changed or
			      deleted since and are still whole, by the NID
			      they had, the latest version first. Theirs is now
			      a NID of type MAPI_NID_RECOVERED, the same at any
			      time, by which store_get() finds them again */
	STORE_RECOVERED_PFF, /* the same as libpff does it, by a scan of its
				own, MAPI_NID_RECOVERED_PFF. What it finds and
				is no message is OST_UNSUPPORTED, and what is
				here may be the same as what is not lost */
};

struct store_prop {
	uint16_t id;   /* PidTag number, e.g. MAPI_SUBJECT */
	uint16_t type; /* as stored, e.g. MAPI_UNICODE */
	uint64_t size; /* bytes in the stored value */
	/* The backend's own: where the value is. */
	uint64_t place;
	bool in_place;
};

/* What healing found: all zero when there was no need. */
struct store_healing {
	bool header;	 /* it could not be believed */
	uint64_t pages;	 /* of the index that could not be read */
	uint64_t nodes;	 /* entries of it that were found elsewhere */
	uint64_t blocks; /* the same, of blocks */
};

/* What is known of a store once it is open. */
struct store_info {
	char kind[4];	      /* "ost", "pst" or "pab", by its header */
	const char *format;   /* "ansi", "unicode", "unicode-4k" */
	const char *encoding; /* "none", "permute", "cyclic" */
	uint16_t version;     /* wVer */
	bool clean;	      /* closed in good order */
	uint64_t size;	      /* bytes in the file */
	uint64_t header_eof;  /* bytes the header says there are */
	int64_t mtime;	      /* of the file, seconds since 1970 */
	struct store_healing healing;
};

/*
 * How a store is opened; NULL is all zero. The last three are for libpff's
 * process, the others for our own reader.
 */
struct store_options {
	size_t cache;	  /* bytes of it kept in memory; 0: 16 MiB */
	bool heal;	  /* find by a scan what a damaged index cannot give */
	bool recover;	  /* STORE_RECOVERED lists something, after a scan */
	bool recover_pff; /* and STORE_RECOVERED_PFF: a process stands by */

	/* Called when all that is needed is open, and nothing was read of it:
	   the time to give up what is not needed any more. NULL: no need. */
	void (*opened)(void *arg);

	/* Told how far a scan has come, in bytes; NULL: nobody is. */
	void (*progress)(void *arg, uint64_t done, uint64_t size);
	void *arg; /* of both */

	uint64_t memory;  /* bytes that libpff may take; 0: 1 GiB */
	unsigned wait_ms; /* for an answer; 0: a minute, and ten to open */
	bool later;	  /* it opens the store when it is first asked */

	unsigned codepage; /* of 8-bit text that names none; 0: by evidence */
};

/*
 * Set `codepage` by a MIME charset name or a page's number. False: there is
 * no such page, or it is none of 8-bit text.
 */
bool store_option_charset(struct store_options *options, const char *name);

/* A part of the file that was damaged when it was read. */
struct store_damage {
	const char *what; /* "block", "node index page", "block index page",
			     "row index", "list of folders", "properties",
			     "orphaned block" */
	uint64_t off;	  /* in the file */
	uint64_t bid;	  /* the BID of what should be there */
	struct ost_error why;
};

/*
 * An open store, as one caller has it. What could not be read through it for a
 * reason that may pass, OST_IO or OST_NO_MEMORY, sticks to it: what was made of
 * what was read through it may lack something, whatever status it was made
 * with, and is not to be kept. Objects are read through what they were had
 * from. The first is store_open()'s; others are made by store_again(), where
 * somebody must know. Threads may share one.
 */
struct store {
	struct store_core *core; /* what is open: private to store/ */
	struct store *up;	 /* to which it sticks, too; NULL: to none */
	atomic_bool failed;
};

/* What a layer above keeps of a store as long as it is open. */
struct store_guest {
	void (*close)(struct store_guest *g); /* frees it */
};

/* The code pages that a message names; 0: none that we know. */
struct store_pages {
	bool known;	   /* they have been looked up */
	uint16_t declared; /* of its strings, 0x3FFD */
	uint16_t locale;   /* by its language, 0x3FF1 */
	uint16_t own;	   /* 0x66C3 */
	uint16_t internet; /* of its Internet body, 0x3FDE */
};

/* How text came to be UTF-8. */
struct store_reading {
	size_t replaced; /* bytes that were no text, and became U+FFFD */
	bool guessed;	 /* nothing that fits names its code page */
};

struct store_object {
	const struct store_ops *ops;
	struct store_core *core; /* that `ops` has it from */
	struct store *store;
	struct store_id id;
	uint32_t parent;       /* NID of the folder it is in; 0: not known */
	uint32_t original_nid; /* the NID it had, if recovered; else 0 */
	bool lost;	       /* it cannot be read itself: there are only its
				  children, or, of an attachment, its row */
	bool rowless;	       /* no row of its message leads to it */
	atomic_bool failed;    /* the backend gave what it could of it: more
				  may be there when it is read again */
	struct store_pages pages; /* of the message it is in */
};

struct store_ops; /* a backend: store/backend.h */

extern const struct store_ops store_native; /* our own reader */
extern const struct store_ops store_pff;    /* libpff */

/* The backend called `name`, or NULL. */
const struct store_ops *store_backend(const char *name);

/* False: built without libpff, and store_pff opens nothing. */
extern const bool store_has_pff;
extern const char store_pff_lacking[]; /* the sentence that says so */

/* The version of the libpff in use, e.g. "20180714". */
const char *store_pff_version(void);

/* Open the store at `path` with the backend `ops`. `*out` is owned. */
enum ost_status store_open(struct store **out, const char *path,
			   const struct store_ops *ops,
			   const struct store_options *options,
			   struct ost_error *err);

void store_close(struct store *s); /* NULL is fine; what store_open() gave */

/*
 * Make `*own` a handle of its own on the store that `s` is of: to know what
 * fails from now on. It sticks to `s`, too, until store_settle(), after which
 * `*own` may outlive `s`. Objects had through `*own` must not outlive it.
 */
void store_again(struct store *own, struct store *s);
void store_settle(struct store *own);

/* Could something not be read through it, that another time may be? */
bool store_failed(const struct store *s);

/*
 * Let it stick to `s` if `st` is such a failure; returns `st`. For who has one
 * that did not come from reading `s`, and goes on without.
 */
enum ost_status store_met(struct store *s, enum ost_status st);

/* What is known of it; on loan for the store's life. */
const struct store_info *store_info(const struct store *s);

/* The name of the reader: "native", "pff". */
const char *store_reader(const struct store *s);

/* Let the store own `guest`. */
void store_set_guest(struct store *s, struct store_guest *guest);
struct store_guest *store_guest(const struct store *s); /* NULL: none */

/*
 * Ask `vote` what the items of the store have together of the code page of
 * 8-bit text; 0: nothing. It is asked when that is first needed.
 */
void store_set_vote(struct store *s, unsigned (*vote)(struct store *s));

/* Can the reader give such a list at all? */
bool store_gives(const struct store *s, enum store_list list);

/*
 * Damage number `index` of what was met since the store was opened, each
 * place once, by its place, of the first 16384. False: there is no more so far.
 */
bool store_damage(struct store *s, size_t index, struct store_damage *out);

/* How many were met, all of them. */
uint64_t store_damage_count(struct store *s);

/* source_check() of the file: see source_defer(). */
enum ost_status store_check(struct store *s, struct ost_error *err);

/*
 * Look for what was in messages and nothing leads to any more: each is damage
 * from then on. Takes 8 bytes of memory a block, and no time to speak of
 * beside that of reading the store. Of a reader that cannot tell, OST_OK.
 */
enum ost_status store_find_orphans(struct store *s, struct ost_error *err);

/*
 * The ops, spelled as functions. An object must not outlive its store, but
 * does not depend on the object it came from.
 */
enum ost_status store_get(struct store *s, struct store_id id,
			  struct store_object **out, struct ost_error *err);
enum ost_status store_child(struct store_object *o, enum store_list list,
			    size_t index, struct store_object **out,
			    struct ost_error *err);
enum ost_status store_next(struct store_object *o, uint16_t id,
			   struct store_prop *out, struct ost_error *err);
enum ost_status store_read(struct store_object *o, const struct store_prop *p,
			   uint64_t off, void *buf, size_t len,
			   struct ost_error *err);
void store_drop(struct store_object *o); /* NULL is fine */

/*
 * Let `o` hold nothing that can be read again: of the many that are kept, each
 * is small, and slow to ask. store_wake() undoes it, where it can. Neither
 * while another thread has `o`. NULL is fine.
 */
void store_rest(struct store_object *o);
void store_wake(struct store_object *o);

/* What property `id` is; OST_NOT_FOUND when the object lacks it. */
enum ost_status store_find(struct store_object *o, uint16_t id,
			   struct store_prop *out, struct ost_error *err);

/*
 * Append the whole stored value of `id` to `out`. OST_NOT_FOUND when absent,
 * OST_LIMIT when larger than `most` bytes.
 */
enum ost_status store_bytes(struct store_object *o, uint16_t id, uint64_t max,
			    struct buf *out, struct ost_error *err);

/*
 * Append text property `id` to `out` as UTF-8, whatever it is stored as, up
 * to its trailing run of NULs. What became of it is added to `how`, unless
 * that is NULL. OST_NOT_FOUND when absent or not text; OST_LIMIT over 64 MiB.
 */
enum ost_status store_text(struct store_object *o, uint16_t id, struct buf *out,
			   struct store_reading *how, struct ost_error *err);

/*
 * Append `in`, which is text of `o` stored as `type`, as store_text() does.
 *
 * Text that is not Unicode is in the first of these code pages in which every
 * byte of it is text: the one that its message names for strings (0x3FFD);
 * UTF-8; that of the message's locale; what the store says or shows; that of
 * the Internet body (0x3FDE). Where there is none, it is in the one of them
 * that it mostly fits, or else in 1252.
 */
void store_decode(struct store_object *o, uint16_t type, struct span in,
		  struct buf *out, struct store_reading *how);

/* The code page that the store says or shows of 8-bit text; 0: none. */
unsigned store_evidence(struct store *s);

/*
 * An integer, boolean or time property, zero-extended; `fallback` when
 * absent, unreadable, or of another type.
 */
uint64_t store_number(struct store_object *o, uint16_t id, uint64_t fallback);

/*
 * Value `index` of a multi-valued string or binary (0x101E, 0x101F, 0x1102),
 * appended as UTF-8, as store_text() does, or as bytes. OST_NOT_FOUND past
 * the last.
 */
enum ost_status store_multi(struct store_object *o, uint16_t id, size_t index,
			    struct buf *out, struct store_reading *how,
			    struct ost_error *err);

/*
 * The stored bytes of value `index` in `all`, those of the whole property, as
 * store_bytes() gives them. On loan from `all`.
 */
enum ost_status store_multi_of(struct span all, size_t index, struct span *out,
			       struct ost_error *err);

/*
 * What names this store among all others, PidTagRecordKey; empty when it has
 * none of at most 256 bytes. On loan for the store's life.
 */
struct span store_key(struct store *s);

/*
 * Could that, or the map of named properties, not be read? Items may then lack
 * properties that they have.
 */
bool store_is_damaged(struct store *s);

/*
 * Has `o` properties with a number from 0x8000 up, whose names are lost: the
 * store has no map of them, or an older one that lacks some of these?
 */
bool store_lacks_names(struct store_object *o);

/*
 * Is all that `less` holds in `more` too, its recipients, its attachments and
 * the messages in them? What is empty or zero in `less`, or cannot be read, is
 * nothing.
 */
bool store_contains(struct store_object *more, struct store_object *less);

/* A property set and a name in it: one of `lid` and `name` (NULL: lid). */
struct store_name {
	uint8_t guid[16]; /* as stored: first three fields little-endian */
	uint32_t lid;
	const char *name; /* UTF-8; on loan for the store's life */
};

/* The number a named property has in this store; 0 when it has none. */
uint16_t store_name_id(struct store *s, const struct store_name *name);

/* The name of property `id` (0x8000 and up). False when it has none. */
bool store_id_name(struct store *s, uint16_t id, struct store_name *out);

#endif
