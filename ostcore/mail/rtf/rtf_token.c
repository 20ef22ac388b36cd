/*
 * rtf_token.c - RTF as tokens
 */
#include "mail/rtf/rtf_token.h"

#include "mail/text/chars.h"

/* Line ends are for people; NUL is what some writers end with. */
static bool is_nothing(uint8_t c)
{
	return c == '\r' || c == '\n' || c == '\0';
}

static bool is_text(uint8_t c)
{
	return c != '{' && c != '}' && c != '\\' && !is_nothing(c);
}

/* The bytes at the front for which `is` holds. */
static struct span take_while(struct cursor *in, bool (*is)(uint8_t))
{
	size_t len = 0;

	while (len < in->rest.len && is(in->rest.at[len]))
		len++;
	return cur_span(in, len);
}

/* The next byte, left where it is; NUL at the end. */
static uint8_t peek(const struct cursor *in, size_t off)
{
	return off < in->rest.len ? in->rest.at[off] : 0;
}

static void take_number(struct cursor *in, struct rtf_token *t)
{
	const bool minus = peek(in, 0) == '-';
	int64_t number = 0;

	if (!chars_digit(peek(in, minus)))
		return;
	(void)cur_span(in, minus);
	t->has_number = true;
	while (chars_digit(peek(in, 0))) {
		const uint8_t digit = (uint8_t)(cur_u8(in) - '0');

		if (number <= INT32_MAX)
			number = number * 10 + digit;
	}
	if (minus)
		number = -number;
	t->number = number > INT32_MAX	 ? INT32_MAX
		    : number < INT32_MIN ? INT32_MIN
					 : (int32_t)number;
}

static void take_word(struct cursor *in, struct rtf_token *t)
{
	t->kind = RTF_WORD;
	t->bytes = take_while(in, chars_letter);
	take_number(in, t);
	if (peek(in, 0) == ' ')
		(void)cur_u8(in);
	if (rtf_is_word(t, "bin")) {
		t->kind = RTF_BINARY;
		t->data = cur_span(in, t->number > 0 ? (uint64_t)t->number : 0);
	}
}

/* The value of a hexadecimal digit; 16: it is none. */
static uint8_t digit_of(uint8_t c)
{
	c = chars_lower(c);
	if (chars_digit(c))
		return (uint8_t)(c - '0');
	return c >= 'a' && c <= 'f' ? (uint8_t)(c - 'a' + 10) : 16;
}

static void take_symbol(struct cursor *in, struct rtf_token *t)
{
	t->kind = RTF_SYMBOL;
	t->byte = cur_u8(in);
	if (t->byte != '\'')
		return;

	const uint8_t high = digit_of(peek(in, 0)), low = digit_of(peek(in, 1));
	if (high > 15 || low > 15)
		return;
	(void)cur_span(in, 2);
	t->kind = RTF_HEX;
	t->byte = (uint8_t)(high << 4 | low);
}

struct rtf_token rtf_next(struct cursor *in)
{
	struct rtf_token t = { .kind = RTF_END };

	(void)take_while(in, is_nothing);
	if (in->rest.len == 0)
		return t;
	if (is_text(in->rest.at[0])) {
		t.kind = RTF_BYTES;
		t.bytes = take_while(in, is_text);
		return t;
	}

	const uint8_t c = cur_u8(in);
	if (c == '{')
		t.kind = RTF_OPEN;
	else if (c == '}')
		t.kind = RTF_CLOSE;
	else if (chars_letter(peek(in, 0)))
		take_word(in, &t);
	else
		take_symbol(in, &t);
	if (!cur_ok(in))
		t.kind = RTF_END;
	return t;
}

bool rtf_is_word(const struct rtf_token *t, const char *name)
{
	return (t->kind == RTF_WORD || t->kind == RTF_BINARY) &&
	       span_equal(t->bytes, chars_of(name));
}
