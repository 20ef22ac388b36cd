/*
 * recipients.h - private: to whom a message goes
 */
#ifndef OST_MAIL_RECIPIENTS_H
#define OST_MAIL_RECIPIENTS_H

#include "mail/address/address.h"

/* MAPI_RECIPIENT_TYPE, without its flags [MS-OXOMSG] 2.2.3.1 */
enum recipient_type {
	RECIPIENT_TO = 1,
	RECIPIENT_CC = 2,
	RECIPIENT_BCC = 3,
	RECIPIENT_RESOURCE = 4, /* ours: a BCC of a meeting is a room */
};

struct recipient {
	enum recipient_type type;
	bool resent; /* of a resend only */
	struct address who;
};

struct recipients {
	struct recipient *at; /* owned; in the order of the store's table */
	size_t count;
};

/*
 * Read those of `item` whom mail can name, each once. Without a table, from
 * the display strings. Damage is noted.
 */
enum ost_status recipients_read(struct recipients *out,
				struct store_object *item, struct notes *notes,
				struct ost_error *err);

/*
 * The addresses that replies are to go to, as RECIPIENT_TO; PidTagReply-
 * RecipientEntries, a flat list [MS-OXCDATA] 2.3.3.
 */
enum ost_status recipients_reply_to(struct recipients *out,
				    struct store_object *item,
				    struct notes *notes, struct ost_error *err);

/* Append the field `name` with those of `type`; nothing when none is. */
void recipients_write(const struct recipients *r, enum recipient_type type,
		      const char *name, struct buf *out);

void recipients_free(struct recipients *r);

/* Does a row name nobody, having nothing but a type? That is no damage. */
bool recipient_is_blank(struct store_object *row);

#endif
