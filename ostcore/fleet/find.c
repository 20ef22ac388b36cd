/*
 * find.c - which files below a directory may be stores
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/sorted.h"
#include "fleet/fleet.h"

enum {
	HANDS = 8,	  /* that walk at once: each waits for a disk mostly */
	ENTRIES_EACH = 4, /* but for fewer there is none */
};

/* One walk; `path` is where it is, relative to where it began. */
struct find {
	struct fleet *fleet;
	struct ost_error *err;
	struct buf path;
	dev_t device; /* of the directory where it began */
};

/* What is in the directory of all: each hand takes the next one. */
struct crew {
	int dir;
	dev_t device;
	struct entry {
		char *name; /* owned */
		unsigned char type;
	} * entries; /* owned */
	size_t count;
	atomic_size_t next;
};

/* Who walks, and what was found. */
struct hand {
	struct crew *crew;
	struct fleet fleet;
	struct ost_error err;
	enum ost_status status;
	pthread_t thread;
	bool own; /* thread */
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

/* A directory, or a file of the right name; or nobody knows yet. */
static bool may_matter(const char *name, unsigned char type)
{
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	return type == DT_UNKNOWN || type == DT_DIR ||
	       (type == DT_REG && is_store_name(name));
}

static enum ost_status too_many(struct ost_error *err)
{
	return ost_fail(err, OST_LIMIT, "more than %d stores", FLEET_MAX);
}

enum ost_status fleet_add(struct fleet *f, const char *path, const char *wish,
			  struct ost_error *err)
{
	struct fleet_store s = { 0 };

	if (f->count == FLEET_MAX)
		return too_many(err);
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

/* Of those that were left out, the first in the order of the paths. */
static void keep_first(struct fleet *f, const struct ost_error *other)
{
	if (f->first.text[0] == '\0' ||
	    (other->text[0] != '\0' && strcmp(other->text, f->first.text) < 0))
		f->first = *other;
}

/* Count what was left out: a store may be there. */
static void find_left_out(struct find *w, uint64_t *count, const char *why)
{
	struct ost_error about;

	(void)!ost_fail(&about, OST_IO, "%s: %s", buf_text(&w->path), why);
	keep_first(w->fleet, &about);
	++*count;
}

static enum ost_status find_in(struct find *w, int dir, unsigned depth);

/* The entry `name` of `dir`, which w->path names. */
static enum ost_status find_entry(struct find *w, int dir, const char *name,
				  unsigned char type, unsigned depth)
{
	struct stat st;
	int below;

	if (!may_matter(name, type))
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
		buf_str(&w->path, "/");
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

/* What of the directory `fd`, which it closes, may matter. */
static enum ost_status list_top(struct crew *c, int fd, struct find *w)
{
	DIR *dir = fdopendir(fd);
	const struct dirent *d;

	if (dir == NULL) {
		close(fd);
		return ost_no_memory(w->err);
	}
	while ((errno = 0, d = readdir(dir)) != NULL) {
		struct entry e = { .type = d->d_type };

		if (!may_matter(d->d_name, d->d_type))
			continue;
		e.name = strdup(d->d_name);
		if (e.name == NULL ||
		    !array_more(&c->entries, c->count, sizeof(e))) {
			free(e.name);
			closedir(dir);
			return ost_no_memory(w->err);
		}
		c->entries[c->count++] = e;
	}
	if (errno != 0)
		find_left_out(w, &w->fleet->unread, strerror(errno));
	closedir(dir);
	return OST_OK;
}

static void *walk(void *arg)
{
	struct hand *h = arg;
	struct crew *c = h->crew;
	struct find w = { .fleet = &h->fleet, .err = &h->err };
	size_t i;

	while (h->status == OST_OK && (i = c->next++) < c->count) {
		const struct entry *e = &c->entries[i];

		w.device = c->device;
		buf_cut(&w.path, 0);
		buf_str(&w.path, e->name);
		h->status = buf_status(&w.path, w.err);
		if (h->status == OST_OK)
			h->status = find_entry(&w, c->dir, e->name, e->type, 1);
	}
	if (h->status != OST_OK)
		c->next = c->count; /* the others need not go on */
	buf_free(&w.path);
	return NULL;
}

/* Move what `h` has found to `f`. */
static enum ost_status take_over(struct fleet *f, struct hand *h,
				 struct ost_error *err)
{
	enum ost_status st = h->status;

	if (st != OST_OK)
		*err = h->err;
	for (size_t i = 0; st == OST_OK && i < h->fleet.count; i++) {
		if (f->count == FLEET_MAX)
			st = too_many(err);
		else if (!array_more(&f->stores, f->count, sizeof(*f->stores)))
			st = ost_no_memory(err);
		if (st != OST_OK)
			break;
		f->stores[f->count++] = h->fleet.stores[i];
		h->fleet.stores[i] = (struct fleet_store){ 0 };
	}
	f->unread += h->fleet.unread;
	f->too_deep += h->fleet.too_deep;
	keep_first(f, &h->fleet.first);
	fleet_free(&h->fleet);
	return st;
}

/* All entries of the crew's directory, by as many as they are worth. */
static enum ost_status find_all(struct crew *c, struct fleet *f,
				struct ost_error *err)
{
	struct hand hands[HANDS] = { 0 };
	enum ost_status st = OST_OK, one;

	for (size_t i = 0; i < HANDS; i++) {
		struct hand *h = &hands[i];

		h->crew = c;
		/* Whoever cannot be had is done without. */
		h->own = i > 0 && i * ENTRIES_EACH < c->count &&
			 pthread_create(&h->thread, NULL, walk, h) == 0;
	}
	walk(&hands[0]);
	for (size_t i = 0; i < HANDS; i++) {
		if (hands[i].own)
			pthread_join(hands[i].thread, NULL);
		one = take_over(f, &hands[i], err);
		st = st == OST_OK ? one : st;
	}
	return st;
}

enum ost_status fleet_find(struct fleet *f, int dir, struct ost_error *err)
{
	struct crew c = { .dir = dir };
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
	c.device = about.st_dev;
	st = list_top(&c, own, &w);
	if (st == OST_OK)
		st = find_all(&c, f, err);
	for (size_t i = 0; i < c.count; i++)
		free(c.entries[i].name);
	free(c.entries);
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
