/*
 * out.c - a PST that is being written                   [MS-PST] 2.2, 2.6
 */
#include "pst/out.h"

#include <stdlib.h>

#include "ndb/sums.h"
#include "pst/put.h"
#include "pst/state.h"

enum {
	BLOCK_TRAILER = 16,
	NID_INDEX_MAX = (1 << 27) - 1,
};

/* The least that Outlook gives, less one [MS-PST] 2.2.2.6 */
static uint32_t floor_of(unsigned type)
{
	switch (type) {
	case PST_NID_SEARCH_FOLDER:
		return 0x4000;
	case PST_NID_MESSAGE:
		return 0x10000;
	case PST_NID_ASSOCIATED:
		return 0x8000;
	case PST_NID_FOLDER:
		return 0x404; /* after 0x8082 of the skeleton */
	default:
		return 0x400;
	}
}

/* Keep the first failure of the destination; and there is no going on. */
enum ost_status pst_settle(struct pst_out *o, enum ost_status st,
			   struct ost_error *err)
{
	if (st == OST_OK || o->failed)
		return st;
	o->failed = st == OST_IO;
	o->why = *err;
	return st;
}

enum ost_status pst_go_on(const struct pst_out *o, struct ost_error *err)
{
	if (!o->failed)
		return OST_OK;
	*err = o->why;
	return OST_IO;
}

enum ost_status pst_out_new(struct pst_out **out, const char *path,
			    struct ost_error *err)
{
	struct pst_out *o = calloc(1, sizeof(*o));
	enum ost_status st = OST_OK;

	*out = NULL;
	if (o == NULL)
		return ost_no_memory(err);
	o->file = (struct pst_file){ .fd = -1, .dir = -1 };
	pst_spool_init(&o->blocks, &o->file, PST_BLOCK_WIDTH);
	for (unsigned i = 0; i < PST_RUN_OTHERS; i++)
		pst_spool_init(&o->nodes[i], &o->file, PST_NODE_WIDTH);
	for (unsigned i = 0; i < PST_NID_TYPES; i++)
		o->highest[i] = o->given[i] = floor_of(i);
	o->next_block = 4;
	o->next_page = 1;
	if (path != NULL)
		st = pst_file_new(&o->file, path, err);
	if (st == OST_OK)
		st = pst_regions_init(&o->regions, &o->file, err);
	if (st == OST_OK) {
		*out = o;
		return OST_OK;
	}
	pst_out_free(o);
	return st;
}

void pst_out_free(struct pst_out *o)
{
	if (o == NULL)
		return;
	pst_regions_free(&o->regions);
	pst_spool_free(&o->blocks);
	for (unsigned i = 0; i < PST_RUN_OTHERS; i++)
		pst_spool_free(&o->nodes[i]);
	buf_free(&o->others);
	buf_free(&o->shared);
	pst_file_free(&o->file);
	free(o);
}

bool pst_out_failed(const struct pst_out *o)
{
	return o->failed;
}

int pst_out_fd(const struct pst_out *o)
{
	return o->file.fd;
}

enum ost_status pst_out_publish(struct pst_out *o, bool replace,
				struct ost_error *err)
{
	enum ost_status st = pst_go_on(o, err);

	if (st != OST_OK || o->file.fd < 0)
		return st;
	return pst_settle(o, pst_file_publish(&o->file, replace, err), err);
}

/* These need be unique in their node only. */
static bool within_node(enum pst_nid_type type)
{
	return type == PST_NID_ATTACHMENT || type == PST_NID_OLE ||
	       type == PST_NID_VALUE;
}

uint32_t pst_nid(struct pst_out *o, enum pst_nid_type type)
{
	uint32_t *last = &o->given[type];

	if (*last == NID_INDEX_MAX && !within_node(type))
		return 0;
	*last = *last == NID_INDEX_MAX ? floor_of(type) + 1 : *last + 1;
	if (o->highest[type] < *last)
		o->highest[type] = *last;
	return *last << 5 | (uint32_t)type;
}

struct pst_empty *pst_out_empty(struct pst_out *o, unsigned kind)
{
	return &o->empty[kind % PST_EMPTY_KINDS];
}

uint32_t pst_unique(struct pst_out *o)
{
	return ++o->unique;
}

static uint64_t node_count(const struct pst_out *o)
{
	return o->nodes[PST_RUN_MESSAGES].count +
	       o->nodes[PST_RUN_ASSOCIATED].count +
	       o->others.len / PST_NODE_WIDTH;
}

enum ost_status pst_node(struct pst_out *o, uint32_t nid, uint32_t parent,
			 const struct pst_part *part, struct ost_error *err)
{
	const enum pst_run run =
		(nid & 0x1F) == PST_NID_MESSAGE	     ? PST_RUN_MESSAGES
		: (nid & 0x1F) == PST_NID_ASSOCIATED ? PST_RUN_ASSOCIATED
						     : PST_RUN_OTHERS;
	uint8_t entry[PST_NODE_WIDTH] = { 0 };
	enum ost_status st = pst_go_on(o, err);

	if (st != OST_OK)
		return st;
	put64(entry, nid);
	put64(entry + 8, part->data);
	put64(entry + 16, part->sub);
	put32(entry + 24, parent);
	if (run == PST_RUN_OTHERS) {
		buf_add(&o->others, entry, sizeof(entry));
		return buf_status(&o->others, err);
	}
	if (nid <= o->last[run])
		return ost_fail(err, OST_BUG, "node %#x after %#x", nid,
				o->last[run]);
	o->last[run] = nid;
	return pst_settle(o, pst_spool_add(&o->nodes[run], entry, err), err);
}

void pst_mark(const struct pst_out *o, struct pst_mark *mark)
{
	*mark = (struct pst_mark){
		.end = pst_regions_end(&o->regions),
		.used = o->regions.used,
		.next_block = o->next_block,
		.blocks = o->blocks.count,
		.nodes = { o->nodes[PST_RUN_MESSAGES].count,
			   o->nodes[PST_RUN_ASSOCIATED].count, o->others.len },
		.last = { o->last[PST_RUN_MESSAGES],
			  o->last[PST_RUN_ASSOCIATED] },
		.shared = o->shared.len,
		.unique = o->unique,
	};
	memcpy(mark->highest, o->highest, sizeof(mark->highest));
	memcpy(mark->given, o->given, sizeof(mark->given));
	memcpy(mark->empty, o->empty, sizeof(mark->empty));
}

enum ost_status pst_undo(struct pst_out *o, const struct pst_mark *mark,
			 struct ost_error *err)
{
	enum ost_status st = pst_go_on(o, err);

	for (unsigned i = 0; i < PST_RUN_OTHERS && st == OST_OK; i++) {
		st = pst_spool_cut(&o->nodes[i], mark->nodes[i], err);
		o->last[i] = mark->last[i];
	}
	if (st == OST_OK)
		st = pst_spool_cut(&o->blocks, mark->blocks, err);
	if (st == OST_OK)
		st = pst_regions_undo(&o->regions, mark->end, mark->used, err);
	buf_cut(&o->others, (size_t)mark->nodes[PST_RUN_OTHERS]);
	buf_cut(&o->shared, (size_t)mark->shared);
	o->next_block = mark->next_block;
	o->unique = mark->unique;
	memcpy(o->highest, mark->highest, sizeof(o->highest));
	memcpy(o->given, mark->given, sizeof(o->given));
	memcpy(o->empty, mark->empty, sizeof(o->empty));
	return pst_settle(o, st, err);
}

/* Encode a block to its place, with BLOCKTRAILER [MS-PST] 2.2.2.8.1. */
static void put_block(uint8_t *to, struct span bytes, size_t size, uint64_t bid,
		      uint64_t ib)
{
	uint8_t *trailer = to + size - BLOCK_TRAILER;

	if ((bid & 2) != 0)
		memcpy(to, bytes.at, bytes.len);
	else
		ndb_permute(to, bytes);
	put16(trailer, (uint16_t)bytes.len);
	put16(trailer + 2, ndb_signature(ib, (ndb_bid){ bid }));
	put32(trailer + 4, ndb_crc(span_of(to, bytes.len)));
	put64(trailer + 8, bid);
}

enum ost_status pst_block(struct pst_out *o, struct span bytes, bool internal,
			  uint64_t *bid, struct ost_error *err)
{
	const uint32_t size =
		(uint32_t)(bytes.len + BLOCK_TRAILER + PST_SLOT - 1) /
		PST_SLOT * PST_SLOT;
	uint8_t entry[PST_BLOCK_WIDTH] = { 0 };
	uint64_t ib;
	uint8_t *to;
	enum ost_status st = pst_go_on(o, err);

	if (st == OST_OK && (bytes.len == 0 || bytes.len > PST_BLOCK_MAX))
		st = ost_fail(err, OST_BUG, "a block of %zu bytes", bytes.len);
	if (st == OST_OK)
		st = pst_room(&o->regions, size, PST_SLOT, &to, &ib, err);
	if (st != OST_OK)
		return pst_settle(o, st, err);
	*bid = o->next_block | (internal ? 2U : 0U);
	o->next_block += 4;
	if (o->file.fd >= 0)
		put_block(to, bytes, size, *bid, ib);
	put64(entry, *bid);
	put64(entry + 8, ib);
	put16(entry + 16, (uint16_t)bytes.len);
	put16(entry + 18, 2); /* cRef: who refers to it, and one */
	return pst_settle(o, pst_spool_add(&o->blocks, entry, err), err);
}

enum ost_status pst_share(struct pst_out *o, uint64_t bid,
			  struct ost_error *err)
{
	buf_add(&o->shared, &bid, sizeof(bid));
	return buf_status(&o->shared, err);
}

enum ost_status pst_out_skip(struct pst_out *o, uint64_t count,
			     struct ost_error *err)
{
	return pst_settle(o, pst_regions_skip(&o->regions, count, err), err);
}

uint64_t pst_out_size(const struct pst_out *o)
{
	const uint64_t pages = pst_tree_pages(PST_PAGE_NBT, node_count(o)) +
			       pst_tree_pages(PST_PAGE_BBT, o->blocks.count);
	const uint64_t end = pst_regions_end(&o->regions) - PST_FIRST_REGION;
	const uint64_t trees = o->finished ? 0 : pages * PST_PAGE_SIZE;

	return PST_FIRST_REGION + (end + trees + PST_REGION_SIZE - 1) /
					  PST_REGION_SIZE * PST_REGION_SIZE;
}
