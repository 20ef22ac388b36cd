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
 * and the description, but for that of an exception: the body has it.
 */
void card_put(struct page *p, struct span text);

#endif
