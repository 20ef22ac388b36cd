/*
 * kind.h - what an attachment is to a reader
 */
#ifndef OST_MAIL_ATTACH_KIND_H
#define OST_MAIL_ATTACH_KIND_H

#include "store/store.h"

enum mail_attachment_kind {
	MAIL_FILE,    /* bytes in the store */
	MAIL_MESSAGE, /* an embedded message: an item of its own */
	MAIL_LINK,    /* a path or URL only: a .url file */
	MAIL_MISSING, /* declared, but its data is not in the store */
};

/*
 * True if `item` has one attachment or more; reads as little as it can: a row
 * is believed, a message is asked for its first.
 */
bool mail_has_attachments(struct store_object *item);

/*
 * True if `row` says that there are none, and `message`, whose row it is, has
 * one that is no part of its text.
 */
bool mail_denies_attachments(struct store_object *row,
			     struct store_object *message);

#endif
