/*
 * place.h - the directory that an export is written to
 */
#ifndef OST_PLACE_H
#define OST_PLACE_H

#include <stdbool.h>

/* Say why `dest` cannot be written. Returns OST_EXIT_DESTINATION. */
int place_fail(const char *dest, const char *why);

/*
 * The directory `dest`, open and locked, and made when it is not there, which
 * `*made` tells. -1 after saying why not. A symbolic link is not followed.
 */
int place_open(const char *dest, bool *made);

#endif
