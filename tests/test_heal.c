/*
 * test_heal.c - a store whose index is damaged, read with healing
 *
 *	test_heal           stores that are forged
 *	test_heal --real    those in the folder $OST_REAL_STORES
 *
 * Each page of the index is destroyed in turn: every node but those it named
 * must be there still, equal to the last byte, and none that was not.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "check.h"
#include "forge.h"
#include "ndb/ndb.h"

enum { NID = 0x8001, NODES = 120, DEPTH_MOST = 8 };

static enum ost_status open_store(const struct buf *store, bool heal,
				  struct ndb **out, struct ost_error *err)
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

static void mix(struct digest *d, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < len; i++)
		d->sum = (d->sum ^ at[i]) * UINT64_C(0x100000001B3);
}

static void digest_data(struct ndb *db, ndb_bid data, struct digest *d)
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

static void digest_node(struct ndb *db, const struct ndb_node *node,
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

static struct digests digest_store(struct ndb *db)
{
	struct digests all = { malloc((1 << 16) * sizeof(*all.at)), 0 };
	struct ndb_node node = { .nid = { 0 } };
	struct ost_error err;

	while (all.count < 1 << 16 &&
	       ndb_next(db, node.nid, &node, &err) == OST_OK) {
		struct digest *d = &all.at[all.count++];

		*d = (struct digest){ .nid = node.nid.value,
				      .parent = node.parent.value };
		digest_node(db, &node, DEPTH_MOST, d);
		node.nid.value++;
	}
	return all;
}

static struct digests digest_of(const struct buf *store, bool heal)
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

static const struct digest *digest_find(const struct digests *all, uint32_t nid)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->at[i].nid == nid)
			return &all->at[i];
	return NULL;
}

static bool same(const struct digest *a, const struct digest *b)
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

static struct outcome compare(const struct digests *before,
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

static struct outcome heal(const struct buf *store,
			   const struct digests *before)
{
	const struct digests after = digest_of(store, true);
	const struct outcome out = compare(before, &after);

	free(after.at);
	return out;
}

/* How many nodes a page names; none unless it is a leaf of that tree. */
static size_t named_by(const struct buf *store, enum forge_btree tree,
		       unsigned level, const struct forge_place *page)
{
	const struct forge_fields f = forge_page_fields(store, page);

	return tree == FORGE_NBT && level == 0
		       ? (size_t)forge_get(store, f.count, f.count_width)
		       : 0;
}

/* Destroy one page, look, and put it back. Returns how many nodes are lost. */
static size_t without_page(struct buf *store, const struct digests *before,
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

/* Destroy each page of the index in turn, or of the leaves every `step`th. */
static void without_each_page(struct buf *store, size_t step, bool no_old)
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
			     i += level == 0 ? step : 1) {
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

/* --- forged stores ---------------------------------------------------- */

static struct buf forge_it(int format)
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

static void only_what_lay_on_a_page_is_lost(void)
{
	for (int format = FORGE_ANSI; format <= FORGE_UNICODE_4K; format++) {
		struct buf store = forge_it(format);

		CHECK(forge_levels(&store, FORGE_NBT) > 2);
		CHECK(forge_levels(&store, FORGE_BBT) > 2);
		without_each_page(&store, 1, true);
		buf_free(&store);
	}
}

static struct forge_place root_of(const struct buf *store,
				  enum forge_btree tree)
{
	struct forge_place page = { 0 };

	CHECK(forge_find_page(store, tree, forge_levels(store, tree) - 1, 0,
			      &page));
	return page;
}

/* What is done to a store; nothing of it may be lost by that. */
typedef void damage_fn(struct buf *store);

static void both_roots(struct buf *store)
{
	const struct forge_place nbt = root_of(store, FORGE_NBT);
	const struct forge_place bbt = root_of(store, FORGE_BBT);

	memset(store->at + nbt.off, 0xFF, nbt.whole);
	memset(store->at + bbt.off, 0xFF, bbt.whole);
}

static void header_gone(struct buf *store)
{
	memset(store->at, 0, 564);
}

static void header_noise(struct buf *store)
{
	uint32_t seed = 3;

	CHECK(forge_noise(&seed, 0, store->at, 564));
}

static void header_bit(struct buf *store)
{
	store->at[100] ^= 1;
}

static void header_magic(struct buf *store)
{
	store->at[1] = 'b';
}

/* A header that lies is read as it says. */
static void header_roots(struct buf *store)
{
	const struct forge_header h = forge_header(store);

	forge_put(store, h.nbt + h.width, h.width, 0x1000);
	forge_put(store, h.bbt + h.width, h.width, UINT32_MAX);
	forge_seal_header(store);
}

/* As a crashed Outlook leaves it. */
static void header_unclean(struct buf *store)
{
	const struct forge_header h = forge_header(store);

	forge_put(store, h.eof, h.width, 0x4400);
	forge_put(store, h.amap_valid, 1, 0);
	forge_seal_header(store);
}

static void all_but_leaves(struct buf *store)
{
	struct forge_place page;

	for (int tree = FORGE_BBT; tree <= FORGE_NBT; tree++) {
		const enum forge_btree t = (enum forge_btree)tree;

		for (unsigned level = forge_levels(store, t) - 1; level > 0;
		     level--)
			while (forge_find_page(store, t, level, 0, &page) &&
			       store->at[page.off] != 0x5A)
				memset(store->at + page.off, 0x5A, page.whole);
	}
	header_gone(store);
}

static void nothing_is_lost_with_header_or_roots(void)
{
	static damage_fn *const all[] = {
		both_roots,   header_gone,  header_noise,   header_bit,
		header_magic, header_roots, header_unclean, all_but_leaves,
	};

	for (int format = FORGE_ANSI; format <= FORGE_UNICODE_4K; format++)
		for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
			struct buf store = forge_it(format);
			const struct digests before = digest_of(&store, false);
			struct outcome o;

			all[i](&store);
			o = heal(&store, &before);
			CHECK(o.lost == 0 && o.wrong == 0);
			free(before.at);
			buf_free(&store);
		}
}

/* The block B-tree is not there at all. */
static void blocks_are_found_without_any_index(void)
{
	struct buf store = forge_it(FORGE_UNICODE);
	const struct digests before = digest_of(&store, false);
	struct forge_place page;
	struct outcome o;

	for (size_t i = 0; forge_find_page(&store, FORGE_BBT, 0, i, &page); i++)
		memset(store.at + page.off, 0, page.whole);
	o = heal(&store, &before);
	CHECK(o.lost == 0 && o.wrong == 0);
	free(before.at);
	buf_free(&store);
}

static void without_healing_the_rest_still_works(void)
{
	for (int format = FORGE_ANSI; format <= FORGE_UNICODE_4K; format++) {
		struct buf store = forge_it(format);
		const struct digests before = digest_of(&store, false);
		struct forge_place page;
		struct ndb *db = NULL;
		struct ndb_damage damage;
		struct ndb_node node;
		struct ost_error err = { "" };

		CHECK(forge_find_page(&store, FORGE_NBT, 0, 3, &page));
		const uint32_t lost = (uint32_t)forge_get(&store, page.off, 4);
		memset(store.at + page.off, 0, page.whole);
		CHECK(open_store(&store, false, &db, &err) == OST_OK);
		CHECK(ndb_find(db, (ndb_nid){ lost }, &node, &err) ==
		      OST_CORRUPT);
		CHECK(strstr(err.text, "-o heal") != NULL);

		const struct digests after = digest_store(db);
		const struct outcome o = compare(&before, &after);
		CHECK(o.lost == 4 && o.wrong == 0);
		CHECK(ndb_damage(db, 0, &damage));
		CHECK(damage.what == NDB_NODE_PAGE_BAD &&
		      damage.off == page.off);
		CHECK(!ndb_damage(db, 1, &damage));
		free(after.at);
		free(before.at);
		ndb_close(db);
		buf_free(&store);
	}
}

static void a_lost_key_is_not_told_from_one_that_never_was(void)
{
	struct buf store = forge_it(FORGE_UNICODE);
	struct forge_place page;
	struct ndb *db = NULL;
	struct ndb_node node;
	struct ost_error err = { "" };

	CHECK(forge_find_page(&store, FORGE_NBT, 0, 3, &page));
	const uint32_t lost = (uint32_t)forge_get(&store, page.off, 4);
	memset(store.at + page.off, 0, page.whole);
	CHECK(open_store(&store, true, &db, &err) == OST_OK);
	CHECK(ndb_find(db, (ndb_nid){ lost }, &node, &err) == OST_CORRUPT);
	CHECK(ndb_find(db, (ndb_nid){ lost + 1 }, &node, &err) == OST_CORRUPT);
	CHECK(ndb_find(db, (ndb_nid){ lost - 1 }, &node, &err) ==
	      OST_NOT_FOUND);
	CHECK(ndb_about(db)->healing.pages == 1);
	CHECK(ndb_about(db)->healing.nodes == 0);
	ndb_close(db);

	/* Without the root only, what was in no leaf is known. */
	struct forge_place root = root_of(&store, FORGE_NBT);
	buf_free(&store);
	store = forge_it(FORGE_UNICODE);
	memset(store.at + root.off, 0, root.whole);
	CHECK(open_store(&store, true, &db, &err) == OST_OK);
	CHECK(ndb_find(db, (ndb_nid){ lost + 1 }, &node, &err) ==
	      OST_NOT_FOUND);
	CHECK(ndb_about(db)->healing.nodes >= NODES);
	ndb_close(db);
	buf_free(&store);
}

/* --- older versions --------------------------------------------------- */

/* Entry `index` of a leaf of nodes: where it is in the file. */
static uint64_t entry_at(const struct buf *store,
			 const struct forge_place *page, size_t index)
{
	const struct forge_fields f = forge_page_fields(store, page);

	return page->off + index * forge_get(store, f.width, 1);
}

/*
 * An older version of a leaf, in which entry 1 had other data, lies in the
 * file. Without the leaf, the older one gives the rest.
 */
static void the_newest_version_counts(void)
{
	for (int format = FORGE_ANSI; format <= FORGE_UNICODE_4K; format++)
		for (uint64_t named = 0; named < 2; named++) {
			struct buf store = forge_it(format);
			const struct digests before = digest_of(&store, false);
			const size_t w = forge_header(&store).width;
			struct forge_place leaf, old;
			struct outcome o;

			CHECK(forge_find_page(&store, FORGE_NBT, 0, 2, &leaf));
			CHECK(forge_copy_page(&store, &leaf, 1, &old));
			forge_put(&store, entry_at(&store, &old, 1) + w, w,
				  0xABCDE0);
			forge_seal_page(&store, &old);
			o = heal(&store, &before);
			CHECK(o.lost == 0 && o.wrong == 0);

			memset(store.at + leaf.off, 0, leaf.whole);
			if (named > 0) /* the roots are lost, too */
				both_roots(&store);
			o = heal(&store, &before);
			CHECK(o.wrong == named); /* its data is missing */
			CHECK(o.lost == 1 - named);
			free(before.at);
			buf_free(&store);
		}
}

static void a_changed_and_a_deleted_node_are_past(void)
{
	for (int format = FORGE_ANSI; format <= FORGE_UNICODE_4K; format++) {
		struct buf store = forge_it(format);
		struct forge_place leaf, old, again;
		struct ndb *db = NULL, *past = NULL;
		struct ndb_node node, now;
		struct digest was = { 0 }, is = { 0 };
		struct ost_error err = { "" };

		CHECK(forge_find_page(&store, FORGE_NBT, 0, 2, &leaf));
		CHECK(forge_copy_page(&store, &leaf, 1, &old));
		CHECK(forge_copy_page(&store, &leaf, 2, &again));

		/* Entry 3 is deleted, and entry 0 got the data of entry 1. */
		const struct forge_fields f = forge_page_fields(&store, &leaf);
		const size_t w = forge_header(&store).width;
		const uint64_t first = entry_at(&store, &leaf, 0);
		const uint64_t second = entry_at(&store, &leaf, 1);
		forge_put(&store, f.count, f.count_width, 3);
		forge_put(&store, first + w, w,
			  forge_get(&store, second + w, w));
		forge_seal_page(&store, &leaf);

		CHECK(open_store(&store, false, &db, &err) == OST_OK);
		CHECK(ndb_past_open(&past, db, &err) == OST_OK);
		CHECK(ndb_past_node(past, 0, &node));
		CHECK(node.nid.value == forge_get(&store, first, 4));
		CHECK(ndb_find(db, node.nid, &now, &err) == OST_OK);
		digest_node(past, &node, 1, &was);
		digest_node(past, &now, 1, &is);
		CHECK(!was.bad && !is.bad && was.sum != is.sum);
		CHECK(ndb_past_node(past, 1, &node));
		CHECK(ndb_find(db, node.nid, &now, &err) == OST_NOT_FOUND);
		CHECK(!ndb_past_node(past, 2, &node));
		ndb_past_close(past);
		ndb_close(db);
		buf_free(&store);
	}
}

/* An old block is read though the block B-tree has forgotten it. */
static void a_block_that_is_not_used_any_more_is_past(void)
{
	for (int format = FORGE_ANSI; format <= FORGE_UNICODE_4K; format++) {
		struct buf store = forge_it(format);
		struct forge_place leaf, old;
		struct forge_entry block;
		struct ndb *db = NULL, *past = NULL;
		struct ndb_node node;
		struct digest was = { 0 };
		struct ost_error err = { "" };

		CHECK(forge_find_page(&store, FORGE_NBT, 0, 2, &leaf));
		CHECK(forge_copy_page(&store, &leaf, 1, &old));
		const struct forge_fields f = forge_page_fields(&store, &leaf);
		const size_t w = forge_header(&store).width;
		const uint64_t bid =
			forge_get(&store, entry_at(&store, &leaf, 3) + w, w);
		forge_put(&store, f.count, f.count_width, 3);
		forge_seal_page(&store, &leaf);

		/* Its key becomes one that lies before all of the leaf's. */
		CHECK(forge_find_entry(&store, FORGE_BBT, bid, &block));
		forge_put(&store, block.at, w, bid + 2);
		forge_seal_page(&store, &block.page);
		CHECK(open_store(&store, false, &db, &err) == OST_OK);
		CHECK(ndb_past_open(&past, db, &err) == OST_OK);
		CHECK(ndb_past_node(past, 0, &node));
		digest_node(past, &node, 1, &was);
		CHECK(!was.bad);
		digest_node(db, &node, 1, &was);
		CHECK(was.bad);
		ndb_past_close(past);
		ndb_close(db);

		/* Changed since it was written, it is no block any more. */
		store.at[block.sub] ^= 1;
		CHECK(open_store(&store, false, &db, &err) == OST_OK);
		CHECK(ndb_past_open(&past, db, &err) == OST_OK);
		CHECK(!ndb_past_node(past, 0, &node));
		ndb_past_close(past);
		ndb_close(db);
		buf_free(&store);
	}
}

/* --- stores that lie -------------------------------------------------- */

static void what_is_no_store_stays_none(void)
{
	static const char text[6000] = "From: someone";
	struct buf store = { 0 };
	struct ndb *db = NULL;
	struct ost_error err = { "" };

	buf_add(&store, text, sizeof(text));
	CHECK(open_store(&store, true, &db, &err) == OST_NOT_STORE);
	CHECK_STR(err.text, "is not an Outlook store: it does not begin with "
			    "!BDN");
	buf_free(&store);

	/* A good header alone is a store, of which nothing is left. */
	store = forge_it(FORGE_UNICODE);
	memset(store.at + 564, 0, store.len - 564);
	CHECK(open_store(&store, true, &db, &err) == OST_CORRUPT);
	CHECK(strstr(err.text, "beyond healing") != NULL);
	buf_free(&store);
}

/* Every branch leads to one and the same leaf, or to itself. */
static void a_tree_that_is_none_ends(void)
{
	for (int format = FORGE_ANSI; format <= FORGE_UNICODE_4K; format++)
		for (int self = 0; self < 2; self++) {
			struct buf store = forge_it(format);
			const size_t w = forge_header(&store).width;
			struct forge_place leaf, page;
			struct digests all = digest_of(&store, false);
			const size_t count = all.count;

			free(all.at);
			CHECK(forge_find_page(&store, FORGE_NBT, 0, 0, &leaf));
			for (size_t i = 0;
			     forge_find_page(&store, FORGE_NBT, 1, i, &page);
			     i++)
				for (size_t e = 0; e < 4; e++) {
					const struct forge_place *to =
						self ? &page : &leaf;
					const struct forge_fields f =
						forge_page_fields(&store, to);
					const uint64_t at =
						page.off + e * 3 * w + w;

					forge_put(&store, at, w,
						  forge_get(&store, f.bid, w));
					forge_put(&store, at + w, w, to->off);
					forge_seal_page(&store, &page);
				}
			all = digest_of(&store, false);
			free(all.at);
			all = digest_of(&store, true);
			CHECK(all.count == count);
			free(all.at);
			buf_free(&store);
		}
}

/* --- real stores ------------------------------------------------------ */

static struct buf read_store(const char *name)
{
	const char *folder = getenv("OST_REAL_STORES");
	char path[4096];
	struct buf out = { 0 };
	size_t got = 1;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder != NULL ? folder : ".",
		 name);
	f = fopen(path, "rb");
	CHECK(f != NULL);
	while (f != NULL && got > 0) {
		void *at = buf_more(&out, 1 << 20);

		got = at != NULL ? fread(at, 1, 1 << 20, f) : 0;
		buf_cut(&out, out.len - (1 << 20) + got);
	}
	if (f != NULL)
		fclose(f);
	return out;
}

static void real_stores_lose_only_what_lay_on_a_page(void)
{
	static const struct {
		const char *name;
		size_t step;
	} stores[] = {
		{ "enron.pst", 41 },
		{ "pstextractortest@outlook.com.ost", 4 },
		{ "pstextractortestpdf@outlook.com.ost", 4 },
	};

	for (size_t i = 0; i < sizeof(stores) / sizeof(stores[0]); i++) {
		struct buf store = read_store(stores[i].name);

		if (store.len > 0)
			without_each_page(&store, stores[i].step, false);
		buf_free(&store);
	}
}

/* Messages whose node and all blocks are there. */
static size_t whole_messages(const struct digests *all)
{
	size_t count = 0;

	for (size_t i = 0; i < all->count; i++)
		count += (all->at[i].nid & 0x1F) == 4 && !all->at[i].bad;
	return count;
}

static void a_real_store_that_is_cut_keeps_what_is_there(void)
{
	struct buf store = read_store("enron.pst");
	const struct digests all = digest_of(&store, false);
	const size_t len = store.len;

	CHECK(whole_messages(&all) == 71);
	buf_cut(&store, len / 100 * 99);
	const struct digests most = digest_of(&store, true);
	buf_cut(&store, len / 2);
	const struct digests half = digest_of(&store, true);
	printf("of %zu messages, %zu of 99 %%, %zu of 50 %%\n",
	       whole_messages(&all), whole_messages(&most),
	       whole_messages(&half));
	CHECK(whole_messages(&most) >= 69);
	CHECK(whole_messages(&half) >= 50);
	for (size_t i = 0; i < half.count; i++) {
		const struct digest *d = digest_find(&all, half.at[i].nid);

		/* Of tables an older version may be all there is. */
		if ((half.at[i].nid & 0x1F) == 4 && !half.at[i].bad)
			CHECK(d != NULL && same(&half.at[i], d));
	}
	free(all.at);
	free(most.at);
	free(half.at);
	buf_free(&store);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--real") == 0) {
		RUN(real_stores_lose_only_what_lay_on_a_page);
		RUN(a_real_store_that_is_cut_keeps_what_is_there);
		return checked();
	}
	RUN(only_what_lay_on_a_page_is_lost);
	RUN(nothing_is_lost_with_header_or_roots);
	RUN(blocks_are_found_without_any_index);
	RUN(without_healing_the_rest_still_works);
	RUN(a_lost_key_is_not_told_from_one_that_never_was);
	RUN(the_newest_version_counts);
	RUN(a_changed_and_a_deleted_node_are_past);
	RUN(a_block_that_is_not_used_any_more_is_past);
	RUN(what_is_no_store_stays_none);
	RUN(a_tree_that_is_none_ends);
	return checked();
}
