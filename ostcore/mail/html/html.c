/*
 * html.c - HTML as plain text
 *
 * Tags are looked at one by one, and what is open is counted, not kept: so
 * nothing recurses, however deep the page nests.
 */
#include "mail/html/html.h"

#include <stdio.h>
#include <stdlib.h>

#include "mail/html/page.h"
#include "mail/html/token.h"
#include "mail/text/chars.h"

/*
 * Lines
 */

static void put_roman(struct buf *out, unsigned n, bool upper)
{
	static const struct {
		unsigned value;
		const char *text;
	} digits[] = { { 1000, "m" }, { 900, "cm" }, { 500, "d" },
		       { 400, "cd" }, { 100, "c" },  { 90, "xc" },
		       { 50, "l" },   { 40, "xl" },  { 10, "x" },
		       { 9, "ix" },   { 5, "v" },    { 4, "iv" },
		       { 1, "i" } };

	for (size_t i = 0; i < sizeof(digits) / sizeof(digits[0]); i++)
		for (; n >= digits[i].value; n -= digits[i].value)
			for (const char *c = digits[i].text; *c != 0; c++)
				buf_byte(out, upper ? (char)(*c & ~0x20) : *c);
}

static void put_marker(struct page *p, struct list *list)
{
	enum { LETTERS = 26, ROMAN_MAX = 3999 };
	struct buf *out = p->flow.out;
	const unsigned n = list->next;

	if (!list->ordered) {
		buf_str(out, "* ");
		return;
	}
	list->next++;
	if ((list->style | 0x20) == 'a' && n >= 1 && n <= LETTERS)
		buf_byte(out, (char)(list->style + (int)n - 1));
	else if ((list->style | 0x20) == 'i' && n >= 1 && n <= ROMAN_MAX)
		put_roman(out, n, list->style == 'I');
	else
		buf_printf(out, "%u", n);
	buf_str(out, ". ");
}

/* What a line begins with: marks of quotes, and blanks of lists. */
static void put_prefix(struct page *p)
{
	const struct grid *g = &p->grid;
	const unsigned base = g->open ? g->quotes : 0;
	const unsigned quotes = p->quotes < QUOTES_MAX ? p->quotes : QUOTES_MAX;
	const unsigned outer = g->open ? g->lists : 0;
	const unsigned lists =
		p->lists_open < LISTS_MAX ? p->lists_open : LISTS_MAX;

	for (unsigned i = base; i < quotes && !p->flow.flat; i++)
		buf_str(p->flow.out, "> ");
	for (unsigned i = outer + p->item; i < lists && !p->flow.flat; i++)
		buf_str(p->flow.out, "  ");
	if (p->item && lists > 0)
		put_marker(p, &p->lists[lists - 1]);
	p->item = false;
}

static void flush(struct page *p)
{
	struct flow *f = &p->flow;
	const bool first = f->out->len == f->start;
	const bool line = first || f->breaks > 0;

	if (p->out->len + p->grid.text.len > p->cap)
		f->flat = true;
	for (; f->breaks > 0 && !first; f->breaks--)
		buf_byte(f->out, '\n');
	if (line)
		put_prefix(p);
	if (!line || p->pre > 0)
		for (size_t i = 0; i < f->blanks; i++)
			buf_byte(f->out, ' ');
	f->breaks = 0;
	f->blanks = 0;
}

void page_put(struct page *p, struct span text)
{
	if (p->grid.open && !p->grid.in_cell)
		table_text(p);
	flush(p);
	buf_add(p->flow.out, text.at, text.len);
}

void page_break(struct page *p, unsigned count)
{
	if (p->flow.breaks < count)
		p->flow.breaks = count;
	if (p->flow.breaks > 0)
		p->flow.blanks = 0;
}

/*
 * Text
 */

enum { BLANKS_MAX = 200 }; /* in a row */

static void put_blanks(struct page *p, struct span text)
{
	struct flow *f = &p->flow;

	if (p->pre == 0) {
		f->blanks += f->blanks == 0;
		return;
	}
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '\n') {
			f->breaks++;
			f->blanks = 0;
		} else if (f->blanks < BLANKS_MAX) {
			f->blanks = text.at[i] == '\t'
					    ? (f->blanks / 8 + 1) * 8
					    : f->blanks + (text.at[i] == ' ');
		}
	}
}

/* Nobody sees these, and they would stand in the middle of a word. */
static bool is_unseen(uint32_t c)
{
	return c == 0xAD || c == 0x200B || c == 0x2060 || c == 0xFEFF ||
	       (c < 0x20 && c != '\t') || (c >= 0x7F && c < 0xA0);
}

static void put_some(struct page *p, struct buf *text)
{
	if (text->len > 0)
		page_put(p, buf_span(text));
	buf_cut(text, 0);
}

/* A text with characters that are not ASCII. */
static void put_foreign(struct page *p, struct span text)
{
	enum { NO_BREAK_SPACE = 0xA0 };
	struct buf clean = { 0 };

	while (text.len > 0) {
		const uint32_t c = chars_next(&text);

		if (c == NO_BREAK_SPACE) {
			put_some(p, &clean);
			p->flow.blanks += p->flow.blanks < BLANKS_MAX;
		} else if (!is_unseen(c)) {
			buf_utf8(&clean, c);
		}
	}
	put_some(p, &clean);
	p->out->bad = p->out->bad || clean.bad;
	buf_free(&clean);
}

static void put_text(struct page *p, struct span text)
{
	if (text.len == 0)
		return;
	if (chars_blank(text.at[0]))
		put_blanks(p, text);
	else if (chars_plain(text) == text.len)
		page_put(p, text);
	else
		put_foreign(p, text);
}

/*
 * Links and pictures
 */

/* `text` without what an address and its text may differ in. */
static struct span core(struct span text)
{
	static const char *const schemes[] = { "mailto:", "http://", "https://",
					       "tel:" };

	text = chars_trim(text);
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (chars_begin(text, schemes[i]))
			text = chars_from(text, strlen(schemes[i]));
	while (text.len > 0 && text.at[text.len - 1] == '/')
		text.len--;
	return text;
}

static void end_link(struct page *p)
{
	struct flow *f = &p->flow;
	struct span text = { NULL, 0 };
	struct buf address = { 0 };

	if (!p->in_link)
		return;
	p->in_link = false;
	if (p->link_from <= f->out->len)
		text = chars_trim(chars_from(buf_span(f->out), p->link_from));
	if (chars_same(core(text), core(buf_span(&p->link))))
		return;
	buf_printf(&address, text.len > 0 ? " <%s>" : "<%s>",
		   buf_text(&p->link));
	if (text.len > 0)
		buf_add(f->out, address.at, address.len);
	else
		page_put(p, buf_span(&address));
	p->out->bad = p->out->bad || address.bad;
	buf_free(&address);
}

static void begin_link(struct page *p, struct span tag)
{
	struct buf raw = { 0 };

	end_link(p);
	buf_cut(&p->link, 0);
	if (token_attribute(tag, "href", &raw)) {
		struct span href = chars_trim(buf_span(&raw));

		while (href.len > 0) {
			const uint32_t c = chars_next(&href);

			if (c >= 0x20 && !is_unseen(c))
				buf_utf8(&p->link, c);
		}
	}
	p->in_link = p->link.len > 0 && p->link.at[0] != '#' &&
		     !chars_begin(buf_span(&p->link), "javascript:");
	p->link_from = p->flow.out->len;
	p->out->bad = p->out->bad || raw.bad || p->link.bad;
	buf_free(&raw);
}

static void put_picture(struct page *p, struct span tag)
{
	struct buf alt = { 0 }, text = { 0 };

	if (token_attribute(tag, "alt", &alt)) {
		const struct span what = chars_trim(buf_span(&alt));

		if (what.len > 0)
			buf_printf(&text, "[%.*s]", (int)what.len,
				   (const char *)what.at);
	}
	for (size_t i = 0; i < text.len; i++)
		if (chars_blank((uint8_t)text.at[i]))
			text.at[i] = ' ';
	put_text(p, buf_span(&text));
	p->out->bad = p->out->bad || alt.bad || text.bad;
	buf_free(&alt);
	buf_free(&text);
}

/*
 * Blocks
 */

static void begin_list(struct page *p, struct span tag, bool ordered)
{
	struct list list = { .ordered = ordered, .style = '1', .next = 1 };
	struct buf text = { 0 };

	if (ordered && token_attribute(tag, "start", &text) && text.len > 0 &&
	    text.len < 6 && chars_digit((uint8_t)text.at[0]))
		list.next = (unsigned)strtoul(buf_text(&text), NULL, 10);
	buf_cut(&text, 0);
	if (ordered && token_attribute(tag, "type", &text) && text.len == 1 &&
	    chars_in((uint8_t)text.at[0], "aAiI"))
		list.style = text.at[0];
	buf_free(&text);
	page_break(p, p->lists_open > 0 ? 1 : 2);
	if (p->lists_open < LISTS_MAX)
		p->lists[p->lists_open] = list;
	p->lists_open++;
}

static void end_list(struct page *p)
{
	if (p->lists_open > 0)
		p->lists_open--;
	p->item = false;
	page_break(p, p->lists_open > 0 ? 1 : 2);
}

static void begin_item(struct page *p, struct span tag)
{
	struct buf text = { 0 };

	page_break(p, 1);
	p->item = true;
	if (p->lists_open > 0 && p->lists_open <= LISTS_MAX &&
	    token_attribute(tag, "value", &text) && text.len > 0 &&
	    text.len < 6 && chars_digit((uint8_t)text.at[0]))
		p->lists[p->lists_open - 1].next =
			(unsigned)strtoul(buf_text(&text), NULL, 10);
	buf_free(&text);
}

/* Outlook marks what is replied to with a line at its left. */
static bool is_quote(struct span tag)
{
	static const char left[] = "border-left:solid";
	struct buf style = { 0 }, tight = { 0 };
	bool is;

	(void)token_attribute(tag, "style", &style);
	for (size_t i = 0; i < style.len; i++)
		if (!chars_blank((uint8_t)style.at[i]))
			buf_byte(&tight,
				 (char)chars_lower((uint8_t)style.at[i]));
	is = tight.len > 0 && strstr(tight.at, left) != NULL;
	buf_free(&style);
	buf_free(&tight);
	return is;
}

static void begin_div(struct page *p, struct span tag)
{
	page_break(p, 1);
	p->divs++;
	if (p->quoting_count == QUOTES_MAX || !is_quote(tag))
		return;
	p->quoting[p->quoting_count++] = p->divs;
	p->quotes++;
}

static void end_div(struct page *p)
{
	page_break(p, 1);
	if (p->quoting_count > 0 &&
	    p->quoting[p->quoting_count - 1] == p->divs) {
		p->quoting_count--;
		p->quotes -= p->quotes > 0;
	}
	p->divs -= p->divs > 0;
}

static void quote(struct page *p, bool ends)
{
	page_break(p, 2);
	if (!ends)
		p->quotes++;
	else
		p->quotes -= p->quotes > 0;
}

static void preformat(struct page *p, bool ends)
{
	page_break(p, 2);
	if (!ends)
		p->pre++;
	else
		p->pre -= p->pre > 0;
}

/*
 * Tags
 */

enum effect {
	EFFECT_BREAK,
	EFFECT_LINE,  /* a new line */
	EFFECT_BLOCK, /* an empty line before and after it */
	EFFECT_RULE,
	EFFECT_DIV,
	EFFECT_LIST,
	EFFECT_NUMBERS,
	EFFECT_ITEM,
	EFFECT_QUOTE,
	EFFECT_PRE,
	EFFECT_LINK,
	EFFECT_PICTURE,
};

static const struct {
	const char *name;
	enum effect effect;
} tags[] = {
	{ "br", EFFECT_BREAK },		{ "div", EFFECT_DIV },
	{ "p", EFFECT_BLOCK },		{ "a", EFFECT_LINK },
	{ "img", EFFECT_PICTURE },	{ "li", EFFECT_ITEM },
	{ "ul", EFFECT_LIST },		{ "ol", EFFECT_NUMBERS },
	{ "menu", EFFECT_LIST },	{ "dir", EFFECT_LIST },
	{ "dt", EFFECT_LINE },		{ "dd", EFFECT_LINE },
	{ "hr", EFFECT_RULE },		{ "option", EFFECT_LINE },
	{ "h1", EFFECT_BLOCK },		{ "h2", EFFECT_BLOCK },
	{ "h3", EFFECT_BLOCK },		{ "h4", EFFECT_BLOCK },
	{ "h5", EFFECT_BLOCK },		{ "h6", EFFECT_BLOCK },
	{ "dl", EFFECT_BLOCK },		{ "center", EFFECT_LINE },
	{ "form", EFFECT_LINE },	{ "fieldset", EFFECT_BLOCK },
	{ "section", EFFECT_LINE },	{ "article", EFFECT_LINE },
	{ "header", EFFECT_LINE },	{ "footer", EFFECT_LINE },
	{ "main", EFFECT_LINE },	{ "aside", EFFECT_LINE },
	{ "nav", EFFECT_LINE },		{ "address", EFFECT_LINE },
	{ "figure", EFFECT_LINE },	{ "figcaption", EFFECT_LINE },
	{ "legend", EFFECT_LINE },	{ "body", EFFECT_LINE },
	{ "listing", EFFECT_PRE },	{ "xmp", EFFECT_PRE },
	{ "pre", EFFECT_PRE },		{ "plaintext", EFFECT_PRE },
	{ "blockquote", EFFECT_QUOTE },
};

static void put_break(struct page *p)
{
	/* Each is a line end of its own; blocks share theirs. */
	page_break(p, p->flow.breaks < 2 ? p->flow.breaks + 1 : 2);
}

static void put_rule(struct page *p)
{
	page_break(p, 1);
	page_put(p, chars_of("---"));
	page_break(p, 1);
}

static void begin(struct page *p, enum effect effect, struct span tag)
{
	switch (effect) {
	case EFFECT_BREAK:
		put_break(p);
		break;
	case EFFECT_RULE:
		put_rule(p);
		break;
	case EFFECT_DIV:
		begin_div(p, tag);
		break;
	case EFFECT_LIST:
	case EFFECT_NUMBERS:
		begin_list(p, tag, effect == EFFECT_NUMBERS);
		break;
	case EFFECT_ITEM:
		begin_item(p, tag);
		break;
	case EFFECT_QUOTE:
		quote(p, false);
		break;
	case EFFECT_PRE:
		preformat(p, false);
		break;
	case EFFECT_LINK:
		begin_link(p, tag);
		break;
	case EFFECT_PICTURE:
		put_picture(p, tag);
		break;
	case EFFECT_LINE:
	case EFFECT_BLOCK:
		page_break(p, effect == EFFECT_BLOCK ? 2 : 1);
	}
}

static void end(struct page *p, enum effect effect)
{
	switch (effect) {
	case EFFECT_DIV:
		end_div(p);
		break;
	case EFFECT_LIST:
	case EFFECT_NUMBERS:
		end_list(p);
		break;
	case EFFECT_QUOTE:
		quote(p, true);
		break;
	case EFFECT_PRE:
		preformat(p, true);
		break;
	case EFFECT_LINK:
		end_link(p);
		break;
	case EFFECT_RULE:
	case EFFECT_PICTURE:
	case EFFECT_BREAK:
		break;
	case EFFECT_LINE:
	case EFFECT_ITEM:
	case EFFECT_BLOCK:
		page_break(p, effect == EFFECT_BLOCK ? 2 : 1);
	}
}

static void take(struct page *p, const struct token *t)
{
	const bool ends = t->kind == TOKEN_END;

	if (t->kind == TOKEN_TEXT) {
		put_text(p, t->text);
		return;
	}
	if (t->kind == TOKEN_NONE || table_tag(p, t->name, ends, t->all))
		return;
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		if (!chars_same(t->name, chars_of(tags[i].name)))
			continue;
		if (ends)
			end(p, tags[i].effect);
		else
			begin(p, tags[i].effect, t->all);
		return;
	}
}

void html_text(struct buf *out, struct span html)
{
	enum { LEAST = 1 << 16 };
	struct page p = { .flow = { .out = out, .start = out->len },
			  .out = out,
			  .cap = out->len + 2 * html.len + LEAST };
	const size_t start = out->len;
	struct token token;
	char room[8];

	while (html.len > 0) {
		token_next(&html, room, &token);
		take(&p, &token);
	}
	end_link(&p);
	table_settle(&p);
	if (out->len > start)
		buf_byte(out, '\n');
	buf_free(&p.link);
	buf_free(&p.grid.text);
	free(p.grid.cells);
}
