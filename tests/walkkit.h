/*
 * walkkit.h - a tree walked by many threads at once
 *
 * For test_walk. Included once a program.
 */
#ifndef OST_WALKKIT_H
#define OST_WALKKIT_H

#include <pthread.h>
#include <stdlib.h>

#include "check.h"
#include "tree/tree.h"

enum { DEPTH_MAX = 40, THREADS = 4 };

/* What was seen of one tree. Two walks of it must see the same. */
struct seen {
	uint64_t dirs, files, bytes, attributes, damaged;
	uint64_t sum; /* of all names, numbers and contents, in order */
};

static void add_sum(struct seen *s, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < len; i++)
		s->sum = (s->sum ^ at[i]) * UINT64_C(0x100000001B3);
}

struct entry {
	char *name;
	uint64_t ino, next;
	bool is_dir;
};

struct entries {
	struct entry *at;
	size_t count;
	size_t max; /* taken at once */
};

static bool take(void *arg, const struct tree_entry *e)
{
	struct entries *l = arg;

	if (l->max == 0)
		return false;
	l->max--;
	l->at = realloc(l->at, (l->count + 1) * sizeof(*l->at));
	if (l->at == NULL)
		abort();
	l->at[l->count++] =
		(struct entry){ strdup(e->name), e->ino, e->next, e->is_dir };
	return true;
}

static void entries_free(struct entries *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->at[i].name);
	free(l->at);
}

/* With so many bytes of blocks kept; 0: as many as usual. */
static struct tree *open_tree(const char *path, size_t blocks,
			      const struct tree_options *options)
{
	const struct store_options reading = { .cache = blocks };
	struct store *store = NULL;
	struct tree *t = NULL;
	struct ost_error err = { "" };

	CHECK(store_open(&store, path, &store_native, &reading, &err) ==
	      OST_OK);
	if (store == NULL) {
		fprintf(stderr, "%s\n", err.text);
		return NULL;
	}
	CHECK(tree_new(&t, store, options, &err) == OST_OK);
	return t;
}

/* One of many walks of one tree, without CHECK, which is for one thread. */
static void glance(struct tree *t, uint64_t dir, unsigned depth,
		   struct seen *seen)
{
	struct entries l = { .max = SIZE_MAX };
	struct ost_error err;

	seen->damaged += tree_list(t, dir, 0, take, &l, &err) != OST_OK;
	for (size_t i = 0; i < l.count && depth < DEPTH_MAX; i++) {
		const struct entry *e = &l.at[i];
		struct tree_file *f = NULL;
		struct tree_node node;
		struct buf value = { 0 };
		char bytes[1000];
		size_t got = 0;

		if (tree_lookup(t, dir, e->name, &node, &err) != OST_OK ||
		    tree_xattrs(t, e->ino, &value, &err) != OST_OK)
			seen->damaged++;
		add_sum(seen, buf_text(&value), value.len);
		add_sum(seen, &node.size, sizeof(node.size));
		buf_free(&value);
		if (e->is_dir)
			glance(t, e->ino, depth + 1, seen);
		else if (tree_open(t, e->ino, &f, &err) != OST_OK ||
			 tree_read(f, node.size / 2, bytes, sizeof(bytes), &got,
				   &err) != OST_OK)
			seen->damaged++;
		add_sum(seen, bytes, got);
		tree_close(f);
	}
	seen->files += l.count;
	entries_free(&l);
}

static void *in_thread(void *arg)
{
	struct seen *seen = calloc(1, sizeof(*seen));

	if (seen != NULL)
		glance(arg, TREE_ROOT, 0, seen);
	return seen;
}

/* What is kept of a tree that is walked. */
static const struct cap {
	size_t blocks, plans; /* bytes */
	unsigned readahead;   /* threads */
} rooms[] = {
	{ 1, 1, 0 }, /* nothing */
	{ 1 << 18, 100000, 2 },
	{ 1 << 30, 1 << 30, 2 }, /* everything */
};

/* Many walks of one tree at once must each see what `alone` did. */
static void walk_together(const char *path, const struct cap *cap,
			  const struct seen *alone)
{
	const struct tree_options options = { .plans = cap->plans,
					      .readahead = cap->readahead };
	struct tree *t = open_tree(path, cap->blocks, &options);
	pthread_t threads[THREADS];

	if (t == NULL)
		return;
	for (size_t i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, in_thread, t) != 0)
			abort();
	for (size_t i = 0; i < THREADS; i++) {
		void *seen = NULL;

		pthread_join(threads[i], &seen);
		CHECK(seen != NULL && memcmp(seen, alone, sizeof(*alone)) == 0);
		free(seen);
	}
	tree_free(t);
}

/* The same is seen whatever is kept, and however many look. */
static void walk_in_rooms(const char *path)
{
	const struct tree_options options = { .plans = rooms[0].plans };
	struct tree *t = open_tree(path, rooms[0].blocks, &options);
	struct seen alone = { 0 };

	if (t == NULL)
		return;
	glance(t, TREE_ROOT, 0, &alone);
	CHECK(alone.files > 0);
	tree_free(t);
	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++)
		walk_together(path, &rooms[i], &alone);
}

#endif
