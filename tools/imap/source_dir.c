/*
 * source_dir.c - a directory as a source: where ostfs shows a store, or a copy
 * of that
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/sorted.h"
#include "imap/source.h"
#include "out/out.h"
#include "tree/name.h"

struct dir_source {
	int dir;
	const struct out_filter *filter;
	char **paths; /* owned, with what is in them */
	size_t count, cap;
};

/* Names in a directory, in order. */
struct names {
	char **at; /* owned, with what is in them */
	size_t count;
};

struct dir_view {
	const char *folder;
	struct names mails;
};

static bool ends_in(const char *name, const char *suffix)
{
	const size_t len = strlen(name), own = strlen(suffix);

	return len >= own && strcmp(name + len - own, suffix) == 0;
}

static void names_free(struct names *n)
{
	for (size_t i = 0; i < n->count; i++)
		free(n->at[i]);
	free(n->at);
	*n = (struct names){ 0 };
}

static bool names_add(struct names *n, const char *name)
{
	if (!array_more(&n->at, n->count, sizeof(*n->at)))
		return false;
	n->at[n->count] = strdup(name);
	n->count += n->at[n->count] != NULL;
	return n->count > 0 && n->at[n->count - 1] != NULL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void names_sort(struct names *n)
{
	if (n->count > 1)
		qsort(n->at, n->count, sizeof(*n->at), by_name);
}

static char *join(const char *folder, const char *name)
{
	char *path = NULL;

	if (asprintf(&path, "%s%s%s", folder, folder[0] != '\0' ? "/" : "",
		     name) < 0)
		return NULL;
	return path;
}

/* --- listing ---------------------------------------------------------------
 */

static int open_dir(const struct dir_source *s, const char *folder)
{
	return openat(s->dir, folder[0] != '\0' ? folder : ".",
		      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Where ours are not mails of anybody. */
static bool is_ours(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
	       strcmp(name, ".ostfs") == 0 || strcmp(name, ".ostexport") == 0;
}

/* Only what is open can be asked what it is, in a sandbox. */
static bool is_dir(int dir, const struct dirent *d)
{
	int fd;

	if (d->d_type != DT_UNKNOWN)
		return d->d_type == DT_DIR;
	fd = openat(dir, d->d_name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* All names in `folder`, in order: files, and directories. */
static enum ost_status list_names(const struct dir_source *s,
				  const char *folder, struct names *files,
				  struct names *dirs, struct ost_error *err)
{
	const int fd = open_dir(s, folder);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *d;
	bool good = true;

	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return ost_fail(err, OST_CORRUPT, "%s", strerror(errno));
	}
	errno = 0;
	while (good && (d = readdir(dir)) != NULL) {
		if (!is_ours(d->d_name))
			good = names_add(is_dir(fd, d) ? dirs : files,
					 d->d_name);
		if (good)
			errno = 0;
	}
	const int failed = errno;
	closedir(dir);
	if (!good)
		return ost_no_memory(err);
	if (failed != 0)
		return ost_fail(err, OST_CORRUPT, "%s", strerror(failed));
	names_sort(files);
	names_sort(dirs);
	return OST_OK;
}

static int past_stem(const void *key, size_t index, const void *arg)
{
	const struct names *n = arg;

	return strcmp(key, n->at[index]);
}

/* Is it the directory of attachments that stand in a mail already? */
static bool is_beside(const struct names *files, const char *dir)
{
	const size_t len = strlen(dir) - strlen(NAME_BESIDE);
	char *stem;
	bool is = false;

	if (!ends_in(dir, NAME_BESIDE))
		return false;
	stem = strndup(dir, len);
	for (size_t i = stem != NULL ? sorted_first(stem, files->count,
						    past_stem, files)
				     : files->count;
	     !is && i < files->count && strncmp(files->at[i], stem, len) == 0;
	     i++) {
		const char *dot = strrchr(files->at[i], '.');

		is = dot != NULL ? (size_t)(dot - files->at[i]) == len
				 : files->at[i][len] == '\0';
	}
	free(stem);
	return is;
}

static enum ost_status add_folder(struct dir_source *s, char *path,
				  struct ost_error *err)
{
	if (path == NULL ||
	    !array_more(&s->paths, s->count, sizeof(*s->paths))) {
		free(path);
		return ost_no_memory(err);
	}
	s->paths[s->count++] = path;
	return OST_OK;
}

static enum ost_status tell_folder(struct dir_source *s, size_t number, int to,
				   struct ost_error *err)
{
	char *path = s->paths[number];
	struct source_folder f = { .number = number, .path = path };
	struct names files = { 0 }, dirs = { 0 };
	struct ost_error why = { "" };
	enum ost_status st = list_names(s, path, &files, &dirs, &why);

	if (st == OST_CORRUPT)
		(void)source_tell_fault(to, path, why.text);
	else if (st != OST_OK)
		(void)!ost_fail(err, st, "%s", why.text);
	for (size_t i = 0; i < files.count; i++)
		if (ends_in(files.at[i], ".eml"))
			f.mails++;
		else
			f.others++;
	if (st == OST_OK && out_wants_folder(s->filter, path))
		(void)source_tell_folder(to, &f);
	for (size_t i = 0; st == OST_OK && i < dirs.count; i++)
		if (!is_beside(&files, dirs.at[i]))
			st = add_folder(s, join(path, dirs.at[i]), err);
	names_free(&files);
	names_free(&dirs);
	return st == OST_CORRUPT ? OST_OK : st;
}

static enum ost_status dir_folders(void *source, int to, struct ost_error *err)
{
	struct dir_source *s = source;
	enum ost_status st = add_folder(s, strdup(""), err);

	for (size_t i = 0; st == OST_OK && i < s->count; i++)
		st = tell_folder(s, i, to, err);
	return st;
}

static void dir_drop(void *view)
{
	struct dir_view *v = view;

	if (v != NULL)
		names_free(&v->mails);
	free(v);
}

static int open_file(const struct dir_source *s, const char *path)
{
	return openat(s->dir, path,
		      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

/* The name is said in full, and a file that was changed is another mail. */
static void identify(const struct dir_source *s, const char *folder,
		     const char *name, struct source_item *item)
{
	char *path = join(folder, name), *text = NULL;
	const int fd = path != NULL ? open_file(s, path) : -1;
	struct stat is = { 0 };

	if (fd >= 0 && fstat(fd, &is) != 0)
		is = (struct stat){ 0 };
	if (fd >= 0)
		close(fd);
	if (path != NULL &&
	    asprintf(&text, "%s\n%" PRIu64 " %" PRId64, path,
		     (uint64_t)is.st_size, (int64_t)is.st_mtime) > 0)
		item->id = key_of(span_of(text, strlen(text)));
	free(path);
	free(text);
}

static enum ost_status dir_items(void *source, void **view, uint64_t folder,
				 int to, struct ost_error *err)
{
	struct dir_source *s = source;
	struct names all = { 0 }, dirs = { 0 };
	struct dir_view *v;
	enum ost_status st;

	dir_drop(*view);
	*view = v = calloc(1, sizeof(*v));
	if (v == NULL)
		return ost_no_memory(err);
	if (folder >= s->count)
		return ost_fail(err, OST_BUG, "no such folder");
	v->folder = s->paths[folder];
	st = list_names(s, v->folder, &all, &dirs, err);
	for (size_t i = 0; st == OST_OK && i < all.count; i++) {
		struct source_item item = { .number = v->mails.count };

		if (!ends_in(all.at[i], ".eml"))
			continue;
		if (!names_add(&v->mails, all.at[i]))
			st = ost_no_memory(err);
		identify(s, v->folder, all.at[i], &item);
		if (st == OST_OK && !source_tell_items(to, &item, 1))
			st = OST_STOPPED;
	}
	names_free(&all);
	names_free(&dirs);
	return st;
}

/* --- mails -----------------------------------------------------------------
 */

static enum ost_status dir_path(void *source, void *view,
				const struct source_item *item,
				struct buf *path, struct ost_error *err)
{
	const struct dir_view *v = view;

	(void)source;
	if (v == NULL || item->number >= v->mails.count)
		return ost_fail(err, OST_BUG, "no such mail");
	buf_printf(path, "%s%s%s", v->folder, v->folder[0] != '\0' ? "/" : "",
		   v->mails.at[item->number]);
	return OST_OK;
}

static enum ost_status dir_open(void *source, void *view, uint64_t number,
				struct source_mail *mail, struct ost_error *err)
{
	const struct dir_source *s = source;
	const struct dir_view *v = view;
	struct stat is;
	char *path;

	if (v == NULL || number >= v->mails.count)
		return ost_fail(err, OST_BUG, "no such mail");
	path = join(v->folder, v->mails.at[number]);
	if (path == NULL)
		return ost_no_memory(err);
	mail->fd = open_file(s, path);
	free(path);
	if (mail->fd < 0)
		return ost_fail(err, OST_CORRUPT, "%s",
				errno == ELOOP ? "it is a symbolic link"
					       : strerror(errno));
	if (fstat(mail->fd, &is) == 0 && S_ISREG(is.st_mode)) {
		mail->size = (uint64_t)is.st_size;
		mail->mtime = (int64_t)is.st_mtime;
		return OST_OK;
	}
	close(mail->fd);
	return ost_fail(err, OST_CORRUPT, "it is not a regular file");
}

static enum ost_status dir_read(struct source_mail *mail, uint64_t off,
				void *to, size_t want, size_t *got,
				struct ost_error *err)
{
	ssize_t n;

	do
		n = pread(mail->fd, to, want, (off_t)off);
	while (n < 0 && errno == EINTR);
	*got = n > 0 ? (size_t)n : 0;
	return n >= 0 ? OST_OK
		      : ost_fail(err, OST_CORRUPT, "%s", strerror(errno));
}

static void dir_close(struct source_mail *mail)
{
	close(mail->fd);
}

enum ost_status source_serve_dir(int dir, const struct out_filter *filter,
				 const int *fds, size_t count,
				 struct ost_error *err)
{
	static const struct source_ops ops = {
		.folders = dir_folders,
		.items = dir_items,
		.path = dir_path,
		.open = dir_open,
		.read = dir_read,
		.close = dir_close,
		.drop = dir_drop,
	};
	struct dir_source s = { .dir = dir, .filter = filter };
	enum ost_status st = source_serve(&ops, &s, fds, count, err);

	for (size_t i = 0; i < s.count; i++)
		free(s.paths[i]);
	free(s.paths);
	return st;
}
