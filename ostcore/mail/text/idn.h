/*
 * idn.h - addresses that are not all ASCII
 */
#ifndef OST_MAIL_IDN_H
#define OST_MAIL_IDN_H

#include "bytes/buf.h"

/* True if some byte of `s` is not ASCII. */
bool idn_wide(struct span s);

/*
 * Append a domain in ASCII: its A-labels (RFC 5890); one that is ASCII stays
 * as it is. False, and nothing is appended, when it has none. Running out of
 * memory shows in `out`.
 */
bool idn_domain(struct buf *out, struct span domain);

/* True if `s` is UTF-8 of characters that may stand in an address. */
bool idn_text(struct span s);

#endif
