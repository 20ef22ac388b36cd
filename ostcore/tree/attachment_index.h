/*
 * attachment_index.h - private: all the attachments of a message, in messages
 * in it too
 */
#ifndef OST_TREE_ATTACHMENT_INDEX_H
#define OST_TREE_ATTACHMENT_INDEX_H

#include "tree/parts.h"

/* One attachment. Its place is its number in the index, from 1. */
struct attachment_index_node {
	uint32_t parent; /* place of the message it is in; 0: the item */
	uint32_t index;	 /* in that message */
	uint32_t nid;	 /* unique in that message */
	uint32_t end;	 /* place of the last one inside it, or its own */
	bool is_message;
	bool has_beside; /* a message with attachments of its own */
	size_t name;	 /* in names of the index */
	size_t beside;	 /* the name of its directory, there too */
};

/* A name in one of its directories. */
struct attachment_index_name {
	size_t name;	/* in names of the index */
	uint32_t place; /* of what has it */
	bool is_beside; /* it is the directory of that */
};

/* Depth first; what is in a message follows it. Fixed once made. */
struct attachment_index {
	struct lru_entry base;
	struct attachment_index_node *at; /* that of place p is at[p - 1] */
	uint32_t count;
	struct attachment_index_name
		*sorted; /* all names, by directory and name */
	size_t name_count;
	struct buf names;
	struct mail_options options; /* how what is in it is shown */
};

/*
 * The attachment index of message `nid`. `*out` is shared:
 * attachment_index_drop(). OST_LIMIT: more attachments than there are places
 * for.
 */
enum ost_status attachment_index_open(struct tree *t, uint32_t nid,
				      struct attachment_index **out,
				      struct ost_error *err);
void attachment_index_drop(struct attachment_index *o); /* NULL is fine */

/* The attachment at `place`, or NULL. */
const struct attachment_index_node *
attachment_index_at(const struct attachment_index *o, uint32_t place);

/* What is called `name` in the directory of the message at `dir`, or NULL. */
const struct attachment_index_name *
attachment_index_find(const struct attachment_index *o, uint32_t dir,
		      const char *name);

/*
 * The message that the attachment at `place` of message `nid` is in. `*owner`
 * is owned; `*index` is the attachment's in it.
 */
enum ost_status attachment_index_owner(struct tree *t, uint32_t nid,
				       uint32_t place,
				       struct store_object **owner,
				       size_t *index, struct ost_error *err);

#endif
