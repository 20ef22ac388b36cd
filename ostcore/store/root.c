/*
 * root.c - which folder is the top of what Outlook shows
 */
#include "store/root.h"

#include <stdlib.h>
#include <strings.h>

enum { ENTRYID_MAX = 4096, LOOKED_AT_MAX = 10000, DEPTH_MAX = 2 };

static bool is_of_folder(uint32_t nid)
{
	return (nid & MAPI_NID_TYPE) == MAPI_NID_FOLDER;
}

/*
 * The NID in an entry id of this store [MS-PST] 2.4.3.2: its last four bytes.
 * 0 when there is none.
 */
static uint32_t entryid_nid(struct store_object *o, uint16_t id)
{
	struct buf value = { 0 };
	struct ost_error err;
	uint32_t nid = 0;

	if (store_bytes(o, id, ENTRYID_MAX, &value, &err) == OST_OK &&
	    value.len == 24) {
		struct cursor c = cur_at(buf_span(&value), 20);

		nid = cur_u32(&c);
	}
	buf_free(&value);
	return nid;
}

/* The folder that holds folder `nid`; 0 when not known. */
static uint32_t holder(struct store *s, uint32_t nid)
{
	const struct store_id id = { nid, 0 };
	struct store_object *o = NULL;
	struct ost_error err;
	uint32_t parent = 0;

	if (is_of_folder(nid) && store_get(s, id, &o, &err) == OST_OK)
		parent = o->parent;
	store_drop(o);
	return parent;
}

static bool is_folder(struct store *s, uint32_t nid)
{
	const struct store_id id = { nid, 0 };
	struct store_object *o = NULL;
	struct ost_error err;
	const bool is =
		is_of_folder(nid) && store_get(s, id, &o, &err) == OST_OK;

	store_drop(o);
	return is;
}

/* By what the store object says: of itself, then of folders in the subtree. */
static uint32_t by_store(struct store *s)
{
	static const uint16_t inside[] = { MAPI_IPM_WASTEBASKET_ENTRYID,
					   MAPI_IPM_SENTMAIL_ENTRYID,
					   MAPI_IPM_OUTBOX_ENTRYID };
	const struct store_id id = { MAPI_NID_STORE, 0 };
	struct store_object *o = NULL;
	struct ost_error err;
	uint32_t nid;

	if (store_get(s, id, &o, &err) != OST_OK)
		return 0;
	nid = entryid_nid(o, MAPI_IPM_SUBTREE_ENTRYID);
	for (size_t i = 0; i < 3 && !is_folder(s, nid); i++)
		nid = holder(s, entryid_nid(o, inside[i]));
	store_drop(o);
	return is_folder(s, nid) ? nid : 0;
}

static bool is_called(struct store_object *folder, const char *const *names)
{
	struct buf name = { 0 };
	struct ost_error err;
	bool is = false;

	if (store_text(folder, MAPI_DISPLAY_NAME, &name, NULL, &err) == OST_OK)
		for (; *names != NULL && !is; names++)
			is = strcasecmp(buf_text(&name), *names) == 0;
	buf_free(&name);
	return is;
}

/* A search for the first folder with one of `names`. */
struct search {
	const char *const *names;
	unsigned left; /* folders still to be looked at */
};

/*
 * At most `depth` levels below `o`; 0: there is none. An .ost has a subtree
 * of public folders too, which is not the mailbox.
 */
static uint32_t by_name(struct store_object *o, struct search *by,
			unsigned depth)
{
	static const char *const public[] = { "Root - Public", NULL };
	struct store_object *child = NULL;
	struct ost_error err;
	uint32_t found = 0;

	for (size_t i = 0; by->left > 0 && found == 0; i++) {
		const enum ost_status st =
			store_child(o, STORE_FOLDERS, i, &child, &err);

		by->left--;
		if (st == OST_NOT_FOUND)
			break;
		if (st != OST_OK)
			continue;
		if (is_of_folder(child->id.nid) && !is_called(child, public))
			found = is_called(child, by->names) ? child->id.nid
				: depth > 1 ? by_name(child, by, depth - 1)
					    : 0;
		store_drop(child);
	}
	return found;
}

uint32_t root_find(struct store *s)
{
	static const char *const subtree[] = {
		"IPM_SUBTREE", "Top of Outlook data file",
		"Top of Personal Folders", "Top of Information Store", NULL
	};
	static const char *const inbox[] = { "Inbox", NULL };
	struct search by_subtree = { subtree, LOOKED_AT_MAX };
	struct search by_inbox = { inbox, LOOKED_AT_MAX };
	const struct store_id top = { MAPI_NID_ROOT_FOLDER, 0 };
	struct store_object *o = NULL;
	struct ost_error err;
	uint32_t nid = by_store(s);

	if (nid != 0 || store_get(s, top, &o, &err) != OST_OK)
		return nid != 0 ? nid : MAPI_NID_ROOT_FOLDER;
	nid = by_name(o, &by_subtree, DEPTH_MAX);
	if (nid == 0)
		nid = holder(s, by_name(o, &by_inbox, DEPTH_MAX + 1));
	store_drop(o);
	return nid != 0 ? nid : MAPI_NID_ROOT_FOLDER;
}

/* Does folder `nid`, or one that holds it, stand below `root`? */
static bool is_below(struct store *s, uint32_t nid, uint32_t root)
{
	enum { UP_MAX = 64 };

	for (unsigned i = 0; i < UP_MAX && nid != 0; i++) {
		if (nid == root)
			return true;
		if (nid == MAPI_NID_ROOT_FOLDER)
			return false;
		nid = holder(s, nid);
	}
	return false;
}

static bool holds_any(struct store_object *folder, enum store_list list)
{
	struct store_object *child = NULL;
	struct ost_error err;
	const enum ost_status st = store_child(folder, list, 0, &child, &err);

	store_drop(child);
	return st != OST_NOT_FOUND; /* what cannot be read is something, too */
}

uint32_t root_shared(struct store *s, uint32_t root)
{
	const struct store_id id = { MAPI_NID_OST_SHARED, 0 };
	struct store_object *o = NULL;
	struct ost_error err;
	bool is = false;

	if (root == MAPI_NID_ROOT_FOLDER ||
	    strcmp(store_info(s)->kind, "ost") != 0 ||
	    store_get(s, id, &o, &err) != OST_OK)
		return 0;
	is = !is_below(s, MAPI_NID_OST_SHARED, root) &&
	     (holds_any(o, STORE_FOLDERS) || holds_any(o, STORE_MESSAGES));
	store_drop(o);
	return is ? MAPI_NID_OST_SHARED : 0;
}
