/*
 * orphans.c - what is in a message, and nothing leads to
 *
 * One field of a node, under checksums that are right, can lose all that is in
 * a message, and in a cache nothing that is left says that it was there. The
 * block B-tree does: a block of which it counts a user is some node's. A block
 * that is free but for its entry has a cRef of 1 [MS-PST] 2.2.2.7.7.3.
 *
 * Outlook leaves blocks behind itself: of three real stores one has 17 old row
 * matrices and heaps that are in use by their cRef. So a block of subnodes is
 * only told of that has the lists of a message, in a store that has a message
 * without any: then one of the two is the other's.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "bytes/buf.h"
#include "bytes/sorted.h"
#include "ndb/internal.h"
#include "ndb/page.h"

enum {
	USED = 2, /* the least cRef of a block in use */

	/* Nodes [MS-PST] 2.2.2.1, 2.4.5 */
	NID_TYPE = 0x1F,
	TYPE_MESSAGE = 0x04,
	TYPE_ASSOCIATED = 0x08,
	NID_ATTACHMENTS = 0x671,
	NID_RECIPIENTS = 0x692,
};

struct orphans {
	struct ndb *db;
	struct buf keys;  /* uint64_t: all blocks, ascending */
	uint8_t *reached; /* owned: a bit for each */
	struct buf
		below; /* ndb_bid: internal blocks that are still to be read */
	bool cut;      /* what leads to some could not be read */
	bool bare;     /* there is a message with nothing in it */
};

static uint64_t key_at(const struct orphans *o, size_t i)
{
	return ((const uint64_t *)(const void *)o->keys.at)[i];
}

static size_t key_count(const struct orphans *o)
{
	return o->keys.len / sizeof(uint64_t);
}

static enum ost_status take_blocks(void *arg, const struct page_want *want,
				   const struct page *page,
				   struct ost_error *err)
{
	struct orphans *o = arg;

	(void)want;
	o->cut = o->cut || page == NULL || page->sifted;
	for (size_t i = 0; !o->cut && page->level == 0 && i < page->count;
	     i++) {
		const uint64_t key = page_key(o->db->layout, page, i);

		buf_add(&o->keys, &key, sizeof(key));
	}
	return buf_status(&o->keys, err);
}

/* One that is not there is told of by who reads what leads to it. */
static void reach(struct orphans *o, uint64_t value)
{
	const ndb_bid bid = { value };
	const size_t count = key_count(o);
	size_t at;

	SORTED_FIRST(at, count, i, key_at(o, i) < bid_key(bid));
	if (at == count || key_at(o, at) != bid_key(bid) ||
	    (o->reached[at / 8] >> at % 8 & 1) != 0)
		return;
	o->reached[at / 8] |= (uint8_t)(1U << at % 8);
	if (bid_is_internal(bid))
		buf_add(&o->below, &bid, sizeof(bid));
}

/* What a node leads to. */
static void reach_node(struct orphans *o, const struct ndb_node *node)
{
	const uint32_t type = node->nid.value & NID_TYPE;

	o->bare =
		o->bare || (bid_key(node->subnodes) == 0 &&
			    (type == TYPE_MESSAGE || type == TYPE_ASSOCIATED));
	reach(o, node->data.value);
	reach(o, node->subnodes.value);
}

static void read_subnodes(struct orphans *o, const struct subblock *b)
{
	const struct ndb_layout *layout = o->db->layout;

	for (unsigned i = 0; i < b->count; i++) {
		if (b->level > 0) {
			reach(o, subblock_child(layout, b, i).value);
			continue;
		}
		const struct ndb_node node = subblock_node(layout, b, i);

		reach_node(o, &node);
	}
}

/* Which it is, it says itself. */
static void read_internal(struct orphans *o, struct span bytes)
{
	const struct ndb_layout *layout = o->db->layout;
	struct ost_error none;
	struct subblock b;
	struct xblock x;

	if (subblock_decode(layout, bytes, &b, &none) == OST_OK)
		read_subnodes(o, &b);
	else if (xblock_decode(layout, bytes, &x, &none) == OST_OK)
		for (unsigned i = 0; i < x.count; i++)
			reach(o, cur_uint(&x.bids, layout->id_width));
	else
		o->cut = true;
}

/* All that is below what was reached; each block is read once. */
static enum ost_status follow(struct orphans *o, struct ost_error *err)
{
	while (o->below.len > 0 && !o->cut) {
		struct ndb_block *block = NULL;
		enum ost_status st;
		ndb_bid bid;

		memcpy(&bid, o->below.at + o->below.len - sizeof(bid),
		       sizeof(bid));
		buf_cut(&o->below, o->below.len - sizeof(bid));
		st = ndb_block_get(o->db, bid, &block, err);
		if (st == OST_OK)
			read_internal(o, ndb_block_span(block));
		ndb_block_drop(block);
		o->cut = o->cut || st != OST_OK;
		if (ost_is_internal(st))
			return st;
	}
	return buf_status(&o->below, err);
}

static enum ost_status take_nodes(void *arg, const struct page_want *want,
				  const struct page *page,
				  struct ost_error *err)
{
	struct orphans *o = arg;
	enum ost_status st = OST_OK;

	(void)want;
	o->cut = o->cut || page == NULL || page->sifted;
	for (size_t i = 0;
	     st == OST_OK && !o->cut && page->level == 0 && i < page->count;
	     i++) {
		const struct ndb_node node =
			page_node(o->db->layout, page_entry(page, i));

		reach_node(o, &node);
		st = follow(o, err);
	}
	return st;
}

/* Does the block have the lists of a message? */
static bool is_of_message(struct ndb *db, ndb_bid bid)
{
	struct ndb_block *block = NULL;
	struct ost_error err;
	struct subblock b;
	bool is = false;

	if (ndb_block_get(db, bid, &block, &err) == OST_OK &&
	    subblock_decode(db->layout, ndb_block_span(block), &b, &err) ==
		    OST_OK &&
	    b.level == 0)
		for (unsigned i = 0; !is && i < b.count; i++) {
			const uint32_t nid =
				subblock_node(db->layout, &b, i).nid.value;

			is = nid == NID_ATTACHMENTS || nid == NID_RECIPIENTS;
		}
	ndb_block_drop(block);
	return is;
}

static void note_orphan(struct ndb *db, uint64_t key)
{
	const ndb_bid bid = { key };
	struct ndb_place place;
	struct ost_error why;

	if (!bid_is_internal(bid) ||
	    ndb_place_of(db, bid, &place, &why) != OST_OK ||
	    place.refs < USED || !is_of_message(db, bid))
		return;
	(void)!ost_fail(&why, OST_CORRUPT,
			"block %#" PRIx64 " has what is in a message, and "
			"nothing leads to it",
			key);
	health_note(db, NDB_BLOCK_ORPHAN, bid, place.ib, OST_CORRUPT, &why);
}

enum ost_status ndb_find_orphans(struct ndb *db, struct ost_error *err)
{
	struct orphans o = { .db = db };
	enum ost_status st = OST_OK;

	if (db->heal != NULL)
		return OST_OK;
	st = page_walk(db, NDB_PAGE_BBT, take_blocks, &o, err);
	if (st == OST_OK) {
		o.reached = calloc(key_count(&o) / 8 + 1, 1);
		if (o.reached == NULL)
			st = ost_no_memory(err);
	}
	if (st == OST_OK)
		st = page_walk(db, NDB_PAGE_NBT, take_nodes, &o, err);
	for (size_t i = 0;
	     st == OST_OK && !o.cut && o.bare && i < key_count(&o); i++)
		if ((o.reached[i / 8] >> i % 8 & 1) == 0)
			note_orphan(db, key_at(&o, i));
	free(o.reached);
	buf_free(&o.keys);
	buf_free(&o.below);
	return st;
}
