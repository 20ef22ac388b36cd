/*
 * twins.c - two readers over one store, in step: lists and nodes
 */
#include "audit/twins.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/twins_parts.h"

enum {
	FOLDER_DEPTH = 64,
	FOLDERS_MOST = 1 << 17, /* in one folder */
	MESSAGE_DEPTH = 16,
};

static void pair_drop(struct pair *p)
{
	store_drop(p->ours);
	store_drop(p->theirs);
	*p = (struct pair){ NULL, NULL };
}

void twins_differ(struct twins *w, const struct twins_difference *what,
		  const char *format, ...)
{
	struct twins_difference d = *what;
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

void twins_differ_in(struct twins *w, const struct twins_difference *d,
		     const char *what, const struct ost_error *why)
{
	if (d->ours == d->theirs || (fails(d->ours) && fails(d->theirs)))
		return;
	if (fails(d->ours))
		twins_differ(w, d, "%swe fail: %s", what, why->text);
	else if (fails(d->theirs))
		twins_differ(w, d, "%sthey fail: %s", what, d->complaint.text);
	else
		twins_differ(w, d, "%sonly %s", what,
			     d->ours == OST_OK ? "ours" : "theirs");
}

/* --- lists ------------------------------------------------------------- */

static const char *const list_names[] = {
	[STORE_FOLDERS] = "folder",	    [STORE_MESSAGES] = "message",
	[STORE_ASSOCIATED] = "associated",  [STORE_RECIPIENTS] = "recipient",
	[STORE_ATTACHMENTS] = "attachment",
};

/*
 * Child `index` of a list in both. False at its end in either, and there both
 * must end. `*out` has what there is: one may be NULL, which is a difference.
 */
static bool child_pair(struct twins *w, struct pair o, enum store_list list,
		       size_t index, struct pair *out)
{
	struct twins_difference d = { .kind = TWINS_LIST,
				      .object = o.ours,
				      .list = list,
				      .index = index };
	struct ost_error ours = { "" };
	char what[64];

	d.ours = store_child(o.ours, list, index, &out->ours, &ours);
	d.theirs =
		store_child(o.theirs, list, index, &out->theirs, &d.complaint);
	if (d.ours == OST_NOT_FOUND && d.theirs == OST_NOT_FOUND)
		return false;
	snprintf(what, sizeof(what), "%s %zu: ", list_names[list], index);
	twins_differ_in(w, &d, what, &ours);
	return d.ours != OST_NOT_FOUND && d.theirs != OST_NOT_FOUND;
}

/* The same, with the path entered; false if there is nothing to compare. */
static bool enter(struct twins *w, struct pair child, enum store_list list,
		  size_t index)
{
	const struct twins_difference d = { .kind = TWINS_LIST,
					    .object = child.ours,
					    .list = list,
					    .index = index };
	bool same;

	if (child.ours == NULL || child.theirs == NULL)
		return false;
	same = child.ours->id.nid == child.theirs->id.nid;
	if (!same)
		twins_differ(w, &d, "%s %zu is %#x, theirs %#x",
			     list_names[list], index, child.ours->id.nid,
			     child.theirs->id.nid);
	buf_printf(&w->path, "/%s %#x", list_names[list], child.ours->id.nid);
	return same;
}

/* Something is deeper in another than any program puts it. */
static void too_deep(struct twins *w, struct pair o)
{
	const struct twins_difference d = { .kind = TWINS_OBJECT,
					    .object = o.ours };

	twins_differ(w, &d, "what is in it is nested too deep to compare");
}

static void compare_message(struct twins *w, struct pair o, unsigned depth);

static void compare_attachment(struct twins *w, struct pair o, unsigned depth)
{
	const size_t here = w->path.len;
	struct pair inside = { NULL, NULL };

	twins_properties(w, o, false);
	if (child_pair(w, o, STORE_MESSAGES, 0, &inside) &&
	    enter(w, inside, STORE_MESSAGES, 0)) {
		if (depth < MESSAGE_DEPTH)
			compare_message(w, inside, depth + 1);
		else
			too_deep(w, inside);
	}
	buf_cut(&w->path, here);
	pair_drop(&inside);
}

static void compare_message(struct twins *w, struct pair o, unsigned depth)
{
	const size_t here = w->path.len;
	struct pair child = { NULL, NULL };

	twins_properties(w, o, false);
	for (size_t i = 0; child_pair(w, o, STORE_RECIPIENTS, i, &child); i++) {
		if (enter(w, child, STORE_RECIPIENTS, i))
			twins_properties(w, child, true);
		buf_cut(&w->path, here);
		pair_drop(&child);
	}
	pair_drop(&child);
	for (size_t i = 0; child_pair(w, o, STORE_ATTACHMENTS, i, &child);
	     i++) {
		if (enter(w, child, STORE_ATTACHMENTS, i))
			compare_attachment(w, child, depth);
		buf_cut(&w->path, here);
		pair_drop(&child);
	}
	pair_drop(&child);
}

/* --- nodes ------------------------------------------------------------- */

/* The place of `nid` in the table, or that where it belongs. */
static uint32_t *place_of(const struct twins *w, uint32_t nid)
{
	size_t at = nid * UINT32_C(2654435761) & (w->seen_room - 1);

	while (w->seen[at] != 0 && w->seen[at] != nid)
		at = (at + 1) & (w->seen_room - 1);
	return &w->seen[at];
}

/* Twice the room, which is a power of two and never filled. */
static bool grow(struct twins *w)
{
	struct twins more = { .seen_room = w->seen_room > 0 ? 2 * w->seen_room
							    : 1024 };

	more.seen = calloc(more.seen_room, sizeof(*more.seen));
	if (more.seen == NULL)
		return false;
	for (size_t i = 0; i < w->seen_room; i++)
		if (w->seen[i] != 0)
			*place_of(&more, w->seen[i]) = w->seen[i];
	free(w->seen);
	w->seen = more.seen;
	w->seen_room = more.seen_room;
	return true;
}

/* Is it the first time that node `nid` is met? */
static bool is_new(struct twins *w, uint32_t nid)
{
	uint32_t *place;

	if (2 * w->seen_count >= w->seen_room && !grow(w)) {
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
static bool get_pair(struct twins *w, uint32_t nid, struct pair *out)
{
	const struct store_id id = { nid, 0 };
	struct twins_difference d = { .kind = TWINS_OBJECT };
	struct ost_error ours = { "" };

	d.ours = store_get(w->ours, id, &out->ours, &ours);
	d.theirs = store_get(w->theirs, id, &out->theirs, &d.complaint);
	d.object = out->ours;
	twins_differ_in(w, &d, "", &ours);
	return d.ours == OST_OK && d.theirs == OST_OK;
}

static void compare_node(struct twins *w, uint32_t nid, unsigned depth);

/* Compare a list of rows, then the nodes they name. */
static void compare_rows(struct twins *w, struct pair o, enum store_list list,
			 unsigned depth)
{
	const size_t here = w->path.len;
	struct pair child = { NULL, NULL };

	for (size_t i = 0; child_pair(w, o, list, i, &child); i++) {
		const bool both = enter(w, child, list, i);
		const uint32_t nid = both ? child.ours->id.nid : 0;

		if (both)
			twins_row(w, child);
		buf_cut(&w->path, here);
		pair_drop(&child);
		if (both)
			compare_node(w, nid, depth + 1);
	}
	pair_drop(&child);
}

static int by_nid(const void *left, const void *right)
{
	const uint32_t a = *(const uint32_t *)left;
	const uint32_t b = *(const uint32_t *)right;

	return (a > b) - (a < b);
}

/* The NIDs of the subfolders that one reader lists, sorted. */
static enum ost_status subfolders(struct store_object *o, struct buf *nids,
				  struct ost_error *err)
{
	struct store_object *child = NULL;
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i < FOLDERS_MOST; i++) {
		st = store_child(o, STORE_FOLDERS, i, &child, err);
		if (st != OST_OK)
			break;
		buf_add(nids, &child->id.nid, sizeof(child->id.nid));
		store_drop(child);
	}
	if (nids->len > 0)
		qsort(nids->at, nids->len / sizeof(uint32_t), sizeof(uint32_t),
		      by_nid);
	return st == OST_NOT_FOUND ? OST_OK : st;
}

/* Compare the subfolders, in any order: libpff sorts them by NID. */
static void compare_subfolders(struct twins *w, struct pair o, unsigned depth)
{
	struct twins_difference d = { .kind = TWINS_LIST,
				      .object = o.ours,
				      .list = STORE_FOLDERS };
	struct buf ours = { 0 }, theirs = { 0 };
	struct ost_error err = { "" };

	d.ours = subfolders(o.ours, &ours, &err);
	d.theirs = subfolders(o.theirs, &theirs, &d.complaint);
	if (!span_equal(buf_span(&ours), buf_span(&theirs)))
		twins_differ(w, &d, "%zu subfolders%s%s, theirs %zu%s%s",
			     ours.len / sizeof(uint32_t),
			     d.ours != OST_OK ? " and " : "",
			     d.ours != OST_OK ? err.text : "",
			     theirs.len / sizeof(uint32_t),
			     d.theirs != OST_OK ? " and " : "",
			     d.theirs != OST_OK ? d.complaint.text : "");
	w->no_memory |= ours.bad || theirs.bad;
	for (size_t i = 0; i + sizeof(uint32_t) <= ours.len;
	     i += sizeof(uint32_t)) {
		uint32_t nid;

		memcpy(&nid, ours.at + i, sizeof(nid));
		compare_node(w, nid, depth + 1);
	}
	buf_free(&ours);
	buf_free(&theirs);
}

static void compare_folder(struct twins *w, struct pair o, unsigned depth)
{
	twins_properties(w, o, false);
	if (depth >= FOLDER_DEPTH) {
		too_deep(w, o);
		return;
	}
	compare_subfolders(w, o, depth);
	compare_rows(w, o, STORE_MESSAGES, depth);
	compare_rows(w, o, STORE_ASSOCIATED, depth);
}

static void compare_node(struct twins *w, uint32_t nid, unsigned depth)
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
		twins_properties(w, o, false);
	buf_cut(&w->path, here);
	pair_drop(&o);
}

/* The nodes that no table led to. libpff cannot list them, but can get them. */
static void compare_rest(struct twins *w)
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
		const struct twins_difference d = { .kind = TWINS_STORE,
						    .ours = st };

		twins_differ(w, &d, "nodes: we fail: %s", err.text);
	}
}

static void compare_info(struct twins *w)
{
	const struct twins_difference d = { .kind = TWINS_STORE };
	const struct store_info *a = &w->ours->info, *b = &w->theirs->info;

	if (strcmp(a->kind, b->kind) != 0 ||
	    strcmp(a->format, b->format) != 0 ||
	    strcmp(a->encoding, b->encoding) != 0 || a->version != b->version ||
	    a->clean != b->clean || a->size != b->size ||
	    a->header_eof != b->header_eof || a->mtime != b->mtime)
		twins_differ(w, &d, "other facts of the file");
}

void twins_walk(struct twins *w)
{
	compare_info(w);
	compare_node(w, MAPI_NID_STORE, 0);
	compare_node(w, MAPI_NID_NAMES, 0);
	compare_node(w, MAPI_NID_ROOT_FOLDER, 0);
	compare_rest(w);
	w->no_memory |= w->path.bad;
}

void twins_free(struct twins *w)
{
	buf_free(&w->path);
	free(w->seen);
}
