#include "mail/render/form.h"

#include "mail/body/plain.h"
#include "mail/calendar/ical.h"
#include "mail/card/vcard.h"
#include "mail/item/proplist.h"
#include "mail/text/value.h"

/* A class stands for those derived from it too. */
static const struct class_rule {
	const char *class;
	enum form form;
	enum form part;	 /* what its mail has in it, when that is no form */
	bool properties; /* most of it is said in properties */
	bool undated;	 /* it goes by its name alone: it was never sent */
} rules[] = {
	{ "IPM.Appointment", FORM_CALENDAR, .properties = true },
	/* one appointment of a series */
	{ "IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}", FORM_CALENDAR,
	  .properties = true },
	/* it tells of a meeting, and asks for nothing: no method fits */
	{ "IPM.Schedule.Meeting.Notification", FORM_MAIL, FORM_CALENDAR,
	  .properties = true },
	{ "IPM.Schedule", FORM_MAIL, .properties = true },
	{ "IPM.Task", FORM_CALENDAR, .properties = true, .undated = true },
	{ "IPM.TaskRequest", FORM_MAIL, .properties = true },
	{ "IPM.Activity", FORM_CALENDAR, .properties = true, .undated = true },
	{ "IPM.Contact", FORM_CONTACT, .properties = true, .undated = true },
	{ "IPM.AbchPerson", FORM_CONTACT, .properties = true, .undated = true },
	{ "IPM.DistList", FORM_GROUP, .properties = true, .undated = true },
	{ "IPM.StickyNote", FORM_TEXT, .properties = true, .undated = true },
};

#define ATTACHED(name)                                                         \
	"Content-Disposition: attachment; filename=\"" name "\"\r\n"

static const struct {
	const char *suffix, *type;
	const char *fields; /* of the part of a mail that it is in */
} files[] = {
	[FORM_MAIL] = { ".eml", "message/rfc822" },
	[FORM_CONTACT] = { ".vcf", "text/vcard", ATTACHED("contact.vcf") },
	[FORM_GROUP] = { ".vcf", "text/vcard", ATTACHED("list.vcf") },
	[FORM_CALENDAR] = { ".ics", "text/calendar", ATTACHED("item.ics") },
	[FORM_TEXT] = { ".txt", "text/plain" },
};

static const struct class_rule *rule_of_class(struct span class)
{
	static const struct class_rule mail = { .form = FORM_MAIL };

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (value_class_is(class, rules[i].class))
			return &rules[i];
	return &mail;
}

static const struct class_rule *rule_of(struct store_object *item)
{
	const struct class_rule *rule;
	struct buf class = { 0 };
	struct ost_error err;

	if (value_class(item, &class, &err) != OST_OK)
		buf_cut(&class, 0);
	rule = rule_of_class(buf_span(&class));
	buf_free(&class);
	return rule;
}

enum form form_of(struct store_object *item)
{
	return rule_of(item)->form;
}

enum form form_as(struct store_object *item, const struct mail_options *options)
{
	if (options != NULL && options->items == MAIL_ITEMS_EML)
		return FORM_MAIL;
	return form_of(item);
}

bool form_has_properties(struct span class)
{
	return rule_of_class(class)->properties;
}

const char *form_suffix(enum form form)
{
	return files[form].suffix;
}

const char *form_type(enum form form)
{
	return files[form].type;
}

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

enum ost_status form_write(struct store_object *item, enum form form,
			   struct buf *out, struct notes *notes,
			   struct ost_error *err)
{
	switch (form) {
	case FORM_CONTACT:
		return vcard_contact(item, out, notes, err);
	case FORM_GROUP:
		return vcard_group(item, out, notes, err);
	case FORM_TEXT:
		return write_text(item, out, notes, err);
	case FORM_CALENDAR:
		return ical_write(item, out, notes, err);
	case FORM_MAIL:
		break;
	}
	return ost_fail(err, OST_BUG, "a mail is planned, not written");
}

/* What a feed had of it [MS-OXORSS] 2.2.1.6; nothing for other items. */
static enum ost_status read_rss(struct store_object *item,
				struct form_part *out, struct notes *notes,
				struct ost_error *err)
{
	enum { LID_XML = 0x8905 };
	const uint16_t id = value_named(item, SET_POST_RSS, LID_XML);

	out->type = "text/xml";
	out->fields = ATTACHED("rss-item.xml");
	return value_text(item, id, &out->text, notes, err);
}

/* The attachments that are not in the file are in the mail. */
static enum ost_status read_form(struct store_object *item, enum form form,
				 struct form_part *out, struct notes *notes,
				 struct ost_error *err)
{
	struct notes theirs = { 0 };
	const enum ost_status st =
		form_write(item, form, &out->text, &theirs, err);

	if (st != OST_OK) {
		buf_free(&out->text);
		return st;
	}
	theirs.set &= ~(UINT64_C(1) << NOTE_ATTACH_BESIDE);
	notes->set |= theirs.set;
	out->type = files[form].type;
	out->fields = files[form].fields;
	return st;
}

enum ost_status form_part(struct store_object *item, struct form_part *out,
			  struct notes *notes, struct ost_error *err)
{
	const struct class_rule *rule = rule_of(item);
	const enum form form =
		rule->form == FORM_MAIL ? rule->part : rule->form;
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

struct mail_kind mail_kind_of(struct span class,
			      const struct mail_options *options)
{
	const struct class_rule *rule = rule_of_class(class);
	const bool eml = options != NULL && options->items == MAIL_ITEMS_EML;

	return (struct mail_kind){
		.suffix = form_suffix(eml ? FORM_MAIL : rule->form),
		.undated = rule->undated,
		.appointment = value_class_is(class, "IPM.Appointment"),
	};
}
