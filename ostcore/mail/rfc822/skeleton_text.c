/*
 * skeleton_text.c - text in the charset that it came in
 *
 * Only in those of one byte a character, whose pages are turned around, and in
 * UTF-8; text that came in another is given in UTF-8, under that name.
 */
#include "bytes/text.h"
#include "mail/rfc822/skeleton_parse.h"
#include "mail/text/chars.h"

enum { ASCII = 20127, UTF8 = 65001, REPLACEMENT = 0xFFFD };

/* The scalar of each byte of page `cp`. False: it has other than one byte. */
static bool read_page(unsigned cp, uint32_t page[256])
{
	for (int i = 0; i < 256; i++) {
		const uint8_t byte = (uint8_t)i;
		struct buf text = { 0 };
		bool good = text_codepage(&text, cp, span_of(&byte, 1)) == 0;
		struct span s = buf_span(&text);

		page[i] = good && s.len > 0 ? chars_next(&s) : REPLACEMENT;
		good = s.len == 0 && (i >= 0x80 || page[i] == (uint32_t)i);
		buf_free(&text);
		if (!good)
			return false;
	}
	return true;
}

static bool put_scalar(uint32_t c, const uint32_t page[256], struct buf *out)
{
	for (int i = 0; i < 256 && c != REPLACEMENT; i++)
		if (page[i] == c) {
			buf_byte(out, (char)i);
			return true;
		}
	return false;
}

/* Is it one in which no bytes above 0x7F begin others? */
static bool is_single(unsigned cp)
{
	return (cp >= 1250 && cp <= 1258) || (cp >= 28591 && cp <= 28606) ||
	       cp == 20866 || cp == 21866 || cp == 874 ||
	       (cp >= 437 && cp <= 869);
}

bool skeleton_encode(struct span utf8, struct span charset, struct buf *out)
{
	const unsigned cp =
		charset.len > 0 ? text_charset_codepage(charset) : ASCII;
	const size_t start = out->len;
	uint32_t page[256];

	if (cp == UTF8 || (cp != 0 && (cp == ASCII || is_single(cp)) &&
			   text_is_ascii(utf8))) {
		buf_add(out, utf8.at, utf8.len);
		return true;
	}
	if (!is_single(cp) || !read_page(cp, page))
		return false;
	while (utf8.len > 0)
		if (!put_scalar(chars_next(&utf8), page, out)) {
			buf_cut(out, start);
			return false;
		}
	return true;
}
