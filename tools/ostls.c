/*
 * ostls.c - list a folder exactly as the mount shows it
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "bytes/text.h"
#include "tool.h"
#include "tree/tree.h"

static const char usage[] =
	"usage: ostls [-l] [--heal] [-o OPTION] [--reader=native|pff] STORE "
	"[PATH]\n"
	"\n"
	"Lists the folder PATH of STORE (an Outlook .ost or .pst file) "
	"exactly\n"
	"as the mount shows it; without PATH, the folder at the mount point.\n"
	"\n"
	"  -l              size in bytes and time (UTC) before each name\n"
	"  -o root=store|mailbox, -o search_folders, -o hidden, -o recovered\n"
	"  -o attachments=both|inside|beside|folder, -o items=native|eml\n"
	"  -o layout=tree|text|maildir, -o addrmap=FILE\n"
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
	bool details;
};

struct listing {
	struct tree *tree;
	bool details;
	uint64_t unread; /* entries without the details asked for */
};

static void print_details(struct listing *l, const struct tree_entry *e)
{
	struct tree_node node;
	struct ost_error err;
	char text[24] = "";
	struct tm tm;

	if (tree_stat(l->tree, e->ino, &node, &err) != OST_OK) {
		printf("%12s  %16s  ", "?", "?");
		l->unread++;
		return;
	}
	const time_t mtime = (time_t)node.mtime;
	if (gmtime_r(&mtime, &tm) != NULL)
		(void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm);
	if (e->is_dir)
		printf("%12s  %16s  ", "-", text);
	else
		printf("%12" PRIu64 "  %16s  ", node.size, text);
}

static bool print_entry(void *arg, const struct tree_entry *e)
{
	struct listing *l = arg;

	if (l->details)
		print_details(l, e);
	tool_print(stdout, e->name, false);
	puts(e->is_dir ? "/" : "");
	return !ferror(stdout);
}

static enum ost_status list(struct tree *t, const struct options *o,
			    const char *path, struct ost_error *err)
{
	struct listing l = { .tree = t, .details = o->details };
	struct tree_node node = { .ino = TREE_ROOT, .is_dir = true };
	enum ost_status st = OST_OK;

	path += strspn(path, "/");
	if (*path != '\0')
		st = tree_walk(t, path, &node, err);
	if (st != OST_OK)
		return st;
	if (!node.is_dir)
		return ost_fail(err, OST_NOT_FOUND,
				"is a file; ostcat writes it");
	st = tree_list(t, node.ino, 0, print_entry, &l, err);
	if (st == OST_OK && l.unread > 0)
		st = ost_fail(err, OST_CORRUPT, "%" PRIu64 " %s cannot be read",
			      l.unread,
			      text_plural(l.unread, "entry", "entries"));
	return st;
}

static int run(const struct options *o, const char *file, const char *path)
{
	struct store *store = NULL;
	struct tree *tree = NULL;
	struct ost_error err = { "" };
	int code = OST_EXIT_OK;
	enum ost_status st;

	tool_look(file);
	st = store_open(&store, file, o->reader, &tool_options, &err);

	if (st != OST_OK)
		return tool_fail(file, st, &err);
	st = tree_new(&tree, store, &o->tree, &err);
	if (st == OST_OK)
		st = list(tree, o, path, &err);
	if (st != OST_OK) {
		if (*path != '\0')
			st = ost_within(&err, st, "%s", path);
		code = tool_fail(file, st, &err);
	}
	tree_free(tree); /* and the store in it */
	return tool_finish(code);
}

int main(int argc, char **argv)
{
	static const struct option names[] = {
		TOOL_OPTIONS,
	};
	struct options o = { .reader = &store_native };
	int c, code;

	tool_name = "ostls";
	while ((c = getopt_long(argc, argv, "lo:hV", names, NULL)) != -1) {
		switch (c) {
		case 'l':
			o.details = true;
			break;
		default:
			code = tool_common(c, &o.tree, &o.reader, usage);
			if (code != TOOL_GO_ON)
				return code;
		}
	}
	if (optind == argc || argc - optind > 2)
		return tool_usage(usage);
	if (optind + 1 < argc && !tool_in_order(argv[optind], argv[optind + 1]))
		return OST_EXIT_USAGE;
	return run(&o, argv[optind], optind + 1 < argc ? argv[optind + 1] : "");
}
