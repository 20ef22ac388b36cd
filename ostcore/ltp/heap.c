/*
 * heap.c - heap-on-node: small items in a node's blocks  [MS-PST] 2.3.1
 */
#include "ltp/heap.h"

enum { HN_SIGNATURE = 0xEC, HN_HEADER_SIZE = 12 };

/* HNHDR, at the start of the first block [MS-PST] 2.3.1.2 */
static enum ost_status decode_header(struct heap *h, enum heap_client client,
				     struct ost_error *err)
{
	struct cursor c = cur_at(ndb_block_span(h->first), 2);
	const uint8_t sig = cur_u8(&c);
	const uint8_t made_for = cur_u8(&c);

	h->root = cur_u32(&c);
	if (!cur_ok(&c))
		return ost_fail(err, OST_CORRUPT, "heap of %zu bytes",
				ndb_block_span(h->first).len);
	if (sig == HN_SIGNATURE && made_for == HEAP_NO_LIST)
		return ost_fail(err, OST_UNSUPPORTED, "heap for %#x", made_for);
	if (sig != HN_SIGNATURE || made_for != client)
		return ost_fail(err, OST_CORRUPT,
				"heap signature %#x for %#x, not %#x for %#x",
				sig, made_for, HN_SIGNATURE, client);
	return OST_OK;
}

enum ost_status heap_open(struct heap *h, struct ndb *db,
			  const struct ndb_node *node, enum heap_client client,
			  struct ost_error *err)
{
	enum ost_status st;

	*h = (struct heap){ .db = db, .node = *node };
	h->index_bits = ndb_info(db)->format == NDB_UNICODE_4K ? 14 : 11;
	st = ndb_stream_open(&h->stream, db, node->data, err);
	if (st == OST_OK)
		st = ndb_stream_blocks(h->stream, &h->blocks, err);
	if (st == OST_OK)
		st = ndb_stream_block(h->stream, 0, &h->first, err);
	if (st == OST_OK)
		st = decode_header(h, client, err);
	if (st == OST_OK)
		return OST_OK;
	heap_close(h);
	return ost_within(err, st, "node %#x", node->nid.value);
}

void heap_close(struct heap *h)
{
	ndb_block_drop(h->first);
	ndb_stream_close(h->stream);
	*h = (struct heap){ 0 };
}

/*
 * Item `index`, from 1, of a block: HNPAGEMAP [MS-PST] 2.3.1.5. Its place is
 * the first field of all three kinds of block header.
 */
static enum ost_status find_item(struct span block, uint32_t index,
				 struct span *out, struct ost_error *err)
{
	struct cursor head = cur_at(block, 0);
	struct cursor map = cur_at(block, cur_u16(&head));
	const uint16_t count = cur_u16(&map);

	(void)cur_u16(&map); /* cFree */
	if (!cur_ok(&head) || !cur_ok(&map) || index == 0 || index > count)
		return ost_fail(err, OST_CORRUPT, "no heap item %u of %u",
				index, count);
	(void)cur_span(&map, 2 * (uint64_t)(index - 1));

	const uint16_t from = cur_u16(&map), to = cur_u16(&map);
	if (!cur_ok(&map) || to < from ||
	    !span_sub(block, from, (uint64_t)to - from, out))
		return ost_fail(err, OST_CORRUPT,
				"heap item %u is at %u to %u of %zu", index,
				from, to, block.len);
	return OST_OK;
}

enum ost_status heap_item(const struct heap *h, uint32_t hid,
			  struct ndb_block **block, struct span *out,
			  struct ost_error *err)
{
	const unsigned bits = h->index_bits;
	const uint32_t index = hid >> 5 & ((1U << bits) - 1);
	const uint32_t at = hid >> (5 + bits);
	struct ndb_block *b = NULL;
	enum ost_status st = OST_OK;

	*block = NULL;
	*out = span_of(NULL, 0);
	if (hid == 0)
		return OST_OK;
	if (heap_is_subnode(hid))
		return ost_fail(err, OST_CORRUPT,
				"%#x is a subnode, not a heap item", hid);
	if (at > 0)
		st = ndb_stream_block(h->stream, at, &b, err);
	if (st == OST_OK)
		st = find_item(ndb_block_span(at > 0 ? b : h->first), index,
			       out, err);
	if (st == OST_OK) {
		*block = b;
		return OST_OK;
	}
	ndb_block_drop(b);
	return ost_within(err, st, "heap block %u", at);
}

enum ost_status heap_subnode(const struct heap *h, uint32_t hnid,
			     struct ndb_stream **out, struct ost_error *err)
{
	struct ndb_node sub;
	enum ost_status st =
		ndb_find_sub(h->db, &h->node, (ndb_nid){ hnid }, &sub, err);

	*out = NULL;
	if (st == OST_NOT_FOUND)
		st = ost_fail(err, OST_CORRUPT, "its subnode %#x is missing",
			      hnid);
	return st == OST_OK ? ndb_stream_open(out, h->db, sub.data, err) : st;
}

enum ost_status heap_value_size(const struct heap *h, uint32_t hnid,
				uint64_t *out, struct ost_error *err)
{
	struct ndb_stream *stream = NULL;
	struct ndb_block *block = NULL;
	struct span item;
	enum ost_status st;

	if (heap_is_subnode(hnid)) {
		st = heap_subnode(h, hnid, &stream, err);
		*out = st == OST_OK ? ndb_stream_size(stream) : 0;
		ndb_stream_close(stream);
		return st;
	}
	st = heap_item(h, hnid, &block, &item, err);
	*out = item.len;
	ndb_block_drop(block);
	return st;
}

enum ost_status heap_value_read(const struct heap *h, uint32_t hnid,
				uint64_t off, void *buf, size_t len,
				struct ost_error *err)
{
	struct ndb_stream *stream = NULL;
	struct ndb_block *block = NULL;
	struct span item, part;
	enum ost_status st;

	if (heap_is_subnode(hnid)) {
		st = heap_subnode(h, hnid, &stream, err);
		if (st == OST_OK)
			st = ndb_stream_read(stream, off, buf, len, err);
		ndb_stream_close(stream);
		return st;
	}
	st = heap_item(h, hnid, &block, &item, err);
	if (st == OST_OK && !span_sub(item, off, len, &part))
		st = ost_fail(err, OST_CORRUPT,
			      "heap item %#x of %zu bytes is too short", hnid,
			      item.len);
	if (st == OST_OK && len > 0)
		memcpy(buf, part.at, len);
	ndb_block_drop(block);
	return st;
}
