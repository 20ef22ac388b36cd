#include "imap/keys.h"

#include <nettle/sha2.h>
#include <stdlib.h>

static struct key key_end(struct sha256_ctx *sum)
{
	struct key key;

	sha256_digest(sum, sizeof(key.at), key.at);
	return key;
}

struct key key_of(struct span text)
{
	struct sha256_ctx sum;

	sha256_init(&sum);
	sha256_update(&sum, text.len, text.at);
	return key_end(&sum);
}

struct key key_join(struct key a, struct span b)
{
	struct sha256_ctx sum;

	sha256_init(&sum);
	sha256_update(&sum, sizeof(a.at), a.at);
	sha256_update(&sum, b.len, b.at);
	return key_end(&sum);
}

/* Where it is, or would be: there is always a free place. */
static struct keys_place *find(const struct keys *k, const struct key *key)
{
	size_t i;

	memcpy(&i, key->at, sizeof(i));
	for (i &= k->cap - 1;; i = (i + 1) & (k->cap - 1))
		if (!k->at[i].used || key_equal(&k->at[i].key, key))
			return &k->at[i];
}

static bool make_room(struct keys *k)
{
	const struct keys old = *k;

	if (k->cap > 0 && k->used < k->cap / 4 * 3)
		return true;
	k->cap = old.cap > 0 ? 2 * old.cap : 64;
	k->at = calloc(k->cap, sizeof(*k->at));
	if (k->at == NULL) {
		*k = old;
		k->bad = true;
		return false;
	}
	for (size_t i = 0; i < old.cap; i++)
		if (old.at[i].used)
			*find(k, &old.at[i].key) = old.at[i];
	free(old.at);
	return true;
}

void keys_add(struct keys *k, const struct key *key)
{
	struct keys_place *p;

	if (!make_room(k))
		return;
	p = find(k, key);
	k->used += !p->used;
	p->used = true;
	p->key = *key;
	p->count++;
	k->sum++;
}

bool keys_take(struct keys *k, const struct key *key)
{
	struct keys_place *p = k->cap > 0 ? find(k, key) : NULL;

	if (p == NULL || p->count == 0)
		return false;
	p->count--;
	k->sum--;
	return true;
}

void keys_free(struct keys *k)
{
	free(k->at);
	*k = (struct keys){ 0 };
}
