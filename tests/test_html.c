/*
 * test_html.c - HTML as plain text (C6)
 */
#include "bytes/buf.h"
#include "check.h"
#include "mail/html/html.h"

struct html_case {
	const char *html, *text;
};

static void check_cases(const struct html_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct buf out = { 0 };

		html_text(&out, span_of(cases[i].html, strlen(cases[i].html)));
		CHECK_STR(buf_text(&out), cases[i].text);
		buf_free(&out);
	}
}

#define CASES(all) check_cases(all, sizeof(all) / sizeof((all)[0]))

static void html_becomes_text(void)
{
	static const struct html_case cases[] = {
		{ "", "" },
		{ "a", "a\n" },
		{ " a \r\n b ", "a b\n" },
		{ "a<br>b<BR/>c", "a\nb\nc\n" },
		{ "a<br><br>b", "a\n\nb\n" },
		{ "<p>a</p><p>b</p>", "a\n\nb\n" },
		{ "<div>a</div>\n<div>b</div>", "a\nb\n" },
		{ "a<b>b</b>c", "abc\n" },
		{ "a<hr>b", "a\n---\nb\n" },
		{ "<pre>a  b\n\tc\n\n\nd</pre>e",
		  "a  b\n        c\n\n\nd\n\ne\n" },
		{ "<o:p>a</o:p><p:x>b", "ab\n" },
		{ "un\xC2\xADseen&shy;ly&#8203;", "unseenly\n" },
		{ "<p>a</p><p>&nbsp;</p><p>b", "a\n\nb\n" },
		{ "a&nbsp;&nbsp;b", "a  b\n" },
		{ "<img alt=' a\nb '><img alt=''><img src=x>c", "[a b]c\n" },
	};

	CASES(cases);
}

static void what_is_not_shown_is_no_text(void)
{
	static const struct html_case cases[] = {
		{ "<style>p { x }</style>a", "a\n" },
		{ "<STYLE></b></style >a", "a\n" },
		{ "<script>if (a<b) c</script>d", "d\n" },
		{ "<title>t</title>a", "a\n" },
		{ "<title/>a", "a\n" },
		{ "a<!-- <p> -->b", "ab\n" },
		{ "a<!--[if mso]>x<![endif]-->b<![if !mso]>c<![endif]>",
		  "abc\n" },
		{ "a<!-->b<!--->c", "abc\n" },
		{ "<?xml x?><!DOCTYPE html>a", "a\n" },
		{ "<a title=\"x>y\" b='>'>c</a>", "c\n" },
	};

	CASES(cases);
}

static void characters_have_names_and_numbers(void)
{
	static const struct html_case cases[] = {
		{ "&lt;b&gt;&amp;&quot;&auml;&euro;&#65;&#x42;",
		  "<b>&\"\xC3\xA4\xE2\x82\xAC"
		  "AB\n" },
		{ "&", "&\n" },
		{ "a&b", "a&b\n" },
		{ "&nosuch;&;&#;&#x;&#xZ;", "&nosuch;&;&#;&#x;&#xZ;\n" },
		{ "a&#0;b", "ab\n" },
		{ "&#xD800;&#x110000;&#99999999999;",
		  "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\n" },
		{ "&#146;&#x80;", "\xE2\x80\x99\xE2\x82\xAC\n" },
		/* without the semicolon, as old pages have them */
		{ "Gr&uuml&szlige &eacute", "Gr\xC3\xBC\xC3\x9F"
					    "e \xC3\xA9\n" },
		{ "&notin; &notit;", "\xE2\x88\x89 \xC2\xAC"
				     "it;\n" },
		{ "&CounterClockwiseContourIntegral;&fjlig;", "\xE2\x88\xB3"
							      "fj\n" },
	};

	CASES(cases);
}

static void a_link_has_its_address(void)
{
	static const struct html_case cases[] = {
		{ "<a href='https://x.org/a'>see</a> b",
		  "see <https://x.org/a> b\n" },
		{ "<a href=\"http://x.org/\">x.org</a>", "x.org\n" },
		{ "<a href=mailto:a@x.org>A@x.org</a>", "A@x.org\n" },
		{ "<a href=mailto:a@x.org>Ann</a>", "Ann <mailto:a@x.org>\n" },
		{ "<a href='#top'>up</a><a name=top></a>", "up\n" },
		{ "<a href='javascript:x()'>do</a>", "do\n" },
		{ "<a href='x?a=1&amp;b=2&copy=3'>s</a>",
		  "s <x?a=1&b=2&copy=3>\n" },
		{ "<a href=u><img src=x></a>", "<u>\n" },
		{ "<a href=u>a<a href=v>b", "a <u>b <v>\n" },
		{ "<a href=u><table><tr><td>a</table></a>", "a\n<u>\n" },
		{ "<table><tr><td><a href=u>a</td><td>b</table>",
		  "a  b\n<u>\n" },
	};

	CASES(cases);
}

static void lists_have_their_marks(void)
{
	static const struct html_case cases[] = {
		{ "<ul><li>a</li><li>b</li></ul>c", "* a\n* b\n\nc\n" },
		{ "a<ol><li>b<ul><li>c</ul><li>d</ol>",
		  "a\n\n1. b\n  * c\n2. d\n" },
		{ "<ol start=3 type=A><li>a<li value=9>b</ol>",
		  "C. a\nI. b\n" },
		{ "<ol type=i start=4><li>a<li>b</ol>", "iv. a\nv. b\n" },
		{ "<li>a</li>", "a\n" },
		{ "</ul><ul><li><p>a</p></ul></ul>b", "* a\n\nb\n" },
	};

	CASES(cases);
}

static void quotes_are_marked(void)
{
	static const struct html_case cases[] = {
		{ "a<blockquote>b<br>c<blockquote>d</blockquote></blockquote>e",
		  "a\n\n> b\n> c\n\n> > d\n\ne\n" },
		{ "<div style='border:none; Border-Left: solid blue 1.5pt'>a"
		  "<div>b</div></div>c",
		  "> a\n> b\nc\n" },
		{ "<blockquote><ul><li>a</ul></blockquote>", "> * a\n" },
		{ "</blockquote></div>a", "a\n" },
	};

	CASES(cases);
}

static void tables_stand_in_columns(void)
{
	static const struct html_case cases[] = {
		{ "<table><tr><td>Item</td><td>Sum</td></tr>"
		  "<tr><td>Paper</td><td>3</td></tr></table>",
		  "Item   Sum\nPaper  3\n" },
		{ "<table><tr><th>\xE4\xBC\x9A\xE8\xAD\xB0<th>b"
		  "<tr><td>x<td>c</table>",
		  "\xE4\xBC\x9A\xE8\xAD\xB0  b\nx     c\n" },
		{ "<table><tr><td colspan=2>a long title<tr><td>1<td>2"
		  "<tr><td>3<td>4</table>",
		  "a long title\n1  2\n3  4\n" },
		{ "<table><caption>cap</caption><tr><td>a<td>b<tr><td>c<td>d"
		  "</table>",
		  "cap\na    b\nc    d\n" },
		/* a row is one line where it can be */
		{ "<table><tr><td>From:</td><td>Ann</td></tr></table>",
		  "From:  Ann\n" },
		/* cells of several lines are blocks */
		{ "<table><tr><td>a<br>b<td>c<tr><td>d<td>e</table>f",
		  "a\nb\nc\nd  e\nf\n" },
		/* what is around another table is layout */
		{ "<table><tr><td>top<table><tr><td>a<td>b<tr><td>c<td>d"
		  "</table>end<td>right</table>",
		  "top\na  b\nc  d\nend\nright\n" },
		{ "x<table></table>y", "x\ny\n" },
		{ "<table>stray<tr><td>a</table>", "stray\na\n" },
		{ "<tr><td>a</td><td>b</td></tr><tr><td>c</td></tr>",
		  "a\nb\nc\n" },
		{ "<blockquote><table><tr><td>a<td>b</table></blockquote>",
		  "> a  b\n" },
		{ "<ul><li><table><tr><td>a<td>b</table><li>c</ul>",
		  "* a  b\n* c\n" },
	};

	CASES(cases);
}

/* The table of bad inputs: no browser sees more in them. */
static void bad_input_is_text_or_nothing(void)
{
	static const struct html_case cases[] = {
		{ "<", "<\n" },
		{ "a<b", "a\n" },
		{ "a <5 and b< c", "a <5 and b< c\n" },
		{ "<script>never ends", "" },
		{ "a<!-- never ends", "a\n" },
		{ "a<!", "a\n" },
		{ "a</", "a\n" },
		{ "a</>b", "ab\n" },
		{ "<a href=\"never ends>b", "<never ends>b>\n" },
		{ "<p \"x>b", "b\n" },
		{ "<a href>b</a>", "b\n" },
		{ "<a href=>b</a>", "b\n" },
		{ "<a =x href=u>b</a>", "b <u>\n" },
		{ "</a></td></tr></table>b", "b\n" },
		{ "<td>a<table>b<td>", "a\nb\n" },
		{ "<table><td colspan=99999999999>a<td colspan=0>b<td "
		  "colspan=-1>c<tr><td>d",
		  "a  b  c\nd\n" },
		{ "<ol start=99999999999><li>a", "1. a\n" },
		{ "<ol type=a start=27><li>a", "27. a\n" },
		{ "<ol type=i start=0><li>a", "0. a\n" },
		{ "\x01z\x7F", "z\n" },
		{ "\xFF", "\xEF\xBF\xBD\n" },
		{ "<a href='\xFF\t\x01'>b</a>", "b <\xEF\xBF\xBD>\n" },
		{ "\xC3", "\xEF\xBF\xBD\n" },
	};

	CASES(cases);
}

/* `unit` so often that it is a MiB: its text is bounded, and is all there. */
static void check_many(const char *unit, const char *word)
{
	enum { SIZE = 1 << 20 };
	const size_t len = strlen(unit);
	struct buf in = { 0 }, out = { 0 };

	while (in.len + len <= SIZE)
		buf_add(&in, unit, len);
	buf_str(&in, word);
	html_text(&out, buf_span(&in));
	CHECK(out.len < 4 * in.len + (1 << 17));
	CHECK(strstr(buf_text(&out), word) != NULL);
	buf_free(&in);
	buf_free(&out);
}

static void size_and_depth_are_bounded(void)
{
	check_many("<ul>", "word");
	check_many("<ul><li>a", "word");
	check_many("<blockquote>a<br>b", "word");
	check_many("<table>", "word");
	check_many("<table><tr><td>", "word");
	check_many("<td>", "word");
	check_many("<table><tr><td>a long text<tr><td><td>b</table>", "word");
	check_many("<pre>\t\t\t\ta", "word");
	check_many("<div style='border-left:solid'>a", "word");
	check_many("<a href=x>", "word");
	check_many("&nGt;", "word");
	check_many("<ol type=i start=3888><li>", "word");
}

int main(void)
{
	RUN(html_becomes_text);
	RUN(what_is_not_shown_is_no_text);
	RUN(characters_have_names_and_numbers);
	RUN(a_link_has_its_address);
	RUN(lists_have_their_marks);
	RUN(quotes_are_marked);
	RUN(tables_stand_in_columns);
	RUN(bad_input_is_text_or_nothing);
	RUN(size_and_depth_are_bounded);
	return checked();
}
