/*
 * trees.c - the two B-trees of the file                 [MS-PST] 2.2.2.7.7
 *
 * All pages of a level are full but the last. While one level is written the
 * entries of the next are spooled: 24 bytes a page.
 */
#include "pst/trees.h"

#include "pst/put.h"
#include "pst/spool.h"

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

/* The entries of a level above the leaves: key, BID, place of each page below.
 */
struct branches {
	struct pst_spool all; /* owned */
	struct pst_spool_reader reader;
};

static void branches_init(struct branches *b, const struct pst_regions *r)
{
	*b = (struct branches){ .reader = { .spool = &b->all } };
	pst_spool_init(&b->all, r->file, BRANCH_WIDTH);
}

static void branches_free(struct branches *b)
{
	pst_spool_free(&b->all);
	buf_free(&b->reader.some);
}

static enum ost_status next_branch(void *from, const uint8_t **entry,
				   struct ost_error *err)
{
	return pst_spool_next(&((struct branches *)from)->reader, entry, err);
}

/* The entry that leads to a page. */
static enum ost_status add_branch(struct branches *above, const uint8_t *page,
				  const struct pst_ref *ref,
				  struct ost_error *err)
{
	uint8_t entry[BRANCH_WIDTH];

	memcpy(entry, page, 8);
	put64(entry + 8, ref->bid);
	put64(entry + 16, ref->ib);
	return pst_spool_add(&above->all, entry, err);
}

/* Write a page of at most `max` entries, and its entry to `above`. */
static enum ost_status write_page(const struct tree *t, uint8_t level,
				  struct branches *above, struct pst_ref *ref,
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
	return st == OST_OK ? add_branch(above, page, ref, err) : st;
}

enum ost_status pst_tree_write(struct pst_regions *r, enum pst_page_type type,
			       uint64_t count, pst_tree_next *next, void *from,
			       uint64_t *next_page, struct pst_ref *root,
			       struct ost_error *err)
{
	struct tree t = { r, type, next_page, next, from };
	struct branches levels[2]; /* what is read, and what is written */
	uint64_t pages = pages_of(count, leaf_max(type));
	enum ost_status st = OST_OK;

	branches_init(&levels[0], r);
	branches_init(&levels[1], r);
	for (uint8_t level = 0; st == OST_OK; level++) {
		struct branches *above = &levels[level % 2];

		branches_free(above);
		branches_init(above, r);
		for (uint64_t i = 0; i < pages && st == OST_OK; i++)
			st = write_page(&t, level, above, root, err);
		if (pages == 1)
			break;
		pages = pages_of(pages, BRANCH_MAX);
		t.next = next_branch;
		t.from = above;
	}
	branches_free(&levels[0]);
	branches_free(&levels[1]);
	return st;
}
