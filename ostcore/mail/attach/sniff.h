/*
 * sniff.h - types of attachments that nothing else tells, by libmagic
 *
 * It knows our own rules and no others. They are loaded at first use; a
 * sandboxed process cannot do that, so: before it is one.
 */
#ifndef OST_MAIL_SNIFF_H
#define OST_MAIL_SNIFF_H

#include "bytes/buf.h"

void mail_load(void);

/*
 * Which rules answer, for those who compare: "ostfs 1", or "none" when no
 * libmagic takes them, and then such attachments are bytes of no known type.
 */
const char *mail_types(void);

/* Append the MIME type of a file that starts with `head`. False: none. */
bool sniff_type(struct span head, struct buf *out);

#endif
