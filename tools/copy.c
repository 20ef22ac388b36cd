#include "copy.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "audit/audit.h"
#include "audit/verify.h"
#include "bytes/json.h"
#include "bytes/text.h"
#include "cli/interrupt.h"
#include "tool.h"

static bool is_interrupted(void *arg)
{
	(void)arg;
	return interrupt_asked();
}

/* At most ten times a second. */
static void show_progress(void *arg, uint64_t files, uint64_t bytes)
{
	int64_t *last = arg;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	const int64_t tenth =
		(int64_t)now.tv_sec * 10 + now.tv_nsec / 100000000;
	if (tenth == *last)
		return;
	*last = tenth;
	fprintf(stderr, "\r%s: %" PRIu64 " files, %" PRIu64 " MB ", tool_name,
		files, bytes / 1000000);
}

static struct audit_watch watch_for(const struct copy_options *o)
{
	static int64_t last;

	/* Without it, Ctrl-C ends us at once, and leaves what was begun. */
	(void)interrupt_start(tool_name);
	return (struct audit_watch){
		.progress = o->progress ? show_progress : NULL,
		.stop = is_interrupted,
		.arg = &last,
	};
}

/* Off the line that shows progress. */
static void end_progress(const struct copy_options *o)
{
	if (o->progress)
		fputs("\r\033[K", stderr);
}

/* --- a manifest ------------------------------------------------------------
 */

int copy_manifest(const struct copy_options *o, struct tree *t,
		  const char *store)
{
	const struct manifest_options options = {
		.name = tool_base_name(store),
		.bytes = o->bytes,
		.watch = watch_for(o),
	};
	struct manifest_totals n;
	struct ost_error err = { "" };
	enum ost_status st =
		manifest_write(t, &options, o->output.to, &n, &err);
	bool lost = false;

	/* A manifest of all that is shown is none of what is lost: A6. */
	if (st == OST_OK)
		st = ledger_has_losses(t, &lost, &err);

	end_progress(o);
	if (ferror(o->output.to) != 0) {
		tool_warn("%s: %s", o->manifest, err.text);
		return OST_EXIT_USAGE;
	}
	if (st != OST_OK)
		return tool_fail(store, st, &err);
	fprintf(stderr,
		"%s: %" PRIu64 " %s of %" PRIu64 " %s in %" PRIu64
		" %s; %" PRIu64 " cannot be read\n",
		tool_name, n.files, text_plural(n.files, "file", "files"),
		n.bytes, text_plural(n.bytes, "byte", "bytes"), n.directories,
		text_plural(n.directories, "directory", "directories"),
		n.unreadable);
	if (!lost && n.losses == 0)
		return OST_EXIT_OK;
	tool_warn("%s: it has losses: ostcheck --deep lists them", store);
	return OST_EXIT_LOSSES;
}

/* --- a copy ----------------------------------------------------------------
 */

static const char *const verdicts[VERIFY_VERDICTS] = {
	[VERIFY_SAME] = "same",
	[VERIFY_MISSING] = "missing",
	[VERIFY_ALTERED] = "altered",
	[VERIFY_EXTRA] = "extra",
	[VERIFY_UNREADABLE] = "unreadable",
	[VERIFY_LOST] = "lost in the store",
	[VERIFY_TIME] = "other time",
};

/* A name may hold anything: it is quoted as JSON quotes it. */
static void tell(void *arg, enum verify_verdict verdict, const char *path,
		 const char *why)
{
	const struct copy_options *o = arg;
	struct buf line = { 0 };
	struct json j = { .to = &line };

	if (verdict == VERIFY_TIME && !o->times)
		return;
	end_progress(o);
	json_str(&j, NULL, path);
	printf("%s: ", verdicts[verdict]);
	tool_print(stdout, buf_text(&line), false);
	printf(": %s\n", why);
	buf_free(&line);
}

/* The last line: what it comes to. */
static void conclude(const struct verify_result *r, const char *copy,
		     const char *against)
{
	const char *comma = "";

	if (verify_is_proven(r)) {
		printf("proven: %s has all %" PRIu64 " %s (%" PRIu64
		       " %s) and %" PRIu64 " %s of %s%s, unaltered",
		       copy, r->files, text_plural(r->files, "file", "files"),
		       r->bytes, text_plural(r->bytes, "byte", "bytes"),
		       r->directories,
		       text_plural(r->directories, "directory", "directories"),
		       r->filtered ? "what was asked for of " : "", against);
	} else {
		printf("NOT proven: of %s, %s has %" PRIu64
		       " %s unaltered, but: ",
		       against, copy, r->files,
		       text_plural(r->files, "file", "files"));
		for (int i = VERIFY_MISSING; i <= VERIFY_LOST; i++) {
			if (r->counts[i] == 0)
				continue;
			printf("%s%" PRIu64 " %s", comma, r->counts[i],
			       verdicts[i]);
			comma = ", ";
		}
	}
	if (r->remembered > 0)
		printf("; %" PRIu64 " %s not read again", r->remembered,
		       text_plural(r->remembered, "was", "were"));
	if (r->counts[VERIFY_TIME] > 0)
		printf("; %" PRIu64 " %s another time", r->counts[VERIFY_TIME],
		       text_plural(r->counts[VERIFY_TIME], "has", "have"));
	putchar('\n');
}

int copy_verify(const struct copy_options *o, struct tree *t, const char *store)
{
	const char *against = o->against != NULL ? o->against : store;
	const struct verify_options options = {
		.name = tool_base_name(against),
		.state = o->state,
		.state_name = o->resume,
		.watch = watch_for(o),
		.tell = tell,
		.arg = (void *)(uintptr_t)o,
	};
	struct verify_result r;
	struct ost_error err = { "" };
	const enum ost_status st =
		t == NULL ? verify_manifest(&r, o->entries, o->dir, &options,
					    &err)
			  : verify_tree(&r, t, o->dir, &options, &err);

	end_progress(o);
	if (st != OST_OK && t == NULL) { /* what helps a store does not help */
		tool_warn("%s: %s", against, err.text);
		return ost_exit_code(st);
	}
	if (st != OST_OK)
		return tool_fail(against, st, &err);
	conclude(&r, o->verify, against);
	return tool_finish(verify_is_proven(&r) ? OST_EXIT_OK
						: OST_EXIT_LOSSES);
}

/* --- what is opened before there is a sandbox -------------------------------
 */

static int cannot_open(const char *path)
{
	tool_warn("%s: %s", path, strerror(errno));
	return OST_EXIT_CANNOT_OPEN;
}

static int open_manifest(struct copy_options *o, const char *store)
{
	struct ost_error err;
	const enum ost_status st = source_open(&o->bytes, store, &err);

	if (st != OST_OK)
		return tool_fail(store, st, &err);
	return output_open(&o->output, o->manifest) ? OST_EXIT_OK
						    : OST_EXIT_USAGE;
}

static int open_copy(struct copy_options *o)
{
	o->dir = open(o->verify, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (o->dir < 0) {
		tool_warn("%s: %s; --verify needs the directory of the copy",
			  o->verify, strerror(errno));
		return OST_EXIT_CANNOT_OPEN;
	}
	tool_below = &o->dir;
	if (o->resume != NULL)
		o->state = fopen(o->resume, "a+e");
	if (o->resume != NULL && o->state == NULL) {
		(void)cannot_open(o->resume);
		return OST_EXIT_USAGE;
	}
	if (o->against != NULL)
		o->entries = strcmp(o->against, "-") == 0
				     ? stdin
				     : fopen(o->against, "re");
	if (o->against != NULL && o->entries == NULL)
		return cannot_open(o->against);
	return OST_EXIT_OK;
}

int copy_open(struct copy_options *o, const char *store)
{
	o->dir = -1;
	if (store != NULL && o->manifest != NULL)
		return open_manifest(o, store);
	return o->verify != NULL ? open_copy(o) : OST_EXIT_OK;
}

int copy_close(struct copy_options *o, int code)
{
	source_close(o->bytes);
	if (o->output.to != NULL)
		code = output_close(&o->output, code);
	if (o->state != NULL)
		fclose(o->state);
	if (o->entries != NULL && o->entries != stdin)
		fclose(o->entries);
	if (o->dir >= 0)
		close(o->dir);
	return code;
}
