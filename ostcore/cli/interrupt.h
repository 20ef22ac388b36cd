/*
 * interrupt.h - Ctrl-C, for a program that has something to leave in order
 *
 * A program without is ended by the signal itself, and needs none of this.
 */
#ifndef OST_CLI_INTERRUPT_H
#define OST_CLI_INTERRUPT_H

#include <stdbool.h>

/*
 * From here on SIGINT and SIGTERM only make interrupt_asked() true, and the
 * program has two seconds to end by itself. It is then ended all the same, as
 * it is by a second signal: it may wait for a pipe that nobody opens, or for a
 * disk in a network that is gone. Call it while there is one thread; once more
 * is nothing.
 * False, and the signals are as they were, if there is no room for a thread.
 */
bool interrupt_start(const char *program);

/* Any thread may ask. */
bool interrupt_asked(void);

#endif
