/*
 * fake.c - building a fake store
 */
#include <stdlib.h>

#include "fake_private.h"
#include "store/identity.h"
#include "store/named.h"

enum { NAMES_GUIDS = 2, NAMES_ENTRIES, NAMES_STRINGS };

static struct fake *new_object(struct store *s, uint32_t nid, uint32_t parent)
{
	struct fake_store *fs = fake_of(s);
	struct fake *o = fake_need(calloc(1, sizeof(*o)));

	o->store = s;
	o->id.nid = nid;
	o->parent = parent;
	o->next = fs->all;
	fs->all = o;
	return o;
}

static void append(struct list *l, struct fake *o)
{
	if ((l->count & (l->count - 1)) == 0)
		l->at = fake_need(
			realloc(l->at, (l->count > 0 ? 2 * l->count : 1) *
					       sizeof(*l->at)));
	l->at[l->count++] = o;
}

/* The list of its folder that an object of this NID type stands in. */
static enum store_list list_of(uint32_t nid)
{
	switch (nid & MAPI_NID_TYPE) {
	case MAPI_NID_FOLDER:
	case MAPI_NID_SEARCH_FOLDER:
		return STORE_FOLDERS;
	case MAPI_NID_ASSOCIATED:
		return STORE_ASSOCIATED;
	default:
		return STORE_MESSAGES;
	}
}

struct fake *fake_add(struct store *s, uint32_t nid, uint32_t parent)
{
	if (fake_find(s, nid) != NULL)
		abort();

	struct fake *o = new_object(s, nid, parent);
	if (parent != 0)
		append(&((struct fake *)fake_need(fake_find(s, parent)))
				->lists[list_of(nid)],
		       o);
	return o;
}

/* Objects inside a message: marked by a folder no lookup asks for. */
static struct fake *add_inside(struct fake *owner, enum store_list list,
			       uint32_t type)
{
	struct fake_store *fs = fake_of(owner->store);
	struct fake *o = new_object(owner->store, fs->inner += 0x20, 0);

	o->id.nid |= type;
	o->id.folder = UINT32_MAX;
	append(&owner->lists[list], o);
	return o;
}

struct fake *fake_recipient(struct fake *message)
{
	return add_inside(message, STORE_RECIPIENTS, 0);
}

struct fake *fake_attachment(struct fake *message)
{
	return add_inside(message, STORE_ATTACHMENTS, MAPI_NID_ATTACHMENT);
}

struct fake *fake_embedded(struct fake *attachment)
{
	return add_inside(attachment, STORE_MESSAGES, MAPI_NID_MESSAGE);
}

struct fake *fake_again(struct store *s, uint32_t nid)
{
	return fake_need(fake_find(s, nid));
}

void fake_list(struct fake *folder, enum store_list list, struct fake *o)
{
	append(&folder->lists[list], o);
}

void fake_lost_child(struct fake *o, enum store_list list)
{
	append(&o->lists[list], NULL);
}

struct store_object *fake_open(struct fake *o)
{
	return fake_handle(o, 0);
}

/*
 * Properties
 */

static struct value *new_value(struct fake *o, uint16_t id, uint16_t type)
{
	const size_t at = fake_place(o, id);

	if (at < o->count && o->values[at].prop.id == id)
		abort();
	o->values = fake_need(
		realloc(o->values, (o->count + 1) * sizeof(*o->values)));
	memmove(o->values + at + 1, o->values + at,
		(o->count - at) * sizeof(*o->values));
	o->count++;
	o->values[at] = (struct value){ .prop = { id, type, 0 } };
	return &o->values[at];
}

void fake_remove(struct fake *o, uint16_t id)
{
	const size_t at = fake_place(o, id);

	if (at == o->count || o->values[at].prop.id != id)
		abort();
	buf_free(&o->values[at].bytes);
	o->count--;
	memmove(o->values + at, o->values + at + 1,
		(o->count - at) * sizeof(*o->values));
}

void fake_bytes(struct fake *o, uint16_t id, uint16_t type, const void *bytes,
		size_t len)
{
	struct value *v = new_value(o, id, type);

	buf_add(&v->bytes, bytes, len);
	if (v->bytes.bad)
		abort();
	v->prop.size = len;
}

static void add_int(struct buf *out, uint64_t value, size_t width)
{
	for (size_t i = 0; i < width; i++)
		buf_byte(out, (char)(uint8_t)(value >> 8 * i));
}

/* Well-formed UTF-8 to UTF-16LE: tests write no other. */
static void add_utf16(struct buf *out, const char *utf8)
{
	const uint8_t *p = (const uint8_t *)utf8;

	while (*p != 0) {
		const int more = *p < 0xC0   ? 0
				 : *p < 0xE0 ? 1
				 : *p < 0xF0 ? 2
					     : 3;
		uint32_t c = more == 0 ? *p : *p & (0x3FU >> more);

		p++;
		for (int i = 0; i < more; i++)
			c = c << 6 | (*p++ & 0x3F);
		if (c >= 0x10000) {
			add_int(out, 0xD800 + ((c - 0x10000) >> 10), 2);
			c = 0xDC00 + ((c - 0x10000) & 0x3FF);
		}
		add_int(out, c, 2);
	}
}

/* Put what was made in `b` as the value, and free it. */
static void put_made(struct fake *o, uint16_t id, uint16_t type, struct buf *b)
{
	fake_bytes(o, id, type, b->at, b->len);
	buf_free(b);
}

void fake_text(struct fake *o, uint16_t id, const char *utf8)
{
	struct buf b = { 0 };

	add_utf16(&b, utf8);
	put_made(o, id, MAPI_UNICODE, &b);
}

void fake_string8(struct fake *o, uint16_t id, const char *bytes)
{
	fake_bytes(o, id, MAPI_STRING8, bytes, strlen(bytes));
}

void fake_number(struct fake *o, uint16_t id, uint16_t type, uint64_t value)
{
	struct buf b = { 0 };
	size_t width = 8;

	if (type == MAPI_BOOLEAN)
		width = 1;
	else if (type == MAPI_INTEGER16)
		width = 2;
	else if (type == MAPI_INTEGER32 || type == MAPI_ERROR_CODE)
		width = 4;
	add_int(&b, value, width);
	put_made(o, id, type, &b);
}

void fake_multi(struct fake *o, uint16_t id, const char *const *utf8,
		size_t count)
{
	struct buf head = { 0 }, body = { 0 };

	add_int(&head, count, 4);
	for (size_t i = 0; i < count; i++) {
		add_int(&head, 4 + 4 * count + body.len, 4);
		add_utf16(&body, utf8[i]);
	}
	buf_add(&head, body.at, body.len);
	buf_free(&body);
	put_made(o, id, MAPI_MULTIPLE | MAPI_UNICODE, &head);
}

void fake_broken(struct fake *o, uint16_t id, uint16_t type)
{
	fake_failing(o, id, type, OST_CORRUPT);
}

void fake_failing(struct fake *o, uint16_t id, uint16_t type,
		  enum ost_status status)
{
	new_value(o, id, type)->broken = status;
}

void fake_cut(struct fake *o, uint16_t id, uint16_t type, uint64_t size,
	      uint64_t good)
{
	struct value *v = new_value(o, id, type);

	v->huge = true;
	v->prop.size = size;
	v->good = good;
	v->broken = OST_CORRUPT;
}

void fake_huge(struct fake *o, uint16_t id, uint16_t type, uint64_t size,
	       uint8_t fill)
{
	struct value *v = new_value(o, id, type);

	v->huge = true;
	v->prop.size = size;
	v->fill = fill;
}

/*
 * Names [MS-PST] 2.4.7: streams of GUIDs, of entries, and of strings
 */

static struct buf *stream(struct fake *map, uint16_t id)
{
	size_t at = fake_place(map, id);

	if (at == map->count || map->values[at].prop.id != id)
		fake_bytes(map, id, MAPI_BINARY, "", 0);
	return &map->values[fake_place(map, id)].bytes;
}

/* 1 and 2 are PS_MAPI and PS_PUBLIC_STRINGS; 3 is the first stored. */
static uint16_t guid_index(struct buf *guids, const uint8_t guid[16])
{
	static const uint8_t rest[] = { 3, 2, 0, 0, 0, 0, 0,   0xC0,
					0, 0, 0, 0, 0, 0, 0x46 };

	if (memcmp(guid + 1, rest, sizeof(rest)) == 0 && guid[0] == 0x28)
		return 1;
	if (memcmp(guid + 1, rest, sizeof(rest)) == 0 && guid[0] == 0x29)
		return 2;
	for (size_t i = 0; i < guids->len / 16; i++)
		if (memcmp(guids->at + 16 * i, guid, 16) == 0)
			return (uint16_t)(i + 3);
	buf_add(guids, guid, 16);
	return (uint16_t)(guids->len / 16 + 2);
}

uint16_t fake_name(struct store *s, const uint8_t guid[16], uint32_t lid,
		   const char *name)
{
	struct fake_store *fs = fake_of(s);
	struct fake *map = fake_find(s, MAPI_NID_NAMES);
	struct buf utf16 = { 0 };
	uint16_t set;

	if (map == NULL)
		map = fake_add(s, MAPI_NID_NAMES, 0);
	set = guid_index(stream(map, NAMES_GUIDS), guid);
	if (name != NULL) {
		struct buf *strings = stream(map, NAMES_STRINGS);

		add_utf16(&utf16, name);
		lid = (uint32_t)strings->len;
		add_int(strings, utf16.len, 4);
		buf_add(strings, utf16.at, utf16.len);
		add_int(strings, 0, (4 - utf16.len % 4) % 4);
		buf_free(&utf16);
	}

	struct buf *entries = stream(map, NAMES_ENTRIES);
	add_int(entries, lid, 4);
	add_int(entries, (uint64_t)set << 1 | (name != NULL), 2);
	add_int(entries, fs->names, 2);
	for (size_t i = 0; i < map->count; i++)
		map->values[i].prop.size = map->values[i].bytes.len;
	return (uint16_t)(0x8000 + fs->names++);
}

struct store *fake_store_new(void)
{
	struct fake_store *fs = fake_need(calloc(1, sizeof(*fs)));

	fs->base.ops = &fake_ops;
	fs->base.info = (struct store_info){ .kind = "ost",
					     .format = "unicode",
					     .encoding = "none",
					     .clean = true };
	fs->base.codepage = 1252;
	struct ost_error err;
	if (named_new(&fs->base.names, &err) != OST_OK ||
	    identity_new(&fs->base.identity, &err) != OST_OK)
		abort();
	fs->base.self.core = &fs->base;
	fs->inner = 0x8000;
	fake_add(&fs->base.self, MAPI_NID_STORE, 0);
	return &fs->base.self;
}
