/*
 * treework - fixed work on a store without a mount, to count instructions of
 *
 *	treework open|list|stat|read STORE
 *
 * Opens the store; lists all folders; and asks for the size of all files; and
 * reads all files. Each does what those before it do. With one thread and no
 * clock, so that the count is that of the work alone. Prints what it saw.
 */
#include "tree/tree.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum depth { OPEN, LIST, STAT, READ };

enum { MIB = 1 << 20 };

struct work {
	struct tree *tree;
	enum depth depth;
	char *buf; /* MIB */
	uint64_t entries, sizes, bytes;
	enum ost_status status; /* the first failure */
	struct ost_error err;
	struct buf folders; /* uint64_t each: still to be listed */
};

static bool failed(struct work *w, enum ost_status st)
{
	if (st != OST_OK && w->status == OST_OK)
		w->status = st;
	return w->status != OST_OK;
}

static void read_file(struct work *w, uint64_t ino)
{
	struct tree_file *file;
	uint64_t off = 0;
	size_t got;

	if (failed(w, tree_open(w->tree, ino, &file, &w->err)))
		return;
	do {
		if (failed(w, tree_read(file, off, w->buf, MIB, &got, &w->err)))
			break;
		off += got;
	} while (got > 0);
	w->bytes += off;
	tree_close(file);
}

static bool take(void *arg, const struct tree_entry *e)
{
	struct work *w = arg;
	struct tree_node node;

	w->entries++;
	if (e->is_dir)
		buf_add(&w->folders, &e->ino, sizeof(e->ino));
	if (w->depth >= STAT) {
		if (failed(w, tree_stat(w->tree, e->ino, &node, &w->err)))
			return false;
		w->sizes += node.size;
	}
	if (w->depth >= READ && !e->is_dir)
		read_file(w, e->ino);
	return w->status == OST_OK;
}

static void list_all(struct work *w)
{
	uint64_t dir = TREE_ROOT;

	buf_add(&w->folders, &dir, sizeof(dir));
	while (w->status == OST_OK && w->folders.len > 0) {
		const size_t rest = w->folders.len - sizeof(dir);

		memcpy(&dir, w->folders.at + rest, sizeof(dir));
		buf_cut(&w->folders, rest);
		(void)failed(w, tree_list(w->tree, dir, 0, take, w, &w->err));
		(void)failed(w, buf_status(&w->folders, &w->err));
	}
}

static void work(struct work *w, const char *path)
{
	const struct store_options how = { .cache = 48 * (size_t)MIB };
	const struct tree_options shown = { .plans = 16 * (size_t)MIB };
	struct store *store;

	if (failed(w, store_open(&store, path, &store_native, &how, &w->err)) ||
	    failed(w, tree_new(&w->tree, store, &shown, &w->err)))
		return;
	if (w->depth >= LIST)
		list_all(w);
}

int main(int argc, char **argv)
{
	static const char *const depths[] = { "open", "list", "stat", "read" };
	struct work w = { .buf = malloc(MIB) };

	while (argc == 3 && w.depth < READ &&
	       strcmp(argv[1], depths[w.depth]) != 0)
		w.depth++;
	if (argc != 3 || w.buf == NULL || strcmp(argv[1], depths[w.depth])) {
		fputs("usage: treework open|list|stat|read STORE\n", stderr);
		return OST_EXIT_USAGE;
	}
	work(&w, argv[2]);
	printf("%" PRIu64 " entries, %" PRIu64 " bytes, %" PRIu64 " read\n",
	       w.entries, w.sizes, w.bytes);
	if (w.status != OST_OK)
		fprintf(stderr, "treework: %s: %s\n", argv[2], w.err.text);
	tree_free(w.tree);
	buf_free(&w.folders);
	free(w.buf);
	return w.status == OST_OK ? OST_EXIT_OK : ost_exit_code(w.status);
}
