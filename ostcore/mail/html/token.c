#include "mail/html/token.h"

#include <stdio.h>

#include "bytes/text.h"
#include "mail/html/entities.h"
#include "mail/text/chars.h"

/* What is in these is for programs: up to their end tag it is no text. */
static const char *const hidden[] = { "script", "style", "title", "xml" };

/*
 * Characters
 */

/* The scalar value of a number in `s`, how many bytes it is in `*len`. */
static uint32_t number_of(struct span s, size_t *len)
{
	const bool hex = s.len > 0 && chars_lower(s.at[0]) == 'x';
	uint32_t value = 0;
	size_t i = hex;

	for (; i < s.len; i++) {
		const uint8_t c = chars_lower(s.at[i]);
		const bool letter = hex && c >= 'a' && c <= 'f';

		if (!chars_digit(c) && !letter)
			break;
		if (value <= 0x110000)
			value = value * (hex ? 16 : 10) +
				(uint32_t)(letter ? c - 'a' + 10 : c - '0');
	}
	*len = i == (size_t)hex ? 0 : i + (i < s.len && s.at[i] == ';');
	return value;
}

/* Numbers of C1 controls mean what Windows has there (HTML 13.2.5.80). */
static void put_number(struct buf *out, uint32_t c)
{
	const uint8_t byte = (uint8_t)c;

	if (c >= 0x80 && c < 0xA0)
		(void)text_codepage(out, 1252, span_of(&byte, 1));
	else if (c != 0)
		buf_utf8(out, c);
}

/*
 * What "&" and `rest` after it stand for, and in `*len` how much of `rest`
 * that takes; an empty span: nothing.
 */
static struct span reference(struct span rest, char room[8], size_t *len)
{
	struct buf text = { 0 };
	struct span out = { NULL, 0 };
	const char *named;

	*len = 0;
	if (rest.len == 0 || rest.at[0] != '#') {
		named = entity_named(rest, len);
		return named != NULL ? chars_of(named) : out;
	}
	const uint32_t c = number_of(chars_from(rest, 1), len);
	if (*len == 0)
		return out;
	++*len;
	put_number(&text, c);
	if (text.len > 0 && text.len < 8) {
		memcpy(room, text.at, text.len);
		out = span_of(room, text.len);
	}
	buf_free(&text);
	return out;
}

/*
 * Tags
 */

/*
 * The length of the tag that `s` begins with, its ">" included. A quote is
 * one only where a value begins.
 */
static size_t tag_length(struct span s)
{
	uint8_t quote = 0, last = 0;

	for (size_t i = 1; i < s.len; i++) {
		const uint8_t c = s.at[i];

		if (quote != 0) {
			quote = c == quote ? 0 : quote;
			continue;
		}
		if (c == '>')
			return i + 1;
		if ((c == '"' || c == '\'') && last == '=')
			quote = c;
		if (!chars_blank(c))
			last = c;
	}
	return s.len;
}

static bool is_name(uint8_t c)
{
	return chars_letter(c) || chars_digit(c) || chars_in(c, ":-_");
}

/* The name of a tag, behind its "<" or "</"; empty: it is none. */
static struct span tag_name(struct span tag)
{
	const size_t slash = tag.len > 1 && tag.at[1] == '/';
	const struct span name = chars_from(tag, 1 + slash);
	size_t len = 0;

	while (len < name.len &&
	       (len == 0 ? chars_letter(name.at[0]) : is_name(name.at[len])))
		len++;
	return chars_first(name, len);
}

/* The length of the comment that `s` begins with. */
static size_t comment_length(struct span s)
{
	for (size_t i = 4; i < s.len; i++) {
		const struct span before = chars_first(s, i);

		if (s.at[i] != '>')
			continue;
		if (i == 4 || chars_end(before, chars_of("--")) ||
		    chars_end(before, chars_of("--!")))
			return i + 1;
	}
	return s.len;
}

/* Leave out what is up to the end tag of `name`, and that. */
static void hide(struct span *s, struct span name)
{
	while (s->len > 0) {
		const struct span rest = chars_from(*s, chars_find(*s, '<'));

		*s = chars_from(rest, rest.len > 0);
		if (chars_begin(rest, "</") &&
		    chars_same(tag_name(rest), name)) {
			*s = chars_from(rest, tag_length(rest));
			return;
		}
	}
}

static bool is_hidden(struct span name)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (chars_same(name, chars_of(hidden[i])))
			return true;
	return false;
}

static void take_tag(struct span *html, struct token *out)
{
	const bool ends = html->len > 1 && html->at[1] == '/';

	out->name = tag_name(*html);
	out->all = chars_first(*html, tag_length(*html));
	*html = chars_from(*html, out->all.len);
	out->kind = ends ? TOKEN_END : TOKEN_START;
	if (out->name.len == 0)
		out->kind = TOKEN_NONE;
	/* "<title/>" has no end: what follows it is the page */
	if (out->kind == TOKEN_START && is_hidden(out->name) &&
	    !chars_end(out->all, chars_of("/>"))) {
		out->kind = TOKEN_NONE;
		hide(html, out->name);
	}
}

/* Take text off `*html` that is `len` bytes. */
static void take_text(struct span *html, size_t len, struct token *out)
{
	out->kind = TOKEN_TEXT;
	out->text = chars_first(*html, len);
	*html = chars_from(*html, len);
}

static size_t text_length(struct span s)
{
	const bool blank = chars_blank(s.at[0]);
	size_t len = 1;

	while (len < s.len && chars_blank(s.at[len]) == blank &&
	       (blank || !chars_in(s.at[len], "<&")))
		len++;
	return len;
}

void token_next(struct span *html, char room[8], struct token *out)
{
	const uint8_t c = html->at[0];
	const uint8_t next = html->len > 1 ? html->at[1] : 0;
	size_t len;

	*out = (struct token){ .kind = TOKEN_NONE };
	if (chars_begin(*html, "<!--")) {
		*html = chars_from(*html, comment_length(*html));
	} else if (c == '<' && (chars_letter(next) || chars_in(next, "!?/"))) {
		take_tag(html, out);
	} else if (c == '&') {
		out->text = reference(chars_from(*html, 1), room, &len);
		if (len == 0)
			take_text(html, 1, out);
		else
			*html = chars_from(*html, len + 1);
		out->kind = TOKEN_TEXT;
	} else {
		take_text(html, text_length(*html), out);
	}
}

/*
 * Attributes
 */

/* In a value "&copy=" is what it says: only with its semicolon it is one. */
static void put_decoded(struct buf *out, struct span value)
{
	while (value.len > 0) {
		const size_t plain = chars_find(value, '&');
		const struct span rest = chars_from(value, plain + 1);
		struct span text;
		char room[8];
		size_t len;

		buf_add(out, value.at, plain);
		if (plain == value.len)
			return;
		text = reference(rest, room, &len);
		if (len == 0 ||
		    (rest.at[0] != '#' && rest.at[len - 1] != ';')) {
			buf_byte(out, '&');
			len = 0;
		} else {
			buf_add(out, text.at, text.len);
		}
		value = chars_from(rest, len);
	}
}

/* Take an attribute off `*s`: its name, and its value, which may be empty. */
static struct span take_attribute(struct span *s, struct span *value)
{
	size_t len = 0;
	struct span name;

	*value = (struct span){ NULL, 0 };
	while (s->len > 0 && (chars_blank(s->at[0]) || s->at[0] == '/'))
		*s = chars_from(*s, 1);
	while (len < s->len && !chars_blank(s->at[len]) &&
	       (len == 0 || !chars_in(s->at[len], "=/>")))
		len++;
	name = chars_first(*s, len);
	*s = chars_from(*s, len);
	while (s->len > 0 && chars_blank(s->at[0]))
		*s = chars_from(*s, 1);
	if (s->len == 0 || s->at[0] != '=')
		return name;
	*s = chars_from(*s, 1);
	while (s->len > 0 && chars_blank(s->at[0]))
		*s = chars_from(*s, 1);
	if (s->len > 0 && chars_in(s->at[0], "\"'")) {
		const struct span rest = chars_from(*s, 1);

		*value = chars_first(rest, chars_find(rest, s->at[0]));
		*s = chars_from(rest, value->len + 1);
		return name;
	}
	for (len = 0; len < s->len && !chars_blank(s->at[len]);)
		len++;
	*value = chars_first(*s, len);
	*s = chars_from(*s, len);
	return name;
}

bool token_attribute(struct span tag, const char *name, struct buf *out)
{
	struct span rest = chars_from(tag, 1 + tag_name(tag).len);
	struct span value;

	if (chars_end(rest, chars_of(">")))
		rest.len--;
	while (rest.len > 0) {
		const struct span found = take_attribute(&rest, &value);

		if (!chars_same(found, chars_of(name)))
			continue;
		put_decoded(out, value);
		return true;
	}
	return false;
}
