/*
 * stream.c - a node's blocks as one run of bytes        [MS-PST] 2.2.2.8.3.2
 *
 * A node's data is one block, or an XBLOCK that names data blocks, or an
 * XXBLOCK that names XBLOCKs. Opening reads the top block, which tells the
 * size. All data blocks are full but the last, so which of them holds a byte
 * is worked out; only where that does not fit are they all looked up.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "ndb/internal.h"

#include "bytes/sorted.h"

enum {
	XBLOCK = 1,
	XBLOCK_HEAD = 8,      /* bytes before its BIDs */
	LEAVES_MAX = 1 << 20, /* over 4 GiB of full blocks */
};

struct leaf {
	struct ndb_place place;
	uint64_t start; /* of its bytes in the stream */
};

struct ndb_stream {
	struct ndb *db;
	ndb_bid root;
	uint64_t size;
	pthread_mutex_t lock; /* of `leaves` and `count` while they are made */
	struct leaf *leaves;  /* owned, or `only`; one more than `count` */
	size_t count;
	bool ready;	     /* atomic */
	struct leaf only[2]; /* of a stream of one block, as most are */
	int shape;	     /* atomic; enum shape */
};

/* Are all blocks of a stream full but the last? */
enum shape { SHAPE_UNKNOWN, SHAPE_FULL, SHAPE_OTHER };

enum ost_status xblock_decode(const struct ndb_layout *layout,
			      struct span bytes, struct xblock *out,
			      struct ost_error *err)
{
	struct cursor c = cur_at(bytes, 0);
	const uint8_t type = cur_u8(&c);

	out->level = cur_u8(&c);
	out->count = cur_u16(&c);
	out->total = cur_u32(&c);
	out->bids = cur_at(
		cur_span(&c, (uint64_t)out->count * layout->id_width), 0);
	if (!cur_ok(&c))
		return ost_fail(err, OST_CORRUPT,
				"XBLOCK of %zu bytes cannot hold %u entries",
				bytes.len, out->count);
	if (type != XBLOCK || out->level < 1 || out->level > 2)
		return ost_fail(err, OST_CORRUPT,
				"internal block of type %u, level %u, where "
				"an XBLOCK should be",
				type, out->level);
	return OST_OK;
}

/* Bytes in a block that is full. */
static uint32_t full_block(const struct ndb *db)
{
	return db->layout->block_max - db->layout->block_trailer;
}

/* A stream of one data block, or with a BID of 0 of none. */
static enum ost_status measure_only(struct ndb_stream *s, struct ost_error *err)
{
	enum ost_status st = OST_OK;

	if (bid_key(s->root) != 0) {
		st = ndb_place_of(s->db, s->root, &s->only[0].place, err);
		s->count = 1;
	}
	s->size = s->only[0].place.size;
	s->only[s->count].start = s->size;
	s->leaves = s->only;
	s->ready = true;
	return st;
}

/* The size of the stream, from its top block alone. */
static enum ost_status measure(struct ndb_stream *s, struct ost_error *err)
{
	struct ndb_block *block = NULL;
	struct xblock x;
	enum ost_status st;

	if (!bid_is_internal(s->root))
		return measure_only(s, err);
	st = ndb_block_get(s->db, s->root, &block, err);
	if (st == OST_OK)
		st = xblock_decode(s->db->layout, ndb_block_span(block), &x,
				   err);
	if (st == OST_OK)
		s->size = x.total;
	ndb_block_drop(block);
	return st;
}

enum ost_status ndb_stream_open(struct ndb_stream **out, struct ndb *db,
				ndb_bid data, struct ost_error *err)
{
	struct ndb_stream *s = calloc(1, sizeof(*s));
	enum ost_status st;

	*out = NULL;
	if (s == NULL)
		return ost_no_memory(err);
	pthread_mutex_init(&s->lock, NULL);
	s->db = db;
	s->root = data;
	st = measure(s, err);
	if (st != OST_OK) {
		ndb_stream_close(s);
		return st;
	}
	*out = s;
	return OST_OK;
}

uint64_t ndb_stream_size(const struct ndb_stream *s)
{
	return s->size;
}

/* The leaves while they are gathered. */
struct gather {
	struct leaf *leaves;
	size_t count, cap;
	uint64_t size;
	size_t lost; /* whose place is not known */
};

static enum ost_status add_leaf(struct ndb *db, struct gather *g, ndb_bid bid,
				struct ost_error *err)
{
	struct ndb_place place = { .size = 0 };
	enum ost_status st = OST_OK;

	if (g->count + 1 >= g->cap) { /* one is kept for the end */
		const size_t cap = g->cap == 0 ? 4 : g->cap * 2;
		struct leaf *more =
			realloc(g->leaves, cap * sizeof(*g->leaves));

		if (more == NULL)
			return ost_no_memory(err);
		g->leaves = more;
		g->cap = cap;
	}
	if (bid_key(bid) == 0)
		return OST_OK;
	st = ndb_place_of(db, bid, &place, err);
	if (st != OST_OK && st != OST_CORRUPT && st != OST_IO)
		return st;
	if (st != OST_OK) {
		place = (struct ndb_place){ .bid = bid };
		g->lost++;
	}
	g->leaves[g->count++].place = place;
	g->size += place.size;
	return OST_OK;
}

/*
 * A block whose place is lost has a size still, for all blocks are full but
 * the last: only its own bytes cannot be read. False: it does not add up.
 */
static bool measure_lost(const struct ndb *db, struct gather *g, uint64_t size)
{
	const uint32_t full = full_block(db);

	for (size_t i = 0; i < g->count && g->size < size; i++) {
		struct ndb_place *place = &g->leaves[i].place;
		const uint64_t rest = size - g->size;

		if (place->size > 0)
			continue;
		place->size = (uint16_t)(rest < full ? rest : full);
		g->size += place->size;
		g->lost--;
	}
	return g->lost == 0;
}

/* Where each leaf begins, and one more, the end. */
static void place_leaves(struct gather *g)
{
	uint64_t start = 0;

	for (size_t i = 0; i < g->count; i++) {
		g->leaves[i].start = start;
		start += g->leaves[i].place.size;
	}
	if (g->leaves != NULL)
		g->leaves[g->count] = (struct leaf){ .start = start };
}

/*
 * Gather the data blocks under `bid`. `level` is what an internal block here
 * must be: 2 or 1 at the top, 1 below an XXBLOCK, 0 below an XBLOCK.
 */
static enum ost_status gather(struct ndb *db, ndb_bid bid, unsigned max_level,
			      struct gather *g, struct ost_error *err)
{
	struct ndb_block *block = NULL;
	struct xblock x;
	enum ost_status st;

	if (!bid_is_internal(bid))
		return add_leaf(db, g, bid, err);
	if (max_level == 0)
		return ost_fail(err, OST_CORRUPT,
				"XBLOCK %#" PRIx64 " where data should be",
				bid.value);
	st = ndb_block_get(db, bid, &block, err);
	if (st == OST_OK)
		st = xblock_decode(db->layout, ndb_block_span(block), &x, err);
	if (st == OST_OK && x.level > max_level)
		st = ost_fail(err, OST_CORRUPT, "level %u below level %u",
			      x.level, max_level + 1);
	for (unsigned i = 0; st == OST_OK && i < x.count; i++) {
		const ndb_bid below = { cur_uint(&x.bids,
						 db->layout->id_width) };

		if (g->count > LEAVES_MAX)
			st = ost_fail(err, OST_LIMIT, "over %d data blocks",
				      LEAVES_MAX);
		else
			st = gather(db, below, x.level - 1U, g, err);
	}
	ndb_block_drop(block);
	if (st == OST_OK || st == OST_NO_MEMORY)
		return st;
	return ost_within(err, st, "data tree %#" PRIx64, bid.value);
}

/* Make `leaves`, once. */
static enum ost_status index_leaves(struct ndb_stream *s, struct ost_error *err)
{
	struct gather g = { 0 };
	enum ost_status st = OST_OK;

	if (__atomic_load_n(&s->ready, __ATOMIC_ACQUIRE))
		return OST_OK;
	st = gather(s->db, s->root, 2, &g, err);
	if (st == OST_OK && g.lost > 0 && !measure_lost(s->db, &g, s->size))
		st = ost_fail(err, OST_CORRUPT,
			      "data tree %#" PRIx64 " has lost blocks",
			      s->root.value);
	place_leaves(&g);
	if (st == OST_OK && g.size != s->size)
		st = ost_fail(err, OST_CORRUPT,
			      "data tree %#" PRIx64 " has %" PRIu64
			      " bytes, not %" PRIu64,
			      s->root.value, g.size, s->size);
	pthread_mutex_lock(&s->lock);
	if (st == OST_OK && !s->ready) {
		s->leaves = g.leaves;
		s->count = g.count;
		g.leaves = NULL;
		__atomic_store_n(&s->ready, true, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&s->lock);
	free(g.leaves);
	return st;
}

/* The leaf that holds byte `off`, which lies in the stream. */
static size_t leaf_of(const struct ndb_stream *s, uint64_t off)
{
	size_t above;

	SORTED_FIRST(above, s->count, i, s->leaves[i].start <= off);
	return above - 1;
}

/*
 * Bytes of a leaf from its byte `skip` on, at most `len`; `*got`: how many.
 * A block that is wanted whole is read where it is wanted: that is how large
 * data is read, front to back, and keeping it would only cost other blocks.
 */
static enum ost_status read_leaf(struct ndb_stream *s,
				 const struct ndb_place *place, uint64_t skip,
				 uint8_t *to, size_t len, size_t *got,
				 struct ost_error *err)
{
	struct ndb_block *block = ndb_block_cached(s->db, place);
	struct span part;
	enum ost_status st = OST_OK;

	if (block == NULL && skip == 0 && len >= place->size) {
		*got = place->size;
		return ndb_block_read(s->db, place, to, err);
	}
	if (block == NULL)
		st = ndb_block_at(s->db, place, &block, err);
	if (st != OST_OK)
		return st;
	(void)span_sub(ndb_block_span(block), skip, place->size - skip, &part);
	*got = part.len < len ? part.len : len;
	memcpy(to, part.at, *got);
	ndb_block_drop(block);
	return OST_OK;
}

/* A way down to a leaf where all leaves are full but the last. */
struct way {
	ndb_bid bid;
	unsigned level; /* that an internal block here may have */
	uint64_t index; /* of the leaf, below `bid` */
	uint64_t size;	/* of all that is below `bid` */
};

/* One step down; OST_NOT_FOUND where not all are full. */
static enum ost_status step_down(struct ndb *db, struct way *w,
				 struct ost_error *err)
{
	const uint8_t width = db->layout->id_width;
	const uint64_t full = full_block(db);
	struct ndb_block *block = NULL;
	struct xblock x;
	enum ost_status st = ndb_block_get(db, w->bid, &block, err);

	if (st == OST_OK)
		st = xblock_decode(db->layout, ndb_block_span(block), &x, err);
	if (st == OST_OK) {
		const uint64_t leaves =
			x.level == 2 ? (full - XBLOCK_HEAD) / width : 1;
		const uint64_t child = w->index / leaves;
		const uint64_t rest = w->size - child * leaves * full;

		if (x.level > w->level || x.total != w->size ||
		    x.count != (w->size + leaves * full - 1) / (leaves * full))
			st = ost_none(err, "full block", w->index);
		(void)cur_span(&x.bids, child * width);
		w->bid.value = cur_uint(&x.bids, width);
		w->level = x.level - 1U;
		w->index %= leaves;
		w->size = rest < leaves * full ? rest : leaves * full;
	}
	ndb_block_drop(block);
	return st;
}

/*
 * Leaf `index`, from the blocks above it alone. OST_NOT_FOUND where leaves are
 * not all full but the last.
 */
static enum ost_status find_leaf(struct ndb_stream *s, uint64_t index,
				 struct ndb_place *out, struct ost_error *err)
{
	struct way w = { s->root, 2, index, s->size };
	enum ost_status st = OST_OK;

	while (st == OST_OK && w.level > 0 && bid_is_internal(w.bid))
		st = step_down(s->db, &w, err);
	if (st == OST_OK && (bid_is_internal(w.bid) || bid_key(w.bid) == 0))
		st = ost_none(err, "full block", index);
	if (st == OST_OK)
		st = ndb_place_of(s->db, w.bid, out, err);
	return st == OST_OK && out->size != w.size
		       ? ost_none(err, "full block", index)
		       : st;
}

/*
 * If the last block has what it would have were all others full, they are:
 * none can have more, and the sum is known. Asked once.
 */
static bool is_full(struct ndb_stream *s)
{
	int shape = __atomic_load_n(&s->shape, __ATOMIC_ACQUIRE);
	struct ndb_place last;
	struct ost_error why;
	enum ost_status st;

	if (shape != SHAPE_UNKNOWN || s->size == 0)
		return shape == SHAPE_FULL;
	st = find_leaf(s, (s->size - 1) / full_block(s->db), &last, &why);
	if (ost_is_transient(st))
		return false;
	shape = st == OST_OK ? SHAPE_FULL : SHAPE_OTHER;
	__atomic_store_n(&s->shape, shape, __ATOMIC_RELEASE);
	return shape == SHAPE_FULL;
}

/* The leaf that holds byte `off`, and where in the stream it starts. */
static enum ost_status leaf_at(struct ndb_stream *s, uint64_t off,
			       struct ndb_place *out, uint64_t *start,
			       struct ost_error *err)
{
	const uint32_t full = full_block(s->db);
	enum ost_status st;

	*start = off / full * full;
	if (!__atomic_load_n(&s->ready, __ATOMIC_ACQUIRE) && is_full(s) &&
	    find_leaf(s, off / full, out, err) == OST_OK)
		return OST_OK;
	st = index_leaves(s, err);
	if (st == OST_OK) {
		const struct leaf *leaf = &s->leaves[leaf_of(s, off)];

		*out = leaf->place;
		*start = leaf->start;
	}
	return st;
}

enum ost_status ndb_stream_read(struct ndb_stream *s, uint64_t off, void *buf,
				size_t len, struct ost_error *err)
{
	uint8_t *to = buf;
	enum ost_status st = OST_OK;

	if (off > s->size || len > s->size - off)
		return ost_fail(err, OST_CORRUPT,
				"%zu bytes at %" PRIu64
				" lie past the end of the data, %" PRIu64,
				len, off, s->size);
	if (len == 0 && !is_full(s))
		return index_leaves(s, err);
	while (st == OST_OK && len > 0) {
		struct ndb_place place;
		uint64_t start;
		size_t got = 0;

		st = leaf_at(s, off, &place, &start, err);
		if (st == OST_OK)
			st = read_leaf(s, &place, off - start, to, len, &got,
				       err);
		to += got;
		off += got;
		len -= got;
	}
	return st;
}

enum ost_status ndb_stream_blocks(struct ndb_stream *s, size_t *out,
				  struct ost_error *err)
{
	const enum ost_status st = index_leaves(s, err);

	*out = st == OST_OK ? s->count : 0;
	return st;
}

enum ost_status ndb_stream_extent(struct ndb_stream *s, size_t index,
				  uint64_t *start, uint64_t *size,
				  struct ost_error *err)
{
	const enum ost_status st = index_leaves(s, err);

	if (st != OST_OK)
		return st;
	if (index >= s->count)
		return ost_fail(err, OST_CORRUPT, "no block %zu of %zu", index,
				s->count);
	*start = s->leaves[index].start;
	*size = s->leaves[index + 1].start - *start;
	return OST_OK;
}

enum ost_status ndb_stream_block(struct ndb_stream *s, size_t index,
				 struct ndb_block **out, struct ost_error *err)
{
	uint64_t start, size;
	const enum ost_status st =
		ndb_stream_extent(s, index, &start, &size, err);

	*out = NULL;
	return st == OST_OK
		       ? ndb_block_at(s->db, &s->leaves[index].place, out, err)
		       : st;
}

void ndb_stream_close(struct ndb_stream *s)
{
	if (s == NULL)
		return;
	pthread_mutex_destroy(&s->lock);
	if (s->leaves != s->only)
		free(s->leaves);
	free(s);
}
