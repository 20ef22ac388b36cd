/*
 * ostcheck.c - say whether all that is in a store is shown
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "audit/audit.h"
#include "audit/crosscheck.h"
#include "copy.h"
#include "tool.h"

static const char usage[] =
	"usage: ostcheck [--deep] [--json] [--progress] [--heal] [-o OPTION]\n"
	"                [--reader=native|pff] STORE\n"
	"       ostcheck --second-opinion [--json] STORE\n"
	"       ostcheck --manifest FILE [-o OPTION] STORE\n"
	"       ostcheck --verify DIR [--resume FILE] [--times] [-o OPTION] "
	"STORE\n"
	"       ostcheck --verify DIR --against MANIFEST [--resume FILE] "
	"[--times]\n"
	"\n"
	"Says whether all that is in STORE (an Outlook .ost or .pst file) is\n"
	"shown when it is mounted, and what was lost. Exits with 40 when\n"
	"something was.\n"
	"\n"
	"  --deep          read every byte of every file, on all cores\n"
	"  --json          print .ostfs/report.json of the mount, for "
	"programs\n"
	"  --second-opinion compare everything with what libpff reads; exit "
	"with 40\n"
	"                  if they differ for no known reason\n"
	"  --manifest FILE write a list of all files of the mount, with "
	"SHA-256\n"
	"  --verify DIR    say whether DIR, a copy of the mount, is complete "
	"and\n"
	"                  unaltered, and exit with 40 when it is not\n"
	"  --against FILE  verify against a manifest, not a store\n"
	"  --resume FILE   record what is proven; the next run goes on from "
	"it\n"
	"  --times         also list the files of which only the time differs\n"
	"  --progress      show how far it is, even if not on a terminal\n"
	"  -o charset=NAME character set of old 8-bit text, such as "
	"windows-1251\n"
	"  --heal, -o heal search the whole file for what a damaged index "
	"lost\n"
	"  -o nosandbox    do not read the store in a sandbox\n"
	"  -o OPTION       as for ostls; give the options of the mount\n"
	"  --reader=NAME   read with native (the default) or pff (libpff)\n"
	"  --help, --version\n";

struct options {
	const struct store_ops *reader;
	struct tree_options tree;
	struct ledger_options ledger;
	struct copy_options copy;
	bool json;
	bool second; /* opinion */
};

/* A line that is written over, at most once a percent. */
static void show_progress(void *arg, uint64_t done, uint64_t all)
{
	unsigned *last = arg;
	const unsigned percent = (unsigned)(100 * done / (all > 0 ? all : 1));

	if (percent == *last && done < all)
		return;
	*last = percent;
	fprintf(stderr, "\r%s: reading: %3u %%%s", tool_name, percent,
		done < all ? "" : "\r\033[K");
}

static void show(const struct options *o, const struct buf *text)
{
	if (o->json)
		fwrite(buf_text(text), 1, text->len, stdout);
	else
		tool_print(stdout, buf_text(text), true);
}

static enum ost_status check(const struct options *o, const char *path,
			     struct tree *t, int *code, struct ost_error *err)
{
	struct ledger *l = NULL;
	struct buf text = { 0 };
	enum ost_status st = ledger_make(&l, t, &o->ledger, err);

	if (st == OST_OK && o->json)
		ledger_json(l, &text);
	if (st == OST_OK && !o->json) {
		buf_printf(&text, "%s\n", path);
		ledger_text(l, &text);
	}
	if (st == OST_OK)
		st = buf_status(&text, err);
	if (st == OST_OK)
		show(o, &text);
	if (st == OST_OK && ledger_losses(l) > 0)
		*code = OST_EXIT_LOSSES;
	buf_free(&text);
	ledger_free(l);
	return st;
}

static int run(struct options *o, const char *path)
{
	struct store *store = NULL;
	struct tree *tree = NULL;
	struct ost_error err = { "" };
	enum ost_status st = OST_OK;
	int code;

	tool_look(path);
	code = copy_open(&o->copy, path);
	if (code == OST_EXIT_OK) {
		st = store_open(&store, path, o->reader, &tool_options, &err);
		if (st == OST_OK)
			st = tree_new(&tree, store, &o->tree, &err);
		if (st == OST_OK && o->copy.manifest != NULL)
			code = copy_manifest(&o->copy, tree, path);
		else if (st == OST_OK && o->copy.verify != NULL)
			code = copy_verify(&o->copy, tree, path);
		else if (st == OST_OK)
			st = check(o, path, tree, &code, &err);
	}
	if (st != OST_OK)
		code = tool_fail(path, st, &err);
	tree_free(tree); /* and the store in it */
	code = copy_close(&o->copy, code);
	return tool_finish(code);
}

/* Hold a copy against a manifest: there is no store. */
static int run_without_store(struct options *o)
{
	int code = copy_open(&o->copy, NULL);

	if (code == OST_EXIT_OK) {
		tool_enter_sandbox();
		code = copy_verify(&o->copy, NULL, NULL);
	}
	return copy_close(&o->copy, code);
}

static int compare(const struct options *o, const char *path)
{
	struct crosscheck *s = NULL;
	struct buf text = { 0 };
	struct ost_error err = { "" };
	int code = OST_EXIT_OK;
	enum ost_status st;

	tool_look(path);
	st = crosscheck_make(&s, path, &tool_options, &err);

	if (st == OST_OK && o->json)
		crosscheck_json(s, &text);
	if (st == OST_OK && !o->json) {
		buf_printf(&text, "%s\n", path);
		crosscheck_text(s, &text);
	}
	if (st == OST_OK)
		st = buf_status(&text, &err);
	if (st != OST_OK)
		code = tool_fail(path, st, &err);
	else if (crosscheck_unexplained(s) > 0)
		code = OST_EXIT_LOSSES;
	show(o, &text);
	buf_free(&text);
	crosscheck_free(s);
	return tool_finish(code);
}

/* An option of copies and manifests; false: it is none. */
static bool take_copy(struct copy_options *o, int c)
{
	switch (c) {
	case 'm':
		o->manifest = optarg;
		return true;
	case 'v':
		o->verify = optarg;
		return true;
	case 'a':
		o->against = optarg;
		return true;
	case 's':
		o->resume = optarg;
		return true;
	case 't':
		o->times = true;
		return true;
	default:
		return false;
	}
}

int main(int argc, char **argv)
{
	static const struct option names[] = {
		{ "deep", no_argument, NULL, 'd' },
		{ "json", no_argument, NULL, 'j' },
		{ "progress", no_argument, NULL, 'p' },
		{ "second-opinion", no_argument, NULL, 'S' },
		{ "manifest", required_argument, NULL, 'm' },
		{ "verify", required_argument, NULL, 'v' },
		{ "against", required_argument, NULL, 'a' },
		{ "resume", required_argument, NULL, 's' },
		{ "times", no_argument, NULL, 't' },
		TOOL_OPTIONS,
	};
	static unsigned percent = 101;
	struct options o = { .reader = &store_native, .ledger.arg = &percent };
	int c, code;

	tool_name = "ostcheck";
	o.copy.progress = isatty(STDERR_FILENO) != 0;
	if (o.copy.progress)
		o.ledger.progress = show_progress;
	while ((c = getopt_long(argc, argv, "o:hV", names, NULL)) != -1) {
		switch (c) {
		case 'd':
			o.ledger.deep = true;
			break;
		case 'j':
			o.json = true;
			break;
		case 'S':
			o.second = true;
			break;
		case 'p':
			o.copy.progress = true;
			o.ledger.progress = show_progress;
			break;
		default:
			if (take_copy(&o.copy, c))
				break;
			code = tool_common(c, &o.tree, &o.reader, usage);
			if (code != TOOL_GO_ON)
				return code;
		}
	}
	if (o.copy.against != NULL && o.copy.verify != NULL && argc == optind)
		return run_without_store(&o);
	if (argc - optind != 1 || o.copy.against != NULL)
		return tool_usage(usage);
	if (o.second && !store_has_pff) {
		fprintf(stderr, "%s: %s\n", tool_name, store_pff_lacking);
		return OST_EXIT_USAGE;
	}
	return o.second ? compare(&o, argv[optind]) : run(&o, argv[optind]);
}
