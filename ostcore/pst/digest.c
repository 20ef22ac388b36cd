#include "pst/digest.h"

#include <endian.h>
#include <string.h>

/* From a word each state comes from one other, and from a state each word: two
   values that differ in one word never have one hash. */
static uint64_t mix(uint64_t state, uint64_t word)
{
	state = (state ^ word) * UINT64_C(0x9E3779B97F4A7C15);
	return state ^ state >> 32;
}

static void add_stripe(uint64_t lanes[DIGEST_LANES], const uint8_t *at)
{
	uint64_t words[DIGEST_LANES];

	memcpy(words, at, sizeof(words));
	for (size_t i = 0; i < DIGEST_LANES; i++)
		lanes[i] = mix(lanes[i], le64toh(words[i]));
}

void digest_begin(struct digest_value *v, const struct digest_key *key)
{
	const uint64_t whose[2] = {
		key->nid | (uint64_t)key->place << 32,
		key->id | (uint64_t)key->type << 16,
	};

	*v = (struct digest_value){ .len = 0 };
	for (size_t i = 0; i < DIGEST_LANES; i++)
		v->lanes[i] = mix(mix(i + 1, whose[0]), whose[1]);
}

void digest_more(struct digest_value *v, struct span bytes)
{
	const size_t before = (size_t)(v->len % DIGEST_STRIPE);
	const size_t room = before > 0 ? DIGEST_STRIPE - before : 0;
	const size_t first = bytes.len < room ? bytes.len : room;

	if (bytes.len == 0)
		return;
	v->len += bytes.len;
	memcpy(v->rest + before, bytes.at, first);
	if (before > 0 && before + first == DIGEST_STRIPE)
		add_stripe(v->lanes, v->rest);
	bytes = span_of(bytes.at + first, bytes.len - first);
	for (; bytes.len >= DIGEST_STRIPE; bytes.len -= DIGEST_STRIPE) {
		add_stripe(v->lanes, bytes.at);
		bytes.at += DIGEST_STRIPE;
	}
	if (bytes.len > 0)
		memcpy(v->rest, bytes.at, bytes.len);
}

void digest_end(struct digest *d, struct digest_value *v)
{
	const size_t rest = (size_t)(v->len % DIGEST_STRIPE);

	memset(v->rest + rest, 0, DIGEST_STRIPE - rest);
	add_stripe(v->lanes, v->rest);
	for (size_t k = 0; k < 2; k++) {
		uint64_t sum = mix(v->len, k);

		for (size_t i = 0; i < DIGEST_LANES; i++)
			sum = mix(sum, v->lanes[(i + 2 * k) % DIGEST_LANES]);
		d->sum[k] += mix(mix(sum, 0), 0);
	}
	d->values++;
}

void digest_add(struct digest *d, const struct digest_key *key,
		struct span value)
{
	struct digest_value v;

	digest_begin(&v, key);
	digest_more(&v, value);
	digest_end(d, &v);
}

void digest_object(struct digest *d, uint32_t nid, uint32_t parent)
{
	const struct digest_key key = { .nid = nid, .place = parent };

	digest_add(d, &key, span_of(NULL, 0));
	d->values--;
	d->objects++;
}

bool digest_equal(const struct digest *a, const struct digest *b)
{
	return a->sum[0] == b->sum[0] && a->sum[1] == b->sum[1] &&
	       a->values == b->values && a->objects == b->objects;
}
