/*
 * boundary.c - boundaries that no line of the mail starts with
 */
#include "mail/plan/boundary.h"

#include <inttypes.h>
#include <stdlib.h>

/* =_ost_ 16 hex digits _ : never in quoted-printable or base64 text. */
#define PREFIX "=_ost_"
enum { PREFIX_LEN = sizeof(PREFIX) - 1, HEX = 16, LEN = PREFIX_LEN + HEX + 1 };

enum { TRIES = 16 };

/* FNV-1a, 64 bits. */
uint64_t boundary_hash(uint64_t seed, struct span more)
{
	uint64_t h = seed ^ UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < more.len; i++)
		h = (h ^ more.at[i]) * UINT64_C(0x100000001b3);
	return h;
}

/* splitmix64: one to one, so no two names of a mail give one number. */
static uint64_t number(const struct boundaries *b, uint32_t name)
{
	uint64_t x = b->seed + (name + UINT64_C(1)) * 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static void write_at(const struct boundaries *b, char *at, uint32_t name)
{
	static const char digits[] = "0123456789abcdef";
	const uint64_t n = number(b, name);

	memcpy(at, PREFIX, PREFIX_LEN);
	for (int i = 0; i < HEX; i++)
		at[PREFIX_LEN + i] = digits[n >> (60 - 4 * i) & 15];
	at[LEN - 1] = '_';
}

uint32_t boundary_new(struct boundaries *b)
{
	return b->count++;
}

void boundary_put(struct boundaries *b, struct pieces *p, uint32_t name)
{
	struct buf *out = pieces_out(p);
	const size_t place = out->len;
	char *at = buf_more(out, LEN);

	if (b->marked == b->cap) {
		const size_t cap = b->cap == 0 ? 16 : b->cap * 2;
		void *more = realloc(b->marks, cap * sizeof(*b->marks));

		if (more == NULL) {
			b->bad = true;
			return;
		}
		b->marks = more;
		b->cap = cap;
	}
	if (at == NULL)
		return;
	b->marks[b->marked++] = (struct boundary_mark){ place, name };
	write_at(b, at, name);
}

void boundary_rewind(struct boundaries *b, size_t at)
{
	while (b->marked > 0 && b->marks[b->marked - 1].at >= at)
		b->marked--;
}

static int by_place(const void *key, const void *mark)
{
	const size_t at = *(const size_t *)key;
	const size_t other = ((const struct boundary_mark *)mark)->at;

	return (at > other) - (at < other);
}

static int by_number(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The numbers of all boundaries, sorted; NULL when memory ran out. */
static uint64_t *numbers(const struct boundaries *b)
{
	uint64_t *all = malloc((b->count + 1) * sizeof(*all));

	for (uint32_t i = 0; all != NULL && i < b->count; i++)
		all[i] = number(b, i);
	if (all != NULL)
		qsort(all, b->count, sizeof(*all), by_number);
	return all;
}

/* The number in a boundary of our kind at the start of `s`. */
static bool parse(struct span s, uint64_t *out)
{
	struct span digits;

	if (s.len < LEN || memcmp(s.at, PREFIX, PREFIX_LEN) != 0 ||
	    !span_sub(s, PREFIX_LEN, HEX, &digits))
		return false;
	*out = 0;
	for (size_t i = 0; i < digits.len; i++) {
		const uint8_t c = digits.at[i];

		if (c >= '0' && c <= '9')
			*out = *out << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			*out = *out << 4 | (uint64_t)(c - 'a' + 10);
		else
			return false;
	}
	return s.at[LEN - 1] == '_';
}

/* Does a line of the text `s`, at `from`, start with a boundary not put? */
static bool clashes(const struct boundaries *b, const uint64_t *all,
		    struct span s, size_t from, bool line_start)
{
	for (size_t i = 0; i + 2 + LEN <= s.len; i++) {
		const bool start = i == 0 ? line_start : s.at[i - 1] == '\n';
		const size_t place = from + i + 2;
		struct span rest;
		uint64_t n;

		if (!start) {
			const uint8_t *nl = memchr(s.at + i, '\n', s.len - i);

			if (nl == NULL)
				return false;
			i = (size_t)(nl - s.at);
			continue;
		}
		if (s.at[i] != '-' || s.at[i + 1] != '-' ||
		    !span_sub(s, i + 2, s.len - i - 2, &rest) ||
		    !parse(rest, &n))
			continue;
		if (bsearch(&place, b->marks, b->marked, sizeof(*b->marks),
			    by_place) == NULL &&
		    bsearch(&n, all, b->count, sizeof(*all), by_number) != NULL)
			return true;
	}
	return false;
}

static bool any_clash(const struct boundaries *b, const uint64_t *all,
		      const struct pieces *p)
{
	bool line_start = true;

	for (size_t i = 0; i < p->count; i++) {
		const struct piece *one = &p->all[i];
		struct span s;

		if (one->len == 0)
			continue;
		if (one->kind != PIECE_TEXT) {
			line_start = true; /* base64 ends its lines */
			continue;
		}
		if (!span_sub(buf_span(&p->text), one->from, one->len, &s))
			continue;
		if (clashes(b, all, s, (size_t)one->from, line_start))
			return true;
		line_start = s.at[s.len - 1] == '\n';
	}
	return false;
}

enum ost_status boundary_settle(struct boundaries *b, struct pieces *p,
				struct ost_error *err)
{
	pieces_cut(p);
	if (b->bad)
		return ost_no_memory(err);
	if (b->count == 0 || pieces_stopped(p))
		return OST_OK;
	for (int i = 0; i < TRIES; i++) {
		uint64_t *all = numbers(b);

		if (all == NULL)
			return ost_no_memory(err);

		const bool clash = any_clash(b, all, p);
		free(all);
		if (!clash)
			return OST_OK;

		/* Who writes a text cannot foresee a hash of all of it. */
		b->seed = boundary_hash(b->seed, buf_span(&p->text));
		for (size_t k = 0; k < b->marked; k++)
			write_at(b, p->text.at + b->marks[k].at,
				 b->marks[k].name);
	}
	return ost_fail(err, OST_LIMIT, "no boundary in %d is free", TRIES);
}

void boundary_free(struct boundaries *b)
{
	free(b->marks);
	*b = (struct boundaries){ 0 };
}
