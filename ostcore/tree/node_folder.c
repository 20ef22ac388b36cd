/*
 * node_folder.c - a folder of the store: subfolders, what is ours, items
 */
#include "tree/folder.h"
#include "tree/found.h"
#include "tree/homes.h"
#include "tree/item.h"
#include "tree/node.h"
#include "tree/recovered.h"

static bool folder_is(const struct tree *t, struct ino i)
{
	(void)t;
	return i.kind == INO_THING && i.place == 0 && nid_is_folder(i.nid);
}

/*
 * A folder's link count is 2 and its subdirectories, which Samba and find
 * count on; or 1, as on btrfs, where we do not know: a folder of messages
 * would have to open each to count the directories beside them, and the root
 * all the store to know if there is a Lost and found.
 */
static enum ost_status folder_stat(struct tree *t, struct ino i,
				   struct tree_node *out, struct ost_error *err)
{
	const struct store_id id = { i.nid, 0 };
	struct store_object *o = NULL;
	struct folder *f = NULL;
	enum ost_status st = store_get(t->store, id, &o, err);

	if (st == OST_OK && mail_changed(o, &out->ctime, &out->ctime_nsec)) {
		out->mtime = out->ctime;
		out->mtime_nsec = out->ctime_nsec;
	}
	store_drop(o);
	if (st == OST_OK)
		st = folder_open(t, i.nid, &f, err);
	if (st == OST_OK && !f->unlisted && i.nid != t->root &&
	    (f->empty || (t->options.attachments == TREE_INSIDE &&
			  t->options.items == MAIL_ITEMS_EML)))
		out->nlink =
			(uint32_t)(2 + f->count) + (t->options.maildir ? 3 : 0);
	folder_drop(f);
	/* One that is damaged is there, but cannot be listed. */
	return st == OST_NOT_FOUND || ost_is_internal(st) ? st : OST_OK;
}

/*
 * Listing
 */

static void give_lost(struct listing *l, uint32_t nid, enum store_list list,
		      int64_t index, uint64_t next)
{
	char name[LOST_NAME];
	const uint64_t ino = lost_entry(name, nid, list, index);

	listing_give(l, name, ino, false, next);
}

/* The items of a folder, whose places begin at `base`. */
static enum ost_status list_items(struct listing *l, struct store_object *o,
				  uint64_t base, struct ost_error *err)
{
	enum ost_status st = OST_OK;

	while (st == OST_OK && !l->full) {
		const uint64_t index = (l->from - base) / 2;
		const uint64_t file = base + 2 * index;
		struct store_object *row = NULL;
		bool all;

		st = store_child(o, STORE_MESSAGES, (size_t)index, &row, err);
		if (st == OST_NOT_FOUND)
			return OST_OK;
		if (ost_is_internal(st))
			return st;
		if (st == OST_OK && nid_is_message(row->id.nid)) {
			st = item_list(l, row, file, err);
		} else {
			all = list_is_lost(o, STORE_MESSAGES, (size_t)index);
			give_lost(l, o->id.nid, STORE_MESSAGES,
				  all ? LOST_LIST : (int64_t)index, file + 2);
			st = OST_OK;
		}
		store_drop(row);
	}
	return st;
}

/* The directories of ours, a place each from `base` on. Returns the next. */
static uint64_t list_ours(struct listing *l, uint32_t nid, uint64_t base)
{
	const struct node_ops *ops;

	for (size_t n = 0; (ops = l->t->nodes[n]) != NULL; n++) {
		const bool listed = ops->name != NULL && !ops->hidden;
		const uint64_t ino = listed ? ops->in(l->t, nid) : 0;

		if (ino == 0)
			continue;
		if (!l->full && l->from == base)
			listing_give(l, ops->name, ino, true, base + 1);
		base++;
	}
	return base;
}

static void list_subfolders(struct listing *l, const struct folder *f)
{
	const uint32_t nid = (uint32_t)f->base.key;
	const uint64_t all = f->count + f->lost_count;

	while (!l->full && l->from < f->count) {
		const size_t i = (size_t)l->from;

		listing_give(l, folder_name(f, i),
			     ino_folder(l->t, f->at[i].nid), true, i + 1);
	}
	while (!l->full && l->from < all)
		give_lost(l, nid, STORE_FOLDERS, f->lost[l->from - f->count],
			  l->from + 1);
	if (!l->full && l->from == all && f->unlisted)
		give_lost(l, nid, STORE_FOLDERS, LOST_LIST, all + 1);
}

/* The place where directories of ours begin, after the subfolders. */
static uint64_t first_ours(const struct folder *f)
{
	return f->count + f->lost_count + f->unlisted;
}

static enum ost_status folder_list(struct listing *l, struct ino dir,
				   struct ost_error *err)
{
	const struct store_id id = { dir.nid, 0 };
	struct store_object *o = NULL;
	struct folder *f = NULL;
	uint64_t first = 0;
	enum ost_status st = folder_open(l->t, dir.nid, &f, err);

	if (st == OST_OK) {
		list_subfolders(l, f);
		first = list_ours(l, dir.nid, first_ours(f));
	}
	/* In a Maildir they are in cur. */
	if (st == OST_OK && !l->full &&
	    (l->gathered || !l->t->options.maildir)) {
		st = store_get(l->t->store, id, &o, err);
		if (st == OST_OK)
			st = list_items(l, o, first, err);
		store_drop(o);
	}
	folder_drop(f);
	return st;
}

static void folder_ahead(struct tree *t, struct ino dir, uint64_t from)
{
	struct listing none = { .t = t, .full = true };
	struct folder *f = NULL;
	struct ost_error err;
	uint64_t base;

	if (folder_open(t, dir.nid, &f, &err) != OST_OK)
		return;
	base = list_ours(&none, dir.nid, first_ours(f));
	readahead_sizes(t->readahead, dir.nid,
			from > base ? (from - base) / 2 : 0);
	folder_drop(f);
}

/*
 * Names
 */

/* The number of what is called `name` and is ours, or 0. */
static uint64_t find_ours(struct tree *t, uint32_t folder, const char *name)
{
	const struct node_ops *ops;

	for (size_t n = 0; (ops = t->nodes[n]) != NULL; n++)
		if (ops->name != NULL && strcmp(ops->name, name) == 0)
			return ops->in(t, folder);
	return 0;
}

static enum ost_status folder_lookup(struct tree *t, struct ino dir,
				     const char *name, uint64_t *ino,
				     struct ost_error *err)
{
	const struct folder_child *child;
	struct folder *f = NULL;
	enum ost_status st;

	*ino = find_ours(t, dir.nid, name);
	if (*ino != 0)
		return OST_OK;
	st = folder_open(t, dir.nid, &f, err);
	if (st != OST_OK)
		return st;
	child = folder_find(f, name);
	if (child != NULL)
		*ino = ino_folder(t, child->nid);
	else
		st = item_find(t, dir.nid, false, name, ino, err);
	folder_drop(f);
	if (st == OST_NOT_FOUND)
		st = lost_find(t, dir.nid, STORE_FOLDERS, name, ino, err);
	if (st == OST_NOT_FOUND && !t->options.maildir)
		st = lost_find(t, dir.nid, STORE_MESSAGES, name, ino, err);
	return st;
}

enum ost_status folder_of(struct tree *t, uint32_t nid, uint64_t *out,
			  struct ost_error *err)
{
	const struct store_id id = { nid, 0 };
	struct store_object *o = NULL;
	uint64_t home;
	enum ost_status st = store_get(t->store, id, &o, err);

	*out = TREE_ROOT; /* also of one that is listed, but not there */
	if (st == OST_OK && nid != t->root && nid_is_folder(o->parent))
		*out = ino_folder(t, o->parent);
	if (nid_is_folder(nid) && homes_known(t, nid) != 0)
		*out = ino_folder(t, homes_known(t, nid));
	if (nid != 0 && nid == t->shared)
		*out = TREE_ROOT;
	home = found_home(t, nid);
	if (home != 0)
		*out = home;
	if (nid_is_recovered(nid))
		*out = recovered_home(t, nid);
	store_drop(o);
	return ost_is_internal(st) ? st : OST_OK;
}

static enum ost_status folder_parent(struct tree *t, struct ino i,
				     uint64_t *out, struct ost_error *err)
{
	return folder_of(t, i.nid, out, err);
}

const struct node_ops node_folder = {
	.kind = TREE_FOLDER,
	.attrs = ATTRS_FOLDER,
	.is = folder_is,
	.stat = folder_stat,
	.parent = folder_parent,
	.list = folder_list,
	.lookup = folder_lookup,
	.ahead = folder_ahead,
};
