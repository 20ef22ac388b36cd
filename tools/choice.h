/*
 * choice.h - what a person wants of a store, as the command line says it
 */
#ifndef OST_CHOICE_H
#define OST_CHOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHOICE_PATTERNS = 64 };

/* Both take optarg, and return TOOL_GO_ON, or the exit code to end with. */

/* One more pattern for paths of folders; a "/" at its end says nothing. */
int choice_pattern(const char **patterns, size_t *count);

/* A date; with `end`, a day is meant to its end. */
int choice_date(int64_t *out, bool *has, bool end);

/*
 * Read a size: digits and one of `units`, which are of "KMG"; 0 needs none.
 * False: `text` is none.
 */
bool choice_size(uint64_t *out, const char *text, const char *units);

#endif
