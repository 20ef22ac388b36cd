/*
 * parameter.c - MIME parameters: RFC 2045 5.1, RFC 2231, RFC 2047 in quotes
 */
#include "mail/text/encode.h"

#include "bytes/text.h"
#include "mail/text/chars.h"

enum {
	LINE = 76,	 /* that RFC 2231 pieces keep to */
	ASCII_MAX = 450, /* of an ASCII value on one line, maybe quoted */
};

static bool is_token(struct span value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.at[i] <= ' ' || value.at[i] >= 0x7F ||
		    chars_in(value.at[i], "()<>@,;:\\\"/[]?="))
			return false;
	return value.len > 0;
}

/*
 * Whether the value can stand for itself: what looks like an RFC 2047 word
 * would be decoded, for readers do so even in quotes.
 */
static bool is_plain(struct span value)
{
	if (!text_is_ascii(value) || value.len > ASCII_MAX)
		return false;
	for (size_t i = 0; i + 1 < value.len; i++)
		if (value.at[i] == '=' && value.at[i + 1] == '?')
			return false;
	return true;
}

/* `;` and, on a new line, name=value: a token, or quoted. ASCII only. */
static void put_ascii(struct buf *out, const char *name, struct span value)
{
	buf_printf(out, ";\r\n %s=", name);
	if (is_token(value)) {
		buf_add(out, value.at, value.len);
		return;
	}
	buf_byte(out, '"');
	for (size_t i = 0; i < value.len; i++) {
		if (value.at[i] == '"' || value.at[i] == '\\')
			buf_byte(out, '\\');
		buf_byte(out, (char)value.at[i]);
	}
	buf_byte(out, '"');
}

/* attribute-char of RFC 2231 7 */
static bool is_attribute(uint8_t c)
{
	return c > ' ' && c < 0x7F && !chars_in(c, "()<>@,;:\\\"/[]?=*'%");
}

static void put_percent(struct buf *out, struct span bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		if (is_attribute(bytes.at[i]))
			buf_byte(out, (char)bytes.at[i]);
		else
			buf_printf(out, "%%%02X", bytes.at[i]);
}

static size_t percent_size(struct span bytes)
{
	size_t size = 0;

	for (size_t i = 0; i < bytes.len; i++)
		size += is_attribute(bytes.at[i]) ? 1 : 3;
	return size;
}

/* As much of `text` as fits in `room` when percent-encoded: whole scalars. */
static struct span percent_fill(struct span text, size_t cap)
{
	struct span rest = text;
	size_t len = 0;

	while (rest.len > 0) {
		(void)chars_next(&rest);
		const size_t end = text.len - rest.len;
		const size_t size =
			percent_size(chars_from(chars_first(text, end), len));

		if (size > cap)
			break;
		cap -= size;
		len = end;
	}
	return chars_first(text, len);
}

static void put_extended(struct buf *out, const char *name, struct span value)
{
	/* ` name*=utf-8''value;`: what is not the value */
	const size_t frame = strlen(name) + sizeof(" *=utf-8'';") - 1;

	if (frame + percent_size(value) <= LINE) {
		buf_printf(out, ";\r\n %s*=utf-8''", name);
		put_percent(out, value);
		return;
	}
	for (unsigned n = 0; value.len > 0; n++) {
		const size_t start = out->len;

		buf_printf(out, ";\r\n %s*%u*=%s", name, n,
			   n == 0 ? "utf-8''" : "");
		const size_t used = out->len - start - 2; /* `;` stays: ours */
		const size_t cap = used + 12 < LINE ? LINE - used : 12;
		const struct span part = percent_fill(value, cap);

		put_percent(out, part);
		value = chars_from(value, part.len);
		if (out->bad)
			return;
	}
}

void encode_parameter(struct buf *out, const char *name, struct span value)
{
	struct buf clean = { 0 };

	encode_clean(&clean, value);
	const struct span text = buf_span(&clean);
	if (is_plain(text))
		put_ascii(out, name, text);
	else
		put_extended(out, name, text);
	out->bad = out->bad || clean.bad;
	buf_free(&clean);
}

void encode_parameter_word(struct buf *out, const char *name, struct span value)
{
	struct buf clean = { 0 }, words = { 0 };
	size_t column = strlen(name) + 3; /* ` name="` less the first space */

	encode_clean(&clean, value);
	const struct span text = buf_span(&clean);
	if (is_plain(text)) {
		put_ascii(out, name, text);
	} else {
		encode_words(&words, text, &column);
		/* The space that begins each word is not wanted in front. */
		const struct span all = chars_trim(buf_span(&words));
		buf_printf(out, ";\r\n %s=\"", name);
		buf_add(out, all.at, all.len);
		buf_byte(out, '"');
	}
	out->bad = out->bad || clean.bad || words.bad;
	buf_free(&clean);
	buf_free(&words);
}
