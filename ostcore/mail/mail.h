/*
 * mail.h - an item or an attachment as a file whose every byte has a place
 *
 * A file is planned, not rendered: a list of pieces, each either text held in
 * memory or a property still in the store. The plan gives the exact size at
 * once, and any byte range without rendering what comes before it. The same
 * store and object always give the same bytes. Knows what properties mean;
 * knows nothing of directories.
 */
#ifndef OST_MAIL_H
#define OST_MAIL_H

#include "mail/address/addrmap_file.h"
#include "mail/attach/sniff.h"
#include "mail/attachments.h"
#include "mail/facts.h"
#include "mail/item/class.h"
#include "mail/plan/file.h"
#include "mail/text/notes.h"
#include "store/store.h"

/* Raised with any change that gives a file of some store other bytes. */
enum { MAIL_RENDERING = 5 };

/*
 * Plan the file of `item` (a message object, not a row), which the mail then
 * owns, even on failure. OST_LIMIT: nested or long beyond our caps. Damage
 * inside costs its part and is noted in the mail.
 */
enum ost_status mail_plan(struct mail **out, struct store_object *item,
			  const struct mail_options *options,
			  struct ost_error *err);

/*
 * Plan every property of `item`, a folder, message, attachment or the store
 * object, as JSON in the form that ostfs-json(5) gives; the mail owns `item`
 * from then on, even on failure. What cannot be read has an "error" in its
 * place, and is in mail_notes(). A value that can be read now may not be later.
 */
enum ost_status mail_plan_properties(struct mail **out,
				     struct store_object *item,
				     struct ost_error *err);

#endif
