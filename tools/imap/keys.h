/*
 * keys.h - things counted by a hash of them: mails by their Message-ID
 */
#ifndef OST_IMAP_KEYS_H
#define OST_IMAP_KEYS_H

#include "bytes/bytes.h"

/* The first half of a SHA-256: who writes mails cannot make two alike. */
struct key {
	uint8_t at[16];
};

struct key key_of(struct span text);
/* Of two things together. */
struct key key_join(struct key a, struct span b);

static inline bool key_equal(const struct key *a, const struct key *b)
{
	return memcmp(a->at, b->at, sizeof(a->at)) == 0;
}

/* How often each is there. Works from { 0 }; one thread at a time. */
struct keys {
	struct keys_place {
		struct key key;
		uint32_t count;
		bool used;
	} * at; /* owned; `cap` places */
	size_t cap, used;
	uint64_t sum; /* of all counts */
	bool bad;     /* memory ran out: what is in it is not known */
};

void keys_add(struct keys *k, const struct key *key);
/* Is there one, or one more? Then it is taken out. */
bool keys_take(struct keys *k, const struct key *key);
void keys_free(struct keys *k);

#endif
