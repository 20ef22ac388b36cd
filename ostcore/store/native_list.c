/*
 * native_list.c - what is in a folder, a message, an attachment, the store
 *                                                       [MS-PST] 2.4.4, 2.4.5
 */
#include <stdlib.h>

#include "store/limits.h"
#include "store/native.h"

enum {
	TYPE_HIERARCHY = 0x0D,
	TYPE_CONTENTS = 0x0E,
	TYPE_ASSOCIATED_CONTENTS = 0x0F,
	TYPE_SEARCH_CONTENTS = 0x10,
	NID_ATTACHMENTS = 0x671,
	NID_RECIPIENTS = 0x692,
};

/* Put a table first among the `count` in `all`; the last makes room. */
static void keep_table(struct native *n, struct kept *all, size_t count,
		       struct kept one)
{
	struct kept last;

	pthread_mutex_lock(&n->lock);
	last = all[count - 1];
	memmove(all + 1, all, (count - 1) * sizeof(*all));
	all[0] = one;
	all[0].table = ltp_table_keep(one.table);
	pthread_mutex_unlock(&n->lock);
	ltp_table_drop(last.table);
}

/* What is asked for is first from then on. */
static struct ltp_table *kept_table(struct native *n, struct kept *all,
				    size_t count, const struct ndb *db,
				    uint64_t number)
{
	struct kept found = { .table = NULL };
	size_t i = 0;

	pthread_mutex_lock(&n->lock);
	while (i < count && (all[i].table == NULL || all[i].db != db ||
			     all[i].number != number))
		i++;
	if (i < count) {
		found = all[i];
		memmove(all + 1, all, i * sizeof(*all));
		all[0] = found;
		(void)ltp_table_keep(found.table);
	}
	pthread_mutex_unlock(&n->lock);
	return found.table;
}

/* A table that is a node of its own, as a folder's are. `*out` is owned. */
static enum ost_status folder_table(struct store_core *s, uint32_t folder,
				    uint32_t type, struct ltp_table **out,
				    struct ost_error *err)
{
	struct native *n = native_of(s);
	const ndb_nid nid = { (folder & ~(uint32_t)MAPI_NID_TYPE) | type };
	struct ndb_node node;
	enum ost_status st;

	*out = kept_table(n, n->kept, NATIVE_TABLES_KEPT, n->db, nid.value);
	if (*out != NULL)
		return OST_OK;
	st = ndb_find(n->db, nid, &node, err);
	if (st == OST_OK)
		st = ltp_table_open(out, n->db, &node, n->rows_max, err);
	if (st == OST_OK)
		keep_table(n, n->kept, NATIVE_TABLES_KEPT,
			   (struct kept){ n->db, nid.value, *out });
	if (st != OST_UNSUPPORTED)
		return st;
	/* A search folder without a list of its own: nothing is lost. */
	return (folder & MAPI_NID_TYPE) == MAPI_NID_SEARCH_FOLDER
		       ? ost_none(err, "list of search folder", folder)
		       : OST_CORRUPT;
}

static uint32_t contents_type(uint32_t folder, bool associated)
{
	if (associated)
		return TYPE_ASSOCIATED_CONTENTS;
	return (folder & MAPI_NID_TYPE) == MAPI_NID_SEARCH_FOLDER
		       ? TYPE_SEARCH_CONTENTS
		       : TYPE_CONTENTS;
}

/*
 * A list whose table cannot be read ends after one error, which is told at
 * its start.
 */
static enum ost_status lost_list(enum ost_status st, size_t index,
				 struct ost_error *err)
{
	if (st == OST_OK || index == 0)
		return st;
	return ost_none(err, "entry", index);
}

/* A message of a folder whose table is lost, in place of its row. */
static enum ost_status by_parent_message(struct store_core *s, uint32_t folder,
					 enum native_by_parent is, size_t index,
					 bool by_id, struct store_object **out,
					 struct ost_error *err)
{
	struct native *n = native_of(s);
	struct ndb_node node;
	uint32_t nid = (uint32_t)index;
	enum ost_status st = OST_OK;

	if (!by_id)
		st = native_by_parent(n, folder, is, index, &nid, err);
	if (st == OST_OK)
		st = ndb_find(n->db, (ndb_nid){ nid }, &node, err);
	if (st == OST_OK && node.parent.value != folder)
		st = ost_none(err, "message", nid);
	if (st == OST_OK)
		st = native_node(s, n->db, &node, out, err);
	if (st == OST_OK)
		(*out)->id.folder = folder;
	return st;
}

/* A row of a folder's contents. */
enum ost_status native_listed(struct store_core *s, uint32_t folder,
			      bool associated, size_t index, bool by_id,
			      struct store_object **out, struct ost_error *err)
{
	const enum native_by_parent by_parent =
		associated ? BY_PARENT_ASSOCIATED : BY_PARENT_MESSAGE;
	struct ltp_table *table = NULL;
	struct ost_error why;
	uint32_t nid;
	enum ost_status st = folder_table(
		s, folder, contents_type(folder, associated), &table, err);

	if (native_heals(native_of(s), st) &&
	    native_by_parent(native_of(s), folder, by_parent, 0, &nid, &why) ==
		    OST_OK) {
		const enum ost_status of = by_parent_message(
			s, folder, by_parent, index, by_id, out, err);

		if (of == OST_OK)
			object_met(*out, st);
		return of;
	}
	if (!by_id)
		st = lost_list(st, index, err);
	if (st == OST_OK)
		st = native_row(s, table, index, by_id, folder, out, err);
	ltp_table_drop(table);
	return st;
}

/* Subfolder `index` of a folder whose list of them is lost. */
static enum ost_status by_parent_folder(struct object *o, size_t index,
					struct store_object **out,
					struct ost_error *err)
{
	struct store_core *s = o->base.core;
	struct ost_error why = *err;
	uint32_t nid;
	enum ost_status st =
		native_by_parent(native_of(s), o->node.nid.value,
				 BY_PARENT_FOLDER, index, &nid, err);

	if (st == OST_NOT_FOUND && index == 0) {
		*err = why;
		return OST_CORRUPT;
	}
	if (st != OST_OK)
		return st;
	return native_get(s, (struct store_id){ nid, 0 }, out, err);
}

/* Is `nid` folder `from`, or what that is in, as the nodes have it? */
static bool is_above(struct ndb *db, uint32_t nid, uint32_t from)
{
	enum { LEVELS_MAX = 64 };
	struct ndb_node node = { .parent = { from } };
	struct ost_error err;

	for (int i = 0; i < LEVELS_MAX && node.parent.value != nid; i++)
		if (node.parent.value == 0 ||
		    node.parent.value == node.nid.value ||
		    ndb_find(db, node.parent, &node, &err) != OST_OK)
			return false;
	return node.parent.value == nid;
}

/* Remember that the list of `folder` is damaged at `nid`. */
static void note_list(struct native *n, uint32_t folder, uint32_t nid,
		      const char *how)
{
	const ndb_nid list = { (folder & ~(uint32_t)MAPI_NID_TYPE) |
			       TYPE_HIERARCHY };
	struct ndb_node node;
	struct ost_error err;

	if (ndb_find(n->db, list, &node, &err) != OST_OK)
		return;
	(void)!ost_fail(&err, OST_CORRUPT, "folder %#x lists folder %#x, %s",
			folder, nid, how);
	ndb_note_table(n->db, NDB_LIST_BAD, &node, &err);
}

/*
 * A folder that is in itself, by its node or by the list that `child` is in:
 * it is shown once, and the damage is told.
 */
static void note_circle(struct native *n, const struct ndb_node *folder,
			size_t index, const struct store_object *child)
{
	const uint32_t here = folder->nid.value, nid = child->id.nid;

	if (nid == here ||
	    (child->parent != here && is_above(n->db, nid, here)))
		note_list(n, here, nid, "which it is in");
	else if (child->parent != here && is_above(n->db, nid, child->parent))
		note_list(n, here, nid, "which is in itself");
	else if (index == 0 && here != MAPI_NID_ROOT_FOLDER &&
		 is_above(n->db, here, folder->parent.value))
		note_list(n, here, nid, "and is in itself");
}

static enum ost_status child_folder(struct object *o, size_t index,
				    struct store_object **out,
				    struct ost_error *err)
{
	struct store_core *s = o->base.core;
	struct ltp_table *table = NULL;
	struct store_object *row = NULL;
	enum ost_status st =
		folder_table(s, o->node.nid.value, TYPE_HIERARCHY, &table, err);

	if (st == OST_OK)
		st = native_row(s, table, index, false, 0, &row, err);
	else if (native_heals(native_of(s), st)) {
		object_met(&o->base, st);
		return by_parent_folder(o, index, out, err);
	} else
		st = lost_list(st, index, err);
	ltp_table_drop(table);
	if (st != OST_OK)
		return st;

	const uint32_t nid = row->id.nid;
	st = native_whole(s, nid, out, err);
	if (native_heals(native_of(s), st)) {
		object_of(row)->node.nid.value = nid;
		object_met(row, st);
		*out = row;
		return OST_OK;
	}
	native_drop(row);
	if (st == OST_OK)
		note_circle(native_of(s), &o->node, index, *out);
	if (st == OST_NOT_FOUND) /* which would mean the end of the list */
		st = ost_fail(err, OST_CORRUPT, "folder %#x is missing", nid);
	return st;
}

/*
 * Open a table inside a message. One that is long is kept: each file of an
 * attachment is read from a message of its own, and to open it for each would
 * cost the square of their number.
 */
static enum ost_status open_inner(struct native *n, struct ndb *db,
				  const struct ndb_node *node,
				  struct ltp_table **out, struct ost_error *err)
{
	enum { LONG = 64 };
	enum ost_status st;

	*out = kept_table(n, n->inner, NATIVE_INNER_KEPT, db, node->data.value);
	if (*out != NULL)
		return OST_OK;
	st = ltp_table_open(out, db, node, n->rows_max, err);
	if (st == OST_OK && ltp_table_rows(*out) >= LONG)
		keep_table(n, n->inner, NATIVE_INNER_KEPT,
			   (struct kept){ db, node->data.value, *out });
	return st;
}

/*
 * The table `nid` inside message `o`, kept in `*slot` from the first time on.
 * On loan. OST_NOT_FOUND when the message has none.
 */
static enum ost_status inner_table(struct object *o, struct ltp_table **slot,
				   uint32_t nid, struct ltp_table **out,
				   struct ost_error *err)
{
	struct ndb_node node;
	enum ost_status st;

	pthread_mutex_lock(&o->lock);
	*out = *slot;
	pthread_mutex_unlock(&o->lock);
	if (*out != NULL)
		return OST_OK;
	st = ndb_find_sub(o->db, &o->node, (ndb_nid){ nid }, &node, err);
	if (st == OST_OK)
		st = open_inner(native_of(o->base.core), o->db, &node, out,
				err);
	if (st != OST_OK)
		return st;

	pthread_mutex_lock(&o->lock);
	if (*slot != NULL) {
		ltp_table_drop(*out);
		*out = *slot;
	}
	*slot = *out;
	pthread_mutex_unlock(&o->lock);
	return OST_OK;
}

/* Take one more node below a message, if no row of `table` leads to it. */
static enum ost_status take_rowless(struct object *o, struct ltp_table *table,
				    uint32_t nid, uint8_t *row,
				    struct ost_error *err)
{
	struct ost_error why;
	enum ost_status st = OST_NOT_FOUND;

	if ((nid & MAPI_NID_TYPE) != MAPI_NID_ATTACHMENT)
		return OST_OK;
	if (table != NULL)
		st = ltp_table_row_of(table, nid, row, &why);
	object_met(&o->base, st);
	if (st != OST_NOT_FOUND)
		return OST_OK;
	if (o->rowless.len / sizeof(nid) == LIMIT_ATTACHMENTS)
		return ost_fail(err, OST_LIMIT, "over %d attachments",
				LIMIT_ATTACHMENTS);
	buf_add(&o->rowless, &nid, sizeof(nid));
	return buf_status(&o->rowless, err);
}

/*
 * Read which attachments no row of `table` (NULL: it is lost) leads to: what
 * is below a message is its own, whatever became of the table.
 */
static enum ost_status read_rowless(struct object *o, struct ltp_table *table,
				    struct ost_error *err)
{
	const size_t width = table != NULL ? ltp_table_width(table) : 1;
	struct ndb_node node = { .nid = { 0 } };
	uint8_t *row = malloc(width);
	enum ost_status st = OST_OK;

	if (row == NULL)
		return ost_no_memory(err);
	for (unsigned seen = 0; st == OST_OK; seen++) {
		st = ndb_next_sub(o->db, &o->node, node.nid, &node, err);
		if (st == OST_OK && seen == LIMIT_SUBNODES)
			st = ost_fail(err, OST_LIMIT, "over %d nodes below it",
				      LIMIT_SUBNODES);
		if (st == OST_OK)
			st = take_rowless(o, table, node.nid.value, row, err);
		if (st == OST_OK && ++node.nid.value == 0)
			st = OST_NOT_FOUND;
	}
	free(row);
	/* Where the nodes cannot be read, a table that is lost has told it. */
	o->rowless_end = table == NULL && st != OST_LIMIT ? OST_NOT_FOUND : st;
	o->rowless_read = !ost_is_internal_or_transient(st);
	if (o->rowless_read)
		return OST_OK;
	buf_cut(&o->rowless, 0);
	return st;
}

/* Attachment `index` of those, by NID, that no row of `table` leads to. */
static enum ost_status child_rowless(struct object *o, struct ltp_table *table,
				     size_t index, struct store_object **out,
				     struct ost_error *err)
{
	struct ndb_node node;
	enum ost_status st = OST_OK;
	size_t count;
	uint32_t nid = 0;

	pthread_mutex_lock(&o->lock);
	if (!o->rowless_read)
		st = read_rowless(o, table, err);
	count = o->rowless.len / sizeof(nid);
	if (st == OST_OK && index < count)
		memcpy(&nid, o->rowless.at + index * sizeof(nid), sizeof(nid));
	else if (st == OST_OK && index == count &&
		 o->rowless_end != OST_NOT_FOUND)
		st = ost_fail(err, o->rowless_end,
			      "there are more attachments, which are not "
			      "listed");
	else if (st == OST_OK)
		st = ost_none(err, "attachment", index);
	pthread_mutex_unlock(&o->lock);
	if (st == OST_OK)
		st = ndb_find_sub(o->db, &o->node, (ndb_nid){ nid }, &node,
				  err);
	if (st == OST_OK)
		st = native_node(o->base.core, o->db, &node, out, err);
	if (st == OST_OK)
		(*out)->rowless = true;
	return st;
}

/*
 * Attachment `index`. One whose node is damaged is at least what its row is. A
 * table that cannot be read is one error, and then all are without a row.
 */
static enum ost_status child_attachment(struct object *o, size_t index,
					struct store_object **out,
					struct ost_error *err)
{
	struct store_core *s = o->base.core;
	struct ltp_table *table = NULL;
	struct store_object *row = NULL;
	struct ndb_node node;
	size_t rows = 0;
	enum ost_status st =
		inner_table(o, &o->attachments, NID_ATTACHMENTS, &table, err);

	if (st == OST_OK) {
		st = native_row(s, table, index, false, 0, &row, err);
		rows = ltp_table_rows(table);
	} else if (st != OST_NOT_FOUND && !ost_is_internal(st) && index > 0) {
		rows = 1;
		st = OST_NOT_FOUND;
	}
	if (st == OST_NOT_FOUND && index >= rows)
		return child_rowless(o, table, index - rows, out, err);
	if (st != OST_OK)
		return st;
	st = ndb_find_sub(o->db, &o->node, (ndb_nid){ row->id.nid }, &node,
			  err);
	if (st == OST_OK)
		st = native_node(s, o->db, &node, out, err);
	row->lost = st != OST_OK;
	object_met(row, st);
	if (row->lost)
		*out = row;
	else
		native_drop(row);
	return OST_OK;
}

/* The message in an attachment. */
static enum ost_status child_embedded(struct object *o, size_t index,
				      struct store_object **out,
				      struct ost_error *err)
{
	struct ltp_value value;
	struct ndb_node node;
	enum ost_status st;

	/* OLE data is an object too, but no message. */
	if (index > 0 || o->props == NULL ||
	    store_number(&o->base, MAPI_ATTACH_METHOD, MAPI_ATTACH_EMBEDDED) !=
		    MAPI_ATTACH_EMBEDDED)
		return ost_fail(err, OST_NOT_FOUND, "no message %zu", index);
	st = ltp_props_next(o->props, MAPI_ATTACH_DATA, MAPI_ATTACH_DATA,
			    &value, err);
	if (st == OST_OK)
		st = ltp_props_object(o->props, &value, &node, err);
	return st == OST_OK ? native_node(o->base.core, o->db, &node, out, err)
			    : st;
}

/*
 * Every message has a list of its recipients, were it empty. One that names
 * some and has none has lost it: but for a cache that has the head of it only.
 */
static enum ost_status no_recipients(struct object *o, size_t index,
				     struct ost_error *err)
{
	static const uint16_t names[] = { MAPI_DISPLAY_TO, MAPI_DISPLAY_CC,
					  MAPI_DISPLAY_BCC };
	const bool head_only = o->node.subnodes.value == 0 &&
			       strcmp(o->base.core->info.kind, "ost") == 0;
	struct ost_error why;
	struct store_prop p;

	for (size_t i = 0; i < 3 && index == 0 && !head_only; i++)
		if (store_find(&o->base, names[i], &p, &why) == OST_OK &&
		    p.size > 0)
			return ost_fail(err, OST_CORRUPT,
					"message %#x: its recipients are gone",
					o->node.nid.value);
	return ost_none(err, "recipient", index);
}

static enum ost_status child_recipient(struct object *o, size_t index,
				       struct store_object **out,
				       struct ost_error *err)
{
	struct ltp_table *table = NULL;
	enum ost_status st =
		inner_table(o, &o->recipients, NID_RECIPIENTS, &table, err);

	if (st == OST_OK)
		return native_row(o->base.core, table, index, false, 0, out,
				  err);
	return st == OST_NOT_FOUND ? no_recipients(o, index, err)
				   : lost_list(st, index, err);
}

static enum ost_status child_message(struct object *o, size_t index,
				     bool associated, struct store_object **out,
				     struct ost_error *err)
{
	const uint32_t type = o->node.nid.value & MAPI_NID_TYPE;

	if (type == MAPI_NID_ATTACHMENT)
		return child_embedded(o, index, out, err);
	return native_listed(o->base.core, o->node.nid.value, associated, index,
			     false, out, err);
}

static bool is_item(uint32_t nid)
{
	switch (nid & MAPI_NID_TYPE) {
	case MAPI_NID_FOLDER:
	case MAPI_NID_SEARCH_FOLDER:
	case MAPI_NID_MESSAGE:
	case MAPI_NID_ASSOCIATED:
		return true;
	default:
		return false;
	}
}

static enum ost_status child_node(struct object *o, size_t from,
				  struct store_object **out,
				  struct ost_error *err)
{
	struct store_core *s = o->base.core;
	struct ndb_node node = { .nid = { (uint32_t)from } };
	struct object *bare;
	enum ost_status st = from <= UINT32_MAX ? OST_OK : OST_NOT_FOUND;

	for (; st == OST_OK; node.nid.value++) {
		st = ndb_next(native_of(s)->db, node.nid, &node, err);
		if (st != OST_OK || is_item(node.nid.value))
			break;
		if (node.nid.value == UINT32_MAX)
			st = OST_NOT_FOUND;
	}
	if (st != OST_OK)
		return st;
	bare = native_object(s, node.nid.value, 0, 0, err);
	if (bare == NULL)
		return OST_NO_MEMORY;
	bare->db = native_of(s)->db;
	bare->node = node;
	bare->base.parent = node.parent.value;
	*out = &bare->base;
	return OST_OK;
}

enum ost_status native_child(struct store_object *base, enum store_list list,
			     size_t index, struct store_object **out,
			     struct ost_error *err)
{
	struct object *o = object_of(base);
	enum ost_status st;

	if (o->table != NULL && o->node.nid.value == 0)
		return ost_fail(err, OST_NOT_FOUND, "a row has no children");
	switch (list) {
	case STORE_FOLDERS:
		return child_folder(o, index, out, err);
	case STORE_MESSAGES:
		return child_message(o, index, false, out, err);
	case STORE_ASSOCIATED:
		return child_message(o, index, true, out, err);
	case STORE_ATTACHMENTS:
		return child_attachment(o, index, out, err);
	case STORE_NODES:
		return child_node(o, index, out, err);
	case STORE_RECOVERED_PFF:
		return lost_list(
			ost_fail(err, OST_UNSUPPORTED, "not by this reader"),
			index, err);
	case STORE_RECOVERED:
		st = native_recovered(base->core, index, out, err);
		if (native_of(base->core)->recovered_failed)
			base->failed = true;
		return st;
	case STORE_RECIPIENTS:
		return child_recipient(o, index, out, err);
	}
	return ost_fail(err, OST_BUG, "list %d", (int)list);
}
