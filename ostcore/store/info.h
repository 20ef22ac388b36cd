/*
 * info.h - private: what the header says of a store, for either backend
 */
#ifndef OST_STORE_INFO_H
#define OST_STORE_INFO_H

#include "ndb/ndb.h"
#include "store/store.h"

void info_fill(struct store_info *out, const struct ndb_info *in);

/* store_damage() of a store that `db` has. */
bool info_damage(struct ndb *db, size_t index, struct store_damage *out);

#endif
