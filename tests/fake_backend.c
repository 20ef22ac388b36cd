/*
 * fake_backend.c - a fake store as store.h reads it
 */
#include <stdlib.h>

#include "fake_private.h"

void *fake_need(void *at)
{
	if (at == NULL)
		abort();
	return at;
}

struct fake *fake_find(const struct store *s, uint32_t nid)
{
	struct fake *o = fake_of(s)->all;

	while (o != NULL && (o->id.nid != nid || o->id.folder != 0))
		o = o->next;
	return o;
}

size_t fake_place(const struct fake *o, uint16_t id)
{
	size_t i = 0;

	while (i < o->count && o->values[i].prop.id < id)
		i++;
	return i;
}

struct store_object *fake_handle(const struct fake *o, uint32_t folder)
{
	struct handle *h = fake_need(calloc(1, sizeof(*h)));

	h->base.ops = o->store->core->ops;
	h->base.core = o->store->core;
	h->base.store = o->store;
	h->base.id = (struct store_id){ o->id.nid, folder };
	h->base.parent = o->parent;
	h->of = o;
	return &h->base;
}

static enum ost_status no_open(struct store_core **out, const char *path,
			       const struct store_options *options,
			       struct ost_error *err)
{
	(void)options;
	*out = NULL;
	return ost_fail(err, OST_CANNOT_OPEN, "a fake store (%s)", path);
}

static enum ost_status get(struct store_core *s, struct store_id id,
			   struct store_object **out, struct ost_error *err)
{
	const struct fake *o = fake_find(&s->self, id.nid);

	*out = NULL;
	if (o == NULL || (id.folder != 0 && o->parent != id.folder))
		return ost_fail(err, OST_NOT_FOUND, "no node %#x", id.nid);
	*out = fake_handle(o, id.folder);
	return OST_OK;
}

/* The folder or message with the lowest NID at or above `from`. */
static const struct fake *next_node(const struct store *s, size_t from)
{
	const struct fake *best = NULL;

	for (const struct fake *o = fake_of(s)->all; o != NULL; o = o->next) {
		const uint32_t type = o->id.nid & MAPI_NID_TYPE;

		if (type < MAPI_NID_FOLDER ||
		    (type > MAPI_NID_MESSAGE && type != MAPI_NID_ASSOCIATED))
			continue;
		if (o->id.folder == 0 && o->id.nid >= from &&
		    (best == NULL || o->id.nid < best->id.nid))
			best = o;
	}
	return best;
}

static enum ost_status child(struct store_object *o, enum store_list list,
			     size_t index, struct store_object **out,
			     struct ost_error *err)
{
	const struct fake *of = ((struct handle *)o)->of;

	*out = NULL;
	if (list == STORE_NODES) {
		const struct fake *node = next_node(&o->core->self, index);

		if (node == NULL)
			return ost_fail(err, OST_NOT_FOUND, "no more nodes");
		*out = fake_handle(node, 0);
		((struct handle *)*out)->bare = true;
		return OST_OK;
	}
	if (index >= of->lists[list].count)
		return ost_fail(err, OST_NOT_FOUND, "no child %zu", index);

	const struct fake *found = of->lists[list].at[index];
	if (found == NULL)
		return ost_fail(err, OST_CORRUPT, "child %zu is lost", index);
	*out = fake_handle(found, list == STORE_ASSOCIATED ||
						  (list == STORE_MESSAGES &&
						   found->id.folder == 0)
					  ? of->id.nid
					  : 0);
	return OST_OK;
}

static enum ost_status next(struct store_object *o, uint16_t id, uint16_t last,
			    struct store_prop *out, struct ost_error *err)
{
	const struct fake *of = ((struct handle *)o)->of;
	const size_t at = fake_place(of, id);

	if (((struct handle *)o)->bare || at == of->count ||
	    of->values[at].prop.id > last)
		return ost_none(err, "property", id);
	*out = of->values[at].prop;
	return OST_OK;
}

static enum ost_status read_value(struct store_object *o,
				  const struct store_prop *p, uint64_t off,
				  void *buf, size_t len, struct ost_error *err)
{
	const struct fake *of = ((struct handle *)o)->of;
	const size_t at = fake_place(of, p->id);
	struct span part;

	if (at == of->count || of->values[at].prop.id != p->id)
		return ost_fail(err, OST_NOT_FOUND, "no property %#x", p->id);

	const struct value *v = &of->values[at];
	if (v->broken != OST_OK && (v->good == 0 || off + len > v->good))
		return ost_fail(err, v->broken, "property %#x is lost", p->id);
	if (off > v->prop.size || len > v->prop.size - off)
		return ost_fail(err, OST_CORRUPT, "property %#x is lost",
				p->id);
	if (v->huge)
		memset(buf, v->fill, len);
	else if (span_sub(buf_span(&v->bytes), off, len, &part) && len > 0)
		memcpy(buf, part.at, len);
	return OST_OK;
}

static void drop(struct store_object *o)
{
	free(o);
}

static void close_store(struct store_core *s)
{
	struct fake *o = fake_of(&s->self)->all;

	while (o != NULL) {
		struct fake *after = o->next;

		for (size_t i = 0; i < o->count; i++)
			buf_free(&o->values[i].bytes);
		for (size_t i = 0; i < LISTS; i++)
			free(o->lists[i].at);
		free(o->values);
		free(o);
		o = after;
	}
	free(s);
}

const struct store_ops fake_ops = {
	.name = "fake",
	.open = no_open,
	.get = get,
	.child = child,
	.next = next,
	.read = read_value,
	.drop = drop,
	.close = close_store,
};
