/*
 * cached.h - what a store never had: an .ost has a part of some items only
 */
#ifndef OST_STORE_CACHED_H
#define OST_STORE_CACHED_H

#include "store/store.h"

/*
 * The named property for the text/plain part of a mail as it came, which is
 * kept beside a body in other form; 0: this store has none.
 */
uint16_t cached_charset_body(struct store *s);

/*
 * Was there a body once, of a message that has none? Its form is on record, or
 * the message says that it is far larger than what is here of it.
 */
bool cached_had_body(struct store_object *message);

/* Has a message no body, but its start, or had it one? */
bool cached_lacks_body(struct store_object *message);

#endif
