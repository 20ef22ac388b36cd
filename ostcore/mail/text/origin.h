/*
 * origin.h - private: a name for an item that has none, as a Message-ID or UID
 *
 * No two items have the same, in whatever stores they are, but for one item in
 * two caches of its mailbox, which is one to whoever has both.
 */
#ifndef OST_MAIL_ORIGIN_H
#define OST_MAIL_ORIGIN_H

#include "mail/text/notes.h"
#include "store/store.h"

/*
 * Append what names the item on the server it came from: the same in every
 * cache of its mailbox. Nothing when the store does not have it.
 */
enum ost_status origin_server(struct store_object *item, struct buf *out,
			      struct ost_error *err);

/*
 * Append that, or what names the item in its store. OST_OK also when a part of
 * it cannot be read: only what is no fault of the store fails.
 */
enum ost_status origin_name(struct store_object *item, struct buf *out,
			    struct notes *notes, struct ost_error *err);

#endif
