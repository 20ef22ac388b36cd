/*
 * page.c - a page of a B-tree: is it whole, what is in it
 *                                         [MS-PST] 2.2.2.7.1, 2.2.2.7.7
 */
#include "ndb/page.h"

#include <inttypes.h>

enum { ENTRY_MAX = 32 };

bool page_trailer(const struct ndb_layout *layout, struct span bytes,
		  struct page_trailer *out)
{
	struct cursor c = cur_at(bytes, layout->page_trailer);

	out->type = cur_u8(&c);
	out->again = cur_u8(&c);
	out->sig = cur_u16(&c);
	out->crc = layout->crc_first ? cur_u32(&c) : 0;
	out->bid.value = cur_uint(&c, layout->id_width);
	if (!layout->crc_first)
		out->crc = cur_u32(&c);
	return cur_ok(&c);
}

enum ost_status page_check(const struct ndb_layout *layout, struct span bytes,
			   uint64_t ib, struct ost_error *err)
{
	struct page_trailer t;
	struct span covered;

	if (!page_trailer(layout, bytes, &t) ||
	    !span_sub(bytes, 0, layout->page_trailer, &covered))
		return ost_fail(err, OST_CORRUPT, "page of %zu bytes, not %u",
				bytes.len, layout->page_size);
	if (sum_differs(ndb_crc(covered), t.crc))
		return ost_fail(err, OST_CORRUPT, "page CRC is %#x, not %#x",
				ndb_crc(covered), t.crc);
	if (sum_differs(ndb_signature(ib, t.bid), t.sig))
		return ost_fail(err, OST_CORRUPT,
				"page signature is %#x, not %#x", t.sig,
				ndb_signature(ib, t.bid));
	return OST_OK;
}

static unsigned bytes_needed(const struct ndb_layout *layout,
			     enum ndb_page_type type, uint8_t level)
{
	const unsigned id = layout->id_width;

	if (level > 0)
		return 3 * id; /* BTENTRY: key, bid, ib */
	if (type == NDB_PAGE_NBT)
		return 3 * id + 4; /* nid, bidData, bidSub, nidParent */
	return 2 * id + 4;	   /* bid, ib, cb, cRef (4K: cb twice) */
}

enum ost_status page_decode(const struct ndb_layout *layout, struct span bytes,
			    enum ndb_page_type type, struct page *out,
			    struct ost_error *err)
{
	struct cursor c = cur_at(bytes, layout->bt_counts);
	const uint64_t count = cur_uint(&c, layout->count_width);
	const uint64_t max = cur_uint(&c, layout->count_width);
	const uint8_t width = cur_u8(&c);
	struct span body;

	*out = (struct page){ .type = type, .level = cur_u8(&c) };
	if (!cur_ok(&c) || !span_sub(bytes, 0, layout->bt_counts, &body))
		return ost_fail(err, OST_CORRUPT, "page of %zu bytes, not %u",
				bytes.len, layout->page_size);
	if (out->level > NDB_DEPTH_MAX)
		return ost_fail(err, OST_CORRUPT, "level %u, at most %u",
				out->level, NDB_DEPTH_MAX);
	if (width > ENTRY_MAX || width < bytes_needed(layout, type, out->level))
		return ost_fail(err, OST_CORRUPT, "entries of %u bytes", width);
	if (count > max || !span_sub(body, 0, count * width, &out->entries))
		return ost_fail(err, OST_CORRUPT,
				"%u entries of %u bytes, at most %u fit",
				(unsigned)count, width, (unsigned)max);
	out->count = (size_t)count;
	out->width = width;
	return OST_OK;
}

struct cursor page_entry(const struct page *p, size_t index)
{
	struct span entry;

	(void)span_sub(p->entries, (uint64_t)index * p->width, p->width,
		       &entry);
	return cur_at(entry, 0);
}

uint64_t page_key(const struct ndb_layout *layout, const struct page *p,
		  size_t index)
{
	struct span id;
	uint64_t key;

	(void)span_sub(p->entries, (uint64_t)index * p->width, layout->id_width,
		       &id);
	key = span_uint(id);
	return p->type == NDB_PAGE_NBT ? (uint32_t)key
				       : bid_key((ndb_bid){ key });
}

struct ndb_ref page_ref(const struct ndb_layout *layout, const struct page *p,
			size_t index)
{
	struct cursor c = page_entry(p, index);
	struct ndb_ref ref;

	(void)cur_uint(&c, layout->id_width);
	ref.bid.value = cur_uint(&c, layout->id_width);
	ref.ib = cur_uint(&c, layout->id_width);
	return ref;
}

struct ndb_node page_node(const struct ndb_layout *layout, struct cursor entry)
{
	const unsigned width = layout->id_width;
	struct ndb_node node;

	node.nid.value = (uint32_t)cur_uint(&entry, width);
	node.data.value = cur_uint(&entry, width);
	node.subnodes.value = cur_uint(&entry, width);
	node.parent.value = cur_u32(&entry);
	return node;
}

struct ndb_place page_place(const struct ndb_layout *layout,
			    struct cursor entry)
{
	const unsigned width = layout->id_width;
	struct ndb_place place;

	place.bid.value = cur_uint(&entry, width);
	place.ib = cur_uint(&entry, width);
	place.stored = cur_u16(&entry);
	place.size = layout->two_sizes ? cur_u16(&entry) : place.stored;
	place.refs = cur_u16(&entry);
	return place;
}

struct page_want page_root(const struct ndb *db, enum ndb_page_type type)
{
	return (struct page_want){ type == NDB_PAGE_NBT ? db->nbt : db->bbt,
				   LEVEL_ANY,
				   { 0, UINT64_MAX } };
}

struct page_want page_child(const struct ndb_layout *layout,
			    const struct page *p, size_t index,
			    struct key_range range)
{
	if (index > 0)
		range.low = page_key(layout, p, index);
	if (index + 1 < p->count)
		range.high = page_key(layout, p, index + 1) - 1;
	return (struct page_want){ page_ref(layout, p, index), p->level - 1U,
				   range };
}

/* --- keys out of order ------------------------------------------------- */

bool page_rises(const struct ndb_layout *layout, const struct page *p,
		uint64_t *key)
{
	for (size_t i = 1; i < p->count; i++) {
		*key = page_key(layout, p, i);
		if (page_key(layout, p, i - 1) >= *key)
			return false;
	}
	return true;
}

bool page_trim(const struct ndb_layout *layout, struct page *p,
	       struct key_range range, uint64_t *key)
{
	const size_t count = p->count;
	size_t first = 0, end = count;

	while (first < end && page_key(layout, p, first) < range.low)
		*key = page_key(layout, p, first++);
	while (end > first && page_key(layout, p, end - 1) > range.high)
		*key = page_key(layout, p, --end);
	if (end - first == count)
		return true;
	(void)span_sub(p->entries, (uint64_t)first * p->width,
		       (uint64_t)(end - first) * p->width, &p->entries);
	p->count = end - first;
	p->sifted = true;
	return false;
}

/* The longest rising run of keys through each entry, as two halves. */
struct runs {
	size_t to[NDB_PAGE_MAX];	/* entries in it up to this one */
	size_t from[NDB_PAGE_MAX];	/* and from it on */
	size_t alike[NDB_PAGE_MAX + 1]; /* by `to`: how many stand there */
	size_t longest;
};

static bool is_below(const struct ndb_layout *layout, const struct page *p,
		     size_t i, size_t k)
{
	return page_key(layout, p, i) < page_key(layout, p, k);
}

static void find_runs(struct runs *r, const struct ndb_layout *layout,
		      const struct page *p)
{
	for (size_t i = 0; i < p->count; i++) {
		r->to[i] = 1;
		for (size_t k = 0; k < i; k++)
			if (r->to[k] >= r->to[i] && is_below(layout, p, k, i))
				r->to[i] = r->to[k] + 1;
		if (r->to[i] > r->longest)
			r->longest = r->to[i];
	}
	for (size_t i = p->count; i-- > 0;) {
		r->from[i] = 1;
		for (size_t k = i + 1; k < p->count; k++)
			if (r->from[k] >= r->from[i] &&
			    is_below(layout, p, i, k))
				r->from[i] = r->from[k] + 1;
		if (r->to[i] + r->from[i] == r->longest + 1)
			r->alike[r->to[i]]++;
	}
}

void page_filter(const struct ndb_layout *layout, uint8_t *bytes,
		 const struct page *p)
{
	struct runs r = { .longest = 0 };
	size_t kept = 0;

	find_runs(&r, layout, p);
	for (size_t i = 0; i < p->count; i++) {
		if (r.to[i] + r.from[i] != r.longest + 1 ||
		    r.alike[r.to[i]] > 1)
			continue;
		memmove(bytes + kept * p->width, bytes + i * p->width,
			p->width);
		kept++;
	}
	for (size_t i = 0; i < layout->count_width; i++)
		bytes[layout->bt_counts + i] = (uint8_t)(kept >> 8 * i);
}
