/*
 * native.h - private: the backend that is ours, over ltp, in two files
 */
#ifndef OST_STORE_NATIVE_H
#define OST_STORE_NATIVE_H

#include <pthread.h>

#include "ltp/ltp.h"
#include "store/backend.h"

enum {
	NATIVE_TABLES_KEPT = 8, /* listings of folders */
	NATIVE_INNER_KEPT = 4,	/* long lists of attachments, recipients */
};

/* A table that is kept, by a number that it alone has of those in `db`. */
struct kept {
	const struct ndb *db;
	uint64_t number;
	struct ltp_table *table; /* owned; NULL: free */
};

/* What is in a folder. */
enum native_by_parent {
	BY_PARENT_FOLDER,
	BY_PARENT_MESSAGE,
	BY_PARENT_ASSOCIATED
};

struct native {
	struct store_core base;
	struct ndb *db;
	pthread_mutex_t lock; /* of those kept, the latest first */
	struct kept kept[NATIVE_TABLES_KEPT]; /* by NID */
	struct kept inner[NATIVE_INNER_KEPT]; /* by BID of their data */
	uint32_t rows_max;		      /* of a table */

	/* by_parent.c: found when first needed */
	bool heal;
	pthread_mutex_t by_parent_lock; /* of the finding */
	bool by_parent_ready;
	struct by_parent *by_parent; /* owned */
	size_t by_parent_count;

	/* recovered.c: where an older map of names was found; see heal */
	struct ndb *names_history; /* owned; NULL: not looked for, or none */

	/* recovered.c: found when first asked for */
	bool recover;
	bool recovered_failed;	      /* some could not be read then */
	pthread_mutex_t recover_lock; /* of the finding */
	struct ndb *history;	      /* owned; atomic; NULL: not yet */
	struct ndb_node *recovered;   /* owned; with the NIDs they had */
	size_t recovered_count;
};

/*
 * An object is a node with properties, or a row of a table. Fixed once made,
 * but for the two tables of a message and what they lack, read when first
 * asked for.
 */
struct object {
	struct store_object base;
	struct ndb *db; /* that its node is in: of the store, or its history */
	struct ndb_node node;	 /* NID 0: a row, which has no children */
	struct ltp_props *props; /* owned; NULL: a row, bare, or at rest */
	bool resting;		 /* `props` are opened whenever it is asked */
	struct ltp_table *table; /* owned; NULL: not a row */
	pthread_mutex_t lock;	 /* of what follows */
	struct ltp_table *recipients, *attachments;

	/* Attachments that no row leads to; native_list.c. */
	bool rowless_read;
	enum ost_status rowless_end; /* what comes after the last */
	struct buf rowless;	     /* uint32_t, ascending */

	uint8_t row[]; /* of `table` */
};

static inline struct native *native_of(struct store_core *s)
{
	return (struct native *)s;
}

static inline struct object *object_of(struct store_object *o)
{
	return (struct object *)o;
}

/*
 * An object without node, properties or row yet, with room for a row of
 * `width` bytes. Owned; NULL: no memory.
 */
struct object *native_object(struct store_core *s, uint32_t nid,
			     uint32_t folder, size_t width,
			     struct ost_error *err);

void native_drop(struct store_object *base);
void native_rest(struct store_object *base);
void native_wake(struct store_object *base);

/* The properties of one that is at rest. `*out` is owned. */
enum ost_status native_props(struct object *o, struct ltp_props **out,
			     struct ost_error *err);

/* The object that `node` of `db` is. `*out` is owned. */
enum ost_status native_node(struct store_core *s, struct ndb *db,
			    const struct ndb_node *node,
			    struct store_object **out, struct ost_error *err);

/* The object that node `nid` is. `*out` is owned. */
enum ost_status native_whole(struct store_core *s, uint32_t nid,
			     struct store_object **out, struct ost_error *err);

/*
 * An object for a row of `table`: row `index`, or with `by_id` the row whose
 * id is `index`. `*out` is owned.
 */
enum ost_status native_row(struct store_core *s, struct ltp_table *table,
			   size_t index, bool by_id, uint32_t folder,
			   struct store_object **out, struct ost_error *err);

/* The operations `get` and `child`: see store.h. */
enum ost_status native_get(struct store_core *s, struct store_id id,
			   struct store_object **out, struct ost_error *err);
enum ost_status native_child(struct store_object *base, enum store_list list,
			     size_t index, struct store_object **out,
			     struct ost_error *err);

/* native_list.c: a row of a folder's contents, as native_row(). */
enum ost_status native_listed(struct store_core *s, uint32_t folder,
			      bool associated, size_t index, bool by_id,
			      struct store_object **out, struct ost_error *err);

/* Can what failed so be made up for by native_by_parent()? */
static inline bool native_heals(const struct native *n, enum ost_status st)
{
	return n->heal && (st == OST_CORRUPT || st == OST_IO);
}

/*
 * by_parent.c: the NID of child `index` of folder `parent`, by what the nodes
 * say. OST_NOT_FOUND past the last.
 */
enum ost_status native_by_parent(struct native *n, uint32_t parent,
				 enum native_by_parent is, size_t index,
				 uint32_t *nid, struct ost_error *err);

/*
 * recovered.c: the latest whole map of names there was, looked for in what is
 * left of older nodes. `*out` is owned; it has `was` set.
 */
enum ost_status native_old_names(struct store_core *s,
				 struct store_object **out,
				 struct ost_error *err);

/* recovered.c: message `index` of STORE_RECOVERED. `*out` is owned. */
enum ost_status native_recovered(struct store_core *s, size_t index,
				 struct store_object **out,
				 struct ost_error *err);

#endif
