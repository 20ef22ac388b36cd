#include "tree/item.h"

#include <strings.h>

#include "tree/name.h"

/* A row, and its message once something had to be asked of it. */
struct asking {
	struct store_object *row;
	struct store_object *message; /* owned; NULL: none, or not asked */
	bool asked;
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

	if (out->len == 0 && !is_grave(st) && message_of(a) != NULL)
		st = mail_fact(a->message, fact, out, err);
	return is_grave(st) ? st : buf_status(out, err);
}

/* What has no subject may have a name: contacts and lists. */
static enum ost_status ask_name(struct asking *a, struct buf *out,
				struct ost_error *err)
{
	enum ost_status st =
		store_text(a->row, MAPI_DISPLAY_NAME, out, NULL, err);

	if (out->len == 0 && !is_grave(st) && message_of(a) != NULL)
		st = store_text(a->message, MAPI_DISPLAY_NAME, out, NULL, err);
	return is_grave(st) ? st : buf_status(out, err);
}

/* The one to be asked what the item is. */
static struct store_object *classed(struct asking *a)
{
	struct store_prop class;
	struct ost_error err;

	if (store_find(a->row, MAPI_MESSAGE_CLASS, &class, &err) != OST_OK &&
	    message_of(a) != NULL)
		return a->message;
	return a->row;
}

/* Is `class` the class `of`, or one derived from it? */
static bool is_class(const char *class, const char *of)
{
	const size_t len = strlen(of);

	return strncasecmp(class, of, len) == 0 &&
	       (class[len] == '\0' || class[len] == '.');
}

/* A row may know when an appointment was made, but not when it starts. */
static bool put_time(struct asking *a, const char *class, int64_t *sec)
{
	uint32_t nsec;

	if (is_class(class, "IPM.Appointment") && message_of(a) != NULL)
		return mail_when(a->message, sec, &nsec);
	return mail_when(a->row, sec, &nsec) ||
	       (message_of(a) != NULL && mail_when(a->message, sec, &nsec));
}

static enum ost_status put_name(struct item *out, const struct tree *t,
				struct asking *a, struct ost_error *err)
{
	const struct mail_options options = plan_options(t);
	struct store_object *object = classed(a);
	const char *suffix = mail_suffix(object, &options);
	struct buf class = { 0 }, sender = { 0 }, subject = { 0 };
	struct name_parts parts = { .nid = a->row->id.nid };
	enum ost_status st;

	st = mail_fact(object, MAIL_CLASS, &class, err);
	if (!is_grave(st))
		st = ask(a, MAIL_SUBJECT, &subject, err);
	if (st == OST_OK && !mail_is_undated(object)) {
		st = ask(a, MAIL_FROM_NAME, &sender, err);
		parts.dated = put_time(a, buf_text(&class), &parts.sec);
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
	buf_free(&class);
	buf_free(&sender);
	buf_free(&subject);
	return st;
}

enum ost_status item_name(struct item *out, const struct tree *t,
			  struct store_object *row, struct ost_error *err)
{
	struct asking a = { .row = row };
	enum ost_status st;

	*out = (struct item){ 0 };
	st = put_name(out, t, &a, err);
	store_drop(a.message);
	if (st != OST_OK)
		item_free(out);
	return st;
}

void item_free(struct item *item)
{
	buf_free(&item->name);
}

/* Only a mail has room for all attachments. */
static bool has_room(const struct tree *t, struct asking *a)
{
	const struct mail_options options = plan_options(t);

	return strcmp(mail_suffix(classed(a), &options), ".eml") == 0;
}

/*
 * A row has a flag for it, set in every message with attachments that we have
 * met. Where the file is not complete without the directory that is not
 * enough, and the message is opened.
 */
bool item_has_beside(const struct tree *t, struct store_object *o)
{
	struct asking a = { .row = o };
	const bool room = has_room(t, &a);
	const bool inside = room && t->options.attachments == TREE_INSIDE;
	const bool needed = !room || t->options.attachments == TREE_BESIDE;
	bool has = !inside && mail_has_attachments(o);

	if (!has && needed && o->id.folder != 0 && message_of(&a) != NULL)
		has = mail_has_attachments(a.message);
	store_drop(a.message);
	return has;
}

static enum ost_status compare(struct tree *t, struct store_object *row,
			       const char *name, uint64_t *ino,
			       struct ost_error *err)
{
	struct item item;
	enum ost_status st = item_name(&item, t, row, err);
	bool file, beside;

	if (st != OST_OK)
		return st;
	file = strcmp(item.name.at, name) == 0;
	buf_cut(&item.name, item.stem);
	buf_str(&item.name, NAME_BESIDE);
	beside = !item.name.bad && strcmp(item.name.at, name) == 0 &&
		 item_has_beside(t, row);
	item_free(&item);
	*ino = ino_make(file ? INO_THING : INO_BESIDE, row->id.nid, 0);
	return file || beside ? OST_OK
			      : ost_fail(err, OST_NOT_FOUND, "no such name");
}

enum ost_status item_find(struct tree *t, uint32_t nid, const char *name,
			  uint64_t *ino, struct ost_error *err)
{
	struct store_id id = { 0, nid };
	struct store_object *row = NULL;
	const char *suffix;
	enum ost_status st;

	if (!name_nid(name, &id.nid, &suffix) || suffix[0] == '\0' ||
	    !nid_is_message(id.nid))
		return ost_fail(err, OST_NOT_FOUND, "no such name");
	st = store_get(t->store, id, &row, err);
	if (st != OST_OK)
		return st;
	st = compare(t, row, name, ino, err);
	store_drop(row);
	return st;
}
