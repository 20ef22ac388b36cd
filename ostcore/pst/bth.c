/*
 * bth.c - B-trees on heaps                              [MS-PST] 2.3.2
 */
#include "pst/heap.h"
#include "pst/put.h"

enum { BTH_TYPE = 0xB5, HID_SIZE = 4 };

/* Put `bytes` as items of as many records of `width` as fit, and to `above` a
   record for each of the items. */
static enum ost_status put_level(struct pst_heap *h, struct span bytes,
				 size_t width, uint8_t key, struct buf *above,
				 struct ost_error *err)
{
	const size_t full = PST_ITEM_MAX / width * width;
	enum ost_status st = OST_OK;
	uint32_t hid;

	for (size_t i = 0; i < bytes.len && st == OST_OK; i += full) {
		const size_t len = bytes.len - i < full ? bytes.len - i : full;

		st = pst_heap_put(h, span_of(bytes.at + i, len), &hid, err);
		if (st != OST_OK)
			break;
		buf_add(above, bytes.at + i, key);
		buf_put32(above, hid);
	}
	return st == OST_OK ? buf_status(above, err) : st;
}

/* The leaves, but for the first if that was put before. */
static enum ost_status put_leaves(struct pst_heap *h, const struct pst_bth *bth,
				  struct span records, struct buf *above,
				  struct ost_error *err)
{
	const size_t width = (size_t)bth->key + bth->entry;

	if (bth->first != 0) {
		const size_t full = pst_bth_leaf(bth) * width;
		const size_t first = records.len < full ? records.len : full;

		buf_add(above, records.at, bth->key);
		buf_put32(above, bth->first);
		records = span_of(records.at + first, records.len - first);
	}
	return put_level(h, records, width, bth->key, above, err);
}

enum ost_status pst_bth_put(struct pst_heap *h, const struct pst_bth *bth,
			    struct span records, struct ost_error *err)
{
	const size_t width = (size_t)bth->key + HID_SIZE;
	uint8_t header[PST_BTH_HEADER] = { BTH_TYPE, bth->key, bth->entry };
	struct buf below, above = { 0 };
	enum ost_status st = put_leaves(h, bth, records, &above, err);

	while (st == OST_OK && above.len > width) {
		below = above;
		above = (struct buf){ 0 };
		st = put_level(h, buf_span(&below), width, bth->key, &above,
			       err);
		buf_free(&below);
		header[3]++; /* bIdxLevels */
	}
	if (st == OST_OK && above.len > 0)
		memcpy(header + 4, above.at + bth->key, HID_SIZE);
	buf_free(&above);
	if (st != OST_OK)
		return st;
	return pst_heap_change(h, bth->header, span_of(header, sizeof(header)),
			       err);
}

void pst_bth_layout(struct pst_layout *l, const struct pst_bth *bth,
		    size_t count)
{
	size_t width = (size_t)bth->key + bth->entry;

	do {
		const size_t full = PST_ITEM_MAX / width;
		size_t left = count;

		for (; left > 0; left -= left < full ? left : full)
			pst_layout_put(l, (left < full ? left : full) * width);
		count = (count + full - 1) / full;
		width = (size_t)bth->key + HID_SIZE;
	} while (count > 1);
}
