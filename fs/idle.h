/*
 * idle.h - -o idle_unmount: a mount that nobody uses ends
 *
 * The kernel opens files and answers from its cache without asking us. So who
 * serves knows only when it was last asked; what is open, the kernel knows, and
 * it unmounts nothing that is. The supervisor has both: it looks at the time,
 * and tries.
 */
#ifndef OST_FS_IDLE_H
#define OST_FS_IDLE_H

#include <stdbool.h>

/* Before the fork: have a clock that both processes see. False: no memory. */
bool idle_start(void);

/* In who serves: a request came. From any thread; before idle_start() too. */
void idle_asked(void);

/*
 * In the supervisor, once there is a mount at `path`, which is on loan: from
 * now on waits end with EINTR every now and then, for idle_check(). False,
 * after saying why not.
 */
bool idle_watch(const char *path, unsigned seconds);

/* Unmount if nobody asked for so long, and nothing is open. */
void idle_check(void);

#endif
