/*
 * codepage_single.c - single-byte code pages to UTF-8
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "bytes/codepage.h"
#include "bytes/sorted.h"
#include "bytes/text.h"

/* The UTF-8 of a byte. */
struct cell {
	char at[3];
	uint8_t len; /* 0: the byte is no text */
};

struct table {
	struct cell cells[256];
	bool ascii; /* below 0x80 it is ASCII */
};

/* Made at first use and kept. */
static _Atomic(struct table *) tables[CODEPAGE_SINGLES];

const struct codepage_single *codepage_single(unsigned cp)
{
	size_t at;

	SORTED_FIRST(at, CODEPAGE_SINGLES, i, codepage_singles[i].cp < cp);
	return at < CODEPAGE_SINGLES && codepage_singles[at].cp == cp
		       ? &codepage_singles[at]
		       : NULL;
}

static uint32_t char_of(const struct codepage_single *page, uint8_t b)
{
	if (b >= page->first)
		return page->chars[b - page->first];
	return page->below != NULL ? page->below[b] : b;
}

static bool fill(const struct codepage_single *page, struct table *t)
{
	struct buf utf8 = { 0 };

	t->ascii = true;
	for (unsigned i = 0; i < 256; i++) {
		const uint32_t c = char_of(page, (uint8_t)i);
		struct cell *cell = &t->cells[i];

		t->ascii = t->ascii && (c == i || i >= 0x80);
		buf_cut(&utf8, 0);
		if (c != 0 || i == 0)
			buf_utf8(&utf8, c);
		if (utf8.len > 0 && utf8.len <= sizeof(cell->at)) {
			memcpy(cell->at, utf8.at, utf8.len);
			cell->len = (uint8_t)utf8.len;
		}
	}
	const bool good = !utf8.bad;
	buf_free(&utf8);
	return good;
}

/* NULL: there is no memory. */
static const struct table *table_of(const struct codepage_single *page)
{
	_Atomic(struct table *) *kept = &tables[page - codepage_singles];
	struct table *t = atomic_load(kept), *fresh;

	if (t != NULL)
		return t;
	fresh = calloc(1, sizeof(*fresh));
	if (fresh == NULL || !fill(page, fresh)) {
		free(fresh);
		return NULL;
	}
	if (atomic_compare_exchange_strong(kept, &t, fresh))
		return fresh;
	free(fresh);
	return t; /* another thread's */
}

size_t codepage_decode_single(const struct codepage_single *page,
			      struct buf *out, struct span in)
{
	enum { CHUNK = 4096 };
	static const struct cell lost = { { '\xEF', '\xBF', '\xBD' }, 3 };
	const struct table *t = table_of(page);
	size_t bad = 0;

	if (t == NULL) {
		out->bad = true;
		return 0;
	}
	if (t->ascii && text_is_ascii(in)) {
		buf_add(out, in.at, in.len);
		return 0;
	}
	for (size_t i = 0; i < in.len;) {
		const size_t left = in.len - i, before = out->len;
		const size_t end = i + (left < CHUNK ? left : CHUNK);
		char *const start = buf_more(out, (end - i) * sizeof(lost.at));
		char *to = start;

		if (start == NULL)
			return bad;
		for (; i < end; i++) {
			const struct cell *c = &t->cells[in.at[i]];

			if (c->len == 0) {
				c = &lost;
				bad++;
			}
			memcpy(to, c->at, c->len);
			to += c->len;
		}
		buf_cut(out, before + (size_t)(to - start));
	}
	return bad;
}
