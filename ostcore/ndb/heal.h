/*
 * heal.h - private: finding what stands in for lost parts of the trees
 */
#ifndef OST_NDB_HEAL_H
#define OST_NDB_HEAL_H

#include "ndb/patch.h"

/*
 * Find what the trees cannot give: walk both, and if anything is missing scan
 * the file. `db->heal` stays NULL when nothing is. OST_CORRUPT: no page of
 * the node B-tree is left.
 */
enum ost_status heal_make(struct ndb *db, struct ost_error *err);

void heal_free(struct heal *h);

/* heal_scan.c: fill the gaps. */
enum ost_status heal_scan(struct ndb *db, struct ost_error *err);

/*
 * heal_header.c: make the best of a header that was read with `status` and
 * its `err`. Fails with them for one that must be believed, and when no page
 * of any format is in the file.
 */
enum ost_status heal_header(struct ndb *db, enum ost_status status,
			    struct ost_error *err);

/* heal_header.c: find which encoding the blocks have. */
enum ost_status heal_encoding(struct ndb *db, struct ost_error *err);

#endif
