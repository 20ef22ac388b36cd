/*
 * codepage.h - private: how each code page is decoded
 *
 * A decoder appends UTF-8 to `out` and returns how many bytes were no text
 * and became U+FFFD.
 */
#ifndef OST_CODEPAGE_H
#define OST_CODEPAGE_H

#include "bytes/buf.h"

/*
 * A page of a byte a character: `chars` are those of byte `first` on, 0 if it
 * has none. Below are `below`, or ASCII if that is NULL.
 */
struct codepage_single {
	uint16_t cp;
	uint8_t first;
	const uint16_t *below, *chars;
};
enum { CODEPAGE_SINGLES = 92 };
extern const struct codepage_single codepage_singles[CODEPAGE_SINGLES];

/* NULL: `cp` is not a single-byte page that we know. */
const struct codepage_single *codepage_single(unsigned cp);
size_t codepage_decode_single(const struct codepage_single *page,
			      struct buf *out, struct span in);

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
