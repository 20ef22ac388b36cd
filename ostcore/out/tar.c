/*
 * tar.c - the layout `tar`: the tree as one stream, in the form pax
 *
 * POSIX.1-2017, pax interchange format. Sizes are known before a byte is read,
 * so nothing is kept on a disk, and it can go through a pipe. There is no
 * owner in it, and names are UTF-8 in every locale.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "out/writer.h"

enum {
	BLOCK = 512,
	SMALL = 256 << 10,   /* bytes of a file that is read ahead of time */
	HELD_MAX = 16 << 20, /* of all of them */
};

/* A directory or file that an item makes. */
struct member {
	struct member *next;
	struct manifest_entry e; /* its path is owned */
	uint64_t ino;
	bool late; /* it is read when it is its turn */
	struct buf bytes;
};

/* --- the form
 * --------------------------------------------------------------------
 */

struct header { /* of ustar */
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12];
	char sum[8], type, link[100], magic[6], version[2];
	char user[32], group[32], major[8], minor[8], prefix[155], rest[12];
};

_Static_assert(sizeof(struct header) == BLOCK, "a block");

static const uint64_t most_octal = 077777777777;

static enum ost_status put_padding(struct out *x, uint64_t size,
				   struct ost_error *err)
{
	static const char zeros[BLOCK];
	const size_t over = size % BLOCK;

	return over == 0 ? OST_OK
			 : dest_write(x->o->dest, zeros, BLOCK - over, err);
}

static enum ost_status put_block(struct out *x, const char *name, char type,
				 uint64_t size, int64_t mtime,
				 struct ost_error *err)
{
	struct header h = { .type = type, .magic = "ustar" };
	const uint64_t time = mtime < 0 ? 0 : (uint64_t)mtime;
	unsigned sum = 0;

	memcpy(h.version, "00", 2);
	memcpy(h.name, name, strnlen(name, sizeof(h.name)));
	snprintf(h.mode, sizeof(h.mode), "%07o", type == '5' ? 0755U : 0644U);
	snprintf(h.uid, sizeof(h.uid), "%07o", 0U);
	snprintf(h.gid, sizeof(h.gid), "%07o", 0U);
	snprintf(h.size, sizeof(h.size), "%011" PRIo64,
		 size <= most_octal ? size : 0);
	snprintf(h.mtime, sizeof(h.mtime), "%011" PRIo64,
		 time <= most_octal ? time : 0);
	memset(h.sum, ' ', sizeof(h.sum));
	for (size_t i = 0; i < sizeof(h); i++)
		sum += ((const uint8_t *)&h)[i];
	snprintf(h.sum, sizeof(h.sum), "%06o", sum);
	h.sum[7] = ' ';
	return dest_write(x->o->dest, &h, sizeof(h), err);
}

/* "LENGTH KEY=VALUE\n", where the length counts itself. */
static void put_record(struct buf *out, const char *key, const char *value)
{
	const size_t rest = strlen(key) + strlen(value) + 3;
	size_t len = rest, digits = 0;

	for (size_t was = 0; was != len;) {
		was = len;
		digits = (size_t)snprintf(NULL, 0, "%zu", len);
		len = rest + digits;
	}
	buf_printf(out, "%zu %s=%s\n", len, key, value);
}

static enum ost_status put_pax(struct out *x, const char *path,
			       const struct manifest_entry *e,
			       struct ost_error *err)
{
	struct buf records = { 0 };
	char text[64];
	enum ost_status st;

	put_record(&records, "path", path);
	if (e->nsec != 0)
		snprintf(text, sizeof(text), "%" PRId64 ".%09" PRIu32, e->mtime,
			 e->nsec);
	else
		snprintf(text, sizeof(text), "%" PRId64, e->mtime);
	put_record(&records, "mtime", text);
	if (e->size > most_octal) {
		snprintf(text, sizeof(text), "%" PRIu64, e->size);
		put_record(&records, "size", text);
	}
	st = buf_status(&records, err);
	if (st == OST_OK)
		st = put_block(x, "pax", 'x', records.len, 0, err);
	if (st == OST_OK)
		st = dest_write(x->o->dest, records.at, records.len, err);
	if (st == OST_OK)
		st = put_padding(x, records.len, err);
	buf_free(&records);
	return st;
}

/* What stands before the bytes of a file or for a directory. */
static enum ost_status put_head(struct out *x, const struct manifest_entry *e,
				struct ost_error *err)
{
	const bool dir = manifest_is_dir(e);
	struct buf path = { 0 };
	enum ost_status st;

	buf_printf(&path, "%s%s", e->path, dir ? "/" : "");
	st = buf_status(&path, err);
	if (st == OST_OK &&
	    (path.len > 100 || !text_is_ascii(buf_span(&path)) ||
	     e->nsec != 0 || e->size > most_octal || e->mtime < 0 ||
	     (uint64_t)e->mtime > most_octal))
		st = put_pax(x, path.at, e, err);
	if (st == OST_OK)
		st = put_block(x, path.at, dir ? '5' : '0', dir ? 0 : e->size,
			       e->mtime, err);
	buf_free(&path);
	return st;
}

/* --- work
 * --------------------------------------------------------------------------
 */

static enum ost_status sink_none(void *to, struct span bytes,
				 struct ost_error *err)
{
	(void)to;
	(void)bytes;
	(void)err;
	return OST_OK;
}

static enum ost_status sink_memory(void *to, struct span bytes,
				   struct ost_error *err)
{
	buf_add(to, bytes.at, bytes.len);
	return buf_status(to, err);
}

struct collecting {
	struct out *x;
	struct out_job *j;
	struct member **last;
	struct buf path;
	enum ost_status st;
	struct ost_error *err;
};

static struct member *add_member(struct collecting *c, enum manifest_kind kind,
				 const char *path, uint64_t ino)
{
	struct member *m = calloc(1, sizeof(*m));

	if (m != NULL)
		m->e.path = strdup(path);
	if (m == NULL || m->e.path == NULL) {
		free(m);
		c->st = ost_no_memory(c->err);
		return NULL;
	}
	m->e.kind = kind;
	m->e.nid = c->j->nid;
	m->ino = ino;
	*c->last = m;
	c->last = &m->next;
	return m;
}

/* One that is large is read twice, for of one that cannot be read nothing is
   to be in the stream. */
static void collect_file(struct collecting *c, enum manifest_kind kind,
			 const char *path, uint64_t ino)
{
	struct member *m = add_member(c, kind, path, ino);
	struct tree_node node;
	struct ost_error why;
	enum ost_status st;

	if (m == NULL)
		return;
	st = tree_stat(c->x->t, ino, &node, &why);
	if (ost_is_internal(st)) {
		c->st = ost_fail(c->err, st, "%s", why.text);
		return;
	}
	m->e.size = st == OST_OK ? node.size : 0;
	m->e.mtime = node.mtime;
	m->e.nsec = node.mtime_nsec;
	m->late = m->e.size > SMALL || atomic_load(&c->x->held) > HELD_MAX;
	c->st = out_copy(c->x, ino, &m->e, NULL, NULL,
			 m->late ? sink_none : sink_memory, &m->bytes, c->err);
	atomic_fetch_add(&c->x->held, m->bytes.len);
}

static void collect_dir(struct collecting *c, uint64_t dir);

static bool collect(void *arg, const struct tree_entry *e)
{
	struct collecting *c = arg;
	const size_t len = c->path.len;

	buf_byte(&c->path, '/');
	buf_str(&c->path, e->name);
	c->st = buf_status(&c->path, c->err);
	if (c->st == OST_OK && e->is_dir)
		collect_dir(c, e->ino);
	else if (c->st == OST_OK)
		collect_file(c, MANIFEST_ATTACHMENT, c->path.at, e->ino);
	buf_cut(&c->path, len);
	return c->st == OST_OK;
}

/* As deep as messages are in messages, of which there is a limit. */
static void collect_dir(struct collecting *c, uint64_t dir)
{
	struct member *m = add_member(c, MANIFEST_ATTACHMENTS, c->path.at, dir);
	struct tree_node node;
	struct ost_error why;
	enum ost_status st;

	if (m == NULL)
		return;
	st = tree_stat(c->x->t, dir, &node, &why);
	if (st == OST_OK) {
		m->e.mtime = node.mtime;
		m->e.nsec = node.mtime_nsec;
	} else if ((m->e.error = strdup(why.text)) == NULL) {
		c->st = ost_no_memory(c->err);
		return;
	}
	st = tree_list(c->x->t, dir, 0, collect, c, &why);
	if (c->st != OST_OK || st == OST_OK)
		return;
	if (ost_is_internal(st)) {
		c->st = ost_fail(c->err, st, "%s", why.text);
		return;
	}
	m = add_member(c, MANIFEST_ATTACHMENTS, c->path.at, dir);
	if (m != NULL && (m->e.error = strdup(why.text)) == NULL)
		c->st = ost_no_memory(c->err);
}

static enum ost_status tar_work(struct out *x, struct out_job *j,
				struct ost_error *err)
{
	struct collecting c = {
		.x = x, .j = j, .last = (struct member **)&j->more, .err = err
	};

	collect_file(&c, MANIFEST_ITEM, j->path, j->ino);
	if (c.st == OST_OK && j->beside != 0) {
		buf_str(&c.path, j->beside_path);
		c.st = buf_status(&c.path, err);
	}
	if (c.st == OST_OK && j->beside != 0)
		collect_dir(&c, j->beside);
	buf_free(&c.path);
	return c.st;
}

/* --- the stream
 * -------------------------------------------------------------------- */

static enum ost_status sink_stream(void *to, struct span bytes,
				   struct ost_error *err)
{
	const struct out *x = to;

	return dest_write(x->o->dest, bytes.at, bytes.len, err);
}

static enum ost_status stream_late(struct out *x, const struct member *m,
				   struct ost_error *err)
{
	struct manifest_entry again = { .kind = m->e.kind };
	enum ost_status st =
		out_copy(x, m->ino, &again, NULL, NULL, sink_stream, x, err);

	if (st == OST_OK &&
	    (again.error != NULL || !sha_equal(&again.sha, &m->e.sha)))
		st = ost_fail(err, OST_IO, "%s: it was another a moment ago",
			      m->e.path);
	free(again.notes);
	free(again.error);
	return st;
}

static enum ost_status put_member(struct out *x, struct out_job *j,
				  const struct member *m, struct ost_error *err)
{
	enum ost_status st = OST_OK;

	if (m->e.error == NULL) {
		st = put_head(x, &m->e, err);
		if (st == OST_OK && m->late)
			st = stream_late(x, m, err);
		else if (st == OST_OK)
			st = dest_write(x->o->dest, m->bytes.at, m->bytes.len,
					err);
		if (st == OST_OK)
			st = put_padding(x, m->e.size, err);
	}
	return st == OST_OK ? out_put(j, &m->e, err) : st;
}

static enum ost_status put_folder(struct out *x, struct out_job *j,
				  struct ost_error *err)
{
	struct manifest_entry e = { .kind = MANIFEST_FOLDER,
				    .path = j->folder->path,
				    .nid = j->folder->nid };
	struct tree_node node;
	struct ost_error none;
	enum ost_status st;

	if (e.path[0] == '\0' || !j->folder->wanted)
		return OST_OK;
	if (tree_stat(x->t, j->folder->ino, &node, &none) == OST_OK) {
		e.mtime = node.mtime;
		e.nsec = node.mtime_nsec;
	}
	st = put_head(x, &e, err);
	return st == OST_OK ? out_put(j, &e, err) : st;
}

static enum ost_status tar_take(struct out *x, struct out_job *j,
				struct ost_error *err)
{
	enum ost_status st = OST_OK;

	if (j->kind == OUT_FOLDER)
		return put_folder(x, j, err);
	for (const struct member *m = j->more; st == OST_OK && m != NULL;
	     m = m->next)
		st = put_member(x, j, m, err);
	return st;
}

static void tar_job_drop(struct out *x, struct out_job *j)
{
	struct member *m;

	while ((m = j->more) != NULL) {
		j->more = m->next;
		atomic_fetch_sub(&x->held, m->bytes.len);
		manifest_entry_free(&m->e);
		buf_free(&m->bytes);
		free(m);
	}
}

/* The manifest is the last file in it. */
static enum ost_status tar_end(struct out *x, uint64_t size,
			       struct ost_error *err)
{
	struct manifest_entry e = {
		.kind = MANIFEST_FILE,
		.path = ".ostexport/manifest.jsonl",
		.size = size,
		.mtime = store_info(tree_store(x->t))->mtime
	};

	return put_head(x, &e, err);
}

static enum ost_status tar_close(struct out *x, uint64_t size,
				 struct ost_error *err)
{
	static const char zeros[2 * BLOCK];
	enum ost_status st = put_padding(x, size, err);

	return st == OST_OK ? dest_write(x->o->dest, zeros, sizeof(zeros), err)
			    : st;
}

const struct out_format out_tar = {
	.name = "tar",
	.stream = true,
	.as_tree = true,
	.work = tar_work,
	.take = tar_take,
	.job_drop = tar_job_drop,
	.manifest = tar_end,
	.close = tar_close,
};
