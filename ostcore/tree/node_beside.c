/*
 * node_beside.c - the directory of a message's attachments, beside its file
 */
#include "tree/attachment_index.h"
#include "tree/folder.h"
#include "tree/gathered.h"
#include "tree/node.h"

static bool beside_is(const struct tree *t, struct ino i)
{
	(void)t;
	return i.kind == INO_BESIDE && nid_is_item(i.nid);
}

/* Its link count, `o` being the attachments, and whether it is there. */
static enum ost_status count_links(const struct attachment_index *o,
				   uint32_t place, struct tree_node *out,
				   struct ost_error *err)
{
	const struct attachment_index_node *node =
		attachment_index_at(o, place);

	if (place > 0 && (node == NULL || !node->has_beside))
		return ost_fail(err, OST_NOT_FOUND, "no such directory");
	for (uint32_t p = place + 1; p <= o->count; p = o->at[p - 1].end + 1) {
		if (o->at[p - 1].parent != place)
			break;
		out->nlink += o->at[p - 1].has_beside;
	}
	return OST_OK;
}

/* Beside the message at the place, 0 being the item. */
static enum ost_status beside_stat(struct tree *t, struct ino i,
				   struct tree_node *out, struct ost_error *err)
{
	struct attachment_index *o = NULL;
	enum ost_status st = stat_thing_times(t, i, out, err);

	if (st != OST_OK)
		return st;
	out->nlink = 2;
	st = attachment_index_open(t, i.nid, &o, err);
	if (st == OST_OK)
		st = count_links(o, i.place, out, err);
	else if (i.place == 0 && st != OST_NOT_FOUND && !ost_is_internal(st))
		st = OST_OK;
	attachment_index_drop(o);
	return st;
}

static enum ost_status beside_parent(struct tree *t, struct ino i,
				     uint64_t *out, struct ost_error *err)
{
	enum ost_status st;

	if (i.place > 0)
		return attachment_dir(t, i, out, err);
	st = folder_of(t, i.nid, out, err);
	if (st == OST_OK && t->options.attachments == TREE_IN_FOLDER)
		home_of_item(t, out);
	return st;
}

/*
 * Places here: 2p is the file at place p of the index, 2p + 1 its directory.
 */
static enum ost_status beside_list(struct listing *l, struct ino dir,
				   struct ost_error *err)
{
	struct attachment_index *o = NULL;
	const struct attachment_index_node *node;
	enum ost_status st = attachment_index_open(l->t, dir.nid, &o, err);

	if (st != OST_OK)
		return st;
	if (l->from == 0)
		l->from = 2 * ((uint64_t)dir.place + 1);
	while (!l->full && l->from / 2 <= o->count) {
		const uint32_t place = (uint32_t)(l->from / 2);

		node = attachment_index_at(o, place);
		if (node == NULL || node->parent != dir.place)
			break;
		if (l->from % 2 == 0)
			listing_give(l, o->names.at + node->name,
				     ino_make(INO_THING, dir.nid, place), false,
				     l->from + 1);
		else if (node->has_beside)
			listing_give(l, o->names.at + node->beside,
				     ino_make(INO_BESIDE, dir.nid, place), true,
				     2 * ((uint64_t)node->end + 1));
		else
			l->from = 2 * ((uint64_t)node->end + 1);
	}
	attachment_index_drop(o);
	return OST_OK;
}

static enum ost_status beside_lookup(struct tree *t, struct ino dir,
				     const char *name, uint64_t *ino,
				     struct ost_error *err)
{
	struct attachment_index *o = NULL;
	const struct attachment_index_name *found;
	enum ost_status st = attachment_index_open(t, dir.nid, &o, err);

	if (st != OST_OK)
		return st;
	found = attachment_index_find(o, dir.place, name);
	if (found != NULL)
		*ino = ino_make(found->is_beside ? INO_BESIDE : INO_THING,
				dir.nid, found->place);
	attachment_index_drop(o);
	return found != NULL ? st
			     : ost_fail(err, OST_NOT_FOUND, "no such name");
}

const struct node_ops node_beside = {
	.kind = TREE_ATTACHMENTS,
	.is = beside_is,
	.stat = beside_stat,
	.parent = beside_parent,
	.list = beside_list,
	.lookup = beside_lookup,
};
