/*
 * trees.c - the two B-trees of the file                 [MS-PST] 2.2.2.7.7
 *
 * All pages of a level are full but the last. While one level is written the
 * entries of the next are kept: 24 bytes a page.
 */
#include "pst/trees.h"

#include "pst/put.h"

enum {
	NODE_WIDTH = 32,
	BLOCK_WIDTH = 24,
	BRANCH_WIDTH = 24,
	BRANCH_MAX = 20,
	COUNTS_AT = 488, /* cEnt, cEntMax, cbEnt, cLevel */
};

static uint8_t leaf_width(enum pst_page_type type)
{
	return type == PST_PAGE_NBT ? NODE_WIDTH : BLOCK_WIDTH;
}

static uint8_t leaf_max(enum pst_page_type type)
{
	return (uint8_t)(COUNTS_AT / leaf_width(type));
}

static uint64_t pages_of(uint64_t count, uint64_t max)
{
	return count == 0 ? 1 : (count + max - 1) / max;
}

uint64_t pst_tree_pages(enum pst_page_type type, uint64_t count)
{
	uint64_t level = pages_of(count, leaf_max(type)), all = level;

	while (level > 1) {
		level = pages_of(level, BRANCH_MAX);
		all += level;
	}
	return all;
}

struct tree {
	struct pst_regions *regions;
	enum pst_page_type type;
	uint64_t *next_page;
	pst_tree_next *next;
	void *from;
};

/* The entries of a level above the leaves, as those of one are given. */
struct branches {
	struct buf all; /* owned: key, BID, place of each page below */
	size_t at;
};

static enum ost_status next_branch(void *from, const uint8_t **entry,
				   struct ost_error *err)
{
	struct branches *b = from;

	*entry = NULL;
	if (b->all.bad)
		return ost_no_memory(err);
	if (b->at + BRANCH_WIDTH > b->all.len)
		return OST_OK;
	*entry = (const uint8_t *)b->all.at + b->at;
	b->at += BRANCH_WIDTH;
	return OST_OK;
}

/* Write a page of at most `max` entries, and its entry to `above`. */
static enum ost_status write_page(const struct tree *t, uint8_t level,
				  struct buf *above, struct pst_ref *ref,
				  struct ost_error *err)
{
	const uint8_t width = level == 0 ? leaf_width(t->type) : BRANCH_WIDTH;
	const uint8_t max = level == 0 ? leaf_max(t->type) : BRANCH_MAX;
	const uint8_t *entry;
	uint8_t *page;
	uint8_t count = 0;
	enum ost_status st;

	st = pst_room(t->regions, PST_PAGE_SIZE, PST_PAGE_SIZE, &page, &ref->ib,
		      err);
	ref->bid = (*t->next_page)++;
	if (st != OST_OK || t->regions->file->fd < 0)
		return st;
	for (; count < max && st == OST_OK; count++) {
		st = t->next(t->from, &entry, err);
		if (st != OST_OK || entry == NULL)
			break;
		memcpy(page + (size_t)count * width, entry, width);
	}
	page[COUNTS_AT] = count;
	page[COUNTS_AT + 1] = max;
	page[COUNTS_AT + 2] = width;
	page[COUNTS_AT + 3] = level;
	pst_page_seal(page, t->type, ref->bid, ref->ib);
	buf_add(above, page, 8);
	buf_put64(above, ref->bid);
	buf_put64(above, ref->ib);
	return st;
}

enum ost_status pst_tree_write(struct pst_regions *r, enum pst_page_type type,
			       uint64_t count, pst_tree_next *next, void *from,
			       uint64_t *next_page, struct pst_ref *root,
			       struct ost_error *err)
{
	struct tree t = { r, type, next_page, next, from };
	struct branches below = { 0 }, above = { 0 };
	uint64_t pages = pages_of(count, leaf_max(type));
	enum ost_status st = OST_OK;

	for (uint8_t level = 0; st == OST_OK; level++) {
		for (uint64_t i = 0; i < pages && st == OST_OK; i++)
			st = write_page(&t, level, &above.all, root, err);
		if (pages == 1)
			break;
		pages = pages_of(pages, BRANCH_MAX);
		buf_free(&below.all);
		below = above;
		above = (struct branches){ 0 };
		t.next = next_branch;
		t.from = &below;
	}
	buf_free(&below.all);
	buf_free(&above.all);
	return st;
}
