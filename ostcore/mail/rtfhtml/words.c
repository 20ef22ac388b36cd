/*
 * words.c - what the control words of RTF do to HTML made of it
 *
 * One row a word, sorted by name. A word that is not here is left to the
 * reader, which knows the characters, the fonts and what is not shown.
 */
#include <stdlib.h>

#include "mail/rtfhtml/page.h"
#include "mail/text/chars.h"

/* True: the reader has nothing to do any more. */
typedef bool word_fn(struct page *p, int32_t number, int32_t argument);

/* A length in twips that is no nonsense: not over 22 inches. */
static int32_t length_of(int32_t twips)
{
	enum { MAX = 31680 };

	return twips > MAX ? MAX : twips < -MAX ? -MAX : twips;
}

static uint16_t index_of(int32_t number)
{
	return number > 0 && number <= UINT16_MAX ? (uint16_t)number : 0;
}

/* A place in the table of colours, plus one; the first counts when it is said.
 */
static uint16_t color_of(int32_t number)
{
	return number >= 0 && number < COLORS_MAX ? (uint16_t)(number + 1) : 0;
}

/*
 * The look of characters
 */

static bool set_bold(struct page *p, int32_t number, int32_t argument)
{
	(void)argument;
	p->now.look.bold = number != 0;
	return true;
}

static bool set_italic(struct page *p, int32_t number, int32_t argument)
{
	(void)argument;
	p->now.look.italic = number != 0;
	return true;
}

static bool set_underline(struct page *p, int32_t number, int32_t argument)
{
	p->now.look.underline = argument != 0 && number != 0;
	return true;
}

static bool set_strike(struct page *p, int32_t number, int32_t argument)
{
	(void)argument;
	p->now.look.strike = number != 0;
	return true;
}

static bool set_capitals(struct page *p, int32_t number, int32_t argument)
{
	(void)argument;
	p->now.look.capitals = number != 0;
	return true;
}

static bool set_script(struct page *p, int32_t number, int32_t argument)
{
	p->now.look.script = (int8_t)(number != 0 ? argument : 0);
	return true;
}

static bool set_size(struct page *p, int32_t number, int32_t argument)
{
	(void)argument;
	p->now.look.size =
		number > 0 && number <= 3276 ? (uint16_t)number : DEFAULT_SIZE;
	return true;
}

static bool set_color(struct page *p, int32_t number, int32_t argument)
{
	(void)argument;
	p->now.look.color = color_of(number);
	return true;
}

static bool set_back(struct page *p, int32_t number, int32_t argument)
{
	(void)argument;
	p->now.look.back = color_of(number);
	return true;
}

static bool set_plain(struct page *p, int32_t number, int32_t argument)
{
	(void)number;
	(void)argument;
	p->now.look = (struct look){ .size = DEFAULT_SIZE };
	return false; /* the reader has a font to take back */
}

/*
 * The form of paragraphs
 */

static bool set_default(struct page *p, int32_t number, int32_t argument)
{
	(void)number;
	(void)argument;
	if (!p->reader->now.note)
		p->now.form = (struct form){ .align = ALIGN_NONE };
	return true;
}

static bool set_align(struct page *p, int32_t number, int32_t argument)
{
	(void)number;
	p->now.form.align = (enum align)argument;
	return true;
}

enum length {
	LENGTH_LEFT,
	LENGTH_RIGHT,
	LENGTH_FIRST,
	LENGTH_BEFORE,
	LENGTH_AFTER
};

static bool set_length(struct page *p, int32_t number, int32_t argument)
{
	int32_t *const all[] = { &p->now.form.left, &p->now.form.right,
				 &p->now.form.first, &p->now.form.before,
				 &p->now.form.after };

	*all[argument] = length_of(number);
	return true;
}

static bool set_direction(struct page *p, int32_t number, int32_t argument)
{
	(void)number;
	p->now.form.right_to_left = argument != 0;
	return true;
}

static bool set_in_table(struct page *p, int32_t number, int32_t argument)
{
	(void)argument;
	p->now.form.in_table = number != 0;
	return true;
}

static bool set_table(struct page *p, int32_t number, int32_t argument)
{
	(void)argument;
	p->now.form.table = (uint8_t)(number < 0	    ? 0
				      : number > TABLES_MAX ? TABLES_MAX
							    : number);
	return true;
}

static bool set_list(struct page *p, int32_t number, int32_t argument)
{
	(void)argument;
	if (p->now.part == PART_OVERRIDES)
		page_list_override(p, number);
	else
		p->now.form.list = index_of(number);
	return true;
}

static bool set_list_level(struct page *p, int32_t number, int32_t argument)
{
	(void)argument;
	p->now.form.list_level =
		(uint8_t)(number < 0	       ? 0
			  : number < LISTS_MAX ? number
					       : LISTS_MAX - 1);
	return true;
}

/*
 * Paragraphs and lines end
 */

static bool put_line(struct page *p, int32_t number, int32_t argument)
{
	(void)number;
	(void)argument;
	page_text(p, span_of((const uint8_t[]){ LINE_END }, 1));
	return true;
}

/* The paragraphs of a note are lines of the one that it stands in. */
static bool put_paragraph(struct page *p, int32_t number, int32_t argument)
{
	if (p->reader->now.note)
		return put_line(p, number, argument);
	page_paragraph(p);
	return true;
}

/* The end of a page or section is one of a paragraph, if one is open. */
static bool put_rest(struct page *p, int32_t number, int32_t argument)
{
	(void)number;
	(void)argument;
	page_rest(p);
	return true;
}

/*
 * Destinations
 */

/* Begin a part; not in the outermost group, nor in what is not shown. */
static bool begin(struct page *p, enum part part, enum rtf_destination to)
{
	struct rtf_reader *r = p->reader;

	if (r->depth <= 1)
		return true;
	p->now.part = part;
	r->now.to = to;
	return true;
}

static bool begin_part(struct page *p, int32_t number, int32_t argument)
{
	(void)number;
	if (argument == PART_MARK)
		buf_cut(&p->mark, 0);
	return begin(p, (enum part)argument, RTF_TO_SINK);
}

static bool begin_picture(struct page *p, int32_t number, int32_t argument)
{
	(void)number;
	(void)argument;
	if (p->reader->depth > 1)
		page_picture_begin(p);
	return begin(p, PART_PICTURE, RTF_TO_SINK);
}

static bool begin_shape(struct page *p, int32_t number, int32_t argument)
{
	(void)number;
	(void)argument;
	return begin(p, PART_SHAPE, RTF_TO_NOWHERE);
}

static bool begin_shape_text(struct page *p, int32_t number, int32_t argument)
{
	(void)number;
	(void)argument;
	page_rest(p);
	return begin(p, PART_SHAPE_TEXT, RTF_TO_BODY);
}

static bool pass(struct page *p, int32_t number, int32_t argument)
{
	(void)p;
	(void)number;
	(void)argument;
	return true;
}

static bool begin_object(struct page *p, int32_t number, int32_t argument)
{
	(void)number;
	(void)argument;
	p->out->rich = true;
	return true;
}

static bool put_attachment(struct page *p, int32_t number, int32_t argument)
{
	const struct rtf_names *n = p->names;
	struct buf html = { 0 };

	(void)number;
	(void)argument;
	p->any = true;
	if (n == NULL || p->next_name >= n->count) {
		buf_str(&html, "[attachment]");
	} else if (n->ids != NULL && n->ids[p->next_name] != NULL) {
		buf_str(&html, "<img src=\"cid:");
		page_attribute(&html, chars_of(n->ids[p->next_name]));
		buf_str(&html, "\" alt=\"");
		page_attribute(&html, chars_of(n->at[p->next_name++]));
		buf_str(&html, "\">");
	} else {
		buf_str(&html, "[attachment: ");
		page_attribute(&html, chars_of(n->at[p->next_name++]));
		buf_str(&html, "]");
	}
	page_inline(p, buf_span(&html));
	p->bad = p->bad || html.bad;
	buf_free(&html);
	if (p->reader->starred && p->reader->depth > 1)
		p->reader->now.to = RTF_TO_NOWHERE;
	return true;
}

/*
 * Lists
 */

static bool set_old_list(struct page *p, int32_t number, int32_t argument)
{
	(void)number;
	p->now.form.old = (enum old_list)argument;
	return true;
}

static bool set_old_style(struct page *p, int32_t number, int32_t argument)
{
	(void)number;
	p->now.form.style = (char)argument;
	if (p->now.form.old == OLD_NONE)
		p->now.form.old = OLD_NUMBER;
	return true;
}

static bool begin_style(struct page *p, int32_t number, int32_t argument)
{
	(void)number;
	(void)argument;
	page_list_style_begin(p);
	return true;
}

static bool begin_level(struct page *p, int32_t number, int32_t argument)
{
	(void)number;
	(void)argument;
	page_list_style_level(p);
	return true;
}

static bool set_kind(struct page *p, int32_t number, int32_t argument)
{
	(void)argument;
	page_list_style_kind(p, number);
	return true;
}

static bool set_start(struct page *p, int32_t number, int32_t argument)
{
	(void)argument;
	page_list_style_start(p, number);
	return true;
}

static bool set_style_id(struct page *p, int32_t number, int32_t argument)
{
	(void)argument;
	page_list_style_id(p, number);
	return true;
}

/*
 * Tables
 */

static unsigned table_of(const struct page *p)
{
	if (p->now.part != PART_NESTED_ROW)
		return 1;
	return p->table > 1 ? p->table : 2;
}

static bool put_cell(struct page *p, int32_t number, int32_t argument)
{
	const uint8_t table = p->now.form.table;
	const bool nested = argument != 0;

	(void)number;
	p->now.form.table = nested ? (table > 1 ? table : 2) : 1;
	page_paragraph(p);
	page_table_cell(p);
	p->now.form.table = table;
	return true;
}

static bool put_row(struct page *p, int32_t number, int32_t argument)
{
	(void)number;
	page_table_enter(p, argument != 0 ? table_of(p) : 1);
	page_table_row(p);
	return true;
}

static bool put_rest_row(struct page *p, int32_t number, int32_t argument)
{
	const struct form form = p->now.form;

	p->now.form.table = (uint8_t)(argument != 0 ? table_of(p) : 1);
	page_rest(p);
	p->now.form = form;
	return put_row(p, number, argument);
}

static bool define_row(struct page *p, int32_t number, int32_t argument)
{
	(void)number;
	(void)argument;
	page_table_define(p, table_of(p));
	return true;
}

static bool define_cell(struct page *p, int32_t number, int32_t argument)
{
	(void)argument;
	page_table_column(p, table_of(p), length_of(number));
	return true;
}

static bool set_cell(struct page *p, int32_t number, int32_t argument)
{
	(void)number;
	p->sheets[table_of(p)].next.flags |= (uint8_t)argument;
	return true;
}

/* Of a side of a cell; else it is one of a paragraph or of the row. */
static bool set_border(struct page *p, int32_t number, int32_t argument)
{
	struct column *next = &p->sheets[table_of(p)].next;

	(void)number;
	(void)argument;
	if (next->flags & CELL_SIDE)
		next->flags |= CELL_BORDER;
	return true;
}

static bool set_cell_back(struct page *p, int32_t number, int32_t argument)
{
	(void)argument;
	p->sheets[table_of(p)].next.back = color_of(number);
	return true;
}

static bool set_row_left(struct page *p, int32_t number, int32_t argument)
{
	(void)argument;
	p->sheets[table_of(p)].left = length_of(number);
	return true;
}

/*
 * Pictures and colours
 */

static bool set_picture(struct page *p, int32_t number, int32_t argument)
{
	(void)number;
	p->picture.form = (unsigned)argument;
	return true;
}

enum measure {
	MEASURE_WIDTH,
	MEASURE_HEIGHT,
	MEASURE_GOAL_WIDTH,
	MEASURE_GOAL_HEIGHT,
	MEASURE_SCALE_X,
	MEASURE_SCALE_Y
};

static bool set_measure(struct page *p, int32_t number, int32_t argument)
{
	int32_t *const all[] = {
		&p->picture.width,	&p->picture.height,
		&p->picture.goal_width, &p->picture.goal_height,
		&p->picture.scale_x,	&p->picture.scale_y
	};

	*all[argument] = number;
	return true;
}

static bool set_part_of_color(struct page *p, int32_t number, int32_t argument)
{
	const uint32_t value = number < 0     ? 0
			       : number > 255 ? 255
					      : (uint32_t)number;

	if (p->color == NO_COLOR)
		p->color = 0;
	p->color = (p->color & ~(0xFFU << argument)) | value << argument;
	return true;
}

/*
 * All of them
 */

#define IN(part) (1U << (part))
enum {
	TEXT = IN(PART_TEXT) | IN(PART_SHAPE_TEXT),
	SHAPE = IN(PART_SHAPE),
	OLD = IN(PART_OLD_LIST),
	ROW = TEXT | IN(PART_NESTED_ROW),
	STYLES = IN(PART_STYLES),
	OVERRIDES = IN(PART_OVERRIDES),
	PICTURE = IN(PART_PICTURE),
	COLORS = IN(PART_COLORS),
	STARRED = 1 << 30, /* known as {\*\word too */
};

static const struct word {
	const char *name;
	word_fn *act;
	int32_t argument;
	int32_t otherwise; /* the number, where it is left out */
	unsigned in;
} words[] = {
	{ "b", set_bold, 0, 1, TEXT },
	{ "bkmkstart", begin_part, PART_BOOKMARK, 0, TEXT | STARRED },
	{ "blue", set_part_of_color, 0, 0, COLORS },
	{ "brdrdash", set_border, 0, 0, ROW },
	{ "brdrdb", set_border, 0, 0, ROW },
	{ "brdrdot", set_border, 0, 0, ROW },
	{ "brdrs", set_border, 0, 0, ROW },
	{ "brdrth", set_border, 0, 0, ROW },
	{ "caps", set_capitals, 0, 1, TEXT },
	{ "cb", set_back, 0, 0, TEXT },
	{ "cell", put_cell, 0, 0, TEXT },
	{ "cellx", define_cell, 0, 0, ROW },
	{ "cf", set_color, 0, 0, TEXT },
	{ "chcbpat", set_back, 0, 0, TEXT },
	{ "clbrdrb", set_cell, CELL_SIDE, 0, ROW },
	{ "clbrdrl", set_cell, CELL_SIDE, 0, ROW },
	{ "clbrdrr", set_cell, CELL_SIDE, 0, ROW },
	{ "clbrdrt", set_cell, CELL_SIDE, 0, ROW },
	{ "clcbpat", set_cell_back, 0, 0, ROW },
	{ "clmrg", set_cell, CELL_MERGE, 0, ROW },
	{ "clvmgf", set_cell, CELL_MERGE_HEAD, 0, ROW },
	{ "clvmrg", set_cell, CELL_MERGE_UP, 0, ROW },
	{ "colortbl", begin_part, PART_COLORS, 0, TEXT },
	{ "column", put_rest, 0, 0, TEXT },
	{ "deleted", set_strike, 0, 1, TEXT },
	{ "dibitmap", set_picture, PICTURE_BITMAP, 0, PICTURE },
	{ "dn", set_script, -1, 6, TEXT },
	{ "fi", set_length, LENGTH_FIRST, 0, TEXT },
	{ "fldrslt", pass, 0, 0, TEXT },
	{ "fs", set_size, 0, DEFAULT_SIZE, TEXT },
	{ "green", set_part_of_color, 8, 0, COLORS },
	{ "highlight", set_back, 0, 0, TEXT },
	{ "i", set_italic, 0, 1, TEXT },
	{ "ilvl", set_list_level, 0, 0, TEXT },
	{ "intbl", set_in_table, 0, 1, TEXT },
	{ "itap", set_table, 0, 1, TEXT },
	{ "lbr", put_line, 0, 0, TEXT },
	{ "levelnfc", set_kind, 0, 0, STYLES },
	{ "levelnfcn", set_kind, 0, 0, STYLES },
	{ "levelstartat", set_start, 0, 1, STYLES },
	{ "li", set_length, LENGTH_LEFT, 0, TEXT },
	{ "lin", set_length, LENGTH_LEFT, 0, TEXT },
	{ "line", put_line, 0, 0, TEXT },
	{ "list", begin_style, 0, 0, STYLES },
	{ "listid", set_style_id, 0, 0, STYLES | OVERRIDES },
	{ "listlevel", begin_level, 0, 0, STYLES },
	{ "listoverridetable", begin_part, PART_OVERRIDES, 0, TEXT | STARRED },
	{ "listtable", begin_part, PART_STYLES, 0, TEXT | STARRED },
	{ "listtext", begin_part, PART_MARK, 0, TEXT },
	{ "ls", set_list, 0, 0, TEXT | OVERRIDES },
	{ "ltrpar", set_direction, 0, 0, TEXT },
	{ "nestcell", put_cell, 1, 0, TEXT },
	{ "nestrow", put_rest_row, 1, 0, ROW },
	{ "nesttableprops", begin_part, PART_NESTED_ROW, 0, TEXT | STARRED },
	{ "nosupersub", set_script, 0, 0, TEXT },
	{ "objattph", put_attachment, 0, 0, TEXT | STARRED },
	{ "object", begin_object, 0, 0, TEXT },
	{ "page", put_rest, 0, 0, TEXT },
	{ "par", put_paragraph, 0, 0, TEXT },
	{ "pard", set_default, 0, 0, TEXT },
	{ "pich", set_measure, MEASURE_HEIGHT, 0, PICTURE },
	{ "pichgoal", set_measure, MEASURE_GOAL_HEIGHT, 0, PICTURE },
	{ "picscalex", set_measure, MEASURE_SCALE_X, 100, PICTURE },
	{ "picscaley", set_measure, MEASURE_SCALE_Y, 100, PICTURE },
	{ "pict", begin_picture, 0, 0, TEXT | SHAPE },
	{ "picw", set_measure, MEASURE_WIDTH, 0, PICTURE },
	{ "picwgoal", set_measure, MEASURE_GOAL_WIDTH, 0, PICTURE },
	{ "plain", set_plain, 0, 0, TEXT },
	{ "pn", begin_part, PART_OLD_LIST, 0, TEXT | STARRED },
	{ "pncard", set_old_style, 0, 0, OLD },
	{ "pndec", set_old_style, 0, 0, OLD },
	{ "pnlcltr", set_old_style, 'a', 0, OLD },
	{ "pnlcrm", set_old_style, 'i', 0, OLD },
	{ "pnlvlblt", set_old_list, OLD_BULLET, 0, OLD },
	{ "pnlvlbody", set_old_list, OLD_NUMBER, 0, OLD },
	{ "pnlvlcont", set_old_list, OLD_GOES_ON, 0, OLD },
	{ "pntext", begin_part, PART_MARK, 0, TEXT },
	{ "pnucltr", set_old_style, 'A', 0, OLD },
	{ "pnucrm", set_old_style, 'I', 0, OLD },
	{ "qc", set_align, ALIGN_CENTER, 0, TEXT },
	{ "qj", set_align, ALIGN_BOTH, 0, TEXT },
	{ "ql", set_align, ALIGN_NONE, 0, TEXT },
	{ "qr", set_align, ALIGN_RIGHT, 0, TEXT },
	{ "red", set_part_of_color, 16, 0, COLORS },
	{ "ri", set_length, LENGTH_RIGHT, 0, TEXT },
	{ "rin", set_length, LENGTH_RIGHT, 0, TEXT },
	{ "row", put_rest_row, 0, 0, TEXT },
	{ "rtlpar", set_direction, 1, 0, TEXT },
	{ "sa", set_length, LENGTH_AFTER, 0, TEXT },
	{ "sb", set_length, LENGTH_BEFORE, 0, TEXT },
	{ "sect", put_rest, 0, 0, TEXT },
	{ "shpinst", begin_shape, 0, 0, TEXT | STARRED },
	{ "shppict", pass, 0, 0, TEXT | STARRED },
	{ "shptxt", begin_shape_text, 0, 0, SHAPE },
	{ "softline", pass, 0, 0, TEXT },
	{ "strike", set_strike, 0, 1, TEXT },
	{ "striked", set_strike, 0, 1, TEXT },
	{ "sub", set_script, -1, 1, TEXT },
	{ "super", set_script, 1, 1, TEXT },
	{ "trleft", set_row_left, 0, 0, ROW },
	{ "trowd", define_row, 0, 0, ROW },
	{ "ul", set_underline, 1, 1, TEXT },
	{ "uld", set_underline, 1, 1, TEXT },
	{ "uldash", set_underline, 1, 1, TEXT },
	{ "uldashd", set_underline, 1, 1, TEXT },
	{ "uldashdd", set_underline, 1, 1, TEXT },
	{ "uldb", set_underline, 1, 1, TEXT },
	{ "ulnone", set_underline, 0, 0, TEXT },
	{ "ulth", set_underline, 1, 1, TEXT },
	{ "ulw", set_underline, 1, 1, TEXT },
	{ "ulwave", set_underline, 1, 1, TEXT },
	{ "up", set_script, 1, 6, TEXT },
	{ "wmetafile", set_picture, PICTURE_METAFILE, 0, PICTURE },
};

static int compare(const void *key, const void *row)
{
	const struct span name = *(const struct span *)key;
	const struct word *w = row;
	const size_t len = strlen(w->name);
	const int order =
		memcmp(name.at, w->name, name.len < len ? name.len : len);

	return order != 0 ? order : (name.len > len) - (name.len < len);
}

/* Is this a place where words count: not in what nobody shows? */
static bool counts(const struct page *p, const struct word *w)
{
	const enum rtf_destination to = p->reader->now.to;

	return (w->in & IN(p->now.part)) != 0 &&
	       (to == RTF_TO_BODY || to == RTF_TO_SINK ||
		p->now.part == PART_SHAPE) &&
	       (!p->reader->starred || (w->in & STARRED) != 0);
}

bool page_word(void *arg, const struct rtf_token *t)
{
	struct page *p = arg;
	const struct word *w =
		bsearch(&t->bytes, words, sizeof(words) / sizeof(words[0]),
			sizeof(words[0]), compare);

	if (w == NULL || !counts(p, w))
		return false;
	return w->act(p, t->has_number ? t->number : w->otherwise, w->argument);
}
