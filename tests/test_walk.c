/*
 * test_walk.c - every entry of a mounted store, by every way to it
 *
 *	test_walk		forged stores of every format
 *	test_walk --real	those in the folder that OST_REAL_STORES names
 *	test_walk STORE...	those; prints each entry
 */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "forge.h"
#include "real_stores.h"
#include "tree/name.h"
#include "walkkit.h"

static bool verbose;

struct walk {
	struct tree *t;
	struct seen seen;
	uint64_t *inos; /* of all entries */
	size_t count;
	bool searches; /* search folders list messages of other folders */
};

/* --- listings ----------------------------------------------------------- */

/* A listing taken `most` entries at a time. */
static struct entries list(struct tree *t, uint64_t dir, size_t max)
{
	struct entries l = { 0 };
	struct ost_error err;
	size_t before;

	do {
		before = l.count;
		l.max = max;
		CHECK(tree_list(t, dir,
				l.count > 0 ? l.at[l.count - 1].next : 0, take,
				&l, &err) == OST_OK);
	} while (l.count > before);
	return l;
}

static void check_same(const struct entries *a, const struct entries *b)
{
	CHECK(a->count == b->count);
	for (size_t i = 0; i < a->count && i < b->count; i++) {
		CHECK_STR(a->at[i].name, b->at[i].name);
		CHECK(a->at[i].ino == b->at[i].ino);
		CHECK(a->at[i].next == b->at[i].next);
		CHECK(a->at[i].is_dir == b->at[i].is_dir);
	}
}

static void check_name(struct name_set *names, const char *name)
{
	const struct span s = span_of(name, strlen(name));
	struct buf clean = { 0 }, fit = { 0 };

	name_clean(&clean, s);
	name_fit(&fit, buf_span(&clean), NAME_LIMIT, "");
	CHECK_STR(buf_text(&fit), name);
	CHECK(name_set_add(names, name)); /* and no other like it */
	buf_free(&clean);
	buf_free(&fit);
}

/* --- entries ------------------------------------------------------------ */

static void check_attributes(struct walk *w, uint64_t ino)
{
	struct buf names = { 0 }, value = { 0 };
	struct ost_error err;

	CHECK(tree_xattrs(w->t, ino, &names, &err) == OST_OK);
	for (size_t at = 0; at < names.len; at += strlen(names.at + at) + 1) {
		buf_cut(&value, 0);
		CHECK(tree_xattr(w->t, ino, names.at + at, &value, &err) ==
		      OST_OK);
		CHECK(value.len > 0);
		add_sum(&w->seen, buf_text(&value), value.len);
		w->seen.attributes++;
	}
	CHECK(tree_xattr(w->t, ino, "security.selinux", &value, &err) ==
	      OST_NOT_FOUND);
	buf_free(&names);
	buf_free(&value);
}

static void check_file(struct walk *w, const struct tree_node *node)
{
	static const size_t chunk = 65536;
	struct tree_file *f = NULL;
	struct ost_error err;
	uint8_t *bytes;
	uint64_t off = 0;
	size_t got = 1;

	if (tree_open(w->t, node->ino, &f, &err) != OST_OK) {
		CHECK(node->size == 1); /* damaged, and not to look empty */
		if (verbose)
			printf("  %s\n", err.text);
		w->seen.damaged++;
		return;
	}
	CHECK(tree_file_size(f) == node->size);
	bytes = malloc(chunk);
	while (bytes != NULL && got > 0) {
		if (tree_read(f, off, bytes, chunk, &got, &err) != OST_OK) {
			if (verbose)
				printf("  %s\n", err.text);
			w->seen.damaged++;
			off = node->size;
			break;
		}
		add_sum(&w->seen, bytes, got);
		off += got;
	}
	CHECK(off == node->size);
	w->seen.bytes += off;
	free(bytes);
	tree_close(f);
}

static void walk_dir(struct walk *w, uint64_t dir, unsigned depth);

static bool is_same(const struct tree_node *a, const struct tree_node *b)
{
	return a->ino == b->ino && a->is_dir == b->is_dir &&
	       a->nlink == b->nlink && a->size == b->size &&
	       a->mtime == b->mtime && a->mtime_nsec == b->mtime_nsec &&
	       a->ctime == b->ctime && a->ctime_nsec == b->ctime_nsec;
}

static void check_entry(struct walk *w, uint64_t dir, const struct entry *e,
			unsigned depth)
{
	struct tree_node found, node;
	struct ost_error err = { "" };
	uint64_t parent = 0;

	CHECK(tree_lookup(w->t, dir, e->name, &found, &err) == OST_OK);
	CHECK(tree_stat(w->t, e->ino, &node, &err) == OST_OK);
	CHECK(is_same(&found, &node));
	CHECK(node.ino == e->ino && node.is_dir == e->is_dir);
	CHECK(tree_parent(w->t, e->ino, &parent, &err) == OST_OK);
	CHECK(parent == dir || w->searches || (!node.is_dir && node.size == 1));
	if (verbose)
		printf("%*s%s%s  %" PRIx64 " %" PRIu64 "\n", (int)depth * 2, "",
		       e->name, e->is_dir ? "/" : "", e->ino, node.size);

	add_sum(&w->seen, e->name, strlen(e->name));
	add_sum(&w->seen, &node.mtime, sizeof(node.mtime));
	w->inos = realloc(w->inos, (w->count + 1) * sizeof(*w->inos));
	if (w->inos == NULL)
		abort();
	w->inos[w->count++] = e->ino;
	check_attributes(w, e->ino);
	if (e->is_dir)
		walk_dir(w, e->ino, depth + 1);
	else
		check_file(w, &node);
	w->seen.files += !e->is_dir;
}

static void walk_dir(struct walk *w, uint64_t dir, unsigned depth)
{
	struct name_set names = { 0 };
	struct entries all = list(w->t, dir, SIZE_MAX);
	struct entries by_one = list(w->t, dir, 1);
	struct tree_node node;
	struct ost_error err;
	uint32_t dirs = 0;

	w->seen.dirs++;
	check_same(&all, &by_one);
	CHECK(depth < DEPTH_MAX);
	for (size_t i = 0; i < all.count && depth < DEPTH_MAX; i++) {
		check_name(&names, all.at[i].name);
		check_entry(w, dir, &all.at[i], depth);
		dirs += all.at[i].is_dir;
	}
	CHECK(tree_stat(w->t, dir, &node, &err) == OST_OK);
	CHECK(node.is_dir && (node.nlink == 1 || node.nlink == 2 + dirs));
	name_set_free(&names);
	entries_free(&all);
	entries_free(&by_one);
}

/* --- trees -------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static struct seen walk(struct tree *t, bool searches)
{
	struct walk w = { .t = t, .searches = searches };
	struct tree_node node;
	struct ost_error err;

	walk_dir(&w, TREE_ROOT, 0);
	if (w.count > 0)
		qsort(w.inos, w.count, sizeof(*w.inos), by_number);
	for (size_t i = 1; i < w.count; i++)
		CHECK(searches || w.inos[i - 1] != w.inos[i]);
	free(w.inos);

	CHECK(tree_walk(t, ".ostfs/info.json", &node, &err) == OST_OK);
	check_file(&w, &node);
	CHECK(node.size > 100);
	return w.seen;
}

static void walk_store(const char *path)
{
	static const struct tree_options ways[] = {
		{ .attachments = TREE_BOTH },
		{ .attachments = TREE_INSIDE },
		{ .attachments = TREE_BESIDE },
		{ .whole_store = true },
		{ .whole_store = true, .search_folders = true },
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct tree *t = open_tree(path, 0, &ways[i]);
		struct seen first, again;

		if (t == NULL)
			continue;
		first = walk(t, ways[i].search_folders);
		verbose = false;
		again = walk(t, ways[i].search_folders);
		CHECK(memcmp(&first, &again, sizeof(first)) == 0);
		printf("%s: %" PRIu64 " directories, %" PRIu64
		       " files, %" PRIu64 " bytes, %" PRIu64
		       " attributes, %" PRIu64 " damaged\n",
		       path, first.dirs, first.files, first.bytes,
		       first.attributes, first.damaged);
		tree_free(t);
	}
	walk_in_rooms(path);
}

/* --- forged stores ------------------------------------------------------ */

static void add_embedded(struct forge_message *m, unsigned depth)
{
	struct forge_attachment *a;

	forge_text(&m->props, MAPI_SUBJECT, "Re: lunch / dinner?");
	forge_text(&m->props, MAPI_BODY, "At noon.");
	for (int i = 0; i < 3; i++) { /* three of one name */
		a = forge_attachment(m);
		forge_text(&a->props, MAPI_ATTACH_LONG_FILENAME, "Photo.PNG");
		forge_int(&a->props, MAPI_ATTACH_METHOD, MAPI_ATTACH_BY_VALUE);
		forge_binary(&a->props, MAPI_ATTACH_DATA, "\x89PNG", 4);
	}
	if (depth == 0)
		return;
	add_embedded(forge_embed(forge_attachment(m)), depth - 1);
	add_embedded(forge_embed(forge_attachment(m)), 0);
}

static void add_messages(struct forge *f, uint32_t folder)
{
	for (uint32_t i = 0; i < 20; i++) {
		struct forge_message m = { .no_node = i == 7,
					   .unlisted = i == 8,
					   .bare = i == 9 };

		if (i % 2 == 0)
			forge_text(&m.props, MAPI_SENDER_NAME, "Jane: Doe");
		if (i % 3 == 0)
			forge_time(&m.props, MAPI_MESSAGE_DELIVERY_TIME,
				   1709288520 + i);
		if (i % 5 == 0)
			add_embedded(&m, 3);
		forge_add(f, folder, &m);
		forge_message_free(&m);
	}
}

static bool forge_to(const char *path, const struct forge_options *how)
{
	static const char *const names[] = { "Inbox", "INBOX",
					     "a/b",   "a-b",
					     "..",    "",
					     "CON",   "x [200024].eml" };
	struct forge *f = forge_new(how);
	struct buf store = { 0 };
	struct ost_error err = { "" };
	FILE *file = fopen(path, "wb");
	uint32_t folder;
	bool ok;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		folder = forge_folder_named(f, forge_ipm(f), names[i]);
		forge_folder_named(f, folder, "inside");
	}
	add_messages(f, folder);
	ok = forge_finish(f, &store, &err) == OST_OK && file != NULL &&
	     fwrite(store.at, 1, store.len, file) == store.len;
	if (!ok)
		fprintf(stderr, "%s\n", err.text);
	buf_free(&store);
	return (file != NULL && fclose(file) == 0) && ok;
}

static void holds_for_forged_stores(void)
{
	static const struct forge_options kinds[] = {
		{ .format = FORGE_ANSI },
		{ .format = FORGE_UNICODE, .encoding = FORGE_PERMUTE },
		{ .format = FORGE_UNICODE_4K,
		  .kind = FORGE_OST,
		  .deflate = FORGE_OUTLOOK,
		  .mailbox = true },
	};
	char folder[] = "/tmp/test_walk.XXXXXX";

	CHECK(mkdtemp(folder) != NULL);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char path[64];

		snprintf(path, sizeof(path), "%s/%zu", folder, i);
		CHECK(forge_to(path, &kinds[i]));
		walk_store(path);
		unlink(path);
	}
	CHECK(rmdir(folder) == 0);
}

/* --- real stores -------------------------------------------------------- */

static void holds_for_real_stores(void)
{
	real_stores(walk_store);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		RUN(holds_for_forged_stores);
	else if (strcmp(argv[1], "--real") == 0)
		RUN(holds_for_real_stores);
	for (int i = 1; i < argc && argv[1][0] != '-'; i++) {
		verbose = true;
		walk_store(argv[i]);
	}
	return checked();
}
