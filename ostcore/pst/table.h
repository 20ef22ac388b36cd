/*
 * table.h - private: write a table context              [MS-PST] 2.3.4
 *
 *	pst_table_new, pst_table_row..., pst_table_end,
 *	pst_node or the pst_props_sub of what it is in, pst_table_free
 *
 * Rows go out as blocks fill; what stays in memory is 8 bytes a row, and up
 * to 447 rows of a table that may still be a small one.
 */
#ifndef OST_PST_TABLE_H
#define OST_PST_TABLE_H

#include "bytes/buf.h"
#include "pst/out.h"

/* The templates of the skeleton, by their NIDs. */
enum pst_template {
	PST_HIERARCHY_TABLE = 0x60D,
	PST_CONTENTS_TABLE = 0x60E,
	PST_ASSOC_TABLE = 0x60F,
	PST_SEARCH_TABLE = 0x610,
	PST_RECEIVE_TABLE = 0x62B,
	PST_OUTGOING_TABLE = 0x64C,
	PST_ATTACHMENT_TABLE = 0x671,
	PST_RECIPIENT_TABLE = 0x692,
	PST_CHANGE_HISTORY_TABLE = 0x6B6,
	PST_REPLICATION_TABLE = 0x6D7,
	PST_CHANGE_TABLE = 0x6F8,
};

/* A property tag: id << 16 | type */
static inline uint32_t pst_tag(uint16_t id, uint16_t type)
{
	return (uint32_t)id << 16 | type;
}

/*
 * The columns of a template, as tags, in the order of their bits; the first
 * two are PidTagLtpRowId and PidTagLtpRowVer. On loan, for ever.
 */
const uint32_t *pst_template_columns(enum pst_template which, size_t *count);

/*
 * A cell of a row. The value is `bytes`, or else the block `bid` of the
 * message's own value (pst_props_bid), which is shared. Neither: the cell is
 * set, and empty, as an empty string is.
 */
struct pst_cell {
	uint32_t tag;
	struct span bytes;
	uint64_t bid;
};

struct pst_table;

/*
 * A table with the columns of `which` and, after them, `extra` of their own:
 * tags whose ids no other column has. OST_LIMIT: over 255 columns, or a row
 * of over 8176 bytes.
 */
enum ost_status pst_table_new(struct pst_table **table, struct pst_out *o,
			      enum pst_template which, const uint32_t *extra,
			      size_t extra_count, struct ost_error *err);

/*
 * Add row `id`; ids must ascend. PidTagLtpRowId and PidTagLtpRowVer are set
 * here, and are not among the cells. Cells in any order; those of tags that
 * are no columns are OST_BUG. A value that does not fit its type is
 * OST_CORRUPT, and nothing was added; after any other failure the table is
 * lost. A value of over 1024 bytes without a `bid` gets a block of its own.
 */
enum ost_status pst_table_row(struct pst_table *t, uint32_t id,
			      const struct pst_cell *cells, size_t count,
			      struct ost_error *err);

/* Append where each column is, for people: "24/24/24/25 67F2@0 67F3@4...",
   ends of the cells of each size first. */
void pst_table_layout(const struct pst_table *t, struct buf *to);

uint32_t pst_table_rows(const struct pst_table *t);

/* Is it time to go on in another table? At some 480 MiB of cells, or four
   million rows: what is kept of those in memory is 32 MiB then. */
bool pst_table_full(const struct pst_table *t);

/*
 * Write it. Without rows the tables of folders (hierarchy, contents, FAI,
 * search) are the template's own block, shared.
 */
enum ost_status pst_table_end(struct pst_table *t, struct pst_part *part,
			      struct ost_error *err);
void pst_table_free(struct pst_table *t); /* NULL is fine */

#endif
