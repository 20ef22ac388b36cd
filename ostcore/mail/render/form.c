#include "mail/render/form.h"

#include "mail/attach/kind.h"
#include "mail/body/plain.h"
#include "mail/calendar/ical.h"
#include "mail/card/vcard.h"
#include "mail/item/proplist.h"
#include "mail/text/value.h"

/* A note without a text has at least its title. */
static enum ost_status write_text(struct store_object *item, struct buf *out,
				  struct notes *notes, struct ost_error *err)
{
	const size_t start = out->len;
	enum ost_status st = plain_read(item, out, notes, err);

	if (st == OST_OK && out->len == start)
		st = value_subject(item, out, notes, err);
	if (st == OST_OK && mail_has_attachments(item))
		note_add(notes, NOTE_ATTACH_BESIDE);
	return st == OST_OK ? buf_status(out, err) : st;
}

static uint64_t calendar_inside(const struct mail_options *options)
{
	return options != NULL && options->calendar_inside > 0
		       ? options->calendar_inside
		       : ICAL_INSIDE_MAX;
}

enum ost_status form_write(struct store_object *item, enum form form,
			   const struct mail_options *options, struct buf *out,
			   struct notes *notes, struct ost_error *err)
{
	notes_origin(notes, item);
	switch (form) {
	case FORM_CONTACT:
		return vcard_contact(item, out, notes, err);
	case FORM_GROUP:
		return vcard_group(item, out, notes, err);
	case FORM_TEXT:
		return write_text(item, out, notes, err);
	case FORM_CALENDAR:
		return ical_write(item, calendar_inside(options), out, notes,
				  err);
	case FORM_MAIL:
	case FORM_ALL_TEXT:
		break;
	}
	return ost_fail(err, OST_BUG, "no form of an item of its own");
}

/* What a feed had of it [MS-OXORSS] 2.2.1.6; nothing for other items. */
static enum ost_status read_rss(struct store_object *item,
				struct form_part *out, struct notes *notes,
				struct ost_error *err)
{
	enum { LID_XML = 0x8905 };
	const uint16_t id = value_named(item, SET_POST_RSS, LID_XML);

	out->type = "text/xml";
	out->fields = "Content-Disposition: attachment; "
		      "filename=\"rss-item.xml\"\r\n";
	return value_text(item, id, &out->text, notes, err);
}

/* The attachments that are not in the file are in the mail. */
static enum ost_status read_form(struct store_object *item, enum form form,
				 struct form_part *out, struct notes *notes,
				 struct ost_error *err)
{
	struct notes theirs = { 0 };
	const enum ost_status st =
		form_write(item, form, NULL, &out->text, &theirs, err);

	if (st != OST_OK) {
		buf_free(&out->text);
		return st;
	}
	theirs.set &= ~(UINT64_C(1) << NOTE_ATTACH_BESIDE);
	notes->set |= theirs.set;
	out->type = form_type(form);
	out->fields = form_fields(form);
	return st;
}

enum ost_status form_part(struct store_object *item, struct form_part *out,
			  struct notes *notes, struct ost_error *err)
{
	const enum form form = form_inside(item);
	enum ost_status st = OST_NOT_FOUND;

	*out = (struct form_part){ 0 };
	if (form != FORM_MAIL && form != FORM_TEXT)
		st = read_form(item, form, out, notes, err);
	if (st != OST_NOT_FOUND)
		return st;
	st = read_rss(item, out, notes, err);
	if (st != OST_OK || out->text.len > 0)
		return st;
	out->type = "text/plain";
	out->fields = "Content-Disposition: inline; "
		      "filename=\"properties.txt\"\r\n";
	return proplist_text(item, &out->text, notes, err);
}
