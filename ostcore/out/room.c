/*
 * room.c - is there room for what is to be written?
 *
 * First the lists of folders are asked how large their items are: that plans
 * nothing, and finds more than is needed as a rule. Where that much is free,
 * there is enough. Where it is not, all is planned, and known to a byte.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <sys/vfs.h>

#include "audit/verify_copy.h"
#include "out/writer.h"
#include "store/budget.h"

enum {
	LINES = 700, /* bytes of a file's lines in journal and manifest */
	/* Of an item that Outlook calls so large, at most so many times that
	   and so much more is written: in base64, beside the mail once more,
	   as text and as HTML, with a header. */
	GUESS_TIMES = 4,
	GUESS_MORE = 32 << 10,
	GUESS_FILES = 8,
};

static uint64_t in_blocks(const struct out *x, uint64_t size)
{
	return (size + x->block - 1) / x->block * x->block;
}

/* --- by what the lists say ---------------------------------------------------
 */

struct guessing {
	struct out *x;
	uint64_t left; /* rows that may still be looked at */
	struct ost_error *err;
	enum ost_status st;
};

/* `row` is NULL where it cannot be read: of such an item nothing is written. */
static void guess_item(struct out *x, struct store_object *row, bool wanted)
{
	const uint64_t size =
		row != NULL ? store_number(row, MAPI_MESSAGE_SIZE, 0) : 1;

	x->items++;
	if (size == 0 || x->guess > UINT64_MAX / 2)
		x->guess = UINT64_MAX;
	else if (wanted)
		x->guess += GUESS_TIMES * size + GUESS_MORE + x->block;
}

static void guess_rows(struct guessing *g, uint32_t nid, bool wanted)
{
	const struct store_id id = { nid, 0 };
	struct store_object *o = NULL, *row;
	struct ost_error none;
	enum ost_status st = store_get(tree_store(g->x->t), id, &o, &none);

	for (size_t i = 0; st == OST_OK && g->st == OST_OK; i++) {
		row = NULL;
		st = store_child(o, STORE_MESSAGES, i, &row, &none);
		if (ost_is_internal(st))
			g->st = ost_fail(g->err, st, "%s", none.text);
		else if (st != OST_NOT_FOUND && budget_take(&g->left, 1)) {
			guess_item(g->x, row, wanted);
			g->st = audit_go_on(&g->x->o->watch, g->err);
			st = OST_OK;
		}
		store_drop(row);
	}
	store_drop(o);
}

/* What no list of the store has, and is found otherwise. */
static bool guess_found(void *arg, const struct tree_entry *e)
{
	struct guessing *g = arg;
	const struct tree_what what = tree_what(g->x->t, e->ino);
	const struct store_id id = { what.nid, 0 };
	struct store_object *o = NULL;
	struct ost_error none;

	if (what.kind != TREE_ITEM && what.kind != TREE_UNREADABLE)
		return true;
	if (what.kind == TREE_ITEM &&
	    store_get(tree_store(g->x->t), id, &o, &none) != OST_OK)
		o = NULL;
	guess_item(g->x, o, true);
	store_drop(o);
	return budget_take(&g->left, 1);
}

static bool guess_entry(void *arg, const struct walk_entry *e)
{
	struct guessing *g = arg;
	const bool wanted = out_wants_folder(&g->x->o->filter, e->path);
	struct ost_error none;
	enum ost_status st = OST_OK;

	if (e->why == NULL && e->what.kind == TREE_FOLDER)
		guess_rows(g, e->what.nid, wanted);
	else if (e->why == NULL &&
		 (e->what.kind == TREE_FOUND || e->what.kind == TREE_RECOVERED))
		st = tree_list(g->x->t, e->ino, 0, guess_found, g, &none);
	if (g->x->guess < UINT64_MAX / 2)
		g->x->guess += g->x->block;
	if (ost_is_internal(st))
		g->st = ost_fail(g->err, st, "%s", none.text);
	return g->st == OST_OK;
}

enum ost_status room_guess(struct out *x, struct ost_error *err)
{
	struct guessing g = { .x = x,
			      .left = budget_entries(tree_store(x->t)),
			      .err = err };
	const enum ost_status st = walk_folders(x->t, guess_entry, &g, err);

	if (st == OST_OK && g.st == OST_OK && x->o->sized != NULL)
		x->o->sized(x->o->watch.arg, x->items);
	return st == OST_OK ? g.st : st;
}

/* --- by a plan of each -------------------------------------------------------
 */

struct measuring {
	struct out *x;
	struct out_job *j;
	enum ost_status st;
	struct ost_error *err;
};

/* Sizes of attachments; what cannot be read is told when it is written. */
static bool measure(void *arg, const struct tree_entry *e)
{
	struct measuring *m = arg;
	struct tree_node node;
	struct ost_error none;
	enum ost_status st;

	if (e->is_dir)
		m->j->n.bytes += in_blocks(m->x, 1);
	if (e->is_dir)
		st = tree_list(m->x->t, e->ino, 0, measure, m, &none);
	else
		st = tree_stat(m->x->t, e->ino, &node, &none);
	if (st == OST_OK && !e->is_dir) {
		m->j->n.bytes += in_blocks(m->x, node.size);
		m->j->n.files++;
	}
	if (ost_is_internal(st))
		m->st = ost_fail(m->err, st, "%s", none.text);
	return m->st == OST_OK;
}

enum ost_status room_measure(struct out *x, struct out_job *j,
			     struct ost_error *err)
{
	struct measuring m = { .x = x, .j = j, .err = err };
	struct ost_error none;
	enum ost_status st;

	j->n.files = 1;
	j->n.bytes = in_blocks(x, j->node.size) + LINES;
	if (j->beside == 0 || !x->format->as_tree)
		return OST_OK;
	j->n.bytes += in_blocks(x, 1);
	st = tree_list(x->t, j->beside, 0, measure, &m, &none);
	if (m.st == OST_OK && ost_is_internal(st))
		return ost_fail(err, st, "%s", none.text);
	return m.st;
}

/* --- what there is -----------------------------------------------------------
 */

static void put_size(struct buf *out, uint64_t bytes)
{
	static const char *const units[] = { "bytes", "KB", "MB", "GB", "TB" };
	double size = (double)bytes;
	size_t i = 0;

	while (size >= 1000 && i + 1 < sizeof(units) / sizeof(units[0])) {
		size /= 1000;
		i++;
	}
	buf_printf(out, i > 0 ? "%.1f %s" : "%.0f %s", size, units[i]);
}

struct using
{
	int dest;
	uint64_t bytes;
};

static bool count_used(void *arg, const char *path, int error)
{
	struct using *u = arg;
	struct stat is;

	if (error == 0 && copy_stat(u->dest, path, &is) == 0)
		u->bytes += (uint64_t)is.st_blocks * 512;
	return true;
}

/* What an earlier run wrote, whether its journal came to know of it or not: it
   is there already, or makes room when it is written again. */
static enum ost_status used_before(struct out *x, uint64_t *bytes,
				   struct ost_error *err)
{
	struct using u = { .dest = x->o->dest };
	enum ost_status st = OST_OK;

	if (journal_goes_on(x->journal))
		st = copy_walk(u.dest, count_used, &u, err);
	*bytes = u.bytes;
	return st;
}

static enum ost_status refuse(const struct out *x, const struct statfs *fs,
			      uint64_t there, struct ost_error *err)
{
	struct buf need = { 0 }, has = { 0 };

	if (there >= x->need)
		return ost_fail(err, OUT_DESTINATION,
				"needs %" PRIu64 " files, %" PRIu64
				" more can be made there",
				x->files, (uint64_t)fs->f_ffree);
	put_size(&need, x->need);
	put_size(&has, there);
	(void)!ost_fail(err, OUT_DESTINATION, "needs %s, %s are free there",
			buf_text(&need), buf_text(&has));
	buf_free(&need);
	buf_free(&has);
	return OUT_DESTINATION;
}

enum ost_status room_check(struct out *x, struct ost_error *err)
{
	struct statfs fs;
	uint64_t there, written;
	enum ost_status st;

	if (fstatfs(x->o->dest, &fs) != 0 || fs.f_blocks == 0)
		return OST_OK; /* it does not say */
	there = (uint64_t)fs.f_bavail * (uint64_t)fs.f_bsize;
	if (there >= x->guess &&
	    (fs.f_files == 0 || (uint64_t)fs.f_ffree / GUESS_FILES >= x->items))
		return OST_OK;
	st = out_survey(x, err);
	if (st == OST_OK)
		st = used_before(x, &written, err);
	if (st != OST_OK)
		return st;
	x->need = x->need > written ? x->need - written : 0;
	if (there >= x->need &&
	    (fs.f_files == 0 || (uint64_t)fs.f_ffree >= x->files))
		return OST_OK;
	return refuse(x, &fs, there, err);
}

uint32_t room_block(const struct out *x)
{
	struct statfs fs;

	if (!x->format->stream &&
	    (x->format->as_tree || x->format->in_blocks) &&
	    fstatfs(x->o->dest, &fs) == 0 && fs.f_bsize > 0)
		return (uint32_t)fs.f_bsize;
	return 1;
}
