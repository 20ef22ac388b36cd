/*
 * tool.h - what the tools share: how they speak and how they end
 */
#ifndef OST_TOOL_H
#define OST_TOOL_H

#include "store/store.h"
#include "tree/tree.h"

/* How a tool opens a store. */
extern struct store_options tool_options;

/* The program's name, for messages. Set first in every main. */
extern const char *tool_name;

/*
 * The reader of `--reader=NAME`. Says what is wrong with NAME and returns
 * NULL when there is none of that name.
 */
const struct store_ops *tool_reader(const char *name);

/* Set in tool_options what the text of an `-o` says. False: it is unknown. */
bool tool_option(const char *text);

/*
 * Set what the text of an `-o` says, of the tree or as tool_option(). Returns
 * the exit code: not OST_EXIT_OK after saying what is wrong with it.
 */
int tool_tree_option(struct tree_options *tree, const char *text,
		     const char *usage);

/* Print what --version prints. Returns the exit code. */
int tool_version(void);

/* Say on stderr why `path` failed and, where there is one, the way out.
 * Returns the exit code for `status`. */
int tool_fail(const char *path, enum ost_status status,
	      const struct ost_error *err);

/* Say that the command line is wrong. Returns OST_EXIT_USAGE. */
int tool_usage(const char *usage);

/*
 * Flush stdout and say so if what was written did not get there; a reader
 * that went away (EPIPE) is told nothing. Returns the exit code: `code`, or
 * OST_EXIT_USAGE in place of OST_EXIT_OK.
 */
int tool_finish(int code);

#endif
