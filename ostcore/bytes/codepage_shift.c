/*
 * codepage_shift.c - pages in which a sequence changes what follows
 *
 * Those that iconv of glibc lacks, or decodes other than Windows does. The
 * two East Asian ones are turned into a page without shifts first.
 */
#include "bytes/codepage.h"
#include "bytes/text.h"

enum { REPLACEMENT = 0xFFFD, ESC = 0x1B, SO = 0x0E, SI = 0x0F };
enum { CP_JAPANESE = 932, CP_CHINESE = 936, CP_EUC_JP = 20932 };

size_t codepage_ascii(struct buf *out, struct span in)
{
	size_t bad = 0;

	for (size_t i = 0; i < in.len; i++) {
		if (in.at[i] < 0x80) {
			buf_byte(out, (char)in.at[i]);
			continue;
		}
		buf_utf8(out, REPLACEMENT);
		bad++;
	}
	return bad;
}

/*
 * UTF-7 [RFC 2152]: between '+' and the first character outside its alphabet,
 * base64 of UTF-16BE; "+-" is a plus.
 */

static int base64_value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Decode the run at `*at`, behind its '+', and step over it. */
static size_t utf7_run(struct buf *out, struct span in, size_t *at)
{
	struct buf units = { 0 };
	const size_t start = *at;
	uint32_t bits = 0;
	unsigned have = 0;
	size_t bad = 0;
	int value;

	while (*at < in.len && (value = base64_value(in.at[*at])) >= 0) {
		bits = bits << 6 | (uint32_t)value;
		have += 6;
		(*at)++;
		if (have < 16)
			continue;
		have -= 16;
		buf_byte(&units, (char)(uint8_t)(bits >> (have + 8)));
		buf_byte(&units, (char)(uint8_t)(bits >> have));
		bits &= (1U << have) - 1;
	}
	bad = codepage_utf16be(out, buf_span(&units));
	if (units.bad)
		out->bad = true;
	buf_free(&units);
	if (*at < in.len && in.at[*at] == '-') {
		if (*at == start)
			buf_byte(out, '+');
		(*at)++;
	} else if (*at == start) {
		have = 6; /* a plus that begins nothing */
	}
	if (have >= 6 || bits != 0) { /* padding is short, and zeros */
		buf_utf8(out, REPLACEMENT);
		bad++;
	}
	return bad;
}

size_t codepage_utf7(struct buf *out, struct span in)
{
	size_t at = 0, bad = 0;

	while (at < in.len) {
		const uint8_t c = in.at[at++];

		if (c == '+') {
			bad += utf7_run(out, in, &at);
		} else if (c < 0x80) {
			buf_byte(out, (char)c);
		} else {
			buf_utf8(out, REPLACEMENT);
			bad++;
		}
	}
	return bad;
}

/*
 * ISO-2022-JP [RFC 1468, 2237] as Windows has it (50220 to 50222): JIS X 0208
 * is that of code page 932 with the rows of NEC, and kana may be half-width.
 */

enum jis_set { JIS_ASCII, JIS_KANA, JIS_0208, JIS_0212 };

static const struct jis_escape {
	const char *sequence; /* behind ESC */
	enum jis_set set;
} jis_escapes[] = {
	{ "(B", JIS_ASCII }, { "(J", JIS_ASCII }, { "(I", JIS_KANA },
	{ "$(@", JIS_0208 }, { "$(B", JIS_0208 }, { "$(D", JIS_0212 },
	{ "$@", JIS_0208 },  { "$B", JIS_0208 },  { "(H", JIS_ASCII },
	{ "&@", JIS_ASCII }, /* of the revision; "$B" follows */
};

/* The escape at the front of `in`, behind its ESC; NULL: none we know. */
static const struct jis_escape *jis_escape_at(struct span in)
{
	const size_t count = sizeof(jis_escapes) / sizeof(jis_escapes[0]);

	for (size_t i = 0; i < count; i++) {
		const size_t len = strlen(jis_escapes[i].sequence);

		if (in.len >= len &&
		    memcmp(in.at, jis_escapes[i].sequence, len) == 0)
			return &jis_escapes[i];
	}
	return NULL;
}

/* Row and cell of JIS X 0208, 0x21 to 0x7E each, as code page 932 has them. */
static void add_shifted(struct buf *out, uint8_t row, uint8_t cell)
{
	const uint8_t half = (uint8_t)((row - 0x21) / 2);
	const uint8_t lead = (uint8_t)(half + (half < 0x1F ? 0x81 : 0xC1));
	const uint8_t trail = row % 2 == 0  ? (uint8_t)(cell + 0x7E)
			      : cell < 0x60 ? (uint8_t)(cell + 0x1F)
					    : (uint8_t)(cell + 0x20);

	buf_byte(out, (char)lead);
	buf_byte(out, (char)trail);
}

/* Bytes of one page, gathered to be decoded together. */
struct gathered {
	struct buf *out;
	struct buf bytes;
	unsigned cp;
	size_t bad;
};

static void flush(struct gathered *g)
{
	const size_t bad = text_codepage(g->out, g->cp, buf_span(&g->bytes));

	/* Without the page nothing of it can be had. */
	if (bad == SIZE_MAX)
		g->bad += codepage_ascii(g->out, buf_span(&g->bytes));
	else
		g->bad += bad;
	if (g->bytes.bad)
		g->out->bad = true;
	buf_free(&g->bytes);
}

/* A pair of JIS X 0212 is three bytes of EUC-JP, which 932 has no room for. */
static void add_0212(struct gathered *g, uint8_t row, uint8_t cell)
{
	const uint8_t euc[] = { 0x8F, (uint8_t)(row | 0x80),
				(uint8_t)(cell | 0x80) };
	size_t bad;

	flush(g);
	bad = text_codepage(g->out, CP_EUC_JP, span_of(euc, sizeof(euc)));
	g->bad += bad == SIZE_MAX ? 1 : bad;
}

static bool is_94(uint8_t c)
{
	return c >= 0x21 && c <= 0x7E;
}

static void bad_byte(struct gathered *g)
{
	flush(g);
	buf_utf8(g->out, REPLACEMENT);
	g->bad++;
}

size_t codepage_jis(struct buf *out, struct span in)
{
	struct gathered g = { .out = out, .cp = CP_JAPANESE };
	enum jis_set set = JIS_ASCII, before = JIS_ASCII;
	const struct jis_escape *escape;
	struct cursor c = cur_at(in, 0);

	while (c.rest.len > 0) {
		const uint8_t b = cur_u8(&c);
		const uint8_t next = c.rest.len > 0 ? c.rest.at[0] : 0;

		if (b == ESC && (escape = jis_escape_at(c.rest)) != NULL) {
			(void)cur_span(&c, strlen(escape->sequence));
			set = escape->set;
		} else if (b == SO && set != JIS_KANA) {
			before = set;
			set = JIS_KANA;
		} else if (b == SI && set == JIS_KANA) {
			set = before;
		} else if (set == JIS_ASCII || !is_94(b)) {
			buf_byte(&g.bytes, (char)b); /* 8-bit kana, controls */
		} else if (set == JIS_KANA) {
			buf_byte(&g.bytes, (char)(uint8_t)(b | 0x80));
		} else if (!is_94(next)) {
			bad_byte(&g);
		} else {
			(void)cur_u8(&c);
			if (set == JIS_0208)
				add_shifted(&g.bytes, b, next);
			else
				add_0212(&g, b, next);
		}
	}
	flush(&g);
	return g.bad;
}

/*
 * HZ [RFC 1843]: GB 2312 between "~{" and "~}" or the end of the line; "~~"
 * is a tilde, and a tilde before a line end takes it away.
 */
size_t codepage_hz(struct buf *out, struct span in)
{
	struct gathered g = { .out = out, .cp = CP_CHINESE };
	struct cursor c = cur_at(in, 0);
	bool chinese = false;

	while (c.rest.len > 0) {
		const uint8_t b = cur_u8(&c);
		const uint8_t next = c.rest.len > 0 ? c.rest.at[0] : 0;

		if (b == '~' && (next == '{' || next == '}')) {
			chinese = next == '{';
			(void)cur_u8(&c);
		} else if (b == '~' && !chinese &&
			   (next == '~' || next == '\n')) {
			(void)cur_u8(&c);
			if (next == '~')
				buf_byte(&g.bytes, '~');
		} else if (chinese && is_94(b) && is_94(next)) {
			(void)cur_u8(&c);
			buf_byte(&g.bytes, (char)(uint8_t)(b | 0x80));
			buf_byte(&g.bytes, (char)(uint8_t)(next | 0x80));
		} else if (chinese && is_94(b)) {
			bad_byte(&g);
		} else {
			chinese = chinese && b != '\n';
			buf_byte(&g.bytes, (char)b);
		}
	}
	flush(&g);
	return g.bad;
}
