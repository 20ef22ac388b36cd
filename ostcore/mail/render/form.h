/*
 * form.h - private: an item in its own format
 */
#ifndef OST_MAIL_FORM_H
#define OST_MAIL_FORM_H

#include "mail/item/class.h"
#include "mail/text/notes.h"

/*
 * Append the file of `item` in a form that is not FORM_MAIL: UTF-8 with CRLF.
 * NOTE_ATTACH_BESIDE is noted when it has attachments that are not in it.
 * `options` NULL: the default.
 */
enum ost_status form_write(struct store_object *item, enum form form,
			   const struct mail_options *options, struct buf *out,
			   struct notes *notes, struct ost_error *err);

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

#endif
