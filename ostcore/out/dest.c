#include "out/dest.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bytes/stat.h"

static enum ost_status fail(struct ost_error *err, const char *what)
{
	return ost_fail(err, OUT_DESTINATION, "%s: %s", what, strerror(errno));
}

/* The directory `name` in `at`, -1 with an errno; with `make`, it is made. */
static int step(int at, const char *name, bool make)
{
	enum { FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };
	int fd = openat(at, name, FLAGS);

	if (fd >= 0 || errno != ENOENT || !make)
		return fd;
	if (mkdirat(at, name, 0777) != 0 && errno != EEXIST)
		return -1;
	return openat(at, name, FLAGS);
}

/* The directory that holds the last name of `path`, which `*name` then is;
   -1 with an errno. */
static int walk(int root, const char *path, bool make, const char **name)
{
	int at = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char one[NAME_MAX + 1];

	for (*name = path; at >= 0; *name = path) {
		const size_t len = strcspn(path, "/");

		if (path[len] == '\0')
			break;
		if (len > NAME_MAX) {
			close(at);
			errno = ENAMETOOLONG;
			return -1;
		}
		memcpy(one, path, len);
		one[len] = '\0';

		const int next = step(at, one, make), why = errno;
		close(at);
		errno = why;
		at = next;
		path += len + 1;
	}
	return at;
}

enum ost_status dest_dir(int *fd, int root, const char *path, bool make,
			 struct ost_error *err)
{
	const char *name;
	int at = walk(root, path, make, &name);

	if (at >= 0 && *name != '\0') {
		const int last = step(at, name, make), why = errno;

		close(at);
		errno = why;
		at = last;
	}
	*fd = at;
	return at >= 0 ? OST_OK : fail(err, path);
}

int dest_stat(int dir, const char *name, struct stat *out)
{
	const int fd = openat(dir, name,
			      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
				      O_CLOEXEC);
	int error = fd < 0 || stat_open_file(fd, out) != 0 ? errno : 0;

	if (fd >= 0)
		close(fd);
	return error;
}

int dest_stat_path(int root, const char *path, struct stat *out)
{
	const char *name;

	if (*path != '\0' && strchr(path, '/') == NULL)
		return dest_stat(root, path, out);
	const int at = walk(root, path, false, &name);
	int error = errno;

	if (at >= 0) {
		error = dest_stat(at, *name != '\0' ? name : ".", out);
		close(at);
	}
	return error;
}

enum ost_status dest_begin(struct dest_file *f, int dir, uint64_t id,
			   struct ost_error *err)
{
	enum { FLAGS = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC };

	f->dir = dir;
	snprintf(f->temporary, sizeof(f->temporary), ".ostexport-%llx",
		 (unsigned long long)id);
	f->fd = openat(dir, f->temporary, FLAGS, 0666);
	/* One that a run left that was ended. */
	if (f->fd < 0 && errno == EEXIST && unlinkat(dir, f->temporary, 0) == 0)
		f->fd = openat(dir, f->temporary, FLAGS, 0666);
	return f->fd >= 0 ? OST_OK : fail(err, "a new file");
}

enum ost_status dest_write(int fd, const void *bytes, size_t len,
			   struct ost_error *err)
{
	const char *at = bytes;

	while (len > 0) {
		const ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fail(err, "it cannot be written");
		at += n;
		len -= (size_t)n;
	}
	return OST_OK;
}

enum ost_status dest_time(int fd, int64_t mtime, uint32_t nsec,
			  struct ost_error *err)
{
	const struct timespec time = { .tv_sec = (time_t)mtime,
				       .tv_nsec = nsec };
	const struct timespec times[2] = { time, time };

	return futimens(fd, times) == 0 ? OST_OK : fail(err, "its time");
}

static void forget(struct dest_file *f)
{
	if (f->temporary[0] != '\0')
		unlinkat(f->dir, f->temporary, 0);
	f->temporary[0] = '\0';
}

enum ost_status dest_close(struct dest_file *f, int64_t mtime, uint32_t nsec,
			   struct ost_error *err)
{
	enum ost_status st = dest_time(f->fd, mtime, nsec, err);

	/* NFS tells of a full disk when it is closed. */
	if (close(f->fd) != 0 && st == OST_OK)
		st = fail(err, "it cannot be written");
	f->fd = -1;
	if (st != OST_OK)
		forget(f);
	return st;
}

enum ost_status dest_name(struct dest_file *f, const char *name,
			  struct ost_error *err)
{
	enum ost_status st = OST_OK;

	if (renameat(f->dir, f->temporary, f->dir, name) != 0)
		st = fail(err, name);
	else
		f->temporary[0] = '\0';
	forget(f);
	return st;
}

enum ost_status dest_end(struct dest_file *f, const char *name, int64_t mtime,
			 uint32_t nsec, struct ost_error *err)
{
	const enum ost_status st = dest_close(f, mtime, nsec, err);

	return st == OST_OK ? dest_name(f, name, err) : st;
}

void dest_drop(struct dest_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	forget(f);
}

enum ost_status dest_put(int dir, const char *name, struct span bytes,
			 int64_t mtime, struct ost_error *err)
{
	struct dest_file f;
	enum ost_status st = dest_begin(&f, dir, 0, err);

	if (st == OST_OK)
		st = dest_write(f.fd, bytes.at, bytes.len, err);
	if (st == OST_OK)
		return dest_end(&f, name, mtime, 0, err);
	dest_drop(&f);
	return st;
}
