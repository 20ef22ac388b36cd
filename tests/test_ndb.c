/*
 * test_ndb.c - nodes, blocks and streams of forged stores, good and bad
 */
#include <inttypes.h>
#include <stdlib.h>

#include "check.h"
#include "forge.h"
#include "ndb/ndb.h"

enum { NID = 0x8001, NODES = 300, SIZE = 100000 };

static uint32_t seed = 7;

/* A store of NODES nodes, one of them with SIZE bytes and subnodes. */
static struct buf make(struct forge_options how)
{
	struct forge *f = forge_new(&how);
	struct forge_sub subs[60];
	struct buf out = { 0 };
	struct ost_error err;

	for (uint32_t i = 0; i < 60; i++) {
		char text[32];

		snprintf(text, sizeof(text), "subnode %u", i);
		subs[i] = (struct forge_sub){
			.nid = (how.format == FORGE_ANSI
					? 0
					: UINT64_C(0xBADBAD) << 32) |
			       (0x8005 + 32 * i),
			.data = forge_block(f, text, strlen(text)),
		};
	}
	for (uint32_t i = 1; i < NODES; i++)
		forge_node(f, NID + 32 * i, forge_block(f, &i, sizeof(i)), 0,
			   i);
	forge_node(f, NID, forge_tree(f, SIZE, forge_noise, &seed),
		   forge_subnodes(f, subs, 60), 0);
	CHECK(forge_finish(f, &out, &err) == OST_OK);
	return out;
}

static struct forge_options small_blocks(enum forge_format format)
{
	return (struct forge_options){
		.format = format,
		.encoding = FORGE_PERMUTE,
		.deflate = FORGE_ALWAYS,
		.block_size = 2000,
		.page_entries = 4,
		.block_entries = 8,
	};
}

static enum ost_status open_store(const struct buf *store, struct ndb **out,
				  struct ost_error *err)
{
	struct source *source;
	enum ost_status st = source_of(&source, buf_span(store), err);

	if (st == OST_OK)
		st = ndb_open(out, source, NULL, err);
	return st;
}

/* A part of the noise equals the same part read alone. */
static void check_ranges(struct ndb_stream *s)
{
	static uint8_t whole[SIZE], part[SIZE];
	const size_t from[] = { 0, 1, 1999, 2000, 2001, 50000, SIZE - 1, SIZE };
	const size_t len[] = { 0, 1, 2, 2000, 4001, 33333, SIZE };
	struct ost_error err;

	CHECK(forge_noise(&seed, 0, whole, SIZE));
	for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++)
		for (size_t j = 0; j < sizeof(len) / sizeof(len[0]); j++) {
			const enum ost_status st =
				ndb_stream_read(s, from[i], part, len[j], &err);

			if (len[j] > SIZE - from[i])
				CHECK(st == OST_CORRUPT);
			else
				CHECK(st == OST_OK &&
				      memcmp(part, whole + from[i], len[j]) ==
					      0);
		}
}

static void check_store(const struct buf *store)
{
	struct ndb *db = NULL;
	struct ndb_stream *s = NULL;
	struct ndb_node node, sub;
	struct ost_error err;
	uint32_t i;
	char text[32] = "";

	CHECK(open_store(store, &db, &err) == OST_OK);
	if (db == NULL)
		return;
	for (i = 1; i < NODES; i++) {
		uint32_t value = 0;

		CHECK(ndb_find(db, (ndb_nid){ NID + 32 * i }, &node, &err) ==
		      OST_OK);
		CHECK(node.parent.value == i);
		CHECK(ndb_stream_open(&s, db, node.data, &err) == OST_OK);
		CHECK(ndb_stream_read(s, 0, &value, sizeof(value), &err) ==
		      OST_OK);
		CHECK(value == i);
		ndb_stream_close(s);
	}
	CHECK(ndb_find(db, (ndb_nid){ NID + 1 }, &node, &err) == OST_NOT_FOUND);
	CHECK(ndb_next(db, (ndb_nid){ NID + 1 }, &node, &err) == OST_OK &&
	      node.nid.value == NID + 32);
	CHECK(ndb_next(db, (ndb_nid){ NID + 32 * NODES }, &node, &err) ==
	      OST_NOT_FOUND);

	CHECK(ndb_find(db, (ndb_nid){ NID }, &node, &err) == OST_OK);
	CHECK(ndb_stream_open(&s, db, node.data, &err) == OST_OK);
	CHECK(ndb_stream_size(s) == SIZE);
	check_ranges(s);
	ndb_stream_close(s);

	CHECK(ndb_find_sub(db, &node, (ndb_nid){ 0x8005 + 32 * 41 }, &sub,
			   &err) == OST_OK);
	CHECK(ndb_stream_open(&s, db, sub.data, &err) == OST_OK);
	CHECK(ndb_stream_read(s, 0, text, 10, &err) == OST_OK);
	CHECK_STR(text, "subnode 41");
	ndb_stream_close(s);
	CHECK(ndb_next_sub(db, &node, (ndb_nid){ 0 }, &sub, &err) == OST_OK &&
	      sub.nid.value == 0x8005);
	CHECK(ndb_next_sub(db, &node, (ndb_nid){ 0x8005 + 32 * 60 }, &sub,
			   &err) == OST_NOT_FOUND);
	ndb_close(db);
}

static void reads_every_format_and_encoding(void)
{
	for (int format = FORGE_ANSI; format <= FORGE_UNICODE_4K; format++)
		for (int enc = FORGE_PLAIN; enc <= FORGE_CYCLIC; enc++)
			for (int size = 0; size < 2; size++) {
				struct forge_options how =
					small_blocks((enum forge_format)format);

				if (size > 0)
					how = (struct forge_options){
						.format = how.format
					};
				how.encoding = (enum forge_encoding)enc;
				struct buf store = make(how);
				CHECK(size > 0 ||
				      forge_levels(&store, FORGE_NBT) > 3);
				check_store(&store);
				buf_free(&store);
			}
}

/*
 * A12: blocks are not looked for where they would be were all full. Here the
 * last block alone tells: the others lack as much as it has too many.
 */
static void reads_blocks_that_are_not_full(void)
{
	enum { FULL = 8176, SHORT = FULL - 100, LAST = 200 };
	static uint8_t want[SHORT + FULL + LAST], got[sizeof(want)];
	const size_t sizes[] = { SHORT, FULL, LAST };
	struct forge *f =
		forge_new(&(struct forge_options){ .format = FORGE_UNICODE });
	struct buf x = { 0 }, store = { 0 };
	struct ndb_stream *s = NULL;
	struct ndb *db = NULL;
	struct ndb_node node;
	struct ost_error err;
	size_t off = 0;

	CHECK(forge_noise(&seed, 0, want, sizeof(want)));
	/* The numbers of a store are little-endian, whatever ours are. */
	buf_add(&x, (uint8_t[8 + 3 * 8]){ 1, 1, 3, 0 }, 8 + 3 * 8);
	forge_put(&x, 4, 4, sizeof(want));
	for (size_t i = 0; i < 3; off += sizes[i++])
		forge_put(&x, 8 + 8 * i, 8,
			  forge_block(f, want + off, sizes[i]));
	forge_node(f, NID, forge_internal(f, x.at, x.len), 0, 0);
	CHECK(forge_finish(f, &store, &err) == OST_OK);
	CHECK(open_store(&store, &db, &err) == OST_OK);
	CHECK(ndb_find(db, (ndb_nid){ NID }, &node, &err) == OST_OK);
	CHECK(ndb_stream_open(&s, db, node.data, &err) == OST_OK);
	for (off = 0; off + 50 < sizeof(want); off += 50) {
		CHECK(ndb_stream_read(s, off, got, 50, &err) == OST_OK);
		CHECK(memcmp(got, want + off, 50) == 0);
	}
	ndb_stream_close(s);
	ndb_close(db);
	buf_free(&store);
	buf_free(&x);
}

/* Open, then read what node NID holds; the first error is `err`. */
static enum ost_status use(const struct buf *store, struct ost_error *err)
{
	static uint8_t bytes[SIZE];
	struct ndb *db = NULL;
	struct ndb_stream *s = NULL;
	struct ndb_node node, sub;
	enum ost_status st = open_store(store, &db, err);

	if (st == OST_OK)
		st = ndb_find(db, (ndb_nid){ NID }, &node, err);
	if (st == OST_OK)
		st = ndb_stream_open(&s, db, node.data, err);
	if (st == OST_OK && ndb_stream_size(s) <= SIZE)
		st = ndb_stream_read(s, 0, bytes, (size_t)ndb_stream_size(s),
				     err);
	else if (st == OST_OK)
		st = ndb_stream_read(s, 0, bytes, SIZE, err);
	if (st == OST_OK)
		st = ndb_find_sub(db, &node, (ndb_nid){ 0x8005 }, &sub, err);
	ndb_stream_close(s);
	ndb_close(db);
	return st;
}

/*
 * A4: a stream of more blocks than are looked up. Those of its XXBLOCK are one
 * XBLOCK, whose blocks are one block.
 */
static void a4_one_block_more_than_is_looked_up_is_told(void)
{
	enum { FULL = 8188, MOST = 1 << 20 };
	static char x[8 + 8 * FULL];
	struct buf b = { x, .len = sizeof(x) }, store = { 0 };
	struct forge *f = forge_new(
		&(struct forge_options){ .format = FORGE_UNICODE_4K });
	const uint64_t block = forge_block(f, "x", 1);
	struct ost_error err = { "" };
	uint64_t below;

	forge_put(&b, 0, 4, FULL << 16 | 1 << 8 | 1);
	forge_put(&b, 4, 4, FULL);
	for (size_t i = 0; i < FULL; i++)
		forge_put(&b, 8 + 8 * i, 8, block);
	below = forge_internal(f, x, sizeof(x));
	for (size_t i = 0; i <= MOST / FULL; i++)
		forge_put(&b, 8 + 8 * i, 8, below);
	forge_put(&b, 0, 4, (MOST / FULL + 1) << 16 | 2 << 8 | 1);
	forge_put(&b, 4, 4, MOST);
	forge_node(f, NID, forge_internal(f, x, 8 + 8 * (MOST / FULL + 1)), 0,
		   0);
	CHECK(forge_finish(f, &store, &err) == OST_OK);
	CHECK(use(&store, &err) == OST_LIMIT);
	CHECK(strstr(err.text, "over 1048576 data blocks") != NULL);
	buf_free(&store);
}

/* What is changed in a store; most lies are sealed again. */
struct lie {
	const char *text; /* must be in the message */
	void (*tell)(struct buf *store);
};

static struct forge_place root_page(const struct buf *store)
{
	struct forge_place p = { 0 };

	CHECK(forge_find_page(store, FORGE_NBT,
			      forge_levels(store, FORGE_NBT) - 1, 0, &p));
	return p;
}

static struct forge_entry entry_of(const struct buf *store)
{
	struct forge_entry e = { 0 };

	CHECK(forge_find_entry(store, FORGE_NBT, NID, &e));
	return e;
}

/* The block at the top of NID's data, or of its subnodes. */
static struct forge_place top_block(const struct buf *store, bool subnodes)
{
	const struct forge_entry e = entry_of(store);
	struct forge_place p = { 0 };

	CHECK(forge_find_block(store, subnodes ? e.sub : e.bid, &p));
	return p;
}

static void page_crc(struct buf *store)
{
	const struct forge_place p = root_page(store);

	store->at[p.off] ^= 1;
}

static void page_signature(struct buf *store)
{
	const struct forge_place p = root_page(store);
	const struct forge_fields f = forge_page_fields(store, &p);

	store->at[f.signature] ^= 1;
}

static void page_type(struct buf *store)
{
	const struct forge_place p = root_page(store);
	const struct forge_fields f = forge_page_fields(store, &p);

	forge_put(store, f.type, 1, 0x80);
	forge_seal_page(store, &p);
}

static void page_bid(struct buf *store)
{
	const struct forge_place p = root_page(store);
	const struct forge_fields f = forge_page_fields(store, &p);

	store->at[f.bid] ^= 8;
	forge_seal_page(store, &p);
}

static void page_count(struct buf *store)
{
	const struct forge_place p = root_page(store);
	const struct forge_fields f = forge_page_fields(store, &p);

	forge_put(store, f.count, f.count_width, 255);
	forge_put(store, f.max, f.count_width, 255);
	forge_seal_page(store, &p);
}

static void page_width(struct buf *store)
{
	const struct forge_place p = root_page(store);
	const struct forge_fields f = forge_page_fields(store, &p);

	forge_put(store, f.width, 1, 3);
	forge_seal_page(store, &p);
}

static void page_level_high(struct buf *store)
{
	const struct forge_place p = root_page(store);
	const struct forge_fields f = forge_page_fields(store, &p);

	forge_put(store, f.level, 1, 200);
	forge_seal_page(store, &p);
}

/* The root's first child is the root itself. */
static void page_cycle(struct buf *store)
{
	const struct forge_place p = root_page(store);
	const struct forge_header h = forge_header(store);
	const size_t w = h.width;

	for (size_t i = 0; i < 4; i++) {
		const uint64_t at = p.off + i * 3 * w + w;

		forge_put(store, at, w, forge_get(store, h.nbt, w));
		forge_put(store, at + w, w, p.off);
	}
	forge_seal_page(store, &p);
}

static void page_past_end(struct buf *store)
{
	const struct forge_place p = root_page(store);
	const size_t w = forge_header(store).width;

	for (size_t i = 0; i < 4; i++)
		forge_put(store, p.off + i * 3 * w + 2 * w, w, 0x7FFFFF00);
	forge_seal_page(store, &p);
}

static void block_crc(struct buf *store)
{
	const struct forge_place p = top_block(store, false);

	store->at[p.off] ^= 1;
}

static void block_signature(struct buf *store)
{
	const struct forge_place p = top_block(store, false);

	store->at[forge_block_fields(store, &p).signature] ^= 1;
}

static void block_bid(struct buf *store)
{
	const struct forge_place p = top_block(store, false);

	store->at[forge_block_fields(store, &p).bid] ^= 8;
	forge_seal_block(store, &p);
}

static void block_size(struct buf *store)
{
	const struct forge_place p = top_block(store, false);

	store->at[forge_block_fields(store, &p).size] ^= 4;
}

static void block_missing(struct buf *store)
{
	const struct forge_entry e = entry_of(store);
	const size_t w = forge_header(store).width;

	forge_put(store, e.at + w, w, 0xFFFFFC);
	forge_seal_page(store, &e.page);
}

static void xblock_type(struct buf *store)
{
	const struct forge_place p = top_block(store, false);

	store->at[p.off] = 2;
	forge_seal_block(store, &p);
}

static void xblock_count(struct buf *store)
{
	const struct forge_place p = top_block(store, false);

	forge_put(store, p.off + 2, 2, 9999);
	forge_seal_block(store, &p);
}

static void xblock_total(struct buf *store)
{
	const struct forge_place p = top_block(store, false);

	forge_put(store, p.off + 4, 4, SIZE - 1);
	forge_seal_block(store, &p);
}

/* The XBLOCK names itself. */
static void xblock_cycle(struct buf *store)
{
	const struct forge_place p = top_block(store, false);
	const size_t w = forge_header(store).width;

	forge_put(store, p.off + 8, w, entry_of(store).bid);
	forge_seal_block(store, &p);
}

static void sub_type(struct buf *store)
{
	const struct forge_place p = top_block(store, true);

	store->at[p.off] = 1;
	forge_seal_block(store, &p);
}

static void sub_count(struct buf *store)
{
	const struct forge_place p = top_block(store, true);

	forge_put(store, p.off + 2, 2, 9999);
	forge_seal_block(store, &p);
}

static void sub_cycle(struct buf *store)
{
	const struct forge_place p = top_block(store, true);
	const size_t w = forge_header(store).width;

	forge_put(store, p.off + (w == 4 ? 4 : 8) + w, w, entry_of(store).sub);
	forge_seal_block(store, &p);
}

static void says_what_is_wrong(void)
{
	const struct lie lies[] = {
		{ "page CRC is ", page_crc },
		{ "page signature is ", page_signature },
		{ "page types 0x80 and 0x81, not 0x81", page_type },
		{ "page is ", page_bid },
		{ "255 entries of ", page_count },
		{ "entries of 3 bytes", page_width },
		{ "level 200, at most 8", page_level_high },
		{ "level ", page_cycle },
		{ "lie past the end of the file", page_past_end },
		{ "CRC is ", block_crc },
		{ "signature is ", block_signature },
		{ "in its place", block_bid },
		{ "bytes, not ", block_size },
		{ "there is no such block", block_missing },
		{ "where an XBLOCK should be", xblock_type },
		{ "cannot hold 9999 entries", xblock_count },
		{ "bytes, not 99999", xblock_total },
		{ "level ", xblock_cycle },
		{ "where subnodes should be", sub_type },
		{ "cannot hold 9999 subnodes", sub_count },
		{ "level ", sub_cycle },
	};

	for (int format = FORGE_ANSI; format <= FORGE_UNICODE_4K; format++)
		for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
			struct forge_options how =
				small_blocks((enum forge_format)format);
			struct ost_error err = { "" };

			how.deflate = FORGE_STORED; /* to change it in place */
			struct buf store = make(how);
			CHECK(use(&store, &err) == OST_OK);
			lies[i].tell(&store);
			CHECK(use(&store, &err) == OST_CORRUPT);
			if (strstr(err.text, lies[i].text) == NULL)
				CHECK_STR(err.text, lies[i].text);
			buf_free(&store);
		}
}

static void tells_what_is_no_store(void)
{
	static const char text[600] = "From: someone";
	static const uint8_t zeros[4096];
	const struct {
		enum ost_status status;
		struct span bytes;
	} cases[] = {
		{ OST_NOT_STORE, { NULL, 0 } },
		{ OST_NOT_STORE, { zeros, sizeof(zeros) } },
		{ OST_NOT_STORE, { (const uint8_t *)text, sizeof(text) } },
		{ OST_NOT_STORE, { (const uint8_t *)text, 3 } },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct source *source;
		struct ndb *db = NULL;
		struct ost_error err;

		CHECK(source_of(&source, cases[i].bytes, &err) == OST_OK);
		CHECK(ndb_open(&db, source, NULL, &err) == cases[i].status);
		CHECK(db == NULL);
	}
}

static enum ost_status open_as(struct buf *store, uint64_t at, size_t width,
			       uint64_t value)
{
	struct ndb *db = NULL;
	struct ost_error err;

	forge_put(store, at, width, value);
	forge_seal_header(store);
	const enum ost_status st = open_store(store, &db, &err);
	ndb_close(db);
	return st;
}

static void tells_headers_apart(void)
{
	const struct {
		enum ost_status status;
		uint16_t version;
	} cases[] = {
		{ OST_OK, 21 },		{ OST_OK, 23 },
		{ OST_ENCRYPTED, 37 },	{ OST_UNSUPPORTED, 38 },
		{ OST_UNSUPPORTED, 0 },
	};
	struct buf store =
		make((struct forge_options){ .format = FORGE_UNICODE });
	const struct forge_header h = forge_header(&store);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK(open_as(&store, h.version, 2, cases[i].version) ==
		      cases[i].status);
	CHECK(open_as(&store, h.version, 2, 23) == OST_OK);
	CHECK(open_as(&store, h.encoding, 1, 0x10) == OST_ENCRYPTED);
	CHECK(open_as(&store, h.encoding, 1, 9) == OST_UNSUPPORTED);
	CHECK(open_as(&store, h.encoding, 1, 0) == OST_OK);
	store.at[100] ^= 1;
	CHECK(open_as(&store, h.encoding, 1, 0) == OST_OK);
	store.at[100] ^= 1;

	struct ndb *db = NULL;
	struct ost_error err;
	CHECK(open_store(&store, &db, &err) == OST_BAD_HEADER && db == NULL);
	buf_free(&store);
}

static void tells_a_cut_store(void)
{
	struct buf store =
		make((struct forge_options){ .format = FORGE_UNICODE });
	struct ndb *db = NULL;
	struct ost_error err;

	buf_cut(&store, store.len / 2);
	CHECK(open_store(&store, &db, &err) == OST_TRUNCATED);
	buf_cut(&store, 300);
	CHECK(open_store(&store, &db, &err) == OST_TRUNCATED);
	CHECK(db == NULL);
	buf_free(&store);
}

int main(void)
{
	RUN(reads_every_format_and_encoding);
	RUN(reads_blocks_that_are_not_full);
	RUN(a4_one_block_more_than_is_looked_up_is_told);
	RUN(says_what_is_wrong);
	RUN(tells_what_is_no_store);
	RUN(tells_headers_apart);
	RUN(tells_a_cut_store);
	return checked();
}
