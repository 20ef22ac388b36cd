/*
 * page.h - private: lines of text, set off as deep as what they are part of
 */
#ifndef OST_MAIL_PAGE_H
#define OST_MAIL_PAGE_H

#include "bytes/buf.h"

struct page {
	struct buf *out;
	size_t start; /* of it in `out` */
	size_t cap;   /* bytes that it may take */
	unsigned depth;
};

/*
 * Append one line: UTF-8, that becomes normal form C; blanks at its end and
 * control characters but tabs are left out.
 */
void page_line(struct page *p, struct span line);

/* Append text of any lines, without those that are empty at its ends. */
void page_write_text(struct page *p, struct span text);

/* "Label: value"; further lines of it are set off. Nothing without a value. */
void page_field(struct page *p, const char *label, struct span value);

void page_printf(struct page *p, const char *format, ...) OST_PRINTF(2, 3);

/* An empty line, unless there is one, or nothing before it. */
void page_gap(struct page *p);

/* Bytes that may still be written. */
size_t page_room(const struct page *p);

#endif
