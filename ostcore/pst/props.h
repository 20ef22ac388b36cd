/*
 * props.h - private: write a property context           [MS-PST] 2.3.3
 *
 *	pst_props_new, pst_props_add..., pst_props_sub..., pst_props_end,
 *	pst_node or the pst_props_sub of what it is in, pst_props_free
 *
 * Properties in any order, each id once. Values of at most 1024 bytes are
 * kept until the end; longer ones are written at once, as subnodes. (Past
 * 8 MiB of kept ones all are written so.) Values are given as they are to be
 * stored: strings in UTF-16LE without a terminator, multiple values with
 * their offsets. Types that are not known here are OST_UNSUPPORTED, and
 * nothing was added.
 */
#ifndef OST_PST_PROPS_H
#define OST_PST_PROPS_H

#include "pst/block.h"
#include "pst/out.h"

struct pst_props;

enum ost_status pst_props_new(struct pst_props **props, struct pst_out *o,
			      struct ost_error *err);

/* Is `type` one that can be written? */
bool pst_type_known(uint16_t type);

/* Bytes of a value of `type`; 0: as many as there are. */
unsigned pst_type_size(uint16_t type);

/*
 * Is `value` one of `type`? A type of fixed size has that size; multiple
 * values are whole, and their offsets lead into them.
 */
bool pst_value_fits(uint16_t type, struct span value);

/*
 * Add a value. OST_CORRUPT, and nothing was added: it does not fit its type.
 * OST_BUG: `id` is there already.
 */
enum ost_status pst_props_add(struct pst_props *p, uint16_t id, uint16_t type,
			      struct span value, struct ost_error *err);

/*
 * Add a value of `size` bytes that `read` gives; see pst_data_from(). When it
 * fails, with its status, nothing was added nor written.
 */
enum ost_status pst_props_stream(struct pst_props *p, uint16_t id,
				 uint16_t type, uint64_t size, pst_read *read,
				 void *from, struct ost_error *err);

/*
 * Add a value of any length piece by piece: begin, append..., and close, or
 * abandon: then nothing was added nor written. One at a time, and nothing
 * else is written meanwhile. After a failure abandon it.
 */
enum ost_status pst_props_begin(struct pst_props *p, uint16_t id, uint16_t type,
				struct ost_error *err);
enum ost_status pst_props_append(struct pst_props *p, struct span bytes,
				 struct ost_error *err);
enum ost_status pst_props_close(struct pst_props *p, struct ost_error *err);
enum ost_status pst_props_abandon(struct pst_props *p, struct ost_error *err);

/* Integers, booleans and times. */
enum ost_status pst_props_number(struct pst_props *p, uint16_t id,
				 uint16_t type, uint64_t value,
				 struct ost_error *err);

/* PtypObject: it names the subnode `nid`, of `size` bytes. */
enum ost_status pst_props_object(struct pst_props *p, uint16_t id, uint32_t nid,
				 uint64_t size, struct ost_error *err);

/* Have the size of all of it as property `id`, an integer of 32 bits:
   `part->size`, 2^31 - 1 at most. */
enum ost_status pst_props_size(struct pst_props *p, uint16_t id,
			       struct ost_error *err);

/* Add a subnode: a table, an attachment, the message in it, OLE data. */
enum ost_status pst_props_sub(struct pst_props *p, uint32_t nid,
			      const struct pst_part *part,
			      struct ost_error *err);

/* Is `id` there? */
bool pst_props_has(const struct pst_props *p, uint16_t id);

/*
 * Sum of the sizes of all values so far, that of an object in place of its 8
 * bytes. PidTagAttachSize is this and 4 for itself.
 */
uint64_t pst_props_values(const struct pst_props *p);

/*
 * The BID of the value of `id` if it is a subnode, else 0: for the cell of a
 * table, which shares it. `*size`, unless NULL: its bytes. Valid after the
 * end, too.
 */
uint64_t pst_props_bid(const struct pst_props *p, uint16_t id, uint64_t *size);

/* Write it. */
enum ost_status pst_props_end(struct pst_props *p, struct pst_part *part,
			      struct ost_error *err);
void pst_props_free(struct pst_props *p); /* NULL is fine */

#endif
