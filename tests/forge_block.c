#include "forge_private.h"

/* [MS-PST] 5.1: mpbbR and mpbbS of mpbbCrypt; mpbbI undoes mpbbR. */
static const uint8_t table_r[256] = {
	0x41, 0x36, 0x13, 0x62, 0xA8, 0x21, 0x6E, 0xBB, 0xF4, 0x16, 0xCC, 0x04,
	0x7F, 0x64, 0xE8, 0x5D, 0x1E, 0xF2, 0xCB, 0x2A, 0x74, 0xC5, 0x5E, 0x35,
	0xD2, 0x95, 0x47, 0x9E, 0x96, 0x2D, 0x9A, 0x88, 0x4C, 0x7D, 0x84, 0x3F,
	0xDB, 0xAC, 0x31, 0xB6, 0x48, 0x5F, 0xF6, 0xC4, 0xD8, 0x39, 0x8B, 0xE7,
	0x23, 0x3B, 0x38, 0x8E, 0xC8, 0xC1, 0xDF, 0x25, 0xB1, 0x20, 0xA5, 0x46,
	0x60, 0x4E, 0x9C, 0xFB, 0xAA, 0xD3, 0x56, 0x51, 0x45, 0x7C, 0x55, 0x00,
	0x07, 0xC9, 0x2B, 0x9D, 0x85, 0x9B, 0x09, 0xA0, 0x8F, 0xAD, 0xB3, 0x0F,
	0x63, 0xAB, 0x89, 0x4B, 0xD7, 0xA7, 0x15, 0x5A, 0x71, 0x66, 0x42, 0xBF,
	0x26, 0x4A, 0x6B, 0x98, 0xFA, 0xEA, 0x77, 0x53, 0xB2, 0x70, 0x05, 0x2C,
	0xFD, 0x59, 0x3A, 0x86, 0x7E, 0xCE, 0x06, 0xEB, 0x82, 0x78, 0x57, 0xC7,
	0x8D, 0x43, 0xAF, 0xB4, 0x1C, 0xD4, 0x5B, 0xCD, 0xE2, 0xE9, 0x27, 0x4F,
	0xC3, 0x08, 0x72, 0x80, 0xCF, 0xB0, 0xEF, 0xF5, 0x28, 0x6D, 0xBE, 0x30,
	0x4D, 0x34, 0x92, 0xD5, 0x0E, 0x3C, 0x22, 0x32, 0xE5, 0xE4, 0xF9, 0x9F,
	0xC2, 0xD1, 0x0A, 0x81, 0x12, 0xE1, 0xEE, 0x91, 0x83, 0x76, 0xE3, 0x97,
	0xE6, 0x61, 0x8A, 0x17, 0x79, 0xA4, 0xB7, 0xDC, 0x90, 0x7A, 0x5C, 0x8C,
	0x02, 0xA6, 0xCA, 0x69, 0xDE, 0x50, 0x1A, 0x11, 0x93, 0xB9, 0x52, 0x87,
	0x58, 0xFC, 0xED, 0x1D, 0x37, 0x49, 0x1B, 0x6A, 0xE0, 0x29, 0x33, 0x99,
	0xBD, 0x6C, 0xD9, 0x94, 0xF3, 0x40, 0x54, 0x6F, 0xF0, 0xC6, 0x73, 0xB8,
	0xD6, 0x3E, 0x65, 0x18, 0x44, 0x1F, 0xDD, 0x67, 0x10, 0xF1, 0x0C, 0x19,
	0xEC, 0xAE, 0x03, 0xA1, 0x14, 0x7B, 0xA9, 0x0B, 0xFF, 0xF8, 0xA3, 0xC0,
	0xA2, 0x01, 0xF7, 0x2E, 0xBC, 0x24, 0x68, 0x75, 0x0D, 0xFE, 0xBA, 0x2F,
	0xB5, 0xD0, 0xDA, 0x3D,
};
static const uint8_t table_s[256] = {
	0x14, 0x53, 0x0F, 0x56, 0xB3, 0xC8, 0x7A, 0x9C, 0xEB, 0x65, 0x48, 0x17,
	0x16, 0x15, 0x9F, 0x02, 0xCC, 0x54, 0x7C, 0x83, 0x00, 0x0D, 0x0C, 0x0B,
	0xA2, 0x62, 0xA8, 0x76, 0xDB, 0xD9, 0xED, 0xC7, 0xC5, 0xA4, 0xDC, 0xAC,
	0x85, 0x74, 0xD6, 0xD0, 0xA7, 0x9B, 0xAE, 0x9A, 0x96, 0x71, 0x66, 0xC3,
	0x63, 0x99, 0xB8, 0xDD, 0x73, 0x92, 0x8E, 0x84, 0x7D, 0xA5, 0x5E, 0xD1,
	0x5D, 0x93, 0xB1, 0x57, 0x51, 0x50, 0x80, 0x89, 0x52, 0x94, 0x4F, 0x4E,
	0x0A, 0x6B, 0xBC, 0x8D, 0x7F, 0x6E, 0x47, 0x46, 0x41, 0x40, 0x44, 0x01,
	0x11, 0xCB, 0x03, 0x3F, 0xF7, 0xF4, 0xE1, 0xA9, 0x8F, 0x3C, 0x3A, 0xF9,
	0xFB, 0xF0, 0x19, 0x30, 0x82, 0x09, 0x2E, 0xC9, 0x9D, 0xA0, 0x86, 0x49,
	0xEE, 0x6F, 0x4D, 0x6D, 0xC4, 0x2D, 0x81, 0x34, 0x25, 0x87, 0x1B, 0x88,
	0xAA, 0xFC, 0x06, 0xA1, 0x12, 0x38, 0xFD, 0x4C, 0x42, 0x72, 0x64, 0x13,
	0x37, 0x24, 0x6A, 0x75, 0x77, 0x43, 0xFF, 0xE6, 0xB4, 0x4B, 0x36, 0x5C,
	0xE4, 0xD8, 0x35, 0x3D, 0x45, 0xB9, 0x2C, 0xEC, 0xB7, 0x31, 0x2B, 0x29,
	0x07, 0x68, 0xA3, 0x0E, 0x69, 0x7B, 0x18, 0x9E, 0x21, 0x39, 0xBE, 0x28,
	0x1A, 0x5B, 0x78, 0xF5, 0x23, 0xCA, 0x2A, 0xB0, 0xAF, 0x3E, 0xFE, 0x04,
	0x8C, 0xE7, 0xE5, 0x98, 0x32, 0x95, 0xD3, 0xF6, 0x4A, 0xE8, 0xA6, 0xEA,
	0xE9, 0xF3, 0xD5, 0x2F, 0x70, 0x20, 0xF2, 0x1F, 0x05, 0x67, 0xAD, 0x55,
	0x10, 0xCE, 0xCD, 0xE3, 0x27, 0x3B, 0xDA, 0xBA, 0xD7, 0xC2, 0x26, 0xD4,
	0x91, 0x1D, 0xD2, 0x1C, 0x22, 0x33, 0xF8, 0xFA, 0xF1, 0x5A, 0xEF, 0xCF,
	0x90, 0xB6, 0x8B, 0xB5, 0xBD, 0xC0, 0xBF, 0x08, 0x97, 0x1E, 0x6C, 0xE2,
	0x61, 0xE0, 0xC6, 0xC1, 0x59, 0xAB, 0xBB, 0x58, 0xDE, 0x5F, 0xDF, 0x60,
	0x79, 0x7E, 0xB2, 0x8A,
};

static void permute(uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] = table_r[bytes[i]];
}

/* [MS-PST] 5.2: the same function there and back. */
static void cyclic(uint32_t key, uint8_t *bytes, size_t len)
{
	uint16_t w = (uint16_t)(key ^ key >> 16);
	uint8_t table_i[256];

	for (unsigned i = 0; i < 256; i++)
		table_i[table_r[i]] = (uint8_t)i;
	for (size_t i = 0; i < len; i++, w++) {
		const uint8_t low = (uint8_t)w, high = (uint8_t)(w >> 8);
		uint8_t b = table_r[(uint8_t)(bytes[i] + low)];

		b = table_s[(uint8_t)(b + high)];
		b = table_i[(uint8_t)(b - high)];
		bytes[i] = (uint8_t)(b - low);
	}
}

void block_encode(enum forge_encoding how, uint64_t bid, uint8_t *bytes,
		  size_t len)
{
	if (how == FORGE_PERMUTE)
		permute(bytes, len);
	else if (how == FORGE_CYCLIC)
		cyclic((uint32_t)bid, bytes, len);
}

/* Deflate into the scratch buffer if that pays; 0 if it does not. */
static size_t deflated(struct forge *f, const void *bytes, size_t len)
{
	const struct forge_layout *l = f->layout;

	if (f->deflate == NULL || len < 16)
		return 0;

	const size_t got = libdeflate_zlib_compress(f->deflate, bytes, len,
						    f->scratch, len - 1);
	const size_t before = (len + l->block_trailer + 511) / 512;
	const size_t after = (got + l->block_trailer + 511) / 512;

	if (got == 0 || (f->how.deflate == FORGE_OUTLOOK && after >= before))
		return 0;
	put_uint(f->scratch, 2, 0x9C78); /* whatever our level, Outlook's */
	return got;
}

void block_seal(const struct forge_layout *l, uint8_t *t, uint64_t ib,
		uint64_t bid, uint32_t crc, size_t stored, size_t size)
{
	put_uint(t, 2, stored);
	put_uint(t + 2, 2, forge_signature(ib, bid));
	put_uint(t + (l->crc_last ? 8 : 4), 4, crc);
	put_uint(t + (l->crc_last ? 4 : 8), l->id_width, bid);
	if (l->two_sizes) {
		put_uint(t + 16, 2, 2);
		put_uint(t + 18, 2, size);
		put_uint(t + 20, 4, 0);
	}
}

/* Give block `index`, whose bytes are in the scratch buffer, its place. */
static void place_block(struct forge *f, size_t index)
{
	const struct forge_layout *l = f->layout;
	struct block_entry *e = (struct block_entry *)(void *)f->blocks.at;
	const size_t align = l->block_align, stored = e[index].stored;
	const size_t whole =
		(stored + l->block_trailer + align - 1) / align * align;

	e[index].ib = file_refcount(f, whole, align);
	memset(f->scratch + stored, 0, whole - stored);
	block_seal(l, f->scratch + whole - l->block_trailer, e[index].ib,
		   e[index].bid, forge_crc(f->scratch, stored), stored,
		   e[index].size);
	file_add(f, f->scratch, whole);
}

/*
 * Encoded, then deflated: no real store is known to have both, but libpff
 * and libpst undo them in this order.
 */
uint64_t block_write(struct forge *f, const void *bytes, size_t len,
		     bool internal)
{
	const struct forge_layout *l = f->layout;
	const uint64_t bid = f->next_bid | (internal ? 2 : 0);

	if (!forge_ok(f, NULL))
		return 0;
	if (len > l->block_max) {
		forge_fail(f, OST_LIMIT, "block of %zu bytes", len);
		return 0;
	}

	const uint8_t *plain = bytes;
	if (!internal && f->how.encoding != FORGE_PLAIN) {
		memcpy(f->encoded, bytes, len);
		block_encode(f->how.encoding, bid, f->encoded, len);
		plain = f->encoded;
	}

	size_t stored = deflated(f, plain, len);
	if (stored == 0) {
		stored = len;
		memcpy(f->scratch, plain, len);
	}

	const struct block_entry entry = { bid, 0, (uint16_t)stored,
					   (uint16_t)len };

	buf_add(&f->blocks, &entry, sizeof(entry));
	f->next_bid += 4;
	if (!forge_ok(f, &f->blocks))
		return 0;
	if (f->how.scattered) {
		buf_add(&f->held, &(uint64_t){ stored }, sizeof(uint64_t));
		buf_add(&f->held, f->scratch, stored);
	} else {
		place_block(f, f->blocks.len / sizeof(entry) - 1);
	}
	return forge_ok(f, &f->held) ? bid : 0;
}

/* A number below `n`, of which the next comes of `*state`. */
static size_t chance(uint64_t *state, size_t n)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (size_t)((*state >> 33) % n);
}

/* Where each block that is held begins, in an order of chance. */
static size_t *shuffled(struct forge *f, size_t count)
{
	uint64_t state = f->how.seed + 1, stored;
	size_t *order = calloc(count + 1, 2 * sizeof(*order));

	for (size_t i = 0, at = 0; order != NULL && i < count; i++) {
		memcpy(&stored, f->held.at + at, sizeof(stored));
		order[2 * i] = i;
		order[2 * i + 1] = at + sizeof(stored);
		at += sizeof(stored) + stored;
	}
	for (size_t i = count; order != NULL && i > 1; i--) {
		const size_t with = chance(&state, i);
		size_t one[2];

		memcpy(one, order + 2 * with, sizeof(one));
		memcpy(order + 2 * with, order + 2 * (i - 1), sizeof(one));
		memcpy(order + 2 * (i - 1), one, sizeof(one));
	}
	return order;
}

void blocks_scatter(struct forge *f)
{
	const struct block_entry *entries = (const void *)f->blocks.at;
	const size_t count = f->blocks.len / sizeof(*entries);

	if (!f->how.scattered || !forge_ok(f, &f->held))
		return;

	size_t *order = shuffled(f, count);
	if (order == NULL)
		forge_fail(f, OST_NO_MEMORY, "out of memory");
	for (size_t i = 0; i < count && forge_ok(f, NULL); i++) {
		memcpy(f->scratch, f->held.at + order[2 * i + 1],
		       entries[order[2 * i]].stored);
		place_block(f, order[2 * i]);
	}
	free(order);
	buf_free(&f->held);
}

uint64_t forge_block(struct forge *f, const void *bytes, size_t len)
{
	return f == NULL ? 0 : block_write(f, bytes, len, false);
}

uint64_t forge_internal(struct forge *f, const void *bytes, size_t len)
{
	return f == NULL ? 0 : block_write(f, bytes, len, true);
}

uint64_t forge_next_bid(const struct forge *f)
{
	return f == NULL ? 0 : f->next_bid;
}

/* One XBLOCK (level 1) or XXBLOCK (2) over `count` blocks of `size` bytes. */
static uint64_t xblock(struct forge *f, unsigned level, const uint64_t *bids,
		       size_t count, uint64_t size)
{
	const unsigned width = f->layout->id_width;
	uint8_t *block = malloc(8 + count * width);

	if (block == NULL) {
		forge_fail(f, OST_NO_MEMORY, "out of memory");
		return 0;
	}
	block[0] = 1;
	block[1] = (uint8_t)level;
	put_uint(block + 2, 2, count);
	put_uint(block + 4, 4, size);
	for (size_t i = 0; i < count; i++)
		put_uint(block + 8 + i * width, width, bids[i]);

	const uint64_t bid = block_write(f, block, 8 + count * width, true);
	free(block);
	return bid;
}

/* The top of a tree over data blocks of `size` bytes, all but the last full. */
uint64_t tree_top(struct forge *f, const uint64_t *bids, size_t count,
		  uint64_t size)
{
	const uint64_t max = (f->layout->block_max - 8U) / f->layout->id_width;
	const size_t per = f->block_entries != 0 && f->block_entries < max
				   ? f->block_entries
				   : (size_t)max;
	const uint64_t full = (uint64_t)per * f->block_size;
	struct buf upper = { 0 };
	uint64_t bid = 0;

	if (count <= 1)
		return count == 0 ? 0 : bids[0];
	if (size > UINT32_MAX || (count + per - 1) / per > per) {
		forge_fail(f, OST_LIMIT, "data tree of %llu bytes",
			   (unsigned long long)size);
		return 0;
	}
	if (count <= per)
		return xblock(f, 1, bids, count, size);

	for (size_t i = 0; i < count; i += per) {
		const size_t n = count - i < per ? count - i : per;
		const uint64_t left = size - i / per * full;

		bid = xblock(f, 1, bids + i, n, left < full ? left : full);
		buf_add(&upper, &bid, sizeof(bid));
	}
	if (forge_ok(f, &upper))
		bid = xblock(f, 2, (const uint64_t *)(void *)upper.at,
			     upper.len / sizeof(bid), size);
	buf_free(&upper);
	return bid;
}

uint64_t forge_tree(struct forge *f, uint64_t size, forge_reader *read,
		    void *arg)
{
	struct buf bids = { 0 };
	uint8_t *part = f == NULL ? NULL : malloc(f->block_size);
	uint64_t top = 0;

	if (f == NULL)
		return 0;
	if (part == NULL)
		forge_fail(f, OST_NO_MEMORY, "out of memory");
	if (size > UINT32_MAX) /* before it is written: lcbTotal */
		forge_fail(f, OST_LIMIT, "data tree of %llu bytes",
			   (unsigned long long)size);
	for (uint64_t off = 0; off < size && forge_ok(f, &bids);) {
		const uint64_t left = size - off;
		const size_t len =
			left < f->block_size ? (size_t)left : f->block_size;

		if (!read(arg, off, part, len)) {
			forge_fail(f, OST_IO, "cannot read a value");
			break;
		}

		const uint64_t bid = block_write(f, part, len, false);
		buf_add(&bids, &bid, sizeof(bid));
		off += len;
	}
	if (forge_ok(f, &bids))
		top = tree_top(f, (const uint64_t *)(void *)bids.at,
			       bids.len / sizeof(uint64_t), size);
	free(part);
	buf_free(&bids);
	return top;
}

static bool read_memory(void *arg, uint64_t off, void *buf, size_t len)
{
	memcpy(buf, (const char *)arg + off, len);
	return true;
}

uint64_t forge_tree_of(struct forge *f, const void *bytes, size_t len)
{
	return forge_tree(f, len, read_memory, (void *)(uintptr_t)bytes);
}

/* An SLBLOCK of `count` entries. */
static uint64_t slblock(struct forge *f, const struct forge_sub *subs,
			size_t count)
{
	const unsigned w = f->layout->id_width, head = f->layout->sub_head;
	const size_t len = head + count * 3 * w;
	uint8_t *block = calloc(1, len);

	if (block == NULL) {
		forge_fail(f, OST_NO_MEMORY, "out of memory");
		return 0;
	}
	block[0] = 2;
	put_uint(block + 2, 2, count);
	for (size_t i = 0; i < count; i++) {
		uint8_t *at = block + head + i * 3 * w;

		put_uint(at, w, subs[i].nid);
		put_uint(at + w, w, subs[i].data);
		put_uint(at + 2 * w, w, subs[i].subnodes);
	}

	const uint64_t bid = block_write(f, block, len, true);
	free(block);
	return bid;
}

uint64_t forge_subnodes(struct forge *f, const struct forge_sub *subs,
			size_t count)
{
	if (f == NULL || count == 0)
		return 0;

	const unsigned w = f->layout->id_width, head = f->layout->sub_head;
	const size_t cap = f->layout->block_max - head;
	const size_t asked = f->block_entries != 0 ? f->block_entries : cap;
	const size_t per = asked < cap / (3 * w) ? asked : cap / (3 * w);
	const size_t leaves = (count + per - 1) / per;

	if (leaves == 1)
		return slblock(f, subs, count);
	if (leaves > cap / (2 * w)) {
		forge_fail(f, OST_LIMIT, "%zu subnodes", count);
		return 0;
	}

	uint8_t *block = calloc(1, head + leaves * 2 * w);
	if (block == NULL) {
		forge_fail(f, OST_NO_MEMORY, "out of memory");
		return 0;
	}
	block[0] = 2;
	block[1] = 1;
	put_uint(block + 2, 2, leaves);
	for (size_t i = 0; i < leaves; i++) {
		const size_t left = count - i * per;
		uint8_t *at = block + head + i * 2 * w;

		put_uint(at, w, subs[i * per].nid);
		put_uint(at + w, w,
			 slblock(f, subs + i * per, left < per ? left : per));
	}

	const uint64_t bid = block_write(f, block, head + leaves * 2 * w, true);
	free(block);
	return bid;
}

void forge_node(struct forge *f, uint32_t nid, uint64_t data, uint64_t subnodes,
		uint32_t parent)
{
	const struct node_entry entry = { nid, parent, data, subnodes };

	if (f == NULL)
		return;
	buf_add(&f->nodes, &entry, sizeof(entry));
	(void)forge_ok(f, &f->nodes);
}
