/*
 * crosscheck.h - what libpff makes of a store, held against what we make of it
 */
#ifndef OST_CROSSCHECK_H
#define OST_CROSSCHECK_H

#include "bytes/buf.h"
#include "store/store.h"

struct crosscheck; /* never changes once made */

/*
 * Read the store at `path` with both readers and compare all: see compare.h.
 * That libpff cannot open it is a difference; that we cannot, an error.
 */
enum ost_status crosscheck_make(struct crosscheck **out, const char *path,
				const struct store_options *options,
				struct ost_error *err);
/* The same, with no more than `max` of the differences kept to be listed. */
enum ost_status crosscheck_make_of(struct crosscheck **out, const char *path,
				   const struct store_options *options,
				   size_t max, struct ost_error *err);
void crosscheck_free(struct crosscheck *s); /* NULL is fine */

/* How many differences are no known fault of libpff. */
size_t crosscheck_unexplained(const struct crosscheck *s);

/* Append it as JSON, which ostcheck(1) describes. */
void crosscheck_json(const struct crosscheck *s, struct buf *out);

/* Append it as lines for a person. */
void crosscheck_text(const struct crosscheck *s, struct buf *out);

#endif
