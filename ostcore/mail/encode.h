/*
 * encode.h - private: text and bytes as Internet mail carries them
 *
 * All text in is UTF-8; all output is 7-bit ASCII unless said otherwise.
 */
#ifndef OST_MAIL_ENCODE_H
#define OST_MAIL_ENCODE_H

#include "bytes/buf.h"

/*
 * Append "Name: value" CRLF for an unstructured field: RFC 2047 words of at
 * most 75 characters where needed, folded at 78.
 */
void encode_field(struct buf *out, const char *name, struct span text);

/* The same for a value already in its final ASCII form; folds at spaces. */
void encode_folded(struct buf *out, const char *name, struct span ascii);

/*
 * Append a phrase (a display name): an atom, a quoted-string, or RFC 2047
 * words in the restricted set (RFC 2047 5 (3)). `*column` is the column the
 * line has reached and is kept up to date; it folds before 78.
 */
void encode_phrase(struct buf *out, struct span text, size_t *column);

/*
 * Append `; name=value` as a MIME parameter, on a line of its own: token or
 * quoted-string when ASCII; else an ASCII fallback first, then RFC 2231
 * `name*0*=utf-8''...` pieces within 76 columns.
 */
void encode_parameter(struct buf *out, const char *name, struct span value);

/* As encode_parameter(), but an RFC 2047 word: Content-Type's `name`. */
void encode_parameter_word(struct buf *out, const char *name,
			   struct span value);

/* Append a date as RFC 5322 3.3 writes it, in +0000. Seconds since 1970. */
void encode_date(struct buf *out, int64_t sec);

/* Length of `size` bytes as base64, in lines of 76 and CRLF (RFC 2045 6.8). */
uint64_t encode_base64_size(uint64_t size);

enum { BASE64_LINE_IN = 57, BASE64_LINE_OUT = 78 };

/*
 * Write `len` bytes as base64 lines to `out`, which has room for
 * encode_base64_size(len). `len` is a multiple of 57 but at the very end.
 */
size_t encode_base64(const uint8_t *in, size_t len, char *out);

/* Append as quoted-printable (RFC 2045 6.7); CRLF in `text` is a line end. */
void encode_quoted_printable(struct buf *out, struct span text);

/*
 * Text with control characters, CR, LF and TAB runs made one space, as header
 * values must be; true if any other control character was among them.
 */
bool encode_clean(struct buf *out, struct span text);

#endif
