/*
 * find.c - which files below a directory may be stores
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/sorted.h"
#include "fleet/fleet.h"

/* One walk; `path` is where it is, relative to where it began. */
struct find {
	struct fleet *fleet;
	struct ost_error *err;
	struct buf path;
	dev_t device; /* of the directory where it began */
};

static bool is_store_name(const char *name)
{
	static const char *const suffixes[] = { ".ost", ".pst", ".nst" };
	const size_t len = strlen(name);

	if (len <= 4 || name[0] == '~')
		return false;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (strcasecmp(name + len - 4, suffixes[i]) == 0)
			return true;
	return false;
}

enum ost_status fleet_add(struct fleet *f, const char *path, const char *wish,
			  struct ost_error *err)
{
	struct fleet_store s = { 0 };

	if (f->count == FLEET_MAX)
		return ost_fail(err, OST_LIMIT, "more than %d stores",
				FLEET_MAX);
	s.path = strdup(path);
	s.wish = wish != NULL ? strdup(wish) : NULL;
	if (s.path == NULL || (wish != NULL && s.wish == NULL) ||
	    !array_more(&f->stores, f->count, sizeof(*f->stores))) {
		free(s.path);
		free(s.wish);
		return ost_no_memory(err);
	}
	f->stores[f->count++] = s;
	return OST_OK;
}

static enum ost_status find_add(struct find *w, const struct stat *st)
{
	const enum ost_status status =
		fleet_add(w->fleet, buf_text(&w->path), NULL, w->err);
	struct fleet_store *s;

	if (status != OST_OK)
		return status;
	s = &w->fleet->stores[w->fleet->count - 1];
	s->size = (uint64_t)st->st_size;
	s->mtime = st->st_mtim.tv_sec;
	s->mtime_nsec = (uint32_t)st->st_mtim.tv_nsec;
	s->device = st->st_dev;
	s->inode = st->st_ino;
	return OST_OK;
}

/* Count what was left out: a store may be there. */
static void find_left_out(struct find *w, uint64_t *count, const char *why)
{
	if (w->fleet->unread + w->fleet->too_deep == 0)
		(void)!ost_fail(&w->fleet->first, OST_IO, "%s: %s",
				buf_text(&w->path), why);
	++*count;
}

static enum ost_status find_in(struct find *w, int dir, unsigned depth);

/* The entry `name` of `dir`, which w->path names. */
static enum ost_status find_entry(struct find *w, int dir, const char *name,
				  unsigned char type, unsigned depth)
{
	struct stat st;
	int below;

	if (type != DT_UNKNOWN && type != DT_DIR &&
	    (type != DT_REG || !is_store_name(name)))
		return OST_OK;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		if (errno != ENOENT) /* it is gone */
			find_left_out(w, &w->fleet->unread, strerror(errno));
		return OST_OK;
	}
	if (S_ISREG(st.st_mode))
		return is_store_name(name) ? find_add(w, &st) : OST_OK;
	if (!S_ISDIR(st.st_mode) || (depth > 1 && st.st_dev != w->device))
		return OST_OK;
	if (depth > FLEET_DEPTH) {
		find_left_out(w, &w->fleet->too_deep, "too many levels");
		return OST_OK;
	}
	below = openat(dir, name,
		       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (below >= 0) /* a file system of its own is one from there on */
		w->device = st.st_dev;
	if (below >= 0)
		return find_in(w, below, depth + 1);
	find_left_out(w, &w->fleet->unread, strerror(errno));
	return OST_OK;
}

/* All of directory `fd`, which it closes. `depth` is that of its entries. */
static enum ost_status find_in(struct find *w, int fd, unsigned depth)
{
	const size_t len = w->path.len;
	const dev_t device = w->device;
	DIR *dir = fdopendir(fd);
	const struct dirent *d = NULL;
	enum ost_status st = OST_OK;

	if (dir == NULL) {
		close(fd);
		return ost_no_memory(w->err);
	}
	while (st == OST_OK && (errno = 0, d = readdir(dir)) != NULL) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		buf_str(&w->path, len > 0 ? "/" : "");
		buf_str(&w->path, d->d_name);
		st = buf_status(&w->path, w->err);
		if (st == OST_OK)
			st = find_entry(w, dirfd(dir), d->d_name, d->d_type,
					depth);
		buf_cut(&w->path, len);
		w->device = device;
	}
	if (st == OST_OK && errno != 0)
		find_left_out(w, &w->fleet->unread, strerror(errno));
	closedir(dir);
	return st;
}

static int by_path(const void *a, const void *b)
{
	const struct fleet_store *x = a, *y = b;

	return strcmp(x->path, y->path);
}

enum ost_status fleet_find(struct fleet *f, int dir, struct ost_error *err)
{
	struct find w = { .fleet = f, .err = err };
	const size_t before = f->count;
	const int own = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum ost_status st;
	struct stat about;

	if (own < 0 || fstat(own, &about) != 0) {
		st = ost_fail(err, OST_CANNOT_OPEN, "%s", strerror(errno));
		if (own >= 0)
			close(own);
		return st;
	}
	w.device = about.st_dev;
	st = find_in(&w, own, 1);
	buf_free(&w.path);
	if (f->count > before)
		qsort(f->stores + before, f->count - before, sizeof(*f->stores),
		      by_path);
	return st;
}

void fleet_free(struct fleet *f)
{
	for (size_t i = 0; i < f->count; i++) {
		free(f->stores[i].path);
		free(f->stores[i].name);
		free(f->stores[i].wish);
	}
	free(f->stores);
	*f = (struct fleet){ 0 };
}
