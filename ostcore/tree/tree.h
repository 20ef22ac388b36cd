/*
 * tree.h - a store as directories and files: names and inode numbers
 *
 * Knows how items are named, listed and numbered; knows nothing of FUSE.
 * All functions may be called from many threads at once.
 *
 * An inode number is made of NIDs, so it is the same at every mount and
 * nothing need be remembered for it:
 *
 *	bits 52-63  store, counted from 0
 *	bits 34-51  which attachment: its place in the message's tree of
 *		    attachments, depth first, from 1; 0 is the item itself
 *	bits 32-33  0 the thing, 1 its .attachments directory, 2 .ostfs and
 *		    what is in it: with a NID the properties of the thing,
 *		    which are at its place and 1; 3 an entry of folder NID that
 *		    cannot be read: bit 51 is set for a message, the bits below
 *		    it tell its place, the last few of which are directories of
 *		    ours
 *	bits  0-31  NID of the folder or item
 *
 * A tree knows the numbers of one store only: bits 52-63 are 0 for it.
 */
#ifndef OST_TREE_H
#define OST_TREE_H

#include "mail/mail.h"
#include "store/store.h"

struct tree; /* one mounted store */

enum { TREE_ROOT = 1 };

/*
 * A file of the control directory that is made when someone first asks for its
 * size or its bytes, once, and then kept for the life of the tree.
 */
struct tree_control {
	const char *name;
	/*
	 * Append what is in the file to `text`, or, where that would take
	 * much memory, set `*fd` to a file that holds it, best an unlinked
	 * temporary one; the tree then owns it, even on failure. It may ask
	 * the tree anything but for this file. After a failure, who asks
	 * next makes it call again.
	 */
	enum ost_status (*make)(void *arg, struct tree *t, struct buf *text,
				int *fd, struct ost_error *err);
	void *arg;
	/*
	 * Both are set in place of `make` where what is in the file changes
	 * while it is served: its size now and when it changed, and as
	 * pread(2), bytes read of it.
	 */
	uint64_t (*live_size)(void *arg, int64_t *sec, uint32_t *nsec);
	size_t (*live_read)(void *arg, uint64_t off, void *buf, size_t want);
};

struct tree_options {
	bool whole_store;    /* -o root=store */
	bool search_folders; /* show them too */
	bool hidden;	     /* show hidden folders in which there is nothing */
	bool recovered;	     /* show Recovered; the store is to be opened so */
	enum {
		TREE_BOTH,	/* attachments in the mail and beside it */
		TREE_INSIDE,	/* in the mail only */
		TREE_BESIDE,	/* beside it only */
		TREE_IN_FOLDER, /* in the mail, and gathered in the folder */
	} attachments;
	bool maildir; /* folders are Maildirs: all is mail, and complete */
	enum mail_items items; /* what becomes of those that are no mail */
	/* Bytes of attachments in a calendar file; 0: a default. */
	uint64_t calendar_inside;
	size_t plans; /* bytes of plans kept; 0: a default */
	unsigned
		readahead; /* threads to plan mails before they are asked for */
	/* Whom X.500 names stand for; outlives the tree. NULL: not given. */
	const struct mail_addrmap *addrmap;

	/* More files for the control directory; the table is copied. */
	const struct tree_control *controls;
	size_t control_count;
};

/*
 * Take `text`, one of the options that are words, as it is written after -o:
 * "root=store", "recovered". False: it is none; or it has another value than
 * those that `*want` then names, which is NULL otherwise.
 */
bool tree_option(struct tree_options *o, const char *text, const char **want);

struct tree_node {
	uint64_t ino;
	bool is_dir;
	bool live;	/* a file that changes: what is said of it is of now */
	bool passing;	/* something could not be read that another time may
			   be: what is said of it is of now */
	uint32_t nlink; /* of a directory 2 + subdirectories, or 1: not known */
	uint64_t size;	/* bytes, exactly; 0 for a directory; 1 for a file that
			   is damaged beyond reading: tools skip empty ones */
	int64_t mtime;	/* seconds since 1970, UTC */
	uint32_t mtime_nsec;
	int64_t ctime;
	uint32_t ctime_nsec;
};

/* Show `store`, which the tree then owns, even on failure. */
enum ost_status tree_new(struct tree **out, struct store *store,
			 const struct tree_options *options,
			 struct ost_error *err);
void tree_free(struct tree *t); /* NULL is fine */

/*
 * Have a thread find out, before anybody asks, whom the X.500 names of the
 * store stand for. Once, where threads may be made; it ends with the tree.
 */
void tree_start(struct tree *t);

/* The store in the tree, and how it is shown; on loan. */
struct store *tree_store(struct tree *t);
const struct tree_options *tree_shape(const struct tree *t);

/*
 * What this thread does for one request. Whether the store's file is still
 * what it was is then asked once, at its end; `st`, or OST_IO if it is not.
 */
void tree_begin(struct tree *t);
enum ost_status tree_end(struct tree *t, enum ost_status st,
			 struct ost_error *err);

/*
 * The entry `name` of directory `dir`; OST_NOT_FOUND if it has none, OST_IO if
 * that cannot be told now.
 */
enum ost_status tree_lookup(struct tree *t, uint64_t dir, const char *name,
			    struct tree_node *out, struct ost_error *err);

/* Follow `path`, relative to the root, "/"-separated. */
enum ost_status tree_walk(struct tree *t, const char *path,
			  struct tree_node *out, struct ost_error *err);

/* What `ino` is. Plans the file if its size is not yet known. */
enum ost_status tree_stat(struct tree *t, uint64_t ino, struct tree_node *out,
			  struct ost_error *err);

/* The directory that `ino` is in. */
enum ost_status tree_parent(struct tree *t, uint64_t ino, uint64_t *out,
			    struct ost_error *err);

/* One entry of a listing; `name` is on loan during the call. */
struct tree_entry {
	const char *name;
	uint64_t ino;
	bool is_dir;
	uint64_t next; /* where to go on after this entry */
};

/* Takes an entry; false to stop before it, for it did not fit. */
typedef bool tree_take(void *arg, const struct tree_entry *entry);

/*
 * The entries of directory `dir` from place `from` (0: the start) on, without
 * "." and "..". Stateless: any place given by `next` may be gone on from at
 * any time. An entry that cannot be read is listed by its number.
 */
enum ost_status tree_list(struct tree *t, uint64_t dir, uint64_t from,
			  tree_take *take, void *arg, struct ost_error *err);

/*
 * Sizes in `dir` are about to be asked for, from place `from` on: begin to
 * find them out.
 */
void tree_readahead(struct tree *t, uint64_t dir, uint64_t from);

/*
 * The file `ino`, planned. `*out` is shared and counted: tree_close() it.
 */
struct tree_file;
enum ost_status tree_open(struct tree *t, uint64_t ino, struct tree_file **out,
			  struct ost_error *err);
uint64_t tree_file_size(const struct tree_file *f);
/* Its note codes, with commas between; on loan for its life. */
const char *tree_file_notes(const struct tree_file *f);
/* As mail_read(). */
enum ost_status tree_read(const struct tree_file *f, uint64_t off, void *buf,
			  size_t want, size_t *got, struct ost_error *err);
void tree_close(struct tree_file *f); /* NULL is fine */

/*
 * Append the value of extended attribute `name` of `ino`. OST_NOT_FOUND when
 * it has no such attribute.
 */
enum ost_status tree_xattr(struct tree *t, uint64_t ino, const char *name,
			   struct buf *out, struct ost_error *err);

/*
 * Has the item `ino` in directory `dir` attachments, and no directory of them,
 * because the folder's list says that it has none? Its file has them all.
 */
bool tree_hides_attachments(struct tree *t, uint64_t dir, uint64_t ino);

/* Append the names of `ino`'s attributes, each followed by a NUL. */
enum ost_status tree_xattrs(struct tree *t, uint64_t ino, struct buf *out,
			    struct ost_error *err);

/*
 * The number of the file with all properties of folder, item or attachment
 * `ino` as JSON; of what is no attachment, it is .ostfs/mapi/<NID>.json.
 */
uint64_t tree_properties(const struct tree *t, uint64_t ino);

/* What an inode number stands for, as far as the number itself says. */
struct tree_what {
	enum tree_kind {
		TREE_FOLDER,
		TREE_ITEM,	  /* the file of a message */
		TREE_ATTACHMENT,  /* a file beside it */
		TREE_ATTACHMENTS, /* the directory of those */
		TREE_GATHERED,	  /* the one of those of a folder's items */
		TREE_UNREADABLE,  /* an entry of folder `nid` */
		TREE_FOUND,	/* Lost and found; with `nid`, of that folder */
		TREE_RECOVERED, /* Recovered, or a directory in it */
		TREE_CONTROL,
	} kind;
	uint32_t nid;
	uint32_t place; /* of an attachment, else 0 */
};
struct tree_what tree_what(const struct tree *t, uint64_t ino);

/*
 * The messages and folders of the store, counted: see inventory.h. Taken once,
 * which takes its time; on loan for the tree's life. OST_UNSUPPORTED: this
 * reader cannot tell.
 */
struct inventory;
enum ost_status tree_inventory(struct tree *t, const struct inventory **out,
			       struct ost_error *err);

/* Counts for statfs(2): bytes in the store. */
uint64_t tree_bytes(const struct tree *t);

#endif
