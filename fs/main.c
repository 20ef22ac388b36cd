/*
 * main.c - ostfs(1): open a store, mount its tree, serve until unmounted
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit/audit.h"
#include "bytes/text.h"
#include "cli/advice.h"
#include "fs/log.h"
#include "fs/manifest.h"
#include "fs/ops.h"
#include "fs/preflight.h"
#include "fs/supervisor.h"
#include "sandbox/sandbox.h"

enum { ARENAS = 2 }; /* of memory: more are no faster, and hold more */

static void warn_healed(const char *path, const struct store_healing *h)
{
	const uint64_t found = h->nodes + h->blocks;

	log_say("%s: warning: healed: %s%llu %s of its index could not be "
		"read, %llu %s found without them",
		path, h->header ? "its header is damaged, " : "",
		(unsigned long long)h->pages,
		text_plural(h->pages, "page", "pages"),
		(unsigned long long)found,
		text_plural(found, "entry was", "entries were"));
}

/* Say what a copy of a store in use, or of part of one, will lack. */
static void warn(const char *path, const struct store_info *info)
{
	if (info->header_eof != 0 && info->size < info->header_eof)
		log_say("%s: warning: %llu of its %llu bytes %s there, so "
			"mail will be missing; copy it again, all of it",
			path, (unsigned long long)info->size,
			(unsigned long long)info->header_eof,
			text_plural(info->size, "is", "are"));
	if (info->header_eof != 0 && info->size > info->header_eof)
		log_say("%s: warning: it has %llu bytes, its header says "
			"%llu; if Outlook was running when it was copied, "
			"copy it again",
			path, (unsigned long long)info->size,
			(unsigned long long)info->header_eof);
	if (info->healing.header || info->healing.pages > 0)
		warn_healed(path, &info->healing);
	if (!info->clean)
		log_say("%s: warning: it was not closed cleanly, so the "
			"newest changes may be missing; if Outlook was "
			"running when it was copied, copy it again",
			path);
}

/* A path as mount(8) may show it: ":" would look like another machine's. */
static void put_source(struct buf *out, const char *path)
{
	for (const char *c = path; *c != '\0'; c++) {
		const bool plain = strchr(":,\\", *c) == NULL &&
				   (unsigned char)*c >= ' ' && *c != 0x7F;

		buf_byte(out, plain ? *c : '_');
	}
}

/* A session that is not mounted yet; NULL after saying why not. */
static struct fuse_session *session_new(const struct options *o,
					const char *store, struct fs *fs)
{
	struct buf words = { 0 };
	struct fuse_session *session = NULL;
	char name[] = "ostfs", dash_o[] = "-o";
	char *argv[] = { name, dash_o, NULL, NULL };
	struct fuse_args args = FUSE_ARGS_INIT(3, argv);

	buf_str(&words, "ro,nosuid,nodev,noexec,default_permissions,"
			"subtype=ostfs,fsname=");
	put_source(&words, store);
	buf_str(&words, buf_text(&o->passed));
	if (o->debug)
		buf_str(&words, ",debug");
	argv[2] = words.at;
	if (words.bad)
		log_say("out of memory");
	else
		session = fuse_session_new(&args, &fs_ops, sizeof(fs_ops), fs);
	fuse_opt_free_args(&args);
	buf_free(&words);
	return session;
}

/* The last line of what was said, without "ostfs: " and the line's end. */
static const char *last_line(struct buf *said)
{
	static const char prefix[] = "ostfs: ";
	const char *line = buf_text(said), *end;

	while (said->len > 0 && said->at[said->len - 1] == '\n')
		buf_cut(said, said->len - 1);
	end = strrchr(line, '\n');
	if (end != NULL)
		line = end + 1;
	if (strncmp(line, prefix, strlen(prefix)) == 0)
		line += strlen(prefix);
	return *line != '\0' ? line : strerror(errno);
}

/*
 * Mount, and say in one sentence why it could not be done. Not, with `again`
 * set, when the directory has gone meanwhile.
 */
static bool try_mount(struct fuse_session *session,
		      const struct mount_point *point, bool *again)
{
	const char *path = point->path;
	struct buf said = { 0 };
	const bool held = log_hold();
	const bool mounted = fuse_session_mount(session, path) == 0;

	if (held)
		log_held(&said);
	*again = *again && !mounted && mount_point_gone(point);
	if (*again)
		;
	else if (mounted)
		fputs(buf_text(&said), stderr); /* only warnings then */
	else if (strstr(buf_text(&said), "not permitted") != NULL)
		log_say("%s: cannot mount: %s; in a container, start it with "
			"--device /dev/fuse --cap-add SYS_ADMIN",
			path, last_line(&said));
	else
		log_say("%s: cannot mount: %s", path, last_line(&said));
	buf_free(&said);
	return mounted;
}

/* The mount before us may be removing the directory that it made. */
static bool mount_on(struct fuse_session *session, struct mount_point *point)
{
	enum { TRIES = 100 };
	bool again = true;

	for (int i = 1; again; i++) {
		again = i < TRIES;
		if (!mount_point_make(point))
			return false;
		if (try_mount(session, point, &again))
			return true;
	}
	return false;
}

/* What can be done of leaving the terminal as long as files can be opened. */
static bool leave_terminal(void)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	const bool good = null >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
			  dup2(null, STDOUT_FILENO) >= 0;

	if (null >= 0)
		close(null);
	log_prepare();
	return good;
}

/*
 * Tell the parent, by a byte into `ready`, that all is well, and speak to the
 * log only. False if nobody is waiting any more.
 */
static bool go_background(int ready)
{
	const bool good = setsid() >= 0 && write(ready, "", 1) == 1 &&
			  dup2(STDOUT_FILENO, STDERR_FILENO) >= 0;

	close(ready);
	log_to_syslog();
	return good;
}

/* To the log of the running mount, whoever mounted it. */
static void log_losses(struct tree *t)
{
	struct store *s = tree_store(t);
	struct store_damage damage;
	size_t places = 0;

	while (store_damage(s, places, &damage))
		places++;
	if (s->info.size < s->info.header_eof)
		fuse_log(
			FUSE_LOG_WARNING, "losses: %llu %s missing\n",
			(unsigned long long)(s->info.header_eof - s->info.size),
			text_plural(s->info.header_eof - s->info.size,
				    "byte of the store is",
				    "bytes of the store are"));
	if (places > 0)
		fuse_log(FUSE_LOG_WARNING,
			 "losses: %zu %s damaged, to begin with\n", places,
			 text_plural(places, "place of the store is",
				     "places of the store are"));
	if (!s->info.clean)
		fuse_log(FUSE_LOG_WARNING,
			 "losses: the newest changes may be missing: the store "
			 "was not closed cleanly\n");
}

/* Serve a mounted session to its end; `ready` is go_background()'s, or -1. */
static enum supervisor_end loop(const struct fs *fs, const struct options *o,
				int ready)
{
	struct fuse_session *session = fs->session;
	struct fuse_loop_config config = { .max_idle_threads = 10 };
	int result;

	if (ready >= 0 && !go_background(ready))
		return SUPERVISOR_TOLD; /* nobody waits for it any more */
	log_losses(fs->tree);
	result = o->single ? fuse_session_loop(session)
			   : fuse_session_loop_mt(session, &config);
	if (result == 0)
		return SUPERVISOR_UNMOUNTED;
	if (result > 0)
		return SUPERVISOR_TOLD;
	fuse_log(FUSE_LOG_ERR, "the mount ended: %s\n", strerror(-result));
	return SUPERVISOR_FAILED;
}

/* What is to be shown, and what is needed for it. */
struct mounted {
	const struct options *o;
	const char *store; /* its path, absolute */
	struct advice_look look;
	int ready; /* go_background()'s, or -1 */
	struct fs fs;
	struct manifest_file manifest;
	struct mount_point point;
};

/* Serve by the device that the supervisor gives us. Does not return. */
static void serve_sandboxed(struct mounted *m, int channel)
{
	const int device = supervisor_take(channel);
	struct fuse_session *session;
	char path[32];

	close(channel);
	if (device < 0)
		exit(SUPERVISOR_TOLD);
	snprintf(path, sizeof(path), "/dev/fd/%d", device);
	session = session_new(m->o, m->store, &m->fs);
	m->fs.session = session;
	if (session == NULL || fuse_set_signal_handlers(session) != 0 ||
	    fuse_session_mount(session, path) != 0)
		exit(SUPERVISOR_FAILED);
	exit((int)loop(&m->fs, m->o, m->ready));
}

/* Mount, and wait for the end. Returns the exit code. */
static int keep(struct mounted *m, int channel)
{
	struct fuse_session *session;
	enum supervisor_end end;
	int code;

	if (!supervisor_await(channel, &code))
		return code;
	session = session_new(m->o, m->store, NULL);
	m->fs.session = session;
	if (session == NULL)
		return OST_EXIT_USAGE;
	if (!mount_on(session, &m->point))
		return OST_EXIT_MOUNT_POINT;
	if (!supervisor_give(channel, fuse_session_fd(session))) {
		fuse_session_unmount(session);
		return OST_EXIT_USAGE;
	}
	close(channel);
	/* A mount is dead when nobody has its device, and better dead than
	   without an answer. */
	close(fuse_session_fd(session));
	end = supervisor_wait(m->ready);
	/* What is no longer its mount is left alone, and what is dead: that
	   says so, where an empty directory would be copied. */
	if (end == SUPERVISOR_TOLD || end == SUPERVISOR_FAILED)
		fuse_session_unmount(session);
	return end <= SUPERVISOR_TOLD ? OST_EXIT_OK : OST_EXIT_USAGE;
}

/* Mount and serve, in this process. Returns the exit code. */
static int serve_unprotected(struct mounted *m)
{
	struct fuse_session *session = session_new(m->o, m->store, &m->fs);
	enum supervisor_end end = SUPERVISOR_FAILED;
	int code = OST_EXIT_MOUNT_POINT;

	if (session == NULL)
		return OST_EXIT_USAGE;
	m->fs.session = session;
	if (fuse_set_signal_handlers(session) != 0)
		goto out_session;
	if (!mount_on(session, &m->point))
		goto out_signals;
	end = loop(&m->fs, m->o, m->ready);
	code = end <= SUPERVISOR_TOLD ? OST_EXIT_OK : OST_EXIT_USAGE;
	fuse_session_unmount(session);
out_signals:
	fuse_remove_signal_handlers(session);
out_session:
	fuse_session_destroy(session);
	return code;
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

static void say_why(const struct mounted *m, enum ost_status st,
		    const struct ost_error *err)
{
	struct buf why = { 0 };

	advice_put(&why, m->o->store, &m->look, st, err, m->o->reading.heal);
	log_say("%s", buf_text(&why));
	buf_free(&why);
}

static void say_lacking(const char *what)
{
	log_say("warning: less protected from a hostile store: %s", what);
}

/* The store is open: this process may do nothing else from here on. */
static void enter_sandbox(void *arg)
{
	const struct sandbox own = { .role = SANDBOX_SERVER,
				     .lack = say_lacking };

	(void)arg;
	sandbox_enter(&own);
}

/* Read the store. Returns the exit code, after saying what is wrong. */
static int load(struct mounted *m, void (*opened)(void *arg))
{
	const struct options *o = m->o;
	struct tree_options tree = o->tree;
	struct store_options options = o->reading;
	struct tree_control controls[CONTROLS_MAX];
	struct store *store = NULL;
	struct ost_error err = { "" };
	enum ost_status st = OST_OK;

	/* Blocks are read again and again while plans are made and read. */
	tree.plans = o->cache / 4;
	tree.readahead = threads_readahead(o);
	put_controls(&tree, controls, &m->manifest);
	options.cache = o->cache - tree.plans;
	options.recover = options.recover_pff = tree.recovered;
	options.opened = opened;
	if (!manifest_file_open(&m->manifest, &m->fs, m->store, &err))
		st = OST_CANNOT_OPEN;
	if (st == OST_OK)
		st = store_open(&store, m->store, o->reader, &options, &err);
	if (st == OST_OK) {
		if (o->writable)
			log_say("%s: warning: mounted read-only, for a store "
				"is never changed; leave out -o rw",
				o->store);
		warn(o->store, &store->info);
		st = tree_new(&m->fs.tree, store, &tree, &err);
	}
	if (st != OST_OK)
		say_why(m, st, &err);
	else if (!fs_ops_start())
		return OST_EXIT_USAGE;
	return ost_exit_code(st);
}

static void mounted_free(struct mounted *m)
{
	tree_free(m->fs.tree);
	manifest_file_close(&m->manifest);
	mount_point_leave(&m->point);
}

/* In a process of its own. Does not return. */
static void run_sandboxed(struct mounted *m, int channel)
{
	const int code = load(m, enter_sandbox);

	if (code == OST_EXIT_OK)
		serve_sandboxed(m, channel);
	mounted_free(m);
	exit(code);
}

static int run_by_supervisor(struct mounted *m)
{
	int channel, code;

	if (supervisor_fork(&channel))
		run_sandboxed(m, channel);
	code = channel >= 0 ? keep(m, channel) : OST_EXIT_USAGE;
	mounted_free(m);
	exit(code); /* libfuse frees no session that is mounted */
}

static int run(const struct options *o, const char *store, int ready)
{
	struct mounted m = {
		.o = o,
		.store = store,
		.ready = ready,
		.fs = {
			.uid = o->uid,
			.gid = o->gid,
			.umask = o->umask,
			.xattrs = o->xattrs && !o->no_xattrs,
		},
		.manifest = { .fd = -1 },
		.point = { .made = -1 },
	};
	const char *lacking;
	int code = OST_EXIT_MOUNT_POINT;

	/* All paths are absolute now: never stand inside our own mount. */
	if (!mount_point_find(&m.point, o, store) || !fuse_usable(o) ||
	    chdir("/") != 0 || (ready >= 0 && !leave_terminal()))
		goto out;
	advice_look(&m.look, store);
	code = OST_EXIT_USAGE;
	if (!sandbox_load(&lacking)) {
		log_say("%s", lacking);
		goto out;
	}
	text_load();
	mail_load();
	if (!o->no_sandbox)
		return run_by_supervisor(&m);
	code = load(&m, NULL);
	if (code == OST_EXIT_OK)
		code = serve_unprotected(&m);
out:
	mounted_free(&m);
	return code;
}

/* The exit code of the mount: 0 once it is there, else what became of it. */
static int await(pid_t child, int ready)
{
	char byte;
	int status;

	if (read(ready, &byte, 1) == 1)
		return OST_EXIT_OK;
	if (waitpid(child, &status, 0) != child)
		return OST_EXIT_USAGE;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	log_say("ended by signal %d before the mount was there",
		WTERMSIG(status));
	return 128 + WTERMSIG(status);
}

/* In a process of its own, made before anything has threads. */
static int run_in_background(const struct options *o, const char *store)
{
	int ends[2];
	pid_t child;
	int code;

	if (pipe2(ends, O_CLOEXEC) != 0) {
		log_say("pipe: %s", strerror(errno));
		return OST_EXIT_USAGE;
	}
	child = fork();
	if (child < 0) {
		log_say("fork: %s", strerror(errno));
		return OST_EXIT_USAGE;
	}
	if (child == 0) {
		close(ends[0]);
		return run(o, store, ends[1]);
	}
	close(ends[1]);
	code = await(child, ends[0]);
	close(ends[0]);
	return code;
}

static int no_store(const struct options *o, int error)
{
	struct mounted m = { .o = o };
	struct ost_error err;
	const enum ost_status st =
		ost_fail(&err, OST_CANNOT_OPEN, "%s", strerror(error));

	advice_look(&m.look, o->store);
	say_why(&m, st, &err);
	return ost_exit_code(st);
}

static int start(const struct options *o)
{
	char *store;
	int code;

	if (advice_swapped(o->store, o->mount_point)) {
		log_say("%s is the store and comes first: ostfs %s %s",
			o->mount_point, o->mount_point, o->store);
		return OST_EXIT_USAGE;
	}
	store = realpath(o->store, NULL);
	if (store == NULL)
		code = no_store(o, errno);
	else if (o->foreground)
		code = run(o, store, -1);
	else
		code = run_in_background(o, store);
	free(store);
	return code;
}

int main(int argc, char **argv)
{
	struct options o;
	int code = OST_EXIT_OK;

	/* What one thread plans another frees: few arenas stay dense. */
	mallopt(M_ARENA_MAX, ARENAS);
	log_start();
	if (!options_read(&o, argc, argv))
		code = OST_EXIT_USAGE;
	else if (o.help)
		options_help();
	else if (o.version)
		options_version();
	else
		code = start(&o);
	options_free(&o);
	return code;
}
