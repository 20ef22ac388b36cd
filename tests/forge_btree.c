#include "forge_private.h"

#include <unistd.h>

/* What a tree of pages is made of. */
struct btree {
	struct forge *f;
	uint8_t type;
	unsigned width; /* of a leaf entry */
	size_t count;
	void (*put)(const struct forge *f, size_t index, uint8_t *at);
	uint64_t (*key)(const struct forge *f, size_t index);
};

static const struct block_entry *block_at(const struct forge *f, size_t i)
{
	return (const struct block_entry *)(void *)f->blocks.at + i;
}

static const struct node_entry *node_at(const struct forge *f, size_t i)
{
	return (const struct node_entry *)(void *)f->nodes.at + i;
}

/* BBTENTRY [MS-PST] 2.2.2.7.7.3; 4K stores have two sizes. */
static void put_block(const struct forge *f, size_t index, uint8_t *at)
{
	const struct block_entry *e = block_at(f, index);
	const unsigned w = f->layout->id_width;

	put_uint(at, w, e->bid);
	put_uint(at + w, w, e->ib);
	at += 2 * w;
	put_uint(at, 2, e->stored);
	if (f->layout->two_sizes) {
		at += 2;
		put_uint(at, 2, e->size);
		put_uint(at + 4, 2, e->size == f->layout->block_max);
	}
	put_uint(at + 2, 2, 2); /* cRef: the tree itself, and one user */
}

static uint64_t block_key(const struct forge *f, size_t index)
{
	return block_at(f, index)->bid;
}

/* NBTENTRY [MS-PST] 2.2.2.7.7.4 */
static void put_node(const struct forge *f, size_t index, uint8_t *at)
{
	const struct node_entry *e = node_at(f, index);
	const unsigned w = f->layout->id_width;

	put_uint(at, w, e->nid);
	put_uint(at + w, w, e->data);
	put_uint(at + 2 * w, w, e->sub);
	put_uint(at + 3 * w, 4, e->parent);
}

static uint64_t node_key(const struct forge *f, size_t index)
{
	return node_at(f, index)->nid;
}

/* How many entries of `width` bytes a page gets. */
static size_t page_max(const struct forge *f, unsigned width)
{
	const size_t fit = f->layout->counts / width;
	const size_t asked = f->how.page_entries;

	if (asked == 0 || asked >= fit)
		return fit;
	return asked < 2 ? 2 : asked;
}

/* Finish and write a page whose entries are in place. */
static struct forge_ref write_page(const struct btree *t, uint8_t *page,
				   uint64_t key, size_t count, unsigned width,
				   unsigned level)
{
	struct forge *f = t->f;
	const struct forge_layout *l = f->layout;
	uint8_t *at = page + l->counts;
	const struct forge_ref ref = {
		.key = key,
		.bid = f->next_page++,
		.ib = file_refcount(f, l->page_size, l->page_size),
	};

	put_uint(at, l->count_width, count);
	put_uint(at + l->count_width, l->count_width, l->counts / width);
	at[2 * l->count_width] = (uint8_t)width;
	at[2 * l->count_width + 1] = (uint8_t)level;
	page_seal(l, page, t->type, ref.ib, ref.bid);
	file_add(f, page, l->page_size);
	return ref;
}

static void write_leaves(const struct btree *t, struct buf *out)
{
	const size_t max = page_max(t->f, t->width);
	size_t i = 0;

	do {
		uint8_t page[PAGE_MAX] = { 0 };
		const size_t left = t->count - i;
		const size_t n = left < max ? left : max;
		const uint64_t key = n > 0 ? t->key(t->f, i) : 0;

		for (size_t e = 0; e < n; e++)
			t->put(t->f, i + e, page + e * t->width);

		const struct forge_ref ref =
			write_page(t, page, key, n, t->width, 0);
		buf_add(out, &ref, sizeof(ref));
		i += n;
	} while (i < t->count && forge_ok(t->f, out));
}

static void write_branches(const struct btree *t, const struct buf *below,
			   unsigned level, struct buf *out)
{
	const struct forge_ref *refs =
		(const struct forge_ref *)(void *)below->at;
	const size_t count = below->len / sizeof(*refs);
	const unsigned w = t->f->layout->id_width;
	const size_t max = page_max(t->f, 3 * w);

	for (size_t i = 0; i < count && forge_ok(t->f, out); i += max) {
		uint8_t page[PAGE_MAX] = { 0 };
		const size_t n = count - i < max ? count - i : max;

		for (size_t e = 0; e < n; e++) {
			uint8_t *at = page + e * 3 * w;

			put_uint(at, w, refs[i + e].key);
			put_uint(at + w, w, refs[i + e].bid);
			put_uint(at + 2 * w, w, refs[i + e].ib);
		}

		const struct forge_ref ref =
			write_page(t, page, refs[i].key, n, 3 * w, level);
		buf_add(out, &ref, sizeof(ref));
	}
}

/* Write the tree from the leaves up. Returns its root. */
static struct forge_ref write_tree(const struct btree *t)
{
	struct forge_ref root = { 0 };
	struct buf level = { 0 };

	write_leaves(t, &level);
	for (unsigned n = 1; level.len > sizeof(root); n++) {
		struct buf upper = { 0 };

		write_branches(t, &level, n, &upper);
		buf_free(&level);
		level = upper;
		if (!forge_ok(t->f, &level))
			break;
	}
	if (forge_ok(t->f, &level) && level.len > 0)
		memcpy(&root, level.at, sizeof(root));
	buf_free(&level);
	return root;
}

static int by_nid(const void *a, const void *b)
{
	const uint32_t x = ((const struct node_entry *)a)->nid;
	const uint32_t y = ((const struct node_entry *)b)->nid;

	return (x > y) - (x < y);
}

/* ROOT [MS-PST] 2.2.2.5 */
static void put_root(const struct forge *f, uint8_t *at, struct forge_ref nbt,
		     struct forge_ref bbt)
{
	const unsigned w = f->layout->id_width;
	const uint64_t fields[] = {
		f->end, f->map_at, 0, 0, nbt.bid, nbt.ib, bbt.bid, bbt.ib,
	};
	const size_t count = sizeof(fields) / sizeof(fields[0]);

	at += 4;
	for (size_t i = 0; i < count; i++)
		put_uint(at + i * w, w, fields[i]);
	at[count * w] = f->how.unclean ? 0 : 2;
}

static void seal_header(const struct forge_layout *l, uint8_t *header)
{
	put_uint(header + 4, 4, forge_crc(header + 8, 471));
	if (l->id_width == 8)
		put_uint(header + 524, 4, forge_crc(header + 8, 516));
}

/* HEADER [MS-PST] 2.2.2.6 */
static void write_header(struct forge *f, struct forge_ref nbt,
			 struct forge_ref bbt)
{
	const struct forge_layout *l = f->layout;
	const bool ansi = l->id_width == 4;
	uint8_t h[564] = { 0 };
	uint8_t *rgnid = h + (ansi ? 36 : 44);

	memcpy(h, "!BDN", 4);
	memcpy(h + 8, f->how.kind == FORGE_OST ? "SO" : "SM", 2);
	put_uint(h + 10, 2, f->how.version != 0 ? f->how.version : l->version);
	put_uint(h + 12, 2, f->how.kind == FORGE_OST ? 12 : 19);
	h[14] = h[15] = 1;
	put_uint(h + (ansi ? 24 : 516), l->id_width, f->next_bid);
	put_uint(h + (ansi ? 28 : 32), l->id_width, f->next_page);
	put_uint(h + (ansi ? 32 : 40), 4, f->next_page);
	for (unsigned i = 0; i < 32; i++)
		put_uint(rgnid + i * 4, 4, 0x400);
	put_uint(rgnid + 2 * 4, 4, f->next_folder >> 5);
	put_uint(rgnid + 4 * 4, 4, f->next_message >> 5);
	put_uint(rgnid + 8 * 4, 4, f->next_associated >> 5);
	put_root(f, h + l->root, nbt, bbt);
	if (!l->two_sizes) /* rgbFM and rgbFP, no longer used */
		memset(h + (ansi ? 204 : 256), 0xFF, 256);
	h[l->crypt - 1] = 0x80;
	h[l->crypt] = (uint8_t)f->how.encoding;
	seal_header(l, h);
	file_patch(f, 0, h, ansi ? 512 : 564);
}

void btree_finish(struct forge *f)
{
	const bool ansi = f->layout->id_width == 4;
	const struct btree nodes = {
		f,
		PTYPE_NBT,
		ansi ? 16 : 32,
		f->nodes.len / sizeof(struct node_entry),
		put_node,
		node_key,
	};
	const struct btree blocks = {
		f,
		PTYPE_BBT,
		ansi ? 12 : 24,
		f->blocks.len / sizeof(struct block_entry),
		put_block,
		block_key,
	};

	if (nodes.count > 0)
		qsort(f->nodes.at, nodes.count, sizeof(struct node_entry),
		      by_nid);

	const struct forge_ref nbt = write_tree(&nodes);
	const struct forge_ref bbt = write_tree(&blocks);

	file_end_map(f);
	write_header(f, nbt, bbt);
	file_flush(f);
	if (f->how.fd != 0 && forge_ok(f, NULL) &&
	    ftruncate(f->how.fd, (off_t)f->end) != 0)
		forge_fail(f, OST_IO, "cannot set the size of the file");
}
