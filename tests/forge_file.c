#include "forge_private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* clang-format off */
const struct forge_layout forge_layouts[] = {
	[FORGE_ANSI] = {
		.version = 14,
		.page_size = 512, .page_trailer = 500,
		.counts = 496, .count_width = 1,
		.id_width = 4,
		.block_trailer = 12, .block_align = 64, .block_max = 8180,
		.crc_last = true, .sub_head = 4, .hid_bits = 11,
		.dlist = 0x4200, .map = 0x4400,
		.map_head = 4, .map_bytes = 496, .map_unit = 64,
		.root = 164, .crypt = 461,
	},
	[FORGE_UNICODE] = {
		.version = 23,
		.page_size = 512, .page_trailer = 496,
		.counts = 488, .count_width = 1,
		.id_width = 8,
		.block_trailer = 16, .block_align = 64, .block_max = 8176,
		.sub_head = 8, .hid_bits = 11,
		.dlist = 0x4200, .map = 0x4400,
		.map_bytes = 496, .map_unit = 64,
		.root = 180, .crypt = 513,
	},
	[FORGE_UNICODE_4K] = {
		.version = 36,
		.page_size = 4096, .page_trailer = 4072,
		.counts = 4056, .count_width = 2,
		.id_width = 8,
		.block_trailer = 24, .block_align = 512, .block_max = 65512,
		.two_sizes = true, .sub_head = 8, .hid_bits = 14,
		.dlist = 0x21000, .map = 0x22000,
		.map_bytes = 4072, .map_unit = 512,
		.root = 180, .crypt = 513,
	},
};
/* clang-format on */

bool forge_fail(struct forge *f, enum ost_status status, const char *format,
		...)
{
	va_list args;

	if (f->status != OST_OK)
		return false;
	va_start(args, format);
	vsnprintf(f->err.text, sizeof(f->err.text), format, args);
	va_end(args);
	f->status = status;
	return false;
}

/* True if nothing failed so far, `b` (NULL: none) included. */
bool forge_ok(struct forge *f, const struct buf *b)
{
	if (b != NULL && b->bad)
		return forge_fail(f, OST_NO_MEMORY, "out of memory");
	return f->status == OST_OK;
}

void put_uint(uint8_t *at, unsigned width, uint64_t value)
{
	for (unsigned i = 0; i < width; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

uint64_t get_uint(const uint8_t *at, unsigned width)
{
	uint64_t value = 0;

	for (unsigned i = width; i > 0; i--)
		value = value << 8 | at[i - 1];
	return value;
}

/* libdeflate inverts before and after, the format does neither. */
uint32_t forge_crc_more(uint32_t crc, const void *bytes, size_t len)
{
	return ~libdeflate_crc32(~crc, bytes, len);
}

uint32_t forge_crc(const void *bytes, size_t len)
{
	return forge_crc_more(0, bytes, len);
}

uint16_t forge_signature(uint64_t off, uint64_t bid)
{
	const uint32_t x = (uint32_t)(off ^ bid);

	return (uint16_t)(x >> 16 ^ (x & 0xFFFF));
}

void page_seal(const struct forge_layout *l, uint8_t *page, uint8_t type,
	       uint64_t ib, uint64_t bid)
{
	const bool map = type >= PTYPE_FMAP && type <= PTYPE_FPMAP;
	uint8_t *t = page + l->page_trailer;

	t[0] = t[1] = type;
	put_uint(t + 2, 2, map ? 0 : forge_signature(ib, bid));
	put_uint(t + (l->crc_last ? 8 : 4), 4,
		 forge_crc(page, l->page_trailer));
	put_uint(t + (l->crc_last ? 4 : 8), l->id_width, bid);
	if (l->two_sizes)
		put_uint(t + 16, 8, 1);
}

static bool write_at(struct forge *f, const void *bytes, size_t len,
		     uint64_t off)
{
	const char *at = bytes;

	while (len > 0) {
		const ssize_t got = pwrite(f->how.fd, at, len, (off_t)off);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return forge_fail(f, OST_IO, "write: %s",
					  strerror(errno));
		at += got;
		off += (uint64_t)got;
		len -= (size_t)got;
	}
	return true;
}

void file_flush(struct forge *f)
{
	if (f->how.fd == 0 || !forge_ok(f, &f->pending))
		return;
	if (write_at(f, f->pending.at, f->pending.len, f->base))
		f->base += f->pending.len;
	buf_cut(&f->pending, 0);
}

void file_add(struct forge *f, const void *bytes, size_t len)
{
	buf_add(&f->pending, bytes, len);
	if (f->pending.len >= 1 << 20)
		file_flush(f);
	(void)forge_ok(f, &f->pending);
}

static void file_zero(struct forge *f, uint64_t len)
{
	static const uint8_t zero[PAGE_MAX];

	while (len > 0 && f->status == OST_OK) {
		const size_t part = len < sizeof(zero) ? len : sizeof(zero);

		file_add(f, zero, part);
		len -= part;
	}
}

/* Change bytes that were added before. */
void file_patch(struct forge *f, uint64_t off, const void *bytes, size_t len)
{
	if (!forge_ok(f, &f->pending))
		return;
	if (off < f->base) {
		file_flush(f);
		write_at(f, bytes, len, off);
	} else {
		memcpy(f->pending.at + (off - f->base), bytes, len);
	}
}

static uint64_t map_span(const struct forge_layout *l)
{
	return UINT64_C(8) * l->map_bytes * l->map_unit;
}

static void map_mark(struct forge *f, uint64_t off, uint64_t len)
{
	const uint64_t unit = f->layout->map_unit;
	const uint64_t first = (off - f->map_at) / unit;
	const uint64_t end = (off + len - f->map_at + unit - 1) / unit;

	for (uint64_t i = first; i < end; i++)
		f->map[i / 8] |= (uint8_t)(0x80 >> i % 8);
	f->used += (end - first) * unit;
}

/* A page at the end: maps that are only there because they must be. */
static void full_map(struct forge *f, uint8_t type)
{
	const struct forge_layout *l = f->layout;
	uint8_t page[PAGE_MAX] = { 0 };

	memset(page + l->map_head, 0xFF, l->map_bytes);
	page_seal(l, page, type, f->end, f->end);
	file_add(f, page, l->page_size);
	map_mark(f, f->end, l->page_size);
	f->end += l->page_size;
}

/*
 * An AMap at the end, and what goes with it [MS-PST] 2.2.2.7.2 to 2.2.2.7.5:
 * a PMap with every eighth; an FMap and an FPMap once the header's rgbFM and
 * rgbFP no longer reach. Stores of 4K pages have AMaps only.
 */
static void begin_map(struct forge *f)
{
	const uint64_t n = f->map_count++;

	memset(f->map, 0, sizeof(f->map));
	f->map_at = f->end;
	full_map(f, PTYPE_AMAP);
	if (f->layout->two_sizes)
		return;
	if (n % 8 == 0)
		full_map(f, PTYPE_PMAP);
	if (n >= 128 && (n - 128) % 496 == 0)
		full_map(f, PTYPE_FMAP);
	if (n >= 8192 && (n - 8192) % 31744 == 0)
		full_map(f, PTYPE_FPMAP);
}

/* Write the AMap in charge. What lies past the end of the file is not free. */
void file_end_map(struct forge *f)
{
	const struct forge_layout *l = f->layout;
	const uint64_t used = f->used;
	uint8_t page[PAGE_MAX] = { 0 };

	map_mark(f, f->end, f->map_at + map_span(l) - f->end);
	f->used = used;
	memcpy(page + l->map_head, f->map, l->map_bytes);
	page_seal(l, page, PTYPE_AMAP, f->map_at, f->map_at);
	file_patch(f, f->map_at, page, l->page_size);
}

/* The next map: the rest of the one in charge stays free. */
static void next_map(struct forge *f)
{
	const uint64_t end = f->map_at + map_span(f->layout);
	const uint64_t at = f->end;

	f->end = end;
	file_end_map(f);
	file_zero(f, end - at);
	begin_map(f);
}

static uint64_t up(uint64_t value, uint64_t align)
{
	return (value + align - 1) / align * align;
}

/* The place for `size` bytes, which the caller then adds. 0: it cannot. */
uint64_t file_refcount(struct forge *f, size_t size, size_t align)
{
	const uint64_t max = f->layout->id_width == 4 ? INT32_MAX : INT64_MAX;

	if (!forge_ok(f, NULL))
		return 0;
	if (up(f->end, align) + size > f->map_at + map_span(f->layout))
		next_map(f);

	const uint64_t off = up(f->end, align);
	if (off + size > max) {
		forge_fail(f, OST_LIMIT, "an ANSI store ends at 2 GiB");
		return 0;
	}
	file_zero(f, off - f->end);
	map_mark(f, off, size);
	f->end = off + size;
	return off;
}

/* Header (filled in at the end), DList, the first AMap. */
void file_begin(struct forge *f)
{
	const struct forge_layout *l = f->layout;
	uint8_t page[PAGE_MAX] = { 0 };

	file_zero(f, l->dlist);
	page_seal(l, page, PTYPE_DLIST, l->dlist, f->next_page++);
	file_add(f, page, l->page_size);
	f->end = l->dlist + l->page_size;
	file_zero(f, l->map - f->end);
	f->end = l->map;
	begin_map(f);
}
