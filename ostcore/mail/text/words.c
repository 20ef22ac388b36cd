/*
 * words.c - folding, RFC 2047 words, RFC 2231 parameters
 */
#include "mail/text/encode.h"

#include "bytes/text.h"
#include "mail/text/chars.h"

#include <stdlib.h>

enum {
	FOLD = 78,	 /* RFC 5322 2.1.1 */
	WORD_LINE = 76,	 /* of a line that holds a word, RFC 2047 2 */
	WORD_FRAME = 12, /* =?utf-8?Q??= */
	WORD_LEAST = 12, /* of a word's text: one scalar as Q */
	GAP_MAX = 60,	 /* spaces in a row that may stand as they are */
	PLAIN_MAX = 900, /* of a word that may stand as it is */
	SEARCHED = 3,	 /* letters of what somebody searches for */
	CHUNK = 990,	 /* where a token is broken that no line can hold */
};

static void fold(struct buf *out, size_t *column)
{
	buf_str(out, "\r\n");
	*column = 0;
}

/* A token after `gap` spaces; on the line it is on when `stay`. */
static void put_token(struct buf *out, size_t gap, struct span token, bool stay,
		      size_t *column)
{
	if (!stay && *column + gap + token.len > FOLD)
		fold(out, column);
	for (size_t i = 0; i < gap; i++)
		buf_byte(out, ' ');
	*column += gap;

	while (*column + token.len > CHUNK) {
		const struct span part = chars_first(token, CHUNK - *column);

		buf_add(out, part.at, part.len);
		token = chars_from(token, part.len);
		buf_str(out, "\r\n ");
		*column = 1;
	}
	buf_add(out, token.at, token.len);
	*column += token.len;
}

void encode_token(struct buf *out, struct span token, size_t *column)
{
	put_token(out, 1, token, false, column);
}

/* How many spaces `s` begins with. */
static size_t gap_of(struct span s)
{
	size_t len = 0;

	while (len < s.len && s.at[len] == ' ')
		len++;
	return len;
}

/* ASCII text, folded at its spaces, which are kept. */
static void put_plain(struct buf *out, struct span text, bool stay,
		      size_t *column)
{
	while (text.len > 0) {
		const size_t gap = gap_of(text);

		text = chars_from(text, gap);
		const struct span word =
			chars_first(text, chars_find(text, ' '));

		/* A line of nothing but spaces would look like the end. */
		if (word.len == 0)
			return;
		put_token(out,
			  gap > GAP_MAX ? GAP_MAX
			  : gap > 0	? gap
					: 1,
			  word, stay, column);
		text = chars_from(text, word.len);
		stay = false;
	}
}

/* True if `word` may stand unencoded. */
static bool is_plain(struct span word)
{
	if (word.len > PLAIN_MAX || !text_is_ascii(word))
		return false;
	for (size_t i = 0; i + 1 < word.len; i++)
		if (word.at[i] == '=' && word.at[i + 1] == '?')
			return false;
	return true;
}

/* May `word` stand as it is, after `gap` spaces? */
typedef bool may_stand(size_t gap, struct span word);

static bool stands_in_text(size_t gap, struct span word)
{
	return gap <= GAP_MAX && is_plain(word);
}

/* Beside others, in a phrase: an atom that fits a line, after one space. */
static bool stands_in_phrase(size_t gap, struct span word)
{
	if (gap > 1 || word.len == 0 || word.len > GAP_MAX || !is_plain(word))
		return false;
	for (size_t i = 0; i < word.len; i++)
		if (!chars_atom(word.at[i]))
			return false;
	return true;
}

/*
 * What of `text` cannot stand as it is: from byte `*from` to `*to`, between
 * its first word that may not and the last, or with `one_run` the last before
 * one that may, so that the spaces among them survive. One space stays outside
 * at either end. False: nothing.
 */
static bool find_needy(struct span text, may_stand *may, bool one_run,
		       size_t *from, size_t *to)
{
	size_t at = 0;
	bool found = false;

	while (at < text.len) {
		const size_t start = at;
		const size_t gap = gap_of(chars_from(text, at));

		at += gap;
		const struct span rest = chars_from(text, at);
		const struct span word =
			chars_first(rest, chars_find(rest, ' '));

		if (!may(gap, word)) {
			if (!found)
				*from = start == 0 ? 0 : start + 1;
			found = true;
			*to = at + word.len;
		} else if (found && one_run) {
			break;
		}
		at += word.len;
	}
	while (found && *to + 1 < text.len && text.at[*to + 1] == ' ')
		++*to;
	return found;
}

/* A byte that stands for itself in a word, anywhere: RFC 2047 5 (3). */
static bool q_as_is(uint8_t c)
{
	return chars_letter(c) || chars_digit(c) || chars_in(c, "!*+-/");
}

/* Length of `bytes` as the text of a word. */
static size_t word_size(struct span bytes, bool q)
{
	size_t size = 0;

	if (!q)
		return (bytes.len + 2) / 3 * 4;
	for (size_t i = 0; i < bytes.len; i++)
		size += q_as_is(bytes.at[i]) || bytes.at[i] == ' ' ? 1 : 3;
	return size;
}

static void put_word(struct buf *out, struct span bytes, bool q)
{
	if (!q) {
		buf_str(out, "=?utf-8?B?");
		encode_base64_run(out, bytes);
		buf_str(out, "?=");
		return;
	}
	buf_str(out, "=?utf-8?Q?");
	for (size_t i = 0; i < bytes.len; i++) {
		const uint8_t c = bytes.at[i];

		if (c == ' ')
			buf_byte(out, '_');
		else if (q_as_is(c))
			buf_byte(out, (char)c);
		else
			buf_printf(out, "=%02X", c);
	}
	buf_str(out, "?=");
}

/* True if at most a third of `text` is not ASCII. */
static bool is_mostly_ascii(struct span text)
{
	size_t count = 0, foreign = 0;

	while (text.len > 0) {
		foreign += chars_next(&text) >= 0x80;
		count++;
	}
	return foreign * 3 <= count;
}

static bool in_word(uint8_t c)
{
	return chars_letter(c) || chars_digit(c);
}

/* True if a word of ASCII is in `text`, which is not part of another word. */
static bool has_ascii_word(struct span text)
{
	size_t run = 0;
	bool foreign = false;

	for (size_t i = 0; i <= text.len; i++) {
		const uint8_t c = i < text.len ? text.at[i] : ' ';

		if (in_word(c)) {
			run++;
			continue;
		}
		if (run >= SEARCHED && !foreign && c < 0x80)
			return true;
		run = 0;
		foreign = c >= 0x80;
	}
	return false;
}

/* True if `text` is better read as Q, in which a word of ASCII stands. */
static bool prefers_q(struct span text)
{
	return has_ascii_word(text) || is_mostly_ascii(text);
}

/* `len`, or less where that would cut a word of ASCII in two. */
static size_t before_word(struct span text, size_t len)
{
	size_t cut = len;

	if (len == 0 || len >= text.len || !in_word(text.at[len]))
		return len;
	while (cut > 0 && in_word(text.at[cut - 1]))
		cut--;
	return cut > 0 ? cut : len;
}

/* As much of `text` as a word of `room` characters holds: whole scalars. */
static struct span word_fill(struct span text, size_t cap, bool q)
{
	struct span rest = text;
	size_t used = 0, len = 0;

	while (rest.len > 0) {
		const struct span before = rest;

		(void)chars_next(&rest);
		const size_t wide = before.len - rest.len;
		used = q ? used + word_size(chars_first(before, wide), true)
			 : word_size(chars_first(text, len + wide), false);
		if (used > cap)
			break;
		len += wide;
	}
	return chars_first(text, q ? before_word(text, len) : len);
}

static void put_words(struct buf *out, struct span text, size_t *column)
{
	const bool q = prefers_q(text);

	while (text.len > 0) {
		if (*column + 1 + WORD_FRAME + WORD_LEAST > WORD_LINE)
			fold(out, column);

		const size_t cap = WORD_LINE - *column - 1 - WORD_FRAME;
		const struct span part = word_fill(text, cap, q);

		buf_byte(out, ' ');
		put_word(out, part, q);
		*column += 1 + WORD_FRAME + word_size(part, q);
		text = chars_from(text, part.len);
	}
}

void encode_words(struct buf *out, struct span text, size_t *column)
{
	struct buf clean = { 0 };

	encode_clean(&clean, text);
	put_words(out, buf_span(&clean), column);
	out->bad = out->bad || clean.bad;
	buf_free(&clean);
}

/*
 * Begin a new line when `text` would be one word there and several here:
 * some readers put a blank between the words of a phrase.
 */
static void keep_together(struct buf *out, struct span text, size_t *column)
{
	const size_t size = 1 + WORD_FRAME + word_size(text, prefers_q(text));

	if (*column > 1 && *column + size > WORD_LINE && size <= WORD_LINE)
		fold(out, column);
}

/* Text with words where it must be; the rest stands, and can be searched. */
static void put_mixed(struct buf *out, struct span text, may_stand *may,
		      bool stay, size_t *column)
{
	size_t from = 0, to = 0;
	bool one_run = false;

	if (find_needy(text, may, false, &from, &to))
		one_run = !is_mostly_ascii(
			chars_from(chars_first(text, to), from));
	while (find_needy(text, may, one_run, &from, &to)) {
		const struct span run = chars_from(chars_first(text, to), from);

		put_plain(out, chars_first(text, from), stay, column);
		if (may != stands_in_text)
			keep_together(out, run, column);
		put_words(out, run, column);
		text = chars_from(text, to);
		stay = false;
	}
	put_plain(out, text, stay, column);
}

void encode_field(struct buf *out, const char *name, struct span text)
{
	struct buf clean = { 0 };
	size_t column = strlen(name) + 1;

	encode_clean(&clean, text);
	buf_printf(out, "%s:", name);
	put_mixed(out, buf_span(&clean), stands_in_text, true, &column);
	buf_str(out, "\r\n");
	out->bad = out->bad || clean.bad;
	buf_free(&clean);
}

void encode_folded(struct buf *out, const char *name, struct span ascii)
{
	struct buf clean = { 0 };
	size_t column = strlen(name) + 1;

	for (size_t i = 0; i < ascii.len; i++)
		buf_byte(&clean, ascii.at[i] > ' ' && ascii.at[i] < 0x7F
					 ? (char)ascii.at[i]
					 : ' ');
	buf_printf(out, "%s:", name);
	put_plain(out, chars_trim(buf_span(&clean)), true, &column);
	buf_str(out, "\r\n");
	out->bad = out->bad || clean.bad;
	buf_free(&clean);
}

/* A space at an end is lost outside of a word: all is one. */
static bool stands_nowhere(size_t gap, struct span word)
{
	(void)gap;
	(void)word;
	return false;
}

enum phrase { PHRASE_ATOMS, PHRASE_QUOTED, PHRASE_WORDS };

static enum phrase phrase_kind(struct span text)
{
	enum phrase kind = text.len > 0 && text.at[0] != ' ' ? PHRASE_ATOMS
							     : PHRASE_QUOTED;

	for (size_t i = 0, run = 0; i < text.len; i++) {
		const uint8_t c = text.at[i];

		if (c >= 0x80 ||
		    (c == '=' && i + 1 < text.len && text.at[i + 1] == '?'))
			return PHRASE_WORDS;
		run = i > 0 && (c == ' ') == (text.at[i - 1] == ' ') ? run + 1
								     : 1;
		if (run > GAP_MAX)
			return PHRASE_WORDS;
		if (c == ' ' ? run > 1 || i + 1 == text.len : !chars_atom(c))
			kind = PHRASE_QUOTED;
	}
	return kind;
}

/* Append `text` as a quoted-string, RFC 5322 3.2.4. */
static void put_quoted(struct buf *out, struct span text)
{
	buf_byte(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '"' || text.at[i] == '\\')
			buf_byte(out, '\\');
		buf_byte(out, (char)text.at[i]);
	}
	buf_byte(out, '"');
}

static bool has_spaces_around(struct span text)
{
	return text.len > 0 &&
	       (text.at[0] == ' ' || text.at[text.len - 1] == ' ');
}

void encode_phrase(struct buf *out, struct span text, size_t *column)
{
	struct buf clean = { 0 }, quoted = { 0 };

	encode_clean(&clean, text);
	switch (phrase_kind(buf_span(&clean))) {
	case PHRASE_ATOMS:
		put_plain(out, buf_span(&clean), false, column);
		break;
	case PHRASE_QUOTED:
		put_quoted(&quoted, buf_span(&clean));
		put_plain(out, buf_span(&quoted), false, column);
		break;
	case PHRASE_WORDS:
		put_mixed(out, buf_span(&clean),
			  has_spaces_around(buf_span(&clean))
				  ? stands_nowhere
				  : stands_in_phrase,
			  false, column);
		break;
	}
	out->bad = out->bad || clean.bad || quoted.bad;
	buf_free(&clean);
	buf_free(&quoted);
}

/* Append the text of an encoded-word, Q or B, as bytes. */
static void unword(struct buf *out, struct span in, bool q)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = 0;
	unsigned have = 0;

	for (size_t i = 0; i < in.len; i++) {
		const uint8_t c = in.at[i];
		const char *digit = c != 0 ? strchr(digits, c) : NULL;
		unsigned byte;
		char hex[3] = { 0 };

		if (q && c == '=' && i + 2 < in.len) {
			memcpy(hex, in.at + i + 1, 2);
			byte = (unsigned)strtoul(hex, NULL, 16);
			buf_byte(out, (char)byte);
			i += 2;
		} else if (q) {
			buf_byte(out, c == '_' ? ' ' : (char)c);
		} else if (digit != NULL) {
			bits = bits << 6 | (uint32_t)(digit - digits);
			have += 6;
			if (have >= 8)
				buf_byte(out, (char)(bits >> (have -= 8)));
		}
	}
}

/*
 * The encoded-word at the start of `in`: append its text to `out` and say
 * how long it is; 0 when there is none.
 */
static size_t undo_word(struct buf *out, struct span in)
{
	const struct span charset = chars_first(
		chars_from(in, 2), chars_find(chars_from(in, 2), '?'));
	const struct span rest = chars_from(in, 2 + charset.len + 1);
	const struct span text = chars_from(rest, 2);
	size_t len = 0;
	struct buf bytes = { 0 };

	if (!chars_begin(in, "=?") || rest.len < 2 || rest.at[1] != '?' ||
	    !chars_in(rest.at[0], "qQbB"))
		return 0;
	while (len + 1 < text.len && text.at[len] != ' ' &&
	       !(text.at[len] == '?' && text.at[len + 1] == '='))
		len++;
	if (len + 1 >= text.len || text.at[len] != '?')
		return 0;

	const size_t star = chars_find(charset, '*'); /* RFC 2231 5 */
	const unsigned cp = text_charset_codepage(chars_first(charset, star));
	unword(&bytes, chars_first(text, len), chars_in(rest.at[0], "qQ"));
	if (text_codepage(out, cp, buf_span(&bytes)) == SIZE_MAX)
		len = 0;
	else
		len = (size_t)(text.at - in.at) + len + 2;
	out->bad = out->bad || bytes.bad;
	buf_free(&bytes);
	return len;
}

void encode_undo_words(struct buf *out, struct span in)
{
	size_t after = SIZE_MAX; /* where `out` ended after the last word */
	size_t spaces = 0;	 /* appended since */

	while (in.len > 0) {
		const size_t before = out->len;
		size_t used = 0;

		if (in.at[0] == '=') {
			/* Spaces between two words are not text. */
			if (after != SIZE_MAX && before == after + spaces)
				buf_cut(out, after);
			used = undo_word(out, in);
			if (used == 0 && out->len != before)
				for (size_t i = out->len; i < before; i++)
					buf_byte(out, ' ');
		}
		if (used > 0) {
			after = out->len;
			spaces = 0;
			in = chars_from(in, used);
			continue;
		}
		if (in.at[0] == ' ')
			spaces++;
		else
			after = SIZE_MAX;
		buf_byte(out, (char)in.at[0]);
		in = chars_from(in, 1);
	}
}
