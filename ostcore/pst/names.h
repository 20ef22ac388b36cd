/*
 * names.h - private: the map of named properties        [MS-PST] 2.4.7
 *
 * The ids stay what they were in the source: 0x8000 and up.
 */
#ifndef OST_PST_NAMES_H
#define OST_PST_NAMES_H

#include "pst/out.h"

struct pst_names;

/* A property set and a name in it: one of `lid` and `name`. */
struct pst_name {
	uint8_t guid[16];
	uint32_t lid;
	struct span name; /* UTF-16LE; empty: lid */
};

enum ost_status pst_names_new(struct pst_names **names, struct ost_error *err);
void pst_names_free(struct pst_names *n); /* NULL is fine */

/*
 * Name property `id`. Any order; again for the same id: nothing. OST_LIMIT:
 * `id` is above 0xFFFD, or the name has over 1024 bytes.
 */
enum ost_status pst_names_add(struct pst_names *n, uint16_t id,
			      const struct pst_name *name,
			      struct ost_error *err);

bool pst_names_has(const struct pst_names *n, uint16_t id);

/* The id of a name; 0: it has none. */
uint16_t pst_names_find(const struct pst_names *n, const struct pst_name *name);

/* An id above all that were added, for a name of our own; 0: none is left. */
uint16_t pst_names_free_id(const struct pst_names *n);

/* Write the node 0x61. Once, whenever all names are known. */
enum ost_status pst_names_end(struct pst_names *n, struct pst_out *o,
			      struct ost_error *err);

#endif
