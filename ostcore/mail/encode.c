#include "mail/encode.h"

#include <pthread.h>

#include "mail/chars.h"
#include "mail/ical_clock.h"

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789+/";
static const char hex_digits[] = "0123456789ABCDEF";

uint64_t encode_base64_size(uint64_t size)
{
	const uint64_t rest = size % BASE64_LINE_IN;
	const uint64_t tail = rest > 0 ? (rest + 2) / 3 * 4 + 2 : 0;

	return size / BASE64_LINE_IN * BASE64_LINE_OUT + tail;
}

/* Of twelve bits, their two characters. */
static char pairs[1 << 12][2];
static pthread_once_t pairs_once = PTHREAD_ONCE_INIT;

static void make_pairs(void)
{
	for (unsigned v = 0; v < 1 << 12; v++) {
		pairs[v][0] = base64_digits[v >> 6];
		pairs[v][1] = base64_digits[v & 63];
	}
}

/* Without line ends. Returns where the next byte goes. */
static char *put_base64(const uint8_t *in, size_t len, char *out)
{
	for (; len >= 3; in += 3, len -= 3, out += 4) {
		const uint32_t v =
			(uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];

		memcpy(out, pairs[v >> 12], 2);
		memcpy(out + 2, pairs[v & 0xFFF], 2);
	}
	if (len > 0) {
		const uint32_t v = (uint32_t)in[0] << 16 |
				   (len > 1 ? (uint32_t)in[1] << 8 : 0);

		memcpy(out, pairs[v >> 12], 2);
		out[2] = len > 1 ? base64_digits[v >> 6 & 63] : '=';
		out[3] = '=';
		out += 4;
	}
	return out;
}

size_t encode_base64(const uint8_t *in, size_t len, char *out)
{
	char *at = out;

	pthread_once(&pairs_once, make_pairs);
	while (len > 0) {
		const size_t take = len < BASE64_LINE_IN ? len : BASE64_LINE_IN;

		at = put_base64(in, take, at);
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
	pthread_once(&pairs_once, make_pairs);
	return (size_t)(put_base64(in, len, out) - out);
}

void encode_base64_run(struct buf *out, struct span bytes)
{
	char *at = bytes.len < SIZE_MAX / 2
			   ? buf_more(out, (bytes.len + 2) / 3 * 4)
			   : NULL;

	if (at != NULL)
		encode_base64_raw(bytes.at, bytes.len, at);
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

/* Write the last `digits` digits of `number`. Returns where they end. */
static char *put_digits(char *at, int number, int digits)
{
	for (int i = digits; i-- > 0; number /= 10)
		at[i] = (char)('0' + number % 10);
	return at + digits;
}

/* By hand: gmtime_r(3) takes a lock, and printf(3) its time. */
void encode_date(struct buf *out, int64_t sec)
{
	static const char days[] = "Sun, Mon, Tue, Wed, Thu, Fri, Sat, ";
	static const char months[] =
		" Jan  Feb  Mar  Apr  May  Jun  Jul  Aug  Sep  Oct  Nov  Dec ";
	const struct clock_time t = clock_of(sec);
	char text[32], *at = text;

	memcpy(at, days + 5 * clock_weekday(sec), 5);
	at = put_digits(at + 5, t.day, 2);
	memcpy(at, months + 5 * (t.month - 1), 5);
	at = put_digits(at + 5, t.year, 4);
	*at++ = ' ';
	at = put_digits(at, t.hour, 2);
	*at++ = ':';
	at = put_digits(at, t.minute, 2);
	*at++ = ':';
	at = put_digits(at, t.second, 2);
	buf_add(out, text, (size_t)(at - text));
	buf_str(out, " +0000");
}

bool encode_clean(struct buf *out, struct span text)
{
	bool others = false;
	bool broke = false; /* the last one was CR, LF or TAB */

	while (text.len > 0) {
		const uint8_t c = text.at[0];
		const bool breaks = c == '\r' || c == '\n' || c == '\t';
		const size_t plain = chars_plain(text);

		if (plain > 0) {
			buf_add(out, text.at, plain);
			text = chars_from(text, plain);
			broke = false;
			continue;
		}
		if (c >= 0x80) {
			buf_utf8(out, chars_next(&text));
			broke = false;
			continue;
		}
		text = chars_from(text, 1);
		if (c == 0)
			continue;
		if (!breaks || !broke)
			buf_byte(out, ' ');
		others = others || !breaks;
		broke = breaks;
	}
	return others;
}
