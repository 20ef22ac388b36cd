/*
 * nullfs - a file system that does nothing: what FUSE itself costs
 *
 *	find STORE-MOUNT -printf '%y %d %s %f\0' >LISTING
 *	nullfs [-o open] [FUSE-OPTION...] LISTING MOUNTPOINT
 *
 * Serves the tree in LISTING with the names and sizes it has there, in its
 * order, and with the kernel options that ostfs has; -o open makes the kernel
 * ask for each file that is opened. Files are full of lines of 'x'. So the same
 * work on the same tree takes here the least it can take anywhere: ostfs is
 * measured against that.
 */
#include <errno.h>
#include <fuse_lowlevel.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DEPTH_MAX = 256, DOTS = 2, LINE = 78, READ_MAX = 1 << 20 };

static const double forever = 1e9;

/* An entry of the tree; its inode number is its index, the root's is 1. */
struct node {
	char *name; /* owned */
	uint64_t size;
	uint32_t parent;
	uint32_t children; /* of a directory: how many, and the first */
	uint32_t subdirs;
	uint32_t first; /* in `order` */
	bool is_dir;
};

/* All of it; never changes once it is mounted. */
struct tree {
	struct node *at;
	uint32_t count; /* and one more, as there is no inode 0 */
	uint32_t cap;
	uint32_t *order; /* children of each directory, side by side */
	uint32_t *slots; /* by name and parent: an inode, or 0 */
	uint32_t mask;
	int open; /* the kernel shall ask to open files */
	char *listing;
};

static _Noreturn void die(const char *what, const char *about)
{
	fprintf(stderr, "nullfs: %s: %s\n", about, what);
	exit(1);
}

static void *checked(void *p)
{
	if (p == NULL)
		die(strerror(ENOMEM), "listing");
	return p;
}

static struct node *add(struct tree *t)
{
	if (t->count + 1 >= t->cap) {
		t->cap = t->cap == 0 ? 1024 : t->cap * 2;
		t->at = checked(realloc(t->at, t->cap * sizeof(*t->at)));
	}
	t->at[++t->count] = (struct node){ 0 };
	return &t->at[t->count];
}

/* One line: type, depth, size and name. `above` are the last of each depth. */
static void read_entry(struct tree *t, const char *line, uint32_t *above)
{
	unsigned long long size;
	unsigned depth;
	int name = 0;
	char type;

	if (sscanf(line, "%c %u %llu%n", &type, &depth, &size, &name) != 3 ||
	    depth >= DEPTH_MAX || (depth == 0) != (t->count == 0))
		die("not what find(1) prints", t->listing);

	struct node *n = add(t);
	n->name = checked(strdup(line + name + 1));
	n->is_dir = type == 'd';
	n->size = n->is_dir ? 0 : size;
	n->parent = depth == 0 ? FUSE_ROOT_ID : above[depth - 1];
	above[depth] = t->count;
	if (depth > 0) {
		t->at[n->parent].children++;
		t->at[n->parent].subdirs += n->is_dir;
	}
}

static void read_listing(struct tree *t)
{
	FILE *in = fopen(t->listing, "r");
	uint32_t above[DEPTH_MAX] = { 0 };
	char *line = NULL;
	size_t cap = 0;

	if (in == NULL)
		die(strerror(errno), t->listing);
	while (getdelim(&line, &cap, '\0', in) > 0)
		read_entry(t, line, above);
	if (ferror(in) || t->count == 0)
		die("cannot be read, or is empty", t->listing);
	free(line);
	fclose(in);
}

static uint32_t slot_of(const struct tree *t, uint32_t parent, const char *name)
{
	uint64_t hash = parent;

	for (const char *c = name; *c != '\0'; c++)
		hash = (hash ^ (uint8_t)*c) * UINT64_C(0x100000001B3);
	return (uint32_t)(hash >> 20) & t->mask;
}

/* The inode in the slot of that name, or the empty slot where it belongs. */
static uint32_t *find_slot(const struct tree *t, uint32_t parent,
			   const char *name)
{
	uint32_t i = slot_of(t, parent, name);

	for (;; i = (i + 1) & t->mask) {
		const struct node *n = &t->at[t->slots[i]];

		if (t->slots[i] == 0 ||
		    (n->parent == parent && strcmp(n->name, name) == 0))
			return &t->slots[i];
	}
}

/* Children side by side, and a table to find them by name. */
static void index_tree(struct tree *t)
{
	uint32_t next = 0;

	for (t->mask = 1024; t->mask < t->count * 2; t->mask *= 2)
		;
	t->slots = checked(calloc(t->mask, sizeof(*t->slots)));
	t->order = checked(calloc(t->count, sizeof(*t->order)));
	t->mask--;
	for (uint32_t i = 1; i <= t->count; i++) {
		t->at[i].first = next;
		next += t->at[i].children;
		t->at[i].children = 0;
	}
	for (uint32_t i = 2; i <= t->count; i++) {
		struct node *dir = &t->at[t->at[i].parent];

		t->order[dir->first + dir->children++] = i;
		*find_slot(t, t->at[i].parent, t->at[i].name) = i;
	}
}

/* THE OPERATIONS, each as ostfs answers it */

static struct tree *tree_of(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

static struct fuse_entry_param entry_of(const struct tree *t, fuse_ino_t ino)
{
	const struct node *n = &t->at[ino];
	struct fuse_entry_param entry = {
		.ino = ino,
		.attr_timeout = forever,
		.entry_timeout = forever,
	};

	entry.attr.st_ino = ino;
	entry.attr.st_mode = n->is_dir ? S_IFDIR | 0555 : S_IFREG | 0444;
	entry.attr.st_nlink = n->is_dir ? 2 + n->subdirs : 1;
	entry.attr.st_size = (off_t)n->size;
	entry.attr.st_blocks = (blkcnt_t)((n->size + 511) / 512);
	entry.attr.st_mtime = 1577836800; /* 2020, any time would do */
	return entry;
}

static void null_init(void *data, struct fuse_conn_info *conn)
{
	(void)data;
	conn->want |= conn->capable & FUSE_CAP_EXPORT_SUPPORT;
	conn->want |= conn->capable & FUSE_CAP_POSIX_ACL;
}

static void null_lookup(fuse_req_t req, fuse_ino_t dir, const char *name)
{
	struct tree *t = tree_of(req);
	const uint32_t ino = *find_slot(t, (uint32_t)dir, name);
	struct fuse_entry_param entry = { .entry_timeout = forever };

	if (ino != 0)
		entry = entry_of(t, ino);
	fuse_reply_entry(req, &entry);
}

static void null_getattr(fuse_req_t req, fuse_ino_t ino,
			 struct fuse_file_info *fi)
{
	const struct fuse_entry_param entry = entry_of(tree_of(req), ino);

	(void)fi;
	fuse_reply_attr(req, &entry.attr, forever);
}

static void null_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	if (!tree_of(req)->open) {
		fuse_reply_err(req, ENOSYS);
		return;
	}
	fi->keep_cache = 1;
	fuse_reply_open(req, fi);
}

static void null_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		      struct fuse_file_info *fi)
{
	static _Thread_local char buf[READ_MAX];
	const uint64_t from = (uint64_t)off, all = tree_of(req)->at[ino].size;
	size_t got = from < all ? (size_t)(all - from) : 0;

	(void)fi;
	if (got > size)
		got = size;
	if (got > sizeof(buf))
		got = sizeof(buf);
	memset(buf, 'x', got);
	for (size_t i = LINE - 1 - (size_t)(from % LINE); i < got; i += LINE)
		buf[i] = '\n';
	fuse_reply_buf(req, buf, got);
}

static void null_release(fuse_req_t req, fuse_ino_t ino,
			 struct fuse_file_info *fi)
{
	(void)ino;
	(void)fi;
	fuse_reply_err(req, 0);
}

static void null_opendir(fuse_req_t req, fuse_ino_t ino,
			 struct fuse_file_info *fi)
{
	(void)ino;
	(void)fi;
	fuse_reply_err(req, ENOSYS);
}

/* The name and number of what is at `off` in a directory. */
static const char *entry_at(const struct tree *t, fuse_ino_t dir, off_t off,
			    uint32_t *ino)
{
	const struct node *d = &t->at[dir];

	*ino = off == 0 ? (uint32_t)dir : d->parent;
	if (off < DOTS)
		return off == 0 ? "." : "..";
	if (off - DOTS >= (off_t)d->children)
		return NULL;
	*ino = t->order[d->first + (uint32_t)(off - DOTS)];
	return t->at[*ino].name;
}

/* As in ostfs, the first reply has no attributes: see reply_list() there. */
static void reply_list(fuse_req_t req, fuse_ino_t dir, size_t size, off_t off,
		       bool plus)
{
	static _Thread_local char buf[READ_MAX];
	const bool attrs = plus && off != 0;
	const struct tree *t = tree_of(req);
	const char *name;
	size_t used = 0;
	uint32_t ino;

	if (size > sizeof(buf))
		size = sizeof(buf);
	for (; (name = entry_at(t, dir, off, &ino)) != NULL; off++) {
		struct fuse_entry_param entry = entry_of(t, ino);
		char *at = buf + used;
		const size_t cap = size - used;

		if (!attrs || off < DOTS)
			entry.ino = 0;
		const size_t need =
			plus ? fuse_add_direntry_plus(req, at, cap, name,
						      &entry, off + 1)
			     : fuse_add_direntry(req, at, cap, name,
						 &entry.attr, off + 1);
		if (need > cap)
			break;
		used += need;
	}
	fuse_reply_buf(req, buf, used);
}

static void null_readdir(fuse_req_t req, fuse_ino_t dir, size_t size, off_t off,
			 struct fuse_file_info *fi)
{
	(void)fi;
	reply_list(req, dir, size, off, false);
}

static void null_readdirplus(fuse_req_t req, fuse_ino_t dir, size_t size,
			     off_t off, struct fuse_file_info *fi)
{
	(void)fi;
	reply_list(req, dir, size, off, true);
}

static void null_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name,
			  size_t size)
{
	(void)ino;
	(void)name;
	(void)size;
	fuse_reply_err(req, ENODATA);
}

static void null_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size)
{
	(void)ino;
	(void)size;
	fuse_reply_err(req, ENOSYS);
}

static const struct fuse_lowlevel_ops ops = {
	.init = null_init,
	.lookup = null_lookup,
	.getattr = null_getattr,
	.open = null_open,
	.read = null_read,
	.release = null_release,
	.opendir = null_opendir,
	.readdir = null_readdir,
	.readdirplus = null_readdirplus,
	.getxattr = null_getxattr,
	.listxattr = null_listxattr,
};

static int take_argument(void *data, const char *arg, int key,
			 struct fuse_args *out)
{
	struct tree *t = data;

	(void)out;
	if (key != FUSE_OPT_KEY_NONOPT || t->listing != NULL)
		return 1; /* for libfuse */
	t->listing = checked(strdup(arg));
	return 0;
}

static int serve(struct fuse_args *args, const struct fuse_cmdline_opts *how,
		 struct tree *t)
{
	struct fuse_loop_config config = { .max_idle_threads = 10 };
	struct fuse_session *session =
		fuse_session_new(args, &ops, sizeof(ops), t);
	int result = 1;

	if (session == NULL)
		return 1;
	if (fuse_set_signal_handlers(session) == 0 &&
	    fuse_session_mount(session, how->mountpoint) == 0) {
		fuse_daemonize(how->foreground);
		result = how->singlethread
				 ? fuse_session_loop(session)
				 : fuse_session_loop_mt(session, &config);
		fuse_session_unmount(session);
	}
	fuse_remove_signal_handlers(session);
	fuse_session_destroy(session);
	return result < 0;
}

int main(int argc, char **argv)
{
	static const struct fuse_opt options[] = {
		{ "open", offsetof(struct tree, open), 1 },
		FUSE_OPT_END,
	};
	struct fuse_args args = FUSE_ARGS_INIT(argc, argv);
	struct fuse_cmdline_opts how;
	struct tree tree = { 0 };

	if (fuse_opt_parse(&args, &tree, options, take_argument) != 0 ||
	    fuse_parse_cmdline(&args, &how) != 0 ||
	    fuse_opt_add_arg(&args, "-oro,nosuid,nodev,noexec,fsname=nullfs,"
				    "subtype=nullfs,default_permissions") != 0)
		return 1;
	if (tree.listing == NULL || how.mountpoint == NULL)
		die("nullfs LISTING MOUNTPOINT", "usage");
	read_listing(&tree);
	index_tree(&tree);
	/* What is left is the process's, which ends here. */
	return serve(&args, &how, &tree);
}
