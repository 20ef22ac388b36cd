/*
 * by_parent.c - what is in a folder, by what its nodes say
 *
 * Each node names its folder. Where the tables of a folder are lost, that is
 * enough to list it: so is it done when a store is healed. The list of all is
 * made when it is first needed, which is never in a store that is whole.
 */
#include <stdlib.h>

#include "bytes/buf.h"
#include "bytes/sorted.h"
#include "store/native.h"

/* A node that is in a folder. */
struct by_parent {
	uint32_t parent;
	enum native_by_parent is;
	uint32_t nid;
};

static int by_parent(const void *a, const void *b)
{
	const struct by_parent *x = a, *y = b;

	if (x->parent != y->parent)
		return x->parent < y->parent ? -1 : 1;
	if (x->is != y->is)
		return x->is < y->is ? -1 : 1;
	return (x->nid > y->nid) - (x->nid < y->nid);
}

static bool by_parent_of(const struct ndb_node *node, struct by_parent *out)
{
	*out = (struct by_parent){ .parent = node->parent.value,
				   .nid = node->nid.value };
	switch (node->nid.value & MAPI_NID_TYPE) {
	case MAPI_NID_FOLDER:
	case MAPI_NID_SEARCH_FOLDER:
		out->is = BY_PARENT_FOLDER;
		return out->nid != out->parent;
	case MAPI_NID_MESSAGE:
		out->is = BY_PARENT_MESSAGE;
		return true;
	case MAPI_NID_ASSOCIATED:
		out->is = BY_PARENT_ASSOCIATED;
		return true;
	default:
		return false;
	}
}

/*
 * Folders that are named as the folder of something, but are lost themselves:
 * they go below the root folder. `all` is sorted.
 */
static enum ost_status adopt(struct native *n, struct buf *all,
			     struct ost_error *err)
{
	const size_t count = all->len / sizeof(struct by_parent);
	enum ost_status st = OST_OK;

	for (size_t i = 0; i < count && !ost_is_transient(st); i++) {
		const struct by_parent *at =
			(const struct by_parent *)(void *)all->at + i;
		const struct by_parent lost = { MAPI_NID_ROOT_FOLDER,
						BY_PARENT_FOLDER, at->parent };
		struct ndb_node node;

		if ((i > 0 && at[-1].parent == lost.nid) ||
		    (lost.nid & MAPI_NID_TYPE) != MAPI_NID_FOLDER ||
		    lost.nid == MAPI_NID_ROOT_FOLDER)
			continue;
		st = ndb_find(n->db, (ndb_nid){ lost.nid }, &node, err);
		if (st == OST_CORRUPT)
			buf_add(all, &lost, sizeof(lost));
	}
	return ost_is_transient(st) ? st : OST_OK;
}

static void sort(struct buf *all)
{
	if (all->len > 0)
		qsort(all->at, all->len / sizeof(struct by_parent),
		      sizeof(struct by_parent), by_parent);
}

static enum ost_status find_all(struct native *n, struct ost_error *err)
{
	struct ndb_node node = { .nid = { 0 } };
	struct buf all = { 0 };
	struct by_parent by_parent;
	enum ost_status st;

	while ((st = ndb_next(n->db, node.nid, &node, err)) == OST_OK) {
		if (by_parent_of(&node, &by_parent))
			buf_add(&all, &by_parent, sizeof(by_parent));
		if (node.nid.value++ == UINT32_MAX)
			break;
	}
	sort(&all);
	if (st == OST_OK || st == OST_NOT_FOUND)
		st = adopt(n, &all, err);
	sort(&all);
	if (st == OST_OK)
		st = buf_status(&all, err);
	if (st != OST_OK) {
		buf_free(&all);
		return st;
	}
	n->by_parent_count = all.len / sizeof(by_parent);
	n->by_parent = (struct by_parent *)(void *)all.at;
	n->by_parent_ready = true;
	return OST_OK;
}

enum ost_status native_by_parent(struct native *n, uint32_t parent,
				 enum native_by_parent is, size_t index,
				 uint32_t *nid, struct ost_error *err)
{
	const struct by_parent key = { parent, is, 0 };
	size_t at;
	enum ost_status st = OST_OK;

	pthread_mutex_lock(&n->by_parent_lock);
	if (!n->by_parent_ready)
		st = find_all(n, err);
	pthread_mutex_unlock(&n->by_parent_lock);
	if (st != OST_OK)
		return st;
	SORTED_FIRST(at, n->by_parent_count, i,
		     by_parent(&n->by_parent[i], &key) < 0);
	if (index >= n->by_parent_count - at ||
	    n->by_parent[at + index].is != is ||
	    n->by_parent[at + index].parent != parent)
		return ost_none(err, "entry", index);
	*nid = n->by_parent[at + index].nid;
	return OST_OK;
}
