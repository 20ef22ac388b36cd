/*
 * advice.h - what somebody can do about a store that cannot be opened
 *
 * The words of every program, in one place. Only for a person: what a program
 * decides by is the status.
 */
#ifndef OST_CLI_ADVICE_H
#define OST_CLI_ADVICE_H

#include <stdbool.h>

#include "bytes/buf.h"
#include "bytes/error.h"
#include "cli/foreign.h"

/* A file that may be in the place of a store. */
struct advice_look {
	int error; /* 0, or why it is not one that can be looked into */
	uint64_t size;
	size_t len;
	uint8_t bytes[FOREIGN_HEAD]; /* how it begins */
};

/*
 * Look at the file at `path`, while it can be opened: who reads a store can
 * open nothing any more. What is in it is only kept.
 */
void advice_look(struct advice_look *out, const char *path);

/*
 * Append "NAME: why; what to do" of the file that was looked at, and was named
 * `name`. `healed`: healing was asked for already, and is not advised.
 */
void advice_put(struct buf *out, const char *name,
		const struct advice_look *look, enum ost_status status,
		const struct ost_error *err, bool healed);

/*
 * True if the two were named in the wrong order: `other`, which comes after
 * the store, is a store, and `store` is none, but a directory or nothing.
 */
bool advice_swapped(const char *store, const char *other);

#endif
