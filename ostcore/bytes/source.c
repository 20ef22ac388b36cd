#include "bytes/source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bytes/stat.h"
#include "bytes/window.h"

struct source {
	int fd;		   /* -1: `bytes` instead */
	struct span bytes; /* on loan */
	uint64_t size;
	struct timespec mtime;
	bool can_change; /* and would tell by its time: a regular file */
	atomic_uint_fast64_t reads;   /* of the file, so far */
	atomic_uint_fast64_t checked; /* of them it is known that it was good */
	atomic_bool changed;	      /* it was not: there is no way back */
	struct windows windows;
};

static _Thread_local unsigned deferred;

/*
 * O_NOATIME keeps a read from changing the file at all, but is refused to
 * anyone but its owner and root. O_NONBLOCK keeps a pipe from hanging us.
 */
static int open_quietly(const char *path)
{
	const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
	int fd = open(path, flags | O_NOATIME);

	if (fd < 0 && errno == EPERM)
		fd = open(path, flags);
	return fd;
}

/* The size of a file or block device; OST_CANNOT_OPEN for anything else. */
static enum ost_status measure(struct source *s, struct ost_error *err)
{
	struct stat st;
	off_t end;

	if (stat_open_file(s->fd, &st) != 0)
		return ost_fail(err, OST_CANNOT_OPEN, "%s", strerror(errno));
	if (S_ISDIR(st.st_mode))
		return ost_fail(err, OST_CANNOT_OPEN,
				"is a directory, not a store");
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return ost_fail(err, OST_CANNOT_OPEN,
				"is not a file that can be read at an offset");
	end = lseek(s->fd, 0, SEEK_END);
	if (end < 0)
		return ost_fail(err, OST_CANNOT_OPEN, "%s", strerror(errno));
	s->size = (uint64_t)end;
	s->mtime = st.st_mtim;
	s->can_change = S_ISREG(st.st_mode);
	return OST_OK;
}

enum ost_status source_take(struct source **out, int fd, struct ost_error *err)
{
	struct source *s = calloc(1, sizeof(*s));
	enum ost_status st;

	*out = NULL;
	if (s == NULL) {
		close(fd);
		return ost_no_memory(err);
	}
	s->fd = fd;
	windows_init(&s->windows);
	st = measure(s, err);
	if (st == OST_OK)
		*out = s;
	else
		source_close(s);
	return st;
}

enum ost_status source_open(struct source **out, const char *path,
			    struct ost_error *err)
{
	const int fd = open_quietly(path);

	*out = NULL;
	if (fd < 0)
		return ost_fail(err, OST_CANNOT_OPEN, "%s", strerror(errno));
	return source_take(out, fd, err);
}

enum ost_status source_of(struct source **out, struct span bytes,
			  struct ost_error *err)
{
	struct source *s = calloc(1, sizeof(*s));

	*out = s;
	if (s == NULL)
		return ost_no_memory(err);
	s->fd = -1;
	windows_init(&s->windows);
	s->bytes = bytes;
	s->size = bytes.len;
	return OST_OK;
}

uint64_t source_size(const struct source *s)
{
	return s->size;
}

int64_t source_mtime(const struct source *s)
{
	return (int64_t)s->mtime.tv_sec;
}

/*
 * What was read before and what is read now must be of one store. Checksums
 * tell two versions of a block apart, but not two stores that are both good.
 */
static bool is_other(const struct source *s)
{
	struct stat st;

	if (!s->can_change || stat_open_file(s->fd, &st) != 0)
		return false;
	return (uint64_t)st.st_size != s->size ||
	       st.st_mtim.tv_sec != s->mtime.tv_sec ||
	       st.st_mtim.tv_nsec != s->mtime.tv_nsec;
}

static enum ost_status fail_changed(struct ost_error *err)
{
	return ost_fail(err, OST_IO,
			"the file was changed after it was opened");
}

/* Reads that end while we ask are for whoever asks next. */
enum ost_status source_check(struct source *s, struct ost_error *err)
{
	const uint64_t reads = s->reads;

	if (reads != s->checked && !s->changed) {
		if (is_other(s))
			s->changed = true;
		else
			s->checked = reads;
	}
	return s->changed ? fail_changed(err) : OST_OK;
}

void source_defer(void)
{
	deferred++;
}

bool source_settle(void)
{
	return --deferred == 0;
}

/* What was read is there; is it of the file that was opened? */
static enum ost_status have_read(struct source *s, struct ost_error *err)
{
	s->reads++;
	return deferred > 0 && !s->changed ? OST_OK : source_check(s, err);
}

int source_fd(const struct source *s)
{
	return s->fd;
}

static enum ost_status read_file(struct source *s, uint64_t off, uint8_t *buf,
				 size_t len, struct ost_error *err)
{
	while (len > 0) {
		const ssize_t got = pread(s->fd, buf, len, (off_t)off);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ost_fail(err, OST_IO, "read at %#" PRIx64 ": %s",
					off, strerror(errno));
		if (got == 0)
			break;
		buf += got;
		len -= (size_t)got;
		off += (uint64_t)got;
	}
	return len > 0 ? fail_changed(err) : have_read(s, err);
}

static enum ost_status read_bytes(struct source *s, uint64_t off, void *buf,
				  size_t len, struct ost_error *err)
{
	struct span part;

	if (s->fd >= 0)
		return read_file(s, off, buf, len, err);
	if (!span_sub(s->bytes, off, len, &part))
		return ost_fail(err, OST_BUG, "source larger than its bytes");
	if (len > 0)
		memcpy(buf, part.at, len);
	return OST_OK;
}

enum ost_status source_read(struct source *s, uint64_t off, void *buf,
			    size_t len, struct ost_error *err)
{
	return source_read_on(s, off, buf, len, NULL, 0, err);
}

enum ost_status source_read_on(struct source *s, uint64_t off, void *buf,
			       size_t len, void *more, size_t more_len,
			       struct ost_error *err)
{
	const struct iovec parts[] = { { buf, len }, { more, more_len } };
	enum window_read how = WINDOW_NOT;
	enum ost_status st;

	if (off > s->size || len > s->size - off ||
	    more_len > s->size - off - len)
		return ost_fail(err, OST_CORRUPT,
				"%zu bytes at %#" PRIx64
				" lie past the end of the file, %#" PRIx64,
				len + more_len, off, s->size);
	if (s->fd >= 0)
		how = windows_read(&s->windows, s->fd, s->size, off, parts, 2);
	if (how == WINDOW_KEPT)
		return s->changed ? fail_changed(err) : OST_OK;
	if (how == WINDOW_FRESH ||
	    (s->fd >= 0 && more_len > 0 &&
	     preadv(s->fd, parts, 2, (off_t)off) == (ssize_t)(len + more_len)))
		return have_read(s, err);
	/* Memory, and what did not come at once or cannot be read. */
	st = read_bytes(s, off, buf, len, err);
	if (st == OST_OK && more_len > 0)
		st = read_bytes(s, off + len, more, more_len, err);
	return st;
}

void source_close(struct source *s)
{
	if (s == NULL)
		return;
	if (s->fd >= 0)
		close(s->fd);
	windows_free(&s->windows);
	free(s);
}
