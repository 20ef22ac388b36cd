/*
 * ost2pst.c - write a store as a PST that Outlook opens
 *
 * The process that is started reads no store: it opens what is needed, and a
 * child of it, in a sandbox, does the rest.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/text.h"
#include "cli/interrupt.h"
#include "mail/rtf/vote.h"
#include "out/out.h"
#include "output.h"
#include "progress.h"
#include "pst/pst.h"
#include "store/identity.h"
#include "tool.h"

static const char usage[] =
	"usage: ost2pst [OPTION]... STORE OUT.pst\n"
	"\n"
	"Writes STORE (an Outlook .ost or .pst file) as a Unicode PST. What "
	"is\n"
	"carried is carried as it is; what cannot be read is left out and "
	"told.\n"
	"OUT.pst has its name only once it is complete and was read back. "
	"Exits\n"
	"with 40 when something was lost, and with 12 when OUT.pst cannot be\n"
	"written.\n"
	"\n"
	"  --folder PATH   only that folder and those below it; a pattern, "
	"and\n"
	"                  more than once\n"
	"  --since DATE, --until DATE\n"
	"                  only items from DATE on, or up to it\n"
	"  --split SIZE    a part is at most that large, 64M to 50G; 0: never; "
	"9G\n"
	"                  without it. Parts are OUT.pst, OUT.2.pst ..., each "
	"a\n"
	"                  whole PST\n"
	"  --associated    views, rules and settings of folders, too\n"
	"  --hidden        folders outside of what Outlook shows, too\n"
	"  --recovered     items that were deleted or changed since, too\n"
	"  --damaged=keep|omit\n"
	"                  attachments of which a part is lost: kept, with "
	"zeros "
	"in\n"
	"                  its place, or left out\n"
	"  --name NAME     what Outlook shows it as\n"
	"  --dry-run       read all, write nothing, say what would be\n"
	"  --report FILE   the account of all that was done, as JSON\n"
	"  --verify, --no-verify\n"
	"                  read each part back before it gets its name; done "
	"without\n"
	"                  being asked\n"
	"  --force         replace OUT.pst\n"
	"  --resume        keep the parts that are there and are right\n"
	"  --progress      say how far it has come, also into a file\n"
	"  --heal, -o heal find by a scan what a damaged index cannot give\n"
	"  -o charset=NAME, -o nosandbox\n"
	"                  as for ostls\n"
	"  --reader=NAME   read with native (the default) or pff (libpff)\n"
	"  --help, --version\n";

enum { PATTERNS = 64 };

struct options {
	const struct store_ops *reader;
	struct pst_options pst;
	const char *folders[PATTERNS];
	const char *report;
	bool progress;
};

/* --- the process that reads ------------------------------------------------
 */

static struct progress progress;

static bool is_interrupted(void *arg)
{
	(void)arg;
	return interrupt_asked();
}

static void show_progress(void *arg, uint64_t done, uint64_t all)
{
	(void)arg;
	progress.all_files = all;
	progress_items(&progress, done);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* What became of each kind of thing, then what it comes to. */
static void conclude(const struct options *o, const struct pst_result *r)
{
	struct buf lines = { 0 };

	pst_say(r, &lines);
	for (char *line = lines.at; line != NULL && *line != '\0';) {
		char *end = strchr(line, '\n');

		fprintf(stderr, "%s: %.*s\n", tool_name, (int)(end - line),
			line);
		line = end + 1;
	}
	buf_free(&lines);
	fprintf(stderr,
		"%s: %" PRIu64 " %s in %" PRIu64 " %s, %" PRIu64
		" %s; %s%" PRIu64 " bytes in %" PRIu64 " %s; %" PRIu64 " %s\n",
		tool_name, r->messages,
		text_plural(r->messages, "message", "messages"), r->folders,
		text_plural(r->folders, "folder", "folders"), r->attachments,
		text_plural(r->attachments, "attachment", "attachments"),
		o->pst.dry ? "would be " : "", r->bytes, r->parts,
		text_plural(r->parts, "file", "files"), r->lost,
		text_plural(r->lost, "thing was lost", "things were lost"));
	if (r->unsearched)
		fprintf(stderr,
			"%s: note: what no folder lists was not looked for, or "
			"not to the end\n",
			tool_name);
}

static int fail_destination(const char *out, const struct ost_error *err)
{
	tool_warn("%s: %s", out, err->text);
	return OST_EXIT_DESTINATION;
}

static int write_store(struct options *o, struct store *s, const char *path)
{
	struct pst_result r;
	struct ost_error err = { "" };
	enum ost_status st;

	(void)interrupt_start(tool_name);
	s->vote = charset_vote;
	st = pst_write(&r, s, &o->pst, &err);
	progress_end(&progress);
	if (r.no_folder) {
		tool_warn("%s: no folder is called so; ostls shows those that "
			  "there are",
			  path);
		return OST_EXIT_USAGE;
	}
	if (st == OST_STOPPED) {
		tool_warn("interrupted; %" PRIu64
			  " complete %s kept, run again with --resume",
			  r.parts,
			  text_plural(r.parts, "part is", "parts are"));
		return OST_EXIT_INTERRUPTED;
	}
	if (st != OST_OK && r.destination)
		return fail_destination(o->pst.out, &err);
	if (st != OST_OK)
		return tool_fail(path, st, &err);
	conclude(o, &r);
	return r.lost > 0 ? OST_EXIT_LOSSES : OST_EXIT_OK;
}

static int copy_store(struct options *o, const char *path)
{
	struct store *s = NULL;
	struct output report = { .finisher = -1 };
	struct ost_error err = { "" };
	enum ost_status st;
	int code;

	tool_look(path);
	if (o->report != NULL) {
		if (!output_open(&report, o->report))
			return OST_EXIT_DESTINATION;
		o->pst.report = report.to;
		o->pst.scratch = tmpfile();
		if (o->pst.scratch == NULL) {
			tool_warn("a temporary file: %s", strerror(errno));
			return output_close(&report, OST_EXIT_DESTINATION);
		}
		(void)fcntl(fileno(o->pst.scratch), F_SETFD, FD_CLOEXEC);
	}
	st = store_open(&s, path, o->reader, &tool_options, &err);
	code = st == OST_OK ? write_store(o, s, path)
			    : tool_fail(path, st, &err);
	store_close(s);
	if (report.to != NULL)
		code = output_close(&report, code);
	return tool_finish(code);
}

/* --- the destination
 * ---------------------------------------------------------- */

static int directory = -1;

/* The directory that OUT.pst is to be in: there files may be made. */
static bool open_directory(const char *out)
{
	const char *slash = strrchr(out, '/');
	char *path = slash == NULL  ? strdup(".")
		     : slash == out ? strdup("/")
				    : strndup(out, (size_t)(slash - out));

	if (path != NULL)
		directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		tool_warn("%s: %s", path != NULL ? path : out, strerror(errno));
	free(path);
	tool_writes = &directory;
	return directory >= 0;
}

static bool is_same(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

/* May there be such a file? */
static int look_at_out(const struct options *o, const char *store,
		       const char *out)
{
	struct stat is;

	if (!tool_in_order(store, out))
		return OST_EXIT_USAGE;
	if (is_same(store, out)) {
		tool_warn("%s: is the store itself", out);
		return OST_EXIT_DESTINATION;
	}
	if (lstat(out, &is) != 0)
		return OST_EXIT_OK;
	if (!S_ISREG(is.st_mode)) {
		tool_warn("%s: is there, and is no file", out);
		return OST_EXIT_DESTINATION;
	}
	if (o->pst.replace || o->pst.resume || o->pst.dry)
		return OST_EXIT_OK;
	tool_warn("%s: is there already; --force replaces it", out);
	return OST_EXIT_DESTINATION;
}

static int run(struct options *o, const char *store, const char *out)
{
	const int code = look_at_out(o, store, out);

	if (code != OST_EXIT_OK)
		return code;
	if (!o->pst.dry && !open_directory(out))
		return OST_EXIT_DESTINATION;
	o->pst.out = out;
	o->pst.source = base_name(store);
	o->pst.folders = o->folders;
	o->pst.progress = show_progress;
	o->pst.stop = is_interrupted;
	progress.shown = o->progress;
	progress_all(&progress, 0, 0);
	return copy_store(o, store);
}

/* --- the command line
 * ------------------------------------------------------------- */

/* "500M", "9G", "0". */
static int take_size(struct options *o)
{
	char *end;
	const unsigned long long n = strtoull(optarg, &end, 10);
	const unsigned shift = *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
	const bool one = shift != 0 && end[1] == '\0';

	o->pst.split = (uint64_t)n << shift;
	if (*optarg >= '0' && *optarg <= '9' && n <= 1 << 20 &&
	    ((n == 0 && (*end == '\0' || one)) ||
	     (one && o->pst.split >= PST_SPLIT_LEAST &&
	      o->pst.split <= PST_SPLIT_MOST)))
		return TOOL_GO_ON;
	tool_warn("--split wants 0, or a size from 64M to 50G");
	return OST_EXIT_USAGE;
}

static int take_date(int64_t *out, bool *has, bool end)
{
	*has = out_date(out, optarg, end);
	if (*has)
		return TOOL_GO_ON;
	tool_warn("\"%s\" is no date: 2024-03-01, or 2024-03-01T10:22:00Z",
		  optarg);
	return OST_EXIT_USAGE;
}

static int take_folder(struct options *o)
{
	size_t len = strlen(optarg);

	while (len > 1 && optarg[len - 1] == '/')
		optarg[--len] = '\0';
	if (o->pst.folder_count == PATTERNS) {
		tool_warn("more than %d folders", PATTERNS);
		return OST_EXIT_USAGE;
	}
	o->folders[o->pst.folder_count++] = optarg;
	return TOOL_GO_ON;
}

static int take_damaged(struct options *o)
{
	o->pst.omit_damaged = strcmp(optarg, "omit") == 0;
	if (o->pst.omit_damaged || strcmp(optarg, "keep") == 0)
		return TOOL_GO_ON;
	tool_warn("--damaged wants keep or omit");
	return OST_EXIT_USAGE;
}

/* Options without a value: their letter, and what they set. */
static bool take_switch(struct options *o, int c)
{
	const struct {
		int letter;
		bool *what, value;
	} switches[] = {
		{ 'A', &o->pst.associated, true },
		{ 'I', &o->pst.hidden, true },
		{ 'R', &o->pst.recovered, true },
		{ 'd', &o->pst.dry, true },
		{ 'v', &o->pst.verify, true },
		{ 'n', &o->pst.verify, false },
		{ 'f', &o->pst.replace, true },
		{ 'c', &o->pst.resume, true },
		{ 'p', &o->progress, true },
	};

	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		if (switches[i].letter == c) {
			*switches[i].what = switches[i].value;
			return true;
		}
	return false;
}

/* TOOL_GO_ON, or the exit code to end with. */
static int take_option(struct options *o, int c)
{
	if (take_switch(o, c))
		return TOOL_GO_ON;
	switch (c) {
	case 'F':
		return take_folder(o);
	case 's':
		return take_date(&o->pst.since, &o->pst.has_since, false);
	case 'u':
		return take_date(&o->pst.until, &o->pst.has_until, true);
	case 'S':
		return take_size(o);
	case 'D':
		return take_damaged(o);
	case 'N':
		o->pst.name = optarg;
		return TOOL_GO_ON;
	case 'j':
		o->report = optarg;
		return TOOL_GO_ON;
	default:
		return tool_common(c, NULL, &o->reader, usage);
	}
}

int main(int argc, char **argv)
{
	static const struct option names[] = {
		{ "folder", required_argument, NULL, 'F' },
		{ "since", required_argument, NULL, 's' },
		{ "until", required_argument, NULL, 'u' },
		{ "split", required_argument, NULL, 'S' },
		{ "associated", no_argument, NULL, 'A' },
		{ "hidden", no_argument, NULL, 'I' },
		{ "recovered", no_argument, NULL, 'R' },
		{ "damaged", required_argument, NULL, 'D' },
		{ "name", required_argument, NULL, 'N' },
		{ "dry-run", no_argument, NULL, 'd' },
		{ "report", required_argument, NULL, 'j' },
		{ "verify", no_argument, NULL, 'v' },
		{ "no-verify", no_argument, NULL, 'n' },
		{ "force", no_argument, NULL, 'f' },
		{ "resume", no_argument, NULL, 'c' },
		{ "progress", no_argument, NULL, 'p' },
		TOOL_OPTIONS,
	};
	struct options o = { .reader = &store_native,
			     .pst = { .split = PST_SPLIT_DEFAULT,
				      .verify = true } };
	int c, code;

	tool_name = "ost2pst";
	o.progress = isatty(STDERR_FILENO) != 0;
	while ((c = getopt_long(argc, argv, "o:hV", names, NULL)) != -1) {
		code = take_option(&o, c);
		if (code != TOOL_GO_ON)
			return code;
	}
	tool_options.recover = o.pst.recovered;
	if (argc - optind != 2)
		return tool_usage(usage);
	if (o.pst.resume && o.pst.replace) {
		tool_warn("--force and --resume exclude each other");
		return OST_EXIT_USAGE;
	}
	return run(&o, argv[optind], argv[optind + 1]);
}
