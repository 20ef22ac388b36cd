/*
 * peers.h - private: whom one item and its recipients know by X.500 name
 *
 * An item names the same person in more than one role, and not each has an
 * address. Names are compared without case; another name is another person.
 */
#ifndef OST_MAIL_PEERS_H
#define OST_MAIL_PEERS_H

#include "mail/address/addrbook.h"
#include "mail/text/notes.h"
#include "store/store.h"

/* Works from { .item = ... }; free with peers_free(). For one thread. */
struct peers {
	struct store_object *item; /* a message; on loan */
	struct addrbook book;
	bool read; /* `book` is what the item knows */
};

/*
 * Who is called `dn`, on loan until peers_free(); `*out` NULL: nobody. The
 * item is read when this is first asked, its first 4096 recipients too.
 */
enum ost_status peers_find(struct peers *p, struct span dn,
			   const struct person **out, struct notes *notes,
			   struct ost_error *err);

void peers_free(struct peers *p);

#endif
