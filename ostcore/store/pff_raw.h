/*
 * pff_raw.h - libpff as it is, for comparisons
 *
 * The backend store_pff reads no page and no block whose sums are wrong. This
 * one gives what libpff makes of them, too.
 */
#ifndef OST_STORE_PFF_RAW_H
#define OST_STORE_PFF_RAW_H

#include "store/store.h"

extern const struct store_ops store_pff_raw;

/* For tests: one more than `max` children of one object are OST_LIMIT. */
void pff_list_cap(struct store *s, uint32_t max);

#endif
