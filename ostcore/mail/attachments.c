/*
 * attachments.c - the attachments of an item as files of their own
 */
#include "mail/attachments.h"

#include <stdlib.h>

#include "mail/attach/attach.h"
#include "mail/attach/inside.h"
#include "mail/mail.h"
#include "mail/plan/plan.h"

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
		return ost_no_memory(err);
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

/* Show the item in `a`, if it is one, as `options` have it. */
static void show_as(struct attach *a, const struct mail_options *options)
{
	if (options == NULL)
		return;
	if (options->items == MAIL_ITEMS_EML)
		attach_as(a, FORM_MAIL);
	else if (options->items == MAIL_ITEMS_TEXT)
		attach_as(a, FORM_ALL_TEXT);
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
		st = inside_add(&list, &notes, err);
		if (st != OST_OK)
			attach_list_close(&list);
	}
	if (st != OST_OK)
		return st;
	for (size_t i = 0; i < list.count; i++)
		show_as(&list.all[i], options);
	a = calloc(1, sizeof(*a));
	if (a == NULL) {
		st = ost_no_memory(err);
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

enum ost_status mail_embedded(struct store_object *item, size_t index,
			      struct store_object **message,
			      struct ost_error *err)
{
	struct attach a;
	struct notes notes = { 0 };
	enum ost_status st = inside_open(&a, item, index, &notes, err);

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
	const enum ost_status st = inside_open(&a, item, index, &notes, err);

	if (st == OST_OK) {
		show_as(&a, options);
		buf_add(out, a.type.at, a.type.len);
	}
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
		return ost_no_memory(err);
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
	enum ost_status st = inside_open(&a, item, index, &notes, err);

	*out = NULL;
	if (st == OST_OK && a.kind == MAIL_MESSAGE)
		st = attach_message(&a, &message, err);
	if (st == OST_OK)
		st = message != NULL ? mail_plan(out, message, options, err)
				     : plan_file(out, &a, &notes, err);
	attach_close(&a);
	return st;
}
