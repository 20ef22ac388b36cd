/*
 * times.c - the times of files and directories
 */
#include "tree/attachment_index.h"

void stat_times(const struct tree *t, struct store_object *o,
		struct tree_node *out)
{
	if (o == NULL || !mail_time(o, &out->mtime, &out->mtime_nsec)) {
		out->mtime = store_info(t->store)->mtime;
		out->mtime_nsec = 0;
	}
	if (o == NULL || !mail_changed(o, &out->ctime, &out->ctime_nsec)) {
		out->ctime = out->mtime;
		out->ctime_nsec = out->mtime_nsec;
	}
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
