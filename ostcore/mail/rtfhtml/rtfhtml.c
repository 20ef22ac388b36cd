/*
 * rtfhtml.c - HTML made of RTF, from its beginning to its end
 */
#include "mail/rtfhtml/rtfhtml.h"

#include <stdlib.h>

#include "mail/rtfhtml/page.h"
#include "mail/text/chars.h"

/*
 * Groups
 */

static void open_group(void *arg)
{
	struct page *p = arg;

	if (p->depth == p->cap) {
		const size_t cap = p->cap == 0 ? 32 : p->cap * 2;
		void *at = realloc(p->around, cap * sizeof(*p->around));

		if (at == NULL) {
			p->bad = true;
			return;
		}
		p->around = at;
		p->cap = cap;
	}
	p->around[p->depth++] = p->now;
}

/* `{\*\bkmkstart name}`: a place that links lead to. */
static void put_place(struct page *p)
{
	struct buf html = { 0 };
	const struct span name = chars_trim(buf_span(&p->place));

	if (name.len > 0) {
		buf_str(&html, "<a id=\"");
		page_attribute(&html, name);
		buf_str(&html, "\"></a>");
		page_inline(p, buf_span(&html));
	}
	p->bad = p->bad || html.bad;
	buf_free(&html);
	buf_cut(&p->place, 0);
}

static void close_group(void *arg)
{
	struct page *p = arg;
	const struct scope ended = p->now;

	if (p->depth == 0)
		return;
	/* What is not ended has the form that it has here. */
	if (p->depth == 1)
		page_rest(p);
	p->now = p->around[--p->depth];
	if (ended.part == p->now.part)
		return;
	if (ended.part == PART_PICTURE) {
		page_picture_end(p);
	} else if (ended.part == PART_BOOKMARK) {
		put_place(p);
	} else if (ended.part == PART_OLD_LIST) {
		p->now.form.old = ended.form.old;
		p->now.form.style = ended.form.style;
	} else if (ended.part == PART_SHAPE_TEXT) {
		page_rest(p);
	}
}

/*
 * Text
 */

/* Colours end with a semicolon each; the first is often none. */
static void put_colors(struct page *p, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] != ';' || p->color_count == COLORS_MAX)
			continue;
		p->colors[p->color_count++] = p->color;
		p->color = NO_COLOR;
	}
}

static void gather(struct buf *out, struct span text)
{
	if (out->len < MARK_MAX)
		buf_add(out, text.at, text.len);
}

static void put_text(void *arg, struct span utf8)
{
	struct page *p = arg;

	switch (p->now.part) {
	case PART_TEXT:
	case PART_SHAPE_TEXT:
		page_text(p, utf8);
		break;
	case PART_COLORS:
		put_colors(p, utf8);
		break;
	case PART_PICTURE:
		page_picture_digits(p, utf8);
		break;
	case PART_MARK:
		gather(&p->mark, utf8);
		break;
	case PART_BOOKMARK:
		gather(&p->place, utf8);
		break;
	default:
		break;
	}
}

static void put_bytes(void *arg, struct span bytes)
{
	struct page *p = arg;

	if (p->now.part == PART_PICTURE && p->reader->now.to == RTF_TO_SINK)
		page_picture_bytes(p, bytes);
}

/*
 * All of it
 */

static struct page *page_new(const struct rtf_names *names, struct rtfhtml *out)
{
	struct page *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->out = out;
	p->names = names;
	p->now.look.size = DEFAULT_SIZE;
	p->color = NO_COLOR;
	p->colors = calloc(COLORS_MAX, sizeof(*p->colors));
	p->styles = calloc(STYLES_MAX, sizeof(*p->styles));
	p->overrides = calloc(OVERRIDES_MAX, sizeof(*p->overrides));
	p->bad = p->colors == NULL || p->styles == NULL || p->overrides == NULL;
	return p;
}

static void page_free(struct page *p)
{
	if (p == NULL)
		return;
	for (unsigned i = 0; i <= TABLES_MAX; i++)
		page_table_free(&p->sheets[i]);
	buf_free(&p->line);
	buf_free(&p->mark);
	buf_free(&p->place);
	buf_free(&p->picture.bytes);
	free(p->around);
	free(p->colors);
	free(p->styles);
	free(p->overrides);
	free(p);
}

/* The document around its body. */
static void put_document(struct page *p)
{
	struct buf *html = &p->out->html;
	const struct buf *body = &p->sheets[0].out;

	buf_str(html,
		"<html>\r\n<head>\r\n<meta http-equiv=\"Content-Type\" "
		"content=\"text/html; charset=utf-8\">\r\n<style>p{margin:"
		"0}</style>\r\n</head>\r\n<body style=\"font-size:12pt");
	page_font(p, p->reader->first_font, html);
	buf_str(html, "\">\r\n");
	buf_add(html, body->at, body->len);
	buf_str(html, "</body>\r\n</html>\r\n");
}

/* The text has ended; what is open in it ends too. */
static void end_text(void *arg)
{
	struct page *p = arg;

	page_rest(p);
	page_table_enter(p, 0);
	page_list_end_all(&p->sheets[0]);
	for (unsigned i = 0; i <= TABLES_MAX; i++)
		p->bad = p->bad || p->sheets[i].out.bad;
	p->bad = p->bad || p->line.bad || p->mark.bad || p->place.bad;
	if (!p->bad && !p->full && p->any)
		put_document(p);
}

bool rtfhtml_make(struct span rtf, const struct rtf_names *names,
		  struct rtfhtml *out)
{
	struct page *p = page_new(names, out);
	bool made = false;

	if (p != NULL && !p->bad) {
		p->sink = (struct rtf_sink){
			.arg = p,
			.open = open_group,
			.close = close_group,
			.word = page_word,
			.text = put_text,
			.bytes = put_bytes,
			.end = end_text,
		};
		rtf_walk(rtf, &p->sink, &p->reader);
		made = !p->bad && !p->full && !p->sink.bad && !out->html.bad;
	}
	out->html.bad = out->html.bad || p == NULL || p->bad || p->sink.bad;
	if (!made)
		buf_cut(&out->html, 0);
	page_free(p);
	return made;
}

void rtfhtml_id(size_t index, struct buf *out)
{
	buf_printf(out, "picture-%zu@rtf.ost.invalid", index + 1);
}

void rtfhtml_free(struct rtfhtml *h)
{
	buf_free(&h->html);
	for (size_t i = 0; i < h->count; i++)
		buf_free(&h->pictures[i].bytes);
	free(h->pictures);
	*h = (struct rtfhtml){ 0 };
}
