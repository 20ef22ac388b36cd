/*
 * ltp.h - lists, tables, properties                     [MS-PST] 2.3
 *
 * Reads a node as a property context (numbered values) or as a table context
 * (rows of numbered values). Knows nothing of what the numbers mean. Both are
 * immutable once open and may be shared by threads; an OST_CORRUPT part costs
 * the value, row or table it is in.
 */
#ifndef OST_LTP_H
#define OST_LTP_H

#include "bytes/buf.h"
#include "ndb/ndb.h"

struct ltp_props; /* one property context */
struct ltp_table; /* one table context; counted */

/*
 * One value: what it is and where. `inline_bytes` holds it when it has at
 * most 8 bytes and `in_place`; else it lies at `hnid`, in the heap or in a
 * subnode.
 */
struct ltp_value {
	uint16_t id;
	uint16_t type; /* as stored, e.g. 0x001F */
	bool in_place;
	bool broken; /* named, but not to be found: reading it fails */
	uint8_t inline_bytes[8];
	uint32_t hnid; /* 0: an empty value */
	uint64_t size; /* bytes */
};

/* Read `node` as a property context. `*out` is owned. */
enum ost_status ltp_props_open(struct ltp_props **out, struct ndb *db,
			       const struct ndb_node *node,
			       struct ost_error *err);

/*
 * The value with the lowest id from `id` to `last`; OST_NOT_FOUND when there is
 * none. One that is damaged is given `broken`, with size 0.
 */
enum ost_status ltp_props_next(struct ltp_props *p, uint16_t id, uint16_t last,
			       struct ltp_value *out, struct ost_error *err);

/* Fill `buf` with exactly `len` bytes from byte `off` of the value. */
enum ost_status ltp_props_read(struct ltp_props *p, const struct ltp_value *v,
			       uint64_t off, void *buf, size_t len,
			       struct ost_error *err);

/*
 * The node inside a value of type object (PtypObject 0x000D): an embedded
 * message or OLE data. OST_NOT_FOUND if there is none.
 */
enum ost_status ltp_props_object(struct ltp_props *p, const struct ltp_value *v,
				 struct ndb_node *out, struct ost_error *err);

void ltp_props_close(struct ltp_props *p); /* NULL is fine */

/*
 * Read `node` as a table context. `*out` is owned: ltp_table_drop().
 * OST_LIMIT: it has more than `rows_max` rows.
 * OST_UNSUPPORTED: its heap is of the kind that the contents of a search folder
 * have which Outlook keeps without a list (0xAC).
 */
enum ost_status ltp_table_open(struct ltp_table **out, struct ndb *db,
			       const struct ndb_node *node, uint32_t rows_max,
			       struct ost_error *err);

/* One more owner. */
struct ltp_table *ltp_table_keep(struct ltp_table *t);
void ltp_table_drop(struct ltp_table *t); /* NULL is fine */

/*
 * Rows in the table: those its row index names, and once a row past the last
 * was asked for also those that a damaged index should have named. Where the
 * index and the id in a row differ, the row wins, and ndb_damage() tells.
 */
size_t ltp_table_rows(const struct ltp_table *t);

/* Bytes in a row. */
size_t ltp_table_width(const struct ltp_table *t);

/*
 * Copy row `index`, in the order of the row matrix, to `row`, which has room
 * for ltp_table_width() bytes. OST_NOT_FOUND past the last row.
 */
enum ost_status ltp_table_row(struct ltp_table *t, size_t index, uint8_t *row,
			      struct ost_error *err);

/* The same for the row whose dwRowID is `id`; OST_NOT_FOUND if none has it. */
enum ost_status ltp_table_row_of(struct ltp_table *t, uint32_t id, uint8_t *row,
				 struct ost_error *err);

/* The dwRowID of a row. */
uint32_t ltp_row_id(const uint8_t *row);

/* The cell of `row` with the lowest column id from `id` to `last`, among those
 * that exist; OST_NOT_FOUND when there is none. */
enum ost_status ltp_table_next(struct ltp_table *t, const uint8_t *row,
			       uint16_t id, uint16_t last,
			       struct ltp_value *out, struct ost_error *err);

/* Fill `buf` with exactly `len` bytes from byte `off` of a cell's value. */
enum ost_status ltp_table_read(struct ltp_table *t, const struct ltp_value *v,
			       uint64_t off, void *buf, size_t len,
			       struct ost_error *err);

#endif
