/*
 * ostcat.c - one item of a store to standard output, as the mount shows it,
 * or all its properties
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tool.h"
#include "tree/tree.h"

static const char usage[] =
	"usage: ostcat [-p | --text] [--heal] [-o OPTION] "
	"[--reader=native|pff]\n"
	"              STORE NID|PATH\n"
	"\n"
	"Writes one item of STORE (an Outlook .ost or .pst file) to standard\n"
	"output, byte for byte as the mounted file has it. NID is the number\n"
	"in square brackets in a file's name; PATH is the file below the "
	"mount\n"
	"point. A PATH that looks like a number is written with a / before "
	"it.\n"
	"\n"
	"  -p              all properties of the item, as JSON\n"
	"  --text          as text: the decoded header, the body, and the\n"
	"                  attached texts and mails in full\n"
	"  -o attachments=both|inside|beside|folder, -o items=native|eml\n"
	"  -o layout=tree|text|maildir, -o recovered, -o addrmap=FILE\n"
	"                  as for ostfs\n"
	"  -o charset=NAME character set of old 8-bit text, such as "
	"windows-1251\n"
	"  --heal, -o heal search the whole file for what a damaged index "
	"lost\n"
	"  -o nosandbox    do not read the store in a sandbox\n"
	"  --reader=NAME   read with native (the default) or pff (libpff)\n"
	"  --help, --version\n";

struct options {
	const struct store_ops *reader;
	struct tree_options tree;
	bool properties;
};

/* What the command line named: an inode number. */
static enum ost_status find(struct tree *t, const char *what, uint64_t *ino,
			    struct ost_error *err)
{
	const size_t digits = strspn(what, "0123456789abcdefABCDEFxX");
	struct tree_node node;
	enum ost_status st;
	char *end;

	if (what[digits] == '\0') {
		const unsigned long long nid = strtoull(what, &end, 16);

		if (*end == '\0' && end != what && nid <= UINT32_MAX) {
			*ino = nid;
			return OST_OK;
		}
	}
	st = tree_walk(t, what + strspn(what, "/"), &node, err);
	*ino = node.ino;
	return st;
}

static enum ost_status copy(struct tree_file *file, FILE *to,
			    struct ost_error *err)
{
	static char chunk[1 << 17];
	enum ost_status st = OST_OK;
	uint64_t off = 0;
	size_t got = 1;

	while (got > 0 && !ferror(to)) {
		st = tree_read(file, off, chunk, sizeof(chunk), &got, err);
		if (st != OST_OK)
			return st;
		fwrite(chunk, 1, got, to);
		off += got;
	}
	return st;
}

static enum ost_status cat(struct tree *t, uint64_t ino, struct ost_error *err)
{
	struct tree_file *file = NULL;
	struct tree_node node;
	enum ost_status st = tree_stat(t, ino, &node, err);

	if (st == OST_OK && node.is_dir)
		st = ost_fail(err, OST_NOT_FOUND,
			      "is a folder; ostls lists it, -p shows its "
			      "properties");
	if (st == OST_OK)
		st = tree_open(t, ino, &file, err);
	if (st == OST_OK)
		st = copy(file, stdout, err);
	tree_close(file);
	return st;
}

/* True, with `why`, if not all that `ino` names could be read. */
static bool is_damaged(struct tree *t, uint64_t ino, struct ost_error *why)
{
	struct buf notes = { 0 };
	struct ost_error err;
	const enum ost_status st =
		tree_xattr(t, ino, "user.ost.notes", &notes, &err);

	if (st == OST_OK)
		(void)!ost_fail(why, OST_OK,
				"not all could be read (%s); see \"error\"",
				buf_text(&notes));
	buf_free(&notes);
	return st == OST_OK;
}

static int run(const struct options *o, const char *path, const char *what)
{
	struct store *store = NULL;
	struct tree *tree = NULL;
	struct ost_error err = { "" };
	uint64_t ino;
	int code = OST_EXIT_OK;
	enum ost_status st;

	tool_look(path);
	st = store_open(&store, path, o->reader, &tool_options, &err);

	if (st != OST_OK)
		return tool_fail(path, st, &err);
	st = tree_new(&tree, store, &o->tree, &err);
	if (st == OST_OK)
		st = find(tree, what, &ino, &err);
	if (st == OST_OK && o->properties)
		ino = tree_properties(tree, ino);
	if (st == OST_OK)
		st = cat(tree, ino, &err);
	if (st == OST_OK && o->properties && is_damaged(tree, ino, &err))
		code = OST_EXIT_LOSSES;
	if (st != OST_OK || code != OST_EXIT_OK) {
		st = ost_within(&err, st, "%s", what);
		const int failed = tool_fail(path, st, &err);
		code = code != OST_EXIT_OK ? code : failed;
	}
	tree_free(tree); /* and the store in it */
	return tool_finish(code);
}

int main(int argc, char **argv)
{
	static const struct option names[] = {
		{ "properties", no_argument, NULL, 'p' },
		{ "text", no_argument, NULL, 't' },
		TOOL_OPTIONS,
	};
	struct options o = { .reader = &store_native };
	int c, code;

	tool_name = "ostcat";
	while ((c = getopt_long(argc, argv, "po:hV", names, NULL)) != -1) {
		switch (c) {
		case 'p':
			o.properties = true;
			break;
		case 't':
			o.tree.items = MAIL_ITEMS_TEXT;
			break;
		default:
			code = tool_common(c, &o.tree, &o.reader, usage);
			if (code != TOOL_GO_ON)
				return code;
		}
	}
	if (argc - optind != 2)
		return tool_usage(usage);
	if (!tool_in_order(argv[optind], argv[optind + 1]))
		return OST_EXIT_USAGE;
	return run(&o, argv[optind], argv[optind + 1]);
}
