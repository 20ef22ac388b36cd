#include "audit/ledger.h"

#include <stdio.h>
#include <stdlib.h>

size_t ledger_put(struct ledger *l, const char *text)
{
	const size_t at = l->texts.len;

	if (text == NULL)
		return 0;
	buf_add(&l->texts, text, strlen(text) + 1);
	l->no_memory |= l->texts.bad;
	return l->texts.bad ? 0 : at;
}

void ledger_add(struct ledger *l, const struct entry *e, const char *path,
		const char *why)
{
	struct entry *at;

	pthread_mutex_lock(&l->lock);
	l->counts[e->kind]++;
	if (l->entry_count == l->entry_cap && l->entry_count < ENTRIES_MAX) {
		const size_t cap = l->entry_cap > 0 ? 2 * l->entry_cap : 64;

		at = reallocarray(l->entries, cap, sizeof(*at));
		l->no_memory |= at == NULL;
		if (at != NULL) {
			l->entries = at;
			l->entry_cap = cap;
		}
	}
	/* What was lost comes before what was degraded. */
	if (l->entry_count < l->entry_cap && l->entry_count < ENTRIES_MAX &&
	    (e->kind <= ENTRY_DAMAGED || l->entry_count < ENTRIES_MAX / 2)) {
		at = &l->entries[l->entry_count++];
		*at = *e;
		at->path = ledger_put(l, path);
		at->why = ledger_put(l, why);
	}
	pthread_mutex_unlock(&l->lock);
}

void ledger_add_missing(struct ledger *l, uint32_t nid, const char *path,
			const char *where)
{
	const struct entry e = { .kind = ENTRY_MISSING, .nid = nid };
	struct buf why = { 0 };

	buf_printf(&why, "%s lists it, but it is not in the store", where);
	ledger_add(l, &e, path, buf_text(&why));
	buf_free(&why);
}

/*
 * What the tree shows
 */

struct taking {
	struct ledger *l;
	struct deep *deep; /* NULL: not in depth */
};

static struct ledger_folder *add_folder(struct ledger *l,
					const struct walk_entry *e)
{
	const struct inventory_folder *count = NULL;
	struct ledger_folder *f;

	if (l->folder_count == l->folder_cap) {
		const size_t cap = l->folder_cap > 0 ? 2 * l->folder_cap : 64;

		f = reallocarray(l->folders, cap, sizeof(*f));
		if (f == NULL)
			return NULL;
		l->folders = f;
		l->folder_cap = cap;
	}
	f = &l->folders[l->folder_count];
	*f = (struct ledger_folder){ .nid = e->what.nid,
				     .found = e->what.kind == TREE_FOUND,
				     .recovered =
					     e->what.kind == TREE_RECOVERED };
	pthread_mutex_lock(&l->lock);
	f->path = ledger_put(l, e->path);
	pthread_mutex_unlock(&l->lock);
	if (l->inventory != NULL && !f->found && !f->recovered)
		count = inventory_folder(l->inventory, f->nid);
	f->counted = count != NULL;
	if (count != NULL)
		f->count = *count;
	l->folder_count++;
	return f;
}

/* Why an entry cannot be read is known once it is read. */
static void add_unreadable(struct ledger *l, const struct walk_entry *e)
{
	const bool extra = e->what.kind == TREE_RECOVERED;
	const struct entry entry = { .kind = extra ? ENTRY_DEGRADED
						   : ENTRY_UNREADABLE,
				     .nid = e->what.nid };
	struct tree_file *f = NULL;
	struct ost_error err = { "" };
	const char *why = e->why;

	if (why == NULL && tree_open(l->tree, e->ino, &f, &err) != OST_OK)
		why = err.text;
	tree_close(f);
	ledger_add(l, &entry, e->path, why);
}

/* What is listed is opened by its name, and by no other way. */
static bool is_found(struct ledger *l, const struct walk_entry *e)
{
	const char *slash = strrchr(e->path, '/');
	const struct entry entry = { .kind = ENTRY_UNREADABLE,
				     .nid = e->what.nid };
	struct tree_node node;
	struct ost_error err = { "" };
	enum ost_status st =
		tree_lookup(l->tree, e->dir,
			    slash != NULL ? slash + 1 : e->path, &node, &err);

	if (st == OST_OK && node.ino != e->ino)
		st = ost_fail(&err, OST_CORRUPT, "it is another's");
	if (st == OST_OK)
		return true;
	(void)!ost_within(&err, st,
			  "it cannot be opened by the name that is "
			  "listed");
	ledger_add(l, &entry, e->path, err.text);
	return false;
}

static bool take(void *arg, const struct walk_entry *e)
{
	struct taking *t = arg;
	struct ledger *l = t->l;
	struct ledger_folder *f =
		l->folder_count > 0 ? &l->folders[l->folder_count - 1] : NULL;

	if (e->why != NULL) {
		add_unreadable(l, e);
		return true;
	}
	switch (e->what.kind) {
	case TREE_FOLDER:
	case TREE_FOUND:
	case TREE_RECOVERED:
		return add_folder(l, e) != NULL;
	case TREE_GATHERED:
		return true;
	case TREE_UNREADABLE:
		f->unreadable++;
		add_unreadable(l, e);
		return true;
	case TREE_ITEM:
		f->shown++;
		if (!f->recovered && !ledger_has(l, e->what.nid))
			ledger_add_missing(l, e->what.nid, e->path,
					   "the folder");
		break;
	case TREE_ATTACHMENT:
	case TREE_ATTACHMENTS:
	case TREE_CONTROL:
		break;
	}
	if (t->deep != NULL && !is_found(l, e))
		return true;
	/* What is recovered is no part of what must be there. */
	return t->deep == NULL || (f != NULL && f->recovered) ||
	       deep_read(t->deep, e->ino, e->dir, e->path);
}

/*
 * What is not shown, for it is not below the folder that is mounted
 */

static int by_nid(const void *a, const void *b)
{
	const struct ledger_folder *x = a, *y = b;

	return (x->nid > y->nid) - (x->nid < y->nid);
}

/* The names of the folders it is in, as the store has them. */
static void put_outside(const struct ledger *l, uint32_t nid, unsigned depth,
			struct buf *out)
{
	const struct inventory_folder *f = inventory_folder(l->inventory, nid);
	struct store_object *o = NULL;
	struct ost_error err;

	if (f == NULL || depth == 0 || nid == MAPI_NID_ROOT_FOLDER)
		return;
	put_outside(l, f->parent, depth - 1, out);
	if (out->len > 0)
		buf_byte(out, '/');
	if (store_get(tree_store(l->tree), (struct store_id){ nid, 0 }, &o,
		      &err) != OST_OK ||
	    store_text(o, MAPI_DISPLAY_NAME, out, NULL, &err) != OST_OK)
		buf_printf(out, "[%x]", nid);
	store_drop(o);
}

static bool add_outside(struct ledger *l)
{
	const size_t shown = l->folder_count;
	struct buf path = { 0 };

	if (shown > 0)
		qsort(l->folders, shown, sizeof(*l->folders), by_nid);
	for (size_t i = 0; i < l->inventory->folder_count; i++) {
		const struct inventory_folder *f = &l->inventory->folders[i];
		const struct ledger_folder key = { .nid = f->nid };
		const struct walk_entry e = {
			.what = { TREE_FOLDER, f->nid, 0 },
		};
		struct ledger_folder *added;

		if (bsearch(&key, l->folders, shown, sizeof(key), by_nid) !=
		    NULL)
			continue;
		added = add_folder(l, &e);
		if (added == NULL)
			break;
		buf_cut(&path, 0);
		put_outside(l, f->nid, 32, &path);
		added->path = ledger_put(l, buf_text(&path));
		added->outside = true;
		l->no_memory |= path.bad;
	}
	buf_free(&path);
	return l->folder_count >= l->inventory->folder_count;
}

/*
 * Sums
 */

static void sum_messages(struct ledger *l, const struct ledger_folder *f)
{
	const struct inventory_count *c = &f->count.of[INVENTORY_MESSAGES];
	const uint64_t listed = c->rows - c->twice;
	const uint64_t there = listed - c->missing + c->unlisted;

	l->sum.twice += c->twice;
	l->sum.tables += inventory_is_damaged(c);
	if (c->has_declared && c->declared != listed + c->unlisted)
		l->sum.stale++;
	/* What it says, and neither its table nor the index knows of. */
	if (c->has_declared && c->declared > there + c->missing)
		l->sum.unaccounted += c->declared - there - c->missing;
	if (f->outside)
		l->sum.outside += listed;
	else
		l->sum.expected += listed;
	if (!f->outside && f->shown + f->unreadable < c->rows)
		l->sum.not_shown += c->rows - f->shown - f->unreadable;
}

static void sum_folder(struct ledger *l, const struct ledger_folder *f)
{
	const struct inventory_count *hidden =
		&f->count.of[INVENTORY_ASSOCIATED];

	if (f->recovered)
		l->sum.recovered += f->shown;
	else if (f->found)
		l->sum.found += f->shown;
	else
		l->sum.shown += f->shown;
	if (!f->counted)
		return;
	sum_messages(l, f);
	l->sum.tables += inventory_is_damaged(hidden);
	l->sum.tables += f->count.folders_lost;
	l->sum.hidden_missing += hidden->missing;
}

static uint64_t unlisted(const struct inventory_list *list)
{
	uint64_t count = 0;

	for (size_t i = 0; i < list->count; i++)
		count += !inventory_is_listed(list, i);
	return count;
}

static void sum_inventory(struct ledger *l)
{
	const struct inventory_list *of = l->inventory->of;
	const uint64_t lost = unlisted(&of[INVENTORY_MESSAGES]);

	l->sum.expected += lost;
	if (lost > l->sum.found)
		l->sum.not_shown += lost - l->sum.found;
	l->sum.hidden = of[INVENTORY_ASSOCIATED].count;
	l->sum.hidden_unlisted = unlisted(&of[INVENTORY_ASSOCIATED]);
}

static void sum_up(struct ledger *l)
{
	const struct store_info *info = store_info(tree_store(l->tree));

	for (size_t i = 0; i < l->folder_count; i++)
		sum_folder(l, &l->folders[i]);
	if (l->inventory != NULL)
		sum_inventory(l);
	else
		l->sum.expected = l->sum.shown;
	l->sum.places = store_damage_count(tree_store(l->tree));
	if (info->size < info->header_eof)
		l->cut_off = info->header_eof - info->size;
}

/*
 * A folder that merely counts wrong has lost nothing; but where something is
 * damaged, what it counts may be what is gone.
 */
uint64_t ledger_losses(const struct ledger *l)
{
	const bool damaged = l->sum.places > 0 || l->sum.tables > 0 ||
			     l->cut_off > 0 ||
			     (l->inventory != NULL && l->inventory->cut);

	return l->counts[ENTRY_MISSING] + l->counts[ENTRY_UNREADABLE] +
	       l->counts[ENTRY_DAMAGED] + l->sum.not_shown + l->sum.tables +
	       l->sum.places + (l->cut_off > 0) +
	       (l->inventory != NULL && l->inventory->cut) +
	       (damaged ? l->sum.unaccounted : 0);
}

/*
 * In order, whichever thread came first
 */

static int by_path(const void *a, const void *b, void *arg)
{
	const struct ledger_folder *x = a, *y = b;

	if (x->outside != y->outside)
		return x->outside ? 1 : -1;
	if (x->recovered != y->recovered)
		return x->recovered ? 1 : -1;
	if (x->found != y->found)
		return x->found ? 1 : -1;
	return strcmp(ledger_at(arg, x->path), ledger_at(arg, y->path));
}

static int by_thing(const void *a, const void *b, void *arg)
{
	const struct entry *x = a, *y = b;
	int order;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	order = strcmp(ledger_at(arg, x->path), ledger_at(arg, y->path));
	if (order != 0)
		return order;
	if (x->nid != y->nid)
		return x->nid < y->nid ? -1 : 1;
	if (x->off != y->off)
		return x->off < y->off ? -1 : 1;
	return strcmp(ledger_at(arg, x->why), ledger_at(arg, y->why));
}

static int by_code(const void *a, const void *b)
{
	const struct note_count *x = a, *y = b;

	return strcmp(x->code, y->code);
}

static void sort(struct ledger *l)
{
	if (l->folder_count > 0)
		qsort_r(l->folders, l->folder_count, sizeof(*l->folders),
			by_path, l);
	if (l->entry_count > 0)
		qsort_r(l->entries, l->entry_count, sizeof(*l->entries),
			by_thing, l);
	if (l->note_count > 0)
		qsort(l->notes, l->note_count, sizeof(*l->notes), by_code);
}

static enum ost_status begin(struct ledger **out, struct tree *t,
			     struct ost_error *err)
{
	struct ledger *l = calloc(1, sizeof(*l));
	enum ost_status st;

	*out = l;
	if (l == NULL)
		return ost_no_memory(err);
	pthread_mutex_init(&l->lock, NULL);
	l->tree = t;
	buf_byte(&l->texts, '\0'); /* text 0 is "" */
	st = tree_inventory(t, &l->inventory, err);
	if (st != OST_OK || l->inventory->folder_count == 0)
		l->inventory = NULL;
	return ost_is_internal(st) ? st : OST_OK;
}

/* What no folder of those that were gone through has. */
static enum ost_status end(struct ledger *l, enum ledger_rows rows,
			   struct ost_error *err)
{
	/* What it meets that is damaged counts, whenever it comes there. */
	enum ost_status st = mail_directory_wait(tree_store(l->tree), err);

	if (l->inventory != NULL && !add_outside(l))
		l->no_memory = true;
	if (st == OST_OK)
		st = rows_read(l, rows, err);
	if (st == OST_OK && l->no_memory)
		return ost_no_memory(err);
	if (st == OST_OK)
		sum_up(l);
	return st;
}

static enum ost_status walk_deep(struct ledger *l,
				 const struct ledger_options *options,
				 struct ost_error *err)
{
	struct taking t = { .l = l };
	enum ost_status st;

	l->deep = options->deep;
	if (l->deep) {
		t.deep = deep_start(l, options);
		if (t.deep == NULL)
			return ost_no_memory(err);
	}
	st = walk_tree(l->tree, take, &t, err);
	if (t.deep != NULL && l->inventory != NULL &&
	    !deep_read_associated(t.deep))
		l->no_memory = true;
	deep_finish(t.deep);
	if (st == OST_OK && l->deep)
		st = store_find_orphans(tree_store(l->tree), err);
	return ost_is_internal(st) ? st : OST_OK;
}

enum ost_status ledger_make(struct ledger **out, struct tree *t,
			    const struct ledger_options *options,
			    struct ost_error *err)
{
	struct ledger *l;
	enum ost_status st = begin(&l, t, err);

	*out = NULL;
	if (st == OST_OK)
		st = walk_deep(l, options, err);
	if (st == OST_OK)
		st = end(l, LEDGER_DATES, err);
	if (st != OST_OK) {
		ledger_free(l);
		return st;
	}
	sort(l);
	*out = l;
	return OST_OK;
}

/*
 * A walk of somebody else, of which a ledger is made by the way
 */

struct both {
	struct taking ours;
	walk_visit *visit;
	void *arg;
};

static bool take_both(void *arg, const struct walk_entry *e)
{
	struct both *b = arg;

	return take(&b->ours, e) && b->visit(b->arg, e);
}

enum ost_status ledger_walk(struct ledger **out, struct tree *t,
			    walk_visit *visit, void *arg, struct ost_error *err)
{
	struct both b = { .visit = visit, .arg = arg };
	enum ost_status st = begin(out, t, err);

	b.ours.l = *out;
	return st == OST_OK ? walk_tree(t, take_both, &b, err) : st;
}

enum ost_status ledger_sum_up(struct ledger *l, bool *lost,
			      struct ost_error *err)
{
	const enum ost_status st = end(l, LEDGER_LOSSES, err);

	*lost = st == OST_OK && ledger_losses(l) > 0;
	return st;
}

static bool pass_by(void *arg, const struct walk_entry *e)
{
	(void)arg;
	(void)e;
	return true;
}

enum ost_status ledger_has_losses(struct tree *t, bool *lost,
				  struct ost_error *err)
{
	struct ledger *l;
	enum ost_status st = ledger_walk(&l, t, pass_by, NULL, err);

	*lost = false;
	if (st == OST_OK)
		st = ledger_sum_up(l, lost, err);
	ledger_free(l);
	return st;
}

void ledger_free(struct ledger *l)
{
	if (l == NULL)
		return;
	pthread_mutex_destroy(&l->lock);
	buf_free(&l->texts);
	free(l->folders);
	free(l->entries);
	free(l);
}
