/*
 * transport.h - private: the transport headers, PidTagTransportMessageHeaders
 */
#ifndef OST_MAIL_TRANSPORT_H
#define OST_MAIL_TRANSPORT_H

#include "mail/text/notes.h"

/*
 * Append the transport headers `text` (UTF-8) as they are but for what would
 * break the mail: fields that describe a body which is no longer there are
 * renamed, as are those that may stand only once and stand again; bytes and
 * lines that mail cannot carry are repaired, and noted. What stands after
 * their empty line, the headers of parts in stores of POP and IMAP, is for the
 * properties of the item alone: sidecar.c.
 *
 * False, with nothing appended, when `text` is no mail header at all.
 */
bool transport_write(struct span text, struct buf *out, struct notes *notes);

/*
 * Append "X-Ost-Orig-" if a field of this name is one that we write ourselves
 * or that would describe a body which is no longer there.
 */
void transport_prefix(struct span name, struct buf *out);

/* A field of a header: its name, and its value with its folding. */
struct transport_field {
	struct span name;
	struct span value; /* what follows the colon, without the last CRLF */
	struct span raw;   /* all of it, with its last CRLF */
};

/*
 * Take the next field off `*rest`, lines that end in CRLF. A line that is
 * none is given with an empty name. False at an empty line or the end.
 */
bool transport_next(struct span *rest, struct transport_field *out);

/* The first field called `name` in `header`. False: there is none. */
bool transport_find(struct span header, const char *name,
		    struct transport_field *out);

#endif
