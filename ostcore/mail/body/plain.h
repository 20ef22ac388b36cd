/*
 * plain.h - private: the body of an item as plain text
 */
#ifndef OST_MAIL_PLAIN_H
#define OST_MAIL_PLAIN_H

#include "mail/text/notes.h"
#include "store/store.h"

/*
 * Append the body of `item` as UTF-8 with CRLF line ends: as stored, or made
 * of its RTF or HTML; the last is noted. Nothing when it has none.
 */
enum ost_status plain_read(struct store_object *item, struct buf *out,
			   struct notes *notes, struct ost_error *err);

/* Append the text in HTML as html_text() makes it, with CRLF line ends. */
void plain_of_html(struct buf *out, struct span html);

#endif
