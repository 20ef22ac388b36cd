/*
 * verify_copy.c - a copy, as a sandboxed process can look at it
 *
 * What cannot be opened cannot be asked for, and nothing is opened but to be
 * read: there is no stat(2) of a name here.
 */
#include "audit/verify_copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "bytes/stat.h"
#include "bytes/text.h"

enum { PATH_LONGEST = 64 << 10, SAME_TIME = 2 /* seconds, as FAT has them */ };

/*
 * The directory that `path` is in, open; or -1 with an errno. One name at a
 * time, for a symbolic link anywhere would lead out of the copy.
 */
static int open_parent(int dir, const char *path, const char **name)
{
	int at = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char one[NAME_MAX + 1];

	for (*name = path; at >= 0; *name = path) {
		const size_t len = strcspn(path, "/");
		int next = -1;

		if (len > NAME_MAX) {
			close(at);
			errno = ENAMETOOLONG;
			return -1;
		}
		if (path[len] == '\0')
			break;
		memcpy(one, path, len);
		one[len] = '\0';
		path += len + 1;
		next = openat(at, one,
			      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		const int why = errno;
		close(at);
		errno = why;
		at = next;
	}
	return at;
}

/* Neither a pipe nor a device makes us wait. */
static int copy_open(int dir, const char *path, int flags)
{
	const char *name;
	const int parent = open_parent(dir, path, &name);
	int fd, why;

	if (parent < 0)
		return -1;
	fd = openat(parent, *name != '\0' ? name : ".",
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC |
			    flags);
	why = errno;
	close(parent);
	errno = why;
	return fd;
}

/* What `fd` is; or, where it could not be opened, what that tells. */
static int stat_opened(int fd, struct stat *out)
{
	*out = (struct stat){ 0 };
	if (fd >= 0)
		return stat_open_file(fd, out) != 0 ? errno : 0;
	if (errno != ELOOP && errno != ENXIO)
		return errno;
	out->st_mode = errno == ELOOP ? S_IFLNK : S_IFSOCK;
	return 0;
}

int copy_stat(int dir, const char *path, struct stat *out)
{
	const int fd = copy_open(dir, path, 0);
	const int error = stat_opened(fd, out);

	if (fd >= 0)
		close(fd);
	return error;
}

static const char *type_name(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "a file";
	case S_IFDIR:
		return "a directory";
	case S_IFLNK:
		return "a symbolic link";
	default:
		return "a device, pipe or socket";
	}
}

static void say(struct copy_check *out, enum verify_verdict verdict,
		const char *format, ...) OST_PRINTF(3, 4);

static void say(struct copy_check *out, enum verify_verdict verdict,
		const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(out->why, sizeof(out->why), format, args);
	va_end(args);
	out->verdict = verdict;
}

static void say_error(struct copy_check *out, int error)
{
	const bool gone = error == ENOENT || error == ENOTDIR || error == ELOOP;

	if (gone)
		say(out, VERIFY_MISSING, "it is not there");
	else
		say(out, VERIFY_UNREADABLE, "%s", strerror(error));
}

/* What of a file is read. */
struct part {
	int fd;
	uint64_t offset, size;
};

static enum ost_status read_copy(void *from, uint64_t off, void *buf,
				 size_t want, size_t *got,
				 struct ost_error *err)
{
	const struct part *p = from;
	const uint64_t left = off < p->size ? p->size - off : 0;
	const ssize_t n = pread(p->fd, buf, want < left ? want : (size_t)left,
				(off_t)(p->offset + off));

	*got = n > 0 ? (size_t)n : 0;
	if (n >= 0)
		return OST_OK;
	return ost_fail(err, OST_IO, "%s", strerror(errno));
}

/* Hold the bytes of an open file against the entry. */
static enum ost_status check_file(struct copy_check *out, int fd,
				  const struct manifest_entry *e,
				  const struct audit_watch *watch,
				  struct ost_error *err)
{
	const bool in_parts = e->is_part && e->kind == MANIFEST_FILE;
	struct part part = { fd, e->is_part ? e->offset : 0, e->size };
	enum ost_status st;
	struct sha sha;
	uint64_t len;

	/* Only a whole file has a size; a part may reach beyond its end. */
	if ((!e->is_part || in_parts) &&
	    (uint64_t)out->file.st_size != e->size) {
		say(out, VERIFY_ALTERED, "it has %llu %s, not %llu",
		    (unsigned long long)out->file.st_size,
		    text_plural((uint64_t)out->file.st_size, "byte", "bytes"),
		    (unsigned long long)e->size);
		return OST_OK;
	}
	if (in_parts)
		return OST_OK;
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	st = sha_of(&sha, &len, read_copy, &part, e->size, watch, err);
	if (st == OST_IO)
		say(out, VERIFY_UNREADABLE, "%s", err->text);
	else if (st == OST_OK && (len != e->size || !sha_equal(&sha, &e->sha)))
		say(out, VERIFY_ALTERED, "it has other bytes");
	return st == OST_IO ? OST_OK : st;
}

enum ost_status copy_check(struct copy_check *out, int dir,
			   const struct manifest_entry *e,
			   const struct audit_watch *watch,
			   struct ost_error *err)
{
	const mode_t type = manifest_is_dir(e) ? S_IFDIR : S_IFREG;
	enum ost_status st = OST_OK;
	int error, fd;

	*out = (struct copy_check){ .verdict = VERIFY_SAME };
	if (e->error != NULL) {
		say(out, VERIFY_LOST, "%s", e->error);
		return OST_OK;
	}
	fd = copy_open(dir, e->path, 0);
	error = stat_opened(fd, &out->file);
	if (error != 0)
		say_error(out, error);
	else if ((out->file.st_mode & S_IFMT) != type)
		say(out, VERIFY_ALTERED, "it is %s, not %s",
		    type_name(out->file.st_mode), type_name(type));
	else if (type == S_IFREG)
		st = check_file(out, fd, e, watch, err);
	if (fd >= 0)
		close(fd);
	const int64_t apart = (int64_t)out->file.st_mtim.tv_sec - e->mtime;
	out->other_time = type == S_IFREG && !e->is_part &&
			  (apart >= SAME_TIME || apart <= -SAME_TIME);
	return st;
}

/* --- all there is --------------------------------------------------------- */

struct walk {
	int dir;
	copy_visit *visit;
	void *arg;
	struct path_list {
		struct path_list *next;
		char path[];
	} * waiting; /* directories that are still to be looked into */
	bool stopped, no_memory;
};

static void wait_for(struct walk *w, const char *path)
{
	const size_t size = strlen(path) + 1;
	struct path_list *p = malloc(sizeof(*p) + size);

	if (p == NULL) {
		w->no_memory = true;
		return;
	}
	memcpy(p->path, path, size);
	p->next = w->waiting;
	w->waiting = p;
}

static bool is_directory(int parent, const struct dirent *d)
{
	int fd;

	if (d->d_type != DT_UNKNOWN)
		return d->d_type == DT_DIR;
	fd = openat(parent, d->d_name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd >= 0 || errno == EACCES; /* which is told when looked into */
}

static void look_at(struct walk *w, int parent, const char *path,
		    const struct dirent *d)
{
	struct buf here = { 0 };

	if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
		return;
	if (*path != '\0')
		buf_printf(&here, "%s/", path);
	buf_str(&here, d->d_name);
	w->no_memory |= here.bad;
	/* What an export remembers of itself, and no item is called so. */
	if (strcmp(buf_text(&here), VERIFY_JOURNAL) == 0) {
		buf_free(&here);
		return;
	}
	if (!here.bad)
		w->stopped = !w->visit(w->arg, here.at, 0);
	if (!w->no_memory && !w->stopped && is_directory(parent, d)) {
		if (here.len < PATH_LONGEST)
			wait_for(w, here.at);
		else
			w->stopped = !w->visit(w->arg, here.at, ENAMETOOLONG);
	}
	buf_free(&here);
}

static void look_into(struct walk *w, const char *path)
{
	const int fd = copy_open(w->dir, path, O_DIRECTORY);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *d;

	errno = dir != NULL ? 0 : errno;
	while (dir != NULL && !w->stopped && !w->no_memory) {
		errno = 0;
		d = readdir(dir);
		if (d == NULL)
			break;
		look_at(w, fd, path, d);
	}
	if (errno != 0 && !w->stopped && !w->no_memory)
		w->stopped = !w->visit(w->arg, path, errno);
	if (dir != NULL)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
}

enum ost_status copy_walk(int dir, copy_visit *visit, void *arg,
			  struct ost_error *err)
{
	struct walk w = { .dir = dir, .visit = visit, .arg = arg };

	wait_for(&w, "");
	while (w.waiting != NULL) {
		struct path_list *p = w.waiting;

		w.waiting = p->next;
		if (!w.stopped && !w.no_memory)
			look_into(&w, p->path);
		free(p);
	}
	return w.no_memory ? ost_no_memory(err) : OST_OK;
}
