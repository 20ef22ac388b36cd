/*
 * heap.h - private: heaps, and B-trees on them          [MS-PST] 2.3.1, 2.3.2
 *
 * Items are put one after another and go out as blocks fill. Block 0 and the
 * newest block with fill levels stay in memory until those are known; items
 * in block 0 can be changed until then.
 */
#ifndef OST_PST_HEAP_H
#define OST_PST_HEAP_H

#include "bytes/buf.h"
#include "pst/block.h"

enum pst_heap_client {
	PST_HEAP_TABLE = 0x7C,
	PST_HEAP_IDS = 0x9C,
	PST_HEAP_PROPS = 0xBC,
};

enum {
	PST_ITEM_MAX = 3580,
	PST_HEAP_BLOCKS_MAX = 65536,
	PST_HEAP_BLOCKS_FULL = 60000, /* when a table is to be closed */
};

struct pst_heap;

/*
 * A heap whose hidUserRoot is `root`. `out` NULL: it is laid out only, and
 * gives the same HIDs and sizes.
 */
enum ost_status pst_heap_new(struct pst_heap **heap, struct pst_out *out,
			     enum pst_heap_client client, uint32_t root,
			     struct ost_error *err);

/*
 * Put an item of 1 to PST_ITEM_MAX bytes; `*hid` is its name. `bytes.at` NULL:
 * zeros, to be changed. OST_LIMIT: the heap is full.
 */
enum ost_status pst_heap_put(struct pst_heap *h, struct span bytes,
			     uint32_t *hid, struct ost_error *err);

/* Change an item of block 0; its length stays. */
enum ost_status pst_heap_change(struct pst_heap *h, uint32_t hid,
				struct span bytes, struct ost_error *err);

/* Blocks so far. */
size_t pst_heap_blocks(const struct pst_heap *h);

/* Write what is left. */
enum ost_status pst_heap_end(struct pst_heap *h, struct pst_part *part,
			     struct ost_error *err);
void pst_heap_free(struct pst_heap *h); /* NULL is fine */

/*
 * Put a B-tree of `count` records, ascending, each a key of `key` bytes and
 * an entry of `entry`, the first `skip` of which are in the heap already as
 * leaf `first`. `header` is its item, of 8 bytes, put before in block 0.
 */
struct pst_bth {
	uint32_t header; /* HID */
	uint32_t first;	 /* HID of the leaf that was put before; 0: none */
	size_t skip;	 /* records in that leaf */
	uint8_t key, entry;
};
enum ost_status pst_bth_put(struct pst_heap *h, const struct pst_bth *bth,
			    struct span records, struct ost_error *err);

/* Records in a full leaf. */
static inline size_t pst_bth_leaf(uint8_t key, uint8_t entry)
{
	return PST_ITEM_MAX / ((size_t)key + entry);
}

#endif
