/*
 * test_rtfhtml.c - HTML made of RTF that is a body of its own
 *
 * B15: what stands in it as paragraphs, looks, lists, tables, links and
 * pictures is there in HTML. What these expect is what LibreOffice makes of
 * the same; tests/rtf/compare.py holds the two against each other.
 */
#include "mail/rtfhtml/rtfhtml.h"

#include "bytes/text.h"
#include "rtf_case.h"

#define FONTS                                                                  \
	OWN "{\\fonttbl{\\f0\\fswiss\\fcharset0 Arial;}{\\f1\\fcharset2 "      \
	    "Symbol;}{\\f2\\fcharset0 Courier New;}{\\f3\\fcharset2 "          \
	    "Wingdings;}{\\f4\\fcharset2 Marlett;}{\\f5\\fcharset204 A'"       \
	    "\\'cf<;}}{\\colortbl;\\red255\\green0\\blue0;\\red0\\green0"      \
	    "\\blue255;\\red999\\green-9\\blue16;}"

struct html {
	struct span in;
	const char *want; /* in <body> */
};

/* What is in <body>, NUL in place of its end. */
static const char *body_of(struct buf *html)
{
	char *at = html->len > 0 ? strstr(html->at, "<body") : NULL;
	char *end = at != NULL ? strstr(at, "</body>") : NULL;

	if (end == NULL)
		return "";
	*end = '\0';
	at = strstr(at, ">\r\n");
	return at != NULL ? at + 3 : "";
}

static void make_one(const struct html *h)
{
	struct rtfhtml made = { 0 };

	CHECK(rtfhtml_make(h->in, NULL, &made));
	CHECK(text_is_utf8(buf_span(&made.html)));
	CHECK_STR(body_of(&made.html), h->want);
	rtfhtml_free(&made);
}

#define MAKE_ALL(cases)                                                        \
	for (size_t i_ = 0; i_ < COUNT(cases); i_++)                           \
	make_one(&(cases)[i_])

#define P(text) "<p>" text "</p>" CRLF
#define TABLE                                                                  \
	"<table style=\"border-collapse:collapse\" cellpadding=\"4\">" CRLF
#define TABLE_		"</table>" CRLF
#define TR		"<tr valign=\"top\">" CRLF
#define TR_		"</tr>" CRLF
#define TD(at, w, text) "<td" at " style=\"width:" w "px\">" text "</td>" CRLF
#define EMPTY		P("<br>")
#define CELL(text)	"\\pard\\intbl " text "\\cell"

static void B15_a_document_says_what_it_is(void)
{
	struct rtfhtml made = { 0 };

	CHECK(rtfhtml_make(BYTES(FONTS "a}"), NULL, &made));
	CHECK_STR(buf_text(&made.html),
		  "<html>" CRLF "<head>" CRLF "<meta http-equiv=\"Content-Type"
		  "\" content=\"text/html; charset=utf-8\">" CRLF
		  "<style>p{margin:0}</style>" CRLF "</head>" CRLF
		  "<body style=\"font-size:12pt;font-family:'Arial'\">" CRLF
		  "<p>a</p>" CRLF "</body>" CRLF "</html>" CRLF);
	CHECK(!made.rich && made.count == 0);
	rtfhtml_free(&made);
}

/* No HTML is made of what shows nothing. */
static void B15_nothing_is_nothing(void)
{
	const struct span cases[] = {
		BYTES(OWN "}"),
		BYTES(OWN "\\pard\\par\\par}"),
		BYTES(OWN
		      "\\trowd\\cellx9\\cell\\row{\\v hidden} \\tab\\line}"),
		BYTES(OWN "{\\header x}{\\info{\\title x}}{\\pict\\pngblip}}"),
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct rtfhtml made = { 0 };

		CHECK(rtfhtml_make(cases[i], NULL, &made));
		CHECK(made.html.len == 0 && made.count == 0);
		rtfhtml_free(&made);
	}
}

static void B15_paragraphs_have_their_form(void)
{
	const struct html cases[] = {
		{ BYTES(FONTS "a\\par b\\par\\par c}"),
		  P("a") P("b") EMPTY P("c") },
		{ BYTES(FONTS "a\\\nb\\\rc\\sect d\\page\\page e\\column f}"),
		  P("a") P("b") P("c") P("d") P("e") P("f") },
		{ BYTES(FONTS "a\\line b\\lbr0 c}"),
		  P("a<br>" CRLF "b<br>" CRLF "c") },
		{ BYTES(FONTS "\\qc a\\par\\qr b\\par\\qj c\\par\\ql d\\par}"),
		  "<p style=\"text-align:center\">a</p>" CRLF
		  "<p style=\"text-align:right\">b</p>" CRLF
		  "<p style=\"text-align:justify\">c</p>" CRLF P("d") },
		{ BYTES(FONTS "\\li720\\fi-360\\ri150\\sb120\\sa60 a\\par"
			      "\\pard b\\par}"),
		  "<p style=\"margin-top:8px;margin-bottom:4px;margin-left:48px"
		  ";margin-right:10px;text-indent:-24px\">a</p>" CRLF P("b") },
		{ BYTES(FONTS "\\rtlpar a\\par\\ltrpar b\\par}"),
		  "<p dir=\"rtl\">a</p>" CRLF P("b") },
		/* a form ends with its group */
		{ BYTES(FONTS "{\\qc a\\par}b\\par}"),
		  "<p style=\"text-align:center\">a</p>" CRLF P("b") },
		/* what is not of the text */
		{ BYTES(FONTS "{\\header\\qc x\\par}{\\*\\x y}{\\stylesheet"
			      "{\\s1\\b z;}}{\\v x}a{\\*\\b b}\\par}"),
		  P("a") },
	};

	MAKE_ALL(cases);
}

/* A note stands where it is named; what it has of paragraphs are lines. */
static void B15_notes_are_in_brackets(void)
{
	const struct html cases[] = {
		{ BYTES(FONTS "\\qc a{\\footnote\\pard\\plain{\\super\\chftn}b"
			      "\\par c}d\\par}"),
		  "<p style=\"text-align:center\">a [b<br>" CRLF
		  "c]d</p>" CRLF },
		{ BYTES(FONTS "\\trowd\\cellx1440" CELL(
			  "a{\\footnote\\pard b}") "\\row}"),
		  TABLE TR TD("", "96", P("a [b]")) TR_ TABLE_ },
	};

	MAKE_ALL(cases);
}

static void B15_blanks_stay(void)
{
	const struct html cases[] = {
		{ BYTES(FONTS "a  b   c\\tab d\\~e}"),
		  P("a &nbsp;b &nbsp;&nbsp;c&nbsp;&nbsp;&nbsp; d\u00A0e") },
		{ BYTES(FONTS "{  a}{ } b\\line  c}"),
		  P("&nbsp;&nbsp;a &nbsp;b<br>" CRLF "&nbsp;c") },
	};

	MAKE_ALL(cases);
}

static void B15_characters_have_their_look(void)
{
	const struct html cases[] = {
		{ BYTES(FONTS
			"a{\\b b{\\i c}}\\ul d\\ulnone\\strike e\\strike0 "
			"f{\\super g}{\\sub h}\\b i\\plain j}"),
		  P("a<b>b</b><b><i>c</i></b><u>d</u><s>e</s>f<sup>g</sup>"
		    "<sub>h</sub><b>i</b>j") },
		{ BYTES(FONTS
			"{\\uldb a}{\\ulwave b}{\\ul0 c}{\\up6 d}{\\dn6 e}"
			"{\\up0 f}{\\striked1 g}{\\deleted h}}"),
		  P("<u>ab</u>c<sup>d</sup><sub>e</sub>f<s>gh</s>") },
		{ BYTES(FONTS "{\\cf1 a}{\\cf3 b}{\\cf0 c}{\\cf9 d}{\\cf-1 e}"
			      "{\\highlight2 f}{\\chcbpat1 g}}"),
		  P("<span style=\"color:#ff0000\">a</span>"
		    "<span style=\"color:#ff0010\">b</span>cde"
		    "<span style=\"background-color:#0000ff\">f</span>"
		    "<span style=\"background-color:#ff0000\">g</span>") },
		{ BYTES(FONTS "{\\fs20 a}{\\fs23\\f2 b}{\\fs24 c}{\\fs0 d}"
			      "{\\fs99999 e}}"),
		  P("<span style=\"font-size:10pt\">a</span><span style=\""
		    "font-family:'Courier New';font-size:11.5pt\">b</span>"
		    "cde") },
		/* a name of a font is a name, and nothing more */
		{ BYTES(FONTS "{\\f5 \\'ef}{\\f9 b}}"),
		  P("<span style=\"font-family:'AП'\">п</span>b") },
		/* symbols are characters; a font that we do not know has its
		   own */
		{ BYTES(FONTS "{\\f1\\'b7}{\\f3 J}{\\f4 a}}"),
		  P("•☺<span style=\"font-family:'Marlett'\">\uF061</span>") },
		/* the first of the colours counts, if it is one */
		{ BYTES(OWN "{\\colortbl\\red1\\green2\\blue3;}{\\cf0 a}b}"),
		  P("<span style=\"color:#010203\">a</span>b") },
		{ BYTES(FONTS "<a>&\"\\u38 ?\\'26}"),
		  P("&lt;a&gt;&amp;&quot;&amp;&amp;") },
		{ BYTES(FONTS "{\\b a\\par b}c}"),
		  P("<b>a</b>") P("<b>b</b>c") },
		{ BYTES(FONTS "{\\caps a}}"),
		  P("<span style=\"text-transform:uppercase\">a</span>") },
	};

	MAKE_ALL(cases);
}

#define LINK(inst, text) "{\\field{\\*\\fldinst " inst "}{\\fldrslt " text "}}"

static void B15_links_lead_where_they_led(void)
{
	const struct html cases[] = {
		{ BYTES(FONTS "a" LINK("HYPERLINK \"http://x/?a&b\"",
				       "{\\ul\\cf2 b}") "c}"),
		  P("a<a href=\"http://x/?a&amp;b\"><span style=\"color:#0000ff"
		    "\">b</span></a>c") },
		{ BYTES(FONTS LINK("HYPERLINK \\\\l \"p\"",
				   "a") "{\\*\\bkmkstart p}b{\\*\\bkmkend p}}"),
		  P("<a href=\"#p\">a</a><a id=\"p\"></a>b") },
		{ BYTES(FONTS LINK("HYPERLINK u", "a{\\b b}") "}"),
		  P("<a href=\"u\">a</a><a href=\"u\"><b>b</b></a>") },
		{ BYTES(FONTS LINK("HYPERLINK a\"<b>", "a") "}"),
		  P("<a href=\"a&quot;&lt;b&gt;\">a</a>") },
		/* a field in a link is in it, unless it is a link */
		{ BYTES(FONTS LINK("HYPERLINK u",
				   "a" LINK("QUOTE \"b\"", "b")
					   LINK("HYPERLINK v", "c") "d") "}"),
		  P("<a href=\"u\">ab</a><a href=\"v\">c</a>"
		    "<a href=\"u\">d</a>") },
		/* other fields are what they show; scripts lead nowhere */
		{ BYTES(FONTS LINK("PAGE", "3") LINK("HYPERLINK", "a") "}"),
		  P("3a") },
		{ BYTES(FONTS LINK("HYPERLINK \"JavaScript:x()\"", "a")
				LINK("HYPERLINK \" vbscript:x\"", "b")
					LINK("HYPERLINK \"data:x\"", "c") "}"),
		  P("abc") },
	};

	MAKE_ALL(cases);
}

#define MARK(text) "{\\listtext " text "\\tab}"
#define STYLES                                                                 \
	"{\\*\\listtable{\\list{\\listlevel\\levelnfc23{\\leveltext\\'01\\'b7" \
	";}}{\\listlevel\\levelnfc23}\\listid7}{\\list{\\listlevel\\levelnfc0" \
	"}{\\listlevel\\levelnfc4}{\\listlevel\\levelnfc255}\\listid8}}"       \
	"{\\*\\listoverridetable{\\listoverride\\listid7\\ls1}"                \
	"{\\listoverride\\listid8\\ls2}{\\listoverride\\listid9\\ls3}}"

static void B15_lists_count_themselves(void)
{
	const struct html cases[] = {
		{ BYTES(FONTS STYLES "a\\par" MARK(
			  "\\'b7") "\\pard\\li720\\ls1 "
				   "b\\par" MARK(
					   "\\'b7") "c\\par\\pard d\\par}"),
		  P("a") "<ul><li>b</li>" CRLF "<li>c</li></ul>" CRLF P("d") },
		{ BYTES(FONTS STYLES MARK("1.") "\\ls2 a\\par" MARK(
			  "a.") "\\ilvl1 b\\par" MARK("b.") "c\\par" MARK("2.") "\\ilvl0 d}"),
		  "<ol><li>a<ol type=\"a\"><li>b</li>" CRLF
		  "<li>c</li></ol>" CRLF "</li>" CRLF "<li>d</li></ol>" CRLF },
		/* one that goes on after a paragraph goes on counting */
		{ BYTES(FONTS STYLES
				MARK("1.") "\\ls2 a\\par\\pard b\\par" MARK(
					"2.") "\\ls2 c}"),
		  "<ol><li>a</li></ol>" CRLF P("b") "<ol start=\"2\"><li>c</li>"
						    "</ol>" CRLF },
		{ BYTES(FONTS STYLES MARK("c)") "\\ls2\\ilvl1 a}"),
		  "<ol type=\"a\" start=\"3\"><li>a</li></ol>" CRLF },
		/* by the number that is shown, or where the list begins */
		{ BYTES(FONTS MARK("XIV.") "\\ls9 a\\par}"),
		  "<ol type=\"I\" start=\"14\"><li>a</li></ol>" CRLF },
		{ BYTES(FONTS "{\\*\\listtable{\\list{\\listlevel\\levelnfc0"
			      "\\levelstartat5}{\\listlevel\\levelnfc2}"
			      "\\listid7}}{\\*\\listoverridetable{"
			      "\\listoverride\\listid7\\ls4}}\\ls4 a\\par"
			      "\\ilvl1 b\\par}"),
		  "<ol start=\"5\"><li>a<ol type=\"i\"><li>b</li></ol>" CRLF
		  "</li></ol>" CRLF },
		/* one kind of list after another, and no number at all */
		{ BYTES(FONTS STYLES MARK("1.") "\\ls2 a\\par" MARK(
			  "\\'b7") "\\ls1 b\\par\\ls2\\ilvl2 c}"),
		  "<ol><li>a</li></ol>" CRLF
		  "<ul><li>b</li></ul>" CRLF P("c") },
		/* without a table the number tells */
		{ BYTES(FONTS MARK("7.") "\\ls9 a\\par" MARK("8.") "b}"),
		  "<ol start=\"7\"><li>a</li>" CRLF "<li>b</li></ol>" CRLF },
		{ BYTES(FONTS MARK("o") "\\ls9 a\\par" MARK(
			  "{\\f3\\'a7}") "b}"),
		  "<ul><li>a</li>" CRLF "<li>b</li></ul>" CRLF },
		{ BYTES(FONTS MARK("(iv)") "\\ls9 a\\par}"),
		  "<ol type=\"i\" start=\"4\"><li>a</li></ol>" CRLF },
		{ BYTES(FONTS MARK("B.") "\\ls3 a\\par}"),
		  "<ol type=\"A\" start=\"2\"><li>a</li></ol>" CRLF },
		/* of the old kind */
		{ BYTES(FONTS "{\\pntext\\f1\\'b7\\tab}{\\*\\pn\\pnlvlblt\\pnf1"
			      "{\\pntxtb\\'b7}}\\li720 a\\par{\\pntext\\f1\\'b7"
			      "\\tab}b\\par\\pard c\\par}"),
		  "<ul><li>a</li>" CRLF "<li>b</li></ul>" CRLF P("c") },
		{ BYTES(FONTS "{\\pntext 3.\\tab}{\\*\\pn\\pnlvlbody\\pnstart3"
			      "\\pndec{\\pntxta .}}a\\par{\\*\\pn\\pnlvlcont}"
			      "b\\par}"),
		  "<ol start=\"3\"><li>a</li></ol>" CRLF P("b") },
		{ BYTES(FONTS "{\\*\\pn\\pnlvlbody\\pnucrm}a\\par}"),
		  "<ol type=\"I\"><li>a</li></ol>" CRLF },
		/* in an item, its form */
		{ BYTES(FONTS STYLES "\\ls1\\qc\\sa60 a\\par}"),
		  "<ul><li style=\"text-align:center;margin-bottom:4px\">a</li>"
		  "</ul>" CRLF },
	};

	MAKE_ALL(cases);
}

static void B15_tables_have_rows_and_columns(void)
{
	const struct html cases[] = {
		{ BYTES(FONTS "a\\par\\trowd\\cellx1440\\cellx2880" CELL("b")
				CELL("c\\par d") "\\row\\pard e\\par}"),
		  P("a") TABLE TR TD("", "96", P("b"))
			  TD("", "96", P("c") P("d")) TR_ TABLE_ P("e") },
		/* defined before, after, or before and after its cells */
		{ BYTES(FONTS CELL("a") "\\trowd\\cellx1440\\row" CELL(
			  "b") "\\row\\trowd\\cellx2880" CELL("c") "\\trowd\\ce"
								   "llx1440"
								   "\\row}"),
		  TABLE TR TD("", "96", P("a")) TR_ TR TD("", "96", P("b"))
			  TR_ TR TD("", "96", P("c")) TR_ TABLE_ },
		/* across columns */
		{ BYTES(FONTS "\\trowd\\cellx2880\\cellx4320" CELL("a") CELL(
			  "b") "\\row\\trowd\\cellx1440\\cellx2885\\cellx432"
			       "0" CELL("c") CELL("") CELL("e") "\\row}"),
		  TABLE TR TD(" colspan=\"2\"", "192", P("a"))
			  TD("", "96", P("b")) TR_ TR TD("", "96", P("c"))
				  TD("", "96", "<br>") TD("", "96", P("e"))
					  TR_ TABLE_ },
		/* merged, to the right and down */
		{ BYTES(FONTS
			"\\trowd\\clmgf\\cellx1440\\clmrg\\cellx2880"
			"\\clvmgf\\cellx4320" CELL("a") CELL("b")
				CELL("c") "\\row\\trowd\\cellx1440\\cellx2880\\"
					  "clvmrg\\cellx4320" CELL("d")
						  CELL("e") CELL("f") "\\row}"),
		  TABLE TR TD(" colspan=\"2\"", "192", P("a") P("b"))
			  TD(" rowspan=\"2\"", "96", P("c") P("f"))
				  TR_ TR TD("", "96", P("d"))
					  TD("", "96", P("e")) TR_ TABLE_ },
		/* both at once; each part may say so, or only the first */
		{ BYTES(FONTS
			"\\trowd\\clmgf\\clvmgf\\cellx1440\\clmrg"
			"\\clvmgf\\cellx2880" CELL("a") CELL(
				"") "\\row\\trowd\\clmgf\\clvmrg\\cellx1440"
				    "\\clmrg\\clvmrg\\cellx2880" CELL("b")
					    CELL("") "\\row}"),
		  TABLE TR TD(" colspan=\"2\" rowspan=\"2\"", "192",
			      P("a") P("b")) TR_ TR TR_ TABLE_ },
		{ BYTES(FONTS "\\trowd\\clvmgf\\cellx2880" CELL(
			  "a") "\\row\\trowd\\clvmrg\\cellx1440\\clvmrg"
			       "\\cellx2880\\cellx4320" CELL("") CELL("b")
				       CELL("c") "\\row}"),
		  TABLE TR TD(" colspan=\"2\" rowspan=\"2\"", "192",
			      P("a") P("b")) TR_ TR TD("", "96", P("c"))
			  TR_ TABLE_ },
		/* colours and borders */
		{ BYTES(FONTS "\\trowd\\trbrdrt\\brdrs\\clbrdrt\\brdrw10\\brdrs"
			      "\\clcbpat1\\cellx1440\\clbrdrl\\brdrnone\\cellx2"
			      "880" CELL("a") CELL("b") "\\row}"),
		  TABLE TR "<td style=\"width:96px;border:1px solid;"
			   "background-color:#ff0000\">" P("a") "</td>" CRLF TD(
				   "", "96", P("b")) TR_ TABLE_ },
		/* one in another */
		{ BYTES(FONTS "\\trowd\\cellx4320\\pard\\intbl a\\par\\itap2 b"
			      "\\nestcell{\\*\\nesttableprops\\trowd\\cellx1440"
			      "\\nestrow}{\\nonesttables\\par}\\pard\\intbl c"
			      "\\cell\\row\\pard d\\par}"),
		  TABLE TR TD("", "288",
			      P("a") TABLE TR TD("", "96", P("b"))
				      TR_ TABLE_ P("c")) TR_ TABLE_ P("d") },
		{ BYTES(FONTS STYLES "\\trowd\\cellx1440" MARK(
			  "\\'b7") "\\pard\\intbl\\ls1 a\\par b\\cell\\row}"),
		  TABLE TR TD("", "96",
			      "<ul><li>a</li>" CRLF "<li>b</li></ul>" CRLF)
			  TR_ TABLE_ },
		/* cut short: nothing of it is lost */
		{ BYTES(FONTS "\\trowd\\cellx1440\\pard\\intbl a\\cell b\\par"
			      "\\pard c\\par}"),
		  TABLE TR TD("", "96", P("a")) TD("", "96", P("b"))
			  TR_ TABLE_ P("c") },
		{ BYTES(FONTS "\\pard\\intbl a\\par\\pard b\\par}"),
		  TABLE TR TD("", "96", P("a")) TR_ TABLE_ P("b") },
		{ BYTES(FONTS "\\trowd\\row\\row a\\par}"), P("a") },
		{ BYTES(FONTS "a\\cell b\\row}"),
		  TABLE TR TD("", "96", P("a")) TD("", "96", P("b"))
			  TR_ TABLE_ },
		/* two, with a paragraph between */
		{ BYTES(FONTS "\\trowd\\cellx1440" CELL(
			  "a") "\\row\\pard b\\par"
			       "\\trowd\\cellx2880" CELL("c") "\\row}"),
		  TABLE TR TD("", "96", P("a")) TR_ TABLE_ P("b")
			  TABLE TR TD("", "192", P("c")) TR_ TABLE_ },
	};

	MAKE_ALL(cases);
}

#define PNG "89504e470d0a1a0a00"

static void B15_pictures_are_files_that_the_html_shows(void)
{
	const struct {
		struct span in;
		const char *html, *type;
		struct span bytes;
	} cases[] = {
		{ BYTES(FONTS "a{\\pict\\pngblip\\picwgoal150\\pichgoal300"
			      "\\picscalex200\\picscaley50 89504e\r\n470d0A1A0a"
			      "00}b}"),
		  P("a<img src=\"cid:picture-1@rtf.ost.invalid\" alt=\"\" "
		    "width=\"20\" height=\"10\">b"),
		  "image/png", BYTES("\x89PNG\r\n\x1A\n\0") },
		{ BYTES(FONTS "{\\pict\\jpegblip\\bin4 \xFF\xD8\xFF}}}"),
		  P("<img src=\"cid:picture-1@rtf.ost.invalid\" alt=\"\">"),
		  "image/jpeg", BYTES("\xFF\xD8\xFF}") },
		/* what it is counts, not what it is called */
		{ BYTES(FONTS
			"{\\pict\\wmetafile8{\\*\\picprop x}{\\*\\blipuid "
			"00}" PNG "}}"),
		  P("<img src=\"cid:picture-1@rtf.ost.invalid\" alt=\"\">"),
		  "image/png", BYTES("\x89PNG\r\n\x1A\n\0") },
		/* a bitmap gets the header of a file, a metafile its size */
		{ BYTES(FONTS "{\\pict\\dibitmap0 0c00000001000100010018000102"
			      "0300}}"),
		  P("<img src=\"cid:picture-1@rtf.ost.invalid\" alt=\"\">"),
		  "image/bmp",
		  BYTES("BM\x1E\0\0\0\0\0\0\0\x1A\0\0\0\x0C\0\0\0\1\0\1\0\1\0"
			"\x18\0\1\2\3\0") },
		{ BYTES(FONTS "{\\pict\\wmetafile8\\picw2540\\pich5080 "
			      "010009000003}}"),
		  P("<img src=\"cid:picture-1@rtf.ost.invalid\" alt=\"\">"),
		  "image/wmf",
		  BYTES("\xD7\xCD\xC6\x9A\0\0\0\0\0\0\xA0\5\x40\x0B\xA0\5\0\0\0"
			"\0\x51\x5C\1\0\x09\0\0\3") },
		/* a metafile that only shows a bitmap is that bitmap */
		{ BYTES(FONTS "{\\pict\\wmetafile8 "
			      "0100090000030000000000000000000000000400"
			      "00000301080016000000430f2000cc0000000100"
			      "01000000000001000100000000000c0000000100"
			      "01000100180001020300030000000000"
			      "}}"),
		  P("<img src=\"cid:picture-1@rtf.ost.invalid\" alt=\"\">"),
		  "image/bmp",
		  BYTES("BM\x1E\0\0\0\0\0\0\0\x1A\0\0\0\x0C\0\0\0\1\0\1\0\1\0"
			"\x18\0\1\2\3\0") },
		/* of two forms the better; in objects and shapes too */
		{ BYTES(FONTS
			"{\\*\\shppict{\\pict\\pngblip " PNG "}}"
			"{\\nonshppict{\\pict\\wmetafile8 010009000003}}}"),
		  P("<img src=\"cid:picture-1@rtf.ost.invalid\" alt=\"\">"),
		  "image/png", BYTES("\x89PNG\r\n\x1A\n\0") },
		{ BYTES(FONTS "{\\object\\objemb{\\*\\objclass x}{\\*\\objdata "
			      "00}{\\result{\\pict\\pngblip " PNG "}}}}"),
		  P("<img src=\"cid:picture-1@rtf.ost.invalid\" alt=\"\">"),
		  "image/png", BYTES("\x89PNG\r\n\x1A\n\0") },
		{ BYTES(FONTS "a{\\shp{\\*\\shpinst{\\sp{\\sn pib}{\\sv{\\pict"
			      "\\pngblip " PNG
			      "}}}{\\shptxt b\\par}}{\\shprslt "
			      "x}}c}"),
		  P("a<img src=\"cid:picture-1@rtf.ost.invalid\" alt=\"\">")
			  P("b") P("c"),
		  "image/png", BYTES("\x89PNG\r\n\x1A\n\0") },
		/* what is no picture that we know */
		{ BYTES(FONTS "a{\\pict\\macpict 0102}b}"),
		  P("a[picture]b"),
		  NULL,
		  { NULL, 0 } },
		{ BYTES(FONTS "a{\\pict\\dibitmap0 28000000}b}"),
		  P("a[picture]b"),
		  NULL,
		  { NULL, 0 } },
		{ BYTES(FONTS
			"a{\\pict\\pngblip}{\\pict 9}{\\v{\\pict\\pngblip " PNG
			"}}{\\header{\\pict\\pngblip " PNG "}}b}"),
		  P("ab"),
		  NULL,
		  { NULL, 0 } },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct rtfhtml made = { 0 };

		CHECK(rtfhtml_make(cases[i].in, NULL, &made));
		CHECK_STR(body_of(&made.html), cases[i].html);
		CHECK(made.count == (cases[i].type != NULL));
		if (made.count == 1 && cases[i].type != NULL) {
			CHECK_STR(made.pictures[0].type, cases[i].type);
			CHECK(span_equal(buf_span(&made.pictures[0].bytes),
					 cases[i].bytes));
		}
		rtfhtml_free(&made);
	}
}

/* What is not only one bitmap stays the metafile that it is. */
static void B15_a_metafile_of_more_is_kept(void)
{
#define WMF "{\\pict\\wmetafile8 010009000003000000000000000000000000"
#define SHOW                                                                   \
	"16000000430f2000cc000000010001000000000001000100000000000c0000000100" \
	"01000100180001020300"
	static const char *const cases[] = {
		WMF SHOW SHOW "030000000000}",		      /* two */
		WMF SHOW "070000001b0400000000000000000000}", /* a box too */
		WMF "16000000430f20008800}",		      /* cut short */
		WMF "00000000430f}",
		WMF "ffffffff430f2000cc00}",
		WMF "}",
		WMF "030000000000" SHOW "}", /* after its end */
		/* drawn over what is there */
		WMF "16000000430f4600660000000100010000000000010001000000000"
		    "00c00000001000100010018000102030003000000000000}",
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct rtfhtml made = { 0 };
		struct buf rtf = { 0 };

		buf_printf(&rtf, FONTS "%s}", cases[i]);
		CHECK(rtfhtml_make(buf_span(&rtf), NULL, &made));
		CHECK(made.count == 1);
		if (made.count == 1)
			CHECK_STR(made.pictures[0].type, "image/wmf");
		rtfhtml_free(&made);
		buf_free(&rtf);
	}
}

static void B15_attachments_stand_where_they_stood(void)
{
	const char *const at[] = { "a<b.txt", "é.png", "c" };
	const char *const ids[] = { NULL, "x&y@z", NULL };
	const struct rtf_names names = { at, 3, ids };
	struct rtfhtml made = { 0 };

	CHECK(rtfhtml_make(BYTES(FONTS "x\\objattph\\'20y{\\b\\objattph}"
				       "{\\*\\objattph z}\\objattph}"),
			   &names, &made));
	CHECK_STR(body_of(&made.html),
		  P("x[attachment: a&lt;b.txt] y<img src=\"cid:x&amp;y@z\" "
		    "alt=\"é.png\">[attachment: c][attachment]"));
	rtfhtml_free(&made);
}

/* Is there what text cannot have? */
static void B15_and_B10_what_is_rich_is_known(void)
{
	const struct {
		struct span in;
		bool rich;
	} cases[] = {
		{ BYTES(FONTS "{\\b a}{\\*\\listtable{\\list{\\*\\listpicture"
			      "{\\pict\\pngblip " PNG "}}}}}"),
		  false },
		{ BYTES(FONTS "a{\\header{\\pict\\pngblip " PNG "}}}"), false },
		{ BYTES(FONTS "a{\\pict\\pngblip " PNG "}}"), true },
		{ BYTES(FONTS "\\trowd\\cellx9 a\\cell\\row}"), true },
		{ BYTES(FONTS "a{\\object{\\*\\objdata 00}}}"), true },
		{ BYTES(FONTS "a{\\shp{\\*\\shpinst{\\shptxt b}}}}"), false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct rtfhtml made = { 0 };

		CHECK(rtfhtml_make(cases[i].in, NULL, &made));
		CHECK(made.rich == cases[i].rich);
		rtfhtml_free(&made);
	}
}

/* Whatever is wrong with it, what can be read is there. */
static void B15_bears_with_damage(void)
{
	const struct html cases[] = {
		{ BYTES(FONTS "a"), P("a") },
		{ BYTES(FONTS "a{\\b b"), P("a<b>b</b>") },
		{ BYTES(FONTS "a}b"), P("a") },
		{ BYTES(FONTS "\\pict\\shptxt\\pn\\colortbl a}"), P("a") },
		{ BYTES(FONTS "{\\shptxt a}{\\listtext{\\b"), P("a") },
		{ BYTES(FONTS
			"\\itap99999 a\\nestcell\\nestrow\\itap-9 b\\par}"),
		  NULL },
		{ BYTES(FONTS "\\ls99999\\ilvl99999 a\\par\\ls-1\\ilvl-1 b}"),
		  P("a") P("b") },
		{ BYTES(FONTS "\\li2147483647\\fi-2147483648\\sb-1 a}"),
		  "<p "
		  "style=\"margin-left:2112px;text-indent:-2112px\">a</"
		  "p>" CRLF },
		{ BYTES(FONTS "\\trowd\\trleft2147483647\\cellx-2147483648"
			      "\\cellx2147483647 a\\cell b\\cell\\row}"),
		  NULL },
		{ BYTES(FONTS "{\\pict\\pngblip\\picwgoal2147483647\\pichgoal1"
			      "\\picscalex2147483647 " PNG "}}"),
		  NULL },
		{ BYTES(FONTS "{\\pict\\dibitmap0 ffffffff00000000000000000100"
			      "20000000000000000000000000000000ffffffffffffffff"
			      "}a}"),
		  P("[picture]a") },
		{ BYTES(FONTS
			"{\\*\\listtable{\\listlevel\\levelnfc0{\\list"
			"\\listid1\\listid1\\levelnfc-9}}}"
			"{\\*\\listoverridetable\\ls1\\listid1\\ls1\\ls-1}"
			"\\ls1 a}"),
		  "<ul><li>a</li></ul>" CRLF },
		{ BYTES(FONTS "\\fs-1\\cf2147483647\\up-2147483648 a}"),
		  P("<sup>a</sup>") },
		{ BYTES("no RTF"), "" },
		{ BYTES(""), "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct rtfhtml made = { 0 };

		CHECK(rtfhtml_make(cases[i].in, NULL, &made));
		CHECK(text_is_utf8(buf_span(&made.html)));
		if (cases[i].want != NULL)
			CHECK_STR(body_of(&made.html), cases[i].want);
		rtfhtml_free(&made);
	}
}

static size_t length_of(const char *head, const char *one, size_t times,
			const char *tail, bool *made)
{
	struct buf rtf = { 0 };
	struct rtfhtml h = { 0 };
	size_t len;

	buf_str(&rtf, head);
	for (size_t i = 0; i < times; i++)
		buf_str(&rtf, one);
	buf_str(&rtf, tail);
	*made = rtfhtml_make(buf_span(&rtf), NULL, &h);
	CHECK(*made || h.html.len == 0);
	len = h.html.len;
	rtfhtml_free(&h);
	buf_free(&rtf);
	return len;
}

/* There is an end to depth, to cells and to what comes out. */
static void B15_is_bounded(void)
{
	struct buf link = { 0 }, head = { 0 };
	bool made;

	(void)length_of(OWN, "{\\b a", 12000, "}", &made);
	CHECK(made);
	(void)length_of(OWN, "\\itap1 a\\itap9 b\\itap16 c\\par", 2000, "}",
			&made);
	CHECK(made);
	/* more cells than there may be: the rest is in the last */
	CHECK(length_of(OWN "\\trowd\\cellx9", "\\intbl a\\cell\\row", 140000,
			"}", &made) > 140000 * strlen("<p>a</p>"));
	CHECK(made);
	/* too much of it, each run of a link having all of it: there is none */
	for (size_t i = 0; i < 4096; i++)
		buf_byte(&link, 'u');
	buf_printf(&head, "%s{\\field{\\*\\fldinst HYPERLINK %s}{\\fldrslt",
		   OWN, link.at);
	CHECK(length_of(head.at, " a{\\b b}", 10000, "}}}", &made) == 0);
	CHECK(!made);
	buf_free(&link);
	buf_free(&head);
}

int main(void)
{
	RUN(B15_a_document_says_what_it_is);
	RUN(B15_nothing_is_nothing);
	RUN(B15_paragraphs_have_their_form);
	RUN(B15_notes_are_in_brackets);
	RUN(B15_blanks_stay);
	RUN(B15_characters_have_their_look);
	RUN(B15_links_lead_where_they_led);
	RUN(B15_lists_count_themselves);
	RUN(B15_tables_have_rows_and_columns);
	RUN(B15_pictures_are_files_that_the_html_shows);
	RUN(B15_a_metafile_of_more_is_kept);
	RUN(B15_attachments_stand_where_they_stood);
	RUN(B15_and_B10_what_is_rich_is_known);
	RUN(B15_bears_with_damage);
	RUN(B15_is_bounded);
	return checked();
}
