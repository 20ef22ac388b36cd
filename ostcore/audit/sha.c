#include "audit/sha.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { CHUNK = 256 << 10 };

enum ost_status sha_of(struct sha *out, uint64_t *len, sha_read *read,
		       void *from, uint64_t size,
		       const struct audit_watch *watch, struct ost_error *err)
{
	/* A byte more, so that a small file is read to its end at once. */
	const size_t cap = size < CHUNK ? (size_t)size + 1 : CHUNK;
	enum ost_status st = OST_OK;
	struct sha256_ctx context;
	uint8_t *buf = malloc(cap);
	size_t got = 0;

	*len = 0;
	if (buf == NULL)
		return ost_no_memory(err);
	sha256_init(&context);
	do {
		st = audit_go_on(watch, err);
		if (st == OST_OK)
			st = read(from, *len, buf, cap, &got, err);
		if (st == OST_OK) {
			sha256_update(&context, got, buf);
			*len += got;
		}
	} while (st == OST_OK && got > 0 && (got == cap || *len < size));
	sha256_digest(&context, sizeof(out->at), out->at);
	free(buf);
	return st;
}

static enum ost_status read_source(void *from, uint64_t off, void *buf,
				   size_t want, size_t *got,
				   struct ost_error *err)
{
	const uint64_t size = source_size(from);

	*got = 0;
	if (off >= size)
		return OST_OK;
	*got = want < size - off ? want : (size_t)(size - off);
	return source_read(from, off, buf, *got, err);
}

enum ost_status sha_of_source(struct sha *out, struct source *bytes,
			      const struct audit_watch *watch,
			      struct ost_error *err)
{
	uint64_t len;

	return sha_of(out, &len, read_source, bytes, source_size(bytes), watch,
		      err);
}

struct sha_work {
	struct source *bytes;
	const struct audit_watch *watch; /* of who waits for it */
	pthread_t thread;
	atomic_bool unwanted;
	struct sha sha;
	enum ost_status st;
	struct ost_error err;
};

static bool is_unwanted(void *arg)
{
	struct sha_work *w = arg;

	return atomic_load(&w->unwanted) ||
	       (w->watch->stop != NULL && w->watch->stop(w->watch->arg));
}

static void *hash(void *arg)
{
	struct sha_work *w = arg;
	const struct audit_watch watch = { .stop = is_unwanted, .arg = w };

	w->st = sha_of_source(&w->sha, w->bytes, &watch, &w->err);
	return NULL;
}

struct sha_work *sha_start(struct source *bytes,
			   const struct audit_watch *watch)
{
	struct sha_work *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->bytes = bytes;
	w->watch = watch;
	if (pthread_create(&w->thread, NULL, hash, w) == 0)
		return w;
	free(w);
	return NULL;
}

enum ost_status sha_join(struct sha_work *w, struct sha *out,
			 struct ost_error *err)
{
	enum ost_status st;

	atomic_store(&w->unwanted, out == NULL);
	pthread_join(w->thread, NULL);
	st = w->st;
	*err = w->err;
	if (out != NULL)
		*out = w->sha;
	free(w);
	return st;
}

struct sha sha_of_text(const char *text)
{
	struct sha256_ctx context;
	struct sha s;

	sha256_init(&context);
	sha256_update(&context, strlen(text), (const uint8_t *)text);
	sha256_digest(&context, sizeof(s.at), s.at);
	return s;
}

void sha_hex(const struct sha *s, char out[SHA_HEX])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < sizeof(s->at); i++) {
		out[2 * i] = digits[s->at[i] >> 4];
		out[2 * i + 1] = digits[s->at[i] & 15];
	}
	out[SHA_HEX - 1] = '\0';
}

bool sha_parse(struct sha *out, const char *hex)
{
	static const char digits[] = "0123456789abcdef";

	if (strlen(hex) != SHA_HEX - 1)
		return false;
	for (size_t i = 0; i < sizeof(out->at); i++) {
		const char *high = strchr(digits, hex[2 * i]);
		const char *low = strchr(digits, hex[2 * i + 1]);

		if (high == NULL || low == NULL)
			return false;
		out->at[i] = (uint8_t)((high - digits) << 4 | (low - digits));
	}
	return true;
}
