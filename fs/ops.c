#include "fs/ops.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

/*
 * Seconds that the kernel may believe what we said. A mounted store never
 * changes, so this is "for ever"; it is the largest lever on speed there is.
 */
static const double forever = 1e9;

enum { BLOCK = 512 };

static pthread_key_t scratch_key;

struct scratch {
	size_t room;
	char at[];
};

bool fs_ops_start(void)
{
	return pthread_key_create(&scratch_key, free) == 0;
}

/*
 * `len` bytes that are this thread's until it asks again, or NULL. Reads come
 * in pieces of up to 1 MiB, which malloc would map and unmap each time.
 */
static char *scratch(size_t len)
{
	struct scratch *s = pthread_getspecific(scratch_key);

	if (s != NULL && s->room >= len)
		return s->at;
	free(s);
	s = malloc(sizeof(*s) + len);
	if (s != NULL)
		s->room = len;
	if (pthread_setspecific(scratch_key, s) == 0 && s != NULL)
		return s->at;
	free(s);
	return NULL;
}

static struct fs *fs_of(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

/* Tell the log what happened and the kernel that it did: the only place. */
static void fs_fail(fuse_req_t req, fuse_ino_t ino, const char *op,
		    enum ost_status status, const struct ost_error *err)
{
	if (status != OST_NOT_FOUND)
		fuse_log(FUSE_LOG_WARNING, "%s of inode %#llx: %s\n", op,
			 (unsigned long long)ino, err->text);
	fuse_reply_err(req, ost_errno(status));
}

static struct stat attr_of(const struct fs *fs, const struct tree_node *n)
{
	const mode_t mode = n->is_dir ? S_IFDIR | 0555 : S_IFREG | 0444;

	return (struct stat){
		.st_ino = n->ino,
		.st_mode = mode & ~fs->umask,
		.st_nlink = n->nlink,
		.st_uid = fs->uid,
		.st_gid = fs->gid,
		.st_size = (off_t)n->size,
		.st_blocks = (blkcnt_t)((n->size + BLOCK - 1) / BLOCK),
		.st_mtim = { n->mtime, n->mtime_nsec },
		.st_atim = { n->mtime, n->mtime_nsec },
		.st_ctim = { n->ctime, n->ctime_nsec },
	};
}

static struct fuse_entry_param entry_of(const struct fs *fs,
					const struct tree_node *n)
{
	return (struct fuse_entry_param){
		.ino = n->ino,
		.attr = attr_of(fs, n),
		.attr_timeout = forever,
		.entry_timeout = forever,
	};
}

static void fs_init(void *data, struct fuse_conn_info *conn)
{
	struct fs *fs = data;

	/* Our inode numbers outlive the mount: NFS may hand them out. */
	conn->want |= conn->capable & FUSE_CAP_EXPORT_SUPPORT;
	fs->no_opendir = (conn->capable & FUSE_CAP_NO_OPENDIR_SUPPORT) != 0;
}

/* "." and ".." too: an NFS server has only the number of a directory. */
static enum ost_status find(struct fs *fs, fuse_ino_t dir, const char *name,
			    struct tree_node *out, struct ost_error *err)
{
	enum ost_status st;
	uint64_t ino = dir;

	if (strcmp(name, "..") == 0) {
		st = tree_parent(fs->tree, dir, &ino, err);
		if (st != OST_OK)
			return st;
	} else if (strcmp(name, ".") != 0) {
		return tree_lookup(fs->tree, dir, name, out, err);
	}
	return tree_stat(fs->tree, ino, out, err);
}

static void fs_lookup(fuse_req_t req, fuse_ino_t dir, const char *name)
{
	/* Inode 0 says that there is no such name, and stays so. */
	struct fuse_entry_param entry = { .entry_timeout = forever };
	struct tree_node node;
	struct ost_error err;
	const enum ost_status st = find(fs_of(req), dir, name, &node, &err);

	if (st != OST_OK && st != OST_NOT_FOUND) {
		fs_fail(req, dir, "lookup", st, &err);
		return;
	}
	if (st == OST_OK)
		entry = entry_of(fs_of(req), &node);
	fuse_reply_entry(req, &entry);
}

static void fs_getattr(fuse_req_t req, fuse_ino_t ino,
		       struct fuse_file_info *fi)
{
	struct tree_node node;
	struct ost_error err;
	const enum ost_status st =
		tree_stat(fs_of(req)->tree, ino, &node, &err);
	struct stat attr;

	(void)fi;
	if (st != OST_OK) {
		fs_fail(req, ino, "getattr", st, &err);
		return;
	}
	attr = attr_of(fs_of(req), &node);
	fuse_reply_attr(req, &attr, forever);
}

/* fi->fh is the planned file that fs_open made and fs_release closes. */
static struct tree_file *file_of(const struct fuse_file_info *fi)
{
	return (struct tree_file *)(uintptr_t)fi->fh;
}

static void fs_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct tree_file *file;
	struct ost_error err;
	enum ost_status st;

	/* The kernel refuses this itself, unless someone remounts us rw. */
	if ((fi->flags & O_ACCMODE) != O_RDONLY) {
		fuse_reply_err(req, EROFS);
		return;
	}
	st = tree_open(fs_of(req)->tree, ino, &file, &err);
	if (st != OST_OK) {
		fs_fail(req, ino, "open", st, &err);
		return;
	}
	fi->fh = (uintptr_t)file;
	fi->keep_cache = 1;
	if (fuse_reply_open(req, fi) != 0)
		tree_close(file); /* the caller was interrupted */
}

static void fs_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		    struct fuse_file_info *fi)
{
	char *buf = scratch(size);
	struct ost_error err;
	enum ost_status st;
	size_t got;

	if (buf == NULL) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	st = tree_read(file_of(fi), (uint64_t)off, buf, size, &got, &err);
	if (st == OST_OK)
		fuse_reply_buf(req, buf, got);
	else
		fs_fail(req, ino, "read", st, &err);
}

static void fs_release(fuse_req_t req, fuse_ino_t ino,
		       struct fuse_file_info *fi)
{
	(void)ino;
	tree_close(file_of(fi));
	fuse_reply_err(req, 0);
}

/*
 * A listing needs no state, so the kernel is told to open directories on its
 * own: ENOSYS means "never ask again", and that listings may be cached.
 */
static void fs_opendir(fuse_req_t req, fuse_ino_t ino,
		       struct fuse_file_info *fi)
{
	(void)ino;
	if (fs_of(req)->no_opendir) {
		fuse_reply_err(req, ENOSYS);
		return;
	}
	fi->cache_readdir = 1;
	fi->keep_cache = 1;
	fuse_reply_open(req, fi);
}

/* One reply to a readdir. */
struct listing {
	fuse_req_t req;
	struct fs *fs;
	char *at;
	size_t room;
	size_t used;
	bool plus;  /* entries have room for their attributes */
	bool attrs; /* and they are put there */
};

/*
 * Attributes cost a plan of the item. Where there are none, inode 0 tells the
 * kernel to look up itself; so an item that cannot be planned is still listed.
 */
static struct fuse_entry_param listed(const struct listing *l, uint64_t ino,
				      bool is_dir)
{
	struct tree_node node;
	struct ost_error err;

	if (l->attrs && tree_stat(l->fs->tree, ino, &node, &err) == OST_OK)
		return entry_of(l->fs, &node);
	return (struct fuse_entry_param){
		.attr.st_ino = ino,
		.attr.st_mode = is_dir ? S_IFDIR : S_IFREG,
	};
}

/* `off` is where the listing goes on after this entry; false: no room. */
static bool put(struct listing *l, const char *name,
		const struct fuse_entry_param *entry, off_t off)
{
	char *at = l->at + l->used;
	const size_t room = l->room - l->used;
	const size_t need = l->plus ? fuse_add_direntry_plus(l->req, at, room,
							     name, entry, off)
				    : fuse_add_direntry(l->req, at, room, name,
							&entry->attr, off);

	if (need > room)
		return false;
	l->used += need;
	return true;
}

/*
 * Offsets 0 and 1 are "." and "..", and the tree's places follow; its very
 * last one, INT64_MAX, is itself.
 */
enum { DOTS = 2 };

static off_t off_of(uint64_t place)
{
	return place < INT64_MAX - DOTS ? (off_t)place + DOTS : INT64_MAX;
}

static uint64_t place_of(off_t off)
{
	return off < INT64_MAX ? (uint64_t)off - DOTS : INT64_MAX;
}

static bool take_entry(void *arg, const struct tree_entry *e)
{
	struct listing *l = arg;
	const struct fuse_entry_param entry = listed(l, e->ino, e->is_dir);

	return put(l, e->name, &entry, off_of(e->next));
}

/* "." and "..": false when there was no room. */
static bool put_dots(struct listing *l, fuse_ino_t dir, off_t from)
{
	struct fuse_entry_param dot = { .attr.st_mode = S_IFDIR };
	struct ost_error err;
	uint64_t up;

	dot.attr.st_ino = dir;
	if (from == 0 && !put(l, ".", &dot, 1))
		return false;
	if (tree_parent(l->fs->tree, dir, &up, &err) != OST_OK)
		up = TREE_ROOT; /* no reason not to list what can be */
	dot.attr.st_ino = up;
	return put(l, "..", &dot, DOTS);
}

static enum ost_status list(struct listing *l, fuse_ino_t dir, off_t from,
			    struct ost_error *err)
{
	if (from < DOTS) {
		if (!put_dots(l, dir, from))
			return OST_OK;
		from = DOTS;
	}
	return tree_list(l->fs->tree, dir, place_of(from), take_entry, l, err);
}

static void reply_list(fuse_req_t req, fuse_ino_t dir, size_t size, off_t off,
		       bool plus)
{
	/*
	 * The kernel begins every listing with a readdirplus, before it knows
	 * whether anybody wants sizes; it goes on with them if someone does.
	 */
	struct listing l = {
		.req = req,
		.fs = fs_of(req),
		.at = scratch(size),
		.room = size,
		.plus = plus,
		.attrs = plus && off != 0,
	};
	struct ost_error err;
	enum ost_status st;

	if (l.at == NULL) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	st = list(&l, dir, off, &err);
	if (st == OST_OK)
		fuse_reply_buf(req, l.at, l.used);
	else
		fs_fail(req, dir, "readdir", st, &err);
}

static void fs_readdir(fuse_req_t req, fuse_ino_t dir, size_t size, off_t off,
		       struct fuse_file_info *fi)
{
	(void)fi;
	reply_list(req, dir, size, off, false);
}

static void fs_readdirplus(fuse_req_t req, fuse_ino_t dir, size_t size,
			   off_t off, struct fuse_file_info *fi)
{
	(void)fi;
	reply_list(req, dir, size, off, true);
}

static void fs_statfs(fuse_req_t req, fuse_ino_t ino)
{
	const uint64_t bytes = tree_bytes(fs_of(req)->tree);
	const struct statvfs all = {
		.f_bsize = BLOCK,
		.f_frsize = BLOCK,
		.f_blocks = (bytes + BLOCK - 1) / BLOCK,
		.f_namemax = 255,
	};

	(void)ino;
	fuse_reply_statfs(req, &all);
}

/* The value, or as xattr(7) has it, its size if `size` is 0. */
static void reply_xattr(fuse_req_t req, const struct buf *value, size_t size)
{
	if (size == 0)
		fuse_reply_xattr(req, value->len);
	else if (value->len > size)
		fuse_reply_err(req, ERANGE);
	else
		fuse_reply_buf(req, value->at, value->len);
}

static void fs_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name,
			size_t size)
{
	struct buf value = { 0 };
	struct ost_error err;
	enum ost_status st = OST_NOT_FOUND;

	/* ls -l and cp ask all files for security.* and system.* ones. */
	if (strncmp(name, "user.", 5) == 0)
		st = tree_xattr(fs_of(req)->tree, ino, name, &value, &err);
	if (st == OST_OK)
		st = buf_status(&value, &err);
	if (st == OST_OK)
		reply_xattr(req, &value, size);
	else if (st == OST_NOT_FOUND)
		fuse_reply_err(req, ENODATA);
	else
		fs_fail(req, ino, "getxattr", st, &err);
	buf_free(&value);
}

static void fs_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size)
{
	struct buf names = { 0 };
	struct ost_error err;
	enum ost_status st = tree_xattrs(fs_of(req)->tree, ino, &names, &err);

	if (st == OST_OK)
		st = buf_status(&names, &err);
	if (st == OST_OK)
		reply_xattr(req, &names, size);
	else
		fs_fail(req, ino, "listxattr", st, &err);
	buf_free(&names);
}

/*
 * No forget: an inode number needs no memory of ours. No access: the kernel
 * checks permissions (default_permissions). No flush: nothing is written.
 */
const struct fuse_lowlevel_ops fs_ops = {
	.init = fs_init,
	.lookup = fs_lookup,
	.getattr = fs_getattr,
	.open = fs_open,
	.read = fs_read,
	.release = fs_release,
	.opendir = fs_opendir,
	.readdir = fs_readdir,
	.readdirplus = fs_readdirplus,
	.statfs = fs_statfs,
	.getxattr = fs_getxattr,
	.listxattr = fs_listxattr,
};
