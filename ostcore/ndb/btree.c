/*
 * btree.c - the two B-trees: nodes by NID, blocks by BID  [MS-PST] 2.2.2.7.7
 *
 * A page is checked when it is read, then kept whole. The level must fall by
 * one with each step down, so no chain of pages, however made, goes on.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "bytes/sorted.h"
#include "ndb/page.h"
#include "ndb/patch.h"

enum { VISITS_MAX = 1024 }; /* pages, in one search */

/* The page at `ib`, whole, from the file. `*out` is owned. */
static enum ost_status read_page(struct ndb *db, uint64_t ib,
				 struct ndb_block **out, struct ost_error *err)
{
	struct ndb_block *b =
		cache_blank(cache_key_page(ib), db->layout->page_size);
	enum ost_status st;

	*out = b;
	if (b == NULL)
		return ost_no_memory(err);
	b->proven = true; /* it will be, once another leaf is the latest */
	st = source_read(db->source, ib, b->bytes, b->size, err);
	return st != OST_OK
		       ? st
		       : page_check(db->layout, ndb_block_span(b), ib, err);
}

/* Is it the page that `ref` means? */
static enum ost_status check_identity(const struct ndb_layout *layout,
				      struct span page, enum ndb_page_type type,
				      const struct ndb_ref *ref,
				      struct ost_error *err)
{
	struct page_trailer t;

	if (!page_trailer(layout, page, &t))
		return ost_fail(err, OST_BUG, "page of %zu bytes", page.len);
	if (t.type != type || t.again != type)
		return ost_fail(err, OST_CORRUPT,
				"page types %#x and %#x, not %#x", t.type,
				t.again, type);
	if (t.bid.value != ref->bid.value)
		return ost_fail(err, OST_CORRUPT,
				"page is %#" PRIx64 ", not %#" PRIx64,
				t.bid.value, ref->bid.value);
	return OST_OK;
}

/* What the page of `block` holds, if it is the one that `ref` means. */
static enum ost_status decode(struct ndb *db, enum ndb_page_type type,
			      const struct ndb_ref *ref, unsigned level,
			      const struct ndb_block *block, struct page *out,
			      struct ost_error *err)
{
	const struct span bytes = ndb_block_span(block);
	enum ost_status st = check_identity(db->layout, bytes, type, ref, err);

	if (st == OST_OK)
		st = page_decode(db->layout, bytes, type, out, err);
	if (st == OST_OK && level != LEVEL_ANY && out->level != level)
		st = ost_fail(err, OST_CORRUPT, "level %u, not %u", out->level,
			      level);
	return st;
}

static void note_key(struct ndb *db, const struct ndb_ref *ref,
		     const struct page *page, uint64_t key,
		     struct ost_error *err)
{
	health_note(db, health_page(page->type), ref->bid, ref->ib,
		    ost_fail(err, OST_CORRUPT, "key %#" PRIx64 " out of order",
			     key),
		    err);
}

/*
 * A page that was just read keeps those of its entries that are in order, and
 * so are sure; the rest is damage.
 */
static enum ost_status filter(struct ndb *db, const struct ndb_ref *ref,
			      struct ndb_block *block, struct page *page,
			      struct ost_error *err)
{
	uint64_t key;

	if (page_rises(db->layout, page, &key))
		return OST_OK;
	block->sifted = true;
	note_key(db, ref, page, key, err);
	page_filter(db->layout, block->bytes, page);
	return page_decode(db->layout, ndb_block_span(block), page->type, page,
			   err);
}

/*
 * Only what its parent has it for counts, whoever else leads to it. A page of
 * which nothing does is another's.
 */
static enum ost_status trim(struct ndb *db, const struct page_want *want,
			    struct page *page, struct ost_error *err)
{
	uint64_t key;

	if (page_trim(db->layout, page, want->range, &key))
		return OST_OK;
	note_key(db, &want->ref, page, key, err);
	return page->count > 0 ? OST_OK : OST_CORRUPT;
}

enum ost_status page_get(struct ndb *db, enum ndb_page_type type,
			 const struct page_want *want, struct ndb_block **block,
			 struct page *out, struct ost_error *err)
{
	const struct ndb_ref *ref = &want->ref;
	const bool fresh =
		(*block = cache_find(db->cache, cache_key_page(ref->ib))) ==
		NULL;
	enum ost_status st =
		fresh ? read_page(db, ref->ib, block, err) : OST_OK;

	if (st == OST_OK)
		st = decode(db, type, ref, want->level, *block, out, err);
	if (st == OST_OK && fresh)
		st = filter(db, ref, *block, out, err);
	if (st == OST_OK && fresh)
		cache_put(db->cache, *block);
	if (st == OST_OK) {
		out->sifted = (*block)->sifted;
		st = trim(db, want, out, err);
	}
	if (st == OST_OK)
		return OST_OK;
	ndb_block_drop(*block);
	*block = NULL;
	health_note(db, health_page(type), ref->bid, ref->ib, st, err);

	const struct ost_error why = *err;
	return ost_fail(err, st, "index page at %#" PRIx64 ": %s%s", ref->ib,
			why.text, db->options.heal ? "" : "; try -o heal");
}

/* How a tree is searched. */
struct search {
	struct ndb *db;
	enum ndb_page_type type;
	uint64_t key;
	bool or_above; /* the first at or above `key` will do */
	unsigned visits;
};

/* What is found, by the type of the tree. */
union found {
	struct ndb_node node;
	struct ndb_place place;
};

/* How many entries have a key below, or with `equal` at, the searched. */
static size_t count_below(const struct search *s, const struct page *p,
			  bool equal)
{
	const struct ndb_layout *layout = s->db->layout;
	size_t count;

	if (equal)
		SORTED_FIRST(count, p->count, i,
			     page_key(layout, p, i) <= s->key);
	else
		SORTED_FIRST(count, p->count, i,
			     page_key(layout, p, i) < s->key);
	return count;
}

static enum ost_status find_in_leaf(const struct search *s,
				    const struct page *p, union found *out,
				    struct ost_error *err)
{
	const struct ndb_layout *layout = s->db->layout;
	const size_t at = count_below(s, p, false);

	if (at == p->count ||
	    (!s->or_above && page_key(layout, p, at) != s->key))
		return ost_none(err, "entry", s->key);
	if (s->type == NDB_PAGE_NBT)
		out->node = page_node(layout, page_entry(p, at));
	else
		out->place = page_place(layout, page_entry(p, at));
	return OST_OK;
}

/* --- the leaves that were found in last ---------------------------------
 *
 * What is asked for next mostly lies in the leaf that the last was in: there
 * it is looked for first, without going down to it. Not in a store that is
 * healed, which decides on the way down whom to believe.
 */

enum { LATEST = 4 };

struct leaf {
	struct ndb_block *block; /* owned, of the page; NULL: none */
	struct page page;
	struct key_range range; /* all keys in it are in no other leaf */
};

struct latest {
	pthread_mutex_t lock;
	struct leaf of[2][LATEST]; /* the tree of blocks, and of nodes */
	unsigned next[2];	   /* to make room */
};

struct latest *latest_new(void)
{
	struct latest *l = calloc(1, sizeof(*l));

	if (l != NULL)
		pthread_mutex_init(&l->lock, NULL);
	return l;
}

void latest_free(struct latest *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < LATEST; i++) {
		ndb_block_drop(l->of[0][i].block);
		ndb_block_drop(l->of[1][i].block);
	}
	pthread_mutex_destroy(&l->lock);
	free(l);
}

/* False: it is none of these leaves, or not in the one it would be in. */
static bool find_in_latest(const struct search *s, union found *out)
{
	struct latest *l = s->db->latest;
	struct ost_error none;
	bool found = false;

	if (l == NULL)
		return false;
	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < LATEST; i++) {
		const struct leaf *leaf = &l->of[s->type == NDB_PAGE_NBT][i];

		if (leaf->block == NULL || s->key < leaf->range.low ||
		    s->key > leaf->range.high)
			continue;
		found = find_in_leaf(s, &leaf->page, out, &none) == OST_OK;
		break;
	}
	pthread_mutex_unlock(&l->lock);
	return found;
}

static void keep_latest(struct ndb *db, struct key_range range,
			const struct page *page, struct ndb_block *block)
{
	const bool is_nbt = page->type == NDB_PAGE_NBT;
	struct leaf *at, old;

	if (db->latest == NULL)
		return;
	pthread_mutex_lock(&db->latest->lock);
	at = &db->latest->of[is_nbt][db->latest->next[is_nbt]++ % LATEST];
	old = *at;
	*at = (struct leaf){ ndb_block_keep(block), *page, range };
	pthread_mutex_unlock(&db->latest->lock);
	ndb_block_drop(old.block);
}

/* --- from the root down ------------------------------------------------- */

static enum ost_status find_below(struct search *s,
				  const struct page_want *want,
				  union found *out, struct ost_error *err);

/* Did a search that ended so only fail to find anything? */
static bool is_passed(const struct search *s, enum ost_status st)
{
	return st == OST_NOT_FOUND ||
	       (s->or_above && (st == OST_CORRUPT || st == OST_IO));
}

/*
 * Search the child whose first key is the last not above the searched; those
 * after it only if it ends below that, or cannot be read.
 */
static enum ost_status find_in_branch(struct search *s, const struct page *p,
				      struct key_range range, union found *out,
				      struct ost_error *err)
{
	const struct ndb_layout *layout = s->db->layout;
	size_t at = count_below(s, p, true);

	if (at > 0)
		at--;
	else if (!s->or_above)
		return ost_none(err, "entry", s->key);
	for (; at < p->count; at++) {
		const struct page_want child = page_child(layout, p, at, range);
		enum ost_status st;

		if (heal_contains(s->db, s->type, page_key(layout, p, at),
				  child.range.high))
			continue;
		st = find_below(s, &child, out, err);
		if (!s->or_above || !is_passed(s, st))
			return st;
		if (s->visits > VISITS_MAX)
			return st;
	}
	return ost_none(err, "entry", s->key);
}

/* Search a page and what is below it. */
static enum ost_status find_below(struct search *s,
				  const struct page_want *want,
				  union found *out, struct ost_error *err)
{
	struct ndb_block *block = NULL;
	struct page page;
	enum ost_status st;

	if (++s->visits > VISITS_MAX)
		return ost_fail(err, OST_CORRUPT, "over %d pages in one search",
				VISITS_MAX);
	st = page_get(s->db, s->type, want, &block, &page, err);
	if (st == OST_OK && page.level > 0)
		st = find_in_branch(s, &page, want->range, out, err);
	else if (st == OST_OK)
		st = find_in_leaf(s, &page, out, err);
	if (st == OST_OK && page.level == 0)
		keep_latest(s->db, want->range, &page, block);
	ndb_block_drop(block);
	return st;
}

static enum ost_status search(struct ndb *db, enum ndb_page_type type,
			      uint64_t key, bool or_above, union found *out,
			      struct ost_error *err)
{
	const struct page_want root = page_root(db, type);
	struct search s = { db, type, key, or_above, 0 };

	if (find_in_latest(&s, out))
		return OST_OK;
	if (heal_contains(db, type, 0, UINT64_MAX))
		return ost_none(err, "entry", key);
	return find_below(&s, &root, out, err);
}

enum ost_status ndb_find(struct ndb *db, ndb_nid nid, struct ndb_node *out,
			 struct ost_error *err)
{
	union found found;
	enum ost_status st;

	if (heal_contains(db, NDB_PAGE_NBT, nid.value, nid.value)) {
		st = heal_node(db, nid, out, err);
	} else {
		st = search(db, NDB_PAGE_NBT, nid.value, false, &found, err);
		if (st == OST_OK)
			*out = found.node;
	}
	return st == OST_OK ? st : ost_within(err, st, "node %#x", nid.value);
}

enum ost_status ndb_next(struct ndb *db, ndb_nid nid, struct ndb_node *out,
			 struct ost_error *err)
{
	const struct ndb_node *healed = heal_next(db, nid);
	union found found;
	const enum ost_status st =
		search(db, NDB_PAGE_NBT, nid.value, true, &found, err);

	if (st == OST_NOT_FOUND && healed != NULL) {
		*out = *healed;
		return OST_OK;
	}
	if (st != OST_OK)
		return ost_within(err, st, "node %#x", nid.value);
	*out = healed != NULL && healed->nid.value < found.node.nid.value
		       ? *healed
		       : found.node;
	return OST_OK;
}

enum ost_status ndb_place_of(struct ndb *db, ndb_bid bid, struct ndb_place *out,
			     struct ost_error *err)
{
	union found found;
	enum ost_status st;

	if (heal_contains(db, NDB_PAGE_BBT, bid_key(bid), bid_key(bid))) {
		st = heal_place(db, bid, out, err);
	} else {
		st = search(db, NDB_PAGE_BBT, bid_key(bid), false, &found, err);
		if (st == OST_OK)
			*out = found.place;
	}
	if (st != OST_OK && history_place(db, bid, out))
		return OST_OK;
	if (st == OST_NOT_FOUND)
		st = ost_fail(err, OST_CORRUPT, "there is no such block");
	return st == OST_OK ? st
			    : ost_within(err, st, "block %#" PRIx64, bid.value);
}

/* --- all pages ------------------------------------------------------------ */

struct walk {
	struct ndb *db;
	enum ndb_page_type type;
	page_visit *visit;
	void *arg;
	uint64_t left; /* pages that can be in the file: no tree has more */
};

/* The level falls with each step down, so this is no deeper than that. */
static enum ost_status walk(struct walk *w, const struct page_want *want,
			    struct ost_error *err)
{
	struct ndb_block *block = NULL;
	struct page page = { .count = 0 };
	enum ost_status st;

	if (w->left == 0)
		return OST_OK; /* the tree leads back into itself */
	w->left--;
	st = page_get(w->db, w->type, want, &block, &page, err);
	if (st != OST_NO_MEMORY)
		st = w->visit(w->arg, want, st == OST_OK ? &page : NULL, err);
	for (size_t i = 0; st == OST_OK && page.level > 0 && i < page.count;
	     i++) {
		const struct page_want child =
			page_child(w->db->layout, &page, i, want->range);

		st = walk(w, &child, err);
	}
	ndb_block_drop(block);
	return st;
}

enum ost_status page_walk(struct ndb *db, enum ndb_page_type type,
			  page_visit *visit, void *arg, struct ost_error *err)
{
	const struct page_want root = page_root(db, type);
	struct walk w = { db, type, visit, arg,
			  db->info.size / db->layout->page_size };

	return walk(&w, &root, err);
}
