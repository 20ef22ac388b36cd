#include <stdlib.h>

#include "audit/ledger.h"
#include "bytes/seen.h"
#include "store/budget.h"

/* A folder that is still to be listed. */
struct to_list {
	uint64_t ino;
	char *path; /* owned */
};

struct walk {
	struct tree *t;
	walk_visit *visit;
	void *arg;
	struct to_list *at;
	size_t count, cap;
	struct seen_set seen; /* folders that were ever put there */
	struct walk_budget left;
	struct buf path; /* of the folder that is listed */
	const char
		*cut; /* why the walk ends before its end; NULL: it goes on */
	uint64_t dir; /* the folder that is listed */
	bool folders; /* only these: no item is asked for */
	bool stopped, no_memory;
};

/* Tell that what is at `ino` is not all that there is. */
static void tell(struct walk *w, uint64_t ino, const char *path,
		 const char *why)
{
	struct walk_entry e = { .ino = ino, .path = path, .why = why };

	e.what = tree_what(w->t, ino);
	w->stopped = !w->visit(w->arg, &e);
}

static bool make_room(struct walk *w)
{
	const size_t cap = w->cap > 0 ? 2 * w->cap : 16;
	void *at;

	if (w->count < w->cap)
		return true;
	at = reallocarray(w->at, cap, sizeof(*w->at));
	if (at == NULL)
		return false;
	w->at = at;
	w->cap = cap;
	return true;
}

/* Each folder is gone into once, whatever the tree says of it. */
static void push(struct walk *w, uint64_t ino, const char *path)
{
	if (!seen_add(&w->seen, ino)) {
		w->no_memory |= w->seen.bad;
		if (!w->no_memory)
			tell(w, ino, path, "it was shown elsewhere already");
		return;
	}
	if (!budget_take(&w->left.folders, 1))
		w->cut = "the run has met more folders than it may";
	else if (!budget_take(&w->left.paths, strlen(path)))
		w->cut = "the paths of the folders are longer than they may "
			 "be together";
	if (w->cut != NULL)
		return;
	if (make_room(w))
		w->at[w->count] = (struct to_list){ ino, strdup(path) };
	w->no_memory |= w->count == w->cap || w->at[w->count].path == NULL;
	w->count += !w->no_memory;
}

static bool take(void *arg, const struct tree_entry *entry)
{
	struct walk *w = arg;
	const size_t len = w->path.len;
	struct walk_entry e = { .ino = entry->ino, .dir = w->dir };
	bool last = false;

	if (!budget_take(&w->left.entries, 1)) {
		w->cut = "the run has met more entries than the store has "
			 "bytes";
		return false;
	}
	e.what = tree_what(w->t, e.ino);
	if (len > 0)
		buf_byte(&w->path, '/');
	buf_str(&w->path, entry->name);
	e.path = buf_text(&w->path);
	if (w->path.bad)
		w->no_memory = true;
	else if (e.what.kind == TREE_FOLDER || e.what.kind == TREE_FOUND ||
		 e.what.kind == TREE_RECOVERED || e.what.kind == TREE_GATHERED)
		push(w, e.ino, e.path);
	else if (w->folders && e.what.kind == TREE_ITEM)
		last = true; /* what follows are items */
	else
		w->stopped = !w->visit(w->arg, &e);
	buf_cut(&w->path, len);
	return !last && !w->stopped && !w->no_memory && w->cut == NULL;
}

static void list(struct walk *w, const struct to_list *dir)
{
	struct walk_entry e = { .ino = dir->ino, .path = dir->path };
	struct ost_error err = { "" };
	enum ost_status st;

	e.what = tree_what(w->t, dir->ino);
	w->dir = dir->ino;
	buf_cut(&w->path, 0);
	buf_str(&w->path, dir->path);
	w->stopped = !w->visit(w->arg, &e);
	if (w->stopped)
		return;
	st = tree_list(w->t, dir->ino, 0, take, w, &err);
	w->no_memory |= ost_is_internal(st);
	if (w->stopped || w->no_memory)
		return;
	if (w->cut != NULL)
		tell(w, dir->ino, dir->path, w->cut);
	else if (st != OST_OK)
		tell(w, dir->ino, dir->path, err.text);
}

static enum ost_status run(struct walk *w, struct ost_error *err)
{
	push(w, TREE_ROOT, "");
	while (w->count > 0 && !w->stopped && !w->no_memory && w->cut == NULL) {
		const struct to_list dir = w->at[--w->count];

		list(w, &dir);
		free(dir.path);
	}
	while (w->count > 0)
		free(w->at[--w->count].path);
	free(w->at);
	seen_free(&w->seen);
	buf_free(&w->path);
	return w->no_memory ? ost_no_memory(err) : OST_OK;
}

enum ost_status walk_within(struct tree *t, const struct walk_budget *budget,
			    walk_visit *visit, void *arg, struct ost_error *err)
{
	struct walk w = { .t = t, .visit = visit, .arg = arg, .left = *budget };

	return run(&w, err);
}

static struct walk_budget enough(struct tree *t)
{
	return (struct walk_budget){
		.folders = BUDGET_FOLDERS_MAX,
		.paths = BUDGET_PATHS_MAX,
		.entries = budget_entries(tree_store(t)),
	};
}

enum ost_status walk_tree(struct tree *t, walk_visit *visit, void *arg,
			  struct ost_error *err)
{
	const struct walk_budget budget = enough(t);

	return walk_within(t, &budget, visit, arg, err);
}

enum ost_status walk_folders(struct tree *t, walk_visit *visit, void *arg,
			     struct ost_error *err)
{
	struct walk w = { .t = t,
			  .visit = visit,
			  .arg = arg,
			  .left = enough(t),
			  .folders = true };

	return run(&w, err);
}
