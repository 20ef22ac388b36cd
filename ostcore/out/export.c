/*
 * export.c - going through a store and writing it out
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "bytes/sorted.h"
#include "out/writer.h"

/* --- folders and jobs ------------------------------------------------------
 */

static void folder_drop(struct out_folder *f)
{
	if (f == NULL || atomic_fetch_sub(&f->owners, 1) > 1)
		return;
	if (f->fd >= 0)
		close(f->fd);
	pthread_mutex_destroy(&f->lock);
	free(f->state);
	free(f->dest);
	free(f->path);
	free(f);
}

static struct out_folder *folder_new(const struct walk_entry *e)
{
	struct out_folder *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	atomic_init(&f->owners, 1);
	pthread_mutex_init(&f->lock, NULL);
	f->ino = e->ino;
	f->nid = e->what.nid;
	f->fd = -1;
	f->path = strdup(e->path);
	if (f->path != NULL)
		return f;
	folder_drop(f);
	return NULL;
}

static void job_free(struct out *x, struct out_job *j)
{
	if (x->format->job_drop != NULL)
		x->format->job_drop(x, j);
	atomic_fetch_sub(&x->held, j->bytes.len);
	folder_drop(j->folder);
	manifest_entry_free(&j->entry);
	buf_free(&j->old);
	buf_free(&j->lines);
	buf_free(&j->bytes);
	buf_free(&j->json);
	buf_free(&j->csv);
	free(j->beside_path);
	free(j->path);
	free(j);
}

static struct out_job *job_new(struct out *x, enum out_kind kind,
			       const char *path)
{
	struct out_job *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return NULL;
	j->kind = kind;
	j->folder = x->folder;
	if (j->folder != NULL)
		atomic_fetch_add(&j->folder->owners, 1);
	j->path = strdup(path);
	if (j->path != NULL)
		return j;
	job_free(x, j);
	return NULL;
}

/* --- work: any thread -------------------------------------------------------
 */

/* What is at `path` in the destination: 0, or an errno. Most of it is in the
   directory of its folder, which is open. */
static int stat_written(struct out *x, struct out_folder *f, const char *path,
			struct stat *is)
{
	const size_t len = f != NULL && f->dest != NULL ? strlen(f->dest) : 0;
	struct ost_error none;
	int fd;

	if (len == 0 || strncmp(path, f->dest, len) != 0 || path[len] != '/' ||
	    out_folder_fd(x, f, &fd, &none) != OST_OK)
		return dest_stat_path(x->o->dest, path, is);
	return dest_stat_path(fd, path + len + 1, is);
}

/* Is the file, or directory, of the line still as it was written? */
static bool is_there(struct out *x, struct out_folder *f,
		     const struct manifest_entry *e)
{
	struct stat is;

	if (e->error != NULL)
		return false;
	if (e->is_part)
		return true; /* the file is cut to what is known of it */
	if (stat_written(x, f, e->path, &is) != 0)
		return false;
	if (manifest_is_dir(e))
		return S_ISDIR(is.st_mode);
	return S_ISREG(is.st_mode) && (uint64_t)is.st_size == e->size &&
	       (int64_t)is.st_mtim.tv_sec == e->mtime;
}

/* True if all that the run before wrote of the item is there. */
static enum ost_status is_done(struct out *x, struct out_job *j, bool *done,
			       struct ost_error *err)
{
	struct span left = buf_span(&j->old);
	enum ost_status st = OST_OK;

	*done = left.len > 0 &&
		(x->format->keeps == NULL || x->format->keeps(j));
	while (st == OST_OK && *done && left.len > 0) {
		const uint8_t *end = memchr(left.at, '\n', left.len);
		const size_t len = (size_t)(end - left.at) + 1;
		struct manifest_entry e;

		st = manifest_parse(&e, span_of(left.at, len), err);
		if (st == OST_CORRUPT) { /* it is done again */
			*done = false;
			st = OST_OK;
			break;
		}
		if (st != OST_OK)
			break;
		*done = is_there(x, j->folder, &e);
		manifest_count(&j->n, &e);
		j->kept += !manifest_is_dir(&e);
		if (left.at == buf_span(&j->old).at && *done)
			j->entry = e;
		else
			manifest_entry_free(&e);
		left = span_of(end + 1, left.len - len);
	}
	if (*done)
		return st;
	manifest_entry_free(&j->entry);
	j->entry = (struct manifest_entry){ 0 };
	j->n = (struct manifest_totals){ 0 };
	j->kept = 0;
	return st;
}

/* Notes of what is there already count like those of what is written. */
static void count_damage(struct out_job *j)
{
	if (j->entry.notes != NULL && notes_are_damage(j->entry.notes))
		j->damaged++;
}

static enum ost_status index_item(struct out *x, struct out_job *j,
				  struct ost_error *err)
{
	if (x->index == NULL || j->entry.path == NULL)
		return OST_OK;
	return index_work(x, j, err);
}

/* What the run before wrote is asked for of neither store nor filter: it was
   wanted then, and nothing of it is planned. */
static enum ost_status keep_done(struct out *x, struct out_job *j, bool *done,
				 struct ost_error *err)
{
	enum ost_status st = is_done(x, j, done, err);

	if (st != OST_OK || !*done)
		return st;
	count_damage(j);
	st = index_item(x, j, err);
	if (st != OST_OK)
		return st;
	buf_cut(&j->lines, 0);
	buf_add(&j->lines, j->old.at, j->old.len);
	return buf_status(&j->lines, err);
}

static enum ost_status stat_item(struct out *x, struct out_job *j,
				 struct ost_error *err)
{
	struct ost_error why = { "" };
	enum ost_status st = tree_stat(x->t, j->ino, &j->node, &why);

	if (ost_is_internal(st) || st == OST_STOPPED)
		return ost_fail(err, st, "%s", why.text);
	if (st != OST_OK) /* it says so itself when it is read */
		j->node = (struct tree_node){ .ino = j->ino };
	return OST_OK;
}

static enum ost_status item_work(struct out *x, struct out_job *j,
				 struct ost_error *err)
{
	bool wanted = true, done;
	enum ost_status st = keep_done(x, j, &done, err);

	if (st != OST_OK || done)
		return st;
	st = stat_item(x, j, err);
	if (st == OST_OK)
		st = filter_item(x, j, &wanted, err);
	if (st != OST_OK || !wanted)
		return wanted ? st : out_leave(j);
	if (x->surveying)
		return room_measure(x, j, err);
	st = x->format->work(x, j, err);
	return st == OST_OK ? index_item(x, j, err) : st;
}

static void work(void *arg, void *item)
{
	struct out *x = arg;
	struct out_job *j = item;

	j->st = audit_go_on(&x->o->watch, &j->err);
	if (j->st == OST_OK && j->kind == OUT_ITEM)
		j->st = item_work(x, j, &j->err);
}

/* --- taking: in order --------------------------------------------------------
 */

static enum ost_status put_error(struct out_job *j, struct ost_error *err)
{
	struct manifest_entry e = { .kind = MANIFEST_FOLDER,
				    .path = j->path,
				    .nid = j->nid,
				    .error = j->old.at };

	return out_put(j, &e, err);
}

static enum ost_status take_written(struct out *x, struct out_job *j,
				    struct ost_error *err)
{
	const struct audit_watch *watch = &x->o->watch;
	struct out_result *n = x->n;
	enum ost_status st = OST_OK;

	if (j->kind == OUT_ERROR)
		st = put_error(j, err);
	else if (x->format->take != NULL && j->left_out == 0)
		st = x->format->take(x, j, err);
	if (st == OST_OK && x->index != NULL && j->kind == OUT_ITEM)
		st = index_take(x, j, err);
	if (st == OST_OK && x->journal != NULL)
		st = journal_put(x->journal, &j->lines, j->n.bytes, err);
	else if (st == OST_OK)
		st = stream_keep(x, &j->lines, err);
	n->totals.directories += j->n.directories;
	n->totals.files += j->n.files;
	n->totals.bytes += j->n.bytes;
	n->totals.unreadable += j->n.unreadable;
	n->damaged += j->damaged;
	n->left_out += j->left_out;
	n->kept += j->kept;
	x->gone += j->kind == OUT_ITEM;
	if (st == OST_OK && watch->progress != NULL)
		watch->progress(watch->arg, x->gone, n->totals.bytes);
	return st;
}

static bool take(void *arg, void *item)
{
	struct out *x = arg;
	struct out_job *j = item;

	if (x->st == OST_OK && j->st != OST_OK) {
		x->st = j->st;
		x->err = j->err;
	} else if (x->st == OST_OK && x->surveying) {
		x->files += j->n.files;
		x->need += j->n.bytes;
	} else if (x->st == OST_OK) {
		x->st = take_written(x, j, &x->err);
	}
	job_free(x, j);
	return x->st == OST_OK;
}

/* --- going through ----------------------------------------------------------
 */

static bool no_memory(struct out *x)
{
	x->st = ost_no_memory(&x->err);
	return false;
}

/* What was done of it in the run before, if that is known. */
static bool add(struct out *x, struct out_job *j)
{
	if (x->journal != NULL && !x->surveying && j->kind != OUT_ERROR)
		x->st = journal_take(x->journal,
				     j->kind == OUT_FOLDER ? MANIFEST_FOLDER
				     : j->kind == OUT_ITEM ? MANIFEST_ITEM
							   : MANIFEST_FILE,
				     j->nid, &j->old, &x->err);
	if (x->st != OST_OK) {
		job_free(x, j);
		return false;
	}
	return order_add(x->order, j);
}

static bool add_pending(struct out *x)
{
	struct out_job *j = x->pending;

	x->pending = NULL;
	return j == NULL || add(x, j);
}

static bool add_simple(struct out *x, enum out_kind kind, const char *path,
		       uint32_t nid)
{
	struct out_job *j = job_new(x, kind, path);

	if (j == NULL)
		return no_memory(x);
	j->nid = nid;
	return add(x, j);
}

static bool leave_folder(struct out *x)
{
	bool good = add_pending(x);

	if (good && x->folder != NULL && !x->surveying)
		good = add_simple(x, OUT_LEAVE, x->folder->path,
				  x->folder->nid);
	folder_drop(x->folder);
	x->folder = NULL;
	return good;
}

/* Its time is set when all is in it. */
static bool keep_dir(struct out *x, const struct out_folder *f)
{
	if (!array_more(&x->dirs, x->dir_count, sizeof(*x->dirs)))
		return no_memory(x);
	x->dirs[x->dir_count] = (struct out_dir){ strdup(f->path), f->ino };
	return x->dirs[x->dir_count++].path != NULL || no_memory(x);
}

static bool enter_folder(struct out *x, const struct walk_entry *e)
{
	struct out_folder *f;

	if (!leave_folder(x))
		return false;
	x->folder = f = folder_new(e);
	if (f == NULL)
		return no_memory(x);
	f->wanted = out_wants_folder(&x->o->filter, f->path);
	if (x->surveying) {
		x->need += f->wanted ? x->block : 0;
		return true;
	}
	if (x->format->folder != NULL)
		x->st = x->format->folder(x, f, &x->err);
	if (x->st == OST_OK && f->wanted && x->format->as_tree &&
	    !x->format->stream && !keep_dir(x, f))
		return false;
	return x->st == OST_OK && add_simple(x, OUT_FOLDER, f->path, f->nid);
}

static bool tell(struct out *x, const struct walk_entry *e)
{
	struct out_job *j;

	if (x->surveying || (x->folder != NULL && !x->folder->wanted))
		return true;
	if (!add_pending(x))
		return false;
	j = job_new(x, OUT_ERROR, e->path);
	if (j == NULL)
		return no_memory(x);
	j->nid = e->what.nid;
	buf_str(&j->old, e->why);
	return add(x, j);
}

static bool visit_item(struct out *x, const struct walk_entry *e)
{
	struct out_job *j = x->pending;

	if (e->what.kind == TREE_ATTACHMENTS && j != NULL &&
	    j->nid == e->what.nid) {
		j->beside = e->ino;
		j->beside_path = strdup(e->path);
		return j->beside_path != NULL || no_memory(x);
	}
	if (!add_pending(x))
		return false;
	j = job_new(x, OUT_ITEM, e->path);
	if (j == NULL)
		return no_memory(x);
	j->ino = e->ino;
	j->nid = e->what.nid;
	x->pending = j;
	return true;
}

static bool visit(void *arg, const struct walk_entry *e)
{
	struct out *x = arg;
	const bool is_folder =
		e->what.kind == TREE_FOLDER || e->what.kind == TREE_FOUND ||
		e->what.kind == TREE_GATHERED || e->what.kind == TREE_RECOVERED;

	if (e->why != NULL)
		return tell(x, e);
	if (is_folder)
		return enter_folder(x, e);
	if (x->folder != NULL && x->folder->wanted)
		return visit_item(x, e);
	x->n->left_out += !x->surveying && e->what.kind != TREE_ATTACHMENTS;
	x->gone += !x->surveying && e->what.kind != TREE_ATTACHMENTS;
	return true;
}

static enum ost_status go_through(struct out *x, struct ost_error *err)
{
	const struct order_options order = {
		.threads = x->o->threads, .work = work, .take = take, .arg = x
	};
	struct ledger *l = NULL;
	enum ost_status st;

	x->order = order_start(&order);
	if (x->order == NULL)
		return ost_no_memory(err);
	st = x->surveying ? walk_tree(x->t, visit, x, err)
			  : ledger_walk(&l, x->t, visit, x, err);
	if (st == OST_OK && x->st == OST_OK)
		(void)leave_folder(x);
	(void)order_finish(x->order);
	if (x->pending != NULL)
		job_free(x, x->pending);
	folder_drop(x->folder);
	x->pending = NULL;
	x->folder = NULL;
	if (x->st != OST_OK)
		st = ost_fail(err, x->st, "%s", x->err.text);
	if (st == OST_OK && l != NULL)
		st = ledger_sum_up(l, &x->n->lost, err);
	ledger_free(l);
	return st;
}

/* --- a run
 * ---------------------------------------------------------------------
 */

static void put_record_key(struct out *x, struct buf *out)
{
	const struct store_id id = { MAPI_NID_STORE, 0 };
	struct store_object *o = NULL;
	struct buf key = { 0 };
	struct ost_error none;

	if (store_get(tree_store(x->t), id, &o, &none) == OST_OK &&
	    store_bytes(o, MAPI_RECORD_KEY, 16, &key, &none) == OST_OK)
		for (size_t i = 0; i < key.len && i < 16; i++)
			buf_printf(out, "%02x", (uint8_t)key.at[i]);
	store_drop(o);
	buf_free(&key);
}

static enum ost_status put_head(struct out *x, struct buf *head,
				const struct sha *sha, struct ost_error *err)
{
	struct buf filters = { 0 }, key = { 0 }, format = { 0 };

	filter_put(&x->o->filter, &filters);
	put_record_key(x, &key);
	buf_printf(&format, "%s%s%s%s", x->format->name,
		   x->o->index ? ",index" : "",
		   x->o->keep_roles ? ",roles=keep" : "",
		   x->o->server_schedules ? ",scheduling=server" : "");
	if (tree_shape(x->t)->calendar_inside > 0)
		buf_printf(&format, ",attach-limit=%" PRIu64,
			   tree_shape(x->t)->calendar_inside);

	const struct manifest_export export = { .format = buf_text(&format),
						.filters = buf_text(&filters),
						.record_key = buf_text(&key) };
	manifest_put_export(head, x->t, x->o->name, sha, &export);
	buf_free(&filters);
	buf_free(&key);
	buf_free(&format);
	return buf_status(head, err);
}

/* Times of directories change with what is written into them. */
static enum ost_status set_times(struct out *x, struct ost_error *err)
{
	enum ost_status st = OST_OK;

	for (size_t i = x->dir_count; i > 0 && st == OST_OK; i--) {
		const struct out_dir *d = &x->dirs[i - 1];
		struct tree_node node;
		struct ost_error none;
		int fd;

		if (tree_stat(x->t, d->ino, &node, &none) != OST_OK)
			continue;
		st = dest_dir(&fd, x->o->dest, d->path, false, err);
		if (st == OST_OK) {
			st = dest_time(fd, node.mtime, node.mtime_nsec, err);
			close(fd);
		}
	}
	return st;
}

static enum ost_status finish_index(struct out *x, struct ost_error *err)
{
	struct out_job *j;
	enum ost_status st;

	if (x->index == NULL)
		return OST_OK;
	j = job_new(x, OUT_LEAVE, "");
	if (j == NULL)
		return ost_no_memory(err);
	st = index_close(x, j, err);
	if (st == OST_OK)
		st = journal_put(x->journal, &j->lines, 0, err);
	x->n->totals.files += j->n.files;
	x->n->totals.bytes += j->n.bytes;
	job_free(x, j);
	return st;
}

/* It was made while items were written, unless one thread was to be all. */
static enum ost_status hash_store(struct out *x, struct sha *sha,
				  struct ost_error *err)
{
	struct sha_work *made = x->hash;

	x->hash = NULL;
	return made != NULL
		       ? sha_join(made, sha, err)
		       : sha_of_source(sha, x->o->bytes, &x->o->watch, err);
}

static enum ost_status finish(struct out *x, struct ost_error *err)
{
	struct buf head = { 0 };
	struct sha sha;
	enum ost_status st = finish_index(x, err);

	if (st == OST_OK)
		st = set_times(x, err);
	if (st == OST_OK && x->format->end != NULL)
		st = x->format->end(x, err);
	if (st == OST_OK)
		st = hash_store(x, &sha, err);
	if (st == OST_OK)
		st = put_head(x, &head, &sha, err);
	if (st == OST_OK && x->journal != NULL)
		st = journal_finish(x->journal, &head, &x->n->totals,
				    x->o->manifest, err);
	else if (st == OST_OK)
		st = stream_finish(x, &head, err);
	buf_free(&head);
	return st;
}

enum ost_status out_survey(struct out *x, struct ost_error *err)
{
	enum ost_status st;

	x->surveying = true;
	st = go_through(x, err);
	x->surveying = false;
	return st;
}

/* A directory is looked at, then measured, then written to. */
static enum ost_status prepare(struct out *x, const struct journal_run *run,
			       struct ost_error *err)
{
	enum ost_status st = journal_open(&x->journal, run, &x->n->other, err);

	if (st == OST_OK)
		st = room_guess(x, err);
	if (st == OST_OK)
		st = room_check(x, err);
	return st == OST_OK ? journal_begin(x->journal, run, err) : st;
}

static enum ost_status write_out(struct out *x, struct ost_error *err)
{
	struct journal_run run = {
		.dest = x->o->dest,
		.boot = x->o->boot,
		.store_mtime = store_info(tree_store(x->t))->mtime
	};
	struct buf head = { 0 };
	enum ost_status st = put_head(x, &head, NULL, err);

	x->block = room_block(x);
	run.head = head.at;
	if (st == OST_OK)
		st = x->format->stream ? room_guess(x, err)
				       : prepare(x, &run, err);
	buf_free(&head);
	if (st == OST_OK && x->format->begin != NULL)
		st = x->format->begin(x, err);
	if (st == OST_OK && x->o->index)
		st = index_open(x, err);
	if (st == OST_OK && x->o->threads != 1)
		x->hash = sha_start(x->o->bytes, &x->o->watch);
	if (st == OST_OK)
		st = go_through(x, err);
	return st == OST_OK ? finish(x, err) : st;
}

enum ost_status out_run(struct out_result *result, struct tree *t,
			const struct out_options *options,
			struct ost_error *err)
{
	struct out x = {
		.t = t, .o = options, .format = options->format, .n = result
	};
	struct ost_error none;
	enum ost_status st;

	*result = (struct out_result){ 0 };
	if (store_identity(tree_store(t), &x.identity, &none) != OST_OK)
		x.identity = NULL;
	st = write_out(&x, err);
	if (x.hash != NULL)
		(void)!sha_join(x.hash, NULL, &none);
	index_drop(&x);
	if (x.format->drop != NULL)
		x.format->drop(&x);
	journal_close(x.journal);
	for (size_t i = 0; i < x.dir_count; i++)
		free(x.dirs[i].path);
	free(x.dirs);
	seen_free(&x.names);
	return st;
}
