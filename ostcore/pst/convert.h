/*
 * convert.h - private: what a PST gets of the properties of a store
 *
 * Which are carried, which are left out and why, and in what form a value is
 * written: text of 8 bits a character as Unicode, all else byte for byte.
 */
#ifndef OST_PST_CONVERT_H
#define OST_PST_CONVERT_H

#include "pst/report.h"
#include "store/store.h"

/* What an object with properties is. */
enum convert_kind {
	CONVERT_MESSAGE,
	CONVERT_ATTACHMENT,
	CONVERT_RECIPIENT,
};

/* A value as it is to be written. */
struct convert_value {
	uint16_t id, type;
	uint64_t size; /* bytes */
	bool held;     /* all of it is in `bytes`; else convert_piece() */
	struct buf bytes;
	/* Of one that is not held: where it is. */
	struct store_prop from;
};

void convert_free(struct convert_value *v);

/* What became of a value beside being written. */
struct convert_changes {
	bool to_unicode;
	bool guessed;	   /* its code page was */
	uint64_t replaced; /* bytes that were no text */
	bool nuls_cut;
	bool odd_cut; /* half a UTF-16 unit at its end */
};

/* Count them, but `replaced`, which may be worth a line. */
void convert_count(struct report *r, uint16_t id,
		   const struct convert_changes *changes);

/*
 * Why property `id` of such an object is not carried, by its number alone;
 * REPORT_NOTHING: it is.
 */
enum report_what convert_leaves(enum convert_kind kind, uint16_t id);

/* Can a value of that type be written? */
bool convert_knows(uint16_t type);

/* The bytes of a value of that type; 0: they differ. */
unsigned convert_fixed(uint16_t type);

/*
 * Make `*out` of property `p` of `o`. OST_CORRUPT, OST_LIMIT and OST_IO cost
 * the value; OST_UNSUPPORTED: it is of no type that can be written.
 */
enum ost_status convert_value(struct store_object *o,
			      const struct store_prop *p,
			      struct convert_value *out,
			      struct convert_changes *changes,
			      struct ost_error *err);

/* Bytes of one that is not held. */
enum ost_status convert_piece(struct store_object *o,
			      const struct convert_value *v, uint64_t off,
			      void *to, size_t len, struct ost_error *err);

/*
 * The same, with zeros in place of what cannot be read; how many is added to
 * `*zeros`. Only OST_NO_MEMORY, OST_BUG and OST_STOPPED.
 */
enum ost_status convert_salvage(struct store_object *o,
				const struct convert_value *v, uint64_t off,
				void *to, size_t len, uint64_t *zeros,
				struct ost_error *err);

/* Is that an entry id of an object in the store with that key? */
bool convert_is_dangling(const struct convert_value *v, struct span key);

#endif
