#include <stdio.h>
#include <stdlib.h>

#include "tree/attachment_index.h"
#include "tree/folder.h"
#include "tree/found.h"
#include "tree/homes.h"
#include "tree/item.h"
#include "tree/recovered.h"

static enum ost_status in_folder(struct tree *t, uint32_t nid, const char *name,
				 uint64_t *ino, struct ost_error *err)
{
	const struct folder_child *child;
	struct folder *f = NULL;
	enum ost_status st;

	if (nid == t->root && strcmp(name, CONTROL_NAME) == 0) {
		*ino = ino_make(INO_CONTROL, 0, CONTROL_TOP);
		return OST_OK;
	}
	if (nid == t->root && strcmp(name, FOUND_NAME) == 0 && found_any(t)) {
		*ino = found_ino(0);
		return OST_OK;
	}
	if (nid == t->root && strcmp(name, RECOVERED_NAME) == 0 &&
	    t->options.recovered) {
		*ino = recovered_ino(RECOVERED_TOP);
		return OST_OK;
	}
	st = folder_open(t, nid, &f, err);
	if (st != OST_OK)
		return st;
	child = folder_find(f, name);
	if (child != NULL)
		*ino = ino_folder(t, child->nid);
	else
		st = item_find(t, nid, name, ino, err);
	folder_drop(f);
	return st == OST_NOT_FOUND ? lost_find(t, nid, name, ino, err) : st;
}

static enum ost_status in_beside(struct tree *t, struct ino dir,
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

static enum ost_status in_control(const struct tree *t, const char *name,
				  uint64_t *ino, struct ost_error *err)
{
	const char *known = CONTROL_MAPI_NAME;

	for (uint32_t p = CONTROL_MAPI; known != NULL;
	     known = control_name(t, ++p)) {
		if (strcmp(known, name) != 0)
			continue;
		*ino = ino_make(INO_CONTROL, 0, p);
		return OST_OK;
	}
	return ost_fail(err, OST_NOT_FOUND, "no such name");
}

/* "200024.json", spelled as it is in names of items, and in no other way. */
static enum ost_status in_mapi(const char *name, uint64_t *ino,
			       struct ost_error *err)
{
	const uint32_t nid = (uint32_t)strtoul(name, NULL, 16);
	char known[32];

	snprintf(known, sizeof(known), "%x.json", nid);
	if (strcmp(known, name) != 0 || !nid_has_properties(nid))
		return ost_fail(err, OST_NOT_FOUND, "no such name");
	*ino = ino_make(INO_CONTROL, nid, CONTROL_MAPI);
	return OST_OK;
}

enum ost_status tree_lookup(struct tree *t, uint64_t dir, const char *name,
			    struct tree_node *out, struct ost_error *err)
{
	const struct ino i = ino_split(t, dir);
	uint64_t ino = 0;
	enum ost_status st;

	*out = (struct tree_node){ 0 };
	if (i.kind == INO_THING && i.place == 0 && nid_is_folder(i.nid))
		st = in_folder(t, i.nid, name, &ino, err);
	else if (i.kind == INO_BESIDE && nid_is_item(i.nid))
		st = in_beside(t, i, name, &ino, err);
	else if (found_is_dir(i))
		st = found_lookup(t, i.nid, name, &ino, err);
	else if (recovered_is_dir(i))
		st = recovered_lookup(t, i.nid, name, &ino, err);
	else if (dir == ino_make(INO_CONTROL, 0, CONTROL_TOP))
		st = in_control(t, name, &ino, err);
	else if (dir == ino_make(INO_CONTROL, 0, CONTROL_MAPI))
		st = in_mapi(name, &ino, err);
	else
		st = ost_fail(err, OST_NOT_FOUND, "not a directory");
	return st == OST_OK ? tree_stat(t, ino, out, err) : st;
}

enum ost_status tree_walk(struct tree *t, const char *path,
			  struct tree_node *out, struct ost_error *err)
{
	struct buf name = { 0 };
	enum ost_status st = tree_stat(t, TREE_ROOT, out, err);

	while (st == OST_OK && *path != '\0') {
		const size_t len = strcspn(path, "/");

		if (len > 0) {
			buf_cut(&name, 0);
			buf_add(&name, path, len);
			st = buf_status(&name, err);
		}
		if (len > 0 && st == OST_OK)
			st = tree_lookup(t, out->ino, buf_text(&name), out,
					 err);
		path += len + (path[len] == '/');
	}
	buf_free(&name);
	return st;
}

/* The folder that folder or item `nid` is in. */
static enum ost_status folder_of(struct tree *t, uint32_t nid, uint64_t *out,
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
	home = found_home(t, nid);
	if (home != 0)
		*out = home;
	if (nid_is_recovered(nid))
		*out = recovered_home(t, nid);
	store_drop(o);
	return ost_is_internal(st) ? st : OST_OK;
}

/* Where the attachment at `place`, or its directory, is. */
static enum ost_status beside_of(struct tree *t, struct ino i, uint64_t *out,
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

enum ost_status tree_parent(struct tree *t, uint64_t ino, uint64_t *out,
			    struct ost_error *err)
{
	const struct ino i = ino_split(t, ino);

	*out = TREE_ROOT;
	if (ino == TREE_ROOT)
		return OST_OK;
	if (i.kind == INO_CONTROL) {
		if (i.nid != 0)
			*out = ino_make(INO_CONTROL, 0, CONTROL_MAPI);
		else if (i.place != CONTROL_TOP)
			*out = ino_make(INO_CONTROL, 0, CONTROL_TOP);
		return OST_OK;
	}
	if (found_is_dir(i)) {
		if (i.nid != 0)
			*out = found_ino(0);
		return OST_OK;
	}
	if (recovered_is_dir(i)) {
		if (i.nid != RECOVERED_TOP)
			*out = recovered_ino(RECOVERED_TOP);
		return OST_OK;
	}
	if (i.kind == INO_LOST) {
		*out = ino_folder(t, i.nid);
		return OST_OK;
	}
	return i.place > 0 ? beside_of(t, i, out, err)
			   : folder_of(t, i.nid, out, err);
}
