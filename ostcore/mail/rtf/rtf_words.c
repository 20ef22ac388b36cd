/*
 * rtf_words.c - what the control words of RTF do
 *
 * One row a word, sorted by name. A word that is not here does nothing, and
 * one that begins an ignorable destination, {\*\word, hides its group.
 */
#include <stdlib.h>

#include "mail/rtf/rtf_reader.h"

typedef void word_fn(struct rtf_reader *r, const struct rtf_token *t,
		     int32_t argument);

/* The number of a word; `otherwise` when it has none. */
static int32_t number_of(const struct rtf_token *t, int32_t otherwise)
{
	return t->has_number ? t->number : otherwise;
}

/*
 * Begin a destination; not in the outermost group, where it would take all
 * the rest of the text.
 */
static void begin(struct rtf_reader *r, const struct rtf_token *t, int32_t to)
{
	(void)t;
	if (r->depth > 1 && (to == RTF_TO_NOWHERE || r->now.to == RTF_TO_BODY))
		r->now.to = (enum rtf_destination)to;
}

/*
 * Text that is there twice: for those who know Unicode, {\upr{...}{\*\ud
 * ...}} has it in \ud, which goes where \upr would have gone.
 */

static void begin_choice(struct rtf_reader *r, const struct rtf_token *t,
			 int32_t argument)
{
	(void)t;
	(void)argument;
	if (r->depth <= 1 || r->now.to == RTF_TO_NOWHERE)
		return;
	r->now.unicode_to = r->now.to;
	r->now.closing = RTF_CHOICE_MADE;
	r->now.to = RTF_TO_NOWHERE;
	r->chosen = false;
}

static void begin_unicode(struct rtf_reader *r, const struct rtf_token *t,
			  int32_t argument)
{
	(void)t;
	(void)argument;
	if (r->depth <= 1 || (r->now.to != RTF_TO_NOWHERE && !r->starred))
		return;
	r->now.to = r->now.unicode_to;
	r->now.unicode_to = RTF_TO_NOWHERE;
	r->chosen = true;
}

/* A shape: only the text in it is text; what old readers show is not. */
static void begin_shape(struct rtf_reader *r, const struct rtf_token *t,
			int32_t argument)
{
	(void)t;
	(void)argument;
	if (r->depth <= 1 || r->now.to == RTF_TO_NOWHERE)
		return;
	r->now.unicode_to = r->now.to;
	r->now.to = RTF_TO_NOWHERE;
}

/*
 * Characters
 */

static void put_character(struct rtf_reader *r, const struct rtf_token *t,
			  int32_t character)
{
	(void)t;
	rtf_put_unicode(r, character);
}

static void put_line(struct rtf_reader *r, const struct rtf_token *t,
		     int32_t argument)
{
	(void)t;
	(void)argument;
	rtf_put(r, "\r\n");
}

static void put_u(struct rtf_reader *r, const struct rtf_token *t,
		  int32_t argument)
{
	(void)argument;
	if (!t->has_number)
		return;
	rtf_put_unicode(r, t->number);
	r->skip = r->now.fallback;
}

static void set_fallback(struct rtf_reader *r, const struct rtf_token *t,
			 int32_t argument)
{
	const int32_t count = number_of(t, argument);

	r->now.fallback = count > 0 ? (uint32_t)count : 0;
}

/* The place of an attachment. They stand in the order of their positions. */
static void put_attachment(struct rtf_reader *r, const struct rtf_token *t,
			   int32_t argument)
{
	(void)argument;
	rtf_put(r, "[attachment");
	if (r->names != NULL && r->next_name < r->names->count) {
		rtf_put(r, ": ");
		rtf_put(r, r->names->at[r->next_name++]);
	}
	rtf_put(r, "]");
	if (r->starred)
		begin(r, t, RTF_TO_NOWHERE);
}

/*
 * Fonts and code pages
 */

static void set_page(struct rtf_reader *r, const struct rtf_token *t,
		     int32_t page)
{
	rtf_fonts_document(&r->fonts, number_of(t, page), page == 0);
}

static void set_font(struct rtf_reader *r, const struct rtf_token *t,
		     int32_t argument)
{
	const int32_t number = number_of(t, argument);

	if (r->now.to == RTF_TO_FONTS)
		rtf_font_begin(&r->fonts, number);
	else if (number >= 0 && number < RTF_FONTS)
		r->now.font = (uint16_t)number;
}

static void set_first_font(struct rtf_reader *r, const struct rtf_token *t,
			   int32_t argument)
{
	const int32_t number = number_of(t, argument);

	if (number >= 0 && number < RTF_FONTS)
		r->first_font = r->now.font = (uint16_t)number;
}

static void set_charset(struct rtf_reader *r, const struct rtf_token *t,
			int32_t argument)
{
	if (r->now.to == RTF_TO_FONTS)
		rtf_font_charset(&r->fonts, number_of(t, argument));
}

static void set_font_page(struct rtf_reader *r, const struct rtf_token *t,
			  int32_t argument)
{
	if (r->now.to == RTF_TO_FONTS)
		rtf_font_page(&r->fonts, number_of(t, argument));
}

static void set_plain(struct rtf_reader *r, const struct rtf_token *t,
		      int32_t argument)
{
	(void)t;
	(void)argument;
	r->now.font = r->first_font;
	r->now.hidden = false;
}

static void set_hidden(struct rtf_reader *r, const struct rtf_token *t,
		       int32_t argument)
{
	r->now.hidden = number_of(t, argument) != 0;
}

static void set_suppressed(struct rtf_reader *r, const struct rtf_token *t,
			   int32_t argument)
{
	r->now.suppressed = number_of(t, argument) != 0;
}

/* A note at the foot of a page: there are no pages, so it is where it is named.
 */
static void begin_note(struct rtf_reader *r, const struct rtf_token *t,
		       int32_t argument)
{
	(void)t;
	(void)argument;
	if (r->depth <= 1 || r->now.to != RTF_TO_BODY || r->now.note)
		return;
	rtf_put(r, " [");
	r->now.note = true;
	r->now.closing = RTF_NOTE_SHOWN;
}

/*
 * Fields
 */

/* Text that shows a link is followed by it once; HTML has it around all. */
static void begin_field(struct rtf_reader *r, const struct rtf_token *t,
			int32_t argument)
{
	(void)t;
	(void)argument;
	if (r->sink == NULL)
		r->now.url_len = 0;
}

static void begin_instruction(struct rtf_reader *r, const struct rtf_token *t,
			      int32_t to)
{
	if (r->kind != RTF_PLAIN || r->now.to != RTF_TO_BODY)
		to = RTF_TO_NOWHERE;
	begin(r, t, to);
	if (r->now.to != RTF_TO_FIELD)
		return;
	buf_cut(&r->field, 0);
	r->now.closing = RTF_FIELD_KNOWN;
}

static void begin_result(struct rtf_reader *r, const struct rtf_token *t,
			 int32_t argument)
{
	(void)t;
	(void)argument;
	if (r->now.to != RTF_TO_BODY || r->now.url_len == 0)
		return;
	r->now.closing = RTF_FIELD_SHOWN;
	r->now.shown = r->out->len;
}

/*
 * All of them
 */

enum {
	HTML = 1 << RTF_HTML,
	TEXT = 1 << RTF_TEXT,
	PLAIN = 1 << RTF_PLAIN,
	ALL = HTML | TEXT | PLAIN,
	STARRED = 1 << 8, /* known as {\*\word too */
	NOWHERE = RTF_TO_NOWHERE,
};

static const struct word {
	const char *name;
	word_fn *act;
	int32_t argument; /* a number left out, or one of its own */
	unsigned in;	  /* the kinds of RTF it is known in */
} words[] = {
	{ "aftncn", begin, NOWHERE, ALL },
	{ "aftnsep", begin, NOWHERE, ALL },
	{ "aftnsepc", begin, NOWHERE, ALL },
	{ "ansi", set_page, 1252, ALL },
	{ "ansicpg", set_page, 0, ALL },
	{ "bullet", put_character, 0x2022, ALL },
	{ "cell", put_character, '\t', PLAIN },
	{ "colortbl", begin, NOWHERE, ALL },
	{ "column", put_line, 0, PLAIN },
	{ "cpg", set_font_page, 0, ALL },
	{ "deff", set_first_font, 0, ALL },
	{ "emdash", put_character, 0x2014, ALL },
	{ "emspace", put_character, 0x2003, ALL },
	{ "endash", put_character, 0x2013, ALL },
	{ "enspace", put_character, 0x2002, ALL },
	{ "f", set_font, 0, ALL },
	{ "fcharset", set_charset, 0, ALL },
	{ "field", begin_field, 0, PLAIN },
	{ "filetbl", begin, NOWHERE, ALL },
	{ "fldinst", begin_instruction, RTF_TO_FIELD, ALL | STARRED },
	{ "fldrslt", begin_result, 0, PLAIN },
	{ "fonttbl", begin, RTF_TO_FONTS, ALL },
	{ "footer", begin, NOWHERE, ALL },
	{ "footerf", begin, NOWHERE, ALL },
	{ "footerl", begin, NOWHERE, ALL },
	{ "footerr", begin, NOWHERE, ALL },
	{ "footnote", begin_note, 0, PLAIN },
	{ "ftncn", begin, NOWHERE, ALL },
	{ "ftnsep", begin, NOWHERE, ALL },
	{ "ftnsepc", begin, NOWHERE, ALL },
	{ "header", begin, NOWHERE, ALL },
	{ "headerf", begin, NOWHERE, ALL },
	{ "headerl", begin, NOWHERE, ALL },
	{ "headerr", begin, NOWHERE, ALL },
	{ "htmlrtf", set_suppressed, 1, HTML },
	{ "htmltag", begin, RTF_TO_TAG, HTML | STARRED },
	{ "info", begin, NOWHERE, ALL },
	{ "ldblquote", put_character, 0x201C, ALL },
	{ "line", put_line, 0, ALL },
	{ "listoverridetable", begin, NOWHERE, ALL },
	{ "listtable", begin, NOWHERE, ALL },
	{ "listtext", begin, NOWHERE, ALL },
	{ "lquote", put_character, 0x2018, ALL },
	{ "ltrmark", put_character, 0x200E, ALL },
	{ "mac", set_page, 10000, ALL },
	{ "nestcell", put_character, '\t', PLAIN },
	{ "nestrow", put_line, 0, PLAIN },
	{ "nonesttables", begin, NOWHERE, ALL },
	{ "nonshppict", begin, NOWHERE, ALL },
	{ "objattph", put_attachment, 0, PLAIN | STARRED },
	{ "object", begin, NOWHERE, ALL },
	{ "page", put_line, 0, PLAIN },
	{ "par", put_line, 0, ALL },
	{ "pc", set_page, 437, ALL },
	{ "pca", set_page, 850, ALL },
	{ "pict", begin, NOWHERE, ALL },
	{ "plain", set_plain, 0, ALL },
	{ "pntext", begin, NOWHERE, ALL },
	{ "pntxta", begin, NOWHERE, ALL },
	{ "pntxtb", begin, NOWHERE, ALL },
	{ "qmspace", put_character, 0x2005, ALL },
	{ "rdblquote", put_character, 0x201D, ALL },
	{ "revtbl", begin, NOWHERE, ALL },
	{ "row", put_line, 0, PLAIN },
	{ "rquote", put_character, 0x2019, ALL },
	{ "rtlmark", put_character, 0x200F, ALL },
	{ "sect", put_line, 0, PLAIN },
	{ "shpinst", begin_shape, 0, ALL | STARRED },
	{ "shprslt", begin, NOWHERE, ALL },
	{ "shptxt", begin_unicode, 0, ALL },
	{ "stylesheet", begin, NOWHERE, ALL },
	{ "tab", put_character, '\t', ALL },
	{ "tc", begin, NOWHERE, ALL },
	{ "tcn", begin, NOWHERE, ALL },
	{ "u", put_u, 0, ALL },
	{ "uc", set_fallback, 1, ALL },
	{ "ud", begin_unicode, 0, ALL | STARRED },
	{ "upr", begin_choice, 0, ALL },
	{ "v", set_hidden, 1, PLAIN },
	{ "xe", begin, NOWHERE, ALL },
	{ "zwbo", put_character, 0x200B, ALL },
	{ "zwj", put_character, 0x200D, ALL },
	{ "zwnbo", put_character, 0x2060, ALL },
	{ "zwnj", put_character, 0x200C, ALL },
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

void rtf_word(struct rtf_reader *r, const struct rtf_token *t)
{
	const struct word *w =
		bsearch(&t->bytes, words, sizeof(words) / sizeof(words[0]),
			sizeof(words[0]), compare);

	if (r->sink != NULL && r->sink->word(r->sink->arg, t))
		return;

	const unsigned kind = 1U << r->kind, star = r->starred ? STARRED : 0;

	if (w != NULL && (w->in & kind) != 0 && (w->in & star) == star)
		w->act(r, t, w->argument);
	else if (r->starred)
		begin(r, t, RTF_TO_NOWHERE);
}
