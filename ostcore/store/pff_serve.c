/*
 * pff_serve.c - the process in which libpff reads: requests in, replies out
 *
 * Objects are kept while they may be asked for again, a bounded number of
 * them: all that is in a property or an attachment that was read is in memory
 * as long as its object. One that was let go is got again.
 */
#include <stdlib.h>

#include "store/pff.h"
#include "store/pff_spawner.h"
#include "store/pff_wire.h"

enum { KEPT = 64 };

struct kept {
	struct pff_path path;
	struct store_object *object; /* owned; NULL: free */
	uint64_t used;		     /* when, by `server.clock` */
};

struct server {
	struct store_core *store;
	struct kept kept[KEPT];
	uint64_t clock;
	uint8_t value[PFF_BYTES];
};

static struct kept *find(struct server *s, const struct pff_path *path)
{
	for (size_t i = 0; i < KEPT; i++) {
		struct kept *k = &s->kept[i];

		if (k->object != NULL && pff_path_same(&k->path, path)) {
			k->used = ++s->clock;
			return k;
		}
	}
	return NULL;
}

static void drop(struct kept *k)
{
	if (k == NULL || k->object == NULL)
		return;
	pff_drop(k->object);
	k->object = NULL;
	k->used = 0;
}

/* Keep `o` in place of what was not used for longest. */
static void keep(struct server *s, const struct pff_path *path,
		 struct store_object *o)
{
	struct kept *oldest = &s->kept[0];

	for (size_t i = 1; i < KEPT; i++)
		if (s->kept[i].used < oldest->used)
			oldest = &s->kept[i];
	drop(oldest);
	*oldest = (struct kept){ *path, o, ++s->clock };
}

static bool drop_all(struct server *s)
{
	bool any = false;

	for (size_t i = 0; i < KEPT; i++) {
		any |= s->kept[i].object != NULL;
		drop(&s->kept[i]);
	}
	return any;
}

/* The object at the end of `path`, kept, as is all on the way there. */
static enum ost_status resolve(struct server *s, const struct pff_path *path,
			       struct store_object **out, struct ost_error *err)
{
	struct pff_path at = *path;
	struct kept *k = find(s, &at);
	enum ost_status st = OST_OK;

	while (k == NULL && at.steps > 0) {
		at.steps--;
		k = find(s, &at);
	}
	*out = k != NULL ? k->object : NULL;
	if (k == NULL) {
		st = pff_get(s->store, at.root, out, err);
		if (st == OST_OK)
			keep(s, &at, *out);
	}
	while (st == OST_OK && at.steps < path->steps) {
		const struct pff_step *step = &path->step[at.steps++];

		st = pff_child(*out, step->list, step->index, out, err);
		if (st == OST_OK)
			keep(s, &at, *out);
	}
	return st;
}

/* Most values are small, and most are read: that is one request less. */
static void put_in_place(struct store_object *o, struct store_prop *p)
{
	struct ost_error err;

	p->place = 0;
	p->in_place =
		p->size <= sizeof(p->place) &&
		pff_read(o, p, 0, &p->place, (size_t)p->size, &err) == OST_OK;
}

static enum ost_status answer(struct server *s, const struct pff_request *r,
			      struct pff_reply *out)
{
	struct store_prop p = { .id = r->id };
	struct store_object *o;
	enum ost_status st;

	if (r->op == PFF_COUNT)
		return pff_recovered(s->store, &out->count, &out->err);
	st = resolve(s, &r->path, &o, &out->err);
	if (st != OST_OK)
		return st;
	if (r->op == PFF_OBJECT) {
		out->id = o->id;
		out->parent = o->parent;
		out->original_nid = o->original_nid;
	} else if (r->op == PFF_NEXT) {
		st = pff_next(o, r->id, r->last, &out->prop, &out->err);
		if (st == OST_OK)
			put_in_place(o, &out->prop);
	} else {
		out->bytes = span_of(s->value, r->len);
		st = pff_read(o, &p, r->off, s->value, r->len, &out->err);
	}
	return st;
}

/*
 * libpff takes some of what it cannot read for empty: a list, which then ends
 * with its first child, or an object. It is one error then.
 */
static enum ost_status believe(const struct pff_request *r, enum ost_status st,
			       struct ost_error *err)
{
	const struct pff_path *p = &r->path;
	const bool first = p->steps == 0 || p->step[p->steps - 1].index == 0;
	const struct ost_error fault = pff_file_fault();

	if (fault.text[0] == '\0' ||
	    (st != OST_OK && !(st == OST_NOT_FOUND && first)))
		return st;
	return ost_fail(err, OST_CORRUPT, "%s", fault.text);
}

static enum ost_status answer_once(struct server *s,
				   const struct pff_request *r,
				   struct pff_reply *out)
{
	return believe(r, answer(s, r, out), &out->err);
}

/*
 * libpff cannot tell damage from want of memory: what fails is tried once
 * more with nothing else there.
 */
static void answer_well(struct server *s, const struct pff_request *r,
			struct pff_reply *out)
{
	out->status = answer_once(s, r, out);
	if (out->status != OST_OK && out->status != OST_NOT_FOUND &&
	    drop_all(s))
		out->status = answer_once(s, r, out);
}

static bool say(int fd, struct buf *out, enum pff_op op,
		const struct pff_reply *reply)
{
	buf_cut(out, 0);
	pff_put_reply(out, op, reply);
	return pff_send(fd, out);
}

/* Open the store, and say whether it could be. */
static bool open_store(int fd, struct server *s, const struct pff_input *in,
		       struct buf *out)
{
	struct pff_reply reply = { 0 };

	reply.status = pff_open(&s->store, in, &reply.err);
	return say(fd, out, PFF_OBJECT, &reply) && reply.status == OST_OK;
}

void pff_serve(int fd, const struct pff_input *file)
{
	struct server *s = calloc(1, sizeof(*s));
	struct buf in = { 0 }, out = { 0 };
	bool good = s != NULL && open_store(fd, s, file, &out);

	while (good && pff_hear(fd, NULL, &in) == PFF_HEARD) {
		struct pff_reply reply = { 0 };
		struct pff_request r;

		good = pff_get_request(buf_span(&in), &r);
		if (good && r.op == PFF_DROP) {
			drop(find(s, &r.path));
		} else if (good) {
			answer_well(s, &r, &reply);
			good = say(fd, &out, r.op, &reply);
		}
	}
	/* The process ends now, and its memory with it. */
}
