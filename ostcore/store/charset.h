/*
 * charset.h - private: the code pages of 8-bit text
 */
#ifndef OST_STORE_CHARSET_H
#define OST_STORE_CHARSET_H

#include "store/store.h"

/* `cp` if text may be in that page; else 0. */
uint16_t charset_known(uint64_t cp);

/* What the message that `o` is, lists or is of names. */
struct store_pages charset_pages(struct store_object *o);

#endif
