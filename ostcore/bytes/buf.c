#include "bytes/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* While it is small it grows faster: that is what most texts are. */
enum { FIRST = 64, SMALL = 4096 };

/* Make room for `len` bytes and the NUL behind them. */
static bool make_room(struct buf *b, size_t len)
{
	if (b->bad)
		return false;
	if (b->cap > b->len && len < b->cap - b->len)
		return true;

	size_t cap = b->cap < FIRST ? FIRST : b->cap;
	while (cap - b->len <= len) {
		if (cap > SIZE_MAX / 4) {
			b->bad = true;
			return false;
		}
		cap *= cap < SMALL ? 4 : 2;
	}

	char *at = b->at == NULL ? malloc(cap) : realloc(b->at, cap);
	if (at == NULL) {
		b->bad = true;
		return false;
	}
	b->at = at;
	b->cap = cap;
	return true;
}

void *buf_more(struct buf *b, size_t len)
{
	if (!make_room(b, len))
		return NULL;

	char *at = b->at + b->len;
	b->len += len;
	b->at[b->len] = '\0';
	return at;
}

void buf_add(struct buf *b, const void *bytes, size_t len)
{
	void *at = buf_more(b, len);

	if (at != NULL && len > 0)
		memcpy(at, bytes, len);
}

/* Into the room there is; mostly that is enough, and else it says how much. */
void buf_printf(struct buf *b, const char *format, ...)
{
	enum { USUAL = 120 };
	va_list args;
	int len;

	if (!make_room(b, USUAL))
		return;
	va_start(args, format);
	len = vsnprintf(b->at + b->len, b->cap - b->len, format, args);
	va_end(args);
	if (len >= 0 && (size_t)len >= b->cap - b->len) {
		b->at[b->len] = '\0';
		if (!make_room(b, (size_t)len))
			return;
		va_start(args, format);
		len = vsnprintf(b->at + b->len, b->cap - b->len, format, args);
		va_end(args);
	}
	if (len < 0)
		b->bad = true;
	else
		b->len += (size_t)len;
}

void buf_utf8(struct buf *b, uint32_t c)
{
	char out[4];
	size_t len = 0;

	if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		c = 0xFFFD;
	if (c < 0x80) {
		out[len++] = (char)c;
	} else if (c < 0x800) {
		out[len++] = (char)(0xC0 | c >> 6);
		out[len++] = (char)(0x80 | (c & 0x3F));
	} else if (c < 0x10000) {
		out[len++] = (char)(0xE0 | c >> 12);
		out[len++] = (char)(0x80 | (c >> 6 & 0x3F));
		out[len++] = (char)(0x80 | (c & 0x3F));
	} else {
		out[len++] = (char)(0xF0 | c >> 18);
		out[len++] = (char)(0x80 | (c >> 12 & 0x3F));
		out[len++] = (char)(0x80 | (c >> 6 & 0x3F));
		out[len++] = (char)(0x80 | (c & 0x3F));
	}
	buf_add(b, out, len);
}

void buf_cut(struct buf *b, size_t len)
{
	if (len >= b->len)
		return;
	b->len = len;
	b->at[len] = '\0';
}

const char *buf_text(const struct buf *b)
{
	return b->len > 0 ? b->at : "";
}

struct span buf_span(const struct buf *b)
{
	return span_of(b->at, b->len);
}

enum ost_status buf_status(const struct buf *b, struct ost_error *err)
{
	return b->bad ? ost_no_memory(err) : OST_OK;
}

void buf_free(struct buf *b)
{
	free(b->at);
	*b = (struct buf){ 0 };
}
