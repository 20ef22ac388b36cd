/*
 * codepage.h - private: how each code page is decoded
 *
 * A decoder appends UTF-8 to `out` and returns how many bytes were no text
 * and became U+FFFD.
 */
#ifndef OST_CODEPAGE_H
#define OST_CODEPAGE_H

#include "bytes/buf.h"

/* Bytes 0x80 to 0xFF of single-byte page `cp`; 0: nothing. */
struct codepage_upper {
	uint16_t cp;
	uint16_t upper[128];
};
enum { CODEPAGE_UPPERS = 10 };
extern const struct codepage_upper codepage_uppers[CODEPAGE_UPPERS];

/* Unicode (text.c) */
size_t codepage_utf8(struct buf *out, struct span in);
size_t codepage_utf16be(struct buf *out, struct span in);
size_t codepage_utf32le(struct buf *out, struct span in);
size_t codepage_utf32be(struct buf *out, struct span in);

/* Pages with shifts or escapes (codepage_shift.c) */
size_t codepage_ascii(struct buf *out, struct span in);
size_t codepage_utf7(struct buf *out, struct span in);
size_t codepage_jis(struct buf *out, struct span in); /* ISO-2022-JP */
size_t codepage_hz(struct buf *out, struct span in);

#endif
