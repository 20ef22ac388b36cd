/*
 * json.c - JSON written as it is made                             RFC 8259
 */
#include "json.h"

#include <stdarg.h>

#include "bytes/text.h"

static void write_quoted(struct json *j, struct span text)
{
	static const char hex[] = "0123456789abcdef";

	putc('"', j->to);
	for (size_t i = 0; i < text.len; i++) {
		const uint8_t c = text.at[i];

		if (c == '"' || c == '\\')
			fprintf(j->to, "\\%c", c);
		else if (c == '\n')
			fputs("\\n", j->to);
		else if (c < 0x20 || c == 0x7F)
			fprintf(j->to, "\\u00%c%c", hex[c >> 4], hex[c & 15]);
		else
			putc(c, j->to);
	}
	putc('"', j->to);
}

static void line(struct json *j)
{
	putc('\n', j->to);
	for (unsigned i = 0; i < j->depth; i++)
		fputs("  ", j->to);
}

/* What comes before a value: the comma, the place and the key. */
static void begin(struct json *j, const char *key)
{
	if (j->more)
		putc(',', j->to);
	if (j->depth > 0 && j->flat == 0)
		line(j);
	else if (j->more)
		putc(' ', j->to);
	if (key != NULL)
		fprintf(j->to, "\"%s\": ", key);
	j->more = true;
}

static void enter(struct json *j, const char *key, char bracket, bool flat)
{
	begin(j, key);
	putc(bracket, j->to);
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
	putc(bracket, j->to);
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

void json_text(struct json *j, const char *key, struct span text)
{
	struct buf clean = { 0 };

	begin(j, key);
	if (!text_is_utf8(text)) {
		(void)text_codepage(&clean, 65001, text);
		text = buf_span(&clean);
	}
	write_quoted(j, text);
	buf_free(&clean);
}

void json_str(struct json *j, const char *key, const char *text)
{
	json_text(j, key, span_of(text, strlen(text)));
}

void json_raw(struct json *j, const char *key, const char *format, ...)
{
	va_list args;

	begin(j, key);
	va_start(args, format);
	vfprintf(j->to, format, args);
	va_end(args);
}

void json_bool(struct json *j, const char *key, bool value)
{
	json_raw(j, key, "%s", value ? "true" : "false");
}

void json_base64_begin(struct json *j, const char *key)
{
	begin(j, key);
	putc('"', j->to);
}

void json_base64(struct json *j, struct span bytes)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";

	for (size_t i = 0; i < bytes.len; i += 3) {
		const size_t left = bytes.len - i;
		const unsigned a = bytes.at[i];
		const unsigned b = left > 1 ? bytes.at[i + 1] : 0;
		const unsigned c = left > 2 ? bytes.at[i + 2] : 0;

		putc(digits[a >> 2], j->to);
		putc(digits[(a & 3) << 4 | b >> 4], j->to);
		putc(left > 1 ? digits[(b & 15) << 2 | c >> 6] : '=', j->to);
		putc(left > 2 ? digits[c & 63] : '=', j->to);
	}
}

void json_base64_end(struct json *j)
{
	putc('"', j->to);
}

void json_finish(struct json *j)
{
	putc('\n', j->to);
}
