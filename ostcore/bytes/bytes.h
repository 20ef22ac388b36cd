/*
 * bytes.h - spans and cursors: every bounds check and all byte order
 *
 * Only this file adds a number from a store to a pointer. Integers are
 * little-endian, as everywhere in a store.
 */
#ifndef OST_BYTES_H
#define OST_BYTES_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes on loan. An empty span may have any `at`. */
struct span {
	const uint8_t *at;
	size_t len;
};

static inline struct span span_of(const void *at, size_t len)
{
	return (struct span){ at, len };
}

/*
 * Set `*out` to the `len` bytes at `off` in `s`. False, with `*out` empty,
 * unless all of them are there; no sum here can wrap.
 */
static inline bool span_sub(struct span s, uint64_t off, uint64_t len,
			    struct span *out)
{
	*out = (struct span){ NULL, 0 };
	if (off > s.len || len > s.len - off)
		return false;
	if (len > 0)
		*out = (struct span){ s.at + off, (size_t)len };
	return true;
}

static inline bool span_equal(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/*
 * Reads a record front to back. The first read past the end makes the
 * cursor bad for good and yields 0, as do all reads after it, so a decoder
 * reads all its fields and asks cur_ok() once, before it believes any.
 */
struct cursor {
	struct span rest;
	bool bad;
};

/* A cursor over what follows byte `off` of `s`. */
static inline struct cursor cur_at(struct span s, uint64_t off)
{
	struct cursor c = { { NULL, 0 }, false };

	if (off > s.len)
		c.bad = true;
	else
		(void)span_sub(s, off, s.len - off, &c.rest);
	return c;
}

static inline bool cur_ok(const struct cursor *c)
{
	return !c->bad;
}

/* The next `len` bytes, or an empty span. */
static inline struct span cur_span(struct cursor *c, uint64_t len)
{
	struct span taken, rest = { NULL, 0 };

	if (!span_sub(c->rest, 0, len, &taken))
		c->bad = true;
	else
		(void)span_sub(c->rest, len, c->rest.len - len, &rest);
	c->rest = rest;
	return taken;
}

/* `b` (at most 8 bytes) as an unsigned integer: two widths are most of all. */
static inline uint64_t span_uint(struct span b)
{
	uint64_t value = 0;
	uint32_t half;

	switch (b.len) {
	case 8:
		memcpy(&value, b.at, 8);
		return le64toh(value);
	case 4:
		memcpy(&half, b.at, 4);
		return le32toh(half);
	default:
		for (size_t i = b.len; i > 0; i--)
			value = value << 8 | b.at[i - 1];
		return value;
	}
}

/* The next `width` bytes (at most 8) as an unsigned integer. */
static inline uint64_t cur_uint(struct cursor *c, unsigned width)
{
	return span_uint(cur_span(c, width));
}

static inline uint8_t cur_u8(struct cursor *c)
{
	return (uint8_t)cur_uint(c, 1);
}

static inline uint16_t cur_u16(struct cursor *c)
{
	return (uint16_t)cur_uint(c, 2);
}

static inline uint32_t cur_u32(struct cursor *c)
{
	return (uint32_t)cur_uint(c, 4);
}

static inline uint64_t cur_u64(struct cursor *c)
{
	return cur_uint(c, 8);
}

#endif
