#include "tree/attachment_index.h"
#include "tree/folder.h"
#include "tree/found.h"
#include "tree/item.h"
#include "tree/name.h"
#include "tree/recovered.h"

/* One call of tree_list(). */
struct listing {
	struct tree *t;
	uint64_t from; /* the place to go on from */
	tree_take *take;
	void *arg;
	bool full;
};

/* Give one entry; the places after it begin at `next`. */
static void give(struct listing *l, const char *name, uint64_t ino, bool is_dir,
		 uint64_t next)
{
	const struct tree_entry entry = { name, ino, is_dir, next };

	l->full = !l->take(l->arg, &entry);
	if (!l->full)
		l->from = next;
}

static void give_lost(struct listing *l, uint32_t nid, enum store_list list,
		      int64_t index, uint64_t next)
{
	char name[LOST_NAME];
	const uint64_t ino = lost_entry(name, nid, list, index);

	give(l, name, ino, false, next);
}

/* Two places an item: its file, then the directory beside it. */
static enum ost_status give_item(struct listing *l, struct store_object *row,
				 uint64_t file, struct ost_error *err)
{
	struct item item;
	enum ost_status st = item_read(&item, l->t, row, err);

	if (st != OST_OK)
		return st;
	if (l->from == file)
		give(l, item.name.at, ino_make(INO_THING, row->id.nid, 0),
		     false, file + 1);
	if (!l->full && item.has_beside) {
		buf_cut(&item.name, item.stem);
		buf_str(&item.name, NAME_BESIDE);
		st = buf_status(&item.name, err);
		if (st == OST_OK)
			give(l, item.name.at,
			     ino_make(INO_BESIDE, row->id.nid, 0), true,
			     file + 2);
	}
	if (!l->full)
		l->from = file + 2;
	item_free(&item);
	return st;
}

/* The items of a folder, whose places begin at `base`. */
static enum ost_status list_items(struct listing *l, struct store_object *o,
				  uint64_t base, struct ost_error *err)
{
	enum ost_status st = OST_OK;

	while (st == OST_OK && !l->full) {
		const uint64_t index = (l->from - base) / 2;
		const uint64_t file = base + 2 * index;
		struct store_object *row = NULL;
		bool all;

		st = store_child(o, STORE_MESSAGES, (size_t)index, &row, err);
		if (st == OST_NOT_FOUND)
			return OST_OK;
		if (ost_is_internal(st))
			return st;
		if (st == OST_OK && nid_is_message(row->id.nid)) {
			st = give_item(l, row, file, err);
		} else {
			all = list_is_lost(o, STORE_MESSAGES, (size_t)index);
			give_lost(l, o->id.nid, STORE_MESSAGES,
				  all ? LOST_LIST : (int64_t)index, file + 2);
			st = OST_OK;
		}
		store_drop(row);
	}
	return st;
}

/* Lost and found comes after the subfolders of the root. */
static bool has_found(struct tree *t, const struct folder *f)
{
	return (uint32_t)f->base.key == t->root && found_any(t);
}

static bool has_recovered(const struct tree *t, const struct folder *f)
{
	return (uint32_t)f->base.key == t->root && t->options.recovered;
}

static void list_subfolders(struct listing *l, const struct folder *f)
{
	const uint32_t nid = (uint32_t)f->base.key;
	const uint64_t all = f->count + f->lost_count;
	uint64_t own = all + f->unlisted; /* directories of ours */

	while (!l->full && l->from < f->count) {
		const size_t i = (size_t)l->from;

		give(l, folder_name(f, i), ino_folder(l->t, f->at[i].nid), true,
		     i + 1);
	}
	while (!l->full && l->from < all)
		give_lost(l, nid, STORE_FOLDERS, f->lost[l->from - f->count],
			  l->from + 1);
	if (!l->full && l->from == all && f->unlisted)
		give_lost(l, nid, STORE_FOLDERS, LOST_LIST, all + 1);
	if (!l->full && l->from == own && has_found(l->t, f))
		give(l, FOUND_NAME, found_ino(0), true, ++own);
	if (!l->full && l->from == own && has_recovered(l->t, f))
		give(l, RECOVERED_NAME, recovered_ino(RECOVERED_TOP), true,
		     own + 1);
}

/* The place where items begin, after the subfolders. */
static uint64_t first_item(struct tree *t, const struct folder *f)
{
	return f->count + f->lost_count + f->unlisted + has_found(t, f) +
	       has_recovered(t, f);
}

static enum ost_status list_folder(struct listing *l, uint32_t nid,
				   struct ost_error *err)
{
	const struct store_id id = { nid, 0 };
	struct store_object *o = NULL;
	struct folder *f = NULL;
	enum ost_status st = folder_open(l->t, nid, &f, err);

	if (st == OST_OK)
		list_subfolders(l, f);
	if (st == OST_OK && !l->full) {
		st = store_get(l->t->store, id, &o, err);
		if (st == OST_OK)
			st = list_items(l, o, first_item(l->t, f), err);
		store_drop(o);
	}
	folder_drop(f);
	return st;
}

/* Places here: 2p is the file at place p of the index, 2p + 1 its directory.
 */
static enum ost_status list_beside(struct listing *l, struct ino dir,
				   struct ost_error *err)
{
	struct attachment_index *o = NULL;
	const struct attachment_index_node *node;
	enum ost_status st = attachment_index_open(l->t, dir.nid, &o, err);

	if (st != OST_OK)
		return st;
	if (l->from == 0)
		l->from = 2 * ((uint64_t)dir.place + 1);
	while (!l->full && l->from / 2 <= o->count) {
		const uint32_t place = (uint32_t)(l->from / 2);

		node = attachment_index_at(o, place);
		if (node == NULL || node->parent != dir.place)
			break;
		if (l->from % 2 == 0)
			give(l, o->names.at + node->name,
			     ino_make(INO_THING, dir.nid, place), false,
			     l->from + 1);
		else if (node->has_beside)
			give(l, o->names.at + node->beside,
			     ino_make(INO_BESIDE, dir.nid, place), true,
			     2 * ((uint64_t)node->end + 1));
		else
			l->from = 2 * ((uint64_t)node->end + 1);
	}
	attachment_index_drop(o);
	return OST_OK;
}

/* A directory that is Lost and found or Recovered, or in one of them. */
static enum ost_status list_found(struct listing *l, struct ino dir,
				  struct ost_error *err)
{
	enum ost_status st = OST_OK;

	while (st == OST_OK && !l->full) {
		const uint64_t place = l->from / 2 * 2;
		struct store_object *message = NULL;
		struct found_entry e;

		st = (found_is_dir(dir) ? found_at : recovered_at)(
			l->t, dir.nid, (size_t)(place / 2), &e, err);
		if (st == OST_OK && e.message == 0) {
			give(l, buf_text(&e.name), e.ino, true, place + 2);
		} else if (st == OST_OK) {
			st = item_bare(l->t, e.message, &message, err);
			if (st == OST_OK)
				st = give_item(l, message, place, err);
			store_drop(message);
		}
		buf_free(&e.name);
	}
	return st == OST_NOT_FOUND ? OST_OK : st;
}

static void list_control(struct listing *l)
{
	const char *name = CONTROL_MAPI_NAME;
	uint32_t p = CONTROL_MAPI;

	for (; name != NULL && !l->full; name = control_name(l->t, ++p))
		if (l->from < p)
			give(l, name, ino_make(INO_CONTROL, 0, p),
			     p == CONTROL_MAPI, p);
}

void tree_readahead(struct tree *t, uint64_t dir, uint64_t from)
{
	const struct ino i = ino_split(t, dir);
	struct folder *f = NULL;
	struct ost_error err;

	if (i.kind != INO_THING || i.place != 0 || !nid_is_folder(i.nid) ||
	    folder_open(t, i.nid, &f, &err) != OST_OK)
		return;

	const uint64_t base = first_item(t, f);
	readahead_sizes(t->readahead, i.nid,
			from > base ? (from - base) / 2 : 0);
	folder_drop(f);
}

enum ost_status tree_list(struct tree *t, uint64_t dir, uint64_t from,
			  tree_take *take, void *arg, struct ost_error *err)
{
	struct listing l = { .t = t, .from = from, .take = take, .arg = arg };
	const struct ino i = ino_split(t, dir);

	if (i.kind == INO_THING && i.place == 0 && nid_is_folder(i.nid))
		return list_folder(&l, i.nid, err);
	if (i.kind == INO_BESIDE && nid_is_item(i.nid))
		return list_beside(&l, i, err);
	if (found_is_dir(i) || recovered_is_dir(i))
		return list_found(&l, i, err);
	if (i.kind != INO_CONTROL || !control_is_dir(i))
		return ost_fail(err, OST_NOT_FOUND, "not a directory");
	/* The directory of properties has as many as the store has objects. */
	if (i.place == CONTROL_TOP)
		list_control(&l);
	return OST_OK;
}
