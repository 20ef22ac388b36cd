/*
 * attachments.h - the attachments of a message, as its directory shows them
 */
#ifndef OST_MAIL_ATTACHMENTS_H
#define OST_MAIL_ATTACHMENTS_H

#include "mail/attach/kind.h"
#include "mail/item/class.h"
#include "mail/plan/file.h"

struct mail_attachment {
	enum mail_attachment_kind kind;
	uint32_t nid; /* unique in its message */
	const char
		*name; /* UTF-8 with extension, not yet safe as a file name */
};

struct mail_attachments; /* fixed once read, so threads may share it */

/*
 * The attachments of `item`, on loan during the call. An attachment that
 * cannot be read is listed as MAIL_MISSING.
 */
enum ost_status mail_attachments_open(struct mail_attachments **out,
				      struct store_object *item,
				      const struct mail_options *options,
				      struct ost_error *err);
size_t mail_attachments_count(const struct mail_attachments *a);
/* On loan for the life of `a`. */
const struct mail_attachment *
mail_attachment_at(const struct mail_attachments *a, size_t index);
void mail_attachments_close(struct mail_attachments *a); /* NULL is fine */

/*
 * Attachment `index` of `item` (on loan) as a file of its own: stored bytes,
 * the .url, or the text that says what is missing; for MAIL_MESSAGE, the file
 * of the item in it.
 */
enum ost_status mail_plan_attachment(struct mail **out,
				     struct store_object *item, size_t index,
				     const struct mail_options *options,
				     struct ost_error *err);

/* The message inside attachment `index` of `item`. `*message` is owned. */
enum ost_status mail_embedded(struct store_object *item, size_t index,
			      struct store_object **message,
			      struct ost_error *err);

/* MIME type of the file of attachment `index`; "" when it has none stored. */
enum ost_status mail_attachment_type(struct store_object *item, size_t index,
				     const struct mail_options *options,
				     struct buf *out, struct ost_error *err);

#endif
