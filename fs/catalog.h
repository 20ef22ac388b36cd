/*
 * catalog.h - a file that names stores, for -o fleet=
 *
 * JSON, an array of objects or one object a line: `path`, relative to where
 * the file is, and if known what the store is to be called: `name`, or else
 * `owner`. So fleet.json of a mount is one, and what else is in it is left
 * alone.
 */
#ifndef OST_FS_CATALOG_H
#define OST_FS_CATALOG_H

#include "fleet/fleet.h"

/*
 * Add the stores of the catalogue at `path`, by their absolute paths without
 * the first "/".
 */
enum ost_status catalog_read(struct fleet *out, const char *path,
			     struct ost_error *err);

/*
 * The same of its text, which may be anything. `base` is what relative paths
 * begin with: its directory and a "/".
 */
enum ost_status catalog_parse(struct fleet *out, struct span text,
			      struct span base, struct ost_error *err);

/* Add the file at `path`; the same. OST_CANNOT_OPEN: there is none. */
enum ost_status catalog_add(struct fleet *out, const char *path,
			    const char *wish, struct ost_error *err);

#endif
