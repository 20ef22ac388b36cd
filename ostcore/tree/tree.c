#include <stdlib.h>

#include "bytes/source.h"
#include "tree/attachment_index.h"
#include "tree/folder.h"
#include "tree/found.h"
#include "tree/homes.h"
#include "tree/recovered.h"

enum {
	FOLDERS_KEPT = 8 << 20, /* bytes */
	ATTACHMENT_INDEXES_KEPT = 8 << 20,
	ATTRS_KEPT = 1 << 20,
	PLANS_KEPT = 12 << 20, /* unless options say else */
	READAHEAD_SHARE = 4,   /* of them, made before they are asked for */
};

enum ost_status tree_new(struct tree **out, struct store *store,
			 const struct tree_options *options,
			 struct ost_error *err)
{
	const size_t plans = options->plans > 0 ? options->plans : PLANS_KEPT;
	struct tree *t = calloc(1, sizeof(*t));

	*out = NULL;
	if (t == NULL) {
		store_close(store);
		return ost_no_memory(err);
	}
	t->store = store;
	t->options = *options;
	t->folders = lru_new(FOLDERS_KEPT);
	t->attachment_indexes = lru_new(ATTACHMENT_INDEXES_KEPT);
	t->attrs = lru_new(ATTRS_KEPT);
	t->files = lru_new(plans);
	t->sizes = size_cache_new();
	t->controls = controls_new(options);
	t->homes = homes_new();
	t->found = found_new();
	t->recovered = recovered_new();
	t->readahead =
		readahead_new(t, options->readahead, plans / READAHEAD_SHARE);
	if (t->readahead == NULL || t->folders == NULL ||
	    t->attachment_indexes == NULL || t->files == NULL ||
	    t->attrs == NULL || t->sizes == NULL || t->controls == NULL ||
	    t->homes == NULL || t->found == NULL || t->recovered == NULL) {
		tree_free(t);
		return ost_no_memory(err);
	}
	if (mail_directory_open(store, options->addrmap, err) != OST_OK) {
		tree_free(t);
		return OST_NO_MEMORY;
	}
	t->root =
		options->whole_store ? MAPI_NID_ROOT_FOLDER : root_find(store);
	*out = t;
	return OST_OK;
}

void tree_free(struct tree *t)
{
	if (t == NULL)
		return;
	readahead_free(t->readahead);
	lru_free(t->files); /* plans hold objects of the store */
	lru_free(t->attrs);
	lru_free(t->attachment_indexes);
	lru_free(t->folders);
	size_cache_free(t->sizes);
	controls_free(t->controls);
	homes_free(t->homes);
	found_free(t->found);
	recovered_free(t->recovered);
	store_close(t->store);
	free(t);
}

void tree_start(struct tree *t)
{
	mail_directory_start(t->store);
}

struct store *tree_store(struct tree *t)
{
	return t->store;
}

const struct tree_options *tree_shape(const struct tree *t)
{
	return &t->options;
}

void tree_begin(struct tree *t)
{
	(void)t;
	source_defer();
}

enum ost_status tree_end(struct tree *t, enum ost_status st,
			 struct ost_error *err)
{
	struct ost_error why;

	if (!source_settle() || store_check(t->store, &why) == OST_OK)
		return st;
	*err = why;
	return OST_IO;
}

uint64_t tree_properties(const struct tree *t, uint64_t ino)
{
	const struct ino i = ino_split(t, ino);

	return ino_make(INO_CONTROL, i.nid, i.place + CONTROL_MAPI);
}

struct tree_what tree_what(const struct tree *t, uint64_t ino)
{
	const struct ino i = ino_split(t, ino);
	struct tree_what what = { TREE_CONTROL, i.nid, 0 };

	if (i.kind == INO_LOST)
		what.kind = found_is_dir(i)	  ? TREE_FOUND
			    : recovered_is_dir(i) ? TREE_RECOVERED
						  : TREE_UNREADABLE;
	else if (i.kind == INO_BESIDE)
		what.kind = TREE_ATTACHMENTS;
	else if (i.kind == INO_THING && nid_is_folder(i.nid))
		what.kind = TREE_FOLDER;
	else if (i.kind == INO_THING)
		what.kind = i.place > 0 ? TREE_ATTACHMENT : TREE_ITEM;
	if (i.kind == INO_THING || i.kind == INO_BESIDE)
		what.place = i.place;
	return what;
}

enum ost_status tree_inventory(struct tree *t, const struct inventory **out,
			       struct ost_error *err)
{
	return found_inventory(t, out, err);
}

uint64_t tree_bytes(const struct tree *t)
{
	return t->store->info.size;
}

void stat_times(const struct tree *t, struct store_object *o,
		struct tree_node *out)
{
	if (o == NULL || !mail_time(o, &out->mtime, &out->mtime_nsec)) {
		out->mtime = t->store->info.mtime;
		out->mtime_nsec = 0;
	}
	if (o == NULL || !mail_changed(o, &out->ctime, &out->ctime_nsec)) {
		out->ctime = out->mtime;
		out->ctime_nsec = out->mtime_nsec;
	}
}

/*
 * A folder's link count is 2 and its subdirectories, which Samba and find
 * count on; or 1, as on btrfs, where we do not know: a folder of messages
 * would have to open each to count the directories beside them, and the root
 * all the store to know if there is a Lost and found.
 */
static enum ost_status stat_folder(struct tree *t, uint32_t nid,
				   struct tree_node *out, struct ost_error *err)
{
	const struct store_id id = { nid, 0 };
	struct store_object *o = NULL;
	struct folder *f = NULL;
	enum ost_status st = store_get(t->store, id, &o, err);

	out->is_dir = true;
	out->nlink = 1;
	if (st == OST_OK && mail_changed(o, &out->ctime, &out->ctime_nsec)) {
		out->mtime = out->ctime;
		out->mtime_nsec = out->ctime_nsec;
	} else {
		stat_times(t, NULL, out);
	}
	store_drop(o);
	if (st == OST_OK)
		st = folder_open(t, nid, &f, err);
	if (st == OST_OK && !f->unlisted && nid != t->root &&
	    (f->empty || (t->options.attachments == TREE_INSIDE &&
			  t->options.items == MAIL_ITEMS_EML)))
		out->nlink = (uint32_t)(2 + f->count);
	folder_drop(f);
	/* One that is damaged is there, but cannot be listed. */
	return st == OST_NOT_FOUND || ost_is_internal(st) ? st : OST_OK;
}

/* The directory beside the message at `place`, 0 being the item. */
static enum ost_status stat_beside(struct tree *t, struct ino i,
				   struct tree_node *out, struct ost_error *err)
{
	struct attachment_index *o = NULL;
	const struct attachment_index_node *node;
	enum ost_status st = attachment_index_open(t, i.nid, &o, err);

	out->is_dir = true;
	out->nlink = 2;
	if (st != OST_OK)
		return i.place == 0 && st != OST_NOT_FOUND &&
				       !ost_is_internal(st)
			       ? OST_OK
			       : st;
	node = attachment_index_at(o, i.place);
	if (i.place > 0 && (node == NULL || !node->has_beside))
		st = ost_fail(err, OST_NOT_FOUND, "no such directory");
	for (uint32_t p = i.place + 1; p <= o->count && st == OST_OK;
	     p = o->at[p - 1].end + 1) {
		if (o->at[p - 1].parent != i.place)
			break;
		out->nlink += o->at[p - 1].has_beside;
	}
	attachment_index_drop(o);
	return st;
}

/* A file that was attached has times of its own: when it was changed. */
static void stat_own_times(struct store_object *owner, size_t index,
			   struct tree_node *out)
{
	struct store_object *o = NULL;
	struct ost_error err;

	if (store_child(owner, STORE_ATTACHMENTS, index, &o, &err) == OST_OK &&
	    (mail_changed(o, &out->mtime, &out->mtime_nsec) ||
	     mail_time(o, &out->mtime, &out->mtime_nsec))) {
		out->ctime = out->mtime;
		out->ctime_nsec = out->mtime_nsec;
	}
	store_drop(o);
}

void stat_attachment_times(const struct tree *t, struct store_object *owner,
			   size_t index, struct tree_node *out)
{
	struct store_object *inner = NULL;
	struct ost_error err;

	if (mail_embedded(owner, index, &inner, &err) != OST_OK)
		inner = NULL;
	stat_times(t, inner != NULL ? inner : owner, out);
	if (inner == NULL)
		stat_own_times(owner, index, out);
	store_drop(inner);
}

enum ost_status stat_thing_times(struct tree *t, struct ino i,
				 struct tree_node *out, struct ost_error *err)
{
	const struct store_id id = { i.nid, 0 };
	struct store_object *o = NULL;
	size_t index = 0;
	enum ost_status st;

	if (i.place == 0)
		st = store_get(t->store, id, &o, err);
	else
		st = attachment_index_owner(t, i.nid, i.place, &o, &index, err);
	if (st == OST_OK && i.place > 0)
		stat_attachment_times(t, o, index, out);
	else
		stat_times(t, o, out);
	store_drop(o);
	/* An item may be listed, and not be there: its file says so. */
	return i.place > 0 || ost_is_internal(st) ? st : OST_OK;
}

/* The properties of a thing are there when it is, and have its times. */
static enum ost_status stat_properties(struct tree *t, struct ino i,
				       struct tree_node *out,
				       struct ost_error *err)
{
	const struct store_id id = { i.nid, 0 };
	const struct ino thing = { INO_THING, i.nid, i.place - CONTROL_MAPI };
	struct store_object *o = NULL;
	enum ost_status st;

	if (i.place < CONTROL_MAPI || !nid_has_properties(i.nid))
		return ost_fail(err, OST_NOT_FOUND, "%#x has no properties",
				i.nid);
	if (thing.place > 0)
		return stat_thing_times(t, thing, out, err);
	st = store_get(t->store, id, &o, err);
	if (st == OST_OK)
		stat_times(t, o, out);
	store_drop(o);
	/* Those of one that is damaged are there, but cannot be read. */
	return st == OST_NOT_FOUND || ost_is_internal(st) ? st : OST_OK;
}

static enum ost_status stat_control(struct tree *t, struct ino i,
				    struct tree_node *out,
				    struct ost_error *err)
{
	enum ost_status st = OST_OK;

	if (i.nid != 0)
		st = stat_properties(t, i, out, err);
	else if (!control_is_dir(i) && control_name(t, i.place) == NULL)
		st = ost_fail(err, OST_NOT_FOUND, "no such control file");
	if (st != OST_OK || !control_is_dir(i))
		return st == OST_OK ? file_stat(t, out, err) : st;
	out->is_dir = true;
	out->nlink = i.place == CONTROL_TOP ? 3 : 2;
	return OST_OK;
}

enum ost_status tree_stat(struct tree *t, uint64_t ino, struct tree_node *out,
			  struct ost_error *err)
{
	const struct ino i = ino_split(t, ino);
	enum ost_status st;

	*out = (struct tree_node){ .ino = ino, .nlink = 1 };
	stat_times(t, NULL, out);
	if (ino >> 52 != 0)
		return ost_fail(err, OST_NOT_FOUND, "not of this store");
	if (i.kind == INO_CONTROL)
		return stat_control(t, i, out, err);
	if (found_is_dir(i))
		return found_stat(t, i.nid, out, err);
	if (recovered_is_dir(i))
		return recovered_stat(t, i.nid, out, err);
	if (i.kind == INO_LOST)
		return file_stat(t, out, err);
	if (i.kind == INO_THING && i.place == 0 && nid_is_folder(i.nid))
		return stat_folder(t, i.nid, out, err);
	if (!nid_is_item(i.nid))
		return ost_fail(err, OST_NOT_FOUND, "no inode %#x", i.nid);
	if (i.kind == INO_THING)
		return file_stat(t, out, err);
	st = stat_thing_times(t, i, out, err);
	return st == OST_OK ? stat_beside(t, i, out, err) : st;
}
