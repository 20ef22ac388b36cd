#include <stdlib.h>

#include "bytes/source.h"
#include "tree/folder.h"
#include "tree/outline.h"

/*
 * A plan does not say what memory it takes. It holds the texts of a mail, so
 * its size, up to what a long mail without attachments has, is near enough.
 */
enum { COST_LEAST = 4096, COST_MOST = 4 << 20 };

/* Not a size: the file is damaged beyond planning. */
#define SIZE_DAMAGED UINT64_MAX

struct tree_file {
	struct lru_entry base;
	struct mail *mail;     /* NULL: what `source` holds */
	struct source *source; /* on loan from the control directory */
};

static void destroy(struct lru_entry *e)
{
	struct tree_file *f = (struct tree_file *)e;

	mail_free(f->mail);
	free(f);
}

static enum ost_status plan_item(struct tree *t, uint32_t nid,
				 struct mail **out, struct ost_error *err)
{
	const struct mail_options options = plan_options(t);
	const struct store_id id = { nid, 0 };
	struct store_object *item = NULL;
	enum ost_status st;

	if (!nid_is_message(nid))
		return ost_fail(err, OST_NOT_FOUND, "%#x is no message", nid);
	st = store_get(t->store, id, &item, err);
	if (st == OST_OK)
		st = mail_plan(out, item, &options, err);
	return st == OST_OK ? st : ost_within(err, st, "message %#x", nid);
}

static enum ost_status plan_attachment(struct tree *t, struct ino i,
				       struct mail **out, struct ost_error *err)
{
	const struct mail_options options = plan_options(t);
	struct store_object *owner = NULL;
	size_t index;
	enum ost_status st;

	st = outline_owner(t, i.nid, i.place, &owner, &index, err);
	if (st != OST_OK)
		return st;
	st = mail_plan_attachment(out, owner, index, &options, err);
	store_drop(owner);
	return st == OST_OK ? st
			    : ost_within(err, st, "message %#x: attachment %u",
					 i.nid, i.place);
}

static enum ost_status fill(struct tree *t, struct ino i, struct tree_file *f,
			    struct ost_error *err)
{
	switch (i.kind) {
	case INO_THING:
		return i.place == 0 ? plan_item(t, i.nid, &f->mail, err)
				    : plan_attachment(t, i, &f->mail, err);
	case INO_CONTROL:
		return control_open(t, i.place, &f->source, err);
	case INO_LOST:
		return lost_why(t, i, err);
	default:
		return ost_fail(err, OST_NOT_FOUND, "a directory");
	}
}

enum ost_status tree_open(struct tree *t, uint64_t ino, struct tree_file **out,
			  struct ost_error *err)
{
	struct tree_file *f = (struct tree_file *)lru_get(t->files, ino);
	enum ost_status st;

	*out = f;
	if (f != NULL)
		return OST_OK;
	f = calloc(1, sizeof(*f));
	if (f == NULL)
		return ost_fail(err, OST_NO_MEMORY, "out of memory");
	f->base.key = ino;
	f->base.destroy = destroy;
	st = fill(t, ino_split(t, ino), f, err);
	if (st != OST_OK) {
		destroy(&f->base);
		return st;
	}

	const uint64_t size = tree_file_size(f);
	f->base.cost = COST_LEAST;
	if (f->mail != NULL)
		f->base.cost += (size_t)(size < COST_MOST ? size : COST_MOST);
	memo_put(t->sizes, ino, size);
	*out = (struct tree_file *)lru_put(t->files, &f->base);
	return OST_OK;
}

uint64_t tree_file_size(const struct tree_file *f)
{
	return f->mail != NULL ? mail_size(f->mail) : source_size(f->source);
}

const char *file_notes(const struct tree_file *f)
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
enum ost_status file_size(struct tree *t, uint64_t ino, uint64_t *out,
			  struct ost_error *err)
{
	struct tree_file *f = NULL;
	enum ost_status st;

	*out = 1;
	if (memo_get(t->sizes, ino, out)) {
		*out = *out == SIZE_DAMAGED ? 1 : *out;
		return OST_OK;
	}
	st = tree_open(t, ino, &f, err);
	if (st == OST_OK)
		*out = tree_file_size(f);
	else if (!is_grave(st) && st != OST_IO)
		memo_put(t->sizes, ino, SIZE_DAMAGED);
	tree_close(f);
	return is_grave(st) ? st : OST_OK;
}
