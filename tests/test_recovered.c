/* test_recovered.c - what was deleted or changed is shown apart */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "audit/audit.h"
#include "check.h"
#include "forge.h"

enum { MESSAGES = 4, CHANGED = 1, DELETED = 2 };

/* A folder with messages, each with a file. */
static void forge_it(int format, uint32_t nids[MESSAGES], struct buf *out)
{
	const struct forge_options how = {
		.format = (enum forge_format)format,
		.encoding = FORGE_PERMUTE,
	};
	struct forge *f = forge_new(&how);
	const uint32_t folder = forge_folder_named(f, forge_ipm(f), "Inbox");
	struct ost_error err;

	for (int i = 0; i < MESSAGES; i++) {
		struct forge_message m = { 0 };
		struct forge_attachment *a = forge_attachment(&m);
		char subject[32];

		snprintf(subject, sizeof(subject), "Number %d", i);
		forge_text(&m.props, MAPI_MESSAGE_CLASS, "IPM.Note");
		forge_text(&m.props, MAPI_SUBJECT, subject);
		forge_text(&m.props, MAPI_BODY, "Hello");
		forge_text(&a->props, MAPI_ATTACH_LONG_FILENAME, "a.txt");
		forge_int(&a->props, MAPI_ATTACH_METHOD, MAPI_ATTACH_BY_VALUE);
		forge_binary(&a->props, MAPI_ATTACH_DATA, subject,
			     strlen(subject));
		nids[i] = forge_add(f, folder, &m);
		forge_message_free(&m);
	}
	CHECK(forge_finish(f, out, &err) == OST_OK);
}

static struct tree *open_it(const struct buf *bytes,
			    const struct store_ops *reader)
{
	const struct tree_options options = { .recovered = true };
	const struct store_options reading = { .recover = true,
					       .recover_pff = true };
	const int fd = memfd_create("store", 0);
	struct store *s = NULL;
	struct tree *t = NULL;
	struct ost_error err = { "" };
	char path[64];

	CHECK(fd >= 0 &&
	      write(fd, bytes->at, bytes->len) == (ssize_t)bytes->len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CHECK(store_open(&s, path, reader, &reading, &err) == OST_OK);
	CHECK(tree_new(&t, s, &options, &err) == OST_OK);
	close(fd);
	return t;
}

/* Entries are taken one a call, so that each place is gone on from. */
struct taking {
	struct buf *names;
	uint64_t next;
	bool any;
};

static bool take(void *arg, const struct tree_entry *e)
{
	struct taking *g = arg;

	if (g->any)
		return false;
	buf_printf(g->names, "%s%s\n", e->name, e->is_dir ? "/" : "");
	g->next = e->next;
	g->any = true;
	return true;
}

static void check_list(struct tree *t, const char *path, const char *want)
{
	struct buf names = { 0 };
	struct taking g = { .names = &names };
	struct tree_node dir;
	struct ost_error err = { "" };

	CHECK(tree_walk(t, path, &dir, &err) == OST_OK && dir.is_dir);
	do {
		g.any = false;
		CHECK(tree_list(t, dir.ino, g.next, take, &g, &err) == OST_OK);
	} while (g.any);
	CHECK_STR(buf_text(&names), want);
	buf_free(&names);
}

static uint64_t ino_of(struct tree *t, const char *path)
{
	struct tree_node node = { 0 };
	struct ost_error err = { "" };

	CHECK(tree_walk(t, path, &node, &err) == OST_OK);
	return node.ino;
}

static void check_xattr(struct tree *t, const char *path, const char *name,
			const char *want)
{
	struct buf value = { 0 };
	struct ost_error err = { "" };

	CHECK(tree_xattr(t, ino_of(t, path), name, &value, &err) == OST_OK);
	CHECK_STR(buf_text(&value), want);
	buf_free(&value);
}

/* The file at `path` has `part` in it. */
static void check_has(struct tree *t, const char *path, const char *part)
{
	struct tree_file *file = NULL;
	struct ost_error err = { "" };
	char bytes[4096] = "";
	size_t got = 0;

	CHECK(tree_open(t, ino_of(t, path), &file, &err) == OST_OK);
	CHECK(tree_read(file, 0, bytes, sizeof(bytes) - 1, &got, &err) ==
	      OST_OK);
	CHECK(strstr(bytes, part) != NULL);
	tree_close(file);
}

static void check_parent(struct tree *t, const char *path, const char *want)
{
	struct ost_error err = { "" };
	uint64_t ino = 0;

	CHECK(tree_parent(t, ino_of(t, path), &ino, &err) == OST_OK);
	CHECK(ino == ino_of(t, want));
}

static void check_number(struct tree *t, const char *path, uint32_t was)
{
	char hex[16];

	snprintf(hex, sizeof(hex), "%x", was);
	check_xattr(t, path, "user.ost.was", hex);
}

#define OLD  "Recovered/older versions/Number 1 [1e]"
#define GONE "Recovered/deleted/Number 2 [3e]"

static void shows_what_was_deleted_and_what_was_changed(void)
{
	for (int format = FORGE_ANSI; format <= FORGE_UNICODE_4K; format++) {
		uint32_t nids[MESSAGES];
		struct buf bytes = { 0 };
		struct tree *t;

		forge_it(format, nids, &bytes);
		CHECK(forge_replace(&bytes, nids[CHANGED], nids[0]));
		CHECK(forge_forget(&bytes, nids[DELETED]));
		t = open_it(&bytes, &store_native);
		check_list(t, "", "Deleted Items/\nInbox/\nRecovered/\n");
		check_list(t, "Recovered",
			   "deleted/\nolder versions/\nby libpff/\n");
		check_list(t, "Recovered/older versions",
			   "Number 1 [1e].eml\nNumber 1 [1e].attachments/\n");
		check_list(t, "Recovered/deleted",
			   "Number 2 [3e].eml\nNumber 2 [3e].attachments/\n");
		check_has(t, OLD ".eml", "X-Ost-Note: recovered");
		check_has(t, GONE ".eml", "X-Ost-Note: recovered");
		check_has(t, GONE ".attachments/a.txt", "Number 2");
		check_xattr(t, OLD ".eml", "user.ost.nid", "1e");
		check_number(t, OLD ".eml", nids[CHANGED]);
		check_number(t, GONE ".eml", nids[DELETED]);
		check_parent(t, OLD ".eml", "Recovered/older versions");
		check_parent(t, GONE ".attachments", "Recovered/deleted");
		check_parent(t, "Recovered/deleted", "Recovered");
		check_parent(t, "Recovered", "");
		tree_free(t);
		buf_free(&bytes);
	}
}

/* What ours finds is checked, so it is not shown again. */
static void libpff_adds_what_ours_does_not_find(void)
{
	static const char gone[] = "Recovered/by libpff/Number 2 [3d].eml";
	uint32_t nids[MESSAGES];
	struct buf bytes = { 0 };
	struct forge_place old;
	struct tree *t;

	forge_it(FORGE_UNICODE, nids, &bytes);
	CHECK(forge_delete(&bytes, nids[DELETED], &old));
	t = open_it(&bytes, &store_native);
	check_list(t, "Recovered/deleted",
		   "Number 2 [1e].eml\nNumber 2 [1e].attachments/\n");
	check_list(t, "Recovered/by libpff", "");
	tree_free(t);

	/* Of a page with a wrong CRC ours believes nothing. */
	bytes.at[old.off + old.whole - 12] ^= 1;
	for (int i = 0; i < 2; i++) {
		t = open_it(&bytes, i == 0 ? &store_native : &store_pff);
		if (i == 0)
			check_list(t, "Recovered/deleted", "");
		else
			check_list(t, "Recovered", "by libpff/\n");
		check_list(t, "Recovered/by libpff",
			   "Number 2 [3d].eml\nNumber 2 [3d].attachments/\n");
		check_has(t, gone, "X-Ost-Note: recovered, unchecked");
		check_has(t,
			  "Recovered/by libpff/Number 2 [3d].attachments/"
			  "a.txt",
			  "Number 2");
		check_number(t, gone, nids[DELETED]);
		check_parent(t, gone, "Recovered/by libpff");
		tree_free(t);
	}
	buf_free(&bytes);
}

/* As often as it is changed and deleted, but never what is there. */
static void shows_nothing_that_is_there(void)
{
	uint32_t nids[MESSAGES];
	struct buf bytes = { 0 };
	struct forge_entry e;
	struct forge_place copy;
	struct tree *t;

	forge_it(FORGE_UNICODE, nids, &bytes);
	for (int i = 0; i < 3; i++) {
		CHECK(forge_find_entry(&bytes, FORGE_NBT, nids[i], &e));
		CHECK(forge_copy_page(&bytes, &e.page, 1, &copy));
	}
	t = open_it(&bytes, &store_native);
	check_list(t, "Recovered/deleted", "");
	check_list(t, "Recovered/older versions", "");
	check_list(t, "Recovered/by libpff", "");
	tree_free(t);
	buf_free(&bytes);
}

/* In the report it is apart, and no damage of it is a loss. */
static void is_no_part_of_what_must_be_there(void)
{
	const struct ledger_options deep = { .deep = true, .threads = 1 };
	uint32_t nids[MESSAGES];
	struct buf bytes = { 0 }, json = { 0 };
	struct ledger *l = NULL;
	struct ost_error err = { "" };
	struct tree *t;

	forge_it(FORGE_UNICODE, nids, &bytes);
	CHECK(forge_forget(&bytes, nids[DELETED]));
	CHECK(forge_replace(&bytes, nids[CHANGED], nids[0]));
	t = open_it(&bytes, &store_native);
	CHECK(ledger_make(&l, t, &deep, &err) == OST_OK);
	ledger_json(l, &json);
	CHECK(strstr(buf_text(&json), "\"recovered\": 2") != NULL);
	CHECK(strstr(buf_text(&json), "\"found\": 0") != NULL);
	CHECK(strstr(buf_text(&json), "\"place\": \"recovered\"") != NULL);
	ledger_free(l);
	tree_free(t);
	buf_free(&json);
	buf_free(&bytes);
}

int main(void)
{
	RUN(libpff_adds_what_ours_does_not_find);
	RUN(shows_nothing_that_is_there);
	RUN(is_no_part_of_what_must_be_there);
	RUN(shows_what_was_deleted_and_what_was_changed);
	return checked();
}
