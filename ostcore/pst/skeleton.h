/*
 * skeleton.h - private: what every PST has, and its folders
 *
 *	pst_skeleton_begin, ...the folders 0x8022 and 0x8062, and theirs...,
 *	pst_skeleton_end
 *
 * begin writes the templates. end writes all other nodes that an empty PST
 * of Outlook has: the store object, the root folder and its row of each of
 * its children, the search folders, queues and so on. Who copies a store
 * writes 0x8022 and 0x8062 (its wastebasket), the latter with a row in the
 * hierarchy table of the former, and names what 0x8022 became in `top`; with
 * `top` NULL, end makes both, empty.
 */
#ifndef OST_PST_SKELETON_H
#define OST_PST_SKELETON_H

#include "pst/names.h"
#include "pst/props.h"
#include "pst/table.h"

enum {
	PST_ROOT = 0x122,
	PST_TOP = 0x8022,     /* "Top of Outlook data file" */
	PST_FINDER = 0x8042,  /* "Search Root" */
	PST_DELETED = 0x8062, /* "Deleted Items" */
	PST_VIEWS = 0x8082,
};

/* What names the store and its parts; see 6.4. */
struct pst_identity {
	uint8_t uid[16]; /* PidTagRecordKey, and in entry ids */
	uint8_t replica[16];
	struct span display; /* PidTagDisplayName, UTF-16LE */
};

/*
 * A folder as its own properties and its row in its parent's table say alike.
 * `more` are further properties of the folder (3004, 3007, 3613, ...) with
 * values in memory; those that the hierarchy table has a column for become
 * cells.
 */
struct pst_folder {
	uint32_t nid, parent;
	struct span name; /* UTF-16LE */
	uint32_t count;	  /* PidTagContentCount: rows written */
	uint32_t unread;
	bool subfolders;
	const struct pst_cell *more;
	size_t more_count;
};

enum ost_status pst_skeleton_begin(struct pst_out *o, struct ost_error *err);

/*
 * End the tables of a folder, NULL for those without rows, write its
 * properties and name its four nodes. The tables are not freed.
 */
enum ost_status pst_folder_end(struct pst_out *o, const struct pst_folder *f,
			       struct pst_table *hierarchy,
			       struct pst_table *contents,
			       struct pst_table *associated,
			       struct ost_error *err);

/* Does the row of a folder have a cell for that property, too? */
bool pst_folder_has_cell(uint32_t tag);

/* Add the row of `f` to the hierarchy table of its parent. */
enum ost_status pst_folder_row(struct pst_table *parents,
			       const struct pst_folder *f,
			       struct ost_error *err);

enum ost_status pst_skeleton_end(struct pst_out *o,
				 const struct pst_identity *id,
				 const struct pst_folder *top,
				 struct ost_error *err);

/* Append UTF-8 as UTF-16LE; what is no UTF-8 becomes U+FFFD. */
void pst_utf16(struct buf *out, struct span utf8);

#endif
