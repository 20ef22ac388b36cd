/*
 * text.h - the text of a store to UTF-8, never failing on bad text
 */
#ifndef OST_TEXT_H
#define OST_TEXT_H

#include "bytes/buf.h"

/*
 * Append UTF-16LE as UTF-8. What is not UTF-16 (a lone surrogate, an odd last
 * byte) becomes U+FFFD. Returns how many were replaced.
 */
size_t text_utf16(struct buf *out, struct span in);

/*
 * Append text in Windows code page `cp` (e.g. 1252, 932, 65001) as UTF-8.
 * Bytes that are no text in it become U+FFFD each. Returns how many were
 * replaced, or SIZE_MAX, with nothing appended, for a page we do not know.
 * Single-byte pages follow Windows: the holes of 1252 are C1 controls.
 */
size_t text_codepage(struct buf *out, unsigned cp, struct span in);

/* True if `cp` is one that text_codepage() knows. */
bool text_knows(unsigned cp);

/*
 * Load all that text_codepage() may ever need of the system: a sandboxed
 * process can load nothing. Once, before there are threads.
 */
void text_load(void);

/*
 * Append UTF-8 as it may be shown to a person: what controls a terminal, and
 * what turns, hides or breaks the text around it, is "?" each, and so is each
 * byte that is no UTF-8. With `lines`, line feeds stay.
 */
void text_safe(struct buf *out, struct span in, bool lines);

/* True if `in` is well-formed UTF-8 (RFC 3629: no surrogates, not overlong). */
bool text_is_utf8(struct span in);

/*
 * The code page that 8-bit text of no known page is in, by the letters in
 * it; 0: one cannot tell. Of its first KiB.
 */
unsigned text_guess(struct span in);

/* True if all bytes are below 0x80. */
bool text_is_ascii(struct span in);

/* The ANSI code page of a Windows LCID (1049: 1251); 0 if unknown. */
unsigned text_lcid_codepage(uint32_t lcid);

/* The Windows code page of a MIME charset name ("utf-8": 65001); 0: unknown. */
unsigned text_charset_codepage(struct span name);

/* The word for `n` of what is named so: "1 loss", "2 losses". */
static inline const char *text_plural(uint64_t n, const char *one,
				      const char *many)
{
	return n == 1 ? one : many;
}

#endif
