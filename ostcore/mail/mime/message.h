/*
 * message.h - private: a message that is laid out, and the forms it may take
 *
 * Most messages take the usual form, which message.c lays out. A signed
 * message, a report or one whose MIME structure is on record takes another.
 */
#ifndef OST_MAIL_MESSAGE_H
#define OST_MAIL_MESSAGE_H

#include "mail/body/body.h"
#include "mail/header/header.h"
#include "mail/mime/mime.h"
#include "mail/render/form.h"

/* What a message is made of, gathered before it is laid out. */
struct message {
	struct store_object *item;
	struct buf header;
	struct header_facts facts;
	struct body body;
	struct attach_list list;
	struct form_part own; /* of what is no mail, or empty */
	struct buf calendar;  /* of meeting mail, or empty */
	const char *method;   /* of the calendar */
	struct notes notes;
	bool keeps_item; /* the pieces read a property of it */
};

/* For the entity that is all of the message, once its header is final. */
static inline struct mime_top message_top(const struct message *msg)
{
	return (struct mime_top){
		.item = msg->item,
		.header = buf_span(&msg->header),
		.notes = &msg->notes,
	};
}

/*
 * A form: lays `msg` out whole. OST_NOT_FOUND: it does not take this form,
 * and nothing was written.
 */
typedef enum ost_status message_form(struct mime *m, struct message *msg,
				     enum mime_lines *lines,
				     struct ost_error *err);

message_form smime_put;	   /* smime.c: signed or encrypted by CMS */
message_form pgp_put;	   /* pgp.c: encrypted by OpenPGP */
message_form skeleton_put; /* skeleton.c: in the MIME structure it had */
message_form report_put;   /* report.c: of delivery, or of what came of it */

/*
 * message.c: parts that several forms have
 */

/* The body: text, HTML with what it refers to, or both. */
enum ost_status message_body(struct mime *m, struct message *msg,
			     const struct mime_top *top, enum mime_lines *lines,
			     struct ost_error *err);

/*
 * extras.c: what is attached beside the attachments
 */

/*
 * Have the largest bodies attached as they are stored, until the others have
 * no more than `room` bytes.
 */
void message_shed(struct message *msg, size_t cap);

/* Such as a body in RTF. */
bool message_has_extras(const struct message *msg);
void message_extras(struct mime *m, struct message *msg,
		    struct mime_multi *multi);

/*
 * Append the Content-Type that the message came with: of the Internet
 * headers kept as properties, else of the transport headers in its header.
 */
void message_stored_type(struct message *msg, struct buf *out);

/*
 * Keep in the header the transport headers that are none, for a form that has
 * no place to attach them.
 */
void message_keep_bogus(struct message *msg);

/*
 * Drop the X-Ost-Orig-... fields of the header that say of the body as it was
 * what `fields` say of it as it is.
 */
void message_drop_repeated(struct message *msg, struct span fields);

/* report.c: drop the X-Ost-Recipient fields that a report's `text` tells of. */
void message_drop_told(struct message *msg, struct span text);

#endif
