/*
 * map.h - where the blocks and the pages of the index lie in the file
 *
 * For who reads the file by itself, as libpff does, and checks nothing: what
 * it reads can be held against the sums of what lies there.
 */
#ifndef OST_NDB_MAP_H
#define OST_NDB_MAP_H

#include "ndb/ndb.h"

struct ndb_map; /* of one ndb, which must outlive it; for one thread */

/*
 * Walk both trees. `*out` is owned; it takes some 40 bytes a block. A page that
 * is damaged is in the map as such, and what it leads to is not.
 */
enum ost_status ndb_map_new(struct ndb_map **out, struct ndb *db,
			    struct ost_error *err);

/*
 * Are all pages and blocks whole of which a part lies in `len` bytes from byte
 * `off` of the file? Each is read once.
 */
enum ost_status ndb_map_check(struct ndb_map *m, uint64_t off, size_t len,
			      struct ost_error *err);

void ndb_map_free(struct ndb_map *m); /* NULL is fine */

#endif
