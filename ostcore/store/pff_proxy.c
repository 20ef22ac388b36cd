/*
 * pff_proxy.c - backend: libpff, in a process of its own
 *
 * libpff has no locks, grows with what it reads, and can be crashed by a
 * store. So it reads elsewhere, and here is only who asks. When the reader
 * ends or does not answer, that request fails and the next one gets a new
 * reader: objects are known by the way to them, not by what the reader holds.
 * What has ended two readers is not asked again.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "ndb/ndb.h"
#include "store/backend.h"
#include "store/info.h"
#include "store/pff_raw.h"
#include "store/pff_spawner.h"
#include "store/pff_wire.h"

enum {
	MEMORY = 1 << 30,
	WAIT_MS = 60000,
	SLOW_FACTOR = 10,   /* times that, to read all nodes, or the file */
	DEATHS_MAX = 64,    /* of readers, and then no more are started */
	LIST_MAX = 1 << 24, /* children of one object */
};

/* `base` comes first, so that a pointer to either is a pointer to both. */
struct proxy {
	struct store_core base;
	struct ndb *db;	       /* ours; NULL: libpff is not checked */
	struct source *source; /* owned by that, if it is there */
	struct pff_spawner spawner;
	unsigned wait_ms;
	uint32_t list_max; /* children of one object */

	pthread_mutex_t lock; /* around a request, and over all below */
	int reader;	      /* its socket; -1: there is none */
	struct buf in, out;
	struct pff_path deaths[DEATHS_MAX]; /* what was asked then */
	unsigned death_count;
	bool counted; /* what it recovers, once */
};

struct proxy_object {
	struct store_object base;
	struct pff_path path;
};

/* --- the reader --------------------------------------------------------- */

static struct timespec in_ms(uint64_t ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += (time_t)(ms / 1000);
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

/* End it, and say why there is no answer. Lock held. */
static enum ost_status reader_failed(struct proxy *p, enum pff_heard heard,
				     uint64_t waited_ms, struct ost_error *err)
{
	const int by = pff_spawner_kill(&p->spawner);

	close(p->reader);
	p->reader = -1;
	if (heard == PFF_LATE)
		return ost_fail(err, OST_IO, "libpff did not answer for %.1f s",
				(double)waited_ms / 1000);
	if (by == SIGKILL)
		return ost_fail(err, OST_IO, "libpff was killed");
	if (by != 0)
		return ost_fail(err, OST_CORRUPT, "libpff crashed by signal %d",
				by);
	return ost_fail(err, OST_CORRUPT, "libpff ended");
}

/* Its answer to `r`; the bytes in it are on loan. Lock held. */
static enum ost_status hear(struct proxy *p, const struct pff_request *r,
			    uint64_t ms, struct pff_reply *out,
			    struct ost_error *err)
{
	const struct timespec until = in_ms(ms);
	enum pff_heard heard = pff_hear(p->reader, &until, &p->in);

	if (heard == PFF_HEARD && !pff_get_reply(buf_span(&p->in), r, out))
		heard = PFF_GONE; /* nonsense, and so will be what follows */
	if (heard != PFF_HEARD)
		return reader_failed(p, heard, ms, err);
	if (out->status != OST_OK)
		*err = out->err;
	return out->status;
}

/* Is there one? One that ended since it was last asked is no more. */
static bool has_reader(struct proxy *p)
{
	struct pollfd ended = { .fd = p->reader, .events = POLLIN };
	struct ost_error err;

	/* Unasked, it has nothing to say: this is its end. */
	if (p->reader >= 0 && poll(&ended, 1, 0) != 0)
		(void)!reader_failed(p, PFF_GONE, 0, &err);
	return p->reader >= 0;
}

/* Start one, and wait until it has opened the store. Lock held. */
static enum ost_status reader_start(struct proxy *p, struct ost_error *err)
{
	static const struct pff_request opened = { .op = PFF_OBJECT };
	struct pff_reply reply;
	enum ost_status st = pff_spawner_fork(&p->spawner, &p->reader, err);

	if (st != OST_OK)
		return st;
	st = hear(p, &opened, (uint64_t)p->wait_ms * SLOW_FACTOR, &reply, err);
	if (st != OST_OK && p->reader >= 0)
		(void)!reader_failed(p, PFF_GONE, 0, &(struct ost_error){ "" });
	return st;
}

/* --- requests ------------------------------------------------------------ */

static bool is_recovered(struct store_id id)
{
	return (id.nid & MAPI_NID_TYPE) == MAPI_NID_RECOVERED_PFF;
}

/* A new reader has to recover all items before it has one of them. */
static uint64_t wait_for(const struct proxy *p, const struct pff_request *r)
{
	return (uint64_t)p->wait_ms *
	       (is_recovered(r->path.root) ? SLOW_FACTOR : 1);
}

/* May it be asked about `path`, after all that happened? Lock held. */
static enum ost_status may_ask(const struct proxy *p,
			       const struct pff_path *path,
			       struct ost_error *err)
{
	unsigned deaths = 0;

	if (p->death_count == DEATHS_MAX)
		return ost_fail(err, OST_IO,
				"libpff ended %d times and is given up",
				DEATHS_MAX);
	for (unsigned i = 0; i < p->death_count; i++)
		deaths += pff_path_same(&p->deaths[i], path);
	if (deaths > 1)
		return ost_fail(err, OST_CORRUPT,
				"libpff ended here twice: not tried again");
	return OST_OK;
}

/* Lock held. */
static enum ost_status ask_locked(struct proxy *p, const struct pff_request *r,
				  struct pff_reply *out, struct ost_error *err)
{
	enum ost_status st = may_ask(p, &r->path, err);

	if (st == OST_OK && !has_reader(p))
		st = reader_start(p, err);
	if (st != OST_OK)
		return st;
	buf_cut(&p->out, 0);
	pff_put_request(&p->out, r);
	/* What cannot be sent will not be answered either. */
	if (pff_send(p->reader, &p->out))
		st = hear(p, r, wait_for(p, r), out, err);
	else
		st = reader_failed(p, PFF_GONE, 0, err);
	if (p->reader < 0) {
		p->deaths[p->death_count++] = r->path;
		return ost_within(err, st, "node %#x", r->path.root.nid);
	}
	return st;
}

/* Ask, and take the bytes of the answer, if any, to `bytes`. */
static enum ost_status ask(struct store_core *s, const struct pff_request *r,
			   struct pff_reply *out, void *bytes,
			   struct ost_error *err)
{
	struct proxy *p = (struct proxy *)s;
	enum ost_status st;

	pthread_mutex_lock(&p->lock);
	st = ask_locked(p, r, out, err);
	if (st == OST_OK && bytes != NULL && out->bytes.len > 0)
		memcpy(bytes, out->bytes.at, out->bytes.len);
	pthread_mutex_unlock(&p->lock);
	return st;
}

/* --- objects ------------------------------------------------------------- */

/* The object at the end of `path`, if there is one. */
static enum ost_status object_new(struct store_core *s,
				  const struct pff_path *path,
				  struct store_object **out,
				  struct ost_error *err)
{
	const struct pff_request r = { .op = PFF_OBJECT, .path = *path };
	struct proxy_object *o;
	struct pff_reply reply;
	const enum ost_status st = ask(s, &r, &reply, NULL, err);

	*out = NULL;
	if (st != OST_OK)
		return st;
	o = calloc(1, sizeof(*o));
	if (o == NULL)
		return ost_fail(err, OST_NO_MEMORY, "no memory for an object");
	o->base.ops = &store_pff;
	o->base.core = s;
	o->base.store = &s->self;
	o->base.id = path->steps == 0 ? path->root : reply.id;
	o->base.parent = reply.parent;
	if (path->steps == 0 && is_recovered(path->root))
		o->base.original_nid = reply.original_nid != 0
					       ? reply.original_nid
					       : path->root.nid;
	o->path = *path;
	*out = &o->base;
	return OST_OK;
}

static enum ost_status proxy_get(struct store_core *s, struct store_id id,
				 struct store_object **out,
				 struct ost_error *err)
{
	const struct pff_path path = { .root = id };

	return object_new(s, &path, out, err);
}

static enum ost_status recovered(struct store_core *s, size_t index,
				 struct store_object **out,
				 struct ost_error *err)
{
	const struct pff_request r = {
		.op = PFF_COUNT,
		.path.root.nid = MAPI_NID_RECOVERED_PFF,
	};
	struct pff_path path = { .steps = 0 };
	struct pff_reply reply;
	struct proxy *p = (struct proxy *)s;
	const enum ost_status st = ask(s, &r, &reply, NULL, err);

	if (st == OST_OK)
		__atomic_store_n(&p->counted, true, __ATOMIC_RELAXED);
	if (st != OST_OK && (index == 0 || st == OST_IO))
		return st;
	/* A list that cannot be read at all is one error long. */
	if (st != OST_OK && __atomic_load_n(&p->counted, __ATOMIC_RELAXED))
		return ost_within(err, OST_LIMIT, "what is recovered from %zu",
				  index);
	if (st != OST_OK || index >= reply.count)
		return ost_none(err, "recovered item", index);
	if (index == PFF_RECOVERED)
		return ost_fail(err, OST_LIMIT, "over %d recovered items",
				PFF_RECOVERED);
	path.root = pff_recovered_id((uint32_t)index);
	return object_new(s, &path, out, err);
}

void pff_list_cap(struct store *s, uint32_t max)
{
	((struct proxy *)s->core)->list_max = max;
}

static enum ost_status proxy_child(struct store_object *o, enum store_list list,
				   size_t index, struct store_object **out,
				   struct ost_error *err)
{
	const struct proxy *p = (const struct proxy *)o->core;
	struct pff_path path = ((struct proxy_object *)o)->path;
	enum ost_status st;

	*out = NULL;
	if (path.steps == PFF_STEPS)
		return ost_fail(err, OST_LIMIT, "%d objects in each other",
				PFF_STEPS);
	if (list == STORE_NODES)
		return ost_fail(err, OST_UNSUPPORTED,
				"libpff cannot list nodes");
	if (list == STORE_RECOVERED_PFF)
		return recovered(o->core, index, out, err);
	if (list == STORE_RECOVERED || index > p->list_max)
		return ost_none(err, "child", index);
	path.step[path.steps++] = (struct pff_step){ list, (uint32_t)index };
	st = object_new(o->core, &path, out, err);
	if (st != OST_OK || index < p->list_max)
		return st;
	store_drop(*out);
	*out = NULL;
	return ost_fail(err, OST_LIMIT, "over %" PRIu32 " children",
			p->list_max);
}

static enum ost_status proxy_next(struct store_object *o, uint16_t id,
				  uint16_t last, struct store_prop *out,
				  struct ost_error *err)
{
	const struct pff_request r = {
		.op = PFF_NEXT,
		.path = ((struct proxy_object *)o)->path,
		.id = id,
		.last = last,
	};
	struct pff_reply reply;
	const enum ost_status st = ask(o->core, &r, &reply, NULL, err);

	if (st == OST_OK)
		*out = reply.prop;
	return st;
}

static enum ost_status read_in_place(const struct store_prop *p, uint64_t off,
				     void *buf, size_t len,
				     struct ost_error *err)
{
	struct span value;

	if (!span_sub(span_of(&p->place, (size_t)p->size), off, len, &value))
		return ost_fail(err, OST_CORRUPT, "property %#x ends before",
				p->id);
	if (len > 0)
		memcpy(buf, value.at, len);
	return OST_OK;
}

static enum ost_status proxy_read(struct store_object *o,
				  const struct store_prop *p, uint64_t off,
				  void *buf, size_t len, struct ost_error *err)
{
	struct pff_request r = {
		.op = PFF_READ,
		.path = ((struct proxy_object *)o)->path,
		.id = p->id,
		.off = off,
	};
	uint8_t *to = buf;
	enum ost_status st;

	if (p->in_place)
		return read_in_place(p, off, buf, len, err);
	do {
		struct pff_reply reply;

		r.len = (uint32_t)(len < PFF_BYTES ? len : PFF_BYTES);
		st = ask(o->core, &r, &reply, to, err);
		r.off += r.len;
		to += r.len;
		len -= r.len;
	} while (st == OST_OK && len > 0);
	return st;
}

/* What the reader holds of it may go; one that has ended holds nothing. */
static void proxy_drop(struct store_object *o)
{
	struct proxy *p = (struct proxy *)o->core;
	const struct pff_request r = {
		.op = PFF_DROP,
		.path = ((struct proxy_object *)o)->path,
	};

	struct ost_error err;

	pthread_mutex_lock(&p->lock);
	buf_cut(&p->out, 0);
	pff_put_request(&p->out, &r);
	if (p->reader >= 0 && !pff_send(p->reader, &p->out))
		(void)!reader_failed(p, PFF_GONE, 0, &err);
	pthread_mutex_unlock(&p->lock);
	free(o);
}

/* --- the store ----------------------------------------------------------- */

static void proxy_close(struct store_core *s)
{
	struct proxy *p = (struct proxy *)s;

	if (p->reader >= 0)
		close(p->reader);
	pff_spawner_stop(&p->spawner);
	if (p->db == NULL)
		source_close(p->source);
	ndb_close(p->db);
	buf_free(&p->in);
	buf_free(&p->out);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

static bool proxy_damage(struct store_core *s, size_t index,
			 struct store_damage *out)
{
	const struct proxy *p = (const struct proxy *)s;

	return p->db != NULL && info_damage(p->db, index, out);
}

static uint64_t proxy_damage_count(struct store_core *s)
{
	const struct proxy *p = (const struct proxy *)s;

	return p->db != NULL ? ndb_damage_count(p->db) : 0;
}

/*
 * What the header says. Ours is asked, so that a file that is no store is
 * refused in the same words whichever reader it is for; libpff refuses the
 * same files, but cannot tell one reason from another.
 */
static enum ost_status open_ours(struct proxy *p, struct ost_error *err)
{
	const enum ost_status st = ndb_open(&p->db, p->source, NULL, err);

	if (st != OST_OK) {
		p->source = NULL; /* which is closed */
		return st;
	}
	info_fill(&p->base.info, ndb_info(p->db));
	return OST_OK;
}

static enum ost_status open_reader(struct proxy *p, bool raw,
				   const struct store_options *options,
				   struct ost_error *err)
{
	struct pff_input in = { .source = p->source };
	enum ost_status st = OST_OK;

	if (p->db != NULL && !raw)
		st = ndb_map_new(&in.map, p->db, err);
	if (st == OST_OK)
		st = pff_spawner_start(
			&p->spawner, &in,
			options->memory > 0 ? options->memory : MEMORY, err);
	ndb_map_free(in.map); /* the spawner has its own */
	if (st == OST_OK && options->opened != NULL)
		options->opened(options->arg);
	if (st != OST_OK || options->later)
		return st;
	pthread_mutex_lock(&p->lock);
	st = reader_start(p, err);
	pthread_mutex_unlock(&p->lock);
	if (st == OST_CORRUPT && p->base.info.size < p->base.info.header_eof)
		return OST_TRUNCATED;
	return st;
}

static enum ost_status open_proxy(struct store_core **out, const char *path,
				  bool raw, const struct store_options *options,
				  struct ost_error *err)
{
	struct source *src = NULL;
	struct proxy *p;
	enum ost_status st = source_open(&src, path, err);

	*out = NULL;
	if (st != OST_OK)
		return st;
	p = calloc(1, sizeof(*p));
	if (p == NULL) {
		source_close(src);
		return ost_fail(err, OST_NO_MEMORY, "no memory for a store");
	}
	p->reader = -1;
	p->source = src;
	p->spawner = (struct pff_spawner){ -1, -1 };
	p->wait_ms = options->wait_ms > 0 ? options->wait_ms : WAIT_MS;
	p->list_max = LIST_MAX;
	pthread_mutex_init(&p->lock, NULL);
	if (!options->later)
		st = open_ours(p, err);
	if (st == OST_OK)
		st = open_reader(p, raw, options, err);
	if (st == OST_OK)
		*out = &p->base;
	else
		proxy_close(&p->base);
	return st;
}

static enum ost_status proxy_open(struct store_core **out, const char *path,
				  const struct store_options *options,
				  struct ost_error *err)
{
	return open_proxy(out, path, false, options, err);
}

static enum ost_status raw_open(struct store_core **out, const char *path,
				const struct store_options *options,
				struct ost_error *err)
{
	return open_proxy(out, path, true, options, err);
}

const struct store_ops store_pff = {
	.name = "pff",
	.lacks = 1 << STORE_NODES | 1 << STORE_RECOVERED,
	.open = proxy_open,
	.get = proxy_get,
	.child = proxy_child,
	.next = proxy_next,
	.read = proxy_read,
	.drop = proxy_drop,
	.close = proxy_close,
	.damage = proxy_damage,
	.damage_count = proxy_damage_count,
};

const struct store_ops store_pff_raw = {
	.name = "pff",
	.lacks = 1 << STORE_NODES | 1 << STORE_RECOVERED,
	.open = raw_open,
	.get = proxy_get,
	.child = proxy_child,
	.next = proxy_next,
	.read = proxy_read,
	.drop = proxy_drop,
	.close = proxy_close,
	.damage = proxy_damage,
	.damage_count = proxy_damage_count,
};
