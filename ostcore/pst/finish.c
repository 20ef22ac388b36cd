/*
 * finish.c - what follows the blocks: B-trees, maps, header  [MS-PST] 2.2.2
 */
#include <stdlib.h>

#include "ndb/sums.h"
#include "pst/put.h"
#include "pst/state.h"

enum {
	HEADER_SIZE = 564,
	CRC_FROM = 8,
	CRC_LEN = 471,
	CRC_FULL_LEN = 516,
	DLIST_AT = 0x4200,
	REFS_MAX = 0xFFFF,
	HEADER_FMAP = 128,
};

static int compare_keys(const void *a, const void *b)
{
	const uint64_t x = put_back(a, 0, 8), y = put_back(b, 0, 8);

	return (x > y) - (x < y);
}

/* Gives the nodes of all runs in one order. */
struct node_merge {
	struct pst_spool_reader runs[PST_RUN_OTHERS];
	const struct buf *others;
	size_t other;			/* byte in it */
	const uint8_t *heads[PST_RUNS]; /* what each run gives next */
	unsigned given;			/* run whose head was given last */
};

static enum ost_status refill(struct node_merge *m, unsigned run,
			      struct ost_error *err)
{
	if (run < PST_RUN_OTHERS)
		return pst_spool_next(&m->runs[run], &m->heads[run], err);
	m->heads[run] = m->other < m->others->len
				? (const uint8_t *)m->others->at + m->other
				: NULL;
	m->other += PST_NODE_WIDTH;
	return OST_OK;
}

static enum ost_status next_node(void *from, const uint8_t **entry,
				 struct ost_error *err)
{
	struct node_merge *m = from;
	const uint8_t *best = NULL;
	const enum ost_status st = refill(m, m->given, err);

	for (unsigned i = 0; i < PST_RUNS; i++)
		if (m->heads[i] != NULL &&
		    (best == NULL || compare_keys(m->heads[i], best) < 0)) {
			best = m->heads[i];
			m->given = i;
		}
	*entry = best;
	return st;
}

/* An id that two nodes have would be found for one of them. */
static enum ost_status check_others(const struct pst_out *o,
				    struct ost_error *err)
{
	const uint8_t *at = (const uint8_t *)o->others.at;

	for (size_t i = PST_NODE_WIDTH; i < o->others.len; i += PST_NODE_WIDTH)
		if (compare_keys(at + i - PST_NODE_WIDTH, at + i) == 0)
			return ost_fail(err, OST_BUG, "two nodes %#x",
					(unsigned)put_back(at, i, 4));
	return OST_OK;
}

static enum ost_status write_nodes(struct pst_out *o, struct pst_ref *root,
				   struct ost_error *err)
{
	struct node_merge m = { .others = &o->others, .given = PST_RUN_OTHERS };
	uint64_t count = o->others.len / PST_NODE_WIDTH;
	enum ost_status st = buf_status(&o->others, err);

	if (st != OST_OK)
		return st;
	if (count > 1)
		qsort(o->others.at, count, PST_NODE_WIDTH, compare_keys);
	st = check_others(o, err);
	for (unsigned i = 0; i < PST_RUN_OTHERS && st == OST_OK; i++) {
		count += o->nodes[i].count;
		m.runs[i].spool = &o->nodes[i];
		if (o->file.fd >= 0)
			st = refill(&m, i, err);
	}
	if (st == OST_OK)
		st = pst_tree_write(&o->regions, PST_PAGE_NBT, count, next_node,
				    &m, &o->next_page, root, err);
	for (unsigned i = 0; i < PST_RUN_OTHERS; i++)
		buf_free(&m.runs[i].some);
	return st;
}

/* Gives the blocks, with the references to those that are shared. */
struct block_merge {
	struct pst_spool_reader run;
	const struct buf *shared; /* ascending */
	size_t at;
	uint8_t entry[PST_BLOCK_WIDTH];
};

static enum ost_status next_block(void *from, const uint8_t **entry,
				  struct ost_error *err)
{
	struct block_merge *m = from;
	const uint8_t *all = (const uint8_t *)m->shared->at;
	enum ost_status st = pst_spool_next(&m->run, entry, err);
	uint32_t refs;

	if (st != OST_OK || *entry == NULL || m->at >= m->shared->len ||
	    compare_keys(*entry, all + m->at) != 0)
		return st;
	memcpy(m->entry, *entry, sizeof(m->entry));
	refs = (uint32_t)put_back(m->entry, 18, 2);
	for (;
	     m->at < m->shared->len && compare_keys(m->entry, all + m->at) == 0;
	     m->at += 8)
		refs++;
	if (refs > REFS_MAX)
		return ost_fail(err, OST_BUG, "a block has %u users", refs);
	put16(m->entry + 18, (uint16_t)refs);
	*entry = m->entry;
	return OST_OK;
}

static enum ost_status write_blocks(struct pst_out *o, struct pst_ref *root,
				    struct ost_error *err)
{
	struct block_merge m = { .run = { .spool = &o->blocks },
				 .shared = &o->shared };
	enum ost_status st;

	if (o->shared.len > 8)
		qsort(o->shared.at, o->shared.len / 8, 8, compare_keys);
	st = pst_tree_write(&o->regions, PST_PAGE_BBT, o->blocks.count,
			    next_block, &m, &o->next_page, root, err);
	if (st == OST_OK && m.at != m.shared->len && o->file.fd >= 0)
		st = ost_fail(err, OST_BUG, "a shared block is not there");
	buf_free(&m.run.some);
	return st;
}

/* The highest index of each type: folders' tables have the folder's. */
static void put_ids(uint8_t *to, const struct pst_out *o)
{
	for (unsigned i = 0; i < PST_NID_TYPES; i++)
		put32(to + (size_t)i * 4,
		      o->highest[i >= PST_NID_HIERARCHY &&
						 i <= PST_NID_ASSOC_CONTENTS
					 ? PST_NID_FOLDER
					 : i]);
}

/* ROOT [MS-PST] 2.2.2.5 */
static void put_root(uint8_t *to, const struct pst_out *o,
		     const struct pst_ref roots[2])
{
	const uint64_t regions = o->regions.number + 1;

	put64(to + 4, pst_region_at(regions));
	put64(to + 12, pst_region_at(regions - 1));
	put64(to + 20, (regions * PST_SLOTS - o->regions.used) * PST_SLOT);
	for (unsigned i = 0; i < 2; i++) {
		put64(to + 36 + (size_t)i * 16, roots[i].bid);
		put64(to + 44 + (size_t)i * 16, roots[i].ib);
	}
	to[68] = 2; /* fAMapValid */
}

static const uint8_t magic[] = { '!', 'B', 'D', 'N' };
static const uint8_t client[] = { 'S', 'M' };

/* HEADER [MS-PST] 2.2.2.6 */
static void put_header(uint8_t *to, const struct pst_out *o,
		       const struct pst_ref roots[2])
{
	memcpy(to, magic, sizeof(magic));
	memcpy(to + 8, client, sizeof(client));
	put16(to + 10, 23); /* wVer: Unicode */
	put16(to + 12, 19); /* wVerClient */
	to[14] = to[15] = 1;
	put64(to + 32, o->next_page);
	put32(to + 40, o->unique + 1);
	put_ids(to + 44, o);
	put_root(to + 180, o, roots);
	for (unsigned i = 0; i < HEADER_FMAP; i++)
		to[256 + i] = pst_region_free(&o->regions, i);
	memset(to + 384, 0xFF, 128);
	to[512] = 0x80; /* bSentinel */
	to[513] = 1;	/* bCryptMethod: permute */
	put64(to + 516, o->next_block);
	put32(to + 4, ndb_crc(span_of(to + CRC_FROM, CRC_LEN)));
	put32(to + 524, ndb_crc(span_of(to + CRC_FROM, CRC_FULL_LEN)));
}

/* The header and the list of pages by density, which is empty. */
static enum ost_status write_header(struct pst_out *o,
				    const struct pst_ref roots[2],
				    struct ost_error *err)
{
	uint8_t page[PST_PAGE_SIZE] = { 0 }, header[HEADER_SIZE] = { 0 };
	enum ost_status st;

	pst_page_seal(page, PST_PAGE_DLIST, o->next_page++, DLIST_AT);
	put_header(header, o, roots);
	if (o->file.fd < 0)
		return OST_OK;
	st = pst_file_write(o->file.fd, DLIST_AT, span_of(page, sizeof(page)),
			    err);
	if (st == OST_OK)
		st = pst_file_write(o->file.fd, 0,
				    span_of(header, sizeof(header)), err);
	return st;
}

enum ost_status pst_out_finish(struct pst_out *o, struct ost_error *err)
{
	struct pst_ref roots[2] = { 0 };
	enum ost_status st = pst_go_on(o, err);

	if (st == OST_OK)
		st = buf_status(&o->shared, err);
	if (st == OST_OK)
		st = write_nodes(o, &roots[0], err);
	if (st == OST_OK)
		st = write_blocks(o, &roots[1], err);
	if (st == OST_OK)
		st = pst_regions_finish(&o->regions, err);
	if (st == OST_OK)
		st = write_header(o, roots, err);
	o->finished = st == OST_OK;
	return pst_settle(o, st, err);
}
