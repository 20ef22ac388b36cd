/*
 * heap.c - heap-on-node: small items in a node's blocks  [MS-PST] 2.3.1
 *
 * Block 0 begins with HNHDR, which has the fill levels of blocks 0 to 7;
 * blocks 8, 136, 264... begin with HNBITMAPHDR, which has those of 128. These
 * are kept until the levels are known. All others go out when full.
 */
#include "pst/heap.h"

#include <stdlib.h>

#include "pst/put.h"

enum {
	HN_SIGNATURE = 0xEC,
	HN_HEADER = 12,
	HN_LEVELS_AT = 8,
	BITMAP_HEADER = 66,
	BITMAP_LEVELS_AT = 2,
	PAGE_HEADER = 2,
	MAP_HEADER = 4, /* cAlloc, cFree */
	COUNT_MAX = 2047,
	BITMAP_FIRST = 8,
	BITMAP_EACH = 128,
};

static bool has_bitmap(size_t block)
{
	return block % BITMAP_EACH == BITMAP_FIRST;
}

static uint32_t header_size(size_t block)
{
	return block == 0	   ? HN_HEADER
	       : has_bitmap(block) ? BITMAP_HEADER
				   : PAGE_HEADER;
}

/* Where the page map of a block begins, and where it ends. */
static uint32_t map_at(uint32_t end)
{
	return (end + 1) & ~1U;
}

static uint32_t map_end(uint32_t end, uint32_t count)
{
	return map_at(end) + MAP_HEADER + 2 * (count + 1);
}

uint32_t pst_layout_put(struct pst_layout *l, size_t len)
{
	if (l->end == 0)
		l->end = header_size(l->block);
	if (l->count == COUNT_MAX ||
	    map_end(l->end + (uint32_t)len, l->count + 1) > PST_BLOCK_MAX) {
		l->block++;
		l->end = header_size(l->block);
		l->count = 0;
	}
	l->end += (uint32_t)len;
	l->count++;
	return l->count << 5 | (uint32_t)l->block << 16;
}

uint64_t pst_layout_size(const struct pst_layout *l)
{
	return (uint64_t)l->block * PST_BLOCK_MAX + map_end(l->end, l->count);
}

/* A block in memory. */
struct page {
	uint8_t bytes[PST_BLOCK_MAX];
	uint16_t ends[COUNT_MAX + 1]; /* of the items; the first: of nothing */
	uint32_t len;		      /* bytes to be written */
};

struct pst_heap {
	struct pst_data data;
	struct pst_layout layout;
	uint32_t root;
	uint8_t client;
	struct page *first, *bitmap, *now; /* owned; `now` may be one of the
					      others */
	size_t bitmap_place;
	uint8_t levels[BITMAP_EACH]; /* of blocks since the newest with levels;
					until block 8, since block 0 */
};

/* The fill level of a block with `free` bytes [MS-PST] 2.3.1.2 */
static uint8_t level_of(uint32_t free)
{
	static const uint16_t least[] = { 3584, 2560, 2048, 1792, 1536,
					  1280, 1024, 768,  512,  256,
					  128,	64,   32,   16,	  8 };
	uint8_t level = 0;

	while (level < sizeof(least) / sizeof(least[0]) && free < least[level])
		level++;
	return level;
}

static size_t level_place(size_t block)
{
	return block < BITMAP_FIRST ? block
				    : (block - BITMAP_FIRST) % BITMAP_EACH;
}

static struct page *page_new(size_t block)
{
	struct page *p = calloc(1, sizeof(*p));

	if (p != NULL)
		p->ends[0] = (uint16_t)header_size(block);
	return p;
}

enum ost_status pst_heap_new(struct pst_heap **heap, struct pst_out *out,
			     enum pst_heap_client client, uint32_t root,
			     struct ost_error *err)
{
	struct pst_heap *h = calloc(1, sizeof(*h));

	*heap = h;
	if (h == NULL)
		return ost_no_memory(err);
	h->data.out = out;
	h->client = (uint8_t)client;
	h->root = root;
	h->first = h->now = page_new(0);
	if (h->first != NULL)
		return OST_OK;
	free(h);
	*heap = NULL;
	return ost_no_memory(err);
}

void pst_heap_free(struct pst_heap *h)
{
	if (h == NULL)
		return;
	if (h->now != h->first && h->now != h->bitmap)
		free(h->now);
	free(h->bitmap);
	free(h->first);
	pst_data_free(&h->data);
	free(h);
}

/* Put the page map behind the items, HNPAGEMAP [MS-PST] 2.3.1.5. */
static void put_map(struct pst_heap *h, struct page *p)
{
	const uint32_t at = map_at(h->layout.end), count = h->layout.count;
	uint8_t *to = p->bytes + at;

	put16(p->bytes, (uint16_t)at);
	put16(to, (uint16_t)count);
	for (uint32_t i = 0; i <= count; i++)
		put16(to + MAP_HEADER + (size_t)i * 2, p->ends[i]);
	p->len = map_end(h->layout.end, count);
	h->levels[level_place(h->layout.block)] =
		level_of(PST_BLOCK_MAX - p->len);
}

static void put_levels(uint8_t *to, const uint8_t *levels, size_t count)
{
	for (size_t i = 0; i < count; i += 2)
		to[i / 2] = (uint8_t)(levels[i] | levels[i + 1] << 4);
}

/* All levels that the newest bitmap block tells, or block 0, are known. */
static enum ost_status write_levels(struct pst_heap *h, struct ost_error *err)
{
	enum ost_status st = OST_OK;

	if (h->layout.block < BITMAP_FIRST || h->bitmap == NULL) {
		put_levels(h->first->bytes + HN_LEVELS_AT, h->levels,
			   BITMAP_FIRST);
	} else {
		put_levels(h->bitmap->bytes + BITMAP_LEVELS_AT, h->levels,
			   BITMAP_EACH);
		st = pst_data_put(&h->data, h->bitmap_place,
				  span_of(h->bitmap->bytes, h->bitmap->len),
				  err);
		free(h->bitmap);
		h->bitmap = NULL;
	}
	memset(h->levels, 0, sizeof(h->levels));
	return st;
}

/* The block that was filled is done: write it, or keep its place. */
static enum ost_status leave_block(struct pst_heap *h, bool last,
				   struct ost_error *err)
{
	struct page *p = h->now;
	enum ost_status st;
	size_t place;

	put_map(h, p);
	if (!last)
		p->len = PST_BLOCK_MAX; /* zeros fill it up */
	h->now = NULL;
	if (p == h->first)
		return pst_data_keep(&h->data, &place, err);
	if (p == h->bitmap)
		return pst_data_keep(&h->data, &h->bitmap_place, err);
	st = pst_data_add(&h->data, span_of(p->bytes, p->len), err);
	free(p);
	return st;
}

static enum ost_status next_block(struct pst_heap *h, size_t block,
				  struct ost_error *err)
{
	enum ost_status st;

	if (block >= PST_HEAP_BLOCKS_MAX)
		return ost_fail(err, OST_LIMIT, "over 512 MiB of small values");
	st = leave_block(h, false, err);
	if (st == OST_OK && has_bitmap(block))
		st = write_levels(h, err);
	if (st != OST_OK)
		return st;
	h->now = page_new(block);
	if (has_bitmap(block))
		h->bitmap = h->now;
	return h->now != NULL ? OST_OK : ost_no_memory(err);
}

enum ost_status pst_heap_put(struct pst_heap *h, struct span bytes,
			     uint32_t *hid, struct ost_error *err)
{
	struct pst_layout next = h->layout;
	enum ost_status st = OST_OK;

	if (bytes.len == 0 || bytes.len > PST_ITEM_MAX || h->now == NULL)
		return ost_fail(err, OST_BUG, "a heap item of %zu bytes",
				bytes.len);
	*hid = pst_layout_put(&next, bytes.len);
	if (next.block != h->layout.block)
		st = next_block(h, next.block, err);
	if (st != OST_OK)
		return st;
	memcpy(h->now->bytes + next.end - bytes.len, bytes.at, bytes.len);
	h->now->ends[next.count] = (uint16_t)next.end;
	h->layout = next;
	return OST_OK;
}

enum ost_status pst_heap_change(struct pst_heap *h, uint32_t hid,
				struct span bytes, struct ost_error *err)
{
	const uint32_t index = hid >> 5;
	const uint16_t *ends = h->first->ends;

	if (index == 0 || index > COUNT_MAX || ends[index] == 0 ||
	    ends[index] - ends[index - 1] != (int)bytes.len)
		return ost_fail(err, OST_BUG, "heap item %#x cannot change",
				hid);
	memcpy(h->first->bytes + ends[index - 1], bytes.at, bytes.len);
	return OST_OK;
}

size_t pst_heap_blocks(const struct pst_heap *h)
{
	return h->layout.block + 1;
}

/* HNHDR [MS-PST] 2.3.1.2; its map and levels are there. */
static void put_header(const struct pst_heap *h)
{
	uint8_t *to = h->first->bytes;

	to[2] = HN_SIGNATURE;
	to[3] = h->client;
	put32(to + 4, h->root);
}

enum ost_status pst_heap_end(struct pst_heap *h, struct pst_part *part,
			     struct ost_error *err)
{
	enum ost_status st;

	if (h->layout.count == 0 || h->now == NULL)
		return ost_fail(err, OST_BUG, "a heap without items");
	st = leave_block(h, true, err);
	if (st == OST_OK)
		st = write_levels(h, err);
	put_header(h);
	if (st == OST_OK)
		st = pst_data_put(&h->data, 0,
				  span_of(h->first->bytes, h->first->len), err);
	return st == OST_OK ? pst_data_end(&h->data, part, err) : st;
}
