/*
 * lzfu.h - private: compressed RTF
 */
#ifndef OST_MAIL_LZFU_H
#define OST_MAIL_LZFU_H

#include "bytes/buf.h"
#include "mail/text/notes.h"

enum { LZFU_MAX = 32 << 20 }; /* bytes that are made of it */

/*
 * Decompress RTF [MS-OXRTFCP] as far as it goes. OST_CORRUPT only when
 * nothing can be had; a bad CRC or a cut stream is noted. OST_LIMIT: there is
 * more than LZFU_MAX, and so much or a little more is in `out`.
 */
enum ost_status lzfu_decode(struct span in, struct buf *out,
			    struct notes *notes, struct ost_error *err);

#endif
