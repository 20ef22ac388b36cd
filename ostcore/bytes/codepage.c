/*
 * codepage.c - Windows code pages to UTF-8
 *
 * One row a page. Most are decoded by iconv, with the differences between
 * glibc and Windows made good here. Nothing depends on the locale.
 */
#include "bytes/codepage.h"

#include <errno.h>
#include <iconv.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "bytes/text.h"

enum { REPLACEMENT = 0xFFFD };

enum how {
	SINGLE,	 /* a byte a character */
	WINDOWS, /* the same; holes from 0x80 to 0x9F are C1 controls */
	MULTI,	 /* more than one byte, or a base and its accent */
};

static const struct page {
	uint16_t cp;
	enum how how;
	const char *iconv;  /* NULL: codepage_uppers has it, or `own` */
	const char *second; /* asked for what `iconv` does not know */
	size_t (*own)(struct buf *out, struct span in);
} pages[] = {
	/* IBM EBCDIC */
	{ 37, SINGLE, "IBM037" },
	{ 500, SINGLE, "IBM500" },
	{ 870, SINGLE, "IBM870" },
	{ 875, SINGLE, "IBM875" },
	{ 1026, SINGLE, "IBM1026" },
	{ 1047, SINGLE, "IBM1047" },
	{ 1140, SINGLE, "IBM1140" },
	{ 1141, SINGLE, "IBM1141" },
	{ 1142, SINGLE, "IBM1142" },
	{ 1143, SINGLE, "IBM1143" },
	{ 1144, SINGLE, "IBM1144" },
	{ 1145, SINGLE, "IBM1145" },
	{ 1146, SINGLE, "IBM1146" },
	{ 1147, SINGLE, "IBM1147" },
	{ 1148, SINGLE, "IBM1148" },
	{ 1149, SINGLE, "IBM1149" },
	{ 20273, SINGLE, "IBM273" },
	{ 20277, SINGLE, "IBM277" },
	{ 20278, SINGLE, "IBM278" },
	{ 20280, SINGLE, "IBM280" },
	{ 20284, SINGLE, "IBM284" },
	{ 20285, SINGLE, "IBM285" },
	{ 20290, SINGLE, "IBM290" },
	{ 20297, SINGLE, "IBM297" },
	{ 20420, SINGLE, "IBM420" },
	{ 20423, SINGLE, "IBM423" },
	{ 20424, SINGLE, "IBM424" },
	{ 20871, SINGLE, "IBM871" },
	{ 20880, SINGLE, "IBM880" },
	{ 20905, SINGLE, "IBM905" },
	{ 21025, SINGLE, "IBM1025" },

	/* DOS */
	{ 437, WINDOWS, "CP437" },
	{ 708, WINDOWS },
	{ 720, WINDOWS },
	{ 737, WINDOWS, "CP737" },
	{ 775, WINDOWS, "CP775" },
	{ 850, WINDOWS, "CP850" },
	{ 852, WINDOWS, "CP852" },
	{ 855, WINDOWS, "CP855" },
	{ 857, WINDOWS, "CP857" },
	{ 858, WINDOWS, "CP858" },
	{ 860, WINDOWS, "CP860" },
	{ 861, WINDOWS, "CP861" },
	{ 862, WINDOWS, "CP862" },
	{ 863, WINDOWS, "CP863" },
	{ 864, WINDOWS, "CP864" },
	{ 865, WINDOWS, "CP865" },
	{ 866, WINDOWS, "CP866" },
	{ 869, WINDOWS, "CP869" },

	/* Windows; 932 is not SHIFT_JIS: 8160 is U+FF5E, not U+301C */
	{ 874, WINDOWS, "CP874" },
	{ 932, MULTI, "CP932" },
	{ 936, MULTI, "CP936", "GB18030" },
	{ 949, MULTI, "CP949" },
	{ 950, MULTI, "CP950", "BIG5-HKSCS" },
	{ 1250, WINDOWS, "CP1250" },
	{ 1251, WINDOWS, "CP1251" },
	{ 1252, WINDOWS, "CP1252" },
	{ 1253, WINDOWS, "CP1253" },
	{ 1254, WINDOWS, "CP1254" },
	{ 1255, WINDOWS, "CP1255" },
	{ 1256, WINDOWS, "CP1256" },
	{ 1257, WINDOWS, "CP1257" },
	{ 1258, WINDOWS, "CP1258" },
	{ 1361, MULTI, "JOHAB" },

	/* Macintosh; the Asian ones are those of Windows but for a few signs */
	{ 10000, SINGLE, "MACINTOSH" },
	{ 10001, MULTI, "CP932" },
	{ 10002, MULTI, "CP950", "BIG5-HKSCS" },
	{ 10003, MULTI, "CP949" },
	{ 10004, SINGLE },
	{ 10005, SINGLE },
	{ 10006, SINGLE },
	{ 10007, SINGLE, "MAC-CYRILLIC" },
	{ 10008, MULTI, "CP936", "GB18030" },
	{ 10010, SINGLE },
	{ 10017, SINGLE, "MAC-UK" },
	{ 10021, SINGLE },
	{ 10029, SINGLE, "MAC-CENTRALEUROPE" },
	{ 10079, SINGLE },
	{ 10081, SINGLE },
	{ 10082, SINGLE },

	/* ISO; mail that says 8859-1 or -9 means what Windows has for it */
	{ 20105, MULTI, .own = codepage_ascii },
	{ 20106, SINGLE, "DIN_66003" },
	{ 20107, SINGLE, "SEN_850200_B" },
	{ 20108, SINGLE, "NS_4551-1" },
	{ 20127, MULTI, .own = codepage_ascii },
	{ 20261, MULTI, "T.61" },
	{ 20269, MULTI, "ISO_6937" },
	{ 20866, SINGLE, "KOI8-R" },
	{ 21866, SINGLE, "KOI8-U" },
	{ 28591, WINDOWS, "CP1252" },
	{ 28592, SINGLE, "ISO-8859-2" },
	{ 28593, SINGLE, "ISO-8859-3" },
	{ 28594, SINGLE, "ISO-8859-4" },
	{ 28595, SINGLE, "ISO-8859-5" },
	{ 28596, SINGLE, "ISO-8859-6" },
	{ 28597, SINGLE, "ISO-8859-7" },
	{ 28598, SINGLE, "ISO-8859-8" },
	{ 28599, WINDOWS, "CP1254" },
	{ 28600, SINGLE, "ISO-8859-10" },
	{ 28601, SINGLE, "ISO-8859-11" },
	{ 28603, SINGLE, "ISO-8859-13" },
	{ 28604, SINGLE, "ISO-8859-14" },
	{ 28605, SINGLE, "ISO-8859-15" },
	{ 28606, SINGLE, "ISO-8859-16" },
	{ 38598, SINGLE, "ISO-8859-8" },

	/* East Asia, by mail and by Unix; glibc knows no row 13 in 50220 */
	{ 20932, MULTI, "EUC-JP" },
	{ 20936, MULTI, "CP936", "GB18030" },
	{ 20949, MULTI, "EUC-KR", "CP949" },
	{ 50220, MULTI, .own = codepage_jis },
	{ 50221, MULTI, .own = codepage_jis },
	{ 50222, MULTI, .own = codepage_jis },
	{ 50225, MULTI, "ISO-2022-KR" },
	{ 50227, MULTI, "ISO-2022-CN" },
	{ 51932, MULTI, "EUC-JP-MS", "EUC-JP" },
	{ 51936, MULTI, "EUC-CN", "GB18030" },
	{ 51949, MULTI, "EUC-KR", "CP949" },
	{ 51950, MULTI, "EUC-TW" },
	{ 52936, MULTI, .own = codepage_hz },
	{ 54936, MULTI, "GB18030" },

	/* Unicode */
	{ 1200, MULTI, .own = text_utf16 },
	{ 1201, MULTI, .own = codepage_utf16be },
	{ 12000, MULTI, .own = codepage_utf32le },
	{ 12001, MULTI, .own = codepage_utf32be },
	{ 65000, MULTI, .own = codepage_utf7 },
	{ 65001, MULTI, .own = codepage_utf8 },
};

enum { PAGES = sizeof(pages) / sizeof(pages[0]) };

/* The UTF-8 of a byte. */
struct cell {
	char at[3];
	uint8_t len; /* 0: the byte is no text */
};

struct table {
	struct cell cells[256];
	bool ascii; /* below 0x80 it is ASCII */
};

/*
 * Made at first use and kept: opening a converter costs far more than most
 * texts. A slot holds one that nobody uses just now, so no lock is needed:
 * whoever finds none opens his own, whoever finds the slot taken closes his.
 */
static _Atomic(struct table *) tables[PAGES];
static _Atomic(iconv_t) idle[PAGES][2];

static const iconv_t none = (iconv_t)-1;

static iconv_t take(const struct page *p, bool second)
{
	const iconv_t cd = atomic_exchange(&idle[p - pages][second], NULL);

	return cd != NULL ? cd
			  : iconv_open("UTF-8", second ? p->second : p->iconv);
}

static void give_back(const struct page *p, bool second, iconv_t cd)
{
	if (cd == none)
		return;
	cd = atomic_exchange(&idle[p - pages][second], cd);
	if (cd != NULL)
		iconv_close(cd);
}

/*
 * Convert from the front of `in` on as far as it is text, and leave `cd` in
 * its first state. Returns how many bytes that was.
 */
static size_t convert(iconv_t cd, struct span in, struct buf *out)
{
	char *from = (char *)(uintptr_t)in.at; /* iconv(3) does not write */
	size_t left = in.len;
	char cap[4096], *to;
	size_t space;
	bool full;

	do {
		to = cap;
		space = sizeof(cap);
		full = iconv(cd, &from, &left, &to, &space) == (size_t)-1 &&
		       errno == E2BIG;
		buf_add(out, cap, sizeof(cap) - space);
	} while (full);
	to = cap;
	space = sizeof(cap);
	(void)iconv(cd, NULL, NULL, &to, &space); /* what it held back */
	buf_add(out, cap, sizeof(cap) - space);
	return in.len - left;
}

/* Convert one character. Returns its bytes; 0 if there is none. */
static size_t convert_one(iconv_t cd, struct span in, struct buf *out)
{
	enum { LONGEST = 4 };
	const size_t before = out->len;
	struct span part;

	for (size_t n = 1; n <= LONGEST && span_sub(in, 0, n, &part); n++) {
		if (convert(cd, part, out) == n && out->len > before)
			return n;
		buf_cut(out, before);
	}
	return 0;
}

static size_t decode_multi(const struct page *p, struct buf *out,
			   struct span in)
{
	const iconv_t first = take(p, false);
	const iconv_t second = p->second != NULL ? take(p, true) : none;
	size_t bad = 0, done;

	while (first != none && in.len > 0) {
		done = convert(first, in, out);
		(void)span_sub(in, done, in.len - done, &in);
		if (in.len == 0)
			break;
		done = second != none ? convert_one(second, in, out) : 0;
		if (done == 0) {
			buf_utf8(out, REPLACEMENT);
			bad++;
			done = 1;
		}
		(void)span_sub(in, done, in.len - done, &in);
	}
	give_back(p, false, first);
	give_back(p, true, second);
	return first != none ? bad : SIZE_MAX;
}

static void set_cell(struct cell *cell, uint32_t c)
{
	struct buf utf8 = { 0 };

	buf_utf8(&utf8, c);
	if (utf8.len <= sizeof(cell->at)) {
		memcpy(cell->at, utf8.at, utf8.len);
		cell->len = (uint8_t)utf8.len;
	}
	buf_free(&utf8);
}

/* What glibc leaves out of a page, and Windows does not. */
static void fill_holes(const struct page *p, struct table *t)
{
	for (uint8_t b = 0x80; p->how == WINDOWS && b < 0xA0; b++)
		if (t->cells[b].len == 0)
			set_cell(&t->cells[b], b);
	if (p->cp == 1255)
		set_cell(&t->cells[0xCA], 0x05BA); /* holam haser */
}

static bool fill_from_iconv(const struct page *p, struct table *t)
{
	const iconv_t cd = take(p, false);
	struct buf utf8 = { 0 };

	for (unsigned i = 0; cd != none && i < 256; i++) {
		const uint8_t b = (uint8_t)i;

		buf_cut(&utf8, 0);
		if (convert(cd, span_of(&b, 1), &utf8) == 1 &&
		    utf8.len <= sizeof(t->cells[i].at)) {
			memcpy(t->cells[i].at, utf8.at, utf8.len);
			t->cells[i].len = (uint8_t)utf8.len;
		}
	}
	buf_free(&utf8);
	give_back(p, false, cd);
	return cd != none;
}

static bool fill_from_upper(const struct page *p, struct table *t)
{
	size_t i = 0;

	while (i < CODEPAGE_UPPERS && codepage_uppers[i].cp != p->cp)
		i++;
	if (i == CODEPAGE_UPPERS)
		return false;
	for (uint8_t b = 0; b < 0x80; b++) {
		set_cell(&t->cells[b], b);
		if (codepage_uppers[i].upper[b] != 0)
			set_cell(&t->cells[b | 0x80],
				 codepage_uppers[i].upper[b]);
	}
	return true;
}

static struct table *new_table(const struct page *p)
{
	struct table *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	if (!(p->iconv != NULL ? fill_from_iconv(p, t)
			       : fill_from_upper(p, t))) {
		free(t);
		return NULL;
	}
	fill_holes(p, t);
	t->ascii = true;
	for (uint8_t b = 0; b < 0x80; b++)
		t->ascii = t->ascii && t->cells[b].len == 1 &&
			   t->cells[b].at[0] == (char)b;
	return t;
}

/* The table of a single-byte page; NULL: it is not to be had. */
static const struct table *table_of(const struct page *p)
{
	struct table *t = atomic_load(&tables[p - pages]), *fresh;

	if (t != NULL)
		return t;
	fresh = new_table(p);
	if (fresh == NULL ||
	    atomic_compare_exchange_strong(&tables[p - pages], &t, fresh))
		return fresh;
	free(fresh);
	return t; /* another thread's */
}

static size_t decode_single(const struct page *p, struct buf *out,
			    struct span in)
{
	enum { CHUNK = 4096 };
	static const struct cell lost = { { '\xEF', '\xBF', '\xBD' }, 3 };
	const struct table *t = table_of(p);
	size_t bad = 0;

	if (t == NULL)
		return SIZE_MAX;
	if (t->ascii && text_is_ascii(in)) {
		buf_add(out, in.at, in.len);
		return 0;
	}
	for (size_t i = 0; i < in.len;) {
		const size_t left = in.len - i, before = out->len;
		const size_t end = i + (left < CHUNK ? left : CHUNK);
		char *const start = buf_more(out, (end - i) * sizeof(lost.at));
		char *to = start;

		if (start == NULL)
			return bad;
		for (; i < end; i++) {
			const struct cell *c = &t->cells[in.at[i]];

			if (c->len == 0) {
				c = &lost;
				bad++;
			}
			memcpy(to, c->at, c->len);
			to += c->len;
		}
		buf_cut(out, before + (size_t)(to - start));
	}
	return bad;
}

static const struct page *find(unsigned cp)
{
	for (size_t i = 0; i < PAGES; i++)
		if (pages[i].cp == cp)
			return &pages[i];
	return NULL;
}

size_t text_codepage(struct buf *out, unsigned cp, struct span in)
{
	const struct page *p = find(cp);

	if (p == NULL)
		return SIZE_MAX;
	if (p->own != NULL)
		return p->own(out, in);
	return p->how == MULTI ? decode_multi(p, out, in)
			       : decode_single(p, out, in);
}

/* True only if what decodes it is really there: glibc may be cut down. */
bool text_knows(unsigned cp)
{
	const struct page *p = find(cp);

	if (p == NULL || p->own != NULL)
		return p != NULL;
	if (p->how != MULTI)
		return table_of(p) != NULL;

	const iconv_t cd = take(p, false);
	give_back(p, false, cd);
	return cd != none;
}

void text_load(void)
{
	/* Whoever starts us has no say in how text is read. */
	unsetenv("GCONV_PATH");
	for (size_t i = 0; i < PAGES; i++) {
		const struct page *p = &pages[i];

		if (p->own != NULL)
			continue;
		if (p->how != MULTI) {
			(void)table_of(p);
			continue;
		}
		give_back(p, false, take(p, false));
		if (p->second != NULL)
			give_back(p, true, take(p, true));
	}
}
