/*
 * block.c - one block: read, check, decode, inflate     [MS-PST] 2.2.2.8
 */
#include <inttypes.h>
#include <libdeflate.h>
#include <pthread.h>
#include <stdlib.h>

#include "ndb/layout.h"

uint32_t ndb_block_footprint(const struct ndb_layout *layout, uint32_t stored)
{
	const uint32_t align = layout->block_align;

	return (stored + layout->block_trailer + align - 1) / align * align;
}

bool ndb_block_fits(const struct ndb_layout *layout, uint32_t stored,
		    uint32_t size)
{
	return stored > 0 && stored <= size &&
	       size <= layout->block_max - layout->block_trailer;
}

bool ndb_block_trailer(const struct ndb_layout *layout, struct span bytes,
		       struct ndb_trailer *out)
{
	struct cursor c = cur_at(bytes, 0);

	out->stored = cur_u16(&c);
	out->sig = cur_u16(&c);
	out->crc = layout->crc_first ? cur_u32(&c) : 0;
	out->bid.value = cur_uint(&c, layout->id_width);
	if (!layout->crc_first)
		out->crc = cur_u32(&c);
	if (layout->two_sizes)
		(void)cur_u16(&c); /* 2 */
	out->size = layout->two_sizes ? cur_u16(&c) : out->stored;
	return cur_ok(&c);
}

/*
 * What the trailer says [MS-PST] 2.2.2.8.1, against the block B-tree. `data`
 * is what is stored, `rest` the padding behind it and the trailer.
 */
static enum ost_status check_trailer(const struct ndb_layout *layout,
				     const struct ndb_place *place,
				     struct span data, struct span rest,
				     struct ost_error *err)
{
	struct ndb_trailer t;
	struct span bytes;

	if (!span_sub(rest, rest.len - layout->block_trailer,
		      layout->block_trailer, &bytes) ||
	    !ndb_block_trailer(layout, bytes, &t))
		return ost_fail(err, OST_BUG, "trailer of %zu bytes", rest.len);
	if (bid_key(t.bid) != bid_key(place->bid))
		return ost_fail(err, OST_CORRUPT,
				"found block %#" PRIx64 " in its place",
				t.bid.value);
	if (t.stored != place->stored)
		return ost_fail(err, OST_CORRUPT, "%u bytes, not %u", t.stored,
				place->stored);
	if (sum_differs(ndb_crc(data), t.crc))
		return ost_fail(err, OST_CORRUPT, "CRC is %#x, not %#x",
				ndb_crc(data), t.crc);
	if (sum_differs(ndb_signature(place->ib, t.bid), t.sig))
		return ost_fail(err, OST_CORRUPT, "signature is %#x, not %#x",
				t.sig, ndb_signature(place->ib, t.bid));
	return OST_OK;
}

/* What a thread needs to read a block, kept for the thread's life. */
struct scratch {
	struct libdeflate_decompressor *inflater;
	uint8_t deflated[NDB_BLOCK_MAX];
	uint8_t rest[NDB_REST_MAX]; /* padding and trailer */
};

static pthread_once_t scratch_once = PTHREAD_ONCE_INIT;
static pthread_key_t scratch_key;
static int scratch_error;

static void scratch_free(void *arg)
{
	struct scratch *s = arg;

	libdeflate_free_decompressor(s->inflater);
	free(s);
}

static void scratch_init(void)
{
	scratch_error = pthread_key_create(&scratch_key, scratch_free);
}

/* This thread's, on loan; NULL: no memory. */
static struct scratch *scratch_get(void)
{
	struct scratch *s;

	if (pthread_once(&scratch_once, scratch_init) != 0 ||
	    scratch_error != 0)
		return NULL;
	s = pthread_getspecific(scratch_key);
	if (s != NULL)
		return s;
	s = malloc(sizeof(*s));
	if (s == NULL)
		return NULL;
	s->inflater = libdeflate_alloc_decompressor();
	if (s->inflater != NULL && pthread_setspecific(scratch_key, s) == 0)
		return s;
	scratch_free(s);
	return NULL;
}

/* Fill `to` with what is stored, once it is what the trailer says. */
static enum ost_status load(struct ndb *db, const struct ndb_place *place,
			    struct scratch *s, uint8_t *to,
			    struct ost_error *err)
{
	const size_t stored = place->stored;
	const size_t rest =
		ndb_block_footprint(db->layout, place->stored) - stored;
	const bool deflated = stored != place->size;
	uint8_t *at = deflated ? s->deflated : to;
	enum ost_status st;

	st = source_read_on(db->source, place->ib, at, stored, s->rest, rest,
			    err);
	if (st == OST_OK)
		st = check_trailer(db->layout, place, span_of(at, stored),
				   span_of(s->rest, rest), err);
	if (st == OST_OK && deflated &&
	    libdeflate_zlib_decompress(s->inflater, at, stored, to, place->size,
				       NULL) != LIBDEFLATE_SUCCESS)
		st = ost_fail(err, OST_CORRUPT,
			      "%zu bytes do not inflate to %u", stored,
			      place->size);
	return st;
}

/* Why the place of a block is not known. */
static enum ost_status no_place(struct ndb *db, ndb_bid bid,
				struct ost_error *err)
{
	struct ndb_place place;
	const enum ost_status st = ndb_place_of(db, bid, &place, err);

	return st != OST_OK ? st
			    : ost_fail(err, OST_IO,
				       "block %#" PRIx64 " could not be found",
				       bid.value);
}

enum ost_status ndb_block_read(struct ndb *db, const struct ndb_place *place,
			       uint8_t *to, struct ost_error *err)
{
	const uint8_t method =
		bid_is_internal(place->bid) ? 0 : db->info.encoding;
	struct scratch *s = scratch_get();
	enum ost_status st = OST_OK;

	if (place->stored == 0)
		return no_place(db, place->bid, err);
	if (!ndb_block_fits(db->layout, place->stored, place->size))
		st = ost_fail(err, OST_CORRUPT,
			      "%u bytes stored for %u, more than fit",
			      place->stored, place->size);
	if (st == OST_OK && s == NULL)
		st = ost_no_memory(err);
	if (st == OST_OK)
		st = load(db, place, s, to, err);
	/*
	 * A block is encoded first and deflated then: so libpff and
	 * pst-extractor read it; no real store has both.
	 */
	if (st == OST_OK && !ndb_decode(method, place->bid, to, place->size))
		st = ost_fail(err, OST_BUG, "encoding %u", method);
	if (st == OST_OK)
		return OST_OK;
	health_note(db, NDB_BLOCK_BAD, place->bid, place->ib, st, err);
	return ost_within(err, st, "block %#" PRIx64 " at %#" PRIx64,
			  place->bid.value, place->ib);
}

struct ndb_block *ndb_block_cached(struct ndb *db,
				   const struct ndb_place *place)
{
	struct ndb_block *b =
		cache_find(db->cache, cache_key_block(place->bid));

	/* Under a file that changes, one BID may have had two places. */
	if (b == NULL || b->size == place->size)
		return b;
	ndb_block_drop(b);
	return NULL;
}

enum ost_status ndb_block_at(struct ndb *db, const struct ndb_place *place,
			     struct ndb_block **out, struct ost_error *err)
{
	struct ndb_block *b = ndb_block_cached(db, place);
	enum ost_status st;

	*out = b;
	if (b != NULL)
		return OST_OK;
	b = cache_blank(cache_key_block(place->bid), place->size);
	if (b == NULL)
		return ost_no_memory(err);
	st = ndb_block_read(db, place, b->bytes, err);
	if (st != OST_OK) {
		ndb_block_drop(b);
		return st;
	}
	cache_put(db->cache, b);
	*out = b;
	return OST_OK;
}

enum ost_status ndb_block_get(struct ndb *db, ndb_bid bid,
			      struct ndb_block **out, struct ost_error *err)
{
	struct ndb_place place;
	enum ost_status st;

	*out = cache_find(db->cache, cache_key_block(bid));
	if (*out != NULL)
		return OST_OK;
	st = ndb_place_of(db, bid, &place, err);
	return st == OST_OK ? ndb_block_at(db, &place, out, err) : st;
}
