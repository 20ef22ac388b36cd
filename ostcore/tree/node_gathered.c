/*
 * node_gathered.c - directories of ours in those that have items
 *
 * With -o attachments=folder Attachments, which has the directories of
 * attachments: a file manager puts directories first, and one beside each mail
 * would hide the mails. With -o layout=maildir cur, which has the items, and
 * new and tmp, which are empty. What is in one is asked of the directory that
 * has the items.
 */
#include "tree/gathered.h"

#include "tree/folder.h"
#include "tree/item.h"
#include "tree/node.h"

/* Is it the directory of ours with the name that begins its row? */
static bool is_inside(struct ino i, enum ino_kind kind)
{
	return (i.kind == kind &&
		(nid_is_folder(i.nid) || nid_is_recovered(i.nid))) ||
	       (int)i.kind == (int)kind + 1;
}

static bool gathered_is(const struct tree *t, struct ino i)
{
	return t->options.attachments == TREE_IN_FOLDER &&
	       is_inside(i, INO_GATHERED);
}

static bool cur_is(const struct tree *t, struct ino i)
{
	return t->options.maildir && is_inside(i, INO_CUR);
}

static bool new_is(const struct tree *t, struct ino i)
{
	return t->options.maildir && is_inside(i, INO_NEW);
}

static bool tmp_is(const struct tree *t, struct ino i)
{
	return t->options.maildir && is_inside(i, INO_TMP);
}

/* The directory that has the items. */
static struct ino items_dir(struct ino i)
{
	const bool found = (i.kind - INO_GATHERED) % 2 != 0;
	const enum ino_kind kind = found		     ? INO_FOUND
				   : nid_is_recovered(i.nid) ? INO_RECOVERED
							     : INO_THING;

	return (struct ino){ kind, i.nid, 0 };
}

static enum ost_status gathered_stat(struct tree *t, struct ino i,
				     struct tree_node *out,
				     struct ost_error *err)
{
	const struct ino dir = items_dir(i);
	const enum ost_status st = node_of(t, dir)->stat(t, dir, out, err);

	/* Those in Attachments are not counted: that takes a look at all. */
	out->nlink = t->options.maildir ? 2 : 1;
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

	if (st == OST_NOT_FOUND && folder != 0 && t->options.maildir)
		return lost_find(t, folder, STORE_MESSAGES, name, ino, err);
	/* What no folder lists is found by its number, wherever it is. */
	if (st != OST_OK || folder != 0)
		return st;
	st = folder_of(t, ino_split(t, *ino).nid, &up, err);
	if (st == OST_OK && up != ino_make(dir.kind, i.nid, 0))
		st = ost_fail(err, OST_NOT_FOUND, "no such name");
	return st;
}

static void gathered_ahead(struct tree *t, struct ino i, uint64_t from)
{
	const struct node_ops *ops = node_of(t, items_dir(i));

	if (ops->ahead != NULL)
		ops->ahead(t, items_dir(i), from);
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
	return has ? ino_inside(INO_GATHERED, dir) : 0;
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

/*
 * A Maildir has all three, whatever is in them
 */

static bool maildir_reserved(const struct tree *t, uint32_t folder)
{
	(void)folder;
	return t->options.maildir;
}

static uint64_t inside(const struct tree *t, enum ino_kind kind,
		       uint32_t folder)
{
	const struct ino dir = { INO_THING, folder, 0 };

	return t->options.maildir ? ino_inside(kind, dir) : 0;
}

static uint64_t cur_in(struct tree *t, uint32_t folder)
{
	return inside(t, INO_CUR, folder);
}

static uint64_t new_in(struct tree *t, uint32_t folder)
{
	return inside(t, INO_NEW, folder);
}

static uint64_t tmp_in(struct tree *t, uint32_t folder)
{
	return inside(t, INO_TMP, folder);
}

static enum ost_status empty_list(struct listing *l, struct ino dir,
				  struct ost_error *err)
{
	(void)l;
	(void)dir;
	(void)err;
	return OST_OK;
}

static enum ost_status empty_lookup(struct tree *t, struct ino dir,
				    const char *name, uint64_t *ino,
				    struct ost_error *err)
{
	(void)t;
	(void)dir;
	(void)ino;
	return ost_fail(err, OST_NOT_FOUND, "no %s", name);
}

const struct node_ops node_cur = {
	.kind = TREE_GATHERED,
	.is = cur_is,
	.stat = gathered_stat,
	.parent = gathered_parent,
	.list = gathered_list,
	.lookup = gathered_lookup,
	.ahead = gathered_ahead,
	.name = CUR_NAME,
	.in = cur_in,
	.reserved = maildir_reserved,
};

const struct node_ops node_new = {
	.kind = TREE_GATHERED,
	.is = new_is,
	.stat = gathered_stat,
	.parent = gathered_parent,
	.list = empty_list,
	.lookup = empty_lookup,
	.name = NEW_NAME,
	.in = new_in,
	.reserved = maildir_reserved,
};

const struct node_ops node_tmp = {
	.kind = TREE_GATHERED,
	.is = tmp_is,
	.stat = gathered_stat,
	.parent = gathered_parent,
	.list = empty_list,
	.lookup = empty_lookup,
	.name = TMP_NAME,
	.in = tmp_in,
	.reserved = maildir_reserved,
};
