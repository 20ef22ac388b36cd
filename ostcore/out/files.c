/*
 * files.c - items as files: read, hashed, and written whole
 */
#include <stdlib.h>
#include <unistd.h>

#include "out/writer.h"

enum { CHUNK = 256 << 10 };

/* --- bytes on their way ----------------------------------------------------
 */

struct copying {
	struct manifest_entry *e;
	struct sha256_ctx sum;
	uint64_t written;
	out_pass *pass;
	void *pass_arg;
	struct buf passed;
	out_sink *sink;
	void *to;
	bool changed; /* the store's file is another than it was */
};

static enum ost_status take_bytes(struct copying *c, struct span in, bool last,
				  struct ost_error *err)
{
	enum ost_status st = OST_OK;

	if (c->pass != NULL) {
		buf_cut(&c->passed, 0);
		st = c->pass(c->pass_arg, in, last, &c->passed, err);
		if (st == OST_OK)
			st = buf_status(&c->passed, err);
		in = buf_span(&c->passed);
	}
	if (st != OST_OK || in.len == 0)
		return st;
	sha256_update(&c->sum, in.len, in.at);
	c->written += in.len;
	return c->sink(c->to, in, err);
}

static enum ost_status copy_all(struct out *x, struct copying *c,
				const struct tree_file *f,
				struct ost_error *err)
{
	const uint64_t size = tree_file_size(f);
	const size_t room = size < CHUNK ? (size_t)size + 1 : CHUNK;
	uint8_t *chunk = malloc(room);
	enum ost_status st = OST_OK;
	uint64_t off = 0;
	size_t got = 1;

	if (chunk == NULL)
		return ost_no_memory(err);
	while (st == OST_OK && got > 0 && (off == 0 || off < size)) {
		st = audit_go_on(&x->o->watch, err);
		if (st == OST_OK)
			st = tree_read(f, off, chunk, room, &got, err);
		off += st == OST_OK ? got : 0;
		if (st == OST_OK)
			st = take_bytes(c, span_of(chunk, got),
					got == 0 || off >= size, err);
	}
	if (st == OST_OK && off != size)
		st = ost_fail(err, OST_BUG, "it has not the size it says");
	free(chunk);
	return st;
}

/* Trouble that is ours, or the destination's: the run ends. */
static bool ends_run(enum ost_status st)
{
	return ost_is_internal(st) || st == OST_STOPPED ||
	       st == OUT_DESTINATION;
}

static enum ost_status set_error(struct manifest_entry *e,
				 struct ost_error *err)
{
	free(e->error);
	e->error = strdup(err->text);
	return e->error != NULL ? OST_OK : ost_no_memory(err);
}

static enum ost_status copy_file(struct out *x, struct copying *c, uint64_t ino,
				 struct ost_error *err)
{
	struct tree_file *f = NULL;
	struct ost_error changed;
	enum ost_status st;

	tree_begin(x->t);
	st = tree_open(x->t, ino, &f, err);
	if (st == OST_OK)
		st = copy_all(x, c, f, err);
	if (tree_end(x->t, OST_OK, &changed) != OST_OK) {
		c->changed = true;
		st = OST_IO;
		*err = changed;
	}
	if (st == OST_OK && tree_file_notes(f)[0] != '\0') {
		c->e->notes = strdup(tree_file_notes(f));
		if (c->e->notes == NULL)
			st = ost_no_memory(err);
	}
	tree_close(f);
	return st;
}

enum ost_status out_copy(struct out *x, uint64_t ino, struct manifest_entry *e,
			 out_pass *pass, void *pass_arg, out_sink *sink,
			 void *to, struct ost_error *err)
{
	struct copying c = { .e = e,
			     .pass = pass,
			     .pass_arg = pass_arg,
			     .sink = sink,
			     .to = to };
	enum ost_status st;

	sha256_init(&c.sum);
	st = copy_file(x, &c, ino, err);
	sha256_digest(&c.sum, sizeof(e->sha.at), e->sha.at);
	if (st == OST_OK)
		e->size = c.written;
	buf_free(&c.passed);
	return st == OST_OK || ends_run(st) || c.changed ? st
							 : set_error(e, err);
}

/* --- a file ----------------------------------------------------------------
 */

static enum ost_status sink_file(void *to, struct span bytes,
				 struct ost_error *err)
{
	return dest_write(*(const int *)to, bytes.at, bytes.len, err);
}

enum ost_status out_part(struct out *x, struct dest_file *f, int dir,
			 uint64_t ino, struct manifest_entry *e, out_pass *pass,
			 void *pass_arg, struct ost_error *err)
{
	enum ost_status st = dest_begin(f, dir, ino, err);

	if (st != OST_OK)
		return ost_within(err, st, "%s", e->path);
	st = out_copy(x, ino, e, pass, pass_arg, sink_file, &f->fd, err);
	if (st == OST_OK && e->error == NULL)
		st = dest_close(f, e->mtime, e->nsec, err);
	else
		dest_drop(f);
	return st == OST_OK ? OST_OK : ost_within(err, st, "%s", e->path);
}

enum ost_status out_file(struct out *x, int dir, const char *name, uint64_t ino,
			 struct manifest_entry *e, out_pass *pass,
			 void *pass_arg, struct ost_error *err)
{
	struct dest_file f;
	enum ost_status st = out_part(x, &f, dir, ino, e, pass, pass_arg, err);

	if (st == OST_OK && e->error == NULL)
		st = dest_name(&f, name, err);
	return st;
}

/* --- lines -----------------------------------------------------------------
 */

enum ost_status out_put(struct out_job *j, const struct manifest_entry *e,
			struct ost_error *err)
{
	manifest_put(&j->lines, e);
	manifest_count(&j->n, e);
	if (e->error == NULL && e->notes != NULL && notes_are_damage(e->notes))
		j->damaged++;
	return buf_status(&j->lines, err);
}

enum ost_status out_put_file(struct out_job *j, const char *path,
			     struct span bytes, int64_t mtime,
			     struct ost_error *err)
{
	struct sha256_ctx sum;
	struct manifest_entry e = { .kind = MANIFEST_FILE,
				    .path = (char *)(uintptr_t)path,
				    .size = bytes.len,
				    .mtime = mtime };

	sha256_init(&sum);
	sha256_update(&sum, bytes.len, bytes.at);
	sha256_digest(&sum, sizeof(e.sha.at), e.sha.at);
	return out_put(j, &e, err);
}

enum ost_status out_leave(struct out_job *j)
{
	j->left_out = 1;
	return OST_OK;
}

enum ost_status out_entry(struct out_job *j, char *path, struct ost_error *err)
{
	j->entry.kind = MANIFEST_ITEM;
	j->entry.path = path;
	j->entry.nid = j->nid;
	j->entry.size = j->node.size;
	j->entry.mtime = j->node.mtime;
	j->entry.nsec = j->node.mtime_nsec;
	return path != NULL ? OST_OK : ost_no_memory(err);
}

enum ost_status out_folder_fd(struct out *x, struct out_folder *f, int *fd,
			      struct ost_error *err)
{
	enum ost_status st = OST_OK;

	pthread_mutex_lock(&f->lock);
	if (f->fd < 0)
		st = dest_dir(&f->fd, x->o->dest, f->dest, true, err);
	*fd = f->fd;
	pthread_mutex_unlock(&f->lock);
	return st;
}
