/*
 * native_object.c - an object of a store, as our reader has it
 */
#include "store/native.h"

#include <stdlib.h>

void native_drop(struct store_object *base)
{
	struct object *o = object_of(base);

	ltp_props_close(o->props);
	ltp_table_drop(o->table);
	ltp_table_drop(o->recipients);
	ltp_table_drop(o->attachments);
	buf_free(&o->rowless);
	pthread_mutex_destroy(&o->lock);
	free(o);
}

enum ost_status native_props(struct object *o, struct ltp_props **out,
			     struct ost_error *err)
{
	return ltp_props_open(out, o->db, &o->node, err);
}

void native_rest(struct store_object *base)
{
	struct object *o = object_of(base);

	if (o->props == NULL)
		return;
	ltp_props_close(o->props);
	o->props = NULL;
	o->resting = true;
}

void native_wake(struct store_object *base)
{
	struct object *o = object_of(base);
	struct ost_error err;

	if (o->resting && native_props(o, &o->props, &err) == OST_OK)
		o->resting = false;
}

struct object *native_object(struct store_core *s, uint32_t nid,
			     uint32_t folder, size_t width,
			     struct ost_error *err)
{
	struct object *o = malloc(sizeof(*o) + width);

	if (o == NULL) {
		(void)!ost_no_memory(err);
		return NULL;
	}
	*o = (struct object){ .base = { .ops = &store_native,
					.core = s,
					.store = &s->self,
					.id = { nid, folder } } };
	pthread_mutex_init(&o->lock, NULL);
	return o;
}

/* The object that `node` is. */
enum ost_status native_node(struct store_core *s, struct ndb *db,
			    const struct ndb_node *node,
			    struct store_object **out, struct ost_error *err)
{
	struct object *o = native_object(s, node->nid.value, 0, 0, err);
	enum ost_status st;

	if (o == NULL)
		return OST_NO_MEMORY;
	o->db = db;
	o->node = *node;
	o->base.parent = node->parent.value;
	st = ltp_props_open(&o->props, db, node, err);
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
enum ost_status native_row(struct store_core *s, struct ltp_table *table,
			   size_t index, bool by_id, uint32_t folder,
			   struct store_object **out, struct ost_error *err)
{
	struct object *o =
		native_object(s, 0, folder, ltp_table_width(table), err);
	enum ost_status st;

	if (o == NULL)
		return OST_NO_MEMORY;
	o->table = ltp_table_keep(table);
	if (by_id)
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

enum ost_status native_whole(struct store_core *s, uint32_t nid,
			     struct store_object **out, struct ost_error *err)
{
	struct ndb *db = native_of(s)->db;
	struct ndb_node node;
	const enum ost_status st = ndb_find(db, (ndb_nid){ nid }, &node, err);

	return st == OST_OK ? native_node(s, db, &node, out, err) : st;
}
