/*
 * text.c - the encodings of Unicode to UTF-8
 */
#include "bytes/text.h"

#include "bytes/codepage.h"

enum { REPLACEMENT = 0xFFFD };

/* Units decoded at a time: at most three bytes of UTF-8 come from each. */
enum { CHUNK = 4096, UTF8_A_UNIT = 3 };

/* The length of the run of ASCII at the front. */
static size_t ascii_run(struct span in)
{
	size_t i = 0;

	for (; in.len - i >= 8; i += 8) {
		uint64_t eight;

		memcpy(&eight, in.at + i, sizeof(eight));
		if ((eight & UINT64_C(0x8080808080808080)) != 0)
			break;
	}
	while (i < in.len && in.at[i] < 0x80)
		i++;
	return i;
}

bool text_is_ascii(struct span in)
{
	return ascii_run(in) == in.len;
}

/*
 * The length of the well-formed character at the front; 0: there is none.
 * The second byte's range is what forbids overlong forms, surrogates and what
 * is past U+10FFFF (The Unicode Standard, table 3-7).
 */
static size_t utf8_char(struct span in)
{
	static const struct {
		uint8_t first, last; /* of the lead byte */
		uint8_t low, high;   /* of the second byte */
		uint8_t len;
	} forms[] = {
		{ 0xC2, 0xDF, 0x80, 0xBF, 2 }, { 0xE0, 0xE0, 0xA0, 0xBF, 3 },
		{ 0xE1, 0xEC, 0x80, 0xBF, 3 }, { 0xED, 0xED, 0x80, 0x9F, 3 },
		{ 0xEE, 0xEF, 0x80, 0xBF, 3 }, { 0xF0, 0xF0, 0x90, 0xBF, 4 },
		{ 0xF1, 0xF3, 0x80, 0xBF, 4 }, { 0xF4, 0xF4, 0x80, 0x8F, 4 },
	};
	size_t i = 0, n = 2;

	if (in.len == 0 || in.at[0] < 0x80)
		return in.len > 0;
	while (i < sizeof(forms) / sizeof(forms[0]) && in.at[0] > forms[i].last)
		i++;
	if (i == sizeof(forms) / sizeof(forms[0]) ||
	    in.at[0] < forms[i].first || in.len < forms[i].len ||
	    in.at[1] < forms[i].low || in.at[1] > forms[i].high)
		return 0;
	while (n < forms[i].len && (in.at[n] & 0xC0) == 0x80)
		n++;
	return n == forms[i].len ? n : 0;
}

/* The length of the well-formed run at the front. */
static size_t utf8_run(struct span in)
{
	const size_t all = in.len;
	size_t n;

	do {
		n = ascii_run(in);
		(void)span_sub(in, n, in.len - n, &in);
		while (in.len > 0 && in.at[0] >= 0x80 &&
		       (n = utf8_char(in)) > 0)
			(void)span_sub(in, n, in.len - n, &in);
	} while (in.len > 0 && in.at[0] < 0x80);
	return all - in.len;
}

bool text_is_utf8(struct span in)
{
	return utf8_run(in) == in.len;
}

size_t codepage_utf8(struct buf *out, struct span in)
{
	size_t bad = 0;

	for (;;) {
		const size_t good = utf8_run(in);

		buf_add(out, in.at, good);
		if (good == in.len)
			return bad;
		buf_utf8(out, REPLACEMENT);
		bad++;
		(void)span_sub(in, good + 1, in.len - good - 1, &in);
	}
}

/* Write a Unicode scalar of the BMP or beyond. Returns its end. */
static uint8_t *put(uint8_t *at, uint32_t c)
{
	if (c < 0x80) {
		*at++ = (uint8_t)c;
	} else if (c < 0x800) {
		*at++ = (uint8_t)(0xC0 | c >> 6);
		*at++ = (uint8_t)(0x80 | (c & 0x3F));
	} else if (c < 0x10000) {
		*at++ = (uint8_t)(0xE0 | c >> 12);
		*at++ = (uint8_t)(0x80 | (c >> 6 & 0x3F));
		*at++ = (uint8_t)(0x80 | (c & 0x3F));
	} else {
		*at++ = (uint8_t)(0xF0 | c >> 18);
		*at++ = (uint8_t)(0x80 | (c >> 12 & 0x3F));
		*at++ = (uint8_t)(0x80 | (c >> 6 & 0x3F));
		*at++ = (uint8_t)(0x80 | (c & 0x3F));
	}
	return at;
}

/* UTF-16 being decoded: `high` is the index of the more significant byte. */
struct utf16 {
	struct span in;
	size_t at;
	size_t high;
	size_t bad;
};

static uint32_t unit_at(const struct utf16 *u, size_t at)
{
	return (uint32_t)u->in.at[at + u->high] << 8 |
	       u->in.at[at + 1 - u->high];
}

/* The next character; at least two bytes are left. */
static uint32_t utf16_next(struct utf16 *u)
{
	const uint32_t c = unit_at(u, u->at);

	u->at += 2;
	if (c < 0xD800 || c > 0xDFFF)
		return c;
	if (c < 0xDC00 && u->in.len - u->at >= 2) {
		const uint32_t low = unit_at(u, u->at);

		if (low >= 0xDC00 && low <= 0xDFFF) {
			u->at += 2;
			return 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
		}
	}
	u->bad++;
	return REPLACEMENT;
}

/*
 * Write the ASCII that `at` begins with, eight bytes of it a turn. Returns how
 * many units of UTF-16LE, of `units`, that were.
 */
static size_t ascii_units(const uint8_t *at, size_t units, uint8_t *to)
{
	size_t done = 0;

	for (; units - done >= 4; done += 4) {
		uint64_t four;
		uint32_t packed;

		memcpy(&four, at + 2 * done, sizeof(four));
		four = le64toh(four);
		if ((four & UINT64_C(0xFF80FF80FF80FF80)) != 0)
			break;
		four = (four | four >> 8) & UINT64_C(0x0000FFFF0000FFFF);
		packed = htole32((uint32_t)(four | four >> 16));
		memcpy(to + done, &packed, sizeof(packed));
	}
	return done;
}

static size_t utf16(struct buf *out, struct span in, size_t high)
{
	struct utf16 u = { .in = in, .high = high };

	while (in.len - u.at >= 2) {
		const size_t left = (in.len - u.at) / 2;
		const size_t units = left < CHUNK ? left : CHUNK;
		const size_t before = out->len, end = u.at + 2 * units;
		/* A pair may begin on the last unit: one character more. */
		uint8_t *const start =
			buf_more(out, units * UTF8_A_UNIT + UTF8_A_UNIT);
		uint8_t *to = start;

		if (start == NULL)
			return u.bad;
		while (u.at < end) {
			const size_t run =
				high == 1 ? ascii_units(in.at + u.at,
							(end - u.at) / 2, to)
					  : 0;

			to += run;
			u.at += 2 * run;
			for (size_t i = 0; u.at < end && i < 4; i++)
				to = put(to, utf16_next(&u));
		}
		buf_cut(out, before + (size_t)(to - start));
	}
	if (u.at < in.len) {
		buf_utf8(out, REPLACEMENT);
		u.bad++;
	}
	return u.bad;
}

size_t text_utf16(struct buf *out, struct span in)
{
	return utf16(out, in, 1);
}

size_t codepage_utf16be(struct buf *out, struct span in)
{
	return utf16(out, in, 0);
}

static size_t utf32(struct buf *out, struct span in, bool big)
{
	size_t at = 0, bad = 0;

	for (; in.len - at >= 4; at += 4) {
		uint32_t c = 0;

		for (size_t i = 0; i < 4; i++)
			c = c << 8 | in.at[at + (big ? i : 3 - i)];
		if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
			c = REPLACEMENT;
			bad++;
		}
		buf_utf8(out, c);
	}
	for (; at < in.len; at++, bad++)
		buf_utf8(out, REPLACEMENT);
	return bad;
}

size_t codepage_utf32le(struct buf *out, struct span in)
{
	return utf32(out, in, false);
}

size_t codepage_utf32be(struct buf *out, struct span in)
{
	return utf32(out, in, true);
}

/* Characters that are not seen, but change what is. */
static const struct {
	uint32_t from, to;
} unsafe[] = {
	{ 0x00, 0x1F },	      /* controls */
	{ 0x7F, 0x9F },	      /* and those above */
	{ 0xAD, 0xAD },	      /* soft hyphen */
	{ 0x061C, 0x061C },   /* Arabic letter mark */
	{ 0x180E, 0x180E },   /* Mongolian vowel separator */
	{ 0x200B, 0x200B },   /* zero width space; not the joiners */
	{ 0x200E, 0x200F },   /* left-to-right, right-to-left mark */
	{ 0x2028, 0x202E },   /* separators, embeddings and overrides */
	{ 0x2060, 0x206F },   /* invisible operators, isolates */
	{ 0xFEFF, 0xFEFF },   /* byte order mark */
	{ 0xFFF9, 0xFFFC },   /* annotation, object replacement */
	{ 0xE0000, 0xE007F }, /* tags */
};

static bool is_unsafe(uint32_t c)
{
	for (size_t i = 0; i < sizeof(unsafe) / sizeof(unsafe[0]); i++)
		if (c >= unsafe[i].from && c <= unsafe[i].to)
			return true;
	return false;
}

/* Bytes of the character that `in` begins with, which is `*c`; 0: none. */
static size_t take_utf8(struct span in, uint32_t *c)
{
	const uint8_t first = in.at[0];
	const size_t len = first < 0x80	  ? 1
			   : first < 0xE0 ? 2
			   : first < 0xF0 ? 3
					  : 4;

	*c = len == 1 ? first : first & (0x7FU >> len);
	if (len > in.len || !text_is_utf8(span_of(in.at, len)))
		return 0;
	for (size_t i = 1; i < len; i++)
		*c = *c << 6 | (in.at[i] & 0x3F);
	return len;
}

/* The length of the run of printable ASCII at the front. */
static size_t printable_run(struct span in)
{
	size_t i = 0;

	while (i < in.len && in.at[i] >= ' ' && in.at[i] < 0x7F)
		i++;
	return i;
}

void text_safe(struct buf *out, struct span in, bool lines)
{
	for (;;) {
		const size_t plain = printable_run(in);
		uint32_t c;

		buf_add(out, in.at, plain);
		(void)span_sub(in, plain, in.len - plain, &in);
		if (in.len == 0)
			break;
		const size_t len = take_utf8(in, &c);
		const size_t step = len > 0 ? len : 1;

		if (len > 0 && (!is_unsafe(c) || (lines && c == '\n')))
			buf_add(out, in.at, len);
		else
			buf_byte(out, '?');
		(void)span_sub(in, step, in.len - step, &in);
	}
}
