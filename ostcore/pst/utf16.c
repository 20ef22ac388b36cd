/*
 * utf16.c - UTF-8 as UTF-16LE
 */
#include "pst/put.h"
#include "pst/skeleton.h"

enum { REPLACEMENT = 0xFFFD };

/* The scalar at the start of `in`, and how many bytes it has. */
static uint32_t decode(struct span in, size_t *len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t b = in.at[0];
	const size_t bytes = b < 0x80	? 1
			     : b < 0xC0 ? 0
			     : b < 0xE0 ? 2
			     : b < 0xF0 ? 3
			     : b < 0xF8 ? 4
					: 0;
	uint32_t c = bytes == 1 ? b : b & (0x7FU >> bytes);

	*len = 1;
	if (bytes == 0 || bytes > in.len)
		return REPLACEMENT;
	for (size_t i = 1; i < bytes; i++) {
		if ((in.at[i] & 0xC0) != 0x80)
			return REPLACEMENT;
		c = c << 6 | (in.at[i] & 0x3FU);
	}
	if (c < least[bytes] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
		return REPLACEMENT;
	*len = bytes;
	return c;
}

void pst_utf16(struct buf *out, struct span utf8)
{
	while (utf8.len > 0) {
		size_t len;
		const uint32_t c = decode(utf8, &len);

		if (c < 0x10000) {
			buf_put16(out, (uint16_t)c);
		} else {
			buf_put16(out, (uint16_t)(0xD7C0 + (c >> 10)));
			buf_put16(out, (uint16_t)(0xDC00 + (c & 0x3FF)));
		}
		utf8 = span_of(utf8.at + len, utf8.len - len);
	}
}
