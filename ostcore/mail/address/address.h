/*
 * address.h - private: who: roles and recipients to Internet addresses
 */
#ifndef OST_MAIL_ADDRESS_H
#define OST_MAIL_ADDRESS_H

#include "mail/address/peers.h"
#include "mail/text/notes.h"
#include "store/store.h"

enum address_role {
	ADDRESS_FROM, /* sent representing */
	ADDRESS_SENDER,
	ADDRESS_RECEIVED_BY,
	ADDRESS_RECEIVED_REPRESENTING,
	ADDRESS_READ_RECEIPT,
	ADDRESS_ORIGINAL_SENDER, /* of what a report or reply is about */
	ADDRESS_ORIGINAL_FROM,	 /* whom he sent it for */
	ADDRESS_ORIGINAL_AUTHOR, /* who wrote it */
	ADDRESS_CREATOR,	 /* of the item in the store */
	ADDRESS_MODIFIER,	 /* who changed it last */
	ADDRESS_RECIPIENT,	 /* of a recipient row */
};

struct address {
	struct buf name; /* UTF-8, one line; empty when equal to `addr` */
	/* local@domain, the domain in ASCII; empty: the role is not there */
	struct buf addr;
	bool imcea; /* `addr` is made up of one that is not Internet mail */
};

/*
 * Resolve a role of `o` (a message, or a recipient for ADDRESS_RECIPIENT)
 * into `*out`, which is made anew and owned. Leaves `addr` empty when the
 * store says nothing at all of the role; never a bare word, an X.500 name or
 * MAILER-DAEMON.
 */
enum ost_status address_of(struct store_object *o, enum address_role role,
			   struct address *out, struct notes *notes,
			   struct ost_error *err);

/*
 * The first of some roles that has an address of Internet mail; without one,
 * the first that is there at all.
 */
enum ost_status address_of_first(struct store_object *o,
				 const enum address_role *roles, size_t count,
				 struct address *out, struct notes *notes,
				 struct ost_error *err);

/* The recipient `row` of the item that `peers` is of. */
enum ost_status address_of_row(struct peers *peers, struct store_object *row,
			       struct address *out, struct notes *notes,
			       struct ost_error *err);

/* The same of a name that may itself be an address: of a display string. */
enum ost_status address_of_name(struct store_object *o, struct span name,
				struct address *out, struct notes *notes,
				struct ost_error *err);

/*
 * The same of an address of `type` (may be empty) that may be none of Internet
 * mail.
 */
enum ost_status address_of_other(struct store_object *o, struct span type,
				 struct span addr, struct address *out,
				 struct notes *notes, struct ost_error *err);

/*
 * To whom `o` came: as it says itself, else the mailbox's owner; `addr` is
 * empty when neither is known.
 */
enum ost_status address_of_receiver(struct store_object *o, struct address *out,
				    struct notes *notes, struct ost_error *err);

/* The address of the mailbox's owner; `addr` is empty when not known. */
enum ost_status address_of_owner(struct store_object *o, struct address *out,
				 struct ost_error *err);

/*
 * The same of an entry id in `o`; `name` is for one that has no name itself.
 * `addr` stays empty for an entry id that holds no address.
 */
enum ost_status address_of_entryid(struct store_object *o, struct span id,
				   struct span name, struct address *out,
				   struct notes *notes, struct ost_error *err);

/*
 * An address that was made up since `before` is not used after all: no note of
 * it then.
 */
void address_unused(struct notes *notes, const struct notes *before);

/*
 * Append `Name <addr>` folded, as a header has it, and `tail` (a comma, or
 * "") right behind it.
 */
void address_write(const struct address *a, const char *tail, struct buf *out,
		   size_t *column);

/* Append `Name <addr>` as UTF-8, for people. */
void address_text(const struct address *a, struct buf *out);

/* True if both are the same address, but for case. */
bool address_same(const struct address *a, const struct address *b);

void address_free(struct address *a);

#endif
