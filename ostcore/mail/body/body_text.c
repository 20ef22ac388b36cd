/*
 * body_text.c - the bytes of a body to text
 */
#include "mail/body/body_text.h"

#include "bytes/text.h"
#include "mail/text/chars.h"

enum {
	CP_WINDOWS = 1252,
	CP_UTF16 = 1200,
	CP_UTF16BE = 1201,
	CP_UTF32 = 12000,
	CP_UTF32BE = 12001,
	CP_ASCII = 20127,
	CP_IA5 = 20105,
	CP_UTF8 = 65001,
};

/* How far into HTML a charset is looked for, and its tag may reach. */
enum { HEAD = 4096, TAG_MAX = 1024 };

/*
 * The charset that HTML names itself
 */

/* ASCII only: tolower(3) asks the locale. */
static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

static bool is_word(uint8_t c)
{
	c = lower(c);
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '_' || c == '.' || c == ':' || c == '+';
}

static bool is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Does the lower-case `word` stand at `at`? */
static bool stands_at(struct span s, size_t at, const char *word)
{
	const size_t len = strlen(word);

	if (at > s.len || len > s.len - at)
		return false;
	for (size_t i = 0; i < len; i++)
		if (lower(s.at[at + i]) != (uint8_t)word[i])
			return false;
	return true;
}

static size_t skip_space(struct span s, size_t at)
{
	while (at < s.len && is_space(s.at[at]))
		at++;
	return at;
}

/* What `key` is set to in a tag, as a place in it. */
static bool find_value(struct span tag, const char *key, size_t *from,
		       size_t *to)
{
	for (size_t i = 1; i < tag.len; i++) {
		if (is_word(tag.at[i - 1]) || !stands_at(tag, i, key))
			continue;

		size_t at = skip_space(tag, i + strlen(key));
		if (at == tag.len || tag.at[at] != '=')
			continue;
		at = skip_space(tag, at + 1);
		if (at < tag.len && (tag.at[at] == '"' || tag.at[at] == '\''))
			at = skip_space(tag, at + 1);
		*from = at;
		while (at < tag.len && is_word(tag.at[at]))
			at++;
		*to = at;
		if (*to > *from)
			return true;
	}
	return false;
}

/*
 * The next charset at or after `*from`: a place in `html`. False when there
 * is none in its head.
 */
static bool next_charset(struct span html, size_t *from, size_t *to)
{
	const struct span head = chars_first(html, HEAD);

	for (size_t i = *from; i < head.len; i++) {
		i += chars_find(chars_from(head, i), '<');
		if (i == head.len)
			break;

		const bool meta = stands_at(html, i, "<meta");
		const bool xml = i < 8 && stands_at(html, i, "<?xml");
		struct span tag;
		size_t len = 0;

		if (!meta && !xml)
			continue;
		while (i + len < html.len && len < TAG_MAX &&
		       html.at[i + len] != '>')
			len++;
		(void)span_sub(html, i, len, &tag);
		if (!find_value(tag, meta ? "charset" : "encoding", from, to))
			continue;
		*from += i;
		*to += i;
		return true;
	}
	return false;
}

static unsigned own_page(struct span html)
{
	struct span name;
	size_t from = 0, to;
	unsigned cp = 0;

	while (cp == 0 && next_charset(html, &from, &to)) {
		(void)span_sub(html, from, to - from, &name);
		cp = text_charset_codepage(name);
		from = to;
	}
	return cp;
}

void body_as_utf8(struct buf *out, struct span html)
{
	static const char utf8[] = "utf-8";
	size_t done = 0, from = 0, to;

	while (next_charset(html, &from, &to)) {
		buf_add(out, html.at + done, from - done);
		if (to - from == strlen(utf8) && stands_at(html, from, utf8))
			buf_add(out, html.at + from, to - from);
		else
			buf_str(out, utf8);
		done = from = to;
	}
	if (done < html.len)
		buf_add(out, html.at + done, html.len - done);
}

/*
 * Choosing the page
 */

/* The page a byte order mark, or HTML in UTF-16, shows; 0: none. */
static unsigned mark_page(struct span in, bool html, size_t *len)
{
	static const struct {
		const char *bytes;
		uint8_t size;
		uint8_t mark; /* of those, what is no text */
		uint16_t cp;
		bool html;
	} marks[] = {
		{ "\xFF\xFE\0\0", 4, 4, CP_UTF32, false },
		{ "\0\0\xFE\xFF", 4, 4, CP_UTF32BE, false },
		{ "\xFF\xFE", 2, 2, CP_UTF16, false },
		{ "\xFE\xFF", 2, 2, CP_UTF16BE, false },
		{ "\xEF\xBB\xBF", 3, 3, CP_UTF8, false },
		{ "<\0", 2, 0, CP_UTF16, true },
		{ "\0<", 2, 0, CP_UTF16BE, true },
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (marks[i].size > in.len || (marks[i].html && !html) ||
		    memcmp(in.at, marks[i].bytes, marks[i].size) != 0)
			continue;
		*len = marks[i].mark;
		return marks[i].cp;
	}
	*len = 0;
	return 0;
}

static bool is_wide(unsigned cp)
{
	return cp == CP_UTF16 || cp == CP_UTF16BE || cp == CP_UTF32 ||
	       cp == CP_UTF32BE;
}

/* Are there zeros before the end, as in text of wide characters? */
static bool has_zeros(struct span in)
{
	size_t zeros = 0;

	for (size_t i = 0; i + 1 < in.len; i++)
		zeros += in.at[i] == 0;
	return zeros > in.len / 32;
}

/*
 * Can `in` be in page `cp` at all? Of much that is not it is said that it is
 * ASCII or UTF-16, in which what is neither may decode without a fault.
 */
static bool possible(unsigned cp, struct span in)
{
	if (cp == CP_ASCII || cp == CP_IA5)
		return text_is_ascii(in);
	if (is_wide(cp))
		return has_zeros(in);
	return cp != 0 && text_knows(cp);
}

/* Pages tried, and the one of those said that is wrong in least. */
struct choice {
	struct span in;
	struct buf *out;
	size_t before; /* where the text begins in `out` */
	unsigned best;
	size_t best_bad;
};

/* Decode in page `cp`. True if all of it is text; else nothing is left. */
static bool fits(struct choice *c, unsigned cp, bool said)
{
	size_t bad;

	if (!possible(cp, c->in))
		return false;
	bad = text_codepage(c->out, cp, c->in);
	if (bad == 0)
		return true;
	buf_cut(c->out, c->before);
	if (said && bad < c->best_bad) {
		c->best = cp;
		c->best_bad = bad;
	}
	return false;
}

/*
 * Is the best page mostly right? Text of another page fails in most of its
 * 8-bit bytes, damaged text in a few.
 */
static bool is_mostly_right(const struct choice *c)
{
	size_t eight = 0;

	if (c->best == 0)
		return false;
	for (size_t i = 0; i < c->in.len; i++)
		eight += c->in.at[i] >= 0x80;
	return c->best_bad < (eight > 0 ? eight / 2 + 1 : c->in.len / 8);
}

/* Most that say one thing outside and UTF-8 inside say 1252 of all mail. */
static bool is_utf8_inside(struct span html, unsigned own)
{
	return own == CP_UTF8 && !text_is_ascii(html) && text_is_utf8(html);
}

static enum body_fit decode_guessed(struct choice *c,
				    const struct body_pages *pages)
{
	enum { GUESSED = sizeof(pages->guessed) / sizeof(pages->guessed[0]) };
	const enum body_fit fit = c->best == 0 ? BODY_FITS : BODY_UNFIT;

	for (size_t i = 0; i < GUESSED; i++)
		if (fits(c, pages->guessed[i], false))
			return fit;
	if (fits(c, store_evidence(pages->store), false))
		return fit;
	(void)text_codepage(c->out, CP_WINDOWS, c->in);
	return fit == BODY_FITS ? BODY_GUESSED : fit;
}

enum body_fit body_decode(struct buf *out, struct span in,
			  const struct body_pages *pages, bool html)
{
	enum { SAID = sizeof(pages->said) / sizeof(pages->said[0]) };
	size_t mark;
	unsigned said[SAID + 2] = { mark_page(in, html, &mark) };
	struct choice c = { .out = out, .before = out->len };

	c.best_bad = SIZE_MAX;
	(void)span_sub(in, mark, in.len - mark, &c.in);
	for (size_t i = 0; i < SAID; i++)
		said[i + 1] = pages->said[i];
	said[SAID + 1] = html ? own_page(c.in) : 0;
	if (said[0] == 0 && is_utf8_inside(c.in, said[SAID + 1]))
		said[0] = CP_UTF8;
	for (size_t i = 0; i < SAID + 2; i++)
		if (fits(&c, said[i], true))
			return BODY_FITS;
	if (fits(&c, CP_UTF8, false))
		return BODY_FITS;
	if (is_mostly_right(&c)) {
		(void)text_codepage(out, c.best, c.in);
		return BODY_UNFIT;
	}
	return decode_guessed(&c, pages);
}
