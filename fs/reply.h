/*
 * reply.h - private: what the operations share, and those outside ops.c
 */
#ifndef OST_FS_REPLY_H
#define OST_FS_REPLY_H

#include "fs/ops.h"

struct fs *fs_of(fuse_req_t req);

/* The number that the tree has for `ino`; of another store it is none. */
uint64_t fs_own(const struct fs *fs, fuse_ino_t ino);

/*
 * `len` bytes that are this thread's until it asks again, or NULL: there is
 * no memory.
 */
char *fs_scratch(size_t len);

/* Answer open(2): whatever is served is only read, and its pages may be kept.
 */
void fs_reply_open(fuse_req_t req, struct fuse_file_info *fi, bool no_open);

/* A time as libfuse takes it, in seconds since 1970. */
struct timespec fs_time(int64_t sec, uint32_t nsec);

/* What the kernel is told of `n`. */
struct fuse_entry_param fs_entry(const struct fs *fs,
				 const struct tree_node *n);

/*
 * Tell the log what happened and the kernel that it did: the only place where
 * an operation fails for what is in the store.
 */
void fs_fail(fuse_req_t req, fuse_ino_t ino, const char *op,
	     enum ost_status status, const struct ost_error *err);

/*
 * list.c
 */
void fs_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void fs_readdir(fuse_req_t req, fuse_ino_t dir, size_t size, off_t off,
		struct fuse_file_info *fi);
void fs_readdirplus(fuse_req_t req, fuse_ino_t dir, size_t size, off_t off,
		    struct fuse_file_info *fi);

/*
 * xattr.c
 */
void fs_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size);
void fs_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size);

#endif
