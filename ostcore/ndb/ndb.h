/*
 * ndb.h - the node database: pages, blocks, nodes        [MS-PST] 2.2
 *
 * Knows how a store keeps named runs of bytes; knows nothing of what is in
 * them. Everything is checked as it is read: page and block signatures, CRCs,
 * and that what a reference names is what is found there. An open ndb and
 * all it hands out may be used by many threads at once.
 */
#ifndef OST_NDB_H
#define OST_NDB_H

#include "bytes/bytes.h"
#include "bytes/error.h"
#include "bytes/source.h"

struct ndb;	   /* one open store */
struct ndb_block;  /* one block's data, decoded; shared, counted */
struct ndb_stream; /* one node's data, read at any offset */

/* Two kinds of number that must never be swapped, so neither is a number. */
typedef struct {
	uint32_t value;
} ndb_nid; /* names a node: 5 bits of type, 27 of index (2.2.2.1) */
typedef struct {
	uint64_t value;
} ndb_bid; /* names a block (2.2.2.2); 0: none */

struct ndb_node {
	ndb_nid nid;
	ndb_nid parent;	  /* meaningful in the node B-tree only */
	ndb_bid data;	  /* 0: the node has no data */
	ndb_bid subnodes; /* 0: the node has no subnodes */
};

enum ndb_format { NDB_ANSI, NDB_UNICODE, NDB_UNICODE_4K };

/* What healing found: all zero when there was no need. */
struct ndb_healing {
	bool header;	/* it could not be believed */
	uint64_t pages; /* of the B-trees, that could not be read */
	uint64_t nodes; /* entries found elsewhere, of each tree */
	uint64_t blocks;
};

/* What the header says of the store, and what of it can be seen at once. */
struct ndb_info {
	enum ndb_format format;
	uint16_t version;    /* wVer: 14, 15, 21, 23, 36 */
	char client[3];	     /* wMagicClient: "SM" a .pst, "SO" an .ost */
	uint8_t encoding;    /* bCryptMethod: 0 none, 1 permute, 2 cyclic */
	bool clean;	     /* fAMapValid: closed in good order */
	uint64_t size;	     /* bytes in the file */
	uint64_t header_eof; /* bytes the header says there are */
	int64_t mtime;	     /* of the file, seconds since 1970 */
	struct ndb_healing healing;
};

/* How a store is opened; NULL is all zero. */
struct ndb_options {
	size_t cache; /* bytes of decoded blocks and pages kept; 0: 16 MiB */
	bool heal;    /* find by a scan what a damaged index cannot give */

	/* Told how far a scan has come, in bytes; NULL: nobody is. */
	void (*progress)(void *arg, uint64_t done, uint64_t size);
	void *arg;
};

/*
 * Open the store in `src`, which the ndb then owns, even on failure.
 * OST_NOT_STORE, OST_BAD_HEADER, OST_UNSUPPORTED (an unknown version),
 * OST_ENCRYPTED (wVer 37), OST_TRUNCATED (the roots lie past the end).
 */
enum ost_status ndb_open(struct ndb **out, struct source *src,
			 const struct ndb_options *options,
			 struct ost_error *err);

void ndb_close(struct ndb *db); /* NULL is fine */

/* On loan for the ndb's life. */
const struct ndb_info *ndb_info(const struct ndb *db);

/* source_check() of the file. */
enum ost_status ndb_check(struct ndb *db, struct ost_error *err);

/*
 * A page or block that was damaged when it was read, a table's index, a list
 * of folders, a node whose properties are gone, or the subnodes of a message
 * that none leads to.
 */
enum ndb_damaged {
	NDB_NODE_PAGE_BAD,
	NDB_BLOCK_PAGE_BAD,
	NDB_BLOCK_BAD,
	NDB_ROWS_BAD,
	NDB_LIST_BAD,
	NDB_PROPS_BAD,
	NDB_BLOCK_ORPHAN,
};

struct ndb_damage {
	enum ndb_damaged what;
	ndb_bid bid;
	uint64_t off; /* in the file */
	struct ost_error why;
};

enum { NDB_DAMAGE_MAX = 1 << 14 };

/*
 * Damage number `index` of what was met since the store was opened, each page
 * and block once, by its place in the file, of the first NDB_DAMAGE_MAX that
 * were met. False: there is no more so far.
 */
bool ndb_damage(struct ndb *db, size_t index, struct ndb_damage *out);

/* How many were met, all of them. */
uint64_t ndb_damage_count(struct ndb *db);

/*
 * Remember that the table or the properties that are `node` are damaged: its
 * row index disagrees with its rows, as a list of folders it goes in a circle,
 * or there are no properties.
 */
void ndb_note_table(struct ndb *db, enum ndb_damaged what,
		    const struct ndb_node *node, const struct ost_error *why);

/*
 * Look for subnodes of messages to which nothing leads, in a store with
 * messages that have none: ndb_damage() tells of them. Reads both trees and all
 * blocks that are no data, and takes 8 bytes a block. Where the trees are
 * damaged, or healed, that is told already.
 */
enum ost_status ndb_find_orphans(struct ndb *db, struct ost_error *err);

/* Find the node named `nid`; OST_NOT_FOUND when there is none. */
enum ost_status ndb_find(struct ndb *db, ndb_nid nid, struct ndb_node *out,
			 struct ost_error *err);

/*
 * The node with the lowest NID at or above `nid`; OST_NOT_FOUND past the last.
 * Damaged pages are passed over: ndb_damage() tells of them.
 */
enum ost_status ndb_next(struct ndb *db, ndb_nid nid, struct ndb_node *out,
			 struct ost_error *err);

/* The same two among `owner`'s subnodes. */
enum ost_status ndb_find_sub(struct ndb *db, const struct ndb_node *owner,
			     ndb_nid nid, struct ndb_node *out,
			     struct ost_error *err);
enum ost_status ndb_next_sub(struct ndb *db, const struct ndb_node *owner,
			     ndb_nid nid, struct ndb_node *out,
			     struct ost_error *err);

/*
 * THE PAST: a scan of the file for nodes that were changed or deleted since,
 * of which old pages still tell. `*out` is the store with all blocks that are
 * still whole, the unused ones too: read those nodes in it. To be closed with
 * ndb_history_close(), before `db`.
 */
enum ost_status ndb_history_open(struct ndb **out, struct ndb *db,
				 struct ost_error *err);
void ndb_history_close(struct ndb *history); /* NULL is fine */

/*
 * Old node `index`: by NID, the latest first; no two have the same data and
 * subnodes, nor has one those of a node that is. False past the last.
 */
bool ndb_history_node(const struct ndb *history, size_t index,
		      struct ndb_node *out);

/*
 * Open the data of a node, 0 for an empty stream. The stream is owned and
 * must not outlive `db`. Reads only the top block of the tree.
 */
enum ost_status ndb_stream_open(struct ndb_stream **out, struct ndb *db,
				ndb_bid data, struct ost_error *err);

/* Bytes in the stream. */
uint64_t ndb_stream_size(const struct ndb_stream *s);

/*
 * Fill `buf` with exactly `len` bytes from byte `off` of the stream.
 * Reads only the blocks it needs. OST_CORRUPT past the end of the stream.
 */
enum ost_status ndb_stream_read(struct ndb_stream *s, uint64_t off, void *buf,
				size_t len, struct ost_error *err);

/* How many blocks of data the stream has: heaps and rows count by block. */
enum ost_status ndb_stream_blocks(struct ndb_stream *s, size_t *out,
				  struct ost_error *err);

/* Where data block `index` lies in the stream. OST_CORRUPT past the last. */
enum ost_status ndb_stream_extent(struct ndb_stream *s, size_t index,
				  uint64_t *start, uint64_t *size,
				  struct ost_error *err);

/*
 * Data block `index` whole. `*out` is owned: give it back with
 * ndb_block_drop(). OST_CORRUPT past the last.
 */
enum ost_status ndb_stream_block(struct ndb_stream *s, size_t index,
				 struct ndb_block **out, struct ost_error *err);

void ndb_stream_close(struct ndb_stream *s); /* NULL is fine */

/* A block's data, on loan until it is dropped. */
struct span ndb_block_span(const struct ndb_block *b);

void ndb_block_drop(struct ndb_block *b); /* NULL is fine */

#endif
