/*
 * header.c - what the header of a mail says of its state
 */
#include "imap/header.h"

#include <strings.h>

#include "bytes/text.h"
#include "mail/text/utf7.h"

static struct span after(struct span s, size_t count)
{
	struct span rest = { NULL, 0 };

	if (count <= s.len)
		(void)span_sub(s, count, s.len - count, &rest);
	return rest;
}

static struct span before(struct span s, size_t count)
{
	struct span head = { NULL, 0 };

	(void)span_sub(s, 0, count, &head);
	return head;
}

static bool is_white(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct span strip(struct span s)
{
	while (s.len > 0 && is_white(s.at[0]))
		s = after(s, 1);
	while (s.len > 0 && is_white(s.at[s.len - 1]))
		s = before(s, s.len - 1);
	return s;
}

/* --- fields ----------------------------------------------------------------
 */

/* Take a line off, with the folded ones that go on with it. */
static struct span take_field(struct span *rest)
{
	size_t len = 0;
	struct span field;

	do {
		const uint8_t *eol =
			memchr(rest->at + len, '\n', rest->len - len);

		len = eol != NULL ? (size_t)(eol - rest->at) + 1 : rest->len;
	} while (len < rest->len &&
		 (rest->at[len] == ' ' || rest->at[len] == '\t'));
	field = before(*rest, len);
	*rest = after(*rest, len);
	return field;
}

/* Append a value without its folding. */
static void unfold(struct buf *out, struct span value)
{
	for (size_t i = 0; i < value.len; i++) {
		const size_t cr = value.at[i] == '\r' && i + 1 < value.len;

		if (value.at[i + cr] == '\n')
			i += cr;
		else
			buf_byte(out, (char)value.at[i]);
	}
}

/* Append the value of the first field called so. */
static void get_field(struct buf *out, struct span text, const char *name)
{
	const size_t len = strlen(name);

	while (text.len > 0) {
		const struct span field = take_field(&text);
		const uint8_t *colon = memchr(field.at, ':', field.len);
		struct span own;

		if (strip(field).len == 0)
			return; /* the header ends */
		if (colon == NULL)
			continue;
		own = strip(before(field, (size_t)(colon - field.at)));
		if (own.len != len ||
		    strncasecmp((const char *)own.at, name, len) != 0)
			continue;
		unfold(out, after(field, (size_t)(colon - field.at) + 1));
		return;
	}
}

void header_id(struct buf *out, struct span fields)
{
	struct buf value = { 0 };

	get_field(&value, fields, "message-id");
	/* Servers keep no NUL; what one has instead is no character either. */
	for (size_t i = 0; i < value.len; i++)
		if (value.at[i] == '\0')
			buf_utf8(out, 0xFFFD);
		else if ((uint8_t)value.at[i] == 0x80)
			buf_utf8(out, 0xFFFD);
		else if (!is_white((uint8_t)value.at[i]))
			buf_byte(out, value.at[i]);
	out->bad |= value.bad;
	buf_free(&value);
}

static void put_word(struct buf *out, const char *word)
{
	buf_printf(out, "%s%s", out->len > 0 ? " " : "", word);
}

static void put_flags(struct buf *out, struct span text)
{
	static const struct {
		const char *field;
		char letter;
		const char *flag;
	} letters[] = {
		{ "status", 'R', "\\Seen" },
		{ "x-status", 'A', "\\Answered" },
		{ "x-status", 'F', "\\Flagged" },
		{ "x-status", 'T', "\\Draft" },
		{ "x-status", 'P', "$Forwarded" },
		{ "x-status", 'D', "\\Deleted" },
	};
	struct buf status = { 0 }, x_status = { 0 };

	get_field(&status, text, "status");
	get_field(&x_status, text, "x-status");
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		const struct buf *in =
			letters[i].field[0] == 's' ? &status : &x_status;

		if (in->len > 0 && memchr(in->at, letters[i].letter, in->len))
			put_word(out, letters[i].flag);
	}
	out->bad |= status.bad || x_status.bad;
	buf_free(&status);
	buf_free(&x_status);
}

/* --- words of RFC 2047 -----------------------------------------------------
 */

static int hex_of(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool decode_q(struct buf *out, struct span in)
{
	for (size_t i = 0; i < in.len; i++) {
		if (in.at[i] == '_') {
			buf_byte(out, ' ');
		} else if (in.at[i] != '=') {
			buf_byte(out, (char)in.at[i]);
		} else if (in.len - i > 2 && hex_of(in.at[i + 1]) >= 0 &&
			   hex_of(in.at[i + 2]) >= 0) {
			buf_byte(out, (char)(hex_of(in.at[i + 1]) << 4 |
					     hex_of(in.at[i + 2])));
			i += 2;
		} else {
			return false;
		}
	}
	return true;
}

static int digit_of(uint8_t c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
				     "pqrstuvwxyz0123456789+/";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

static bool decode_b(struct buf *out, struct span in)
{
	uint32_t bits = 0;
	unsigned count = 0;
	size_t digits = 0;

	while (in.len > 0 && in.at[in.len - 1] == '=')
		in = before(in, in.len - 1);
	for (; digits < in.len; digits++) {
		const int d = digit_of(in.at[digits]);

		if (d < 0)
			return false;
		bits = bits << 6 | (unsigned)d;
		count += 6;
		if (count >= 8) {
			count -= 8;
			buf_byte(out, (char)(bits >> count));
		}
	}
	return digits % 4 != 1;
}

/* A word: "=?charset?q?text?=". */
struct word {
	struct span charset, text;
	bool base64;
	size_t len;
};

/* Is there one at the start of `in`? */
static bool find_word(struct span in, struct word *out)
{
	struct span rest = after(in, 2);
	const uint8_t *q;

	if (in.len < 2 || in.at[0] != '=' || in.at[1] != '?' || rest.len == 0)
		return false;
	q = memchr(rest.at, '?', rest.len);
	if (q == NULL || q == rest.at)
		return false;
	out->charset = before(rest, (size_t)(q - rest.at));
	rest = after(rest, out->charset.len + 1);
	if (rest.len < 3 || rest.at[1] != '?' ||
	    strchr("bBqQ", rest.at[0]) == NULL || rest.at[0] == '\0')
		return false;
	out->base64 = (rest.at[0] | 0x20) == 'b';
	rest = after(rest, 2);
	for (size_t i = 0; i + 1 < rest.len; i++) {
		if (rest.at[i] != '?' || rest.at[i + 1] != '=')
			continue;
		out->text = before(rest, i);
		out->len = (size_t)(rest.at - in.at) + i + 2;
		return true;
	}
	return false;
}

/* NULL, or why it cannot be decoded. */
static const char *put_decoded(struct buf *out, const struct word *w)
{
	struct buf bytes = { 0 };
	const unsigned page = text_charset_codepage(w->charset);
	const bool good = w->base64 ? decode_b(&bytes, w->text)
				    : decode_q(&bytes, w->text);
	const char *why = NULL;

	out->bad |= bytes.bad;
	if (!good)
		why = "its encoding is damaged";
	else if (page == 0 || !text_knows(page))
		why = "its character set is not known";
	else if (text_codepage(out, page, buf_span(&bytes)) != 0)
		why = "its text is not in the character set that it names";
	buf_free(&bytes);
	return why;
}

/* White space between two words is none: RFC 2047 6.2. */
static const char *decode_words(struct buf *out, struct span in)
{
	bool after_word = false;
	struct word w;

	if (in.len > HEADER_CATEGORY_MAX)
		return "it is too long";
	while (in.len > 0) {
		size_t white = 0;

		while (after_word && white < in.len && is_white(in.at[white]))
			white++;
		if (find_word(after(in, white), &w)) {
			const char *why = put_decoded(out, &w);

			if (why != NULL)
				return why;
			in = after(in, white + w.len);
			after_word = true;
			continue;
		}
		buf_byte(out, (char)in.at[0]);
		in = after(in, 1);
		after_word = false;
	}
	return NULL;
}

/* --- categories ------------------------------------------------------------
 */

static void put_doubt(struct header *h, struct span category, const char *why,
		      unsigned *doubts)
{
	if ((*doubts)++ >= HEADER_DOUBTS_MAX)
		return;
	buf_str(&h->doubts, "the category ");
	text_safe(&h->doubts,
		  before(category, category.len < 80 ? category.len : 80),
		  false);
	buf_printf(&h->doubts, " cannot be decoded: %s\n", why);
}

static bool has_mark(struct span s)
{
	return s.len > 1 && memmem(s.at, s.len, "=?", 2) != NULL;
}

/* As it is where it cannot be decoded: RFC 2047 6.2. */
static void put_category(struct header *h, struct span category,
			 unsigned *doubts)
{
	struct buf decoded = { 0 };
	const char *why = NULL;
	struct span name;

	category = strip(category);
	if (has_mark(category))
		why = decode_words(&decoded, category);
	if (why != NULL)
		put_doubt(h, category, why, doubts);
	name = has_mark(category) && why == NULL ? strip(buf_span(&decoded))
						 : category;
	if (name.len > 0 && !h->no_keywords) {
		if (h->keywords.len > 0)
			buf_byte(&h->keywords, ' ');
		utf7_keyword(&h->keywords, name);
		h->no_keywords = h->keywords.len > HEADER_KEYWORDS_MAX;
	}
	h->keywords.bad |= decoded.bad;
	buf_free(&decoded);
}

/* Of the field Keywords, in which a category with a comma is quoted. */
static void put_categories(struct header *h, struct span text)
{
	struct buf value = { 0 }, name = { 0 };
	unsigned doubts = 0;
	bool quoted = false;

	get_field(&value, text, "keywords");
	for (size_t i = 0; i < value.len; i++) {
		const char c = value.at[i];

		if (c == '"') {
			quoted = !quoted;
		} else if (quoted && c == '\\') {
			if (i + 1 < value.len)
				buf_byte(&name, value.at[++i]);
		} else if (!quoted && c == ',') {
			put_category(h, buf_span(&name), &doubts);
			buf_cut(&name, 0);
		} else {
			buf_byte(&name, c);
		}
	}
	put_category(h, buf_span(&name), &doubts);
	if (h->no_keywords)
		buf_cut(&h->keywords, 0);
	h->keywords.bad |= value.bad || name.bad;
	buf_free(&value);
	buf_free(&name);
}

void header_read(struct header *out, struct span text)
{
	header_id(&out->id, text); /* as a field of its own: see there */
	put_flags(&out->flags, text);
	put_categories(out, text);
}

void header_free(struct header *h)
{
	buf_free(&h->id);
	buf_free(&h->flags);
	buf_free(&h->keywords);
	buf_free(&h->doubts);
}
