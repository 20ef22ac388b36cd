#include "mail/encode.h"

#include "mail/chars.h"

#include <time.h>

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789+/";
static const char hex_digits[] = "0123456789ABCDEF";

uint64_t encode_base64_size(uint64_t size)
{
	const uint64_t rest = size % BASE64_LINE_IN;
	const uint64_t tail = rest > 0 ? (rest + 2) / 3 * 4 + 2 : 0;

	return size / BASE64_LINE_IN * BASE64_LINE_OUT + tail;
}

/* Up to one line, without its end. Returns where the next byte goes. */
static char *base64_line(const uint8_t *in, size_t len, char *out)
{
	for (; len >= 3; in += 3, len -= 3) {
		const uint32_t v =
			(uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];

		*out++ = base64_digits[v >> 18];
		*out++ = base64_digits[v >> 12 & 63];
		*out++ = base64_digits[v >> 6 & 63];
		*out++ = base64_digits[v & 63];
	}
	if (len > 0) {
		const uint32_t v = (uint32_t)in[0] << 16 |
				   (len > 1 ? (uint32_t)in[1] << 8 : 0);

		*out++ = base64_digits[v >> 18];
		*out++ = base64_digits[v >> 12 & 63];
		*out++ = len > 1 ? base64_digits[v >> 6 & 63] : '=';
		*out++ = '=';
	}
	return out;
}

size_t encode_base64(const uint8_t *in, size_t len, char *out)
{
	char *at = out;

	while (len > 0) {
		const size_t take = len < BASE64_LINE_IN ? len : BASE64_LINE_IN;

		at = base64_line(in, take, at);
		*at++ = '\r';
		*at++ = '\n';
		in += take;
		len -= take;
	}
	return (size_t)(at - out);
}

uint64_t encode_base64_run_size(uint64_t size)
{
	return size / 3 * 4 + (size % 3 > 0 ? 4 : 0);
}

size_t encode_base64_raw(const uint8_t *in, size_t len, char *out)
{
	return (size_t)(base64_line(in, len, out) - out);
}

void encode_base64_run(struct buf *out, struct span bytes)
{
	char *at = bytes.len < SIZE_MAX / 2
			   ? buf_more(out, (bytes.len + 2) / 3 * 4)
			   : NULL;

	if (at != NULL)
		base64_line(bytes.at, bytes.len, at);
}

/* RFC 2045 6.7 (2); "From " and "." at a line's start are hurt by mboxes
 * and SMTP, so they do not stand as they are. */
static bool quoted_as_is(struct span rest, bool at_start)
{
	const uint8_t c = rest.at[0];
	const bool ends =
		rest.len == 1 ||
		(rest.len >= 3 && memcmp(rest.at + 1, "\r\n", 2) == 0);

	if (c == ' ' || c == '\t')
		return !ends;
	if (at_start &&
	    (c == '.' || (rest.len >= 5 && memcmp(rest.at, "From ", 5) == 0)))
		return false;
	return c > ' ' && c <= '~' && c != '=';
}

void encode_quoted_printable(struct buf *out, struct span text)
{
	enum { MOST = 75 }; /* and a soft line break's "=" */
	size_t column = 0;

	while (text.len > 0) {
		const uint8_t c = text.at[0];
		const bool as_is = quoted_as_is(text, column == 0);
		const size_t width = as_is ? 1 : 3;

		if (c == '\r' && text.len > 1 && text.at[1] == '\n') {
			buf_str(out, "\r\n");
			column = 0;
			text = chars_from(text, 2);
			continue;
		}
		if (column + width > MOST) {
			buf_str(out, "=\r\n");
			column = 0;
			continue; /* for what may stand at a line's start */
		}
		if (as_is)
			buf_byte(out, (char)c);
		else
			buf_add(out,
				(char[]){ '=', hex_digits[c >> 4],
					  hex_digits[c & 15] },
				3);
		column += width;
		text = chars_from(text, 1);
	}
}

void encode_date(struct buf *out, int64_t sec)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const time_t when = (time_t)sec;
	struct tm tm = { .tm_mday = 1, .tm_year = 70, .tm_wday = 4 };

	(void)gmtime_r(&when, &tm);
	buf_printf(out, "%.3s, %02d %.3s %04d %02d:%02d:%02d +0000",
		   days + 3 * tm.tm_wday, tm.tm_mday, months + 3 * tm.tm_mon,
		   tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

bool encode_clean(struct buf *out, struct span text)
{
	bool others = false;
	bool broke = false; /* the last one was CR, LF or TAB */

	while (text.len > 0) {
		const uint8_t c = text.at[0];
		const bool breaks = c == '\r' || c == '\n' || c == '\t';

		if (c >= 0x80) {
			buf_utf8(out, chars_next(&text));
			broke = false;
			continue;
		}
		text = chars_from(text, 1);
		if (c == 0)
			continue;
		if (!chars_control(c))
			buf_byte(out, (char)c);
		else if (!breaks || !broke)
			buf_byte(out, ' ');
		others = others || (chars_control(c) && !breaks);
		broke = breaks;
	}
	return others;
}
