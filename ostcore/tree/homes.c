#include "tree/homes.h"

#include <pthread.h>
#include <stdlib.h>

#include "bytes/seen.h"
#include "store/budget.h"

enum { PLAIN_DEPTH_MAX = 64 };

/* That one folder lists another. */
struct edge {
	uint32_t child, lister;
	bool strong; /* the child's node names the lister */
};

/* A folder, and where it is shown. */
struct home {
	uint32_t nid, home; /* 0: nowhere */
	size_t top;	    /* towards the top of its tree, while it grows */
};

struct homes {
	pthread_mutex_t lock; /* of the finding */
	bool found;
	struct home *at; /* owned; by NID */
	size_t count;
};

struct homes *homes_new(void)
{
	struct homes *h = calloc(1, sizeof(*h));

	if (h != NULL)
		pthread_mutex_init(&h->lock, NULL);
	return h;
}

void homes_free(struct homes *h)
{
	if (h == NULL)
		return;
	pthread_mutex_destroy(&h->lock);
	free(h->at);
	free(h);
}

/*
 * All folders, and who lists whom
 */

struct finding {
	struct tree *t;
	struct seen_set seen;
	struct buf folders; /* uint32_t, in the order they were met */
	struct buf edges;   /* struct edge */
	uint64_t left;	    /* of the budget */
};

static void meet(struct finding *f, uint32_t nid)
{
	if (nid_is_folder(nid) && seen_add(&f->seen, nid))
		buf_add(&f->folders, &nid, sizeof(nid));
}

/* Those the node B-tree knows of, where the reader can tell. */
static enum ost_status meet_nodes(struct finding *f, struct ost_error *err)
{
	const struct store_id id = { MAPI_NID_STORE, 0 };
	struct store_object *top = NULL, *node = NULL;
	enum ost_status st = store_get(f->t->store, id, &top, err);
	uint64_t nid = 0;

	while (st == OST_OK && nid <= UINT32_MAX) {
		st = store_child(top, STORE_NODES, (size_t)nid, &node, err);
		if (st != OST_OK)
			break;
		nid = (uint64_t)node->id.nid + 1;
		meet(f, node->id.nid);
		store_drop(node);
	}
	store_drop(top);
	return ost_is_internal(st) ? st : OST_OK;
}

/* A folder that cannot be read lists nothing. */
static enum ost_status meet_children(struct finding *f, uint32_t nid,
				     struct ost_error *err)
{
	const struct store_id id = { nid, 0 };
	struct store_object *o = NULL, *child = NULL;
	enum ost_status st = store_get(f->t->store, id, &o, err);

	for (size_t i = 0; st == OST_OK && budget_take(&f->left, 1); i++) {
		st = store_child(o, STORE_FOLDERS, i, &child, err);
		if (st == OST_NOT_FOUND || ost_is_internal(st))
			break;
		if (st == OST_OK) {
			const struct edge e = { child->id.nid, nid,
						child->parent == nid };

			meet(f, e.child);
			buf_add(&f->edges, &e, sizeof(e));
			store_drop(child);
		}
		st = OST_OK; /* costs that one */
	}
	store_drop(o);
	return ost_is_internal(st) ? st : OST_OK;
}

/* What a search folder lists is shown only when that is shown itself. */
static bool shows_its_own(const struct tree *t, uint32_t nid)
{
	return nid_type(nid) == MAPI_NID_FOLDER || t->options.search_folders;
}

static enum ost_status meet_all(struct finding *f, struct ost_error *err)
{
	enum ost_status st;

	meet(f, MAPI_NID_ROOT_FOLDER);
	meet(f, f->t->root);
	st = meet_nodes(f, err);
	for (size_t i = 0; st == OST_OK && i < f->folders.len / 4; i++) {
		uint32_t nid;

		memcpy(&nid, f->folders.at + 4 * i, sizeof(nid));
		if (shows_its_own(f->t, nid))
			st = meet_children(f, nid, err);
	}
	if (st == OST_OK && (f->seen.bad || f->folders.bad || f->edges.bad))
		st = ost_no_memory(err);
	return st;
}

/*
 * A forest of them
 */

static int by_number(const void *a, const void *b)
{
	const uint32_t x = ((const struct home *)a)->nid;
	const uint32_t y = ((const struct home *)b)->nid;

	return (x > y) - (x < y);
}

/* What its node says comes first, then the lister that came first. */
static int by_worth(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	if (x->strong != y->strong)
		return x->strong ? -1 : 1;
	if (x->child != y->child)
		return x->child < y->child ? -1 : 1;
	return (x->lister > y->lister) - (x->lister < y->lister);
}

static struct home *home_at(const struct homes *h, uint32_t nid)
{
	const struct home key = { .nid = nid };

	return h->count == 0
		       ? NULL
		       : bsearch(&key, h->at, h->count, sizeof(key), by_number);
}

/* The top of the tree that place `i` is in; the ways to it get shorter. */
static size_t top_of(struct homes *h, size_t i)
{
	while (h->at[i].top != i) {
		h->at[i].top = h->at[h->at[i].top].top;
		i = h->at[i].top;
	}
	return i;
}

/* A child that is a top still may go below what is not below it. */
static void join(const struct tree *t, struct homes *h, const struct edge *e)
{
	struct home *child = home_at(h, e->child);
	const struct home *lister = home_at(h, e->lister);
	size_t at;

	if (child == NULL || lister == NULL || child->home != 0 ||
	    child->nid == t->root || child->nid == MAPI_NID_ROOT_FOLDER)
		return;
	at = (size_t)(child - h->at);
	if (top_of(h, (size_t)(lister - h->at)) == at)
		return;
	child->home = lister->nid;
	child->top = (size_t)(lister - h->at);
}

static enum ost_status grow(struct finding *f, struct homes *h,
			    struct ost_error *err)
{
	struct edge *edges = (struct edge *)(void *)f->edges.at;
	const size_t edge_count = f->edges.len / sizeof(*edges);

	h->count = f->folders.len / 4;
	h->at = calloc(h->count + 1, sizeof(*h->at));
	if (h->at == NULL)
		return ost_no_memory(err);
	for (size_t i = 0; i < h->count; i++)
		memcpy(&h->at[i].nid, f->folders.at + 4 * i, 4);
	qsort(h->at, h->count, sizeof(*h->at), by_number);
	for (size_t i = 0; i < h->count; i++)
		h->at[i].top = i;
	if (edge_count > 0)
		qsort(edges, edge_count, sizeof(*edges), by_worth);
	for (size_t i = 0; i < edge_count; i++)
		join(f->t, h, &edges[i]);
	return OST_OK;
}

static enum ost_status find(struct tree *t, struct homes *h,
			    struct ost_error *err)
{
	struct finding f = { .t = t, .left = budget_entries(t->store) };
	enum ost_status st = meet_all(&f, err);

	if (st == OST_OK)
		st = grow(&f, h, err);
	h->found = st == OST_OK;
	seen_free(&f.seen);
	buf_free(&f.folders);
	buf_free(&f.edges);
	return st;
}

enum ost_status homes_of(struct tree *t, uint32_t nid, uint32_t *home,
			 struct ost_error *err)
{
	const struct home *at;
	enum ost_status st = OST_OK;

	pthread_mutex_lock(&t->homes->lock);
	if (!t->homes->found)
		st = find(t, t->homes, err);
	pthread_mutex_unlock(&t->homes->lock);
	if (st != OST_OK)
		return st;
	at = home_at(t->homes, nid);
	*home = at != NULL ? at->home : 0;
	return OST_OK;
}

uint32_t homes_known(struct tree *t, uint32_t nid)
{
	const struct home *at = NULL;

	pthread_mutex_lock(&t->homes->lock);
	if (t->homes->found)
		at = home_at(t->homes, nid);
	pthread_mutex_unlock(&t->homes->lock);
	return at != NULL ? at->home : 0;
}

/* The parent that the node of folder `nid` names; 0: that is not known. */
static uint32_t parent_of(struct store_object *top, uint32_t nid)
{
	struct store_object *node = NULL;
	struct ost_error err;
	uint32_t parent = 0;

	if (store_child(top, STORE_NODES, nid, &node, &err) != OST_OK)
		return 0;
	if (node->id.nid == nid)
		parent = node->parent;
	store_drop(node);
	return parent;
}

bool homes_plain(struct tree *t, uint32_t nid)
{
	const struct store_id id = { MAPI_NID_STORE, 0 };
	struct store_object *top = NULL;
	struct ost_error err;

	if (nid == t->root || nid == MAPI_NID_ROOT_FOLDER)
		return true;
	if (store_get(t->store, id, &top, &err) != OST_OK)
		return false;
	for (unsigned i = 0; i < PLAIN_DEPTH_MAX; i++) {
		if (nid == 0 || nid == t->root || nid == MAPI_NID_ROOT_FOLDER)
			break;
		nid = parent_of(top, nid);
	}
	store_drop(top);
	return nid == t->root || nid == MAPI_NID_ROOT_FOLDER;
}
