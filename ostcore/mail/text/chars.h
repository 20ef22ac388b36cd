/*
 * chars.h - private: ASCII and UTF-8 characters in spans, in no locale
 */
#ifndef OST_MAIL_CHARS_H
#define OST_MAIL_CHARS_H

#include "bytes/bytes.h"

/* The bytes of a string, on loan. */
static inline struct span chars_of(const char *s)
{
	return span_of(s, strlen(s));
}

static inline uint8_t chars_lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static inline bool chars_letter(uint8_t c)
{
	return chars_lower(c) >= 'a' && chars_lower(c) <= 'z';
}

static inline bool chars_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static inline bool chars_control(uint8_t c)
{
	return c < 0x20 || c == 0x7F;
}

static inline bool chars_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* True if `c` is one of the characters of `set`, and not NUL. */
static inline bool chars_in(uint8_t c, const char *set)
{
	return c != 0 && strchr(set, c) != NULL;
}

/* atext of RFC 5322 3.2.3 */
static inline bool chars_atom(uint8_t c)
{
	return chars_letter(c) || chars_digit(c) ||
	       chars_in(c, "!#$%&'*+-/=?^_`{|}~");
}

/* `s` from byte `off` on; empty when it is shorter. */
static inline struct span chars_from(struct span s, size_t off)
{
	struct span rest = { NULL, 0 };

	if (off <= s.len)
		(void)span_sub(s, off, s.len - off, &rest);
	return rest;
}

/* The first `len` bytes of `s`, or as many as it has. */
static inline struct span chars_first(struct span s, size_t len)
{
	return span_of(s.at, len < s.len ? len : s.len);
}

/* Where `c` first is in `s`; its length when it is not. */
static inline size_t chars_find(struct span s, uint8_t c)
{
	const uint8_t *at = NULL;

	if (s.len > 0 && s.len <= PTRDIFF_MAX) /* it always is: for gcc -O3 */
		at = memchr(s.at, c, s.len);
	return at != NULL ? (size_t)(at - s.at) : s.len;
}

/* Equal but for ASCII case. */
static inline bool chars_same(struct span a, struct span b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (chars_lower(a.at[i]) != chars_lower(b.at[i]))
			return false;
	return true;
}

/* `s` begins with `prefix`, but for ASCII case. */
static inline bool chars_begin(struct span s, const char *prefix)
{
	const struct span p = chars_of(prefix);

	return s.len >= p.len && chars_same(chars_first(s, p.len), p);
}

/* `s` ends with `tail`, but for ASCII case. */
static inline bool chars_end(struct span s, struct span tail)
{
	return s.len >= tail.len &&
	       chars_same(chars_from(s, s.len - tail.len), tail);
}

/* `s` without blanks at its ends. */
static inline struct span chars_trim(struct span s)
{
	while (s.len > 0 && chars_blank(s.at[0]))
		s = chars_from(s, 1);
	while (s.len > 0 && chars_blank(s.at[s.len - 1]))
		s.len--;
	return s;
}

/* How many bytes at the front of `s` are printable ASCII. */
size_t chars_plain(struct span s);

/* How many bytes of `s` are `c`. */
size_t chars_count(struct span s, uint8_t c);

/*
 * Take the next scalar value off `*s`, which is not empty. What is not UTF-8
 * is taken a byte at a time, as U+FFFD.
 */
uint32_t chars_next(struct span *s);

#endif
