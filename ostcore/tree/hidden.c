/*
 * hidden.c - folders that Outlook does not show
 *
 * Those of its settings and of services ("Quick Step Settings", "Yammer Root")
 * are hidden and as a rule hold nothing. What holds a message is never left
 * out.
 */
#include "tree/folder.h"

#include "bytes/seen.h"

/* How many folders are looked into; of more it is not said that all are empty.
 */
enum { FOLDERS_MAX = 256 };

struct look {
	struct seen_set seen;
	struct buf nids; /* to look into */
	size_t count;
	bool empty;
};

static void look_meet(struct look *l, uint32_t nid)
{
	if (!seen_add(&l->seen, nid))
		return;
	buf_add(&l->nids, &nid, sizeof(nid));
	l->empty = l->empty && ++l->count <= FOLDERS_MAX;
}

/* It lists no message, and says that it has none. */
static void look_messages(struct look *l, struct store_object *o)
{
	struct store_object *message = NULL;
	struct ost_error err;

	if (store_child(o, STORE_MESSAGES, 0, &message, &err) !=
		    OST_NOT_FOUND ||
	    store_number(o, MAPI_CONTENT_COUNT, 0) != 0)
		l->empty = false;
	store_drop(message);
}

static enum ost_status look_into(struct look *l, struct store_object *o,
				 struct ost_error *err)
{
	enum ost_status st = OST_OK;

	look_messages(l, o);
	for (size_t i = 0; l->empty; i++) {
		struct store_object *child = NULL;

		st = store_child(o, STORE_FOLDERS, i, &child, err);
		if (st == OST_OK)
			look_meet(l, child->id.nid);
		store_drop(child);
		if (st == OST_NOT_FOUND)
			return OST_OK;
		if (st != OST_OK)
			l->empty = false;
	}
	return ost_is_internal(st) ? st : OST_OK;
}

static enum ost_status look_below(struct look *l, struct store *s,
				  struct ost_error *err)
{
	enum ost_status st = OST_OK;

	for (size_t at = 0; st == OST_OK && l->empty && at < l->nids.len;
	     at += sizeof(uint32_t)) {
		struct store_id id = { 0 };
		struct store_object *o = NULL;

		memcpy(&id.nid, l->nids.at + at, sizeof(id.nid));
		st = store_get(s, id, &o, err);
		if (st == OST_OK)
			st = look_into(l, o, err);
		else
			l->empty = false;
		store_drop(o);
	}
	return ost_is_internal(st) ? st : OST_OK;
}

enum ost_status hidden_is_empty(struct store_object *o, bool *is,
				struct ost_error *err)
{
	struct look l = { .empty = true };
	enum ost_status st = OST_OK;

	*is = false;
	if (store_number(o, MAPI_ATTRIBUTE_HIDDEN, 0) == 0)
		return OST_OK;
	(void)seen_add(&l.seen, o->id.nid);
	st = look_into(&l, o, err);
	if (st == OST_OK)
		st = look_below(&l, o->store, err);
	if (st == OST_OK && (l.nids.bad || l.seen.bad))
		st = ost_no_memory(err);
	*is = st == OST_OK && l.empty;
	buf_free(&l.nids);
	seen_free(&l.seen);
	return st;
}
