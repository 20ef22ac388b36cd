/*
 * mail.c - an item as a file
 */
#include "mail/mail.h"

#include <stdlib.h>

#include "mail/mime/mime.h"
#include "mail/plan/boundary.h"
#include "mail/plan/plan.h"
#include "mail/render/form.h"
#include "mail/textform/textform.h"

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

/* A vCard, calendar or note is one text, as any item can be. Drops `item`. */
static enum ost_status plan_form(struct mail *mail, struct store_object *item,
				 enum form form,
				 const struct mail_options *options,
				 struct ost_error *err)
{
	const uint32_t nid = item->id.nid;
	struct notes notes = { 0 };
	struct buf *out = pieces_out(&mail->pieces);
	enum ost_status st;

	if (form == FORM_ALL_TEXT)
		st = textform_write(item, pieces_cap(&mail->pieces), out,
				    &notes, err);
	else
		st = form_write(item, form, options, out, &notes, err);
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
		return ost_no_memory(err);
	}
	if (form != FORM_MAIL)
		st = plan_form(mail, item, form, options, err);
	else
		st = plan_message(mail, item,
				  options != NULL ? options : &usual, err);
	return plan_finish(out, mail, st, err);
}
