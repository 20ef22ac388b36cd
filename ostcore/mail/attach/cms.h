/*
 * cms.h - private: CMS objects, as S/MIME has them (RFC 5652, X.690)
 */
#ifndef OST_MAIL_CMS_H
#define OST_MAIL_CMS_H

#include "bytes/buf.h"
#include "bytes/error.h"

/*
 * The smime-type (RFC 8551 3.2.2) of the CMS object that begins with `head`,
 * by the type of its content, an object identifier; NULL: it is none.
 */
const char *cms_type(struct span head);

/*
 * Append what is signed in the signed-data `all`: a MIME entity.
 * OST_NOT_FOUND: it is none, or what is signed is not in it; OST_CORRUPT: it
 * ends too soon, and what there is was appended.
 */
enum ost_status cms_signed(struct span all, struct buf *out,
			   struct ost_error *err);

#endif
