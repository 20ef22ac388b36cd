/*
 * file.c - a file that has no name until it is complete
 */
#include "pst/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FD_PATH = 40 };

static enum ost_status fail(struct ost_error *err, const char *what)
{
	return ost_fail(err, OST_IO, "%s: %s", what, strerror(errno));
}

static void fd_path(char to[FD_PATH], int fd)
{
	snprintf(to, FD_PATH, "/proc/self/fd/%d", fd);
}

/* Open the directory of `path`, and keep the last part of it. */
static enum ost_status open_dir(struct pst_file *f, const char *path,
				struct ost_error *err)
{
	const char *slash = strrchr(path, '/');
	char *dir;

	f->name = strdup(slash != NULL ? slash + 1 : path);
	dir = slash == NULL
		      ? strdup(".")
		      : strndup(path,
				slash == path ? 1 : (size_t)(slash - path));
	if (f->name == NULL || dir == NULL) {
		free(dir);
		return ost_no_memory(err);
	}
	f->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(dir);
	if (f->dir < 0)
		return fail(err, "its directory cannot be opened");
	if (*f->name == '\0')
		return ost_fail(err, OST_IO, "%s: names no file", path);
	return OST_OK;
}

/* A file without a name that can get one; -1: there are none here. */
static int open_nameless(int dir)
{
	char path[FD_PATH];
	int fd = openat(dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
	int again;

	if (fd < 0)
		return -1;
	fd_path(path, fd);
	/* Without /proc it could not be linked. A sandbox lets one open it,
	   and not ask whether it is there. */
	again = open(path, O_RDONLY | O_CLOEXEC);
	if (again >= 0) {
		close(again);
		return fd;
	}
	close(fd);
	return -1;
}

static enum ost_status open_temporary(struct pst_file *f, struct ost_error *err)
{
	enum { FLAGS = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC };

	if (asprintf(&f->temporary, ".%s.partial-%ld", f->name,
		     (long)getpid()) < 0) {
		f->temporary = NULL;
		return ost_no_memory(err);
	}
	f->fd = openat(f->dir, f->temporary, FLAGS, 0666);
	/* One that a run of the same number left that was killed. */
	if (f->fd < 0 && errno == EEXIST &&
	    unlinkat(f->dir, f->temporary, 0) == 0)
		f->fd = openat(f->dir, f->temporary, FLAGS, 0666);
	if (f->fd >= 0)
		return OST_OK;
	free(f->temporary);
	f->temporary = NULL;
	return fail(err, "its directory cannot be written to");
}

enum ost_status pst_file_new(struct pst_file *f, const char *path,
			     struct ost_error *err)
{
	enum ost_status st;

	*f = (struct pst_file){ .fd = -1, .dir = -1 };
	st = open_dir(f, path, err);
	if (st == OST_OK) {
		f->fd = open_nameless(f->dir);
		if (f->fd < 0)
			st = open_temporary(f, err);
	}
	if (st != OST_OK)
		pst_file_free(f);
	return st;
}

enum ost_status pst_file_spare(const struct pst_file *f, int *fd,
			       struct ost_error *err)
{
	struct pst_file spare = { .fd = -1, .dir = f->dir, .name = f->name };
	enum ost_status st = OST_OK;

	*fd = openat(f->dir, ".", O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC,
		     0600);
	if (*fd >= 0)
		return OST_OK;
	if (asprintf(&spare.name, "%s.spool", f->name) < 0)
		return ost_no_memory(err);
	st = open_temporary(&spare, err);
	if (st == OST_OK && unlinkat(f->dir, spare.temporary, 0) != 0)
		st = fail(err, spare.temporary);
	*fd = spare.fd;
	free(spare.temporary);
	free(spare.name);
	return st;
}

enum ost_status pst_file_write(int fd, uint64_t off, struct span bytes,
			       struct ost_error *err)
{
	while (bytes.len > 0) {
		const ssize_t n = pwrite(fd, bytes.at, bytes.len, (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(err, "it cannot be written");
		bytes.at += n;
		bytes.len -= (size_t)n;
		off += (uint64_t)n;
	}
	return OST_OK;
}

enum ost_status pst_file_read(int fd, uint64_t off, void *to, size_t len,
			      struct ost_error *err)
{
	uint8_t *at = to;

	while (len > 0) {
		const ssize_t n = pread(fd, at, len, (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(err, "it cannot be read back");
		if (n == 0)
			return ost_fail(err, OST_IO,
					"what was written of it is gone");
		at += n;
		len -= (size_t)n;
		off += (uint64_t)n;
	}
	return OST_OK;
}

enum ost_status pst_file_cut(int fd, uint64_t size, struct ost_error *err)
{
	return ftruncate(fd, (off_t)size) == 0
		       ? OST_OK
		       : fail(err, "it cannot be written");
}

/* Give the nameless file the name `name`. */
static int link_as(const struct pst_file *f, const char *name)
{
	char path[FD_PATH];

	fd_path(path, f->fd);
	return linkat(AT_FDCWD, path, f->dir, name, AT_SYMLINK_FOLLOW);
}

/* A file that has a name of its own gets the right one. */
static enum ost_status rename_to(struct pst_file *f, bool replace,
				 struct ost_error *err)
{
	const unsigned flags = replace ? 0 : RENAME_NOREPLACE;

	if (renameat2(f->dir, f->temporary, f->dir, f->name, flags) == 0) {
		free(f->temporary);
		f->temporary = NULL;
		return OST_OK;
	}
	/* Where a rename cannot be asked not to replace, a link never does. */
	if (errno == EINVAL && !replace &&
	    linkat(f->dir, f->temporary, f->dir, f->name, 0) == 0)
		return OST_OK; /* the other name goes in pst_file_free() */
	return fail(err, f->name);
}

static enum ost_status give_name(struct pst_file *f, bool replace,
				 struct ost_error *err)
{
	if (f->temporary != NULL)
		return rename_to(f, replace, err);
	if (link_as(f, f->name) == 0)
		return OST_OK;
	if (errno != EEXIST || !replace)
		return fail(err, f->name);
	if (asprintf(&f->temporary, ".%s.partial-%ld", f->name,
		     (long)getpid()) < 0) {
		f->temporary = NULL;
		return ost_no_memory(err);
	}
	if (link_as(f, f->temporary) != 0)
		return fail(err, f->temporary);
	return rename_to(f, true, err);
}

enum ost_status pst_file_publish(struct pst_file *f, bool replace,
				 struct ost_error *err)
{
	enum ost_status st;

	if (fsync(f->fd) != 0)
		return fail(err, "it cannot be written");
	st = give_name(f, replace, err);
	if (st == OST_OK && fsync(f->dir) != 0 && errno != EINVAL)
		st = fail(err, "its directory");
	return st;
}

void pst_file_free(struct pst_file *f)
{
	if (f->temporary != NULL)
		unlinkat(f->dir, f->temporary, 0);
	if (f->fd >= 0)
		close(f->fd);
	if (f->dir >= 0)
		close(f->dir);
	free(f->temporary);
	free(f->name);
	*f = (struct pst_file){ .fd = -1, .dir = -1 };
}
