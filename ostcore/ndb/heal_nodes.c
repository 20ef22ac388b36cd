/*
 * heal_nodes.c - of all versions of a leaf that the file holds, the newest
 *
 * Page BIDs grow with time: for each key that leaf counts which has the
 * greatest BID of those the key can lie on.
 */
#include <stdlib.h>

#include "ndb/gather.h"

#include "bytes/sorted.h"

/* Older first. A page may be there twice: then the last in the file counts. */
static int by_age(const struct ndb_ref *a, const struct ndb_ref *b)
{
	if (a->bid.value != b->bid.value)
		return a->bid.value < b->bid.value ? -1 : 1;
	return (a->ib > b->ib) - (a->ib < b->ib);
}

/* --- where the keys of a leaf end ------------------------------------- */

/* By child, of equal ones the newest parent first. */
static int by_child(const void *a, const void *b)
{
	const struct bound *x = a, *y = b;
	const int order = by_age(&x->child, &y->child);

	return order != 0 ? order : by_age(&y->parent, &x->parent);
}

static const struct bound *bound_of(const struct gather *g,
				    const struct ndb_ref *child)
{
	const struct bound *all = BUF_OF(&g->bounds, struct bound);
	const size_t count = BUF_COUNT(&g->bounds, struct bound);
	size_t at;

	SORTED_FIRST(at, count, i, by_age(&all[i].child, child) < 0);
	return at < count && by_age(&all[at].child, child) == 0 ? &all[at]
								: NULL;
}

/*
 * A leaf has all keys up to the next one's, as the branches above it say;
 * without them it is sure to have those up to its last.
 */
static void extend(const struct gather *g, struct leaf *leaf)
{
	const struct bound *b = bound_of(g, &leaf->ref);

	for (unsigned i = 0; i < NDB_DEPTH_MAX && b != NULL && b->last; i++)
		b = bound_of(g, &b->parent);
	if (b != NULL && !b->last && b->high > leaf->keys.high)
		leaf->keys.high = b->high;
}

/* --- the newest leaf for a key ---------------------------------------- */

static int by_first(const void *a, const void *b)
{
	const struct leaf *const *x = a, *const *y = b;
	const uint64_t p = (*x)->keys.low, q = (*y)->keys.low;

	return p != q ? (p > q) - (p < q) : by_age(&(*x)->ref, &(*y)->ref);
}

static int by_key(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	const uint32_t p = x->node.nid.value, q = y->node.nid.value;

	return p != q ? (p > q) - (p < q)
		      : (x->leaf > y->leaf) - (x->leaf < y->leaf);
}

/*
 * The leaves a key can lie on while the keys go by: a heap, the newest leaf
 * at the top. What ends too early is dropped when it gets there.
 */
struct sweep {
	const struct leaf **by_first; /* owned; all leaves */
	const struct leaf **heap;     /* owned */
	size_t count, next, used;
};

static bool newer(const struct leaf *a, const struct leaf *b)
{
	return by_age(&a->ref, &b->ref) > 0;
}

static void swap(const struct leaf **a, const struct leaf **b)
{
	const struct leaf *const kept = *a;

	*a = *b;
	*b = kept;
}

static void push(struct sweep *s, const struct leaf *leaf)
{
	size_t at = s->used++;

	s->heap[at] = leaf;
	for (; at > 0 && newer(s->heap[at], s->heap[(at - 1) / 2]);
	     at = (at - 1) / 2)
		swap(&s->heap[at], &s->heap[(at - 1) / 2]);
}

static void pop(struct sweep *s)
{
	size_t at = 0;

	s->heap[0] = s->heap[--s->used];
	for (;;) {
		const size_t left = 2 * at + 1, right = left + 1;
		size_t top = at;

		if (left < s->used && newer(s->heap[left], s->heap[top]))
			top = left;
		if (right < s->used && newer(s->heap[right], s->heap[top]))
			top = right;
		if (top == at)
			return;
		swap(&s->heap[at], &s->heap[top]);
		at = top;
	}
}

/* The newest leaf that `key` can lie on; keys must rise from call to call. */
static const struct leaf *sweep_to(struct sweep *s, uint64_t key)
{
	while (s->next < s->count && s->by_first[s->next]->keys.low <= key)
		push(s, s->by_first[s->next++]);
	while (s->used > 0 && s->heap[0]->keys.high < key)
		pop(s);
	return s->used > 0 ? s->heap[0] : NULL;
}

static enum ost_status sweep_begin(struct sweep *s, struct buf *leaves,
				   struct ost_error *err)
{
	const struct leaf *all = BUF_OF(leaves, struct leaf);

	s->count = BUF_COUNT(leaves, struct leaf);
	s->by_first = calloc(s->count + 1, sizeof(struct leaf *));
	s->heap = calloc(s->count + 1, sizeof(struct leaf *));
	if (s->by_first == NULL || s->heap == NULL)
		return ost_no_memory(err);
	for (size_t i = 0; i < s->count; i++)
		s->by_first[i] = &all[i];
	qsort(s->by_first, s->count, sizeof(struct leaf *), by_first);
	return OST_OK;
}

/* The keys that some leaf must have had, merged. */
static void note_known(const struct sweep *s, struct buf *known)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct key_range keys = s->by_first[i]->keys;
		const size_t count = BUF_COUNT(known, struct key_range);
		struct key_range *last =
			count > 0 ? BUF_OF(known, struct key_range) + count - 1
				  : NULL;

		if (last == NULL || keys.low > last->high)
			buf_add(known, &keys, sizeof(keys));
		else if (keys.high > last->high)
			last->high = keys.high;
	}
}

/* The entries that count, into `chosen`. */
static enum ost_status choose(struct gather *g, struct sweep *s,
			      struct buf *chosen, struct ost_error *err)
{
	const struct leaf *leaves = BUF_OF(&g->leaves, struct leaf);
	struct candidate *candidates = BUF_OF(&g->candidates, struct candidate);
	const size_t count = BUF_COUNT(&g->candidates, struct candidate);

	if (count > 0)
		qsort(candidates, count, sizeof(*candidates), by_key);
	for (size_t i = 0; i < count; i++) {
		const struct ndb_node *node = &candidates[i].node;

		if (sweep_to(s, node->nid.value) == &leaves[candidates[i].leaf])
			buf_add(chosen, node, sizeof(*node));
	}
	note_known(s, &g->heal->known);
	return buf_status(chosen->bad ? chosen : &g->heal->known, err);
}

enum ost_status gather_choose(struct gather *g, struct ost_error *err)
{
	struct leaf *leaves = BUF_OF(&g->leaves, struct leaf);
	struct bound *bounds = BUF_OF(&g->bounds, struct bound);
	const size_t count = BUF_COUNT(&g->bounds, struct bound);
	struct buf chosen = { 0 };
	struct sweep s = { 0 };
	enum ost_status st;

	if (count > 0)
		qsort(bounds, count, sizeof(*bounds), by_child);
	for (size_t i = 0; i < BUF_COUNT(&g->leaves, struct leaf); i++)
		extend(g, &leaves[i]);
	st = sweep_begin(&s, &g->leaves, err);
	if (st == OST_OK)
		st = choose(g, &s, &chosen, err);
	if (st == OST_OK)
		st = gather_filter(g, &chosen, err);
	free(s.by_first);
	free(s.heap);
	buf_free(&chosen);
	return st;
}
