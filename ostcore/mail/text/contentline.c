/*
 * contentline.c - content lines of iCalendar, folded as they are written
 */
#include "mail/text/contentline.h"

#include <stdarg.h>
#include <stdio.h>

#include "mail/text/chars.h"

enum { LINE_MAX = 75 }; /* octets, without CRLF */

/* Append well-formed UTF-8, folding where a line would grow too long. */
static void put(struct ical_lines *l, struct span s)
{
	while (s.len > LINE_MAX - l->column) {
		size_t cut = LINE_MAX - l->column;

		while (cut > 0 && (s.at[cut] & 0xC0) == 0x80)
			cut--;
		buf_add(l->out, s.at, cut);
		buf_str(l->out, "\r\n ");
		l->column = 1;
		s = chars_from(s, cut);
	}
	buf_add(l->out, s.at, s.len);
	l->column += s.len;
}

static void put_str(struct ical_lines *l, const char *s)
{
	put(l, chars_of(s));
}

/* Append character `c`. */
static void put_char(struct ical_lines *l, uint32_t c)
{
	struct buf one = { 0 };

	if (c < 0x80) {
		put(l, span_of(&(uint8_t){ (uint8_t)c }, 1));
		return;
	}
	buf_utf8(&one, c);
	put(l, buf_span(&one));
	l->out->bad = l->out->bad || one.bad;
	buf_free(&one);
}

void ical_stop(struct ical_lines *l)
{
	buf_str(l->out, "\r\n");
	l->column = 0;
}

void ical_name(struct ical_lines *l, const char *name)
{
	l->column = 0;
	put_str(l, name);
}

void ical_begin(struct ical_lines *l, const char *component)
{
	ical_line(l, "BEGIN", "%s", component);
}

void ical_end(struct ical_lines *l, const char *component)
{
	ical_line(l, "END", "%s", component);
}

/* Does a parameter's value need quotes? */
static bool needs_quotes(struct span value)
{
	for (size_t i = 0; i < value.len; i++)
		if (chars_in(value.at[i], ":;,"))
			return true;
	return false;
}

void ical_parameter(struct ical_lines *l, const char *name, struct span value)
{
	const char *quote = needs_quotes(value) ? "\"" : "";

	put_str(l, ";");
	put_str(l, name);
	put_str(l, "=");
	put_str(l, quote);
	while (value.len > 0) {
		const uint32_t c = chars_next(&value);

		if (c == '^')
			put_str(l, "^^");
		else if (c == '"')
			put_str(l, "^'");
		else if (c == '\n')
			put_str(l, "^n");
		else if (c == '\t' || (c >= 0x20 && c != 0x7F))
			put_char(l, c);
	}
	put_str(l, quote);
}

void ical_value(struct ical_lines *l, struct span value)
{
	put_str(l, ":");
	put(l, value);
	ical_stop(l);
}

/* A character that is escaped, or a control character, left out. */
static void put_special(struct ical_lines *l, uint8_t c)
{
	const char escaped[] = { '\\', (char)c, '\0' };

	if (c == '\n')
		put_str(l, "\\n");
	else if (chars_in(c, "\\;,"))
		put_str(l, escaped);
}

static bool is_plain(uint8_t c)
{
	return c == '\t' || (c < 0x7F && c >= 0x20 && !chars_in(c, "\\;,"));
}

void ical_text_part(struct ical_lines *l, const char *before, struct span value)
{
	put_str(l, before);
	while (value.len > 0) {
		const uint8_t c = value.at[0];
		size_t run = 0;

		while (run < value.len && is_plain(value.at[run]))
			run++;
		put(l, chars_first(value, run));
		value = chars_from(value, run);
		if (run > 0)
			continue;
		if (c >= 0x80) {
			put_char(l, chars_next(&value));
			continue;
		}
		/* CRLF, CR and LF are one line end each. */
		value = chars_from(value, 1);
		if (c == '\r' && value.len > 0 && value.at[0] == '\n')
			continue;
		put_special(l, c == '\r' ? '\n' : c);
	}
}

void ical_text(struct ical_lines *l, struct span value)
{
	ical_text_part(l, ":", value);
	ical_stop(l);
}

void ical_line(struct ical_lines *l, const char *name, const char *format, ...)
{
	struct buf value = { 0 };
	va_list args;
	char *at;

	va_start(args, format);
	const int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	at = buf_more(&value, len < 0 ? 1 : (size_t)len + 1);
	va_start(args, format);
	if (at != NULL && len >= 0)
		vsnprintf(at, (size_t)len + 1, format, args);
	va_end(args);
	if (len >= 0)
		buf_cut(&value, (size_t)len);
	ical_name(l, name);
	ical_value(l, buf_span(&value));
	l->out->bad = l->out->bad || value.bad;
	buf_free(&value);
}

void ical_text_line(struct ical_lines *l, const char *name, struct span value)
{
	if (value.len == 0)
		return;
	ical_name(l, name);
	ical_text(l, value);
}
