/*
 * layout.h - private: what differs between the formats, as data, and the
 * open store
 */
#ifndef OST_NDB_LAYOUT_H
#define OST_NDB_LAYOUT_H

#include "ndb/ndb.h"
#include "ndb/sums.h"

/* Formats are rows: no code below asks which format it reads. */
struct ndb_layout {
	/* pages [MS-PST] 2.2.2.7 */
	uint16_t page_size;
	uint16_t page_trailer; /* offset: ptype, ptypeRepeat, wSig, ... */
	uint16_t bt_counts;    /* offset: cEnt, cEntMax, cbEnt, cLevel */
	uint8_t count_width;   /* of cEnt and cEntMax */
	bool crc_first;	       /* in page trailers: dwCRC before bid */

	/* ids and references */
	uint8_t id_width; /* of NID, BID and IB in entries */

	/* blocks [MS-PST] 2.2.2.8 */
	uint8_t block_trailer; /* bytes */
	uint16_t block_align;  /* a block with its trailer fills these */
	uint32_t block_max;    /* bytes, trailer included */
	bool two_sizes;	       /* stored and inflated: deflate is possible */
	uint8_t sub_head;      /* bytes before the entries of an SLBLOCK */
	uint16_t root_at;      /* header: offset of ROOT */
	uint16_t crypt_at;     /* header: offset of bCryptMethod */
	bool full_crc;	       /* header: dwCRCFull is there */
};

extern const struct ndb_layout ndb_layouts[];

enum ndb_page_type { NDB_PAGE_BBT = 0x80, NDB_PAGE_NBT = 0x81 };

enum {
	NDB_HEADER_SIZE = 564,
	NDB_PAGE_MAX = 4096,
	NDB_DEPTH_MAX = 8,
	NDB_BLOCK_MAX = 65536,
	NDB_REST_MAX = 512 + 24, /* of a block: padding, trailer */
};

struct ndb_ref {
	ndb_bid bid;
	uint64_t ib; /* byte offset in the file */
};

struct cache;	/* cache.c */
struct latest;	/* btree.c */
struct health;	/* health.c */
struct heal;	/* heal.h */
struct history; /* history.c */

struct ndb {
	struct source *source; /* owned */
	const struct ndb_layout *layout;
	struct ndb_options options;
	struct ndb_info info;
	struct ndb_ref nbt, bbt; /* the roots */
	struct cache *cache;	 /* owned */
	struct latest *latest;	 /* owned; NULL: none are kept */
	struct health *health;	 /* owned */
	struct heal *heal;	 /* owned; NULL: nothing had to be healed */
	struct history
		*history; /* owned; NULL unless from ndb_history_open() */
};

/* Bit 0 of a BID is not part of the name [MS-PST] 2.2.2.2. */
static inline uint64_t bid_key(ndb_bid bid)
{
	return bid.value & ~UINT64_C(1);
}

/* XBLOCK, XXBLOCK, SLBLOCK, SIBLOCK: never encoded. */
static inline bool bid_is_internal(ndb_bid bid)
{
	return (bid.value & 2) != 0;
}

/*
 * Does a checksum that was computed differ from the one that is stored? A
 * fuzzer cannot guess checksums: for it they never do.
 */
static inline bool sum_differs(uint32_t computed, uint32_t stored)
{
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
	(void)computed, (void)stored;
	return false;
#else
	return computed != stored;
#endif
}

/* Undo bCryptMethod in place [MS-PST] 5.1, 5.2. False: an unknown method. */
bool ndb_decode(uint8_t method, ndb_bid bid, uint8_t *bytes, size_t len);

/* What a block says of itself at its end [MS-PST] 2.2.2.8.1 */
struct ndb_trailer {
	ndb_bid bid;
	uint16_t stored; /* bytes before padding and trailer */
	uint16_t size;	 /* bytes once inflated */
	uint32_t crc;	 /* of the stored bytes */
	uint16_t sig;
};

/* Where a block is: an entry of the block B-tree. */
struct ndb_place {
	ndb_bid bid;
	uint64_t ib;
	uint16_t stored; /* bytes in the file, without trailer */
	uint16_t size;	 /* bytes once inflated */
	uint16_t refs;	 /* cRef: its users, and one; 0: not known */
};

/*
 * header.c: what the header says. Statuses as ndb_open(), but it may name
 * roots that lie past the end of the file.
 */
enum ost_status ndb_header(struct ndb *db, struct ost_error *err);

/* header.c: is the first CRC of the header right? */
bool ndb_header_sums(struct span header);

/*
 * header.c: take the roots, the end of the file, how it was closed and its
 * encoding, whatever they are. False: too few bytes.
 */
bool ndb_root(struct ndb *db, struct span header);

/* Do the roots lie in the file? Else nothing can be found in it. */
enum ost_status ndb_header_roots(const struct ndb *db, struct ost_error *err);

/* header.c: an empty cache of the size that was asked for. */
enum ost_status ndb_cache(struct ndb *db, struct ost_error *err);

/* health.c */
enum ost_status health_new(struct health **out, struct ost_error *err);
void health_free(struct health *h);

/* Remember that `bid` at `off` is damaged, unless `status` says otherwise. */
void health_note(struct ndb *db, enum ndb_damaged what, ndb_bid bid,
		 uint64_t off, enum ost_status status,
		 const struct ost_error *why);

static inline enum ndb_damaged health_page(enum ndb_page_type type)
{
	return type == NDB_PAGE_NBT ? NDB_NODE_PAGE_BAD : NDB_BLOCK_PAGE_BAD;
}

/* btree.c: no leaves yet of those that were found in last. NULL: no memory. */
struct latest *latest_new(void);
void latest_free(struct latest *l); /* NULL is fine */

/* btree.c: the block named `bid`; OST_CORRUPT when the tree lacks it. */
enum ost_status ndb_place_of(struct ndb *db, ndb_bid bid, struct ndb_place *out,
			     struct ost_error *err);

/* block.c: the trailer in `bytes`; false: too few of them. */
bool ndb_block_trailer(const struct ndb_layout *layout, struct span bytes,
		       struct ndb_trailer *out);

/* Can a block have these sizes? */
bool ndb_block_fits(const struct ndb_layout *layout, uint32_t stored,
		    uint32_t size);

/* Bytes that a block of `stored` bytes takes in the file. */
uint32_t ndb_block_footprint(const struct ndb_layout *layout, uint32_t stored);

/*
 * block.c: the block named `bid`, decoded, from the cache or the file.
 * `*out` is owned: ndb_block_drop().
 */
enum ost_status ndb_block_get(struct ndb *db, ndb_bid bid,
			      struct ndb_block **out, struct ost_error *err);

/* The same of a block whose place is known. */
enum ost_status ndb_block_at(struct ndb *db, const struct ndb_place *place,
			     struct ndb_block **out, struct ost_error *err);

/* The same, with no error: NULL when it is not in the cache. */
struct ndb_block *ndb_block_cached(struct ndb *db,
				   const struct ndb_place *place);

/* Read the block at `place`, past the cache, to `to`: `place->size` bytes. */
enum ost_status ndb_block_read(struct ndb *db, const struct ndb_place *place,
			       uint8_t *to, struct ost_error *err);

/* cache.c: decoded blocks and verified pages, bounded. */
struct ndb_block {
	uint64_t key; /* cache_key_page() or cache_key_block() */
	size_t size;
	unsigned owners; /* atomic */
	uint32_t born;	 /* how many entries came before */
	bool proven;	 /* asked for again after a while, or sure to be */
	bool sifted;	 /* a page that lacks what was out of order */
	uint8_t order;	 /* enum order of its subnodes; atomic */
	struct ndb_block *chain; /* same bucket */
	struct ndb_block *newer, *older;
	uint8_t bytes[];
};

enum ost_status cache_new(struct cache **out, size_t max,
			  struct ost_error *err);
void cache_free(struct cache *c);

/* A page and a block may have the same number: bit 0 tells them apart. */
static inline uint64_t cache_key_page(uint64_t ib)
{
	return ib << 1 | 1;
}

static inline uint64_t cache_key_block(ndb_bid bid)
{
	return bid_key(bid);
}

/* One more owner. */
struct ndb_block *ndb_block_keep(struct ndb_block *b);

/* The entry `key`, with one more owner; NULL if it is not here. */
struct ndb_block *cache_find(struct cache *c, uint64_t key);

/* A new entry of `size` bytes for the caller to fill; NULL: no memory. */
struct ndb_block *cache_blank(uint64_t key, size_t size);

/* Offer a filled entry. The caller stays an owner. */
void cache_put(struct cache *c, struct ndb_block *b);

#endif
