#include <stdlib.h>

#include "bytes/source.h"
#include "tree/node.h"

struct tree_file {
	struct lru_entry base;
	struct tree_node node; /* what stat(2) says of it */
	/* What its bytes are of: one of these. */
	struct mail *mail;		 /* owned */
	struct source *source;		 /* on loan from the tree */
	const struct tree_control *live; /* on loan from the tree */
};

static void destroy(struct lru_entry *e)
{
	struct tree_file *f = (struct tree_file *)e;

	mail_free(f->mail);
	free(f);
}

/* Whoever wants a plan made. */
struct maker {
	struct tree *t;
	struct readahead *told; /* of a mail that was missing; NULL: it asks */
};

static enum ost_status fill(const struct maker *by, struct ino i,
			    struct tree_file *f, struct ost_error *err)
{
	struct filling made = { .t = by->t,
				.told = by->told,
				.node = &f->node };
	const struct node_ops *ops = node_of(by->t, i);
	enum ost_status st;

	stat_times(by->t, NULL, &f->node);
	if (ops == NULL || ops->fill == NULL)
		return ost_fail(err, OST_NOT_FOUND,
				ops == NULL ? "no item %x in this store"
					    : "a directory",
				i.nid);
	st = ops->fill(&made, i, err);
	f->mail = made.mail;
	f->source = made.source;
	f->live = made.live;
	return st;
}

/*
 * A file that lacks something only while the store cannot be read must not be
 * taken for what it is. Those that tell of all the store tell of that.
 */
static enum ost_status whole(struct ino i, const struct tree_file *f,
			     struct ost_error *err)
{
	if (!store_failed(&f->base.store) ||
	    (i.kind == INO_CONTROL && i.nid == 0))
		return OST_OK;
	return ost_fail(err, OST_IO, "%#x: some of it cannot be read now",
			i.nid);
}

static enum ost_status make(void *arg, uint64_t ino, struct lru_entry **out,
			    struct ost_error *err)
{
	struct tree_file *f = calloc(1, sizeof(*f));
	struct maker by = *(const struct maker *)arg;
	enum ost_status st;
	struct tree t;

	if (f == NULL)
		return ost_no_memory(err);
	t = tree_again(&f->base.store, by.t);
	by.t = &t;
	f->base.destroy = destroy;
	f->node.ino = ino;
	f->node.nlink = 1;
	st = fill(&by, ino_split(&t, ino), f, err);
	if (st == OST_OK)
		st = whole(ino_split(&t, ino), f, err);
	if (st != OST_OK) {
		destroy(&f->base);
		return st;
	}

	const uint64_t size = tree_file_size(f);
	f->node.size = size;
	f->base.cost = sizeof(*f);
	if (f->mail != NULL)
		f->base.cost += mail_memory(f->mail);
	size_cache_put(t.sizes, ino, size);
	*out = &f->base;
	return OST_OK;
}

static void asked(struct tree *t, uint64_t ino)
{
	const struct ino i = ino_split(t, ino);

	if (i.kind == INO_THING && i.place == 0)
		readahead_asked(t->readahead, i.nid);
}

enum ost_status tree_open(struct tree *t, uint64_t ino, struct tree_file **out,
			  struct ost_error *err)
{
	struct maker by = { t, t->readahead };
	struct lru_entry *e;
	enum ost_status st;

	asked(t, ino);
	st = lru_get(t->files, ino, make, &by, &e, err);
	*out = (struct tree_file *)e;
	return store_met(t->store, st);
}

size_t file_plan(struct tree *t, uint64_t ino)
{
	struct maker by = { t, NULL };
	struct lru_entry *e;
	struct ost_error err;
	size_t cost = 1;

	if (lru_get(t->files, ino, make, &by, &e, &err) == OST_OK)
		cost = e->cost;
	lru_drop(e);
	return cost;
}

uint64_t tree_file_size(const struct tree_file *f)
{
	int64_t sec;
	uint32_t nsec;

	if (f->live != NULL)
		return f->live->live_size(f->live->arg, &sec, &nsec);
	return f->mail != NULL ? mail_size(f->mail) : source_size(f->source);
}

const char *tree_file_notes(const struct tree_file *f)
{
	return f->mail != NULL ? mail_notes(f->mail) : "";
}

enum ost_status tree_read(const struct tree_file *f, uint64_t off, void *buf,
			  size_t want, size_t *got, struct ost_error *err)
{
	enum ost_status st;

	if (f->mail != NULL)
		return mail_read(f->mail, off, buf, want, got, err);
	if (f->live != NULL) {
		*got = f->live->live_read(f->live->arg, off, buf, want);
		return OST_OK;
	}

	const uint64_t size = source_size(f->source);
	*got = 0;
	if (off >= size)
		return OST_OK;
	if (want > size - off)
		want = (size_t)(size - off);
	st = source_read(f->source, off, buf, want, err);
	if (st == OST_OK)
		*got = want;
	return st;
}

void tree_close(struct tree_file *f)
{
	if (f != NULL)
		lru_drop(&f->base);
}

/*
 * A damaged file must not look empty: tools would not even try to read it,
 * and so would never be told.
 */
enum ost_status file_stat(struct tree *t, struct tree_node *out,
			  struct ost_error *err)
{
	const struct ino i = ino_split(t, out->ino);
	struct tree_file *f = (struct tree_file *)lru_kept(t->files, out->ino);
	enum ost_status st = OST_OK;

	out->size = 1;
	asked(t, out->ino);
	if (f == NULL && !size_cache_get(t->sizes, out->ino, &out->size))
		st = tree_open(t, out->ino, &f, err);
	if (f != NULL) {
		*out = f->node;
		tree_close(f);
		return OST_OK;
	}
	if (ost_is_internal_or_transient(st))
		return st;
	if (st != OST_OK)
		size_cache_put(t->sizes, out->ino, out->size);
	return i.kind == INO_THING ? stat_thing_times(t, i, out, err) : OST_OK;
}
