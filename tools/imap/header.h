/*
 * header.h - what the header of a mail says of its state
 *
 * A mail is what anybody may have sent: no field of it is an error. Running
 * out of memory shows in the bufs.
 */
#ifndef OST_IMAP_HEADER_H
#define OST_IMAP_HEADER_H

#include "bytes/buf.h"

enum {
	HEADER_MAX = 1 << 20,	    /* bytes that are looked at */
	HEADER_KEYWORDS_MAX = 8000, /* of all of a mail: RFC 7162 4 */
	HEADER_CATEGORY_MAX = 4096, /* of one that is decoded */
	HEADER_DOUBTS_MAX = 20,	    /* that are told of a mail */
};

/* Works from { 0 }. */
struct header {
	struct buf id;	     /* of Message-ID, without white space */
	struct buf flags;    /* "\Seen $Forwarded" */
	struct buf keywords; /* of its categories, the same way */
	bool no_keywords;    /* these were too long for any server */
	struct buf doubts;   /* lines: what the server is not told as it is */
};

/* `text` begins a mail, with its whole header. */
void header_read(struct header *out, struct span text);
void header_free(struct header *h);

/* Append the Message-ID in fields that a server gave. */
void header_id(struct buf *out, struct span fields);

#endif
