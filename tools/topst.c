/*
 * topst.c - a store written as a PST: of ost2pst, and of ostexport -f pst
 *
 * What is needed is opened first; then the store, and with it the sandbox is
 * entered, from which no more can be made than the PST, in its directory.
 */
#include "topst.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/sha.h"
#include "bytes/text.h"
#include "choice.h"
#include "cli/interrupt.h"
#include "mail/rtf/vote.h"
#include "out/out.h"
#include "output.h"
#include "progress.h"
#include "tool.h"

/* --- reading and writing ---------------------------------------------------
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
	progress.all = all;
	progress_at(&progress, done, 0);
}

/* What became of each kind of thing, then what it comes to. */
static void conclude(const struct topst *t, const struct pst_result *r)
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
		t->pst.dry ? "would be " : "", r->bytes, r->parts,
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

static int write_store(struct topst *t, struct store *s, const char *path)
{
	struct pst_result r;
	struct ost_error err = { "" };
	enum ost_status st;

	(void)interrupt_start(tool_name);
	store_set_vote(s, charset_vote);
	st = pst_write(&r, s, &t->pst, &err);
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
		return fail_destination(t->pst.out, &err);
	if (st != OST_OK)
		return tool_fail(path, st, &err);
	conclude(t, &r);
	return r.lost > 0 ? OST_EXIT_LOSSES : OST_EXIT_OK;
}

static int open_report(struct topst *t, struct output *report)
{
	if (!output_open(report, t->report))
		return OST_EXIT_DESTINATION;
	t->pst.report = report->to;
	t->pst.scratch = tmpfile();
	if (t->pst.scratch == NULL) {
		tool_warn("a temporary file: %s", strerror(errno));
		return output_close(report, OST_EXIT_DESTINATION);
	}
	(void)fcntl(fileno(t->pst.scratch), F_SETFD, FD_CLOEXEC);
	return OST_EXIT_OK;
}

/* What the store's file is, before anything is made of it. */
static enum ost_status hash_store(char hex[SHA_HEX], const char *path,
				  struct ost_error *err)
{
	const struct audit_watch watch = { .stop = is_interrupted };
	struct source *bytes = NULL;
	struct sha sha;
	enum ost_status st = source_open(&bytes, path, err);

	if (st == OST_OK)
		st = sha_of_source(&sha, bytes, &watch, err);
	if (st == OST_OK)
		sha_hex(&sha, hex);
	source_close(bytes);
	return st;
}

static int copy_store(struct topst *t, const char *path)
{
	struct store *s = NULL;
	struct output report = { .finisher = -1 };
	struct ost_error err = { "" };
	enum ost_status st = OST_OK;
	char hex[SHA_HEX];
	int code;

	tool_look(path);
	if (t->report != NULL && open_report(t, &report) != OST_EXIT_OK)
		return OST_EXIT_DESTINATION;
	if (t->sha256) {
		st = hash_store(hex, path, &err);
		t->pst.sha256 = hex;
	}
	if (st == OST_OK)
		st = store_open(&s, path, t->reader, &tool_options, &err);
	code = st == OST_OK ? write_store(t, s, path)
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
static int look_at_out(const struct topst *t, const char *store,
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
		tool_warn("%s: exists, and is not a file", out);
		return OST_EXIT_DESTINATION;
	}
	if (t->pst.replace || t->pst.resume || t->pst.dry)
		return OST_EXIT_OK;
	tool_warn("%s: is there already; --force replaces it", out);
	return OST_EXIT_DESTINATION;
}

int topst_run(struct topst *t, const char *store, const char *out)
{
	const int code = look_at_out(t, store, out);

	if (code != OST_EXIT_OK)
		return code;
	if (t->sha256 && t->report == NULL) {
		tool_warn("--sha256 is for the report: name its file with "
			  "--report");
		return OST_EXIT_USAGE;
	}
	if (!t->pst.dry && !open_directory(out))
		return OST_EXIT_DESTINATION;
	tool_options.recover = t->pst.recovered;
	t->pst.out = out;
	t->pst.source = tool_base_name(store);
	t->pst.heal = tool_options.heal;
	t->pst.codepage = tool_options.codepage;
	t->pst.progress = show_progress;
	t->pst.stop = is_interrupted;
	progress.shown = t->progress;
	progress_all(&progress, 0);
	return copy_store(t, store);
}

/* --- the options -----------------------------------------------------------
 */

/* "500M", "9G", "0". */
static int take_size(struct topst *t)
{
	if (choice_size(&t->pst.split, optarg, "MG") &&
	    (t->pst.split == 0 || (t->pst.split >= PST_SPLIT_LEAST &&
				   t->pst.split <= PST_SPLIT_MOST)))
		return TOOL_GO_ON;
	tool_warn("--split wants 0, or a size from 64M to 50G");
	return OST_EXIT_USAGE;
}

static int take_damaged(struct topst *t)
{
	t->pst.omit_damaged = strcmp(optarg, "omit") == 0;
	if (t->pst.omit_damaged || strcmp(optarg, "keep") == 0)
		return TOOL_GO_ON;
	tool_warn("--damaged wants keep or omit");
	return OST_EXIT_USAGE;
}

/* Options without a value, and what they set. */
static void take_switch(struct topst *t, int c)
{
	const struct {
		int option;
		bool *what, value;
	} switches[] = {
		{ TOPST_ASSOCIATED, &t->pst.associated, true },
		{ TOPST_HIDDEN, &t->pst.hidden, true },
		{ TOPST_RECOVERED, &t->pst.recovered, true },
		{ TOPST_DRY_RUN, &t->pst.dry, true },
		{ TOPST_SHA256, &t->sha256, true },
		{ TOPST_NO_VERIFY, &t->pst.verify, false },
		{ TOPST_FORCE, &t->pst.replace, true },
		{ TOPST_RESUME, &t->pst.resume, true },
	};

	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		if (switches[i].option == c)
			*switches[i].what = switches[i].value;
}

int topst_take(struct topst *t, int c)
{
	switch (c) {
	case TOPST_SPLIT:
		return take_size(t);
	case TOPST_DAMAGED:
		return take_damaged(t);
	case TOPST_NAME:
		t->pst.name = optarg;
		return TOOL_GO_ON;
	case TOPST_REPORT:
		t->report = optarg;
		return TOOL_GO_ON;
	default:
		take_switch(t, c);
	}
	if (!t->pst.resume || !t->pst.replace)
		return TOOL_GO_ON;
	tool_warn("--force and --resume exclude each other");
	return OST_EXIT_USAGE;
}
