/*
 * append.c - many items in a file, each where the one before it ends
 */
#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <unistd.h>

#include "out/writer.h"

enum {
	SMALL = 1 << 20,    /* bytes of an item that is read ahead of time */
	HELD_MAX = 16 << 20 /* of all of them */
};

static enum ost_status sink_memory(void *to, struct span bytes,
				   struct ost_error *err)
{
	buf_add(to, bytes.at, bytes.len);
	return buf_status(to, err);
}

static enum ost_status sink_append(void *to, struct span bytes,
				   struct ost_error *err)
{
	return append_bytes(to, bytes, err);
}

enum ost_status append_work(struct out *x, struct out_job *j, out_pass *pass,
			    void *pass_arg, struct ost_error *err)
{
	enum ost_status st;

	j->late = j->node.size > SMALL || atomic_load(&x->held) > HELD_MAX;
	if (j->late)
		return OST_OK;
	st = out_copy(x, j->ino, &j->entry, pass, pass_arg, sink_memory,
		      &j->bytes, err);
	atomic_fetch_add(&x->held, j->bytes.len);
	return st;
}

enum ost_status append_put(struct out *x, struct out_job *j, struct appended *a,
			   out_pass *pass, void *pass_arg,
			   struct ost_error *err)
{
	struct manifest_entry *e = &j->entry;
	enum ost_status st = OST_OK;

	e->is_part = true;
	e->offset = a->end;
	if (j->late)
		st = out_copy(x, j->ino, e, pass, pass_arg, sink_append, a,
			      err);
	else if (e->error == NULL)
		st = append_bytes(a, buf_span(&j->bytes), err);
	/* What was written of one that cannot be read does not stay. */
	if (st == OST_OK && e->error != NULL && a->end > e->offset) {
		a->end = e->offset;
		if (ftruncate(a->fd, (off_t)a->end) != 0 ||
		    lseek(a->fd, (off_t)a->end, SEEK_SET) < 0)
			st = ost_fail(err, OUT_DESTINATION, "%s: %s", a->path,
				      strerror(errno));
	}
	if (a->mtime < e->mtime)
		a->mtime = e->mtime;
	return st == OST_OK ? out_put(j, e, err) : st;
}

enum ost_status append_bytes(struct appended *a, struct span bytes,
			     struct ost_error *err)
{
	const enum ost_status st = dest_write(a->fd, bytes.at, bytes.len, err);

	if (st == OST_OK)
		a->end += bytes.len;
	return st == OST_OK ? OST_OK : ost_within(err, st, "%s", a->path);
}

static void appended_free(struct appended *a)
{
	if (a->fd >= 0)
		close(a->fd);
	if (a->dir >= 0)
		close(a->dir);
	free(a->path);
	free(a->part);
	free(a);
}

static const char *last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static enum ost_status open_parent(struct out *x, struct appended *a,
				   struct ost_error *err)
{
	const size_t len = (size_t)(last_name(a->path) - a->path);
	char *parent = strndup(a->path, len > 0 ? len - 1 : 0);
	enum ost_status st;

	if (parent == NULL)
		return ost_no_memory(err);
	st = dest_dir(&a->dir, x->o->dest, parent, true, err);
	free(parent);
	return st;
}

/* One that is whole already is gone on with as one that is not. */
static enum ost_status open_part(struct appended *a, struct ost_error *err)
{
	enum { FLAGS = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC };

	(void)renameat(a->dir, last_name(a->path), a->dir, a->part);
	a->fd = openat(a->dir, a->part, FLAGS, 0666);
	if (a->fd >= 0)
		return OST_OK;
	return ost_fail(err, OUT_DESTINATION, "%s: %s", a->path,
			strerror(errno));
}

/* A long name has no room for more, and some are alike but for their ends. */
static char *part_name(const char *path)
{
	struct sha256_ctx sum;
	uint8_t d[4];
	char *name;

	sha256_init(&sum);
	sha256_update(&sum, strlen(path), (const uint8_t *)path);
	sha256_digest(&sum, sizeof(d), d);
	if (asprintf(&name, ".ostexport-%02x%02x%02x%02x.part", d[0], d[1],
		     d[2], d[3]) < 0)
		return NULL;
	return name;
}

enum ost_status append_open(struct out *x, struct appended **list,
			    struct appended **out, const char *path,
			    struct ost_error *err)
{
	struct appended *a;
	enum ost_status st = OST_OK;

	for (*out = *list; *out != NULL; *out = (*out)->next)
		if (strcmp((*out)->path, path) == 0)
			return OST_OK;
	a = calloc(1, sizeof(*a));
	if (a == NULL)
		return ost_no_memory(err);
	a->dir = a->fd = -1;
	a->path = strdup(path);
	a->part = part_name(path);
	if (a->path == NULL || a->part == NULL)
		st = ost_no_memory(err);
	if (st == OST_OK)
		st = open_parent(x, a, err);
	if (st == OST_OK)
		st = open_part(a, err);
	if (st != OST_OK) {
		appended_free(a);
		return st;
	}
	a->next = *list;
	*list = *out = a;
	return OST_OK;
}

enum ost_status append_keep(struct out *x, struct out_job *j,
			    struct appended *a, struct ost_error *err)
{
	struct stat is;

	(void)x;
	if (j->entry.error != NULL || j->entry.offset != a->end ||
	    fstat(a->fd, &is) != 0 ||
	    (uint64_t)is.st_size < a->end + j->entry.size)
		return ost_fail(err, OUT_DESTINATION,
				"%s is not as it was written; remove it all "
				"and begin anew",
				a->path);
	a->end += j->entry.size;
	if (a->mtime < j->entry.mtime)
		a->mtime = j->entry.mtime;
	if (lseek(a->fd, (off_t)a->end, SEEK_SET) < 0)
		return ost_fail(err, OUT_DESTINATION, "%s: %s", a->path,
				strerror(errno));
	return OST_OK;
}

/* Nothing is behind its end, and it has its name. */
static enum ost_status finish(struct appended *a, struct out_job *j,
			      struct ost_error *err)
{
	struct manifest_entry e = { .kind = MANIFEST_FILE,
				    .path = a->path,
				    .is_part = true,
				    .size = a->end,
				    .mtime = a->mtime };
	enum ost_status st = OST_OK;

	if (ftruncate(a->fd, (off_t)a->end) != 0)
		st = ost_fail(err, OUT_DESTINATION, "%s: %s", a->path,
			      strerror(errno));
	if (st == OST_OK)
		st = dest_time(a->fd, a->mtime, 0, err);
	if (st == OST_OK &&
	    (close(a->fd) != 0 ||
	     renameat(a->dir, a->part, a->dir, last_name(a->path)) != 0))
		st = ost_fail(err, OUT_DESTINATION, "%s: %s", a->path,
			      strerror(errno));
	if (st == OST_OK) {
		a->fd = -1;
		st = out_put(j, &e, err);
	}
	return st;
}

enum ost_status append_close(struct appended **list, struct out_job *j,
			     struct ost_error *err)
{
	struct appended *in_order = NULL, *a;
	enum ost_status st = OST_OK;

	while ((a = *list) != NULL) { /* the newest comes first in it */
		*list = a->next;
		a->next = in_order;
		in_order = a;
	}
	while ((a = in_order) != NULL) {
		in_order = a->next;
		if (st == OST_OK)
			st = finish(a, j, err);
		appended_free(a);
	}
	return st;
}

void append_drop(struct appended **list)
{
	struct appended *a;

	while ((a = *list) != NULL) {
		*list = a->next;
		appended_free(a);
	}
}
