#include <stdlib.h>

#include "bytes/source.h"
#include "tree/attachment_index.h"
#include "tree/folder.h"

struct tree_file {
	struct lru_entry base;
	struct tree_node node; /* what stat(2) says of it */
	struct mail *mail;     /* NULL: what `source` holds */
	struct source *source; /* on loan from the control directory */
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

/* The times of a file, while its plan is made: the item is open now. */
static enum ost_status plan_item(const struct maker *by, uint32_t nid,
				 struct tree_file *f, struct ost_error *err)
{
	struct tree *t = by->t;
	const struct mail_options options = plan_options(t);
	const struct store_id id = { nid, 0 };
	struct store_object *item = NULL;
	enum ost_status st;

	if (!nid_is_item(nid))
		return ost_fail(err, OST_NOT_FOUND, "%#x is no message", nid);
	st = store_get(t->store, id, &item, err);
	if (st == OST_OK) {
		readahead_missed(by->told, item->parent, nid);
		stat_times(t, item, &f->node);
		st = mail_plan(&f->mail, item, &options, err);
	}
	return st == OST_OK ? st : ost_within(err, st, "message %#x", nid);
}

static enum ost_status plan_attachment(struct tree *t, struct ino i,
				       struct tree_file *f,
				       struct ost_error *err)
{
	const struct mail_options options = plan_options(t);
	struct store_object *owner = NULL;
	size_t index;
	enum ost_status st;

	st = attachment_index_owner(t, i.nid, i.place, &owner, &index, err);
	if (st != OST_OK)
		return st;
	stat_attachment_times(t, owner, index, &f->node);
	st = mail_plan_attachment(&f->mail, owner, index, &options, err);
	store_drop(owner);
	return st == OST_OK ? st
			    : ost_within(err, st, "message %#x: attachment %u",
					 i.nid, i.place);
}

static enum ost_status open_attachment(struct tree *t, struct ino i,
				       struct tree_node *node,
				       struct store_object **out,
				       struct ost_error *err)
{
	struct store_object *owner = NULL;
	size_t index;
	enum ost_status st =
		attachment_index_owner(t, i.nid, i.place, &owner, &index, err);

	if (st != OST_OK)
		return st;
	stat_attachment_times(t, owner, index, node);
	st = store_child(owner, STORE_ATTACHMENTS, index, out, err);
	store_drop(owner);
	return st;
}

static enum ost_status plan_properties(struct tree *t, struct ino i,
				       struct tree_file *f,
				       struct ost_error *err)
{
	const struct ino thing = { INO_THING, i.nid, i.place - CONTROL_MAPI };
	const struct store_id id = { i.nid, 0 };
	struct store_object *o = NULL;
	enum ost_status st;

	if (i.place < CONTROL_MAPI || !nid_has_properties(i.nid))
		return ost_fail(err, OST_NOT_FOUND, "no properties");
	if (thing.place > 0) {
		st = open_attachment(t, thing, &f->node, &o, err);
	} else {
		st = store_get(t->store, id, &o, err);
		if (st == OST_OK)
			stat_times(t, o, &f->node);
	}
	if (st == OST_OK)
		st = mail_plan_properties(&f->mail, o, err);
	return st == OST_OK ? st
			    : ost_within(err, st, "properties of %#x", i.nid);
}

static enum ost_status fill(const struct maker *by, struct ino i,
			    struct tree_file *f, struct ost_error *err)
{
	struct tree *t = by->t;

	stat_times(t, NULL, &f->node);
	switch (i.kind) {
	case INO_THING:
		return i.place == 0 ? plan_item(by, i.nid, f, err)
				    : plan_attachment(t, i, f, err);
	case INO_CONTROL:
		return i.nid == 0 ? control_open(t, i.place, &f->source, err)
				  : plan_properties(t, i, f, err);
	case INO_LOST:
		return lost_why(t, i, err);
	default:
		return ost_fail(err, OST_NOT_FOUND, "a directory");
	}
}

/*
 * A file that lacks something only while the store cannot be read must not be
 * taken for what it is. Those that tell of all the store tell of that.
 */
static enum ost_status whole(struct ino i, unsigned troubles,
			     struct ost_error *err)
{
	if (ost_troubles() == troubles || (i.kind == INO_CONTROL && i.nid == 0))
		return OST_OK;
	return ost_fail(err, OST_IO, "%#x: some of it cannot be read now",
			i.nid);
}

static enum ost_status make(void *arg, uint64_t ino, struct lru_entry **out,
			    struct ost_error *err)
{
	const unsigned troubles = ost_troubles();
	struct tree_file *f = calloc(1, sizeof(*f));
	const struct maker *by = arg;
	enum ost_status st;

	if (f == NULL)
		return ost_no_memory(err);
	f->base.destroy = destroy;
	f->node.ino = ino;
	f->node.nlink = 1;
	st = fill(by, ino_split(by->t, ino), f, err);
	if (st == OST_OK)
		st = whole(ino_split(by->t, ino), troubles, err);
	if (st != OST_OK) {
		destroy(&f->base);
		return st;
	}

	const uint64_t size = tree_file_size(f);
	f->node.size = size;
	f->base.cost = sizeof(*f);
	if (f->mail != NULL)
		f->base.cost += mail_memory(f->mail);
	size_cache_put(by->t->sizes, ino, size);
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
	return st;
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
