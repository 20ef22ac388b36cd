#include "pst/digest.h"

static void put(uint8_t *to, uint64_t v, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		to[i] = (uint8_t)(v >> 8 * i);
}

void digest_begin(struct digest_value *v, const struct digest_key *key)
{
	uint8_t head[12];

	put(head, key->nid, 4);
	put(head + 4, key->place, 4);
	put(head + 8, key->id, 2);
	put(head + 10, key->type, 2);
	sha256_init(&v->hash);
	sha256_update(&v->hash, sizeof(head), head);
}

void digest_more(struct digest_value *v, struct span bytes)
{
	if (bytes.len > 0)
		sha256_update(&v->hash, bytes.len, bytes.at);
}

void digest_end(struct digest *d, struct digest_value *v)
{
	uint8_t hash[16];
	struct cursor c;

	sha256_digest(&v->hash, sizeof(hash), hash);
	c = cur_at(span_of(hash, sizeof(hash)), 0);
	d->sum[0] += cur_uint(&c, 8);
	d->sum[1] += cur_uint(&c, 8);
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
