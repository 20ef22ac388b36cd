/*
 * kin.c - what is in a folder, by what its nodes say
 *
 * Each node names its folder. Where the tables of a folder are lost, that is
 * enough to list it: so is it done when a store is healed. The list of all is
 * made when it is first needed, which is never in a store that is whole.
 */
#include <stdlib.h>

#include "bytes/buf.h"
#include "store/native.h"

/* A node that is in a folder. */
struct kin {
	uint32_t parent;
	enum native_kin is;
	uint32_t nid;
};

static int by_parent(const void *a, const void *b)
{
	const struct kin *x = a, *y = b;

	if (x->parent != y->parent)
		return x->parent < y->parent ? -1 : 1;
	if (x->is != y->is)
		return x->is < y->is ? -1 : 1;
	return (x->nid > y->nid) - (x->nid < y->nid);
}

static bool kin_of(const struct ndb_node *node, struct kin *out)
{
	*out = (struct kin){ .parent = node->parent.value,
			     .nid = node->nid.value };
	switch (node->nid.value & MAPI_NID_TYPE) {
	case MAPI_NID_FOLDER:
	case MAPI_NID_SEARCH_FOLDER:
		out->is = KIN_FOLDER;
		return out->nid != out->parent;
	case MAPI_NID_MESSAGE:
		out->is = KIN_MESSAGE;
		return true;
	case MAPI_NID_ASSOCIATED:
		out->is = KIN_ASSOCIATED;
		return true;
	default:
		return false;
	}
}

/*
 * Folders that are named as the folder of something, but are lost themselves:
 * they go below the root folder. `all` is sorted.
 */
static void adopt(struct native *n, struct buf *all)
{
	const size_t count = all->len / sizeof(struct kin);
	struct ost_error why;

	for (size_t i = 0; i < count; i++) {
		const struct kin *at = (const struct kin *)(void *)all->at + i;
		const struct kin lost = { MAPI_NID_ROOT_FOLDER, KIN_FOLDER,
					  at->parent };
		struct ndb_node node;

		if ((i == 0 || at[-1].parent != lost.nid) &&
		    (lost.nid & MAPI_NID_TYPE) == MAPI_NID_FOLDER &&
		    lost.nid != MAPI_NID_ROOT_FOLDER &&
		    ndb_find(n->db, (ndb_nid){ lost.nid }, &node, &why) ==
			    OST_CORRUPT)
			buf_add(all, &lost, sizeof(lost));
	}
}

static void sort(struct buf *all)
{
	if (all->len > 0)
		qsort(all->at, all->len / sizeof(struct kin),
		      sizeof(struct kin), by_parent);
}

static enum ost_status find_all(struct native *n, struct ost_error *err)
{
	struct ndb_node node = { .nid = { 0 } };
	struct buf all = { 0 };
	struct kin kin;
	enum ost_status st;

	while ((st = ndb_next(n->db, node.nid, &node, err)) == OST_OK) {
		if (kin_of(&node, &kin))
			buf_add(&all, &kin, sizeof(kin));
		if (node.nid.value++ == UINT32_MAX)
			break;
	}
	sort(&all);
	adopt(n, &all);
	sort(&all);
	if (st == OST_OK || st == OST_NOT_FOUND)
		st = buf_status(&all, err);
	if (st != OST_OK) {
		buf_free(&all);
		return st;
	}
	n->kin_count = all.len / sizeof(kin);
	n->kin = (struct kin *)(void *)all.at;
	n->kin_ready = true;
	return OST_OK;
}

enum ost_status native_kin(struct native *n, uint32_t parent,
			   enum native_kin is, size_t index, uint32_t *nid,
			   struct ost_error *err)
{
	const struct kin key = { parent, is, 0 };
	size_t low = 0, high;
	enum ost_status st = OST_OK;

	pthread_mutex_lock(&n->kin_lock);
	if (!n->kin_ready)
		st = find_all(n, err);
	pthread_mutex_unlock(&n->kin_lock);
	if (st != OST_OK)
		return st;
	for (high = n->kin_count; low < high;) {
		const size_t mid = low + (high - low) / 2;

		if (by_parent(&n->kin[mid], &key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (index >= n->kin_count - low || n->kin[low + index].is != is ||
	    n->kin[low + index].parent != parent)
		return ost_none(err, "entry", index);
	*nid = n->kin[low + index].nid;
	return OST_OK;
}
