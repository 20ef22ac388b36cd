/*
 * buf.h - growing output that remembers its first failure
 *
 * Append freely and ask `bad` once, at the end. A buf works from { 0 }.
 * `at` is always followed by a NUL that `len` does not count, so a buf of
 * text can be used as a string once something was appended.
 */
#ifndef OST_BUF_H
#define OST_BUF_H

#include "bytes/bytes.h"
#include "bytes/error.h"

struct buf {
	char *at; /* owned; NULL until the first byte */
	size_t len;
	size_t cap;
	bool bad; /* memory ran out: what is here is incomplete */
};

/* Append `len` bytes. */
void buf_add(struct buf *b, const void *bytes, size_t len);

/* Append a string. */
static inline void buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

/* Append one byte. */
static inline void buf_byte(struct buf *b, char c)
{
	if (b->bad || b->cap < 2 || b->len > b->cap - 2) {
		buf_add(b, &c, 1);
		return;
	}
	b->at[b->len++] = c;
	b->at[b->len] = '\0';
}

/* Append as printf(3) does. */
void buf_printf(struct buf *b, const char *format, ...) OST_PRINTF(2, 3);

/* Append the Unicode scalar `c` as UTF-8; U+FFFD if it is not one. */
void buf_utf8(struct buf *b, uint32_t c);

/*
 * Room for `len` more bytes, appended and to be filled by the caller; NULL
 * when memory ran out.
 */
void *buf_more(struct buf *b, size_t len);

/* Cut back to `len` bytes. */
void buf_cut(struct buf *b, size_t len);

/* The text as a string, "" when empty. On loan until the next change. */
const char *buf_text(const struct buf *b);

/* The bytes, on loan until the next change. */
struct span buf_span(const struct buf *b);

/* OST_NO_MEMORY if `bad`. */
enum ost_status buf_status(const struct buf *b, struct ost_error *err);

/* Free and make empty again. */
void buf_free(struct buf *b);

#endif
