/*
 * spool.h - private: many records, written once and read once, in order
 *
 * What does not fit into memory is in a file without a name.
 */
#ifndef OST_PST_SPOOL_H
#define OST_PST_SPOOL_H

#include "bytes/buf.h"
#include "pst/file.h"

enum { PST_SPOOL_KEPT = 1 << 20 }; /* bytes in memory, at most */

struct pst_spool {
	const struct pst_file *near; /* where its file is to be; its `fd` -1:
					records are counted only */
	size_t width;		     /* bytes of a record */
	uint64_t count;		     /* records */
	struct buf kept;	     /* owned: the last records */
	uint64_t written;	     /* records in the file, before those */
	int fd;			     /* owned; -1: no file so far */
};

void pst_spool_init(struct pst_spool *s, const struct pst_file *near,
		    size_t width);
void pst_spool_free(struct pst_spool *s);

enum ost_status pst_spool_add(struct pst_spool *s, const uint8_t *record,
			      struct ost_error *err);

/* Forget all but the first `count` records. */
enum ost_status pst_spool_cut(struct pst_spool *s, uint64_t count,
			      struct ost_error *err);

/* Reads the records in order. */
struct pst_spool_reader {
	struct pst_spool *spool;
	uint64_t next;	 /* record */
	uint64_t first;	 /* that is in `some` */
	struct buf some; /* owned */
};

/* The next record, on loan until the one after it; NULL past the last. */
enum ost_status pst_spool_next(struct pst_spool_reader *r, const uint8_t **out,
			       struct ost_error *err);

#endif
