#include "fs/reply.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "fs/idle.h"

/*
 * Seconds that the kernel may believe what we said. A mounted store never
 * changes, so this is "for ever"; it is the largest lever on speed there is.
 */
static const double forever = 1e9;

enum { BLOCK = 512 };

static pthread_key_t scratch_key;

struct scratch {
	size_t cap;
	char at[];
};

bool fs_ops_start(void)
{
	return pthread_key_create(&scratch_key, free) == 0;
}

/* Reads come in pieces of up to 1 MiB, which malloc would map each time. */
char *fs_scratch(size_t len)
{
	struct scratch *s = pthread_getspecific(scratch_key);

	if (s != NULL && s->cap >= len)
		return s->at;
	free(s);
	s = malloc(sizeof(*s) + len);
	if (s != NULL)
		s->cap = len;
	if (pthread_setspecific(scratch_key, s) == 0 && s != NULL)
		return s->at;
	free(s);
	return NULL;
}

struct fs *fs_of(fuse_req_t req)
{
	idle_asked();
	return fuse_req_userdata(req);
}

uint64_t fs_own(const struct fs *fs, fuse_ino_t ino)
{
	return ino ^ fs->slot;
}

void fs_fail(fuse_req_t req, fuse_ino_t ino, const char *op,
	     enum ost_status status, const struct ost_error *err)
{
	if (status != OST_NOT_FOUND)
		fuse_log(FUSE_LOG_WARNING, "%s of inode %#llx: %s\n", op,
			 (unsigned long long)ino, err->text);
	fuse_reply_err(req, ost_errno(status));
}

/* Of 32 bits it has the nearest that there is. */
struct timespec fs_time(int64_t sec, uint32_t nsec)
{
	const bool narrow = sizeof(time_t) == sizeof(int32_t);
	const int64_t least = narrow ? INT32_MIN : INT64_MIN;
	const int64_t most = narrow ? INT32_MAX : INT64_MAX;

	if (sec < least || sec > most)
		nsec = 0;
	sec = sec < least ? least : sec > most ? most : sec;
	return (struct timespec){ (time_t)sec, (long)nsec };
}

/*
 * The mount is read-only, whatever its files say; copies must not be, or
 * "rm -r" and a second "cp -a" fail on them.
 */
static struct stat attr_of(const struct fs *fs, const struct tree_node *n)
{
	const mode_t mode = n->is_dir ? S_IFDIR | 0777 : S_IFREG | 0666;
	struct stat attr = {
		.st_ino = fs->slot | n->ino,
		.st_mode = mode & ~fs->umask,
		.st_nlink = n->nlink,
		.st_uid = fs->uid,
		.st_gid = fs->gid,
		.st_size = (off_t)n->size,
		.st_mtim = fs_time(n->mtime, n->mtime_nsec),
		.st_ctim = fs_time(n->ctime, n->ctime_nsec),
	};

	attr.st_atim = attr.st_mtim;
	attr.st_blocks = (attr.st_size + BLOCK - 1) / BLOCK;
	return attr;
}

struct fuse_entry_param fs_entry(const struct fs *fs, const struct tree_node *n)
{
	return (struct fuse_entry_param){
		.ino = fs->slot | n->ino,
		.generation = fs->generation,
		.attr = attr_of(fs, n),
		.attr_timeout = n->live || n->passing ? 0 : forever,
		.entry_timeout = forever,
	};
}

static void fs_init(void *data, struct fuse_conn_info *conn)
{
	struct fs *fs = data;

	/* Our inode numbers outlive the mount: NFS may hand them out. */
	conn->want |= conn->capable & FUSE_CAP_EXPORT_SUPPORT;
	/* So that a second question for an ACL stays in the kernel. */
	conn->want |= conn->capable & FUSE_CAP_POSIX_ACL;
	fs->no_open = (conn->capable & FUSE_CAP_NO_OPEN_SUPPORT) != 0;
	/* Among many, to open a store's directory may fail: see top.c. */
	fs->no_opendir = fs->slot == 0 &&
			 (conn->capable & FUSE_CAP_NO_OPENDIR_SUPPORT) != 0;
	tree_start(fs->tree);
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
	enum ost_status st;

	tree_begin(fs_of(req)->tree);
	st = find(fs_of(req), fs_own(fs_of(req), dir), name, &node, &err);
	st = tree_end(fs_of(req)->tree, st, &err);
	if (st != OST_OK && st != OST_NOT_FOUND) {
		fs_fail(req, dir, "lookup", st, &err);
		return;
	}
	if (st == OST_OK)
		entry = fs_entry(fs_of(req), &node);
	fuse_reply_entry(req, &entry);
}

static void fs_getattr(fuse_req_t req, fuse_ino_t ino,
		       struct fuse_file_info *fi)
{
	struct tree_node node;
	struct ost_error err;
	struct fuse_entry_param entry;
	enum ost_status st;

	(void)fi;
	tree_begin(fs_of(req)->tree);
	st = tree_stat(fs_of(req)->tree, fs_own(fs_of(req), ino), &node, &err);
	st = tree_end(fs_of(req)->tree, st, &err);
	if (st != OST_OK) {
		fs_fail(req, ino, "getattr", st, &err);
		return;
	}
	entry = fs_entry(fs_of(req), &node);
	fuse_reply_attr(req, &entry.attr, entry.attr_timeout);
}

/*
 * A read finds its plan by the inode, so the kernel is told to open files on
 * its own: ENOSYS means "never ask again", and that pages may be kept.
 */
void fs_reply_open(fuse_req_t req, struct fuse_file_info *fi, bool no_open)
{
	/* The kernel refuses this itself, unless someone remounts us rw. */
	if ((fi->flags & O_ACCMODE) != O_RDONLY) {
		fuse_reply_err(req, EROFS);
	} else if (no_open) {
		fuse_reply_err(req, ENOSYS);
	} else {
		fi->keep_cache = 1;
		fuse_reply_open(req, fi);
	}
}

static void fs_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	fs_reply_open(req, fi, fs_of(req)->no_open);
}

static enum ost_status read_file(struct fs *fs, fuse_ino_t ino, uint64_t off,
				 char *buf, size_t size, size_t *got,
				 struct ost_error *err)
{
	struct tree_file *file = NULL;
	enum ost_status st;

	tree_begin(fs->tree);
	st = tree_open(fs->tree, ino, &file, err);
	/* What is read was found by its name: a folder lists it. */
	if (st == OST_NOT_FOUND)
		st = ost_within(err, OST_CORRUPT,
				"is listed, but it is not in the store");
	if (st == OST_OK)
		st = tree_read(file, off, buf, size, got, err);
	tree_close(file);
	return tree_end(fs->tree, st, err);
}

static void fs_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		    struct fuse_file_info *fi)
{
	char *buf = fs_scratch(size);
	struct ost_error err;
	enum ost_status st;
	size_t got;

	(void)fi;
	if (buf == NULL) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	st = read_file(fs_of(req), fs_own(fs_of(req), ino), (uint64_t)off, buf,
		       size, &got, &err);
	if (st == OST_OK)
		fuse_reply_buf(req, buf, got);
	else
		fs_fail(req, ino, "read", st, &err);
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

/*
 * No forget: an inode number needs no memory of ours. No release: nor does an
 * open file. No access: the kernel checks permissions (default_permissions).
 * No flush: nothing is written.
 */
const struct fuse_lowlevel_ops fs_ops = {
	.init = fs_init,
	.lookup = fs_lookup,
	.getattr = fs_getattr,
	.open = fs_open,
	.read = fs_read,
	.opendir = fs_opendir,
	.readdir = fs_readdir,
	.readdirplus = fs_readdirplus,
	.statfs = fs_statfs,
	.getxattr = fs_getxattr,
	.listxattr = fs_listxattr,
};
