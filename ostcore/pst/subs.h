/*
 * subs.h - private: the subnodes of one node            [MS-PST] 2.2.2.8.3.3
 */
#ifndef OST_PST_SUBS_H
#define OST_PST_SUBS_H

#include "bytes/buf.h"
#include "pst/out.h"

enum { PST_SUBS_MAX = 340 * 510 };

/* Zeroed it is empty. */
struct pst_subs {
	struct buf entries; /* owned: 24 bytes each, in any order */
	uint64_t size;	    /* bytes of data below */
};

/* Add a subnode, in any order; OST_LIMIT past PST_SUBS_MAX. */
enum ost_status pst_subs_add(struct pst_subs *s, uint32_t nid,
			     const struct pst_part *part,
			     struct ost_error *err);

/* Write the list. `part->sub` is its BID, 0 for none; `part->size` grows. */
enum ost_status pst_subs_end(struct pst_subs *s, struct pst_out *o,
			     struct pst_part *part, struct ost_error *err);
void pst_subs_free(struct pst_subs *s); /* zeroed is fine */

#endif
