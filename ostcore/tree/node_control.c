/*
 * node_control.c - .ostfs, its files, and the properties of things below it
 */
#include <stdio.h>
#include <stdlib.h>

#include "tree/attachment_index.h"
#include "tree/node.h"

static bool control_is(const struct tree *t, struct ino i)
{
	(void)t;
	return i.kind == INO_CONTROL && i.nid == 0 && i.place == CONTROL_TOP;
}

static enum ost_status control_stat(struct tree *t, struct ino i,
				    struct tree_node *out,
				    struct ost_error *err)
{
	(void)t;
	(void)err;
	out->nlink = i.place == CONTROL_TOP ? 3 : 2;
	return OST_OK;
}

static enum ost_status control_list(struct listing *l, struct ino dir,
				    struct ost_error *err)
{
	const struct tree_control *c;

	(void)dir;
	(void)err;
	if (l->from < CONTROL_MAPI)
		listing_give(l, CONTROL_MAPI_NAME,
			     ino_make(INO_CONTROL, 0, CONTROL_MAPI), true,
			     CONTROL_MAPI);
	for (uint32_t p = CONTROL_FILES;
	     (c = control_at(l->t, p)) != NULL && !l->full; p++)
		if (l->from < p)
			listing_give(l, c->name, ino_make(INO_CONTROL, 0, p),
				     false, p);
	return OST_OK;
}

static enum ost_status control_lookup(struct tree *t, struct ino dir,
				      const char *name, uint64_t *ino,
				      struct ost_error *err)
{
	uint32_t place = control_find(t, name);

	(void)dir;
	if (strcmp(name, CONTROL_MAPI_NAME) == 0)
		place = CONTROL_MAPI;
	*ino = ino_make(INO_CONTROL, 0, place);
	return place != 0 ? OST_OK
			  : ost_fail(err, OST_NOT_FOUND, "no such name");
}

static uint64_t control_in(struct tree *t, uint32_t folder)
{
	return folder == t->root ? ino_make(INO_CONTROL, 0, CONTROL_TOP) : 0;
}

const struct node_ops node_control = {
	.kind = TREE_CONTROL,
	.is = control_is,
	.stat = control_stat,
	.list = control_list,
	.lookup = control_lookup,
	.name = CONTROL_NAME,
	.in = control_in,
	.hidden = true,
};

/*
 * .ostfs/mapi: has as many files as the store has objects, and lists none
 */

static bool mapi_is(const struct tree *t, struct ino i)
{
	(void)t;
	return i.kind == INO_CONTROL && i.nid == 0 && i.place == CONTROL_MAPI;
}

static enum ost_status in_control(struct tree *t, struct ino i, uint64_t *out,
				  struct ost_error *err)
{
	(void)t;
	(void)i;
	(void)err;
	*out = ino_make(INO_CONTROL, 0, CONTROL_TOP);
	return OST_OK;
}

static enum ost_status mapi_list(struct listing *l, struct ino dir,
				 struct ost_error *err)
{
	(void)l;
	(void)dir;
	(void)err;
	return OST_OK;
}

/* "200024.json", spelled as it is in names of items, and in no other way. */
static enum ost_status mapi_lookup(struct tree *t, struct ino dir,
				   const char *name, uint64_t *ino,
				   struct ost_error *err)
{
	const uint32_t nid = (uint32_t)strtoul(name, NULL, 16);
	char known[32];

	(void)t;
	(void)dir;
	snprintf(known, sizeof(known), "%x.json", nid);
	if (strcmp(known, name) != 0 || !nid_has_properties(nid))
		return ost_fail(err, OST_NOT_FOUND, "no such name");
	*ino = ino_make(INO_CONTROL, nid, CONTROL_MAPI);
	return OST_OK;
}

const struct node_ops node_mapi = {
	.kind = TREE_CONTROL,
	.is = mapi_is,
	.stat = control_stat,
	.parent = in_control,
	.list = mapi_list,
	.lookup = mapi_lookup,
};

/*
 * Files in .ostfs
 */

static bool control_file_is(const struct tree *t, struct ino i)
{
	return i.kind == INO_CONTROL && i.nid == 0 &&
	       control_at(t, i.place) != NULL;
}

static enum ost_status control_file_stat(struct tree *t, struct ino i,
					 struct tree_node *out,
					 struct ost_error *err)
{
	const struct tree_control *c = control_at(t, i.place);

	if (c->live_size == NULL)
		return file_stat(t, out, err);
	out->live = true;
	out->size = c->live_size(c->arg, &out->mtime, &out->mtime_nsec);
	out->ctime = out->mtime;
	out->ctime_nsec = out->mtime_nsec;
	return OST_OK;
}

static enum ost_status control_file_fill(struct filling *f, struct ino i,
					 struct ost_error *err)
{
	const struct tree_control *c = control_at(f->t, i.place);

	if (c->live_size == NULL)
		return control_open(f->t, i.place, &f->source, err);
	f->live = c;
	return OST_OK;
}

const struct node_ops node_control_file = {
	.kind = TREE_CONTROL,
	.attrs = ATTRS_CONTROL,
	.is = control_file_is,
	.stat = control_file_stat,
	.parent = in_control,
	.fill = control_file_fill,
};

/*
 * The properties of a thing, which is at the place and CONTROL_MAPI
 */

static bool properties_is(const struct tree *t, struct ino i)
{
	(void)t;
	return i.kind == INO_CONTROL && i.nid != 0 && i.place >= CONTROL_MAPI &&
	       nid_has_properties(i.nid);
}

static enum ost_status properties_parent(struct tree *t, struct ino i,
					 uint64_t *out, struct ost_error *err)
{
	(void)t;
	(void)i;
	(void)err;
	*out = ino_make(INO_CONTROL, 0, CONTROL_MAPI);
	return OST_OK;
}

/* They are there when the thing is, and have its times. */
static enum ost_status thing_times(struct tree *t, struct ino i,
				   struct tree_node *out, struct ost_error *err)
{
	const struct store_id id = { i.nid, 0 };
	const struct ino thing = { INO_THING, i.nid, i.place - CONTROL_MAPI };
	struct store_object *o = NULL;
	enum ost_status st;

	if (thing.place > 0)
		return stat_thing_times(t, thing, out, err);
	st = store_get(t->store, id, &o, err);
	if (st == OST_OK)
		stat_times(t, o, out);
	store_drop(o);
	/* Those of one that is damaged are there, but cannot be read. */
	return st == OST_NOT_FOUND || ost_is_internal(st) ? st : OST_OK;
}

static enum ost_status properties_stat(struct tree *t, struct ino i,
				       struct tree_node *out,
				       struct ost_error *err)
{
	const enum ost_status st = thing_times(t, i, out, err);

	return st == OST_OK ? file_stat(t, out, err) : st;
}

static enum ost_status open_attachment(struct filling *f, struct ino i,
				       struct store_object **out,
				       struct ost_error *err)
{
	struct store_object *owner = NULL;
	size_t index;
	enum ost_status st = attachment_index_owner(f->t, i.nid, i.place,
						    &owner, &index, err);

	if (st != OST_OK)
		return st;
	stat_attachment_times(f->t, owner, index, f->node);
	st = store_child(owner, STORE_ATTACHMENTS, index, out, err);
	store_drop(owner);
	return st;
}

static enum ost_status properties_fill(struct filling *f, struct ino i,
				       struct ost_error *err)
{
	const struct ino thing = { INO_THING, i.nid, i.place - CONTROL_MAPI };
	const struct store_id id = { i.nid, 0 };
	struct store_object *o = NULL;
	enum ost_status st;

	if (thing.place > 0) {
		st = open_attachment(f, thing, &o, err);
	} else {
		st = store_get(f->t->store, id, &o, err);
		if (st == OST_OK)
			stat_times(f->t, o, f->node);
	}
	if (st == OST_OK)
		st = mail_plan_properties(&f->mail, o, err);
	return st == OST_OK ? st
			    : ost_within(err, st, "properties of %#x", i.nid);
}

const struct node_ops node_properties = {
	.kind = TREE_CONTROL,
	.attrs = ATTRS_PROPERTIES,
	.is = properties_is,
	.stat = properties_stat,
	.parent = properties_parent,
	.fill = properties_fill,
};
