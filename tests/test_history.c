/*
 * test_history.c - older versions of pages: what counts, and what is past
 */
#include "healkit.h"

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
		struct ndb *db = NULL, *history = NULL;
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
		CHECK(ndb_history_open(&history, db, &err) == OST_OK);
		CHECK(ndb_history_node(history, 0, &node));
		CHECK(node.nid.value == forge_get(&store, first, 4));
		CHECK(ndb_find(db, node.nid, &now, &err) == OST_OK);
		digest_node(history, &node, 1, &was);
		digest_node(history, &now, 1, &is);
		CHECK(!was.bad && !is.bad && was.sum != is.sum);
		CHECK(ndb_history_node(history, 1, &node));
		CHECK(ndb_find(db, node.nid, &now, &err) == OST_NOT_FOUND);
		CHECK(!ndb_history_node(history, 2, &node));
		ndb_history_close(history);
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
		struct ndb *db = NULL, *history = NULL;
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
		CHECK(ndb_history_open(&history, db, &err) == OST_OK);
		CHECK(ndb_history_node(history, 0, &node));
		digest_node(history, &node, 1, &was);
		CHECK(!was.bad);
		digest_node(db, &node, 1, &was);
		CHECK(was.bad);
		ndb_history_close(history);
		ndb_close(db);

		/* Changed since it was written, it is no block any more. */
		store.at[block.sub] ^= 1;
		CHECK(open_store(&store, false, &db, &err) == OST_OK);
		CHECK(ndb_history_open(&history, db, &err) == OST_OK);
		CHECK(!ndb_history_node(history, 0, &node));
		ndb_history_close(history);
		ndb_close(db);
		buf_free(&store);
	}
}

int main(void)
{
	RUN(the_newest_version_counts);
	RUN(a_changed_and_a_deleted_node_are_past);
	RUN(a_block_that_is_not_used_any_more_is_past);
	return checked();
}
