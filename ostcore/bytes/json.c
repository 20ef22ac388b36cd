/*
 * json.c - JSON as it is made                                     RFC 8259
 */
#include "bytes/json.h"

#include <stdarg.h>
#include <stdio.h>

#include "bytes/text.h"

/* How many bytes of `text` are escaped, as code unit `*unit`; 0: none. */
static size_t escaped(struct span text, unsigned *unit)
{
	const uint8_t *at = text.at;

	*unit = at[0];
	if (at[0] < 0x20 || at[0] == 0x7F || at[0] == '"' || at[0] == '\\')
		return 1;
	if (at[0] == 0xC2 && text.len >= 2 && at[1] < 0xA0) {
		*unit = at[1];
		return 2;
	}
	if (at[0] == 0xE2 && text.len >= 3 && at[1] == 0x80 &&
	    (at[2] | 1) == 0xA9) {
		*unit = 0x2000 | (at[2] & 0x3F);
		return 3;
	}
	return 0;
}

static void put_unit(struct buf *to, unsigned unit)
{
	static const char units[] = "\n\r\t\"\\", letters[] = "nrt\"\\";
	const char *known =
		unit > 0 && unit < 0x80 ? strchr(units, (int)unit) : NULL;

	if (known != NULL)
		buf_printf(to, "\\%c", letters[known - units]);
	else
		buf_printf(to, "\\u%04x", unit);
}

static void put_escaped(struct buf *to, struct span text)
{
	size_t from = 0, at = 0;
	struct span rest;
	unsigned unit;

	while (span_sub(text, at, text.len - at, &rest) && rest.len > 0) {
		const size_t len = escaped(rest, &unit);

		if (len > 0) {
			buf_add(to, text.at + from, at - from);
			put_unit(to, unit);
			from = at + len;
		}
		at += len > 0 ? len : 1;
	}
	if (at > from)
		buf_add(to, text.at + from, at - from);
}

static void line(struct json *j)
{
	buf_byte(j->to, '\n');
	for (unsigned i = 0; i < j->depth; i++)
		buf_str(j->to, "  ");
}

/* What comes before a value: the comma, the place and the key. */
static void begin(struct json *j, const char *key)
{
	if (j->more)
		buf_byte(j->to, ',');
	if (j->depth > 0 && j->flat == 0)
		line(j);
	else if (j->more)
		buf_byte(j->to, ' ');
	if (key != NULL)
		buf_printf(j->to, "\"%s\": ", key);
	j->more = true;
}

static void enter(struct json *j, const char *key, char bracket, bool flat)
{
	begin(j, key);
	buf_byte(j->to, bracket);
	j->depth++;
	j->more = false;
	if (flat || j->flat > 0)
		j->flat++;
}

static void leave(struct json *j, char bracket)
{
	j->depth--;
	if (j->flat > 0)
		j->flat--;
	else if (j->more)
		line(j);
	buf_byte(j->to, bracket);
	j->more = true;
}

void json_object(struct json *j, const char *key)
{
	enter(j, key, '{', false);
}

void json_object_flat(struct json *j, const char *key)
{
	enter(j, key, '{', true);
}

void json_array(struct json *j, const char *key)
{
	enter(j, key, '[', false);
}

void json_array_flat(struct json *j, const char *key)
{
	enter(j, key, '[', true);
}

void json_object_end(struct json *j)
{
	leave(j, '}');
}

void json_array_end(struct json *j)
{
	leave(j, ']');
}

void json_string_begin(struct json *j, const char *key)
{
	begin(j, key);
	buf_byte(j->to, '"');
}

void json_string_end(struct json *j)
{
	buf_byte(j->to, '"');
}

void json_text(struct json *j, const char *key, struct span text)
{
	struct buf clean = { 0 };

	json_string_begin(j, key);
	if (!text_is_utf8(text)) {
		(void)text_codepage(&clean, 65001, text);
		text = buf_span(&clean);
	}
	put_escaped(j->to, text);
	j->to->bad = j->to->bad || clean.bad;
	json_string_end(j);
	buf_free(&clean);
}

void json_str(struct json *j, const char *key, const char *text)
{
	json_text(j, key, span_of(text, strlen(text)));
}

void json_raw(struct json *j, const char *key, const char *format, ...)
{
	char text[80];
	va_list args;

	begin(j, key);
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	buf_str(j->to, text);
}

void json_bool(struct json *j, const char *key, bool value)
{
	json_raw(j, key, "%s", value ? "true" : "false");
}

void json_finish(struct json *j)
{
	buf_byte(j->to, '\n');
}
