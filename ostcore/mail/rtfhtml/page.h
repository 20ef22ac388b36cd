/*
 * page.h - private: HTML while it is made of RTF
 *
 * The reader of RTF calls for each group, word and run of text. A paragraph
 * is gathered until it ends, for only then are its place and form known; a
 * table until its last row, for only then are its columns.
 */
#ifndef OST_MAIL_RTFHTML_PAGE_H
#define OST_MAIL_RTFHTML_PAGE_H

#include "mail/rtf/rtf_reader.h"
#include "mail/rtfhtml/rtfhtml.h"

enum {
	LISTS_MAX = 9,	     /* levels of one list */
	TABLES_MAX = 16,     /* tables in one another */
	CELLS_MAX = 1 << 17, /* of all tables: then there are no more */
	COLUMNS_MAX = 1024,  /* that one row may say to have */
	COLORS_MAX = 1 << 12,
	STYLES_MAX = 1 << 12, /* of lists */
	DEFAULT_SIZE = 24,
	PICTURES_MAX = 1 << 12,
	OVERRIDES_MAX = 1 << 12, /* lists that \ls may name */
	MARK_MAX = 1 << 10,
	HTML_MAX = 64 << 20,
	NO_COLOR = 0x1000000,
	LINE_END = 0x0B, /* in text: of a line, not of the paragraph */
};

/* Where the text of a group goes, of those that this room knows. */
enum part {
	PART_TEXT,
	PART_COLORS,
	PART_PICTURE,
	PART_MARK,	/* what stands before an item of a list */
	PART_OLD_LIST,	/* {\*\pn: how a list of the old kind is */
	PART_STYLES,	/* {\*\listtable */
	PART_OVERRIDES, /* {\*\listoverridetable */
	PART_BOOKMARK,
	PART_SHAPE, /* {\*\shpinst: its properties */
	PART_SHAPE_TEXT,
	PART_NESTED_ROW, /* {\*\nesttableprops */
};

/* How characters look. */
struct look {
	bool bold, italic, underline, strike, capitals;
	int8_t script;	      /* 1: above the line, -1: below */
	uint16_t font, size;  /* in half points */
	uint16_t color, back; /* in the table of colours, plus 1; 0: none */
	size_t url, url_len;  /* in the reader's `urls` */
};

enum align { ALIGN_NONE, ALIGN_RIGHT, ALIGN_CENTER, ALIGN_BOTH };

enum old_list { OLD_NONE, OLD_BULLET, OLD_NUMBER, OLD_GOES_ON };

/* How a paragraph is. Lengths are in twips. */
struct form {
	enum align align;
	bool right_to_left, in_table;
	uint8_t table; /* \itap: how deep in tables */
	uint8_t list_level;
	uint16_t list; /* \ls; 0: none */
	enum old_list old;
	char style; /* of old lists, as `type` of <ol> has it */
	int32_t left, right, first, before, after;
};

/* What the end of a group takes back. */
struct scope {
	enum part part;
	struct look look;
	struct form form;
};

/* A list that is open: <ul> or <ol>. */
struct list {
	uint16_t number; /* \ls */
	uint16_t level;
	bool ordered;
};

struct cell {
	size_t begin, end; /* its HTML in `out` of its table's sheet */
	int32_t left, right;
	uint32_t more, last; /* cells merged into it: a chain; 0: none */
	uint16_t across, down;
	uint8_t flags;
	uint16_t back; /* colour */
};

enum {
	CELL_MERGE = 1,	     /* to the one on its left */
	CELL_MERGE_UP = 2,   /* to the one above it */
	CELL_MERGE_HEAD = 4, /* others are merged to it from below */
	CELL_BORDER = 8,
	CELL_GONE = 16, /* it is in another */
	CELL_SIDE = 32, /* what is said now is of one of its sides */
};

/* What \trowd and the words after it say of the cells of a row. */
struct column {
	int32_t right;
	uint8_t flags;
	uint16_t back;
};

/* What is being written: the body, or the cells of a table. */
struct sheet {
	struct buf out;
	struct list lists[LISTS_MAX];
	unsigned list_depth;
	size_t cell_begin;  /* where the cell that is open begins */
	struct cell *cells; /* from 1 on */
	size_t count, cap;
	uint32_t *rows; /* the first cell of each; ends where the next begins */
	size_t row_count, row_cap;
	size_t row_first; /* of the row that is open */
	struct column *columns;
	size_t column_count;
	struct column next; /* before its \cellx */
	int32_t left;	    /* of the first cell */
};

struct list_style {
	int32_t id;
	uint8_t kinds[LISTS_MAX];  /* \levelnfc */
	int32_t starts[LISTS_MAX]; /* \levelstartat */
};

enum { KIND_BULLET = 23, KIND_NONE = 255 };

struct page {
	struct rtf_reader *reader;
	struct rtf_sink sink;
	struct rtfhtml *out;
	const struct rtf_names *names;
	bool bad, full;

	struct scope now;
	struct scope *around;
	size_t depth, cap;

	struct buf line;	/* the paragraph so far */
	struct look shown;	/* how its end looks */
	unsigned tags;		/* that are open there */
	bool blank;		/* the last character there is a blank */
	bool any;		/* there is something to see */
	struct buf mark, place; /* of PART_MARK, PART_BOOKMARK */

	struct sheet sheets[TABLES_MAX + 1];
	unsigned table; /* the one that is open; 0: the body */
	size_t cells;	/* of all */

	uint32_t *colors; /* or NO_COLOR */
	size_t color_count;
	uint32_t color; /* that is being read */

	struct list_style *styles;
	size_t style_count;
	unsigned level;	     /* of the one that is being read */
	uint16_t *overrides; /* \ls: the style, from 1 on */
	int32_t override_id;

	struct picture {
		enum { PICTURE_FILE, PICTURE_METAFILE, PICTURE_BITMAP } form;
		int32_t width, height, goal_width, goal_height;
		int32_t scale_x, scale_y;
		struct buf bytes;
		int high; /* the first digit of a byte, or -1 */
	} picture;
	size_t next_name;
};

/*
 * words.c
 */

/* Do what a word says. False: the reader is to do it, or to do it too. */
bool page_word(void *arg, const struct rtf_token *t);

/*
 * para.c
 */

/* Append text, escaped, with the look that it has now. */
void page_text(struct page *p, struct span utf8);
/* Append HTML to the paragraph, outside of links. */
void page_inline(struct page *p, struct span html);
/* Append `text` to `out`, escaped for an attribute. */
void page_attribute(struct buf *out, struct span text);
/* End the paragraph and write it, where it belongs. */
void page_paragraph(struct page *p);
/* The same, if there is anything in it. */
void page_rest(struct page *p);
/* Stop reading when there is too much of it, or no memory. */
void page_limit(struct page *p);
/* The number of twips as pixels, bounded. */
int page_pixels(int64_t twips);
/* Append `;name:#rrggbb` as a style; nothing when it is no colour. */
void page_color(const struct page *p, const char *name, uint16_t color,
		struct buf *out);
/* Append the family of a font as a style; nothing when it has no name. */
void page_font(const struct page *p, uint16_t font, struct buf *out);

/*
 * list.c
 */

/* Write a paragraph as an item, if it is one; else end all lists. */
bool page_list_item(struct page *p, struct sheet *s, struct span html,
		    const char *style);
void page_list_end_all(struct sheet *s);
/* The words of {\*\listtable and {\*\listoverridetable. */
void page_list_style_begin(struct page *p);
void page_list_style_id(struct page *p, int32_t id);
void page_list_style_level(struct page *p);
void page_list_style_kind(struct page *p, int32_t kind);
void page_list_style_start(struct page *p, int32_t start);
void page_list_override(struct page *p, int32_t number);

/*
 * table.c
 */

void page_table_free(struct sheet *s);
/* Be in `depth` tables, opening and ending those it takes. */
void page_table_enter(struct page *p, unsigned depth);
/* End a cell, or a row, of the table that is open. */
void page_table_cell(struct page *p);
void page_table_row(struct page *p);
/* \trowd, \cellx: of the row of table `depth`. */
void page_table_define(struct page *p, unsigned depth);
void page_table_column(struct page *p, unsigned depth, int32_t right);

/*
 * picture.c
 */

void page_picture_begin(struct page *p);
void page_picture_digits(struct page *p, struct span text);
void page_picture_bytes(struct page *p, struct span bytes);
void page_picture_end(struct page *p);

/*
 * metafile.c: the device independent bitmap that is all that the metafile
 * `wmf`, without a placeable header, shows; empty: it is not all.
 */
struct span page_metafile_bitmap(struct span wmf);

#endif
