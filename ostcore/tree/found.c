#include "tree/found.h"

#include <pthread.h>
#include <stdlib.h>

#include "bytes/sorted.h"
#include "tree/gathered.h"
#include "tree/homes.h"
#include "tree/item.h"
#include "tree/name.h"
#include "tree/node.h"

/* The lost messages of one folder, 0 being no folder that is there. */
struct group {
	uint32_t folder;
	size_t first; /* in messages */
	size_t count;
};

struct found {
	pthread_mutex_t lock; /* of the inventory being taken */
	bool taken;
	struct inventory *inventory; /* NULL: this reader cannot have one */
	uint32_t *folders; /* those that are lost, not what is in them */
	size_t folder_count;
	uint32_t *messages; /* by folder, then NID */
	size_t message_count;
	struct group *groups; /* by folder; 0 comes first */
	size_t group_count;
};

struct found *found_new(void)
{
	struct found *f = calloc(1, sizeof(*f));

	if (f != NULL)
		pthread_mutex_init(&f->lock, NULL);
	return f;
}

/* What was found before memory ran out. */
static void found_forget(struct found *f)
{
	inventory_free(f->inventory);
	free(f->folders);
	free(f->messages);
	free(f->groups);
	f->inventory = NULL;
	f->folders = f->messages = NULL;
	f->groups = NULL;
	f->folder_count = f->message_count = f->group_count = 0;
}

void found_free(struct found *f)
{
	if (f == NULL)
		return;
	found_forget(f);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

/*
 * What is lost
 */

/* A message, while they are put in order. */
struct lost {
	uint32_t folder;
	uint32_t nid;
};

static int by_folder(const void *a, const void *b)
{
	const struct lost *x = a, *y = b;

	if (x->folder != y->folder)
		return x->folder > y->folder ? 1 : -1;
	return (x->nid > y->nid) - (x->nid < y->nid);
}

/* The folder that lost messages of `parent` are shown by; 0: none. */
static uint32_t home_of(const struct inventory *c, uint32_t parent)
{
	return inventory_folder(c, parent) != NULL ? parent : 0;
}

static size_t lost_of(const struct inventory *c, struct lost *out)
{
	const struct inventory_list *l = &c->of[INVENTORY_MESSAGES];
	size_t count = 0;

	for (size_t i = 0; i < l->count; i++) {
		if (inventory_is_listed(l, i))
			continue;
		if (out != NULL)
			out[count] = (struct lost){
				.folder = home_of(c, l->parents[i]),
				.nid = l->nids[i],
			};
		count++;
	}
	return count;
}

static void group(struct found *f, const struct lost *lost, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct group *g = f->groups + f->group_count;

		if (i == 0 || lost[i].folder != lost[i - 1].folder) {
			*g = (struct group){ lost[i].folder, i, 0 };
			f->group_count++;
		}
		f->groups[f->group_count - 1].count++;
		f->messages[i] = lost[i].nid;
	}
	f->message_count = count;
}

static bool find_messages(struct found *f)
{
	const size_t count = lost_of(f->inventory, NULL);
	struct lost *lost;

	if (count == 0)
		return true;
	lost = malloc(count * sizeof(*lost));
	f->messages = malloc(count * sizeof(*f->messages));
	f->groups = malloc(count * sizeof(*f->groups));
	if (lost != NULL && f->messages != NULL && f->groups != NULL) {
		(void)lost_of(f->inventory, lost);
		qsort(lost, count, sizeof(*lost), by_folder);
		group(f, lost, count);
	}
	free(lost);
	return f->message_count == count;
}

/* The folders that have no home. */
static enum ost_status find_folders(struct tree *t, struct found *f,
				    struct ost_error *err)
{
	const struct inventory *c = f->inventory;
	enum ost_status st = OST_OK;

	f->folders = malloc((c->folder_count + 1) * sizeof(*f->folders));
	if (f->folders == NULL)
		return ost_no_memory(err);
	for (size_t i = 0; st == OST_OK && i < c->folder_count; i++) {
		const uint32_t nid = c->folders[i].nid;
		uint32_t home = 0;

		st = homes_of(t, nid, &home, err);
		if (home == 0 && nid != t->root && nid != MAPI_NID_ROOT_FOLDER)
			f->folders[f->folder_count++] = nid;
	}
	return st;
}

static enum ost_status take(struct tree *t, struct found *f,
			    struct ost_error *err)
{
	enum ost_status st = inventory_take(&f->inventory, t->store, err);

	if (st != OST_OK) {
		f->taken = !ost_is_internal(st);
		return ost_is_internal(st) ? st : OST_OK;
	}
	st = find_folders(t, f, err);
	if (st == OST_OK && !find_messages(f))
		st = ost_no_memory(err);
	f->taken = st == OST_OK;
	if (st != OST_OK)
		found_forget(f);
	return st;
}

/* The state with its inventory; NULL when there is no memory to take it. */
static struct found *taken(struct tree *t)
{
	struct found *f = t->found;
	struct ost_error err;
	bool is;

	pthread_mutex_lock(&f->lock);
	is = f->taken || take(t, f, &err) == OST_OK;
	pthread_mutex_unlock(&f->lock);
	return is ? f : NULL;
}

/* Is there anything lost? Takes the inventory at the first call. */
static bool found_any(struct tree *t)
{
	const struct found *f = taken(t);

	return f != NULL && (f->message_count > 0 || f->folder_count > 0);
}

enum ost_status found_inventory(struct tree *t, const struct inventory **out,
				struct ost_error *err)
{
	const struct found *f = taken(t);

	*out = f != NULL ? f->inventory : NULL;
	if (f == NULL)
		return ost_no_memory(err);
	if (f->inventory == NULL)
		return ost_fail(err, OST_UNSUPPORTED,
				"this reader cannot list the nodes");
	return OST_OK;
}

/*
 * The directories
 */

static int group_against(const void *folder, size_t index, const void *arg)
{
	const struct found *f = arg;

	return sorted_uint32(folder, 0, &f->groups[index].folder);
}

static const struct group *group_of(const struct found *f, uint32_t folder)
{
	size_t i;

	return sorted_find(&folder, f->group_count, group_against, f, &i)
		       ? &f->groups[i]
		       : NULL;
}

/* "Inbox [8022]" after `before`. */
static enum ost_status put_name(struct tree *t, const char *before,
				uint32_t nid, struct buf *out,
				struct ost_error *err)
{
	const struct name_tag tag = { .nid = nid,
				      .always = true,
				      .nothing = "Folder" };
	struct name_set none = { 0 };
	struct buf text = { 0 }, clean = { 0 };
	struct store_object *o = NULL;
	enum ost_status st =
		store_get(t->store, (struct store_id){ nid, 0 }, &o, err);

	buf_str(&text, before);
	if (st == OST_OK)
		st = store_text(o, MAPI_DISPLAY_NAME, &text, NULL, err);
	store_drop(o);
	name_clean(&clean, buf_span(&text));
	name_unique(out, &none, buf_span(&clean), &tag);
	name_set_free(&none);
	buf_free(&clean);
	buf_free(&text);
	return ost_is_internal(st) ? st : buf_status(out, err);
}

/* A directory in Lost and found: a folder, or a group of messages. */
static enum ost_status put_dir(struct tree *t, uint32_t folder, bool is_group,
			       struct dir_entry *out, struct ost_error *err)
{
	out->ino = is_group ? found_ino(folder) : ino_folder(t, folder);
	return put_name(t, is_group ? "Messages of " : "", folder, &out->name,
			err);
}

static enum ost_status found_at(struct tree *t, uint32_t dir, size_t index,
				struct dir_entry *out, struct ost_error *err)
{
	const struct found *f = taken(t);
	const struct group *g;
	bool alone;

	*out = (struct dir_entry){ 0 };
	if (f == NULL)
		return ost_no_memory(err);
	g = group_of(f, dir);
	if (dir == 0) {
		if (index < f->folder_count)
			return put_dir(t, f->folders[index], false, out, err);
		index -= f->folder_count;
		alone = g != NULL; /* it is the first of the groups */
		if (index < f->group_count - alone)
			return put_dir(t, f->groups[index + alone].folder, true,
				       out, err);
		index -= f->group_count - alone;
	}
	if (g == NULL || index >= g->count)
		return ost_fail(err, OST_NOT_FOUND, "no more entries");
	out->message = f->messages[g->first + index];
	return OST_OK;
}

/* `nids` are in order. */
static bool holds(const uint32_t *nids, size_t count, uint32_t nid)
{
	size_t i;

	return sorted_find(&nid, count, sorted_uint32, nids, &i);
}

static enum ost_status lookup_dir(struct tree *t, const struct found *f,
				  uint32_t nid, const char *name, uint64_t *ino,
				  struct ost_error *err)
{
	const bool is_dir[2] = { holds(f->folders, f->folder_count, nid),
				 group_of(f, nid) != NULL };
	enum ost_status st = OST_NOT_FOUND;

	for (int is_group = 0; is_group < 2 && st == OST_NOT_FOUND;
	     is_group++) {
		struct dir_entry entry = { 0 };

		if (!is_dir[is_group])
			continue;
		st = put_dir(t, nid, is_group != 0, &entry, err);
		*ino = entry.ino;
		if (st == OST_OK && strcmp(buf_text(&entry.name), name) != 0)
			st = OST_NOT_FOUND;
		buf_free(&entry.name);
	}
	return st == OST_NOT_FOUND ? ost_fail(err, st, "no such name") : st;
}

static enum ost_status found_list(struct listing *l, struct ino dir,
				  struct ost_error *err)
{
	const struct found *f = taken(l->t);

	if (f == NULL)
		return ost_no_memory(err);
	return listing_counted(l, dir, group_of(f, dir.nid) != NULL, found_at,
			       err);
}

static enum ost_status found_lookup(struct tree *t, struct ino dir,
				    const char *name, uint64_t *ino,
				    struct ost_error *err)
{
	const struct found *f = taken(t);
	const struct group *g = f != NULL ? group_of(f, dir.nid) : NULL;
	const char *suffix;
	uint32_t nid;

	if (f == NULL)
		return ost_no_memory(err);
	if (g != NULL && gathered_named(t, dir, name, ino))
		return OST_OK;
	if (!name_nid(name, &nid, &suffix))
		return ost_fail(err, OST_NOT_FOUND, "no such name");
	if (dir.nid == 0 && nid_is_folder(nid))
		return lookup_dir(t, f, nid, name, ino, err);
	if (g == NULL || !holds(f->messages + g->first, g->count, nid))
		return ost_fail(err, OST_NOT_FOUND, "no such name");
	return item_find(t, 0, false, name, ino, err);
}

static enum ost_status found_stat(struct tree *t, struct ino dir,
				  struct tree_node *out, struct ost_error *err)
{
	const struct found *f = taken(t);

	(void)out; /* the directories beside messages are not counted */
	if (f == NULL)
		return ost_no_memory(err);
	if (dir.nid == 0 ? !found_any(t) : group_of(f, dir.nid) == NULL)
		return ost_fail(err, OST_NOT_FOUND, "no such directory");
	return OST_OK;
}

static bool found_is(const struct tree *t, struct ino i)
{
	(void)t;
	return i.kind == INO_FOUND;
}

static enum ost_status found_parent(struct tree *t, struct ino dir,
				    uint64_t *out, struct ost_error *err)
{
	(void)t;
	(void)err;
	if (dir.nid != 0)
		*out = found_ino(0);
	return OST_OK;
}

static uint64_t found_in(struct tree *t, uint32_t folder)
{
	return folder == t->root && found_any(t) ? found_ino(0) : 0;
}

/* Whether there is one can be known only after all folders have names. */
static bool found_reserved(const struct tree *t, uint32_t folder)
{
	(void)t;
	(void)folder;
	return true;
}

const struct node_ops node_found = {
	.kind = TREE_FOUND,
	.is = found_is,
	.stat = found_stat,
	.parent = found_parent,
	.list = found_list,
	.lookup = found_lookup,
	.name = FOUND_NAME,
	.in = found_in,
	.reserved = found_reserved,
};

/* The group that lost message `nid` is in; NULL: it is none. */
static const struct group *group_with(const struct found *f, uint32_t nid)
{
	const struct inventory_list *l = &f->inventory->of[INVENTORY_MESSAGES];
	const struct group *g = NULL;
	size_t i;

	if (sorted_find(&nid, l->count, sorted_uint32, l->nids, &i))
		g = group_of(f, home_of(f->inventory, l->parents[i]));
	return g != NULL && holds(f->messages + g->first, g->count, nid) ? g
									 : NULL;
}

uint64_t found_home(struct tree *t, uint32_t nid)
{
	struct found *f = t->found;
	const struct group *g;
	bool is;

	pthread_mutex_lock(&f->lock);
	is = f->taken && f->inventory != NULL;
	pthread_mutex_unlock(&f->lock);
	if (!is)
		return 0;
	g = group_with(f, nid);
	if (g != NULL)
		return found_ino(g->folder);
	return holds(f->folders, f->folder_count, nid) ? found_ino(0) : 0;
}
