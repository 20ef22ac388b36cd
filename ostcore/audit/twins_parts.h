/*
 * twins_parts.h - private: what twins.c and twins_props.c share
 */
#ifndef OST_TWINS_PARTS_H
#define OST_TWINS_PARTS_H

#include "audit/twins.h"

/* An object, as each reader has it. */
struct pair {
	struct store_object *ours, *theirs;
};

/* Tell of a difference that `what` is, its text printf-style. */
void twins_differ(struct twins *w, const struct twins_difference *what,
		  const char *format, ...) OST_PRINTF(3, 4);

/*
 * The same where one reader fails: whether it is so is in `ours` and `theirs`
 * of `d`, and what ours complains of in `why`. What both fail at is none.
 */
void twins_differ_in(struct twins *w, const struct twins_difference *d,
		     const char *what, const struct ost_error *why);

/* Compare all properties; `row`: the object is a row of a table. */
void twins_properties(struct twins *w, struct pair o, bool row);

/*
 * A row of a contents table is ours alone: libpff gives the message itself.
 * What both the row and the message have must be the same.
 */
void twins_row(struct twins *w, struct pair o);

#endif
