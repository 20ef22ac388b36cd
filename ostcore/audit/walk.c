#include <stdlib.h>

#include "audit/ledger.h"

enum { FOLDERS_MOST = 1 << 20 };

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
	size_t count, room;
	size_t folders;	 /* that were ever put there */
	struct buf path; /* of the folder that is listed */
	bool stopped, no_memory;
};

static void push(struct walk *w, uint64_t ino, const char *path)
{
	if (w->folders++ >= FOLDERS_MOST)
		return;
	if (w->count == w->room) {
		const size_t room = w->room > 0 ? 2 * w->room : 16;
		void *at = reallocarray(w->at, room, sizeof(*w->at));

		if (at == NULL) {
			w->no_memory = true;
			return;
		}
		w->at = at;
		w->room = room;
	}
	w->at[w->count] = (struct to_list){ ino, strdup(path) };
	w->no_memory |= w->at[w->count].path == NULL;
	w->count += !w->no_memory;
}

static bool take(void *arg, const struct tree_entry *entry)
{
	struct walk *w = arg;
	const size_t len = w->path.len;
	struct walk_entry e = { .ino = entry->ino };

	e.what = tree_what(w->t, e.ino);
	if (len > 0)
		buf_byte(&w->path, '/');
	buf_str(&w->path, entry->name);
	e.path = buf_text(&w->path);
	if (w->path.bad)
		w->no_memory = true;
	else if (e.what.kind == TREE_FOLDER || e.what.kind == TREE_FOUND ||
		 e.what.kind == TREE_RECOVERED)
		push(w, e.ino, e.path);
	else
		w->stopped = !w->visit(w->arg, &e);
	buf_cut(&w->path, len);
	return !w->stopped && !w->no_memory;
}

static void list(struct walk *w, const struct to_list *dir)
{
	struct walk_entry e = { .ino = dir->ino, .path = dir->path };
	struct ost_error err = { "" };
	enum ost_status st;

	e.what = tree_what(w->t, dir->ino);
	buf_cut(&w->path, 0);
	buf_str(&w->path, dir->path);
	w->stopped = !w->visit(w->arg, &e);
	if (w->stopped)
		return;
	st = tree_list(w->t, dir->ino, 0, take, w, &err);
	w->no_memory |= is_grave(st);
	if (st == OST_OK || w->no_memory)
		return;
	e.why = err.text;
	w->stopped = !w->visit(w->arg, &e);
}

enum ost_status walk_tree(struct tree *t, walk_visit *visit, void *arg,
			  struct ost_error *err)
{
	struct walk w = { .t = t, .visit = visit, .arg = arg };

	push(&w, TREE_ROOT, "");
	while (w.count > 0 && !w.stopped && !w.no_memory) {
		const struct to_list dir = w.at[--w.count];

		list(&w, &dir);
		free(dir.path);
	}
	while (w.count > 0)
		free(w.at[--w.count].path);
	free(w.at);
	buf_free(&w.path);
	return w.no_memory ? ost_fail(err, OST_NO_MEMORY, "out of memory")
			   : OST_OK;
}
