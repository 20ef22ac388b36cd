/*
 * rtf_out.c - what RTF puts out
 */
#include "bytes/text.h"
#include "mail/rtf/rtf_reader.h"
#include "mail/text/chars.h"

enum {
	SYMBOLS = 0xF000, /* where Windows has the characters of symbol fonts */
	PAGE_LETTERS = 1252,
};

void rtf_lose(struct rtf_reader *r, enum note note)
{
	r->lost = true;
	note_add(r->notes, note);
}

/* Does text that stands here go anywhere? */
static bool is_shown(const struct rtf_reader *r)
{
	const struct rtf_group *g = &r->now;

	return g->to == RTF_TO_FONTS ||
	       (!g->suppressed && !g->hidden && g->to != RTF_TO_NOWHERE);
}

/* Does `s`, which starts with &, start with a character reference? */
static bool is_reference(struct span s)
{
	enum { LONGEST = 32 };
	const bool number = s.len > 1 && s.at[1] == '#';
	const size_t start = number ? 2 : 1;
	size_t i = start;

	while (i < s.len && i < LONGEST &&
	       (chars_digit(s.at[i]) || chars_letter(s.at[i])))
		i++;
	return i > start && i < s.len && s.at[i] == ';';
}

static void put_escaped(struct buf *out, struct span text)
{
	size_t done = 0;

	for (size_t i = 0; i < text.len; i++) {
		const char *escape = NULL;

		if (text.at[i] == '<')
			escape = "&lt;";
		else if (text.at[i] == '>')
			escape = "&gt;";
		else if (text.at[i] == '&' &&
			 !is_reference(chars_from(text, i)))
			escape = "&amp;";
		if (escape == NULL)
			continue;
		buf_add(out, text.at + done, i - done);
		buf_str(out, escape);
		done = i + 1;
	}
	if (done < text.len)
		buf_add(out, text.at + done, text.len - done);
}

/* The character that byte `c` of a symbol font stands for. */
static uint32_t symbol_of(const uint32_t *symbols, uint8_t c)
{
	if (c < ' ')
		return c;
	return symbols != NULL && symbols[c - ' '] != 0 ? symbols[c - ' ']
							: (uint32_t)SYMBOLS + c;
}

static const uint32_t *symbols_of(const struct rtf_reader *r)
{
	return rtf_symbols(rtf_font_name(&r->fonts, r->now.font));
}

static unsigned page_of(const struct rtf_reader *r)
{
	unsigned page;

	if (r->now.to == RTF_TO_TAG)
		return r->fonts.page;
	if (r->now.to == RTF_TO_FONTS)
		return rtf_font_naming(&r->fonts);
	page = rtf_font_find(&r->fonts, r->now.font);
	/* HTML says which font it is in, and has the letter there. */
	return page == RTF_SYMBOL_PAGE && r->kind == RTF_HTML ? PAGE_LETTERS
							      : page;
}

static void decode(struct rtf_reader *r, struct buf *out)
{
	const struct span run = buf_span(&r->run);
	const unsigned page = page_of(r);
	size_t bad;

	if (page == RTF_SYMBOL_PAGE) {
		const uint32_t *symbols = symbols_of(r);

		for (size_t i = 0; i < run.len; i++)
			buf_utf8(out, symbol_of(symbols, run.at[i]));
		return;
	}
	if (text_is_ascii(run)) {
		buf_add(out, run.at, run.len);
		return;
	}
	bad = text_codepage(out, page, run);
	if (bad > 0 && r->now.to != RTF_TO_FONTS)
		rtf_lose(r, NOTE_CHARSET);
}

/* Text, decoded, goes where text of the group goes. */
static void give(struct rtf_reader *r, struct span utf8)
{
	if (r->now.to == RTF_TO_FIELD)
		buf_add(&r->field, utf8.at, utf8.len);
	else if (r->now.to == RTF_TO_FONTS)
		buf_add(&r->fonts.names, utf8.at, utf8.len);
	else if (r->sink != NULL)
		r->sink->text(r->sink->arg, utf8);
	else if (r->kind == RTF_HTML && r->now.to == RTF_TO_BODY)
		put_escaped(r->out, utf8); /* it should not need it */
	else
		buf_add(r->out, utf8.at, utf8.len);
}

static void give_scalar(struct rtf_reader *r, uint32_t c)
{
	buf_cut(&r->decoded, 0);
	buf_utf8(&r->decoded, c);
	give(r, buf_span(&r->decoded));
}

void rtf_flush(struct rtf_reader *r)
{
	if (r->run.len == 0)
		return;
	buf_cut(&r->decoded, 0);
	decode(r, &r->decoded);
	give(r, buf_span(&r->decoded));
	buf_cut(&r->run, 0);
}

void rtf_settle(struct rtf_reader *r)
{
	if (r->high == 0 || r->now.to == RTF_TO_FONTS)
		return;
	r->high = 0;
	give_scalar(r, 0xFFFD);
	rtf_lose(r, NOTE_SURROGATE);
}

void rtf_put_bytes(struct rtf_reader *r, struct span bytes)
{
	if (!is_shown(r))
		return;
	rtf_settle(r);
	buf_add(&r->run, bytes.at, bytes.len);
}

void rtf_put(struct rtf_reader *r, const char *utf8)
{
	if (!is_shown(r))
		return;
	rtf_settle(r);
	give(r, span_of(utf8, strlen(utf8)));
}

static void put_scalar(struct rtf_reader *r, uint32_t c)
{
	if (c > 0x10FFFF || (c >= 0xDC00 && c < 0xE000)) {
		c = 0xFFFD;
		rtf_lose(r, NOTE_SURROGATE);
	}
	if (c >= SYMBOLS + ' ' && c < SYMBOLS + 0x100 && r->kind != RTF_HTML &&
	    rtf_font_find(&r->fonts, r->now.font) == RTF_SYMBOL_PAGE)
		c = symbol_of(symbols_of(r), (uint8_t)c);
	if (c != 0)
		give_scalar(r, c);
}

void rtf_put_unicode(struct rtf_reader *r, int32_t number)
{
	/* It is a signed 16-bit number, but not for all writers. */
	uint32_t c = (uint32_t)(number < 0 && number >= INT16_MIN
					? number + (1 << 16)
					: number);

	if (!is_shown(r))
		return;
	if (r->now.to == RTF_TO_FONTS) {
		give_scalar(r, c);
		return;
	}
	if (r->high != 0 && c >= 0xDC00 && c < 0xE000) {
		c = 0x10000 + ((r->high - 0xD800) << 10) + (c - 0xDC00);
		r->high = 0;
	}
	rtf_settle(r);
	if (c >= 0xD800 && c < 0xDC00)
		r->high = c;
	else
		put_scalar(r, c);
}
