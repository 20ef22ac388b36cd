/*
 * test_heal.c - a store whose index is damaged, read with healing
 *
 * Each page of the index is destroyed in turn: every node but those it named
 * must be there still, equal to the last byte, and none that was not.
 */
#include "healkit.h"

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

/* What is done to a store; nothing of it may be lost by that. */
typedef void damage_fn(struct buf *store);

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

/*
 * A page of the block B-tree is lost, and with it the places of some blocks of
 * a large value: the rest of it is read, each byte at its place.
 */
static void a_lost_block_costs_its_own_bytes_only(void)
{
	enum { BYTES = 600000 };
	static uint8_t whole[BYTES], part[BYTES];
	uint32_t seed = 5;

	CHECK(forge_noise(&seed, 0, whole, BYTES));
	for (int format = FORGE_ANSI; format <= FORGE_UNICODE_4K; format++) {
		const struct forge_options how = {
			.format = (enum forge_format)format,
			.page_entries = 2,
		};
		struct forge *f = forge_new(&how);
		struct buf store = { 0 };
		struct forge_place page;
		struct ndb *db = NULL;
		struct ndb_stream *s = NULL;
		struct ndb_node node;
		struct ost_error err = { "" };
		const uint64_t first = forge_next_bid(f);
		size_t lost = 0, blocks = 0;

		forge_node(f, NID, forge_tree(f, BYTES, forge_noise, &seed), 0,
			   0);
		CHECK(forge_finish(f, &store, &err) == OST_OK);
		for (size_t i = 0; /* a page of two blocks in the middle */
		     forge_find_page(&store, FORGE_BBT, 0, i, &page) &&
		     forge_get(&store, page.off, 4) < first + 12;
		     i++)
			;
		memset(store.at + page.off, 0, page.whole);

		CHECK(open_store(&store, false, &db, &err) == OST_OK);
		CHECK(ndb_find(db, (ndb_nid){ NID }, &node, &err) == OST_OK);
		CHECK(ndb_stream_open(&s, db, node.data, &err) == OST_OK);
		CHECK(ndb_stream_blocks(s, &blocks, &err) == OST_OK);
		CHECK(ndb_stream_read(s, 0, part, BYTES, &err) == OST_CORRUPT);
		CHECK(strstr(err.text, "-o heal") != NULL);
		for (size_t i = 0; i < blocks; i++) {
			uint64_t start = 0, size = 0;

			CHECK(ndb_stream_extent(s, i, &start, &size, &err) ==
			      OST_OK);
			if (ndb_stream_read(s, start, part, (size_t)size,
					    &err) != OST_OK)
				lost++;
			else
				CHECK(memcmp(part, whole + start,
					     (size_t)size) == 0);
		}
		CHECK(lost == 2);
		ndb_stream_close(s);
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
	CHECK(ndb_info(db)->healing.pages == 1);
	CHECK(ndb_info(db)->healing.nodes == 0);
	ndb_close(db);

	/* Without the root only, what was in no leaf is known. */
	struct forge_place root = root_of(&store, FORGE_NBT);
	buf_free(&store);
	store = forge_it(FORGE_UNICODE);
	memset(store.at + root.off, 0, root.whole);
	CHECK(open_store(&store, true, &db, &err) == OST_OK);
	CHECK(ndb_find(db, (ndb_nid){ lost + 1 }, &node, &err) ==
	      OST_NOT_FOUND);
	CHECK(ndb_info(db)->healing.nodes >= NODES);
	ndb_close(db);
	buf_free(&store);
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

/* A14: what was asked for and did not help is not advised. */
static void a14_heal_is_not_advised_to_who_heals(void)
{
	static const size_t lens[] = { 100, 600, 5000, 100000 };

	for (unsigned i = 0; i < 16; i++) {
		struct buf store = forge_it(FORGE_UNICODE);
		struct ost_error err = { "" };
		struct ndb *db = NULL;
		const bool zeros = i % 2 > 0, heal = i % 4 >= 2;

		buf_cut(&store,
			lens[i / 4] < store.len ? lens[i / 4] : store.len);
		memset(store.at + (zeros ? 0 : 8), 0,
		       store.len - (zeros ? 0 : 8));
		if (open_store(&store, heal, &db, &err) != OST_OK)
			CHECK(!heal || strstr(err.text, "heal") == NULL);
		ndb_close(db);
		buf_free(&store);
	}
}

int main(void)
{
	RUN(only_what_lay_on_a_page_is_lost);
	RUN(nothing_is_lost_with_header_or_roots);
	RUN(blocks_are_found_without_any_index);
	RUN(without_healing_the_rest_still_works);
	RUN(a_lost_block_costs_its_own_bytes_only);
	RUN(a_lost_key_is_not_told_from_one_that_never_was);
	RUN(what_is_no_store_stays_none);
	RUN(a_tree_that_is_none_ends);
	RUN(a14_heal_is_not_advised_to_who_heals);
	return checked();
}
