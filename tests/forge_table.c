#include "forge_private.h"

/*
 * A table context [MS-PST] 2.3.4, streamed: blocks of rows are written as
 * they fill; the index of rows and the columns come last.
 */

struct column {
	uint32_t tag;
	uint16_t at;  /* ibData */
	uint8_t size; /* cbData */
	uint8_t bit;  /* iBit */
};

enum { TAG_ROW_ID = 0x67F20003, TAG_ROW_VER = 0x67F30003 };

/* clang-format off */
static const uint32_t hierarchy_tags[] = {
	0x0E300003, 0x0E330014, 0x0E340102, 0x0E380003, 0x3001001F,
	0x36020003, 0x36030003, 0x360A000B, 0x3613001F, 0x66350003,
	0x66360003, TAG_ROW_ID, TAG_ROW_VER,
};
static const uint32_t contents_tags[] = {
	0x00170003, 0x001A001F, 0x00360003, 0x0037001F, 0x00390040,
	0x0042001F, 0x0057000B, 0x0058000B, 0x0070001F, 0x00710102,
	0x0E03001F, 0x0E04001F, 0x0E060040, 0x0E070003, 0x0E080003,
	0x0E170003, 0x0E1B000B, 0x0E300003, 0x0E330014, 0x0E340102,
	0x0E380003, 0x0E3C0102, 0x0E3D0102, 0x10970003, 0x30080040, 0x30130102,
	0x65C60003, TAG_ROW_ID, TAG_ROW_VER,
};
static const uint32_t associated_tags[] = {
	0x001A001F, 0x003A001F, 0x0E070003, 0x0E170003, 0x3001001F,
	0x30080040, TAG_ROW_ID, TAG_ROW_VER, 0x68000003, 0x68020102,
	0x7003001F,
};
static const uint32_t recipient_tags[] = {
	0x0C150003, 0x0E0F000B, 0x0FF90102, 0x0FFE0003, 0x0FFF0102,
	0x3001001F, 0x3002001F, 0x3003001F, 0x300B0102, 0x39000003,
	0x39FF001F, 0x3A40000B, TAG_ROW_ID, TAG_ROW_VER,
};
static const uint32_t attachment_tags[] = {
	0x0E200003, 0x3704001F, 0x37050003, 0x370B0003, TAG_ROW_ID,
	TAG_ROW_VER,
};
/* clang-format on */

static const struct {
	const uint32_t *tags;
	size_t count;
} usual[] = {
#define TAGS(list)                                                             \
	{                                                                      \
		list, sizeof(list) / sizeof(list[0])                           \
	}
	[TABLE_HIERARCHY] = TAGS(hierarchy_tags),
	[TABLE_CONTENTS] = TAGS(contents_tags),
	[TABLE_ASSOCIATED] = TAGS(associated_tags),
	[TABLE_RECIPIENTS] = TAGS(recipient_tags),
	[TABLE_ATTACHMENTS] = TAGS(attachment_tags),
#undef TAGS
};

void table_tags(const struct forge *f, enum table_kind kind, struct buf *out)
{
	for (size_t i = 0; i < usual[kind].count; i++) {
		uint32_t tag = usual[kind].tags[i];

		if (f->how.format == FORGE_ANSI &&
		    (tag & 0xFFFF) == MAPI_UNICODE)
			tag = (tag & 0xFFFF0000) | MAPI_STRING8;
		buf_add(out, &tag, sizeof(tag));
	}
	if (kind == TABLE_CONTENTS)
		buf_add(out, f->how.columns,
			f->how.column_count * sizeof(uint32_t));
}

static int by_tag(const void *a, const void *b)
{
	const uint32_t x = ((const struct column *)a)->tag;
	const uint32_t y = ((const struct column *)b)->tag;

	return (x > y) - (x < y);
}

static uint8_t cell_width(uint32_t tag)
{
	const unsigned width = type_width((uint16_t)tag);

	return (uint8_t)(width == 0 ? 4 : width);
}

/*
 * Where each cell goes: of 8 and 4 bytes first, then of 2, then of 1, then
 * the bits that say which exist. Row id and version are always the first.
 */
static void lay_out(struct table *t)
{
	static const uint8_t widths[][2] = { { 8, 4 }, { 2, 2 }, { 1, 1 } };
	struct column *c = t->columns;
	uint16_t at = 8;
	uint8_t bit = 2;

	for (size_t g = 0; g < 3; g++) {
		for (size_t i = 0; i < t->column_count; i++) {
			const bool wide = c[i].tag == t->f->how.wide;
			const uint8_t size = wide ? 8 : cell_width(c[i].tag);

			if (size > widths[g][0] || size < widths[g][1])
				continue;
			c[i].size = size;
			if (c[i].tag == TAG_ROW_ID || c[i].tag == TAG_ROW_VER) {
				c[i].at = c[i].tag == TAG_ROW_ID ? 0 : 4;
				c[i].bit = c[i].tag != TAG_ROW_ID;
				continue;
			}
			c[i].at = at;
			c[i].bit = bit++;
			at = (uint16_t)(at + size);
		}
		t->ends[g] = at;
	}
	t->ends[3] = (uint16_t)(at + (t->column_count + 7) / 8);
}

static size_t info_size(const struct table *t)
{
	return 22 + 8 * t->column_count;
}

/* Outlook has TCINFO as the second allocation, HID 0x40. */
static void reserve_info(struct table *t)
{
	static const uint8_t info[22 + 8 * 255];

	if (heap_add(&t->heap, info, info_size(t)) != 0x40)
		forge_fail(t->f, OST_LIMIT, "%zu columns do not fit a block",
			   t->column_count);
}

/* A table of the columns `tags`, to which the row's own are added. */
struct table *table_new(struct forge *f, const uint32_t *tags, size_t count)
{
	struct table *t = calloc(1, sizeof(*t));
	struct column *columns = calloc(count + 2, sizeof(*columns));
	size_t n = 0;

	if (t == NULL || columns == NULL) {
		forge_fail(f, OST_NO_MEMORY, "out of memory");
		free(columns);
		free(t);
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		columns[i].tag = tags[i];
	columns[count].tag = TAG_ROW_ID;
	columns[count + 1].tag = TAG_ROW_VER;
	qsort(columns, count + 2, sizeof(*columns), by_tag);
	for (size_t i = 0; i < count + 2; i++)
		if (n == 0 || columns[n - 1].tag != columns[i].tag)
			columns[n++] = columns[i];
	if (n > 255) {
		forge_fail(f, OST_LIMIT, "%zu columns", n);
		n = 255;
	}
	t->f = f;
	t->columns = columns;
	t->column_count = n;
	t->next_sub = 0x400;
	lay_out(t);
	heap_new(&t->heap, f, 0x7C);
	reserve_info(t);
	return t;
}

/*
 * In contents tables of real 4K stores the values of two columns lie in
 * heaps of their own, subnodes of the table. No document says so.
 */
static const struct {
	uint16_t id;
	uint32_t nid;
} apart[] = {
	{ 0x3013, 0x521 }, /* PidTagConversationId */
	{ MAPI_SENT_REPRESENTING_NAME, 0x541 },
};

enum { APART = sizeof(apart) / sizeof(apart[0]) };

void table_split(struct table *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < APART; i++)
		heap_begin(&t->apart[i], t->f, 0xA5);
	t->split = true;
}

static struct heap *heap_of(struct table *t, uint16_t id)
{
	for (size_t i = 0; t->split && i < APART; i++)
		if (apart[i].id == id)
			return &t->apart[i];
	return &t->heap;
}

static void close_apart(struct table *t)
{
	for (size_t i = 0; t->split && i < APART; i++)
		subs_add(&t->subs, apart[i].nid, heap_end(&t->apart[i], 0), 0);
}

/* Write the block of rows that is full; all but the last are padded. */
static void flush_rows(struct table *t, bool last)
{
	if (t->rows.len == 0 || !forge_ok(t->f, &t->rows))
		return;

	const size_t rest = last ? 0 : t->f->block_size - t->rows.len;
	void *pad = buf_more(&t->rows, rest);
	if (pad == NULL)
		return;
	memset(pad, 0, rest);

	const uint64_t bid = block_write(t->f, t->rows.at, t->rows.len, false);
	buf_add(&t->row_bids, &bid, sizeof(bid));
	buf_cut(&t->rows, 0);
}

static const struct column *column_of(const struct table *t, uint32_t tag)
{
	const struct column key = { .tag = tag };

	return bsearch(&key, t->columns, t->column_count, sizeof(key), by_tag);
}

static void put_cell(struct table *t, const struct forge_prop *p, uint8_t *row)
{
	const uint32_t tag = (uint32_t)p->id << 16 | value_type(t->f, p);
	const struct column *c = column_of(t, tag);

	if (c == NULL || c->tag == TAG_ROW_ID || c->tag == TAG_ROW_VER)
		return;

	const struct value v = value_of(t->f, p);
	if (type_width(v.type) == 0)
		put_uint(row + c->at, 4,
			 heap_value(heap_of(t, p->id), &v, &t->subs,
				    &t->next_sub));
	else if (v.bytes != NULL)
		memcpy(row + c->at, v.bytes,
		       v.size < c->size ? (size_t)v.size : c->size);
	if (tag == t->f->how.wide && v.size < c->size)
		memset(row + c->at + v.size, 0xAA, c->size - (size_t)v.size);
	row[t->ends[2] + c->bit / 8] |= (uint8_t)(0x80 >> c->bit % 8);
}

/* A row; properties without a column are left out. */
void table_row(struct table *t, uint32_t id, const struct forge_props *base,
	       const struct forge_props *over)
{
	uint8_t row[255 * 8 + 32] = { 0 };
	const uint32_t pair[] = { id, t == NULL ? 0 : t->row_count };
	struct buf sorted = { 0 };

	if (t == NULL)
		return;

	const size_t width = t->ends[3];
	if (width > t->f->block_size) {
		forge_fail(t->f, OST_LIMIT, "rows of %zu bytes", width);
		return;
	}
	put_uint(row, 4, id);
	put_uint(row + 4, 4, t->row_count + 1);
	row[t->ends[2]] = 0xC0;
	props_merge(&sorted, base, over);
	if (forge_ok(t->f, &sorted))
		for (size_t i = 0; i < sorted.len / sizeof(void *); i++)
			put_cell(t,
				 ((const struct forge_prop **)(void *)
					  sorted.at)[i],
				 row);
	buf_free(&sorted);
	if (t->rows.len + width > t->f->block_size)
		flush_rows(t, false);
	buf_add(&t->rows, row, width);
	buf_add(&t->index, pair, sizeof(pair));
	t->row_count++;
}

/* HNID of the row matrix: in the heap when it fits there. */
static uint32_t close_rows(struct table *t)
{
	const size_t last = t->rows.len;

	if (t->row_bids.len == 0 && last <= t->f->alloc_size)
		return heap_add(&t->heap, t->rows.at, last);

	flush_rows(t, true);
	if (!forge_ok(t->f, &t->row_bids))
		return 0;

	const size_t count = t->row_bids.len / sizeof(uint64_t);
	const uint32_t nid = t->next_sub++ << 5 | 0x1F;
	subs_add(&t->subs, nid,
		 tree_top(t->f, (const uint64_t *)(void *)t->row_bids.at, count,
			  (uint64_t)(count - 1) * t->f->block_size + last),
		 0);
	return nid;
}

static int by_row_id(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* The BTH from dwRowID to the number of the row. */
static void close_index(struct table *t)
{
	const unsigned width = t->f->how.format == FORGE_ANSI ? 2 : 4;
	uint32_t *pairs = (uint32_t *)(void *)t->index.at;
	struct buf records = { 0 };

	if (width == 2 && t->row_count > 0x10000)
		forge_fail(t->f, OST_LIMIT, "%u rows in an ANSI store",
			   (unsigned)t->row_count);
	if (t->row_count > 0 && forge_ok(t->f, &t->index))
		qsort(pairs, t->row_count, 2 * sizeof(*pairs), by_row_id);
	for (size_t i = 0; i < t->row_count && forge_ok(t->f, NULL); i++) {
		uint8_t record[8];

		put_uint(record, 4, pairs[2 * i]);
		put_uint(record + 4, width, pairs[2 * i + 1]);
		buf_add(&records, record, 4 + width);
	}
	if (forge_ok(t->f, &records))
		heap_bth(&t->heap, 4, width, records.at, t->row_count);
	buf_free(&records);
}

/* TCINFO [MS-PST] 2.3.4.1 */
static void close_info(struct table *t, uint32_t rows)
{
	uint8_t info[22 + 8 * 255] = { 0x7C, (uint8_t)t->column_count };

	for (unsigned i = 0; i < 4; i++)
		put_uint(info + 2 + 2 * i, 2, t->ends[i]);
	put_uint(info + 10, 4, 0x20);
	put_uint(info + 14, 4, rows);
	for (size_t i = 0; i < t->column_count; i++) {
		uint8_t *at = info + 22 + 8 * i;

		put_uint(at, 4, t->columns[i].tag);
		put_uint(at + 4, 2, t->columns[i].at);
		at[6] = t->columns[i].size;
		at[7] = t->columns[i].bit;
	}
	heap_fill(&t->heap, HEAP_SECOND, info, info_size(t));
}

void table_close(struct table *t, struct forge_sub *out)
{
	out->data = out->subnodes = 0;
	if (t == NULL)
		return;

	const uint32_t rows = close_rows(t);

	close_index(t);
	close_info(t, rows);
	close_apart(t);
	out->data = heap_end(&t->heap, 0x40);
	out->subnodes = subs_write(t->f, &t->subs);
	table_free(t);
}

void table_free(struct table *t)
{
	if (t == NULL)
		return;
	heap_free(&t->heap);
	for (size_t i = 0; i < APART; i++)
		heap_free(&t->apart[i]);
	buf_free(&t->rows);
	buf_free(&t->row_bids);
	buf_free(&t->index);
	buf_free(&t->subs);
	free(t->columns);
	free(t);
}
