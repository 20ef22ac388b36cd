/*
 * utf7.h - names as IMAP has them: modified UTF-7, RFC 3501 5.1.3
 *
 * Running out of memory shows in `out`.
 */
#ifndef OST_MAIL_UTF7_H
#define OST_MAIL_UTF7_H

#include "bytes/buf.h"

/* Append `name` (UTF-8; what is none of it becomes U+FFFD), as it goes between
   quotes once those in it are escaped. */
void utf7_put(struct buf *out, struct span name);

/* The same of a category, as a keyword: an atom. */
void utf7_keyword(struct buf *out, struct span name);

#endif
