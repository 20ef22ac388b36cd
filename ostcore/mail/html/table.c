/*
 * table.c - tables of HTML as columns of text
 *
 * Mail is laid out in tables as much as it has tables. What is one inside of
 * another is the innermost; those around it are layout, whose cells are blocks
 * one after the other. The cells of the innermost wait until it ends: where all
 * are short they stand in columns, else side by side where a row is short, or
 * one below the other. So each text is moved once.
 */
#include <stdlib.h>

#include "bytes/sorted.h"
#include "mail/html/page.h"
#include "mail/html/token.h"
#include "mail/text/chars.h"

enum {
	COLUMNS_MAX = 32,
	WIDTH_MAX = 120, /* of a table in columns, or a row side by side */
	GAP = 2,
	CELLS_MAX = 1 << 16, /* a larger table is laid out in parts */
};

/* How many places on a terminal `text` takes: wide characters take two. */
static size_t width_of(struct span text)
{
	static const struct {
		uint32_t from, to;
		size_t width;
	} ranges[] = { { 0x300, 0x36F, 0 },	{ 0x591, 0x5BD, 0 },
		       { 0x64B, 0x65F, 0 },	{ 0x1100, 0x115F, 2 },
		       { 0x200B, 0x200F, 0 },	{ 0x20D0, 0x20F0, 0 },
		       { 0x2E80, 0x303E, 2 },	{ 0x3041, 0xA4CF, 2 },
		       { 0xAC00, 0xD7A3, 2 },	{ 0xF900, 0xFAFF, 2 },
		       { 0xFE00, 0xFE0F, 0 },	{ 0xFE30, 0xFE6F, 2 },
		       { 0xFF00, 0xFF60, 2 },	{ 0xFFE0, 0xFFE6, 2 },
		       { 0x1F300, 0x1F64F, 2 }, { 0x1F900, 0x1F9FF, 2 },
		       { 0x20000, 0x3FFFD, 2 } };
	size_t width = 0;

	while (text.len > 0) {
		const uint32_t c = chars_next(&text);
		size_t one = 1;

		for (size_t i = 0;
		     c >= 0x300 && i < sizeof(ranges) / sizeof(ranges[0]); i++)
			if (c >= ranges[i].from && c <= ranges[i].to)
				one = ranges[i].width;
		width += one;
	}
	return width;
}

static struct span text_of(const struct grid *g, const struct cell *c)
{
	return chars_trim(chars_first(chars_from(buf_span(&g->text), c->from),
				      c->to - c->from));
}

static bool is_line(struct span text)
{
	return chars_find(text, '\n') == text.len;
}

/* The cells of the row that begins at cell `from` end before this one. */
static size_t row_end(const struct grid *g, size_t from)
{
	size_t to = from + 1;

	while (to < g->count && !g->cells[to].first)
		to++;
	return to;
}

/* How wide its columns are; false: they would not all be lines that fit. */
static bool measure(const struct grid *g, size_t widths[COLUMNS_MAX])
{
	size_t rows = 0, columns = 0, sum = 0, column = 0;

	for (size_t i = 0; i < g->count; i++) {
		const struct cell *c = &g->cells[i];
		const struct span text = text_of(g, c);
		size_t width;

		rows += c->first;
		column = c->first ? 0 : column;
		if (text.len > WIDTH_MAX * 4 || !is_line(text) ||
		    c->columns > COLUMNS_MAX - column)
			return false;
		width = width_of(text);
		if (c->columns == 1 && width > widths[column])
			widths[column] = width;
		column += c->columns;
		columns = column > columns ? column : columns;
	}
	for (size_t i = 0; i < columns; i++)
		sum += widths[i] + GAP;
	return rows > 1 && columns > 1 && sum <= WIDTH_MAX;
}

/* Write a line to the page as it stands outside of the table. */
static void put_line(struct page *p, const struct buf *line)
{
	const struct span text = buf_span(line);
	size_t len = text.len;

	while (len > 0 && text.at[len - 1] == ' ')
		len--;
	page_break(p, 1);
	if (len > 0)
		page_put(p, chars_first(text, len));
}

static void put_columns(struct page *p, const struct grid *g,
			const size_t widths[COLUMNS_MAX])
{
	struct buf line = { 0 };

	for (size_t i = 0; i < g->count; i = row_end(g, i)) {
		size_t column = 0, want = 0, at = 0;

		buf_cut(&line, 0);
		for (size_t k = i; k < row_end(g, i); k++) {
			const struct span text = text_of(g, &g->cells[k]);

			for (; text.len > 0 && at < want; at++)
				buf_byte(&line, ' ');
			buf_add(&line, text.at, text.len);
			at += width_of(text);
			for (uint32_t n = 0; n < g->cells[k].columns; n++)
				want += widths[column++] + GAP;
			/* what spans columns may be wider than they are */
			want = text.len > 0 && want < at + GAP ? at + GAP
							       : want;
		}
		put_line(p, &line);
	}
	p->out->bad = p->out->bad || line.bad;
	buf_free(&line);
}

/* A row side by side, where that is a line. */
static bool put_short_row(struct page *p, const struct grid *g, size_t from,
			  size_t to)
{
	struct buf line = { 0 };
	bool is_short = true;

	for (size_t i = from; is_short && i < to; i++) {
		const struct span text = text_of(g, &g->cells[i]);

		is_short = is_line(text) && line.len + text.len <= WIDTH_MAX;
		if (is_short && text.len > 0 && line.len > 0)
			buf_str(&line, "  ");
		if (is_short)
			buf_add(&line, text.at, text.len);
	}
	if (is_short)
		put_line(p, &line);
	p->out->bad = p->out->bad || line.bad;
	buf_free(&line);
	return is_short;
}

/* A cell below the others, its lines behind what the page sets off. */
static void put_block(struct page *p, struct span text)
{
	while (text.len > 0) {
		const struct span line =
			chars_first(text, chars_find(text, '\n'));

		text = chars_from(text, line.len + 1);
		page_break(p, line.len == 0 ? 2 : 1);
		if (line.len > 0)
			page_put(p, line);
	}
}

static void put_rows(struct page *p, const struct grid *g)
{
	for (size_t i = 0; i < g->count;) {
		const size_t end = row_end(g, i);

		if (!put_short_row(p, g, i, end))
			for (size_t k = i; k < end; k++)
				put_block(p, text_of(g, &g->cells[k]));
		i = end;
	}
}

static void end_cell(struct page *p)
{
	struct grid *g = &p->grid;

	if (g->in_cell)
		g->cells[g->count - 1].to = g->text.len;
	p->link_from = SIZE_MAX; /* a link that goes on is not in one place */
	g->in_cell = false;
}

/* Write what waits. What is open inside of it is closed to the lines of it. */
static void settle(struct page *p)
{
	struct grid g = p->grid;
	const unsigned quotes = p->quotes, lists = p->lists_open;
	const unsigned pre = p->pre;
	const bool item = p->item;
	size_t widths[COLUMNS_MAX] = { 0 };

	p->grid = (struct grid){ .text = { 0 } };
	p->flow = (struct flow){ .out = p->out,
				 .start = g.outer.start,
				 .breaks = g.outer.breaks,
				 .flat = p->flow.flat };
	p->quotes = g.quotes;
	p->lists_open = g.lists;
	p->item = g.item;
	p->pre = 0;
	if (!p->flow.flat && measure(&g, widths))
		put_columns(p, &g, widths);
	else
		put_rows(p, &g);
	p->quotes = quotes;
	p->lists_open = lists;
	p->pre = pre;
	p->item = item && lists > g.lists;
	p->out->bad = p->out->bad || g.text.bad;
	buf_cut(&g.text, 0);
	p->grid.text = g.text;
	p->grid.cells = g.cells;
	p->link_from = SIZE_MAX;
}

static void begin_cell(struct page *p, struct span tag)
{
	struct grid *g = &p->grid;
	struct buf span = { 0 };
	unsigned long columns = 1;

	end_cell(p);
	if (g->count == CELLS_MAX ||
	    !array_more(&g->cells, g->count, sizeof(*g->cells))) {
		p->out->bad = p->out->bad || g->count != CELLS_MAX;
		table_settle(p);
		return;
	}
	if (token_attribute(tag, "colspan", &span) && span.len < 4)
		columns = strtoul(buf_text(&span), NULL, 10);
	g->cells[g->count++] = (struct cell){
		.from = g->text.len,
		.columns = columns > 0 ? (uint32_t)columns : 1,
		.first = g->new_row || g->count == 0,
	};
	g->new_row = false;
	g->in_cell = true;
	p->flow.start = g->text.len;
	p->flow.breaks = 0;
	p->flow.blanks = 0;
	buf_free(&span);
}

void table_text(struct page *p)
{
	p->grid.new_row = true;
	begin_cell(p, (struct span){ NULL, 0 });
	p->grid.new_row = true;
}

void table_settle(struct page *p)
{
	if (!p->grid.open)
		return;
	end_cell(p);
	settle(p);
}

static void begin_table(struct page *p)
{
	struct grid *g = &p->grid;

	table_settle(p);
	page_break(p, 1);
	g->open = true;
	g->new_row = true;
	g->in_cell = false;
	g->count = 0;
	g->quotes = p->quotes < QUOTES_MAX ? p->quotes : QUOTES_MAX;
	g->lists = p->lists_open < LISTS_MAX ? p->lists_open : LISTS_MAX;
	g->item = p->item;
	g->outer = p->flow;
	p->item = false;
	p->link_from = SIZE_MAX;
	p->flow = (struct flow){ .out = &g->text,
				 .start = g->text.len,
				 .flat = g->outer.flat };
}

bool table_tag(struct page *p, struct span name, bool ends, struct span tag)
{
	const bool cell = chars_same(name, chars_of("td")) ||
			  chars_same(name, chars_of("th"));

	if (chars_same(name, chars_of("table"))) {
		if (!ends)
			begin_table(p);
		else
			table_settle(p);
		page_break(p, 1);
		return true;
	}
	if (!cell && !chars_same(name, chars_of("tr")) &&
	    !chars_same(name, chars_of("caption")))
		return false;
	if (!p->grid.open) {
		page_break(p, 1);
		return true;
	}
	if (cell && !ends)
		begin_cell(p, tag);
	else
		end_cell(p);
	p->grid.new_row = p->grid.new_row || !cell;
	return true;
}
