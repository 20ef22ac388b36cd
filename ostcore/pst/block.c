/*
 * block.c - data of any length, in blocks               [MS-PST] 2.2.2.8
 */
#include "pst/block.h"

#include <stdlib.h>

#include "pst/put.h"

enum { XBLOCK_MAX = 1021, XBLOCK_HEAD = 8, XBLOCK_TYPE = 1 };

static size_t block_count(const struct pst_data *d)
{
	return d->blocks.len / sizeof(uint64_t);
}

/* The bytes that the first `count` blocks of `d` hold, all but the last of
   all being full. */
static uint64_t bytes_to(const struct pst_data *d, size_t count)
{
	const uint64_t full = (uint64_t)count * PST_BLOCK_MAX;

	return count == block_count(d) ? d->size : full;
}

static enum ost_status write_block(struct pst_data *d, struct span bytes,
				   struct ost_error *err)
{
	uint64_t bid;
	enum ost_status st;

	if (d->size > PST_DATA_MAX - bytes.len)
		return ost_fail(err, OST_LIMIT, "over 4 GiB in one value");
	st = pst_block(d->out, bytes, false, &bid, err);
	if (st != OST_OK)
		return st;
	buf_add(&d->blocks, &bid, sizeof(bid));
	d->size += bytes.len;
	return buf_status(&d->blocks, err);
}

enum ost_status pst_data_add(struct pst_data *d, struct span bytes,
			     struct ost_error *err)
{
	enum ost_status st = OST_OK;

	while (bytes.len > 0 && st == OST_OK) {
		const size_t room = PST_BLOCK_MAX - d->rest.len;
		const size_t take = bytes.len < room ? bytes.len : room;

		if (take == PST_BLOCK_MAX) {
			st = write_block(d, span_of(bytes.at, take), err);
		} else {
			buf_add(&d->rest, bytes.at, take);
			st = buf_status(&d->rest, err);
		}
		if (st == OST_OK && d->rest.len == PST_BLOCK_MAX) {
			st = write_block(d, buf_span(&d->rest), err);
			buf_cut(&d->rest, 0);
		}
		bytes = span_of(bytes.at + take, bytes.len - take);
	}
	return st;
}

enum ost_status pst_data_keep(struct pst_data *d, size_t *place,
			      struct ost_error *err)
{
	const uint64_t later = 0;

	if (d->rest.len > 0)
		return ost_fail(err, OST_BUG, "a block is not full");
	*place = block_count(d);
	buf_add(&d->blocks, &later, sizeof(later));
	return buf_status(&d->blocks, err);
}

enum ost_status pst_data_put(struct pst_data *d, size_t place,
			     struct span bytes, struct ost_error *err)
{
	uint64_t bid;
	const enum ost_status st = pst_block(d->out, bytes, false, &bid, err);

	if (st == OST_OK) {
		memcpy(d->blocks.at + place * sizeof(bid), &bid, sizeof(bid));
		d->size += bytes.len;
	}
	return st;
}

/* XBLOCK or XXBLOCK, of `count` BIDs from `bids` [MS-PST] 2.2.2.8.3.2 */
static enum ost_status write_list(struct pst_out *o, uint8_t level,
				  const uint8_t *bids, size_t count,
				  uint64_t total, uint64_t *bid,
				  struct ost_error *err)
{
	uint8_t bytes[PST_BLOCK_MAX];

	bytes[0] = XBLOCK_TYPE;
	bytes[1] = level;
	put16(bytes + 2, (uint16_t)count);
	put32(bytes + 4, (uint32_t)total);
	for (size_t i = 0; i < count; i++)
		put64(bytes + XBLOCK_HEAD + i * 8, put_back(bids, i * 8, 8));
	return pst_block(o, span_of(bytes, XBLOCK_HEAD + count * 8), true, bid,
			 err);
}

/* Lists of the blocks, XBLOCK_MAX each, to `lists`. */
static enum ost_status write_lists(struct pst_data *d, struct buf *lists,
				   struct ost_error *err)
{
	const uint8_t *bids = (const uint8_t *)d->blocks.at;
	const size_t all = block_count(d);
	enum ost_status st = OST_OK;

	for (size_t i = 0; i < all && st == OST_OK; i += XBLOCK_MAX) {
		const size_t count =
			all - i < XBLOCK_MAX ? all - i : XBLOCK_MAX;
		uint64_t bid;

		st = write_list(d->out, 1, bids + i * 8, count,
				bytes_to(d, i + count) - bytes_to(d, i), &bid,
				err);
		if (st == OST_OK)
			buf_put64(lists, bid);
	}
	return st == OST_OK ? buf_status(lists, err) : st;
}

static enum ost_status write_tree(struct pst_data *d, uint64_t *bid,
				  struct ost_error *err)
{
	struct buf lists = { 0 };
	enum ost_status st = write_lists(d, &lists, err);
	const uint8_t *at = (const uint8_t *)lists.at;
	const size_t count = lists.len / 8;

	if (st == OST_OK && count == 1)
		*bid = put_back(at, 0, 8);
	else if (st == OST_OK && count > XBLOCK_MAX)
		st = ost_fail(err, OST_LIMIT, "over 4 GiB in one value");
	else if (st == OST_OK)
		st = write_list(d->out, 2, at, count, d->size, bid, err);
	buf_free(&lists);
	return st;
}

enum ost_status pst_data_end(struct pst_data *d, struct pst_part *part,
			     struct ost_error *err)
{
	enum ost_status st = OST_OK;

	*part = (struct pst_part){ 0 };
	if (d->rest.len > 0)
		st = write_block(d, buf_span(&d->rest), err);
	buf_cut(&d->rest, 0);
	if (st != OST_OK)
		return st;
	part->size = d->size;
	if (block_count(d) == 1)
		memcpy(&part->data, d->blocks.at, sizeof(part->data));
	else if (block_count(d) > 1)
		st = write_tree(d, &part->data, err);
	return st;
}

void pst_data_free(struct pst_data *d)
{
	buf_free(&d->blocks);
	buf_free(&d->rest);
	*d = (struct pst_data){ 0 };
}

enum ost_status pst_data_of(struct pst_out *o, struct span bytes,
			    struct pst_part *part, struct ost_error *err)
{
	struct pst_data d = { .out = o };
	enum ost_status st = pst_data_add(&d, bytes, err);

	if (st == OST_OK)
		st = pst_data_end(&d, part, err);
	pst_data_free(&d);
	return st;
}

enum ost_status pst_data_copy(struct pst_data *d, uint64_t size, pst_read *read,
			      void *from, struct ost_error *err)
{
	uint8_t *some = malloc(PST_READ_MAX);
	enum ost_status st = OST_OK;

	if (some == NULL)
		return ost_no_memory(err);
	for (uint64_t off = 0; off < size && st == OST_OK;) {
		const size_t len = size - off < PST_READ_MAX
					   ? (size_t)(size - off)
					   : PST_READ_MAX;

		st = read(from, off, some, len, err);
		if (st == OST_OK)
			st = pst_data_add(d, span_of(some, len), err);
		off += len;
	}
	free(some);
	return st;
}

enum ost_status pst_data_from(struct pst_out *o, uint64_t size, pst_read *read,
			      void *from, struct pst_part *part,
			      struct ost_error *err)
{
	struct pst_data d = { .out = o };
	struct pst_mark mark;
	struct ost_error unsaid;
	enum ost_status st;

	pst_mark(o, &mark);
	st = pst_data_copy(&d, size, read, from, err);
	if (st == OST_OK)
		st = pst_data_end(&d, part, err);
	pst_data_free(&d);
	if (st != OST_OK && pst_undo(o, &mark, &unsaid) != OST_OK &&
	    !pst_out_failed(o))
		return ost_fail(err, OST_BUG, "%s", unsaid.text);
	return st;
}
