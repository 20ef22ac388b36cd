/*
 * deep.c - every byte of every file, read by several threads
 *
 * Of an item also all its properties, as .ostfs/mapi has them: what no file
 * shows of it can be damaged too.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/ledger.h"
#include "audit/order.h"
#include "store/budget.h"

enum {
	READ_SIZE = 256 << 10,
	SKIP = 4096,	    /* past a byte that cannot be read */
	FAILURES_MAX = 256, /* in a file, until the rest is given up */
};

struct deep {
	struct ledger *l;
	const struct ledger_options *options;
	struct order *order;
	uint64_t done, all; /* items */
};

/* A file, or a directory of attachments. */
struct job {
	uint64_t ino, dir; /* and of the directory it is in; 0: in none */
	char *path;	   /* owned */
};

/* What a job is done with. */
struct reader {
	struct ledger *l;
	char *buf; /* READ_SIZE */
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

/* Take `bytes` of what a run may read. */
static enum ost_status spend(struct ledger *l, uint64_t bytes,
			     struct ost_error *err)
{
	uint64_t left = __atomic_load_n(&l->bytes_left, __ATOMIC_RELAXED);

	do {
		if (left < bytes)
			return ost_fail(err, OST_LIMIT,
					"it was not read: the run has read all "
					"that a store of this size can hold");
	} while (!__atomic_compare_exchange_n(
		&l->bytes_left, &left, left - bytes, false, __ATOMIC_RELAXED,
		__ATOMIC_RELAXED));
	return OST_OK;
}

/* Read all there is, and past what cannot be. Returns bytes read. */
static uint64_t read_bytes(struct ledger *l, char *buf,
			   const struct tree_file *file, struct failing *f)
{
	const uint64_t size = tree_file_size(file);
	size_t want = READ_SIZE, got = 0;
	uint64_t off = 0, sum = 0;
	struct ost_error err = { "" };

	if (spend(l, size, &err) != OST_OK) {
		fail(f, 0, size, &err);
		return 0;
	}
	while (off < size) {
		enum ost_status st =
			tree_read(file, off, buf, want, &got, &err);

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

			if (f->count >= FAILURES_MAX) {
				fail(f, off, left, &err);
				break;
			}
			fail(f, off, skip, &err);
			off += skip;
		}
	}
	return sum;
}

/*
 * Read what no file shows of the item or folder that `properties` are of. Any
 * damage is one entry, `e`.
 */
static void read_properties(struct reader *r, uint64_t properties,
			    struct entry e, const char *path)
{
	struct failing failing = { 0 };
	struct tree_file *file = NULL;
	struct ost_error err = { "" };
	struct buf why = { 0 };

	if (tree_open(r->l->tree, properties, &file, &err) != OST_OK) {
		ledger_add(r->l, &e, path, err.text);
		return;
	}
	e.kind = ENTRY_DAMAGED;
	(void)read_bytes(r->l, r->buf, file, &failing);
	if (failing.count > 0 || notes_are_damage(tree_file_notes(file))) {
		buf_printf(&why,
			   "not the file, but .ostfs/mapi/%" PRIx32 ".json: %s",
			   e.nid,
			   failing.count > 0 ? failing.why.text
					     : tree_file_notes(file));
		ledger_add(r->l, &e, path, buf_text(&why));
	}
	buf_free(&why);
	tree_close(file);
}

static void read_file(struct reader *r, uint64_t ino, const char *path)
{
	struct ledger *l = r->l;
	const struct tree_what what = tree_what(l->tree, ino);
	struct entry e = { .kind = ENTRY_UNREADABLE,
			   .nid = what.nid,
			   .place = what.place };
	struct failing failing = { 0 };
	struct tree_file *file = NULL;
	struct ost_error err = { "" };
	uint64_t bytes = 0;

	if (tree_open(l->tree, ino, &file, &err) != OST_OK) {
		if (ledger_has(l, what.nid))
			ledger_add(l, &e, path, err.text);
		return;
	}
	e.kind = ENTRY_DAMAGED;
	bytes = read_bytes(r->l, r->buf, file, &failing);
	if (failing.count > 0) {
		struct entry part = e;

		part.off = failing.first;
		part.bytes = failing.bytes;
		ledger_add(l, &part, path, failing.why.text);
	}
	notes_count(l, &what, path, tree_file_notes(file));
	if (what.kind == TREE_ITEM && failing.count == 0 &&
	    !notes_are_damage(tree_file_notes(file)))
		read_properties(r, tree_properties(l->tree, ino), e, path);
	tree_close(file);
	pthread_mutex_lock(&l->lock);
	l->files++;
	l->bytes += bytes;
	pthread_mutex_unlock(&l->lock);
}

static void read_dir(struct reader *r, uint64_t ino);

static bool take_entry(void *arg, const struct tree_entry *e)
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
	struct ledger *l = r->l;
	const struct tree_what what = tree_what(l->tree, ino);
	struct ost_error err = { "" };
	const struct entry e = { .kind = ENTRY_UNREADABLE,
				 .nid = what.nid,
				 .place = what.place };

	if (tree_list(l->tree, ino, 0, take_entry, r, &err) != OST_OK &&
	    ledger_has(l, what.nid))
		ledger_add(l, &e, buf_text(&r->path), err.text);
}

/* A list can deny what is not in it twice. */
static void read_item(struct reader *r, const struct job *job)
{
	const struct tree_what what = tree_what(r->l->tree, job->ino);
	const struct entry e = { .kind = ENTRY_DAMAGED, .nid = what.nid };

	read_file(r, job->ino, job->path);
	if (what.kind == TREE_ITEM && job->dir != 0 &&
	    tree_hides_attachments(r->l->tree, job->dir, job->ino))
		ledger_add(r->l, &e, job->path,
			   "its attachments are in this file only: the list "
			   "of the folder says that it has none");
}

/* Of what is no file, a job has the number of the file of properties. */
static void read_job(struct reader *r, const struct job *job)
{
	const struct tree_what what = tree_what(r->l->tree, job->ino);
	const struct entry e = { .kind = ENTRY_UNREADABLE, .nid = what.nid };

	buf_str(&r->path, job->path);
	if (what.kind == TREE_ATTACHMENTS)
		read_dir(r, job->ino);
	else if (what.kind == TREE_CONTROL)
		read_properties(r, job->ino, e, job->path);
	else
		read_item(r, job);
}

static void work(void *arg, void *item)
{
	struct ledger *l = ((const struct deep *)arg)->l;
	struct reader r = { .l = l, .buf = malloc(READ_SIZE) };

	if (r.buf != NULL)
		read_job(&r, item);
	if (r.buf == NULL || r.path.bad) {
		pthread_mutex_lock(&l->lock);
		l->no_memory = true;
		pthread_mutex_unlock(&l->lock);
	}
	free(r.buf);
	buf_free(&r.path);
}

static bool take(void *arg, void *item)
{
	struct deep *d = arg;
	struct job *job = item;

	if (tree_what(d->l->tree, job->ino).kind != TREE_ATTACHMENTS) {
		d->done++;
		d->all = d->all > d->done ? d->all : d->done;
		if (d->options->progress != NULL)
			d->options->progress(d->options->arg, d->done, d->all);
	}
	free(job->path);
	free(job);
	return true;
}

bool deep_read(struct deep *d, uint64_t ino, uint64_t dir, const char *path)
{
	struct job *job = malloc(sizeof(*job));

	if (job == NULL)
		return false;
	*job = (struct job){ ino, dir, strdup(path) };
	if (job->path == NULL) {
		free(job);
		return false;
	}
	return order_add(d->order, job);
}

bool deep_read_associated(struct deep *d)
{
	const struct inventory_list *list =
		&d->l->inventory->of[INVENTORY_ASSOCIATED];
	bool good = true;

	for (size_t i = 0; good && i < list->count; i++) {
		char path[32];

		snprintf(path, sizeof(path), ".ostfs/mapi/%" PRIx32 ".json",
			 list->nids[i]);
		/* An item's inode number is its NID. */
		good = deep_read(d, tree_properties(d->l->tree, list->nids[i]),
				 0, path);
	}
	return good;
}

struct deep *deep_start(struct ledger *l, const struct ledger_options *options)
{
	struct deep *d = calloc(1, sizeof(*d));
	const struct order_options order = { .threads = options->threads,
					     .work = work,
					     .take = take,
					     .arg = d };

	if (d == NULL)
		return NULL;
	d->l = l;
	d->options = options;
	l->bytes_left = budget_bytes(tree_store(l->tree));
	for (int kind = 0; l->inventory != NULL && kind < INVENTORY_KINDS;
	     kind++)
		d->all += l->inventory->of[kind].count;
	d->order = order_start(&order);
	if (d->order == NULL) {
		free(d);
		return NULL;
	}
	return d;
}

void deep_finish(struct deep *d)
{
	if (d == NULL)
		return;
	(void)order_finish(d->order);
	free(d);
}
