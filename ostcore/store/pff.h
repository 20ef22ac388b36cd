/*
 * pff.h - private: libpff's store as objects, in the process that has libpff
 *
 * Used by one thread: libpff has no locks.
 */
#ifndef OST_PFF_H
#define OST_PFF_H

#include <libpff.h>

#include "store/backend.h"
#include "store/pff_spawner.h"

struct pff_value; /* private to pff_props.c */

/* `base` comes first, so that a pointer to either is a pointer to both. */
struct pff_store {
	struct store_core base;
	libpff_file_t *file;
	libbfio_handle_t *bytes;
	bool recovered; /* it was tried, and how it ended */
	enum ost_status recover_status;
	uint32_t recovered_count;
};

struct pff_object {
	struct store_object base;
	struct pff_object *owner; /* what this came out of, or NULL */
	unsigned users;		  /* the caller, and those it is the owner of */
	bool attachment;
	bool row; /* of a table: `set` is there from the start, `item` is not */

	libpff_item_t *item;	  /* owned; NULL for a row */
	libpff_item_t *table;	  /* owned; of recipients or results, once
				     asked for */
	libpff_record_set_t *set; /* owned; once loaded */

	/* Found when first asked for: see pff_props.c. */
	bool loaded;
	enum ost_status load_status;
	struct ost_error load_error;
	struct pff_value *values; /* owned; by id */
	size_t count;
};

/* Turn libpff's error into ours and free it. Returns `status`. */
enum ost_status pff_fail(struct ost_error *err, enum ost_status status,
			 libpff_error_t *cause, const char *what);

/* What `in` holds, which is on loan, as libpff sees it. */
enum ost_status pff_open(struct store_core **out, const struct pff_input *in,
			 struct ost_error *err);

/*
 * For libpff to read from; NULL: no memory. Free it after its user. It reads no
 * page and no block whose sums are wrong.
 */
libbfio_handle_t *pff_file_new(const struct pff_input *in);

/* Why the file could not be read since this was last asked; "": it could. */
struct ost_error pff_file_fault(void);

/* How many items libpff recovers, which it does at the first call. */
enum ost_status pff_recovered(struct store_core *s, uint32_t *count,
			      struct ost_error *err);

/*
 * Recovered item `nid` into `o`. OST_UNSUPPORTED: it is no message, or there
 * is nothing in it that can be read.
 */
enum ost_status pff_recovered_get(struct pff_object *o, uint32_t nid,
				  struct ost_error *err);

/* The other operations: see struct store_ops. */
enum ost_status pff_get(struct store_core *s, struct store_id id,
			struct store_object **out, struct ost_error *err);
enum ost_status pff_child(struct store_object *object, enum store_list list,
			  size_t index, struct store_object **out,
			  struct ost_error *err);
enum ost_status pff_next(struct store_object *object, uint16_t id,
			 uint16_t last, struct store_prop *out,
			 struct ost_error *err);
enum ost_status pff_read(struct store_object *object,
			 const struct store_prop *p, uint64_t off, void *buf,
			 size_t len, struct ost_error *err);
void pff_drop(struct store_object *o); /* NULL is fine */
void pff_close(struct store_core *s);  /* NULL is fine */

/* True if the data of attachment `o` is a message. */
bool pff_holds_message(struct pff_object *o);

#endif
