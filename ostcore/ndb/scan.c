/*
 * scan.c - pages and blocks found without any index
 *
 * Every page and block ends with a trailer at a multiple of the format's
 * unit, names itself there, and has a signature of the place it lies at and
 * a CRC: so each can be told from any other bytes.
 */
#include "ndb/scan.h"

#include <stdlib.h>

enum {
	CHUNK = 1 << 20,	    /* read at once */
	BEHIND = 2 * NDB_BLOCK_MAX, /* kept of what was read before */
	SECTOR = 4096,		    /* lost at once where a disk is bad */
	WAITING_MAX = 512,
};

/* Finds wait until nothing that they may lie within can follow. */
struct scanner {
	struct ndb *db;
	uint8_t *window; /* owned; CHUNK + BEHIND bytes */
	uint64_t base;	 /* of the window, in the file */
	size_t len;
	struct scan_find waiting[WAITING_MAX]; /* by their ends */
	size_t count;
	scan_fn *found;
	void *arg;
};

/* Fill `to` from `off`; what cannot be read is zeros. */
static void read_calmly(struct source *source, uint64_t off, uint8_t *to,
			size_t len)
{
	struct ost_error err;

	if (source_read(source, off, to, len, &err) == OST_OK)
		return;
	for (size_t at = 0; at < len; at += SECTOR) {
		const size_t part = len - at < SECTOR ? len - at : SECTOR;

		if (source_read(source, off + at, to + at, part, &err) !=
		    OST_OK)
			memset(to + at, 0, part);
	}
}

/* The bytes of the file from `from` to `to`, which the window holds. */
static struct span part_of(const struct scanner *s, uint64_t from, uint64_t to)
{
	struct span part = { NULL, 0 };

	if (from >= s->base && from <= to)
		(void)span_sub(span_of(s->window, s->len), from - s->base,
			       to - from, &part);
	return part;
}

/* Tell of those that end at least a block's length before `end`. */
static enum ost_status tell(struct scanner *s, uint64_t end,
			    struct ost_error *err)
{
	enum ost_status st = OST_OK;
	size_t done = 0;

	while (st == OST_OK && done < s->count &&
	       end - s->waiting[done].end >= s->db->layout->block_max) {
		struct scan_find *f = &s->waiting[done++];

		if (f->type != 0)
			f->page = part_of(s, f->ib, f->end);
		st = s->found(s->arg, f, err);
	}
	s->count -= done;
	memmove(s->waiting, s->waiting + done,
		s->count * sizeof(s->waiting[0]));
	return st;
}

/* Move on to the next chunk of the file. */
static enum ost_status advance(struct scanner *s, struct ost_error *err)
{
	const struct ndb_options *o = &s->db->options;
	const uint64_t end = s->base + s->len;
	const uint64_t left = source_size(s->db->source) - end;
	const size_t keep = s->len < BEHIND ? s->len : BEHIND;
	const size_t more = left < CHUNK ? (size_t)left : CHUNK;
	const enum ost_status st = tell(s, end, err);

	memmove(s->window, s->window + s->len - keep, keep);
	read_calmly(s->db->source, end, s->window + keep, more);
	s->base = end - keep;
	s->len = keep + more;
	if (o->progress != NULL)
		o->progress(o->arg, end + more, source_size(s->db->source));
	return st;
}

static enum ost_status add(struct scanner *s, const struct scan_find *find,
			   struct ost_error *err)
{
	enum ost_status st = OST_OK;

	while (s->count > 0 && s->waiting[s->count - 1].ib >= find->ib)
		s->count--; /* it lies within this one */
	if (s->count == WAITING_MAX)
		st = tell(s, find->end, err);
	if (s->count == WAITING_MAX)
		return ost_fail(err, OST_BUG, "more finds than can be");
	s->waiting[s->count++] = *find;
	return st;
}

/* Is there a whole page of a B-tree in `bytes`, which lie at `ib`? */
static bool is_page(const struct ndb_layout *layout, struct span bytes,
		    uint64_t ib, struct page_trailer *out)
{
	struct ost_error err;

	return page_trailer(layout, bytes, out) && out->type == out->again &&
	       (out->type == NDB_PAGE_NBT || out->type == NDB_PAGE_BBT) &&
	       page_check(layout, bytes, ib, &err) == OST_OK;
}

static enum ost_status look_for_page(struct scanner *s, uint64_t end,
				     struct ost_error *err)
{
	const struct ndb_layout *layout = s->db->layout;
	const uint64_t ib = end - layout->page_size;
	struct page_trailer t;

	if (end % layout->page_size != 0 ||
	    !is_page(layout, part_of(s, ib, end), ib, &t))
		return OST_OK;

	const struct scan_find find = {
		.type = t.type == NDB_PAGE_NBT ? NDB_PAGE_NBT : NDB_PAGE_BBT,
		.bid = t.bid,
		.ib = ib,
		.end = end,
	};
	return add(s, &find, err);
}

static enum ost_status look_for_block(struct scanner *s, uint64_t end,
				      struct ost_error *err)
{
	const struct ndb_layout *layout = s->db->layout;
	struct scan_find find = { .end = end };
	struct ndb_trailer t;
	struct span data;

	if (!ndb_block_trailer(
		    layout, part_of(s, end - layout->block_trailer, end), &t) ||
	    !ndb_block_fits(layout, t.stored, t.size) || bid_key(t.bid) == 0)
		return OST_OK;
	const uint32_t whole = ndb_block_footprint(layout, t.stored);
	if (whole > end)
		return OST_OK;
	find.bid = t.bid;
	find.ib = end - whole;
	find.stored = t.stored;
	find.size = t.size;
	if (ndb_signature(find.ib, t.bid) != t.sig)
		return OST_OK;
	data = part_of(s, find.ib, find.ib + t.stored);
	if (data.len != t.stored || ndb_crc(data) != t.crc)
		return OST_OK;
	return add(s, &find, err);
}

enum ost_status ndb_scan(struct ndb *db, scan_fn *found, void *arg,
			 struct ost_error *err)
{
	const uint64_t unit = db->layout->block_align;
	const uint64_t size = source_size(db->source);
	struct scanner *s = calloc(1, sizeof(*s));
	enum ost_status st = OST_OK;

	if (s != NULL)
		s->window = malloc(CHUNK + BEHIND);
	if (s == NULL || s->window == NULL) {
		free(s);
		return ost_no_memory(err);
	}
	s->db = db;
	s->found = found;
	s->arg = arg;
	for (uint64_t end = unit; st == OST_OK && end <= size; end += unit) {
		if (end > s->base + s->len)
			st = advance(s, err);
		if (st == OST_OK)
			st = look_for_page(s, end, err);
		if (st == OST_OK)
			st = look_for_block(s, end, err);
	}
	if (st == OST_OK)
		st = tell(s, UINT64_MAX, err);
	free(s->window);
	free(s);
	return st;
}

/* The format of the page that ends with `bytes`, the file's up to `end`. */
static bool format_at(struct span bytes, uint64_t end, enum ndb_format *out)
{
	for (unsigned i = NDB_ANSI; i <= NDB_UNICODE_4K; i++) {
		const struct ndb_layout *layout = &ndb_layouts[i];
		const uint64_t size = layout->page_size;
		struct page_trailer t;
		struct span page;

		if (end % size != 0 || size > bytes.len ||
		    !span_sub(bytes, bytes.len - size, size, &page) ||
		    !is_page(layout, page, end - size, &t))
			continue;
		*out = (enum ndb_format)i;
		return true;
	}
	return false;
}

bool ndb_scan_format(struct source *source, enum ndb_format *out,
		     struct ost_error *err)
{
	const uint64_t size = source_size(source);
	uint8_t *chunk = malloc(CHUNK);
	bool found = false;

	if (chunk == NULL)
		(void)!ost_no_memory(err);
	for (uint64_t at = 0; chunk != NULL && !found && at < size;
	     at += CHUNK) {
		const size_t len =
			size - at < CHUNK ? (size_t)(size - at) : (size_t)CHUNK;

		read_calmly(source, at, chunk, len);
		for (size_t end = 512; !found && end <= len; end += 512)
			found = format_at(span_of(chunk, end), at + end, out);
	}
	free(chunk);
	return found;
}
