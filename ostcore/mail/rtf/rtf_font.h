/*
 * rtf_font.h - private: the fonts of RTF, and the code pages they stand for
 */
#ifndef OST_MAIL_RTF_FONT_H
#define OST_MAIL_RTF_FONT_H

#include "bytes/buf.h"

enum {
	RTF_FONTS = 1 << 16,  /* font numbers are below */
	RTF_SYMBOL_PAGE = 42, /* of fonts whose characters are pictures */
	RTF_SYMBOLS = 0xE0,   /* of such a font, from 0x20 on */
};

struct rtf_fonts {
	uint16_t pages[RTF_FONTS];	 /* 0: not in the font table */
	uint32_t name_begins[RTF_FONTS]; /* in `names`, plus one; 0: none */
	struct buf names;		 /* UTF-8, each ended by a NUL */
	uint16_t page;			 /* of the document */
	bool has_page;			 /* said outright, by \ansicpg */
	/* The entry of the font table that is being read. */
	bool in_entry;
	uint16_t number;
	uint16_t charset_page, own_page; /* 0: not said */
	size_t name_at;			 /* where its name begins in `names` */
};

/* Start with a table that is all zeros: the document is in 1252. */
void rtf_fonts_start(struct rtf_fonts *f);

/* The document is in `page`; said `outright`, it stays so. */
void rtf_fonts_document(struct rtf_fonts *f, int32_t page, bool outright);

/*
 * Read the font table: an entry begins, its \fcharset or \cpg is known, it
 * ends. Of two entries of one number the first counts.
 */
void rtf_font_begin(struct rtf_fonts *f, int32_t number);
void rtf_font_charset(struct rtf_fonts *f, int32_t charset);
void rtf_font_page(struct rtf_fonts *f, int32_t page);
void rtf_font_end(struct rtf_fonts *f);

/* The code page of the name in the entry, which is appended to `names`. */
unsigned rtf_font_naming(const struct rtf_fonts *f);

/* The code page of text in font `number`. */
unsigned rtf_font_find(const struct rtf_fonts *f, uint16_t number);

/* Its name; "" when it has none. On loan until the next entry. */
const char *rtf_font_name(const struct rtf_fonts *f, uint16_t number);

void rtf_fonts_free(struct rtf_fonts *f);

/*
 * rtf_symbols.c: the RTF_SYMBOLS characters of the symbol font named so, each
 * a Unicode scalar or 0: there is none. NULL: not one that is known.
 */
const uint32_t *rtf_symbols(const char *font);

#endif
