/*
 * test_pst_items.c - PSTs that are written: properties, tables, names
 */
#include "bytes/text.h"
#include "pst/block.h"
#include "pst/heap.h"
#include "pst/subs.h"
#include "pstkit.h"
#include "store/mapi.h"
#include "store/store.h"

enum { TABLE = 0x671, FIRST_ID = 0x3000 };

/* Byte `i` of the value of property or row `n`. */
static uint8_t noise_of(uint32_t n, uint64_t i)
{
	return (uint8_t)((n * UINT64_C(0x9E3779B97F4A7C15) +
			  i * UINT64_C(0xD1B54A32D192ED03)) >>
			 40);
}

static struct span noise(uint8_t *to, uint32_t n, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = noise_of(n, i);
	return span_of(to, len);
}

static enum ost_status noise_read(void *from, uint64_t off, void *buf,
				  size_t len, struct ost_error *err)
{
	const uint32_t *n = from;
	uint8_t *to = buf;

	if (*n == 0)
		return ost_fail(err, OST_CORRUPT, "no such noise");
	for (size_t i = 0; i < len; i++)
		to[i] = noise_of(*n, off + i);
	return OST_OK;
}

static struct pst_props *props_new(struct pst_out *o)
{
	struct pst_props *p = NULL;
	struct ost_error err;

	CHECK(pst_props_new(&p, o, &err) == OST_OK);
	return p;
}

/* End `p` as a message. */
static uint32_t note_end(struct pst_out *o, struct pst_props *p,
			 struct pst_part *part)
{
	const uint32_t nid = pst_nid(o, PST_NID_MESSAGE);
	struct ost_error err = { 0 };

	CHECK(pst_props_end(p, part, &err) == OST_OK);
	CHECK(pst_node(o, nid, PST_TOP, part, &err) == OST_OK);
	CHECK_STR(err.text, "");
	pst_props_free(p);
	return nid;
}

/* Does property `id` hold `len` bytes of the noise `n`? */
static bool holds(struct ltp_props *p, uint16_t id, uint32_t n, size_t len)
{
	static uint8_t got[70000];
	struct ltp_value v;
	struct ost_error err;

	if (len > sizeof(got) ||
	    ltp_props_next(p, id, id, &v, &err) != OST_OK || v.size != len ||
	    ltp_props_read(p, &v, 0, got, len, &err) != OST_OK)
		return false;
	for (size_t i = 0; i < len; i++)
		if (got[i] != noise_of(n, i))
			return false;
	return true;
}

static uint64_t number_of(struct ltp_props *p, uint16_t id)
{
	const struct ltp_value v = value_of(p, id);
	uint8_t bytes[8] = { 0 };
	struct ost_error err;

	CHECK(v.size <= 8 &&
	      ltp_props_read(p, &v, 0, bytes, (size_t)v.size, &err) == OST_OK);
	return span_uint(span_of(bytes, 8));
}

/* Values around all that decides where one lies, added backwards. */
static void values_of_all_sizes_are_kept(void)
{
	static const size_t sizes[] = { 0,    1,    7,	  1023, 1024,
					1025, 3580, 8176, 8177, 66000 };
	enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };
	static uint8_t bytes[70000];
	struct pst_out *o = pst_begin("values.bin");
	struct pst_props *p = props_new(o);
	struct ost_error err = { 0 };
	struct pst_part part;
	struct ltp_props *got;
	struct ndb *db;
	uint64_t size = 0;
	uint32_t nid;

	for (uint16_t i = SIZES; i-- > 0;) {
		const struct span value = noise(bytes, i, sizes[i]);

		CHECK(pst_props_add(p, (uint16_t)(FIRST_ID + i), MAPI_BINARY,
				    value, &err) == OST_OK);
		CHECK((pst_props_bid(p, (uint16_t)(FIRST_ID + i), &size) !=
		       0) == (sizes[i] > 1024));
	}
	CHECK(size == 1025);
	CHECK(pst_props_values(p) ==
	      1 + 7 + 1023 + 1024 + 1025 + 3580 + 8176 + 8177 + 66000);
	CHECK(pst_props_size(p, MAPI_MESSAGE_SIZE, &err) == OST_OK);
	nid = note_end(o, p, &part);
	pst_save(o, NULL);
	db = pst_reopen();
	got = props_of(db, nid);
	for (uint16_t i = 0; i < SIZES; i++)
		CHECK(holds(got, (uint16_t)(FIRST_ID + i), i, sizes[i]));
	CHECK(number_of(got, MAPI_MESSAGE_SIZE) == part.size);
	/* Its heap is a block of headers, 11 records and 2055 bytes. */
	CHECK(part.size == 12 + 8 + 88 + (1 + 7 + 1023 + 1024) + 1 + 4 + 14 +
				   (1025 + 3580 + 8176 + 8177 + 66000));
	ltp_props_close(got);
	pst_done(db);
}

/* Integers stand in the record; those that are no such integer are refused. */
static void values_fit_their_types(void)
{
	static const uint8_t one[8] = { 1 }, offsets[] = { 1, 0, 0, 0, 9 };
	static const uint8_t strings[] = { 1, 0, 0, 0, 8, 0, 0, 0, 'a', 0 };
	struct pst_out *o = pst_begin("types.bin");
	struct pst_props *p = props_new(o);
	struct ost_error err = { 0 };
	struct pst_part part;
	struct ltp_props *got;
	struct ndb *db;
	uint32_t nid;

	CHECK(pst_props_number(p, 1, MAPI_INTEGER32, 0x12345678, &err) ==
	      OST_OK);
	CHECK(pst_props_number(p, 2, MAPI_BOOLEAN, 1, &err) == OST_OK);
	CHECK(pst_props_number(p, 3, MAPI_TIME, UINT64_C(1) << 60, &err) ==
	      OST_OK);
	CHECK(pst_props_number(p, 4, MAPI_INTEGER16, 0xFFFF, &err) == OST_OK);
	CHECK(pst_props_add(p, 1, MAPI_UNICODE, span_of(one, 2), &err) ==
	      OST_BUG);
	CHECK(pst_props_add(p, 9, MAPI_BOOLEAN, span_of(one, 2), &err) ==
	      OST_CORRUPT);
	CHECK(pst_props_add(p, 9, MAPI_TIME, span_of(one, 4), &err) ==
	      OST_CORRUPT);
	CHECK(pst_props_add(p, 9, 0x1003, span_of(one, 6), &err) ==
	      OST_CORRUPT);
	CHECK(pst_props_add(p, 9, 0x101F, span_of(offsets, 5), &err) ==
	      OST_CORRUPT);
	CHECK(pst_props_add(p, 9, 0x00FE, span_of(one, 2), &err) ==
	      OST_UNSUPPORTED);
	CHECK(pst_props_add(p, 9, 0, span_of(one, 2), &err) == OST_UNSUPPORTED);
	CHECK(!pst_props_has(p, 9));
	CHECK(pst_props_add(p, 9, 0x101F, span_of(strings, 10), &err) ==
	      OST_OK);
	CHECK(pst_props_add(p, 10, 0x1003, span_of(one, 8), &err) == OST_OK);
	err.text[0] = '\0';
	nid = note_end(o, p, &part);
	pst_save(o, NULL);
	db = pst_reopen();
	got = props_of(db, nid);
	CHECK(number_of(got, 1) == 0x12345678);
	CHECK(number_of(got, 2) == 1);
	CHECK(number_of(got, 3) == UINT64_C(1) << 60);
	CHECK(number_of(got, 4) == 0xFFFF);
	CHECK(value_of(got, 9).size == 10);
	ltp_props_close(got);
	pst_done(db);
}

/* A value whose reading fails is as if it had never been begun. */
static void a_value_that_fails_is_not_there(void)
{
	struct pst_out *o = pst_begin("stream.bin");
	struct pst_props *p = props_new(o);
	struct ost_error err = { 0 };
	struct pst_mark before, after;
	struct pst_part part;
	struct ltp_props *got;
	uint32_t good = 5, bad = 0, nid;
	struct ndb *db;

	pst_mark(o, &before);
	CHECK(pst_props_stream(p, 0x3701, MAPI_BINARY, 50000, noise_read, &bad,
			       &err) == OST_CORRUPT);
	CHECK_STR(err.text, "no such noise");
	CHECK(!pst_props_has(p, 0x3701));
	CHECK(pst_props_begin(p, 0x3701, MAPI_BINARY, &err) == OST_OK);
	for (unsigned i = 0; i < 9; i++)
		CHECK(pst_props_append(p, span_of("12345678", 8), &err) ==
		      OST_OK);
	CHECK(pst_props_abandon(p, &err) == OST_OK);
	pst_mark(o, &after);
	CHECK(memcmp(&before, &after, sizeof(before)) == 0);
	CHECK(pst_props_stream(p, 0x3701, MAPI_BINARY, 50000, noise_read, &good,
			       &err) == OST_OK);
	CHECK(pst_props_stream(p, 0x3702, MAPI_BINARY, 50, noise_read, &good,
			       &err) == OST_OK);
	CHECK(pst_props_bid(p, 0x3702, NULL) == 0);
	err.text[0] = '\0';
	nid = note_end(o, p, &part);
	pst_save(o, NULL);
	db = pst_reopen();
	got = props_of(db, nid);
	CHECK(holds(got, 0x3701, good, 50000));
	CHECK(holds(got, 0x3702, good, 50));
	ltp_props_close(got);
	pst_done(db);
}

/* Records in one leaf, in two, and under two levels of index; heaps of more
   than 8 blocks, and more than 136. */
static void many_properties_are_found(void)
{
	static const struct {
		uint32_t count, len;
	} many[] = {
		{ 447, 8 },   { 448, 8 },     { 3000, 30 },
		{ 20000, 8 }, { 10000, 100 }, { 2000, 1000 },
	};
	enum { MANY = sizeof(many) / sizeof(many[0]) };
	struct pst_out *o = pst_begin("many.bin");
	struct ost_error err = { 0 };
	struct pst_part part[MANY];
	uint32_t nids[MANY], bad;
	uint8_t bytes[1024];
	struct ndb *db;

	for (unsigned k = 0; k < MANY; k++) {
		struct pst_props *p = props_new(o);

		bad = 0;
		for (uint32_t i = 0; i < many[k].count; i++)
			bad += pst_props_add(p, (uint16_t)(i + 1), MAPI_BINARY,
					     noise(bytes, i, many[k].len),
					     &err) != OST_OK;
		CHECK(bad == 0);
		CHECK(pst_props_size(p, 0xFFFF, &err) == OST_OK);
		nids[k] = note_end(o, p, &part[k]);
	}
	CHECK(part[4].size > 136 * (uint64_t)PST_BLOCK_MAX);
	pst_save(o, NULL);
	db = pst_reopen();
	for (unsigned k = 0; k < MANY; k++) {
		struct ltp_props *got = props_of(db, nids[k]);

		bad = 0;
		for (uint32_t i = 0; i < many[k].count; i++)
			bad += !holds(got, (uint16_t)(i + 1), i, many[k].len);
		CHECK(bad == 0);
		CHECK(number_of(got, 0xFFFF) == part[k].size);
		ltp_props_close(got);
	}
	pst_done(db);
}

/* Subnodes in one list, and in a list of lists. */
static void many_subnodes_are_found(void)
{
	static const uint32_t many[] = { 1, 340, 341, 680, 681, 5000 };
	enum { MANY = sizeof(many) / sizeof(many[0]) };
	static uint8_t bytes[1100];
	struct pst_out *o = pst_begin("subs.bin");
	struct ost_error err = { 0 };
	struct pst_part part;
	uint32_t nids[MANY], bad = 0;
	struct ndb *db;

	for (unsigned k = 0; k < MANY; k++) {
		struct pst_props *p = props_new(o);

		for (uint32_t i = 0; i < many[k]; i++)
			bad += pst_props_add(p, (uint16_t)(i + 1), MAPI_BINARY,
					     noise(bytes, i, 1025 + i % 50),
					     &err) != OST_OK;
		nids[k] = note_end(o, p, &part);
	}
	CHECK(bad == 0);
	pst_save(o, NULL);
	db = pst_reopen();
	for (unsigned k = 0; k < MANY; k++) {
		struct ltp_props *got = props_of(db, nids[k]);

		for (uint32_t i = 0; i < many[k]; i++)
			bad += !holds(got, (uint16_t)(i + 1), i, 1025 + i % 50);
		ltp_props_close(got);
	}
	CHECK(bad == 0);
	pst_done(db);
}

/* Past what two levels of lists hold there is no form. */
static void too_many_subnodes_are_told(void)
{
	const struct pst_part part = { .data = 4 };
	struct pst_subs subs = { 0 };
	struct ost_error err = { 0 };
	uint32_t i = 0;

	while (pst_subs_add(&subs, i * 32 + 0x1F, &part, &err) == OST_OK)
		i++;
	CHECK(i == 340 * 510);
	CHECK_STR(err.text, "over 173400 large values and parts in one item");
	pst_subs_free(&subs);
}

/* An attachment in a message, a message in that, and sizes at every depth. */
static void subnodes_nest(void)
{
	static uint8_t bytes[20000];
	struct pst_out *o = pst_begin("nest.bin");
	struct pst_props *inner = props_new(o), *attach = props_new(o);
	struct pst_props *outer = props_new(o);
	struct ost_error err = { 0 };
	struct pst_part in, at, out;
	struct ltp_props *got;
	struct ndb *db;
	uint32_t nid, embedded = pst_nid(o, PST_NID_MESSAGE);

	CHECK(pst_props_add(inner, 0x1000, MAPI_BINARY,
			    noise(bytes, 1, sizeof(bytes)), &err) == OST_OK);
	CHECK(pst_props_end(inner, &in, &err) == OST_OK);
	CHECK(pst_props_sub(attach, embedded, &in, &err) == OST_OK);
	CHECK(pst_props_object(attach, 0x3701, embedded, in.size, &err) ==
	      OST_OK);
	CHECK(pst_props_values(attach) == in.size);
	CHECK(pst_props_end(attach, &at, &err) == OST_OK);
	CHECK(pst_props_sub(outer, pst_nid(o, PST_NID_ATTACHMENT), &at, &err) ==
	      OST_OK);
	CHECK(pst_props_size(outer, MAPI_MESSAGE_SIZE, &err) == OST_OK);
	nid = note_end(o, outer, &out);
	CHECK(in.size > sizeof(bytes) && at.size > in.size &&
	      out.size > at.size);
	pst_props_free(inner);
	pst_props_free(attach);
	pst_save(o, NULL);
	db = pst_reopen();
	got = props_of(db, nid);
	CHECK(number_of(got, MAPI_MESSAGE_SIZE) == out.size);
	ltp_props_close(got);
	pst_done(db);
}

/* Where Outlook has each column of each template. */
static void columns_are_where_outlook_has_them(void)
{
	static const struct {
		enum pst_template which;
		const char *layout;
	} want[] = {
		{ PST_HIERARCHY_TABLE,
		  "52/52/53/55 67F2@0 67F3@4 3001@8 3602@12 3603@16 360A@52 "
		  "0E30@20 0E33@24 0E34@32 0E38@36 3613@40 6635@44 6636@48" },
		{ PST_CONTENTS_TABLE,
		  "120/120/122/126 67F2@0 67F3@4 0E17@8 001A@12 0E07@16 "
		  "0017@20 0042@24 0037@28 0E06@32 0039@40 0E08@48 0E04@52 "
		  "0E03@56 0057@120 0058@121 0036@60 1097@64 0070@68 0071@72 "
		  "3013@76 65C6@80 3008@84 0E30@92 0E33@96 0E34@104 0E3D@108 "
		  "0E3C@112 0E38@116" },
		{ PST_ASSOC_TABLE,
		  "56/56/57/59 67F2@0 67F3@4 0E17@8 001A@12 0E07@16 3001@20 "
		  "7003@24 7004@28 7005@32 7006@36 7007@40 6800@44 6803@56 "
		  "6805@48 682F@52" },
		{ PST_SEARCH_TABLE,
		  "72/72/75/78 67F2@0 67F3@4 67F1@8 0E05@12 0E17@16 001A@20 "
		  "0E07@24 0017@28 0042@32 0037@36 0E06@40 0E08@48 0E04@52 "
		  "0E03@56 0057@72 0058@73 0036@60 0E2A@74 3008@64" },
		{ PST_RECIPIENT_TABLE,
		  "48/48/50/52 67F2@0 67F3@4 0E0F@48 3002@8 3003@12 0FFF@16 "
		  "3001@20 0C15@24 300B@28 0FF9@32 0FFE@36 3900@40 3A40@49 "
		  "39FF@44" },
		{ PST_ATTACHMENT_TABLE,
		  "24/24/24/25 67F2@0 67F3@4 370B@8 0E20@12 3705@16 3704@20" },
		{ PST_CHANGE_HISTORY_TABLE,
		  "24/24/24/25 67F2@0 67F3@4 0E33@8 0E37@16 0E38@20" },
		{ PST_REPLICATION_TABLE,
		  "40/40/40/42 67F2@0 67F3@4 0E3E@8 0E31@12 0E30@16 0E38@20 "
		  "0E34@24 0E33@28 001A@36" },
		{ PST_CHANGE_TABLE,
		  "24/24/24/25 67F2@0 67F3@4 3007@8 0E33@16" },
		{ PST_RECEIVE_TABLE,
		  "16/16/16/17 67F2@0 67F3@4 6605@8 001A@12" },
		{ PST_OUTGOING_TABLE,
		  "24/24/24/25 67F2@0 67F3@4 0E14@8 0E10@12 0039@16" },
	};
	struct pst_out *o = pst_begin("columns.pst");
	struct ost_error err;

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct pst_table *t = NULL;
		struct buf got = { 0 };

		CHECK(pst_table_new(&t, o, want[i].which, NULL, 0, &err) ==
		      OST_OK);
		pst_table_layout(t, &got);
		CHECK_STR(buf_text(&got), want[i].layout);
		pst_table_free(t);
		buf_free(&got);
	}
	pst_save(o, NULL);
	pst_done(pst_reopen());
}

/* A table of `rows` attachments, with a name of some length each. */
static void put_rows(struct pst_table *t, uint32_t rows, size_t longest)
{
	static uint8_t bytes[9000];
	struct ost_error err = { 0 };
	uint32_t bad = 0;

	for (uint32_t i = 0; i < rows; i++) {
		uint8_t number[4];
		const struct pst_cell cells[] = {
			{ .tag = 0x37040000 | MAPI_UNICODE,
			  .bytes = noise(bytes, i, i % (longest + 1)) },
			{ .tag = 0x0E200000 | MAPI_INTEGER32,
			  .bytes = span_of(number, 4) },
		};

		memcpy(number, &i, 4);
		bad += pst_table_row(t, i * 32 + 5, cells, 2, &err) != OST_OK;
	}
	CHECK(bad == 0);
	CHECK_STR(err.text, "");
	CHECK(pst_table_rows(t) == rows);
}

static bool row_holds(struct ltp_table *t, const uint8_t *row, uint32_t i,
		      size_t len)
{
	static uint8_t got[9000];
	struct ltp_value v;
	struct ost_error err;

	if (ltp_table_next(t, row, 0x0E20, 0x0E20, &v, &err) != OST_OK ||
	    ltp_table_read(t, &v, 0, got, 4, &err) != OST_OK ||
	    memcmp(got, &i, 4) != 0)
		return false;
	if (ltp_table_next(t, row, 0x3704, 0x3704, &v, &err) != OST_OK ||
	    v.size != len || ltp_table_read(t, &v, 0, got, len, &err) != OST_OK)
		return false;
	for (size_t k = 0; k < len; k++)
		if (got[k] != noise_of(i, k))
			return false;
	/* A cell that was not given is not there. */
	return ltp_table_next(t, row, 0x370B, 0x370B, &v, &err) ==
	       OST_NOT_FOUND;
}

static void check_rows(struct ndb *db, uint32_t nid, uint32_t rows,
		       size_t longest)
{
	struct ltp_table *t = NULL;
	struct ndb_node node;
	struct ost_error err = { 0 };
	uint8_t row[64];
	uint32_t bad = 0;

	CHECK(ndb_find(db, (ndb_nid){ nid }, &node, &err) == OST_OK);
	CHECK(ltp_table_open(&t, db, &node, UINT32_MAX, &err) == OST_OK);
	CHECK_STR(err.text, "");
	CHECK(ltp_table_rows(t) == rows);
	CHECK(ltp_table_width(t) == 25);
	for (uint32_t i = 0; i < rows; i++)
		if (ltp_table_row(t, i, row, &err) != OST_OK ||
		    ltp_row_id(row) != i * 32 + 5 ||
		    !row_holds(t, row, i, i % (longest + 1)))
			bad++;
	CHECK(bad == 0);
	CHECK(rows == 0 ||
	      ltp_table_row_of(t, (rows - 1) * 32 + 5, row, &err) == OST_OK);
	ltp_table_drop(t);
}

/*
 * Rows in the heap (143 of 25 bytes), in a subnode, more than a leaf of the
 * index has (447), and than a block has (327); an index of two levels.
 */
static void tables_of_all_lengths_are_kept(void)
{
	static const struct {
		uint32_t rows;
		size_t longest;
	} all[] = {
		{ 0, 0 },      { 1, 100 },    { 143, 40 },  { 144, 40 },
		{ 327, 3 },    { 328, 3 },    { 447, 30 },  { 448, 30 },
		{ 654, 0 },    { 5000, 700 }, { 50, 8999 }, { 2000, 1100 },
		{ 100000, 9 },
	};
	enum { ALL = sizeof(all) / sizeof(all[0]) };
	struct pst_out *o = pst_begin("tables.bin");
	struct ost_error err;
	struct pst_part part;
	uint32_t nids[ALL];
	struct ndb *db;

	for (unsigned i = 0; i < ALL; i++) {
		struct pst_table *t = NULL;

		nids[i] = pst_nid(o, PST_NID_MESSAGE);
		CHECK(pst_table_new(&t, o, PST_ATTACHMENT_TABLE, NULL, 0,
				    &err) == OST_OK);
		put_rows(t, all[i].rows, all[i].longest);
		CHECK(pst_table_end(t, &part, &err) == OST_OK);
		CHECK(pst_node(o, nids[i], 0, &part, &err) == OST_OK);
		pst_table_free(t);
	}
	pst_save(o, NULL);
	db = pst_reopen();
	for (unsigned i = 0; i < ALL; i++)
		check_rows(db, nids[i], all[i].rows, all[i].longest);
	pst_done(db);
}

/* What a row may not be. */
static void a_bad_row_is_refused(void)
{
	static const uint8_t bytes[8];
	const struct pst_cell short_int = { 0x0E200003, span_of(bytes, 2), 0 };
	const struct pst_cell no_column = { 0x00370003, span_of(bytes, 4), 0 };
	const struct pst_cell good = { 0x0E200003, span_of(bytes, 4), 0 };
	uint32_t extra[256];
	struct pst_out *o = pst_begin("rows.pst");
	struct pst_table *t = NULL;
	struct ost_error err;

	CHECK(pst_table_new(&t, o, PST_ATTACHMENT_TABLE, NULL, 0, &err) ==
	      OST_OK);
	CHECK(pst_table_row(t, 5, &short_int, 1, &err) == OST_CORRUPT);
	CHECK(pst_table_row(t, 5, &no_column, 1, &err) == OST_BUG);
	CHECK(pst_table_row(t, 5, &good, 1, &err) == OST_OK);
	CHECK(pst_table_row(t, 5, &good, 1, &err) == OST_BUG);
	CHECK(pst_table_rows(t) == 1);
	pst_table_free(t);
	for (uint32_t i = 0; i < 256; i++)
		extra[i] = 0x40000003 + (i << 16);
	CHECK(pst_table_new(&t, o, PST_RECIPIENT_TABLE, extra, 242, &err) ==
	      OST_LIMIT);
	CHECK(pst_table_new(&t, o, PST_RECIPIENT_TABLE, extra, 241, &err) ==
	      OST_OK);
	pst_table_free(t);
	pst_save(o, NULL);
	pst_done(pst_reopen());
}

/* Further columns come after those of the template, each with its kind. */
static void further_columns_follow(void)
{
	static const uint32_t extra[] = { 0x3A00001F, 0x5FDF0003, 0x5FFD0003,
					  0x0C240002, 0x39FE001F, 0x5FEB000B };
	struct pst_out *o = pst_begin("extra.pst");
	struct pst_table *t = NULL;
	struct buf got = { 0 };
	struct ost_error err;

	CHECK(pst_table_new(&t, o, PST_RECIPIENT_TABLE, extra, 6, &err) ==
	      OST_OK);
	pst_table_layout(t, &got);
	CHECK_STR(buf_text(&got),
		  "64/66/69/72 67F2@0 67F3@4 0E0F@66 3002@8 3003@12 0FFF@16 "
		  "3001@20 0C15@24 300B@28 0FF9@32 0FFE@36 3900@40 3A40@67 "
		  "39FF@44 3A00@48 5FDF@52 5FFD@56 0C24@64 39FE@60 5FEB@68");
	pst_table_free(t);
	buf_free(&got);
	pst_save(o, NULL);
	pst_done(pst_reopen());
}

/* Names of all kinds, and the ids that they have in the source. */
static void names_are_found(void)
{
	static const uint8_t mapi[] = { 0x28, 3, 2, 0, 0, 0, 0, 0,
					0xC0, 0, 0, 0, 0, 0, 0, 0x46 };
	enum { MANY = 2000 };
	struct pst_out *o = pst_begin("names.pst");
	struct pst_names *names = NULL;
	struct pst_identity id = { .uid = "u", .replica = "r" };
	struct ost_error err = { 0 };
	struct buf text = { 0 };
	struct store *s = NULL;
	uint32_t bad = 0;

	CHECK(pst_names_new(&names, &err) == OST_OK);
	for (uint32_t i = MANY; i-- > 0;) {
		struct pst_name name = { .lid = i };
		char ascii[40];

		memcpy(name.guid, mapi, sizeof(mapi));
		name.guid[0] = (uint8_t)(mapi[0] + i % 5);
		snprintf(ascii, sizeof(ascii), "name %u", i);
		if (i % 3 == 0)
			name.name = ascii16(&text, ascii);
		bad += pst_names_add(names, (uint16_t)(0x8000 + i * 3), &name,
				     &err) != OST_OK;
		bad += pst_names_find(names, &name) != 0x8000 + i * 3;
	}
	CHECK(bad == 0);
	CHECK(pst_names_has(names, 0x8003) && !pst_names_has(names, 0x8004));
	CHECK(pst_names_free_id(names) == 0x8000 + (MANY - 1) * 3 + 1);
	id.display = ascii16(&text, "Names");
	CHECK(pst_names_end(names, o, &err) == OST_OK);
	CHECK(pst_skeleton_end(o, &id, NULL, &err) == OST_OK);
	CHECK(pst_out_finish(o, &err) == OST_OK);
	CHECK(pst_out_publish(o, true, &err) == OST_OK);
	CHECK_STR(err.text, "");
	pst_out_free(o);
	pst_names_free(names);
	CHECK(store_open(&s, pst_path, &store_native, NULL, &err) == OST_OK);
	for (uint32_t i = 0; i < MANY; i++) {
		struct store_name name;
		char ascii[40];

		snprintf(ascii, sizeof(ascii), "name %u", i);
		if (!store_id_name(s, (uint16_t)(0x8000 + i * 3), &name) ||
		    name.guid[0] != mapi[0] + i % 5)
			bad++;
		else if (i % 3 == 0)
			bad += name.name == NULL ||
			       strcmp(name.name, ascii) != 0;
		else
			bad += name.lid != i;
	}
	CHECK(bad == 0);
	store_close(s);
	buf_free(&text);
	pst_done(pst_reopen());
}

/* UTF-8 becomes UTF-16, and what is none U+FFFD. */
static void text_becomes_utf16(void)
{
	static const struct {
		const char *in;
		const char *want; /* UTF-8 again */
	} all[] = {
		{ "abc", "abc" },
		{ "\xC3\xA4\xE2\x82\xAC", "\xC3\xA4\xE2\x82\xAC" },
		{ "\xF0\x9F\x98\x80!", "\xF0\x9F\x98\x80!" },
		{ "a\xFF", "a\xEF\xBF\xBD" },
		{ "\xC3", "\xEF\xBF\xBD" },
		{ "\xC0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD" },
		{ "\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct buf wide = { 0 }, back = { 0 };

		text_utf16(&back, ascii16(&wide, all[i].in));
		CHECK_STR(buf_text(&back), all[i].want);
		buf_free(&wide);
		buf_free(&back);
	}
}

int main(void)
{
	RUN(values_of_all_sizes_are_kept);
	RUN(values_fit_their_types);
	RUN(a_value_that_fails_is_not_there);
	RUN(many_properties_are_found);
	RUN(many_subnodes_are_found);
	RUN(too_many_subnodes_are_told);
	RUN(subnodes_nest);
	RUN(columns_are_where_outlook_has_them);
	RUN(tables_of_all_lengths_are_kept);
	RUN(a_bad_row_is_refused);
	RUN(further_columns_follow);
	RUN(names_are_found);
	RUN(text_becomes_utf16);
	return checked();
}
