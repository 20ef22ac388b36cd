/*
 * native.c - the backend that is ours, over ltp         [MS-PST] 2.4
 */
#include <pthread.h>
#include <stdlib.h>

#include "bytes/source.h"
#include "ltp/ltp.h"
#include "store/store.h"

enum {
	CACHE_DEFAULT = 16 << 20,
	TABLES_KEPT = 8, /* listings of folders, most recent first */

	TYPE_HIERARCHY = 0x0D,
	TYPE_CONTENTS = 0x0E,
	TYPE_ASSOCIATED_CONTENTS = 0x0F,
	TYPE_SEARCH_CONTENTS = 0x10,
	NID_ATTACHMENTS = 0x671,
	NID_RECIPIENTS = 0x692,
};

struct kept {
	uint32_t nid;
	struct ltp_table *table; /* owned; NULL: free */
};

struct native {
	struct store base;
	struct ndb *db;
	pthread_mutex_t lock; /* of `kept` */
	struct kept kept[TABLES_KEPT];
};

/*
 * An object is a node with properties, or a row of a table. Fixed once made,
 * but for the two tables of a message, opened when first asked for.
 */
struct object {
	struct store_object base;
	struct ndb_node node;
	struct ltp_props *props; /* owned; NULL: a row, or bare */
	struct ltp_table *table; /* owned; NULL: not a row */
	uint8_t *row;		 /* owned */
	pthread_mutex_t lock;	 /* of the two below */
	struct ltp_table *recipients, *attachments;
};

static struct native *native_of(struct store *s)
{
	return (struct native *)s;
}

static struct object *object_of(struct store_object *o)
{
	return (struct object *)o;
}

static struct object *new_object(struct store *s, uint32_t nid, uint32_t folder,
				 struct ost_error *err)
{
	struct object *o = calloc(1, sizeof(*o));

	if (o == NULL) {
		(void)!ost_fail(err, OST_NO_MEMORY, "out of memory");
		return NULL;
	}
	o->base = (struct store_object){
		.ops = &store_native,
		.store = s,
		.id = { nid, folder },
	};
	pthread_mutex_init(&o->lock, NULL);
	return o;
}

static void native_drop(struct store_object *base)
{
	struct object *o = object_of(base);

	ltp_props_close(o->props);
	ltp_table_drop(o->table);
	ltp_table_drop(o->recipients);
	ltp_table_drop(o->attachments);
	pthread_mutex_destroy(&o->lock);
	free(o->row);
	free(o);
}

/* The object that `node` is. */
static enum ost_status open_node(struct store *s, const struct ndb_node *node,
				 struct store_object **out,
				 struct ost_error *err)
{
	struct object *o = new_object(s, node->nid.value, 0, err);
	enum ost_status st;

	if (o == NULL)
		return OST_NO_MEMORY;
	o->node = *node;
	o->base.parent = node->parent.value;
	st = ltp_props_open(&o->props, native_of(s)->db, node, err);
	if (st != OST_OK) {
		native_drop(&o->base);
		return st;
	}
	*out = &o->base;
	return OST_OK;
}

/*
 * An object for a row that `fill` copies from `table`: row `index`, or with
 * `by_id` the row whose id is `index`.
 */
static enum ost_status open_row(struct store *s, struct ltp_table *table,
				size_t index, bool by_id, uint32_t folder,
				struct store_object **out,
				struct ost_error *err)
{
	struct object *o = new_object(s, 0, folder, err);
	enum ost_status st = OST_OK;

	if (o == NULL)
		return OST_NO_MEMORY;
	o->table = ltp_table_keep(table);
	o->row = malloc(ltp_table_width(table));
	if (o->row == NULL)
		st = ost_fail(err, OST_NO_MEMORY, "out of memory");
	else if (by_id)
		st = ltp_table_row_of(table, (uint32_t)index, o->row, err);
	else
		st = ltp_table_row(table, index, o->row, err);
	if (st != OST_OK) {
		native_drop(&o->base);
		return st;
	}
	o->base.id.nid = ltp_row_id(o->row);
	o->base.parent = folder;
	*out = &o->base;
	return OST_OK;
}

/* Put a table first among those kept; the last makes room. */
static void keep_table(struct native *n, uint32_t nid, struct ltp_table *table)
{
	struct kept last;

	pthread_mutex_lock(&n->lock);
	last = n->kept[TABLES_KEPT - 1];
	memmove(n->kept + 1, n->kept, sizeof(n->kept) - sizeof(n->kept[0]));
	n->kept[0] = (struct kept){ nid, ltp_table_keep(table) };
	pthread_mutex_unlock(&n->lock);
	ltp_table_drop(last.table);
}

static struct ltp_table *kept_table(struct native *n, uint32_t nid)
{
	struct ltp_table *found = NULL;

	pthread_mutex_lock(&n->lock);
	for (size_t i = 0; i < TABLES_KEPT && found == NULL; i++)
		if (n->kept[i].table != NULL && n->kept[i].nid == nid)
			found = ltp_table_keep(n->kept[i].table);
	pthread_mutex_unlock(&n->lock);
	return found;
}

/* A table that is a node of its own, as a folder's are. `*out` is owned. */
static enum ost_status folder_table(struct store *s, uint32_t folder,
				    uint32_t type, struct ltp_table **out,
				    struct ost_error *err)
{
	struct native *n = native_of(s);
	const ndb_nid nid = { (folder & ~(uint32_t)MAPI_NID_TYPE) | type };
	struct ndb_node node;
	enum ost_status st;

	*out = kept_table(n, nid.value);
	if (*out != NULL)
		return OST_OK;
	st = ndb_find(n->db, nid, &node, err);
	if (st == OST_OK)
		st = ltp_table_open(out, n->db, &node, err);
	if (st == OST_OK)
		keep_table(n, nid.value, *out);
	return st;
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
	return ost_within(err, OST_NOT_FOUND, "nothing at %zu", index);
}

/* A row of a folder's contents. */
static enum ost_status open_listed(struct store *s, uint32_t folder,
				   bool associated, size_t index, bool by_id,
				   struct store_object **out,
				   struct ost_error *err)
{
	struct ltp_table *table = NULL;
	enum ost_status st = folder_table(
		s, folder, contents_type(folder, associated), &table, err);

	if (!by_id)
		st = lost_list(st, index, err);
	if (st == OST_OK)
		st = open_row(s, table, index, by_id, folder, out, err);
	ltp_table_drop(table);
	return st;
}

static enum ost_status native_get(struct store *s, struct store_id id,
				  struct store_object **out,
				  struct ost_error *err)
{
	const bool associated = (id.nid & MAPI_NID_TYPE) == MAPI_NID_ASSOCIATED;
	struct ndb_node node;
	enum ost_status st;

	if (id.folder != 0)
		return open_listed(s, id.folder, associated, id.nid, true, out,
				   err);
	st = ndb_find(native_of(s)->db, (ndb_nid){ id.nid }, &node, err);
	return st == OST_OK ? open_node(s, &node, out, err) : st;
}

static enum ost_status child_folder(struct object *o, size_t index,
				    struct store_object **out,
				    struct ost_error *err)
{
	struct store *s = o->base.store;
	struct ltp_table *table = NULL;
	struct store_object *row = NULL;
	enum ost_status st =
		folder_table(s, o->node.nid.value, TYPE_HIERARCHY, &table, err);

	if (st == OST_OK)
		st = open_row(s, table, index, false, 0, &row, err);
	ltp_table_drop(table);
	if (st != OST_OK)
		return st;

	const struct store_id id = { row->id.nid, 0 };
	native_drop(row);
	st = native_get(s, id, out, err);
	if (st == OST_NOT_FOUND) /* which would mean the end of the list */
		st = ost_fail(err, OST_CORRUPT, "folder %#x is missing",
			      id.nid);
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
	struct ndb *db = native_of(o->base.store)->db;
	struct ndb_node node;
	enum ost_status st;

	pthread_mutex_lock(&o->lock);
	*out = *slot;
	pthread_mutex_unlock(&o->lock);
	if (*out != NULL)
		return OST_OK;
	st = ndb_find_sub(db, &o->node, (ndb_nid){ nid }, &node, err);
	if (st == OST_OK)
		st = ltp_table_open(out, db, &node, err);
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

/* Attachment `index`. One whose node is damaged is at least what its row is. */
static enum ost_status child_attachment(struct object *o, size_t index,
					struct store_object **out,
					struct ost_error *err)
{
	struct store *s = o->base.store;
	struct ltp_table *table = NULL;
	struct store_object *row = NULL;
	struct ndb_node node;
	enum ost_status st =
		inner_table(o, &o->attachments, NID_ATTACHMENTS, &table, err);

	if (st == OST_OK)
		st = open_row(s, table, index, false, 0, &row, err);
	if (st != OST_OK)
		return st;
	st = ndb_find_sub(native_of(s)->db, &o->node, (ndb_nid){ row->id.nid },
			  &node, err);
	if (st == OST_OK)
		st = open_node(s, &node, out, err);
	if (st == OST_OK)
		native_drop(row);
	else
		*out = row;
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
	st = ltp_props_next(o->props, MAPI_ATTACH_DATA, &value, err);
	if (st == OST_OK && value.id != MAPI_ATTACH_DATA)
		st = ost_fail(err, OST_NOT_FOUND, "no attached object");
	if (st == OST_OK)
		st = ltp_props_object(o->props, &value, &node, err);
	return st == OST_OK ? open_node(o->base.store, &node, out, err) : st;
}

static enum ost_status child_message(struct object *o, size_t index,
				     bool associated, struct store_object **out,
				     struct ost_error *err)
{
	const uint32_t type = o->node.nid.value & MAPI_NID_TYPE;

	if (type == MAPI_NID_ATTACHMENT)
		return child_embedded(o, index, out, err);
	return open_listed(o->base.store, o->node.nid.value, associated, index,
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
	struct store *s = o->base.store;
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
	bare = new_object(s, node.nid.value, 0, err);
	if (bare == NULL)
		return OST_NO_MEMORY;
	bare->node = node;
	bare->base.parent = node.parent.value;
	*out = &bare->base;
	return OST_OK;
}

static enum ost_status native_child(struct store_object *base,
				    enum store_list list, size_t index,
				    struct store_object **out,
				    struct ost_error *err)
{
	struct object *o = object_of(base);
	struct ltp_table *table = NULL;
	enum ost_status st;

	if (o->table != NULL)
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
	case STORE_RECIPIENTS:
		st = lost_list(inner_table(o, &o->recipients, NID_RECIPIENTS,
					   &table, err),
			       index, err);
		return st == OST_OK ? open_row(base->store, table, index, false,
					       0, out, err)
				    : st;
	}
	return ost_fail(err, OST_BUG, "list %d", (int)list);
}

static enum ost_status find_value(struct object *o, uint16_t id,
				  struct ltp_value *out, struct ost_error *err)
{
	if (o->props != NULL)
		return ltp_props_next(o->props, id, out, err);
	if (o->table != NULL)
		return ltp_table_next(o->table, o->row, id, out, err);
	return ost_fail(err, OST_NOT_FOUND, "a bare node");
}

static enum ost_status native_next(struct store_object *base, uint16_t id,
				   struct store_prop *out,
				   struct ost_error *err)
{
	struct ltp_value value;
	const enum ost_status st = find_value(object_of(base), id, &value, err);

	if (st == OST_OK)
		*out = (struct store_prop){ value.id, value.type, value.size };
	return st;
}

static enum ost_status native_read(struct store_object *base,
				   const struct store_prop *p, uint64_t off,
				   void *buf, size_t len, struct ost_error *err)
{
	struct object *o = object_of(base);
	struct ltp_value value;
	enum ost_status st = find_value(o, p->id, &value, err);

	if (st == OST_OK && value.id != p->id)
		st = ost_fail(err, OST_BUG, "property %#06x is gone", p->id);
	if (st != OST_OK)
		return st;
	if (o->props != NULL)
		return ltp_props_read(o->props, &value, off, buf, len, err);
	return ltp_table_read(o->table, &value, off, buf, len, err);
}

static void native_close(struct store *s)
{
	struct native *n = native_of(s);

	for (size_t i = 0; i < TABLES_KEPT; i++)
		ltp_table_drop(n->kept[i].table);
	ndb_close(n->db);
	pthread_mutex_destroy(&n->lock);
	free(n);
}

static void fill_info(struct store_info *out, const struct ndb_info *in)
{
	static const char *const formats[] = { "ansi", "unicode",
					       "unicode-4k" };
	static const char *const encodings[] = { "none", "permute", "cyclic" };
	const bool ost = memcmp(in->client, "SO", 2) == 0;
	const bool pab = memcmp(in->client, "AB", 2) == 0;

	*out = (struct store_info){
		.format = formats[in->format],
		.encoding = encodings[in->encoding],
		.version = in->version,
		.clean = in->clean,
		.size = in->size,
		.header_eof = in->header_eof,
		.mtime = in->mtime,
	};
	memcpy(out->kind, ost ? "ost" : pab ? "pab" : "pst", 4);
}

/* Every store has a root folder: without it nothing would be found. */
static enum ost_status check_root(struct native *n, struct ost_error *err)
{
	const struct ndb_info *info = ndb_about(n->db);
	struct ndb_node root;
	const enum ost_status st =
		ndb_find(n->db, (ndb_nid){ MAPI_NID_ROOT_FOLDER }, &root, err);

	if (st == OST_OK || st == OST_NO_MEMORY || st == OST_IO)
		return st;
	if (info->size < info->header_eof)
		return ost_within(err, OST_TRUNCATED,
				  "is cut short, %llu bytes of %llu, and its "
				  "index is lost",
				  (unsigned long long)info->size,
				  (unsigned long long)info->header_eof);
	return ost_within(err, OST_CORRUPT, "is damaged beyond reading");
}

static enum ost_status native_open(struct store **out, const char *path,
				   size_t cache, struct ost_error *err)
{
	struct source *source = NULL;
	struct native *n = NULL;
	enum ost_status st;

	*out = NULL;
	st = source_open(&source, path, err);
	if (st != OST_OK)
		return st;
	n = calloc(1, sizeof(*n));
	if (n == NULL) {
		source_close(source);
		return ost_fail(err, OST_NO_MEMORY, "out of memory");
	}
	pthread_mutex_init(&n->lock, NULL);
	st = ndb_open(&n->db, source, cache > 0 ? cache : CACHE_DEFAULT, err);
	if (st == OST_OK)
		st = check_root(n, err);
	if (st != OST_OK) {
		native_close(&n->base);
		return st;
	}
	fill_info(&n->base.info, ndb_about(n->db));
	*out = &n->base;
	return OST_OK;
}

const struct store_ops store_native = {
	.name = "native",
	.open = native_open,
	.get = native_get,
	.child = native_child,
	.next = native_next,
	.read = native_read,
	.drop = native_drop,
	.close = native_close,
};
