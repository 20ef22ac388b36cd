#include "tree/folder.h"

#include <stdlib.h>
#include <strings.h>

#include "bytes/sorted.h"
#include "tree/homes.h"
#include "tree/name.h"
#include "tree/node.h"

/* A list being read: `raw` holds clean names, each with its NUL. */
struct reading {
	struct tree *t;
	struct folder *f;
	struct buf raw;
	struct name_set names;
	bool asked, plain; /* homes_plain() */
};

/*
 * Each folder is shown once. What its node and its lister agree on needs no
 * look at the others, where the way to the top is plain.
 */
static enum ost_status is_shown(struct reading *r,
				const struct store_object *child, bool *is,
				struct ost_error *err)
{
	const uint32_t nid = child->id.nid, folder = (uint32_t)r->f->base.key;
	uint32_t home = 0;
	enum ost_status st;

	*is = false;
	if (nid == folder || nid == r->t->root || nid == MAPI_NID_ROOT_FOLDER)
		return OST_OK;
	if (nid_type(nid) == MAPI_NID_SEARCH_FOLDER &&
	    !r->t->options.search_folders)
		return OST_OK;
	if (!r->asked)
		r->plain = homes_plain(r->t, folder);
	r->asked = true;
	*is = r->plain && child->parent == folder;
	if (*is)
		return OST_OK;
	st = homes_of(r->t, nid, &home, err);
	*is = home == folder;
	return st;
}

static enum ost_status take(struct reading *r, struct store_object *child,
			    struct ost_error *err)
{
	struct folder *f = r->f;
	struct buf text = { 0 };
	bool is, empty = false;
	enum ost_status st = is_shown(r, child, &is, err);

	if (st == OST_OK && is && !r->t->options.hidden &&
	    !r->t->options.whole_store)
		st = hidden_is_empty(child, &empty, err);
	if (st != OST_OK || !is || empty)
		return st;
	if (!array_more(&f->at, f->count, sizeof(*f->at)))
		return ost_no_memory(err);
	f->at[f->count++] = (struct folder_child){
		.nid = child->id.nid,
		.hidden = store_number(child, MAPI_ATTRIBUTE_HIDDEN, 0) != 0,
		.name = r->raw.len,
	};

	/* Without a name it goes by its number. */
	st = store_text(child, MAPI_DISPLAY_NAME, &text, NULL, err);
	name_clean(&r->raw, buf_span(&text));
	buf_byte(&r->raw, '\0');
	buf_free(&text);
	return ost_is_internal(st) ? st : buf_status(&r->raw, err);
}

/*
 * Mailboxes of others that are cached in the same .ost lie beside the one that
 * is the top: they are shown in it, whatever that folder is called.
 */
static enum ost_status take_shared(struct reading *r, struct ost_error *err)
{
	struct folder *f = r->f;

	if (r->t->shared == 0 || (uint32_t)f->base.key != r->t->root)
		return OST_OK;
	if (!array_more(&f->at, f->count, sizeof(*f->at)))
		return ost_no_memory(err);
	f->at[f->count++] = (struct folder_child){ .nid = r->t->shared,
						   .name = r->raw.len };
	buf_add(&r->raw, SHARED_NAME, sizeof(SHARED_NAME));
	return buf_status(&r->raw, err);
}

static enum ost_status take_lost(struct folder *f, size_t index,
				 struct ost_error *err)
{
	if (!array_more(&f->lost, f->lost_count, sizeof(*f->lost)))
		return ost_no_memory(err);
	f->lost[f->lost_count++] = (uint32_t)index;
	return OST_OK;
}

static enum ost_status read_list(struct reading *r, struct store_object *folder,
				 struct ost_error *err)
{
	struct store_object *child = NULL;
	enum ost_status st;

	for (size_t i = 0; i <= LIMIT_SUBFOLDERS; i++) {
		st = store_child(folder, STORE_FOLDERS, i, &child, err);
		if (st == OST_NOT_FOUND)
			return OST_OK;
		if (ost_is_internal(st))
			return st;
		/* One more is all that is told of those beyond. */
		if (st == OST_OK && i < LIMIT_SUBFOLDERS &&
		    nid_is_folder(child->id.nid))
			st = take(r, child, err);
		else if (list_is_lost(folder, STORE_FOLDERS, i))
			r->f->unlisted = true;
		else
			st = take_lost(r->f, i, err);
		store_drop(child);
		child = NULL;
		if (ost_is_internal(st))
			return st;
	}
	return OST_OK;
}

static int by_nid(const void *a, const void *b)
{
	const struct folder_child *x = a, *y = b;

	if (x->hidden != y->hidden)
		return x->hidden ? 1 : -1;
	return (x->nid > y->nid) - (x->nid < y->nid);
}

/* Is it the name of a directory of ours that is, or may be, in the folder? */
static bool is_ours(const struct reading *r, const char *name)
{
	const uint32_t folder = (uint32_t)r->f->base.key;
	const struct node_ops *ops;

	for (size_t i = 0; (ops = r->t->nodes[i]) != NULL; i++)
		if (ops->reserved != NULL && strcasecmp(name, ops->name) == 0 &&
		    ops->reserved(r->t, folder))
			return true;
	return false;
}

/* Would a folder of this name look like what is no folder of the store? */
static bool is_reserved(const struct reading *r, const char *name)
{
	const char *suffix;
	uint32_t nid;

	return name[0] == '\0' || strncmp(name, "Unreadable ", 11) == 0 ||
	       is_ours(r, name) ||
	       (name_nid(name, &nid, &suffix) && suffix[0] != '\0');
}

static void name_all(struct reading *r)
{
	struct folder *f = r->f;
	size_t kept = 0;

	qsort(f->at, f->count, sizeof(*f->at), by_nid);
	for (size_t i = 0; i < f->count; i++) {
		const char *raw = r->raw.at + f->at[i].name;
		const struct name_tag tag = { .nid = f->at[i].nid,
					      .place = (uint32_t)i,
					      .always = is_reserved(r, raw),
					      .nothing = "Folder" };

		if (kept > 0 && f->at[kept - 1].nid == tag.nid)
			continue; /* listed twice */
		f->at[kept++] = (struct folder_child){ tag.nid, f->at[i].hidden,
						       f->names.len };
		name_unique(&f->names, &r->names, span_of(raw, strlen(raw)),
			    &tag);
		buf_byte(&f->names, '\0');
	}
	f->count = kept;
}

static int by_name(const void *a, const void *b, void *arg)
{
	const struct folder *f = arg;

	return strcmp(folder_name(f, *(const uint32_t *)a),
		      folder_name(f, *(const uint32_t *)b));
}

/* So that nobody looks through all of them for one. */
static enum ost_status sort_names(struct folder *f, struct ost_error *err)
{
	f->by_name = reallocarray(NULL, f->count + 1, sizeof(*f->by_name));
	if (f->by_name == NULL)
		return ost_no_memory(err);
	for (size_t i = 0; i < f->count; i++)
		f->by_name[i] = (uint32_t)i;
	qsort_r(f->by_name, f->count, sizeof(*f->by_name), by_name, f);
	return OST_OK;
}

static void destroy(struct lru_entry *e)
{
	struct folder *f = (struct folder *)e;

	buf_free(&f->names);
	free(f->at);
	free(f->by_name);
	free(f->lost);
	free(f);
}

static enum ost_status fill(struct tree *t, struct folder *f,
			    struct store_object *o, struct ost_error *err)
{
	struct reading r = { .t = t, .f = f };
	struct store_object *message = NULL;
	struct ost_error ignored;
	enum ost_status st;

	st = read_list(&r, o, err);
	if (st == OST_OK)
		st = take_shared(&r, err);
	if (st == OST_OK && f->count > 0)
		name_all(&r);
	if (st == OST_OK)
		st = buf_status(&f->names, err);
	if (st == OST_OK)
		st = sort_names(f, err);
	f->empty = store_child(o, STORE_MESSAGES, 0, &message, &ignored) ==
		   OST_NOT_FOUND;
	store_drop(message);
	name_set_free(&r.names);
	buf_free(&r.raw);
	f->base.cost = sizeof(*f) + f->names.cap +
		       f->count * (2 * sizeof(*f->at) + sizeof(*f->by_name)) +
		       f->lost_count * sizeof(*f->lost);
	return st;
}

static bool is_damage(enum ost_status st)
{
	return st == OST_CORRUPT || st == OST_IO;
}

/*
 * The top is there, whatever became of it: what it led to is in Lost and
 * found, which is reached through it.
 */
static enum ost_status fill_lost(struct folder *f)
{
	f->unlisted = true;
	f->base.cost = sizeof(*f);
	return OST_OK;
}

static enum ost_status make(void *arg, uint64_t key, struct lru_entry **out,
			    struct ost_error *err)
{
	const struct store_id id = { (uint32_t)key, 0 };
	struct store_object *o = NULL;
	struct folder *f = calloc(1, sizeof(*f));
	struct tree t;
	enum ost_status st;

	if (f == NULL)
		return ost_no_memory(err);
	t = tree_again(&f->base.store, arg);
	f->base.key = key;
	f->base.destroy = destroy;
	st = store_get(t.store, id, &o, err);
	if (st == OST_OK)
		st = fill(&t, f, o, err);
	else if (id.nid == t.root && is_damage(st))
		st = fill_lost(f);
	store_drop(o);
	if (st == OST_OK)
		*out = &f->base;
	else
		destroy(&f->base);
	return st == OST_OK ? st : ost_within(err, st, "folder %#x", id.nid);
}

enum ost_status folder_open(struct tree *t, uint32_t nid, struct folder **out,
			    struct ost_error *err)
{
	struct lru_entry *e;
	const enum ost_status st = lru_get(t->folders, nid, make, t, &e, err);

	*out = (struct folder *)e;
	return store_met(t->store, st);
}

void folder_drop(struct folder *f)
{
	if (f != NULL)
		lru_drop(&f->base);
}

const char *folder_name(const struct folder *f, size_t index)
{
	return f->names.at + f->at[index].name;
}

static int against(const void *name, size_t index, const void *arg)
{
	const struct folder *f = arg;

	return strcmp(name, folder_name(f, f->by_name[index]));
}

const struct folder_child *folder_find(const struct folder *f, const char *name)
{
	size_t i;

	return sorted_find(name, f->count, against, f, &i)
		       ? &f->at[f->by_name[i]]
		       : NULL;
}

bool folder_is_lost(const struct folder *f, uint32_t index)
{
	size_t i;

	return sorted_find(&index, f->lost_count, sorted_uint32, f->lost, &i);
}
