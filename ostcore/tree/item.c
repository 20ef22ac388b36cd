#include "tree/item.h"

#include "store/identity.h"
#include "tree/gathered.h"
#include "tree/name.h"
#include "tree/node.h"

/* A row, and its message once something had to be asked of it. */
struct asking {
	const struct tree *t;
	struct store_object *row;
	struct store_object *message; /* owned; NULL: none, or not asked */
	bool asked;
	struct mail_kind kind;
};

static struct store_object *message_of(struct asking *a)
{
	const struct store_id id = { a->row->id.nid, 0 };
	struct ost_error err;

	if (!a->asked &&
	    store_get(a->row->store, id, &a->message, &err) != OST_OK)
		a->message = NULL;
	a->asked = true;
	return a->message;
}

static enum ost_status ask(struct asking *a, enum mail_fact fact,
			   struct buf *out, struct ost_error *err)
{
	enum ost_status st = mail_fact(a->row, fact, out, err);

	if (out->len == 0 && !ost_is_internal(st) && message_of(a) != NULL)
		st = mail_fact(a->message, fact, out, err);
	return ost_is_internal(st) ? st : buf_status(out, err);
}

/* What has no subject may have a name: contacts, lists and companies. */
static enum ost_status ask_name(struct asking *a, struct buf *out,
				struct ost_error *err)
{
	enum { COMPANY_NAME = 0x3A16 };
	static const uint16_t ids[] = { MAPI_DISPLAY_NAME, COMPANY_NAME };
	enum ost_status st =
		store_text(a->row, MAPI_DISPLAY_NAME, out, NULL, err);

	for (size_t i = 0; i < 2 && out->len == 0 && !ost_is_internal(st) &&
			   message_of(a) != NULL;
	     i++)
		st = store_text(a->message, ids[i], out, NULL, err);
	return ost_is_internal(st) ? st : buf_status(out, err);
}

/* What an item without a class is depends on who is asked last. */
static enum ost_status ask_kind(struct asking *a, struct ost_error *err)
{
	const struct mail_options options = plan_options(a->t);
	struct store_object *classed = a->row;
	struct buf class = { 0 };
	struct store_prop p;
	enum ost_status st;

	if (store_find(a->row, MAPI_MESSAGE_CLASS, &p, err) != OST_OK &&
	    message_of(a) != NULL)
		classed = a->message;
	st = mail_fact(classed, MAIL_CLASS, &class, err);
	a->kind = mail_kind_of(buf_span(&class), &options);
	buf_free(&class);
	return ost_is_internal(st) ? st : OST_OK;
}

/*
 * A row may know when an appointment was made, but not when it starts; and one
 * that says no start has no date, for when it was made would look like it.
 */
static bool ask_time(struct asking *a, int64_t *sec, bool *day_only)
{
	uint32_t nsec;

	if (a->kind.appointment)
		return mail_starts(message_of(a) != NULL ? a->message : a->row,
				   sec, day_only);
	*day_only = false;
	return mail_time(a->row, sec, &nsec) ||
	       (message_of(a) != NULL && mail_when(a->message, sec, &nsec));
}

/* Does a folder hold what its owner wrote? Then all is by him. */
static enum ost_status is_by_owner(const struct asking *a, bool *is,
				   struct ost_error *err)
{
	enum store_role role = ROLE_NONE;
	enum ost_status st = OST_OK;

	if (a->row->id.folder != 0 && !a->kind.appointment)
		st = store_folder_role(a->row->store, a->row->id.folder, &role,
				       err);
	*is = role == ROLE_SENT || role == ROLE_DRAFTS || role == ROLE_OUTBOX;
	return st;
}

/* Who sent it; of what the owner did, "to" whom he did. */
static enum ost_status ask_person(struct asking *a, struct buf *out,
				  struct ost_error *err)
{
	struct buf to = { 0 };
	bool by_owner;
	enum ost_status st = is_by_owner(a, &by_owner, err);

	if (st == OST_OK && !by_owner)
		return ask(a, MAIL_FROM_NAME, out, err);
	if (st == OST_OK)
		st = ask(a, MAIL_TO_NAMES, &to, err);
	if (st == OST_OK && to.len > 0)
		buf_printf(out, "to %s", buf_text(&to));
	buf_free(&to);
	return st == OST_OK ? buf_status(out, err) : st;
}

static enum ost_status put_name(struct item *out, struct asking *a,
				struct ost_error *err)
{
	const char *suffix = a->kind.suffix;
	struct buf sender = { 0 }, subject = { 0 };
	struct name_parts parts = { .nid = a->row->id.nid };
	enum ost_status st;

	st = ask(a, MAIL_SUBJECT, &subject, err);
	if (st == OST_OK && !a->kind.undated) {
		st = ask_person(a, &sender, err);
		parts.dated = ask_time(a, &parts.sec, &parts.day_only);
	} else if (st == OST_OK && subject.len == 0) {
		st = ask_name(a, &subject, err);
	}
	parts.sender = buf_span(&sender);
	parts.subject = buf_span(&subject);
	name_item(&out->name, &parts, suffix);
	out->stem = out->name.len;
	buf_str(&out->name, suffix);
	if (st == OST_OK)
		st = buf_status(&out->name, err);
	buf_free(&sender);
	buf_free(&subject);
	return st;
}

/* As the entry of a Maildir: who reads those wants all in the name. */
static enum ost_status put_mail_name(struct item *out, struct asking *a,
				     struct ost_error *err)
{
	const struct store_identity *whose = NULL;
	struct name_mail parts = { .nid = a->row->id.nid };
	struct buf flags = { 0 };
	uint32_t nsec;
	enum ost_status st = store_identity(a->t->store, &whose, err);

	if (st == OST_OK && whose->mailboxes[0].has_guid)
		parts.mailbox = whose->mailboxes[0].guid;
	if (!mail_time(a->row, &parts.sec, &nsec) &&
	    (message_of(a) == NULL ||
	     !mail_when(a->message, &parts.sec, &nsec)))
		parts.sec = store_info(a->t->store)->mtime;
	/* A row does not tell all of them. */
	if (st == OST_OK)
		st = mail_fact(message_of(a) != NULL ? a->message : a->row,
			       MAIL_FLAGS, &flags, err);
	parts.flags = buf_text(&flags);
	name_mail(&out->name, &parts);
	out->stem = out->name.len;
	buf_free(&flags);
	return ost_is_internal(st) ? st : buf_status(&out->name, err);
}

/*
 * A row has a flag for it, set in every message with attachments that we have
 * met. Where the file is not complete without the directory that is not
 * enough, and the message is opened. Only a mail has room for all of them.
 */
static bool ask_beside(struct asking *a)
{
	const bool cap = strcmp(a->kind.suffix, ".eml") == 0;
	const bool inside = cap && a->t->options.attachments == TREE_INSIDE;
	const bool needed = !cap || a->t->options.attachments == TREE_BESIDE;

	if (inside)
		return false;
	return mail_has_attachments(a->row) ||
	       (needed && message_of(a) != NULL &&
		mail_has_attachments(a->message));
}

bool tree_hides_attachments(struct tree *t, uint64_t dir, uint64_t ino)
{
	const struct store_id id = { ino_split(t, ino).nid,
				     ino_split(t, dir).nid };
	struct asking a = { .t = t };
	struct ost_error err;
	bool hides = false;

	if (t->options.attachments != TREE_BOTH &&
	    t->options.attachments != TREE_IN_FOLDER)
		return false; /* there are none, or the message is asked */
	if (ino_split(t, dir).kind != INO_THING ||
	    store_get(t->store, id, &a.row, &err) != OST_OK)
		return false;
	if (ask_kind(&a, &err) == OST_OK &&
	    strcmp(a.kind.suffix, ".eml") == 0 && message_of(&a) != NULL)
		hides = mail_denies_attachments(a.row, a.message);
	store_drop(a.message);
	store_drop(a.row);
	return hides;
}

enum ost_status item_read(struct item *out, const struct tree *t,
			  struct store_object *row, struct ost_error *err)
{
	struct asking a = { .t = t, .row = row };
	enum ost_status st;

	*out = (struct item){ 0 };
	st = ask_kind(&a, err);
	if (st == OST_OK)
		st = t->options.maildir ? put_mail_name(out, &a, err)
					: put_name(out, &a, err);
	if (st == OST_OK)
		out->has_beside = ask_beside(&a);
	store_drop(a.message);
	if (st != OST_OK)
		item_free(out);
	return st;
}

void item_free(struct item *item)
{
	buf_free(&item->name);
}

/* Cut the name of its file to that of its directory. */
static void name_dir(struct item *item, bool gathered)
{
	buf_cut(&item->name, item->stem);
	if (!gathered)
		buf_str(&item->name, NAME_BESIDE);
}

/* Is its directory shown where its file is, or where those are gathered? */
static bool has_dir(const struct item *item, const struct tree *t,
		    bool gathered)
{
	return item->has_beside &&
	       gathered == (t->options.attachments == TREE_IN_FOLDER);
}

enum ost_status item_list(struct listing *l, struct store_object *row,
			  uint64_t file, struct ost_error *err)
{
	struct item item;
	enum ost_status st = item_read(&item, l->t, row, err);

	if (st != OST_OK)
		return st;
	if (l->from == file)
		listing_give(l, item.name.at,
			     ino_make(INO_THING, row->id.nid, 0), false,
			     file + 1);
	if (!l->full && has_dir(&item, l->t, l->gathered)) {
		name_dir(&item, l->gathered);
		st = buf_status(&item.name, err);
		if (st == OST_OK)
			listing_give(l, item.name.at,
				     ino_make(INO_BESIDE, row->id.nid, 0), true,
				     file + 2);
	}
	if (!l->full)
		l->from = file + 2;
	item_free(&item);
	return st;
}

static enum ost_status compare(struct tree *t, struct store_object *row,
			       bool gathered, const char *name, uint64_t *ino,
			       struct ost_error *err)
{
	struct item item;
	enum ost_status st = item_read(&item, t, row, err);
	bool file, beside;

	if (st != OST_OK)
		return st;
	file = gathered == t->options.maildir &&
	       strcmp(item.name.at, name) == 0;
	name_dir(&item, gathered);
	beside = has_dir(&item, t, gathered) && !item.name.bad &&
		 strcmp(item.name.at, name) == 0;
	item_free(&item);
	*ino = ino_make(file ? INO_THING : INO_BESIDE, row->id.nid, 0);
	return file || beside ? OST_OK
			      : ost_fail(err, OST_NOT_FOUND, "no such name");
}

enum ost_status item_bare(struct tree *t, uint32_t nid,
			  struct store_object **out, struct ost_error *err)
{
	const struct store_id id = { MAPI_NID_STORE, 0 };
	struct store_object *top = NULL;
	enum ost_status st;

	if (nid_is_recovered(nid))
		return store_get(t->store, (struct store_id){ nid, 0 }, out,
				 err);
	st = store_get(t->store, id, &top, err);
	if (st == OST_OK)
		st = store_child(top, STORE_NODES, nid, out, err);
	store_drop(top);
	return st;
}

enum ost_status item_find(struct tree *t, uint32_t nid, bool gathered,
			  const char *name, uint64_t *ino,
			  struct ost_error *err)
{
	struct store_id id = { 0, nid };
	struct store_object *row = NULL;
	const char *suffix;
	enum ost_status st;

	if (t->options.maildir ? !gathered || !name_mail_nid(name, &id.nid)
			       : !name_nid(name, &id.nid, &suffix) ||
					 (suffix[0] == '\0') != gathered)
		return ost_fail(err, OST_NOT_FOUND, "no such name");
	if (!nid_is_item(id.nid))
		return ost_fail(err, OST_NOT_FOUND, "no such name");
	st = nid != 0 ? store_get(t->store, id, &row, err)
		      : item_bare(t, id.nid, &row, err);
	if (st != OST_OK)
		return st;
	st = compare(t, row, gathered, name, ino, err);
	store_drop(row);
	return st;
}

/* Entry `index`, or one of those of ours that come after all of them. */
static enum ost_status counted_at(struct listing *l, struct ino dir, bool items,
				  dir_at *at, size_t index,
				  struct dir_entry *out, struct ost_error *err)
{
	enum ost_status st = at(l->t, dir.nid, index, out, err);
	size_t after = 0;

	for (; st == OST_NOT_FOUND && items && after < index && after < 3;
	     after++) {
		struct dir_entry last = { 0 };

		st = at(l->t, dir.nid, index - 1 - after, &last, err);
		buf_free(&last.name);
		if (st == OST_OK)
			return gathered_at(l->t, dir, after, out, err);
	}
	return st;
}

enum ost_status listing_counted(struct listing *l, struct ino dir, bool items,
				dir_at *at, struct ost_error *err)
{
	enum ost_status st = OST_OK;

	while (st == OST_OK && !l->full) {
		const uint64_t place = l->from / 2 * 2;
		struct store_object *message = NULL;
		struct dir_entry e;

		st = counted_at(l, dir, items, at, (size_t)(place / 2), &e,
				err);
		if (st == OST_OK && e.message == 0) {
			listing_give(l, buf_text(&e.name), e.ino, true,
				     place + 2);
		} else if (st == OST_OK) {
			st = item_bare(l->t, e.message, &message, err);
			if (st == OST_OK)
				st = item_list(l, message, place, err);
			store_drop(message);
		}
		buf_free(&e.name);
	}
	return st == OST_NOT_FOUND ? OST_OK : st;
}
