/*
 * healkit.h - forged stores, what is in a store, and what damage does to it
 */
#ifndef OST_HEALKIT_H
#define OST_HEALKIT_H

#include <stdlib.h>

#include "check.h"
#include "forge.h"
#include "ndb/ndb.h"

enum { NID = 0x8001, NODES = 120, DEPTH_MAX = 8 };

static inline enum ost_status open_store(const struct buf *store, bool heal,
					 struct ndb **out,
					 struct ost_error *err)
{
	const struct ndb_options options = { .heal = heal };
	struct source *source;
	enum ost_status st = source_of(&source, buf_span(store), err);

	*out = NULL;
	if (st == OST_OK)
		st = ndb_open(out, source, &options, err);
	return st;
}

/* --- what is in a store ----------------------------------------------- */

struct digest {
	uint32_t nid, parent;
	uint64_t sum;
	bool bad; /* some of it cannot be read */
};

struct digests {
	struct digest *at; /* owned; by NID */
	size_t count;
};

static inline void mix(struct digest *d, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < len; i++)
		d->sum = (d->sum ^ at[i]) * UINT64_C(0x100000001B3);
}

static inline void digest_data(struct ndb *db, ndb_bid data, struct digest *d)
{
	struct ndb_stream *s = NULL;
	struct ost_error err;
	size_t count = 0;

	if (ndb_stream_open(&s, db, data, &err) != OST_OK ||
	    ndb_stream_blocks(s, &count, &err) != OST_OK)
		d->bad = true;
	for (size_t i = 0; i < count; i++) {
		struct ndb_block *block = NULL;

		if (ndb_stream_block(s, i, &block, &err) == OST_OK)
			mix(d, ndb_block_span(block).at,
			    ndb_block_span(block).len);
		else
			d->bad = true;
		ndb_block_drop(block);
	}
	ndb_stream_close(s);
}

static inline void digest_node(struct ndb *db, const struct ndb_node *node,
			       unsigned depth, struct digest *d)
{
	struct ndb_node sub = { .nid = { 0 } };
	struct ost_error err;
	enum ost_status st = OST_OK;

	mix(d, &node->nid.value, sizeof(node->nid.value));
	digest_data(db, node->data, d);
	while (depth > 0 && st == OST_OK) {
		st = ndb_next_sub(db, node, sub.nid, &sub, &err);
		if (st == OST_OK)
			digest_node(db, &sub, depth - 1, d);
		sub.nid.value++;
	}
	if (depth > 0 && st != OST_NOT_FOUND)
		d->bad = true;
}

static inline struct digests digest_store(struct ndb *db)
{
	struct digests all = { malloc((1 << 16) * sizeof(*all.at)), 0 };
	struct ndb_node node = { .nid = { 0 } };
	struct ost_error err;

	while (all.count < 1 << 16 &&
	       ndb_next(db, node.nid, &node, &err) == OST_OK) {
		struct digest *d = &all.at[all.count++];

		*d = (struct digest){ .nid = node.nid.value,
				      .parent = node.parent.value };
		digest_node(db, &node, DEPTH_MAX, d);
		node.nid.value++;
	}
	return all;
}

static inline struct digests digest_of(const struct buf *store, bool heal)
{
	struct digests all = { NULL, 0 };
	struct ndb *db = NULL;
	struct ost_error err = { "" };

	CHECK(open_store(store, heal, &db, &err) == OST_OK);
	if (db != NULL)
		all = digest_store(db);
	else
		fprintf(stderr, "%s\n", err.text);
	ndb_close(db);
	return all;
}

static inline const struct digest *digest_find(const struct digests *all,
					       uint32_t nid)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->at[i].nid == nid)
			return &all->at[i];
	return NULL;
}

static inline bool same(const struct digest *a, const struct digest *b)
{
	return a->nid == b->nid && a->parent == b->parent && a->sum == b->sum &&
	       a->bad == b->bad;
}

/* --- what damage did -------------------------------------------------- */

/* What became of the nodes. */
struct outcome {
	size_t lost;  /* are not there */
	size_t wrong; /* are there, but different, or were not there before */
};

static inline struct outcome compare(const struct digests *before,
				     const struct digests *after)
{
	struct outcome out = { 0, 0 };
	size_t i = 0;

	for (size_t k = 0; k < before->count; k++) {
		while (i < after->count && after->at[i].nid < before->at[k].nid)
			i++, out.wrong++;
		if (i == after->count || after->at[i].nid > before->at[k].nid)
			out.lost++;
		else if (!same(&after->at[i++], &before->at[k]))
			out.wrong++;
	}
	out.wrong += after->count - i;
	return out;
}

static inline struct outcome heal(const struct buf *store,
				  const struct digests *before)
{
	const struct digests after = digest_of(store, true);
	const struct outcome out = compare(before, &after);

	free(after.at);
	return out;
}

/* How many nodes a page names; none unless it is a leaf of that tree. */
static inline size_t named_by(const struct buf *store, enum forge_btree tree,
			      unsigned level, const struct forge_place *page)
{
	const struct forge_fields f = forge_page_fields(store, page);

	return tree == FORGE_NBT && level == 0
		       ? (size_t)forge_get(store, f.count, f.count_width)
		       : 0;
}

/* Destroy one page, look, and put it back. Returns how many nodes are lost. */
static inline size_t without_page(struct buf *store,
				  const struct digests *before,
				  enum forge_btree tree, unsigned level,
				  const struct forge_place *page)
{
	const size_t named = named_by(store, tree, level, page);
	char *kept = malloc(page->whole);

	memcpy(kept, store->at + page->off, page->whole);
	memset(store->at + page->off, 0, page->whole);

	const struct outcome o = heal(store, before);
	CHECK(o.wrong == 0);
	CHECK(o.lost <= named);
	memcpy(store->at + page->off, kept, page->whole);
	free(kept);
	return o.lost;
}

/* Destroy each page of the index in turn, or of blocks every `step`th leaf. */
static inline void without_each_page(struct buf *store, size_t step,
				     bool no_old)
{
	const struct digests before = digest_of(store, false);

	CHECK(before.count > 0);
	for (int tree = FORGE_BBT; tree <= FORGE_NBT; tree++) {
		const enum forge_btree t = (enum forge_btree)tree;

		for (unsigned level = 0; level < forge_levels(store, t);
		     level++) {
			struct forge_place page;

			for (size_t i = 0;
			     forge_find_page(store, t, level, i, &page);
			     i += level == 0 && t == FORGE_BBT ? step : 1) {
				const size_t named =
					named_by(store, t, level, &page);
				const size_t lost = without_page(
					store, &before, t, level, &page);

				CHECK(!no_old || lost == named);
			}
		}
	}
	free(before.at);
}

/* --- a store that is forged ------------------------------------------- */

static inline struct buf forge_it(int format)
{
	const struct forge_options how = {
		.format = (enum forge_format)format,
		.encoding = FORGE_PERMUTE,
		.deflate = FORGE_OUTLOOK,
		.block_size = 2000,
		.page_entries = 4,
		.block_entries = 8,
	};
	struct forge *f = forge_new(&how);
	struct forge_sub subs[12];
	struct buf out = { 0 };
	struct ost_error err;
	uint32_t seed = 7;

	for (uint32_t i = 0; i < 12; i++)
		subs[i] = (struct forge_sub){
			.nid = 0x8005 + 32 * i,
			.data = forge_block(f, &i, sizeof(i)),
		};
	for (uint32_t i = 1; i < NODES; i++)
		forge_node(f, NID + 32 * i, forge_block(f, &i, sizeof(i)), 0,
			   i);
	forge_node(f, NID, forge_tree(f, 40000, forge_noise, &seed),
		   forge_subnodes(f, subs, 12), 0);
	CHECK(forge_finish(f, &out, &err) == OST_OK);
	return out;
}

static inline struct forge_place root_of(const struct buf *store,
					 enum forge_btree tree)
{
	struct forge_place page = { 0 };

	CHECK(forge_find_page(store, tree, forge_levels(store, tree) - 1, 0,
			      &page));
	return page;
}

static inline void both_roots(struct buf *store)
{
	const struct forge_place nbt = root_of(store, FORGE_NBT);
	const struct forge_place bbt = root_of(store, FORGE_BBT);

	memset(store->at + nbt.off, 0xFF, nbt.whole);
	memset(store->at + bbt.off, 0xFF, bbt.whole);
}

#endif
