/*
 * lzfu.h - private: compressed RTF
 */
#ifndef OST_MAIL_LZFU_H
#define OST_MAIL_LZFU_H

#include "bytes/buf.h"
#include "mail/text/notes.h"

/*
 * Decompress RTF [MS-OXRTFCP] as far as it goes. OST_CORRUPT only when
 * nothing can be had; a bad CRC or a cut stream is noted.
 */
enum ost_status lzfu_decode(struct span in, struct buf *out,
			    struct notes *notes, struct ost_error *err);

#endif
