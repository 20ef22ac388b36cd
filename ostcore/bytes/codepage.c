/*
 * codepage.c - Windows code pages to UTF-8
 *
 * Single-byte pages are tables of ours. The others have a row here: most are
 * decoded by iconv, with the differences between glibc and Windows made good.
 * Nothing depends on the locale.
 */
#include "bytes/codepage.h"

#include <errno.h>
#include <iconv.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "bytes/text.h"

enum { REPLACEMENT = 0xFFFD };

/*
 * Pages of more than a byte a character, or of a base and its accent. Their
 * tables hold some 90,000 characters: those of iconv serve.
 */
static const struct page {
	uint16_t cp;
	const char *iconv;  /* NULL: `own` */
	const char *second; /* asked for what `iconv` does not know */
	size_t (*own)(struct buf *out, struct span in);
} pages[] = {
	/* Windows; 932 is not SHIFT_JIS: 8160 is U+FF5E, not U+301C */
	{ 932, "CP932" },
	{ 936, "CP936", "GB18030" },
	{ 949, "CP949" },
	{ 950, "CP950", "BIG5-HKSCS" },
	{ 1361, "JOHAB" },

	/* Macintosh; these are those of Windows but for a few signs */
	{ 10001, "CP932" },
	{ 10002, "CP950", "BIG5-HKSCS" },
	{ 10003, "CP949" },
	{ 10008, "CP936", "GB18030" },

	/* ISO */
	{ 20105, .own = codepage_ascii },
	{ 20127, .own = codepage_ascii },
	{ 20261, "T.61" },
	{ 20269, "ISO_6937" },

	/* East Asia, by mail and by Unix; glibc knows no row 13 in 50220 */
	{ 20932, "EUC-JP" },
	{ 20936, "CP936", "GB18030" },
	{ 20949, "EUC-KR", "CP949" },
	{ 50220, .own = codepage_jis },
	{ 50221, .own = codepage_jis },
	{ 50222, .own = codepage_jis },
	{ 50225, "ISO-2022-KR" },
	{ 50227, "ISO-2022-CN" },
	{ 51932, "EUC-JP-MS", "EUC-JP" },
	{ 51936, "EUC-CN", "GB18030" },
	{ 51949, "EUC-KR", "CP949" },
	{ 51950, "EUC-TW" },
	{ 52936, .own = codepage_hz },
	{ 54936, "GB18030" },

	/* Unicode */
	{ 1200, .own = text_utf16 },
	{ 1201, .own = codepage_utf16be },
	{ 12000, .own = codepage_utf32le },
	{ 12001, .own = codepage_utf32be },
	{ 65000, .own = codepage_utf7 },
	{ 65001, .own = codepage_utf8 },
};

enum { PAGES = sizeof(pages) / sizeof(pages[0]) };

/*
 * Made at first use and kept: opening a converter costs far more than most
 * texts. A slot holds one that nobody uses just now, so no lock is needed:
 * whoever finds none opens his own, whoever finds the slot taken closes his.
 */
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

/*
 * What users of Windows may define in Korean: two rows, private use. Returns
 * its bytes; 0 if there is none.
 */
static size_t korean_private(unsigned cp, struct span in, struct buf *out)
{
	enum { FIRST = 0xA1, LAST = 0xFE, ROW = LAST - FIRST + 1 };

	if ((cp != 949 && cp != 20949 && cp != 51949) || in.len < 2 ||
	    (in.at[0] != 0xC9 && in.at[0] != 0xFE) || in.at[1] < FIRST ||
	    in.at[1] > LAST)
		return 0;
	buf_utf8(out,
		 0xE000U + (in.at[0] == 0xFE ? ROW : 0) + in.at[1] - FIRST);
	return 2;
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
		done = korean_private(p->cp, in, out);
		if (done == 0 && second != none)
			done = convert_one(second, in, out);
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

static const struct page *find(unsigned cp)
{
	for (size_t i = 0; i < PAGES; i++)
		if (pages[i].cp == cp)
			return &pages[i];
	return NULL;
}

size_t text_codepage(struct buf *out, unsigned cp, struct span in)
{
	const struct codepage_single *single = codepage_single(cp);
	const struct page *p;

	if (single != NULL)
		return codepage_decode_single(single, out, in);
	p = find(cp);
	if (p == NULL)
		return SIZE_MAX;
	return p->own != NULL ? p->own(out, in) : decode_multi(p, out, in);
}

/* True only if what decodes it is really there: glibc may be cut down. */
bool text_knows(unsigned cp)
{
	const struct page *p = find(cp);

	if (p == NULL || p->own != NULL)
		return p != NULL || codepage_single(cp) != NULL;

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
		give_back(p, false, take(p, false));
		if (p->second != NULL)
			give_back(p, true, take(p, true));
	}
}
