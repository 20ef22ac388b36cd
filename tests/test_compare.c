/*
 * test_compare.c - both readers, every property of every object, equal
 *
 *	test_compare		forged stores of every format
 *	test_compare --real	those in the folder that OST_REAL_STORES names
 *	test_compare STORE...	those
 *
 * Where the readers differ one of them is wrong. A difference is excused only
 * by a line in `excuses`, which says what a witness made of it; a line for a
 * store that was read and that excused nothing is a failure too.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "audit/compare.h"
#include "check.h"
#include "forge.h"
#include "real_stores.h"
#include "store/pff_raw.h"

/*
 * What libpff is known to get wrong. `object` is the path of the object as
 * the differences are printed; `id` the property, or 0 for a list. Our value
 * must have the size and the sum that the witness found.
 */
static const struct excuse {
	const char *store;
	const char *object;
	uint16_t id;
	uint64_t size;
	uint64_t sum;
	const char *why; /* the fault, and who the witness is */
} excuses[] = {
	/*
	 * libpff inflates an XBLOCK to the size it has in the file, and then
	 * takes the value to be empty. The witness is the forge's own noise.
	 */
	{ "4k-large.ost", "/0x122/0x8022/0x8082/0x200024/attachment 0x8025",
	  MAPI_ATTACH_DATA, 4200000, 0xB2619F00EAB043C0,
	  "an XBLOCK of 65 entries is deflated" },
	{ "4k-permute.ost", "/0x122/0x8022/0x8082/0x200024/attachment 0x8025",
	  MAPI_ATTACH_DATA, 300000, 0x0F7B8C4EB3420E92,
	  "an XBLOCK of 5 entries is deflated" },
};

enum { EXCUSES = sizeof(excuses) / sizeof(excuses[0]), SHOWN = 40 };

static bool excuse_used[EXCUSES];

/* FNV-1a, 64 bits, http://www.isthe.com/chongo/tech/comp/fnv/ */
static bool sum_of(struct store_object *o, const struct store_prop *p,
		   uint64_t *out)
{
	uint8_t bytes[4096];
	struct ost_error err;

	*out = UINT64_C(0xCBF29CE484222325);
	for (uint64_t off = 0; off < p->size;) {
		const uint64_t left = p->size - off;
		const size_t len =
			left < sizeof(bytes) ? (size_t)left : sizeof(bytes);

		if (store_read(o, p, off, bytes, len, &err) != OST_OK)
			return false;
		for (size_t i = 0; i < len; i++)
			*out = (*out ^ bytes[i]) * 0x100000001B3;
		off += len;
	}
	return true;
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* Whose fault it is is known, if a witness has the value that we have. */
static const char *explain(const struct compare *w,
			   const struct compare_difference *d)
{
	struct store_prop p;
	struct ost_error err;
	uint64_t sum;

	for (size_t i = 0; i < EXCUSES; i++) {
		const struct excuse *e = &excuses[i];

		if (strcmp(e->store, name_of(w->arg)) != 0 ||
		    strcmp(e->object, d->path) != 0 || e->id != d->id)
			continue;
		excuse_used[i] = true;
		/* Nor would it be a surprise to those who ask ostcheck. */
		CHECK(compare_known(w, d) != NULL);
		if (d->id == 0 ||
		    (store_find(d->object, d->id, &p, &err) == OST_OK &&
		     p.size == e->size && sum_of(d->object, &p, &sum) &&
		     sum == e->sum))
			return e->why;
	}
	return NULL;
}

static void tell(void *arg, const struct compare *w,
		 const struct compare_difference *d)
{
	if (d->why != NULL || w->differences - w->explained > SHOWN)
		return;
	printf("  %s%s: ", name_of(arg), d->path);
	if (d->id != 0)
		printf("property %#06x: ", d->id);
	printf("%s\n", d->text.text);
}

/* Every excuse for this store must have been needed. */
static void check_excuses(const char *store)
{
	for (size_t i = 0; i < EXCUSES; i++) {
		if (strcmp(excuses[i].store, store) != 0 || excuse_used[i])
			continue;
		printf("  %s%s: no longer differs: %s\n", store,
		       excuses[i].object, excuses[i].why);
		CHECK(excuse_used[i]);
	}
}

static void compare(const char *path)
{
	struct buf name = { 0 };
	struct compare w = { .explain = explain, .found = tell };
	struct ost_error err = { "" };

	buf_str(&name, path);
	w.arg = name.at;
	CHECK(store_open(&w.ours, path, &store_native, NULL, &err) == OST_OK);
	CHECK(store_open(&w.theirs, path, &store_pff_raw, NULL, &err) ==
	      OST_OK);
	CHECK_STR(err.text, "");
	if (w.ours != NULL && w.theirs != NULL)
		compare_walk(&w);
	CHECK(w.properties > 0 && !w.no_memory);
	CHECK(w.differences == w.explained);
	printf("%s %s: %zu objects, %zu properties, %zu cells, %" PRIu64
	       " bytes; %zu differences, %zu excused, %zu absent cells\n",
	       w.differences == w.explained ? "ok  " : "FAIL", name_of(path),
	       w.objects, w.properties, w.cells, w.bytes, w.differences,
	       w.explained, w.absent);
	check_excuses(name_of(path));
	store_close(w.ours);
	store_close(w.theirs);
	compare_free(&w);
	buf_free(&name);
}

/* --- forged stores ------------------------------------------------------ */

static uint32_t seed = 7; /* of noise */

/* One property of every type that both store formats have. */
static void add_types(struct forge *f, struct forge_props *p)
{
	static const uint8_t bytes[32] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	const char *const words[] = { "Red Category", "", "Blåbær" };
	const struct span values[] = {
		{ bytes, 3 },
		{ bytes, 0 },
		{ bytes, 32 },
	};
	static const struct {
		uint16_t type;
		size_t size;
	} fixed[] = {
		{ MAPI_INTEGER16, 2 },
		{ MAPI_INTEGER32, 4 },
		{ MAPI_FLOATING32, 4 },
		{ MAPI_FLOATING64, 8 },
		{ MAPI_CURRENCY, 8 },
		{ MAPI_FLOATING_TIME, 8 },
		{ MAPI_ERROR_CODE, 4 },
		{ MAPI_BOOLEAN, 1 },
		{ MAPI_INTEGER64, 8 },
		{ MAPI_TIME, 8 },
		{ MAPI_GUID, 16 },
		{ MAPI_BINARY, 9 },
		{ MAPI_MULTIPLE | MAPI_INTEGER16, 6 },
		{ MAPI_MULTIPLE | MAPI_INTEGER32, 12 },
		{ MAPI_MULTIPLE | MAPI_TIME, 24 },
		{ MAPI_MULTIPLE | MAPI_GUID, 32 },
	};

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		forge_raw(p, (uint16_t)(0x6700 + i), fixed[i].type, bytes,
			  fixed[i].size);
	forge_texts(p, forge_named(f, forge_ps_public_strings, 0, "Keywords"),
		    words, 3);
	forge_binaries(p, forge_named(f, forge_psetid_common, 0x8584, NULL),
		       values, 3);
	forge_text(p, forge_named(f, forge_psetid_task, 0x811F, NULL), "");
}

static void add_recipients(struct forge_message *m, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct forge_props *p = forge_recipient(m);

		forge_text(p, MAPI_DISPLAY_NAME, i % 3 == 0 ? "" : "Jane Doe");
		if (i % 2 == 0)
			forge_text(p, MAPI_SMTP_ADDRESS, "jane@example.com");
		if (i % 5 == 0)
			forge_int(p, MAPI_RECIPIENT_TRACK_STATUS, i);
		forge_int(p, MAPI_RECIPIENT_TYPE, 1 + i % 3);
	}
}

/* An attachment of `size` bytes, as a file or as an OLE object. */
static void add_file(struct forge_message *m, uint32_t method, uint64_t size)
{
	struct forge_props *p = &forge_attachment(m)->props;

	forge_text(p, MAPI_ATTACH_LONG_FILENAME, "some data.bin");
	forge_int(p, MAPI_ATTACH_METHOD, method);
	forge_stream(p, MAPI_ATTACH_DATA,
		     method == MAPI_ATTACH_OLE ? MAPI_OBJECT : MAPI_BINARY,
		     size, forge_noise, &seed);
}

/* A message with all that a message can have, and others inside it. */
static uint32_t add_rich(struct forge *f, uint32_t folder, unsigned depth,
			 uint64_t largest)
{
	struct forge_message m = { 0 }, *inside = &m;
	uint32_t nid;

	for (unsigned level = 0; level < depth; level++) {
		forge_text(&inside->props, MAPI_SUBJECT, "\x01\x01Rich");
		add_types(f, &inside->props);
		forge_stream(&inside->props, MAPI_HTML, MAPI_BINARY,
			     level * 5000, forge_noise, &seed);
		add_recipients(inside, 1 + 40 * level);
		add_file(inside, MAPI_ATTACH_BY_VALUE, largest >> level);
		add_file(inside, MAPI_ATTACH_BY_VALUE, 3500 + level);
		add_file(inside, MAPI_ATTACH_WEB_REFERENCE, 0);
		add_file(inside, MAPI_ATTACH_OLE, 20000);
		if (level + 1 < depth)
			inside = forge_embed(forge_attachment(inside));
	}
	nid = forge_add(f, folder, &m);
	forge_message_free(&m);
	return nid;
}

static void add_many(struct forge *f, uint32_t folder, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct forge_message m = { .associated = i % 7 == 0 };

		forge_text(&m.props, MAPI_SUBJECT,
			   i % 4 == 0 ? "" : "One of many");
		forge_time(&m.props, MAPI_MESSAGE_DELIVERY_TIME,
			   1700000000 + i);
		m.unlisted = i % 11 == 0;
		m.no_recipients = i % 13 == 0;
		(void)forge_add(f, folder, &m);
		forge_message_free(&m);
	}
}

static bool forge_store(int fd, const struct forge_options *kind,
			uint64_t largest)
{
	struct forge_options how = *kind;
	struct ost_error err = { "" };
	const struct forge_folder search = { .name = "Unread", .search = true };
	const struct forge_folder unlisted = { .name = "U", .unlisted = true };
	struct forge *f;
	uint32_t folder, found, rich;

	how.fd = fd;
	f = forge_new(&how);
	folder = forge_folder_named(f, forge_ipm(f), "Inbox");
	rich = add_rich(f, folder, 3, largest);
	add_many(f, folder, 250);
	found = forge_folder(f, forge_ipm(f), &search);
	forge_result(f, found, rich, NULL);
	folder = forge_folder_named(f, folder, "Zwei");
	(void)forge_folder(f, folder, &unlisted);
	add_many(f, folder, 3);
	if (forge_finish(f, NULL, &err) == OST_OK)
		return true;
	printf("  %s\n", err.text);
	return false;
}

static void agree_on_forged_stores(void)
{
	static const struct {
		const char *name;
		struct forge_options how;
		uint64_t largest; /* attachment; 0: 300000 bytes */
	} kinds[] = {
		{ .name = "ansi.pst", .how = { .format = FORGE_ANSI } },
		{ .name = "ansi-permute.pst",
		  .how = { .format = FORGE_ANSI, .encoding = FORGE_PERMUTE } },
		{ .name = "unicode.pst", .how = { .format = FORGE_UNICODE } },
		{ .name = "unicode-permute.pst",
		  .how = { .format = FORGE_UNICODE,
			   .encoding = FORGE_PERMUTE } },
		{ .name = "unicode-cyclic.ost",
		  .how = { .format = FORGE_UNICODE,
			   .kind = FORGE_OST,
			   .encoding = FORGE_CYCLIC } },
		{ .name = "unicode-deep.pst",
		  .how = { .format = FORGE_UNICODE,
			   .page_entries = 3,
			   .block_entries = 20 } },
		{ .name = "4k.ost",
		  .how = { .format = FORGE_UNICODE_4K,
			   .kind = FORGE_OST,
			   .mailbox = true } },
		{ .name = "4k-deflated.ost",
		  .how = { .format = FORGE_UNICODE_4K,
			   .kind = FORGE_OST,
			   .deflate = FORGE_OUTLOOK } },
		{ .name = "4k-large.ost",
		  .how = { .format = FORGE_UNICODE_4K,
			   .kind = FORGE_OST,
			   .deflate = FORGE_OUTLOOK },
		  .largest = 4200000 },
		{ .name = "4k-permute.ost",
		  .how = { .format = FORGE_UNICODE_4K,
			   .kind = FORGE_OST,
			   .encoding = FORGE_PERMUTE,
			   .deflate = FORGE_ALWAYS } },
	};
	char folder[] = "/tmp/twins.XXXXXX";
	char path[64];

	CHECK(mkdtemp(folder) != NULL);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, kinds[i].name);

		const int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
		CHECK(fd >= 0);
		CHECK(forge_store(fd, &kinds[i].how,
				  kinds[i].largest > 0 ? kinds[i].largest
						       : 300000));
		close(fd);
		compare(path);
		unlink(path);
	}
	CHECK(rmdir(folder) == 0);
}

/* --- real stores -------------------------------------------------------- */

static void agree_on_real_stores(void)
{
	real_stores(compare);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 2)
		RUN(agree_on_forged_stores);
	else if (strcmp(argv[1], "--real") == 0)
		RUN(agree_on_real_stores);
	else
		for (int i = 1; i < argc; i++)
			compare(argv[i]);
	return checked();
}
