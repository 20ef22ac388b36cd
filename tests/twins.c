/*
 * twins.c - two readers over one store, in step
 */
#include "twins.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	FOLDER_DEPTH = 64,
	FOLDERS_MOST = 1024,
	MESSAGE_DEPTH = 16,
	CHUNK = 1 << 16,
	SHOWN = 40, /* differences printed of a store; all are counted */
};

/* An object, as each reader has it. */
struct pair {
	struct store_object *ours, *theirs;
};

static void pair_drop(struct pair *p)
{
	store_drop(p->ours);
	store_drop(p->theirs);
	*p = (struct pair){ NULL, NULL };
}

/* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
uint64_t twins_sum(uint64_t sum, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < len; i++)
		sum = (sum ^ at[i]) * 0x100000001B3;
	return sum;
}

bool twins_sum_of(struct store_object *o, const struct store_prop *p,
		  uint64_t *out)
{
	uint8_t bytes[4096];
	struct ost_error err;

	*out = TWINS_SUM;
	for (uint64_t off = 0; off < p->size;) {
		const uint64_t left = p->size - off;
		const size_t len =
			left < sizeof(bytes) ? (size_t)left : sizeof(bytes);

		if (store_read(o, p, off, bytes, len, &err) != OST_OK)
			return false;
		*out = twins_sum(*out, bytes, len);
		off += len;
	}
	return true;
}

void twins_differ(struct twins *w, struct store_object *ours, uint16_t id,
		  const char *format, ...)
{
	va_list args;

	if (w->excused != NULL && w->excused(w, ours, id)) {
		w->excuses++;
		return;
	}
	if (++w->differences > SHOWN)
		return;
	printf("  %s%s: ", w->name, buf_text(&w->path));
	if (id != 0)
		printf("property %#06x: ", id);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

/* --- properties -------------------------------------------------------- */

/* True if a value is nothing but zeros, or nothing at all. */
static bool is_nothing(struct store_object *o, const struct store_prop *p)
{
	uint8_t bytes[8] = { 0 };
	struct ost_error err;

	if (p->size > sizeof(bytes) ||
	    store_read(o, p, 0, bytes, (size_t)p->size, &err) != OST_OK)
		return false;
	for (size_t i = 0; i < sizeof(bytes); i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

static void compare_bytes(struct twins *w, struct pair o,
			  const struct store_prop *p)
{
	uint8_t *const bytes = malloc(2 * CHUNK);
	struct ost_error ours = { "" }, theirs = { "" };

	for (uint64_t off = 0; bytes != NULL && off < p->size;) {
		const uint64_t left = p->size - off;
		const size_t len = left < CHUNK ? (size_t)left : CHUNK;
		const enum ost_status a =
			store_read(o.ours, p, off, bytes, len, &ours);
		const enum ost_status b = store_read(
			o.theirs, p, off, bytes + CHUNK, len, &theirs);

		if (a != OST_OK || b != OST_OK) {
			if ((a == OST_OK) != (b == OST_OK))
				twins_differ(w, o.ours, p->id,
					     "at %" PRIu64
					     ": ours %d %s, theirs %d %s",
					     off, a, ours.text, b, theirs.text);
			break;
		}
		if (memcmp(bytes, bytes + CHUNK, len) != 0) {
			twins_differ(w, o.ours, p->id,
				     "bytes from %" PRIu64 " on", off);
			break;
		}
		off += len;
		w->bytes += len;
	}
	if (bytes == NULL)
		twins_differ(w, o.ours, p->id, "no memory");
	free(bytes);
}

static void compare_property(struct twins *w, struct pair o,
			     const struct store_prop *ours,
			     const struct store_prop *theirs)
{
	if (ours->type != theirs->type)
		twins_differ(w, o.ours, ours->id, "type %#06x, theirs %#06x",
			     ours->type, theirs->type);
	else if (ours->size != theirs->size)
		twins_differ(w, o.ours, ours->id,
			     "%" PRIu64 " bytes, theirs %" PRIu64, ours->size,
			     theirs->size);
	else
		compare_bytes(w, o, ours);
}

/*
 * A property that only they have. libpff gives a cell that a row does not
 * have (its existence bit is 0) as empty or zero [MS-PST] 2.3.4.4.1.
 */
static void compare_extra(struct twins *w, struct pair o, bool row,
			  const struct store_prop *theirs)
{
	if (row && is_nothing(o.theirs, theirs))
		w->absent++;
	else
		twins_differ(w, o.ours, theirs->id,
			     "not ours, theirs has type %#06x, %" PRIu64
			     " bytes",
			     theirs->type, theirs->size);
}

/* Step to the next property at or above `id`; false past the last. */
static bool step(struct twins *w, struct pair o, struct store_object *which,
		 uint32_t id, struct store_prop *out)
{
	struct ost_error err = { "" };
	enum ost_status st;

	if (id > UINT16_MAX)
		return false;
	st = store_next(which, (uint16_t)id, out, &err);
	if (st != OST_OK && st != OST_NOT_FOUND)
		twins_differ(w, o.ours, 0, "%s cannot go on from %#06x: %s",
			     which == o.ours ? "we" : "they", (unsigned)id,
			     err.text);
	return st == OST_OK;
}

/* Compare all properties; `row`: the object is a row of a table. */
static void compare_properties(struct twins *w, struct pair o, bool row)
{
	struct store_prop a, b;
	bool in_a = step(w, o, o.ours, 0, &a);
	bool in_b = step(w, o, o.theirs, 0, &b);

	w->objects++;
	while (in_a || in_b) {
		const bool only_a = in_a && (!in_b || a.id < b.id);
		const bool only_b = in_b && (!in_a || b.id < a.id);

		if (only_a)
			twins_differ(w, o.ours, a.id, "ours, but not theirs");
		else if (only_b)
			compare_extra(w, o, row, &b);
		else
			compare_property(w, o, &a, &b);
		w->properties += !only_a && !only_b;
		if (!only_b)
			in_a = step(w, o, o.ours, a.id + 1u, &a);
		if (!only_a)
			in_b = step(w, o, o.theirs, b.id + 1u, &b);
	}
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
	struct ost_error ours = { "" }, theirs = { "" };
	const enum ost_status a =
		store_child(o.ours, list, index, &out->ours, &ours);
	const enum ost_status b =
		store_child(o.theirs, list, index, &out->theirs, &theirs);

	if (a == OST_NOT_FOUND && b == OST_NOT_FOUND)
		return false;
	if (a != b)
		twins_differ(w, o.ours, 0, "%s %zu: ours %d %s, theirs %d %s",
			     list_names[list], index, a, ours.text, b,
			     theirs.text);
	return a != OST_NOT_FOUND && b != OST_NOT_FOUND;
}

/* The same, with the path entered; false if there is nothing to compare. */
static bool enter(struct twins *w, struct pair child, enum store_list list,
		  size_t index)
{
	if (child.ours == NULL || child.theirs == NULL)
		return false;
	if (child.ours->id.nid != child.theirs->id.nid)
		twins_differ(w, child.ours, 0, "%s %zu is %#x, theirs %#x",
			     list_names[list], index, child.ours->id.nid,
			     child.theirs->id.nid);
	buf_printf(&w->path, "/%s %#x", list_names[list], child.ours->id.nid);
	return child.ours->id.nid == child.theirs->id.nid;
}

static void compare_message(struct twins *w, struct pair o, unsigned depth);

static void compare_attachment(struct twins *w, struct pair o, unsigned depth)
{
	const size_t here = w->path.len;
	struct pair inside = { NULL, NULL };

	compare_properties(w, o, false);
	if (child_pair(w, o, STORE_MESSAGES, 0, &inside) &&
	    enter(w, inside, STORE_MESSAGES, 0)) {
		if (depth < MESSAGE_DEPTH)
			compare_message(w, inside, depth + 1);
		else
			twins_differ(w, o.ours, 0, "nested too deeply");
	}
	buf_cut(&w->path, here);
	pair_drop(&inside);
}

static void compare_message(struct twins *w, struct pair o, unsigned depth)
{
	const size_t here = w->path.len;
	struct pair child = { NULL, NULL };

	compare_properties(w, o, false);
	for (size_t i = 0; child_pair(w, o, STORE_RECIPIENTS, i, &child); i++) {
		if (enter(w, child, STORE_RECIPIENTS, i))
			compare_properties(w, child, true);
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

static bool is_seen(const struct twins *w, uint32_t nid)
{
	for (size_t i = 0; i + sizeof(nid) <= w->seen.len; i += sizeof(nid))
		if (memcmp(w->seen.at + i, &nid, sizeof(nid)) == 0)
			return true;
	return false;
}

/* Get a node from both; false unless both have it. */
static bool get_pair(struct twins *w, uint32_t nid, struct pair *out)
{
	const struct store_id id = { nid, 0 };
	struct ost_error ours = { "" }, theirs = { "" };
	const enum ost_status a = store_get(w->ours, id, &out->ours, &ours);
	const enum ost_status b =
		store_get(w->theirs, id, &out->theirs, &theirs);

	if (a != b)
		twins_differ(w, out->ours, 0, "ours %d %s, theirs %d %s", a,
			     ours.text, b, theirs.text);
	return a == OST_OK && b == OST_OK;
}

static void compare_node(struct twins *w, uint32_t nid, unsigned depth);

/* Outlook writes this to a row by itself: not what the message has. */
static bool is_of_row(uint16_t id)
{
	return id == MAPI_MESSAGE_SIZE;
}

/*
 * A row of a contents table is ours alone: libpff gives the message itself.
 * What both the row and the message have must be the same.
 */
static void compare_row(struct twins *w, struct pair o)
{
	struct store_prop cell, whole;
	struct ost_error err;
	uint32_t id = 0;

	while (step(w, o, o.ours, id, &cell)) {
		id = cell.id + 1u;
		if (is_of_row(cell.id) ||
		    store_find(o.theirs, cell.id, &whole, &err) != OST_OK)
			continue;
		w->cells++;
		compare_property(w, o, &cell, &whole);
	}
}

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
			compare_row(w, child);
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
static size_t subfolders(struct twins *w, struct store_object *o,
			 uint32_t nids[FOLDERS_MOST])
{
	struct store_object *child;
	struct ost_error err;
	size_t count = 0;

	for (size_t i = 0; count < FOLDERS_MOST; i++) {
		const enum ost_status st =
			store_child(o, STORE_FOLDERS, i, &child, &err);

		if (st == OST_NOT_FOUND)
			break;
		if (st != OST_OK) {
			twins_differ(w, o, 0, "folder %zu: %s", i, err.text);
			break;
		}
		nids[count++] = child->id.nid;
		store_drop(child);
	}
	qsort(nids, count, sizeof(*nids), by_nid);
	return count;
}

/* Compare the subfolders, in any order: libpff sorts them by NID. */
static void compare_subfolders(struct twins *w, struct pair o, unsigned depth)
{
	uint32_t ours[FOLDERS_MOST], theirs[FOLDERS_MOST];
	const size_t count = subfolders(w, o.ours, ours);

	if (subfolders(w, o.theirs, theirs) != count ||
	    memcmp(ours, theirs, count * sizeof(*ours)) != 0)
		twins_differ(w, o.ours, 0, "other subfolders");
	for (size_t i = 0; i < count; i++)
		compare_node(w, ours[i], depth + 1);
}

static void compare_folder(struct twins *w, struct pair o, unsigned depth)
{
	compare_properties(w, o, false);
	if (depth >= FOLDER_DEPTH) {
		twins_differ(w, o.ours, 0, "folders nested too deeply");
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

	if (is_seen(w, nid))
		return;
	buf_add(&w->seen, &nid, sizeof(nid));
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
	if (st != OST_OK && st != OST_NOT_FOUND)
		twins_differ(w, NULL, 0, "nodes: %s", err.text);
}

static void compare_info(struct twins *w)
{
	const struct store_info *a = &w->ours->info, *b = &w->theirs->info;

	if (strcmp(a->kind, b->kind) != 0 ||
	    strcmp(a->format, b->format) != 0 ||
	    strcmp(a->encoding, b->encoding) != 0 || a->version != b->version ||
	    a->clean != b->clean || a->size != b->size ||
	    a->header_eof != b->header_eof || a->mtime != b->mtime)
		twins_differ(w, NULL, 0, "what is known of the store");
}

void twins_walk(struct twins *w)
{
	compare_info(w);
	compare_node(w, MAPI_NID_STORE, 0);
	compare_node(w, MAPI_NID_NAMES, 0);
	compare_node(w, MAPI_NID_ROOT_FOLDER, 0);
	compare_rest(w);
	if (w->properties == 0)
		twins_differ(w, NULL, 0, "nothing to compare");
}

void twins_free(struct twins *w)
{
	buf_free(&w->path);
	buf_free(&w->seen);
}
