/*
 * form.h - private: what kind of file an item becomes, by its message class
 *
 * The one table of classes. What has no form of its own is a mail.
 */
#ifndef OST_MAIL_FORM_H
#define OST_MAIL_FORM_H

#include "mail/mail.h"
#include "mail/text/notes.h"

enum form {
	FORM_MAIL,
	FORM_CONTACT,  /* a vCard */
	FORM_GROUP,    /* a vCard of addresses */
	FORM_CALENDAR, /* iCalendar: an event, a task, a journal entry */
	FORM_TEXT,     /* a note */
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

/*
 * Append the file of `item` in a form that is not FORM_MAIL: UTF-8 with CRLF.
 * NOTE_ATTACH_BESIDE is noted when it has attachments that are not in it.
 */
enum ost_status form_write(struct store_object *item, enum form form,
			   struct buf *out, struct notes *notes,
			   struct ost_error *err);

/* What an item says beside its body, as a part of its mail. */
struct form_part {
	const char *type;   /* "text/vcard" */
	const char *fields; /* further header lines */
	struct buf text;    /* UTF-8 with CRLF; empty: it says nothing */
};

/*
 * Set `*out` to that of `item`: the file that it would be, the XML of a feed,
 * or else its properties as lines of text. The text is owned.
 */
enum ost_status form_part(struct store_object *item, struct form_part *out,
			  struct notes *notes, struct ost_error *err);

/* Does an item of this class say most of it in properties? */
bool form_has_properties(struct span class);

#endif
