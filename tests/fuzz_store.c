/*
 * fuzz_store.c - a whole store in: every object, property and mail is read
 *
 * What was promised must hold: a size that was given can be read to its last
 * byte or fails with a status, and nothing answers OST_BUG. Checksums are not
 * looked at in a fuzzing build, so a store is changed in its fields: counts,
 * ids and offsets get the values of others, or those at the ends of a range.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mail/mail.h"
#include "store/store.h"

enum { OBJECTS_MAX = 2000, DEPTH_MAX = 20, VALUE_MAX = 1 << 16 };

static int objects; /* looked at, of one store */

static enum ost_status must(enum ost_status st)
{
	if (st == OST_BUG)
		abort();
	return st;
}

static void read_props(struct store_object *o)
{
	static uint8_t bytes[VALUE_MAX];
	struct store_prop p;
	struct ost_error err;

	for (uint32_t id = 0; id <= 0xFFFF; id = p.id + 1U) {
		if (must(store_next(o, (uint16_t)id, &p, &err)) != OST_OK)
			break;
		if (p.id < id)
			abort();
		const uint64_t from =
			p.size > VALUE_MAX ? p.size - VALUE_MAX : 0;
		(void)must(store_read(o, &p, from, bytes,
				      (size_t)(p.size - from), &err));
	}
}

static void read_plan(struct mail *m)
{
	static uint8_t bytes[VALUE_MAX];
	struct ost_error err;
	size_t got = 1;

	for (uint64_t off = 0; got > 0 && off < 16 * VALUE_MAX; off += got) {
		if (must(mail_read(m, off, bytes, sizeof(bytes), &got, &err)) !=
		    OST_OK)
			break;
		if (off + got > mail_size(m) ||
		    (got < sizeof(bytes) && off + got != mail_size(m)))
			abort();
	}
	mail_free(m);
}

/* The item `nid` as the file it is, and as all its properties. */
static void read_item(struct store *s, uint32_t nid)
{
	const struct mail_options options = { MAIL_ALL_INSIDE };
	const struct store_id id = { nid, 0 };
	struct store_object *item = NULL;
	struct mail *m = NULL;
	struct ost_error err;

	if (must(store_get(s, id, &item, &err)) == OST_OK &&
	    must(mail_plan(&m, item, &options, &err)) == OST_OK)
		read_plan(m);
	if (must(store_get(s, id, &item, &err)) == OST_OK &&
	    must(mail_plan_properties(&m, item, &err)) == OST_OK)
		read_plan(m);
}

static void walk(struct store *s, struct store_object *o, unsigned depth);

static void walk_list(struct store *s, struct store_object *o,
		      enum store_list list, unsigned depth)
{
	struct store_object *child = NULL, *item = NULL;
	struct ost_error err;

	for (size_t i = 0; objects < OBJECTS_MAX; i++) {
		const enum ost_status st =
			must(store_child(o, list, i, &child, &err));

		objects++;
		if (st == OST_NOT_FOUND)
			break;
		if (st != OST_OK)
			continue;
		if (child->id.folder != 0 &&
		    must(store_get(s, (struct store_id){ child->id.nid, 0 },
				   &item, &err)) == OST_OK) {
			walk(s, item, depth);
			store_drop(item);
			read_item(s, child->id.nid);
		}
		walk(s, child, depth);
		store_drop(child);
	}
}

static void walk(struct store *s, struct store_object *o, unsigned depth)
{
	read_props(o);
	if (depth >= DEPTH_MAX)
		return;
	for (int list = STORE_FOLDERS; list <= STORE_ATTACHMENTS; list++)
		walk_list(s, o, (enum store_list)list, depth + 1);
}

static void walk_nodes(struct store *s)
{
	struct store_object *store = NULL, *node = NULL;
	struct ost_error err;

	if (must(store_get(s, (struct store_id){ MAPI_NID_STORE, 0 }, &store,
			   &err)) != OST_OK)
		return;
	read_props(store);
	for (uint64_t nid = 0; objects < OBJECTS_MAX; objects++) {
		if (must(store_child(store, STORE_NODES, (size_t)nid, &node,
				     &err)) != OST_OK)
			break;
		if (node->id.nid < nid)
			abort();
		nid = node->id.nid + UINT64_C(1);
		store_drop(node);
	}
	store_drop(store);
}

static void walk_recovered(struct store *s)
{
	struct store_object *store = NULL, *o = NULL;
	struct ost_error err;

	if (must(store_get(s, (struct store_id){ MAPI_NID_STORE, 0 }, &store,
			   &err)) != OST_OK)
		return;
	for (size_t i = 0; objects < OBJECTS_MAX; i++, objects++) {
		if (must(store_child(store, STORE_RECOVERED, i, &o, &err)) !=
		    OST_OK)
			break;
		walk(s, o, DEPTH_MAX - 1);
		read_item(s, o->id.nid);
		store_drop(o);
	}
	store_drop(store);
}

static void walk_all(const char *path, const struct store_options *options)
{
	const struct store_id top = { MAPI_NID_ROOT_FOLDER, 0 };
	struct store *s = NULL;
	struct store_object *root = NULL;
	struct ost_error err;

	objects = 0;
	if (must(store_open(&s, path, &store_native, options, &err)) != OST_OK)
		return;
	(void)must(mail_directory_open(s, NULL, &err));
	walk_nodes(s);
	if (must(store_get(s, top, &root, &err)) == OST_OK)
		walk(s, root, 0);
	store_drop(root);
	if (options->recover)
		walk_recovered(s);
	store_close(s);
}

/*
 * Changes
 */

static uint32_t chance; /* xorshift32: what is done depends on the seed alone */

static size_t below(size_t n)
{
	chance ^= chance << 13;
	chance ^= chance >> 17;
	chance ^= chance << 5;
	return n > 0 ? chance % n : 0;
}

/* A place for `len` bytes, aligned to `to`. */
static size_t place(size_t size, size_t len, size_t to)
{
	return size > len ? below(size - len + 1) / to * to : 0;
}

/* A field gets a value at the end of a range, or one near what it was. */
static void change_field(uint8_t *data, size_t size)
{
	static const uint64_t values[] = { 0,	   1,	       2,
					   0x7F,   0xFF,       0x7FFF,
					   0xFFFF, 0x7FFFFFFF, UINT64_MAX };
	const size_t width = (size_t)1 << below(4);
	const size_t at = place(size, width, width < 2 ? 1 : 2);
	uint64_t value = 0;

	memcpy(&value, data + at, width);
	if (below(2) == 0)
		value = values[below(sizeof(values) / sizeof(values[0]))];
	else
		value += below(33) - (uint64_t)16;
	memcpy(data + at, &value, width);
}

/* A run of bytes becomes what another is: an id, an entry, a block, a page. */
static void copy_run(uint8_t *data, size_t size)
{
	static const size_t lengths[] = { 4, 8, 16, 24, 32, 64, 512, 4096 };
	const size_t len = lengths[below(sizeof(lengths) / sizeof(lengths[0]))];
	const size_t to = len < 64 ? 4 : len;

	if (size > len)
		memmove(data + place(size, len, to),
			data + place(size, len, to), len);
}

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
			       unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
			       unsigned seed)
{
	chance = seed | 1;
	if (size < 64 || below(16) == 0)
		return LLVMFuzzerMutate(data, size, max);
	if (below(32) == 0)
		return 64 + place(size - 64, 0, 64);
	for (size_t n = 1 + below(4); n > 0; n--)
		if (below(3) == 0)
			copy_run(data, size);
		else
			change_field(data, size);
	return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct store_options as_it_is = { .cache = 1 << 20 };
	const struct store_options healed = {
		.cache = 1 << 20,
		.heal = true,
		.recover = true,
	};
	const int fd = memfd_create("store", 0);
	char path[64];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	walk_all(path, &as_it_is);
	walk_all(path, &healed);
	close(fd);
	return 0;
}
