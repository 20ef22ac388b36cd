/*
 * body_text.h - private: the bytes of a body to text
 */
#ifndef OST_MAIL_BODY_TEXT_H
#define OST_MAIL_BODY_TEXT_H

#include "store/store.h"

/* Code pages that a body may be in, likeliest first; 0: none. */
struct body_pages {
	unsigned said[2];    /* said of these very bytes */
	unsigned guessed[3]; /* of the message, the sender */
	struct store *store; /* whose evidence is asked for last */
};

enum body_fit {
	BODY_FITS,    /* all of it is text in a page that is named */
	BODY_GUESSED, /* in one that is not */
	BODY_UNFIT,   /* the pages named are wrong */
};

/*
 * Append `in` as UTF-8: by its byte order mark, the pages said, for HTML the
 * charset it names itself, as UTF-8, by the pages guessed, and as 1252,
 * whichever comes first in which all of it is text. BODY_UNFIT when all of
 * those said are wrong: then the one that is wrong in least, with U+FFFD. HTML
 * that says in itself that it is UTF-8, and is, is that whatever is said of it.
 */
enum body_fit body_decode(struct buf *out, struct span in,
			  const struct body_pages *pages, bool html);

/*
 * Append HTML with `utf-8` for the charset of each <meta> and XML declaration
 * that begins in its first 4 KiB; where there is none, none is added.
 */
void body_as_utf8(struct buf *out, struct span html);

#endif
