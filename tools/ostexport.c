/*
 * ostexport.c - write a store out as files, without a mount
 *
 * The process that is started reads no store: it opens what is needed, and a
 * child of it, in a sandbox, does the rest. So a store that crashes its reader
 * is told like any other that cannot be read.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit/verify.h"
#include "bytes/source.h"
#include "bytes/text.h"
#include "choice.h"
#include "cli/interrupt.h"
#include "copy.h"
#include "many.h"
#include "out/out.h"
#include "output.h"
#include "place.h"
#include "progress.h"
#include "tool.h"
#include "topst.h"

static const char usage[] =
	"usage: ostexport [-f FORMAT] [-j N] [FILTER...] [-o OPTION] STORE... "
	"DEST\n"
	"\n"
	"Writes all that is in STORE (an Outlook .ost or .pst file) to DEST, "
	"a new\n"
	"or empty directory, without a mount. Run again, it goes on where it "
	"stopped.\n"
	"STORE can be a directory of stores. Each of several stores gets a "
	"directory\n"
	"of its own below DEST. Exits with 40 when something could not be "
	"read, and\n"
	"with 12 when DEST cannot be written.\n"
	"\n"
	"  -f FORMAT       tree (the default): what the mount shows; text, "
	"maildir, "
	"mbox,\n"
	"                  thunderbird, index, tar (DEST may be -), vdir, "
	"bundle,\n"
	"                  pst (DEST is a .pst file); FORMAT,index adds a "
	"table\n"
	"  -j N            use N threads; the default is one a processor\n"
	"  --folder GLOB   only folders whose path matches, and those below\n"
	"  --no-folder GLOB\n"
	"                  leave out these folders\n"
	"  --since DATE, --until DATE\n"
	"                  only items from DATE on, or up to it\n"
	"  --class GLOB    only items of these message classes\n"
	"  --sender TEXT   only items whose sender's name or address has "
	"TEXT\n"
	"  --has-attachment\n"
	"                  only items with attachments\n"
	"  --roles=map|keep\n"
	"                  call a Maildir's folders Sent, Trash ..., or as in "
	"Outlook\n"
	"  --scheduling=client|server\n"
	"                  a server that gets a calendar mails nobody, or "
	"all guests\n"
	"  --attach-limit SIZE\n"
	"                  leave larger attachments out of a calendar file: "
	"1K to 16M\n"
	"  --vdirsyncer URL\n"
	"                  with -f vdir: a configuration of vdirsyncer for "
	"URL\n"
	"  --password-file FILE\n"
	"                  where vdirsyncer finds the password\n"
	"  --split SIZE, --associated, --hidden, --recovered, --damaged=HOW,\n"
	"  --name NAME, --dry-run, --report FILE, --sha256, --no-verify,\n"
	"  --force, --resume\n"
	"                  with -f pst: see ost2pst --help\n"
	"  --manifest FILE write a copy of the manifest to FILE\n"
	"  --verify        read DEST back, and say whether it is complete\n"
	"  --progress      show how far it is, even if not on a terminal\n"
	"  --heal, -o heal search the whole file for what a damaged index "
	"lost\n"
	"  -o OPTION       as for ostls\n"
	"  --reader=NAME   read with native (the default) or pff (libpff)\n"
	"  --help, --version\n";

struct options {
	const struct store_ops *reader;
	struct tree_options tree;
	struct out_options out;
	struct topst pst;
	bool as_pst;		/* the format is that, and no other */
	const char *other;	/* an option that no PST is written by */
	const char *tree_other; /* the same, of -o */
	const char *pst_only;	/* an option for PSTs */
	const char *folders[CHOICE_PATTERNS], *not_folders[CHOICE_PATTERNS];
	const char *manifest;
	bool verify, progress;
	char boot[64];
};

/* --- the process that reads ------------------------------------------------
 */

static struct progress progress;

static bool is_interrupted(void *arg)
{
	(void)arg;
	return interrupt_asked();
}

static void show_all(void *arg, uint64_t items)
{
	progress_all(arg, items);
}

static void show_progress(void *arg, uint64_t items, uint64_t bytes)
{
	progress_at(arg, items, bytes);
}

/* The last line: what it comes to. */
static void conclude(const struct options *o, const struct out_result *r)
{
	const struct manifest_totals *n = &r->totals;
	(void)o;
	fprintf(stderr,
		"%s: %" PRIu64 " %s of %" PRIu64 " %s in %" PRIu64
		" %s; %" PRIu64 " cannot be read",
		tool_name, n->files, text_plural(n->files, "file", "files"),
		n->bytes, text_plural(n->bytes, "byte", "bytes"),
		n->directories,
		text_plural(n->directories, "directory", "directories"),
		n->unreadable);
	if (r->damaged > 0)
		fprintf(stderr, ", %" PRIu64 " %s a part", r->damaged,
			text_plural(r->damaged, "lacks", "lack"));
	if (r->left_out > 0)
		fprintf(stderr, "; %" PRIu64 " %s left out", r->left_out,
			text_plural(r->left_out, "item was", "items were"));
	if (r->keywords_left > 0)
		fprintf(stderr,
			"; %" PRIu64 " %s over 26 a folder: in the mail only",
			r->keywords_left,
			text_plural(r->keywords_left, "category is",
				    "categories are"));
	if (r->kept > 0)
		fprintf(stderr, "; %" PRIu64 " %s there already", r->kept,
			text_plural(r->kept, "was", "were"));
	fputc('\n', stderr);
}

/* What was written, held against the store, or the manifest made of it. */
static int verify(const struct options *o, struct tree *t, const char *store,
		  const char *dest)
{
	static const char name[] = VERIFY_JOURNAL "/manifest.jsonl";
	struct copy_options copy = { .verify = dest, .progress = o->progress };
	const bool by_store = out_format_is_tree(o->out.format) &&
			      !o->out.index && !out_is_filtered(&o->out.filter);
	int fd = -1, code;

	copy.dir = o->out.dest;
	if (by_store)
		return copy_verify(&copy, t, store);
	fd = openat(copy.dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	copy.entries = fd >= 0 ? fdopen(fd, "r") : NULL;
	if (copy.entries == NULL)
		return place_fail(dest, strerror(errno));
	copy.against = store;
	code = copy_verify(&copy, NULL, store);
	fclose(copy.entries);
	return code;
}

/* What no reading of it can find. False: a part of the file is not there. */
static bool warn_of_file(const char *path, const struct store_info *i)
{
	if (!i->clean)
		tool_warn("%s: warning: it was not closed cleanly; the newest "
			  "changes may be missing",
			  path);
	if (i->size >= i->header_eof)
		return true;
	tool_warn("%s: warning: it is cut short: %" PRIu64
		  " %s of it are not there; copy it again, all of it",
		  path, i->header_eof - i->size,
		  text_plural(i->header_eof - i->size, "byte", "bytes"));
	return false;
}

/* How the calendars get to the server. */
static void tell_next(const struct options *o)
{
	if (o->out.vdirsyncer == NULL)
		return;
	for (int i = 0; i < 2; i++) {
		fprintf(stderr, "%s: %s: vdirsyncer -c '", tool_name,
			i == 0 ? "now" : "then");
		tool_print(stderr, o->out.dest_path, false);
		fprintf(stderr, "/.ostexport/vdirsyncer.conf' %s\n",
			i == 0 ? "discover" : "sync");
	}
}

static int write_out(struct options *o, struct tree *t, const char *store,
		     const char *dest)
{
	const bool whole = warn_of_file(store, store_info(tree_store(t)));
	struct out_result r;
	struct ost_error err = { "" };
	enum ost_status st;
	int code;

	(void)interrupt_start(tool_name);
	st = out_run(&r, t, &o->out, &err);
	progress_end(&progress);
	if (st == OUT_DESTINATION) {
		code = place_fail(dest, err.text);
		return r.other ? OST_EXIT_USAGE : code;
	}
	if (st != OST_OK)
		return tool_fail(store, st, &err);
	conclude(o, &r);
	tell_next(o);
	if (r.lost)
		tool_warn("%s: it has losses: ostcheck --deep tells which",
			  store);
	code = !whole || r.lost || r.totals.unreadable > 0 || r.damaged > 0
		       ? OST_EXIT_LOSSES
		       : OST_EXIT_OK;
	if (o->verify && !out_format_is_stream(o->out.format)) {
		const int verdict = verify(o, t, store, dest);

		code = code == OST_EXIT_OK ? verdict : code;
	}
	return code;
}

/* What the child does, from opening the store on. */
static int export_store(struct options *o, const char *path, const char *dest)
{
	struct store *store = NULL;
	struct tree *tree = NULL;
	struct output manifest = { .finisher = -1 };
	struct ost_error err = { "" };
	enum ost_status st;
	int code;

	tool_look(path);
	st = source_open(&o->out.bytes, path, &err);
	if (st != OST_OK)
		return tool_fail(path, st, &err);
	if (o->manifest != NULL && !output_open(&manifest, o->manifest))
		return OST_EXIT_USAGE;
	o->out.manifest = manifest.to;
	o->out.name = tool_base_name(path);
	if (!out_format_is_stream(o->out.format))
		tool_writes = &o->out.dest;
	st = store_open(&store, path, o->reader, &tool_options, &err);
	if (st == OST_OK)
		st = tree_new(&tree, store, &o->tree, &err);
	code = st == OST_OK ? write_out(o, tree, path, dest)
			    : tool_fail(path, st, &err);
	tree_free(tree); /* and the store in it */
	source_close(o->out.bytes);
	if (manifest.to != NULL)
		code = output_close(&manifest, code);
	return tool_finish(code);
}

/* --- the process that waits for it ------------------------------------------
 */

static volatile sig_atomic_t child;

/* A terminal's Ctrl-C is given to both of us; kill(1) only to one. */
static void pass_on(int number, siginfo_t *info, void *context)
{
	(void)context;
	if (info->si_code <= 0 && child > 0)
		kill((pid_t)child, number);
}

static void watch_signals(void)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_sigaction = pass_on,
				    .sa_flags = SA_SIGINFO | SA_RESTART };
	struct sigaction was;

	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		if (sigaction(ending[i], NULL, &was) == 0 &&
		    was.sa_handler != SIG_IGN)
			sigaction(ending[i], &action, NULL);
}

/* In the child: signals are as they were, and it ends with us. */
static void begin_child(pid_t parent)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction is;

	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		if (sigaction(ending[i], NULL, &is) == 0 &&
		    is.sa_handler != SIG_IGN)
			signal(ending[i], SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(OST_EXIT_INTERRUPTED);
}

static int code_of(const struct options *o, int status, const char *path)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	if (WTERMSIG(status) == SIGINT || WTERMSIG(status) == SIGTERM ||
	    WTERMSIG(status) == SIGHUP)
		return OST_EXIT_INTERRUPTED;
	fprintf(stderr,
		"%s: %s: the process that read it was ended by signal %d; run "
		"again%s\n",
		tool_name, path, WTERMSIG(status),
		o->as_pst ? "" : ", it goes on");
	return OST_EXIT_DAMAGED;
}

static int in_child(struct options *o, const char *path, const char *dest)
{
	const pid_t self = getpid();
	int status = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		begin_child(self);
		exit(o->as_pst ? topst_run(&o->pst, path, dest)
			       : export_store(o, path, dest));
	}
	child = pid;
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	child = 0;
	if (pid > 0)
		return code_of(o, status, path);
	fprintf(stderr, "%s: %s\n", tool_name, strerror(errno));
	return OST_EXIT_USAGE;
}

/* --- the destination --------------------------------------------------------
 */

static int to_dir(struct options *o, const char *store, const char *dest)
{
	char *whole;
	bool made;
	int code;

	o->out.dest = place_open(dest, &made);
	if (o->out.dest < 0)
		return OST_EXIT_DESTINATION;
	o->out.dest_path = whole = realpath(dest, NULL);
	code = whole != NULL ? in_child(o, store, dest)
			     : place_fail(dest, strerror(errno));
	free(whole);
	close(o->out.dest);
	if (made)
		(void)rmdir(dest); /* if nothing came to be in it */
	return code;
}

/* Of a stream, the file is written beside what it is to be. */
static int to_file(struct options *o, const char *store, const char *dest)
{
	enum { FLAGS = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC };
	char *part = NULL;
	int code;

	if (asprintf(&part, "%s.part", dest) < 0)
		return OST_EXIT_USAGE;
	o->out.dest = open(part, FLAGS, 0666);
	if (o->out.dest < 0) {
		code = place_fail(part, strerror(errno));
	} else if (access(dest, F_OK) == 0) {
		close(o->out.dest);
		unlink(part);
		code = place_fail(dest,
				  "it is there already, and is left alone");
	} else {
		code = in_child(o, store, dest);
		close(o->out.dest);
		if (code != OST_EXIT_OK && code != OST_EXIT_LOSSES)
			unlink(part);
		else if (rename(part, dest) != 0)
			code = place_fail(dest, strerror(errno));
	}
	free(part);
	return code;
}

static int to_stream(struct options *o, const char *store, const char *dest)
{
	o->out.scratch = tmpfile();
	if (o->out.scratch == NULL)
		return place_fail("a temporary file", strerror(errno));
	(void)fcntl(fileno(o->out.scratch), F_SETFD, FD_CLOEXEC);
	if (strcmp(dest, "-") != 0)
		return to_file(o, store, dest);
	o->out.dest = STDOUT_FILENO;
	if (isatty(STDOUT_FILENO))
		return place_fail("-", "is a terminal: name a file, or a pipe");
	return in_child(o, store, dest);
}

/* --- one store, or many ------------------------------------------------------
 */

static int run_one(struct options *o, const char *store, const char *dest)
{
	if (o->as_pst)
		return in_child(o, store, dest);
	if (out_format_is_stream(o->out.format))
		return to_stream(o, store, dest);
	return to_dir(o, store, dest);
}

static int run_of_many(void *arg, const char *store, const char *dest)
{
	return run_one(arg, store, dest);
}

/* What there can be only one of. */
static int refuse_many(const struct options *o, const char *dest)
{
	if (strcmp(dest, "-") == 0)
		tool_warn("-: several stores need a directory, not a pipe");
	else if (o->manifest != NULL)
		tool_warn("--manifest names one file, and there are several "
			  "stores; each has its own below %s",
			  dest);
	else if (o->pst.report != NULL)
		tool_warn("--report names one file, and there are several "
			  "stores");
	else
		return OST_EXIT_OK;
	return OST_EXIT_USAGE;
}

static int run(struct options *o, char **stores, int count, char *dest)
{
	struct many many = { .suffix = "", .run = run_of_many, .arg = o };
	size_t len = strlen(dest);
	struct stat is;
	int code;

	while (len > 1 && dest[len - 1] == '/')
		dest[--len] = '\0'; /* it would lead through a link */
	if (count == 1 && !tool_in_order(stores[0], dest))
		return OST_EXIT_USAGE;
	if (count == 1 && (stat(stores[0], &is) != 0 || !S_ISDIR(is.st_mode)))
		return run_one(o, stores[0], dest);
	code = refuse_many(o, dest);
	if (o->as_pst)
		many.suffix = ".pst";
	else if (out_format_is_stream(o->out.format))
		many.suffix = ".tar";
	return code == OST_EXIT_OK ? many_run(&many, stores, count, dest)
				   : code;
}

/* --- the command line -------------------------------------------------------
 */

static bool take_files(struct options *o, const char *text)
{
	char *names = strdup(text), *rest = names, *name;
	bool good = names != NULL;

	o->out.format = NULL;
	o->out.index = false;
	while (good && (name = strsep(&rest, ",")) != NULL) {
		if (strcmp(name, "index") == 0) {
			o->out.index = true;
			continue;
		}
		good = o->out.format == NULL;
		o->out.format = out_format_of(name);
		good = good && o->out.format != NULL;
	}
	if (good && o->out.format != NULL && o->out.index)
		good = !out_format_is_stream(o->out.format);
	if (good && o->out.format == NULL)
		o->out.format = out_format_of("index");
	free(names);
	return good && o->out.format != NULL;
}

/* Files in a directory, or the one file that is a PST. */
static bool take_formats(struct options *o, const char *text)
{
	o->as_pst = strcmp(text, "pst") == 0;
	return o->as_pst || take_files(o, text);
}

static int bad_format(void)
{
	struct buf names = { 0 };

	out_format_names(&names);
	fprintf(stderr,
		"%s: -f wants one of %s, pst; or one but pst, a comma, and "
		"index\n",
		tool_name, buf_text(&names));
	buf_free(&names);
	return OST_EXIT_USAGE;
}

/* Options of the filter: TOOL_GO_ON, or an exit code; 0: it is none. */
static int take_filter(struct options *o, int c)
{
	struct out_filter *f = &o->out.filter;

	switch (c) {
	case 'F':
		return choice_pattern(o->folders, &f->folder_count);
	case 'N':
		return choice_pattern(o->not_folders, &f->not_folder_count);
	case 's':
		return choice_date(&f->since, &f->has_since, false);
	case 'u':
		return choice_date(&f->until, &f->has_until, true);
	case 'c':
		f->class = optarg;
		return TOOL_GO_ON;
	case 'S':
		f->sender = optarg;
		return TOOL_GO_ON;
	case 'a':
		f->attachments = true;
		return TOOL_GO_ON;
	default:
		return 0;
	}
}

/* "500K", "4M": of all attachments in a calendar file. */
static int take_limit(struct options *o)
{
	uint64_t *const limit = &o->tree.calendar_inside;

	if (choice_size(limit, optarg, "KM") && *limit >= 1 << 10 &&
	    *limit <= 16 << 20)
		return TOOL_GO_ON;
	tool_warn("--attach-limit wants a size from 1K to 16M");
	return OST_EXIT_USAGE;
}

static int take_threads(struct options *o)
{
	char *end;
	const unsigned long n = strtoul(optarg, &end, 10);

	if (*optarg < '1' || *optarg > '9' || *end != '\0' || n > 64) {
		fprintf(stderr, "%s: -j wants a number from 1 to 64\n",
			tool_name);
		return OST_EXIT_USAGE;
	}
	o->out.threads = (unsigned)n;
	return TOOL_GO_ON;
}

/* TOOL_GO_ON, or the exit code to end with. */
static int take_option(struct options *o, int c)
{
	const int code = take_filter(o, c);

	if (code != 0)
		return code;
	switch (c) {
	case 'f':
		return take_formats(o, optarg) ? TOOL_GO_ON : bad_format();
	case 'j':
		return take_threads(o);
	case 'R':
		o->out.keep_roles = strcmp(optarg, "keep") == 0;
		if (o->out.keep_roles || strcmp(optarg, "map") == 0)
			return TOOL_GO_ON;
		fprintf(stderr, "%s: --roles wants map or keep\n", tool_name);
		return OST_EXIT_USAGE;
	case 'C':
		o->out.server_schedules = strcmp(optarg, "server") == 0;
		if (o->out.server_schedules || strcmp(optarg, "client") == 0)
			return TOOL_GO_ON;
		fprintf(stderr, "%s: --scheduling wants client or server\n",
			tool_name);
		return OST_EXIT_USAGE;
	case 'L':
		return take_limit(o);
	case 'D':
		o->out.vdirsyncer = optarg;
		if (strncmp(optarg, "https://", 8) == 0 ||
		    strncmp(optarg, "http://", 7) == 0)
			return TOOL_GO_ON;
		fprintf(stderr,
			"%s: --vdirsyncer wants a URL, as in "
			"https://alice@dav.example.com/\n",
			tool_name);
		return OST_EXIT_USAGE;
	case 'P':
		o->out.password_file = optarg;
		return TOOL_GO_ON;
	case 'm':
		o->manifest = optarg;
		return TOOL_GO_ON;
	case 'v':
		o->verify = true;
		return TOOL_GO_ON;
	case 'p':
		o->progress = true;
		return TOOL_GO_ON;
	default:
		if (c >= TOPST_FIRST && c < TOPST_END)
			return topst_take(&o->pst, c);
		return tool_common(c, &o->tree, &o->reader, usage);
	}
}

/* Note that option `c`, called `name`, says nothing with other formats. */
static void note_option(struct options *o, int c, const char *name)
{
	struct tree_options none = { .plans = 0 };
	const char *want;

	if (c >= TOPST_FIRST && c < TOPST_END)
		o->pst_only = name;
	else if (c == 'o' && strcmp(optarg, "recovered") != 0 &&
		 (tree_option(&none, optarg, &want) ||
		  strncmp(optarg, "addrmap=", 8) == 0))
		o->tree_other = optarg;
	else if (strchr("NcSamD", c) != NULL)
		o->other = name;
}

/* What is asked for and would not be done is refused. */
static bool check_format(const struct options *o)
{
	if (o->as_pst && o->other != NULL)
		tool_warn("--%s is not for -f pst", o->other);
	else if (o->as_pst && o->tree_other != NULL)
		tool_warn("-o %s is not for -f pst", o->tree_other);
	else if (!o->as_pst && o->pst_only != NULL)
		tool_warn("--%s is for -f pst", o->pst_only);
	else if (o->out.vdirsyncer != NULL &&
		 o->out.format != out_format_of("vdir"))
		tool_warn("--vdirsyncer is for -f vdir");
	else if (o->tree.calendar_inside > 0 &&
		 o->out.format != out_format_of("vdir") &&
		 o->out.format != out_format_of("bundle"))
		tool_warn("--attach-limit is for -f vdir and -f bundle");
	else if (o->tree.attachments == TREE_IN_FOLDER)
		tool_warn("-o attachments=folder is for mounts: an export has "
			  "them beside each item, or inside");
	else
		return true;
	return false;
}

/* What of it is for a PST, too. */
static void prepare_pst(struct options *o)
{
	const struct out_filter *f = &o->out.filter;
	struct pst_options *pst = &o->pst.pst;

	o->pst.reader = o->reader;
	o->pst.progress = o->progress;
	pst->folders = o->folders;
	pst->folder_count = f->folder_count;
	pst->has_since = f->has_since;
	pst->since = f->since;
	pst->has_until = f->has_until;
	pst->until = f->until;
	pst->recovered |= o->tree.recovered;
}

/* The machine's number of this start; "" where there is none. */
static void read_boot(char *out, size_t room)
{
	FILE *from = fopen("/proc/sys/kernel/random/boot_id", "re");

	out[0] = '\0';
	if (from != NULL && fgets(out, (int)room, from) != NULL)
		out[strcspn(out, "\n")] = '\0';
	if (from != NULL)
		fclose(from);
}

static void prepare(struct options *o)
{
	enum {
		PLANS = 4 << 20, /* each is read at once, and once */
		HELD = 512 << 10,
	};

	progress.shown = o->progress;
	o->out.filter.folders = o->folders;
	o->out.filter.not_folders = o->not_folders;
	o->out.boot = o->boot;
	o->out.sized = show_all;
	o->out.watch = (struct audit_watch){ .progress = show_progress,
					     .stop = is_interrupted,
					     .arg = &progress };
	o->tree.plans = PLANS;
	/* What is freed is asked for again at once: the system is not. */
	mallopt(M_TOP_PAD, HELD);
	mallopt(M_TRIM_THRESHOLD, 4 * HELD);
	read_boot(o->boot, sizeof(o->boot));
	out_format_shape(o->out.format, &o->tree);
}

int main(int argc, char **argv)
{
	static const struct option names[] = {
		{ "format", required_argument, NULL, 'f' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "folder", required_argument, NULL, 'F' },
		{ "no-folder", required_argument, NULL, 'N' },
		{ "since", required_argument, NULL, 's' },
		{ "until", required_argument, NULL, 'u' },
		{ "class", required_argument, NULL, 'c' },
		{ "sender", required_argument, NULL, 'S' },
		{ "has-attachment", no_argument, NULL, 'a' },
		{ "roles", required_argument, NULL, 'R' },
		{ "scheduling", required_argument, NULL, 'C' },
		{ "attach-limit", required_argument, NULL, 'L' },
		{ "vdirsyncer", required_argument, NULL, 'D' },
		{ "password-file", required_argument, NULL, 'P' },
		{ "manifest", required_argument, NULL, 'm' },
		{ "verify", no_argument, NULL, 'v' },
		{ "progress", no_argument, NULL, 'p' },
		TOPST_OPTIONS,
		TOOL_OPTIONS,
	};
	struct options o = { .reader = &store_native, .pst = TOPST_DEFAULT };
	int c, code, at = 0;

	tool_name = "ostexport";
	o.out.format = out_format_of("tree");
	o.progress = isatty(STDERR_FILENO) != 0;
	while ((c = getopt_long(argc, argv, "f:j:o:hV", names, &at)) != -1) {
		note_option(&o, c, names[at].name);
		code = take_option(&o, c);
		if (code != TOOL_GO_ON)
			return code;
	}
	if (argc - optind < 2)
		return tool_usage(usage);
	if (!check_format(&o))
		return OST_EXIT_USAGE;
	if (o.as_pst)
		prepare_pst(&o);
	else
		prepare(&o);
	watch_signals();
	return run(&o, argv + optind, argc - optind - 1, argv[argc - 1]);
}
