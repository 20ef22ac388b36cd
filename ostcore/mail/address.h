/*
 * address.h - private: who: roles and recipients to Internet addresses
 */
#ifndef OST_MAIL_ADDRESS_H
#define OST_MAIL_ADDRESS_H

#include "mail/notes.h"
#include "store/store.h"

enum address_role {
	ADDRESS_FROM, /* sent representing */
	ADDRESS_SENDER,
	ADDRESS_RECEIVED_BY,
	ADDRESS_RECEIVED_REPRESENTING,
	ADDRESS_READ_RECEIPT,
	ADDRESS_RECIPIENT, /* of a recipient row */
};

struct address {
	struct buf name; /* UTF-8, one line; empty when equal to `addr` */
	struct buf addr; /* local@domain; empty: the role is not there */
};

/*
 * Resolve a role of `o` (a message, or a recipient for ADDRESS_RECIPIENT).
 * `owner_domain` may be "". Leaves `addr` empty when the store says nothing
 * at all of the role; never a bare word, an X.500 name or MAILER-DAEMON.
 */
enum ost_status address_of(struct store_object *o, enum address_role role,
			   struct address *out, struct notes *notes,
			   struct ost_error *err);

/* Append `Name <addr>` folded, as a header has it. */
void address_write(const struct address *a, struct buf *out, size_t *column);

void address_free(struct address *a);

#endif
