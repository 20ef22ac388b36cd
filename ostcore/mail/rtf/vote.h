/*
 * vote.h - private: the code page that the items of a store show
 */
#ifndef OST_MAIL_VOTE_H
#define OST_MAIL_VOTE_H

#include "store/store.h"

/*
 * The page that most of what its first 500 messages, by NID, have of it is
 * for: pages and locales that they name, \ansicpg of their RTF, and 8-bit
 * text. 0: none has more than half. What cannot be read has no vote.
 */
unsigned charset_vote(struct store *s);

#endif
