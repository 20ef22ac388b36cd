/*
 * sha.h - private: SHA-256 of what is read                    FIPS 180-4
 */
#ifndef OST_AUDIT_SHA_H
#define OST_AUDIT_SHA_H

#include <nettle/sha2.h>

#include "audit/manifest.h"
#include "bytes/buf.h"
#include "bytes/source.h"

struct sha {
	uint8_t at[SHA256_DIGEST_SIZE];
};

/* At most `want` bytes from byte `off`; none at the end. As tree_read(). */
typedef enum ost_status sha_read(void *from, uint64_t off, void *buf,
				 size_t want, size_t *got,
				 struct ost_error *err);

/*
 * The hash of all that `read` gives of `from`, which is best `size` bytes, and
 * in `*len` how many there were. OST_STOPPED when `watch` says so.
 */
enum ost_status sha_of(struct sha *out, uint64_t *len, sha_read *read,
		       void *from, uint64_t size,
		       const struct audit_watch *watch, struct ost_error *err);

/* The same of all that a store's file holds. */
enum ost_status sha_of_source(struct sha *out, struct source *bytes,
			      const struct audit_watch *watch,
			      struct ost_error *err);

/*
 * The same, by a thread of its own, while other work is done. NULL: there is
 * none to be had. `bytes` and `watch` stay on loan until sha_join(), which
 * waits for it, or, with `out` NULL, ends it.
 */
struct sha_work;
struct sha_work *sha_start(struct source *bytes,
			   const struct audit_watch *watch);
enum ost_status sha_join(struct sha_work *w, struct sha *out,
			 struct ost_error *err);

struct sha sha_of_text(const char *text);

static inline bool sha_equal(const struct sha *a, const struct sha *b)
{
	return memcmp(a->at, b->at, sizeof(a->at)) == 0;
}

enum { SHA_HEX = 2 * SHA256_DIGEST_SIZE + 1 };

/* As lower-case digits, with a NUL. */
void sha_hex(const struct sha *s, char out[SHA_HEX]);

/* False unless `hex` is just that. */
bool sha_parse(struct sha *out, const char *hex);

#endif
