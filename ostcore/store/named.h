/*
 * named.h - private: the name-to-id map of a store
 */
#ifndef OST_STORE_NAMED_H
#define OST_STORE_NAMED_H

#include "store/backend.h"

/* An empty map, filled when a name is first asked for. `*out` is owned. */
enum ost_status named_new(struct store_names **out, struct ost_error *err);

void named_free(struct store_names *names); /* NULL is fine */

#endif
