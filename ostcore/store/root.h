/*
 * root.h - which folder is the top of what Outlook shows
 */
#ifndef OST_STORE_ROOT_H
#define OST_STORE_ROOT_H

#include "store/store.h"

/* The NID of the IPM subtree; of the root folder, where there is none. */
uint32_t root_find(struct store *s);

/*
 * The folder in which an .ost keeps what others share with its owner, to be
 * shown at the top as SHARED_NAME; 0: there is none, it holds nothing, or is
 * shown as it is, below `root`.
 */
uint32_t root_shared(struct store *s, uint32_t root);
#define SHARED_NAME "Shared data"

#endif
