#include "store/inventory.h"

#include <stdlib.h>
#include <string.h>

#include "store/budget.h"

/*
 * The counts themselves
 */

enum { FIRST_ROOM = 1024 };

static bool grow(void *array, size_t count, size_t width)
{
	void **at = array, *more;

	if (count != 0 && (count < FIRST_ROOM || (count & (count - 1)) != 0))
		return true;
	more = realloc(*at, (count > 0 ? 2 * count : FIRST_ROOM) * width);
	if (more != NULL)
		*at = more;
	return more != NULL;
}

static enum ost_status add_folder(struct inventory *c,
				  const struct store_object *node,
				  struct ost_error *err)
{
	if (!grow(&c->folders, c->folder_count, sizeof(*c->folders)))
		return ost_no_memory(err);
	c->folders[c->folder_count++] = (struct inventory_folder){
		.nid = node->id.nid,
		.parent = node->parent,
	};
	return OST_OK;
}

static enum ost_status add_to(struct inventory_list *l,
			      const struct store_object *node,
			      struct ost_error *err)
{
	if (!grow(&l->nids, l->count, sizeof(*l->nids)) ||
	    !grow(&l->parents, l->count, sizeof(*l->parents)))
		return ost_no_memory(err);
	l->nids[l->count] = node->id.nid;
	l->parents[l->count++] = node->parent;
	return OST_OK;
}

/* All folders and messages of either kind that the node B-tree has, by NID. */
static enum ost_status sweep(struct inventory *c, struct store_object *top,
			     struct ost_error *err)
{
	enum ost_status st = OST_OK;
	uint64_t nid = 0;

	while (st == OST_OK && nid <= UINT32_MAX) {
		struct store_object *node = NULL;

		st = store_child(top, STORE_NODES, (size_t)nid, &node, err);
		if (st != OST_OK)
			break;
		nid = (uint64_t)node->id.nid + 1;
		switch (node->id.nid & MAPI_NID_TYPE) {
		case MAPI_NID_FOLDER:
			st = add_folder(c, node, err);
			break;
		case MAPI_NID_MESSAGE:
			st = add_to(&c->of[INVENTORY_MESSAGES], node, err);
			break;
		case MAPI_NID_ASSOCIATED:
			st = add_to(&c->of[INVENTORY_ASSOCIATED], node, err);
			break;
		}
		store_drop(node);
	}
	c->cut = st != OST_NOT_FOUND;
	return ost_is_internal(st) ? st : OST_OK;
}

static int by_folder(const void *key, const void *at)
{
	const uint32_t nid = *(const uint32_t *)key;
	const struct inventory_folder *f = at;

	return (nid > f->nid) - (nid < f->nid);
}

struct inventory_folder *inventory_folder(const struct inventory *c,
					  uint32_t nid)
{
	return c->folder_count == 0 ? NULL
				    : bsearch(&nid, c->folders, c->folder_count,
					      sizeof(*c->folders), by_folder);
}

static int by_nid(const void *key, const void *at)
{
	const uint32_t x = *(const uint32_t *)key, y = *(const uint32_t *)at;

	return (x > y) - (x < y);
}

static void count_row(struct inventory_list *l, struct inventory_count *n,
		      uint32_t nid)
{
	const uint32_t *at = l->count == 0 ? NULL
					   : bsearch(&nid, l->nids, l->count,
						     sizeof(nid), by_nid);
	const size_t index = at != NULL ? (size_t)(at - l->nids) : 0;

	n->rows++;
	if (at == NULL)
		n->missing++;
	else if (inventory_is_listed(l, index))
		n->twice++;
	else
		l->listed[index / 8] |= (uint8_t)(1U << (index % 8));
}

/* Where the two lists of a folder are. */
static const struct {
	enum store_list rows;
	uint16_t declared;
} kinds[INVENTORY_KINDS] = {
	[INVENTORY_MESSAGES] = { STORE_MESSAGES, MAPI_CONTENT_COUNT },
	[INVENTORY_ASSOCIATED] = { STORE_ASSOCIATED,
				   MAPI_ASSOCIATED_CONTENT_COUNT },
};

/* A row that fails is one; a table that fails is one, at the start. */
static enum ost_status count_rows(struct inventory *c,
				  struct inventory_folder *f,
				  enum inventory_kind kind,
				  struct store_object *folder,
				  struct ost_error *err)
{
	for (size_t i = 0;; i++) {
		struct store_object *row = NULL;
		const enum ost_status st =
			store_child(folder, kinds[kind].rows, i, &row, err);

		if (st == OST_NOT_FOUND || ost_is_internal(st))
			return st == OST_NOT_FOUND ? OST_OK : st;
		if (!budget_take(&c->left, 1)) {
			store_drop(st == OST_OK ? row : NULL);
			f->of[kind].unreadable = c->cut = true;
			return OST_OK;
		}
		if (st == OST_OK)
			count_row(&c->of[kind], &f->of[kind], row->id.nid);
		else
			f->of[kind].unreadable = true;
		store_drop(row);
	}
}

static enum ost_status count_kind(struct inventory *c,
				  struct inventory_folder *f,
				  enum inventory_kind kind,
				  struct store_object *folder,
				  struct ost_error *err)
{
	struct inventory_count *n = &f->of[kind];

	n->declared = store_number(folder, kinds[kind].declared, UINT64_MAX);
	n->has_declared = n->declared != UINT64_MAX;
	if (!n->has_declared)
		n->declared = 0;
	return count_rows(c, f, kind, folder, err);
}

/* Whether any node names it as its folder is known later. */
static enum ost_status count_folders(struct inventory_folder *f,
				     struct store_object *folder,
				     struct ost_error *err)
{
	struct store_object *first = NULL;
	enum ost_status st;

	if (store_number(folder, MAPI_SUBFOLDERS, 0) == 0)
		return OST_OK;
	st = store_child(folder, STORE_FOLDERS, 0, &first, err);
	f->folders_lost = st == OST_NOT_FOUND;
	store_drop(first);
	return ost_is_internal(st) ? st : OST_OK;
}

static enum ost_status count_folder(struct inventory *c,
				    struct inventory_folder *f, struct store *s,
				    struct ost_error *err)
{
	const struct store_id id = { f->nid, 0 };
	struct store_object *o = NULL;
	enum ost_status st = store_get(s, id, &o, err);

	if (st != OST_OK) {
		f->of[INVENTORY_MESSAGES].unreadable = true;
		return ost_is_internal(st) ? st : OST_OK;
	}
	for (int kind = 0; kind < INVENTORY_KINDS && st == OST_OK; kind++)
		st = count_kind(c, f, (enum inventory_kind)kind, o, err);
	if (st == OST_OK)
		st = count_folders(f, o, err);
	store_drop(o);
	return st;
}

static void count_nodes(struct inventory *c, enum inventory_kind kind)
{
	const struct inventory_list *l = &c->of[kind];

	for (size_t i = 0; i < l->count; i++) {
		struct inventory_folder *f = inventory_folder(c, l->parents[i]);

		if (f == NULL)
			continue;
		f->of[kind].nodes++;
		f->of[kind].unlisted += !inventory_is_listed(l, i);
	}
}

/* `named` is a bit for each folder. */
static void settle_folders(struct inventory *c, uint8_t *named)
{
	for (size_t i = 0; i < c->folder_count; i++) {
		const struct inventory_folder *f = &c->folders[i];
		const struct inventory_folder *up =
			f->parent != f->nid ? inventory_folder(c, f->parent)
					    : NULL;
		const size_t at = up != NULL ? (size_t)(up - c->folders) : 0;

		if (up != NULL)
			named[at / 8] |= (uint8_t)(1U << at % 8);
	}
	for (size_t i = 0; i < c->folder_count; i++)
		if ((named[i / 8] >> i % 8 & 1) == 0)
			c->folders[i].folders_lost = false;
}

static enum ost_status count_all(struct inventory *c, struct store *s,
				 struct ost_error *err)
{
	enum ost_status st = OST_OK;
	uint8_t *named;

	for (int kind = 0; kind < INVENTORY_KINDS; kind++) {
		struct inventory_list *l = &c->of[kind];

		l->listed = calloc(l->count / 8 + 1, 1);
		if (l->listed == NULL)
			return ost_no_memory(err);
	}
	for (size_t i = 0; st == OST_OK && i < c->folder_count; i++)
		st = count_folder(c, &c->folders[i], s, err);
	for (int kind = 0; kind < INVENTORY_KINDS; kind++)
		count_nodes(c, (enum inventory_kind)kind);
	named = calloc(c->folder_count / 8 + 1, 1);
	if (named == NULL)
		return ost_no_memory(err);
	settle_folders(c, named);
	free(named);
	return st;
}

enum ost_status inventory_take(struct inventory **out, struct store *s,
			       struct ost_error *err)
{
	const struct store_id id = { MAPI_NID_STORE, 0 };
	struct inventory *c = calloc(1, sizeof(*c));
	struct store_object *top = NULL;
	enum ost_status st;

	*out = NULL;
	if (c == NULL)
		return ost_no_memory(err);
	c->left = budget_entries(s);
	st = store_get(s, id, &top, err);
	if (st == OST_OK)
		st = sweep(c, top, err);
	store_drop(top);
	if (st == OST_OK)
		st = count_all(c, s, err);
	if (st == OST_OK)
		*out = c;
	else
		inventory_free(c);
	return st;
}

void inventory_free(struct inventory *c)
{
	if (c == NULL)
		return;
	free(c->folders);
	for (int kind = 0; kind < INVENTORY_KINDS; kind++) {
		free(c->of[kind].nids);
		free(c->of[kind].parents);
		free(c->of[kind].listed);
	}
	free(c);
}
