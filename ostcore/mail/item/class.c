#include "mail/item/class.h"

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
	[FORM_ALL_TEXT] = { ".txt", "text/plain" },
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

/* What `options` make of an item that is `form` in its own right. */
static enum form as(enum form form, const struct mail_options *options)
{
	switch (options != NULL ? options->items : MAIL_ITEMS_NATIVE) {
	case MAIL_ITEMS_EML:
		return FORM_MAIL;
	case MAIL_ITEMS_TEXT:
		return FORM_ALL_TEXT;
	case MAIL_ITEMS_NATIVE:
		break;
	}
	return form;
}

enum form form_as(struct store_object *item, const struct mail_options *options)
{
	return as(form_of(item), options);
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

const char *form_fields(enum form form)
{
	return files[form].fields;
}

enum form form_inside(struct store_object *item)
{
	const struct class_rule *rule = rule_of(item);

	return rule->form == FORM_MAIL ? rule->part : rule->form;
}

struct mail_kind mail_kind_of(struct span class,
			      const struct mail_options *options)
{
	const struct class_rule *rule = rule_of_class(class);

	return (struct mail_kind){
		.suffix = form_suffix(as(rule->form, options)),
		.undated = rule->undated,
		.appointment = value_class_is(class, "IPM.Appointment"),
	};
}
