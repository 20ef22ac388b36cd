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
 *
 * A row says whose it is: its first cell, dwRowID. The row index says it too,
 * and is only believed where both agree. Where they do not, the rows win: the
 * index is damaged, and rows are found by what they say.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "ltp/heap.h"

#include "bytes/sorted.h"

enum {
	TABLE_TYPE = 0x7C,
	COLUMN_SIZE = 8,
	WIDTH_MAX = 8192,
	WIDTH_LEAST = 4, /* dwRowID */
	NID_TYPE = 0x1F,
	NID_CONTENTS = 0x0E,
	NID_ATTACHMENTS = 0x11,
	NID_RECIPIENTS = 0x12,
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

/* A row of the matrix, and its id. */
struct row_ref {
	uint32_t row, id;
};

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
	uint32_t rows_max;
	struct heap heap;
	struct heap apart[APART]; /* zeroed: no such heap */
	struct bth index;	  /* dwRowID to row of the matrix */
	struct column *columns;	  /* owned, ascending by id */
	size_t column_count;
	size_t width;		   /* bytes in a row */
	size_t bitmap_at;	   /* byte in the row */
	uint32_t index_at;	   /* HID of the row index */
	uint32_t rows_at;	   /* HNID of the matrix */
	struct ndb_stream *matrix; /* owned; NULL: in the heap */
	uint64_t matrix_rows;	   /* rows that fit into the matrix */
	uint64_t rows_per_block;
	struct row_ref *used; /* owned, by row: what the index names */
	size_t row_count;
	struct buf again; /* uint32_t: ids of rows it names a second time */

	/* What the rows say themselves. */
	pthread_mutex_t lock;  /* of the settling */
	bool settled, bad;     /* atomic: all were compared; some differ */
	uint8_t *compared;     /* owned, atomic: a bit a row */
	size_t left;	       /* atomic: how many were not compared */
	struct row_ref *extra; /* owned: rows it should have named */
	struct row_ref *by_id; /* owned: all, by the id they have */
	size_t extra_count, by_id_count;
	bool cut; /* there may be more of them than were looked at */
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
	*index = t->index_at = cur_u32(&c);
	t->rows_at = cur_u32(&c);
	(void)cur_u32(&c); /* hidIndex, deprecated */
	if (!cur_ok(&c) || type != TABLE_TYPE ||
	    c.rest.len < (size_t)count * COLUMN_SIZE)
		return ost_fail(err, OST_CORRUPT,
				"table of type %#x, %u columns, in %zu bytes",
				type, count, info.len);
	if (t->width < WIDTH_LEAST || t->width > WIDTH_MAX ||
	    t->bitmap_at > t->width)
		return ost_fail(err, OST_CORRUPT,
				"rows of %zu bytes, bitmap at %zu", t->width,
				t->bitmap_at);
	t->columns = calloc(count + 1U, sizeof(*t->columns));
	if (t->columns == NULL)
		return ost_no_memory(err);
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
		if (ost_is_transient(st))
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
	size_t cap, max;
	bool no_memory;
	bool too_many;
};

static bool take_row(void *arg, struct span key, struct span entry)
{
	struct take *take = arg;
	struct ltp_table *t = take->table;
	struct cursor c = cur_at(entry, 0), k = cur_at(key, 0);
	const uint64_t row = cur_uint(&c, entry.len < 4 ? 2 : 4);

	if (t->row_count == take->max) {
		take->too_many = true;
		return false;
	}
	if (t->row_count == take->cap) {
		const size_t cap = take->cap == 0 ? 64 : take->cap * 2;
		struct row_ref *more = realloc(t->used, cap * sizeof(*more));

		take->no_memory = more == NULL;
		if (more == NULL)
			return false;
		t->used = more;
		take->cap = cap;
	}
	t->used[t->row_count++] =
		(struct row_ref){ (uint32_t)row, cur_u32(&k) };
	return true;
}

static int compare_rows(const void *a, const void *b)
{
	const struct row_ref *x = a, *y = b;

	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static int compare_ids(const void *a, const void *b)
{
	const struct row_ref *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

/* Rows in order of the matrix, each once. */
static enum ost_status sort_rows(struct ltp_table *t, struct ost_error *err)
{
	size_t kept = 0;

	if (t->row_count == 0)
		return OST_OK;
	qsort(t->used, t->row_count, sizeof(*t->used), compare_rows);
	for (size_t i = 0; i < t->row_count; i++)
		if (kept == 0 || t->used[i].row != t->used[kept - 1].row)
			t->used[kept++] = t->used[i];
		else
			buf_add(&t->again, &t->used[i].id,
				sizeof(t->used[i].id));
	t->row_count = t->left = kept;
	t->compared = calloc(kept / 8 + 1, 1);
	return t->compared != NULL ? buf_status(&t->again, err)
				   : ost_no_memory(err);
}

static enum ost_status read_index(struct ltp_table *t, uint32_t hid,
				  struct ost_error *err)
{
	struct take take = { .table = t, .max = t->rows_max };
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
		st = ost_no_memory(err);
	if (st == OST_OK && take.too_many)
		st = ost_fail(err, OST_LIMIT, "over %" PRIu32 " rows",
			      t->rows_max);
	if (st == OST_OK)
		st = sort_rows(t, err);
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

static bool try_row(struct ltp_table *t, uint32_t at, uint8_t *row,
		    enum ost_status *st, struct ost_error *err);

/* The index of a list in a message names none of these rows. */
static void index_is_empty(struct ltp_table *t)
{
	struct ost_error why;

	t->bad = true;
	(void)!ost_fail(&why, OST_CORRUPT,
			"table %#x: the row index is empty, and there are "
			"%zu rows",
			t->heap.node.nid.value, t->row_count);
	ndb_note_table(t->heap.db, NDB_ROWS_BAD, &t->heap.node, &why);
}

/*
 * Nothing else counts what is in such a list, and a list that is changed is
 * written anew: rows without an index are taken, all of them.
 */
static enum ost_status adopt_rows(struct ltp_table *t, struct ost_error *err)
{
	const uint32_t type = t->heap.node.nid.value & NID_TYPE;
	enum ost_status st = OST_OK;
	uint8_t *row;

	if (t->row_count > 0 || t->matrix_rows == 0 ||
	    (type != NID_ATTACHMENTS && type != NID_RECIPIENTS))
		return OST_OK;
	if (t->matrix_rows > t->rows_max)
		return ost_fail(err, OST_LIMIT, "over %" PRIu32 " rows",
				t->rows_max);
	row = malloc(t->width);
	t->used = calloc((size_t)t->matrix_rows, sizeof(*t->used));
	if (row == NULL || t->used == NULL)
		st = ost_no_memory(err);
	for (uint32_t i = 0; st == OST_OK && i < t->matrix_rows; i++)
		if (try_row(t, i, row, &st, err))
			t->used[t->row_count++] =
				(struct row_ref){ i, ltp_row_id(row) };
	free(row);
	if (st == OST_OK)
		st = sort_rows(t, err);
	if (st == OST_OK && t->row_count > 0)
		index_is_empty(t);
	return st;
}

enum ost_status ltp_table_open(struct ltp_table **out, struct ndb *db,
			       const struct ndb_node *node, uint32_t rows_max,
			       struct ost_error *err)
{
	struct ltp_table *t = calloc(1, sizeof(*t));
	enum ost_status st;

	*out = NULL;
	if (t == NULL)
		return ost_no_memory(err);
	t->owners = 1;
	t->rows_max = rows_max;
	pthread_mutex_init(&t->lock, NULL);
	st = heap_open(&t->heap, db, node, HEAP_TABLE, err);
	if (st == OST_OK)
		st = load(t, err);
	if (st == OST_OK)
		st = adopt_rows(t, err);
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
	pthread_mutex_destroy(&t->lock);
	buf_free(&t->again);
	free(t->columns);
	free(t->used);
	free(t->compared);
	free(t->extra);
	free(t->by_id);
	free(t);
}

size_t ltp_table_rows(const struct ltp_table *t)
{
	return t->row_count + t->extra_count + t->cut;
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

/*
 * What the index says of rows, and what they say
 */

static bool is_bad(const struct ltp_table *t)
{
	return __atomic_load_n(&t->bad, __ATOMIC_ACQUIRE);
}

static uint32_t again_id(const struct ltp_table *t, size_t i)
{
	uint32_t id;

	memcpy(&id, t->again.at + i * sizeof(id), sizeof(id));
	return id;
}

/* The index says that the row of `row` is `id`'s, and it is not. */
static void index_is_bad(struct ltp_table *t, uint32_t id, const uint8_t *row)
{
	struct ost_error why;

	if (__atomic_exchange_n(&t->bad, true, __ATOMIC_ACQ_REL))
		return;
	(void)!ost_fail(&why, OST_CORRUPT,
			"table %#x: the row index leads from %#x to the row "
			"of %#x",
			t->heap.node.nid.value, id, ltp_row_id(row));
	ndb_note_table(t->heap.db, NDB_ROWS_BAD, &t->heap.node, &why);
}

/* Row `index` of those in use was read: does it say what the index says? */
static void compare_row(struct ltp_table *t, size_t index, const uint8_t *row)
{
	const uint8_t bit = (uint8_t)(1U << index % 8);

	if ((__atomic_fetch_or(&t->compared[index / 8], bit, __ATOMIC_RELAXED) &
	     bit) == 0)
		__atomic_sub_fetch(&t->left, 1, __ATOMIC_RELAXED);
	if (ltp_row_id(row) != t->used[index].id)
		index_is_bad(t, t->used[index].id, row);
}

/* Read a row. Damage costs that row only, and is told when it is asked for. */
static bool try_row(struct ltp_table *t, uint32_t at, uint8_t *row,
		    enum ost_status *st, struct ost_error *err)
{
	const enum ost_status is = read_row(t, at, row, err);

	*st = is == OST_NO_MEMORY ? is : OST_OK;
	return is == OST_OK;
}

/* Compare those rows that nobody has read so far. */
static enum ost_status compare_rest(struct ltp_table *t, uint8_t *row,
				    struct ost_error *err)
{
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i < t->row_count; i++) {
		if (__atomic_load_n(&t->left, __ATOMIC_RELAXED) == 0)
			break;
		if ((__atomic_load_n(&t->compared[i / 8], __ATOMIC_RELAXED) >>
			     i % 8 &
		     1) == 0 &&
		    try_row(t, t->used[i].row, row, &st, err))
			compare_row(t, i, row);
	}
	for (size_t i = 0;
	     st == OST_OK && t->again.len > 0 && !is_bad(t) && i < t->row_count;
	     i++)
		if (try_row(t, t->used[i].row, row, &st, err))
			index_is_bad(t, again_id(t, 0), row);
	return st;
}

/* Ids that the index has and no row it names, by id, each once. */
static size_t sort_out(struct row_ref *wanted, size_t count,
		       const struct row_ref *have, size_t have_count)
{
	size_t kept = 0;

	qsort(wanted, count, sizeof(*wanted), compare_ids);
	for (size_t i = 0, at = 0; i < count; i++) {
		while (at < have_count && have[at].id < wanted[i].id)
			at++;
		if ((at == have_count || have[at].id != wanted[i].id) &&
		    (kept == 0 || wanted[kept - 1].id != wanted[i].id))
			wanted[kept++] = wanted[i];
	}
	return kept;
}

static bool is_used(const struct ltp_table *t, uint32_t row)
{
	size_t at;

	SORTED_FIRST(at, t->row_count, i, t->used[i].row < row);
	return at < t->row_count && t->used[at].row == row;
}

/* The rows that are not in use by the index, but whose ids it has. */
static enum ost_status find_extra(struct ltp_table *t, struct row_ref *wanted,
				  size_t count, uint8_t *row,
				  struct ost_error *err)
{
	const uint64_t rows =
		t->matrix_rows < t->rows_max ? t->matrix_rows : t->rows_max;
	bool *taken = calloc(count + 1, sizeof(*taken));
	enum ost_status st = OST_OK;

	t->extra = calloc(count + 1, sizeof(*t->extra));
	if (t->extra == NULL || taken == NULL)
		st = ost_no_memory(err);
	for (uint32_t i = 0; st == OST_OK && t->extra_count < count && i < rows;
	     i++) {
		struct row_ref *found, key;

		if (is_used(t, i) || !try_row(t, i, row, &st, err))
			continue;
		key = (struct row_ref){ 0, ltp_row_id(row) };
		found = bsearch(&key, wanted, count, sizeof(key), compare_ids);
		if (found == NULL || taken[found - wanted])
			continue;
		taken[found - wanted] = true;
		t->extra[t->extra_count++] = (struct row_ref){ i, key.id };
	}
	t->cut = t->extra_count < count && rows < t->matrix_rows;
	free(taken);
	return st;
}

/* The ids that the rows in use have themselves. */
static enum ost_status read_ids(struct ltp_table *t, uint8_t *row,
				struct ost_error *err)
{
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i < t->row_count; i++)
		if (try_row(t, t->used[i].row, row, &st, err))
			t->by_id[t->by_id_count++] =
				(struct row_ref){ t->used[i].row,
						  ltp_row_id(row) };
	qsort(t->by_id, t->by_id_count, sizeof(*t->by_id), compare_ids);
	return st;
}

/* The index is bad: find all rows by what they say. */
static enum ost_status find_by_rows(struct ltp_table *t, uint8_t *row,
				    struct ost_error *err)
{
	const size_t again = t->again.len / sizeof(uint32_t);
	const size_t all = t->row_count + again;
	struct row_ref *wanted = calloc(all + 1, sizeof(*wanted));
	enum ost_status st;
	size_t count;

	t->by_id = calloc(2 * all + 1, sizeof(*t->by_id));
	if (wanted == NULL || t->by_id == NULL) {
		free(wanted);
		return ost_no_memory(err);
	}
	for (size_t i = 0; i < all; i++)
		wanted[i] = (struct row_ref){
			0, i < t->row_count ? t->used[i].id
					    : again_id(t, i - t->row_count)
		};
	st = read_ids(t, row, err);
	count = sort_out(wanted, all, t->by_id, t->by_id_count);
	if (st == OST_OK)
		st = find_extra(t, wanted, count, row, err);
	for (size_t i = 0; i < t->extra_count; i++)
		t->by_id[t->by_id_count++] = t->extra[i];
	qsort(t->by_id, t->by_id_count, sizeof(*t->by_id), compare_ids);
	free(wanted);
	return st;
}

/* Know of all rows whether the index is right about them. */
static enum ost_status settle(struct ltp_table *t, struct ost_error *err)
{
	enum ost_status st = OST_OK;
	uint8_t *row;

	if (__atomic_load_n(&t->settled, __ATOMIC_ACQUIRE))
		return OST_OK;
	row = malloc(t->width);
	if (row == NULL)
		return ost_no_memory(err);
	pthread_mutex_lock(&t->lock);
	if (!t->settled) {
		st = compare_rest(t, row, err);
		if (st == OST_OK && is_bad(t))
			st = find_by_rows(t, row, err);
		if (st == OST_OK)
			__atomic_store_n(&t->settled, true, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&t->lock);
	free(row);
	return st;
}

enum ost_status ltp_table_row(struct ltp_table *t, size_t index, uint8_t *row,
			      struct ost_error *err)
{
	enum ost_status st;

	if (index < t->row_count) {
		st = read_row(t, t->used[index].row, row, err);
		if (st == OST_OK)
			compare_row(t, index, row);
		return st;
	}
	st = settle(t, err);
	if (st != OST_OK)
		return st;
	if (t->cut && index - t->row_count == t->extra_count)
		return ost_fail(err, OST_LIMIT,
				"rows are looked for in the first %" PRIu32
				" only",
				t->rows_max);
	if (index - t->row_count >= t->extra_count)
		return ost_none(err, "row", index);
	return read_row(t, t->extra[index - t->row_count].row, row, err);
}

/* By what the rows say. */
static enum ost_status row_that_says(struct ltp_table *t, uint32_t id,
				     uint8_t *row, struct ost_error *err)
{
	size_t at;

	SORTED_FIRST(at, t->by_id_count, i, t->by_id[i].id < id);
	if (at == t->by_id_count || t->by_id[at].id != id)
		return ost_none(err, "row", id);
	return read_row(t, t->by_id[at].row, row, err);
}

enum ost_status ltp_table_row_of(struct ltp_table *t, uint32_t id, uint8_t *row,
				 struct ost_error *err)
{
	uint8_t entry[64];
	struct cursor c = cur_at(span_of(entry, sizeof(entry)), 0);
	enum ost_status st = bth_find(&t->index, id, entry, err);

	if (st == OST_OK)
		st = read_row(t, cur_uint(&c, t->index.entry_size), row, err);
	if (st == OST_OK && ltp_row_id(row) == id)
		return st;
	if (st == OST_OK)
		index_is_bad(t, id, row);
	else if (st != OST_NOT_FOUND)
		return st;
	st = settle(t, err);
	return st == OST_OK ? row_that_says(t, id, row, err) : st;
}

static bool cell_exists(const struct ltp_table *t, const struct column *column,
			const uint8_t *row)
{
	struct cursor c =
		cur_at(span_of(row, t->width), t->bitmap_at + column->bit / 8U);

	return (cur_u8(&c) & 0x80U >> column->bit % 8) != 0;
}

/*
 * Does a cell lead to what the table itself is made of? Its values are in the
 * heap of the column then, which is lost.
 */
static bool is_of_table(const struct ltp_table *t, const struct column *column,
			uint32_t hnid, struct ost_error *err)
{
	if (column->heap != &t->heap || hnid == 0 ||
	    (hnid != t->heap.root && hnid != t->index_at && hnid != t->rows_at))
		return false;
	(void)!ost_fail(err, OST_CORRUPT,
			"table %#x: a cell of column %#06x leads to the table "
			"itself",
			t->heap.node.nid.value, column->id);
	ndb_note_table(t->heap.db, NDB_ROWS_BAD, &t->heap.node, err);
	return true;
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
	else if (is_of_table(t, column, out->hnid, err))
		st = OST_CORRUPT;
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
	size_t at;

	SORTED_FIRST(at, t->column_count, i, t->columns[i].id < id);
	for (; at < t->column_count && t->columns[at].id <= last; at++)
		if (cell_exists(t, &t->columns[at], row))
			return locate(t, &t->columns[at], row, out, err);
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
