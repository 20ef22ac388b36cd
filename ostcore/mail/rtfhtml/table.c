/*
 * table.c - tables: from cells that end somewhere to rows and columns
 *
 * Each row of RTF says where each of its cells ends, so that no two need to
 * be alike. All the places of a table where a cell ends are its columns.
 */
#include <stdlib.h>

#include "bytes/sorted.h"
#include "mail/rtfhtml/page.h"
#include "mail/text/chars.h"

/* Cells whose places are this near, in twips, end in the same one. */
enum { NEAR = 20, DEFAULT_WIDTH = 1440 };

void page_table_free(struct sheet *s)
{
	buf_free(&s->out);
	free(s->cells);
	free(s->rows);
	free(s->columns);
	*s = (struct sheet){ 0 };
}

/* One more place in an array of things of `size`; false: no memory. */
static bool more(void **at, size_t count, size_t *cap, size_t size)
{
	const size_t want = *cap == 0 ? 16 : *cap * 2;
	void *grown;

	if (count < *cap)
		return true;
	grown = realloc(*at, want * size);
	if (grown == NULL)
		return false;
	*at = grown;
	*cap = want;
	return true;
}

/*
 * What \trowd says of a row
 */

void page_table_define(struct page *p, unsigned depth)
{
	struct sheet *s = &p->sheets[depth];

	s->column_count = 0;
	s->next = (struct column){ 0 };
	s->left = 0;
}

void page_table_column(struct page *p, unsigned depth, int32_t right)
{
	struct sheet *s = &p->sheets[depth];

	if (s->columns == NULL)
		s->columns = calloc(COLUMNS_MAX, sizeof(*s->columns));
	if (s->columns == NULL)
		p->bad = true;
	else if (s->column_count < COLUMNS_MAX) {
		s->next.right = right;
		s->columns[s->column_count++] = s->next;
	}
	s->next = (struct column){ 0 };
}

/*
 * Cells and rows as they come
 */

static void open_table(struct page *p)
{
	struct sheet *s = &p->sheets[++p->table];

	buf_cut(&s->out, 0);
	s->list_depth = 0;
	s->cell_begin = 0;
	s->count = 1; /* 0 is none */
	s->row_count = 0;
	s->row_first = 1;
}

void page_table_cell(struct page *p)
{
	struct sheet *s = &p->sheets[p->table];
	void *at = s->cells;

	page_list_end_all(s);
	if (p->cells >= CELLS_MAX)
		return; /* what follows is in the same cell */
	if (!more(&at, s->count, &s->cap, sizeof(*s->cells))) {
		p->bad = true;
		return;
	}
	p->cells++;
	s->cells = at;
	s->cells[s->count++] =
		(struct cell){ .begin = s->cell_begin, .end = s->out.len };
	s->cell_begin = s->out.len;
}

/* Give the cells of the row the places that its definition has. */
static void place_row(struct sheet *s)
{
	int32_t left = s->left;

	for (size_t i = s->row_first; i < s->count; i++) {
		const size_t k = i - s->row_first;
		struct cell *c = &s->cells[i];
		const bool known = k < s->column_count;

		c->left = left;
		c->right = known && s->columns[k].right > left
				   ? s->columns[k].right
			   : left < INT32_MAX - DEFAULT_WIDTH
				   ? left + DEFAULT_WIDTH
				   : INT32_MAX;
		c->flags = known ? s->columns[k].flags : 0;
		c->back = known ? s->columns[k].back : 0;
		left = c->right;
	}
}

void page_table_row(struct page *p)
{
	struct sheet *s = &p->sheets[p->table];
	void *at = s->rows;

	if (s->out.len > s->cell_begin)
		page_table_cell(p);
	if (s->count == s->row_first)
		return;
	if (!more(&at, s->row_count, &s->row_cap, sizeof(*s->rows))) {
		p->bad = true;
		return;
	}
	s->rows = at;
	s->rows[s->row_count++] = (uint32_t)s->row_first;
	place_row(s);
	s->row_first = s->count;
	p->out->rich = true;
}

/*
 * Columns
 */

struct grid {
	int32_t *edges;
	size_t count;
	struct above {
		uint32_t cell, row; /* that goes on below this row; 0: none */
	} * above;
};

static int by_place(const void *a, const void *b)
{
	const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

static bool make_grid(struct grid *g, const struct sheet *s)
{
	size_t kept = 0;

	g->edges = calloc(2 * s->count, sizeof(*g->edges));
	g->above = calloc(2 * s->count, sizeof(*g->above));
	if (g->edges == NULL || g->above == NULL)
		return false;
	for (size_t i = 1; i < s->count; i++) {
		g->edges[g->count++] = s->cells[i].left;
		g->edges[g->count++] = s->cells[i].right;
	}
	qsort(g->edges, g->count, sizeof(*g->edges), by_place);
	for (size_t i = 0; i < g->count; i++)
		if (kept == 0 ||
		    (int64_t)g->edges[i] - g->edges[kept - 1] > NEAR)
			g->edges[kept++] = g->edges[i];
	g->count = kept;
	return true;
}

/* The column that begins at `place`: the last whose edge is not after it. */
static size_t column_at(const struct grid *g, int32_t place)
{
	size_t at;

	SORTED_FIRST(at, g->count, i, g->edges[i] <= place);
	return at > 0 ? at - 1 : 0;
}

/* What is in cell `i` is shown in cell `in`. */
static void merge(struct sheet *s, uint32_t in, uint32_t i)
{
	struct cell *c = &s->cells[in];

	s->cells[c->last != 0 ? c->last : in].more = i;
	c->last = i;
	s->cells[i].flags |= CELL_GONE;
}

static void merge_row(struct sheet *s, struct grid *g, uint32_t row,
		      uint32_t first, uint32_t end)
{
	uint32_t head = 0;
	bool up = false; /* the head is in a row above */

	for (uint32_t i = first; i < end; i++) {
		struct cell *c = &s->cells[i];
		struct above *a = &g->above[column_at(g, c->left)];

		/* Of a cell over rows and columns each part may say both. */
		if (head != 0 && ((c->flags & CELL_MERGE) ||
				  (up && (c->flags & CELL_MERGE_UP) &&
				   c->right <= s->cells[head].right))) {
			if (!up)
				s->cells[head].right = c->right;
			merge(s, head, i);
			continue;
		}
		up = false;
		head = i;
		if ((c->flags & CELL_MERGE_UP) && a->cell != 0 &&
		    a->row + 1 == row) {
			s->cells[a->cell].down++;
			a->row = row;
			head = a->cell;
			up = true;
			merge(s, head, i);
		} else {
			*a = (struct above){ 0 };
			if (c->flags & (CELL_MERGE_HEAD | CELL_MERGE_UP))
				*a = (struct above){ i, row };
		}
	}
}

/*
 * HTML
 */

static bool is_empty(struct span html)
{
	static const char empty[] = "<p><br></p>\r\n";

	return html.len == 0 ||
	       span_equal(html, span_of(empty, sizeof(empty) - 1));
}

static void put_content(struct buf *out, const struct sheet *s, uint32_t i)
{
	const size_t before = out->len;

	for (; i != 0; i = s->cells[i].more) {
		struct span html;

		(void)span_sub(buf_span(&s->out), s->cells[i].begin,
			       s->cells[i].end - s->cells[i].begin, &html);
		if (!is_empty(html))
			buf_add(out, html.at, html.len);
	}
	if (out->len == before)
		buf_str(out, "<br>");
}

static void put_cell(struct page *p, struct buf *out, const struct sheet *s,
		     const struct grid *g, uint32_t i)
{
	const struct cell *c = &s->cells[i];
	const size_t from = column_at(g, c->left), to = column_at(g, c->right);

	if (c->flags & CELL_GONE)
		return;
	buf_str(out, "<td");
	if (to > from + 1)
		buf_printf(out, " colspan=\"%zu\"", to - from);
	if (c->down > 0)
		buf_printf(out, " rowspan=\"%u\"", c->down + 1U);
	buf_printf(out, " style=\"width:%dpx",
		   page_pixels((int64_t)c->right - c->left));
	if (c->flags & CELL_BORDER)
		buf_str(out, ";border:1px solid");
	page_color(p, "background-color", c->back, out);
	buf_str(out, "\">");
	put_content(out, s, i);
	buf_str(out, "</td>\r\n");
}

/* Where the cells of a row end. */
static uint32_t row_end(const struct sheet *s, uint32_t row)
{
	return row + 1 < s->row_count ? s->rows[row + 1] : (uint32_t)s->count;
}

static void put_table(struct page *p, struct buf *out, struct sheet *s,
		      struct grid *g)
{
	for (uint32_t r = 0; r < s->row_count; r++)
		merge_row(s, g, r + 1, s->rows[r], row_end(s, r));
	for (uint32_t r = 0; r < s->row_count; r++) {
		buf_str(out, "<tr valign=\"top\">\r\n");
		for (uint32_t i = s->rows[r]; i < row_end(s, r); i++)
			put_cell(p, out, s, g, i);
		buf_str(out, "</tr>\r\n");
	}
}

static void end_table(struct page *p)
{
	struct sheet *s = &p->sheets[p->table];
	struct sheet *below = &p->sheets[p->table - 1];
	struct grid g = { 0 };
	struct span rest;

	page_table_row(p);
	page_list_end_all(s);
	page_list_end_all(below);
	if (s->row_count > 0 && !p->full) {
		if (make_grid(&g, s)) {
			buf_str(&below->out, "<table style=\"border-collapse:"
					     "collapse\" cellpadding=\"4\">"
					     "\r\n");
			put_table(p, &below->out, s, &g);
			buf_str(&below->out, "</table>\r\n");
		} else {
			p->bad = true;
		}
		free(g.edges);
		free(g.above);
	}
	/* What came after the last row there may be. */
	(void)span_sub(buf_span(&s->out), s->cell_begin,
		       s->out.len - s->cell_begin, &rest);
	buf_add(&below->out, rest.at, rest.len);
	p->bad = p->bad || s->out.bad;
	buf_cut(&s->out, 0);
	p->table--;
}

void page_table_enter(struct page *p, unsigned depth)
{
	if (depth > TABLES_MAX)
		depth = TABLES_MAX;
	while (p->table > depth)
		end_table(p);
	while (p->table < depth)
		open_table(p);
}
