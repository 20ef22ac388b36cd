/*
 * table.c - write a table context                       [MS-PST] 2.3.4
 *
 * Where the cells of a small table lie is known when it ends: after the row
 * index and the rows. Until it has more rows than one leaf of the index
 * names, a table is kept; then that leaf is put, and from there on cells and
 * rows are written as they come.
 */
#include "pst/table.h"

#include <stdlib.h>

#include "pst/heap.h"
#include "pst/props.h"
#include "pst/put.h"
#include "pst/subs.h"
#include "store/mapi.h"

enum {
	TC_TYPE = 0x7C,
	INFO_HEAD = 22,
	COLUMN_SIZE = 8,
	COLUMNS_MAX = 255,
	INDEX_HID = 0x20,
	ROOT = 0x40,
	INDEX_RECORD = 8, /* row id, row number */
	HNID_SIZE = 4,
	CLASSES = 3,	    /* of cells: of 4 and 8 bytes, of 2, of 1 */
	FIRST_CELL = 2,	    /* after PidTagLtpRowId and PidTagLtpRowVer */
	SHARED_MAX = 60000, /* users of a block */
	ROWS_FULL = 4000000,
};

static const struct pst_bth row_index = { .key = 4,
					  .entry = 4,
					  .header = INDEX_HID };

struct column {
	uint32_t tag;
	uint16_t at;  /* byte in the row */
	uint8_t size; /* bytes in the row */
	uint8_t bit;
};

/* A cell of a kept row, whose HID is not known yet. */
struct later {
	size_t at;    /* byte in `rows` */
	uint32_t len; /* of its value, the next in `values` */
};

struct pst_table {
	struct pst_out *out;
	enum pst_template which;
	struct column columns[COLUMNS_MAX]; /* in the order of their bits */
	size_t column_count;
	uint16_t ends[CLASSES + 1]; /* rgib: of the cells; of the row */
	struct buf index;	    /* owned: records of the row index */
	uint32_t count, last;	    /* rows, and the id of the last */
	struct pst_subs subs;
	uint32_t matrix_nid;
	/* While it is kept. */
	struct buf rows, values, later; /* owned */
	/* And then. */
	struct pst_heap *heap; /* owned; NULL: it is kept */
	uint32_t first_leaf;   /* HID */
	struct pst_data matrix;
	uint8_t *row; /* owned: the one that is made */
};

/* Bytes of a cell. */
static uint8_t cell_size(uint16_t type)
{
	const unsigned size = pst_type_size(type);

	return (uint8_t)(size == 0 || size > 8 || type == MAPI_OBJECT
				 ? HNID_SIZE
				 : size);
}

static bool is_fixed(uint16_t type)
{
	const unsigned size = pst_type_size(type);

	return size > 0 && size <= 8 && type != MAPI_OBJECT;
}

static unsigned class_of(uint8_t size)
{
	return size >= 4 ? 0 : size == 2 ? 1 : 2;
}

/* Give each column its bit and its bytes. */
static enum ost_status lay_out(struct pst_table *t, struct ost_error *err)
{
	const size_t bitmap = (t->column_count + 7) / 8;
	uint32_t at = 0;

	for (unsigned class = 0; class < CLASSES; class ++) {
		for (size_t i = 0; i < t->column_count; i++) {
			struct column *c = &t->columns[i];

			if (class_of(c->size) != class)
				continue;
			c->at = (uint16_t)at;
			at += c->size;
		}
		t->ends[class] = (uint16_t)at;
	}
	t->ends[CLASSES] = (uint16_t)(at + bitmap);
	if (t->ends[CLASSES] > PST_BLOCK_MAX)
		return ost_fail(err, OST_LIMIT, "a row has over %u bytes",
				PST_BLOCK_MAX);
	t->row = malloc(t->ends[CLASSES]);
	return t->row != NULL ? OST_OK : ost_no_memory(err);
}

static enum ost_status add_columns(struct pst_table *t, const uint32_t *tags,
				   size_t count, struct ost_error *err)
{
	if (count > COLUMNS_MAX - t->column_count)
		return ost_fail(err, OST_LIMIT, "over %u columns in a table",
				COLUMNS_MAX);
	for (size_t i = 0; i < count; i++) {
		const size_t bit = t->column_count++;

		t->columns[bit] = (struct column){
			.tag = tags[i],
			.size = cell_size((uint16_t)tags[i]),
			.bit = (uint8_t)bit,
		};
	}
	return OST_OK;
}

enum ost_status pst_table_new(struct pst_table **table, struct pst_out *o,
			      enum pst_template which, const uint32_t *extra,
			      size_t extra_count, struct ost_error *err)
{
	struct pst_table *t = calloc(1, sizeof(*t));
	size_t count;
	const uint32_t *tags = pst_template_columns(which, &count);
	enum ost_status st;

	*table = t;
	if (t == NULL)
		return ost_no_memory(err);
	t->out = o;
	t->which = which;
	t->matrix.out = o;
	st = add_columns(t, tags, count, err);
	if (st == OST_OK)
		st = add_columns(t, extra, extra_count, err);
	if (st == OST_OK)
		st = lay_out(t, err);
	if (st == OST_OK)
		return OST_OK;
	pst_table_free(t);
	*table = NULL;
	return st;
}

void pst_table_free(struct pst_table *t)
{
	if (t == NULL)
		return;
	buf_free(&t->index);
	buf_free(&t->rows);
	buf_free(&t->values);
	buf_free(&t->later);
	pst_subs_free(&t->subs);
	pst_heap_free(t->heap);
	pst_data_free(&t->matrix);
	free(t->row);
	free(t);
}

void pst_table_layout(const struct pst_table *t, struct buf *to)
{
	buf_printf(to, "%u/%u/%u/%u", t->ends[0], t->ends[1], t->ends[2],
		   t->ends[CLASSES]);
	for (size_t i = 0; i < t->column_count; i++)
		buf_printf(to, " %04X@%u", t->columns[i].tag >> 16,
			   t->columns[i].at);
}

uint32_t pst_table_rows(const struct pst_table *t)
{
	return t->count;
}

bool pst_table_full(const struct pst_table *t)
{
	return t->heap != NULL &&
	       (pst_heap_blocks(t->heap) >= PST_HEAP_BLOCKS_FULL ||
		t->count >= ROWS_FULL);
}

static const struct column *column_of(const struct pst_table *t, uint32_t tag)
{
	for (size_t i = FIRST_CELL; i < t->column_count; i++)
		if (t->columns[i].tag == tag)
			return &t->columns[i];
	return NULL;
}

static int compare_columns(const void *a, const void *b)
{
	const struct column *x = a, *y = b;

	return (x->tag > y->tag) - (x->tag < y->tag);
}

/* TCINFO and its columns, by tag [MS-PST] 2.3.4.1 */
static size_t put_info(const struct pst_table *t, uint32_t rows, uint8_t *to)
{
	struct column sorted[COLUMNS_MAX];
	uint8_t *at = to + INFO_HEAD;

	memcpy(sorted, t->columns, t->column_count * sizeof(sorted[0]));
	qsort(sorted, t->column_count, sizeof(sorted[0]), compare_columns);
	memset(to, 0, INFO_HEAD); /* hidIndex */
	to[0] = TC_TYPE;
	to[1] = (uint8_t)t->column_count;
	for (size_t i = 0; i <= CLASSES; i++)
		put16(to + 2 + i * 2, t->ends[i]);
	put32(to + 10, INDEX_HID);
	put32(to + 14, rows);
	for (size_t i = 0; i < t->column_count; i++, at += COLUMN_SIZE) {
		put32(at, sorted[i].tag);
		put16(at + 4, sorted[i].at);
		at[6] = sorted[i].size;
		at[7] = sorted[i].bit;
	}
	return (size_t)(at - to);
}

/* Begin the heap with the header of the row index and TCINFO. */
static enum ost_status begin_heap(struct pst_table *t, uint32_t rows,
				  struct ost_error *err)
{
	uint8_t info[INFO_HEAD + COLUMNS_MAX * COLUMN_SIZE] = { 0 };
	const uint8_t header[PST_BTH_HEADER] = { 0 };
	const size_t len = put_info(t, rows, info);
	uint32_t hid;
	enum ost_status st;

	st = pst_heap_new(&t->heap, t->out, PST_HEAP_TABLE, ROOT, err);
	if (st == OST_OK)
		st = pst_heap_put(t->heap, span_of(header, sizeof(header)),
				  &hid, err);
	return st == OST_OK
		       ? pst_heap_put(t->heap, span_of(info, len), &hid, err)
		       : st;
}

/* Put the kept values, and say in the kept rows where they are: `l` is where
   the first comes to lie. */
static void place_later(struct pst_table *t, struct pst_layout *l)
{
	const struct later *later = (const struct later *)(void *)t->later.at;
	const size_t count = t->later.len / sizeof(*later);

	for (size_t i = 0; i < count; i++)
		put32((uint8_t *)t->rows.at + later[i].at,
		      pst_layout_put(l, later[i].len));
}

static enum ost_status put_later(struct pst_table *t, struct ost_error *err)
{
	const struct later *later = (const struct later *)(void *)t->later.at;
	const size_t count = t->later.len / sizeof(*later);
	const char *value = t->values.at;
	enum ost_status st = OST_OK;
	uint32_t hid;

	for (size_t i = 0; i < count && st == OST_OK; i++) {
		st = pst_heap_put(t->heap, span_of(value, later[i].len), &hid,
				  err);
		value += later[i].len;
	}
	buf_free(&t->later);
	buf_free(&t->values);
	return st;
}

/* Add a row to the matrix: none crosses a block. */
static enum ost_status add_to_matrix(struct pst_table *t, const uint8_t *row,
				     struct ost_error *err)
{
	static const uint8_t zeros[PST_BLOCK_MAX];
	const size_t room = PST_BLOCK_MAX - t->matrix.rest.len;
	enum ost_status st = OST_OK;

	if (room < t->ends[CLASSES])
		st = pst_data_add(&t->matrix, span_of(zeros, room), err);
	return st == OST_OK ? pst_data_add(&t->matrix,
					   span_of(row, t->ends[CLASSES]), err)
			    : st;
}

static enum ost_status rows_to_matrix(struct pst_table *t,
				      struct ost_error *err)
{
	enum ost_status st = OST_OK;

	for (size_t i = 0; i < t->rows.len && st == OST_OK;
	     i += t->ends[CLASSES])
		st = add_to_matrix(t, (uint8_t *)t->rows.at + i, err);
	buf_free(&t->rows);
	return st;
}

/* Place what comes before the rows and values: begin_heap(), and the leaf. */
static void place_before(const struct pst_table *t, struct pst_layout *l)
{
	pst_layout_put(l, PST_BTH_HEADER);
	pst_layout_put(l, INFO_HEAD + t->column_count * COLUMN_SIZE);
	if (t->count > 0)
		pst_layout_put(l, t->index.len);
}

/* Put what was kept, its rows to a matrix that is a subnode. */
static enum ost_status put_large(struct pst_table *t, struct ost_error *err)
{
	struct pst_layout l = { 0 };
	enum ost_status st;

	t->matrix_nid = pst_nid(t->out, PST_NID_VALUE);
	place_before(t, &l);
	place_later(t, &l);
	st = begin_heap(t, t->matrix_nid, err);
	if (st == OST_OK)
		st = pst_heap_put(t->heap, buf_span(&t->index), &t->first_leaf,
				  err);
	if (st == OST_OK)
		st = put_later(t, err);
	return st == OST_OK ? rows_to_matrix(t, err) : st;
}

/* Put what was kept, its rows as an item of the heap. */
static enum ost_status put_small(struct pst_table *t, struct ost_error *err)
{
	struct pst_layout l = { 0 };
	enum ost_status st;
	uint32_t hid, rows = 0;

	place_before(t, &l);
	if (t->count > 0)
		rows = pst_layout_put(&l, t->rows.len);
	place_later(t, &l);
	st = begin_heap(t, rows, err);
	if (st == OST_OK && t->count > 0)
		st = pst_heap_put(t->heap, buf_span(&t->index), &t->first_leaf,
				  err);
	if (st == OST_OK && t->count > 0)
		st = pst_heap_put(t->heap, buf_span(&t->rows), &hid, err);
	return st == OST_OK ? put_later(t, err) : st;
}

/* What a cell of any length holds: its HNID, or where that goes later. */
static enum ost_status put_value(struct pst_table *t, const struct column *c,
				 struct span bytes, struct ost_error *err)
{
	struct later later = { .len = (uint32_t)bytes.len };
	uint32_t hid;
	enum ost_status st;

	if (t->heap == NULL) {
		later.at = t->rows.len + c->at;
		buf_add(&t->later, &later, sizeof(later));
		buf_add(&t->values, bytes.at, bytes.len);
		return t->later.bad ? ost_no_memory(err)
				    : buf_status(&t->values, err);
	}
	st = pst_heap_put(t->heap, bytes, &hid, err);
	put32(t->row + c->at, hid);
	return st;
}

/* A value that is a subnode: the block that the message has of it, or one of
   its own. */
static enum ost_status put_subnode(struct pst_table *t, const struct column *c,
				   const struct pst_cell *cell,
				   struct ost_error *err)
{
	const uint32_t nid = pst_nid(t->out, PST_NID_VALUE);
	struct pst_part part = { .data = cell->bid };
	enum ost_status st;

	if (cell->bid != 0)
		st = pst_share(t->out, cell->bid, err);
	else
		st = pst_data_of(t->out, cell->bytes, &part, err);
	put32(t->row + c->at, nid);
	return st == OST_OK ? pst_subs_add(&t->subs, nid, &part, err) : st;
}

static enum ost_status put_cell(struct pst_table *t,
				const struct pst_cell *cell,
				struct ost_error *err)
{
	const struct column *c = column_of(t, cell->tag);

	t->row[t->ends[CLASSES - 1] + c->bit / 8] |=
		(uint8_t)(0x80 >> c->bit % 8);
	if (is_fixed((uint16_t)cell->tag)) {
		memcpy(t->row + c->at, cell->bytes.at, c->size);
		return OST_OK;
	}
	if (cell->bid != 0 || cell->bytes.len > PST_IN_HEAP_MAX)
		return put_subnode(t, c, cell, err);
	return cell->bytes.len > 0 ? put_value(t, c, cell->bytes, err) : OST_OK;
}

static enum ost_status check_row(const struct pst_table *t, uint32_t id,
				 const struct pst_cell *cells, size_t count,
				 struct ost_error *err)
{
	if (t->count > 0 && id <= t->last)
		return ost_fail(err, OST_BUG, "row %#x after %#x", id, t->last);
	for (size_t i = 0; i < count; i++) {
		if (column_of(t, cells[i].tag) == NULL)
			return ost_fail(err, OST_BUG, "no column %#010x",
					cells[i].tag);
		if (cells[i].bid == 0 &&
		    !pst_value_fits((uint16_t)cells[i].tag, cells[i].bytes))
			return ost_fail(err, OST_CORRUPT,
					"a cell %#010x of %zu bytes",
					cells[i].tag, cells[i].bytes.len);
	}
	return OST_OK;
}

/* Where the row that was made goes. */
static enum ost_status put_row(struct pst_table *t, uint32_t id,
			       struct ost_error *err)
{
	buf_put32(&t->index, id);
	buf_put32(&t->index, t->count);
	if (t->index.bad)
		return ost_no_memory(err);
	t->count++;
	t->last = id;
	if (t->heap != NULL)
		return add_to_matrix(t, t->row, err);
	buf_add(&t->rows, t->row, t->ends[CLASSES]);
	return buf_status(&t->rows, err);
}

enum ost_status pst_table_row(struct pst_table *t, uint32_t id,
			      const struct pst_cell *cells, size_t count,
			      struct ost_error *err)
{
	enum ost_status st = check_row(t, id, cells, count, err);

	if (st == OST_OK && t->heap == NULL &&
	    t->count == pst_bth_leaf(&row_index))
		st = put_large(t, err);
	if (st != OST_OK)
		return st;
	memset(t->row, 0, t->ends[CLASSES]);
	put32(t->row, id);
	put32(t->row + 4, pst_unique(t->out));
	t->row[t->ends[CLASSES - 1]] = 0xC0; /* these two are there */
	for (size_t i = 0; i < count && st == OST_OK; i++)
		st = put_cell(t, &cells[i], err);
	return st == OST_OK ? put_row(t, id, err) : st;
}

/* The last of the heap and of the rows. */
static enum ost_status end_table(struct pst_table *t, struct pst_part *part,
				 struct ost_error *err)
{
	struct pst_bth tree = row_index;
	struct pst_part matrix;
	enum ost_status st;

	tree.first = t->first_leaf;
	st = pst_bth_put(t->heap, &tree, buf_span(&t->index), err);
	if (st == OST_OK)
		st = pst_heap_end(t->heap, part, err);
	if (st == OST_OK && t->matrix_nid != 0)
		st = pst_data_end(&t->matrix, &matrix, err);
	if (st == OST_OK && t->matrix_nid != 0)
		st = pst_subs_add(&t->subs, t->matrix_nid, &matrix, err);
	return st == OST_OK ? pst_subs_end(&t->subs, t->out, part, err) : st;
}

static enum ost_status write_table(struct pst_table *t, struct pst_part *part,
				   struct ost_error *err)
{
	enum ost_status st = OST_OK;

	if (t->heap == NULL)
		st = t->rows.len <= PST_ITEM_MAX ? put_small(t, err)
						 : put_large(t, err);
	return st == OST_OK ? end_table(t, part, err) : st;
}

/* One block is the table of all folders that have none of such rows. */
static enum ost_status end_empty(struct pst_table *t, struct pst_part *part,
				 struct ost_error *err)
{
	struct pst_empty *empty =
		pst_out_empty(t->out, t->which - PST_HIERARCHY_TABLE);
	enum ost_status st;

	if (empty->part.data != 0 && empty->users < SHARED_MAX) {
		*part = empty->part;
		empty->users++;
		return pst_share(t->out, part->data, err);
	}
	st = write_table(t, part, err);
	if (st == OST_OK)
		*empty = (struct pst_empty){ .part = *part, .users = 1 };
	return st;
}

enum ost_status pst_table_end(struct pst_table *t, struct pst_part *part,
			      struct ost_error *err)
{
	const bool shared =
		t->which >= PST_HIERARCHY_TABLE && t->which <= PST_SEARCH_TABLE;

	return t->count == 0 && shared ? end_empty(t, part, err)
				       : write_table(t, part, err);
}
