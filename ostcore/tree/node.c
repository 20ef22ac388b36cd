#include "tree/node.h"

const struct node_ops *node_of(const struct tree *t, struct ino i)
{
	for (size_t n = 0; t->nodes[n] != NULL; n++)
		if (t->nodes[n]->is(t, i))
			return t->nodes[n];
	return NULL;
}

struct tree_what tree_what(const struct tree *t, uint64_t ino)
{
	const struct ino i = ino_split(t, ino);
	const struct node_ops *ops = node_of(t, i);

	return (struct tree_what){
		.kind = ops != NULL ? ops->kind : TREE_CONTROL,
		.nid = i.nid,
		.place = i.kind == INO_THING || i.kind == INO_BESIDE ? i.place
								     : 0,
	};
}

static enum ost_status stat_ino(struct tree *t, uint64_t ino,
				struct tree_node *out, struct ost_error *err)
{
	const struct ino i = ino_split(t, ino);
	const struct node_ops *ops = node_of(t, i);

	*out = (struct tree_node){ .ino = ino, .nlink = 1 };
	stat_times(t, NULL, out);
	if (ino >> 52 != 0)
		return ost_fail(err, OST_NOT_FOUND, "not of this store");
	if (ops == NULL)
		return ost_fail(err, OST_NOT_FOUND, "no item %x in this store",
				i.nid);
	out->is_dir = ops->list != NULL;
	return ops->stat(t, i, out, err);
}

enum ost_status tree_stat(struct tree *t, uint64_t ino, struct tree_node *out,
			  struct ost_error *err)
{
	struct store own;
	struct tree call = tree_again(&own, t);
	const enum ost_status st = stat_ino(&call, ino, out, err);

	out->passing = store_failed(&own);
	return st;
}

/* What is not there may be in what could not be read. */
static enum ost_status absent(const struct store *own, enum ost_status st,
			      struct ost_error *err)
{
	if (st != OST_NOT_FOUND || !store_failed(own))
		return st;
	return ost_fail(err, OST_IO, "what has that name cannot be read now");
}

enum ost_status tree_parent(struct tree *t, uint64_t ino, uint64_t *out,
			    struct ost_error *err)
{
	const struct ino i = ino_split(t, ino);
	const struct node_ops *ops = node_of(t, i);

	*out = TREE_ROOT;
	if (ops == NULL)
		return ost_fail(err, OST_NOT_FOUND, "no item %x in this store",
				i.nid);
	if (ino == TREE_ROOT || ops->parent == NULL)
		return OST_OK;

	struct store own;
	struct tree call = tree_again(&own, t);
	return absent(&own, ops->parent(&call, i, out, err), err);
}

static enum ost_status directory(const struct tree *t, struct ino i,
				 const struct node_ops **out,
				 struct ost_error *err)
{
	*out = node_of(t, i);
	return *out != NULL && (*out)->list != NULL
		       ? OST_OK
		       : ost_fail(err, OST_NOT_FOUND, "not a directory");
}

enum ost_status tree_lookup(struct tree *t, uint64_t dir, const char *name,
			    struct tree_node *out, struct ost_error *err)
{
	const struct ino i = ino_split(t, dir);
	struct store own;
	struct tree call = tree_again(&own, t);
	const struct node_ops *ops;
	uint64_t ino = 0;
	enum ost_status st = directory(t, i, &ops, err);

	*out = (struct tree_node){ 0 };
	if (st == OST_OK)
		st = ops->lookup(&call, i, name, &ino, err);
	if (st == OST_OK)
		st = stat_ino(&call, ino, out, err);
	out->passing = store_failed(&own);
	return absent(&own, st, err);
}

enum ost_status tree_walk(struct tree *t, const char *path,
			  struct tree_node *out, struct ost_error *err)
{
	struct buf name = { 0 };
	enum ost_status st = tree_stat(t, TREE_ROOT, out, err);

	while (st == OST_OK && *path != '\0') {
		const size_t len = strcspn(path, "/");

		if (len > 0) {
			buf_cut(&name, 0);
			buf_add(&name, path, len);
			st = buf_status(&name, err);
		}
		if (len > 0 && st == OST_OK)
			st = tree_lookup(t, out->ino, buf_text(&name), out,
					 err);
		path += len + (path[len] == '/');
	}
	buf_free(&name);
	return st;
}

void tree_readahead(struct tree *t, uint64_t dir, uint64_t from)
{
	const struct ino i = ino_split(t, dir);
	const struct node_ops *ops = node_of(t, i);

	if (ops != NULL && ops->ahead != NULL)
		ops->ahead(t, i, from);
}

enum ost_status tree_list(struct tree *t, uint64_t dir, uint64_t from,
			  tree_take *take, void *arg, struct ost_error *err)
{
	struct listing l = { .t = t, .from = from, .take = take, .arg = arg };
	const struct ino i = ino_split(t, dir);
	const struct node_ops *ops;
	const enum ost_status st = directory(t, i, &ops, err);

	return st == OST_OK ? ops->list(&l, i, err) : st;
}

/* Is it of this directory, or of the one of ours inside it? */
static bool is_wanted(const struct listing *l, struct ino i, bool is_dir)
{
	const bool item =
		!is_dir &&
		(i.kind == INO_THING ||
		 (i.kind == INO_LOST && (i.place & LOST_MESSAGES) != 0));

	if (l->t->options.maildir)
		return item == l->gathered;
	return !l->gathered || i.kind == INO_BESIDE;
}

void listing_give(struct listing *l, const char *name, uint64_t ino,
		  bool is_dir, uint64_t next)
{
	const struct tree_entry entry = { name, ino, is_dir, next };

	if (!is_wanted(l, ino_split(l->t, ino), is_dir)) {
		l->from = next;
		return;
	}
	l->full = !l->take(l->arg, &entry);
	if (!l->full)
		l->from = next;
}
