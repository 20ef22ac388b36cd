#include "audit/state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

struct path_key path_key(const char *path)
{
	const struct sha sha = sha_of_text(path);
	struct path_key key;

	memcpy(key.at, sha.at, sizeof(key.at));
	return key;
}

/* --- a set of paths ------------------------------------------------------ */

/* Room for one more in an array of `*room` of `size` bytes. */
static bool grow(void **at, size_t count, size_t *cap, size_t size)
{
	const size_t more = *cap > 0 ? 2 * *cap : 1024;
	void *grown;

	if (count < *cap)
		return true;
	grown = reallocarray(*at, more, size);
	if (grown == NULL)
		return false;
	*at = grown;
	*cap = more;
	return true;
}

void path_set_add(struct path_set *s, struct path_key key)
{
	void *at = s->at;

	s->bad = s->bad || !grow(&at, s->count, &s->cap, sizeof(*s->at));
	s->at = at;
	if (!s->bad)
		s->at[s->count++] = key;
}

static int compare_keys(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct path_key));
}

void path_set_sort(struct path_set *s)
{
	if (s->count > 0)
		qsort(s->at, s->count, sizeof(*s->at), compare_keys);
}

bool path_set_has(const struct path_set *s, struct path_key key)
{
	return s->count > 0 && bsearch(&key, s->at, s->count, sizeof(*s->at),
				       compare_keys) != NULL;
}

void path_set_free(struct path_set *s)
{
	free(s->at);
}

/* --- the state ----------------------------------------------------------- */

/* A file that is given another content cannot be given its old ctime. */
struct known {
	struct path_key key;
	uint64_t size;
	struct timespec mtime, ctime;
};

struct state {
	FILE *file;
	struct known *at; /* owned; by key */
	size_t count, cap;
};

static int compare_known(const void *a, const void *b)
{
	return compare_keys(&((const struct known *)a)->key,
			    &((const struct known *)b)->key);
}

static bool parse_key(struct path_key *out, const char *hex)
{
	for (size_t i = 0; i < sizeof(out->at); i++)
		if (sscanf(hex + 2 * i, "%2hhx", &out->at[i]) != 1)
			return false;
	return true;
}

static bool parse_known(struct known *k, const char *line)
{
	int64_t mtime, ctime;
	char hex[33], end;

	if (sscanf(line,
		   "%32[0-9a-f] %" SCNu64 " %" SCNd64 ".%9ld %" SCNd64
		   ".%9ld%c",
		   hex, &k->size, &mtime, &k->mtime.tv_nsec, &ctime,
		   &k->ctime.tv_nsec, &end) != 7 ||
	    end != '\n' || strlen(hex) != 32)
		return false;
	k->mtime.tv_sec = mtime;
	k->ctime.tv_sec = ctime;
	return parse_key(&k->key, hex);
}

/* Read what is remembered; false: no memory. */
static bool read_known(struct state *s)
{
	char line[256];
	struct known k;
	void *at;

	while (fgets(line, sizeof(line), s->file) != NULL) {
		if (!parse_known(&k, line))
			continue;
		at = s->at;
		if (!grow(&at, s->count, &s->cap, sizeof(*s->at)))
			return false;
		s->at = at;
		s->at[s->count++] = k;
	}
	if (s->count > 0)
		qsort(s->at, s->count, sizeof(*s->at), compare_known);
	return true;
}

/* Go on where the file ends, on a line of its own; or begin it anew. */
static bool begin(struct state *s, const char *head)
{
	char want[SHA_HEX + 32], have[SHA_HEX + 32] = "", hex[SHA_HEX];
	const struct sha sha = sha_of_text(head);

	sha_hex(&sha, hex);
	snprintf(want, sizeof(want), "ostcheck 1 %s\n", hex);
	if (fgets(have, sizeof(have), s->file) != NULL &&
	    strcmp(want, have) == 0)
		return read_known(s) && fseek(s->file, 0, SEEK_END) == 0 &&
		       fputc('\n', s->file) != EOF;
	rewind(s->file);
	return ftruncate(fileno(s->file), 0) == 0 &&
	       fputs(want, s->file) != EOF;
}

enum ost_status state_open(struct state **out, FILE *file, const char *head,
			   struct ost_error *err)
{
	struct state *s = calloc(1, sizeof(*s));
	struct ost_error ignored;

	*out = NULL;
	if (s == NULL)
		return ost_no_memory(err);
	s->file = file;
	/* Who is interrupted for good keeps what was proven. */
	setvbuf(file, NULL, _IOLBF, BUFSIZ);
	rewind(file);
	errno = ENOMEM;
	if (!begin(s, head)) {
		(void)!state_close(s, &ignored);
		return ost_fail(err, OST_IO, "%s", strerror(errno));
	}
	*out = s;
	return OST_OK;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool state_has(const struct state *s, const char *path, const struct stat *file)
{
	const struct known want = { .key = path_key(path) };
	const struct known *k;

	if (s == NULL || s->count == 0)
		return false;
	k = bsearch(&want, s->at, s->count, sizeof(*s->at), compare_known);
	return k != NULL && k->size == (uint64_t)file->st_size &&
	       same_time(&k->mtime, &file->st_mtim) &&
	       same_time(&k->ctime, &file->st_ctim);
}

void state_add(struct state *s, const char *path, const struct stat *file)
{
	const struct path_key key = path_key(path);

	for (size_t i = 0; i < sizeof(key.at); i++)
		fprintf(s->file, "%02x", key.at[i]);
	fprintf(s->file, " %jd %jd.%09ld %jd.%09ld\n", (intmax_t)file->st_size,
		(intmax_t)file->st_mtim.tv_sec, file->st_mtim.tv_nsec,
		(intmax_t)file->st_ctim.tv_sec, file->st_ctim.tv_nsec);
}

enum ost_status state_close(struct state *s, struct ost_error *err)
{
	bool good;

	if (s == NULL)
		return OST_OK;
	good = ferror(s->file) == 0;
	good = fflush(s->file) == 0 && good;
	free(s->at);
	free(s);
	return good ? OST_OK
		    : ost_fail(err, OST_IO,
			       "not all that was found could be "
			       "remembered: %s",
			       strerror(errno));
}
