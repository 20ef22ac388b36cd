/*
 * names.c - names of folders that are given once
 */
#include <stdlib.h>

#include "out/writer.h"

/* Letter case apart, for a disk may not tell it. */
static uint64_t key_of(const char *name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *name != '\0'; name++) {
		const uint8_t c = (uint8_t)*name;

		hash ^= c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
		hash *= UINT64_C(0x100000001b3);
	}
	return hash;
}

enum ost_status names_unique(struct out *x, struct buf *name, uint32_t nid,
			     struct ost_error *err)
{
	enum ost_status st = buf_status(name, err);

	if (st == OST_OK && !seen_add(&x->names, key_of(buf_text(name)))) {
		buf_printf(name, "_%x", nid);
		(void)seen_add(&x->names, key_of(buf_text(name)));
	}
	if (x->names.bad)
		return ost_no_memory(err);
	return st == OST_OK ? buf_status(name, err) : st;
}

void names_utf7(struct buf *out, const char *name)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
				     "pqrstuvwxyz0123456789+,";
	uint32_t bits = 0;
	unsigned count = 0; /* of bits that wait */
	bool shifted = false;

	while (*name != '\0') {
		uint16_t units[2];
		size_t n = 0;
		const uint32_t c = names_next(&name);

		if (c >= 0x20 && c < 0x7F) {
			if (shifted && count > 0)
				buf_byte(out, digits[bits << (6 - count) & 63]);
			if (shifted)
				buf_byte(out, '-');
			shifted = false;
			count = 0;
			buf_byte(out, (char)c);
			if (c == '&')
				buf_byte(out, '-');
			continue;
		}
		if (!shifted)
			buf_byte(out, '&');
		shifted = true;
		if (c >= 0x10000)
			units[n++] = (uint16_t)(0xD7C0 + (c >> 10));
		units[n++] =
			(uint16_t)(c >= 0x10000 ? 0xDC00 + (c & 0x3FF) : c);
		for (size_t i = 0; i < n; i++) {
			bits = bits << 16 | units[i];
			count += 16;
			while (count >= 6) {
				count -= 6;
				buf_byte(out, digits[bits >> count & 63]);
			}
			bits &= (1U << count) - 1;
		}
	}
	if (shifted && count > 0)
		buf_byte(out, digits[bits << (6 - count) & 63]);
	if (shifted)
		buf_byte(out, '-');
}

void names_keyword(struct buf *out, struct span name)
{
	char *text = strndup((const char *)name.at, name.len);
	const size_t start = out->len;

	if (text == NULL) {
		out->bad = true;
		return;
	}
	names_utf7(out, text);
	for (size_t i = start; i < out->len; i++)
		if (strchr(" (){%*\"\\]", out->at[i]) != NULL)
			out->at[i] = '_';
	free(text);
}

uint32_t names_next(const char **text)
{
	const uint8_t *at = (const uint8_t *)*text;
	const unsigned more = at[0] < 0xC0   ? 0
			      : at[0] < 0xE0 ? 1
			      : at[0] < 0xF0 ? 2
					     : 3;
	uint32_t c = more == 0 ? at[0] : at[0] & (0x3FU >> more);

	*text += 1;
	for (unsigned i = 0; i < more && (**text & 0xC0) == 0x80; i++) {
		c = c << 6 | (**text & 0x3F);
		*text += 1;
	}
	return c;
}
