/*
 * card.h - private: a vCard or iCalendar as a person reads it
 */
#ifndef OST_MAIL_CARD_H
#define OST_MAIL_CARD_H

#include "mail/textform/page.h"

/*
 * Append what the content lines of `text` (RFC 5545 3.1, RFC 6350 3.2) say to
 * people, a line each, in their order; of a series first the whole, then each
 * exception. Left out are pictures and other bytes, what only programs use,
 * and, unless it is to be `described`, the description, which is the body of
 * the item; but that of an exception is not.
 */
void card_put(struct page *p, struct span text, bool described);

#endif
