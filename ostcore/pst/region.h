/*
 * region.h - private: the file as regions, and room in them  [MS-PST] 2.2.2.7
 *
 * A region is the 253,952 bytes that one AMap page tells the use of, 64 at a
 * time. It is filled in memory, from front to back, and written whole, by a
 * thread of its own while the next one is filled.
 */
#ifndef OST_PST_REGION_H
#define OST_PST_REGION_H

#include "bytes/buf.h"
#include "pst/file.h"
#include "pst/out.h"

enum {
	PST_SLOT = 64,
	PST_SLOTS = PST_REGION_SIZE / PST_SLOT,
	PST_PAGE_SIZE = 512,
	PST_PAGE_BYTES = 496, /* without its trailer */
};

enum pst_page_type {
	PST_PAGE_BBT = 0x80,
	PST_PAGE_NBT = 0x81,
	PST_PAGE_FMAP = 0x82,
	PST_PAGE_PMAP = 0x83,
	PST_PAGE_AMAP = 0x84,
	PST_PAGE_FPMAP = 0x85,
	PST_PAGE_DLIST = 0x86,
};

struct pst_behind;

struct pst_regions {
	const struct pst_file *file;
	struct pst_behind *behind;   /* owned; NULL: nothing is written */
	uint8_t *bytes;		     /* owned: the region that is filled; what
					is behind `fill` is anything */
	uint8_t map[PST_PAGE_BYTES]; /* its AMap */
	uint64_t number;	     /* which it is */
	uint32_t fill;		     /* slots from its start, used or passed */
	uint64_t used;		     /* slots in use, of all regions */
	struct buf runs;	     /* owned: of each region before, the slots
					of its longest free run, 255 at most */
};

enum ost_status pst_regions_init(struct pst_regions *r,
				 const struct pst_file *file,
				 struct ost_error *err);
void pst_regions_free(struct pst_regions *r);

/* Where the first byte of region `number` is in the file. */
static inline uint64_t pst_region_at(uint64_t number)
{
	return PST_FIRST_REGION + number * PST_REGION_SIZE;
}

/* Bytes of the file that are in use or passed. */
static inline uint64_t pst_regions_end(const struct pst_regions *r)
{
	return pst_region_at(r->number) + (uint64_t)r->fill * PST_SLOT;
}

/*
 * Take room for `len` bytes at a multiple of `align`: zeros at `*to`, to be
 * filled before more is taken. `*ib` is where that will be in the file. In a
 * run that writes nothing `*to` is scratch.
 */
enum ost_status pst_room(struct pst_regions *r, uint32_t len, uint32_t align,
			 uint8_t **to, uint64_t *ib, struct ost_error *err);

/* Go back to where pst_regions_end() was `end`, and `used` slots in use. */
enum ost_status pst_regions_undo(struct pst_regions *r, uint64_t end,
				 uint64_t used, struct ost_error *err);

/* Write the last region, and what the maps say of all. */
enum ost_status pst_regions_finish(struct pst_regions *r,
				   struct ost_error *err);

/* Leave `count` regions empty. */
enum ost_status pst_regions_skip(struct pst_regions *r, uint64_t count,
				 struct ost_error *err);

/* The byte of FMap and rgbFM for region `number`, once finished. */
uint8_t pst_region_free(const struct pst_regions *r, uint64_t number);

/* Fill in the trailer of a page that will be at `ib`. */
void pst_page_seal(uint8_t page[PST_PAGE_SIZE], enum pst_page_type type,
		   uint64_t bid, uint64_t ib);

#endif
