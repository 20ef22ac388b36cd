/*
 * put.h - private: integers into bytes, little-endian
 */
#ifndef OST_PST_PUT_H
#define OST_PST_PUT_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "bytes/buf.h"

static inline void put16(uint8_t *to, uint16_t v)
{
	const uint16_t le = htole16(v);

	memcpy(to, &le, sizeof(le));
}

static inline void put32(uint8_t *to, uint32_t v)
{
	const uint32_t le = htole32(v);

	memcpy(to, &le, sizeof(le));
}

static inline void put64(uint8_t *to, uint64_t v)
{
	const uint64_t le = htole64(v);

	memcpy(to, &le, sizeof(le));
}

static inline void buf_put16(struct buf *b, uint16_t v)
{
	const uint16_t le = htole16(v);

	buf_add(b, &le, sizeof(le));
}

static inline void buf_put32(struct buf *b, uint32_t v)
{
	const uint32_t le = htole32(v);

	buf_add(b, &le, sizeof(le));
}

static inline void buf_put64(struct buf *b, uint64_t v)
{
	const uint64_t le = htole64(v);

	buf_add(b, &le, sizeof(le));
}

/* The integer of `width` bytes at byte `off`, which was put there. */
static inline uint64_t put_back(const uint8_t *at, size_t off, unsigned width)
{
	return span_uint(span_of(at + off, width));
}

#endif
