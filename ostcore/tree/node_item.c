/*
 * node_item.c - the file of a message, and of an attachment
 */
#include "tree/attachment_index.h"
#include "tree/folder.h"
#include "tree/gathered.h"
#include "tree/node.h"

static bool item_is(const struct tree *t, struct ino i)
{
	(void)t;
	return i.kind == INO_THING && i.place == 0 && nid_is_item(i.nid);
}

static enum ost_status thing_stat(struct tree *t, struct ino i,
				  struct tree_node *out, struct ost_error *err)
{
	(void)i;
	return file_stat(t, out, err);
}

static enum ost_status item_parent(struct tree *t, struct ino i, uint64_t *out,
				   struct ost_error *err)
{
	const enum ost_status st = folder_of(t, i.nid, out, err);

	if (st == OST_OK && t->options.maildir)
		home_of_item(t, out);
	return st;
}

/* The times of a file, while its plan is made: the item is open now. */
static enum ost_status item_fill(struct filling *f, struct ino i,
				 struct ost_error *err)
{
	struct tree *t = f->t;
	const struct mail_options options = plan_options(t);
	const struct store_id id = { i.nid, 0 };
	struct store_object *item = NULL;
	enum ost_status st = store_get(t->store, id, &item, err);

	if (st == OST_OK) {
		readahead_missed(f->told, item->parent, i.nid);
		stat_times(t, item, f->node);
		st = mail_plan(&f->mail, item, &options, err);
	}
	return st == OST_OK ? st : ost_within(err, st, "message %#x", i.nid);
}

const struct node_ops node_item = {
	.kind = TREE_ITEM,
	.attrs = ATTRS_ITEM,
	.is = item_is,
	.stat = thing_stat,
	.parent = item_parent,
	.fill = item_fill,
};

static bool attachment_is(const struct tree *t, struct ino i)
{
	(void)t;
	return i.kind == INO_THING && i.place > 0 && nid_is_item(i.nid);
}

enum ost_status attachment_dir(struct tree *t, struct ino i, uint64_t *out,
			       struct ost_error *err)
{
	struct attachment_index *o = NULL;
	const struct attachment_index_node *node;
	enum ost_status st = attachment_index_open(t, i.nid, &o, err);

	if (st != OST_OK)
		return st;
	node = attachment_index_at(o, i.place);
	if (node == NULL)
		st = ost_fail(err, OST_NOT_FOUND, "no such attachment");
	else
		*out = ino_make(INO_BESIDE, i.nid, node->parent);
	attachment_index_drop(o);
	return st;
}

static enum ost_status attachment_fill(struct filling *f, struct ino i,
				       struct ost_error *err)
{
	const struct mail_options options = plan_options(f->t);
	struct store_object *owner = NULL;
	size_t index;
	enum ost_status st;

	st = attachment_index_owner(f->t, i.nid, i.place, &owner, &index, err);
	if (st != OST_OK)
		return st;
	stat_attachment_times(f->t, owner, index, f->node);
	st = mail_plan_attachment(&f->mail, owner, index, &options, err);
	store_drop(owner);
	return st == OST_OK ? st
			    : ost_within(err, st, "message %#x: attachment %u",
					 i.nid, i.place);
}

const struct node_ops node_attachment = {
	.kind = TREE_ATTACHMENT,
	.attrs = ATTRS_ATTACHMENT,
	.is = attachment_is,
	.stat = thing_stat,
	.parent = attachment_dir,
	.fill = attachment_fill,
};
