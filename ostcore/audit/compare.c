/*
 * compare.c - two readers over one store, in step: lists and nodes
 */
#include "audit/compare.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/compare_parts.h"

enum {
	FOLDER_DEPTH = 64,
	MESSAGE_DEPTH = 16,
};

static void pair_drop(struct pair *p)
{
	store_drop(p->ours);
	store_drop(p->theirs);
	*p = (struct pair){ NULL, NULL };
}

void compare_differ(struct compare *w, const struct compare_difference *what,
		    const char *format, ...)
{
	struct compare_difference d = *what;
	va_list args;

	va_start(args, format);
	vsnprintf(d.text.text, sizeof(d.text.text), format, args);
	va_end(args);
	d.path = buf_text(&w->path);
	d.why = w->explain(w, &d);
	w->differences++;
	w->explained += d.why != NULL;
	w->found(w->arg, w, &d);
}

static bool fails(enum ost_status st)
{
	return st != OST_OK && st != OST_NOT_FOUND;
}

void compare_differ_in(struct compare *w, const struct compare_difference *d,
		       const char *what, const struct ost_error *why)
{
	if (d->ours == d->theirs || (fails(d->ours) && fails(d->theirs)))
		return;
	if (fails(d->ours))
		compare_differ(w, d, "%swe fail: %s", what, why->text);
	else if (fails(d->theirs))
		compare_differ(w, d, "%sthey fail: %s", what,
			       d->complaint.text);
	else
		compare_differ(w, d, "%sonly %s", what,
			       d->ours == OST_OK ? "ours" : "theirs");
}

/* --- lists ------------------------------------------------------------- */

static const char *const list_names[] = {
	[STORE_FOLDERS] = "folder",	    [STORE_MESSAGES] = "message",
	[STORE_ASSOCIATED] = "associated",  [STORE_RECIPIENTS] = "recipient",
	[STORE_ATTACHMENTS] = "attachment",
};

/* What is done with a child that both list. */
typedef void visit_child(struct compare *w, struct pair child, unsigned depth);

/* A child, by one reader. */
struct row {
	uint32_t nid;
	uint32_t index;
};

/* The rest of a list, by one reader, in the order of row ids. */
struct rows {
	struct buf rows; /* struct row */
	size_t count;
	size_t failed;		/* children that cannot be had */
	enum ost_status status; /* of the first of these; else OST_NOT_FOUND */
	struct ost_error why;
};

static int by_row(const void *left, const void *right)
{
	const struct row *a = left, *b = right;

	if (a->nid != b->nid)
		return a->nid < b->nid ? -1 : 1;
	return (a->index > b->index) - (a->index < b->index);
}

static const struct row *row_at(const struct rows *r, size_t index)
{
	return (const struct row *)(const void *)r->rows.at + index;
}

/* All from child `index` on. */
static struct rows gather(struct compare *w, struct store_object *o,
			  enum store_list list, uint32_t index)
{
	struct rows r = { .status = OST_NOT_FOUND };

	for (; !r.rows.bad; index++) {
		struct store_object *child = NULL;
		struct ost_error err = { "" };
		const enum ost_status st =
			store_child(o, list, index, &child, &err);

		if (st == OST_NOT_FOUND)
			break;
		if (st == OST_OK) {
			const struct row row = { child->id.nid, index };

			buf_add(&r.rows, &row, sizeof(row));
		} else if (r.failed++ == 0) {
			r.status = st;
			r.why = err;
		}
		store_drop(child);
	}
	w->no_memory |= r.rows.bad;
	r.count = r.rows.len / sizeof(struct row);
	if (r.count > 0)
		qsort(r.rows.at, r.count, sizeof(struct row), by_row);
	return r;
}

/* A child that one reader lists, the other does not: NULL, or fails at. */
static void differ_row(struct compare *w, struct pair o, enum store_list list,
		       size_t index, const struct rows *ours,
		       const struct rows *theirs)
{
	const struct compare_difference d = {
		.kind = COMPARE_LIST,
		.object = o.ours,
		.list = list,
		.index = index,
		.ours = ours != NULL ? ours->status : OST_OK,
		.theirs = theirs != NULL ? theirs->status : OST_OK,
		.complaint =
			theirs != NULL ? theirs->why : (struct ost_error){ "" },
	};
	const struct ost_error none = { "" };
	char what[64];

	snprintf(what, sizeof(what), "%s %zu: ", list_names[list], index);
	compare_differ_in(w, &d, what, ours != NULL ? &ours->why : &none);
}

/* Visit a child that both list, at its place in each. */
static void visit_row(struct compare *w, struct pair o, enum store_list list,
		      const struct row *ours, const struct row *theirs,
		      unsigned depth, visit_child *visit)
{
	const size_t here = w->path.len;
	struct pair child = { NULL, NULL };
	struct ost_error err;

	if (store_child(o.ours, list, ours->index, &child.ours, &err) ==
		    OST_OK &&
	    store_child(o.theirs, list, theirs->index, &child.theirs, &err) ==
		    OST_OK) {
		buf_printf(&w->path, "/%s %#x", list_names[list], ours->nid);
		visit(w, child, depth);
	}
	buf_cut(&w->path, here);
	pair_drop(&child);
}

/*
 * Compare a list from child `index` on, by row ids: the order is no
 * difference. libpff sorts subfolders by NID, and rows by other things.
 */
static void compare_unordered(struct compare *w, struct pair o,
			      enum store_list list, uint32_t index,
			      unsigned depth, visit_child *visit)
{
	struct rows a = gather(w, o.ours, list, index);
	struct rows b = gather(w, o.theirs, list, index);
	size_t i = 0, k = 0, only_a = 0, only_b = 0;

	while (i < a.count || k < b.count) {
		const struct row *x = i < a.count ? row_at(&a, i) : NULL;
		const struct row *y = k < b.count ? row_at(&b, k) : NULL;

		if (y == NULL || (x != NULL && x->nid < y->nid)) {
			differ_row(w, o, list, x->index, NULL, &b);
			only_a++;
			i++;
		} else if (x == NULL || y->nid < x->nid) {
			differ_row(w, o, list, y->index, &a, NULL);
			only_b++;
			k++;
		} else {
			visit_row(w, o, list, x, y, depth, visit);
			i++;
			k++;
		}
	}
	/* What one fails at and the other does not list either was not told. */
	if (a.failed + only_a != b.failed + only_b ||
	    (a.failed > 0) != (b.failed > 0))
		if (only_a + only_b == 0)
			differ_row(w, o, list, index, &a, &b);
	buf_free(&a.rows);
	buf_free(&b.rows);
}

/* Compare a list: in step as long as both have the same order. */
static void compare_list(struct compare *w, struct pair o, enum store_list list,
			 unsigned depth, visit_child *visit)
{
	const size_t here = w->path.len;
	bool same = true;

	for (uint32_t i = 0; same; i++) {
		struct pair child = { NULL, NULL };
		struct ost_error err;
		const enum ost_status ours =
			store_child(o.ours, list, i, &child.ours, &err);
		const enum ost_status theirs =
			store_child(o.theirs, list, i, &child.theirs, &err);

		if (ours == OST_NOT_FOUND && theirs == OST_NOT_FOUND)
			return;
		same = ours == OST_OK && theirs == OST_OK &&
		       child.ours->id.nid == child.theirs->id.nid;
		if (same) {
			buf_printf(&w->path, "/%s %#x", list_names[list],
				   child.ours->id.nid);
			visit(w, child, depth);
			buf_cut(&w->path, here);
		}
		pair_drop(&child);
		if (!same)
			compare_unordered(w, o, list, i, depth, visit);
	}
}

/* Something is deeper in another than any program puts it. */
static void too_deep(struct compare *w, struct pair o)
{
	const struct compare_difference d = { .kind = COMPARE_OBJECT,
					      .object = o.ours };

	compare_differ(w, &d, "what is in it is nested too deep to compare");
}

static void compare_message(struct compare *w, struct pair o, unsigned depth);

static void compare_inside(struct compare *w, struct pair inside,
			   unsigned depth)
{
	if (depth < MESSAGE_DEPTH)
		compare_message(w, inside, depth + 1);
	else
		too_deep(w, inside);
}

static void compare_recipient(struct compare *w, struct pair row,
			      unsigned depth)
{
	(void)depth;
	compare_properties(w, row, true);
}

static void compare_attachment(struct compare *w, struct pair o, unsigned depth)
{
	compare_properties(w, o, false);
	compare_list(w, o, STORE_MESSAGES, depth, compare_inside);
}

static void compare_message(struct compare *w, struct pair o, unsigned depth)
{
	compare_properties(w, o, false);
	compare_list(w, o, STORE_RECIPIENTS, depth, compare_recipient);
	compare_list(w, o, STORE_ATTACHMENTS, depth, compare_attachment);
}

/* --- nodes ------------------------------------------------------------- */

/* The place of `nid` in the table, or that where it belongs. */
static uint32_t *place_of(const struct compare *w, uint32_t nid)
{
	size_t at = nid * UINT32_C(2654435761) & (w->seen_cap - 1);

	while (w->seen[at] != 0 && w->seen[at] != nid)
		at = (at + 1) & (w->seen_cap - 1);
	return &w->seen[at];
}

/* Twice the room, which is a power of two and never filled. */
static bool grow(struct compare *w)
{
	struct compare more = { .seen_cap = w->seen_cap > 0 ? 2 * w->seen_cap
							    : 1024 };

	more.seen = calloc(more.seen_cap, sizeof(*more.seen));
	if (more.seen == NULL)
		return false;
	for (size_t i = 0; i < w->seen_cap; i++)
		if (w->seen[i] != 0)
			*place_of(&more, w->seen[i]) = w->seen[i];
	free(w->seen);
	w->seen = more.seen;
	w->seen_cap = more.seen_cap;
	return true;
}

/* Is it the first time that node `nid` is met? */
static bool is_new(struct compare *w, uint32_t nid)
{
	uint32_t *place;

	if (2 * w->seen_count >= w->seen_cap && !grow(w)) {
		w->no_memory = true;
		return false;
	}
	place = place_of(w, nid);
	if (*place == nid)
		return false;
	*place = nid;
	w->seen_count++;
	return true;
}

/* Get a node from both; false unless both have it. */
static bool get_pair(struct compare *w, uint32_t nid, struct pair *out)
{
	const struct store_id id = { nid, 0 };
	struct compare_difference d = { .kind = COMPARE_OBJECT };
	struct ost_error ours = { "" };

	d.ours = store_get(w->ours, id, &out->ours, &ours);
	d.theirs = store_get(w->theirs, id, &out->theirs, &d.complaint);
	d.object = out->ours;
	compare_differ_in(w, &d, "", &ours);
	return d.ours == OST_OK && d.theirs == OST_OK;
}

static void compare_node(struct compare *w, uint32_t nid, unsigned depth);

/* The path of a node is that of what it was reached by, and not of its row. */
static void compare_child(struct compare *w, struct pair child, unsigned depth)
{
	const size_t whole = w->path.len;
	size_t here = whole;

	while (here > 0 && w->path.at[here - 1] != '/')
		here--;
	buf_cut(&w->path, here > 0 ? here - 1 : 0);
	compare_node(w, child.ours->id.nid, depth + 1);
}

static void compare_listed_row(struct compare *w, struct pair child,
			       unsigned depth)
{
	compare_row(w, child);
	compare_child(w, child, depth);
}

static void compare_folder(struct compare *w, struct pair o, unsigned depth)
{
	compare_properties(w, o, false);
	if (depth >= FOLDER_DEPTH) {
		too_deep(w, o);
		return;
	}
	compare_list(w, o, STORE_FOLDERS, depth, compare_child);
	compare_list(w, o, STORE_MESSAGES, depth, compare_listed_row);
	compare_list(w, o, STORE_ASSOCIATED, depth, compare_listed_row);
}

static void compare_node(struct compare *w, uint32_t nid, unsigned depth)
{
	const uint32_t type = nid & MAPI_NID_TYPE;
	const size_t here = w->path.len;
	struct pair o = { NULL, NULL };

	if (!is_new(w, nid))
		return;
	buf_printf(&w->path, "/%#x", nid);
	if (!get_pair(w, nid, &o))
		; /* counted */
	else if (type == MAPI_NID_FOLDER || type == MAPI_NID_SEARCH_FOLDER)
		compare_folder(w, o, depth);
	else if (type == MAPI_NID_MESSAGE || type == MAPI_NID_ASSOCIATED)
		compare_message(w, o, 0);
	else
		compare_properties(w, o, false);
	buf_cut(&w->path, here);
	pair_drop(&o);
}

/* The nodes that no table led to. libpff cannot list them, but can get them. */
static void compare_rest(struct compare *w)
{
	const struct store_id id = { MAPI_NID_STORE, 0 };
	struct store_object *root = NULL, *node = NULL;
	struct ost_error err = { "" };
	enum ost_status st;

	st = store_get(w->ours, id, &root, &err);
	for (uint64_t nid = 0; st == OST_OK && nid <= UINT32_MAX; nid++) {
		st = store_child(root, STORE_NODES, (size_t)nid, &node, &err);
		if (st != OST_OK)
			break;
		nid = node->id.nid;
		store_drop(node);
		compare_node(w, (uint32_t)nid, 0);
	}
	store_drop(root);
	if (st != OST_OK && st != OST_NOT_FOUND) {
		const struct compare_difference d = { .kind = COMPARE_STORE,
						      .ours = st };

		compare_differ(w, &d, "nodes: we fail: %s", err.text);
	}
}

static void compare_info(struct compare *w)
{
	const struct compare_difference d = { .kind = COMPARE_STORE };
	const struct store_info *a = store_info(w->ours),
				*b = store_info(w->theirs);

	if (strcmp(a->kind, b->kind) != 0 ||
	    strcmp(a->format, b->format) != 0 ||
	    strcmp(a->encoding, b->encoding) != 0 || a->version != b->version ||
	    a->clean != b->clean || a->size != b->size ||
	    a->header_eof != b->header_eof || a->mtime != b->mtime)
		compare_differ(w, &d, "other facts of the file");
}

void compare_walk(struct compare *w)
{
	compare_info(w);
	compare_node(w, MAPI_NID_STORE, 0);
	compare_node(w, MAPI_NID_NAMES, 0);
	compare_node(w, MAPI_NID_ROOT_FOLDER, 0);
	compare_rest(w);
	w->no_memory |= w->path.bad;
}

void compare_free(struct compare *w)
{
	buf_free(&w->path);
	free(w->seen);
}
