#include "many.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/verify.h"
#include "bytes/text.h"
#include "fleet/fleet.h"
#include "out/out.h"
#include "place.h"
#include "tool.h"

#define RECORD	    VERIFY_JOURNAL "/stores.jsonl"
#define PART	    "stores.jsonl.part"
#define RECORD_PART VERIFY_JOURNAL "/" PART

enum { RECORD_MAX = 64 << 20 }; /* bytes */

struct run {
	const struct many *many;
	const char *dest, *top; /* before the path of each store */
	int dir;		/* DEST */
	struct fleet fleet;
	int *codes; /* of each store; -1: none yet; owned */
	size_t whole, with_losses;
	bool no_destination, interrupted;
};

/* --- which stores ----------------------------------------------------------
 */

static enum ost_status add_below(struct fleet *f, const char *path,
				 struct ost_error *err)
{
	const int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum ost_status st;

	if (dir < 0)
		return ost_fail(err, OST_CANNOT_OPEN, "%s", strerror(errno));
	st = fleet_find(f, dir, err);
	close(dir);
	if (st == OST_OK && f->unread + f->too_deep > 0)
		tool_warn("%s: warning: %" PRIu64
			  " directories could not be read: %s",
			  path, f->unread + f->too_deep, f->first.text);
	return st;
}

static bool is_dir(const char *path)
{
	struct stat is;

	return stat(path, &is) == 0 && S_ISDIR(is.st_mode);
}

/* A store, or those below a directory, by their absolute paths. */
static enum ost_status add_one(struct fleet *f, const char *path,
			       struct ost_error *err)
{
	const size_t first = f->count;
	char *real = realpath(path, NULL);
	enum ost_status st = OST_OK;

	if (real == NULL) /* it is told when it is opened */
		return fleet_add(f, path + strspn(path, "/"), NULL, err);
	if (!is_dir(real))
		st = fleet_add(f, real + 1, NULL, err);
	else
		st = add_below(f, real, err);
	for (size_t i = first; st == OST_OK && is_dir(real) && i < f->count;
	     i++) {
		char *whole;

		if (asprintf(&whole, "%s/%s", real + 1, f->stores[i].path) < 0)
			st = ost_no_memory(err);
		else
			free(f->stores[i].path);
		if (st == OST_OK)
			f->stores[i].path = whole;
	}
	free(real);
	return st;
}

static int by_path(const void *a, const void *b)
{
	const struct fleet_store *x = a, *y = b;

	return strcmp(x->path, y->path);
}

/* As the fleet mount has them, so that they have the same names. */
static enum ost_status find_stores(struct run *r, char **stores, int count,
				   struct ost_error *err)
{
	struct fleet *f = &r->fleet;
	enum ost_status st = OST_OK;

	r->top = count == 1 ? stores[0] : "";
	if (count == 1)
		return add_below(f, stores[0], err);
	for (int i = 0; st == OST_OK && i < count; i++)
		st = add_one(f, stores[i], err);
	if (st == OST_OK && f->count > 0)
		qsort(f->stores, f->count, sizeof(*f->stores), by_path);
	return st;
}

/* --- the destination -------------------------------------------------------
 */

static bool lies_in(const char *path, const char *dir)
{
	const size_t len = strcmp(dir, "/") == 0 ? 0 : strlen(dir);

	return strncmp(path, dir, len) == 0 &&
	       (path[len] == '/' || path[len] == '\0');
}

/* What is written among the stores would be taken for some the next time. */
static bool is_among(const char *dest, char **stores, int count)
{
	char *to = realpath(dest, NULL);
	bool among = false;

	for (int i = 0; to != NULL && !among && i < count; i++) {
		char *from = realpath(stores[i], NULL);

		among = from != NULL && is_dir(from) && lies_in(to, from);
		free(from);
	}
	free(to);
	return among;
}

/* The record of the run before; false: it cannot be read, with an errno. */
static bool read_record(int dir, struct buf *text)
{
	enum { FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC };
	const int fd = openat(dir, RECORD, FLAGS);
	ssize_t n = 1;
	char piece[4096];

	if (fd < 0)
		return false;
	while (n > 0 && text->len < RECORD_MAX) {
		n = read(fd, piece, sizeof(piece));
		if (n > 0)
			buf_add(text, piece, (size_t)n);
	}
	close(fd);
	return n == 0;
}

/* Write down all names, and what has become of each store so far. */
static bool write_record(const struct run *r)
{
	enum { FLAGS = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC };
	struct buf text = { 0 };
	int fd = openat(r->dir, RECORD_PART, FLAGS, 0666), error = 0;
	size_t done = 0;

	for (size_t i = 0; i < r->fleet.count; i++)
		fleet_record_put(&text, &r->fleet.stores[i], r->codes[i]);
	if (fd < 0)
		error = errno;
	else if (text.bad)
		error = ENOMEM;
	while (error == 0 && done < text.len) {
		const ssize_t n = write(fd, text.at + done, text.len - done);

		if (n < 0 && errno != EINTR)
			error = errno;
		done += n > 0 ? (size_t)n : 0;
	}
	if (fd >= 0 && close(fd) != 0 && error == 0)
		error = errno;
	if (error == 0 && renameat(r->dir, RECORD_PART, r->dir, RECORD) != 0)
		error = errno;
	buf_free(&text);
	if (error != 0)
		place_fail(r->dest, strerror(error));
	return error == 0;
}

/* DEST has no record: may one be begun? */
static bool begin_record(const struct run *r)
{
	struct ost_error err = { "" };

	if (out_begun(r->dir, PART, &err) != OST_OK)
		place_fail(r->dest, err.text);
	else if (mkdirat(r->dir, VERIFY_JOURNAL, 0777) != 0 && errno != EEXIST)
		place_fail(r->dest, strerror(errno));
	else
		return true;
	return false;
}

/* Take the names of the run before. False: DEST holds something else. */
static bool take_record(struct run *r, enum ost_status *st,
			struct ost_error *err)
{
	struct buf text = { 0 };
	bool good = read_record(r->dir, &text);

	*st = OST_OK;
	if (good)
		*st = fleet_record_use(&r->fleet, buf_span(&text), err);
	else if (errno == ENOENT || errno == ENOTDIR)
		good = begin_record(r);
	else
		place_fail(r->dest, RECORD " cannot be read");
	buf_free(&text);
	return good;
}

/* --- all of them -----------------------------------------------------------
 */

static bool count_code(struct run *r, size_t i, int code)
{
	r->codes[i] = code;
	r->whole += code == OST_EXIT_OK;
	r->with_losses += code == OST_EXIT_LOSSES;
	r->no_destination |= code == OST_EXIT_DESTINATION;
	r->interrupted |= code == OST_EXIT_INTERRUPTED;
	return write_record(r);
}

static char *whole_path(const struct run *r, size_t i)
{
	char *path;

	if (asprintf(&path, "%s/%s", r->top, r->fleet.stores[i].path) < 0)
		return NULL;
	return path;
}

static bool write_one(struct run *r, size_t i)
{
	const struct many *m = r->many;
	char *from = whole_path(r, i), *to = NULL;
	bool good = from != NULL &&
		    asprintf(&to, "%s/%s%s", r->dest, r->fleet.stores[i].name,
			     m->suffix) >= 0;

	if (good) {
		tool_warn("%s to %s", from, to);
		good = count_code(r, i, m->run(m->arg, from, to));
		free(to);
	}
	free(from);
	return good;
}

/* What a person looks for after a night: which are not there. */
static void conclude(const struct run *r)
{
	for (size_t i = 0; i < r->fleet.count; i++) {
		const int code = r->codes[i];
		char *path = whole_path(r, i);

		if (code > OST_EXIT_OK && code != OST_EXIT_LOSSES)
			tool_warn("not written: %s: exit status %d",
				  path != NULL ? path : "", code);
		free(path);
	}
	tool_warn("of %zu %s, %zu %s written whole, %zu with losses, %zu not; "
		  "see %s/" RECORD,
		  r->fleet.count,
		  text_plural(r->fleet.count, "store", "stores"), r->whole,
		  text_plural(r->whole, "is", "are"), r->with_losses,
		  r->fleet.count - r->whole - r->with_losses, r->dest);
}

/* One that cannot be read stops no other. */
static int write_all(struct run *r)
{
	bool good = write_record(r);

	for (size_t i = 0; good && i < r->fleet.count && !r->interrupted; i++)
		good = write_one(r, i);
	conclude(r);
	if (r->interrupted)
		return OST_EXIT_INTERRUPTED;
	if (r->no_destination || !good)
		return OST_EXIT_DESTINATION;
	return r->whole == r->fleet.count ? OST_EXIT_OK : OST_EXIT_LOSSES;
}

static int write_named(struct run *r, const char *first)
{
	struct ost_error err = { "" };
	enum ost_status st;

	if (!take_record(r, &st, &err))
		return OST_EXIT_DESTINATION;
	if (st == OST_OK)
		st = fleet_name(&r->fleet, &err);
	r->codes = calloc(r->fleet.count, sizeof(*r->codes));
	if (st == OST_OK && r->codes == NULL)
		st = ost_no_memory(&err);
	if (st != OST_OK)
		return tool_fail(first, st, &err);
	qsort(r->fleet.stores, r->fleet.count, sizeof(*r->fleet.stores),
	      by_path);
	for (size_t i = 0; i < r->fleet.count; i++)
		r->codes[i] = -1;
	return write_all(r);
}

static int into_dest(struct run *r, char **stores, int count)
{
	bool made;
	int code = OST_EXIT_DESTINATION;

	r->dir = place_open(r->dest, &made);
	if (r->dir < 0)
		return code;
	if (is_among(r->dest, stores, count))
		place_fail(r->dest, "it lies in the directory of the stores; "
				    "name one outside of it");
	else
		code = write_named(r, stores[0]);
	close(r->dir);
	if (made)
		(void)rmdir(r->dest); /* if nothing came to be in it */
	return code;
}

int many_run(const struct many *m, char **stores, int count, const char *dest)
{
	struct run r = { .many = m, .dest = dest };
	struct ost_error err = { "" };
	const enum ost_status st = find_stores(&r, stores, count, &err);
	int code;

	if (st != OST_OK) {
		code = tool_fail(stores[0], st, &err);
	} else if (r.fleet.count == 0) {
		tool_warn("%s: no .ost or .pst below it; name a store, or a "
			  "directory that has some",
			  stores[0]);
		code = OST_EXIT_CANNOT_OPEN;
	} else {
		code = into_dest(&r, stores, count);
	}
	fleet_free(&r.fleet);
	free(r.codes);
	return code;
}
