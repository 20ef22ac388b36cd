/*
 * test_ltp.c - properties and tables of forged stores, good and bad
 */
#include <inttypes.h>
#include <stdlib.h>

#include "check.h"
#include "forge.h"
#include "ltp/ltp.h"

enum {
	FOLDER_NID = 0x9002,
	CONTENTS_NID = 0x900E,
	MESSAGE_NID = 0x200024,
	INT32 = 0x0003,
	BINARY = 0x0102,
	TAG_FLAGS = 0x0E07,
	TAG_SUBJECT = 0x0037,
	TAG_ROW_ID = 0x67F2,
	ROWS = 700,
};

static const size_t sizes[] = { 0, 1, 2, 300, 3580, 3581, 8176, 65512, 70000 };
enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };

static struct forge_options options(int format)
{
	return (struct forge_options){
		.format = (enum forge_format)format,
		.block_size = 4000,
		.alloc_size = 64,
		.block_entries = 20,
	};
}

/* One message of odd sizes, and a folder of ROWS messages. */
static struct buf make(struct forge_options how)
{
	struct forge *f = forge_new(&how);
	const struct forge_folder folder = { .name = "Rows",
					     .nid = FOLDER_NID };
	struct forge_message m = { .nid = MESSAGE_NID };
	static uint8_t bytes[70000];
	struct buf out = { 0 };
	struct ost_error err;
	uint32_t seed = 3;

	forge_folder(f, forge_ipm(f), &folder);
	CHECK(forge_noise(&seed, 0, bytes, sizeof(bytes)));
	for (uint16_t i = 0; i < SIZES; i++)
		forge_binary(&m.props, (uint16_t)(0x6000 + i), bytes, sizes[i]);
	for (uint16_t i = 0; i < 200; i++)
		forge_int(&m.props, (uint16_t)(0x6100 + i), i * 7U);
	forge_text(&m.props, TAG_SUBJECT, "the first");
	forge_add(f, FOLDER_NID, &m);
	forge_message_free(&m);
	for (uint32_t i = 1; i < ROWS; i++) {
		char subject[32];

		m = (struct forge_message){ .nid = MESSAGE_NID + 32 * i };
		snprintf(subject, sizeof(subject), "message %u", i);
		if (i % 3 != 0)
			forge_text(&m.props, TAG_SUBJECT, subject);
		forge_int(&m.props, TAG_FLAGS, i);
		forge_add(f, FOLDER_NID, &m);
		forge_message_free(&m);
	}
	CHECK(forge_finish(f, &out, &err) == OST_OK);
	return out;
}

static enum ost_status open_store(const struct buf *store, struct ndb **out,
				  struct ost_error *err)
{
	struct source *source;
	enum ost_status st = source_of(&source, buf_span(store), err);

	*out = NULL;
	if (st == OST_OK)
		st = ndb_open(out, source, NULL, err);
	return st;
}

static void check_props(struct ndb *db)
{
	static uint8_t want[70000], got[70000];
	struct ltp_props *p = NULL;
	struct ltp_value v = { .id = 0 };
	struct ndb_node node;
	struct ost_error err;
	uint32_t seed = 3;
	unsigned last = 0, count = 0;

	CHECK(forge_noise(&seed, 0, want, sizeof(want)));
	CHECK(ndb_find(db, (ndb_nid){ MESSAGE_NID }, &node, &err) == OST_OK);
	CHECK(ltp_props_open(&p, db, &node, &err) == OST_OK);
	for (uint16_t i = 0; i < SIZES; i++) {
		CHECK(ltp_props_next(p, (uint16_t)(0x6000 + i), UINT16_MAX, &v,
				     &err) == OST_OK);
		CHECK(v.id == 0x6000 + i && v.type == BINARY && !v.broken);
		CHECK(v.size == sizes[i]);
		CHECK(ltp_props_read(p, &v, 0, got, sizes[i], &err) == OST_OK);
		CHECK(memcmp(got, want, sizes[i]) == 0);
		CHECK(ltp_props_read(p, &v, 0, got, sizes[i] + 1, &err) ==
		      OST_CORRUPT);
		if (sizes[i] > 200) {
			CHECK(ltp_props_read(p, &v, 100, got, 99, &err) ==
			      OST_OK);
			CHECK(memcmp(got, want + 100, 99) == 0);
		}
	}
	CHECK(ltp_props_next(p, 0x5FF0, 0x5FFF, &v, &err) == OST_NOT_FOUND);
	CHECK(ltp_props_next(p, 0x5FF0, 0x6000, &v, &err) == OST_OK);
	for (uint32_t id = 0; id <= 0xFFFF; id = v.id + 1U, count++) {
		if (ltp_props_next(p, (uint16_t)id, UINT16_MAX, &v, &err) !=
		    OST_OK)
			break;
		CHECK(count == 0 || v.id > last);
		last = v.id;
	}
	CHECK(count >= SIZES + 201);
	CHECK(ltp_props_next(p, 0x6100 + 199, UINT16_MAX, &v, &err) == OST_OK);
	CHECK(v.in_place && v.size == 4 && v.inline_bytes[0] == 1393 % 256 &&
	      v.inline_bytes[1] == 1393 / 256);
	ltp_props_close(p);
}

static uint64_t cell(struct ltp_table *t, const uint8_t *row, uint16_t id)
{
	struct ltp_value v;
	struct ost_error err;
	uint8_t bytes[8] = { 0 };

	if (ltp_table_next(t, row, id, id, &v, &err) != OST_OK || v.size > 8 ||
	    ltp_table_read(t, &v, 0, bytes, (size_t)v.size, &err) != OST_OK)
		return UINT64_MAX;

	struct cursor c = cur_at(span_of(bytes, 8), 0);
	return cur_u64(&c);
}

static void check_table(struct ndb *db)
{
	struct ltp_table *t = NULL;
	struct ltp_value v;
	struct ndb_node node;
	struct ost_error err;
	uint8_t row[1000];

	CHECK(ndb_find(db, (ndb_nid){ CONTENTS_NID }, &node, &err) == OST_OK);
	CHECK(ltp_table_open(&t, db, &node, ROWS - 1, &err) == OST_LIMIT);
	CHECK(ltp_table_open(&t, db, &node, ROWS, &err) == OST_OK);
	CHECK(ltp_table_rows(t) == ROWS && ltp_table_width(t) < 1000);
	for (uint32_t i = 0; i < ROWS; i++) {
		CHECK(ltp_table_row(t, i, row, &err) == OST_OK);
		CHECK(ltp_row_id(row) == MESSAGE_NID + 32 * i);
		CHECK(cell(t, row, TAG_ROW_ID) == ltp_row_id(row));
		CHECK(i == 0 || cell(t, row, TAG_FLAGS) == i);
		/* the bitmap says which cells there are */
		const bool there = i == 0 || i % 3 != 0;
		CHECK(ltp_table_next(t, row, TAG_SUBJECT, TAG_SUBJECT, &v,
				     &err) == (there ? OST_OK : OST_NOT_FOUND));
		CHECK(ltp_table_row_of(t, MESSAGE_NID + 32 * i, row, &err) ==
		      OST_OK);
		CHECK(ltp_row_id(row) == MESSAGE_NID + 32 * i);
	}
	CHECK(ltp_table_row(t, ROWS, row, &err) == OST_NOT_FOUND);
	CHECK(ltp_table_row_of(t, MESSAGE_NID + 1, row, &err) == OST_NOT_FOUND);
	CHECK(ltp_table_next(t, row, 2, 1, &v, &err) == OST_NOT_FOUND);
	ltp_table_drop(t);
}

static void reads_props_and_tables_of_every_format(void)
{
	for (int format = FORGE_ANSI; format <= FORGE_UNICODE_4K; format++)
		for (int tight = 0; tight < 2; tight++) {
			struct forge_options how = options(format);
			struct ndb *db = NULL;
			struct ost_error err;

			if (tight == 0)
				how = (struct forge_options){
					.format = how.format,
					.deflate = FORGE_OUTLOOK,
				};
			struct buf store = make(how);
			CHECK(open_store(&store, &db, &err) == OST_OK);
			if (db != NULL) {
				check_props(db);
				check_table(db);
			}
			ndb_close(db);
			buf_free(&store);
		}
}

/* A small heap of one block, to tell lies in. */
struct victim {
	struct buf store;
	struct forge_place heap;
	unsigned index_bits;
};

static struct victim victim_of(int format, bool table)
{
	const struct forge_options how = { .format =
						   (enum forge_format)format };
	struct forge *f = forge_new(&how);
	const struct forge_folder folder = { .name = "Rows",
					     .nid = FOLDER_NID };
	struct forge_message m = { .nid = MESSAGE_NID };
	struct victim v = { .index_bits =
				    format == FORGE_UNICODE_4K ? 14 : 11 };
	struct forge_entry e = { 0 };
	struct ost_error err;

	forge_folder(f, forge_ipm(f), &folder);
	forge_text(&m.props, TAG_SUBJECT, "victim");
	forge_binary(&m.props, 0x6000, "eight by", 8);
	forge_add(f, FOLDER_NID, &m);
	forge_message_free(&m);
	CHECK(forge_finish(f, &v.store, &err) == OST_OK);
	CHECK(forge_find_entry(&v.store, FORGE_NBT,
			       table ? CONTENTS_NID : MESSAGE_NID, &e));
	CHECK(forge_find_block(&v.store, e.bid, &v.heap));
	return v;
}

/* Where heap item `hid` begins in the file. */
static uint64_t item_at(const struct victim *v, uint64_t hid)
{
	const uint64_t index = hid >> 5 & ((1U << v->index_bits) - 1);
	const uint64_t map = forge_get(&v->store, v->heap.off, 2);

	return v->heap.off +
	       forge_get(&v->store, v->heap.off + map + 4 + 2 * (index - 1), 2);
}

static uint64_t user_root(const struct victim *v)
{
	return item_at(v, forge_get(&v->store, v->heap.off + 4, 4));
}

static void put(struct victim *v, uint64_t at, size_t width, uint64_t value)
{
	forge_put(&v->store, at, width, value);
	forge_seal_block(&v->store, &v->heap);
}

static void heap_signature(struct victim *v)
{
	put(v, v->heap.off + 2, 1, 0xED);
}

static void heap_client(struct victim *v)
{
	put(v, v->heap.off + 3, 1, 0xB5);
}

static void heap_root(struct victim *v)
{
	put(v, v->heap.off + 4, 4, 0x7E0);
}

static void heap_root_subnode(struct victim *v)
{
	put(v, v->heap.off + 4, 4, 0x25);
}

static void heap_root_block(struct victim *v)
{
	put(v, v->heap.off + 4, 4, UINT64_C(0x00F00020));
}

static void heap_map_outside(struct victim *v)
{
	put(v, v->heap.off, 2, 0xFFF0);
}

static void heap_items_backwards(struct victim *v)
{
	const uint64_t map = forge_get(&v->store, v->heap.off, 2);
	const uint64_t count = forge_get(&v->store, v->heap.off + map, 2);

	for (uint64_t i = 0; i <= count; i++)
		put(v, v->heap.off + map + 4 + 2 * i, 2, 400 - i);
}

static void heap_items_outside(struct victim *v)
{
	const uint64_t map = forge_get(&v->store, v->heap.off, 2);
	const uint64_t count = forge_get(&v->store, v->heap.off + map, 2);

	for (uint64_t i = 0; i <= count; i++)
		put(v, v->heap.off + map + 4 + 2 * i, 2, 0xF000 + i);
}

static void bth_type(struct victim *v)
{
	put(v, user_root(v), 1, 0xB6);
}

static void bth_key(struct victim *v)
{
	put(v, user_root(v) + 1, 1, 4);
}

static void bth_no_entry(struct victim *v)
{
	put(v, user_root(v) + 2, 1, 0);
}

static void bth_levels(struct victim *v)
{
	put(v, user_root(v) + 3, 1, 255);
}

/* One level above leaves that are branches that name themselves. */
static void bth_cycle(struct victim *v)
{
	const uint64_t leaf = forge_get(&v->store, user_root(v) + 4, 4);

	put(v, user_root(v) + 3, 1, 8);
	for (uint64_t at = item_at(v, leaf); at + 6 <= item_at(v, leaf + 32);
	     at += 6)
		put(v, at + 2, 4, leaf);
}

static void table_type(struct victim *v)
{
	put(v, user_root(v), 1, 0x7D);
}

static void table_columns(struct victim *v)
{
	put(v, user_root(v) + 1, 1, 255);
}

static void table_no_width(struct victim *v)
{
	put(v, user_root(v) + 8, 2, 0);
}

static void table_wide(struct victim *v)
{
	put(v, user_root(v) + 8, 2, 0xFFFF);
}

static void table_bitmap(struct victim *v)
{
	put(v, user_root(v) + 6, 2, 0xFFF0);
}

static void table_column_outside(struct victim *v)
{
	put(v, user_root(v) + 22 + 4, 2, 0xFFF0);
}

static void table_bit_outside(struct victim *v)
{
	put(v, user_root(v) + 22 + 7, 1, 255);
}

static void table_index(struct victim *v)
{
	const uint64_t index = forge_get(&v->store, user_root(v) + 10, 4);

	put(v, item_at(v, index) + 1, 1, 2);
}

static void table_matrix(struct victim *v)
{
	put(v, user_root(v) + 14, 4, 0x8FFF);
}

/* A row index that names a row far past the matrix. */
static void table_row(struct victim *v)
{
	const uint64_t index = forge_get(&v->store, user_root(v) + 10, 4);
	const uint64_t leaf = forge_get(&v->store, item_at(v, index) + 4, 4);

	put(v, item_at(v, leaf) + 4, 2, 0x7FFF);
}

/*
 * Rows of four bytes, which are an id each. The index leads to the second one,
 * and not to the fourth, which is the one that has the id.
 */
static void table_narrow(struct victim *v)
{
	const uint64_t index = forge_get(&v->store, user_root(v) + 10, 4);
	const uint64_t leaf = forge_get(&v->store, item_at(v, index) + 4, 4);
	const uint64_t rows =
		item_at(v, forge_get(&v->store, user_root(v) + 14, 4));
	const uint64_t id = forge_get(&v->store, rows, 4);

	put(v, user_root(v) + 1, 1, 0);
	put(v, user_root(v) + 6, 2, 4);
	put(v, user_root(v) + 8, 2, 4);
	put(v, item_at(v, leaf) + 4, 2, 1);
	for (uint64_t i = 0; i < 8; i++)
		put(v, rows + 4 * i, 4, i == 3 ? id : 0);
}

/* A4: rows are looked for as far as a reader takes rows, and that is said. */
static void a4_rows_that_are_looked_for_no_further_are_told(void)
{
	for (int format = FORGE_ANSI; format <= FORGE_UNICODE_4K; format++)
		for (uint32_t over = 0; over < 2; over++) {
			struct victim v = victim_of(format, true);
			struct ltp_table *t = NULL;
			struct ndb *db = NULL;
			struct ndb_node node;
			struct ost_error err;
			uint8_t row[4];

			table_narrow(&v);
			CHECK(open_store(&v.store, &db, &err) == OST_OK);
			CHECK(ndb_find(db, (ndb_nid){ CONTENTS_NID }, &node,
				       &err) == OST_OK);
			CHECK(ltp_table_open(&t, db, &node, 4 - over, &err) ==
			      OST_OK);
			CHECK(ltp_table_row(t, 0, row, &err) == OST_OK);
			CHECK(ltp_table_row(t, 1, row, &err) ==
			      (over > 0 ? OST_LIMIT : OST_OK));
			CHECK(ltp_table_row(t, 2, row, &err) == OST_NOT_FOUND);
			CHECK(ltp_table_rows(t) == 2);
			ltp_table_drop(t);
			ndb_close(db);
			buf_free(&v.store);
		}
}

static enum ost_status use_props(struct ndb *db, struct ost_error *err)
{
	struct ltp_props *p = NULL;
	struct ndb_node node;
	enum ost_status st = ndb_find(db, (ndb_nid){ MESSAGE_NID }, &node, err);

	if (st == OST_OK)
		st = ltp_props_open(&p, db, &node, err);
	ltp_props_close(p);
	return st;
}

static enum ost_status use_table(struct ndb *db, struct ost_error *err)
{
	struct ltp_table *t = NULL;
	struct ndb_node node;
	uint8_t *row = NULL;
	enum ost_status st =
		ndb_find(db, (ndb_nid){ CONTENTS_NID }, &node, err);

	if (st == OST_OK)
		st = ltp_table_open(&t, db, &node, ROWS, err);
	if (st == OST_OK) {
		row = malloc(ltp_table_width(t));
		st = ltp_table_row(t, 0, row, err);
	}
	free(row);
	ltp_table_drop(t);
	return st;
}

static void says_what_is_wrong(void)
{
	const struct {
		bool table;
		enum ost_status status;
		const char *text; /* must be in the message */
		void (*tell)(struct victim *v);
	} lies[] = {
		{ false, OST_CORRUPT, "heap signature 0xed", heap_signature },
		{ false, OST_CORRUPT, "0xec for 0xb5, not", heap_client },
		{ false, OST_CORRUPT, "no heap item 63 of ", heap_root },
		{ false, OST_CORRUPT, "is a subnode", heap_root_subnode },
		{ false, OST_CORRUPT, "no block ", heap_root_block },
		{ false, OST_CORRUPT, "no heap item ", heap_map_outside },
		{ false, OST_CORRUPT, " is at ", heap_items_backwards },
		{ false, OST_CORRUPT, " is at ", heap_items_outside },
		{ false, OST_CORRUPT, "of type 0xb6", bth_type },
		{ false, OST_CORRUPT, "with key 4, entry 6", bth_key },
		{ false, OST_CORRUPT, "entry 0", bth_no_entry },
		{ false, OST_CORRUPT, "255 levels", bth_levels },
		{ false, OST_CORRUPT, "over 65536 properties", bth_cycle },
		{ true, OST_CORRUPT, "table of type 0x7d", table_type },
		{ true, OST_CORRUPT, "255 columns", table_columns },
		{ true, OST_CORRUPT, "rows of 0 bytes", table_no_width },
		{ true, OST_CORRUPT, "rows of 65535 bytes", table_wide },
		{ true, OST_CORRUPT, "bitmap at 65520", table_bitmap },
		{ true, OST_CORRUPT, "at 65520", table_column_outside },
		{ true, OST_CORRUPT, "bit 255", table_bit_outside },
		{ true, OST_CORRUPT, "row index with key 2", table_index },
		{ true, OST_CORRUPT, "subnode 0x8fff is missing",
		  table_matrix },
		{ true, OST_CORRUPT, "row 32767 of a matrix", table_row },
	};

	for (int format = FORGE_ANSI; format <= FORGE_UNICODE_4K; format++)
		for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
			struct victim v = victim_of(format, lies[i].table);
			struct ndb *db = NULL;
			struct ost_error err = { "" };

			lies[i].tell(&v);
			CHECK(open_store(&v.store, &db, &err) == OST_OK);
			CHECK((lies[i].table ? use_table : use_props)(
				      db, &err) == lies[i].status);
			if (strstr(err.text, lies[i].text) == NULL)
				CHECK_STR(err.text, lies[i].text);
			ndb_close(db);
			buf_free(&v.store);
		}
}

/*
 * A heap of properties whose B-tree has `width` ways at each of its levels, and
 * leaves that hold nothing.
 */
static void put_wide_tree(struct buf *out, unsigned width)
{
	enum { LEVELS = 8, ITEMS = LEVELS + 2, HEAD = 12, RECORD = 6 };
	const unsigned branch = width * RECORD;
	const unsigned map = HEAD + 8 + LEVELS * branch + 2;
	uint8_t bytes[4096] = { 0 };
	struct buf b = { (char *)bytes, .len = sizeof(bytes) };
	unsigned at = HEAD;

	forge_put(&b, 0, 4, 0xBCEC0000U | map);
	forge_put(&b, 4, 4, 1 << 5);
	forge_put(&b, at, 8, UINT64_C(0x40080602B5));
	forge_put(&b, map, 2, ITEMS);
	for (unsigned item = 1; item <= ITEMS; item++) {
		forge_put(&b, map + 2 + 2 * item, 2, at);
		for (unsigned i = 0; i < width && item > 1 && item < ITEMS; i++)
			forge_put(&b, at + i * RECORD + 2, 4, (item + 1) << 5);
		at += item == 1 ? 8 : item < ITEMS ? branch : 2;
	}
	forge_put(&b, map + 4 + 2 * ITEMS, 2, at);
	buf_add(out, bytes, map + 6 + 2 * ITEMS);
}

/* A4: as many items as are looked at, and more: 5 and 6 to the eighth. */
static void a4_a_tree_that_is_followed_no_further_is_told(void)
{
	for (unsigned over = 0; over < 2; over++) {
		const struct forge_options how = { .format = FORGE_UNICODE };
		struct forge *f = forge_new(&how);
		struct buf heap = { 0 }, store = { 0 };
		struct ndb *db = NULL;
		struct ost_error err;

		put_wide_tree(&heap, 5 + over);
		forge_node(f, MESSAGE_NID, forge_block(f, heap.at, heap.len), 0,
			   0);
		CHECK(forge_finish(f, &store, &err) == OST_OK);
		CHECK(open_store(&store, &db, &err) == OST_OK);
		CHECK(use_props(db, &err) == (over > 0 ? OST_LIMIT : OST_OK));
		CHECK((strstr(err.text, "of over 1048576 items") != NULL) ==
		      (over > 0));
		ndb_close(db);
		buf_free(&store);
		buf_free(&heap);
	}
}

/* The value of one property lies outside its heap: only it is lost. */
static void loses_only_the_damaged_value(void)
{
	struct victim v = victim_of(FORGE_UNICODE, false);
	struct ndb *db = NULL;
	struct ltp_props *p = NULL;
	struct ltp_value value;
	struct ndb_node node;
	struct ost_error err;
	uint8_t bytes[8];
	uint64_t at = item_at(&v, forge_get(&v.store, user_root(&v) + 4, 4));

	while (forge_get(&v.store, at, 2) != 0x6000)
		at += 8;
	put(&v, at + 4, 4, 0x0FFFE0);
	CHECK(open_store(&v.store, &db, &err) == OST_OK);
	CHECK(ndb_find(db, (ndb_nid){ MESSAGE_NID }, &node, &err) == OST_OK);
	CHECK(ltp_props_open(&p, db, &node, &err) == OST_OK);
	CHECK(ltp_props_next(p, 0x6000, 0x6000, &value, &err) == OST_OK);
	CHECK(value.id == 0x6000 && value.broken && value.size == 0);
	CHECK(ltp_props_read(p, &value, 0, bytes, 0, &err) == OST_CORRUPT);
	CHECK(ltp_props_next(p, TAG_SUBJECT, 0xFFFF, &value, &err) == OST_OK);
	CHECK(value.id == TAG_SUBJECT && !value.broken && value.size == 12);
	ltp_props_close(p);
	ndb_close(db);
	buf_free(&v.store);
}

int main(void)
{
	RUN(reads_props_and_tables_of_every_format);
	RUN(says_what_is_wrong);
	RUN(a4_rows_that_are_looked_for_no_further_are_told);
	RUN(a4_a_tree_that_is_followed_no_further_is_told);
	RUN(loses_only_the_damaged_value);
	return checked();
}
