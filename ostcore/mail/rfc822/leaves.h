/*
 * leaves.h - private: the leaves of a MIME entity (RFC 2045, 2046)
 */
#ifndef OST_MAIL_LEAVES_H
#define OST_MAIL_LEAVES_H

#include "bytes/buf.h"
#include "bytes/error.h"

/* An entity that is no multipart. On loan while it is told of. */
struct leaf {
	struct buf type;  /* "text/plain", in lower case; never empty */
	struct buf name;  /* UTF-8, as it came; empty: it has none */
	struct span body; /* as it stands, in `encoding` */
	struct span encoding;
};

typedef enum ost_status leaf_taker(void *arg, const struct leaf *leaf,
				   struct ost_error *err);

/*
 * Tell `take` of each leaf of the entity `text`, whose lines end in CRLF or
 * LF, in their order. OST_CORRUPT: its header is none, or a multipart does
 * not end; OST_LIMIT: more than 1,000 entities, or 20 in one another; what is
 * before that was told. Else what `take` answers, which ends it.
 */
enum ost_status leaves_each(struct span text, leaf_taker *take, void *arg,
			    struct ost_error *err);

/*
 * What is signed of the multipart/signed `all` (RFC 1847 2.1), an entity with
 * its header, or only a body, which begins with its boundary. False: it is
 * none.
 */
bool leaves_signed(struct span all, struct span *out);

#endif
