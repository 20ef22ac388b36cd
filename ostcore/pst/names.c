/*
 * names.c - the map of named properties                 [MS-PST] 2.4.7
 */
#include "pst/names.h"

#include <stdlib.h>

#include "ndb/sums.h"
#include "pst/props.h"
#include "pst/put.h"
#include "store/mapi.h"

enum {
	FIRST_ID = 0x8000,
	LAST_ID = 0xFFFD,
	NAME_MAX_BYTES = 1024,
	GUID_SIZE = 16,
	GUID_FIRST = 3, /* index of the first in the stream */
	BUCKETS = 251,
	BUCKET_FIRST = 0x1000, /* property id */
	BUCKET_COUNT = 0x0001, /* property ids of the streams */
	GUID_STREAM = 0x0002,
	ENTRY_STREAM = 0x0003,
	STRING_STREAM = 0x0004,
};

/* Sets that have an index without being in the stream. */
static const uint8_t known[][GUID_SIZE] = {
	/* PS_MAPI */
	{ 0x28, 3, 2, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46 },
	/* PS_PUBLIC_STRINGS */
	{ 0x29, 3, 2, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46 },
};

struct entry {
	uint16_t id;
	uint8_t guid[GUID_SIZE];
	uint32_t lid;
	size_t name, name_len; /* bytes in `names`; none: lid */
};

struct pst_names {
	struct buf entries; /* owned: struct entry, as they were added */
	struct buf names;   /* owned: UTF-16LE */
	uint8_t has[(LAST_ID - FIRST_ID) / 8 + 1]; /* a bit an id */
	uint16_t highest;			   /* id; 0: none */
};

enum ost_status pst_names_new(struct pst_names **names, struct ost_error *err)
{
	*names = calloc(1, sizeof(**names));
	return *names != NULL ? OST_OK : ost_no_memory(err);
}

void pst_names_free(struct pst_names *n)
{
	if (n == NULL)
		return;
	buf_free(&n->entries);
	buf_free(&n->names);
	free(n);
}

static struct entry *entries(const struct pst_names *n, size_t *count)
{
	*count = n->entries.len / sizeof(struct entry);
	return (struct entry *)(void *)n->entries.at;
}

static struct span name_of(const struct pst_names *n, const struct entry *e)
{
	return e->name_len > 0 ? span_of(n->names.at + e->name, e->name_len)
			       : span_of(NULL, 0);
}

bool pst_names_has(const struct pst_names *n, uint16_t id)
{
	const unsigned bit = (unsigned)(id - FIRST_ID);

	return id >= FIRST_ID && id <= LAST_ID &&
	       (n->has[bit / 8] & 1 << bit % 8) != 0;
}

uint16_t pst_names_find(const struct pst_names *n, const struct pst_name *name)
{
	size_t count;
	const struct entry *all = entries(n, &count);

	for (size_t i = 0; i < count; i++)
		if (memcmp(all[i].guid, name->guid, GUID_SIZE) == 0 &&
		    span_equal(name_of(n, &all[i]), name->name) &&
		    (name->name.len > 0 || all[i].lid == name->lid))
			return all[i].id;
	return 0;
}

uint16_t pst_names_free_id(const struct pst_names *n)
{
	if (n->highest == 0)
		return FIRST_ID;
	return n->highest < LAST_ID ? (uint16_t)(n->highest + 1) : 0;
}

enum ost_status pst_names_add(struct pst_names *n, uint16_t id,
			      const struct pst_name *name,
			      struct ost_error *err)
{
	const struct span text = name->name;
	struct entry e = { .id = id,
			   .lid = name->lid,
			   .name = n->names.len,
			   .name_len = text.len };

	if (pst_names_has(n, id))
		return OST_OK;
	if (id < FIRST_ID || id > LAST_ID || text.len > NAME_MAX_BYTES)
		return ost_fail(err, OST_LIMIT,
				"property %#06x cannot be named", id);
	memcpy(e.guid, name->guid, sizeof(e.guid));
	buf_add(&n->entries, &e, sizeof(e));
	buf_add(&n->names, text.at, text.len);
	if (n->entries.bad || n->names.bad)
		return ost_no_memory(err);
	n->has[(id - FIRST_ID) / 8] |= (uint8_t)(1 << (id - FIRST_ID) % 8);
	n->highest = id > n->highest ? id : n->highest;
	return OST_OK;
}

static int compare_ids(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* The streams, and the buckets, while they are made. */
struct streams {
	struct buf guids, entries, strings; /* owned */
	struct buf buckets[BUCKETS];	    /* owned */
};

/* The index of `guid`; what has none is added to the stream. */
static uint16_t guid_index(struct buf *guids, const uint8_t *guid)
{
	const size_t count = guids->len / GUID_SIZE;
	size_t i = 0;

	for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++)
		if (memcmp(known[k], guid, GUID_SIZE) == 0)
			return (uint16_t)(k + 1);
	while (i < count &&
	       memcmp(guids->at + i * GUID_SIZE, guid, GUID_SIZE) != 0)
		i++;
	if (i == count)
		buf_add(guids, guid, GUID_SIZE);
	return (uint16_t)(i + GUID_FIRST);
}

/* NAMEID, to the stream or to a bucket [MS-PST] 2.4.7.1: in both they ascend by
   property id, as they are added. */
static void put_entry(struct buf *to, uint32_t key, uint16_t guid,
		      uint16_t index)
{
	buf_put32(to, key);
	buf_put16(to, guid);
	buf_put16(to, index);
}

static void add_string(struct buf *strings, struct span name)
{
	static const char zeros[4];

	buf_put32(strings, (uint32_t)name.len);
	buf_add(strings, name.at, name.len);
	buf_add(strings, zeros, (4 - strings->len % 4) % 4);
}

static void add_name(const struct pst_names *n, const struct entry *e,
		     struct streams *s)
{
	const struct span name = name_of(n, e);
	const uint16_t guid = (uint16_t)(guid_index(&s->guids, e->guid) << 1 |
					 (name.len > 0));
	const uint16_t index = (uint16_t)(e->id - FIRST_ID);
	const uint32_t key = name.len > 0 ? ndb_crc(name) : e->lid;

	put_entry(&s->entries, name.len > 0 ? (uint32_t)s->strings.len : e->lid,
		  guid, index);
	put_entry(&s->buckets[(key ^ guid) % BUCKETS], key, guid, index);
	if (name.len > 0)
		add_string(&s->strings, name);
}

static enum ost_status write_streams(struct streams *s, struct pst_props *p,
				     struct ost_error *err)
{
	const struct buf *streams[] = { &s->guids, &s->entries, &s->strings };
	enum ost_status st;

	st = pst_props_number(p, BUCKET_COUNT, MAPI_INTEGER32, BUCKETS, err);
	for (uint16_t i = 0; i < 3 && st == OST_OK; i++) {
		st = buf_status(streams[i], err);
		if (st == OST_OK)
			st = pst_props_add(p, (uint16_t)(GUID_STREAM + i),
					   MAPI_BINARY, buf_span(streams[i]),
					   err);
	}
	for (uint16_t i = 0; i < BUCKETS && st == OST_OK; i++) {
		struct buf *b = &s->buckets[i];

		if (b->len == 0)
			continue;
		st = buf_status(b, err);
		if (st == OST_OK)
			st = pst_props_add(p, (uint16_t)(BUCKET_FIRST + i),
					   MAPI_BINARY, buf_span(b), err);
	}
	return st;
}

static enum ost_status write_map(struct streams *s, struct pst_out *o,
				 struct ost_error *err)
{
	struct pst_props *p;
	struct pst_part part;
	enum ost_status st = pst_props_new(&p, o, err);

	if (st == OST_OK)
		st = write_streams(s, p, err);
	if (st == OST_OK)
		st = pst_props_end(p, &part, err);
	pst_props_free(p);
	return st == OST_OK ? pst_node(o, MAPI_NID_NAMES, 0, &part, err) : st;
}

/* Is there a set of our own stream, and a string? */
static bool is_complete(const struct pst_names *n)
{
	bool set = false, string = false;
	size_t count;
	const struct entry *all = entries(n, &count);

	for (size_t i = 0; i < count; i++) {
		string = string || all[i].name_len > 0;
		set = set || (memcmp(all[i].guid, known[0], GUID_SIZE) != 0 &&
			      memcmp(all[i].guid, known[1], GUID_SIZE) != 0);
	}
	return set && string;
}

/*
 * Some readers take a map with an empty stream for none: libpff will not open
 * such a store. It then has a name that no property needs.
 */
static enum ost_status complete(struct pst_names *n, struct ost_error *err)
{
	static const uint8_t text[] = {
		'x', 0, '-', 0, 'o', 0, 's', 0, 't', 0,
		'-', 0, 'n', 0, 'o', 0, 't', 0, 'e', 0
	};
	/* PS_INTERNET_HEADERS */
	const struct pst_name name = {
		.guid = { 0x86, 3, 2, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0,
			  0x46 },
		.name = span_of(text, sizeof(text)),
	};
	const uint16_t id = pst_names_free_id(n);

	if (is_complete(n) || id == 0)
		return OST_OK;
	return pst_names_add(n, id, &name, err);
}

enum ost_status pst_names_end(struct pst_names *n, struct pst_out *o,
			      struct ost_error *err)
{
	struct streams s = { 0 };
	size_t count;
	struct entry *all;
	enum ost_status st = complete(n, err);

	if (st != OST_OK)
		return st;
	all = entries(n, &count);
	qsort(all, count, sizeof(*all), compare_ids);
	for (size_t i = 0; i < count; i++)
		add_name(n, &all[i], &s);
	st = write_map(&s, o, err);
	buf_free(&s.guids);
	buf_free(&s.entries);
	buf_free(&s.strings);
	for (size_t i = 0; i < BUCKETS; i++)
		buf_free(&s.buckets[i]);
	return st;
}
