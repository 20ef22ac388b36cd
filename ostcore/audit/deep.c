/*
 * deep.c - every byte of every file, read by several threads
 *
 * The walk hands each file, and each directory of attachments, to whoever is
 * free; it waits when they are all busy, so what waits is little.
 */
#include <stdlib.h>
#include <unistd.h>

#include "audit/ledger.h"

enum {
	THREADS_MOST = 64,
	WAITING_MOST = 256,
	READ_SIZE = 256 << 10,
	SKIP = 4096,	     /* past a byte that cannot be read */
	FAILURES_MOST = 256, /* in a file, until the rest is given up */
};

struct job {
	uint64_t ino;
	char *path; /* owned */
};

struct deep {
	struct ledger *l;
	const struct ledger_options *options;
	uint64_t done, all; /* messages */

	pthread_mutex_t lock; /* of what follows, and of `done` */
	pthread_cond_t changed;
	struct job waiting[WAITING_MOST];
	size_t first, count;
	bool ended;

	pthread_t threads[THREADS_MOST];
	size_t thread_count;
};

/* What one thread reads with. */
struct reader {
	struct deep *d;
	char *buf;
	struct buf path;
};

/* What of a file cannot be read is one entry for all of it. */
struct failing {
	uint64_t first, bytes;
	unsigned count;
	struct ost_error why;
};

static void fail(struct failing *f, uint64_t off, uint64_t bytes,
		 const struct ost_error *why)
{
	if (f->count++ == 0) {
		f->first = off;
		f->why = *why;
	}
	f->bytes += bytes;
}

/* Read all there is, and past what cannot be. Returns bytes read. */
static uint64_t read_bytes(struct reader *r, const struct tree_file *file,
			   struct failing *f)
{
	const uint64_t size = tree_file_size(file);
	size_t want = READ_SIZE, got = 0;
	uint64_t off = 0, sum = 0;
	struct ost_error err = { "" };

	while (off < size) {
		enum ost_status st =
			tree_read(file, off, r->buf, want, &got, &err);

		if (st == OST_OK && got == 0)
			st = ost_fail(&err, OST_BUG, "it ends too early");
		if (st == OST_OK) {
			off += got;
			sum += got;
			want = want < READ_SIZE ? SKIP - off % SKIP : READ_SIZE;
			if (f->count == 0 || off % SKIP == 0)
				want = READ_SIZE;
		} else if (want > SKIP) {
			want = SKIP; /* see which part it is */
		} else {
			const uint64_t left = size - off;
			const uint64_t skip = left < SKIP ? left : SKIP;

			if (f->count >= FAILURES_MOST) {
				fail(f, off, left, &err);
				break;
			}
			fail(f, off, skip, &err);
			off += skip;
		}
	}
	return sum;
}

static void take_notes(struct reader *r, uint64_t ino,
		       const struct tree_what *what, const char *path)
{
	struct ledger *l = r->d->l;
	struct buf codes = { 0 };
	struct ost_error err;

	if (tree_xattr(l->tree, ino, "user.ost.notes", &codes, &err) == OST_OK)
		notes_count(l, what, path, buf_text(&codes));
	buf_free(&codes);
}

static void read_file(struct reader *r, uint64_t ino, const char *path)
{
	struct ledger *l = r->d->l;
	const struct tree_what what = tree_what(l->tree, ino);
	struct entry e = { .nid = what.nid, .place = what.place };
	struct failing failing = { 0 };
	struct tree_file *file = NULL;
	struct ost_error err = { "" };
	uint64_t bytes = 0;

	if (tree_open(l->tree, ino, &file, &err) != OST_OK) {
		e.kind = ENTRY_UNREADABLE;
		if (ledger_has(l, what.nid))
			ledger_add(l, &e, path, err.text);
		return;
	}
	bytes = read_bytes(r, file, &failing);
	if (failing.count > 0) {
		e.kind = ENTRY_DAMAGED;
		e.off = failing.first;
		e.bytes = failing.bytes;
		ledger_add(l, &e, path, failing.why.text);
	}
	take_notes(r, ino, &what, path);
	tree_close(file);
	pthread_mutex_lock(&l->lock);
	l->files++;
	l->bytes += bytes;
	pthread_mutex_unlock(&l->lock);
}

static void read_dir(struct reader *r, uint64_t ino);

static bool take(void *arg, const struct tree_entry *e)
{
	struct reader *r = arg;
	const size_t len = r->path.len;

	buf_byte(&r->path, '/');
	buf_str(&r->path, e->name);
	if (e->is_dir)
		read_dir(r, e->ino); /* no deeper than messages are nested */
	else
		read_file(r, e->ino, buf_text(&r->path));
	buf_cut(&r->path, len);
	return true;
}

/* The directory of attachments whose path is in `r`. */
static void read_dir(struct reader *r, uint64_t ino)
{
	struct ledger *l = r->d->l;
	const struct tree_what what = tree_what(l->tree, ino);
	struct ost_error err = { "" };
	const struct entry e = { .kind = ENTRY_UNREADABLE,
				 .nid = what.nid,
				 .place = what.place };

	if (tree_list(l->tree, ino, 0, take, r, &err) != OST_OK &&
	    ledger_has(l, what.nid))
		ledger_add(l, &e, buf_text(&r->path), err.text);
}

static bool next(struct deep *d, struct job *out)
{
	bool is;

	pthread_mutex_lock(&d->lock);
	while (d->count == 0 && !d->ended)
		pthread_cond_wait(&d->changed, &d->lock);
	is = d->count > 0;
	if (is) {
		*out = d->waiting[d->first];
		d->first = (d->first + 1) % WAITING_MOST;
		d->count--;
		pthread_cond_broadcast(&d->changed);
	}
	pthread_mutex_unlock(&d->lock);
	return is;
}

static void progress(struct deep *d)
{
	pthread_mutex_lock(&d->lock);
	d->done++;
	if (d->options->progress != NULL)
		d->options->progress(d->options->arg, d->done,
				     d->all > d->done ? d->all : d->done);
	pthread_mutex_unlock(&d->lock);
}

static void *work(void *arg)
{
	struct reader r = { .d = arg, .buf = malloc(READ_SIZE) };
	struct job job;

	while (next(r.d, &job)) {
		const struct tree_what what = tree_what(r.d->l->tree, job.ino);

		if (r.buf != NULL && what.kind == TREE_ATTACHMENTS) {
			buf_cut(&r.path, 0);
			buf_str(&r.path, job.path);
			read_dir(&r, job.ino);
		} else if (r.buf != NULL) {
			read_file(&r, job.ino, job.path);
			progress(r.d);
		}
		free(job.path);
	}
	if (r.buf == NULL || r.path.bad) {
		pthread_mutex_lock(&r.d->l->lock);
		r.d->l->no_memory = true;
		pthread_mutex_unlock(&r.d->l->lock);
	}
	free(r.buf);
	buf_free(&r.path);
	return NULL;
}

bool deep_read(struct deep *d, uint64_t ino, const char *path)
{
	const struct job job = { ino, strdup(path) };

	if (job.path == NULL)
		return false;
	pthread_mutex_lock(&d->lock);
	while (d->count == WAITING_MOST)
		pthread_cond_wait(&d->changed, &d->lock);
	d->waiting[(d->first + d->count++) % WAITING_MOST] = job;
	pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
	return true;
}

static size_t threads_of(const struct ledger_options *options)
{
	const long cores = sysconf(_SC_NPROCESSORS_ONLN);
	const size_t want = options->threads > 0 ? options->threads
			    : cores > 0		 ? (size_t)cores
						 : 1;

	return want < THREADS_MOST ? want : THREADS_MOST;
}

struct deep *deep_start(struct ledger *l, const struct ledger_options *options,
			uint64_t all)
{
	struct deep *d = calloc(1, sizeof(*d));
	const size_t want = threads_of(options);

	if (d == NULL)
		return NULL;
	d->l = l;
	d->options = options;
	d->all = all;
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->changed, NULL);
	while (d->thread_count < want &&
	       pthread_create(&d->threads[d->thread_count], NULL, work, d) == 0)
		d->thread_count++;
	if (d->thread_count > 0)
		return d;
	deep_finish(d);
	return NULL;
}

void deep_finish(struct deep *d)
{
	if (d == NULL)
		return;
	pthread_mutex_lock(&d->lock);
	d->ended = true;
	pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
	for (size_t i = 0; i < d->thread_count; i++)
		pthread_join(d->threads[i], NULL);
	pthread_cond_destroy(&d->changed);
	pthread_mutex_destroy(&d->lock);
	free(d);
}
