/*
 * cfb.c - streams of a compound file			[MS-CFB] 2
 *
 * The file is sectors after a header; the FAT says of each sector which comes
 * next. Streams below a cutoff lie in smaller sectors, in a stream of the
 * root entry that has a FAT of its own.
 */
#include "mail/attach/cfb.h"

#include <stdlib.h>

#include "mail/text/chars.h"

enum {
	FILE_MAX = 64 << 20,
	DIRECTORY_MAX = 1 << 20,
	HEADER_SIZE = 512,
	HEADER_DIFAT = 109, /* numbers of FAT sectors in the header */
	ENTRY_SIZE = 128,
	MINI_SHIFT = 6,
	SECTOR_MAX = 4096,
};

/* Sectors above this are marks, such as for the end of a chain. */
#define SECTOR_LAST UINT32_C(0xFFFFFFFA)
#define NO_STREAM   UINT32_C(0xFFFFFFFF)

/* [MS-CFB] 2.6.1 */
enum { TYPE_STREAM = 2, TYPE_ROOT = 5 };

struct cfb {
	const struct cfb_source *source;
	unsigned shift; /* a sector is 1 << shift bytes */
	uint64_t cutoff;
	struct buf fat, minifat; /* as stored: a u32 for each sector */
	struct buf directory;
	struct buf mini; /* the sectors of small streams, once read */
	uint32_t minifat_first;
};

/* An entry of the directory [MS-CFB] 2.6.1 */
struct entry {
	struct span name; /* UTF-16, without its NUL */
	uint8_t type;
	uint32_t left, right, child;
	struct span class;
	uint32_t start;
	uint64_t size;
};

static uint64_t sector_size(const struct cfb *c)
{
	return UINT64_C(1) << c->shift;
}

/*
 * Sectors and chains
 */

static enum ost_status read_sector(struct cfb *c, uint32_t sector,
				   struct buf *out, struct ost_error *err)
{
	const uint64_t off = ((uint64_t)sector + 1) << c->shift;
	const size_t len = (size_t)sector_size(c);
	uint8_t bytes[SECTOR_MAX];
	enum ost_status st;

	if (off > c->source->size || len > c->source->size - off)
		return ost_fail(err, OST_CORRUPT,
				"sector %u is past the end of the file",
				sector);
	st = c->source->read(c->source->arg, off, bytes, len, err);
	if (st != OST_OK)
		return st;
	buf_add(out, bytes, len);
	return buf_status(out, err);
}

static uint32_t next_of(const struct buf *fat, uint32_t sector)
{
	struct cursor c = cur_at(buf_span(fat), (uint64_t)sector * 4);
	const uint32_t next = cur_u32(&c);

	return cur_ok(&c) ? next : NO_STREAM;
}

/*
 * Append the chain that begins at `sector`, to its end but not beyond `most`
 * bytes: a chain that loops would be longer than the file.
 */
static enum ost_status read_chain(struct cfb *c, uint32_t sector, uint64_t max,
				  struct buf *out, struct ost_error *err)
{
	uint64_t done = 0;

	for (; sector < SECTOR_LAST && done < max; done += sector_size(c)) {
		const enum ost_status st = read_sector(c, sector, out, err);

		if (st != OST_OK)
			return st;
		sector = next_of(&c->fat, sector);
	}
	return buf_status(out, err);
}

/*
 * Header and FAT
 */

/*
 * Append the numbers of the FAT's sectors that do not fit in the header: a
 * chain of sectors that each end in the number of the next.
 */
static enum ost_status read_difat(struct cfb *c, uint32_t sector,
				  uint32_t count, struct buf *numbers,
				  struct ost_error *err)
{
	enum ost_status st = OST_OK;

	while (st == OST_OK && numbers->len / 4 < count &&
	       sector < SECTOR_LAST) {
		struct buf one = { 0 };

		st = read_sector(c, sector, &one, err);
		struct cursor cur = cur_at(buf_span(&one), 0);
		const struct span some = cur_span(&cur, sector_size(c) - 4);
		buf_add(numbers, some.at, some.len);
		sector = cur_u32(&cur);
		buf_free(&one);
		if (st == OST_OK)
			st = buf_status(numbers, err);
	}
	return st;
}

/* `listed` are the numbers in the header, `difat` is where others begin. */
static enum ost_status read_fat(struct cfb *c, struct span listed,
				uint32_t count, uint32_t difat,
				struct ost_error *err)
{
	const uint64_t sectors = c->source->size >> c->shift;
	struct buf numbers = { 0 };
	struct cursor cur;
	enum ost_status st;

	if (count > sectors)
		return ost_fail(err, OST_CORRUPT,
				"%u sectors of FAT in a file of %llu", count,
				(unsigned long long)sectors);
	buf_add(&numbers, listed.at, listed.len);
	st = read_difat(c, difat, count, &numbers, err);
	cur = cur_at(buf_span(&numbers), 0);
	for (uint32_t i = 0; st == OST_OK && i < count; i++) {
		const uint32_t sector = cur_u32(&cur);

		if (!cur_ok(&cur))
			st = ost_fail(err, OST_CORRUPT,
				      "%u of %u sectors of FAT", i, count);
		else
			st = read_sector(c, sector, &c->fat, err);
	}
	buf_free(&numbers);
	return st == OST_OK ? buf_status(&c->fat, err) : st;
}

static enum ost_status read_header(struct cfb *c, struct ost_error *err)
{
	static const uint8_t signature[] = { 0xD0, 0xCF, 0x11, 0xE0,
					     0xA1, 0xB1, 0x1A, 0xE1 };
	uint8_t bytes[HEADER_SIZE];
	const struct span header = span_of(bytes, sizeof(bytes));
	enum ost_status st;

	if (c->source->size < HEADER_SIZE)
		return ost_fail(err, OST_UNSUPPORTED,
				"%llu bytes are not a compound file",
				(unsigned long long)c->source->size);
	if (c->source->size > FILE_MAX)
		return ost_fail(err, OST_LIMIT, "a compound file of %llu bytes",
				(unsigned long long)c->source->size);
	st = c->source->read(c->source->arg, 0, bytes, sizeof(bytes), err);
	if (st != OST_OK)
		return st;
	if (memcmp(bytes, signature, sizeof(signature)) != 0)
		return ost_fail(err, OST_UNSUPPORTED, "no compound file");

	struct cursor cur = cur_at(header, 26);
	const uint16_t version = cur_u16(&cur);
	(void)cur_u16(&cur); /* byte order */
	c->shift = cur_u16(&cur);
	const uint16_t mini = cur_u16(&cur);
	cur = cur_at(header, 44);
	const uint32_t fat_count = cur_u32(&cur);
	const uint32_t directory = cur_u32(&cur);
	(void)cur_u32(&cur); /* transaction */
	c->cutoff = cur_u32(&cur);
	c->minifat_first = cur_u32(&cur);
	(void)cur_u32(&cur); /* sectors of it */
	const uint32_t difat = cur_u32(&cur);
	cur = cur_at(header, 76);
	const struct span listed = cur_span(&cur, HEADER_DIFAT * 4);

	if (!((version == 3 && c->shift == 9) ||
	      (version == 4 && c->shift == 12)) ||
	    mini != MINI_SHIFT)
		return ost_fail(err, OST_UNSUPPORTED,
				"version %u with sectors of 2^%u and 2^%u",
				version, c->shift, mini);
	st = read_fat(c, listed, fat_count, difat, err);
	if (st == OST_OK)
		st = read_chain(c, directory, DIRECTORY_MAX + sector_size(c),
				&c->directory, err);
	if (st == OST_OK && c->directory.len > DIRECTORY_MAX)
		st = ost_fail(err, OST_LIMIT, "a directory above %d bytes",
			      DIRECTORY_MAX);
	return st;
}

/*
 * Directory
 */

static bool read_entry(const struct cfb *c, uint32_t index, struct entry *out)
{
	struct cursor cur =
		cur_at(buf_span(&c->directory), (uint64_t)index * ENTRY_SIZE);
	const struct span name = cur_span(&cur, 64);
	const uint16_t len = cur_u16(&cur);

	out->type = cur_u8(&cur);
	(void)cur_u8(&cur); /* color */
	out->left = cur_u32(&cur);
	out->right = cur_u32(&cur);
	out->child = cur_u32(&cur);
	out->class = cur_span(&cur, 16);
	(void)cur_span(&cur, 4 + 8 + 8); /* state, times */
	out->start = cur_u32(&cur);
	out->size = cur_u64(&cur);
	if (c->shift == 9) /* the upper half may be rubbish, 2.6.1 */
		out->size &= UINT32_MAX;
	out->name = chars_first(name, len >= 2 ? len - 2 : 0);
	return cur_ok(&cur);
}

static bool is_named(const struct entry *e, const char *name)
{
	const size_t len = strlen(name);

	if (e->name.len != len * 2)
		return false;
	for (size_t i = 0; i < len; i++)
		if (e->name.at[2 * i] != (uint8_t)name[i] ||
		    e->name.at[2 * i + 1] != 0)
			return false;
	return true;
}

/*
 * Find a stream in the tree that the children of the root are. The tree may
 * loop, so each entry is looked at once.
 */
static enum ost_status find(const struct cfb *c, const char *name,
			    struct entry *out, struct ost_error *err)
{
	const size_t count = c->directory.len / ENTRY_SIZE;
	uint32_t *stack = calloc(count + 1, 2 * sizeof(*stack));
	bool *seen = calloc(count + 1, sizeof(*seen));
	size_t depth = 0;
	enum ost_status st = OST_NOT_FOUND;

	if (stack == NULL || seen == NULL) {
		st = ost_no_memory(err);
		goto out;
	}
	if (read_entry(c, 0, out))
		stack[depth++] = out->child;
	while (depth > 0 && st == OST_NOT_FOUND) {
		const uint32_t at = stack[--depth];

		if (at >= count || seen[at] || !read_entry(c, at, out))
			continue;
		seen[at] = true; /* so at most two a turn are pushed */
		if (out->type == TYPE_STREAM && is_named(out, name))
			st = OST_OK;
		stack[depth++] = out->left;
		stack[depth++] = out->right;
	}
	if (st == OST_NOT_FOUND)
		st = ost_fail(err, OST_NOT_FOUND, "no such stream");
out:
	free(stack);
	free(seen);
	return st;
}

/*
 * Streams
 */

static enum ost_status read_large(struct cfb *c, const struct entry *e,
				  struct buf *out, struct ost_error *err)
{
	const size_t start = out->len;
	const enum ost_status st = read_chain(c, e->start, e->size, out, err);

	if (st != OST_OK)
		return st;
	if (out->len - start < e->size)
		return ost_fail(err, OST_CORRUPT,
				"a stream of %llu bytes ends after %zu",
				(unsigned long long)e->size, out->len - start);
	buf_cut(out, start + (size_t)e->size);
	return OST_OK;
}

/* The stream of small sectors, and its FAT. */
static enum ost_status load_mini(struct cfb *c, struct ost_error *err)
{
	struct entry root;
	enum ost_status st;

	if (c->mini.len > 0)
		return OST_OK;
	buf_cut(&c->minifat, 0);
	if (!read_entry(c, 0, &root) || root.size > c->source->size)
		return ost_fail(err, OST_CORRUPT, "no small sectors");
	st = read_chain(c, c->minifat_first, c->source->size, &c->minifat, err);
	if (st == OST_OK)
		st = read_large(c, &root, &c->mini, err);
	if (st != OST_OK)
		buf_free(&c->mini);
	return st;
}

static enum ost_status read_small(struct cfb *c, const struct entry *e,
				  struct buf *out, struct ost_error *err)
{
	const uint64_t width = 1 << MINI_SHIFT;
	uint32_t sector = e->start;
	enum ost_status st = load_mini(c, err);

	for (uint64_t done = 0; st == OST_OK && done < e->size; done += width) {
		const uint64_t left = e->size - done;
		struct span bytes;

		if (sector >= SECTOR_LAST ||
		    !span_sub(buf_span(&c->mini), sector * width,
			      left < width ? left : width, &bytes))
			return ost_fail(err, OST_CORRUPT,
					"a stream of %llu bytes ends after "
					"%llu",
					(unsigned long long)e->size,
					(unsigned long long)done);
		buf_add(out, bytes.at, bytes.len);
		sector = next_of(&c->minifat, sector);
	}
	return st == OST_OK ? buf_status(out, err) : st;
}

enum ost_status cfb_stream(struct cfb *c, const char *name, size_t max,
			   struct buf *out, struct ost_error *err)
{
	const size_t start = out->len;
	struct entry e;
	enum ost_status st = find(c, name, &e, err);

	if (st != OST_OK)
		return st;
	if (e.size > c->source->size)
		return ost_fail(err, OST_CORRUPT,
				"a stream of %llu bytes in a file of %llu",
				(unsigned long long)e.size,
				(unsigned long long)c->source->size);
	if (e.size > max)
		return ost_fail(err, OST_LIMIT, "a stream of %llu bytes",
				(unsigned long long)e.size);
	st = e.size < c->cutoff ? read_small(c, &e, out, err)
				: read_large(c, &e, out, err);
	if (st != OST_OK)
		buf_cut(out, start);
	return st;
}

enum ost_status cfb_open(struct cfb **out, const struct cfb_source *source,
			 struct ost_error *err)
{
	struct cfb *c = calloc(1, sizeof(*c));
	struct entry root;
	enum ost_status st;

	*out = NULL;
	if (c == NULL)
		return ost_no_memory(err);
	c->source = source;
	st = read_header(c, err);
	if (st == OST_OK &&
	    (!read_entry(c, 0, &root) || root.type != TYPE_ROOT))
		st = ost_fail(err, OST_CORRUPT, "no root entry");
	if (st == OST_OK)
		*out = c;
	else
		cfb_close(c);
	return st;
}

const uint8_t *cfb_class(const struct cfb *c)
{
	struct entry root;

	(void)read_entry(c, 0, &root); /* cfb_open() saw that it is there */
	return root.class.at;
}

void cfb_close(struct cfb *c)
{
	if (c == NULL)
		return;
	buf_free(&c->fat);
	buf_free(&c->minifat);
	buf_free(&c->directory);
	buf_free(&c->mini);
	free(c);
}
