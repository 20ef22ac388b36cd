/*
 * looked.h - what a look found, on its way from the process that looked
 *
 * A file of records. It comes from who read directories that anybody may have
 * filled, on any file system: what is not whole is not taken.
 */
#ifndef OST_FS_LOOKED_H
#define OST_FS_LOOKED_H

#include <stdio.h>

#include "fleet/fleet.h"

/* Write the stores of `f` to `to`: path, wish, and what is known of the file.
   False: not all of it could be written. */
bool looked_write(FILE *to, const struct fleet *f);

/*
 * Add the stores in `from`, to its end, with no names. False: it is none, it
 * cannot be read to its end, or there is no memory; `out` lacks some then.
 */
bool looked_read(FILE *from, struct fleet *out);

#endif
