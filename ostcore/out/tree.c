/*
 * tree.c - the layout `tree`: what the mount shows, file for file
 */
#include <stdlib.h>
#include <unistd.h>

#include "out/writer.h"

static enum ost_status tree_folder(struct out *x, struct out_folder *f,
				   struct ost_error *err)
{
	int fd;

	f->dest = strdup(f->path);
	if (f->dest == NULL)
		return ost_no_memory(err);
	return f->wanted ? out_folder_fd(x, f, &fd, err) : OST_OK;
}

/* A directory of attachments. */
struct beside {
	struct out *x;
	struct out_job *j;
	int fd;
	struct buf path;
	enum ost_status st;
	struct ost_error *err;
};

static enum ost_status put_beside(struct out *x, struct out_job *j, int parent,
				  uint64_t dir, const char *path,
				  struct ost_error *err);

static enum ost_status put_attachment(struct beside *b, const char *name,
				      uint64_t ino)
{
	struct manifest_entry e = { .kind = MANIFEST_ATTACHMENT,
				    .path = b->path.at,
				    .nid = tree_what(b->x->t, ino).nid };
	struct tree_node node;
	enum ost_status st = tree_stat(b->x->t, ino, &node, b->err);

	e.size = node.size;
	e.mtime = node.mtime;
	e.nsec = node.mtime_nsec;
	if (st == OST_OK && b->fd < 0)
		st = ost_fail(b->err, OST_NOT_FOUND,
			      "its directory is not "
			      "there");
	if (st == OST_OK)
		st = out_file(b->x, b->fd, name, ino, &e, NULL, NULL, b->err);
	else if (!ost_is_internal(st) &&
		 (e.error = strdup(b->err->text)) != NULL)
		st = OST_OK;
	if (st == OST_OK)
		st = out_put(b->j, &e, b->err);
	free(e.notes);
	free(e.error);
	return st;
}

static bool take_beside(void *arg, const struct tree_entry *e)
{
	struct beside *b = arg;
	const size_t len = b->path.len;

	buf_byte(&b->path, '/');
	buf_str(&b->path, e->name);
	b->st = buf_status(&b->path, b->err);
	if (b->st == OST_OK && e->is_dir)
		b->st = put_beside(b->x, b->j, b->fd, e->ino, b->path.at,
				   b->err);
	else if (b->st == OST_OK)
		b->st = put_attachment(b, e->name, e->ino);
	buf_cut(&b->path, len);
	return b->st == OST_OK;
}

static enum ost_status put_dir(struct out_job *j, const char *path,
			       const char *why, struct ost_error *err)
{
	struct manifest_entry e = { .kind = MANIFEST_ATTACHMENTS,
				    .path = (char *)(uintptr_t)path,
				    .nid = j->nid };

	e.error = (char *)(uintptr_t)why;
	return out_put(j, &e, err);
}

static enum ost_status list_beside(struct beside *b, uint64_t dir)
{
	struct ost_error why = { "" };
	enum ost_status st = tree_list(b->x->t, dir, 0, take_beside, b, &why);

	if (b->st != OST_OK || st == OST_OK)
		return b->st;
	if (ost_is_internal(st))
		return ost_fail(b->err, st, "%s", why.text);
	return put_dir(b->j, b->path.at, why.text, b->err);
}

/* As deep as messages are in messages, of which there is a limit. */
static enum ost_status put_beside(struct out *x, struct out_job *j, int parent,
				  uint64_t dir, const char *path,
				  struct ost_error *err)
{
	struct beside b = { .x = x, .j = j, .fd = -1, .err = err };
	const char *slash = strrchr(path, '/');
	struct tree_node node;
	struct ost_error why = { "" };
	const enum ost_status is = tree_stat(x->t, dir, &node, &why);
	enum ost_status st = OST_OK;

	/* One that the mount lists, and that is not there. */
	if (ost_is_internal(is))
		st = ost_fail(err, is, "%s", why.text);
	else if (is == OST_OK)
		st = dest_dir(&b.fd, parent, slash != NULL ? slash + 1 : path,
			      true, err);
	if (st == OST_OK)
		st = put_dir(j, path, is == OST_OK ? NULL : why.text, err);
	buf_str(&b.path, path);
	if (st == OST_OK)
		st = buf_status(&b.path, err);
	if (st == OST_OK)
		st = list_beside(&b, dir);
	if (st == OST_OK && is == OST_OK)
		st = dest_time(b.fd, node.mtime, node.mtime_nsec, err);
	if (b.fd >= 0)
		close(b.fd);
	buf_free(&b.path);
	return st;
}

static enum ost_status tree_work(struct out *x, struct out_job *j,
				 struct ost_error *err)
{
	const char *slash = strrchr(j->path, '/');
	enum ost_status st = out_entry(j, strdup(j->path), err);
	int fd = -1;

	if (st == OST_OK)
		st = out_folder_fd(x, j->folder, &fd, err);
	if (st == OST_OK && j->entry.error == NULL)
		st = out_file(x, fd, slash != NULL ? slash + 1 : j->path,
			      j->ino, &j->entry, NULL, NULL, err);
	if (st == OST_OK)
		st = out_put(j, &j->entry, err);
	if (st == OST_OK && j->beside != 0)
		st = put_beside(x, j, fd, j->beside, j->beside_path, err);
	return st;
}

static enum ost_status take_folder(struct out *x, struct out_job *j,
				   struct ost_error *err)
{
	struct manifest_entry e = { .kind = MANIFEST_FOLDER,
				    .path = j->folder->path,
				    .nid = j->folder->nid };

	(void)x;
	if (j->kind != OUT_FOLDER || !j->folder->wanted || e.path[0] == '\0')
		return OST_OK;
	return out_put(j, &e, err);
}

const struct out_format out_text = {
	.name = "text",
	.as_tree = true,
	.layout = "layout=text",
	.folder = tree_folder,
	.work = tree_work,
	.take = take_folder,
};

const struct out_format out_tree = {
	.name = "tree",
	.as_tree = true,
	.folder = tree_folder,
	.work = tree_work,
	.take = take_folder,
};
