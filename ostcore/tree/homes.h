/*
 * homes.h - private: the one place where each folder is shown
 *
 * A folder belongs where its node says, if that folder lists it, else where it
 * is listed at all. In a damaged store that alone can go in a circle, or show
 * a folder twice. Homes are a forest: no folder has two, none is below itself.
 * A folder that has none is listed nowhere: it goes to Lost and found.
 *
 * They take a look at all folders of the store, so they are found when first
 * needed, which is never where each folder is listed by its node's parent.
 */
#ifndef OST_TREE_HOMES_H
#define OST_TREE_HOMES_H

#include "tree/parts.h"

struct homes *homes_new(void); /* NULL: no memory */
void homes_free(struct homes *h);

/* Set `*home` to the folder that shows folder `nid`; 0: none does. */
enum ost_status homes_of(struct tree *t, uint32_t nid, uint32_t *home,
			 struct ost_error *err);

/* The same, 0 also while nobody has needed to know. */
uint32_t homes_known(struct tree *t, uint32_t nid);

/*
 * Do the nodes above folder `nid` lead to the top, without a circle? Then what
 * it lists and what names it as the parent is shown in it.
 */
bool homes_plain(struct tree *t, uint32_t nid);

#endif
