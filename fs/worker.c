#include "fs/worker.h"

#include <fuse_lowlevel.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fs/log.h"
#include "fs/shown.h"
#include "store/identity.h"

struct working {
	const struct worker *w;
	int channel;
	struct shown shown;
	struct buf warnings;
};

static void say(const struct working *g, char kind, int code, struct span words)
{
	struct fuse_out_header head = { .error = code, .unique = WORKER_SAYS };
	struct buf out = { 0 };

	if (words.len > WORKER_WORDS_MAX)
		words.len = WORKER_WORDS_MAX;
	head.len = (uint32_t)(sizeof(head) + 1 + words.len);
	buf_add(&out, &head, sizeof(head));
	buf_byte(&out, kind);
	buf_add(&out, words.at, words.len);
	/* A message is sent whole, also between those of libfuse. */
	if (!out.bad)
		(void)!send(g->channel, out.at, out.len, MSG_NOSIGNAL);
	buf_free(&out);
}

/* A warning of the store, which does not keep it from being shown. */
static void keep_warning(void *arg, const char *text)
{
	struct working *g = arg;

	buf_str(&g->warnings, g->warnings.len > 0 ? "\n" : "");
	buf_str(&g->warnings, text);
}

/* Whose mail it is takes a read of some of it: nobody waits for that. */
static void *say_whose(void *arg)
{
	const struct working *g = arg;
	const struct store_identity *i;
	struct buf words = { 0 };
	struct ost_error err;

	if (store_identity(tree_store(g->shown.fs.tree), &i, &err) != OST_OK)
		return NULL;
	if (i->mailboxes[0].has_guid)
		store_guid_text(i->mailboxes[0].guid, &words);
	buf_byte(&words, '\0');
	buf_str(&words, i->mailboxes[0].owner.address);
	buf_byte(&words, '\0');
	buf_str(&words, i->mailboxes[0].owner.name);
	buf_byte(&words, '\0');
	if (!words.bad)
		say(g, WORKER_WHOSE, 0, buf_span(&words));
	buf_free(&words);
	return NULL;
}

static void serve(struct working *g)
{
	struct fuse_loop_config config = { .max_idle_threads = 2 };
	char name[] = "ostfs", path[32];
	char *argv[] = { name, NULL };
	struct fuse_args args = FUSE_ARGS_INIT(1, argv);
	struct fuse_session *session =
		fuse_session_new(&args, &fs_ops, sizeof(fs_ops), &g->shown.fs);
	pthread_t thread;

	log_until_closed(g->channel);
	fuse_opt_free_args(&args);
	snprintf(path, sizeof(path), "/dev/fd/%d", g->channel);
	g->shown.fs.session = session;
	if (session == NULL || fuse_session_mount(session, path) != 0)
		return;
	if (pthread_create(&thread, NULL, say_whose, g) == 0)
		pthread_detach(thread);
	if (g->w->o->single)
		fuse_session_loop(session);
	else
		fuse_session_loop_mt(session, &config);
}

void worker_run(const struct worker *w, int channel)
{
	static struct working g; /* as long as its threads */
	const struct options *o = w->o;
	struct buf why = { 0 };
	char path[64];
	int code;

	g = (struct working){ .w = w, .channel = channel };
	snprintf(path, sizeof(path), "/proc/self/fd/%d", w->store);
	shown_start(&g.shown, o);
	g.shown.name = w->path;
	g.shown.warn = keep_warning;
	g.shown.arg = &g;
	g.shown.fs.slot = (uint64_t)w->slot << FS_SLOT_SHIFT;
	g.shown.fs.generation = w->generation;
	code = shown_load(&g.shown, path, !o->no_sandbox, &why);
	if (code == OST_EXIT_OK) {
		say(&g, WORKER_READY, 0, buf_span(&g.warnings));
		serve(&g);
	} else {
		say(&g, WORKER_FAILED, code, buf_span(&why));
	}
	_exit(code);
}
