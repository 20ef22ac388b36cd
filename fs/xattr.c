#include "fs/reply.h"

#include <errno.h>

/*
 * "ls -l" and "cp -a" ask every file for several attributes, and a program
 * that sees names asks for each value twice: some twenty trips from the kernel
 * to here for each file copied. So there are attributes on request only.
 */

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

void fs_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size)
{
	struct buf value = { 0 };
	struct ost_error err;
	enum ost_status st = OST_NOT_FOUND;

	if (!fs_of(req)->xattrs) {
		fuse_reply_err(req, ENOSYS); /* never ask again */
		return;
	}
	/* ls -l and cp ask all files for security.* and system.* ones. */
	if (strncmp(name, "user.", 5) == 0) {
		tree_begin(fs_of(req)->tree);
		st = tree_xattr(fs_of(req)->tree, fs_own(fs_of(req), ino), name,
				&value, &err);
		st = tree_end(fs_of(req)->tree, st, &err);
	}
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

void fs_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size)
{
	struct buf names = { 0 };
	struct ost_error err;
	enum ost_status st;

	if (!fs_of(req)->xattrs) {
		fuse_reply_err(req, ENOSYS); /* never ask again */
		return;
	}
	tree_begin(fs_of(req)->tree);
	st = tree_xattrs(fs_of(req)->tree, fs_own(fs_of(req), ino), &names,
			 &err);
	st = tree_end(fs_of(req)->tree, st, &err);
	if (st == OST_OK)
		st = buf_status(&names, &err);
	if (st == OST_OK)
		reply_xattr(req, &names, size);
	else
		fs_fail(req, ino, "listxattr", st, &err);
	buf_free(&names);
}
