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
	PST_HEAP_PROPS = 0xBC,
};

enum {
	PST_ITEM_MAX = 3580,
	PST_HEAP_BLOCKS_MAX = 65536,
	PST_HEAP_BLOCKS_FULL = 60000, /* when a table is to be closed */
};

/* Where items come to lie. Zeroed it is an empty heap. */
struct pst_layout {
	size_t block;	/* which one is filled */
	uint32_t end;	/* bytes of it in use by items; 0: none was put */
	uint32_t count; /* items in it */
};

/* Place an item of `len` bytes, 1 to PST_ITEM_MAX, and give its HID. */
uint32_t pst_layout_put(struct pst_layout *l, size_t len);

/* Bytes of all blocks. */
uint64_t pst_layout_size(const struct pst_layout *l);

struct pst_heap;

/* A heap whose hidUserRoot is `root`. */
enum ost_status pst_heap_new(struct pst_heap **heap, struct pst_out *out,
			     enum pst_heap_client client, uint32_t root,
			     struct ost_error *err);

/* Put an item where pst_layout_put() would. OST_LIMIT: the heap is full. */
enum ost_status pst_heap_put(struct pst_heap *h, struct span bytes,
			     uint32_t *hid, struct ost_error *err);

/* Change an item of block 0; its length stays. */
enum ost_status pst_heap_change(struct pst_heap *h, uint32_t hid,
				struct span bytes, struct ost_error *err);

/* Blocks so far. */
size_t pst_heap_blocks(const struct pst_heap *h);

/* Write what is left. At least one item was put. */
enum ost_status pst_heap_end(struct pst_heap *h, struct pst_part *part,
			     struct ost_error *err);
void pst_heap_free(struct pst_heap *h); /* NULL is fine */

/*
 * A B-tree of `count` records, ascending, each a key of `key` bytes and an
 * entry of `entry`. Its header is an item that was put before, in block 0.
 */
enum { PST_BTH_HEADER = 8 };
struct pst_bth {
	uint8_t key, entry;
	uint32_t header; /* HID */
	uint32_t
		first; /* HID of the first leaf, if it was put before; else 0 */
};

/* Put the leaves, then what is above them, and change the header. */
enum ost_status pst_bth_put(struct pst_heap *h, const struct pst_bth *bth,
			    struct span records, struct ost_error *err);

/* Place the same, without a leaf that was put before. */
void pst_bth_layout(struct pst_layout *l, const struct pst_bth *bth,
		    size_t count);

/* Records in a full leaf. */
static inline size_t pst_bth_leaf(const struct pst_bth *bth)
{
	return PST_ITEM_MAX / ((size_t)bth->key + bth->entry);
}

#endif
