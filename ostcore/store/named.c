/*
 * named.c - what is read once of a store: the name-to-id map, object 0x61
 * [MS-PST] 2.4.7, and its key
 *
 * Read whole when first asked for, then never changed. A map that cannot be
 * read is an empty one: properties then have numbers only. What could not be
 * read for a reason that may pass is read again when asked for again.
 */
#include "store/named.h"

#include <pthread.h>
#include <stdlib.h>

#include "bytes/sorted.h"
#include "bytes/text.h"

enum {
	STREAM_GUIDS = 0x0002,
	STREAM_ENTRIES = 0x0003,
	STREAM_STRINGS = 0x0004,
	STREAM_MAX = 16 << 20,
	KEY_MAX = 256,
	FIRST_ID = 0x8000,
	LAST_ID = 0xFFFE,
	IDS = 0x8000,
	ENTRY_SIZE = 8,
};

struct entry {
	struct store_name name; /* `name.name` is owned */
	uint16_t id;		/* 0: no property has this number */
};

struct store_names {
	pthread_mutex_t lock; /* of the rest until `loaded` */
	bool loaded;	      /* atomic */
	bool damaged;	      /* some of it could not be read */
	bool old;	      /* the map is an older one: it may lack names */
	struct buf key;
	struct entry by_id[IDS];
	uint16_t by_name[IDS]; /* indexes into by_id, sorted */
	size_t count;
};

/* PS_MAPI and PS_PUBLIC_STRINGS, which stores name by number only. */
static const uint8_t ps_mapi[16] = { 0x28, 0x03, 0x02, 0, 0, 0, 0, 0,
				     0xC0, 0,	 0,    0, 0, 0, 0, 0x46 };
static const uint8_t ps_public[16] = { 0x29, 0x03, 0x02, 0, 0, 0, 0, 0,
				       0xC0, 0,	   0,	 0, 0, 0, 0, 0x46 };

enum ost_status named_new(struct store_names **out, struct ost_error *err)
{
	struct store_names *n = calloc(1, sizeof(*n));

	*out = n;
	if (n == NULL)
		return ost_no_memory(err);
	pthread_mutex_init(&n->lock, NULL);
	return OST_OK;
}

static void unload(struct store_names *n)
{
	for (size_t i = 0; i < IDS; i++)
		free((char *)n->by_id[i].name.name);
	memset(n->by_id, 0, sizeof(n->by_id));
	n->count = 0;
	n->damaged = n->old = false;
	buf_free(&n->key);
}

void named_free(struct store_names *names)
{
	if (names == NULL)
		return;
	unload(names);
	pthread_mutex_destroy(&names->lock);
	free(names);
}

static int compare(const struct store_name *a, const struct store_name *b)
{
	const int guid = memcmp(a->guid, b->guid, sizeof(a->guid));

	if (guid != 0)
		return guid;
	if ((a->name == NULL) != (b->name == NULL))
		return a->name == NULL ? -1 : 1;
	if (a->name != NULL)
		return strcmp(a->name, b->name);
	return (a->lid > b->lid) - (a->lid < b->lid);
}

static int compare_entries(const void *a, const void *b, void *names)
{
	const struct store_names *n = names;
	const uint16_t i = *(const uint16_t *)a, j = *(const uint16_t *)b;
	const int order = compare(&n->by_id[i].name, &n->by_id[j].name);

	return order != 0 ? order : (i > j) - (i < j);
}

/* GUID number `index` of an entry: 1 and 2 are fixed, 3 is the first stored. */
static bool find_guid(struct span guids, uint32_t index, uint8_t out[16])
{
	struct span stored;

	memset(out, 0, 16);
	if (index == 0)
		return true;
	if (index <= 2) {
		memcpy(out, index == 1 ? ps_mapi : ps_public, 16);
		return true;
	}
	if (!span_sub(guids, (uint64_t)(index - 3) * 16, 16, &stored))
		return false;
	memcpy(out, stored.at, 16);
	return true;
}

/* The string at `off`: a length in bytes, then UTF-16. Owned; NULL if none. */
static char *find_string(struct span strings, uint32_t off)
{
	struct cursor c = cur_at(strings, off);
	const struct span text = cur_span(&c, cur_u32(&c));
	struct buf out = { 0 };

	if (!cur_ok(&c))
		return NULL;
	buf_str(&out, "");
	(void)text_utf16(&out, text);
	return out.bad ? NULL : out.at;
}

/* One NAMEID [MS-PST] 2.4.7.1. An entry that makes no sense is passed over. */
static void add_entry(struct store_names *n, struct span entry,
		      struct span guids, struct span strings)
{
	struct cursor c = cur_at(entry, 0);
	const uint32_t what = cur_u32(&c);
	const uint16_t guid = cur_u16(&c);
	const uint16_t index = cur_u16(&c);
	struct entry *e = &n->by_id[index % IDS];
	struct store_name name = { .lid = 0 };

	if (index >= IDS || e->id != 0 ||
	    !find_guid(guids, guid >> 1, name.guid))
		return;
	if ((guid & 1) == 0)
		name.lid = what;
	else if ((name.name = find_string(strings, what)) == NULL)
		return;
	e->name = name;
	e->id = (uint16_t)(FIRST_ID + index);
	n->by_name[n->count++] = index;
}

/* Append property `id` of `o`; one that it lacks is empty. */
static void load(struct store_names *n, struct store_object *o, uint16_t id,
		 uint64_t max, struct buf *out)
{
	struct ost_error err;
	enum ost_status st = OST_NOT_FOUND;

	if (o != NULL)
		st = store_bytes(o, id, max, out, &err);
	n->damaged |= st != OST_OK && st != OST_NOT_FOUND;
}

/* Object `nid`, owned; NULL: there is none, or it cannot be read. */
static struct store_object *load_object(struct store_names *n, struct store *s,
					uint32_t nid)
{
	const struct store_id id = { nid, 0 };
	struct store_object *o = NULL;
	struct ost_error err;
	const enum ost_status st = store_get(s, id, &o, &err);

	n->damaged |= st != OST_OK ? st != OST_NOT_FOUND : o->lost;
	return o;
}

static void load_key(struct store_names *n, struct store *s)
{
	struct store_object *o = load_object(n, s, MAPI_NID_STORE);

	load(n, o, MAPI_RECORD_KEY, KEY_MAX, &n->key);
	store_drop(o);
}

static void load_map(struct store_names *n, struct store *s)
{
	struct buf guids = { 0 }, entries = { 0 }, strings = { 0 };
	struct store_object *map = load_object(n, s, MAPI_NID_NAMES);
	struct span entry;

	n->old = map != NULL && map->original_nid != 0;
	load(n, map, STREAM_GUIDS, STREAM_MAX, &guids);
	load(n, map, STREAM_ENTRIES, STREAM_MAX, &entries);
	load(n, map, STREAM_STRINGS, STREAM_MAX, &strings);
	for (uint64_t off = 0;
	     span_sub(buf_span(&entries), off, ENTRY_SIZE, &entry) &&
	     n->count < IDS;
	     off += ENTRY_SIZE)
		add_entry(n, entry, buf_span(&guids), buf_span(&strings));
	qsort_r(n->by_name, n->count, sizeof(n->by_name[0]), compare_entries,
		n);
	store_drop(map);
	buf_free(&guids);
	buf_free(&entries);
	buf_free(&strings);
}

/* What is read once of `s`. It never changes from then on. */
static const struct store_names *filled(struct store *s)
{
	static const struct store_names nothing = { .damaged = true };
	struct store_names *n = s->core->names;
	struct store own;

	if (__atomic_load_n(&n->loaded, __ATOMIC_ACQUIRE))
		return n;
	store_again(&own, s);
	pthread_mutex_lock(&n->lock);
	if (!n->loaded) {
		load_map(n, &own);
		load_key(n, &own);
		if (store_failed(&own))
			unload(n);
		else
			__atomic_store_n(&n->loaded, true, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&n->lock);
	return store_failed(&own) ? &nothing : n;
}

bool store_is_damaged(struct store *s)
{
	return filled(s)->damaged;
}

bool store_lacks_names(struct store_object *o)
{
	const struct store_names *n = filled(o->store);
	struct store_prop p = { .id = FIRST_ID - 1 };
	struct ost_error err;

	if (n->count > 0 && !n->old)
		return false;
	while (p.id < LAST_ID &&
	       store_next(o, (uint16_t)(p.id + 1), &p, &err) == OST_OK)
		if (n->by_id[p.id - FIRST_ID].id == 0)
			return true;
	return false;
}

struct span store_key(struct store *s)
{
	return buf_span(&filled(s)->key);
}

uint16_t store_name_id(struct store *s, const struct store_name *name)
{
	const struct store_names *n = filled(s);
	size_t at;

	SORTED_FIRST(at, n->count, i,
		     compare(&n->by_id[n->by_name[i]].name, name) < 0);
	if (at == n->count)
		return 0;

	const struct entry *e = &n->by_id[n->by_name[at]];
	return compare(&e->name, name) == 0 ? e->id : 0;
}

bool store_id_name(struct store *s, uint16_t id, struct store_name *out)
{
	if (id < FIRST_ID)
		return false;

	const struct entry *e = &filled(s)->by_id[id - FIRST_ID];
	if (e->id == 0)
		return false;
	*out = e->name;
	return true;
}
