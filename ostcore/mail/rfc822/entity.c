#include "mail/rfc822/entity.h"

#include "mail/rfc822/transport.h"
#include "mail/text/chars.h"

enum { LINE_MAX = 998 }; /* RFC 5322 2.1.1, without CRLF */

size_t entity_body(struct span text)
{
	/* An entity may begin with the empty line. */
	if (text.len > 1 && text.at[0] == '\r' && text.at[1] == '\n')
		return 2;
	for (size_t i = 0; i < text.len; i++) {
		const struct span rest = chars_from(text, i);

		if (rest.at[0] != '\n')
			continue;
		if (rest.len > 1 && rest.at[1] == '\n')
			return i + 2;
		if (rest.len > 2 && rest.at[1] == '\r' && rest.at[2] == '\n')
			return i + 3;
	}
	return 0;
}

bool entity_sound(struct span header)
{
	struct transport_field f;
	size_t column = 0;

	for (size_t i = 0; i < header.len; i++) {
		const uint8_t c = header.at[i];

		column = c == '\n' ? 0 : column + 1;
		if (c >= 0x7F || column > LINE_MAX + 1 ||
		    (c < ' ' && !chars_blank(c)))
			return false;
	}
	while (transport_next(&header, &f))
		if (f.name.len == 0)
			return false;
	return header.len == 0;
}

/* Take a value off `*s`: a quoted-string, or what is before a ';'. */
static void take_value(struct span *s, struct buf *out)
{
	size_t i = 1;

	*s = chars_trim(*s);
	if (s->len == 0 || s->at[0] != '"') {
		const size_t len = chars_find(*s, ';');
		const struct span value = chars_trim(chars_first(*s, len));

		buf_add(out, value.at, value.len);
		*s = chars_from(*s, len);
		return;
	}
	for (; i < s->len && s->at[i] != '"'; i++) {
		if (s->at[i] == '\\' && i + 1 < s->len)
			i++;
		if (s->at[i] != '\r' && s->at[i] != '\n')
			buf_byte(out, (char)s->at[i]);
	}
	*s = chars_from(*s, i < s->len ? i + 1 : s->len);
}

void entity_parameter(struct span type, const char *name, struct buf *out)
{
	while (type.len > 0) {
		struct buf value = { 0 };
		struct span word;

		type = chars_from(type, chars_find(type, ';') + 1);
		word = chars_first(type, chars_find(type, '='));
		type = chars_from(type, word.len + 1);
		take_value(&type, &value);
		const bool found = chars_same(chars_trim(word), chars_of(name));
		if (found)
			buf_add(out, value.at, value.len);
		out->bad = out->bad || value.bad;
		buf_free(&value);
		if (found)
			return;
	}
}

bool entity_delimits(struct span line, struct span boundary, bool *last)
{
	struct span rest = chars_from(line, 2 + boundary.len);

	if (line.len < 2 + boundary.len || line.at[0] != '-' ||
	    line.at[1] != '-' ||
	    !span_equal(chars_first(chars_from(line, 2), boundary.len),
			boundary))
		return false;
	*last = rest.len >= 2 && rest.at[0] == '-' && rest.at[1] == '-';
	if (*last)
		rest = chars_from(rest, 2);
	return chars_trim(rest).len == 0;
}

/*
 * Decoding
 */

static int digit_of(uint8_t c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/";
	const char *at = c != 0 ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

static void decode_base64(struct span body, struct buf *out)
{
	uint32_t bits = 0;
	unsigned count = 0;

	for (size_t i = 0; i < body.len && body.at[i] != '='; i++) {
		const int digit = digit_of(body.at[i]);

		if (digit < 0)
			continue;
		bits = (bits << 6 | (uint32_t)digit) & 0xFFFFFF;
		count += 6;
		if (count >= 8) {
			count -= 8;
			buf_byte(out, (char)(bits >> count & 0xFF));
		}
	}
}

static int hex_of(uint8_t c)
{
	if (chars_digit(c))
		return c - '0';
	c = chars_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void decode_quoted_printable(struct span body, struct buf *out)
{
	for (size_t i = 0; i < body.len; i++) {
		const struct span rest = chars_from(body, i);
		const bool two = rest.len > 2 && rest.at[0] == '=';

		if (two && rest.at[1] == '\r' && rest.at[2] == '\n') {
			i += 2; /* a line that goes on */
		} else if (two && rest.at[1] == '\n') {
			i++;
		} else if (two && hex_of(rest.at[1]) >= 0 &&
			   hex_of(rest.at[2]) >= 0) {
			buf_byte(out, (char)(hex_of(rest.at[1]) << 4 |
					     hex_of(rest.at[2])));
			i += 2;
		} else {
			buf_byte(out, (char)rest.at[0]);
		}
	}
}

void entity_decode(struct span body, struct span encoding, struct buf *out)
{
	encoding = chars_trim(encoding);
	if (chars_same(encoding, chars_of("base64")))
		decode_base64(body, out);
	else if (chars_same(encoding, chars_of("quoted-printable")))
		decode_quoted_printable(body, out);
	else
		buf_add(out, body.at, body.len);
}
