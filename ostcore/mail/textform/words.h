/*
 * words.h - private: the words of a text
 */
#ifndef OST_MAIL_TEXTFORM_WORDS_H
#define OST_MAIL_TEXTFORM_WORDS_H

#include "bytes/bytes.h"

/*
 * Does each word of `text` stand in `all` too? A word is what is between
 * blanks and marks of ASCII. `*bad` is set when memory ran out.
 */
bool words_all_in(struct span text, struct span all, bool *bad);

#endif
