/*
 * contentline.c - content lines of iCalendar, folded as they are written
 */
#include "mail/text/contentline.h"

#include <stdarg.h>
#include <stdio.h>

#include "mail/text/chars.h"

enum { LINE_MAX = 75 }; /* octets, without CRLF */

static bool in_word(uint8_t c)
{
	return chars_letter(c) || chars_digit(c);
}

/*
 * Where to fold `s`, of which `room` octets find place on the line: between
 * characters, and before a word of ASCII that the next line holds, for whoever
 * searches the file.
 */
static size_t fold_at(const struct ical_lines *l, struct span s, size_t room)
{
	size_t cut = room, word;

	while (cut > 0 && (s.at[cut] & 0xC0) == 0x80)
		cut--;
	if (cut == 0 || !l->in_text || !in_word(s.at[cut]))
		return cut;
	for (word = cut; word > 0 && in_word(s.at[word - 1]);)
		word--;
	return word > 0 || l->column > 1 ? word : cut;
}

/* Append well-formed UTF-8, folding where a line would grow too long. */
static void put(struct ical_lines *l, struct span s)
{
	while (s.len > LINE_MAX - l->column) {
		const size_t cut = fold_at(l, s, LINE_MAX - l->column);

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

/* How many characters of ASCII that stand for themselves `s` begins with. */
static size_t run_of(struct span s, bool (*stands)(uint8_t c))
{
	size_t run = 0;

	while (run < s.len && stands(s.at[run]))
		run++;
	return run;
}

static bool is_plain_parameter(uint8_t c)
{
	return c == '\t' || (c < 0x7F && c >= 0x20 && !chars_in(c, "^\""));
}

static void put_parameter_char(struct ical_lines *l, uint32_t c)
{
	if (c == '^')
		put_str(l, "^^");
	else if (c == '"')
		put_str(l, "^'");
	else if (c == '\n')
		put_str(l, "^n");
	else if (c >= 0x80)
		put_char(l, c);
}

void ical_parameter(struct ical_lines *l, const char *name, struct span value)
{
	const char *quote = needs_quotes(value) ? "\"" : "";

	put_str(l, ";");
	put_str(l, name);
	put_str(l, "=");
	put_str(l, quote);
	l->in_text = true;
	while (value.len > 0) {
		const size_t run = run_of(value, is_plain_parameter);

		put(l, chars_first(value, run));
		value = chars_from(value, run);
		if (run == 0)
			put_parameter_char(l, chars_next(&value));
	}
	l->in_text = false;
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
	l->in_text = true;
	while (value.len > 0) {
		const uint8_t c = value.at[0];
		const size_t run = run_of(value, is_plain);

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
	l->in_text = false;
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
