#include "mail/textform/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <uninorm.h>

#include "bytes/text.h"
#include "mail/text/chars.h"

enum { INDENT = 4, INDENT_MAX = 40 };

/* Append a line of which all is UTF-8 that may be shown. */
static void put_composed(struct buf *out, struct span line)
{
	size_t len = 0;
	uint8_t *nfc = u8_normalize(UNINORM_NFC, line.at, line.len, NULL, &len);

	if (nfc == NULL)
		out->bad = true;
	else
		buf_add(out, nfc, len);
	free(nfc);
}

static bool is_shown(uint32_t c)
{
	return c == '\t' || (c >= 0x20 && (c < 0x7F || c >= 0xA0));
}

/* Append what of `line` may be shown. */
static void put_clean(struct buf *out, struct span line)
{
	while (line.len > 0) {
		const size_t plain = chars_plain(line);
		uint32_t c;

		buf_add(out, line.at, plain);
		line = chars_from(line, plain);
		if (line.len == 0)
			break;
		c = chars_next(&line);
		if (is_shown(c))
			buf_utf8(out, c);
	}
}

static struct span without_end(struct span line)
{
	while (line.len > 0 && chars_blank(line.at[line.len - 1]))
		line.len--;
	return line;
}

void page_line(struct page *p, struct span line)
{
	const size_t indent = (size_t)p->depth * INDENT;
	struct buf clean = { 0 };

	put_clean(&clean, line);
	line = without_end(buf_span(&clean));
	for (size_t i = 0; line.len > 0 && i < indent && i < INDENT_MAX; i++)
		buf_byte(p->out, ' ');
	if (text_is_ascii(line))
		buf_add(p->out, line.at, line.len);
	else
		put_composed(p->out, line);
	buf_byte(p->out, '\n');
	p->out->bad = p->out->bad || clean.bad;
	buf_free(&clean);
}

/* Take a line off `*text`, be its end CRLF, CR, LF or a form feed. */
static struct span take_line(struct span *text)
{
	size_t len = 0, end;

	while (len < text->len && !chars_in(text->at[len], "\r\n\f"))
		len++;
	end = len + (len < text->len);
	if (end < text->len && text->at[len] == '\r' && text->at[end] == '\n')
		end++;
	const struct span line = chars_first(*text, len);
	*text = chars_from(*text, end);
	return line;
}

void page_write_text(struct page *p, struct span text)
{
	size_t empty = 0;
	bool any = false;

	while (text.len > 0) {
		const struct span line = take_line(&text);

		if (without_end(line).len == 0) {
			empty++;
			continue;
		}
		for (; any && empty > 0; empty--)
			page_line(p, (struct span){ NULL, 0 });
		empty = 0;
		any = true;
		page_line(p, line);
	}
}

void page_field(struct page *p, const char *label, struct span value)
{
	struct buf line = { 0 };
	struct span rest = chars_trim(value);

	if (rest.len == 0)
		return;
	buf_printf(&line, "%s: ", label);
	while (rest.len > 0) {
		const struct span part = chars_trim(take_line(&rest));

		if (part.len == 0)
			continue;
		buf_add(&line, part.at, part.len);
		page_line(p, buf_span(&line));
		buf_cut(&line, 0);
		buf_str(&line, "  ");
	}
	p->out->bad = p->out->bad || line.bad;
	buf_free(&line);
}

void page_printf(struct page *p, const char *format, ...)
{
	va_list args;
	char *text = NULL;

	va_start(args, format);
	const int len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		p->out->bad = true;
	else
		page_line(p, span_of(text, (size_t)len));
	if (len >= 0)
		free(text);
}

void page_gap(struct page *p)
{
	const struct buf *out = p->out;

	if (out->len < p->start + 2 ||
	    (out->at[out->len - 1] == '\n' && out->at[out->len - 2] == '\n'))
		return;
	buf_byte(p->out, '\n');
}

size_t page_room(const struct page *p)
{
	const size_t used = p->out->len - p->start;

	return used < p->cap ? p->cap - used : 0;
}
