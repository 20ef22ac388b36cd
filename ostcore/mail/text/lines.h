/*
 * lines.h - private: the lines of a text
 */
#ifndef OST_MAIL_LINES_H
#define OST_MAIL_LINES_H

#include "bytes/buf.h"

/* Append with CRLF for CRLF, CR and LF, and without NUL. */
void lines_crlf(struct buf *out, struct span utf8);

#endif
