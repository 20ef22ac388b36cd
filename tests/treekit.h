/*
 * treekit.h - a mailbox in memory, shown as a tree
 *
 * For the tests of tree/. Included once a program.
 */
#ifndef OST_TREEKIT_H
#define OST_TREEKIT_H

#include <stdlib.h>

#include "check.h"
#include "fake.h"
#include "tree/tree.h"

enum {
	TOP = MAPI_NID_ROOT_FOLDER,
	SUBTREE = 0x8022,
	INBOX = 0x8042,
	OTHER = 0x8062,
	MESSAGE = 0x200024,
	MARCH_1 = 1709288520, /* 2024-03-01 10:22 UTC */
};

/* What add_message() makes is called this, with its NID and a suffix. */
#define CALLED(nid_and_suffix)                                                 \
	("2024-03-01 10.22 Jane Doe - Budget review " nid_and_suffix)

/* --- building ----------------------------------------------------------- */

static inline uint64_t filetime(int64_t sec)
{
	return (uint64_t)(sec + INT64_C(11644473600)) * 10000000;
}

static inline struct fake *add_folder(struct store *s, uint32_t nid,
				      uint32_t parent, const char *name)
{
	struct fake *o = fake_add(s, nid, parent);

	if (name != NULL)
		fake_text(o, MAPI_DISPLAY_NAME, name);
	return o;
}

static inline struct fake *add_message(struct store *s, uint32_t nid,
				       uint32_t folder)
{
	struct fake *o = fake_add(s, nid, folder);

	fake_text(o, MAPI_MESSAGE_CLASS, "IPM.Note");
	fake_text(o, MAPI_SUBJECT, "Budget review");
	fake_text(o, MAPI_SENDER_NAME, "Jane Doe");
	fake_text(o, MAPI_BODY, "Hello");
	fake_number(o, MAPI_MESSAGE_DELIVERY_TIME, MAPI_TIME,
		    filetime(MARCH_1));
	return o;
}

static inline struct fake *add_file(struct fake *message, const char *name,
				    const char *bytes)
{
	struct fake *a = fake_attachment(message);

	fake_text(a, MAPI_ATTACH_LONG_FILENAME, name);
	fake_number(a, MAPI_ATTACH_METHOD, MAPI_INTEGER32,
		    MAPI_ATTACH_BY_VALUE);
	fake_bytes(a, MAPI_ATTACH_DATA, MAPI_BINARY, bytes, strlen(bytes));
	return a;
}

static inline struct fake *add_embedded(struct fake *message,
					const char *subject)
{
	struct fake *a = fake_attachment(message);
	struct fake *m = fake_embedded(a);

	fake_number(a, MAPI_ATTACH_METHOD, MAPI_INTEGER32,
		    MAPI_ATTACH_EMBEDDED);
	fake_bytes(a, MAPI_ATTACH_DATA, MAPI_OBJECT, "", 0);
	fake_text(m, MAPI_MESSAGE_CLASS, "IPM.Note");
	fake_text(m, MAPI_SUBJECT, subject);
	fake_text(m, MAPI_BODY, "At noon.");
	return m;
}

/* An IPM subtree with an Inbox. */
static inline struct store *mailbox(void)
{
	struct store *s = fake_store_new();

	add_folder(s, TOP, 0, "");
	add_folder(s, SUBTREE, TOP, "IPM_SUBTREE");
	add_folder(s, INBOX, SUBTREE, "Inbox");
	return s;
}

static inline struct tree *show_as(struct store *s,
				   const struct tree_options *options)
{
	struct tree *t = NULL;
	struct ost_error err = { "" };

	CHECK(tree_new(&t, s, options, &err) == OST_OK);
	CHECK_STR(err.text, "");
	return t;
}

static inline struct tree *show(struct store *s)
{
	return show_as(s, &(struct tree_options){ 0 });
}

/* --- looking ------------------------------------------------------------ */

static inline bool put_name(void *arg, const struct tree_entry *e)
{
	buf_printf(arg, "%s%s\n", e->name, e->is_dir ? "/" : "");
	return true;
}

/* The names in the directory at `path`, a line each. */
static inline void check_list(struct tree *t, const char *path,
			      const char *want)
{
	struct buf names = { 0 };
	struct tree_node dir = { 0 };
	struct ost_error err = { "" };

	CHECK(tree_walk(t, path, &dir, &err) == OST_OK && dir.is_dir);
	CHECK(tree_list(t, dir.ino, 0, put_name, &names, &err) == OST_OK);
	CHECK_STR(buf_text(&names), want);
	buf_free(&names);
}

static inline uint64_t ino_at(struct tree *t, const char *path)
{
	struct tree_node node = { 0 };
	struct ost_error err = { "" };

	CHECK(tree_walk(t, path, &node, &err) == OST_OK);
	return node.ino;
}

static inline bool is_there(struct tree *t, const char *path)
{
	struct tree_node node;
	struct ost_error err;

	return tree_walk(t, path, &node, &err) == OST_OK;
}

/* The bytes of the file at `path`, as a string. */
static inline char *bytes_at(struct tree *t, const char *path)
{
	struct tree_node node = { 0 };
	struct tree_file *f = NULL;
	struct ost_error err = { "" };
	char *bytes;
	size_t got = 0;

	CHECK(tree_walk(t, path, &node, &err) == OST_OK && !node.is_dir);
	bytes = calloc(1, node.size + 1);
	CHECK(tree_open(t, node.ino, &f, &err) == OST_OK);
	if (f != NULL && bytes != NULL)
		CHECK(tree_read(f, 0, bytes, node.size + 1, &got, &err) ==
		      OST_OK);
	CHECK(got == node.size);
	tree_close(f);
	return bytes;
}

#endif
