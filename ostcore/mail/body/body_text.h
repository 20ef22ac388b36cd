/*
 * body_text.h - private: the bytes of a body to text
 */
#ifndef OST_MAIL_BODY_TEXT_H
#define OST_MAIL_BODY_TEXT_H

#include "bytes/buf.h"

/* Code pages that a body may be in, likeliest first; 0: none. */
struct body_pages {
	unsigned said[2];    /* said of these very bytes */
	unsigned guessed[4]; /* of the message, the sender, the store */
};

/*
 * Append `in` as UTF-8: by its byte order mark, the pages said, for HTML the
 * charset it names itself, as UTF-8, by the pages guessed, and as 1252,
 * whichever comes first in which all of it is text. False when all of those
 * said are wrong: then the one that is wrong in least, with U+FFFD.
 */
bool body_decode(struct buf *out, struct span in,
		 const struct body_pages *pages, bool html);

/*
 * Append HTML with `utf-8` for the charset of each <meta> and XML declaration
 * that begins in its first 4 KiB; where there is none, none is added.
 */
void body_as_utf8(struct buf *out, struct span html);

#endif
