#include "mail/text/encode.h"

#include <pthread.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "mail/text/chars.h"
#include "mail/text/clock.h"

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
static bool wide; /* put_wide() works here */
static pthread_once_t pairs_once = PTHREAD_ONCE_INIT;

static void make_pairs(void)
{
#ifdef __x86_64__
	wide = __builtin_cpu_supports("avx2");
#endif
	for (unsigned v = 0; v < 1 << 12; v++) {
		pairs[v][0] = base64_digits[v >> 6];
		pairs[v][1] = base64_digits[v & 63];
	}
}

#ifdef __x86_64__
#define AVX2 __attribute__((target("avx2"))) static

/* 24 of the 28 bytes at `in`, six bits in each of 32 bytes. */
AVX2 __m256i sixes_at(const uint8_t *in)
{
	/* Of each group of three a number, which has 32 bits to itself. */
	const __m256i order = _mm256_broadcastsi128_si256(_mm_setr_epi8(
		2, 1, 0, -1, 5, 4, 3, -1, 8, 7, 6, -1, 11, 10, 9, -1));
	const __m256i mask = _mm256_set1_epi32(0x3F);
	const __m128i low = _mm_loadu_si128((const __m128i *)in);
	const __m128i high = _mm_loadu_si128((const __m128i *)(in + 12));
	const __m256i v =
		_mm256_shuffle_epi8(_mm256_set_m128i(high, low), order);
	const __m256i a = _mm256_and_si256(_mm256_srli_epi32(v, 18), mask);
	const __m256i b = _mm256_and_si256(_mm256_srli_epi32(v, 12), mask);
	const __m256i c = _mm256_and_si256(_mm256_srli_epi32(v, 6), mask);
	const __m256i d = _mm256_and_si256(v, mask);

	return _mm256_or_si256(_mm256_or_si256(a, _mm256_slli_epi32(b, 8)),
			       _mm256_or_si256(_mm256_slli_epi32(c, 16),
					       _mm256_slli_epi32(d, 24)));
}

AVX2 __m256i digits_of(__m256i sixes)
{
	/* From 26 to 51 (0), 52 to 61, 62, 63, 0 to 25 (13) to the digit. */
	const __m256i steps = _mm256_broadcastsi128_si256(
		_mm_setr_epi8(71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19,
			      -16, 65, 0, 0));
	const __m256i upper =
		_mm256_and_si256(_mm256_cmpgt_epi8(_mm256_set1_epi8(26), sixes),
				 _mm256_set1_epi8(13));
	const __m256i which = _mm256_or_si256(
		_mm256_subs_epu8(sixes, _mm256_set1_epi8(51)), upper);

	return _mm256_add_epi8(sixes, _mm256_shuffle_epi8(steps, which));
}

/*
 * 24 bytes at a time make 32 digits, while 28 can be read. `out` may lie before
 * `in` when all that is to be written ends where `in` does: then no step
 * reaches what the next one reads. Returns how many bytes were taken.
 */
AVX2 size_t put_wide(const uint8_t *in, size_t len, char *out)
{
	size_t done = 0;

	for (; len >= done + 28; done += 24, out += 32)
		_mm256_storeu_si256((__m256i *)out,
				    digits_of(sixes_at(in + done)));
	return done;
}
#else
static size_t put_wide(const uint8_t *in, size_t len, char *out)
{
	(void)in, (void)len, (void)out;
	return 0;
}
#endif

/* Without line ends. Returns where the next byte goes. */
static char *put_base64(const uint8_t *in, size_t len, char *out)
{
	const size_t done = wide ? put_wide(in, len, out) : 0;

	if (len == 0)
		return out; /* both may be NULL */
	in += done;
	len -= done;
	out += done / 3 * 4;
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

/* RFC 2045 6.7 (2). A "." at a line's start is hurt by SMTP. */
static bool quoted_as_is(struct span rest, bool at_start)
{
	const uint8_t c = rest.at[0];
	const bool ends =
		rest.len == 1 ||
		(rest.len >= 3 && memcmp(rest.at + 1, "\r\n", 2) == 0);

	if (c == ' ' || c == '\t')
		return !ends;
	return c > ' ' && c <= '~' && c != '=' && !(c == '.' && at_start);
}

enum { QP_MAX = 75 }; /* columns, and a soft line break's "=" */

static bool is_word(uint8_t c)
{
	return chars_letter(c) || chars_digit(c) || c >= 0x80;
}

/*
 * The length of what `text` begins with and no line break may part: a word,
 * the start of a tag with its name, or one other byte.
 */
static size_t part_len(struct span text)
{
	size_t len = 0;

	while (len < text.len && len < 2 && chars_in(text.at[len], "</&"))
		len++;
	while (len < text.len && is_word(text.at[len]))
		len++;
	return len > 0 ? len : 1;
}

/*
 * The length of what is best not parted: up to a blank, or to the start or the
 * end of a tag. An address is one.
 */
static size_t unit_len(struct span text)
{
	size_t len = part_len(text);

	if (chars_blank(text.at[0]) || text.at[len - 1] == '>')
		return len;
	while (len < text.len && !chars_blank(text.at[len]) &&
	       text.at[len] != '<' && len <= QP_MAX)
		if (text.at[len++] == '>')
			break;
	return len;
}

/* Columns that the first `len` bytes take, at most; past a line it is all one.
 */
static size_t width_of(struct span text, size_t len)
{
	size_t width = 0;

	for (size_t i = 0; i < len && width <= QP_MAX; i++)
		width += quoted_as_is(chars_from(text, i), i == 0) ? 1 : 3;
	return width;
}

static void put_soft_break(struct buf *out, size_t *column)
{
	buf_str(out, "=\r\n");
	*column = 0;
}

/* "From " at a line's start is hurt by mboxes: its blank is quoted then. */
static bool follows_from(const struct buf *out, size_t column)
{
	return column == 4 && out->len >= 4 &&
	       memcmp(out->at + out->len - 4, "From", 4) == 0;
}

/* Append the first `len` bytes, on as many lines as it takes. */
static void put_quoted(struct buf *out, struct span text, size_t len,
		       size_t *column)
{
	for (; len > 0; len--, text = chars_from(text, 1)) {
		const uint8_t c = text.at[0];
		const char hex[] = { '=', hex_digits[c >> 4],
				     hex_digits[c & 15] };

		/* Twice: more may stand as it is within a line. */
		if (*column + (quoted_as_is(text, *column == 0) ? 1 : 3) >
		    QP_MAX)
			put_soft_break(out, column);
		if (quoted_as_is(text, *column == 0) &&
		    !(c == ' ' && follows_from(out, *column))) {
			buf_byte(out, (char)c);
			*column += 1;
		} else {
			buf_add(out, hex, sizeof(hex));
			*column += sizeof(hex);
		}
	}
}

/*
 * Lines end between units, or else between their parts: a word that a line
 * can hold is never cut, so that a search finds it.
 */
void encode_quoted_printable(struct buf *out, struct span text)
{
	size_t column = 0, unit = 0; /* what is left of one too wide */

	while (text.len > 0) {
		size_t len;

		if (text.len > 1 && memcmp(text.at, "\r\n", 2) == 0) {
			buf_str(out, "\r\n");
			column = 0;
			text = chars_from(text, 2);
			continue;
		}
		len = unit > 0 ? part_len(text) : unit_len(text);
		if (unit == 0 && width_of(text, len) > QP_MAX) {
			unit = len;
			len = part_len(text);
		}
		if (column > 0 && column + width_of(text, len) > QP_MAX &&
		    width_of(text, len) <= QP_MAX)
			put_soft_break(out, &column);
		put_quoted(out, text, len, &column);
		text = chars_from(text, len);
		unit = unit > len ? unit - len : 0;
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
