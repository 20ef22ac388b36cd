/*
 * cfbkit.h - writes compound files [MS-CFB], from their description
 *
 * Sector 0 on: the FAT, the directory, the FAT of small sectors, the stream
 * of small sectors, then each large stream. Included once a program.
 */
#ifndef OST_CFBKIT_H
#define OST_CFBKIT_H

#include <stdlib.h>

#include "bytes/buf.h"

enum { CFB_STREAMS = 6, CFB_CUTOFF = 4096, CFB_SMALL = 64 };

struct cfb_made {
	const char *name; /* ASCII; NULL: no more */
	const void *bytes;
	size_t len;
};

/* What a file is made of; places that a test may want to change. */
struct cfb_file {
	struct buf bytes;
	unsigned shift;
	size_t fat, directory, minifat; /* byte offsets */
};

static inline void cfb_int(struct buf *out, uint64_t value, int width)
{
	for (int i = 0; i < width; i++, value >>= 8)
		buf_byte(out, (char)(value & 0xFF));
}

static inline void cfb_pad(struct buf *out, size_t unit, char with)
{
	while (out->len % unit != 0)
		buf_byte(out, with);
}

/* Append a chain of `count` sectors, the first of which is numbered next. */
static inline void cfb_chain(struct buf *fat, size_t count)
{
	for (size_t i = 0; i < count; i++)
		cfb_int(fat, i + 1 < count ? fat->len / 4 + 1 : 0xFFFFFFFE, 4);
}

static inline void cfb_entry(struct buf *out, const char *name, int type,
			     uint32_t right, uint32_t child,
			     const uint8_t *class, size_t start, size_t size)
{
	const size_t from = out->len;

	for (size_t i = 0; name[i] != '\0'; i++)
		cfb_int(out, (uint8_t)name[i], 2);
	while (out->len < from + 64)
		buf_byte(out, 0);
	cfb_int(out, name[0] == '\0' ? 0 : strlen(name) * 2 + 2, 2);
	cfb_int(out, (uint64_t)type, 1);
	cfb_int(out, 1, 1);
	cfb_int(out, 0xFFFFFFFF, 4);
	cfb_int(out, right, 4);
	cfb_int(out, child, 4);
	for (int i = 0; i < 16; i++)
		cfb_int(out, class != NULL ? class[i] : 0, 1);
	cfb_int(out, 0, 4 + 8);
	cfb_int(out, 0, 8);
	cfb_int(out, start, 4);
	cfb_int(out, size, 8);
}

static inline void cfb_header(struct buf *out, const struct cfb_file *f,
			      size_t fats, size_t directory, size_t minifat)
{
	static const uint8_t signature[] = { 0xD0, 0xCF, 0x11, 0xE0,
					     0xA1, 0xB1, 0x1A, 0xE1 };

	buf_add(out, signature, sizeof(signature));
	cfb_int(out, 0, 8);
	cfb_int(out, 0, 8);
	cfb_int(out, 0x3E, 2);
	cfb_int(out, f->shift == 12 ? 4 : 3, 2);
	cfb_int(out, 0xFFFE, 2);
	cfb_int(out, f->shift, 2);
	cfb_int(out, 6, 2);
	cfb_int(out, 0, 6);
	cfb_int(out, f->shift == 12 ? 1 : 0, 4);
	cfb_int(out, fats, 4);
	cfb_int(out, directory, 4);
	cfb_int(out, 0, 4);
	cfb_int(out, CFB_CUTOFF, 4);
	cfb_int(out, minifat, 4);
	cfb_int(out, 1, 4);
	cfb_int(out, 0xFFFFFFFE, 4);
	cfb_int(out, 0, 4);
	for (size_t i = 0; i < 109; i++)
		cfb_int(out, i < fats ? i : 0xFFFFFFFF, 4);
	cfb_pad(out, (size_t)1 << f->shift, 0);
}

/* Sectors that `size` bytes take. */
static inline size_t cfb_sectors(const struct cfb_file *f, size_t size)
{
	return (size + ((size_t)1 << f->shift) - 1) >> f->shift;
}

/* A file of at most 109 sectors of FAT. Free `bytes` of it. */
static inline struct cfb_file cfb_make(unsigned shift, const uint8_t *class,
				       const struct cfb_made *streams)
{
	struct cfb_file f = { .shift = shift };
	const size_t unit = (size_t)1 << shift;
	struct buf fat = { 0 }, dir = { 0 }, mini = { 0 }, minifat = { 0 };
	struct buf large = { 0 };
	size_t count = 0, all = 0, start[CFB_STREAMS];

	for (; streams[count].name != NULL; count++)
		all += cfb_sectors(&f, streams[count].len) + 2;
	const size_t fats = cfb_sectors(&f, (all + 300) * 4);
	for (size_t i = 0; i < fats; i++)
		cfb_int(&fat, 0xFFFFFFFD, 4);
	cfb_chain(&fat, cfb_sectors(&f, (count + 1) * 128));
	const size_t minifat_at = fat.len / 4;
	cfb_chain(&fat, 1);
	for (size_t i = 0; i < count; i++)
		if (streams[i].len < CFB_CUTOFF) {
			start[i] = minifat.len / 4;
			cfb_chain(&minifat, (streams[i].len + 63) / 64);
			buf_add(&mini, streams[i].bytes, streams[i].len);
			cfb_pad(&mini, CFB_SMALL, 0);
		}
	const size_t mini_at = fat.len / 4, mini_size = mini.len;
	cfb_chain(&fat, cfb_sectors(&f, mini.len));
	for (size_t i = 0; i < count; i++)
		if (streams[i].len >= CFB_CUTOFF) {
			start[i] = fat.len / 4;
			cfb_chain(&fat, cfb_sectors(&f, streams[i].len));
			buf_add(&large, streams[i].bytes, streams[i].len);
			cfb_pad(&large, unit, 0);
		}
	cfb_entry(&dir, "Root Entry", 5, 0xFFFFFFFF, count > 0 ? 1 : 0xFFFFFFFF,
		  class, mini_at, mini_size);
	for (size_t i = 0; i < count; i++)
		cfb_entry(&dir, streams[i].name, 2,
			  i + 1 < count ? (uint32_t)i + 2 : 0xFFFFFFFF,
			  0xFFFFFFFF, NULL, start[i], streams[i].len);

	struct buf *const parts[] = { &fat, &dir, &minifat, &mini, &large };
	cfb_header(&f.bytes, &f, fats, fats, minifat_at);
	while (fat.len < fats * unit)
		cfb_int(&fat, 0xFFFFFFFF, 4);
	while (dir.len % unit != 0)
		cfb_entry(&dir, "", 0, 0xFFFFFFFF, 0xFFFFFFFF, NULL, 0, 0);
	while (minifat.len < unit)
		cfb_int(&minifat, 0xFFFFFFFF, 4);
	cfb_pad(&mini, unit, 0);
	f.fat = f.bytes.len;
	f.directory = f.fat + fat.len;
	f.minifat = f.directory + dir.len;
	for (size_t i = 0; i < 5; i++) {
		buf_add(&f.bytes, parts[i]->at, parts[i]->len);
		buf_free(parts[i]);
	}
	if (f.bytes.bad)
		abort();
	return f;
}

/* Change `width` bytes of it. */
static inline void cfb_put(struct cfb_file *f, size_t off, uint64_t value,
			   int width)
{
	for (int i = 0; i < width; i++, value >>= 8)
		f->bytes.at[off + (size_t)i] = (char)(value & 0xFF);
}

#endif
