/*
 * named.h - private: names that the store has and a header has not
 */
#ifndef OST_MAIL_NAMED_H
#define OST_MAIL_NAMED_H

#include "mail/textform/item.h"

/*
 * Append a line for each author and recipient of `item` by whose name they are
 * not found in the text from byte `start` on: the header that a mail came with
 * may have an address alone, and a card names only those that it is about.
 */
enum ost_status named_put(struct making *m, struct store_object *item,
			  size_t start);

#endif
