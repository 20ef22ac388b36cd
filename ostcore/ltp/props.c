/*
 * props.c - property contexts                           [MS-PST] 2.3.3
 *
 * The records are copied at open, in order of id; values stay where they are.
 * The data of large values is opened once, when one is first looked at, and
 * kept: an attachment is read in many pieces.
 */
#include <pthread.h>
#include <stdlib.h>

#include "ltp/heap.h"

#include "bytes/sorted.h"

enum { PROPS_MAX = 65536, OBJECT_TYPE = 0x000D };

struct record {
	uint16_t id;
	uint16_t type;
	uint32_t value; /* in place, or HNID */
};

struct opened {
	uint32_t hnid;
	struct ndb_stream *stream; /* owned */
	struct opened *next;
};

struct ltp_props {
	struct heap heap;
	struct record *records; /* owned, ascending by id */
	size_t count, cap;
	bool no_memory, too_many; /* why taking records stopped */
	pthread_mutex_t lock;	  /* of `opened` */
	struct opened *opened;
};

static bool take_record(void *arg, struct span key, struct span entry)
{
	struct ltp_props *p = arg;
	struct cursor k = cur_at(key, 0), e = cur_at(entry, 0);
	struct record r = { .id = cur_u16(&k), .type = cur_u16(&e) };

	r.value = cur_u32(&e);
	p->too_many = p->count == PROPS_MAX;
	if (p->too_many)
		return false;
	if (p->count == p->cap) {
		const size_t cap = p->cap == 0 ? 64 : p->cap * 2;
		struct record *more =
			realloc(p->records, cap * sizeof(*p->records));

		p->no_memory = more == NULL;
		if (more == NULL)
			return false;
		p->records = more;
		p->cap = cap;
	}
	p->records[p->count++] = r;
	return true;
}

static int compare_records(const void *a, const void *b)
{
	const struct record *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* In order already, in a sound store. Of equal ids the first counts. */
static void sort_records(struct ltp_props *p)
{
	size_t kept = 0;

	if (p->count == 0)
		return;
	for (size_t i = 1; i < p->count; i++)
		if (p->records[i].id <= p->records[i - 1].id) {
			qsort(p->records, p->count, sizeof(p->records[0]),
			      compare_records);
			break;
		}
	for (size_t i = 1; i < p->count; i++)
		if (p->records[i].id != p->records[kept].id)
			p->records[++kept] = p->records[i];
	p->count = kept + 1;
}

static enum ost_status load(struct ltp_props *p, struct ost_error *err)
{
	struct bth tree;
	enum ost_status st = bth_open(&tree, &p->heap, p->heap.root, err);

	if (st == OST_OK && (tree.key_size != 2 || tree.entry_size != 6))
		st = ost_fail(err, OST_CORRUPT,
			      "properties with key %u, entry %u, not 2 and 6",
			      tree.key_size, tree.entry_size);
	if (st == OST_OK)
		st = bth_each(&tree, take_record, p, err);
	if (st == OST_OK && p->no_memory)
		st = ost_no_memory(err);
	if (st == OST_OK && p->too_many)
		st = ost_fail(err, OST_CORRUPT, "over %d properties",
			      PROPS_MAX);
	sort_records(p);

	struct record *fit =
		realloc(p->records, (p->count + 1) * sizeof(*p->records));
	if (fit != NULL)
		p->records = fit;
	return st;
}

/* No object is without any. What lies beside them is there still. */
static void note_none(struct ltp_props *p)
{
	struct ost_error why;

	if (p->count > 0)
		return;
	(void)!ost_fail(&why, OST_CORRUPT, "properties of %#x: there are none",
			p->heap.node.nid.value);
	ndb_note_table(p->heap.db, NDB_PROPS_BAD, &p->heap.node, &why);
}

enum ost_status ltp_props_open(struct ltp_props **out, struct ndb *db,
			       const struct ndb_node *node,
			       struct ost_error *err)
{
	struct ltp_props *p = calloc(1, sizeof(*p));
	enum ost_status st;

	*out = NULL;
	if (p == NULL)
		return ost_no_memory(err);
	pthread_mutex_init(&p->lock, NULL);
	st = heap_open(&p->heap, db, node, HEAP_PROPS, err);
	if (st == OST_OK)
		st = load(p, err);
	if (st != OST_OK) {
		ltp_props_close(p);
		return ost_within(err, st, "properties of %#x",
				  node->nid.value);
	}
	note_none(p);
	*out = p;
	return OST_OK;
}

void ltp_props_close(struct ltp_props *p)
{
	if (p == NULL)
		return;
	while (p->opened != NULL) {
		struct opened *o = p->opened;

		p->opened = o->next;
		ndb_stream_close(o->stream);
		free(o);
	}
	pthread_mutex_destroy(&p->lock);
	free(p->records);
	heap_close(&p->heap);
	free(p);
}

unsigned ltp_fixed_size(uint16_t type)
{
	switch (type) {
	case 0x000B: /* PtypBoolean */
		return 1;
	case 0x0002: /* PtypInteger16 */
		return 2;
	case 0x0003: /* PtypInteger32 */
	case 0x0004: /* PtypFloating32 */
	case 0x000A: /* PtypErrorCode */
		return 4;
	case 0x0005: /* PtypFloating64 */
	case 0x0006: /* PtypCurrency */
	case 0x0007: /* PtypFloatingTime */
	case 0x0014: /* PtypInteger64 */
	case 0x0040: /* PtypTime */
		return 8;
	case 0x0048: /* PtypGuid */
		return 16;
	default:
		return 0;
	}
}

unsigned ltp_inline_size(uint16_t type)
{
	const unsigned size = ltp_fixed_size(type);

	return size <= 4 ? size : 0;
}

uint64_t ltp_value_size(uint16_t type, uint64_t stored)
{
	const unsigned fixed = ltp_fixed_size(type);

	return fixed > 0 && stored > fixed ? fixed : stored;
}

/* PtypObject [MS-PST] 2.3.3.5: a heap item that names the subnode. */
static enum ost_status object_nid(struct ltp_props *p, uint32_t hnid,
				  uint32_t *out, struct ost_error *err)
{
	uint8_t bytes[4];
	const enum ost_status st =
		heap_value_read(&p->heap, hnid, 0, bytes, sizeof(bytes), err);
	struct cursor c = cur_at(span_of(bytes, sizeof(bytes)), 0);

	*out = st == OST_OK ? cur_u32(&c) : 0;
	if (st == OST_OK && !heap_is_subnode(*out))
		return ost_fail(err, OST_CORRUPT, "object at %#x", *out);
	return st;
}

/* The data of subnode `hnid`, opened once; on loan for the life of `p`. */
static enum ost_status opened_stream(struct ltp_props *p, uint32_t hnid,
				     struct ndb_stream **out,
				     struct ost_error *err)
{
	struct opened *o;
	enum ost_status st = OST_OK;

	pthread_mutex_lock(&p->lock);
	for (o = p->opened; o != NULL && o->hnid != hnid;)
		o = o->next;
	pthread_mutex_unlock(&p->lock);
	if (o != NULL) {
		*out = o->stream;
		return OST_OK;
	}
	o = calloc(1, sizeof(*o));
	if (o == NULL)
		return ost_no_memory(err);
	st = heap_subnode(&p->heap, hnid, &o->stream, err);
	if (st != OST_OK) {
		free(o);
		return st;
	}
	/* Should another thread have been as quick, both are kept. */
	pthread_mutex_lock(&p->lock);
	o->hnid = hnid;
	o->next = p->opened;
	p->opened = o;
	pthread_mutex_unlock(&p->lock);
	*out = o->stream;
	return OST_OK;
}

static enum ost_status locate(struct ltp_props *p, const struct record *r,
			      struct ltp_value *out, struct ost_error *err)
{
	const unsigned size = ltp_inline_size(r->type);
	struct ndb_stream *stream = NULL;
	enum ost_status st = OST_OK;

	*out = (struct ltp_value){ .id = r->id, .type = r->type };
	if (size > 0) {
		out->in_place = true;
		out->size = size;
		for (unsigned i = 0; i < size; i++)
			out->inline_bytes[i] = (uint8_t)(r->value >> 8 * i);
		return OST_OK;
	}
	out->hnid = r->value;
	if (r->type == OBJECT_TYPE && !heap_is_subnode(r->value))
		st = object_nid(p, r->value, &out->hnid, err);
	if (st == OST_OK && heap_is_subnode(out->hnid)) {
		st = opened_stream(p, out->hnid, &stream, err);
		out->size = st == OST_OK ? ndb_stream_size(stream) : 0;
	} else if (st == OST_OK) {
		st = heap_value_size(&p->heap, out->hnid, &out->size, err);
	}
	out->size = ltp_value_size(r->type, out->size);
	out->broken = st != OST_OK;
	return st;
}

/* How many records have an id below `id`. */
static size_t count_below(const struct ltp_props *p, uint16_t id)
{
	size_t low;

	SORTED_FIRST(low, p->count, i, p->records[i].id < id);
	return low;
}

enum ost_status ltp_props_next(struct ltp_props *p, uint16_t id, uint16_t last,
			       struct ltp_value *out, struct ost_error *err)
{
	const size_t at = count_below(p, id);

	if (at == p->count || p->records[at].id > last)
		return ost_none(err, "property", id);

	const enum ost_status st = locate(p, &p->records[at], out, err);
	return st == OST_NO_MEMORY ? st : OST_OK; /* else `broken` says it */
}

enum ost_status ltp_props_read(struct ltp_props *p, const struct ltp_value *v,
			       uint64_t off, void *buf, size_t len,
			       struct ost_error *err)
{
	struct ndb_stream *stream = NULL;
	struct span part;
	enum ost_status st;

	if (v->in_place) {
		if (!span_sub(span_of(v->inline_bytes, (size_t)v->size), off,
			      len, &part))
			return ost_fail(err, OST_CORRUPT, "value too short");
		if (len > 0)
			memcpy(buf, part.at, len);
		return OST_OK;
	}
	if (v->type == OBJECT_TYPE && !heap_is_subnode(v->hnid))
		return ost_fail(err, OST_CORRUPT, "object at %#x", v->hnid);
	if (!heap_is_subnode(v->hnid))
		return heap_value_read(&p->heap, v->hnid, off, buf, len, err);
	st = opened_stream(p, v->hnid, &stream, err);
	return st == OST_OK ? ndb_stream_read(stream, off, buf, len, err) : st;
}

enum ost_status ltp_props_object(struct ltp_props *p, const struct ltp_value *v,
				 struct ndb_node *out, struct ost_error *err)
{
	if (v->type != OBJECT_TYPE)
		return ost_fail(err, OST_NOT_FOUND,
				"property %#06x is not an object", v->id);

	const enum ost_status st = ndb_find_sub(p->heap.db, &p->heap.node,
						(ndb_nid){ v->hnid }, out, err);

	if (st == OST_NOT_FOUND && heap_is_subnode(v->hnid))
		return ost_fail(err, OST_CORRUPT, "its subnode %#x is missing",
				v->hnid);
	return st;
}
