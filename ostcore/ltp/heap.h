/*
 * heap.h - private: heap-on-node, and B-trees on it  [MS-PST] 2.3.1, 2.3.2
 */
#ifndef OST_LTP_HEAP_H
#define OST_LTP_HEAP_H

#include "ltp/ltp.h"

enum heap_client {
	HEAP_PROPS = 0xBC,
	HEAP_TABLE = 0x7C,
	HEAP_COLUMN = 0xA5,
	HEAP_NO_LIST = 0xAC
};

/* A node read as a heap. Fixed once open, but for `streams`. */
struct heap {
	struct ndb *db;
	struct ndb_node node;
	struct ndb_stream *stream; /* owned: the node's data */
	size_t blocks;
	struct ndb_block *first; /* owned: the only block of most heaps */
	uint32_t root;		 /* hidUserRoot */
	unsigned index_bits;	 /* of an HID: 5 of type, these, the block's */
};

/* Read `node` as a heap made for `client`. */
enum ost_status heap_open(struct heap *h, struct ndb *db,
			  const struct ndb_node *node, enum heap_client client,
			  struct ost_error *err);
void heap_close(struct heap *h); /* zeroed is fine */

/*
 * The item `hid`, on loan from `*block`, which is owned: ndb_block_drop().
 * 0 is the empty item. OST_CORRUPT if there is none.
 */
enum ost_status heap_item(const struct heap *h, uint32_t hid,
			  struct ndb_block **block, struct span *out,
			  struct ost_error *err);

/* True if an HNID names a subnode, not a heap item. */
static inline bool heap_is_subnode(uint32_t hnid)
{
	return (hnid & 0x1F) != 0;
}

/* The data of the subnode that an HNID names. `*out` is owned. */
enum ost_status heap_subnode(const struct heap *h, uint32_t hnid,
			     struct ndb_stream **out, struct ost_error *err);

/* Bytes in the value at `hnid`, wherever it lies. */
enum ost_status heap_value_size(const struct heap *h, uint32_t hnid,
				uint64_t *out, struct ost_error *err);

/* Exactly `len` bytes from byte `off` of the value at `hnid`. */
enum ost_status heap_value_read(const struct heap *h, uint32_t hnid,
				uint64_t off, void *buf, size_t len,
				struct ost_error *err);

/* Bytes of a value that stands where its HNID would; 0: it never does. */
unsigned ltp_inline_size(uint16_t type);

/* Bytes of a value of `type`, wherever it lies; 0: as many as there are. */
unsigned ltp_fixed_size(uint16_t type);

/* Bytes of a value of `type` for which `stored` are kept: the rest is slack. */
uint64_t ltp_value_size(uint16_t type, uint64_t stored);

/* A B-tree-on-heap: its header. */
struct bth {
	const struct heap *heap;
	uint8_t key_size, entry_size; /* bytes */
	uint8_t levels;		      /* above the leaves */
	uint32_t root;
};

enum ost_status bth_open(struct bth *b, const struct heap *h, uint32_t hid,
			 struct ost_error *err);

/* Takes a record: key, then entry. False to stop. */
typedef bool bth_take(void *arg, struct span key, struct span entry);

/* Every record, in order of key. */
enum ost_status bth_each(const struct bth *b, bth_take *take, void *arg,
			 struct ost_error *err);

/* The entry with integer key `key`, copied; OST_NOT_FOUND. */
enum ost_status bth_find(const struct bth *b, uint64_t key, uint8_t *entry,
			 struct ost_error *err);

#endif
