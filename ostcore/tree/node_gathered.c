/*
 * node_gathered.c - Attachments: a folder's directories of attachments in one
 *
 * With -o attachments=folder, for who looks with a file manager: it puts
 * directories first, and one beside each mail would hide the mails. What is
 * in it is asked of the directory that has the items.
 */
#include "tree/folder.h"
#include "tree/item.h"
#include "tree/node.h"

static bool gathered_is(const struct tree *t, struct ino i)
{
	return t->options.attachments == TREE_IN_FOLDER &&
	       ((i.kind == INO_GATHERED &&
		 (nid_is_folder(i.nid) || nid_is_recovered(i.nid))) ||
		i.kind == INO_GATHERED_FOUND);
}

/* The directory that has the items. */
static struct ino items_dir(struct ino i)
{
	const enum ino_kind kind = i.kind == INO_GATHERED_FOUND ? INO_FOUND
				   : nid_is_recovered(i.nid)	? INO_RECOVERED
								: INO_THING;

	return (struct ino){ kind, i.nid, 0 };
}

static enum ost_status gathered_stat(struct tree *t, struct ino i,
				     struct tree_node *out,
				     struct ost_error *err)
{
	const struct ino dir = items_dir(i);
	const enum ost_status st = node_of(t, dir)->stat(t, dir, out, err);

	out->nlink = 1; /* not counted: that would take a look at all items */
	return st;
}

static enum ost_status gathered_parent(struct tree *t, struct ino i,
				       uint64_t *out, struct ost_error *err)
{
	const struct ino dir = items_dir(i);

	(void)err;
	*out = dir.kind == INO_THING ? ino_folder(t, i.nid)
				     : ino_make(dir.kind, i.nid, 0);
	return OST_OK;
}

static enum ost_status gathered_list(struct listing *l, struct ino i,
				     struct ost_error *err)
{
	const struct ino dir = items_dir(i);

	l->gathered = true;
	return node_of(l->t, dir)->list(l, dir, err);
}

static enum ost_status gathered_lookup(struct tree *t, struct ino i,
				       const char *name, uint64_t *ino,
				       struct ost_error *err)
{
	const struct ino dir = items_dir(i);
	const uint32_t folder = dir.kind == INO_THING ? i.nid : 0;
	uint64_t up = 0;
	enum ost_status st = item_find(t, folder, true, name, ino, err);

	/* What no folder lists is found by its number, wherever it is. */
	if (st != OST_OK || folder != 0)
		return st;
	st = folder_of(t, ino_split(t, *ino).nid, &up, err);
	if (st == OST_OK && up != ino_make(dir.kind, i.nid, 0))
		st = ost_fail(err, OST_NOT_FOUND, "no such name");
	return st;
}

static bool gathered_reserved(const struct tree *t, uint32_t folder)
{
	(void)folder;
	return t->options.attachments == TREE_IN_FOLDER;
}

/* Where there are no items nothing is to be gathered. */
static uint64_t gathered_in(struct tree *t, uint32_t folder)
{
	const struct ino dir = { INO_THING, folder, 0 };
	struct folder *f = NULL;
	struct ost_error err;
	bool has = false;

	if (t->options.attachments != TREE_IN_FOLDER)
		return 0;
	if (folder_open(t, folder, &f, &err) == OST_OK)
		has = !f->empty;
	folder_drop(f);
	return has ? gathered_ino(dir) : 0;
}

const struct node_ops node_gathered = {
	.kind = TREE_GATHERED,
	.is = gathered_is,
	.stat = gathered_stat,
	.parent = gathered_parent,
	.list = gathered_list,
	.lookup = gathered_lookup,
	.name = GATHERED_NAME,
	.in = gathered_in,
	.reserved = gathered_reserved,
};
