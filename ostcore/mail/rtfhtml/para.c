/*
 * para.c - paragraphs, and the look of what is in them
 */
#include "mail/rtfhtml/page.h"
#include "mail/text/chars.h"

/*
 * Values in HTML
 */

void page_attribute(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		const uint8_t c = text.at[i];

		if (c == '&')
			buf_str(out, "&amp;");
		else if (c == '"')
			buf_str(out, "&quot;");
		else if (c == '<')
			buf_str(out, "&lt;");
		else if (c == '>')
			buf_str(out, "&gt;");
		else if (!chars_control(c))
			buf_byte(out, (char)c);
	}
}

int page_pixels(int64_t twips)
{
	enum { TWIPS = 15, MAX = 10000 }; /* of a pixel: 96 an inch */
	const int64_t pixels = (twips + TWIPS / 2) / TWIPS;

	return (int)(pixels < 0 ? 0 : pixels > MAX ? MAX : pixels);
}

void page_color(const struct page *p, const char *name, uint16_t color,
		struct buf *out)
{
	if (color > 0 && color <= p->color_count &&
	    p->colors[color - 1] != NO_COLOR)
		buf_printf(out, ";%s:#%06x", name, p->colors[color - 1]);
}

/* Symbols have become characters, which the font does not have as such. */
void page_font(const struct page *p, uint16_t font, struct buf *out)
{
	const char *name = rtf_font_name(&p->reader->fonts, font);

	if (*name == '\0' || rtf_symbols(name) != NULL)
		return;
	buf_str(out, ";font-family:'");
	for (; *name != '\0'; name++)
		if (!chars_control((uint8_t)*name) &&
		    !chars_in((uint8_t)*name, "'\"<>&\\;{}"))
			buf_byte(out, *name);
	buf_byte(out, '\'');
}

/*
 * The look of characters. Their tags are opened in this order.
 */

enum {
	TAG_LINK = 1,
	TAG_SPAN = 2,
	TAG_BOLD = 4,
	TAG_ITALIC = 8,
	TAG_UNDERLINE = 16,
	TAG_STRIKE = 32,
	TAG_ABOVE = 64,
	TAG_BELOW = 128,
};

static const struct {
	unsigned tag;
	const char *name;
} tags[] = {
	{ TAG_LINK, "a" },    { TAG_SPAN, "span" },   { TAG_BOLD, "b" },
	{ TAG_ITALIC, "i" },  { TAG_UNDERLINE, "u" }, { TAG_STRIKE, "s" },
	{ TAG_ABOVE, "sup" }, { TAG_BELOW, "sub" },
};

enum { TAGS = sizeof(tags) / sizeof(tags[0]) };

static void end_look(struct page *p)
{
	for (size_t i = TAGS; i-- > 0;)
		if (p->tags & tags[i].tag)
			buf_printf(&p->line, "</%s>", tags[i].name);
	p->tags = 0;
}

/* A script is no place that a link leads to. */
static bool is_safe(struct span url)
{
	static const char *const scripts[] = { "javascript:", "vbscript:",
					       "data:" };

	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		if (chars_begin(url, scripts[i]))
			return false;
	return url.len > 0;
}

static void begin_link(struct page *p, const struct look *look)
{
	struct span url;

	(void)span_sub(buf_span(&p->reader->urls), look->url, look->url_len,
		       &url);
	url = chars_trim(url);
	if (!is_safe(url))
		return;
	buf_str(&p->line, "<a href=\"");
	page_attribute(&p->line, url);
	buf_str(&p->line, "\">");
	p->tags |= TAG_LINK;
}

static void begin_span(struct page *p, const struct look *look)
{
	struct buf style = { 0 };

	if (look->font != p->reader->first_font)
		page_font(p, look->font, &style);
	if (look->size != DEFAULT_SIZE && look->size > 0)
		buf_printf(&style, ";font-size:%u%spt", look->size / 2U,
			   look->size % 2 ? ".5" : "");
	page_color(p, "color", look->color, &style);
	page_color(p, "background-color", look->back, &style);
	if (look->capitals)
		buf_str(&style, ";text-transform:uppercase");
	if (style.len > 0) {
		buf_printf(&p->line, "<span style=\"%s\">", style.at + 1);
		p->tags |= TAG_SPAN;
	}
	p->bad = p->bad || style.bad;
	buf_free(&style);
}

static bool same_look(const struct look *a, const struct look *b)
{
	return a->bold == b->bold && a->italic == b->italic &&
	       a->underline == b->underline && a->strike == b->strike &&
	       a->capitals == b->capitals && a->script == b->script &&
	       a->font == b->font && a->size == b->size &&
	       a->color == b->color && a->back == b->back &&
	       a->url_len == b->url_len && a->url == b->url;
}

/* Have the end of the line look as text does now. */
static void set_look(struct page *p)
{
	struct look *look = &p->now.look;
	unsigned want = 0;

	look->font = p->reader->now.font;
	look->url = p->reader->now.url;
	look->url_len = p->reader->now.url_len;
	if (p->line.len > 0 && same_look(look, &p->shown))
		return;
	end_look(p);
	p->shown = *look;
	if (look->url_len > 0)
		begin_link(p, look);
	begin_span(p, look);
	want |= look->bold ? TAG_BOLD : 0;
	want |= look->italic ? TAG_ITALIC : 0;
	/* A link is underlined anyhow. */
	want |= look->underline && !(p->tags & TAG_LINK) ? TAG_UNDERLINE : 0;
	want |= look->strike ? TAG_STRIKE : 0;
	want |= look->script > 0 ? TAG_ABOVE : 0;
	want |= look->script < 0 ? TAG_BELOW : 0;
	for (size_t i = 0; i < TAGS; i++)
		if (want & tags[i].tag)
			buf_printf(&p->line, "<%s>", tags[i].name);
	p->tags |= want;
}

/*
 * Text
 */

/* Blanks, of which HTML would show one at most, and none at the start. */
static void put_blank(struct page *p, uint8_t c)
{
	if (c == '\t')
		buf_str(&p->line, "&nbsp;&nbsp;&nbsp; ");
	else if (c == LINE_END)
		buf_str(&p->line, "<br>\r\n");
	else if (c == ' ')
		buf_str(&p->line, p->blank ? "&nbsp;" : " ");
	else
		return;
	p->blank = true;
}

void page_text(struct page *p, struct span utf8)
{
	if (utf8.len == 0)
		return;
	if (p->line.len == 0)
		p->blank = true;
	set_look(p);
	for (size_t i = 0; i < utf8.len; i++) {
		const uint8_t c = utf8.at[i];

		if (c <= ' ') {
			put_blank(p, c);
			continue;
		}
		p->blank = false;
		p->any = true;
		page_attribute(&p->line, span_of(&c, 1));
	}
	page_limit(p);
}

void page_inline(struct page *p, struct span html)
{
	end_look(p);
	p->shown = (struct look){ 0 };
	buf_add(&p->line, html.at, html.len);
	p->blank = false;
	page_limit(p);
}

/* Stop when there is too much of it. */
void page_limit(struct page *p)
{
	size_t all = p->line.len;

	for (unsigned i = 0; i <= p->table; i++)
		all += p->sheets[i].out.len;
	if (all > HTML_MAX)
		p->full = p->sink.stop = true;
	if (p->bad)
		p->sink.stop = true;
}

/*
 * Paragraphs
 */

static void put_style(const struct form *f, struct buf *out)
{
	static const char *const aligns[] = { NULL, "right", "center",
					      "justify" };
	const struct {
		const char *name;
		int32_t twips;
	} lengths[] = {
		{ "margin-top", f->before }, { "margin-bottom", f->after },
		{ "margin-left", f->left },  { "margin-right", f->right },
		{ "text-indent", f->first },
	};
	const bool item = f->list != 0 || f->old != OLD_NONE;

	if (aligns[f->align] != NULL)
		buf_printf(out, ";text-align:%s", aligns[f->align]);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		const int64_t t = lengths[i].twips;
		const int pixels = page_pixels(t < 0 ? -t : t);

		/* The list itself moves its items to the right. */
		if (pixels > 0 && (!item || i < 2))
			buf_printf(out, ";%s:%s%dpx", lengths[i].name,
				   t < 0 ? "-" : "", pixels);
	}
}

void page_paragraph(struct page *p)
{
	const struct form *f = &p->now.form;
	struct buf style = { 0 };
	struct sheet *s;

	end_look(p);
	page_table_enter(p, f->table > 0 ? f->table : f->in_table);
	s = &p->sheets[p->table];
	put_style(f, &style);
	if (!page_list_item(p, s, buf_span(&p->line), buf_text(&style))) {
		buf_str(&s->out, "<p");
		if (style.len > 0)
			buf_printf(&s->out, " style=\"%s\"", style.at + 1);
		buf_str(&s->out, f->right_to_left ? " dir=\"rtl\">" : ">");
		buf_add(&s->out, p->line.at, p->line.len);
		buf_str(&s->out, p->line.len > 0 ? "</p>\r\n" : "<br></p>\r\n");
	}
	p->bad = p->bad || style.bad;
	buf_free(&style);
	buf_cut(&p->line, 0);
	buf_cut(&p->mark, 0);
	p->shown = (struct look){ 0 };
	page_limit(p);
}

void page_rest(struct page *p)
{
	if (p->line.len > 0)
		page_paragraph(p);
}
