/*
 * item.h - private: the parts of an item as text
 */
#ifndef OST_MAIL_TEXTFORM_ITEM_H
#define OST_MAIL_TEXTFORM_ITEM_H

#include "mail/text/notes.h"
#include "mail/textform/page.h"
#include "store/store.h"

/* A text that is being made. */
struct making {
	struct page page;
	unsigned depth; /* of items in one another */
	struct notes *notes;
	struct ost_error *err;
};

/* Append `item`. */
enum ost_status item_put(struct making *m, struct store_object *item);

/* body.c: its bodies, each of which says what the others do not. */
enum ost_status body_put(struct making *m, struct store_object *item);

/* attached.c: its attachments */
enum ost_status attached_put(struct making *m, struct store_object *item);

#endif
