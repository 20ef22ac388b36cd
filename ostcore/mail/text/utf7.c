#include "mail/text/utf7.h"

/* The next character of UTF-8 in `*rest`, which is moved behind it. */
static uint32_t utf7_next(struct span *rest)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	const uint8_t first = rest->at[0];
	const unsigned more = first < 0xC0   ? 0
			      : first < 0xE0 ? 1
			      : first < 0xF0 ? 2
					     : 3;
	uint32_t c = more == 0 ? first : first & (0x3FU >> more);
	unsigned i = 0;

	(void)span_sub(*rest, 1, rest->len - 1, rest);
	for (; i < more && rest->len > 0 && (rest->at[0] & 0xC0) == 0x80; i++) {
		c = c << 6 | (rest->at[0] & 0x3F);
		(void)span_sub(*rest, 1, rest->len - 1, rest);
	}
	if (i < more || (more == 0 && first >= 0x80) || c < least[more] ||
	    c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return 0xFFFD;
	return c;
}

/* Bits that wait to become a digit. */
struct shifted {
	uint32_t bits;
	unsigned count;
	bool on;
};

static void put_digits(struct shifted *s, struct buf *out, bool all)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
				     "pqrstuvwxyz0123456789+,";

	while (s->count >= 6) {
		buf_byte(out, digits[s->bits >> (s->count - 6) & 63]);
		s->count -= 6;
	}
	s->bits &= (1U << s->count) - 1;
	if (all && s->count > 0)
		buf_byte(out, digits[s->bits << (6 - s->count) & 63]);
}

static void put_unit(struct shifted *s, struct buf *out, uint32_t unit)
{
	s->bits = s->bits << 16 | unit;
	s->count += 16;
	put_digits(s, out, false);
}

static void shift_out(struct shifted *s, struct buf *out)
{
	if (!s->on)
		return;
	put_digits(s, out, true);
	buf_byte(out, '-');
	*s = (struct shifted){ 0 };
}

void utf7_put(struct buf *out, struct span name)
{
	struct shifted s = { 0 };

	while (name.len > 0) {
		const uint32_t c = utf7_next(&name);

		if (c >= 0x20 && c < 0x7F) {
			shift_out(&s, out);
			buf_byte(out, (char)c);
			if (c == '&')
				buf_byte(out, '-');
			continue;
		}
		if (!s.on)
			buf_byte(out, '&');
		s.on = true;
		if (c >= 0x10000)
			put_unit(&s, out, 0xD7C0 + (c >> 10));
		put_unit(&s, out, c >= 0x10000 ? 0xDC00 + (c & 0x3FF) : c);
	}
	shift_out(&s, out);
}

void utf7_keyword(struct buf *out, struct span name)
{
	const size_t start = out->len;

	utf7_put(out, name);
	for (size_t i = start; i < out->len; i++)
		if (strchr(" (){%*\"\\]", out->at[i]) != NULL)
			out->at[i] = '_';
}
