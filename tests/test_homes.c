/*
 * test_homes.c - each folder is shown in one place, and walks end
 *
 * D1: a store whose top or whose table of the top is damaged, or whose folders
 * list one another, is walked to its end, once.
 */
#include "audit/ledger.h"
#include "bytes/seen.h"
#include "forge.h"
#include "store/backend.h"
#include "treekit.h"

#include <unistd.h>

enum { WALK_MAX = 1000, MESSAGES = 3 };

struct walked {
	struct tree *t;
	struct seen_set dirs;
	unsigned entries, items, twice, cut, unreadable;
	struct buf paths;
};

static bool visit(void *arg, const struct walk_entry *e)
{
	struct walked *w = arg;

	buf_printf(&w->paths, "%s\n", e->path);
	if (e->why != NULL)
		w->cut++;
	else if (e->what.kind == TREE_FOLDER || e->what.kind == TREE_FOUND)
		w->twice += !seen_add(&w->dirs, e->ino);
	w->items += e->what.kind == TREE_ITEM;
	w->unreadable += e->what.kind == TREE_UNREADABLE;
	return ++w->entries < WALK_MAX;
}

static struct walked walk(struct tree *t)
{
	struct walked w = { .t = t };
	struct ost_error err;

	CHECK(walk_tree(t, visit, &w, &err) == OST_OK);
	CHECK(w.entries < WALK_MAX && w.twice == 0);
	return w;
}

static void walked_free(struct walked *w)
{
	seen_free(&w->dirs);
	buf_free(&w->paths);
}

/* --- damaged tops -------------------------------------------------------- */

static const struct forge_options kinds[] = {
	{ .format = FORGE_ANSI },
	{ .format = FORGE_UNICODE, .encoding = FORGE_PERMUTE },
	{ .format = FORGE_UNICODE_4K,
	  .kind = FORGE_OST,
	  .mailbox = true,
	  .deflate = FORGE_ALWAYS },
};

static void make_store(const struct forge_options *how, struct buf *out)
{
	struct forge *f = forge_new(how);
	const uint32_t inbox = forge_folder_named(f, forge_ipm(f), "Inbox");
	struct ost_error err = { "" };

	for (int i = 0; i < MESSAGES; i++) {
		struct forge_message m = { 0 };

		forge_text(&m.props, MAPI_SUBJECT, "Hello");
		forge_text(&m.props, MAPI_BODY, "Hello");
		(void)forge_add(f, inbox, &m);
		forge_message_free(&m);
	}
	CHECK(forge_finish(f, out, &err) == OST_OK);
}

/* One bit of the data of node `nid`, not sealed. */
static void hurt(struct buf *store, uint32_t nid)
{
	struct forge_entry e;
	struct forge_place p;

	CHECK(forge_find_entry(store, FORGE_NBT, nid, &e));
	CHECK(forge_find_block(store, e.bid, &p));
	store->at[p.off + 3] ^= 1;
}

static struct tree *open_bytes(const struct buf *store, bool heal, bool whole)
{
	const struct store_options how = { .heal = heal };
	const struct tree_options options = { .whole_store = whole };
	char path[] = "/tmp/ostfs-homes-XXXXXX";
	const int fd = mkstemp(path);
	struct store *s = NULL;
	struct ost_error err = { "" };

	CHECK(fd >= 0 &&
	      write(fd, store->at, store->len) == (ssize_t)store->len);
	CHECK(store_open(&s, path, &store_native, &how, &err) == OST_OK);
	CHECK_STR(err.text, "");
	unlink(path);
	close(fd);
	return s != NULL ? show_as(s, &options) : NULL;
}

/* It ends, shows each message once, and says that something is damaged. */
static void check_damaged(const struct buf *store, bool heal, bool whole)
{
	const struct ledger_options options = { .deep = true, .threads = 1 };
	struct tree *t = open_bytes(store, heal, whole);
	struct ledger *l = NULL;
	struct ost_error err;
	struct walked w;

	if (t == NULL)
		return;
	w = walk(t);
	CHECK(w.items == MESSAGES);
	CHECK(ledger_make(&l, t, &options, &err) == OST_OK);
	CHECK(ledger_losses(l) > 0);
	ledger_free(l);
	walked_free(&w);
	tree_free(t);
}

static void d1_a_damaged_top_does_not_lead_in_a_circle(void)
{
	static const uint32_t nids[] = { MAPI_NID_ROOT_FOLDER, 0x12D,
					 MAPI_NID_STORE };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct buf store = { 0 };

		make_store(&kinds[i], &store);
		for (size_t n = 0; n < sizeof(nids) / sizeof(nids[0]); n++) {
			struct buf bad = { 0 };

			buf_add(&bad, store.at, store.len);
			hurt(&bad, nids[n]);
			for (unsigned how = 0; how < 4; how++)
				check_damaged(&bad, how & 1, how & 2);
			buf_free(&bad);
		}
		buf_free(&store);
	}
}

/* --- folders that list one another --------------------------------------- */

static unsigned count(const struct buf *paths, const char *name)
{
	unsigned found = 0;

	for (const char *at = buf_text(paths); (at = strstr(at, name)) != NULL;
	     at++)
		found++;
	return found;
}

/* Each says that it is in the other. */
static void d1_nodes_that_name_each_other_are_shown_once(void)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct forge_folder how = { .name = "Aa",
						  .unlisted = true };
		struct forge *f = forge_new(&kinds[i]);
		const uint32_t a = forge_folder(f, forge_ipm(f), &how);
		const uint32_t b = forge_folder_named(f, a, "Bb");
		struct buf store = { 0 };
		struct ost_error err;
		struct forge_entry e;
		struct walked w;
		struct tree *t;

		CHECK(forge_finish(f, &store, &err) == OST_OK);
		CHECK(forge_find_entry(&store, FORGE_NBT, a, &e));
		forge_put(&store, e.at + 3 * forge_header(&store).width, 4, b);
		forge_seal_page(&store, &e.page);
		t = open_bytes(&store, false, false);
		w = walk(t);
		CHECK(store_damage_count(tree_store(t)) == 1);
		CHECK(count(&w.paths, "Aa [") > 0);
		CHECK(count(&w.paths, "/Bb\n") == 1);
		walked_free(&w);
		tree_free(t);
		buf_free(&store);
	}
}

/* The number in the list of `folder` that is `was` becomes `is`. */
static void relist(struct buf *store, uint32_t folder, uint32_t was,
		   uint32_t is)
{
	struct forge_entry e;
	struct forge_place p;

	CHECK(forge_find_entry(store, FORGE_NBT, (folder & ~31U) | 0xD, &e));
	CHECK(forge_find_block(store, e.bid, &p));
	for (uint64_t at = p.off; at + 4 <= p.off + p.size; at++)
		if (forge_get(store, at, 4) == was)
			forge_put(store, at, 4, is);
	forge_seal_block(store, &p);
}

/* D3: a list that has itself, or what it is in, is damage that is told. */
static void D3_a_list_in_a_circle_is_told(void)
{
	static const struct forge_options plain[] = {
		{ .format = FORGE_ANSI },
		{ .format = FORGE_UNICODE },
		{ .format = FORGE_UNICODE_4K },
	};

	for (size_t i = 0; i < 9; i++) {
		struct forge *f = forge_new(&plain[i / 3]);
		const uint32_t a = forge_folder_named(f, forge_ipm(f), "Aa");
		const uint32_t b = forge_folder_named(f, a, "Bb");
		const uint32_t c = forge_folder_named(f, b, "Cc");
		struct buf store = { 0 };
		struct ost_error err;
		struct walked w;
		struct tree *t;

		CHECK(forge_finish(f, &store, &err) == OST_OK);
		if (i % 3 > 0)
			relist(&store, b, c, i % 3 == 1 ? b : a);
		t = open_bytes(&store, false, false);
		w = walk(t);
		CHECK(store_damage_count(tree_store(t)) == (i % 3 > 0));
		CHECK(count(&w.paths, "/Bb\n") == 1);
		walked_free(&w);
		tree_free(t);
		buf_free(&store);
	}
}

/* No node says so, but the tables do; and one is listed by two. */
static void d1_tables_that_go_in_a_circle_are_walked_once(void)
{
	struct store *s = mailbox();
	struct fake *a = add_folder(s, 0x9002, 0, "Aa");
	struct fake *b = add_folder(s, 0xA002, 0, "Bb");
	struct fake *c = add_folder(s, 0xB002, 0, "Cc");
	struct fake *inbox = fake_again(s, INBOX);
	static const char *const once[] = { "Bb [a002]\n", "/Aa\n", "/Cc\n",
					    "Inbox\n" };
	struct tree *t;
	struct walked w;

	fake_list(a, STORE_FOLDERS, b);
	fake_list(b, STORE_FOLDERS, a);
	fake_list(a, STORE_FOLDERS, c);
	fake_list(b, STORE_FOLDERS, c);
	fake_list(c, STORE_FOLDERS, inbox);
	t = show(s);
	w = walk(t);
	for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++)
		CHECK(count(&w.paths, once[i]) == 1);
	walked_free(&w);
	tree_free(t);
}

/* --- budgets ------------------------------------------------------------- */

/* D1, A4: one over each of them is told at the folder where it ends. */
static void d1_a_walk_that_is_cut_says_so(void)
{
	static const struct walk_budget budgets[] = {
		{ 2, 1000, 1000 }, /* three folders */
		{ 1000, 4, 1000 }, /* "Inbox" */
		{ 1000, 1000, 2 }, /* two messages, and the Inbox */
	};
	const struct walk_budget enough = { 3, 1000, 4 };

	for (size_t i = 0; i < 4; i++) {
		struct store *s = mailbox();
		struct walked w = { 0 };
		struct ost_error err;
		struct tree *t;

		(void)add_folder(s, OTHER, INBOX, "Other");
		(void)add_message(s, MESSAGE, INBOX);
		(void)add_message(s, MESSAGE + 0x20, INBOX);
		t = show(s);
		CHECK(walk_within(t, i < 3 ? &budgets[i] : &enough, visit, &w,
				  &err) == OST_OK);
		CHECK(w.cut == (i < 3));
		walked_free(&w);
		tree_free(t);
	}
}

/* A table that lists the same for ever: the ledger says where it ended. */
static void d1_a4_a_ledger_of_too_many_rows_is_a_loss(void)
{
	enum { ROWS = (1 << 16) + 1 };
	const struct ledger_options options = { 0 };
	struct store *s = mailbox();
	struct fake *inbox = fake_again(s, INBOX);
	struct fake *m = add_message(s, MESSAGE, INBOX);
	struct ledger *l = NULL;
	struct ost_error err;
	struct tree *t;

	for (int i = 1; i < ROWS; i++)
		fake_list(inbox, STORE_MESSAGES, m);
	t = show(s);
	CHECK(ledger_make(&l, t, &options, &err) == OST_OK);
	CHECK(ledger_losses(l) > 0);
	ledger_free(l);
	tree_free(t);
}

/* --- what others share -----------------------------------------------------
 */

enum { MAILBOX = 0x8102, SHARED = 0x2242, INFO = 0x8122, INFO_INBOX = 0x8142 };

/* An .ost whose owner reads info@ too, which Outlook caches beside. */
static struct tree *shared_tree(const char *kind, bool filled, bool whole)
{
	const struct tree_options options = { .whole_store = whole };
	struct store *s = fake_store_new();
	struct tree *t = NULL;
	struct ost_error err;

	memcpy(s->core->info.kind, kind, sizeof(s->core->info.kind));
	add_folder(s, TOP, 0, NULL);
	add_folder(s, MAILBOX, TOP, "Root - Mailbox");
	add_folder(s, SUBTREE, MAILBOX, "IPM_SUBTREE");
	add_folder(s, INBOX, SUBTREE, "Inbox");
	add_folder(s, OTHER, SUBTREE, "shared DATA");
	add_message(s, MESSAGE, INBOX);
	add_folder(s, SHARED, MAILBOX, "Freigegebene Daten");
	if (filled) {
		add_folder(s, INFO, SHARED, "Info");
		add_folder(s, INFO_INBOX, INFO, "Inbox");
		add_message(s, MESSAGE + 0x20, INFO_INBOX);
		add_message(s, MESSAGE + 0x40, SHARED);
	}
	CHECK(tree_new(&t, s, &options, &err) == OST_OK);
	return t;
}

static uint64_t number_of(struct tree *t, const char *path)
{
	struct tree_node node = { 0 };
	struct ost_error err;

	return tree_walk(t, path, &node, &err) == OST_OK ? node.ino : 0;
}

static void mailboxes_of_others_are_in_shared_data(void)
{
	struct tree *t = shared_tree("ost", true, false);
	struct walked w = walk(t);
	struct ost_error err;
	uint64_t up = 0;

	CHECK(w.items == 3 && w.unreadable == 0);
	CHECK(number_of(t, "Shared data") == SHARED);
	CHECK(number_of(t, "Shared data/Info/Inbox") == INFO_INBOX);
	/* The user's own folder of that name is told apart from it. */
	CHECK(number_of(t, "shared DATA [8062]") == OTHER);
	CHECK(tree_parent(t, SHARED, &up, &err) == OST_OK && up == TREE_ROOT);
	CHECK(tree_parent(t, INFO, &up, &err) == OST_OK && up == SHARED);
	walked_free(&w);
	tree_free(t);
}

/* Nothing that the inventory counts is outside of what is shown. */
static void what_is_shared_is_expected(void)
{
	struct tree *t = shared_tree("ost", true, false);
	const struct ledger_options options = { 0 };
	struct ledger *l = NULL;
	struct ost_error err;

	CHECK(ledger_make(&l, t, &options, &err) == OST_OK);
	CHECK(l != NULL && l->sum.outside == 0 && l->sum.expected == 3);
	ledger_free(l);
	tree_free(t);
}

static void shared_data_is_there_only_if_it_holds_something(void)
{
	struct tree *t = shared_tree("ost", false, false);

	CHECK(number_of(t, "Shared data") == 0);
	CHECK(number_of(t, "shared DATA") == OTHER);
	tree_free(t);
	t = shared_tree("pst", true, false); /* a number like any other */
	CHECK(number_of(t, "Shared data") == 0);
	tree_free(t);
	t = shared_tree("ost", true, true); /* where it is in the store */
	CHECK(number_of(t, "Shared data") == 0);
	CHECK(number_of(t, "Root - Mailbox/Freigegebene Daten/Info") == INFO);
	tree_free(t);
}

int main(void)
{
	RUN(mailboxes_of_others_are_in_shared_data);
	RUN(what_is_shared_is_expected);
	RUN(shared_data_is_there_only_if_it_holds_something);
	RUN(d1_a_damaged_top_does_not_lead_in_a_circle);
	RUN(d1_nodes_that_name_each_other_are_shown_once);
	RUN(D3_a_list_in_a_circle_is_told);
	RUN(d1_tables_that_go_in_a_circle_are_walked_once);
	RUN(d1_a_walk_that_is_cut_says_so);
	RUN(d1_a4_a_ledger_of_too_many_rows_is_a_loss);
	return checked();
}
