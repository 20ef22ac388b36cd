/*
 * region.c - the file as regions, and room in them      [MS-PST] 2.2.2.7
 */
#include "pst/region.h"

#include <stdlib.h>

#include "ndb/sums.h"
#include "pst/behind.h"
#include "pst/put.h"

enum {
	PAGE_SLOTS = PST_PAGE_SIZE / PST_SLOT,
	RUN_MAX = 255,
	/* Of how many regions a page of these maps tells, from which on. */
	PMAP_EACH = 8,
	FMAP_EACH = PST_PAGE_BYTES,
	FMAP_FIRST = 128,
	FPMAP_EACH = PST_PAGE_BYTES * 64,
	FPMAP_FIRST = 8192,
};

void pst_page_seal(uint8_t page[PST_PAGE_SIZE], enum pst_page_type type,
		   uint64_t bid, uint64_t ib)
{
	const bool map = type >= PST_PAGE_FMAP && type <= PST_PAGE_FPMAP;
	uint8_t *to = page + PST_PAGE_BYTES;

	to[0] = to[1] = (uint8_t)type;
	put16(to + 2, map ? 0 : ndb_signature(ib, (ndb_bid){ bid }));
	put32(to + 4, ndb_crc(span_of(page, PST_PAGE_BYTES)));
	put64(to + 8, bid);
}

static void map_set(uint8_t *map, uint32_t from, uint32_t count)
{
	for (uint32_t i = from; i < from + count; i++)
		map[i / 8] |= (uint8_t)(0x80 >> i % 8);
}

static void map_clear_from(uint8_t *map, uint32_t from)
{
	for (uint32_t i = from; i < PST_SLOTS; i++)
		map[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
}

/* Slots of the longest free run, 255 at most. */
static uint8_t longest_run(const uint8_t *map)
{
	uint32_t best = 0, run = 0;

	for (uint32_t i = 0; i < PST_SLOTS && best < RUN_MAX; i++) {
		run = (map[i / 8] & 0x80 >> i % 8) != 0 ? 0 : run + 1;
		best = run > best ? run : best;
	}
	return (uint8_t)best;
}

static bool has_pmap(uint64_t region)
{
	return region % PMAP_EACH == 0;
}

/* The third page of a region; 0: it has none. */
static unsigned third_page(uint64_t region)
{
	if (region >= FMAP_FIRST && (region - FMAP_FIRST) % FMAP_EACH == 0)
		return PST_PAGE_FMAP;
	if (region >= FPMAP_FIRST && (region - FPMAP_FIRST) % FPMAP_EACH == 0)
		return PST_PAGE_FPMAP;
	return 0;
}

/* Begin region `number`, with the maps that it has. */
static void begin(struct pst_regions *r, uint64_t number)
{
	const uint32_t pages =
		1U + has_pmap(number) + (third_page(number) != 0);

	memset(r->map, 0, sizeof(r->map));
	r->number = number;
	r->fill = pages * PAGE_SLOTS;
	r->used += r->fill;
	map_set(r->map, 0, r->fill);
}

/* The pages of maps at the start of the region. What FMap pages say is not
   known yet. */
static void put_maps(struct pst_regions *r)
{
	const uint64_t ib = pst_region_at(r->number);
	const unsigned third = third_page(r->number);
	uint8_t *page = r->bytes;

	memcpy(page, r->map, sizeof(r->map));
	pst_page_seal(page, PST_PAGE_AMAP, ib, ib);
	page += PST_PAGE_SIZE;
	if (has_pmap(r->number)) {
		memset(page, 0xFF, PST_PAGE_BYTES);
		pst_page_seal(page, PST_PAGE_PMAP, ib + PST_PAGE_SIZE,
			      ib + PST_PAGE_SIZE);
	}
	page += PST_PAGE_SIZE;
	if (third == 0)
		return;
	memset(page, 0xFF, PST_PAGE_BYTES);
	pst_page_seal(page, third, ib + 2 * (uint64_t)PST_PAGE_SIZE,
		      ib + 2 * (uint64_t)PST_PAGE_SIZE);
}

/* Zeros from slot `from` to slot `to`. */
static void clear(struct pst_regions *r, uint32_t from, uint32_t to)
{
	memset(r->bytes + (size_t)from * PST_SLOT, 0,
	       (size_t)(to - from) * PST_SLOT);
}

/* Write `len` bytes of the region, and keep what the other maps say of it. */
static enum ost_status write_region(struct pst_regions *r, size_t len,
				    struct ost_error *err)
{
	buf_byte(&r->runs, (char)longest_run(r->map));
	if (r->runs.bad)
		return ost_no_memory(err);
	if (r->file->fd < 0)
		return OST_OK;
	put_maps(r);
	clear(r, r->fill, (uint32_t)(len / PST_SLOT));
	return pst_behind_write(r->behind, pst_region_at(r->number), &r->bytes,
				len, err);
}

enum ost_status pst_regions_init(struct pst_regions *r,
				 const struct pst_file *file,
				 struct ost_error *err)
{
	*r = (struct pst_regions){ .file = file };
	r->bytes = calloc(1, PST_REGION_SIZE);
	if (r->bytes == NULL)
		return ost_no_memory(err);
	begin(r, 0);
	return file->fd < 0 ? OST_OK
			    : pst_behind_new(&r->behind, file->fd,
					     PST_REGION_SIZE, err);
}

void pst_regions_free(struct pst_regions *r)
{
	pst_behind_free(r->behind);
	free(r->bytes);
	buf_free(&r->runs);
	r->behind = NULL;
	r->bytes = NULL;
}

enum ost_status pst_room(struct pst_regions *r, uint32_t len, uint32_t align,
			 uint8_t **to, uint64_t *ib, struct ost_error *err)
{
	const uint32_t slots = (len + PST_SLOT - 1) / PST_SLOT;
	const uint32_t step = align / PST_SLOT;
	uint32_t at = (r->fill + step - 1) / step * step;
	enum ost_status st;

	if (at + slots > PST_SLOTS) {
		st = write_region(r, PST_REGION_SIZE, err);
		if (st != OST_OK)
			return st;
		begin(r, r->number + 1);
		at = (r->fill + step - 1) / step * step;
	}
	map_set(r->map, at, slots);
	clear(r, r->fill, at + slots);
	*to = r->bytes + (size_t)at * PST_SLOT;
	*ib = pst_region_at(r->number) + (uint64_t)at * PST_SLOT;
	r->fill = at + slots;
	r->used += slots;
	return OST_OK;
}

enum ost_status pst_regions_undo(struct pst_regions *r, uint64_t end,
				 uint64_t used, struct ost_error *err)
{
	const uint64_t number = (end - PST_FIRST_REGION - 1) / PST_REGION_SIZE;
	const uint32_t fill =
		(uint32_t)((end - pst_region_at(number)) / PST_SLOT);
	enum ost_status st = OST_OK;

	if (number != r->number && r->file->fd >= 0) {
		st = pst_behind_wait(r->behind, err);
		if (st == OST_OK)
			st = pst_file_read(r->file->fd, pst_region_at(number),
					   r->bytes, PST_REGION_SIZE, err);
		memcpy(r->map, r->bytes, sizeof(r->map));
	}
	if (st != OST_OK)
		return st;
	buf_cut(&r->runs, (size_t)number);
	map_clear_from(r->map, fill);
	r->number = number;
	r->fill = fill;
	r->used = used;
	return OST_OK;
}

uint8_t pst_region_free(const struct pst_regions *r, uint64_t number)
{
	return number < r->runs.len ? (uint8_t)r->runs.at[number] : 0xFF;
}

/* Say in the FMap page of region `first` what is free from there on. */
static enum ost_status put_fmap(const struct pst_regions *r, uint64_t first,
				struct ost_error *err)
{
	const uint64_t ib = pst_region_at(first) + 2 * (uint64_t)PST_PAGE_SIZE;
	uint8_t page[PST_PAGE_SIZE];

	for (uint64_t i = 0; i < FMAP_EACH; i++)
		page[i] = pst_region_free(r, first + i);
	pst_page_seal(page, PST_PAGE_FMAP, ib, ib);
	return pst_file_write(r->file->fd, ib, span_of(page, sizeof(page)),
			      err);
}

enum ost_status pst_regions_finish(struct pst_regions *r, struct ost_error *err)
{
	enum ost_status st = write_region(r, PST_REGION_SIZE, err);

	r->fill = PST_SLOTS;
	if (st == OST_OK && r->behind != NULL)
		st = pst_behind_wait(r->behind, err);
	/* What was taken back may have been longer. */
	if (st == OST_OK && r->file->fd >= 0)
		st = pst_file_cut(r->file->fd, pst_region_at(r->number + 1),
				  err);
	for (uint64_t i = FMAP_FIRST;
	     i < r->runs.len && st == OST_OK && r->file->fd >= 0;
	     i += FMAP_EACH)
		st = put_fmap(r, i, err);
	return st;
}

enum ost_status pst_regions_skip(struct pst_regions *r, uint64_t count,
				 struct ost_error *err)
{
	enum ost_status st = write_region(r, PST_REGION_SIZE, err);

	for (begin(r, r->number + 1); count > 0 && st == OST_OK; count--) {
		st = write_region(r, (size_t)r->fill * PST_SLOT, err);
		begin(r, r->number + 1);
	}
	return st;
}
