#include "fs/shown.h"

#include <fuse_log.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "audit/audit.h"
#include "bytes/text.h"
#include "fs/log.h"
#include "sandbox/sandbox.h"

enum { USUAL_CACHE = 32 << 20 };

/* A sentence, without the store's name. */
static void warn(const struct shown *s, const char *format, ...)
	OST_PRINTF(2, 3);

static void warn(const struct shown *s, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (s->warn != NULL)
		s->warn(s->arg, text);
	else
		log_say("%s: warning: %s", s->name, text);
}

static void warn_healed(const struct shown *s, const struct store_healing *h)
{
	const uint64_t found = h->nodes + h->blocks;

	warn(s,
	     "healed: %s%llu %s of its index could not be "
	     "read, %llu %s found without them",
	     h->header ? "its header is damaged, " : "",
	     (unsigned long long)h->pages,
	     text_plural(h->pages, "page", "pages"), (unsigned long long)found,
	     text_plural(found, "entry was", "entries were"));
}

/* Say what a copy of a store in use, or of part of one, will lack. */
static void warn_of(const struct shown *s, const struct store_info *info)
{
	if (info->header_eof != 0 && info->size < info->header_eof)
		warn(s,
		     "%llu of its %llu bytes %s there, so "
		     "mail will be missing; copy it again, all of it",
		     (unsigned long long)info->size,
		     (unsigned long long)info->header_eof,
		     text_plural(info->size, "is", "are"));
	if (info->header_eof != 0 && info->size > info->header_eof)
		warn(s,
		     "it has %llu bytes, its header says "
		     "%llu; if Outlook was running when it was copied, "
		     "copy it again",
		     (unsigned long long)info->size,
		     (unsigned long long)info->header_eof);
	if (info->healing.header || info->healing.pages > 0)
		warn_healed(s, &info->healing);
	if (!info->clean)
		warn(s, "it was not closed cleanly, so the "
			"newest changes may be missing; if Outlook was "
			"running when it was copied, copy it again");
}

void shown_log_losses(const struct shown *shown)
{
	struct store *s = tree_store(shown->fs.tree);
	const uint64_t places = store_damage_count(s);

	if (store_info(s)->size < store_info(s)->header_eof)
		fuse_log(FUSE_LOG_WARNING, "losses: %llu %s missing\n",
			 (unsigned long long)(store_info(s)->header_eof -
					      store_info(s)->size),
			 text_plural(store_info(s)->header_eof -
					     store_info(s)->size,
				     "byte of the store is",
				     "bytes of the store are"));
	if (places > 0)
		fuse_log(FUSE_LOG_WARNING,
			 "losses: %llu %s damaged, to begin with\n",
			 (unsigned long long)places,
			 text_plural(places, "place of the store is",
				     "places of the store are"));
	if (!store_info(s)->clean)
		fuse_log(FUSE_LOG_WARNING,
			 "losses: the newest changes may be missing: the store "
			 "was not closed cleanly\n");
}

/*
 * One thread of libfuse is at work for a program that goes through a folder,
 * so one processor less than there are has nothing to do. libpff is asked one
 * thing at a time.
 */
static unsigned threads_readahead(const struct options *o)
{
	cpu_set_t usable;

	if (o->single || o->reader != &store_native ||
	    sched_getaffinity(0, sizeof(usable), &usable) != 0)
		return 0;
	return (unsigned)CPU_COUNT(&usable) - 1;
}

/* The control files of higher layers than the tree. */
enum { CONTROLS_MAX = 8 };

static void put_controls(struct tree_options *tree,
			 struct tree_control controls[CONTROLS_MAX],
			 struct manifest_file *manifest)
{
	size_t count = 0;

	while (count < audit_control_count && count < CONTROLS_MAX - 2) {
		controls[count] = audit_controls[count];
		count++;
	}
	controls[count++] =
		(struct tree_control){ "manifest.jsonl", manifest_file_make,
				       manifest };
	controls[count++] = (struct tree_control){ .name = "log",
						   .live_size = log_size,
						   .live_read = log_read };
	tree->controls = controls;
	tree->control_count = count;
}

void shown_lacking(const char *what)
{
	log_say("warning: less protected from a hostile store: %s", what);
}

/* The store is open: this process may do nothing else from here on. */
static void enter_sandbox(void *arg)
{
	const struct sandbox own = { .role = SANDBOX_SERVER,
				     .lack = shown_lacking };

	(void)arg;
	sandbox_enter(&own);
}

void shown_start(struct shown *s, const struct options *o)
{
	*s = (struct shown){
		.o = o,
		.name = o->store,
		.fs = {
			.uid = o->uid,
			.gid = o->gid,
			.umask = o->umask,
			.xattrs = o->xattrs && !o->no_xattrs,
		},
		.manifest = { .fd = -1 },
	};
}

int shown_load(struct shown *s, const char *path, bool sandboxed,
	       struct buf *why)
{
	const struct options *o = s->o;
	const size_t cache = o->cache > 0 ? o->cache : USUAL_CACHE;
	struct advice_look look;
	struct tree_options tree = o->tree;
	struct store_options options = o->reading;
	struct tree_control controls[CONTROLS_MAX];
	struct store *store = NULL;
	struct ost_error err = { "" };
	enum ost_status st = OST_OK;

	/* Blocks are read again and again while plans are made and read. */
	tree.plans = cache / 4;
	tree.readahead = threads_readahead(o);
	put_controls(&tree, controls, &s->manifest);
	options.cache = cache - tree.plans;
	options.recover = options.recover_pff = tree.recovered;
	options.opened = sandboxed ? enter_sandbox : NULL;
	advice_look(&look, path);
	if (!manifest_file_open(&s->manifest, &s->fs, path, s->name, &err))
		st = OST_CANNOT_OPEN;
	if (st == OST_OK)
		st = store_open(&store, path, o->reader, &options, &err);
	if (st == OST_OK) {
		if (o->writable)
			warn(s, "mounted read-only, for a store is never "
				"changed; leave out -o rw");
		warn_of(s, store_info(store));
		st = tree_new(&s->fs.tree, store, &tree, &err);
	}
	if (st != OST_OK)
		advice_put(why, s->name, &look, st, &err, o->reading.heal);
	else if (!fs_ops_start())
		st = ost_no_memory(&err);
	return ost_exit_code(st);
}

void shown_free(struct shown *s)
{
	tree_free(s->fs.tree);
	manifest_file_close(&s->manifest);
}
