/*
 * test_text.c - the text of a store to UTF-8
 */
#include "bytes/text.h"

#include <pthread.h>

#include "check.h"

/* Pages that text_codepage() knows. */
enum { PAGES = 125 };

#define LOST "\xEF\xBF\xBD"

/* Bytes of a literal, which may hold NULs. */
#define BYTES(s) span_of((s), sizeof(s) - 1)

static void decodes_utf16(void)
{
	const struct {
		struct span in;
		const char *want;
		size_t bad;
	} cases[] = {
		{ BYTES(""), "", 0 },
		{ BYTES("a\0\xE9\0\xAC\x20\x3D\xD8\x00\xDE"),
		  "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 0 },
		{ BYTES("\xFF\xFF"), "\xEF\xBF\xBF", 0 },
		/* odd last byte */
		{ BYTES("a\0b"), "a" LOST, 1 },
		{ BYTES("b"), LOST, 1 },
		/* high alone: at the end, before a letter, before another */
		{ BYTES("\x3D\xD8"), LOST, 1 },
		{ BYTES("\x3D\xD8x\0"), LOST "x", 1 },
		{ BYTES("\x3D\xD8\x3D\xD8\x00\xDE"), LOST "\xF0\x9F\x98\x80",
		  1 },
		{ BYTES("\x3D\xD8\x00"), LOST LOST, 2 },
		/* low alone, and the wrong way round */
		{ BYTES("\x00\xDEx\0"), LOST "x", 1 },
		{ BYTES("\x00\xDE\x3D\xD8"), LOST LOST, 2 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = { 0 };

		CHECK(text_utf16(&out, cases[i].in) == cases[i].bad);
		CHECK_STR(buf_text(&out), cases[i].want);
		buf_free(&out);
	}
}

static void joins_a_surrogate_pair_anywhere_in_a_long_text(void)
{
	enum { UNITS = 9001 };
	static const char pair[] = { 0x3D, (char)0xD8, 0x00, (char)0xDE };

	/* Around every place where the decoder may pause. */
	for (size_t at = 4090; at < 4100; at++) {
		struct buf in = { 0 }, out = { 0 };

		for (size_t i = 0; i < UNITS; i++)
			buf_add(&in, i == at ? pair : "x", i == at ? 4 : 2);
		CHECK(text_utf16(&out, buf_span(&in)) == 0);
		CHECK(out.len == UNITS - 1 + 4);
		CHECK(memcmp(out.at + at, "\xF0\x9F\x98\x80x", 5) == 0);
		buf_free(&in);
		buf_free(&out);
	}
}

static void knows_well_formed_utf8(void)
{
	const struct {
		struct span in;
		size_t bad; /* bytes that are not */
	} cases[] = {
		{ BYTES(""), 0 },
		{ BYTES("plain\0ascii, more than eight of them"), 0 },
		{ BYTES("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), 0 },
		{ BYTES("\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF"), 0 },
		{ BYTES("\xEE\x80\x80\xEF\xBF\xBF\xF0\x90\x80\x80"), 0 },
		{ BYTES("\xF4\x8F\xBF\xBF"), 0 },
		{ BYTES("\x80"), 1 },	  /* no lead */
		{ BYTES("\xC0\xAF"), 2 }, /* overlong */
		{ BYTES("\xC1\xBF"), 2 },
		{ BYTES("\xE0\x9F\xBF"), 3 },
		{ BYTES("\xF0\x8F\xBF\xBF"), 4 },
		{ BYTES("\xED\xA0\x80"), 3 },	  /* surrogate */
		{ BYTES("\xF4\x90\x80\x80"), 4 }, /* past the end */
		{ BYTES("\xF5\x80\x80\x80"), 4 },
		{ BYTES("\xC3"), 1 }, /* cut short */
		{ BYTES("\xE2\x82"), 2 },
		{ BYTES("\xF0\x9F\x98"), 3 },
		{ BYTES("\xE2\x82x"), 2 },
		{ BYTES("abcdefgh\xFF"
			"abcdefgh\xFE"),
		  2 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = { 0 };

		CHECK(text_is_utf8(cases[i].in) == (cases[i].bad == 0));
		CHECK(text_codepage(&out, 65001, cases[i].in) == cases[i].bad);
		CHECK(text_is_utf8(buf_span(&out)));
		CHECK(out.len == cases[i].in.len + 2 * cases[i].bad);
		buf_free(&out);
	}
	CHECK(text_is_ascii(BYTES("0123456789")));
	CHECK(!text_is_ascii(BYTES("012345678\x80")));
	CHECK(!text_is_ascii(BYTES("\x80"
				   "012345678")));
}

static void decodes_code_pages_as_windows_does(void)
{
	const struct {
		unsigned cp;
		struct span in;
		const char *want;
		size_t bad;
	} cases[] = {
		{ 1252, BYTES("\x93q\x94 \x80"), "“q” €", 0 },
		{ 1252, BYTES("\x81\x8D\x8F\x90\x9D"),
		  "\xC2\x81\xC2\x8D\xC2\x8F\xC2\x90\xC2\x9D", 0 },
		{ 28591, BYTES("\x93\xE9"), "“é", 0 },
		{ 28605, BYTES("\xA4"), "€", 0 },
		{ 1251, BYTES("\xCF\xF0\x98"), "Пр\xC2\x98", 0 },
		{ 1253, BYTES("\xAA"), LOST, 1 },
		/* bases and accents stay as they are stored */
		{ 1255, BYTES("\xF9\xD1\xCA"), "\xD7\xA9\xD7\x81\xD6\xBA", 0 },
		{ 1258, BYTES("a\xEC"), "a\xCC\x81", 0 },
		{ 864, BYTES("5%"), "5٪", 0 },
		{ 720, BYTES("\x82\xAB"), "éس", 0 },
		{ 708, BYTES("\x82\xD5"), "éص", 0 },
		{ 10000, BYTES("\x8E\xDB"), "é€", 0 },
		{ 10006, BYTES("\xE1"), "α", 0 },
		{ 10081, BYTES("\xDC\xDD"), "İı", 0 },
		{ 10021, BYTES("\xA1\xFC"), "ก" LOST, 1 },
		{ 37, BYTES("\xC1\x6B\xF1"), "A,1", 0 },
		{ 20127, BYTES("a\x80"), "a" LOST, 1 },
		/* 932 is not SHIFT_JIS: 8160 is the full-width tilde */
		{ 932, BYTES("\x81\x60\x83\x5C\xB1\x87\x40"), "～ソｱ①", 0 },
		{ 932, BYTES("\x81 x"), LOST " x", 1 },
		{ 932, BYTES("x\x83"), "x" LOST, 1 },
		{ 936, BYTES("\xCF\xEA\x80"), "详€", 0 },
		{ 936, BYTES("\x81\x30\x81\x30z"), "\xC2\x80z", 0 },
		{ 949, BYTES("\xB0\xA1\x81\x41"), "가갂", 0 },
		{ 950, BYTES("\xA4\xA4\xF9\xD6"), "中碁", 0 },
		{ 950, BYTES("\x88\x62z"), "\xC3\x8A\xCC\x84z", 0 },
		{ 950, BYTES("\xFFz"), LOST "z", 1 },
		{ 51932, BYTES("\xA4\xA2\xAD\xA1"), "あ①", 0 },
		{ 54936, BYTES("\x94\x39\xDA\x33"), "💩", 0 },
		{ 1200, BYTES("a\0"), "a", 0 },
		{ 1201, BYTES("\0a\xD8\x3D"), "a" LOST, 1 },
		{ 12000, BYTES("a\0\0\0\0\xD8\0\0\0"), "a" LOST LOST, 2 },
		{ 12001, BYTES("\0\1\xF6\x00"), "😀", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = { 0 };

		CHECK(text_knows(cases[i].cp));
		CHECK(text_codepage(&out, cases[i].cp, cases[i].in) ==
		      cases[i].bad);
		CHECK_STR(buf_text(&out), cases[i].want);
		buf_free(&out);
	}
}

static void decodes_pages_with_shifts(void)
{
	const struct {
		unsigned cp;
		struct span in;
		const char *want;
		size_t bad;
	} cases[] = {
		{ 50220, BYTES("a\x1B$B$\"F|\x1B(Bb"), "aあ日b", 0 },
		{ 50220, BYTES("\x1B$@-!\x1B(J\\"), "①\\", 0 },
		/* half-width kana in all three ways they come */
		{ 50221, BYTES("\x1B(I12\x1B(B1"), "ｱｲ1", 0 },
		{ 50222,
		  BYTES("\x0E"
			"12\x0F"
			"1"),
		  "ｱｲ1", 0 },
		{ 50220, BYTES("\xB1\xB2"), "ｱｲ", 0 },
		{ 50220, BYTES("\x1B$B!A!@\x1B(B"), "～＼", 0 },
		/* both halves of the rows, and the cell past the gap */
		{ 50220, BYTES("\x1B$B%!%`%v0!0~?~t&"), "ァムヶ亜蔭裾熙", 0 },
		{ 50220, BYTES("\x1B$(D0!\x1B(B."), "丂.", 0 },
		/* no way back, an odd byte, an escape nobody knows */
		{ 50220, BYTES("\x1B$B$\""), "あ", 0 },
		{ 50220, BYTES("\x1B$B$\"$"), "あ" LOST, 1 },
		{ 50220, BYTES("\x1B$B$\n$\""), LOST "\nあ", 1 },
		{ 50220, BYTES("\x1B[1m"), "\x1B[1m", 0 },
		{ 50225,
		  BYTES("\x1B$)C\x0E"
			"0!\x0F"
			"a"),
		  "가a", 0 },
		{ 52936, BYTES("a~{<:Ky2;~}b~~c"), "a己所不b~c", 0 },
		{ 52936, BYTES("~{<:\n<:~}"), "己\n<:", 0 },
		{ 52936, BYTES("a~\nb~x"), "ab~x", 0 },
		{ 52936, BYTES("~{<"), LOST, 1 },
		{ 65000, BYTES("Hi Mom +Jjo-!+2D3eAA- a+-b \\~"),
		  "Hi Mom ☺!😀 a+b \\~", 0 },
		{ 65000, BYTES("+AOk"), "é", 0 },
		{ 65000, BYTES("+AOk.+AOk-"), "é.é", 0 },
		{ 65000, BYTES("+AO"), LOST, 1 },
		{ 65000, BYTES("+ +2D0-\xE9"), LOST " " LOST LOST, 3 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = { 0 };

		CHECK(text_codepage(&out, cases[i].cp, cases[i].in) ==
		      cases[i].bad);
		CHECK_STR(buf_text(&out), cases[i].want);
		buf_free(&out);
	}
}

/* All pages there can be, each fed every pair of bytes. */
static void gives_utf8_whatever_it_is_given(void)
{
	static uint8_t in[2 * 65536];
	struct buf out = { 0 };
	size_t known = 0;

	for (size_t i = 0; i < 65536; i++) {
		in[2 * i] = (uint8_t)(i >> 8);
		in[2 * i + 1] = (uint8_t)i;
	}
	for (unsigned cp = 0; cp < 65536; cp++) {
		buf_cut(&out, 0);
		const size_t bad =
			text_codepage(&out, cp, span_of(in, sizeof(in)));

		CHECK(text_knows(cp) == (bad != SIZE_MAX));
		known += text_knows(cp);
		if (bad == SIZE_MAX)
			CHECK(out.len == 0);
		else
			CHECK(text_is_utf8(buf_span(&out)) && out.len > 0);
	}
	CHECK(known == PAGES);
	buf_free(&out);
}

static void an_illegal_byte_costs_only_itself(void)
{
	const unsigned pages[] = { 932, 936, 949, 950, 54936, 65001, 51932 };
	struct buf out = { 0 };

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		buf_cut(&out, 0);
		CHECK(text_codepage(&out, pages[i],
				    BYTES("one \xFF two \xFF three")) == 2);
		CHECK_STR(buf_text(&out), "one " LOST " two " LOST " three");
	}
	CHECK(text_codepage(&out, 4711, BYTES("a")) == SIZE_MAX);
	CHECK(text_codepage(&out, 0, BYTES("a")) == SIZE_MAX);
	buf_free(&out);
}

static void *decode_much(void *unused)
{
	size_t wrong = 0;

	for (size_t i = 0; i < 2000; i++) {
		struct buf out = { 0 };

		wrong += text_codepage(&out, 932, BYTES("\x83\x5C")) != 0;
		wrong += text_codepage(&out, 1251, BYTES("\xCF")) != 0;
		wrong += strcmp(buf_text(&out), "ソП") != 0;
		buf_free(&out);
	}
	(void)unused;
	return wrong == 0 ? NULL : (void *)(uintptr_t)wrong;
}

static void many_threads_decode_at_once(void)
{
	pthread_t threads[4];
	void *wrong = NULL;

	for (size_t i = 0; i < 4; i++)
		CHECK(pthread_create(&threads[i], NULL, decode_much, NULL) ==
		      0);
	for (size_t i = 0; i < 4; i++) {
		CHECK(pthread_join(threads[i], &wrong) == 0);
		CHECK(wrong == NULL);
	}
}

static void finds_the_page_of_a_locale(void)
{
	const struct {
		uint32_t lcid;
		unsigned cp;
	} cases[] = {
		{ 1033, 1252 },	  { 1049, 1251 },   { 1041, 932 },
		{ 2052, 936 },	  { 1028, 950 },    { 0x0C04, 950 },
		{ 1042, 949 },	  { 1054, 874 },    { 1032, 1253 },
		{ 1055, 1254 },	  { 1037, 1255 },   { 1025, 1256 },
		{ 1061, 1257 },	  { 1066, 1258 },   { 1045, 1250 },
		{ 0x041A, 1250 }, { 0x0C1A, 1251 }, { 0x241A, 1250 },
		{ 0x042C, 1254 }, { 0x082C, 1251 }, { 0x10407, 1252 },
		{ 1081, 0 },	  { 0, 0 },	    { 0xFFFFFFFF, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK(text_lcid_codepage(cases[i].lcid) == cases[i].cp);
}

static void finds_the_page_of_a_charset(void)
{
	const struct {
		const char *name;
		unsigned cp;
	} cases[] = {
		{ "UTF-8", 65001 },
		{ "utf8", 65001 },
		{ "iso-8859-1", 28591 },
		{ "ISO_8859-15", 28605 },
		{ "windows-1251", 1251 },
		{ "cp1252", 1252 },
		{ "x-cp1250", 1250 },
		{ "IBM037", 37 },
		{ "US-ASCII", 20127 },
		{ "Shift_JIS", 932 },
		{ "ISO-2022-JP", 50220 },
		{ "GB2312", 936 },
		{ "big5", 950 },
		{ "ks_c_5601-1987", 949 },
		{ "koi8-r", 20866 },
		{ "macintosh", 10000 },
		{ "hz-gb-2312", 52936 },
		{ "iso-8859-8-i", 38598 },
		{ "", 0 },
		{ "x-unknown", 0 },
		{ "windows-", 0 },
		{ "windows-1252x", 0 },
		{ "windows-9999", 0 },
		{ "cp4294968548", 0 },
		{ "iso-8859-12", 0 },
		{ "utf-8 ", 0 },
		{ "a name that is far too long to be one", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const unsigned cp = text_charset_codepage(
			span_of(cases[i].name, strlen(cases[i].name)));

		CHECK(cp == cases[i].cp);
		CHECK(cp == 0 || text_knows(cp));
	}
}

/* D9: no name of a store reaches a terminal but as what is seen. */
static void shows_nothing_that_controls_a_terminal(void)
{
	static const struct {
		const char *in, *want;
		bool lines;
	} cases[] = {
		{ "a b\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", NULL, false },
		{ "a\033[2Jb\x7F\r\n", "a?[2Jb???", false },
		{ "a\nb\tc", "a\nb?c", true },
		{ "\xC2\x9B"
		  "1m",
		  "?1m", false },
		{ "x\xE2\x80\xAEgpj.exe", "x?gpj.exe", false },
		{ "\xE2\x80\xA8\xE2\x80\xA9\xE2\x81\xA6", "???", true },
		{ "\xEF\xBB\xBF\xF3\xA0\x80\xA0", "??", false },
		{ "\xFF\xC3_\xE2\x82", "??_??", false },
		{ "\xE2\x80\x8D", NULL, false }, /* joins emoji */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *in = cases[i].in;
		struct buf out = { 0 };

		text_safe(&out, span_of(in, strlen(in)), cases[i].lines);
		CHECK_STR(buf_text(&out), cases[i].want ? cases[i].want : in);
		buf_free(&out);
	}
}

int main(void)
{
	RUN(decodes_utf16);
	RUN(joins_a_surrogate_pair_anywhere_in_a_long_text);
	RUN(knows_well_formed_utf8);
	RUN(decodes_code_pages_as_windows_does);
	RUN(decodes_pages_with_shifts);
	RUN(gives_utf8_whatever_it_is_given);
	RUN(an_illegal_byte_costs_only_itself);
	RUN(many_threads_decode_at_once);
	RUN(finds_the_page_of_a_locale);
	RUN(finds_the_page_of_a_charset);
	RUN(shows_nothing_that_controls_a_terminal);
	return checked();
}
