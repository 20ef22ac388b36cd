#include <stdlib.h>

#include "tree/attachment_index.h"
#include "tree/node.h"

/* What an inode is, to one who asks for its attributes. */
struct subject {
	struct tree *t;
	uint64_t ino;
	enum node_attrs is;
	uint32_t nid;
	struct store_object *o;	    /* owned; of a folder or item */
	struct store_object *owner; /* owned; of an attachment */
	size_t index;		    /* in its owner */
};

static enum ost_status open_attachment(struct subject *s, struct ino i,
				       struct ost_error *err)
{
	struct attachment_index *attachment_index = NULL;
	struct ost_error ignored;
	enum ost_status st = attachment_index_owner(s->t, i.nid, i.place,
						    &s->owner, &s->index, err);

	if (st == OST_OK)
		st = attachment_index_open(s->t, i.nid, &attachment_index, err);
	if (st != OST_OK)
		return st;
	s->nid = attachment_index_at(attachment_index, i.place)->nid;
	attachment_index_drop(attachment_index);
	s->is = ATTRS_ATTACHMENT;
	if (mail_embedded(s->owner, s->index, &s->o, &ignored) == OST_OK)
		s->is = ATTRS_ITEM;
	return OST_OK;
}

/* What is damaged has no attributes. */
static enum ost_status subject_open(struct subject *s, struct tree *t,
				    uint64_t ino, struct ost_error *err)
{
	const struct ino i = ino_split(t, ino);
	const struct store_id id = { i.nid, 0 };
	const struct node_ops *ops = node_of(t, i);
	const enum node_attrs of = ops != NULL ? ops->attrs : ATTRS_NONE;
	enum ost_status st = OST_OK;

	*s = (struct subject){ .t = t, .ino = ino, .nid = i.nid };
	if (of == ATTRS_ATTACHMENT)
		st = open_attachment(s, i, err);
	else if (of == ATTRS_FOLDER || of == ATTRS_ITEM)
		st = store_get(t->store, id, &s->o, err);
	if (st == OST_OK && of != ATTRS_ATTACHMENT)
		s->is = of;
	return ost_is_internal(st) ? st : OST_OK;
}

static void subject_close(struct subject *s)
{
	store_drop(s->o);
	store_drop(s->owner);
}

/*
 * The attributes. Each appends a value to `out`, or nothing: it has none.
 */
typedef enum ost_status value_fn(const struct subject *s, int which,
				 struct buf *out, struct ost_error *err);

static enum ost_status put_nid(const struct subject *s, int which,
			       struct buf *out, struct ost_error *err)
{
	(void)which;
	(void)err;
	if (s->is != ATTRS_NONE && s->is != ATTRS_CONTROL)
		buf_printf(out, "%x", s->nid);
	return OST_OK;
}

static enum ost_status put_was(const struct subject *s, int which,
			       struct buf *out, struct ost_error *err)
{
	(void)which;
	(void)err;
	if (s->is == ATTRS_ITEM && s->o->original_nid != 0)
		buf_printf(out, "%x", s->o->original_nid);
	return OST_OK;
}

/* The suffix of the file of an item. */
static const char *suffix_of(const struct subject *s)
{
	const struct mail_options options = plan_options(s->t);
	struct buf class = { 0 };
	struct ost_error err;
	struct mail_kind kind;

	if (mail_fact(s->o, MAIL_CLASS, &class, &err) != OST_OK)
		buf_cut(&class, 0);
	kind = mail_kind_of(buf_span(&class), &options);
	buf_free(&class);
	return kind.suffix;
}

/* What is shown as a contact or an event has no header. */
static bool is_mail(const struct subject *s)
{
	return strcmp(suffix_of(s), ".eml") == 0;
}

static enum ost_status put_fact(const struct subject *s, int which,
				struct buf *out, struct ost_error *err)
{
	if (s->is == ATTRS_FOLDER && which == MAIL_CLASS)
		return store_text(s->o, MAPI_CONTAINER_CLASS, out, NULL, err);
	if (s->is != ATTRS_ITEM || (which == MAIL_MESSAGE_ID && !is_mail(s)))
		return OST_OK;
	return mail_fact(s->o, (enum mail_fact)which, out, err);
}

static enum ost_status put_notes(const struct subject *s, int which,
				 struct buf *out, struct ost_error *err)
{
	struct tree_file *f = NULL;
	enum ost_status st;

	(void)which;
	if (s->is != ATTRS_ITEM && s->is != ATTRS_PROPERTIES)
		return OST_OK;
	st = tree_open(s->t, s->ino, &f, err);
	if (st == OST_OK)
		buf_str(out, tree_file_notes(f));
	tree_close(f);
	return st;
}

static enum ost_status put_type(const struct subject *s, int which,
				struct buf *out, struct ost_error *err)
{
	static const struct {
		const char *suffix, *type;
	} types[] = {
		{ ".eml", "message/rfc822" },
		{ ".vcf", "text/vcard" },
		{ ".ics", "text/calendar" },
		{ ".txt", "text/plain" },
	};

	const struct mail_options options = plan_options(s->t);

	(void)which;
	if (s->is == ATTRS_CONTROL || s->is == ATTRS_PROPERTIES)
		buf_str(out, control_type(s->t, ino_split(s->t, s->ino)));
	if (s->is == ATTRS_ATTACHMENT)
		return mail_attachment_type(s->owner, s->index, &options, out,
					    err);
	for (size_t i = 0; i < 4 && s->is == ATTRS_ITEM; i++)
		if (strcmp(suffix_of(s), types[i].suffix) == 0)
			buf_str(out, types[i].type);
	return OST_OK;
}

/* One line an attribute, in the order they are listed. */
static const struct {
	const char *name;
	value_fn *put;
	int which; /* enum mail_fact, for put_fact */
} attributes[] = {
	{ "user.mime_type", put_type, 0 },
	{ "user.ost.categories", put_fact, MAIL_CATEGORIES },
	{ "user.ost.class", put_fact, MAIL_CLASS },
	{ "user.ost.color", put_fact, MAIL_COLOR },
	{ "user.ost.date", put_fact, MAIL_DATE },
	{ "user.ost.flags", put_fact, MAIL_FLAGS },
	{ "user.ost.from", put_fact, MAIL_FROM },
	{ "user.ost.geometry", put_fact, MAIL_GEOMETRY },
	{ "user.ost.message-id", put_fact, MAIL_MESSAGE_ID },
	{ "user.ost.nid", put_nid, 0 },
	{ "user.ost.notes", put_notes, 0 },
	{ "user.ost.subject", put_fact, MAIL_SUBJECT },
	{ "user.ost.to", put_fact, MAIL_TO },
	{ "user.ost.was", put_was, 0 },
};

enum { ATTRIBUTES = sizeof(attributes) / sizeof(attributes[0]) };

/* Append the value, or nothing where the store lacks it or is damaged. */
static enum ost_status put(const struct subject *s, size_t at, struct buf *out,
			   struct ost_error *err)
{
	const size_t before = out->len;
	const enum ost_status st =
		attributes[at].put(s, attributes[at].which, out, err);

	if (st != OST_OK)
		buf_cut(out, before);
	return ost_is_internal(st) ? st : buf_status(out, err);
}

/*
 * All values of an inode. Who lists the names asks for each value next, and
 * each would open the message anew.
 */
struct attrs {
	struct lru_entry base;
	struct buf values[ATTRIBUTES]; /* empty: it has none */
};

static void attrs_destroy(struct lru_entry *base)
{
	struct attrs *a = (struct attrs *)base;

	for (size_t i = 0; i < ATTRIBUTES; i++)
		buf_free(&a->values[i]);
	free(a);
}

static enum ost_status attrs_fill(struct attrs *a, struct tree *t, uint64_t ino,
				  struct ost_error *err)
{
	struct subject s;
	enum ost_status st = subject_open(&s, t, ino, err);

	a->base.cost = sizeof(*a);
	for (size_t i = 0; i < ATTRIBUTES && st == OST_OK; i++) {
		st = put(&s, i, &a->values[i], err);
		a->base.cost += a->values[i].cap;
	}
	subject_close(&s);
	return st;
}

static enum ost_status attrs_make(void *arg, uint64_t key,
				  struct lru_entry **out, struct ost_error *err)
{
	struct attrs *a = calloc(1, sizeof(*a));
	enum ost_status st;
	struct tree t;

	if (a == NULL)
		return ost_no_memory(err);
	t = tree_again(&a->base.store, arg);
	a->base.destroy = attrs_destroy;
	st = attrs_fill(a, &t, key, err);
	if (st == OST_OK)
		*out = &a->base;
	else
		attrs_destroy(&a->base);
	return st;
}

/* One value, without those that nobody asked for. */
static enum ost_status put_one(struct tree *t, uint64_t ino, size_t at,
			       struct buf *out, struct ost_error *err)
{
	struct attrs *a = (struct attrs *)lru_kept(t->attrs, ino);
	struct subject s;
	enum ost_status st;

	if (a != NULL) {
		buf_add(out, a->values[at].at, a->values[at].len);
		lru_drop(&a->base);
		return buf_status(out, err);
	}
	st = subject_open(&s, t, ino, err);
	if (st == OST_OK)
		st = put(&s, at, out, err);
	subject_close(&s);
	return st;
}

enum ost_status tree_xattr(struct tree *t, uint64_t ino, const char *name,
			   struct buf *out, struct ost_error *err)
{
	const size_t before = out->len;
	enum ost_status st;
	size_t i = 0;

	while (i < ATTRIBUTES && strcmp(attributes[i].name, name) != 0)
		i++;
	if (i == ATTRIBUTES) /* asked for often, e.g. security.selinux */
		return ost_fail(err, OST_NOT_FOUND, "no attribute %s", name);
	st = put_one(t, ino, i, out, err);
	if (st == OST_OK && out->len == before)
		return ost_fail(err, OST_NOT_FOUND, "no value of %s", name);
	return st;
}

enum ost_status tree_xattrs(struct tree *t, uint64_t ino, struct buf *out,
			    struct ost_error *err)
{
	struct lru_entry *e;
	const enum ost_status st =
		lru_get(t->attrs, ino, attrs_make, t, &e, err);
	const struct attrs *a = (const struct attrs *)e;

	if (st != OST_OK)
		return st;
	for (size_t i = 0; i < ATTRIBUTES; i++)
		if (a->values[i].len > 0)
			buf_add(out, attributes[i].name,
				strlen(attributes[i].name) + 1);
	lru_drop(e);
	return buf_status(out, err);
}
