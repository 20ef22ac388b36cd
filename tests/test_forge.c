/*
 * test_forge.c - the forge's own checks: what it wrote is what it says
 *
 * The CRC and the walks here are made anew, bit by bit and page by page, so
 * that the forge does not vouch for itself.
 */
#include "check.h"
#include "forge.h"
#include "store/mapi.h"

#include <stdlib.h>
#include <unistd.h>

static uint32_t slow_crc(const uint8_t *bytes, size_t len)
{
	uint32_t crc = 0;

	for (size_t i = 0; i < len; i++) {
		crc ^= bytes[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
	}
	return crc;
}

static const uint8_t *at(const struct buf *store, uint64_t off)
{
	return (const uint8_t *)store->at + off;
}

/* Plain, with attachments, one inside another, and in two folders. */
static void add_messages(struct forge *f, unsigned count)
{
	const uint32_t inbox = forge_folder_named(f, forge_ipm(f), "Inbox");
	static uint32_t seed = 9;

	for (unsigned i = 0; i < count; i++) {
		struct forge_message m = { 0 };
		struct forge_attachment *a;

		forge_text(&m.props, MAPI_SUBJECT, "All that is the case");
		forge_text(&m.props, MAPI_BODY, "The world is everything.\r\n");
		forge_text(forge_recipient(&m), MAPI_DISPLAY_NAME, "Jane Doe");
		if (i % 4 == 0) {
			a = forge_attachment(&m);
			forge_stream(&a->props, MAPI_ATTACH_DATA, MAPI_BINARY,
				     i * 1000 + 1, forge_noise, &seed);
			forge_text(&forge_embed(forge_attachment(&m))->props,
				   MAPI_SUBJECT, "Inner");
		}
		forge_add(f, i % 2 == 0 ? inbox : forge_deleted(f), &m);
		forge_message_free(&m);
	}
}

static struct buf store_of(const struct forge_options *how, unsigned count)
{
	struct forge *f = forge_new(how);
	struct buf store = { 0 };
	struct ost_error err = { "" };

	add_messages(f, count);
	CHECK(forge_finish(f, &store, &err) == OST_OK);
	CHECK_STR(err.text, "");
	return store;
}

static const struct forge_options shapes[] = {
	{ .format = FORGE_ANSI },
	{ .format = FORGE_UNICODE, .encoding = FORGE_PERMUTE },
	{ .format = FORGE_UNICODE_4K, .kind = FORGE_OST, .mailbox = true },
	{ .format = FORGE_UNICODE_4K, .deflate = FORGE_OUTLOOK, .split = true },
	{ .format = FORGE_UNICODE_4K, .deflate = FORGE_ALWAYS },
	{ .format = FORGE_ANSI,
	  .encoding = FORGE_CYCLIC,
	  .page_entries = 3,
	  .block_size = 512,
	  .block_entries = 10,
	  .alloc_size = 100 },
	{ .format = FORGE_UNICODE,
	  .page_entries = 2,
	  .block_size = 600,
	  .block_entries = 9 },
	{ .format = FORGE_UNICODE_4K,
	  .page_entries = 4,
	  .block_size = 512,
	  .block_entries = 16 },
};

enum { SHAPES = sizeof(shapes) / sizeof(shapes[0]) };

static void check_block(const struct buf *store, uint64_t bid, bool ansi)
{
	struct forge_place place = { 0 };

	CHECK(forge_find_block(store, bid, &place));
	if (place.whole == 0)
		return;

	const struct forge_block_fields f = forge_block_fields(store, &place);
	CHECK(forge_get(store, f.size, 2) == place.size);
	CHECK(forge_get(store, f.bid, ansi ? 4 : 8) == bid);
	CHECK(forge_get(store, f.signature, 2) ==
	      forge_signature(place.off, bid));
	CHECK(forge_get(store, f.crc, 4) ==
	      slow_crc(at(store, place.off), place.size));
}

/* The entries of a leaf: ascending, and what they name is there. */
static size_t check_leaf(const struct buf *store, enum forge_btree tree,
			 const struct forge_place *page, uint64_t *last)
{
	const struct forge_fields f = forge_page_fields(store, page);
	const size_t count = forge_get(store, f.count, f.count_width);
	const size_t width = forge_get(store, f.width, 1);
	const bool ansi = forge_get(store, 10, 2) < 20;
	const size_t id = ansi ? 4 : 8;

	for (size_t i = 0; i < count; i++) {
		const uint64_t entry = page->off + i * width;
		const uint64_t key = forge_get(store, entry, id);
		struct forge_entry found = { .at = 0 };

		CHECK(key > *last);
		*last = key;
		CHECK(forge_find_entry(store, tree, key, &found));
		CHECK(found.at == entry);
		if (tree == FORGE_BBT) {
			check_block(store, key, ansi);
			continue;
		}
		for (size_t field = 1; field <= 2; field++) {
			const uint64_t bid =
				forge_get(store, entry + field * id, id);

			if (bid != 0)
				check_block(store, bid, ansi);
		}
	}
	return count;
}

static size_t check_tree(const struct buf *store, enum forge_btree tree)
{
	const uint64_t type = tree == FORGE_BBT ? 0x80 : 0x81;
	const unsigned levels = forge_levels(store, tree);
	const size_t covered = forge_get(store, 10, 2) < 20   ? 500
			       : forge_get(store, 10, 2) < 36 ? 496
							      : 4072;
	struct forge_place page;
	uint64_t last = 0;
	size_t entries = 0;

	for (unsigned level = 0; level < levels; level++)
		for (size_t i = 0;
		     forge_find_page(store, tree, level, i, &page); i++) {
			const struct forge_fields f =
				forge_page_fields(store, &page);

			CHECK(forge_get(store, f.type, 1) == type);
			CHECK(forge_get(store, f.again, 1) == type);
			CHECK(forge_get(store, f.level, 1) == level);
			CHECK(forge_get(store, f.count, f.count_width) <=
			      forge_get(store, f.max, f.count_width));
			CHECK(forge_get(store, f.crc, 4) ==
			      slow_crc(at(store, page.off), covered));
			if (level == 0)
				entries +=
					check_leaf(store, tree, &page, &last);
		}
	return entries;
}

static void all_that_is_written_is_sealed_and_in_order(void)
{
	for (size_t i = 0; i < SHAPES; i++) {
		struct buf store = store_of(&shapes[i], 40);

		CHECK(check_tree(&store, FORGE_NBT) > 60);
		CHECK(check_tree(&store, FORGE_BBT) > 100);
		if (shapes[i].page_entries != 0) {
			CHECK(forge_levels(&store, FORGE_NBT) > 3);
			CHECK(forge_levels(&store, FORGE_BBT) > 3);
		}
		buf_free(&store);
	}
}

static void the_header_says_what_the_store_is(void)
{
	static const uint64_t versions[] = { 14, 23, 36 };

	for (size_t i = 0; i < SHAPES; i++) {
		const bool ansi = shapes[i].format == FORGE_ANSI;
		struct buf store = store_of(&shapes[i], 1);
		const struct forge_header h = forge_header(&store);

		CHECK(memcmp(store.at, "!BDN", 4) == 0);
		CHECK(forge_get(&store, 4, 4) == slow_crc(at(&store, 8), 471));
		if (!ansi)
			CHECK(forge_get(&store, 524, 4) ==
			      slow_crc(at(&store, 8), 516));
		CHECK(forge_get(&store, h.version, 2) ==
		      versions[shapes[i].format]);
		CHECK(forge_get(&store, h.client, 2) ==
		      (shapes[i].kind == FORGE_OST ? 0x4F53 : 0x4D53));
		CHECK(forge_get(&store, h.encoding, 1) == shapes[i].encoding);
		CHECK(forge_get(&store, h.eof, h.width) == store.len);
		CHECK(forge_get(&store, h.amap_valid, 1) == 2);
		buf_free(&store);
	}
}

static void the_same_calls_give_the_same_bytes(void)
{
	for (size_t i = 0; i < SHAPES; i++) {
		struct buf one = store_of(&shapes[i], 12);
		struct buf two = store_of(&shapes[i], 12);

		CHECK(span_equal(buf_span(&one), buf_span(&two)));
		buf_free(&one);
		buf_free(&two);
	}
}

static void a_file_gets_what_memory_gets(void)
{
	struct forge_options how = shapes[1];
	struct buf memory = store_of(&how, 200); /* over a buffer of 1 MiB */
	struct buf back = { 0 };
	FILE *file = tmpfile();
	struct ost_error err;

	how.fd = file == NULL ? -1 : fileno(file);
	CHECK(how.fd > 0);

	struct forge *f = forge_new(&how);
	add_messages(f, 200);
	CHECK(forge_finish(f, NULL, &err) == OST_OK);
	CHECK(memory.len > 2 << 20);

	void *cap = buf_more(&back, memory.len + 1);
	CHECK(cap != NULL &&
	      pread(how.fd, cap, memory.len + 1, 0) == (ssize_t)memory.len);
	buf_cut(&back, memory.len);
	CHECK(span_equal(buf_span(&memory), buf_span(&back)));
	if (file != NULL)
		fclose(file);
	buf_free(&memory);
	buf_free(&back);
}

static void text_is_hidden_by_an_encoding_only(void)
{
	static const char text[] = "The world is everything.";

	for (enum forge_encoding e = FORGE_PLAIN; e <= FORGE_CYCLIC; e++) {
		const struct forge_options how = { .format = FORGE_ANSI,
						   .encoding = e };
		struct buf store = store_of(&how, 1);

		CHECK((memmem(store.at, store.len, text, strlen(text)) !=
		       NULL) == (e == FORGE_PLAIN));
		buf_free(&store);
	}
}

/* 8,000 equal bytes in a block of their own. */
static uint64_t stored_size(enum forge_deflate deflate)
{
	const struct forge_options how = { .format = FORGE_UNICODE_4K,
					   .deflate = deflate };
	struct forge *f = forge_new(&how);
	struct buf store = { 0 };
	struct forge_entry entry;
	struct ost_error err;
	uint8_t bytes[8000];
	uint64_t size = 0;

	memset(bytes, 'x', sizeof(bytes));
	const uint64_t bid = forge_block(f, bytes, sizeof(bytes));
	CHECK(forge_finish(f, &store, &err) == OST_OK);
	CHECK(forge_find_entry(&store, FORGE_BBT, bid, &entry));
	CHECK(forge_get(&store, entry.at + 18, 2) == sizeof(bytes));
	size = forge_get(&store, entry.at + 16, 2);
	if (size < sizeof(bytes))
		CHECK(forge_get(&store, entry.sub, 2) == 0x9C78);
	buf_free(&store);
	return size;
}

static void blocks_are_deflated_when_asked_for(void)
{
	CHECK(stored_size(FORGE_STORED) == 8000);
	CHECK(stored_size(FORGE_OUTLOOK) < 512);
	CHECK(stored_size(FORGE_ALWAYS) < 512);
}

static void a_sealed_page_holds_the_lie_and_no_other(void)
{
	struct buf store = store_of(&shapes[1], 4);
	struct buf before = { 0 };
	struct forge_place page;
	size_t changed = 0;

	buf_add(&before, store.at, store.len);
	CHECK(forge_find_page(&store, FORGE_NBT, 0, 0, &page));

	const struct forge_fields f = forge_page_fields(&store, &page);
	forge_put(&store, f.level, 1, 7);
	forge_seal_page(&store, &page);
	CHECK(forge_get(&store, f.crc, 4) ==
	      slow_crc(at(&store, page.off), 496));
	for (size_t i = 0; i < store.len; i++)
		if (store.at[i] != before.at[i]) {
			changed++;
			CHECK(i == f.level || (i >= f.crc && i < f.crc + 4));
		}
	CHECK(changed > 1);
	buf_free(&store);
	buf_free(&before);
}

static void compressed_rtf_has_its_sizes_and_crc(void)
{
	static const char rtf[] = "{\\rtf1 hello}";
	struct forge_props p = { 0 };

	forge_rtf(&p, rtf, true);

	const struct forge_prop *lzfu =
		forge_props_find(&p, MAPI_RTF_COMPRESSED);
	const struct buf in = { .at = lzfu->bytes, .len = lzfu->size };
	CHECK(forge_get(&in, 0, 4) == lzfu->size - 4);
	CHECK(forge_get(&in, 4, 4) == strlen(rtf));
	CHECK(memcmp(in.at + 8, "LZFu", 4) == 0);
	CHECK(forge_get(&in, 12, 4) == slow_crc(at(&in, 16), in.len - 16));
	forge_props_free(&p);
}

static void names_keep_their_numbers(void)
{
	const struct forge_options how = { .format = FORGE_UNICODE };
	struct forge *f = forge_new(&how);
	const uint16_t a = forge_named(f, forge_psetid_task, 0x8101, NULL);
	const uint16_t b = forge_named(f, forge_psetid_note, 0x8101, NULL);
	const uint16_t c = forge_named(f, forge_ps_mapi, 0, "A name");
	struct buf store = { 0 };
	struct ost_error err;

	CHECK(a >= 0x8000 && b > a && c > b);
	CHECK(forge_named(f, forge_psetid_task, 0x8101, NULL) == a);
	CHECK(forge_named(f, forge_ps_mapi, 0, "A name") == c);
	CHECK(forge_finish(f, &store, &err) == OST_OK);
	buf_free(&store);
}

static void ask_for_a_charset(struct forge *f)
{
	(void)f; /* its options did */
}

static void ask_for_a_folder(struct forge *f)
{
	struct forge_message m = { 0 };

	forge_add(f, 0x9992, &m);
	forge_message_free(&m);
}

static void ask_for_many_rows(struct forge *f)
{
	struct forge_message m = { .bare = true, .no_node = true };

	for (unsigned i = 0; i <= 0x10000; i++)
		forge_add(f, forge_ipm(f), &m);
}

static void ask_for_a_large_value(struct forge *f)
{
	static uint32_t seed;

	(void)forge_tree(f, UINT64_C(5) << 30, forge_noise, &seed);
}

static void says_what_it_cannot_do(void)
{
	const struct {
		const char *text, *charset;
		void (*ask)(struct forge *f);
		enum ost_status status;
	} cases[] = {
		{ "no such charset", "KLINGON", ask_for_a_charset, OST_BUG },
		{ "no folder 0x9992", NULL, ask_for_a_folder, OST_BUG },
		{ "65537 rows in an ANSI store", NULL, ask_for_many_rows,
		  OST_LIMIT },
		{ "data tree of 5368709120 bytes", NULL, ask_for_a_large_value,
		  OST_LIMIT },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct forge_options how = { .charset =
							   cases[i].charset };
		struct forge *f = forge_new(&how);
		struct buf store = { 0 };
		struct ost_error err = { "" };

		cases[i].ask(f);
		CHECK(forge_finish(f, &store, &err) == cases[i].status);
		CHECK_STR(err.text, cases[i].text);
		CHECK(store.len == 0);
		buf_free(&store);
	}
}

static void text_that_its_charset_lacks_is_refused(void)
{
	struct forge_props p = { 0 };

	forge_text8(&p, MAPI_SUBJECT, "ISO-8859-1", "caf\xC3\xA9");
	CHECK(!p.bad && p.count == 1 && p.at[0].size == 4);
	forge_text8(&p, MAPI_BODY, "ISO-8859-1", "\xE2\x82\xAC");
	CHECK(p.bad);
	forge_props_free(&p);
}

int main(void)
{
	RUN(all_that_is_written_is_sealed_and_in_order);
	RUN(the_header_says_what_the_store_is);
	RUN(the_same_calls_give_the_same_bytes);
	RUN(a_file_gets_what_memory_gets);
	RUN(text_is_hidden_by_an_encoding_only);
	RUN(blocks_are_deflated_when_asked_for);
	RUN(a_sealed_page_holds_the_lie_and_no_other);
	RUN(compressed_rtf_has_its_sizes_and_crc);
	RUN(names_keep_their_numbers);
	RUN(says_what_it_cannot_do);
	RUN(text_that_its_charset_lacks_is_refused);
	return checked();
}
