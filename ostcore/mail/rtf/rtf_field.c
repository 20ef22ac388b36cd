/*
 * rtf_field.c - what a field of RTF links to
 *
 *	HYPERLINK "http://example.com/" \l "place" \o "shown when pointed at"
 */
#include "mail/rtf/rtf_reader.h"
#include "mail/text/chars.h"

/* The next argument of `*text`: a word, or what stands in quotes. */
static void next_argument(struct span *text, struct buf *out)
{
	const bool quoted = text->at[0] == '"';
	size_t i = quoted;

	for (; i < text->len; i++) {
		uint8_t c = text->at[i];

		if (quoted ? c == '"' : chars_blank(c))
			break;
		if (quoted && c == '\\' && i + 1 < text->len)
			c = text->at[++i];
		if (!chars_control(c))
			buf_byte(out, (char)c);
	}
	*text = chars_trim(chars_from(*text, i + quoted));
}

void rtf_hyperlink(struct span text, struct buf *out)
{
	static const char name[] = "HYPERLINK";
	struct buf url = { 0 }, place = { 0 }, other = { 0 };

	text = chars_trim(text);
	if (!chars_begin(text, name))
		return;
	text = chars_trim(chars_from(text, strlen(name)));
	while (text.len > 0) {
		struct buf *to = url.len == 0 ? &url : &other;
		uint8_t option = 0;

		if (text.at[0] == '\\') {
			option = text.len > 1 ? chars_lower(text.at[1]) : ' ';
			text = chars_trim(chars_from(text, 2));
			if (!chars_in(option, "lot") || text.len == 0)
				continue;
			to = option == 'l' ? &place : &other;
		}
		next_argument(&text, to);
	}
	buf_add(out, url.at, url.len);
	if (place.len > 0)
		buf_printf(out, "#%s", place.at);
	out->bad = out->bad || url.bad || place.bad;
	buf_free(&url);
	buf_free(&place);
	buf_free(&other);
}
