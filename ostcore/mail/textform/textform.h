/*
 * textform.h - private: an item as text for people, grep and indexers
 *
 * In UTF-8, in normal form C, in lines that end in LF: the header, decoded; an
 * empty line; the body; and of each attachment a line with its name, type and
 * size, with its text below it if it is text, and all of the item if it is an
 * item, both set off by blanks. A paragraph is a line, however long it is, so
 * that what stands in it can be found.
 */
#ifndef OST_MAIL_TEXTFORM_H
#define OST_MAIL_TEXTFORM_H

#include "mail/text/notes.h"
#include "store/store.h"

/*
 * Append all of `item`, which is on loan, but no more than `cap` bytes: what
 * is left out then is told in its place, and noted. Damage costs what it hit,
 * is noted, and told at the end. OST_IO, OST_NO_MEMORY, OST_BUG.
 */
enum ost_status textform_write(struct store_object *item, size_t cap,
			       struct buf *out, struct notes *notes,
			       struct ost_error *err);

#endif
