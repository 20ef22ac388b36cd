#include "fs/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A file in `dir` that has no name; -1: none can be made there. */
static int unnamed_in(const char *dir)
{
	struct buf path = { 0 };
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0)
		return fd;
	buf_printf(&path, "%s/ostfs.XXXXXX", dir);
	if (!path.bad)
		fd = mkostemp(path.at, O_CLOEXEC);
	if (fd >= 0)
		unlink(path.at);
	buf_free(&path);
	return fd;
}

/* A large store has a large manifest: in memory only if nowhere else. */
static int unnamed(void)
{
	const char *dir = getenv("TMPDIR");
	int fd = dir != NULL && *dir == '/' ? unnamed_in(dir) : -1;

	if (fd < 0)
		fd = unnamed_in("/var/tmp");
	return fd >= 0 ? fd : memfd_create("manifest", MFD_CLOEXEC);
}

bool manifest_file_open(struct manifest_file *m, const struct fs *fs,
			const char *store, const char *name,
			struct ost_error *err)
{
	const char *slash = strrchr(name, '/');

	*m = (struct manifest_file){
		.fs = fs,
		.name = slash != NULL ? slash + 1 : name,
		.fd = unnamed(),
	};
	if (m->fd < 0)
		(void)!ost_fail(err, OST_CANNOT_OPEN, "%s", strerror(errno));
	return m->fd >= 0 && source_open(&m->bytes, store, err) == OST_OK;
}

void manifest_file_close(struct manifest_file *m)
{
	source_close(m->bytes);
	if (m->fd >= 0)
		close(m->fd);
}

/* The mount is to end: it does not wait for this. */
static bool is_ending(void *arg)
{
	const struct manifest_file *m = arg;

	return fuse_session_exited(m->fs->session) != 0;
}

static int again(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

enum ost_status manifest_file_make(void *arg, struct tree *t, struct buf *text,
				   int *fd, struct ost_error *err)
{
	struct manifest_file *m = arg;
	const struct manifest_options options = {
		.name = m->name,
		.bytes = m->bytes,
		.watch = { .stop = is_ending, .arg = m },
	};
	struct manifest_totals totals;
	enum ost_status st = OST_IO;
	int own;
	FILE *to;

	(void)text;
	own = again(m->fd);
	to = own >= 0 ? fdopen(own, "w") : NULL;
	if (to == NULL && own >= 0)
		close(own);
	if (to == NULL || lseek(m->fd, 0, SEEK_SET) != 0 ||
	    ftruncate(m->fd, 0) != 0)
		st = ost_fail(err, OST_IO, "%s", strerror(errno));
	else
		st = manifest_write(t, &options, to, &totals, err);
	if (to != NULL && fclose(to) != 0 && st == OST_OK)
		st = ost_fail(err, OST_IO, "%s", strerror(errno));
	*fd = st == OST_OK ? again(m->fd) : -1;
	if (st == OST_OK && *fd < 0)
		st = ost_fail(err, OST_IO, "%s", strerror(errno));
	return st;
}
