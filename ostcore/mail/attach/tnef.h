/*
 * tnef.h - private: what is in a winmail.dat                    [MS-OXTNEF]
 *
 * Outlook packs a message and its attachments into one file of its own, which
 * few others open.
 */
#ifndef OST_MAIL_TNEF_H
#define OST_MAIL_TNEF_H

#include "bytes/buf.h"
#include "bytes/error.h"

/* A file in it. On loan while it is told of. */
struct tnef_file {
	struct buf name; /* UTF-8; empty: it has none */
	struct buf type; /* MIME type that it is said to be; empty: none */
	struct span bytes;
};

typedef enum ost_status tnef_taker(void *arg, const struct tnef_file *file,
				   struct ost_error *err);

/* Does it begin as one? */
bool tnef_is(struct span head);

/*
 * Tell `take` of the body in `all`, as "message.html", "message.rtf" or
 * "message.txt", and of each attachment; those of messages in it too.
 * OST_CORRUPT: it ends too soon, or a checksum is wrong; OST_LIMIT: more than
 * 1,000 files, or 10 messages in one another. What could be read was told.
 * Else what `take` answers, which ends it.
 */
enum ost_status tnef_each(struct span all, tnef_taker *take, void *arg,
			  struct ost_error *err);

#endif
