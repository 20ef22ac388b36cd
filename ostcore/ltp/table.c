/*
 * table.c - table contexts                              [MS-PST] 2.3.4
 *
 * A table keeps its columns and which rows of the matrix are in use; rows and
 * cells stay in the store. Rows lie whole in blocks: the rest of each block
 * is slack.
 *
 * In contents tables of 4K stores two columns have a heap of their own, a
 * subnode: no document says so, but all of Outlook 2013's that we have seen
 * are made that way, and libpff reads other values there.
 */
#include <stdlib.h>

#include "ltp/heap.h"

enum {
	TABLE_TYPE = 0x7C,
	COLUMN_SIZE = 8,
	ROWS_MOST = 1 << 24,
	WIDTH_MOST = 8192,
	WIDTH_LEAST = 4, /* dwRowID */
	NID_TYPE = 0x1F,
	NID_CONTENTS = 0x0E,
};

/* Columns that may have a heap of their own, and in which subnode. */
static const struct {
	uint16_t id;
	uint32_t nid;
} apart[] = {
	{ 0x3013, 0x521 }, /* PidTagConversationId */
	{ 0x0042, 0x541 }, /* PidTagSentRepresentingName */
};
enum { APART = sizeof(apart) / sizeof(apart[0]) };

struct column {
	uint16_t id;
	uint16_t type;
	uint16_t at;		 /* byte in the row */
	uint8_t size;		 /* bytes in the row */
	uint8_t bit;		 /* in the cell existence bitmap */
	const struct heap *heap; /* of its values; NULL: it is damaged */
};

struct ltp_table {
	unsigned owners; /* atomic */
	struct heap heap;
	struct heap apart[APART]; /* zeroed: no such heap */
	struct bth index;	  /* dwRowID to row of the matrix */
	struct column *columns;	  /* owned, ascending by id */
	size_t column_count;
	size_t width;		   /* bytes in a row */
	size_t bitmap_at;	   /* byte in the row */
	uint32_t rows_at;	   /* HNID of the matrix */
	struct ndb_stream *matrix; /* owned; NULL: in the heap */
	uint64_t matrix_rows;	   /* rows that fit into the matrix */
	uint64_t rows_per_block;
	uint32_t *used; /* owned, ascending rows in use; NULL: all, in order */
	size_t row_count;
};

static int compare_columns(const void *a, const void *b)
{
	const struct column *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static enum ost_status decode_column(const struct ltp_table *t,
				     struct cursor *c, struct column *out,
				     struct ost_error *err)
{
	out->type = cur_u16(c);
	out->id = cur_u16(c);
	out->at = cur_u16(c);
	out->size = cur_u8(c);
	out->bit = cur_u8(c);
	out->heap = &t->heap;
	if (out->at + (size_t)out->size > t->bitmap_at ||
	    t->bitmap_at + out->bit / 8 >= t->width)
		return ost_fail(err, OST_CORRUPT,
				"column %#06x at %u, %u bytes, bit %u, in a "
				"row of %zu",
				out->id, out->at, out->size, out->bit,
				t->width);
	return OST_OK;
}

/* TCINFO [MS-PST] 2.3.4.1 */
static enum ost_status decode_info(struct ltp_table *t, struct span info,
				   uint32_t *index, struct ost_error *err)
{
	struct cursor c = cur_at(info, 0);
	const uint8_t type = cur_u8(&c);
	const uint8_t count = cur_u8(&c);
	enum ost_status st = OST_OK;

	(void)cur_u16(&c); /* ends of the 4-, 2- and 1-byte cells */
	(void)cur_u16(&c);
	t->bitmap_at = cur_u16(&c);
	t->width = cur_u16(&c);
	*index = cur_u32(&c);
	t->rows_at = cur_u32(&c);
	(void)cur_u32(&c); /* hidIndex, deprecated */
	if (!cur_ok(&c) || type != TABLE_TYPE ||
	    c.rest.len < (size_t)count * COLUMN_SIZE)
		return ost_fail(err, OST_CORRUPT,
				"table of type %#x, %u columns, in %zu bytes",
				type, count, info.len);
	if (t->width < WIDTH_LEAST || t->width > WIDTH_MOST ||
	    t->bitmap_at > t->width)
		return ost_fail(err, OST_CORRUPT,
				"rows of %zu bytes, bitmap at %zu", t->width,
				t->bitmap_at);
	t->columns = calloc(count + 1U, sizeof(*t->columns));
	if (t->columns == NULL)
		return ost_fail(err, OST_NO_MEMORY, "out of memory");
	t->column_count = count;
	for (size_t i = 0; i < count && st == OST_OK; i++)
		st = decode_column(t, &c, &t->columns[i], err);
	qsort(t->columns, count, sizeof(*t->columns), compare_columns);
	return st;
}

static struct column *find_column(const struct ltp_table *t, uint16_t id)
{
	const struct column key = { .id = id };

	return bsearch(&key, t->columns, t->column_count, sizeof(key),
		       compare_columns);
}

/* Give the columns that have a heap of their own that heap. */
static enum ost_status open_apart(struct ltp_table *t, struct ost_error *err)
{
	const struct ndb_node *node = &t->heap.node;
	struct ndb_node sub;

	if ((node->nid.value & NID_TYPE) != NID_CONTENTS)
		return OST_OK;
	for (size_t i = 0; i < APART; i++) {
		struct column *column = find_column(t, apart[i].id);
		enum ost_status st;

		if (column == NULL)
			continue;
		st = ndb_find_sub(t->heap.db, node, (ndb_nid){ apart[i].nid },
				  &sub, err);
		if (st == OST_NOT_FOUND)
			continue;
		if (st == OST_OK)
			st = heap_open(&t->apart[i], t->heap.db, &sub,
				       HEAP_COLUMN, err);
		if (st == OST_NO_MEMORY || st == OST_IO)
			return st;
		column->heap = st == OST_OK ? &t->apart[i] : NULL;
	}
	return OST_OK;
}

/* The matrix: how many rows fit into it. */
static enum ost_status measure_matrix(struct ltp_table *t,
				      struct ost_error *err)
{
	uint64_t start, size = 0;
	size_t blocks = 0;
	enum ost_status st;

	if (t->rows_at == 0)
		return OST_OK;
	if (!heap_is_subnode(t->rows_at)) {
		st = heap_value_size(&t->heap, t->rows_at, &size, err);
		t->matrix_rows = size / t->width;
		return st;
	}
	st = heap_subnode(&t->heap, t->rows_at, &t->matrix, err);
	if (st == OST_OK)
		st = ndb_stream_blocks(t->matrix, &blocks, err);
	if (st != OST_OK || blocks == 0)
		return st;
	st = ndb_stream_extent(t->matrix, 0, &start, &size, err);
	t->rows_per_block = size / t->width;
	if (st == OST_OK && t->rows_per_block == 0)
		st = ost_fail(err, OST_CORRUPT,
			      "rows of %zu bytes in blocks "
			      "of %llu",
			      t->width, (unsigned long long)size);
	if (st == OST_OK)
		st = ndb_stream_extent(t->matrix, blocks - 1, &start, &size,
				       err);
	t->matrix_rows = (blocks - 1) * t->rows_per_block + size / t->width;
	return st;
}

struct take {
	struct ltp_table *table;
	size_t room;
	bool no_memory;
	bool too_many;
};

static bool take_row(void *arg, struct span key, struct span entry)
{
	struct take *take = arg;
	struct ltp_table *t = take->table;
	struct cursor c = cur_at(entry, 0);
	const uint64_t row = cur_uint(&c, entry.len < 4 ? 2 : 4);

	(void)key;
	if (t->row_count == ROWS_MOST) {
		take->too_many = true;
		return false;
	}
	if (t->row_count == take->room) {
		const size_t room = take->room == 0 ? 64 : take->room * 2;
		uint32_t *more = realloc(t->used, room * sizeof(*more));

		take->no_memory = more == NULL;
		if (more == NULL)
			return false;
		t->used = more;
		take->room = room;
	}
	t->used[t->row_count++] = (uint32_t)row;
	return true;
}

static int compare_rows(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Rows in order of the matrix, each once; none needed when all are used. */
static void sort_rows(struct ltp_table *t)
{
	size_t kept = 0, sorted = 1;

	if (t->row_count == 0)
		return;
	while (sorted < t->row_count && t->used[sorted - 1] < t->used[sorted])
		sorted++;
	if (sorted < t->row_count)
		qsort(t->used, t->row_count, sizeof(*t->used), compare_rows);
	for (size_t i = 0; i < t->row_count; i++)
		if (kept == 0 || t->used[i] != t->used[kept - 1])
			t->used[kept++] = t->used[i];
	t->row_count = kept;
	if (t->used[kept - 1] == kept - 1) {
		free(t->used);
		t->used = NULL;
	}
}

static enum ost_status read_index(struct ltp_table *t, uint32_t hid,
				  struct ost_error *err)
{
	struct take take = { .table = t };
	enum ost_status st = bth_open(&t->index, &t->heap, hid, err);

	if (st == OST_OK &&
	    (t->index.key_size != 4 ||
	     (t->index.entry_size != 2 && t->index.entry_size != 4)))
		st = ost_fail(err, OST_CORRUPT,
			      "row index with key %u, entry %u",
			      t->index.key_size, t->index.entry_size);
	if (st == OST_OK)
		st = bth_each(&t->index, take_row, &take, err);
	if (st == OST_OK && take.no_memory)
		st = ost_fail(err, OST_NO_MEMORY, "out of memory");
	if (st == OST_OK && take.too_many)
		st = ost_fail(err, OST_LIMIT, "over %d rows", ROWS_MOST);
	if (st == OST_OK)
		sort_rows(t);
	return st;
}

static enum ost_status load(struct ltp_table *t, struct ost_error *err)
{
	struct ndb_block *block = NULL;
	uint32_t index = 0;
	struct span info;
	enum ost_status st =
		heap_item(&t->heap, t->heap.root, &block, &info, err);

	if (st == OST_OK)
		st = decode_info(t, info, &index, err);
	ndb_block_drop(block);
	if (st == OST_OK)
		st = open_apart(t, err);
	if (st == OST_OK)
		st = measure_matrix(t, err);
	if (st == OST_OK)
		st = read_index(t, index, err);
	return st;
}

enum ost_status ltp_table_open(struct ltp_table **out, struct ndb *db,
			       const struct ndb_node *node,
			       struct ost_error *err)
{
	struct ltp_table *t = calloc(1, sizeof(*t));
	enum ost_status st;

	*out = NULL;
	if (t == NULL)
		return ost_fail(err, OST_NO_MEMORY, "out of memory");
	t->owners = 1;
	st = heap_open(&t->heap, db, node, HEAP_TABLE, err);
	if (st == OST_OK)
		st = load(t, err);
	if (st != OST_OK) {
		ltp_table_drop(t);
		return ost_within(err, st, "table %#x", node->nid.value);
	}
	*out = t;
	return OST_OK;
}

struct ltp_table *ltp_table_keep(struct ltp_table *t)
{
	__atomic_add_fetch(&t->owners, 1, __ATOMIC_RELAXED);
	return t;
}

void ltp_table_drop(struct ltp_table *t)
{
	if (t == NULL ||
	    __atomic_sub_fetch(&t->owners, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	ndb_stream_close(t->matrix);
	for (size_t i = 0; i < APART; i++)
		heap_close(&t->apart[i]);
	heap_close(&t->heap);
	free(t->columns);
	free(t->used);
	free(t);
}

size_t ltp_table_rows(const struct ltp_table *t)
{
	return t->row_count;
}

size_t ltp_table_width(const struct ltp_table *t)
{
	return t->width;
}

uint32_t ltp_row_id(const uint8_t *row)
{
	struct cursor c = cur_at(span_of(row, 4), 0);

	return cur_u32(&c);
}

/* Copy row `at` of the matrix. */
static enum ost_status read_row(struct ltp_table *t, uint64_t at, uint8_t *row,
				struct ost_error *err)
{
	uint64_t start, size;
	enum ost_status st;

	if (at >= t->matrix_rows)
		return ost_fail(err, OST_CORRUPT,
				"row %llu of a matrix of %llu",
				(unsigned long long)at,
				(unsigned long long)t->matrix_rows);
	if (t->matrix == NULL)
		return heap_value_read(&t->heap, t->rows_at, at * t->width, row,
				       t->width, err);

	const uint64_t block = at / t->rows_per_block;
	const uint64_t off = at % t->rows_per_block * t->width;

	st = ndb_stream_extent(t->matrix, (size_t)block, &start, &size, err);
	if (st == OST_OK && (off > size || t->width > size - off))
		st = ost_fail(err, OST_CORRUPT,
			      "row past the end of block %llu",
			      (unsigned long long)block);
	if (st == OST_OK)
		st = ndb_stream_read(t->matrix, start + off, row, t->width,
				     err);
	return st;
}

enum ost_status ltp_table_row(struct ltp_table *t, size_t index, uint8_t *row,
			      struct ost_error *err)
{
	if (index >= t->row_count)
		return ost_none(err, "row", index);
	return read_row(t, t->used != NULL ? t->used[index] : index, row, err);
}

enum ost_status ltp_table_row_of(struct ltp_table *t, uint32_t id, uint8_t *row,
				 struct ost_error *err)
{
	uint8_t entry[64];
	const enum ost_status st = bth_find(&t->index, id, entry, err);
	struct cursor c = cur_at(span_of(entry, sizeof(entry)), 0);

	if (st != OST_OK)
		return st;
	return read_row(t, cur_uint(&c, t->index.entry_size), row, err);
}

static bool cell_exists(const struct ltp_table *t, const struct column *column,
			const uint8_t *row)
{
	struct cursor c =
		cur_at(span_of(row, t->width), t->bitmap_at + column->bit / 8U);

	return (cur_u8(&c) & 0x80U >> column->bit % 8) != 0;
}

/* Types whose value, up to 8 bytes, stands in the row itself. */
static bool is_in_row(uint16_t type)
{
	const unsigned size = ltp_fixed_size(type);

	return size > 0 && size <= 8;
}

static enum ost_status locate(struct ltp_table *t, const struct column *column,
			      const uint8_t *row, struct ltp_value *out,
			      struct ost_error *err)
{
	struct cursor c = cur_at(span_of(row, t->width), column->at);
	const struct span cell = cur_span(&c, column->size);
	enum ost_status st;

	*out = (struct ltp_value){ .id = column->id, .type = column->type };
	if (is_in_row(column->type)) {
		out->in_place = true;
		out->size = ltp_value_size(column->type, cell.len);
		memcpy(out->inline_bytes, cell.at, (size_t)out->size);
		return OST_OK;
	}
	c = cur_at(cell, 0);
	out->hnid = cur_u32(&c);
	if (!cur_ok(&c) || column->heap == NULL)
		st = ost_fail(err, OST_CORRUPT, "cell of %u bytes",
			      column->size);
	else
		st = heap_value_size(column->heap, out->hnid, &out->size, err);
	out->size = ltp_value_size(column->type, out->size);
	out->broken = st != OST_OK;
	return st == OST_NO_MEMORY ? st : OST_OK; /* else `broken` says it */
}

enum ost_status ltp_table_next(struct ltp_table *t, const uint8_t *row,
			       uint16_t id, uint16_t last,
			       struct ltp_value *out, struct ost_error *err)
{
	size_t low = 0, high = t->column_count;

	while (low < high) {
		const size_t mid = low + (high - low) / 2;

		if (t->columns[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < t->column_count && t->columns[low].id <= last; low++)
		if (cell_exists(t, &t->columns[low], row))
			return locate(t, &t->columns[low], row, out, err);
	return ost_none(err, "cell", id);
}

enum ost_status ltp_table_read(struct ltp_table *t, const struct ltp_value *v,
			       uint64_t off, void *buf, size_t len,
			       struct ost_error *err)
{
	const struct column *column = find_column(t, v->id);
	struct span part;

	if (column == NULL)
		return ost_fail(err, OST_BUG, "no column %#06x", v->id);
	if (!v->in_place && column->heap == NULL)
		return ost_fail(err, OST_CORRUPT, "the heap of %#06x is lost",
				v->id);
	if (!v->in_place)
		return heap_value_read(column->heap, v->hnid, off, buf, len,
				       err);
	if (!span_sub(span_of(v->inline_bytes, (size_t)v->size), off, len,
		      &part))
		return ost_fail(err, OST_CORRUPT, "value too short");
	if (len > 0)
		memcpy(buf, part.at, len);
	return OST_OK;
}
