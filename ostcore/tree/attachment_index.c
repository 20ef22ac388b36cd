#include "tree/attachment_index.h"

#include <stdlib.h>

#include "bytes/sorted.h"
#include "store/limits.h"
#include "tree/name.h"

enum { DEPTH_MAX = 100 };

static enum ost_status add_message(struct attachment_index *o,
				   struct store_object *message,
				   uint32_t parent, unsigned depth,
				   struct ost_error *err);

static enum ost_status append(struct attachment_index *o, struct ost_error *err)
{
	if (o->count == LIMIT_ATTACHMENTS)
		return ost_fail(err, OST_LIMIT, "more than %d attachments",
				LIMIT_ATTACHMENTS);
	if (!array_more(&o->at, o->count, sizeof(*o->at)))
		return ost_no_memory(err);
	o->at[o->count] = (struct attachment_index_node){ 0 };
	o->count++;
	return OST_OK;
}

/*
 * The names of an embedded message always have its NID, as items do. Both
 * have to be new, or another number is tried.
 */
static void name_message(struct attachment_index *o,
			 struct attachment_index_node *node,
			 struct name_set *set, struct span clean,
			 struct name_tag *tag)
{
	struct buf name = { 0 };
	bool taken;

	tag->always = true;
	tag->spare = strlen(NAME_BESIDE);
	do {
		buf_cut(&name, 0);
		name_unique(&name, set, clean, tag);
		node->name = o->names.len;
		buf_add(&o->names, buf_text(&name), name.len + 1);
		buf_cut(&name, name.len - name_suffix(buf_span(&name)));
		buf_str(&name, NAME_BESIDE);
		taken = !name.bad && !set->bad && !name_set_add(set, name.at) &&
			!set->bad;
	} while (taken);
	node->beside = o->names.len;
	buf_add(&o->names, buf_text(&name), name.len + 1);
	o->names.bad |= name.bad | set->bad;
	buf_free(&name);
}

/* A file called as if it were an embedded message's gets its NID too. */
static void name_file(struct attachment_index *o,
		      struct attachment_index_node *node, struct name_set *set,
		      struct span clean, struct name_tag *tag)
{
	struct buf text = { 0 };
	const char *suffix;
	uint32_t nid;

	buf_add(&text, clean.at, clean.len);
	tag->always =
		clean.len == 0 || name_nid(buf_text(&text), &nid, &suffix);
	node->name = o->names.len;
	name_unique(&o->names, set, clean, tag);
	buf_byte(&o->names, '\0');
	o->names.bad |= text.bad;
	buf_free(&text);
}

/* Go into the message at `place`, if it can be read. */
static enum ost_status descend(struct attachment_index *o,
			       struct store_object *owner, uint32_t place,
			       unsigned depth, struct ost_error *err)
{
	struct store_object *message = NULL;
	enum ost_status st =
		mail_embedded(owner, o->at[place - 1].index, &message, err);

	if (st == OST_OK) {
		o->at[place - 1].is_message = true;
		if (depth < DEPTH_MAX)
			st = add_message(o, message, place, depth + 1, err);
	}
	store_drop(message);
	if (st != OST_OK && !ost_is_internal(st) && st != OST_LIMIT)
		st = OST_OK; /* the damage is told in the .eml */
	o->at[place - 1].has_beside = o->count > place;
	return st;
}

static enum ost_status add(struct attachment_index *o,
			   struct store_object *owner,
			   const struct mail_attachment *a, size_t index,
			   struct name_set *set, uint32_t parent,
			   unsigned depth, struct ost_error *err)
{
	enum ost_status st = append(o, err);
	const uint32_t place = o->count;
	struct name_tag tag = { .nid = a->nid,
				.place = place,
				.before_suffix = true,
				.nothing = "attachment" };
	struct attachment_index_node *node;
	struct buf clean = { 0 };

	if (st != OST_OK)
		return st;
	node = &o->at[place - 1];
	node->parent = parent;
	node->index = (uint32_t)index;
	node->nid = a->nid;
	name_clean(&clean, span_of(a->name, strlen(a->name)));
	if (a->kind == MAIL_MESSAGE)
		name_message(o, node, set, buf_span(&clean), &tag);
	else
		name_file(o, node, set, buf_span(&clean), &tag);
	o->names.bad |= clean.bad;
	buf_free(&clean);
	st = buf_status(&o->names, err);
	if (st == OST_OK && a->kind == MAIL_MESSAGE)
		st = descend(o, owner, place, depth, err);
	o->at[place - 1].end = o->count;
	return st;
}

static enum ost_status add_message(struct attachment_index *o,
				   struct store_object *message,
				   uint32_t parent, unsigned depth,
				   struct ost_error *err)
{
	struct mail_attachments *list = NULL;
	struct name_set set = { 0 };
	enum ost_status st =
		mail_attachments_open(&list, message, &o->options, err);

	if (st != OST_OK)
		return st;
	for (size_t i = 0; i < mail_attachments_count(list) && st == OST_OK;
	     i++)
		st = add(o, message, mail_attachment_at(list, i), i, &set,
			 parent, depth, err);
	mail_attachments_close(list);
	name_set_free(&set);
	return st;
}

/* The order of a name in a directory among those of `o`. */
static int order_of(const struct attachment_index *o, uint32_t dir,
		    const char *name, const struct attachment_index_name *other)
{
	const uint32_t parent = o->at[other->place - 1].parent;

	if (dir != parent)
		return dir > parent ? 1 : -1;
	return strcmp(name, o->names.at + other->name);
}

static int by_name(const void *a, const void *b, void *arg)
{
	const struct attachment_index_name *x = a;
	const struct attachment_index *o = arg;

	return order_of(o, o->at[x->place - 1].parent, o->names.at + x->name,
			b);
}

static enum ost_status sort_names(struct attachment_index *o,
				  struct ost_error *err)
{
	o->sorted = reallocarray(NULL, 2 * (size_t)o->count + 1,
				 sizeof(*o->sorted));
	if (o->sorted == NULL)
		return ost_no_memory(err);
	for (uint32_t i = 0; i < o->count; i++) {
		const struct attachment_index_node *n = &o->at[i];

		o->sorted[o->name_count++] =
			(struct attachment_index_name){ n->name, i + 1, false };
		if (n->has_beside)
			o->sorted[o->name_count++] =
				(struct attachment_index_name){ n->beside,
								i + 1, true };
	}
	qsort_r(o->sorted, o->name_count, sizeof(*o->sorted), by_name, o);
	return OST_OK;
}

static void destroy(struct lru_entry *e)
{
	struct attachment_index *o = (struct attachment_index *)e;

	buf_free(&o->names);
	free(o->sorted);
	free(o->at);
	free(o);
}

static enum ost_status make(void *arg, uint64_t key, struct lru_entry **out,
			    struct ost_error *err)
{
	const struct store_id id = { (uint32_t)key, 0 };
	struct store_object *message = NULL;
	struct attachment_index *o = calloc(1, sizeof(*o));
	struct tree *t = arg;
	enum ost_status st;

	if (o == NULL)
		return ost_no_memory(err);
	store_again(&o->base.store, t->store);
	o->base.destroy = destroy;
	o->options = plan_options(t);
	st = store_get(&o->base.store, id, &message, err);
	if (st == OST_OK)
		st = add_message(o, message, 0, 0, err);
	store_drop(message);
	if (st == OST_OK)
		st = sort_names(o, err);
	/* Places are counted, so that one which is missing moves the others. */
	if (st == OST_OK && store_failed(&o->base.store))
		st = ost_fail(err, OST_IO, "some cannot be read now");
	if (st != OST_OK) {
		destroy(&o->base);
		return ost_within(err, st, "attachments of %#x", id.nid);
	}
	o->base.cost = sizeof(*o) + 2 * o->count * sizeof(*o->at) +
		       o->names.cap +
		       (2 * (size_t)o->count + 1) * sizeof(*o->sorted);
	*out = &o->base;
	return OST_OK;
}

enum ost_status attachment_index_open(struct tree *t, uint32_t nid,
				      struct attachment_index **out,
				      struct ost_error *err)
{
	struct lru_entry *e;
	const enum ost_status st =
		lru_get(t->attachment_indexes, nid, make, t, &e, err);

	*out = (struct attachment_index *)e;
	return store_met(t->store, st);
}

void attachment_index_drop(struct attachment_index *o)
{
	if (o != NULL)
		lru_drop(&o->base);
}

const struct attachment_index_node *
attachment_index_at(const struct attachment_index *o, uint32_t place)
{
	return place >= 1 && place <= o->count ? &o->at[place - 1] : NULL;
}

struct wanted {
	uint32_t dir;
	const char *name;
};

static int against(const void *key, size_t index, const void *arg)
{
	const struct wanted *w = key;
	const struct attachment_index *o = arg;

	return order_of(o, w->dir, w->name, &o->sorted[index]);
}

const struct attachment_index_name *
attachment_index_find(const struct attachment_index *o, uint32_t dir,
		      const char *name)
{
	const struct wanted w = { dir, name };
	size_t i;

	return sorted_find(&w, o->name_count, against, o, &i) ? &o->sorted[i]
							      : NULL;
}

/* From the message down, one embedded message after the other. */
static enum ost_status follow(struct tree *t, const struct attachment_index *o,
			      const struct attachment_index_node *to,
			      struct store_object **owner,
			      struct ost_error *err)
{
	const struct store_id id = { (uint32_t)o->base.key, 0 };
	size_t path[DEPTH_MAX + 1], depth = 0;
	enum ost_status st = store_get(t->store, id, owner, err);

	for (uint32_t p = to->parent; p != 0; p = o->at[p - 1].parent)
		path[depth++] = o->at[p - 1].index;
	while (st == OST_OK && depth > 0) {
		struct store_object *inner = NULL;

		st = mail_embedded(*owner, path[--depth], &inner, err);
		store_drop(*owner);
		*owner = inner;
	}
	return st;
}

enum ost_status attachment_index_owner(struct tree *t, uint32_t nid,
				       uint32_t place,
				       struct store_object **owner,
				       size_t *index, struct ost_error *err)
{
	struct attachment_index *o = NULL;
	const struct attachment_index_node *node;
	enum ost_status st = attachment_index_open(t, nid, &o, err);

	*owner = NULL;
	if (st != OST_OK)
		return st;
	node = attachment_index_at(o, place);
	if (node == NULL) {
		attachment_index_drop(o);
		return ost_fail(err, OST_NOT_FOUND,
				"message %#x has no attachment %u", nid, place);
	}
	*index = node->index;
	st = follow(t, o, node, owner, err);
	attachment_index_drop(o);
	return st;
}
