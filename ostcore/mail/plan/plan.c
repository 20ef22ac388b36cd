/*
 * plan.c - an item, or one attachment of it, as a file
 */
#include <stdlib.h>

#include "mail/attach/attach.h"
#include "mail/attach/ole.h"
#include "mail/mime/mime.h"
#include "mail/plan/boundary.h"
#include "mail/plan/plan.h"

/* Boundaries and all else that must be unique come from store data only. */
static uint64_t seed_of(struct store_object *item)
{
	const struct span store = store_key(item->store);
	struct buf key = { 0 };
	struct ost_error err;
	uint64_t seed;

	/* Without the one or the other the seed is as good, only less rare. */
	buf_add(&key, store.at, store.len);
	if (store_bytes(item, MAPI_SEARCH_KEY, 256, &key, &err) != OST_OK)
		buf_byte(&key, 0);
	seed = boundary_hash(item->id.nid, buf_span(&key));
	buf_free(&key);
	return seed;
}

enum ost_status plan_finish(struct mail **out, struct mail *mail,
			    enum ost_status st, struct ost_error *err)
{
	if (st == OST_OK)
		st = pieces_seal(&mail->pieces, err);
	if (st == OST_OK)
		st = buf_status(&mail->notes, err);
	if (st == OST_OK)
		*out = mail;
	else
		mail_free(mail);
	return st;
}

/* What an item lacks when this is lost, nobody can know. */
static void note_store(struct notes *notes, const struct store_object *item)
{
	if (store_is_maimed(item->store))
		note_add(notes, NOTE_STORE);
}

/* A vCard, calendar or note is one text. Drops `item`. */
static enum ost_status plan_form(struct mail *mail, struct store_object *item,
				 enum form form, struct ost_error *err)
{
	const uint32_t nid = item->id.nid;
	struct notes notes = { 0 };
	enum ost_status st;

	notes_origin(&notes, item);
	note_store(&notes, item);
	st = form_write(item, form, pieces_out(&mail->pieces), &notes, err);
	notes_text(&notes, &mail->notes);
	store_drop(item);
	return st == OST_OK ? st : ost_within(err, st, "message %#x", nid);
}

/* Lay out `item`, which is owned from here on, as a MIME message. */
static enum ost_status plan_message(struct mail *mail,
				    struct store_object *item,
				    const struct mail_options *options,
				    struct ost_error *err)
{
	struct boundaries boundaries = { .seed = seed_of(item) };
	struct mime mime = {
		.pieces = &mail->pieces,
		.boundaries = &boundaries,
		.options = options,
	};
	enum mime_lines lines;
	enum ost_status st;

	note_store(&mime.notes, item);
	st = mime_message(&mime, item, &lines, err);
	if (st == OST_OK)
		st = boundary_settle(&boundaries, &mail->pieces, err);
	boundary_free(&boundaries);
	notes_text(&mime.notes, &mail->notes);
	return st;
}

enum ost_status mail_plan(struct mail **out, struct store_object *item,
			  const struct mail_options *options,
			  struct ost_error *err)
{
	static const struct mail_options usual = { 0 };
	struct mail *mail = calloc(1, sizeof(*mail));
	const enum form form = form_as(item, options);
	enum ost_status st;

	*out = NULL;
	if (mail == NULL) {
		store_drop(item);
		return ost_fail(err, OST_NO_MEMORY, "out of memory");
	}
	if (form != FORM_MAIL)
		st = plan_form(mail, item, form, err);
	else
		st = plan_message(mail, item,
				  options != NULL ? options : &usual, err);
	return plan_finish(out, mail, st, err);
}

uint64_t mail_size(const struct mail *m)
{
	return pieces_size(&m->pieces);
}

enum ost_status mail_read(const struct mail *m, uint64_t off, void *buf,
			  size_t want, size_t *got, struct ost_error *err)
{
	return pieces_read(&m->pieces, off, buf, want, got, err);
}

size_t mail_memory(const struct mail *m)
{
	return sizeof(*m) + m->notes.room + pieces_memory(&m->pieces);
}

const char *mail_notes(const struct mail *m)
{
	return buf_text(&m->notes);
}

void mail_free(struct mail *m)
{
	if (m == NULL)
		return;
	pieces_free(&m->pieces);
	buf_free(&m->notes);
	free(m);
}

/*
 * Attachments as files of their own
 */

struct mail_attachments {
	size_t count;
	struct mail_attachment *all;
	struct buf names; /* each followed by a NUL */
};

static enum ost_status keep_names(struct mail_attachments *a,
				  const struct attach_list *list,
				  struct ost_error *err)
{
	size_t at = 0;

	for (size_t i = 0; i < list->count; i++)
		buf_add(&a->names, buf_text(&list->all[i].name),
			list->all[i].name.len + 1);
	if (a->all == NULL || a->names.bad)
		return ost_fail(err, OST_NO_MEMORY, "out of memory");
	for (size_t i = 0; i < list->count; i++) {
		a->all[i] = (struct mail_attachment){
			.kind = list->all[i].kind,
			.nid = list->all[i].nid,
			.name = a->names.at + at,
		};
		at += list->all[i].name.len + 1;
	}
	return OST_OK;
}

static bool is_as_mail(const struct mail_options *options)
{
	return options != NULL && options->items == MAIL_ITEMS_EML;
}

enum ost_status mail_attachments_open(struct mail_attachments **out,
				      struct store_object *item,
				      const struct mail_options *options,
				      struct ost_error *err)
{
	struct attach_list list;
	struct notes notes = { 0 };
	struct mail_attachments *a;
	enum ost_status st = attach_list_open(&list, item, &notes, err);

	*out = NULL;
	if (st == OST_OK) {
		st = ole_add(&list, &notes, err);
		if (st != OST_OK)
			attach_list_close(&list);
	}
	if (st != OST_OK)
		return st;
	for (size_t i = 0; is_as_mail(options) && i < list.count; i++)
		attach_as_mail(&list.all[i]);
	a = calloc(1, sizeof(*a));
	if (a == NULL) {
		st = ost_fail(err, OST_NO_MEMORY, "out of memory");
		goto out;
	}
	a->count = list.count;
	a->all = calloc(list.count + 1, sizeof(*a->all));
	st = keep_names(a, &list, err);
out:
	attach_list_close(&list);
	if (st == OST_OK)
		*out = a;
	else
		mail_attachments_close(a);
	return st;
}

size_t mail_attachments_count(const struct mail_attachments *a)
{
	return a->count;
}

const struct mail_attachment *
mail_attachment_at(const struct mail_attachments *a, size_t index)
{
	return index < a->count ? &a->all[index] : NULL;
}

void mail_attachments_close(struct mail_attachments *a)
{
	if (a == NULL)
		return;
	buf_free(&a->names);
	free(a->all);
	free(a);
}

bool mail_has_attachments(struct store_object *item)
{
	enum { HAS_ATTACHMENTS = 0x10 }; /* in the flags, [MS-OXCMSG] 2.2.1.6 */
	struct store_object *first = NULL, *message = NULL;
	struct store_prop p;
	struct ost_error err;
	enum ost_status st;

	/* A row knows, and asking the message would read it. */
	if (item->id.folder != 0 &&
	    store_find(item, MAPI_MESSAGE_FLAGS, &p, &err) == OST_OK)
		return (store_number(item, MAPI_MESSAGE_FLAGS, 0) &
			HAS_ATTACHMENTS) != 0;
	if (item->id.folder != 0) {
		if (store_get(item->store, (struct store_id){ item->id.nid, 0 },
			      &message, &err) != OST_OK)
			return false;
		item = message;
	}
	st = store_child(item, STORE_ATTACHMENTS, 0, &first, &err);
	store_drop(first);
	store_drop(message);
	return st != OST_NOT_FOUND;
}

enum ost_status mail_embedded(struct store_object *item, size_t index,
			      struct store_object **message,
			      struct ost_error *err)
{
	struct attach a;
	struct notes notes = { 0 };
	enum ost_status st = ole_open(&a, item, index, &notes, err);

	*message = NULL;
	if (st == OST_OK)
		st = attach_message(&a, message, err);
	attach_close(&a);
	return st;
}

enum ost_status mail_attachment_type(struct store_object *item, size_t index,
				     const struct mail_options *options,
				     struct buf *out, struct ost_error *err)
{
	struct attach a;
	struct notes notes = { 0 };
	const enum ost_status st = ole_open(&a, item, index, &notes, err);

	if (st == OST_OK && is_as_mail(options))
		attach_as_mail(&a);
	if (st == OST_OK)
		buf_add(out, a.type.at, a.type.len);
	attach_close(&a);
	return st;
}

/* What is not a message: its bytes, or the text that stands for it. */
static enum ost_status plan_file(struct mail **out, struct attach *a,
				 const struct notes *notes,
				 struct ost_error *err)
{
	struct mail *mail = calloc(1, sizeof(*mail));

	if (mail == NULL)
		return ost_fail(err, OST_NO_MEMORY, "out of memory");
	notes_text(notes, &mail->notes);
	if (a->kind == MAIL_LINK) {
		attach_link(a, pieces_out(&mail->pieces));
	} else if (a->kind == MAIL_MISSING) {
		attach_missing(a, pieces_out(&mail->pieces));
	} else if (a->made) {
		buf_add(pieces_out(&mail->pieces), a->bytes.at, a->bytes.len);
	} else {
		pieces_prop(&mail->pieces, a->object, &a->data, false);
		pieces_own(&mail->pieces, a->object);
		a->object = NULL;
	}
	return plan_finish(out, mail, OST_OK, err);
}

enum ost_status mail_plan_attachment(struct mail **out,
				     struct store_object *item, size_t index,
				     const struct mail_options *options,
				     struct ost_error *err)
{
	struct store_object *message = NULL;
	struct notes notes = { 0 };
	struct attach a;
	enum ost_status st = ole_open(&a, item, index, &notes, err);

	*out = NULL;
	if (st == OST_OK && a.kind == MAIL_MESSAGE)
		st = attach_message(&a, &message, err);
	if (st == OST_OK)
		st = message != NULL ? mail_plan(out, message, options, err)
				     : plan_file(out, &a, &notes, err);
	attach_close(&a);
	return st;
}
