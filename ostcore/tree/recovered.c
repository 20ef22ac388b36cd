#include "tree/recovered.h"

#include <pthread.h>
#include <stdlib.h>

#include "bytes/sorted.h"
#include "tree/gathered.h"
#include "tree/item.h"
#include "tree/name.h"
#include "tree/node.h"

/* Finds that had one NID; more are shown twice. */
enum { COMPARED_MAX = 16 };

/* One that is shown. */
struct item_found {
	uint32_t nid;
	uint32_t original_nid; /* the NID it had */
};

struct recovered {
	pthread_mutex_t lock; /* of the scans */
	bool scanned, scanned_pff;
	/* struct item_found, by NID; the first two by `original_nid` too */
	struct buf deleted, older, pff;
	struct ost_error cut, cut_pff; /* why there may be more; "": there is
					  not */
};

static const struct item_found *items_in(const struct buf *list)
{
	return (const struct item_found *)(const void *)list->at;
}

static size_t count_in(const struct buf *list)
{
	return list->len / sizeof(struct item_found);
}

static const struct {
	const char *name;
	enum recovered_dir dir;
} dirs[] = {
	{ "deleted", RECOVERED_DELETED },
	{ "older versions", RECOVERED_OLDER },
	{ "by libpff", RECOVERED_PFF },
};

enum { DIRS = sizeof(dirs) / sizeof(dirs[0]) };

/* libpff knows of no scan but its own. */
static size_t first_dir(const struct tree *t)
{
	return store_gives(t->store, STORE_RECOVERED) ? 0 : DIRS - 1;
}

struct recovered *recovered_new(void)
{
	struct recovered *r = calloc(1, sizeof(*r));

	if (r != NULL)
		pthread_mutex_init(&r->lock, NULL);
	return r;
}

void recovered_free(struct recovered *r)
{
	if (r == NULL)
		return;
	pthread_mutex_destroy(&r->lock);
	buf_free(&r->deleted);
	buf_free(&r->older);
	buf_free(&r->pff);
	free(r);
}

/*
 * The scans
 */

static bool holds(struct tree *t, uint32_t nid, struct store_object *o)
{
	struct store_object *other = NULL;
	struct ost_error err;
	bool is;

	is = store_get(t->store, (struct store_id){ nid, 0 }, &other, &err) ==
		     OST_OK &&
	     store_contains(other, o);
	store_drop(other);
	return is;
}

/* Does one of those in `list` that had its NID hold all of `o`? */
static bool one_holds(struct tree *t, const struct buf *list,
		      struct store_object *o)
{
	const struct item_found *all = items_in(list);
	const size_t count = count_in(list);
	size_t at;

	SORTED_FIRST(at, count, i, all[i].original_nid < o->original_nid);
	for (unsigned compared = 0; compared < COMPARED_MAX && at < count &&
				    all[at].original_nid == o->original_nid;
	     compared++, at++)
		if (holds(t, all[at].nid, o))
			return true;
	return false;
}

/* What libpff found twice, or is no news. */
static bool is_known(struct tree *t, struct store_object *o)
{
	const struct recovered *r = t->recovered;
	const struct item_found *pff = items_in(&r->pff);
	unsigned compared = 0;

	if (holds(t, o->original_nid, o) || one_holds(t, &r->deleted, o) ||
	    one_holds(t, &r->older, o))
		return true;
	for (size_t i = 0; i < count_in(&r->pff) && compared < COMPARED_MAX;
	     i++) {
		if (pff[i].original_nid != o->original_nid)
			continue;
		if (holds(t, pff[i].nid, o))
			return true;
		compared++;
	}
	return false;
}

/* Where to show it; NULL: nowhere. */
static struct buf *place_of(struct tree *t, struct store_object *o)
{
	const struct store_id id = { o->original_nid, 0 };
	struct recovered *r = t->recovered;
	struct store_object *now = NULL;
	struct ost_error err;
	enum ost_status st;

	if (nid_type(o->id.nid) == MAPI_NID_RECOVERED_PFF)
		return is_known(t, o) ? NULL : &r->pff;
	st = store_get(t->store, id, &now, &err);
	store_drop(now);
	return st == OST_NOT_FOUND ? &r->deleted : &r->older;
}

/* Take child `index` of a list. */
static enum ost_status take(struct tree *t, struct store_object *top,
			    enum store_list list, size_t index,
			    struct ost_error *err)
{
	struct store_object *o = NULL;
	struct buf *place;
	enum ost_status st = store_child(top, list, index, &o, err);

	if (st != OST_OK)
		return st;
	place = place_of(t, o);
	if (place != NULL) {
		const struct item_found found = { o->id.nid, o->original_nid };

		buf_add(place, &found, sizeof(found));
		st = buf_status(place, err);
	}
	store_drop(o);
	return st;
}

static bool ends_scan(enum ost_status st)
{
	return st == OST_LIMIT || ost_is_internal_or_transient(st);
}

/*
 * What cannot be read of what is lost anyway is passed over; but not a list
 * that cannot be read at all, which is one error long. OST_LIMIT: there may be
 * more.
 */
static enum ost_status scan(struct tree *t, enum store_list list,
			    struct ost_error *err)
{
	const struct store_id id = { MAPI_NID_STORE, 0 };
	struct store_object *top = NULL;
	struct ost_error why;
	enum ost_status first = OST_OK, st;
	size_t i;

	st = store_get(t->store, id, &top, err);
	for (i = 0; st == OST_OK; i++) {
		st = take(t, top, list, i, &why);
		if (st == OST_NOT_FOUND)
			break;
		if (st != OST_OK && (i == 0 || ends_scan(st)))
			*err = why;
		if (i == 0)
			first = st;
		if (!ends_scan(st))
			st = OST_OK;
	}
	store_drop(top);
	if (st != OST_NOT_FOUND)
		return st;
	return i == 1 && first != OST_UNSUPPORTED ? first : OST_OK;
}

/* A list that was cut is shown as far as it goes. */
static enum ost_status scanned(enum ost_status st, struct ost_error *cut,
			       const struct ost_error *err)
{
	if (st != OST_LIMIT)
		return st;
	*cut = *err;
	return OST_OK;
}

static enum ost_status scan_ours(struct tree *t, struct ost_error *err)
{
	struct recovered *r = t->recovered;
	enum ost_status st;

	if (r->scanned)
		return OST_OK;
	buf_cut(&r->deleted, 0);
	buf_cut(&r->older, 0);
	st = scanned(scan(t, STORE_RECOVERED, err), &r->cut, err);
	r->scanned = st == OST_OK;
	return st;
}

/* What ours finds comes first: what it has, it has checked. */
static enum ost_status scan_pff(struct tree *t, struct ost_error *err)
{
	struct recovered *r = t->recovered;
	struct ost_error why;
	enum ost_status st;

	if (r->scanned_pff)
		return OST_OK;
	if (first_dir(t) == 0 && ost_is_internal(scan_ours(t, &why)))
		return ost_no_memory(err);
	buf_cut(&r->pff, 0);
	st = scanned(scan(t, STORE_RECOVERED_PFF, err), &r->cut_pff, err);
	r->scanned_pff = st == OST_OK;
	return st;
}

/* What is in `dir`, found now if need be. */
static enum ost_status items_of(struct tree *t, uint32_t dir,
				const struct buf **out, struct ost_error *err)
{
	struct recovered *r = t->recovered;
	enum ost_status st;

	*out = dir == RECOVERED_PFF	  ? &r->pff
	       : dir == RECOVERED_DELETED ? &r->deleted
					  : &r->older;
	pthread_mutex_lock(&r->lock);
	st = dir == RECOVERED_PFF ? scan_pff(t, err) : scan_ours(t, err);
	pthread_mutex_unlock(&r->lock);
	return st == OST_OK ? st : ost_within(err, st, RECOVERED_NAME);
}

/*
 * The directories
 */

static enum ost_status recovered_at(struct tree *t, uint32_t dir, size_t index,
				    struct dir_entry *out,
				    struct ost_error *err)
{
	const struct buf *items = NULL;
	enum ost_status st;

	*out = (struct dir_entry){ 0 };
	if (dir == RECOVERED_TOP) {
		index += first_dir(t);
		if (index >= DIRS)
			return ost_none(err, "directory", index);
		out->ino = recovered_ino(dirs[index].dir);
		buf_str(&out->name, dirs[index].name);
		return buf_status(&out->name, err);
	}
	st = items_of(t, dir, &items, err);
	if (st != OST_OK)
		return st;
	if (index >= count_in(items))
		return ost_none(err, "item", index);
	out->message = items_in(items)[index].nid;
	return OST_OK;
}

static int order_by_nid(const void *key, size_t index, const void *all)
{
	const uint32_t nid = *(const uint32_t *)key;
	const uint32_t other = ((const struct item_found *)all)[index].nid;

	return (nid > other) - (nid < other);
}

static bool is_in(const struct buf *items, uint32_t nid)
{
	size_t i;

	return sorted_find(&nid, count_in(items), order_by_nid, items_in(items),
			   &i);
}

/* OST_LIMIT after the last entry of a list that was cut. */
static enum ost_status recovered_list(struct listing *l, struct ino dir,
				      struct ost_error *err)
{
	const struct recovered *r = l->t->recovered;
	const struct ost_error *cut =
		dir.nid == RECOVERED_PFF ? &r->cut_pff : &r->cut;
	const bool top = dir.nid == RECOVERED_TOP;
	const enum ost_status st =
		listing_counted(l, dir, !top, recovered_at, err);

	if (st != OST_OK || l->full || top || cut->text[0] == '\0')
		return st;
	*err = *cut;
	return ost_within(err, OST_LIMIT, RECOVERED_NAME);
}

static enum ost_status recovered_lookup(struct tree *t, struct ino in,
					const char *name, uint64_t *ino,
					struct ost_error *err)
{
	const uint32_t dir = in.nid;
	const struct buf *items = NULL;
	const char *suffix;
	enum ost_status st;
	uint32_t nid;

	for (size_t i = first_dir(t); dir == RECOVERED_TOP && i < DIRS; i++) {
		*ino = recovered_ino(dirs[i].dir);
		if (strcmp(dirs[i].name, name) == 0)
			return OST_OK;
	}
	if (dir == RECOVERED_TOP)
		return ost_fail(err, OST_NOT_FOUND, "no such name");
	st = items_of(t, dir, &items, err);
	if (st != OST_OK)
		return st;
	if (count_in(items) > 0 && gathered_named(t, in, name, ino))
		return OST_OK;
	if (!name_nid(name, &nid, &suffix))
		return ost_fail(err, OST_NOT_FOUND, "no such name");
	if (!is_in(items, nid))
		return ost_fail(err, OST_NOT_FOUND, "no such name");
	return item_find(t, 0, false, name, ino, err);
}

static enum ost_status recovered_stat(struct tree *t, struct ino in,
				      struct tree_node *out,
				      struct ost_error *err)
{
	const uint32_t dir = in.nid;
	bool is = dir == RECOVERED_TOP;

	for (size_t i = first_dir(t); i < DIRS; i++)
		is |= dirs[i].dir == dir;
	if (!t->options.recovered || !is)
		return ost_fail(err, OST_NOT_FOUND, "no such directory");
	/* The directories beside items are not counted. */
	out->nlink =
		dir == RECOVERED_TOP ? (uint32_t)(2 + DIRS - first_dir(t)) : 1;
	return OST_OK;
}

static bool recovered_is(const struct tree *t, struct ino i)
{
	(void)t;
	return i.kind == INO_RECOVERED;
}

static enum ost_status recovered_parent(struct tree *t, struct ino i,
					uint64_t *out, struct ost_error *err)
{
	(void)t;
	(void)err;
	if (i.nid != RECOVERED_TOP)
		*out = recovered_ino(RECOVERED_TOP);
	return OST_OK;
}

static bool is_shown(const struct tree *t, uint32_t folder)
{
	return folder == t->root && t->options.recovered;
}

static uint64_t recovered_in(struct tree *t, uint32_t folder)
{
	return is_shown(t, folder) ? recovered_ino(RECOVERED_TOP) : 0;
}

const struct node_ops node_recovered = {
	.kind = TREE_RECOVERED,
	.is = recovered_is,
	.stat = recovered_stat,
	.parent = recovered_parent,
	.list = recovered_list,
	.lookup = recovered_lookup,
	.name = RECOVERED_NAME,
	.in = recovered_in,
	.reserved = is_shown,
};

uint64_t recovered_home(struct tree *t, uint32_t nid)
{
	const struct buf *deleted = NULL;
	struct ost_error err;

	if (nid_type(nid) == MAPI_NID_RECOVERED_PFF)
		return recovered_ino(RECOVERED_PFF);
	return items_of(t, RECOVERED_DELETED, &deleted, &err) == OST_OK &&
			       is_in(deleted, nid)
		       ? recovered_ino(RECOVERED_DELETED)
		       : recovered_ino(RECOVERED_OLDER);
}
