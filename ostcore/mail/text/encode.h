/*
 * encode.h - private: text and bytes as Internet mail carries them
 *
 * All text in is UTF-8; all output is 7-bit ASCII, in lines of at most 998
 * characters, unless said otherwise. Running out of memory shows in `out`.
 */
#ifndef OST_MAIL_ENCODE_H
#define OST_MAIL_ENCODE_H

#include "bytes/buf.h"

/*
 * Append "Name: value" CRLF for an unstructured field: RFC 2047 words of at
 * most 75 characters where needed, folded at 78.
 */
void encode_field(struct buf *out, const char *name, struct span text);

/*
 * The same for a value already in its final ASCII form; folds at spaces.
 * A byte that is not printable ASCII becomes a space.
 */
void encode_folded(struct buf *out, const char *name, struct span ascii);

/*
 * Append `token`, final ASCII without spaces, after a space or, when the line
 * would pass 78, on a new line. `*column` is the column the line has reached
 * and is kept up to date.
 */
void encode_token(struct buf *out, struct span token, size_t *column);

/*
 * Append a phrase (a display name) as encode_token() does: atoms, a
 * quoted-string, or RFC 2047 words in the restricted set (RFC 2047 5 (3)).
 */
void encode_phrase(struct buf *out, struct span text, size_t *column);

/*
 * Append RFC 2047 words, whatever is in `text`, as encode_token() does; all
 * of it in the set that is safe in a phrase.
 */
void encode_words(struct buf *out, struct span text, size_t *column);

/* Append `in` with its RFC 2047 words decoded, as UTF-8: for comparing. */
void encode_undo_words(struct buf *out, struct span in);

/*
 * Append `; name=value` as a MIME parameter, on a line of its own: token or
 * quoted-string when ASCII without "=?"; else RFC 2231 `name*0*=utf-8''...`
 * pieces within 76 columns. There is no ASCII stand-in beside them: of a name
 * given twice, GMime and Python's email take the stand-in.
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
 * `in` may be the end of that room. Returns how much was written, which is
 * that size.
 */
size_t encode_base64(const uint8_t *in, size_t len, char *out);

/* Length of `size` bytes as base64 without line ends. */
uint64_t encode_base64_run_size(uint64_t size);

/*
 * The same without line ends, any `len`; `out` has room for
 * encode_base64_run_size(len).
 */
size_t encode_base64_raw(const uint8_t *in, size_t len, char *out);

/* Append as base64 without line ends. Any length: not for lines of mail. */
void encode_base64_run(struct buf *out, struct span bytes);

/*
 * Append as quoted-printable (RFC 2045 6.7); CRLF in `text` is a line end,
 * and any byte may be in it.
 */
void encode_quoted_printable(struct buf *out, struct span text);

/*
 * Append text, as UTF-8, with CR, LF and TAB runs made one space, NUL left
 * out, and other control characters made spaces, as header values must be;
 * true if there were any of those others. What is not UTF-8 becomes U+FFFD.
 */
bool encode_clean(struct buf *out, struct span text);

#endif
