/*
 * tool.h - what the tools share: how they speak and how they end
 */
#ifndef OST_TOOL_H
#define OST_TOOL_H

#include <getopt.h>
#include <stdio.h>

#include "store/store.h"
#include "tree/tree.h"

/* How a tool opens a store: sandboxed as soon as it is open. */
extern struct store_options tool_options;

/*
 * Enter the sandbox: nothing can be opened from here on, but what lies below
 * the open directory `*tool_below`, if that is not NULL. Opening a store does
 * that before it reads a byte.
 */
extern const int *tool_below;
/* The same; there, files may be made and written, too. */
extern const int *tool_writes;
void tool_enter_sandbox(void);

/* The program's name, for messages. Set first in every main. */
extern const char *tool_name;

/* The options that all tools have, after those of their own. */
#define TOOL_OPTIONS                                                           \
	{ "heal", no_argument, NULL, 'H' },                                    \
		{ "reader", required_argument, NULL, 'r' },                    \
		{ "help", no_argument, NULL, 'h' },                            \
		{ "version", no_argument, NULL, 'V' },                         \
	{                                                                      \
		0                                                              \
	}

enum { TOOL_GO_ON = -1 };

/*
 * Take option `c` of getopt_long(), one of those or -o, whose text is of the
 * tree, or with `tree` NULL of the store alone. Returns TOOL_GO_ON, or the
 * exit code to end with; any other `c` is a wrong command line.
 */
int tool_common(int c, struct tree_options *tree,
		const struct store_ops **reader, const char *usage);

/*
 * Write text that may hold names of the store, of a file or of a directory,
 * in one line, or with `lines` in those that it has, as text_safe() makes it.
 */
void tool_print(FILE *to, const char *text, bool lines);

/*
 * Write on stderr, as tool_print() does and in one line, what printf(3) makes
 * of it, after the name of the program.
 */
void tool_warn(const char *format, ...) OST_PRINTF(1, 2);

/* What a path ends with: the name of the file. */
const char *tool_base_name(const char *path);

/* Look at what is said to be a store, for tool_fail(), before it is opened. */
void tool_look(const char *path);

/* Say on stderr why `path` failed and, where there is one, the way out.
 * Returns the exit code for `status`. */
int tool_fail(const char *path, enum ost_status status,
	      const struct ost_error *err);

/* False, after saying so, if `other` is the store and `store` is none. */
bool tool_in_order(const char *store, const char *other);

/* Say that the command line is wrong. Returns OST_EXIT_USAGE. */
int tool_usage(const char *usage);

/*
 * Flush stdout and say so if what was written did not get there; a reader
 * that went away (EPIPE) is told nothing. Returns the exit code: `code`, or
 * OST_EXIT_USAGE in place of OST_EXIT_OK.
 */
int tool_finish(int code);

#endif
