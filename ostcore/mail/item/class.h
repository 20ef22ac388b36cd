/*
 * class.h - what becomes of an item, by its message class and the options
 *
 * The one table of classes. What has no form of its own is a mail.
 */
#ifndef OST_MAIL_CLASS_H
#define OST_MAIL_CLASS_H

#include "store/store.h"

/* What of a message's attachments goes into its .eml. */
enum mail_inside {
	MAIL_ALL_INSIDE, /* as MIME parts */
	MAIL_BESIDE,	 /* a part in its place names the file beside it */
};

/*
 * What becomes of items. As MAIL_ITEMS_TEXT each of them, mail too, is a .txt
 * for people, grep and indexers: its header decoded, its body as text, a line
 * for each attachment, and in full what is in it and is text or an item. Other
 * attachments are not in it, whatever `inside` says: they lie beside it.
 */
enum mail_items {
	MAIL_ITEMS_NATIVE, /* mail, or a vCard, iCalendar or text file */
	MAIL_ITEMS_EML,	   /* mail, with that file as an attachment */
	MAIL_ITEMS_TEXT,   /* all of the item as text, see textform.h */
};

struct mail_options {
	enum mail_inside inside;
	enum mail_items items;
	/* Bytes of attachments in a calendar file, at most; 0: what
	   ical_write() allows. */
	uint64_t calendar_inside;
};

enum form {
	FORM_MAIL,
	FORM_CONTACT,  /* a vCard */
	FORM_GROUP,    /* a vCard of addresses */
	FORM_CALENDAR, /* iCalendar: an event, a task, a journal entry */
	FORM_TEXT,     /* a note */
	FORM_ALL_TEXT, /* any item, as options may have it: all of it as text */
};

/* What `item` is in its own right; rows have a class too. */
enum form form_of(struct store_object *item);

/* The same as `options` have it, NULL being the default. */
enum form form_as(struct store_object *item,
		  const struct mail_options *options);

/* ".vcf" */
const char *form_suffix(enum form form);
/* "text/vcard" */
const char *form_type(enum form form);

/* Header lines of a part of a mail that is a file of this form. */
const char *form_fields(enum form form);

/*
 * What stands in the mail of an item whose form is FORM_MAIL; FORM_MAIL:
 * nothing. Of others it is their form.
 */
enum form form_inside(struct store_object *item);

/* Does an item of this class say most of it in properties? */
bool form_has_properties(struct span class);

/* What becomes of the items of a message class, and how they are named. */
struct mail_kind {
	const char *suffix; /* of the file, e.g. ".eml" */
	bool undated;	    /* by name alone: a contact, task or note */
	bool appointment;   /* named by its start: see mail_starts() */
};
struct mail_kind mail_kind_of(struct span class,
			      const struct mail_options *options);

#endif
