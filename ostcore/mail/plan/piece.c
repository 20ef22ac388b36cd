/*
 * piece.c - text and properties as one file, read from any offset
 */
#include "mail/plan/piece.h"

#include <stdlib.h>

#include "bytes/sorted.h"
#include "mail/text/encode.h"
#include "store/limits.h"

enum { PIECES_MAX = 65536, TEXT_MAX = 64 << 20 };

static size_t text_max(const struct pieces *p)
{
	return p->text_max > 0 ? p->text_max : TEXT_MAX;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/*
 * Building
 */

/* Make room for one more element of `width` bytes. */
static bool grow(void **all, size_t count, size_t *cap, size_t width)
{
	if (count < *cap)
		return true;

	const size_t more = *cap == 0 ? 16 : *cap * 2;
	void *at = realloc(*all, more * width);
	if (at == NULL)
		return false;
	*all = at;
	*cap = more;
	return true;
}

static void add(struct pieces *p, const struct piece *one)
{
	if (p->count == PIECES_MAX)
		p->full = true;
	if (pieces_stopped(p))
		return;
	if (grow((void **)&p->all, p->count, &p->cap, sizeof(*p->all)))
		p->all[p->count++] = *one;
	else
		p->bad = true;
}

/* What was written since the last piece. */
static struct piece fresh(struct pieces *p, enum piece_kind kind)
{
	const struct piece one = { .kind = kind,
				   .from = p->done,
				   .len = p->text.len - p->done };

	p->done = p->text.len;
	if (p->text.len > text_max(p))
		p->full = true;
	return one;
}

void pieces_cut(struct pieces *p)
{
	if (p->text.len == p->done)
		return;

	const struct piece one = fresh(p, PIECE_TEXT);
	struct piece *last = p->count > 0 ? &p->all[p->count - 1] : NULL;

	/* An empty slot has no place in the text, so nothing runs on from it.
	 */
	if (last != NULL && last->kind == PIECE_TEXT && last->len > 0 &&
	    last->from + last->len == one.from)
		last->len += one.len;
	else
		add(p, &one);
}

struct buf *pieces_out(struct pieces *p)
{
	return &p->text;
}

size_t pieces_slot(struct pieces *p)
{
	const struct piece empty = { .kind = PIECE_TEXT };

	pieces_cut(p);
	add(p, &empty);
	return p->count - 1;
}

void pieces_fill(struct pieces *p, size_t slot)
{
	const struct piece one = fresh(p, PIECE_TEXT);

	if (!pieces_stopped(p) && slot < p->count)
		p->all[slot] = one;
}

void pieces_base64(struct pieces *p, struct span bytes)
{
	struct piece one;

	pieces_cut(p);
	buf_add(&p->text, bytes.at, bytes.len);
	one = fresh(p, PIECE_TEXT_BASE64);
	if (one.len > 0)
		add(p, &one);
}

void pieces_prop(struct pieces *p, struct store_object *o,
		 const struct store_prop *prop, bool base64)
{
	const struct piece one = {
		.kind = base64 ? PIECE_PROP_BASE64 : PIECE_PROP,
		.len = prop->size,
		.object = o,
		.prop = *prop,
	};

	pieces_cut(p);
	if (one.len > 0)
		add(p, &one);
}

void pieces_prop_from(struct pieces *p, struct store_object *o,
		      const struct store_prop *prop, uint64_t from)
{
	const struct piece one = {
		.kind = PIECE_PROP,
		.from = from,
		.len = from < prop->size ? prop->size - from : 0,
		.object = o,
		.prop = *prop,
	};

	pieces_cut(p);
	if (one.len > 0)
		add(p, &one);
}

void pieces_prop_run(struct pieces *p, struct store_object *o,
		     const struct store_prop *prop, uint64_t len)
{
	const struct piece one = {
		.kind = PIECE_PROP_RUN,
		.len = len < prop->size ? len : prop->size,
		.object = o,
		.prop = *prop,
	};

	pieces_cut(p);
	if (one.len > 0)
		add(p, &one);
}

void pieces_own(struct pieces *p, struct store_object *o)
{
	if (grow((void **)&p->owned, p->owned_count, &p->owned_cap,
		 sizeof(struct store_object *))) {
		p->owned[p->owned_count++] = o;
		if (p->owned_count > LIMIT_AWAKE)
			store_rest(o);
		return;
	}

	/* Its pieces must not outlive it: there will be no file. */
	p->bad = true;
	store_drop(o);
}

bool pieces_stopped(const struct pieces *p)
{
	return p->full || p->bad || p->text.bad;
}

size_t pieces_cap(const struct pieces *p)
{
	return p->full || p->text.len > text_max(p) ? 0
						    : text_max(p) - p->text.len;
}

bool pieces_tight(const struct pieces *p)
{
	return pieces_cap(p) < text_max(p) / 8 ||
	       p->count > PIECES_MAX - PIECES_MAX / 8;
}

struct pieces_mark pieces_mark(struct pieces *p)
{
	struct pieces_mark mark = { .owned = p->owned_count };

	pieces_cut(p);
	mark.text = p->text.len;
	mark.count = p->count;
	if (p->count > 0)
		mark.last = p->all[p->count - 1];
	return mark;
}

void pieces_rewind(struct pieces *p, const struct pieces_mark *mark)
{
	while (p->owned_count > mark->owned)
		store_drop(p->owned[--p->owned_count]);
	p->count = mark->count;
	if (p->count > 0) /* text that followed may have made it longer */
		p->all[p->count - 1] = mark->last;
	buf_cut(&p->text, mark->text);
	p->done = mark->text;
	p->full = false;
}

static bool is_base64(const struct piece *one)
{
	return one->kind == PIECE_TEXT_BASE64 || one->kind == PIECE_PROP_BASE64;
}

static uint64_t size_of(const struct piece *one)
{
	if (one->kind == PIECE_PROP_RUN)
		return encode_base64_run_size(one->len);
	return is_base64(one) ? encode_base64_size(one->len) : one->len;
}

/* Plans are kept: give back what growing took too much. */
static void shrink(struct pieces *p)
{
	char *text = realloc(p->text.at, p->text.len + 1);
	struct piece *all = realloc(p->all, (p->count + 1) * sizeof(*all));

	if (text != NULL) {
		p->text.at = text;
		p->text.cap = p->text.len + 1;
		text[p->text.len] = '\0';
	}
	if (all != NULL) {
		p->all = all;
		p->cap = p->count + 1;
	}
}

enum ost_status pieces_seal(struct pieces *p, struct ost_error *err)
{
	uint64_t at = 0;

	pieces_cut(p);
	if (p->bad || p->text.bad)
		return ost_no_memory(err);
	if (p->full)
		return ost_fail(err, OST_LIMIT,
				"more than %d parts or %d MiB of text",
				PIECES_MAX, (int)(text_max(p) >> 20));
	for (size_t i = 0; i < p->count; i++) {
		struct piece *one = &p->all[i];

		/* Base64 makes 57 bytes 78: half the range is safe. */
		if (one->len > INT64_MAX / 2)
			return ost_fail(
				err, OST_LIMIT, "property %#06x has %llu bytes",
				one->prop.id, (unsigned long long)one->len);
		one->at = at;
		one->size = size_of(one);
		if (one->size > INT64_MAX - at)
			return ost_fail(err, OST_LIMIT, "no file is so long");
		at += one->size;
	}
	shrink(p);
	return OST_OK;
}

/*
 * Reading
 */

uint64_t pieces_size(const struct pieces *p)
{
	const struct piece *last = p->count > 0 ? &p->all[p->count - 1] : NULL;

	return last != NULL ? last->at + last->size : 0;
}

size_t pieces_memory(const struct pieces *p)
{
	enum {
		AWAKE = 4096,  /* its properties, and the block they are in */
		RESTING = 256, /* neither */
	};
	const size_t awake =
		p->owned_count < LIMIT_AWAKE ? p->owned_count : LIMIT_AWAKE;

	return p->text.cap + p->cap * sizeof(*p->all) +
	       p->owned_cap * sizeof(struct store_object *) + awake * AWAKE +
	       (p->owned_count - awake) * RESTING;
}

/* Bytes of a piece from byte `off` of its source. */
static enum ost_status fetch(const struct pieces *p, const struct piece *one,
			     uint64_t off, void *buf, size_t len,
			     struct ost_error *err)
{
	struct span part;
	enum ost_status st;

	if (one->object == NULL) {
		if (!span_sub(buf_span(&p->text), one->from + off, len, &part))
			return ost_fail(err, OST_BUG, "text past its end");
		if (len > 0)
			memcpy(buf, part.at, len);
		return OST_OK;
	}
	st = store_read(one->object, &one->prop, one->from + off, buf, len,
			err);
	return st == OST_OK ? st
			    : ost_within(err, st, "object %#x, property %#06x",
					 one->object->id.nid, one->prop.id);
}

/* Base64 goes in steps: so many bytes of the source are so many characters. */
static const struct step {
	size_t in, out;
	uint64_t (*size)(uint64_t len);
	size_t (*encode)(const uint8_t *in, size_t len, char *out);
} by_line = { BASE64_LINE_IN, BASE64_LINE_OUT, encode_base64_size,
	      encode_base64 },
  by_four = { 3, 4, encode_base64_run_size, encode_base64_raw };

/*
 * Whole steps are read to the end of where their base64 goes, and encoded
 * from there: large data needs no memory but the reader's.
 */
static enum ost_status read_base64(const struct pieces *p,
				   const struct piece *one,
				   const struct step *step, uint64_t off,
				   char *buf, size_t len, struct ost_error *err)
{
	while (len > 0) {
		const uint64_t from = off / step->out * step->in;
		const size_t skip = (size_t)(off % step->out);
		const size_t whole = skip > 0 ? 0 : len / step->out;
		const size_t want = (size_t)least(
			one->len - from, (whole > 0 ? whole : 1) * step->in);
		const size_t made = (size_t)step->size(want);
		char part[BASE64_LINE_OUT], *to = whole > 0 ? buf : part;
		uint8_t *raw = (uint8_t *)to + (made - want);
		const enum ost_status st = fetch(p, one, from, raw, want, err);

		if (st != OST_OK)
			return st;
		step->encode(raw, want, to);

		const size_t take = (size_t)least(made - skip, len);
		if (to == part)
			memcpy(buf, part + skip, take);
		off += take;
		buf += take;
		len -= take;
	}
	return OST_OK;
}

/* The piece that byte `off` of the file is in; there is one. */
static size_t piece_at(const struct pieces *p, uint64_t off)
{
	size_t above;

	SORTED_FIRST(above, p->count, i, p->all[i].at <= off);
	return above - 1;
}

enum ost_status pieces_read(const struct pieces *p, uint64_t off, void *buf,
			    size_t want, size_t *got, struct ost_error *err)
{
	const uint64_t size = pieces_size(p);
	char *to = buf;

	*got = 0;
	if (off >= size)
		return OST_OK;

	size_t left = (size_t)least(want, size - off);
	const size_t all = left;
	for (size_t i = piece_at(p, off); left > 0; i++) {
		const struct piece *one = &p->all[i];
		const uint64_t in = off - one->at;
		const size_t len = (size_t)least(left, one->size - in);
		enum ost_status st;

		if (is_base64(one))
			st = read_base64(p, one, &by_line, in, to, len, err);
		else if (one->kind == PIECE_PROP_RUN)
			st = read_base64(p, one, &by_four, in, to, len, err);
		else
			st = fetch(p, one, in, to, len, err);
		if (st != OST_OK)
			return st;
		off += len;
		to += len;
		left -= len;
	}
	*got = all;
	return OST_OK;
}

void pieces_free(struct pieces *p)
{
	for (size_t i = 0; i < p->owned_count; i++)
		store_drop(p->owned[i]);
	free(p->owned);
	free(p->all);
	buf_free(&p->text);
	*p = (struct pieces){ 0 };
}
