/* test_found.c - what no folder lists is counted, and found */
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "forge.h"
#include "store/inventory.h"
#include "tree/folder.h"
#include "tree/found.h"
#include "tree/tree.h"

enum { ADDED = 3 }; /* of each kind below */

static const struct forge_options kinds[] = {
	{ .format = FORGE_ANSI },
	{ .format = FORGE_UNICODE, .encoding = FORGE_PERMUTE },
	{ .format = FORGE_UNICODE_4K,
	  .kind = FORGE_OST,
	  .mailbox = true,
	  .deflate = FORGE_ALWAYS },
};

/* What the store below was made with. */
static struct {
	uint32_t inbox, nobodys, inner;
	uint32_t listed, unlisted, missing, orphan, in_nobodys;
} nids;

static uint32_t add(struct forge *f, uint32_t folder, const char *subject,
		    struct forge_message m)
{
	uint32_t nid;

	forge_text(&m.props, MAPI_SUBJECT, subject);
	forge_text(&m.props, MAPI_SENDER_NAME, "Jane Doe");
	forge_text(&m.props, MAPI_BODY, "Hello");
	nid = forge_add(f, folder, &m);
	forge_message_free(&m);
	return nid;
}

static void add_all(struct forge *f, bool damaged)
{
	const struct forge_folder nobodys = { .name = "Nobody's",
					      .unlisted = damaged };
	const struct forge_message plain = { 0 };
	const struct forge_message unlisted = { .unlisted = damaged };
	const struct forge_message missing = { .no_node = damaged };

	nids.inbox = forge_folder_named(f, forge_ipm(f), "Inbox");
	nids.nobodys = forge_folder(f, forge_ipm(f), &nobodys);
	nids.inner = forge_folder_named(f, nids.nobodys, "Inner");
	for (int i = 0; i < ADDED; i++) {
		nids.listed = add(f, nids.inbox, "listed", plain);
		nids.unlisted = add(f, nids.inbox, "unlisted", unlisted);
		nids.missing = add(f, nids.inbox, "missing", missing);
		nids.in_nobodys = add(f, nids.inner, "in nobody's", plain);
	}
}

static struct tree *tree_as(const struct forge_options *how, bool damaged,
			    struct tree_options options)
{
	char path[] = "/tmp/ostfs-found-XXXXXX";
	const int fd = mkstemp(path);
	struct forge_options to = *how;
	struct forge *f;
	struct store *store = NULL;
	struct tree *t = NULL;
	struct ost_error err = { "" };
	const struct store_options plain = { .recover = damaged };

	to.fd = fd;
	f = forge_new(&to);
	add_all(f, damaged);
	CHECK(fd >= 0 && forge_finish(f, NULL, &err) == OST_OK);
	CHECK(store_open(&store, path, &store_native, &plain, &err) == OST_OK);
	CHECK(store != NULL && tree_new(&t, store, &options, &err) == OST_OK);
	unlink(path);
	close(fd);
	return t;
}

static struct tree *tree_of(const struct forge_options *how, bool damaged)
{
	return tree_as(how, damaged,
		       (struct tree_options){ .recovered = damaged });
}

struct place {
	struct buf *out;
	uint64_t next;
	unsigned given;
};

static bool take_one(void *arg, const struct tree_entry *e)
{
	struct place *p = arg;

	if (p->given++ > 0)
		return false;
	buf_printf(p->out, "%s%s\n", e->name, e->is_dir ? "/" : "");
	p->next = e->next;
	return true;
}

/* The entries of `path`, asked for one by one. */
static void list(struct tree *t, const char *path, struct buf *out)
{
	struct place p = { .out = out };
	struct tree_node dir;
	struct ost_error err;

	buf_cut(out, 0);
	CHECK(tree_walk(t, path, &dir, &err) == OST_OK && dir.is_dir);
	do {
		p.given = 0;
		CHECK(tree_list(t, dir.ino, p.next, take_one, &p, &err) ==
		      OST_OK);
	} while (p.given > 0);
}

static bool has(const struct buf *list, const char *line)
{
	return list->len > 0 && strstr(list->at, line) != NULL;
}

/* True if `path` is there and can be read, from a directory that knows it. */
static bool readable(struct tree *t, const char *path)
{
	struct tree_node node, up;
	struct tree_file *f = NULL;
	struct ost_error err;
	char text[16];
	size_t got = 0;
	uint64_t parent = 0;

	if (tree_walk(t, path, &node, &err) != OST_OK || node.is_dir ||
	    tree_open(t, node.ino, &f, &err) != OST_OK)
		return false;
	CHECK(tree_read(f, 0, text, sizeof(text), &got, &err) == OST_OK);
	CHECK(tree_file_size(f) == node.size);
	tree_close(f);
	CHECK(tree_parent(t, node.ino, &parent, &err) == OST_OK);
	CHECK(tree_stat(t, parent, &up, &err) == OST_OK && up.is_dir);
	return got == sizeof(text);
}

static void shows_what_no_folder_lists(void)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct tree *t = tree_of(&kinds[i], true);
		struct buf names = { 0 };
		char text[300];

		list(t, "", &names);
		/* One after the other: neither hides what comes after it. */
		CHECK(has(&names, "Lost and found/\nRecovered/\n"));
		CHECK(!has(&names, "Nobody's"));
		list(t, "Inbox", &names);
		CHECK(has(&names, "listed ["));
		CHECK(!has(&names, "unlisted"));

		list(t, "Lost and found", &names);
		snprintf(text, sizeof(text),
			 "Nobody's [%x]/\nMessages of Inbox [%x]/\n",
			 nids.nobodys, nids.inbox);
		CHECK_STR(buf_text(&names), text);
		snprintf(text, sizeof(text), "Lost and found/Nobody's [%x]",
			 nids.nobodys);
		list(t, text, &names);
		CHECK_STR(buf_text(&names), "Inner/\n");

		snprintf(text, sizeof(text),
			 "Lost and found/Messages of Inbox [%x]/"
			 "Jane Doe - unlisted [%x].eml",
			 nids.inbox, nids.unlisted);
		CHECK(readable(t, text));
		snprintf(text, sizeof(text),
			 "Lost and found/Messages of Inbox [%x]/"
			 "Jane Doe - listed [%x].eml",
			 nids.inbox, nids.listed);
		CHECK(!readable(t, text));
		snprintf(text, sizeof(text),
			 "Lost and found/Nobody's [%x]/Inner/"
			 "Jane Doe - in nobody's [%x].eml",
			 nids.nobodys, nids.in_nobodys);
		CHECK(readable(t, text));
		buf_free(&names);
		tree_free(t);
	}
}

static uint64_t ino_of(struct tree *t, const char *path)
{
	struct tree_node node = { 0 };
	struct ost_error err;

	CHECK(tree_walk(t, path, &node, &err) == OST_OK);
	return node.ino;
}

/* C3, for what no folder lists. */
static void gathers_attachments_there_too(void)
{
	const struct tree_options options = { .attachments = TREE_IN_FOLDER };
	struct tree *t = tree_as(&kinds[1], true, options);
	struct buf names = { 0 };
	struct ost_error err;
	char text[300];
	uint64_t up = 0;

	list(t, "Lost and found", &names);
	CHECK(!has(&names, "Attachments/")); /* no items are in it itself */
	snprintf(text, sizeof(text), "Lost and found/Messages of Inbox [%x]",
		 nids.inbox);
	list(t, text, &names);
	CHECK(has(&names, ".eml\nAttachments/\n"));
	strcat(text, "/Attachments");
	CHECK(tree_parent(t, ino_of(t, text), &up, &err) == OST_OK);
	*strrchr(text, '/') = '\0';
	CHECK(up == ino_of(t, text));
	strcat(text, "/Attachments");
	list(t, text, &names);
	CHECK(names.len == 0); /* none of the messages has any */
	buf_free(&names);
	tree_free(t);
}

static void shows_nothing_when_nothing_is_lost(void)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct tree *t = tree_of(&kinds[i], false);
		struct buf names = { 0 };
		struct tree_node node;
		struct ost_error err;

		list(t, "", &names);
		CHECK(has(&names, "Nobody's/\n"));
		CHECK(!has(&names, "Lost and found"));
		CHECK(tree_walk(t, "Lost and found", &node, &err) ==
		      OST_NOT_FOUND);
		buf_free(&names);
		tree_free(t);
	}
}

static void counts_three_ways(void)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct tree *t = tree_of(&kinds[i], true);
		struct inventory *c = NULL;
		const struct inventory_folder *f;
		const struct inventory_count *n;
		struct ost_error err;

		CHECK(inventory_take(&c, tree_store(t), &err) == OST_OK);
		CHECK(!c->cut && c->of[INVENTORY_MESSAGES].count == 3 * ADDED);
		f = inventory_folder(c, nids.inbox);
		n = &f->of[INVENTORY_MESSAGES];
		CHECK(!n->unreadable && n->twice == 0);
		CHECK(n->rows == 2 * ADDED && n->nodes == 2 * ADDED);
		CHECK(n->missing == ADDED && n->unlisted == ADDED);
		f = inventory_folder(c, nids.nobodys);
		n = &f->of[INVENTORY_MESSAGES];
		CHECK(n->rows == 0 && n->nodes == 0);
		f = inventory_folder(c, nids.inner);
		n = &f->of[INVENTORY_MESSAGES];
		CHECK(n->rows == ADDED && n->unlisted == 0);
		inventory_free(c);
		tree_free(t);
	}
}

static void no_entry_is_taken_for_the_directory(void)
{
	char name[LOST_NAME];

	for (int64_t i = (1 << 17) - 4; i < (1 << 17) + 4; i++)
		CHECK(lost_entry(name, 0x8022, STORE_MESSAGES, i) !=
		      found_ino(0x8022));
	CHECK_STR(name, "Unreadable message 131076");
}

int main(void)
{
	RUN(shows_what_no_folder_lists);
	RUN(gathers_attachments_there_too);
	RUN(shows_nothing_when_nothing_is_lost);
	RUN(counts_three_ways);
	RUN(no_entry_is_taken_for_the_directory);
	return checked();
}
