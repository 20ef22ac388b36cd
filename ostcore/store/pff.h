/*
 * pff.h - what the files of the libpff backend share
 */
#ifndef OST_PFF_H
#define OST_PFF_H

#include <libpff.h>
#include <pthread.h>

#include "store/store.h"

struct pff_value; /* private to pff_props.c */

/* `base` comes first, so that a pointer to either is a pointer to both. */
struct pff_store {
	struct store base;
	libpff_file_t *file;
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

/*
 * Held around every use of libpff, which has no locks of its own, and of all
 * that an object holds besides `base`. Never across a call to another layer.
 */
extern pthread_mutex_t pff_lock;

/* Turn libpff's error into ours and free it. Returns `status`. */
enum ost_status pff_fail(struct ost_error *err, enum ost_status status,
			 libpff_error_t *cause, const char *what);

/* The two operations on properties: see struct store_ops. */
enum ost_status pff_next(struct store_object *object, uint16_t id,
			 uint16_t last, struct store_prop *out,
			 struct ost_error *err);
enum ost_status pff_read(struct store_object *object,
			 const struct store_prop *p, uint64_t off, void *buf,
			 size_t len, struct ost_error *err);

/* True if the data of attachment `o` is a message. Lock held. */
bool pff_holds_message(struct pff_object *o);

#endif
