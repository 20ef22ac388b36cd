#include "audit/manifest.h"

#include <errno.h>
#include <stdlib.h>

#include "audit/entry.h"
#include "audit/ledger.h"
#include "audit/order.h"

/* --- going through the tree --------------------------------------------- */

struct going {
	struct tree *t;
	manifest_find *find;
	void *arg;
	bool stopped;
	enum ost_status st; /* our own trouble */
	struct ost_error *err;
};

static void find(struct going *g, uint64_t ino, const char *path,
		 const char *why)
{
	const struct manifest_found found = { ino, strdup(path), why };

	if (found.path == NULL)
		g->st = ost_no_memory(g->err);
	else
		g->stopped = !g->find(g->arg, &found);
}

static void find_beside(struct going *g, uint64_t dir, const char *path);

/* In a directory of attachments. */
struct beside {
	struct going *g;
	struct buf path;
};

static bool take_beside(void *arg, const struct tree_entry *e)
{
	struct beside *b = arg;
	const size_t len = b->path.len;

	buf_byte(&b->path, '/');
	buf_str(&b->path, e->name);
	b->g->st = buf_status(&b->path, b->g->err);
	if (b->g->st == OST_OK && e->is_dir)
		find_beside(b->g, e->ino, b->path.at);
	else if (b->g->st == OST_OK)
		find(b->g, e->ino, b->path.at, NULL);
	buf_cut(&b->path, len);
	return !b->g->stopped && b->g->st == OST_OK;
}

/* As deep as messages are in messages, of which there is a limit. */
static void find_beside(struct going *g, uint64_t dir, const char *path)
{
	struct beside b = { .g = g };
	struct ost_error err = { "" };
	enum ost_status st;

	find(g, dir, path, NULL);
	if (g->stopped || g->st != OST_OK)
		return;
	buf_str(&b.path, path);
	st = tree_list(g->t, dir, 0, take_beside, &b, &err);
	buf_free(&b.path);
	if (g->st != OST_OK || st == OST_OK)
		return;
	if (st == OST_NO_MEMORY)
		g->st = ost_fail(g->err, st, "%s", err.text);
	else if (!g->stopped)
		find(g, dir, path, err.text);
}

static bool visit(void *arg, const struct walk_entry *e)
{
	struct going *g = arg;

	if (e->what.kind == TREE_ATTACHMENTS)
		find_beside(g, e->ino, e->path);
	else if (e->ino != TREE_ROOT || e->why != NULL)
		find(g, e->ino, e->path, e->why);
	return !g->stopped && g->st == OST_OK;
}

enum ost_status manifest_walk(struct tree *t, manifest_find *give, void *arg,
			      struct ost_error *err)
{
	struct going g = { .t = t, .find = give, .arg = arg, .err = err };
	const enum ost_status st = walk_tree(t, visit, &g, err);

	return g.st != OST_OK ? g.st : st;
}

/* --- an entry ------------------------------------------------------------ */

enum manifest_kind manifest_kind_of(const struct tree *t, uint64_t ino)
{
	switch (tree_what(t, ino).kind) {
	case TREE_ATTACHMENTS:
		return MANIFEST_ATTACHMENTS;
	case TREE_ATTACHMENT:
		return MANIFEST_ATTACHMENT;
	case TREE_ITEM:
	case TREE_UNREADABLE:
		return MANIFEST_ITEM;
	default:
		return MANIFEST_FOLDER;
	}
}

static enum ost_status read_file(void *from, uint64_t off, void *buf,
				 size_t want, size_t *got,
				 struct ost_error *err)
{
	return tree_read(from, off, buf, want, got, err);
}

static enum ost_status read_all(struct manifest_entry *e, struct tree *t,
				uint64_t ino, const struct audit_watch *watch,
				struct ost_error *err)
{
	struct tree_file *f = NULL;
	enum ost_status st = tree_open(t, ino, &f, err);
	uint64_t len;

	if (st != OST_OK)
		return st;
	st = sha_of(&e->sha, &len, read_file, f, e->size, watch, err);
	if (st == OST_OK && len != e->size)
		st = ost_fail(err, OST_BUG, "it has not the size it says");
	if (st == OST_OK && tree_file_notes(f)[0] != '\0') {
		e->notes = strdup(tree_file_notes(f));
		if (e->notes == NULL)
			st = ost_no_memory(err);
	}
	tree_close(f);
	return st;
}

enum ost_status manifest_fill(struct manifest_entry *e, struct tree *t,
			      uint64_t ino, const struct audit_watch *watch,
			      struct ost_error *err)
{
	struct tree_node node = { 0 };
	enum ost_status st = tree_stat(t, ino, &node, err);

	e->kind = manifest_kind_of(t, ino);
	e->nid = tree_what(t, ino).nid;
	e->size = node.size;
	e->mtime = node.mtime;
	e->nsec = node.mtime_nsec;
	if (st == OST_OK && !manifest_is_dir(e))
		st = read_all(e, t, ino, watch, err);
	if (st == OST_OK || ost_is_internal(st) || st == OST_STOPPED)
		return st;
	free(e->error);
	e->error = strdup(err->text);
	return e->error != NULL ? OST_OK : ost_no_memory(err);
}

/* --- the manifest -------------------------------------------------------- */

struct writing {
	struct tree *t;
	const struct manifest_options *options;
	struct order *order;
	FILE *to;
	struct sha256_ctx sum; /* of the lines so far */
	struct manifest_totals totals;
	enum ost_status st;
	struct ost_error err;
};

struct job {
	uint64_t ino;
	struct manifest_entry entry;
	struct buf line;
	enum ost_status st;
	struct ost_error err;
};

static void write_line(struct writing *w, const struct buf *line)
{
	sha256_update(&w->sum, line->len, (const uint8_t *)line->at);
	if (fwrite(line->at, 1, line->len, w->to) != line->len)
		w->st = ost_fail(&w->err, OST_IO, "%s", strerror(errno));
}

static void work(void *arg, void *item)
{
	struct writing *w = arg;
	struct job *j = item;

	j->st = manifest_fill(&j->entry, w->t, j->ino, &w->options->watch,
			      &j->err);
	manifest_put(&j->line, &j->entry);
	if (j->st == OST_OK)
		j->st = buf_status(&j->line, &j->err);
}

/* What is recovered is no part of what must be there. */
static bool is_loss(const struct tree *t, const struct job *j)
{
	const struct tree_what what = tree_what(t, j->ino);
	const uint32_t type = what.nid & MAPI_NID_TYPE;

	return what.kind != TREE_RECOVERED && type != MAPI_NID_RECOVERED &&
	       type != MAPI_NID_RECOVERED_PFF &&
	       (j->entry.error != NULL ||
		(j->entry.notes != NULL && notes_are_damage(j->entry.notes)));
}

static bool take(void *arg, void *item)
{
	const struct audit_watch *watch;
	struct writing *w = arg;
	struct job *j = item;

	watch = &w->options->watch;
	if (w->st == OST_OK && j->st == OST_OK) {
		manifest_count(&w->totals, &j->entry);
		w->totals.losses += is_loss(w->t, j);
		write_line(w, &j->line);
		if (watch->progress != NULL)
			watch->progress(watch->arg, w->totals.files,
					w->totals.bytes);
	} else if (w->st == OST_OK) {
		w->st = j->st;
		w->err = j->err;
	}
	manifest_entry_free(&j->entry);
	buf_free(&j->line);
	free(j);
	return w->st == OST_OK;
}

static bool add(void *arg, const struct manifest_found *found)
{
	struct writing *w = arg;
	struct job *j = calloc(1, sizeof(*j));

	if (j == NULL) {
		free(found->path);
		w->st = ost_no_memory(&w->err);
		return false;
	}
	j->ino = found->ino;
	j->entry.path = found->path;
	if (found->why != NULL)
		j->entry.error = strdup(found->why);
	return order_add(w->order, j);
}

static enum ost_status write_head(struct writing *w, struct ost_error *err)
{
	struct buf line = { 0 };
	struct sha sha;
	enum ost_status st =
		sha_of_source(&sha, w->options->bytes, &w->options->watch, err);

	if (st == OST_OK) {
		manifest_put_head(&line, w->t, w->options->name, &sha);
		st = buf_status(&line, err);
	}
	if (st == OST_OK)
		write_line(w, &line);
	buf_free(&line);
	return st;
}

static enum ost_status write_totals(struct writing *w, struct ost_error *err)
{
	struct buf line = { 0 };
	struct sha sha;
	enum ost_status st;

	sha256_digest(&w->sum, sizeof(sha.at), sha.at);
	manifest_put_totals(&line, &w->totals, &sha);
	st = buf_status(&line, err);
	if (st == OST_OK)
		write_line(w, &line);
	buf_free(&line);
	if (st == OST_OK && w->st == OST_OK && fflush(w->to) != 0)
		w->st = ost_fail(&w->err, OST_IO, "%s", strerror(errno));
	return st;
}

static enum ost_status write_entries(struct writing *w, struct ost_error *err)
{
	const struct order_options order = {
		.threads = w->options->threads,
		.work = work,
		.take = take,
		.arg = w,
	};
	enum ost_status st;

	w->order = order_start(&order);
	if (w->order == NULL)
		return ost_no_memory(err);
	st = manifest_walk(w->t, add, w, err);
	(void)order_finish(w->order);
	return st;
}

enum ost_status manifest_write(struct tree *t,
			       const struct manifest_options *options, FILE *to,
			       struct manifest_totals *totals,
			       struct ost_error *err)
{
	struct writing w = { .t = t, .options = options, .to = to };
	enum ost_status st;

	sha256_init(&w.sum);
	st = write_head(&w, err);
	if (st == OST_OK && w.st == OST_OK)
		st = write_entries(&w, err);
	if (st == OST_OK && w.st == OST_OK)
		st = write_totals(&w, err);
	*totals = w.totals;
	if (st == OST_OK && w.st != OST_OK)
		st = ost_fail(err, w.st, "%s", w.err.text);
	return st;
}
