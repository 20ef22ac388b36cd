#include "forge_private.h"

/* The name-to-id map [MS-PST] 2.4.7. */

enum { BUCKETS = 251, GUID_MAPI = 1, GUID_STRINGS = 2, GUID_FIRST = 3 };

/* clang-format off */
#define PSETID(low) { low, 0x20, 0x06, 0, 0, 0, 0, 0, \
		      0xC0, 0, 0, 0, 0, 0, 0, 0x46 }
const uint8_t forge_psetid_appointment[16] = PSETID(0x02);
const uint8_t forge_psetid_task[16] = PSETID(0x03);
const uint8_t forge_psetid_address[16] = PSETID(0x04);
const uint8_t forge_psetid_common[16] = PSETID(0x08);
const uint8_t forge_psetid_log[16] = PSETID(0x0A);
const uint8_t forge_psetid_note[16] = PSETID(0x0E);
const uint8_t forge_psetid_meeting[16] = {
	0x90, 0xDA, 0xD8, 0x6E, 0x0B, 0x45, 0x1B, 0x10,
	0x98, 0xDA, 0x00, 0xAA, 0x00, 0x3F, 0x13, 0x05,
};
const uint8_t forge_ps_mapi[16] = {
	0x28, 0x03, 0x02, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46,
};
const uint8_t forge_ps_public_strings[16] = {
	0x29, 0x03, 0x02, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46,
};
const uint8_t forge_ps_internet_headers[16] = {
	0x86, 0x03, 0x02, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46,
};
/* clang-format on */

static struct named *names(const struct forge *f)
{
	return (struct named *)(void *)f->named.at;
}

static size_t name_count(const struct forge *f)
{
	return f->named.len / sizeof(struct named);
}

static bool same(const struct named *n, const void *guid, uint32_t lid,
		 const char *name)
{
	if (memcmp(n->guid, guid, 16) != 0)
		return false;
	if (name == NULL || n->name == NULL)
		return name == NULL && n->name == NULL && n->lid == lid;
	return strcmp(n->name, name) == 0;
}

uint16_t forge_named(struct forge *f, const void *guid, uint32_t lid,
		     const char *name)
{
	struct named entry = { .lid = lid };
	const size_t count = f == NULL ? 0 : name_count(f);

	for (size_t i = 0; i < count; i++)
		if (same(&names(f)[i], guid, lid, name))
			return (uint16_t)(0x8000 + i);
	if (f == NULL || count >= 0x7FFE)
		return 0;
	memcpy(entry.guid, guid, 16);
	if (name != NULL && (entry.name = strdup(name)) == NULL)
		return 0;
	buf_add(&f->named, &entry, sizeof(entry));
	if (f->named.bad) {
		(void)forge_ok(f, &f->named);
		free(entry.name);
		return 0;
	}
	return (uint16_t)(0x8000 + count);
}

/* The index of a GUID: two have fixed ones, others get a place. */
static unsigned guid_index(struct buf *guids, const uint8_t *guid)
{
	if (memcmp(guid, forge_ps_mapi, 16) == 0)
		return GUID_MAPI;
	if (memcmp(guid, forge_ps_public_strings, 16) == 0)
		return GUID_STRINGS;
	for (size_t i = 0; i < guids->len / 16; i++)
		if (memcmp(guids->at + 16 * i, guid, 16) == 0)
			return (unsigned)(GUID_FIRST + i);
	buf_add(guids, guid, 16);
	return (unsigned)(GUID_FIRST + guids->len / 16 - 1);
}

/* The name at the end of the strings; its offset, and its CRC in `*hash`. */
static uint32_t add_string(struct buf *strings, const char *name,
			   uint32_t *hash)
{
	const uint32_t off = (uint32_t)strings->len;
	uint8_t word[4] = { 0 };
	struct buf wide = { 0 };

	value_utf16(&wide, name, strlen(name));
	put_uint(word, 4, wide.len);
	buf_add(strings, word, 4);
	buf_add(strings, wide.at, wide.len);
	memset(word, 0, 4);
	buf_add(strings, word, (4 - wide.len % 4) % 4);
	*hash = forge_crc(buf_text(&wide), wide.len);
	buf_free(&wide);
	return off;
}

struct streams {
	struct buf guids, entries, strings, buckets[BUCKETS];
};

/* NAMEID: in the entries, and with a hash for a string in its bucket. */
static void add_name(struct streams *s, const struct named *n, size_t index)
{
	const unsigned guid = guid_index(&s->guids, n->guid);
	uint32_t id = n->lid, hash = n->lid;
	uint8_t entry[8];

	if (n->name != NULL)
		id = add_string(&s->strings, n->name, &hash);
	put_uint(entry, 4, id);
	put_uint(entry + 4, 2, guid << 1 | (n->name != NULL));
	put_uint(entry + 6, 2, index);
	buf_add(&s->entries, entry, 8);

	const uint32_t key = hash ^ (guid << 1 | (n->name != NULL));
	put_uint(entry, 4, hash);
	buf_add(&s->buckets[key % BUCKETS], entry, 8);
}

void names_write(struct forge *f)
{
	struct streams *s = calloc(1, sizeof(*s));
	struct forge_props p = { 0 };
	struct buf subs = { 0 };

	if (s == NULL) {
		forge_fail(f, OST_NO_MEMORY, "out of memory");
		return;
	}
	for (size_t i = 0; i < name_count(f); i++)
		add_name(s, &names(f)[i], i);
	forge_int(&p, 1, BUCKETS);
	forge_binary(&p, 2, s->guids.at, s->guids.len);
	forge_binary(&p, 3, s->entries.at, s->entries.len);
	forge_binary(&p, 4, s->strings.at, s->strings.len);
	for (uint16_t i = 0; i < BUCKETS; i++)
		if (s->buckets[i].len > 0)
			forge_binary(&p, (uint16_t)(0x1000 + i),
				     s->buckets[i].at, s->buckets[i].len);

	const uint64_t data = props_write(f, NULL, &p, &subs);
	forge_node(f, MAPI_NID_NAMES, data, subs_write(f, &subs), 0);
	forge_props_free(&p);
	buf_free(&subs);
	buf_free(&s->guids);
	buf_free(&s->entries);
	buf_free(&s->strings);
	for (size_t i = 0; i < BUCKETS; i++)
		buf_free(&s->buckets[i]);
	free(s);
}

void names_free(struct forge *f)
{
	for (size_t i = 0; i < name_count(f); i++)
		free(names(f)[i].name);
	buf_free(&f->named);
}
