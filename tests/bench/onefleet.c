/*
 * onefleet - many stores behind one mount, all read by one process
 *
 *	onefleet -f DIRECTORY MOUNTPOINT
 *
 * The other way in which ostfs could serve a directory of stores, to measure
 * against a process for each: the same operations over the same trees, with the
 * same caches, but in the process that has the mount, so that nothing is
 * handed on and no process is started. It does the least that this takes: it
 * looks once which stores there are, closes none again, and has no sandbox. So
 * what it takes is the least that this way could take.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fleet/fleet.h"
#include "fs/ops.h"
#include "store/identity.h"

enum {
	CACHE = 1 << 20, /* of each store, as ostfs has it for 64 or more */
	MESSAGE_MAX = (1 << 20) + 4096, /* what the kernel may send */
	THREADS = 4,
	DOTS = 2,
};

static const double forever = 1e9;

/* A store: its number is that in the fleet, and 1, which is its slot. */
struct held {
	pthread_mutex_t lock;
	struct fs fs; /* `tree` is NULL until it is asked for */
	struct fuse_session *session;
	bool failed;
};

static struct {
	const char *directory;
	struct fleet fleet;
	struct held *stores; /* fleet.count of them */
	struct fuse_session *top;
	/* FUSE_INIT as it came, for the sessions of the stores. */
	_Alignas(8) uint8_t init[256];
	size_t init_len;
} all;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "onefleet: %s\n", what);
	exit(1);
}

/* --- stores ----------------------------------------------------------------
 */

static bool open_tree(struct held *s, const char *path)
{
	const struct tree_options shape = {
		.plans = CACHE / 4,
		.readahead = (unsigned)sysconf(_SC_NPROCESSORS_ONLN) - 1,
	};
	const struct store_options how = { .cache = CACHE - CACHE / 4 };
	struct store *store = NULL;
	struct ost_error err;

	return store_open(&store, path, &store_native, &how, &err) == OST_OK &&
	       tree_new(&s->fs.tree, store, &shape, &err) == OST_OK;
}

/* As a process of its own finds out whose the store is. */
static void *find_whose(void *arg)
{
	const struct store_identity *i;
	struct ost_error err;

	(void)!store_identity(arg, &i, &err);
	return NULL;
}

/* A session of its own, which answers where the mount's is asked. */
static bool open_session(struct held *s)
{
	char name[] = "onefleet", path[32];
	char *argv[] = { name, NULL };
	struct fuse_args args = FUSE_ARGS_INIT(1, argv);
	const struct fuse_buf init = { .size = all.init_len, .mem = all.init };
	pthread_t thread;

	s->session = fuse_session_new(&args, &fs_ops, sizeof(fs_ops), &s->fs);
	fuse_opt_free_args(&args);
	s->fs.session = s->session;
	snprintf(path, sizeof(path), "/dev/fd/%d",
		 dup(fuse_session_fd(all.top)));
	if (s->session == NULL || fuse_session_mount(s->session, path) != 0)
		return false;
	/* The kernel has its answer, and takes no second one. */
	fuse_session_process_buf(s->session, &init);
	if (pthread_create(&thread, NULL, find_whose, tree_store(s->fs.tree)) ==
	    0)
		pthread_detach(thread);
	return true;
}

/* NULL: it cannot be read. */
static struct held *open_store(size_t number)
{
	struct held *s = &all.stores[number];
	char *path = NULL;

	pthread_mutex_lock(&s->lock);
	if (s->session == NULL && !s->failed) {
		s->fs.slot = (uint64_t)(number + 1) << FS_SLOT_SHIFT;
		s->fs.umask = 022;
		s->failed = asprintf(&path, "%s/%s", all.directory,
				     all.fleet.stores[number].path) < 0 ||
			    !open_tree(s, path) || !open_session(s);
		free(path);
	}
	pthread_mutex_unlock(&s->lock);
	return s->failed ? NULL : s;
}

/* --- the top ---------------------------------------------------------------
 */

static struct fuse_entry_param entry_of(fuse_ino_t ino)
{
	return (struct fuse_entry_param){
		.ino = ino,
		.attr = { .st_ino = ino,
			  .st_mode = S_IFDIR | 0755,
			  .st_nlink = 1 },
		.attr_timeout = forever,
		.entry_timeout = forever,
	};
}

static fuse_ino_t root_of(size_t number)
{
	return (uint64_t)(number + 1) << FS_SLOT_SHIFT | TREE_ROOT;
}

static void top_init(void *data, struct fuse_conn_info *conn)
{
	(void)data;
	conn->want |= conn->capable & FUSE_CAP_EXPORT_SUPPORT;
}

static void top_lookup(fuse_req_t req, fuse_ino_t dir, const char *name)
{
	(void)dir;
	for (size_t i = 0; i < all.fleet.count; i++) {
		const struct fuse_entry_param entry = entry_of(root_of(i));

		if (strcmp(all.fleet.stores[i].name, name) != 0)
			continue;
		fuse_reply_entry(req, &entry);
		return;
	}
	fuse_reply_err(req, ENOENT);
}

static void top_getattr(fuse_req_t req, fuse_ino_t ino,
			struct fuse_file_info *fi)
{
	const struct fuse_entry_param entry = entry_of(ino);

	(void)fi;
	fuse_reply_attr(req, &entry.attr, forever);
}

static void top_readdir(fuse_req_t req, fuse_ino_t dir, size_t size, off_t off,
			struct fuse_file_info *fi)
{
	char *at = malloc(size);
	size_t used = 0;

	(void)fi;
	for (size_t i = (size_t)off; at != NULL && i < all.fleet.count + DOTS;
	     i++) {
		const bool dot = i < DOTS;
		const struct fuse_entry_param e =
			entry_of(dot ? dir : root_of(i - DOTS));
		const char *name = i == 0 ? "."
				   : dot  ? ".."
					  : all.fleet.stores[i - DOTS].name;
		const size_t need =
			fuse_add_direntry(req, at + used, size - used, name,
					  &e.attr, (off_t)i + 1);

		if (need > size - used)
			break;
		used += need;
	}
	fuse_reply_buf(req, at, used);
	free(at);
}

static const struct fuse_lowlevel_ops top_ops = {
	.init = top_init,
	.lookup = top_lookup,
	.getattr = top_getattr,
	.readdir = top_readdir,
};

/* --- requests --------------------------------------------------------------
 */

static void refuse(uint64_t unique)
{
	const struct fuse_out_header out = { .len = sizeof(out),
					     .error = -EIO,
					     .unique = unique };

	(void)!write(fuse_session_fd(all.top), &out, sizeof(out));
}

static bool is_for_nobody(const struct fuse_in_header *in)
{
	return in->opcode == FUSE_FORGET || in->opcode == FUSE_BATCH_FORGET ||
	       in->opcode == FUSE_INTERRUPT;
}

/* Whose directory it is, the top says without opening the store. */
static bool is_for_top(const struct fuse_in_header *in)
{
	const uint64_t slot = in->nodeid >> FS_SLOT_SHIFT;

	return slot == 0 || slot > all.fleet.count ||
	       (in->opcode == FUSE_GETATTR && in->nodeid == root_of(slot - 1));
}

static void route(void *message, size_t len)
{
	const struct fuse_in_header *in = message;
	const struct fuse_buf whole = { .size = len, .mem = message };
	const struct held *s;

	if (is_for_nobody(in))
		return;
	if (is_for_top(in)) {
		fuse_session_process_buf(all.top, &whole);
		return;
	}
	s = open_store((in->nodeid >> FS_SLOT_SHIFT) - 1);
	if (s == NULL)
		refuse(in->unique);
	else
		fuse_session_process_buf(s->session, &whole);
}

/* True: nothing more will be asked. */
static bool serve_one(void *message)
{
	const ssize_t got =
		read(fuse_session_fd(all.top), message, MESSAGE_MAX);

	if (got < (ssize_t)sizeof(struct fuse_in_header))
		return got >= 0 ||
		       (errno != EINTR && errno != EAGAIN && errno != ENOENT);
	route(message, (size_t)got);
	return false;
}

static void *serve(void *none)
{
	void *message = malloc(MESSAGE_MAX);

	while (message != NULL && !serve_one(message))
		;
	free(message);
	return none;
}

/* The first request of a mount, before there are threads. */
static void greet(void)
{
	static _Alignas(8) uint8_t message[MESSAGE_MAX];
	const ssize_t got =
		read(fuse_session_fd(all.top), message, sizeof(message));

	if (got <= 0 || (size_t)got > sizeof(all.init))
		die("the kernel does not begin as it should");
	memcpy(all.init, message, (size_t)got);
	all.init_len = (size_t)got;
	route(message, (size_t)got);
}

/* --- to begin with ---------------------------------------------------------
 */

static void look(const char *directory)
{
	const int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct ost_error err;

	all.directory = directory;
	if (dir < 0 || fleet_find(&all.fleet, dir, &err) != OST_OK ||
	    fleet_name(&all.fleet, &err) != OST_OK)
		die("the stores cannot be found");
	all.stores = calloc(all.fleet.count + 1, sizeof(*all.stores));
	if (all.stores == NULL || !fs_ops_start())
		die("out of memory");
	for (size_t i = 0; i < all.fleet.count; i++)
		pthread_mutex_init(&all.stores[i].lock, NULL);
	close(dir);
}

int main(int argc, char **argv)
{
	char name[] = "onefleet", o[] = "-oro,nosuid,nodev,noexec,"
					"fsname=onefleet,default_permissions";
	char *given[] = { name, o, NULL };
	struct fuse_args args = FUSE_ARGS_INIT(2, given);
	pthread_t threads[THREADS];

	mallopt(M_ARENA_MAX, 2); /* as ostfs */
	if (argc != 4 || strcmp(argv[1], "-f") != 0)
		die("usage: onefleet -f DIRECTORY MOUNTPOINT");
	look(argv[2]);
	all.top = fuse_session_new(&args, &top_ops, sizeof(top_ops), NULL);
	if (all.top == NULL || fuse_session_mount(all.top, argv[3]) != 0)
		die("cannot mount");
	greet();
	for (size_t i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, serve, NULL) != 0)
			die("no threads");
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	/* What is left is the process's, which ends here. */
	return 0;
}
