/*
 * second.h - what libpff makes of a store, held against what we make of it
 */
#ifndef OST_SECOND_H
#define OST_SECOND_H

#include "bytes/buf.h"
#include "store/store.h"

struct second; /* never changes once made */

/*
 * Read the store at `path` with both readers and compare all: see twins.h.
 * That libpff cannot open it is a difference; that we cannot, an error.
 */
enum ost_status second_make(struct second **out, const char *path,
			    const struct store_options *options,
			    struct ost_error *err);
void second_free(struct second *s); /* NULL is fine */

/* How many differences are no known fault of libpff. */
size_t second_unexplained(const struct second *s);

/* Append it as JSON, which ostcheck(1) describes. */
void second_json(const struct second *s, struct buf *out);

/* Append it as lines for a person. */
void second_text(const struct second *s, struct buf *out);

#endif
