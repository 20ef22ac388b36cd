#include "mutate.h"

#include "forge.h"

const char *const mutation_names[MUTATIONS] = {
	"one byte changed",
	"512 bytes zeroed",
	"4 KiB zeroed",
	"64 KiB zeroed",
	"512 bytes of noise",
	"cut short",
	"two pages or blocks swapped",
	"one copied over another",
	"fields that lie, sealed",
	"cycles in an index, sealed",
};

/* xorshift64*: the same on every machine. */
struct dice {
	uint64_t state;
};

static uint64_t roll(struct dice *d, uint64_t sides)
{
	d->state ^= d->state >> 12;
	d->state ^= d->state << 25;
	d->state ^= d->state >> 27;
	return (d->state * UINT64_C(0x2545F4914F6CDD1D) >> 16) % sides;
}

/* --- things in a store -------------------------------------------------- */

/* Something that is read whole. */
static struct range any_thing(const struct survey *s, struct dice *d)
{
	return s->read[roll(d, s->read_count)];
}

/* A byte: nine times of ten one that is read. */
static uint64_t any_byte(const struct buf *store, const struct survey *s,
			 struct dice *d)
{
	struct range r;

	if (roll(d, 10) == 0)
		return roll(d, store->len);
	r = any_thing(s, d);
	return r.off + roll(d, r.end - r.off);
}

/* Is it a page, and not a block or the header? */
static bool is_page(const struct buf *store, struct range r)
{
	const struct forge_place page = { .off = r.off };
	const struct forge_fields f = forge_page_fields(store, &page);
	const uint64_t type = forge_get(store, f.type, 1);

	return (r.end - r.off == 512 || r.end - r.off == 4096) &&
	       type == forge_get(store, f.again, 1) && type >= 0x80 &&
	       type <= 0x86;
}

/* Make what is there right in itself. */
static void seal(struct buf *store, struct range r)
{
	struct forge_place p = { .off = r.off,
				 .whole = (size_t)(r.end - r.off) };

	if (r.off == 0) {
		forge_seal_header(store);
	} else if (is_page(store, r)) {
		forge_seal_page(store, &p);
	} else {
		p.size = (size_t)forge_get(
			store, forge_block_fields(store, &p).size, 2);
		if (p.size < p.whole)
			forge_seal_block(store, &p);
	}
}

/* --- what is done to them ----------------------------------------------- */

static struct hurt one(uint64_t off, uint64_t len)
{
	return (struct hurt){ { { off, off + len } }, 1 };
}

static struct hurt change_byte(struct buf *store, const struct survey *s,
			       struct dice *d)
{
	const uint64_t at = any_byte(store, s, d);

	store->at[at] = (char)(store->at[at] ^ (char)(1 + roll(d, 255)));
	return one(at, 1);
}

static struct hurt zero(struct buf *store, const struct survey *s,
			struct dice *d, uint64_t len)
{
	const uint64_t at = any_byte(store, s, d) / len * len;

	if (len > store->len - at)
		len = store->len - at;
	memset(store->at + at, 0, (size_t)len);
	return one(at, len);
}

static struct hurt noise(struct buf *store, const struct survey *s,
			 struct dice *d)
{
	const uint64_t at = any_byte(store, s, d) / 512 * 512;
	uint64_t len = 0;

	for (; len < 512 && at + len < store->len; len++)
		store->at[at + len] = (char)roll(d, 256);
	return one(at, len);
}

static struct hurt cut(struct buf *store, const struct survey *s,
		       struct dice *d)
{
	const uint64_t at = any_byte(store, s, d);
	const struct hurt h = one(at, store->len - at);

	buf_cut(store, (size_t)at);
	return h;
}

/* Two things of a size. */
static struct hurt two(const struct survey *s, struct dice *d)
{
	const struct range a = any_thing(s, d);

	for (unsigned i = 0; a.off > 0 && i < 1000; i++) {
		const struct range b = any_thing(s, d);

		if (b.off != a.off && b.end - b.off == a.end - a.off)
			return (struct hurt){ { a, b }, 2 };
	}
	return (struct hurt){ 0 };
}

static struct hurt swap(struct buf *store, const struct survey *s,
			struct dice *d, bool both)
{
	struct hurt h = two(s, d);
	char *a = store->at + h.at[0].off, *b = store->at + h.at[1].off;

	if (h.count == 0)
		return h;
	for (uint64_t i = 0; i < h.at[0].end - h.at[0].off; i++) {
		const char c = a[i];

		a[i] = b[i];
		if (both)
			b[i] = c;
	}
	if (!both)
		h.count = 1;
	return h;
}

static struct hurt lie(struct buf *store, const struct survey *s,
		       struct dice *d)
{
	static const uint64_t values[] = {
		0,	    1,		2,	    0x7F,	0x80,
		0xFF,	    0x7FFF,	0x8000,	    0xFFFF,	0x10000,
		0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, UINT64_MAX,
	};
	const size_t count = sizeof(values) / sizeof(values[0]);
	const struct range r = any_thing(s, d);

	for (uint64_t n = 1 + roll(d, 4); n > 0; n--) {
		const uint64_t at = r.off + roll(d, r.end - r.off);
		const size_t width = (size_t)1 << roll(d, 4);
		const uint64_t was = forge_get(store, at, width);
		const uint64_t to = roll(d, 4) == 0 ? was + roll(d, 5) - 2
						    : values[roll(d, count)];

		if (at + width <= r.end)
			forge_put(store, at, width, to);
	}
	seal(store, r);
	return one(r.off, r.end - r.off);
}

/*
 * An entry of an index page names a page that was read, most often one above
 * it or itself; where it is a leaf, its block lies in a page.
 */
static struct hurt cycle(struct buf *store, const struct survey *s,
			 struct dice *d)
{
	const size_t w = forge_header(store).width;
	struct range page = { 0, 0 }, to = { 0, 0 };

	for (unsigned i = 0; i < 1000 && page.end == 0; i++) {
		const struct range r = any_thing(s, d);

		if (is_page(store, r))
			page = r;
	}
	if (page.end == 0)
		return (struct hurt){ 0 };
	for (unsigned i = 0; i < 1000 && to.end == 0; i++) {
		const struct range r = any_thing(s, d);

		if (is_page(store, r))
			to = r;
	}
	if (roll(d, 2) == 0)
		to = page;

	const struct forge_place p = { .off = page.off }, q = { .off = to.off };
	const struct forge_fields f = forge_page_fields(store, &p);
	const uint64_t width = forge_get(store, f.width, 1);
	const uint64_t count = forge_get(store, f.count, f.count_width);
	const uint64_t bid =
		forge_get(store, forge_page_fields(store, &q).bid, w);

	if (count == 0 || width < 3 * w)
		return (struct hurt){ 0 };

	const uint64_t at = page.off + roll(d, count) * width;

	forge_put(store, at + w, w, bid);
	forge_put(store, at + 2 * w, w, to.off);
	if (to.off == page.off && roll(d, 2) == 0)
		forge_put(store, f.level, 1, 1 + roll(d, 7));
	seal(store, page);
	return one(page.off, page.end - page.off);
}

struct hurt mutate(struct buf *store, const struct survey *survey,
		   enum mutation what, uint64_t seed)
{
	struct dice d = { seed * UINT64_C(0x9E3779B97F4A7C15) + 1 };

	(void)roll(&d, 2);
	switch (what) {
	case MUTATE_BYTE:
		return change_byte(store, survey, &d);
	case MUTATE_512:
		return zero(store, survey, &d, 512);
	case MUTATE_4K:
		return zero(store, survey, &d, 4096);
	case MUTATE_64K:
		return zero(store, survey, &d, 65536);
	case MUTATE_NOISE:
		return noise(store, survey, &d);
	case MUTATE_CUT:
		return cut(store, survey, &d);
	case MUTATE_SWAP:
		return swap(store, survey, &d, true);
	case MUTATE_COPY:
		return swap(store, survey, &d, false);
	case MUTATE_LIE:
		return lie(store, survey, &d);
	default:
		return cycle(store, survey, &d);
	}
}
