/*
 * source_tree.c - a store as a source: the mails of its tree
 */
#include <stdlib.h>

#include "audit/ledger.h"
#include "bytes/sorted.h"
#include "imap/source.h"
#include "out/out.h"
#include "store/identity.h"
#include "tree/tree.h"

struct tree_folder {
	uint64_t ino;
	uint32_t nid;
	char *path; /* owned */
};

struct tree_source {
	struct tree *t;
	const struct out_filter *filter;
	const struct store_identity *identity; /* on loan */
	struct tree_folder *folders;	       /* owned */
	size_t count;
};

/* Is an entry one that becomes a mail? What cannot be read is told when it is
   asked for. */
static bool is_mail(const struct tree_source *s, uint64_t ino, const char *name)
{
	const char *dot = strrchr(name, '.');

	return tree_what(s->t, ino).kind == TREE_UNREADABLE ||
	       (dot != NULL && strcmp(dot, ".eml") == 0);
}

static enum source_role role_of(const struct tree_source *s, uint32_t nid)
{
	static const struct {
		enum store_role store;
		enum source_role role;
	} roles[] = {
		{ ROLE_INBOX, SOURCE_INBOX },
		{ ROLE_SENT, SOURCE_SENT },
		{ ROLE_DRAFTS, SOURCE_DRAFTS },
		{ ROLE_DELETED, SOURCE_TRASH },
		{ ROLE_JUNK, SOURCE_JUNK },
		{ ROLE_ARCHIVE, SOURCE_ARCHIVE },
	};

	/* Those of a mailbox that is shared are folders like others. */
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (s->identity->mailboxes[0].folders[roles[i].store] == nid)
			return roles[i].role;
	return SOURCE_PLAIN;
}

/* --- folders ---------------------------------------------------------------
 */

struct visiting {
	struct tree_source *s;
	int to;
	struct source_folder now; /* the one that is counted */
	bool open;
	enum ost_status st;
};

static void tell_last(struct visiting *v)
{
	if (v->open && !source_tell_folder(v->to, &v->now))
		v->st = OST_STOPPED;
	v->open = false;
}

static void begin_folder(struct visiting *v, const struct walk_entry *e)
{
	struct tree_source *s = v->s;
	char *path = strdup(e->path);

	tell_last(v);
	if (!out_wants_folder(s->filter, e->path)) {
		free(path);
		return;
	}
	if (path == NULL ||
	    !array_more(&s->folders, s->count, sizeof(*s->folders))) {
		free(path);
		v->st = OST_NO_MEMORY;
		return;
	}
	s->folders[s->count] =
		(struct tree_folder){ e->ino, e->what.nid, path };
	v->now = (struct source_folder){
		.number = s->count++,
		.path = path,
		.role = e->what.kind == TREE_FOLDER ? role_of(s, e->what.nid)
						    : SOURCE_PLAIN
	};
	v->open = true;
}

static bool visit(void *arg, const struct walk_entry *e)
{
	struct visiting *v = arg;
	const char *slash = strrchr(e->path, '/');
	const char *name = slash != NULL ? slash + 1 : e->path;

	if (e->why != NULL) {
		if (!source_tell_fault(v->to, e->path, e->why))
			v->st = OST_STOPPED;
	} else if (e->what.kind == TREE_FOLDER || e->what.kind == TREE_FOUND ||
		   e->what.kind == TREE_RECOVERED) {
		begin_folder(v, e);
	} else if (v->open) {
		if (is_mail(v->s, e->ino, name))
			v->now.mails++;
		else
			v->now.others++;
	}
	return v->st == OST_OK;
}

static enum ost_status tree_folders(void *source, int to, struct ost_error *err)
{
	struct tree_source *s = source;
	struct visiting v = { .s = s, .to = to };
	struct ledger *l = NULL;
	bool lost = false;
	enum ost_status st =
		store_identity(tree_store(s->t), &s->identity, err);

	if (st == OST_OK)
		st = ledger_walk(&l, s->t, visit, &v, err);
	if (st == OST_OK && v.st == OST_OK)
		tell_last(&v);
	if (st == OST_OK && v.st == OST_NO_MEMORY)
		st = ost_no_memory(err);
	if (st == OST_OK && v.st == OST_OK)
		st = ledger_sum_up(l, &lost, err);
	ledger_free(l);
	/* Lists that are damaged, items that are listed and not there. */
	if (lost)
		(void)source_tell_fault(
			to, "",
			"parts of it are lost: ostcheck --deep says which");
	return st;
}

/* --- items -----------------------------------------------------------------
 */

struct listing {
	struct tree_source *s;
	struct key store;
	struct source_item some[128];
	size_t count;
	uint64_t place; /* of the entry that comes */
	int to;
	bool gone;
};

static void tell_some(struct listing *l)
{
	l->gone |= !source_tell_items(l->to, l->some, l->count);
	l->count = 0;
}

/* A name has the date, the sender, the subject and the number in it: who has
   the same one in the same store is the same mail. */
static bool list_item(void *arg, const struct tree_entry *e)
{
	struct listing *l = arg;

	if (!e->is_dir && is_mail(l->s, e->ino, e->name)) {
		l->some[l->count++] = (struct source_item){
			.number = e->ino,
			.place = l->place,
			.id = key_join(l->store,
				       span_of(e->name, strlen(e->name))),
		};
		if (l->count == sizeof(l->some) / sizeof(l->some[0]))
			tell_some(l);
	}
	l->place = e->next;
	return !l->gone;
}

/* What tells this mailbox from others: in all of its stores, or this one. */
static struct key mailbox_key(const struct tree_source *s)
{
	const struct store_mailbox *own = &s->identity->mailboxes[0];

	return key_of(own->has_guid ? span_of(own->guid, sizeof(own->guid))
				    : store_key(tree_store(s->t)));
}

static enum ost_status tree_items(void *source, void **view, uint64_t folder,
				  int to, struct ost_error *err)
{
	struct tree_source *s = source;
	struct listing l = { .s = s, .to = to };
	enum ost_status st;

	*view = NULL;
	if (folder >= s->count)
		return ost_fail(err, OST_BUG, "no such folder");
	l.store = mailbox_key(s);
	*view = &s->folders[folder];
	st = tree_list(s->t, s->folders[folder].ino, 0, list_item, &l, err);
	tell_some(&l);
	return st;
}

static bool take_name(void *arg, const struct tree_entry *e)
{
	buf_str(arg, e->name);
	return true;
}

static bool take_first(void *arg, const struct tree_entry *e)
{
	struct buf *name = arg;

	return name->len == 0 && take_name(arg, e);
}

static enum ost_status tree_path(void *source, void *view,
				 const struct source_item *item,
				 struct buf *path, struct ost_error *err)
{
	const struct tree_source *s = source;
	const struct tree_folder *f = view;
	struct buf name = { 0 };
	enum ost_status st;

	if (f == NULL)
		return ost_fail(err, OST_BUG, "no folder was listed");
	st = tree_list(s->t, f->ino, item->place, take_first, &name, err);
	buf_printf(path, "%s%s%s", f->path, f->path[0] != '\0' ? "/" : "",
		   buf_text(&name));
	path->bad |= name.bad;
	buf_free(&name);
	return st;
}

/* --- mails -----------------------------------------------------------------
 */

static enum ost_status open_file(struct tree_source *s, uint64_t number,
				 struct source_mail *mail,
				 struct ost_error *err)
{
	struct tree_node node;
	struct tree_file *f = NULL;
	enum ost_status st = tree_open(s->t, number, &f, err);

	if (st != OST_OK)
		return st;
	st = tree_stat(s->t, number, &node, err);
	if (st != OST_OK) {
		tree_close(f);
		return st;
	}
	mail->of = f;
	mail->size = tree_file_size(f);
	mail->mtime = node.mtime;
	return OST_OK;
}

static enum ost_status tree_mail_open(void *source, void *view, uint64_t number,
				      struct source_mail *mail,
				      struct ost_error *err)
{
	struct tree_source *s = source;
	enum ost_status st;

	(void)view;
	tree_begin(s->t);
	st = open_file(s, number, mail, err);
	return tree_end(s->t, st, err);
}

static enum ost_status tree_mail_read(struct source_mail *mail, uint64_t off,
				      void *to, size_t want, size_t *got,
				      struct ost_error *err)
{
	return tree_read(mail->of, off, to, want, got, err);
}

static void tree_mail_close(struct source_mail *mail)
{
	tree_close(mail->of);
}

static void tree_drop(void *view)
{
	(void)view; /* it is a folder of the source's */
}

enum ost_status source_serve_tree(struct tree *t,
				  const struct out_filter *filter,
				  const int *fds, size_t count,
				  struct ost_error *err)
{
	static const struct source_ops ops = {
		.folders = tree_folders,
		.items = tree_items,
		.path = tree_path,
		.open = tree_mail_open,
		.read = tree_mail_read,
		.close = tree_mail_close,
		.drop = tree_drop,
	};
	struct tree_source s = { .t = t, .filter = filter };
	enum ost_status st = source_serve(&ops, &s, fds, count, err);

	for (size_t i = 0; i < s.count; i++)
		free(s.folders[i].path);
	free(s.folders);
	return st;
}
