/*
 * parts.h - private: inode numbers, and what a tree is made of
 */
#ifndef OST_TREE_PARTS_H
#define OST_TREE_PARTS_H

#include "store/limits.h"
#include "tree/lru.h"
#include "tree/readahead.h"
#include "tree/size_cache.h"
#include "tree/tree.h"

/*
 * All of it but `store` is the same for all, and behind pointers: so a copy is
 * the tree as one call has it, which reads the store through a handle of its
 * own. See tree_again().
 */
struct tree {
	struct store *store; /* owned by the first */
	struct tree_options options;
	uint32_t root;	     /* NID of the folder shown as TREE_ROOT */
	uint32_t shared;     /* NID of one shown in it; 0: see root_shared() */
	struct lru *folders; /* struct folder, by NID */
	struct lru *attachment_indexes; /* struct attachment_index, by NID */
	struct lru *files;		/* struct tree_file, by inode number */
	struct lru *attrs;		/* struct attrs, by inode number */
	struct size_cache *sizes;
	struct readahead *readahead;
	struct controls *controls;
	const struct node_ops *const *nodes; /* node.h: all there are */
	struct homes *homes;		     /* homes.h */
	struct found *found;		     /* found.h */
	struct recovered *recovered;	     /* recovered.h */
};

/* `t` for what must know whether all could be read: it does so by `own`. */
static inline struct tree tree_again(struct store *own, const struct tree *t)
{
	struct tree call = *t;

	store_again(own, t->store);
	call.store = own;
	return call;
}

enum ino_kind {
	INO_THING,   /* a folder, an item, an attachment */
	INO_BESIDE,  /* the .attachments directory of a message */
	INO_CONTROL, /* in `place`: an enum control_place */
	INO_LOST,    /* an entry that cannot be read; `place`: lost_entry() */

	/* Directories of ours: as INO_LOST, at a place kept for each kind. */
	INO_FOUND,     /* Lost and found; with a NID, messages of that folder */
	INO_RECOVERED, /* Recovered; the NID is an enum recovered_dir */

	/*
	 * Those in directories of items, two numbers each: in a folder or
	 * recovered_dir, and in a directory of Lost and found.
	 */
	INO_GATHERED, /* Attachments */
	INO_CUR = INO_GATHERED + 2,
	INO_NEW = INO_CUR + 2,
	INO_TMP = INO_NEW + 2,
	INO_KINDS_MAX = INO_FOUND + 16,
};

/* An inode number, taken apart as tree.h lays it out. */
struct ino {
	enum ino_kind kind;
	uint32_t nid;
	uint32_t place; /* of the attachment; 0: the item itself */
};

enum {
	INO_PLACE_MAX = (1 << 18) - 1,
	LOST_MESSAGES = 1 << 17, /* in the place: it is of that list */
	LOST_PLACE_MAX = LOST_MESSAGES - 1 - (INO_KINDS_MAX - INO_FOUND),
};

_Static_assert((int)LIMIT_ATTACHMENTS < (int)INO_PLACE_MAX,
	       "each has a number");

static inline uint64_t ino_make(enum ino_kind kind, uint32_t nid,
				uint32_t place)
{
	if (kind >= INO_FOUND) {
		place = INO_PLACE_MAX - (uint32_t)(kind - INO_FOUND);
		kind = INO_LOST;
	}
	return (uint64_t)place << 34 | (uint64_t)kind << 32 | nid;
}

/* The number of a folder: the root has one of its own. */
static inline uint64_t ino_folder(const struct tree *t, uint32_t nid)
{
	return nid == t->root ? TREE_ROOT : ino_make(INO_THING, nid, 0);
}

static inline struct ino ino_split(const struct tree *t, uint64_t ino)
{
	struct ino i = { (enum ino_kind)(ino >> 32 & 3), (uint32_t)ino,
			 (uint32_t)(ino >> 34) };

	if (ino == TREE_ROOT)
		i.nid = t->root;
	if (i.kind != INO_LOST || i.place > INO_PLACE_MAX ||
	    (i.place & (LOST_MESSAGES - 1)) <= LOST_PLACE_MAX)
		return i;
	i.kind = (enum ino_kind)(INO_FOUND + (INO_PLACE_MAX - i.place));
	i.place = 0;
	return i;
}

static inline uint32_t nid_type(uint32_t nid)
{
	return nid & MAPI_NID_TYPE;
}

static inline bool nid_is_folder(uint32_t nid)
{
	return nid_type(nid) == MAPI_NID_FOLDER ||
	       nid_type(nid) == MAPI_NID_SEARCH_FOLDER;
}

static inline bool nid_is_message(uint32_t nid)
{
	return nid_type(nid) == MAPI_NID_MESSAGE ||
	       nid_type(nid) == MAPI_NID_ASSOCIATED;
}

static inline bool nid_is_recovered(uint32_t nid)
{
	return nid_type(nid) == MAPI_NID_RECOVERED ||
	       nid_type(nid) == MAPI_NID_RECOVERED_PFF;
}

/* A message, wherever it comes from: what has a file and attachments. */
static inline bool nid_is_item(uint32_t nid)
{
	return nid_is_message(nid) || nid_is_recovered(nid);
}

/* True for what has properties and a number that is its own in the store. */
static inline bool nid_has_properties(uint32_t nid)
{
	return nid_is_folder(nid) || nid_is_item(nid) ||
	       nid == MAPI_NID_STORE || nid == MAPI_NID_NAMES;
}

/* How items are to be shown. */
static inline struct mail_options plan_options(const struct tree *t)
{
	return (struct mail_options){
		.inside = t->options.attachments == TREE_BESIDE
				  ? MAIL_BESIDE
				  : MAIL_ALL_INSIDE,
		.items = t->options.items,
		.calendar_inside = t->options.calendar_inside,
	};
}

/* The number of the directory of ours, INO_GATHERED or so, in that of items. */
static inline uint64_t ino_inside(enum ino_kind kind, struct ino dir)
{
	return ino_make((enum ino_kind)(kind + (dir.kind == INO_FOUND)),
			dir.nid, 0);
}

/*
 * times.c
 */

/* Set times to those of `o`; where it lacks them, or is NULL, the store's. */
void stat_times(const struct tree *t, struct store_object *o,
		struct tree_node *out);

/* Those of attachment `index` of `owner`: the message in it, or `owner`. */
void stat_attachment_times(const struct tree *t, struct store_object *owner,
			   size_t index, struct tree_node *out);

/* Those of an item or attachment, by its number. */
enum ost_status stat_thing_times(struct tree *t, struct ino i,
				 struct tree_node *out, struct ost_error *err);

/*
 * file.c
 */

/*
 * Set the size of file out->ino, 1 if it is damaged beyond planning, and its
 * times.
 */
enum ost_status file_stat(struct tree *t, struct tree_node *out,
			  struct ost_error *err);

/* Plan item `ino` and keep the plan. Returns what that costs, at least 1. */
size_t file_plan(struct tree *t, uint64_t ino);

/*
 * control.c
 */
#define CONTROL_NAME	  ".ostfs"
#define CONTROL_MAPI_NAME "mapi"

/*
 * What an inode number of the control directory names. With a NID, it is the
 * properties of the thing at `place` - CONTROL_MAPI.
 */
enum control_place {
	CONTROL_TOP,
	CONTROL_MAPI,  /* the directory of properties, which is not listed */
	CONTROL_FILES, /* the first of the files */
};

struct source;

/* The files of the control directory, none of them made yet; NULL: no memory */
struct controls *controls_new(const struct tree_options *options);
void controls_free(struct controls *c); /* NULL is fine */

/* The file at `place` of the control directory, or NULL. */
const struct tree_control *control_at(const struct tree *t, uint32_t place);
/* What is called `name` in the control directory, its place; 0: nothing is. */
uint32_t control_find(const struct tree *t, const char *name);
/* The media type of a file that is in the control directory or below it. */
const char *control_type(const struct tree *t, struct ino i);
/* What is in it, made if need be; on loan for the life of the tree. */
enum ost_status control_open(struct tree *t, uint32_t place,
			     struct source **out, struct ost_error *err);

/* info.c: make info.json, as tree.h says of struct tree_control. */
enum ost_status info_make(void *arg, struct tree *t, struct buf *text, int *fd,
			  struct ost_error *err);

#endif
