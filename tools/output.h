/*
 * output.h - a file that a sandboxed process writes, whole or not at all
 */
#ifndef OST_OUTPUT_H
#define OST_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

struct output {
	const char *path;
	FILE *to;
	int finisher; /* a socket of the process that gives it its name, or
			 removes it; -1: it is written where it stays */
};

/*
 * Open what `path` names, "-" for stdout. A regular or new file is written
 * beside it. False after saying why not. To be called outside of the sandbox.
 */
bool output_open(struct output *out, const char *path);

/*
 * Close it; what was not written to its end, as `code` tells, does not stay.
 * Returns `code`, or OST_EXIT_USAGE after saying that it could not be kept.
 */
int output_close(struct output *out, int code);

#endif
