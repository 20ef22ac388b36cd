/*
 * block.c - one block: read, check, decode, inflate     [MS-PST] 2.2.2.8
 */
#include <inttypes.h>
#include <libdeflate.h>
#include <stdlib.h>

#include "ndb/layout.h"

/* Bytes that a block of `stored` bytes takes in the file. */
static uint32_t footprint(const struct ndb_layout *layout, uint32_t stored)
{
	const uint32_t align = layout->block_align;

	return (stored + layout->block_trailer + align - 1) / align * align;
}

static enum ost_status check_place(const struct ndb_layout *layout,
				   const struct ndb_place *place,
				   struct ost_error *err)
{
	const uint32_t most = layout->block_most - layout->block_trailer;

	if (place->stored == 0 || place->stored > most || place->size == 0 ||
	    place->size > most || place->stored > place->size)
		return ost_fail(err, OST_CORRUPT,
				"%u bytes stored for %u, at most %u fit",
				place->stored, place->size, most);
	return OST_OK;
}

/*
 * What the trailer says [MS-PST] 2.2.2.8.1, against the block B-tree. `whole`
 * is the block as it lies in the file.
 */
static enum ost_status check_trailer(const struct ndb_layout *layout,
				     const struct ndb_place *place,
				     struct span whole, struct ost_error *err)
{
	struct cursor c = cur_at(whole, whole.len - layout->block_trailer);
	const uint32_t stored = cur_u16(&c);
	const uint16_t sig = cur_u16(&c);
	uint32_t crc = layout->crc_first ? cur_u32(&c) : 0;
	const ndb_bid bid = { cur_uint(&c, layout->id_width) };
	struct span data;

	if (!layout->crc_first)
		crc = cur_u32(&c);
	if (!cur_ok(&c) || !span_sub(whole, 0, place->stored, &data))
		return ost_fail(err, OST_BUG, "block of %zu bytes", whole.len);
	if (bid_key(bid) != bid_key(place->bid))
		return ost_fail(err, OST_CORRUPT,
				"found block %#" PRIx64 " in its place",
				bid.value);
	if (stored != place->stored)
		return ost_fail(err, OST_CORRUPT, "%u bytes, not %u", stored,
				place->stored);
	if (sum_differs(ndb_crc(data), crc))
		return ost_fail(err, OST_CORRUPT, "CRC is %#x, not %#x",
				ndb_crc(data), crc);
	if (sum_differs(ndb_signature(place->ib, bid), sig))
		return ost_fail(err, OST_CORRUPT, "signature is %#x, not %#x",
				sig, ndb_signature(place->ib, bid));
	return OST_OK;
}

static bool inflate(const uint8_t *in, uint32_t len, struct ndb_block *out)
{
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	enum libdeflate_result result = LIBDEFLATE_BAD_DATA;

	if (d != NULL)
		result = libdeflate_zlib_decompress(d, in, len, out->bytes,
						    out->size, NULL);
	libdeflate_free_decompressor(d);
	return result == LIBDEFLATE_SUCCESS;
}

/*
 * Fill `out` from the stored bytes. A block is encoded first and deflated
 * then: so libpff and pst-extractor read it; no real store has both.
 */
static enum ost_status decode(struct ndb *db, const struct ndb_place *place,
			      const uint8_t *stored, struct ndb_block *out,
			      struct ost_error *err)
{
	const uint8_t method =
		bid_is_internal(place->bid) ? 0 : db->info.encoding;

	if (place->stored == place->size)
		memcpy(out->bytes, stored, out->size);
	else if (!inflate(stored, place->stored, out))
		return ost_fail(err, OST_CORRUPT,
				"%u bytes do not inflate to %u", place->stored,
				place->size);
	if (!ndb_decode(method, place->bid, out->bytes, out->size))
		return ost_fail(err, OST_BUG, "encoding %u", method);
	return OST_OK;
}

static enum ost_status read_block(struct ndb *db, const struct ndb_place *place,
				  struct ndb_block *out, struct ost_error *err)
{
	const uint32_t len = footprint(db->layout, place->stored);
	uint8_t *whole = malloc(len);
	enum ost_status st;

	if (whole == NULL)
		return ost_fail(err, OST_NO_MEMORY, "out of memory");
	st = source_read(db->source, place->ib, whole, len, err);
	if (st == OST_OK)
		st = check_trailer(db->layout, place, span_of(whole, len), err);
	if (st == OST_OK)
		st = decode(db, place, whole, out, err);
	free(whole);
	return st;
}

enum ost_status ndb_block_get(struct ndb *db, ndb_bid bid,
			      struct ndb_block **out, struct ost_error *err)
{
	struct ndb_block *b = cache_find(db->cache, cache_key_block(bid));
	struct ndb_place place;
	enum ost_status st = OST_OK;

	*out = b;
	if (b != NULL)
		return OST_OK;
	st = ndb_place_of(db, bid, &place, err);
	if (st != OST_OK)
		return st;
	st = check_place(db->layout, &place, err);
	if (st == OST_OK) {
		b = cache_blank(cache_key_block(bid), place.size);
		if (b == NULL)
			st = ost_fail(err, OST_NO_MEMORY, "out of memory");
	}
	if (st == OST_OK)
		st = read_block(db, &place, b, err);
	if (st != OST_OK) {
		ndb_block_drop(b);
		return ost_within(err, st, "block %#" PRIx64 " at %#" PRIx64,
				  bid.value, place.ib);
	}
	cache_put(db->cache, b);
	*out = b;
	return OST_OK;
}
