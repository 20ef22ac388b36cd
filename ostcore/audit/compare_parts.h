/*
 * compare_parts.h - private: what compare.c and compare_props.c share
 */
#ifndef OST_COMPARE_PARTS_H
#define OST_COMPARE_PARTS_H

#include "audit/compare.h"

/* An object, as each reader has it. */
struct pair {
	struct store_object *ours, *theirs;
};

/* Tell of a difference that `what` is, its text printf-style. */
void compare_differ(struct compare *w, const struct compare_difference *what,
		    const char *format, ...) OST_PRINTF(3, 4);

/*
 * The same where one reader fails: whether it is so is in `ours` and `theirs`
 * of `d`, and what ours complains of in `why`. What both fail at is none.
 */
void compare_differ_in(struct compare *w, const struct compare_difference *d,
		       const char *what, const struct ost_error *why);

/* Compare all properties; `row`: the object is a row of a table. */
void compare_properties(struct compare *w, struct pair o, bool row);

/*
 * A row of a contents table is ours alone: libpff gives the message itself.
 * What both the row and the message have must be the same.
 */
void compare_row(struct compare *w, struct pair o);

#endif
