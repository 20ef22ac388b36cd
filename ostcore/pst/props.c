/*
 * props.c - write a property context                    [MS-PST] 2.3.3
 */
#include "pst/props.h"

#include <stdlib.h>

#include "pst/heap.h"
#include "pst/put.h"
#include "pst/subs.h"
#include "store/mapi.h"

enum {
	KEPT_MAX = 8 << 20, /* bytes of values that are kept for the heap */
	RECORD_SIZE = 8,    /* id, type, value or HNID */
	ROOT = 0x20,
	SIZE_MAX_SAID = INT32_MAX,
};

/* Where the value of a property is. */
enum where { IN_RECORD, IN_HEAP, IN_SUBNODE, IS_SIZE };

struct entry {
	uint16_t id, type;
	enum where where;
	uint32_t hnid; /* the value, if in the record; HID once placed */
	size_t at;     /* in `kept`, if in the heap */
	uint64_t size; /* bytes */
	uint64_t bid;  /* if a subnode */
};

struct pst_props {
	struct pst_out *out;
	struct buf entries; /* owned: struct entry, as they were added */
	struct buf kept;    /* owned: values for the heap */
	struct pst_subs subs;
	uint64_t values; /* sum of sizes */
	/* A value that is added piece by piece. */
	bool open;
	uint16_t id, type;
	struct pst_data data;
	struct pst_mark mark;
};

enum ost_status pst_props_new(struct pst_props **props, struct pst_out *o,
			      struct ost_error *err)
{
	*props = calloc(1, sizeof(**props));
	if (*props == NULL)
		return ost_no_memory(err);
	(*props)->out = o;
	return OST_OK;
}

void pst_props_free(struct pst_props *p)
{
	if (p == NULL)
		return;
	buf_free(&p->entries);
	buf_free(&p->kept);
	pst_subs_free(&p->subs);
	pst_data_free(&p->data);
	free(p);
}

static struct entry *entries(const struct pst_props *p, size_t *count)
{
	*count = p->entries.len / sizeof(struct entry);
	return (struct entry *)(void *)p->entries.at;
}

static const struct entry *find(const struct pst_props *p, uint16_t id)
{
	size_t count;
	const struct entry *all = entries(p, &count);

	while (count > 0)
		if (all[--count].id == id)
			return &all[count];
	return NULL;
}

bool pst_props_has(const struct pst_props *p, uint16_t id)
{
	return find(p, id) != NULL;
}

uint64_t pst_props_values(const struct pst_props *p)
{
	return p->values;
}

uint64_t pst_props_bid(const struct pst_props *p, uint16_t id, uint64_t *size)
{
	const struct entry *e = find(p, id);

	if (e == NULL || e->where != IN_SUBNODE)
		return 0;
	if (size != NULL)
		*size = e->size;
	return e->bid;
}

/* May `id` be added? Mostly they come in order. */
static enum ost_status check_new(const struct pst_props *p, uint16_t id,
				 uint16_t type, struct ost_error *err)
{
	size_t count;
	const struct entry *all = entries(p, &count);

	if (!pst_type_known(type))
		return ost_fail(err, OST_UNSUPPORTED,
				"property %#06x has type %#06x, which is "
				"unknown",
				id, type);
	if (count > 0 && all[count - 1].id >= id && pst_props_has(p, id))
		return ost_fail(err, OST_BUG, "property %#06x twice", id);
	return OST_OK;
}

static enum ost_status add_entry(struct pst_props *p, const struct entry *e,
				 struct ost_error *err)
{
	buf_add(&p->entries, e, sizeof(*e));
	if (p->entries.bad)
		return ost_no_memory(err);
	p->values += e->size;
	return OST_OK;
}

/* A value that lies in the record itself, or is empty. */
static enum ost_status add_in_record(struct pst_props *p, struct entry *e,
				     struct span value, struct ost_error *err)
{
	e->where = IN_RECORD;
	e->hnid = (uint32_t)span_uint(value);
	return add_entry(p, e, err);
}

/* A value that is written as a subnode, `part`. */
static enum ost_status add_subnode(struct pst_props *p, struct entry *e,
				   const struct pst_part *part,
				   struct ost_error *err)
{
	enum ost_status st;

	e->where = IN_SUBNODE;
	e->hnid = pst_nid(p->out, PST_NID_VALUE);
	e->size = part->size;
	e->bid = part->data;
	st = pst_subs_add(&p->subs, e->hnid, part, err);
	return st == OST_OK ? add_entry(p, e, err) : st;
}

static bool is_kept(const struct pst_props *p, size_t len)
{
	return len <= PST_IN_HEAP_MAX && p->kept.len + len <= KEPT_MAX;
}

static enum ost_status add_kept(struct pst_props *p, struct entry *e,
				struct span value, struct ost_error *err)
{
	e->where = IN_HEAP;
	e->at = p->kept.len;
	buf_add(&p->kept, value.at, value.len);
	if (p->kept.bad)
		return ost_no_memory(err);
	return add_entry(p, e, err);
}

enum ost_status pst_props_add(struct pst_props *p, uint16_t id, uint16_t type,
			      struct span value, struct ost_error *err)
{
	struct entry e = { .id = id, .type = type, .size = value.len };
	const unsigned fixed = pst_type_size(type);
	struct pst_part part;
	enum ost_status st = check_new(p, id, type, err);

	if (st == OST_OK && !pst_value_fits(type, value))
		st = ost_fail(err, OST_CORRUPT,
			      "property %#06x of type %#06x has %zu bytes that "
			      "do not fit it",
			      id, type, value.len);
	if (st != OST_OK)
		return st;
	if (value.len == 0 || (fixed > 0 && fixed <= 4))
		return add_in_record(p, &e, value, err);
	if (is_kept(p, value.len))
		return add_kept(p, &e, value, err);
	st = pst_data_of(p->out, value, &part, err);
	return st == OST_OK ? add_subnode(p, &e, &part, err) : st;
}

enum ost_status pst_props_number(struct pst_props *p, uint16_t id,
				 uint16_t type, uint64_t value,
				 struct ost_error *err)
{
	uint8_t bytes[8];

	put64(bytes, value);
	return pst_props_add(p, id, type, span_of(bytes, pst_type_size(type)),
			     err);
}

enum ost_status pst_props_object(struct pst_props *p, uint16_t id, uint32_t nid,
				 uint64_t size, struct ost_error *err)
{
	const uint64_t said = size > SIZE_MAX_SAID ? SIZE_MAX_SAID : size;
	uint8_t bytes[8];
	enum ost_status st;

	put32(bytes, nid);
	put32(bytes + 4, (uint32_t)said);
	st = pst_props_add(p, id, MAPI_OBJECT, span_of(bytes, sizeof(bytes)),
			   err);
	if (st == OST_OK)
		p->values += size - sizeof(bytes);
	return st;
}

enum ost_status pst_props_size(struct pst_props *p, uint16_t id,
			       struct ost_error *err)
{
	const struct entry e = {
		.id = id, .type = MAPI_INTEGER32, .where = IS_SIZE, .size = 4
	};
	const enum ost_status st = check_new(p, id, e.type, err);

	return st == OST_OK ? add_entry(p, &e, err) : st;
}

enum ost_status pst_props_sub(struct pst_props *p, uint32_t nid,
			      const struct pst_part *part,
			      struct ost_error *err)
{
	return pst_subs_add(&p->subs, nid, part, err);
}

enum ost_status pst_props_begin(struct pst_props *p, uint16_t id, uint16_t type,
				struct ost_error *err)
{
	enum ost_status st = check_new(p, id, type, err);

	if (st == OST_OK && p->open)
		st = ost_fail(err, OST_BUG, "two values at a time");
	if (st != OST_OK)
		return st;
	p->open = true;
	p->id = id;
	p->type = type;
	p->data = (struct pst_data){ .out = p->out };
	pst_mark(p->out, &p->mark);
	return OST_OK;
}

enum ost_status pst_props_append(struct pst_props *p, struct span bytes,
				 struct ost_error *err)
{
	return pst_data_add(&p->data, bytes, err);
}

enum ost_status pst_props_close(struct pst_props *p, struct ost_error *err)
{
	struct entry e = { .id = p->id, .type = p->type };
	struct pst_part part;
	enum ost_status st;

	if (p->data.size == 0 && is_kept(p, p->data.rest.len)) {
		st = pst_props_add(p, p->id, p->type, buf_span(&p->data.rest),
				   err);
	} else {
		st = pst_data_end(&p->data, &part, err);
		if (st == OST_OK)
			st = add_subnode(p, &e, &part, err);
	}
	if (st != OST_OK)
		return st;
	pst_data_free(&p->data);
	p->open = false;
	return OST_OK;
}

enum ost_status pst_props_abandon(struct pst_props *p, struct ost_error *err)
{
	if (!p->open)
		return OST_OK;
	pst_data_free(&p->data);
	p->open = false;
	return pst_undo(p->out, &p->mark, err);
}

enum ost_status pst_props_stream(struct pst_props *p, uint16_t id,
				 uint16_t type, uint64_t size, pst_read *read,
				 void *from, struct ost_error *err)
{
	struct ost_error unsaid;
	enum ost_status st = pst_props_begin(p, id, type, err);

	if (st != OST_OK)
		return st;
	st = pst_data_copy(&p->data, size, read, from, err);
	if (st == OST_OK)
		st = pst_props_close(p, err);
	if (st != OST_OK && pst_props_abandon(p, &unsaid) != OST_OK &&
	    !pst_out_failed(p->out))
		return ost_fail(err, OST_BUG, "%s", unsaid.text);
	return st;
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static const struct pst_bth tree = { .key = 2, .entry = 6, .header = ROOT };

/* Place all values, and give the bytes of the heap. */
static uint64_t place(struct entry *all, size_t count)
{
	struct pst_layout l = { 0 };

	pst_layout_put(&l, PST_BTH_HEADER);
	pst_bth_layout(&l, &tree, count);
	for (size_t i = 0; i < count; i++)
		if (all[i].where == IN_HEAP)
			all[i].hnid = pst_layout_put(&l, (size_t)all[i].size);
	return pst_layout_size(&l);
}

static void put_records(struct buf *to, const struct entry *all, size_t count,
			uint64_t size)
{
	for (size_t i = 0; i < count; i++) {
		buf_put16(to, all[i].id);
		buf_put16(to, all[i].type);
		buf_put32(to, all[i].where != IS_SIZE ? all[i].hnid
			      : size > SIZE_MAX_SAID  ? SIZE_MAX_SAID
						      : (uint32_t)size);
	}
}

static enum ost_status put_values(const struct pst_props *p, struct pst_heap *h,
				  struct ost_error *err)
{
	size_t count;
	const struct entry *all = entries(p, &count);
	enum ost_status st = OST_OK;

	for (size_t i = 0; i < count && st == OST_OK; i++) {
		uint32_t hid = all[i].hnid;

		if (all[i].where == IN_HEAP)
			st = pst_heap_put(h,
					  span_of(p->kept.at + all[i].at,
						  (size_t)all[i].size),
					  &hid, err);
		if (st == OST_OK && hid != all[i].hnid)
			st = ost_fail(err, OST_BUG, "a value is at %#x", hid);
	}
	return st;
}

static enum ost_status write_heap(const struct pst_props *p,
				  struct span records, struct pst_part *part,
				  struct ost_error *err)
{
	const uint8_t header[PST_BTH_HEADER] = { 0 };
	struct pst_heap *h;
	uint32_t hid;
	enum ost_status st;

	st = pst_heap_new(&h, p->out, PST_HEAP_PROPS, ROOT, err);
	if (st == OST_OK)
		st = pst_heap_put(h, span_of(header, sizeof(header)), &hid,
				  err);
	if (st == OST_OK)
		st = pst_bth_put(h, &tree, records, err);
	if (st == OST_OK)
		st = put_values(p, h, err);
	if (st == OST_OK)
		st = pst_heap_end(h, part, err);
	pst_heap_free(h);
	return st;
}

enum ost_status pst_props_end(struct pst_props *p, struct pst_part *part,
			      struct ost_error *err)
{
	struct buf records = { 0 };
	size_t count;
	struct entry *all = entries(p, &count);
	uint64_t heap;
	enum ost_status st;

	if (p->open)
		return ost_fail(err, OST_BUG, "a value is not closed");
	if (count > 1)
		qsort(all, count, sizeof(*all), compare_entries);
	heap = place(all, count);
	put_records(&records, all, count, heap + p->subs.size);
	st = buf_status(&records, err);
	if (st == OST_OK)
		st = write_heap(p, buf_span(&records), part, err);
	buf_free(&records);
	if (st == OST_OK && part->size != heap)
		st = ost_fail(err, OST_BUG, "a heap of other size");
	return st == OST_OK ? pst_subs_end(&p->subs, p->out, part, err) : st;
}
