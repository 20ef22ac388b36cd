#include "survey.h"

#include <stdio.h>
#include <stdlib.h>

#include "bytes/source.h"

enum { CHUNK = 1 << 18, FILE_MAX = 64 << 20 };

/* --- what is read ------------------------------------------------------- */

static struct buf read_log; /* struct range */

#ifdef OST_SHARED /* the loader puts these in place, and finds the real ones   \
		   */
#include <dlfcn.h>
#define NEXT(name, ...)                                                        \
	((enum ost_status(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))
#define __wrap_source_read    source_read
#define __wrap_source_read_on source_read_on
#define __real_source_read                                                     \
	NEXT("source_read", struct source *, uint64_t, void *, size_t,         \
	     struct ost_error *)
#define __real_source_read_on                                                  \
	NEXT("source_read_on", struct source *, uint64_t, void *, size_t,      \
	     void *, size_t, struct ost_error *)
#else
enum ost_status __real_source_read(struct source *s, uint64_t off, void *buf,
				   size_t len, struct ost_error *err);
enum ost_status __wrap_source_read(struct source *s, uint64_t off, void *buf,
				   size_t len, struct ost_error *err);

enum ost_status __real_source_read_on(struct source *s, uint64_t off, void *buf,
				      size_t len, void *more, size_t more_len,
				      struct ost_error *err);
enum ost_status __wrap_source_read_on(struct source *s, uint64_t off, void *buf,
				      size_t len, void *more, size_t more_len,
				      struct ost_error *err);
#endif

static void note_read(uint64_t off, size_t len)
{
	const struct range r = { off, off + len };

	buf_add(&read_log, &r, sizeof(r));
}

/* The linker puts these between ostcore and its only ways to a store. */
enum ost_status __wrap_source_read(struct source *s, uint64_t off, void *buf,
				   size_t len, struct ost_error *err)
{
	note_read(off, len);
	return __real_source_read(s, off, buf, len, err);
}

enum ost_status __wrap_source_read_on(struct source *s, uint64_t off, void *buf,
				      size_t len, void *more, size_t more_len,
				      struct ost_error *err)
{
	note_read(off, len + more_len);
	return __real_source_read_on(s, off, buf, len, more, more_len, err);
}

static int by_place(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	if (x->off != y->off)
		return x->off < y->off ? -1 : 1;
	return (x->end > y->end) - (x->end < y->end);
}

/* The log, each range once; it is empty after that. `*out` is owned. */
static size_t take_log(struct range **out)
{
	const size_t count = read_log.len / sizeof(**out);
	size_t kept = 0;

	*out = (struct range *)(void *)read_log.at;
	read_log = (struct buf){ 0 };
	if (count > 0)
		qsort(*out, count, sizeof(**out), by_place);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || by_place(&(*out)[kept - 1], &(*out)[i]) != 0)
			(*out)[kept++] = (*out)[i];
	return kept;
}

bool entry_needs(const struct survey_entry *e, const struct range *hurt,
		 size_t count)
{
	for (size_t i = 0; i < e->need_count; i++)
		for (size_t j = 0; j < count; j++)
			if (e->need[i].off < hurt[j].end &&
			    hurt[j].off < e->need[i].end)
				return true;
	return false;
}

/* --- looking ------------------------------------------------------------ */

enum ost_status survey_open(struct tree **out, const char *path, bool heal,
			    struct ost_error *err)
{
	const struct store_options options = { .heal = heal };
	const struct tree_options tree_options = { .whole_store = true };
	struct store *s = NULL;
	enum ost_status st;

	*out = NULL;
	st = store_open(&s, path, &store_native, &options, err);
	return st == OST_OK ? tree_new(out, s, &tree_options, err) : st;
}

static bool put_entry(void *arg, const struct tree_entry *e)
{
	buf_printf(arg, "%c%s%c", e->is_dir ? 'd' : 'f', e->name, '\0');
	return true;
}

static enum ost_status read_all(const struct tree_file *f, struct buf *out,
				struct ost_error *err)
{
	const uint64_t size = tree_file_size(f);
	enum ost_status st = OST_OK;
	size_t got = 1;

	if (size > FILE_MAX)
		return ost_fail(err, OST_LIMIT, "a file of %llu bytes",
				(unsigned long long)size);
	while (st == OST_OK && got > 0) {
		char *at = buf_more(out, CHUNK);

		if (at == NULL)
			return ost_no_memory(err);
		st = tree_read(f, out->len - CHUNK, at, CHUNK, &got, err);
		buf_cut(out, out->len - CHUNK + (st == OST_OK ? got : 0));
	}
	if (st == OST_OK && out->len != size)
		st = ost_fail(err, OST_BUG, "%zu bytes, not %llu", out->len,
			      (unsigned long long)size);
	return st;
}

void look_at(struct tree *t, const struct survey_entry *e, struct look *out)
{
	struct tree_file *file = NULL;

	*out = (struct look){ 0 };
	out->status = tree_walk(t, e->path, &out->node, &out->why);
	if (out->status != OST_OK)
		return;
	if (out->node.is_dir) {
		out->status = tree_list(t, out->node.ino, 0, put_entry,
					&out->bytes, &out->why);
		return;
	}
	out->status = tree_open(t, out->node.ino, &file, &out->why);
	if (out->status == OST_OK)
		out->status = read_all(file, &out->bytes, &out->why);
	tree_close(file);
	if (out->status == OST_OK &&
	    tree_xattr(t, out->node.ino, "user.ost.notes", &out->notes,
		       &out->why) == OST_NO_MEMORY)
		out->status = OST_NO_MEMORY;
}

void look_free(struct look *l)
{
	buf_free(&l->bytes);
	buf_free(&l->notes);
}

bool look_same_bytes(const struct buf *a, const struct buf *b)
{
	return a->len == b->len &&
	       (a->len == 0 || memcmp(a->at, b->at, a->len) == 0);
}

bool look_is_same(const struct look *was, const struct look *is)
{
	const struct tree_node *a = &was->node, *b = &is->node;

	return is->status == OST_OK && a->ino == b->ino && a->size == b->size &&
	       a->nlink == b->nlink && a->mtime == b->mtime &&
	       a->mtime_nsec == b->mtime_nsec && a->ctime == b->ctime &&
	       a->ctime_nsec == b->ctime_nsec &&
	       look_same_bytes(&was->bytes, &is->bytes);
}

/* --- all of a store ----------------------------------------------------- */

static bool add_entry(struct survey *s, char *path, bool is_dir)
{
	void *more = realloc(s->at, (s->count + 1) * sizeof(*s->at));

	if (path == NULL || more == NULL)
		return false;
	s->at = more;
	s->at[s->count++] =
		(struct survey_entry){ .path = path, .is_dir = is_dir };
	return true;
}

/* The entries in directory `index`, at the end of the list. */
static bool add_children(struct survey *s, size_t index)
{
	const struct buf list = s->at[index].look.bytes;
	const char *dir = s->at[index].path;

	for (size_t at = 0; at < list.len; at += strlen(list.at + at) + 1) {
		char *path = NULL;

		if (asprintf(&path, "%s%s%s", dir, dir[0] != '\0' ? "/" : "",
			     list.at + at + 1) < 0 ||
		    !add_entry(s, path, list.at[at] == 'd'))
			return false;
	}
	return true;
}

/* A store opened for this entry alone: nothing is cached. */
static bool look_cold(struct survey_entry *e, const char *path)
{
	struct tree *t = NULL;
	struct ost_error err;

	buf_free(&read_log);
	if (survey_open(&t, path, false, &err) != OST_OK) {
		fprintf(stderr, "%s: %s\n", path, err.text);
		return false;
	}
	look_at(t, e, &e->look);
	tree_free(t);
	e->need_count = take_log(&e->need);
	if (e->look.status != OST_OK)
		fprintf(stderr, "%s: %s\n", e->path, e->look.why.text);
	return e->look.status == OST_OK;
}

bool survey_make(struct survey *out, const char *path)
{
	struct buf all = { 0 };

	*out = (struct survey){ 0 };
	if (!add_entry(out, strdup(""), true))
		return false;
	for (size_t i = 0; i < out->count; i++) {
		if (!look_cold(&out->at[i], path) ||
		    (out->at[i].is_dir && !add_children(out, i)))
			return false;
		buf_add(&all, out->at[i].need,
			out->at[i].need_count * sizeof(struct range));
	}
	read_log = all;
	out->read_count = take_log(&out->read);
	return !all.bad;
}

void survey_free(struct survey *s)
{
	for (size_t i = 0; i < s->count; i++) {
		free(s->at[i].path);
		free(s->at[i].need);
		look_free(&s->at[i].look);
	}
	free(s->at);
	free(s->read);
}
