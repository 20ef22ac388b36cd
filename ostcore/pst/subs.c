/*
 * subs.c - the subnodes of one node                     [MS-PST] 2.2.2.8.3.3
 */
#include "pst/subs.h"

#include <stdlib.h>

#include "pst/put.h"

enum {
	ENTRY_SIZE = 24, /* NID, BID of data, BID of subnodes */
	LEAF_MAX = 340,
	INDEX_SIZE = 16, /* NID, BID */
	HEAD = 8,
	TYPE = 2,
};

enum ost_status pst_subs_add(struct pst_subs *s, uint32_t nid,
			     const struct pst_part *part, struct ost_error *err)
{
	if (s->entries.len / ENTRY_SIZE >= PST_SUBS_MAX)
		return ost_fail(err, OST_LIMIT,
				"over %u large values and parts in one item",
				PST_SUBS_MAX);
	buf_put64(&s->entries, nid);
	buf_put64(&s->entries, part->data);
	buf_put64(&s->entries, part->sub);
	s->size += part->size;
	return buf_status(&s->entries, err);
}

static int compare_nids(const void *a, const void *b)
{
	const uint64_t x = put_back(a, 0, 8), y = put_back(b, 0, 8);

	return (x > y) - (x < y);
}

static enum ost_status sort(struct pst_subs *s, struct ost_error *err)
{
	const char *at = s->entries.at;

	qsort(s->entries.at, s->entries.len / ENTRY_SIZE, ENTRY_SIZE,
	      compare_nids);
	for (size_t i = ENTRY_SIZE; i < s->entries.len; i += ENTRY_SIZE)
		if (compare_nids(at + i - ENTRY_SIZE, at + i) == 0)
			return ost_fail(
				err, OST_BUG, "two subnodes %#x",
				(unsigned)put_back((const uint8_t *)at, i, 4));
	return OST_OK;
}

/* SLBLOCK (level 0) or SIBLOCK (1), of `count` entries. */
static enum ost_status write_list(struct pst_out *o, uint8_t level,
				  struct span entries, size_t count,
				  uint64_t *bid, struct ost_error *err)
{
	uint8_t bytes[PST_BLOCK_MAX] = { TYPE, level };

	put16(bytes + 2, (uint16_t)count);
	memcpy(bytes + HEAD, entries.at, entries.len);
	return pst_block(o, span_of(bytes, HEAD + entries.len), true, bid, err);
}

enum ost_status pst_subs_end(struct pst_subs *s, struct pst_out *o,
			     struct pst_part *part, struct ost_error *err)
{
	const uint8_t *at = (const uint8_t *)s->entries.at;
	const size_t all = s->entries.len / ENTRY_SIZE;
	struct buf index = { 0 };
	enum ost_status st = all > 0 ? sort(s, err) : OST_OK;

	part->sub = 0;
	part->size += s->size;
	for (size_t i = 0; i < all && st == OST_OK; i += LEAF_MAX) {
		const size_t count = all - i < LEAF_MAX ? all - i : LEAF_MAX;

		st = write_list(
			o, 0, span_of(at + i * ENTRY_SIZE, count * ENTRY_SIZE),
			count, &part->sub, err);
		buf_add(&index, at + i * ENTRY_SIZE, 8);
		buf_put64(&index, part->sub);
	}
	if (st == OST_OK)
		st = buf_status(&index, err);
	if (st == OST_OK && all > LEAF_MAX)
		st = write_list(o, 1, buf_span(&index), index.len / INDEX_SIZE,
				&part->sub, err);
	buf_free(&index);
	return st;
}

void pst_subs_free(struct pst_subs *s)
{
	buf_free(&s->entries);
	*s = (struct pst_subs){ 0 };
}
