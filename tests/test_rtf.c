/*
 * test_rtf.c - RTF to the HTML or text in it
 */
#include "rtf_case.h"

static void tells_what_rtf_was_made_of(void)
{
	const struct {
		struct span in;
		enum rtf_kind want;
	} cases[] = {
		{ BYTES("{\\rtf1\\ansi\\fromhtml1 x}"), RTF_HTML },
		{ BYTES("{\\rtf1\\ansi\\fromhtml x}"), RTF_HTML },
		{ BYTES("{\\rtf1\\ansi\\fromhtml0 x}"), RTF_PLAIN },
		{ BYTES("{\\rtf1\\ansi\\fromtext x}"), RTF_TEXT },
		{ BYTES("{\\rtf\r\n\\fromtext x}"), RTF_TEXT },
		{ BYTES("{\\rtf1{\\fonttbl}\\fromtext x}"), RTF_TEXT },
		{ BYTES("\r\n{\\rtf1 x}"), RTF_PLAIN },
		/* eighth, tenth and eleventh token */
		{ BYTES("{\\rtf1\\ansi\\fbidis\\ansicpg1252\\deff0\\deftab720"
			"\\fromtext{\\fonttbl}}"),
		  RTF_TEXT },
		{ BYTES("{\\rtf1\\a\\b\\c\\d\\e\\g\\h\\fromhtml1}"), RTF_HTML },
		{ BYTES("{\\rtf1\\a\\b\\c\\d\\e\\g\\h\\i\\fromhtml1}"),
		  RTF_PLAIN },
		/* text first, of any form */
		{ BYTES("{\\rtf1 x\\fromtext}"), RTF_PLAIN },
		{ BYTES("{\\rtf1\\'41\\fromtext}"), RTF_PLAIN },
		{ BYTES("{\\rtf1\\~\\fromtext}"), RTF_PLAIN },
		{ BYTES("{\\rtf1\\bin1 x\\fromtext}"), RTF_PLAIN },
		{ BYTES("{\\rtf1"), RTF_PLAIN },
		{ BYTES(""), RTF_NONE },
		{ BYTES("{"), RTF_NONE },
		{ BYTES("{\\urtf1 x}"), RTF_NONE },
		{ BYTES("{\\rtfx x}"), RTF_NONE },
		{ BYTES("\\rtf1 x"), RTF_NONE },
		{ BYTES("<html>"), RTF_NONE },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		CHECK(rtf_recognise(cases[i].in) == cases[i].want);
}

static void gives_html_again(void)
{
	const struct one cases[] = {
		{ BYTES(HTML
			"{\\fonttbl{\\f0\\fcharset0 Arial;}"
			"{\\f1\\fcharset128 MS Gothic;}}{\\*\\htmltag64 <p>}"
			"\\htmlrtf {\\f1 \\htmlrtf0 \\'83\\\\\\'83A\\htmlrtf }"
			"\\htmlrtf0 {\\*\\htmltag72 </p>}}"),
		  "<p>ソア</p>" },
		{ BYTES(HTML "a{\\*\\htmltag84 &lt;}\\htmlrtf <\\htmlrtf0 b"
			     "{\\uc2 \\u8364 xx}c\\u-10179 ?\\u-8704 ?d"
			     "\\uc0\\u233 e}"),
		  "a&lt;b€c😀dée" },
		{ BYTES(HTML
			"{\\*\\htmltag241 <style>p \\{ color:red; \\}\\par\\tab"
			" x</style>}{\\*\\mhtmltag84 <img src=mhtml:1>}"
			"{\\*\\htmltag84 <img src=cid:1>}\\htmlrtf {\\b"
			"\\htmlrtf0 bold\\htmlrtf }\\htmlrtf0\\line\\~x"
			"\\htmlrtf\\par\\htmlrtf0}"),
		  "<style>p { color:red; }" CRLF "\tx</style>"
		  "<img src=cid:1>bold" CRLF "&nbsp;x" },
		/* a tag is in the page of the document, text in its font's */
		{ BYTES(HTML "{\\fonttbl{\\f0\\fcharset204 A;}}\\plain\\'cf"
			     "{\\*\\htmltag64 <\\'e9\\u8364 ?>}\\'cf}"),
		  "П<é€>П" },
		/* what stands between tags is escaped, what is a tag is not */
		{ BYTES(HTML "a<b>c&d\\u38 ?e&amp;&#233;&#xE9;f&;&#;&g"
			     "{\\*\\htmltag64 &<>}}"),
		  "a&lt;b&gt;c&amp;d&amp;e&amp;&#233;&#xE9;f&amp;;&amp;#;"
		  "&amp;g&<>" },
		{ BYTES(HTML "\\'3c\\'e9\\'26}"), "&lt;é&amp;" },
		{ BYTES(HTML "a\\~b\\_c\\-d\\emdash\\lquote\\rquote\\ldblquote"
			     "\\rdblquote\\bullet\\endash}"),
		  "a&nbsp;b&shy;c\u00ADd—‘’“”•–" },
		/* suppression: ends with its group, keeps track of the rest */
		{ BYTES(HTML "a{\\htmlrtf b}c\\htmlrtf1 d{\\htmlrtf0 e}f"
			     "\\htmlrtf0 g}"),
		  "aceg" },
		{ BYTES(HTML "\\htmlrtf\\u8364 ?\\tab\\par\\~\\'e9"
			     "{\\*\\htmltag64 <p>}\\htmlrtf0 x}"),
		  "x" },
		{ BYTES(HTML "\\htmlrtf\\uc2\\htmlrtf0\\u8364 ??x}"), "€x" },
		/* nothing of the rest: {\*\...}, tables, fields, pictures */
		{ BYTES(HTML "{\\*\\htmltag64}{\\colortbl;\\red0;}"
			     "{\\*\\generator x;}{\\info{\\title x}}"
			     "{\\stylesheet{x;}}{\\pict\\bin3 }}}00}x}"),
		  "x" },
		{ BYTES(HTML "{\\field{\\*\\fldinst HYPERLINK \"u\"}"
			     "{\\fldrslt t}}\\v h\\cell}"),
		  "th" },
		{ BYTES(HTML "{a{b}}\\objattph}"), "ab" },
	};

	read_all(cases, COUNT(cases));
}

/*
 * B1: what no kind of RTF shows is known in each: the numbers of lists, which
 * HTML has by itself, and what is written for older readers only.
 */
static void B1_every_kind_knows_every_destination(void)
{
	static const char *const hidden[] = {
		"{\\pntext\\f1\\'b7\\tab}",
		"{\\listtext 1.\\tab}",
		"{\\*\\pn\\pnlvlblt\\pnf1{\\pntxtb\\'b7}{\\pntxta .}}",
		"{\\pntxtb (}{\\pntxta )}",
		"{\\nonesttables\\par x}",
		"{\\xe{\\v x}y}{\\tc x}{\\tcn x}",
		"{\\shprslt{\\pict 00}x}{\\shp{\\*\\shpinst x{\\sp y}}}",
		"{\\nonshppict{\\pict 00}x}",
		"{\\ftnsep x}{\\aftnsepc x}"
	};
	static const char *const kinds[] = { HTML, TEXT, OWN };
	const struct one lists[] = {
		{ BYTES("{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0"
			"{\\fonttbl{\\f0\\fswiss\\fcharset0 Arial;}"
			"{\\f1\\fnil\\fcharset2 Symbol;}}\\uc1\\pard\\plain"
			"\\f0 {\\*\\htmltag64 <li>}\\htmlrtf {{\\*\\pn"
			"\\pnlvlblt\\pnf1{\\pntxtb\\'b7}}\\htmlrtf0 "
			"{\\pntext\\f1\\'b7\\tab}Item{\\*\\htmltag72 </li>}"
			"\\htmlrtf }\\htmlrtf0 }"),
		  "<li>Item</li>" },
	};

	read_all(lists, COUNT(lists));
	for (size_t k = 0; k < COUNT(kinds); k++) {
		for (size_t i = 0; i < COUNT(hidden); i++) {
			struct buf rtf = { 0 };

			buf_printf(&rtf, "%s a%sb}", kinds[k], hidden[i]);
			const struct one o = { buf_span(&rtf), "ab", 0 };
			read_one(&o, NULL);
			buf_free(&rtf);
		}
	}
}

/* B1: of what is there twice, a reader of Unicode takes the second. */
static void B1_unicode_is_preferred(void)
{
	static const char *const kinds[] = { HTML, TEXT, OWN };
	const struct {
		const char *in, *want;
		uint64_t notes;
	} cases[] = {
		{ "a{\\upr{?}{\\*\\ud{\\u1055 ?}}}b", "aПb", 0 },
		{ "{\\upr{\\'3f}{\\*\\ud\\u1055 ?{\\*\\x y}}}", "П", 0 },
		{ "{\\upr{?}{\\*\\ud a{\\upr{?}{\\*\\ud b}}c}}", "abc", 0 },
		/* in what is not shown, neither is */
		{ "{\\info{\\upr{{\\title x}}{\\*\\ud{\\title y}}}}", "", 0 },
		{ "{\\upr{{\\*\\bkmkstart x}}{\\*\\ud{\\*\\bkmkstart y}}}", "",
		  0 },
		/* the better one is missing, or stands alone */
		{ "a{\\upr{x}}b", "ab", bit(NOTE_RTF_DAMAGED) },
		{ "a{\\*\\ud x}b", "ab", 0 },
		{ "\\upr a", "a", 0 },
	};

	for (size_t k = 0; k < COUNT(kinds); k++) {
		for (size_t i = 0; i < COUNT(cases); i++) {
			struct buf rtf = { 0 };

			buf_printf(&rtf, "%s %s}", kinds[k], cases[i].in);
			const struct one o = { buf_span(&rtf), cases[i].want,
					       cases[i].notes };
			read_one(&o, NULL);
			buf_free(&rtf);
		}
	}
}

static void gives_text_again(void)
{
	const struct one cases[] = {
		{ BYTES("{\\rtf1\\ansi\\ansicpg936\\fromtext{\\fonttbl"
			"{\\f0\\fcharset134 SimSun;}}\\f0 "
			"{\\'CF\\'EA*\\'CF\\'B8\\line x\\tab y\\par}}"),
		  "详*细" CRLF "x\ty" CRLF },
		{ BYTES(TEXT "a<b>&c\\~\\_\\-\\{\\}\\\\}"),
		  "a<b>&c\u00A0\u00AD\u00AD{}\\" },
		/* as Exchange writes an empty one */
		{ BYTES("{\\rtf1\\ansi\\fbidis\\ansicpg1252\\deff0\\deftab720"
			"\\fromtext{\\fonttbl{\\f0\\fswiss\\fcharset0 Times "
			"New Roman;}{\\f1\\fswiss\\fcharset2\r\nSymbol;}}\r\n"
			"{\\colortbl;\\red192\\green192\\blue192;}\r\n"
			"{\\*\\generator Microsoft Exchange Server;}\r\n"
			"{\\*\\formatConverter converted from text;}\r\n"
			"\\viewkind5\\viewscale100\r\n{\\*\\bkmkstart BM_BEGIN}"
			"\\pard\\plain\\f0}\r\n\0"),
		  "" },
		{ BYTES(TEXT "a{\\*\\htmltag64 <p>}\\htmlrtf b\\htmlrtf0\\v c"
			     "\\cell}"),
		  "abc" },
	};

	read_all(cases, COUNT(cases));
}

static void takes_the_text_out_of_rtf(void)
{
	const struct one cases[] = {
		{ BYTES("{\\rtf1\\ansi{\\pict\\bin5 }{}{}}ok}"), "ok" },
		{ BYTES("{\\rtf1\\ansi\\ansicpg1251{\\fonttbl"
			"{\\f1\\fcharset2 Symbol;}}"
			"\\'cf\\'f0{\\f1 \\'4a}\\u1080\\'e8}"),
		  "Прϑи" },
		{ BYTES(OWN "\\pard a\\par b\\line c\\\nd\\\re\\sect f\\page g"
			    "\\column h}"),
		  "a" CRLF "b" CRLF "c" CRLF "d" CRLF "e" CRLF "f" CRLF "g" CRLF
		  "h" },
		/* tables, and tables in them */
		{ BYTES(OWN "\\trowd a\\cell b\\cell\\row c\\nestcell"
			    "{\\*\\nesttableprops\\nestrow}"
			    "{\\nonesttables\\par}\\nestrow}"),
		  "a\tb\t" CRLF "c\t" CRLF },
		/* numbers of lists, for those who know none */
		{ BYTES(OWN "{\\listtext\\'b7\\tab}a{\\pntext 1.}b"
			    "{\\*\\pn\\pnlvlblt{\\pntxtb *}}c}"),
		  "abc" },
		/* hidden, until said otherwise */
		{ BYTES(OWN "a{\\v b}c\\v1 d\\v0 e\\v f\\plain g}"), "aceg" },
		{ BYTES(OWN "a\\~b\\_c\\-d\\:e\\|f}"),
		  "a\u00A0b\u2011c\u00ADdef" },
		{ BYTES(OWN "{\\header x}{\\footerf x}{\\object{\\*\\objdata "
			    "00}{\\result x}}{\\shp{\\*\\shpinst x}}y}"),
		  "y" },
		{ BYTES(OWN "\\emspace\\enspace\\qmspace\\zwj\\zwnj\\zwbo"
			    "\\zwnbo\\ltrmark\\rtlmark}"),
		  "\u2003\u2002\u2005\u200D\u200C\u200B\u2060\u200E\u200F" },
		{ BYTES(OWN "\\htmlrtf a\\htmlrtf0}"), "a" },
		/* a note stands where it is named, not in a word */
		{ BYTES(OWN "a\\chftn{\\footnote\\pard\\plain{\\super\\chftn}"
			    " b{\\i c}}d{\\*\\x{\\footnote y}}}"),
		  "a [ bc]d" },
		/* line ends and NUL in it are nothing */
		{ BYTES(OWN "\\b\r\na\0b\r\nc\\'00\\u0 ?}"), "abc" },
		/* and what follows it, if it is */
		{ BYTES(OWN " a}\0\r\n\0"), "a" },
	};

	read_all(cases, COUNT(cases));
}

static void shows_where_links_lead(void)
{
#define LINK(inst, text) "{\\field{\\*\\fldinst " inst "}{\\fldrslt " text "}}"
	const struct one cases[] = {
		{ BYTES(OWN LINK("HYPERLINK \"u\"", "t") "x}"), "t <u>x" },
		{ BYTES(OWN LINK("{ HYPERLINK \"u\" }", "{\\ul t}") "x}"),
		  "t <u>x" },
		{ BYTES(OWN LINK("HYPERLINK u", "u") "}"), "u" },
		{ BYTES(OWN LINK("hyperlink u", "") "}"), " <u>" },
		{ BYTES(OWN LINK("HYPERLINK \"u\"", "\\'75") "}"), "u" },
		{ BYTES(OWN LINK("HYPERLINK \"u\\'e9\\u8364 ?\"", "t") "}"),
		  "t <ué€>" },
		/* a field escapes with \\, and RTF does so again */
		{ BYTES(OWN LINK("HYPERLINK \"\\\\\\\\\\\\\\\\s\\\\\\\\a\"",
				 "t") "}"),
		  "t <\\\\s\\a>" },
		{ BYTES(OWN LINK("HYPERLINK \"a b\" ignored", "t") "}"),
		  "t <a b>" },
		{ BYTES(OWN LINK("HYPERLINK \\\\o \"tip\" \"u\" \\\\t _top "
				 "\\\\n \\\\l \"p\"",
				 "t") "}"),
		  "t <u#p>" },
		{ BYTES(OWN LINK("HYPERLINK \\\\l \"p\"", "t") "}"), "t <#p>" },
		/* no links, or no more of one */
		{ BYTES(OWN LINK("PAGE", "3") "}"), "3" },
		{ BYTES(OWN LINK("HYPERLINK", "t") "}"), "t" },
		{ BYTES(OWN LINK("HYPERLINK \\\\", "t") "}"), "t" },
		{ BYTES(OWN LINK("HYPERLINK \"u", "t") "}"), "t <u>" },
		{ BYTES(OWN LINK("HYPERLINK \"u\\\\", "t") "}"), "t <u\\>" },
		{ BYTES(OWN "{\\fldrslt t}{\\*\\fldinst HYPERLINK u}x}"),
		  "tx" },
		/* one in another, in which each has its own */
		{ BYTES(OWN LINK("HYPERLINK u",
				 "a" LINK("PAGE", "3")
					 LINK("HYPERLINK v", "b")) "}"),
		  "a3b <v> <u>" },
		{ BYTES(OWN LINK("HYPERLINK u", "a{\\field{\\fldrslt b}}") "}"),
		  "ab <u>" },
		{ BYTES(OWN "{\\field{\\*\\fldinst HYPERLINK u}"
			    "{\\*\\x{\\fldrslt t}}}}"),
		  "" },
		{ BYTES(OWN LINK("HYPERLINK \"a\\tab b\\line c\"", "t") "}"),
		  "t <abc>" },
		/* shown once, though there be more results */
		{ BYTES(OWN "{\\field{\\*\\fldinst HYPERLINK u}{\\fldrslt a}"
			    "{\\fldrslt b}}}"),
		  "a <u>b" },
		/* what is hidden leads nowhere; what is no text is ignored */
		{ BYTES(OWN "{\\field{\\*\\fldinst{\\*\\datafield 00}"
			    "HYPERLINK u}{\\fldrslt t}}}"),
		  "t <u>" },
		{ BYTES(OWN "{\\*\\x" LINK("HYPERLINK u", "t") "}y}"), "y" },
	};

	read_all(cases, COUNT(cases));
}

static void names_attachments_where_they_stand(void)
{
	const char *const at[] = { "a.txt", "é.png" };
	const struct rtf_names names = { at, 2 };
	const struct one named = { BYTES(OWN "x\\objattph\\'20{\\*\\objattph "
					     "y}z\\objattph{\\v\\objattph}}"),
				   "x[attachment: a.txt] [attachment: "
				   "é.png]z[attachment]",
				   0 };
	const struct one none = { BYTES(OWN "x\\objattph y}"), "x[attachment]y",
				  0 };

	read_one(&named, &names);
	read_one(&none, NULL);
}

static void bears_with_damage(void)
{
	const struct one cases[] = {
		/* groups that do not end, or end too soon */
		{ BYTES(OWN " a"), "a", bit(NOTE_RTF_DAMAGED) },
		{ BYTES(OWN " a{b{c"), "abc", bit(NOTE_RTF_DAMAGED) },
		{ BYTES(OWN " a}b"), "a", bit(NOTE_RTF_DAMAGED) },
		{ BYTES(OWN " a}}"), "a", bit(NOTE_RTF_DAMAGED) },
		{ BYTES(OWN " a}{\\rtf1 b}"), "a", bit(NOTE_RTF_DAMAGED) },
		{ BYTES(HTML " a{\\*\\htmltag64 <p"), "a<p",
		  bit(NOTE_RTF_DAMAGED) },
		{ BYTES(OWN "{\\field{\\*\\fldinst HYPERLINK u"), "",
		  bit(NOTE_RTF_DAMAGED) },
		{ BYTES(OWN "{\\fonttbl{\\f0\\fcharset204"), "",
		  bit(NOTE_RTF_DAMAGED) },
		/* tokens cut short */
		{ BYTES(OWN " a\\"), "a", bit(NOTE_RTF_DAMAGED) },
		{ BYTES(OWN " a\\'"), "a", bit(NOTE_RTF_DAMAGED) },
		{ BYTES(OWN " a\\'4"), "a4", bit(NOTE_RTF_DAMAGED) },
		{ BYTES(OWN " a\\'4g\\'g4}"), "a4gg4", bit(NOTE_RTF_DAMAGED) },
		{ BYTES(OWN " a\\u"), "a", bit(NOTE_RTF_DAMAGED) },
		{ BYTES(OWN " a\\u233"), "aé", bit(NOTE_RTF_DAMAGED) },
		{ BYTES(OWN " a\\u-10179"), "a" LOST,
		  bit(NOTE_RTF_DAMAGED) | bit(NOTE_SURROGATE) },
		/* binary past the end, less than none, and without a number */
		{ BYTES(OWN " a\\bin9 }}}"), "a", bit(NOTE_RTF_DAMAGED) },
		{ BYTES(OWN " a\\bin99999999999999999999 }}}"), "a",
		  bit(NOTE_RTF_DAMAGED) },
		{ BYTES(OWN " a\\bin-9 b}"), "ab" },
		{ BYTES(OWN " a\\bin b\\bin0c}"), "abc" },
		/* giant numbers */
		{ BYTES(OWN "\\uc4294967296\\u233 abc{d}e}"), "éde" },
		{ BYTES(OWN "\\uc-99999999999999999999\\u233 a}"), "éa" },
		{ BYTES(OWN "\\u99999999999999999999 ?a}"), LOST "a",
		  bit(NOTE_SURROGATE) },
		{ BYTES(OWN "\\u-99999999999999999999 ?a}"), LOST "a",
		  bit(NOTE_SURROGATE) },
		{ BYTES(OWN "\\f99999999999999999999\\deff-9\\fcharset7 a"
			    "\\v-2147483648 b\\v0 c}"),
		  "ac" },
		{ BYTES(OWN "\\b-a\\b--5 b\\b- c}"), "-a--5 b- c" },
		/* destinations where none may begin, and in one another */
		{ BYTES(OWN "\\pict a\\fonttbl b\\*\\x c}"), "abc" },
		{ BYTES(OWN "{a\\*\\x b}"
			    "{\\*}{\\* c}{\\*{\\x d}}e}"),
		  "ab cde" },
		{ BYTES(OWN "{\\info{\\fonttbl{\\f0\\fcharset204 A;}}"
			    "{\\*\\fldinst x}{\\v0 x}}\\'e9}"),
		  "é" },
		{ BYTES(HTML "{\\*\\htmltag64 <p {\\*\\htmltag64 id}"
			     "{\\*\\mhtmltag x}{\\pict x}>}}"),
		  "<p id>" },
		{ BYTES(OWN "{\\*\\fldinst {\\*\\fldinst HYPERLINK u}}"
			    "{\\fldrslt t}}"),
		  "t" },
		/* symbols that mean nothing */
		{ BYTES(OWN "a\\;b\\\xE9"
			    "c\\\0d}"),
		  "abcd" },
		{ BYTES("no RTF"), "", bit(NOTE_RTF_DAMAGED) },
		{ BYTES(""), "", bit(NOTE_RTF_DAMAGED) },
	};

	read_all(cases, COUNT(cases));
}

static void control_words_may_be_long(void)
{
	struct buf rtf = { 0 };

	buf_str(&rtf, OWN "a{\\");
	for (unsigned i = 0; i < 300; i++)
		buf_str(&rtf, "par");
	buf_str(&rtf, "7 b}{\\*\\");
	for (unsigned i = 0; i < 300; i++)
		buf_byte(&rtf, 'f');
	buf_str(&rtf, " c}\\parx d\\pa e\\Par f}");
	const struct one o = { buf_span(&rtf), "abdef", 0 };
	read_one(&o, NULL);
	buf_free(&rtf);
}

/* What is deeper than the stack of groups is read; nothing leaks out of it. */
static void groups_may_be_deep(void)
{
	const struct {
		unsigned depth;
		uint64_t notes;
	} cases[] = {
		{ 9999, 0 },
		{ 10000, bit(NOTE_RTF_DEPTH) },
		{ 1000000, bit(NOTE_RTF_DEPTH) },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf rtf = { 0 };

		buf_str(&rtf, OWN "{\\fonttbl{\\f1\\fcharset204 A;}}");
		for (unsigned k = 0; k < cases[i].depth; k++)
			buf_byte(&rtf, '{');
		buf_str(&rtf, "\\f1\\'cf\\v ");
		for (unsigned k = 0; k < cases[i].depth; k++)
			buf_byte(&rtf, '}');
		buf_str(&rtf, "\\'e9}");
		const struct one o = { buf_span(&rtf), "Пé", cases[i].notes };
		read_one(&o, NULL);
		buf_free(&rtf);
	}
}

static void there_is_an_end_to_the_output(void)
{
	enum { LONG = 1 << 20, MAX = 64 << 20, PLACES = 100 };
	const char *at[PLACES];
	const struct rtf_names names = { at, PLACES };
	struct buf name = { 0 }, rtf = { 0 }, out = { 0 };
	struct notes notes = { 0 };

	for (unsigned i = 0; i < LONG; i++)
		buf_byte(&name, 'x');
	buf_str(&rtf, OWN);
	for (size_t i = 0; i < PLACES; i++) {
		at[i] = name.at;
		buf_str(&rtf, "\\objattph");
	}
	buf_str(&rtf, "}");
	CHECK(!rtf_read(buf_span(&rtf), RTF_PLAIN, &names, &out, &notes));
	CHECK(out.len > MAX && out.len < MAX + 2 * LONG);
	CHECK(notes.set == bit(NOTE_BODY_LARGE));
	buf_free(&name);
	buf_free(&rtf);
	buf_free(&out);
}

int main(void)
{
	RUN(tells_what_rtf_was_made_of);
	RUN(gives_html_again);
	RUN(B1_every_kind_knows_every_destination);
	RUN(B1_unicode_is_preferred);
	RUN(gives_text_again);
	RUN(takes_the_text_out_of_rtf);
	RUN(shows_where_links_lead);
	RUN(names_attachments_where_they_stand);
	RUN(bears_with_damage);
	RUN(control_words_may_be_long);
	RUN(groups_may_be_deep);
	RUN(there_is_an_end_to_the_output);
	return checked();
}
