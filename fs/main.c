/*
 * main.c - ostfs(1): open a store, mount its tree, serve until unmounted
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bytes/text.h"
#include "cli/advice.h"
#include "fs/front.h"
#include "fs/idle.h"
#include "fs/log.h"
#include "fs/ops.h"
#include "fs/preflight.h"
#include "fs/shown.h"
#include "fs/supervisor.h"
#include "fs/worker.h"
#include "sandbox/sandbox.h"

enum { ARENAS = 2 }; /* of memory: more are no faster, and hold more */

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
					const char *store,
					const struct fuse_lowlevel_ops *ops,
					void *data)
{
	struct buf words = { 0 };
	struct fuse_session *session = NULL;
	char name[] = "ostfs", dash_o[] = "-o";
	char *argv[] = { name, dash_o, NULL, NULL };
	struct fuse_args args = FUSE_ARGS_INIT(3, argv);

	buf_str(&words, "ro,nosuid,nodev,noexec,default_permissions,"
			"subtype=ostfs,fsname=");
	put_source(&words, store);
	if (ops == &front_ops)
		buf_printf(&words, ",max_read=%d", WORKER_READ_MAX);
	buf_str(&words, buf_text(&o->passed));
	if (o->debug)
		buf_str(&words, ",debug");
	argv[2] = words.at;
	if (words.bad)
		log_say("out of memory");
	else
		session = fuse_session_new(&args, ops, sizeof(*ops), data);
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

/* What is to be shown, and what is needed for it. */
struct mounted {
	const struct options *o;
	const char *store; /* its path, absolute */
	int ready;	   /* go_background()'s, or -1 */
	struct shown shown;
	struct front *front; /* of many stores; NULL: of that one */
	struct mount_point point;
};

/* Serve a mounted session to its end; `ready` is go_background()'s, or -1. */
static enum supervisor_end loop(struct mounted *m, struct fuse_session *session)
{
	struct fuse_loop_config config = { .max_idle_threads = 10 };
	int result;

	if (m->ready >= 0 && !go_background(m->ready))
		return SUPERVISOR_TOLD; /* nobody waits for it any more */
	if (m->front != NULL) {
		result = front_loop(m->front, session, m->ready >= 0);
	} else {
		shown_log_losses(&m->shown);
		result = m->o->single ? fuse_session_loop(session)
				      : fuse_session_loop_mt(session, &config);
	}
	if (result == 0)
		return SUPERVISOR_UNMOUNTED;
	if (result > 0)
		return SUPERVISOR_TOLD;
	fuse_log(FUSE_LOG_ERR, "the mount ended: %s\n", strerror(-result));
	return SUPERVISOR_FAILED;
}

/* A session for what is shown, not mounted yet; NULL after saying why not. */
static struct fuse_session *session_for(struct mounted *m)
{
	struct fuse_session *session =
		m->front != NULL
			? session_new(m->o, m->store, &front_ops, m->front)
			: session_new(m->o, m->store, &fs_ops, &m->shown.fs);

	m->shown.fs.session = session;
	return session;
}

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
	session = session_for(m);
	if (session == NULL || fuse_set_signal_handlers(session) != 0 ||
	    fuse_session_mount(session, path) != 0)
		exit(SUPERVISOR_FAILED);
	exit((int)loop(m, session));
}

/* Mount, and wait for the end. Returns the exit code. */
static int keep(struct mounted *m, int channel)
{
	struct fuse_session *session;
	enum supervisor_end end;
	int code;

	if (!supervisor_await(channel, &code))
		return code;
	session = session_for(m); /* which only mounts */
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
	if (m->o->idle_unmount > 0 &&
	    !idle_watch(m->point.path, m->o->idle_unmount)) {
		fuse_session_unmount(session);
		return OST_EXIT_USAGE;
	}
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
	struct fuse_session *session = session_for(m);
	enum supervisor_end end = SUPERVISOR_FAILED;
	int code = OST_EXIT_MOUNT_POINT;

	if (session == NULL)
		return OST_EXIT_USAGE;
	if (fuse_set_signal_handlers(session) != 0)
		goto out_session;
	if (!mount_on(session, &m->point))
		goto out_signals;
	end = loop(m, session);
	code = end <= SUPERVISOR_TOLD ? OST_EXIT_OK : OST_EXIT_USAGE;
	fuse_session_unmount(session);
out_signals:
	fuse_remove_signal_handlers(session);
out_session:
	fuse_session_destroy(session);
	return code;
}

/*
 * Open what is to be shown, for a process that does nothing else from here on.
 * Returns the exit code, after saying what is wrong.
 */
static int load(struct mounted *m, int channel)
{
	const struct sandbox own = { .role = SANDBOX_SERVER,
				     .lack = shown_lacking };
	const bool sandboxed = !m->o->no_sandbox;
	struct buf why = { 0 };
	int code;

	if (m->front != NULL) {
		if (!front_start(m->front, channel, m->ready))
			return OST_EXIT_USAGE;
		if (sandboxed)
			sandbox_enter(&own);
		return OST_EXIT_OK;
	}
	code = shown_load(&m->shown, m->store, sandboxed, &why);
	if (code != OST_EXIT_OK)
		log_say("%s", buf_text(&why));
	buf_free(&why);
	return code;
}

static void mounted_free(struct mounted *m)
{
	shown_free(&m->shown);
	front_free(m->front);
	mount_point_leave(&m->point);
}

/* In a process of its own. Does not return. */
static void run_sandboxed(struct mounted *m, int channel)
{
	const int code = load(m, channel);

	if (code == OST_EXIT_OK)
		serve_sandboxed(m, channel);
	mounted_free(m);
	exit(code);
}

static int run_by_supervisor(struct mounted *m)
{
	int channel, code;

	if (m->o->idle_unmount > 0 && !idle_start())
		return OST_EXIT_USAGE;
	if (supervisor_fork(&channel))
		run_sandboxed(m, channel);
	code = channel >= 0 ? keep(m, channel) : OST_EXIT_USAGE;
	mounted_free(m);
	exit(code); /* libfuse frees no session that is mounted */
}

static int run(const struct options *o, const char *store, struct front *front,
	       int ready)
{
	struct mounted m = {
		.o = o,
		.store = store,
		.front = front,
		.ready = ready,
		.point = { .made = -1 },
	};
	const char *lacking;
	int code = OST_EXIT_MOUNT_POINT;

	shown_start(&m.shown, o);
	/* All paths are absolute now: never stand inside our own mount. */
	if (!mount_point_find(&m.point, o, store) ||
	    (front != NULL && !front_allows(front, store, m.point.path)) ||
	    !fuse_usable(o) || chdir("/") != 0 ||
	    (ready >= 0 && !leave_terminal()))
		goto out;
	code = OST_EXIT_USAGE;
	if (!sandbox_load(&lacking)) {
		log_say("%s", lacking);
		goto out;
	}
	text_load();
	mail_load();
	if (!o->no_sandbox)
		return run_by_supervisor(&m);
	code = load(&m, -1);
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
static int run_in_background(const struct options *o, const char *store,
			     struct front *front)
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
		return run(o, store, front, ends[1]);
	}
	close(ends[1]);
	code = await(child, ends[0]);
	close(ends[0]);
	front_free(front);
	return code;
}

static int no_store(const struct options *o, int error)
{
	struct advice_look look;
	struct buf why = { 0 };
	struct ost_error err;
	const enum ost_status st =
		ost_fail(&err, OST_CANNOT_OPEN, "%s", strerror(error));

	advice_look(&look, o->store);
	advice_put(&why, o->store, &look, st, &err, o->reading.heal);
	log_say("%s", buf_text(&why));
	buf_free(&why);
	return ost_exit_code(st);
}

/* Many stores: those below a directory, or that are named. */
static bool is_fleet(const struct options *o)
{
	struct stat st;

	return o->fleet.len > 0 || o->store_count > 1 ||
	       (stat(o->store, &st) == 0 && S_ISDIR(st.st_mode));
}

static int start(const struct options *o)
{
	struct front *front = NULL;
	char *store = NULL;
	int code = OST_EXIT_OK;

	if (o->store_count == 1 && advice_swapped(o->store, o->mount_point)) {
		log_say("%s is the store and comes first: ostfs %s %s",
			o->mount_point, o->mount_point, o->store);
		return OST_EXIT_USAGE;
	}
	if (is_fleet(o))
		code = front_open(&front, o, &store);
	else if ((store = realpath(o->store, NULL)) == NULL)
		code = no_store(o, errno);
	if (code != OST_EXIT_OK)
		;
	else if (o->foreground)
		code = run(o, store, front, -1);
	else
		code = run_in_background(o, store, front);
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
