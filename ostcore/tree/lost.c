#include <stdio.h>
#include <stdlib.h>

#include "tree/folder.h"
#include "tree/gathered.h"
#include "tree/node.h"

bool list_is_lost(struct store_object *o, enum store_list list, size_t failed)
{
	struct store_object *second = NULL;
	struct ost_error err;
	enum ost_status st;

	if (failed > 0)
		return false;
	st = store_child(o, list, 1, &second, &err);
	if (st == OST_OK)
		store_drop(second);
	return st == OST_NOT_FOUND;
}

/*
 * In the inode number, `place` is the entry counted from 1, 0 for the whole
 * list, with LOST_MESSAGES to tell the two lists apart. Entries beyond
 * LOST_PLACE_MAX share that.
 */
uint64_t lost_entry(char name[LOST_NAME], uint32_t nid, enum store_list list,
		    int64_t index)
{
	const bool messages = list == STORE_MESSAGES;
	const char *what = messages ? "message" : "folder";
	const int64_t max = LOST_PLACE_MAX;
	const int64_t place = index + 1 < max ? index + 1 : max;

	if (index == LOST_LIST)
		snprintf(name, LOST_NAME, "Unreadable %ss", what);
	else
		snprintf(name, LOST_NAME, "Unreadable %s %lld", what,
			 (long long)index + 1);
	return ino_make(INO_LOST, nid,
			(uint32_t)place | (messages ? LOST_MESSAGES : 0));
}

static bool message_is_lost(struct store_object *folder, int64_t index)
{
	const size_t at = index == LOST_LIST ? 0 : (size_t)index;
	struct store_object *row = NULL;
	struct ost_error err;
	const enum ost_status st =
		store_child(folder, STORE_MESSAGES, at, &row, &err);
	const bool lost = st == OST_OK ? !nid_is_message(row->id.nid)
				       : st != OST_NOT_FOUND;

	if (st == OST_OK)
		store_drop(row);
	return lost &&
	       list_is_lost(folder, STORE_MESSAGES, at) == (index == LOST_LIST);
}

static bool is_lost(struct tree *t, uint32_t nid, enum store_list list,
		    int64_t index)
{
	const struct store_id id = { nid, 0 };
	struct store_object *o = NULL;
	struct folder *f = NULL;
	struct ost_error err;
	bool lost = false;

	if (list == STORE_FOLDERS) {
		if (folder_open(t, nid, &f, &err) == OST_OK)
			lost = index == LOST_LIST
				       ? f->unlisted
				       : folder_is_lost(f, (uint32_t)index);
		folder_drop(f);
		return lost;
	}
	if (store_get(t->store, id, &o, &err) == OST_OK)
		lost = message_is_lost(o, index);
	store_drop(o);
	return lost;
}

enum ost_status lost_find(struct tree *t, uint32_t nid, enum store_list list,
			  const char *name, uint64_t *ino,
			  struct ost_error *err)
{
	const char *number = strrchr(name, ' ');
	const long value = number != NULL ? strtol(number, NULL, 10) : 0;
	char known[LOST_NAME];

	const int64_t index = value > 0 ? value - 1 : LOST_LIST;

	*ino = lost_entry(known, nid, list, index);
	if (value >= 0 && value < INT32_MAX && strcmp(known, name) == 0 &&
	    is_lost(t, nid, list, index))
		return OST_OK;
	return ost_fail(err, OST_NOT_FOUND, "no such name");
}

_Static_assert((int)LIMIT_SUBFOLDERS + 1 < (int)LOST_PLACE_MAX,
	       "what is told of those beyond has a number of its own");

/* Why it is lost: try once more. Never OST_OK. */
static enum ost_status lost_fill(struct filling *f, struct ino i,
				 struct ost_error *err)
{
	const bool messages = (i.place & LOST_MESSAGES) != 0;
	const uint32_t place = i.place & (LOST_MESSAGES - 1);
	const struct store_id id = { i.nid, 0 };
	struct store_object *folder = NULL, *child = NULL;
	enum ost_status st = store_get(f->t->store, id, &folder, err);

	if (st == OST_OK)
		st = store_child(folder,
				 messages ? STORE_MESSAGES : STORE_FOLDERS,
				 place > 0 ? place - 1 : 0, &child, err);
	if (st == OST_OK && !messages && place == LIMIT_SUBFOLDERS + 1)
		st = ost_fail(err, OST_LIMIT, "it has more than %d",
			      LIMIT_SUBFOLDERS);
	if (st == OST_OK || st == OST_NOT_FOUND)
		st = ost_fail(err, OST_CORRUPT, "an entry of the wrong type");
	store_drop(folder);
	store_drop(child);
	return ost_within(err, st, "folder %#x: list of %ss", i.nid,
			  messages ? "message" : "folder");
}

static bool lost_is(const struct tree *t, struct ino i)
{
	(void)t;
	return i.kind == INO_LOST;
}

static enum ost_status lost_stat(struct tree *t, struct ino i,
				 struct tree_node *out, struct ost_error *err)
{
	(void)i;
	return file_stat(t, out, err);
}

static enum ost_status lost_parent(struct tree *t, struct ino i, uint64_t *out,
				   struct ost_error *err)
{
	(void)err;
	*out = ino_folder(t, i.nid);
	if (t->options.maildir && (i.place & LOST_MESSAGES) != 0)
		home_of_item(t, out);
	return OST_OK;
}

const struct node_ops node_unreadable = {
	.kind = TREE_UNREADABLE,
	.is = lost_is,
	.stat = lost_stat,
	.parent = lost_parent,
	.fill = lost_fill,
};
