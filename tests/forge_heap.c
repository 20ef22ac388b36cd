#include "forge_private.h"

/*
 * A heap-on-node [MS-PST] 2.3.1, streamed: each block is written once it is
 * full, but block 0, whose header names the root, is kept to the end.
 */

static const uint64_t *u64s(const struct buf *b)
{
	return (const uint64_t *)(void *)b->at;
}

/* HNHDR, HNBITMAPHDR in block 8 and every 128 after, else HNPAGEHDR. */
static size_t header_size(size_t block)
{
	if (block == 0)
		return 12;
	return block >= 8 && (block - 8) % 128 == 0 ? 66 : 2;
}

/*
 * Fill levels all say full: it is always allowed, these heaps do not grow,
 * and so no block needs to be changed after it was written.
 */
static void begin_block(struct heap *h)
{
	const size_t size = header_size(h->blocks);
	uint8_t header[66];

	memset(header, 0xFF, sizeof(header));
	put_uint(header, 2, 0);
	if (h->blocks == 0) {
		header[2] = 0xEC;
		header[3] = h->client;
		put_uint(header + 4, 4, 0);
	}
	buf_add(&h->block, header, size);
}

static size_t starts_count(const struct heap *h)
{
	return h->starts.len / sizeof(uint16_t);
}

/* HNPAGEMAP at the end of the block, and the offset of it at its start. */
static void end_block(struct heap *h)
{
	const uint16_t *starts = (const uint16_t *)(void *)h->starts.at;
	const size_t count = starts_count(h), end = h->block.len;
	uint8_t word[2];

	if (h->block.len % 2 != 0)
		buf_byte(&h->block, 0);

	const size_t map = h->block.len;
	put_uint(word, 2, count);
	buf_add(&h->block, word, 2);
	put_uint(word, 2, 0);
	buf_add(&h->block, word, 2);
	for (size_t i = 0; i <= count; i++) {
		put_uint(word, 2, i < count ? starts[i] : end);
		buf_add(&h->block, word, 2);
	}
	if (forge_ok(h->f, &h->block))
		put_uint((uint8_t *)h->block.at, 2, map);
	buf_cut(&h->starts, 0);
}

/* Fill up the block that is done with, and begin the next. */
static void next_block(struct heap *h)
{
	uint64_t bid = 0;

	end_block(h);
	if (!forge_ok(h->f, &h->block))
		return;

	const size_t rest = h->f->block_size - h->block.len;
	void *pad = buf_more(&h->block, rest);
	if (pad == NULL)
		return;
	memset(pad, 0, rest);
	if (h->blocks == 0) {
		h->first = h->block;
		h->block = (struct buf){ 0 };
	} else {
		bid = block_write(h->f, h->block.at, h->block.len, false);
		buf_cut(&h->block, 0);
	}
	buf_add(&h->bids, &bid, sizeof(bid));
	h->blocks++;
	begin_block(h);
}

/* An allocation; its HID, 0 for one of no bytes. */
uint32_t heap_add(struct heap *h, const void *bytes, size_t len)
{
	const struct forge_layout *l = h->f->layout;
	const size_t max = (1U << l->hid_bits) - 1;

	if (len == 0 || !forge_ok(h->f, &h->block))
		return 0;

	/* its bytes, a byte to make it even, the map with two offsets more */
	const size_t count = starts_count(h);
	const size_t whole = h->block.len + len + 1 + 4 + 2 * (count + 2);
	if (count == max || (whole > h->f->block_size && count > 0))
		next_block(h);
	if (h->blocks >> (27 - l->hid_bits) != 0 ||
	    header_size(h->blocks) + len + 9 > h->f->block_size) {
		forge_fail(h->f, OST_LIMIT, "a heap of so many bytes");
		return 0;
	}

	const uint16_t start = (uint16_t)h->block.len;
	buf_add(&h->starts, &start, sizeof(start));
	buf_add(&h->block, bytes, len);
	(void)forge_ok(h->f, &h->starts);
	return (uint32_t)(h->blocks << (5 + l->hid_bits) | starts_count(h)
								   << 5);
}

/* A heap of nothing but values. */
void heap_begin(struct heap *h, struct forge *f, uint8_t client)
{
	*h = (struct heap){ .f = f, .client = client };
	begin_block(h);
}

/*
 * A heap whose first allocation, HID 0x20, is an empty BTHHEADER: there
 * Outlook puts it, and some readers look nowhere else.
 */
void heap_new(struct heap *h, struct forge *f, uint8_t client)
{
	static const uint8_t header[8];

	heap_begin(h, f, client);
	(void)heap_add(h, header, sizeof(header));
}

/* Fill in bytes of block 0, which is still here. */
void heap_fill(struct heap *h, size_t off, const void *bytes, size_t len)
{
	struct buf *first = h->blocks == 0 ? &h->block : &h->first;

	if (forge_ok(h->f, first))
		memcpy(first->at + off, bytes, len);
}

void heap_free(struct heap *h)
{
	buf_free(&h->block);
	buf_free(&h->starts);
	buf_free(&h->first);
	buf_free(&h->bids);
}

/* Name the root and write what is left. Returns the BID of the heap. */
uint64_t heap_end(struct heap *h, uint32_t root)
{
	const bool one = h->blocks == 0;
	uint64_t bid = 0;

	end_block(h);

	const size_t last = h->block.len;
	struct buf *first = one ? &h->block : &h->first;
	if (forge_ok(h->f, first) && forge_ok(h->f, &h->bids)) {
		put_uint((uint8_t *)first->at + 4, 4, root);
		bid = block_write(h->f, first->at, first->len, false);
	}
	if (!one && forge_ok(h->f, NULL)) {
		memcpy(h->bids.at, &bid, sizeof(bid));
		bid = block_write(h->f, h->block.at, last, false);
		buf_add(&h->bids, &bid, sizeof(bid));
		if (forge_ok(h->f, &h->bids))
			bid = tree_top(h->f, u64s(&h->bids), h->blocks + 1,
				       (uint64_t)h->blocks * h->f->block_size +
					       last);
	}
	heap_free(h);
	return bid;
}

/* One level of a BTH: the index to it goes to `out`. */
static void bth_level(struct heap *h, unsigned key, unsigned width,
		      const struct buf *records, struct buf *out)
{
	const size_t fit = h->f->alloc_size / width;
	const size_t step = (fit < 2 ? 2 : fit) * width;

	for (size_t i = 0; i < records->len; i += step) {
		const size_t left = records->len - i;
		uint8_t hid[4];

		put_uint(hid, 4,
			 heap_add(h, records->at + i,
				  left < step ? left : step));
		buf_add(out, records->at + i, key);
		buf_add(out, hid, sizeof(hid));
	}
}

/*
 * The BTH of a heap [MS-PST] 2.3.2, from sorted records. Its BTHHEADER is
 * always the first allocation, which heap_new() made.
 */
void heap_bth(struct heap *h, unsigned key, unsigned ent, const void *records,
	      size_t count)
{
	uint8_t header[8] = { 0xB5, (uint8_t)key, (uint8_t)ent };
	struct buf level = { 0 };
	unsigned width = key + ent;

	buf_add(&level, records, count * width);
	for (unsigned n = 0; level.len > 0 && forge_ok(h->f, &level); n++) {
		struct buf upper = { 0 };

		bth_level(h, key, width, &level, &upper);
		buf_free(&level);
		level = upper;
		width = key + 4;
		header[3] = (uint8_t)n;
		if (level.len <= width)
			break;
	}
	if (forge_ok(h->f, &level) && level.len > 0)
		memcpy(header + 4, level.at + key, 4);
	buf_free(&level);
	heap_fill(h, HEAP_FIRST, header, sizeof(header));
}

void subs_add(struct buf *subs, uint64_t nid, uint64_t data, uint64_t sub)
{
	const struct forge_sub entry = { nid, data, sub };

	buf_add(subs, &entry, sizeof(entry));
}

static int by_nid(const void *a, const void *b)
{
	const uint64_t x = ((const struct forge_sub *)a)->nid;
	const uint64_t y = ((const struct forge_sub *)b)->nid;

	return (x > y) - (x < y);
}

uint64_t subs_write(struct forge *f, struct buf *subs)
{
	const size_t count = subs->len / sizeof(struct forge_sub);

	if (!forge_ok(f, subs) || count == 0)
		return 0;
	qsort(subs->at, count, sizeof(struct forge_sub), by_nid);
	return forge_subnodes(f, (const struct forge_sub *)(void *)subs->at,
			      count);
}

uint32_t heap_value(struct heap *h, const struct value *v, struct buf *subs,
		    uint32_t *next_sub)
{
	const bool object =
		v->type == MAPI_OBJECT && v->from->read != value_ready;

	if (v->size == 0 && !object)
		return 0;
	if (v->size <= h->f->alloc_size && v->bytes != NULL && !object)
		return heap_add(h, v->bytes, (size_t)v->size);

	const uint32_t nid = *next_sub << 5 | 0x1F;
	subs_add(subs, nid, value_tree(h->f, v), 0);
	++*next_sub;
	if (!object)
		return nid;

	uint8_t named[8]; /* [MS-PST] 2.3.3.5: a subnode and its size */
	put_uint(named, 4, nid);
	put_uint(named + 4, 4, v->size);
	return heap_add(h, named, sizeof(named));
}

/* A property context [MS-PST] 2.3.3: the BID of its heap. */
uint64_t props_write(struct forge *f, const struct forge_props *base,
		     const struct forge_props *over, struct buf *subs)
{
	struct buf sorted = { 0 }, records = { 0 };
	uint32_t next_sub = 0x400;
	struct heap h;

	heap_new(&h, f, 0xBC);
	props_merge(&sorted, base, over);
	for (size_t i = 0; i < sorted.len / sizeof(void *); i++) {
		const struct forge_prop *p =
			((const struct forge_prop **)(void *)sorted.at)[i];
		const struct value v = value_of(f, p);
		const unsigned width = type_width(v.type);
		uint8_t record[8] = { 0 };

		put_uint(record, 2, v.id);
		put_uint(record + 2, 2, v.type);
		if (width > 0 && width <= 4 && v.bytes != NULL)
			memcpy(record + 4, v.bytes,
			       v.size < 4 ? (size_t)v.size : 4);
		else
			put_uint(record + 4, 4,
				 heap_value(&h, &v, subs, &next_sub));
		buf_add(&records, record, sizeof(record));
	}

	if (forge_ok(f, &sorted) && forge_ok(f, &records))
		heap_bth(&h, 2, 6, records.at, records.len / 8);
	buf_free(&sorted);
	buf_free(&records);
	return heap_end(&h, 0x20);
}
