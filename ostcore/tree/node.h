/*
 * node.h - private: the kinds of inode, a row each
 *
 * What differs from one kind of directory or file to another is in its row, a
 * struct node_ops, and in the file of that; nodes.c is the table, and node.c
 * knows no kind. ostcore/README.md says how to add one.
 */
#ifndef OST_TREE_NODE_H
#define OST_TREE_NODE_H

#include "tree/parts.h"

/* One call of tree_list(). */
struct listing {
	struct tree *t;
	uint64_t from; /* the place to go on from */
	tree_take *take;
	void *arg;
	bool full;     /* it took no more: end, with OST_OK */
	bool gathered; /* only what is in the one of ours inside */
};

/* Give one entry; the places after it begin at `next`. */
void listing_give(struct listing *l, const char *name, uint64_t ino,
		  bool is_dir, uint64_t next);

/* Entry of a directory of ours that is counted: an item, or a directory. */
struct dir_entry {
	uint32_t message; /* its NID; 0: the entry is a directory */
	uint64_t ino;	  /* of the directory */
	struct buf name;  /* of the directory; to be freed */
};

/* Entry `index` of the directory `dir`; OST_NOT_FOUND at and past the last. */
typedef enum ost_status dir_at(struct tree *t, uint32_t dir, size_t index,
			       struct dir_entry *out, struct ost_error *err);

/*
 * List such a directory, two places an entry; with `items`, there are messages
 * in it.
 */
enum ost_status listing_counted(struct listing *l, struct ino dir, bool items,
				dir_at *at, struct ost_error *err);

/* A file being made: what its bytes are of, one of the three, and its times. */
struct filling {
	struct tree *t;
	struct readahead *told; /* of an item that was missing, or NULL */
	struct tree_node *node;
	struct mail *mail;		 /* owned by who asks */
	struct source *source;		 /* on loan */
	const struct tree_control *live; /* on loan */
};

/* Whose the extended attributes of an inode are. */
enum node_attrs {
	ATTRS_NONE,
	ATTRS_FOLDER,
	ATTRS_ITEM,
	ATTRS_ATTACHMENT,
	ATTRS_CONTROL,
	ATTRS_PROPERTIES,
};

/* A kind. All functions are called with what is() says is of it. */
struct node_ops {
	enum tree_kind kind;
	enum node_attrs attrs;

	bool (*is)(const struct tree *t, struct ino i);
	/* `out` has the number, the times of the store, and one link. */
	enum ost_status (*stat)(struct tree *t, struct ino i,
				struct tree_node *out, struct ost_error *err);
	/* The directory it is in. `*out` is the root. NULL: that is it. */
	enum ost_status (*parent)(struct tree *t, struct ino i, uint64_t *out,
				  struct ost_error *err);

	/* Of a directory; NULL: it is a file. */
	enum ost_status (*list)(struct listing *l, struct ino dir,
				struct ost_error *err);
	enum ost_status (*lookup)(struct tree *t, struct ino dir,
				  const char *name, uint64_t *ino,
				  struct ost_error *err);
	/* As tree_readahead(); NULL: there is nothing to be gained. */
	void (*ahead)(struct tree *t, struct ino dir, uint64_t from);

	/* Of a file. */
	enum ost_status (*fill)(struct filling *f, struct ino i,
				struct ost_error *err);

	/*
	 * Of a directory of ours that is in folders of the store: its name,
	 * and its number in one of them, 0 where it is not. They are listed
	 * after the subfolders, in the order of the table, unless `hidden`.
	 */
	const char *name;
	uint64_t (*in)(struct tree *t, uint32_t folder);
	bool hidden;
	/* May no subfolder of `folder` have the name? Costs no look. */
	bool (*reserved)(const struct tree *t, uint32_t folder);
};

/* The row of `i`; NULL: no inode has that number. */
const struct node_ops *node_of(const struct tree *t, struct ino i);

/* All rows, and NULL; a tree has them as its `nodes`. */
extern const struct node_ops *const nodes[];

extern const struct node_ops node_folder;	/* node_folder.c */
extern const struct node_ops node_item;		/* node_item.c */
extern const struct node_ops node_attachment;	/* node_item.c */
extern const struct node_ops node_beside;	/* node_beside.c */
extern const struct node_ops node_unreadable;	/* lost.c */
extern const struct node_ops node_found;	/* found.c */
extern const struct node_ops node_recovered;	/* recovered.c */
extern const struct node_ops node_gathered;	/* node_gathered.c */
extern const struct node_ops node_cur;		/* node_gathered.c */
extern const struct node_ops node_new;		/* node_gathered.c */
extern const struct node_ops node_tmp;		/* node_gathered.c */
extern const struct node_ops node_control;	/* node_control.c */
extern const struct node_ops node_mapi;		/* node_control.c */
extern const struct node_ops node_control_file; /* node_control.c */
extern const struct node_ops node_properties;	/* node_control.c */

#endif
