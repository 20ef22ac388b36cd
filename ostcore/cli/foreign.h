/*
 * foreign.h - files that are taken for stores, by how they begin
 */
#ifndef OST_CLI_FOREIGN_H
#define OST_CLI_FOREIGN_H

#include "bytes/bytes.h"

enum { FOREIGN_HEAD = 512 }; /* bytes that are enough to tell */

/* Both are sentences' parts: "it is WHAT: WAY". */
struct foreign {
	const char *what, *way;
};

/* The kind of a file that begins with `head`; NULL: none that is known. */
const struct foreign *foreign_of(struct span head);

#endif
