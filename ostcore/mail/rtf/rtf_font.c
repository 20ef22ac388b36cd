/*
 * rtf_font.c - the fonts of RTF, and the code pages they stand for
 */
#include "mail/rtf/rtf_font.h"

#include "bytes/text.h"
#include "mail/text/chars.h"

enum {
	PAGE_DOCUMENT = 1, /* that of the document, whatever it turns out */
	PAGE_WINDOWS = 1252,
};

/* The code pages of \fcharset. */
static const struct {
	uint8_t charset;
	uint16_t page;
} charsets[] = {
	{ 0, PAGE_WINDOWS }, { 1, PAGE_DOCUMENT }, { 2, RTF_SYMBOL_PAGE },
	{ 77, 10000 }, /* Macintosh */
	{ 128, 932 },  /* Japanese, Korean, Chinese */
	{ 129, 949 },	     { 130, 1361 },	   { 134, 936 },
	{ 136, 950 },	     { 161, 1253 }, /* Greek, Turkish, Vietnamese,
					       Hebrew, Arabic */
	{ 162, 1254 },	     { 163, 1258 },	   { 177, 1255 },
	{ 178, 1256 },	     { 186, 1257 }, /* Baltic, Russian, Thai, Eastern
					       Europe */
	{ 204, 1251 },	     { 222, 874 },	   { 238, 1250 },
	{ 254, 437 }, /* DOS */
	{ 255, 437 },
};

/*
 * Pages in which the syntax of RTF is ASCII, and text that is decoded in
 * pieces means the same: none of EBCDIC, UTF-16 or ISO 2022.
 */
static const struct {
	uint16_t first, last;
} usable[] = {
	{ 437, 869 },	  { 874, 874 },	    { 932, 950 },     { 1250, 1361 },
	{ 10000, 10082 }, { 20127, 20127 }, { 20866, 20866 }, { 21866, 21866 },
	{ 28591, 28606 }, { 51932, 51950 }, { 54936, 54936 }, { 65001, 65001 },
};

static bool is_usable(int32_t page)
{
	for (size_t i = 0; i < sizeof(usable) / sizeof(usable[0]); i++)
		if (page >= usable[i].first && page <= usable[i].last)
			return page != 500 && text_knows((unsigned)page);
	return false;
}

void rtf_fonts_start(struct rtf_fonts *f)
{
	f->page = PAGE_WINDOWS;
}

void rtf_fonts_document(struct rtf_fonts *f, int32_t page, bool outright)
{
	if (!is_usable(page) || (f->has_page && !outright))
		return;
	f->page = (uint16_t)page;
	f->has_page = outright;
}

void rtf_font_begin(struct rtf_fonts *f, int32_t number)
{
	rtf_font_end(f);
	f->name_at = f->names.len;
	if (number < 0 || number >= RTF_FONTS)
		return;
	f->in_entry = f->pages[number] == 0;
	f->number = (uint16_t)number;
}

void rtf_font_charset(struct rtf_fonts *f, int32_t charset)
{
	for (size_t i = 0; i < sizeof(charsets) / sizeof(charsets[0]); i++)
		if (charsets[i].charset == charset)
			f->charset_page = charsets[i].page;
}

void rtf_font_page(struct rtf_fonts *f, int32_t page)
{
	if (page == RTF_SYMBOL_PAGE || is_usable(page))
		f->own_page = (uint16_t)page;
}

unsigned rtf_font_naming(const struct rtf_fonts *f)
{
	return f->charset_page > RTF_SYMBOL_PAGE ? f->charset_page : f->page;
}

/* What is gathered of the name, up to its semicolon, is all of it. */
static void end_name(struct rtf_fonts *f)
{
	enum { NAME_MAX = 96 }; /* 32 characters, for Windows */
	struct span name;

	(void)span_sub(buf_span(&f->names), f->name_at,
		       f->names.len - f->name_at, &name);
	name = chars_trim(chars_first(name, chars_find(name, ';')));
	if (name.len == 0 || name.len > NAME_MAX || f->names.bad ||
	    !f->in_entry) {
		buf_cut(&f->names, f->name_at);
		return;
	}
	memmove(f->names.at + f->name_at, name.at, name.len);
	buf_cut(&f->names, f->name_at + name.len);
	buf_byte(&f->names, '\0');
	f->name_begins[f->number] = (uint32_t)f->name_at + 1;
	f->name_at = f->names.len;
}

/*
 * The page of the entry. A font that is known for its pictures needs no
 * \fcharset to have them.
 */
static uint16_t entry_page(const struct rtf_fonts *f)
{
	if (f->own_page != 0)
		return f->own_page;
	if (f->charset_page > PAGE_DOCUMENT)
		return f->charset_page;
	return rtf_symbols(rtf_font_name(f, f->number)) != NULL
		       ? RTF_SYMBOL_PAGE
		       : PAGE_DOCUMENT;
}

void rtf_font_end(struct rtf_fonts *f)
{
	end_name(f);
	if (f->in_entry)
		f->pages[f->number] = entry_page(f);
	f->in_entry = false;
	f->charset_page = f->own_page = 0;
}

unsigned rtf_font_find(const struct rtf_fonts *f, uint16_t number)
{
	const uint16_t page = f->pages[number];

	return page > PAGE_DOCUMENT ? page : f->page;
}

const char *rtf_font_name(const struct rtf_fonts *f, uint16_t number)
{
	const size_t begin = f->name_begins[number];

	return begin > 0 ? f->names.at + begin - 1 : "";
}

void rtf_fonts_free(struct rtf_fonts *f)
{
	buf_free(&f->names);
}
