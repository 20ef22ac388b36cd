/*
 * store.c - what holds for every backend: values as text and numbers
 */
#include "store/backend.h"

#include <stdlib.h>

#include "store/charset.h"

enum { TEXT_MAX = 64 << 20, MULTI_MAX = 16 << 20 };

/*
 * Handles, and what sticks to them
 */

void store_again(struct store *own, struct store *s)
{
	own->core = s->core;
	own->up = s;
	atomic_init(&own->failed, false);
}

void store_settle(struct store *own)
{
	own->up = NULL;
}

static void store_fail(struct store *s)
{
	for (; s != NULL; s = s->up)
		atomic_store_explicit(&s->failed, true, memory_order_relaxed);
}

bool store_failed(const struct store *s)
{
	return atomic_load_explicit(&s->failed, memory_order_relaxed);
}

/* All that is read of a store has its status pass through here. */
enum ost_status store_met(struct store *s, enum ost_status st)
{
	if (ost_is_transient(st))
		store_fail(s);
	return st;
}

/* `st`, with which a backend gave `*out`: it is read through `s` from now. */
static enum ost_status given(struct store *s, enum ost_status st,
			     struct store_object **out)
{
	if (st != OST_OK)
		return store_met(s, st);
	(*out)->store = s;
	if (atomic_load_explicit(&(*out)->failed, memory_order_relaxed))
		store_fail(s);
	return st;
}

const struct store_info *store_info(const struct store *s)
{
	return &s->core->info;
}

const char *store_reader(const struct store *s)
{
	return s->core->ops->name;
}

bool store_gives(const struct store *s, enum store_list list)
{
	return (s->core->ops->lacks >> list & 1) == 0;
}

void store_set_guest(struct store *s, struct store_guest *guest)
{
	s->core->guest = guest;
}

void store_set_vote(struct store *s, unsigned (*vote)(struct store *s))
{
	s->core->vote = vote;
}

struct store_guest *store_guest(const struct store *s)
{
	return s->core->guest;
}

bool store_damage(struct store *s, size_t index, struct store_damage *out)
{
	struct store_core *c = s->core;

	return c->ops->damage != NULL && c->ops->damage(c, index, out);
}

uint64_t store_damage_count(struct store *s)
{
	struct store_core *c = s->core;

	return c->ops->damage_count != NULL ? c->ops->damage_count(c) : 0;
}

enum ost_status store_check(struct store *s, struct ost_error *err)
{
	struct store_core *c = s->core;

	return c->ops->check != NULL ? c->ops->check(c, err) : OST_OK;
}

enum ost_status store_find_orphans(struct store *s, struct ost_error *err)
{
	struct store_core *c = s->core;

	return c->ops->find_orphans != NULL ? c->ops->find_orphans(c, err)
					    : OST_OK;
}

/*
 * Objects
 */

static enum ost_status crosscheck_recovered(struct store_core *second,
					    size_t index,
					    struct store_object **out,
					    struct ost_error *err)
{
	const struct store_id id = { MAPI_NID_STORE, 0 };
	struct store_object *top = NULL;
	enum ost_status st = second->ops->get(second, id, &top, err);

	if (st == OST_OK)
		st = top->ops->child(top, STORE_RECOVERED_PFF, index, out, err);
	store_drop(top);
	return st;
}

enum ost_status store_get(struct store *s, struct store_id id,
			  struct store_object **out, struct ost_error *err)
{
	struct store_core *c = s->core;

	*out = NULL;
	if (c->second != NULL &&
	    (id.nid & MAPI_NID_TYPE) == MAPI_NID_RECOVERED_PFF)
		c = c->second;
	return given(s, c->ops->get(c, id, out, err), out);
}

enum ost_status store_child(struct store_object *o, enum store_list list,
			    size_t index, struct store_object **out,
			    struct ost_error *err)
{
	struct store_core *second = o->core->second;
	enum ost_status st;

	*out = NULL;
	if (list == STORE_RECOVERED_PFF && second != NULL)
		return given(o->store,
			     crosscheck_recovered(second, index, out, err),
			     out);
	st = given(o->store, o->ops->child(o, list, index, out, err), out);
	if (atomic_load_explicit(&o->failed, memory_order_relaxed))
		store_fail(o->store);

	/* Rows inside a message name no code page: theirs is the message's. */
	if (st == OST_OK &&
	    (list == STORE_RECIPIENTS || list == STORE_ATTACHMENTS ||
	     (list == STORE_MESSAGES && o->pages.known)))
		(*out)->pages = charset_pages(o);
	return st;
}

enum ost_status store_next(struct store_object *o, uint16_t id,
			   struct store_prop *out, struct ost_error *err)
{
	return store_met(o->store, o->ops->next(o, id, UINT16_MAX, out, err));
}

enum ost_status store_read(struct store_object *o, const struct store_prop *p,
			   uint64_t off, void *buf, size_t len,
			   struct ost_error *err)
{
	return store_met(o->store, o->ops->read(o, p, off, buf, len, err));
}

void store_drop(struct store_object *o)
{
	if (o != NULL)
		o->ops->drop(o);
}

void store_rest(struct store_object *o)
{
	if (o != NULL && o->ops->rest != NULL)
		o->ops->rest(o);
}

void store_wake(struct store_object *o)
{
	if (o != NULL && o->ops->wake != NULL)
		o->ops->wake(o);
}

enum ost_status store_find(struct store_object *o, uint16_t id,
			   struct store_prop *out, struct ost_error *err)
{
	return store_met(o->store, o->ops->next(o, id, id, out, err));
}

/* All of `p`, to `at`, which has room for it. */
static enum ost_status read_all(struct store_object *o,
				const struct store_prop *p, void *at,
				struct ost_error *err)
{
	const enum ost_status st =
		store_read(o, p, 0, at, (size_t)p->size, err);

	return st == OST_OK ? st : ost_within(err, st, "property %#06x", p->id);
}

/* Append all of `p`. */
static enum ost_status append(struct store_object *o,
			      const struct store_prop *p, struct buf *out,
			      struct ost_error *err)
{
	const size_t before = out->len;
	void *at = buf_more(out, (size_t)p->size);
	enum ost_status st;

	if (at == NULL)
		return buf_status(out, err);
	st = read_all(o, p, at, err);
	if (st != OST_OK)
		buf_cut(out, before);
	return st;
}

static enum ost_status find_capped(struct store_object *o, uint16_t id,
				   uint64_t max, struct store_prop *p,
				   struct ost_error *err)
{
	const enum ost_status st = store_find(o, id, p, err);

	if (st == OST_OK && p->size > max)
		return ost_fail(err, OST_LIMIT,
				"property %#06x has %llu bytes, more than %llu",
				id, (unsigned long long)p->size,
				(unsigned long long)max);
	return st;
}

enum ost_status store_bytes(struct store_object *o, uint16_t id, uint64_t max,
			    struct buf *out, struct ost_error *err)
{
	struct store_prop p;
	const enum ost_status st = find_capped(o, id, max, &p, err);

	return st == OST_OK ? store_met(o->store, append(o, &p, out, err)) : st;
}

/* Most texts are short: those need no memory of their own. */
static enum ost_status text_of(struct store_object *o,
			       const struct store_prop *p, struct buf *out,
			       struct store_reading *how, struct ost_error *err)
{
	uint8_t some[512];
	struct buf more = { 0 };
	struct span stored = span_of(some, (size_t)p->size);
	enum ost_status st;

	if (p->size <= sizeof(some)) {
		st = read_all(o, p, some, err);
	} else {
		st = append(o, p, &more, err);
		stored = buf_span(&more);
	}
	if (st == OST_OK) {
		store_decode(o, p->type, stored, out, how);
		st = buf_status(out, err);
	}
	buf_free(&more);
	return st;
}

enum ost_status store_text(struct store_object *o, uint16_t id, struct buf *out,
			   struct store_reading *how, struct ost_error *err)
{
	struct store_prop p;
	enum ost_status st = find_capped(o, id, TEXT_MAX, &p, err);

	if (st == OST_OK && p.type != MAPI_UNICODE && p.type != MAPI_STRING8)
		st = ost_fail(err, OST_NOT_FOUND,
			      "property %#06x of type %#06x is not text", id,
			      p.type);
	if (st == OST_OK)
		st = text_of(o, &p, out, how, err);
	return store_met(o->store, st);
}

static bool is_number(uint16_t type)
{
	return type == MAPI_INTEGER16 || type == MAPI_INTEGER32 ||
	       type == MAPI_INTEGER64 || type == MAPI_BOOLEAN ||
	       type == MAPI_TIME || type == MAPI_ERROR_CODE ||
	       type == MAPI_CURRENCY;
}

uint64_t store_number(struct store_object *o, uint16_t id, uint64_t fallback)
{
	uint8_t bytes[8];
	struct store_prop p;
	struct ost_error err;

	if (store_find(o, id, &p, &err) != OST_OK || !is_number(p.type) ||
	    p.size == 0 || p.size > sizeof(bytes) ||
	    store_read(o, &p, 0, bytes, (size_t)p.size, &err) != OST_OK)
		return fallback;

	struct cursor c = cur_at(span_of(bytes, (size_t)p.size), 0);
	return cur_uint(&c, (unsigned)p.size);
}

/* [MS-PST] 2.3.3.4.2: a count, that many offsets, the values. */
enum ost_status store_multi_of(struct span all, size_t index, struct span *out,
			       struct ost_error *err)
{
	struct cursor head = cur_at(all, 0);
	const uint32_t count = cur_u32(&head);

	if (!cur_ok(&head) || index >= count)
		return ost_none(err, "value", index);
	head = cur_at(all, 4 + 4 * (uint64_t)index);

	const uint64_t from = cur_u32(&head);
	const bool last = index + 1 == count;
	const uint64_t to = last ? all.len : cur_u32(&head);

	if (!cur_ok(&head) || to < from || !span_sub(all, from, to - from, out))
		return ost_fail(err, OST_CORRUPT,
				"value %zu of %u is at %llu to %llu of %zu",
				index, count, (unsigned long long)from,
				(unsigned long long)to, all.len);
	return OST_OK;
}

enum ost_status store_multi(struct store_object *o, uint16_t id, size_t index,
			    struct buf *out, struct store_reading *how,
			    struct ost_error *err)
{
	struct buf all = { 0 };
	struct store_prop p;
	struct span value;
	enum ost_status st = find_capped(o, id, MULTI_MAX, &p, err);

	if (st == OST_OK && p.type != (MAPI_MULTIPLE | MAPI_UNICODE) &&
	    p.type != (MAPI_MULTIPLE | MAPI_STRING8) &&
	    p.type != (MAPI_MULTIPLE | MAPI_BINARY))
		st = ost_fail(err, OST_NOT_FOUND,
			      "property %#06x of type %#06x is not a list", id,
			      p.type);
	if (st == OST_OK)
		st = append(o, &p, &all, err);
	if (st == OST_OK)
		st = store_multi_of(buf_span(&all), index, &value, err);
	if (st == OST_OK) {
		if (p.type == (MAPI_MULTIPLE | MAPI_BINARY))
			buf_add(out, value.at, value.len);
		else
			store_decode(o, p.type & 0xFFF, value, out, how);
		st = buf_status(out, err);
	}
	buf_free(&all);
	return store_met(o->store, st);
}
