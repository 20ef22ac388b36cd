/*
 * plain.c - the body of an item as plain text
 *
 * HTML is read as a row of tags and text, never as a tree: what no browser
 * would make sense of is text, too.
 */
#include "mail/body/plain.h"

#include "mail/body/body.h"
#include "mail/text/chars.h"

/* What a tag does to the text around it. */
enum effect {
	EFFECT_NONE,
	EFFECT_LINE,  /* a new line */
	EFFECT_BLOCK, /* an empty line before and after it */
	EFFECT_CELL,
	EFFECT_HIDE, /* what is in it is no text */
};

static const struct {
	const char *name;
	enum effect effect;
} tags[] = {
	{ "br", EFFECT_LINE },	   { "div", EFFECT_LINE },
	{ "li", EFFECT_LINE },	   { "tr", EFFECT_LINE },
	{ "dt", EFFECT_LINE },	   { "dd", EFFECT_LINE },
	{ "hr", EFFECT_LINE },	   { "p", EFFECT_BLOCK },
	{ "h1", EFFECT_BLOCK },	   { "h2", EFFECT_BLOCK },
	{ "h3", EFFECT_BLOCK },	   { "h4", EFFECT_BLOCK },
	{ "h5", EFFECT_BLOCK },	   { "h6", EFFECT_BLOCK },
	{ "ul", EFFECT_BLOCK },	   { "ol", EFFECT_BLOCK },
	{ "dl", EFFECT_BLOCK },	   { "pre", EFFECT_BLOCK },
	{ "table", EFFECT_BLOCK }, { "blockquote", EFFECT_BLOCK },
	{ "td", EFFECT_CELL },	   { "th", EFFECT_CELL },
	{ "script", EFFECT_HIDE }, { "style", EFFECT_HIDE },
	{ "title", EFFECT_HIDE },  { "xml", EFFECT_HIDE },
};

/* HTML 4.01 24: the names of U+00A0 to U+00FF, in order. */
static const char *const latin1[] = {
	"nbsp",	  "iexcl",  "cent",   "pound",	"curren", "yen",    "brvbar",
	"sect",	  "uml",    "copy",   "ordf",	"laquo",  "not",    "shy",
	"reg",	  "macr",   "deg",    "plusmn", "sup2",	  "sup3",   "acute",
	"micro",  "para",   "middot", "cedil",	"sup1",	  "ordm",   "raquo",
	"frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc",
	"Atilde", "Auml",   "Aring",  "AElig",	"Ccedil", "Egrave", "Eacute",
	"Ecirc",  "Euml",   "Igrave", "Iacute", "Icirc",  "Iuml",   "ETH",
	"Ntilde", "Ograve", "Oacute", "Ocirc",	"Otilde", "Ouml",   "times",
	"Oslash", "Ugrave", "Uacute", "Ucirc",	"Uuml",	  "Yacute", "THORN",
	"szlig",  "agrave", "aacute", "acirc",	"atilde", "auml",   "aring",
	"aelig",  "ccedil", "egrave", "eacute", "ecirc",  "euml",   "igrave",
	"iacute", "icirc",  "iuml",   "eth",	"ntilde", "ograve", "oacute",
	"ocirc",  "otilde", "ouml",   "divide", "oslash", "ugrave", "uacute",
	"ucirc",  "uuml",   "yacute", "thorn",	"yuml",
};

static const struct {
	const char *name;
	uint32_t c;
} others[] = {
	{ "amp", '&' },	      { "lt", '<' },	   { "gt", '>' },
	{ "quot", '"' },      { "apos", '\'' },	   { "euro", 0x20AC },
	{ "ndash", 0x2013 },  { "mdash", 0x2014 }, { "lsquo", 0x2018 },
	{ "rsquo", 0x2019 },  { "sbquo", 0x201A }, { "ldquo", 0x201C },
	{ "rdquo", 0x201D },  { "bdquo", 0x201E }, { "bull", 0x2022 },
	{ "hellip", 0x2026 }, { "trade", 0x2122 }, { "lsaquo", 0x2039 },
	{ "rsaquo", 0x203A }, { "larr", 0x2190 },  { "rarr", 0x2192 },
	{ "zwnj", 0x200C },   { "zwj", 0x200D },
};

#define COUNT(all) (sizeof(all) / sizeof((all)[0]))

/* The text while it is made: blanks wait until something follows them. */
struct text {
	struct buf *out;
	size_t start;
	unsigned breaks; /* line ends that wait: at most 2 */
	bool space;
	bool tab;
};

static void flush(struct text *t)
{
	const bool first = t->out->len == t->start;

	for (unsigned i = 0; i < t->breaks && !first; i++)
		buf_str(t->out, "\r\n");
	if (t->breaks == 0 && t->tab && !first)
		buf_byte(t->out, '\t');
	else if (t->breaks == 0 && t->space && !first)
		buf_byte(t->out, ' ');
	t->breaks = 0;
	t->space = t->tab = false;
}

static void put_char(struct text *t, uint32_t c)
{
	flush(t);
	if (c == 0xA0) /* it was only there to keep a place */
		c = ' ';
	if (c >= 0x20 && c != 0x7F)
		buf_utf8(t->out, c);
}

static void put_effect(struct text *t, enum effect effect, bool is_break)
{
	if (is_break) /* each <br> is a line end; blocks share theirs */
		t->breaks += t->breaks < 2;
	else if (effect == EFFECT_LINE && t->breaks == 0)
		t->breaks = 1;
	else if (effect == EFFECT_BLOCK)
		t->breaks = 2;
	else if (effect == EFFECT_CELL)
		t->tab = true;
}

/* The scalar value of a number in `s`; 0: it is none. */
static uint32_t number_of(struct span s)
{
	const bool hex = s.len > 0 && chars_lower(s.at[0]) == 'x';
	uint32_t value = 0;

	if (hex)
		s = chars_from(s, 1);
	for (size_t i = 0; i < s.len; i++) {
		const uint8_t c = chars_lower(s.at[i]);
		const bool letter = hex && c >= 'a' && c <= 'f';

		if ((!chars_digit(c) && !letter) || value > 0x110000)
			return 0;
		value = value * (hex ? 16 : 10) +
			(uint32_t)(letter ? c - 'a' + 10 : c - '0');
	}
	return value;
}

/* The character that `name` refers to; 0: none. */
static uint32_t reference(struct span name)
{
	if (name.len > 1 && name.at[0] == '#')
		return number_of(chars_from(name, 1));
	for (size_t i = 0; i < COUNT(others); i++)
		if (span_equal(name, chars_of(others[i].name)))
			return others[i].c;
	for (size_t i = 0; i < COUNT(latin1); i++)
		if (span_equal(name, chars_of(latin1[i])))
			return 0xA0 + (uint32_t)i;
	return 0;
}

/* Take a reference off `*s`, which begins with "&"; what is none is text. */
static void take_reference(struct text *t, struct span *s)
{
	enum { NAME_MAX = 10 };
	const struct span rest = chars_from(*s, 1);
	const struct span head = chars_first(rest, NAME_MAX + 1);
	const size_t end = chars_find(head, ';');
	const uint32_t c =
		end < head.len ? reference(chars_first(head, end)) : 0;

	put_char(t, c != 0 ? c : '&');
	*s = chars_from(rest, c != 0 ? end + 1 : 0);
}

/* The length of the tag that `s` begins with, its ">" included. */
static size_t tag_length(struct span s)
{
	uint8_t quote = 0;

	for (size_t i = 1; i < s.len; i++) {
		const uint8_t c = s.at[i];

		if (quote != 0)
			quote = c == quote ? 0 : quote;
		else if (c == '>')
			return i + 1;
		else if (c == '"' || c == '\'')
			quote = c;
	}
	return s.len;
}

/* The name of a tag, with "/" before it when it ends something; or nothing. */
static struct span tag_name(struct span tag)
{
	struct span name = chars_from(tag, 1);
	const size_t slash = name.len > 0 && name.at[0] == '/';
	size_t len = slash;

	while (len < name.len && (chars_letter(name.at[len]) ||
				  (len > slash && chars_digit(name.at[len]))))
		len++;
	return chars_first(name, len);
}

/* The length of what `s` begins with, up to and with `end`. */
static size_t length_to(struct span s, const char *end)
{
	const size_t len = strlen(end);

	for (size_t i = 0; i + len <= s.len; i++)
		if (s.at[i] == (uint8_t)end[0] &&
		    memcmp(s.at + i, end, len) == 0)
			return i + len;
	return s.len;
}

/* Leave out what is up to the end tag of `name`. */
static void hide(struct span *s, struct span name)
{
	while (s->len > 0) {
		const struct span rest = chars_from(*s, chars_find(*s, '<'));
		const struct span found = tag_name(rest);

		*s = chars_from(rest, found.len > 0 ? 1 : rest.len > 0);
		if (found.len > 1 && found.at[0] == '/' &&
		    chars_same(chars_from(found, 1), name)) {
			*s = chars_from(rest, tag_length(rest));
			return;
		}
	}
}

/* Take a tag or comment off `*s`, which begins with "<"; else it is text. */
static void take_tag(struct text *t, struct span *s)
{
	const struct span name = tag_name(*s);
	const bool ends = name.len > 0 && name.at[0] == '/';
	const struct span bare = chars_from(name, ends);
	const uint8_t next = s->len > 1 ? s->at[1] : 0;

	if (chars_begin(*s, "<!--")) {
		*s = chars_from(*s, length_to(*s, "-->"));
		return;
	}
	if (bare.len == 0 && !chars_in(next, "!?/")) {
		put_char(t, '<');
		*s = chars_from(*s, 1);
		return;
	}
	*s = chars_from(*s, tag_length(*s));
	for (size_t i = 0; i < COUNT(tags); i++) {
		if (!chars_same(bare, chars_of(tags[i].name)))
			continue;
		if (tags[i].effect == EFFECT_HIDE && !ends)
			hide(s, bare);
		else
			put_effect(t, tags[i].effect, i == 0 && !ends);
	}
}

void plain_of_html(struct buf *out, struct span html)
{
	struct text t = { .out = out, .start = out->len };

	while (html.len > 0) {
		if (html.at[0] == '<') {
			take_tag(&t, &html);
		} else if (html.at[0] == '&') {
			take_reference(&t, &html);
		} else if (chars_blank(html.at[0])) {
			t.space = true;
			html = chars_from(html, 1);
		} else {
			put_char(&t, chars_next(&html));
		}
	}
	if (out->len > t.start)
		buf_str(out, "\r\n");
}

enum ost_status plain_read(struct store_object *item, struct buf *out,
			   struct notes *notes, struct ost_error *err)
{
	struct body body;
	const enum ost_status st = body_read(item, &body, notes, err);

	if (st == OST_OK && body.plain.len > 0) {
		buf_add(out, body.plain.at, body.plain.len);
	} else if (st == OST_OK && body.html.len > 0) {
		plain_of_html(out, buf_span(&body.html));
		note_add(notes, NOTE_HTML_TEXT);
	}
	body_free(&body);
	return st == OST_OK ? buf_status(out, err) : st;
}
