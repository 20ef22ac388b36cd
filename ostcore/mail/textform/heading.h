/*
 * heading.h - private: a mail header as a person reads it
 */
#ifndef OST_MAIL_HEADING_H
#define OST_MAIL_HEADING_H

#include "mail/textform/page.h"

/*
 * Append those fields of `header`, lines of RFC 5322, that are for people, in
 * the order in which they are read, with their words decoded.
 */
void heading_put(struct page *p, struct span header);

#endif
