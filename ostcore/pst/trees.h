/*
 * trees.h - private: the two B-trees of the file        [MS-PST] 2.2.2.7.7
 */
#ifndef OST_PST_TREES_H
#define OST_PST_TREES_H

#include "pst/region.h"

struct pst_ref {
	uint64_t bid;
	uint64_t ib; /* byte offset in the file */
};

/* The next entry of a leaf, on loan until the one after it; NULL: no more. */
typedef enum ost_status pst_tree_next(void *from, const uint8_t **entry,
				      struct ost_error *err);

/*
 * Write the tree of `count` entries, ascending, that `next` gives; page ids
 * from `*next_page`. In a run that writes nothing `next` is not asked.
 */
enum ost_status pst_tree_write(struct pst_regions *r, enum pst_page_type type,
			       uint64_t count, pst_tree_next *next, void *from,
			       uint64_t *next_page, struct pst_ref *root,
			       struct ost_error *err);

/* Pages of such a tree. */
uint64_t pst_tree_pages(enum pst_page_type type, uint64_t count);

#endif
