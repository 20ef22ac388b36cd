/*
 * page.h - private: the text while it is made of HTML
 */
#ifndef OST_MAIL_HTML_PAGE_H
#define OST_MAIL_HTML_PAGE_H

#include "bytes/buf.h"

enum {
	LISTS_MAX = 16,	 /* deeper ones are set off no further */
	QUOTES_MAX = 16, /* deeper ones have no more marks */
};

/* Lines being written: blanks and line ends wait until something follows. */
struct flow {
	struct buf *out;
	size_t start;	 /* where the text begins: no line ends before it */
	unsigned breaks; /* line ends that wait */
	size_t blanks;	 /* blanks that wait */
	bool flat;	 /* nothing is set off: enough was */
};

/* A list that is open. */
struct list {
	bool ordered;
	char style; /* '1', 'a', 'A', 'i', 'I' */
	unsigned next;
};

struct cell {
	size_t from, to; /* in the text of the table */
	uint32_t columns;
	bool first; /* of its row */
};

/* The innermost table: its cells wait until all are there. */
struct grid {
	bool open;
	bool in_cell;
	bool new_row;
	struct buf text;
	struct cell *cells;
	size_t count;
	unsigned quotes, lists; /* open around it */
	bool item;
	struct flow outer;
};

struct page {
	struct flow flow;
	struct buf *out;
	size_t cap; /* bytes after which the flow is flat */
	unsigned pre;
	unsigned quotes;
	struct list lists[LISTS_MAX];
	unsigned lists_open;
	bool item; /* a list item has no text yet */
	unsigned divs, quoting[QUOTES_MAX], quoting_count;
	bool in_link;
	struct buf link; /* its address */
	size_t link_from;
	struct grid grid;
};

/* Append text that has no blanks, or none but those. */
void page_put(struct page *p, struct span text);

/* At least `count` line ends before what follows. */
void page_break(struct page *p, unsigned count);

/* table.c: tags of tables; false: `name` is none of them. */
bool table_tag(struct page *p, struct span name, bool ends, struct span tag);

/* Text stands in a table, but in no cell. */
void table_text(struct page *p);

/* Write the cells that wait, if there are any, as what they are. */
void table_settle(struct page *p);

#endif
