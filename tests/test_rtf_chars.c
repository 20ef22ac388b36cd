/*
 * test_rtf_chars.c - the characters of RTF: bytes in code pages, and Unicode
 */
#include "rtf_case.h"

static void follows_fonts_to_their_code_pages(void)
{
	const struct one cases[] = {
		{ BYTES("{\\rtf1\\ansi \\'e9}"), "é" },
		{ BYTES("{\\rtf1\\mac \\'8e}"), "é" },
		{ BYTES("{\\rtf1\\pc \\'82}"), "é" },
		{ BYTES("{\\rtf1\\pca \\'82\\'d5}"), "éı" },
		{ BYTES("{\\rtf1 \\'e9}"), "é" },
		/* \ansicpg wins, wherever it stands */
		{ BYTES("{\\rtf1\\ansi\\ansicpg1251 \\'cf}"), "П" },
		{ BYTES("{\\rtf1\\ansicpg1251\\mac \\'cf}"), "П" },
		{ BYTES("{\\rtf1\\ansicpg65001 \\'d0\\'9f}"), "П" },
		/* of no page, of none that RTF can be in */
		{ BYTES("{\\rtf1\\ansicpg0 \\'e9}"), "é" },
		{ BYTES("{\\rtf1\\ansicpg999999999 \\'e9}"), "é" },
		{ BYTES("{\\rtf1\\ansicpg-1 \\'e9}"), "é" },
		{ BYTES("{\\rtf1\\ansicpg500 a\\'e9}"), "aé" },
		{ BYTES("{\\rtf1\\ansicpg1200 a\\'e9}"), "aé" },
		{ BYTES("{\\rtf1\\ansicpg37 a\\'e9}"), "aé" },
		/* charsets; of one unknown, and a font unknown */
		{ BYTES(OWN "{\\fonttbl{\\f0\\fcharset1 A;}{\\f1\\fcharset161 "
			    "B;}{\\f2\\fcharset255 C;}{\\f3\\fcharset99 D;}"
			    "{\\f4 E;}{\\f5\\fcharset77 F;}}"
			    "\\f0\\'e9\\f1\\'e1\\f2\\'82\\f3\\'e9\\f4\\'e9"
			    "\\f5\\'8e\\f9\\'e9}"),
		  "éαéééé\u00E9" },
		/* \cpg wins over \fcharset, in either order */
		{ BYTES(OWN "{\\fonttbl{\\f1\\fcharset161\\cpg1251 A;}"
			    "{\\f2\\cpg1251\\fcharset161 B;}"
			    "{\\f3\\cpg1200\\fcharset161 C;}}"
			    "\\f1\\'cf\\f2\\'cf\\f3\\'e1}"),
		  "ППα" },
		/* the first entry of a number counts */
		{ BYTES(OWN "{\\fonttbl{\\f1\\fcharset204 A;}"
			    "{\\f1\\fcharset161 B;}}\\f1\\'cf}"),
		  "П" },
		{ BYTES(OWN "{\\fonttbl{\\f1 A;}{\\f1\\fcharset161 B;}}"
			    "\\f1\\'e9}"),
		  "é" },
		/* entries without groups; names of other fonts in them */
		{ BYTES(OWN "{\\fonttbl\\f1\\fcharset204 A;\\f2\\fcharset161 "
			    "B;}\\f1\\'cf\\f2\\'e1}"),
		  "Пα" },
		{ BYTES(OWN "{\\fonttbl{\\f1\\fcharset204{\\*\\falt "
			    "X\\fcharset161;}{\\*\\panose 02}A;}}\\f1\\'cf}"),
		  "П" },
		/* \deff, before the table, is where \plain goes back to */
		{ BYTES("{\\rtf1\\deff1{\\fonttbl{\\f1\\fcharset204 A;}}\\'cf"
			"\\f0\\'e9\\plain\\'cf}"),
		  "ПéП" },
		/* a font ends with its group */
		{ BYTES(OWN "{\\fonttbl{\\f1\\fcharset204 A;}}"
			    "{\\f1\\'cf}\\'e9}"),
		  "Пé" },
		/* symbols keep their numbers */
		{ BYTES(OWN "{\\fonttbl{\\f1\\fcharset2 A;}{\\f2\\cpg42 B;}}"
			    "\\f1 J\\'fc\\f2\\'20}"),
		  "\uF04A\uF0FC\uF020" },
		/* numbers that no font has */
		{ BYTES(OWN "{\\fonttbl{\\f-1\\fcharset204 A;}"
			    "{\\f65536\\fcharset204 A;}{\\f65535\\fcharset204 "
			    "A;}}\\f-1\\'e9\\f65536\\'e9\\f65535\\'cf}"),
		  "ééП" },
	};

	read_all(cases, COUNT(cases));
}

static void joins_the_bytes_of_a_character(void)
{
#define JAPANESE OWN "{\\fonttbl{\\f0\\fcharset128 A;}}\\plain "
	const struct one cases[] = {
		{ BYTES(JAPANESE "\\'83A\\'83\\\\\\'83\\{\\'83\\}\\'83\r\nA}"),
		  "アソボマア" },
		{ BYTES(JAPANESE "\x83"
				 "A\x83\x41}"),
		  "アア" },
		/* not over the end of a group, nor a word */
		{ BYTES(JAPANESE "{\\'83}A\\'83\\b A}"), LOST "A" LOST "A",
		  bit(NOTE_CHARSET) },
		{ BYTES(JAPANESE "\\'83{A}}"), LOST "A", bit(NOTE_CHARSET) },
	};

	read_all(cases, COUNT(cases));
}

static void reads_unicode_and_what_stands_in_for_it(void)
{
	const struct one cases[] = {
		/* one character by default, of any form */
		{ BYTES(OWN "\\u233 ?a\\u233\\'e9a\\u233\\emdash a\\u233\\~a"
			    "\\u233\\bin2 {}a\\u233?\r\na}"),
		  "éaéaéaéaéaéa" },
		/* as many as are said, until the group ends */
		{ BYTES(OWN "{\\uc3\\u233 ab\\'63d}\\u233 ab}"), "édéb" },
		{ BYTES(OWN "\\uc0\\u233 a\\uc\\u233 ab}"), "éaéb" },
		{ BYTES(OWN "\\uc-5\\u233 a}"), "éa" },
		{ BYTES(OWN "\\uc2\\u233 a\\u8364 bc}"), "ébc" },
		{ BYTES(OWN "a\\uc9{\\u233 b}c\\u233{d}e}"), "aécéde" },
		/* a number that is not 16 bits long, and none */
		{ BYTES(OWN "\\u65281 ?\\u-255 ?\\u128512 ?\\u ab}"),
		  "！！😀ab" },
		/* pairs, whatever stands between that puts out nothing */
		{ BYTES(OWN "\\u-10179 ?\\b{\\u-8704 ?}}"), "😀" },
		{ BYTES(OWN "\\u55357 ?\\u56832 ?}"), "😀" },
		{ BYTES(OWN "\\u-10179 ?{\\v x\\u233 ?}\\u-8704 ?}"), "😀" },
		/* halves alone, and no characters */
		{ BYTES(OWN "\\u-10179 ?a\\u-8704 ?b}"), LOST "a" LOST "b",
		  bit(NOTE_SURROGATE) },
		{ BYTES(OWN "\\u-10179 ?\\u-10179 ?\\u-8704 ?}"), LOST "😀",
		  bit(NOTE_SURROGATE) },
		{ BYTES(OWN "\\u-10179 ?\\tab\\u-10179 ?\\~\\u-10179 ?}"),
		  LOST "\t" LOST "\u00A0" LOST, bit(NOTE_SURROGATE) },
		{ BYTES(OWN "\\u-10179 ?\\u233 ?}"), LOST "é",
		  bit(NOTE_SURROGATE) },
		{ BYTES(OWN "\\u1114112 ?\\u-32769 ?}"), LOST LOST,
		  bit(NOTE_SURROGATE) },
		/* a table of fonts has no text */
		{ BYTES(OWN "{\\fonttbl{\\f0 \\u-10179 ?A;}}b}"), "b" },
	};

	read_all(cases, COUNT(cases));
}

#define SYMBOLS                                                                \
	"{\\fonttbl{\\f0\\fcharset0 Arial;}{\\f1\\fnil\\fcharset2 Symbol;}"    \
	"{\\f2\\fcharset2{\\*\\panose 05}Wingdings;}{\\f3\\fcharset2 "         \
	"Wingdings 2"                                                          \
	";}{\\f4\\fcharset2 Wingdings 3{\\*\\falt Symbol};}{\\f5\\fcharset2 "  \
	"WEBDINGS;}{\\f6 Wingdings;}{\\f7\\fcharset0 Symbol;}"                 \
	"{\\f8\\fcharset2 Marlett;}{\\f9\\cpg42 \\u87 ?ingdings;}}"

/*
 * B9: in text, the character that a symbol font has; in HTML, which names the
 * font, the letter that it stands at.
 */
static void B9_symbols_are_characters_in_text(void)
{
	const struct one cases[] = {
		{ BYTES(OWN SYMBOLS "\\f1\\'b7a\\'61\\f2 J\\'fc\\f3 P\\f4 "
				    "\\'70\\f5 a\\f6 J\\f7 a\\f8 a\\f9 J}"),
		  "•αα☺✓🗸▲✔☺a\uF061☺" },
		{ BYTES(TEXT SYMBOLS "\\f2 J}"), "☺" },
		/* by the number that Windows has it at; any other is itself */
		{ BYTES(OWN SYMBOLS "\\f2\\u-4022 J\\u61514 J\\u233 e\\f0"
				    "\\u-4022 J}"),
		  "☺☺é\uF04A" },
		/* of these the fonts have no character in Unicode */
		{ BYTES(OWN SYMBOLS "\\f1\\'f0\\'80\\f2\\'ff}"),
		  "\uF0F0\uF080\uF0FF" },
		{ BYTES(OWN "{\\fonttbl\\f1\\fcharset204 A;\\f2\\fcharset2 "
			    " Symbol ;junk}\\f2 a\\f1\\'cf}"),
		  "αП" },
	};

	read_all(cases, COUNT(cases));
}

static void B9_symbols_are_letters_in_html(void)
{
	const struct one cases[] = {
		{ BYTES(HTML SYMBOLS
			"{\\*\\htmltag148 <font face=Webdings>}\\htmlrtf "
			"{\\f5 \\htmlrtf0 P\\'fc<\\htmlrtf }\\htmlrtf0 "
			"{\\*\\htmltag156 </font>}}"),
		  "<font face=Webdings>Pü&lt;</font>" },
		{ BYTES("{\\rtf1\\ansi\\ansicpg1251\\fromhtml1" SYMBOLS
			"\\f8\\'fc\\f0\\'fc}"),
		  "üü" },
	};

	read_all(cases, COUNT(cases));
}

int main(void)
{
	RUN(B9_symbols_are_characters_in_text);
	RUN(B9_symbols_are_letters_in_html);
	RUN(follows_fonts_to_their_code_pages);
	RUN(joins_the_bytes_of_a_character);
	RUN(reads_unicode_and_what_stands_in_for_it);
	return checked();
}
