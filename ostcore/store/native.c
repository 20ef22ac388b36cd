/*
 * native.c - the backend that is ours, over ltp         [MS-PST] 2.4
 */
#include "store/native.h"

#include <stdlib.h>

#include "bytes/source.h"
#include "store/info.h"

enum { ROWS_MAX = 1 << 24 }; /* of a table */

/*
 * Must `nid` be there though it is lost? The top, and what has children. Else
 * OST_NOT_FOUND.
 */
static enum ost_status is_needed(struct native *n, uint32_t nid,
				 struct ost_error *err)
{
	enum ost_status st = OST_NOT_FOUND;
	uint32_t child;

	if (nid == MAPI_NID_STORE || nid == MAPI_NID_ROOT_FOLDER)
		return OST_OK;
	for (int is = BY_PARENT_FOLDER;
	     st == OST_NOT_FOUND && is <= BY_PARENT_ASSOCIATED; is++)
		st = native_by_parent(n, nid, (enum native_by_parent)is, 0,
				      &child, err);
	return st;
}

/* Node `nid`, of which, by `why`, nothing but its children is left. */
static enum ost_status bare_node(struct store_core *s, uint32_t nid,
				 enum ost_status why, struct store_object **out,
				 struct ost_error *err)
{
	struct object *o = native_object(s, nid, 0, 0, err);

	if (o == NULL)
		return OST_NO_MEMORY;
	o->db = native_of(s)->db;
	o->node.nid.value = nid;
	o->base.lost = true;
	object_met(&o->base, why);
	*out = &o->base;
	return OST_OK;
}

/* Node `nid`, which by `why` cannot be read. */
static enum ost_status heal_node(struct store_core *s, uint32_t nid,
				 enum ost_status why, struct store_object **out,
				 struct ost_error *err)
{
	struct ost_error lost;
	const enum ost_status st = is_needed(native_of(s), nid, &lost);

	if (st == OST_OK)
		return bare_node(s, nid, why, out, err);
	if (!ost_is_transient(st))
		return why;
	*err = lost;
	return st;
}

/* The map of names, which by `why` cannot be read: an older one, if any. */
static enum ost_status heal_names(struct store_core *s, enum ost_status why,
				  struct store_object **out,
				  struct ost_error *err)
{
	struct ost_error lost;
	const enum ost_status st = native_old_names(s, out, &lost);

	if (st == OST_OK)
		object_met(*out, why);
	if (ost_is_transient(st))
		*err = lost;
	return st == OST_OK || ost_is_transient(st) ? st : why;
}

enum ost_status native_get(struct store_core *s, struct store_id id,
			   struct store_object **out, struct ost_error *err)
{
	const bool associated = (id.nid & MAPI_NID_TYPE) == MAPI_NID_ASSOCIATED;
	enum ost_status st;

	if (id.folder != 0)
		return native_listed(s, id.folder, associated, id.nid, true,
				     out, err);
	if ((id.nid & MAPI_NID_TYPE) == MAPI_NID_RECOVERED)
		return native_recovered(s, id.nid >> 5, out, err);
	st = native_whole(s, id.nid, out, err);
	if (id.nid == MAPI_NID_NAMES && st != OST_OK && st != OST_NO_MEMORY &&
	    native_of(s)->heal)
		st = heal_names(s, st, out, err);
	if (native_heals(native_of(s), st))
		return heal_node(s, id.nid, st, out, err);
	return st;
}

static enum ost_status find_resting(struct object *o, uint16_t id,
				    uint16_t last, struct ltp_value *out,
				    struct ost_error *err)
{
	struct ltp_props *props = NULL;
	enum ost_status st = native_props(o, &props, err);

	if (st == OST_OK)
		st = ltp_props_next(props, id, last, out, err);
	ltp_props_close(props);
	return st;
}

static enum ost_status read_resting(struct object *o, const struct ltp_value *v,
				    uint64_t off, void *buf, size_t len,
				    struct ost_error *err)
{
	struct ltp_props *props = NULL;
	enum ost_status st = native_props(o, &props, err);

	if (st == OST_OK)
		st = ltp_props_read(props, v, off, buf, len, err);
	ltp_props_close(props);
	return st;
}

static enum ost_status find_value(struct object *o, uint16_t id, uint16_t last,
				  struct ltp_value *out, struct ost_error *err)
{
	if (o->resting)
		return find_resting(o, id, last, out, err);
	if (o->props != NULL)
		return ltp_props_next(o->props, id, last, out, err);
	if (o->table != NULL)
		return ltp_table_next(o->table, o->row, id, last, out, err);
	return ost_none(err, "property", id);
}

static enum ost_status native_next(struct store_object *base, uint16_t id,
				   uint16_t last, struct store_prop *out,
				   struct ost_error *err)
{
	struct ltp_value v;
	const enum ost_status st =
		find_value(object_of(base), id, last, &v, err);

	if (st != OST_OK)
		return st;
	*out = (struct store_prop){ .id = v.id,
				    .type = v.type,
				    .size = v.size,
				    .place = v.hnid,
				    .in_place = v.in_place };
	if (v.in_place)
		memcpy(&out->place, v.inline_bytes, sizeof(v.inline_bytes));
	return OST_OK;
}

static enum ost_status native_read(struct store_object *base,
				   const struct store_prop *p, uint64_t off,
				   void *buf, size_t len, struct ost_error *err)
{
	struct object *o = object_of(base);
	struct ltp_value v = { .id = p->id,
			       .type = p->type,
			       .size = p->size,
			       .in_place = p->in_place };

	if (p->in_place)
		memcpy(v.inline_bytes, &p->place, sizeof(v.inline_bytes));
	else
		v.hnid = (uint32_t)p->place;
	if (o->resting)
		return read_resting(o, &v, off, buf, len, err);
	if (o->props != NULL)
		return ltp_props_read(o->props, &v, off, buf, len, err);
	if (o->table != NULL)
		return ltp_table_read(o->table, &v, off, buf, len, err);
	return ost_none(err, "property", p->id);
}

static void native_close(struct store_core *s)
{
	struct native *n = native_of(s);

	for (size_t i = 0; i < NATIVE_TABLES_KEPT; i++)
		ltp_table_drop(n->kept[i].table);
	for (size_t i = 0; i < NATIVE_INNER_KEPT; i++)
		ltp_table_drop(n->inner[i].table);
	ndb_history_close(n->history);
	ndb_history_close(n->names_history);
	ndb_close(n->db);
	free(n->recovered);
	free(n->by_parent);
	pthread_mutex_destroy(&n->lock);
	pthread_mutex_destroy(&n->recover_lock);
	pthread_mutex_destroy(&n->by_parent_lock);
	free(n);
}

/*
 * Every store has a root folder: without it little would be found. What is
 * healed is shown all the same.
 */
static enum ost_status check_root(struct native *n, bool heal,
				  struct ost_error *err)
{
	const struct ndb_info *info = ndb_info(n->db);
	struct ndb_node root;
	const enum ost_status st =
		ndb_find(n->db, (ndb_nid){ MAPI_NID_ROOT_FOLDER }, &root, err);

	if (st == OST_OK || st == OST_NO_MEMORY)
		return st;
	if (heal)
		return OST_OK;
	if (info->size < info->header_eof)
		return ost_within(err, OST_TRUNCATED,
				  "is cut short, %llu bytes of %llu, and its "
				  "index is lost%s",
				  (unsigned long long)info->size,
				  (unsigned long long)info->header_eof,
				  st == OST_NOT_FOUND ? "; try -o heal" : "");
	return ost_within(err, OST_CORRUPT,
			  st == OST_NOT_FOUND ? "is damaged; try -o heal"
					      : "is damaged");
}

static enum ost_status native_open(struct store_core **out, const char *path,
				   const struct store_options *options,
				   struct ost_error *err)
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
		return ost_no_memory(err);
	}
	pthread_mutex_init(&n->lock, NULL);
	pthread_mutex_init(&n->recover_lock, NULL);
	n->recover = options->recover;
	n->rows_max = ROWS_MAX;
	pthread_mutex_init(&n->by_parent_lock, NULL);
	n->heal = options->heal;
	if (options->opened != NULL)
		options->opened(options->arg);
	const struct ndb_options ndb = {
		.cache = options->cache,
		.heal = options->heal,
		.progress = options->progress,
		.arg = options->arg,
	};
	st = ndb_open(&n->db, source, &ndb, err);
	if (st == OST_OK)
		st = check_root(n, options->heal, err);
	if (st != OST_OK) {
		native_close(&n->base);
		return st;
	}
	info_fill(&n->base.info, ndb_info(n->db));
	*out = &n->base;
	return OST_OK;
}

static bool native_damage(struct store_core *s, size_t index,
			  struct store_damage *out)
{
	return info_damage(native_of(s)->db, index, out);
}

static uint64_t native_damage_count(struct store_core *s)
{
	return ndb_damage_count(native_of(s)->db);
}

static enum ost_status native_check(struct store_core *s, struct ost_error *err)
{
	return ndb_check(native_of(s)->db, err);
}

static enum ost_status native_find_orphans(struct store_core *s,
					   struct ost_error *err)
{
	return ndb_find_orphans(native_of(s)->db, err);
}

const struct store_ops store_native = {
	.name = "native",
	.lacks = 1 << STORE_RECOVERED_PFF,
	.open = native_open,
	.get = native_get,
	.child = native_child,
	.next = native_next,
	.read = native_read,
	.rest = native_rest,
	.wake = native_wake,
	.drop = native_drop,
	.close = native_close,
	.damage = native_damage,
	.damage_count = native_damage_count,
	.check = native_check,
	.find_orphans = native_find_orphans,
};
