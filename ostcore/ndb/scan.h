/*
 * scan.h - private: pages and blocks found without any index
 */
#ifndef OST_NDB_SCAN_H
#define OST_NDB_SCAN_H

#include "ndb/page.h"

/* A page of a B-tree or a block that is whole, by its own trailer. */
struct scan_find {
	enum ndb_page_type type; /* 0: a block */
	ndb_bid bid;
	uint64_t ib, end; /* in the file; of a block with its trailer */
	uint16_t stored;  /* bytes of a block in the file, without trailer */
	uint16_t size;	  /* bytes of a block once inflated */
	struct span page; /* the page, on loan for the call */
};

/* What is done with a find. An error ends the scan. */
typedef enum ost_status scan_fn(void *arg, const struct scan_find *find,
				struct ost_error *err);

/*
 * Read the file from front to back and call `found` with each page of a
 * B-tree and each block in it, by their ends. What lies within another block
 * is that block's data and is left out. A part of the file that cannot be
 * read holds nothing. Memory is bounded; so is the work, by the file's size.
 */
enum ost_status ndb_scan(struct ndb *db, scan_fn *found, void *arg,
			 struct ost_error *err);

/* The format of the first whole page there is; false: there is none. */
bool ndb_scan_format(struct source *source, enum ndb_format *out,
		     struct ost_error *err);

#endif
