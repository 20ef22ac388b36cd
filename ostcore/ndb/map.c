#include "ndb/map.h"

#include <inttypes.h>
#include <stdlib.h>

#include "bytes/sorted.h"
#include "ndb/page.h"

enum state { UNSEEN, WHOLE, DAMAGED };

/* A page, of which the state is known, or a block. */
struct extent {
	struct ndb_place place;
	uint32_t len;
	enum state state;
};

struct ndb_map {
	struct ndb *db; /* on loan */
	struct extent *at;
	size_t count, cap;
	uint32_t longest;
	uint8_t block[NDB_BLOCK_MAX];
};

static enum ost_status add(struct ndb_map *m, struct extent e,
			   struct ost_error *err)
{
	if (m->count == m->cap) {
		const size_t cap = m->cap > 0 ? 2 * m->cap : 1024;
		struct extent *at = reallocarray(m->at, cap, sizeof(*at));

		if (at == NULL)
			return ost_no_memory(err);
		m->at = at;
		m->cap = cap;
	}
	m->at[m->count++] = e;
	m->longest = m->longest > e.len ? m->longest : e.len;
	return OST_OK;
}

static enum ost_status add_block(struct ndb_map *m, struct ndb_place place,
				 struct ost_error *err)
{
	const struct extent e = {
		place, ndb_block_footprint(m->db->layout, place.stored), UNSEEN
	};

	return add(m, e, err);
}

/* A page, and the blocks that it names. */
static enum ost_status take_page(void *arg, const struct page_want *want,
				 const struct page *page, struct ost_error *err)
{
	struct ndb_map *m = arg;
	const bool whole = page != NULL && !page->sifted;
	const struct extent e = { .place.ib = want->ref.ib,
				  .len = m->db->layout->page_size,
				  .state = whole ? WHOLE : DAMAGED };
	enum ost_status st = add(m, e, err);

	if (page == NULL || page->level > 0 || page->type == NDB_PAGE_NBT)
		return st;
	for (size_t i = 0; st == OST_OK && i < page->count; i++)
		st = add_block(
			m, page_place(m->db->layout, page_entry(page, i)), err);
	return st;
}

static int by_place(const void *a, const void *b)
{
	const struct extent *x = a, *y = b;

	return (x->place.ib > y->place.ib) - (x->place.ib < y->place.ib);
}

enum ost_status ndb_map_new(struct ndb_map **out, struct ndb *db,
			    struct ost_error *err)
{
	struct ndb_map *m = calloc(1, sizeof(*m));
	enum ost_status st;

	*out = NULL;
	if (m == NULL)
		return ost_no_memory(err);
	m->db = db;
	st = page_walk(db, NDB_PAGE_NBT, take_page, m, err);
	if (st == OST_OK)
		st = page_walk(db, NDB_PAGE_BBT, take_page, m, err);
	if (st != OST_OK) {
		ndb_map_free(m);
		return st;
	}
	if (m->count > 0)
		qsort(m->at, m->count, sizeof(*m->at), by_place);
	*out = m;
	return OST_OK;
}

/* The first that may reach to byte `off`. */
static size_t first_near(const struct ndb_map *m, uint64_t off)
{
	size_t first;

	SORTED_FIRST(first, m->count, i,
		     m->at[i].place.ib < off &&
			     off - m->at[i].place.ib >= m->longest);
	return first;
}

static enum ost_status check(struct ndb_map *m, struct extent *e,
			     struct ost_error *err)
{
	enum ost_status st = OST_OK;

	if (e->state == DAMAGED)
		return ost_fail(err, OST_CORRUPT,
				"what is at %#" PRIx64 " is damaged",
				e->place.ib);
	if (e->state == UNSEEN)
		st = ndb_block_read(m->db, &e->place, m->block, err);
	if (st == OST_OK)
		e->state = WHOLE;
	else if (st == OST_CORRUPT)
		e->state = DAMAGED;
	return st;
}

enum ost_status ndb_map_check(struct ndb_map *m, uint64_t off, size_t len,
			      struct ost_error *err)
{
	enum ost_status st = OST_OK;

	for (size_t i = first_near(m, off); st == OST_OK && i < m->count; i++) {
		struct extent *e = &m->at[i];

		if (e->place.ib >= off && e->place.ib - off >= len)
			break;
		if (e->place.ib >= off || off - e->place.ib < e->len)
			st = check(m, e, err);
	}
	return st;
}

void ndb_map_free(struct ndb_map *m)
{
	if (m == NULL)
		return;
	free(m->at);
	free(m);
}
