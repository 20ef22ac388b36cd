#include "forge_private.h"

enum { MAP_AT = 0x4400, MAP_SLOT = 64 }; /* the first AMap, and a bit of it */

static uint8_t *bytes_at(const struct buf *store, uint64_t off, size_t len)
{
	if (off > store->len || len > store->len - off)
		return NULL;
	return (uint8_t *)store->at + off;
}

uint64_t forge_get(const struct buf *store, uint64_t off, size_t width)
{
	const uint8_t *at = bytes_at(store, off, width);

	return at == NULL ? 0 : get_uint(at, (unsigned)width);
}

void forge_put(struct buf *store, uint64_t off, size_t width, uint64_t value)
{
	uint8_t *at = bytes_at(store, off, width);

	if (at != NULL)
		put_uint(at, (unsigned)width, value);
}

/* The format is what the header says, whatever else it says. */
static const struct forge_layout *layout_of(const struct buf *store)
{
	const uint64_t version = forge_get(store, 10, 2);

	if (version >= 36)
		return &forge_layouts[FORGE_UNICODE_4K];
	return &forge_layouts[version >= 20 ? FORGE_UNICODE : FORGE_ANSI];
}

struct forge_header forge_header(const struct buf *store)
{
	const struct forge_layout *l = layout_of(store);
	const size_t w = l->id_width;
	const uint64_t root = l->root + 4U;

	return (struct forge_header){
		.version = 10,
		.client = 8,
		.encoding = l->crypt,
		.eof = root,
		.nbt = root + 4 * w,
		.bbt = root + 6 * w,
		.amap_valid = root + 8 * w,
		.width = w,
	};
}

void forge_seal_header(struct buf *store)
{
	const uint8_t *at = bytes_at(store, 0, 564);

	if (at == NULL)
		return;
	forge_put(store, 4, 4, forge_crc(at + 8, 471));
	if (layout_of(store)->id_width == 8)
		forge_put(store, 524, 4, forge_crc(at + 8, 516));
}

static struct forge_place page_at(const struct forge_layout *l, uint64_t off)
{
	return (struct forge_place){ off, l->counts, l->page_size };
}

struct forge_fields forge_page_fields(const struct buf *store,
				      const struct forge_place *page)
{
	const struct forge_layout *l = layout_of(store);
	const uint64_t counts = page->off + l->counts;
	const uint64_t trailer = page->off + l->page_trailer;
	const size_t w = l->count_width;

	return (struct forge_fields){
		.count = counts,
		.max = counts + w,
		.width = counts + 2 * w,
		.level = counts + 2 * w + 1,
		.count_width = w,
		.type = trailer,
		.again = trailer + 1,
		.signature = trailer + 2,
		.crc = trailer + (l->crc_last ? 8 : 4),
		.bid = trailer + (l->crc_last ? 4 : 8),
	};
}

void forge_seal_page(struct buf *store, const struct forge_place *page)
{
	const struct forge_layout *l = layout_of(store);
	const struct forge_fields f = forge_page_fields(store, page);
	const uint8_t *at = bytes_at(store, page->off, l->page_size);

	if (at == NULL)
		return;
	forge_put(store, f.signature, 2,
		  forge_signature(page->off,
				  forge_get(store, f.bid, l->id_width)));
	forge_put(store, f.crc, 4, forge_crc(at, l->page_trailer));
}

bool forge_copy_page(struct buf *store, const struct forge_place *page,
		     uint64_t bid, struct forge_place *out)
{
	const struct forge_layout *l = layout_of(store);
	const size_t fill = l->page_size - store->len % l->page_size;
	void *at = buf_more(store, fill);

	if (at != NULL)
		memset(at, 0, fill);
	*out = page_at(l, store->len);
	at = buf_more(store, l->page_size);
	if (at == NULL || bytes_at(store, page->off, l->page_size) == NULL)
		return false;
	memcpy(at, bytes_at(store, page->off, l->page_size), l->page_size);
	forge_put(store, forge_page_fields(store, out).bid, l->id_width, bid);
	forge_seal_page(store, out);
	return true;
}

static uint64_t trailer_of(const struct forge_layout *l,
			   const struct forge_place *block)
{
	return block->off + block->whole - l->block_trailer;
}

struct forge_block_fields forge_block_fields(const struct buf *store,
					     const struct forge_place *block)
{
	const struct forge_layout *l = layout_of(store);
	const uint64_t t = trailer_of(l, block);

	return (struct forge_block_fields){
		.size = t,
		.signature = t + 2,
		.crc = t + (l->crc_last ? 8 : 4),
		.bid = t + (l->crc_last ? 4 : 8),
	};
}

void forge_seal_block(struct buf *store, const struct forge_place *block)
{
	const struct forge_layout *l = layout_of(store);
	const struct forge_block_fields f = forge_block_fields(store, block);
	const uint8_t *at = bytes_at(store, block->off, block->size);

	if (at == NULL)
		return;
	forge_put(store, f.signature, 2,
		  forge_signature(block->off,
				  forge_get(store, f.bid, l->id_width)));
	forge_put(store, f.crc, 4, forge_crc(at, block->size));
}

static uint64_t root_of(const struct buf *store, enum forge_btree tree)
{
	const struct forge_header h = forge_header(store);
	const uint64_t bref = tree == FORGE_NBT ? h.nbt : h.bbt;

	return forge_get(store, bref + h.width, h.width);
}

/* What the counters of a page say. */
struct counts {
	size_t count, width;
	unsigned level;
};

static struct counts counts_of(const struct buf *store,
			       const struct forge_place *page)
{
	const struct forge_fields f = forge_page_fields(store, page);

	return (struct counts){
		.count = (size_t)forge_get(store, f.count, f.count_width),
		.width = (size_t)forge_get(store, f.width, 1),
		.level = (unsigned)forge_get(store, f.level, 1),
	};
}

unsigned forge_levels(const struct buf *store, enum forge_btree tree)
{
	const struct forge_place root =
		page_at(layout_of(store), root_of(store, tree));

	return counts_of(store, &root).level + 1;
}

/* The page of `level` that `*index` others come before, from the left. */
static bool find_page(const struct buf *store, struct forge_place page,
		      unsigned level, size_t *index, struct forge_place *out)
{
	const struct forge_layout *l = layout_of(store);
	const struct counts c = counts_of(store, &page);
	const size_t w = l->id_width;

	if (c.level <= level) {
		*out = page;
		return c.level == level && (*index)-- == 0;
	}
	for (size_t i = 0; i < c.count; i++) {
		const uint64_t entry = page.off + i * c.width;
		const struct forge_place below =
			page_at(l, forge_get(store, entry + 2 * w, w));

		if (counts_of(store, &below).level >= c.level)
			return false; /* changed before: no tree any more */
		if (find_page(store, below, level, index, out))
			return true;
	}
	return false;
}

bool forge_find_page(const struct buf *store, enum forge_btree tree,
		     unsigned level, size_t index, struct forge_place *out)
{
	const struct forge_place root =
		page_at(layout_of(store), root_of(store, tree));

	return find_page(store, root, level, &index, out);
}

/* The last entry of a page whose key is at most `key`; false: none. */
static bool last_entry(const struct buf *store, const struct forge_place *page,
		       uint64_t key, uint64_t *at)
{
	const struct counts c = counts_of(store, page);
	const size_t w = layout_of(store)->id_width;
	bool found = false;

	for (size_t i = 0; i < c.count; i++) {
		const uint64_t entry = page->off + i * c.width;

		if (forge_get(store, entry, w) > key)
			break;
		*at = entry;
		found = true;
	}
	return found;
}

bool forge_find_entry(const struct buf *store, enum forge_btree tree,
		      uint64_t key, struct forge_entry *out)
{
	const struct forge_layout *l = layout_of(store);
	const size_t w = l->id_width;
	struct forge_place page = page_at(l, root_of(store, tree));
	uint64_t at = 0;

	for (unsigned depth = 0; depth < 16; depth++) {
		const struct counts c = counts_of(store, &page);

		if (!last_entry(store, &page, key, &at))
			return false;
		if (c.level > 0) {
			page = page_at(l, forge_get(store, at + 2 * w, w));
			continue;
		}

		const bool node = tree == FORGE_NBT;
		out->page = page;
		out->at = at;
		out->width = c.width;
		out->bid = forge_get(store, node ? at + w : at, w);
		out->sub = forge_get(store, node ? at + 2 * w : at + w, w);
		return forge_get(store, at, w) == key;
	}
	return false;
}

bool forge_find_block(const struct buf *store, uint64_t bid,
		      struct forge_place *out)
{
	const struct forge_layout *l = layout_of(store);
	struct forge_entry e;

	if (!forge_find_entry(store, FORGE_BBT, bid, &e))
		return false;
	out->off = e.sub;
	out->size = (size_t)forge_get(store, e.at + 2 * l->id_width, 2);
	out->whole = (out->size + l->block_trailer + l->block_align - 1) /
		     l->block_align * l->block_align;
	return bytes_at(store, out->off, out->whole) != NULL;
}

/* Take an entry out of its leaf, of which an old version is kept at `old`. */
static bool remove_entry(struct buf *store, const struct forge_entry *e,
			 struct forge_place *old)
{
	if (!forge_copy_page(store, &e->page, 1, old))
		return false;

	const struct forge_fields f = forge_page_fields(store, &e->page);
	const uint64_t count = forge_get(store, f.count, f.count_width);

	memmove(store->at + e->at, store->at + e->at + e->width,
		(size_t)(e->page.off + count * e->width - e->at - e->width));
	forge_put(store, f.count, f.count_width, count - 1);
	forge_seal_page(store, &e->page);
	return true;
}

bool forge_forget(struct buf *store, uint32_t nid)
{
	struct forge_entry e;
	struct forge_place old;

	return forge_find_entry(store, FORGE_NBT, nid, &e) &&
	       remove_entry(store, &e, &old);
}

/* A bit a slot, the highest first; the map is in what it maps, as used. */
static void map_free(struct buf *store, const struct forge_place *what)
{
	for (uint64_t off = what->off; off < what->off + what->whole;
	     off += MAP_SLOT) {
		const uint64_t slot = (off - MAP_AT) / MAP_SLOT;

		store->at[MAP_AT + slot / 8] &= (char)~(0x80 >> slot % 8);
	}
}

/* A block, and of a list of subnodes the blocks of those [2.2.2.8.3.3.1]. */
static bool delete_block(struct buf *store, uint64_t bid)
{
	struct forge_entry e;
	struct forge_place block, old;
	bool good = true;

	if (bid == 0)
		return true;
	if (!forge_find_entry(store, FORGE_BBT, bid, &e) ||
	    !forge_find_block(store, bid, &block))
		return false;
	if ((bid & 2) != 0 && forge_get(store, block.off, 2) == 0x0002)
		for (uint64_t i = 0; i < forge_get(store, block.off + 2, 2);
		     i++) {
			const uint64_t at = block.off + 8 + 24 * i;

			good &= delete_block(store,
					     forge_get(store, at + 8, 8)) &&
				delete_block(store,
					     forge_get(store, at + 16, 8));
		}
	if (!forge_find_entry(store, FORGE_BBT, bid, &e) ||
	    !remove_entry(store, &e, &old))
		return false;
	map_free(store, &block);
	map_free(store, &old);
	return good;
}

bool forge_delete(struct buf *store, uint32_t nid, struct forge_place *old)
{
	const struct forge_header header = forge_header(store);
	struct forge_place map = { .off = MAP_AT };
	struct forge_entry e;

	if (!forge_find_entry(store, FORGE_NBT, nid, &e) ||
	    !remove_entry(store, &e, old))
		return false;
	map_free(store, old);
	if (!delete_block(store, e.bid) || !delete_block(store, e.sub))
		return false;
	forge_seal_page(store, &map);
	forge_put(store, header.eof, header.width, store->len);
	forge_seal_header(store);
	return true;
}

bool forge_replace(struct buf *store, uint32_t nid, uint32_t by)
{
	struct forge_entry e, other;
	struct forge_place old;

	if (!forge_find_entry(store, FORGE_NBT, nid, &e) ||
	    !forge_find_entry(store, FORGE_NBT, by, &other) ||
	    !forge_copy_page(store, &e.page, 1, &old))
		return false;
	/* An entry is four fields as wide: NID, data, subnodes, parent. */
	memcpy(store->at + e.at + e.width / 4,
	       store->at + other.at + e.width / 4, e.width / 2);
	forge_seal_page(store, &e.page);
	return true;
}

bool forge_endless(struct buf *store, uint32_t size)
{
	for (uint64_t bid = 2; bid < 4000; bid += 4) {
		struct forge_place block;

		if (!forge_find_block(store, bid, &block) ||
		    forge_get(store, block.off, 2) != 0x0201 ||
		    forge_get(store, block.off + 4, 4) != size)
			continue;
		forge_put(store, block.off + 8, 8, bid);
		forge_seal_block(store, &block);
		return true;
	}
	return false;
}
