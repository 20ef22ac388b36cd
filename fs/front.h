/*
 * front.h - many stores behind one mount
 *
 * The front serves the top directory itself and hands on what is below a
 * store's: byte for byte, to a process that reads this one store, which is
 * started when it is first asked for. So a store that makes its reader crash
 * costs nobody else anything.
 */
#ifndef OST_FS_FRONT_H
#define OST_FS_FRONT_H

#include <fuse_lowlevel.h>

#include "fs/options.h"

struct front;

/*
 * Look which stores `o` asks for. `*out` is owned, and so is `*where`, the
 * absolute path that a mount point may not lie in or above. Returns the exit
 * code, after saying what is wrong.
 */
int front_open(struct front **out, const struct options *o, char **where);

/* False, after saying so, if `point` is no place to mount on. */
bool front_allows(const struct front *f, const char *where, const char *point);

/*
 * Start the porter: nothing needs to be opened after that. It leaves alone
 * the two descriptors; -1: there is none.
 */
bool front_start(struct front *f, int channel, int ready);

/* The operations on the top, for a session whose user data is a front. */
extern const struct fuse_lowlevel_ops front_ops;

/* Serve a mounted session to its end, as fuse_session_loop() does. */
int front_loop(struct front *f, struct fuse_session *session, bool background);

void front_free(struct front *f); /* NULL is fine */

#endif
