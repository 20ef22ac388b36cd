/*
 * backend.h - private: what a reader of stores is, and what it fills
 */
#ifndef OST_STORE_BACKEND_H
#define OST_STORE_BACKEND_H

#include "store/store.h"

struct store_names;	    /* private to named.c: the name-to-id map */
struct store_identity_slot; /* private to identity.c */

/* What is open, whoever has it; it comes first in what a backend has of it. */
struct store_core {
	struct store self; /* what store_open() gives */
	const struct store_ops *ops;
	struct store_info info;
	unsigned codepage; /* of 8-bit text that names none: as asked for, or
			      as the store says; 0: neither */
	/*
	 * What the items of the store have of it together, set by a layer
	 * above; 0: nothing. Asked when it is first needed, and kept in
	 * `voted`, plus one. NULL: nobody knows.
	 */
	unsigned (*vote)(struct store *s);
	atomic_uint voted;
	struct store_names *names;
	struct store_identity_slot *identity;
	struct store_guest *guest; /* owned; NULL: none */
	struct store_core *second; /* owned; as libpff reads it, for what it
				      recovers; NULL: not to be had */
};

/* What a backend is. Each op may be called from many threads at once. */
struct store_ops {
	const char *name; /* for --reader= and messages */
	unsigned lacks;	  /* bits: 1 << each enum store_list it cannot give */

	/*
	 * Open the store at `path`, and fill `info`. Statuses: see ndb_open()
	 * and source_open().
	 */
	enum ost_status (*open)(struct store_core **out, const char *path,
				const struct store_options *options,
				struct ost_error *err);

	/*
	 * The object named `id`; OST_NOT_FOUND when there is none. What is
	 * given though part of it could not be read for a reason that may pass
	 * has `failed` set: of this and all that follow.
	 */
	enum ost_status (*get)(struct store_core *s, struct store_id id,
			       struct store_object **out,
			       struct ost_error *err);

	/*
	 * Child `index` of a list; OST_NOT_FOUND at and past its end. Any
	 * other error costs that child only: those after it can be asked for.
	 * A list that cannot be read at all is one error long.
	 */
	enum ost_status (*child)(struct store_object *o, enum store_list list,
				 size_t index, struct store_object **out,
				 struct ost_error *err);

	/*
	 * The property with the lowest id from `id` to `last`; OST_NOT_FOUND
	 * when there is none. One that is named but cannot be read is given
	 * with size 0 and fails in `read`.
	 */
	enum ost_status (*next)(struct store_object *o, uint16_t id,
				uint16_t last, struct store_prop *out,
				struct ost_error *err);

	/*
	 * Exactly `len` stored bytes of `p`, which `next` gave of this very
	 * object, from byte `off`.
	 */
	enum ost_status (*read)(struct store_object *o,
				const struct store_prop *p, uint64_t off,
				void *buf, size_t len, struct ost_error *err);

	/* See store_rest() and store_wake(). NULL: it holds little. */
	void (*rest)(struct store_object *o);
	void (*wake)(struct store_object *o);

	void (*drop)(struct store_object *o);
	void (*close)(struct store_core *s);

	/* See store_damage(). NULL: it cannot tell. */
	bool (*damage)(struct store_core *s, size_t index,
		       struct store_damage *out);
	uint64_t (*damage_count)(struct store_core *s);

	/* See store_check(). NULL: it asks at each read. */
	enum ost_status (*check)(struct store_core *s, struct ost_error *err);

	/* See store_find_orphans(). NULL: it cannot tell. */
	enum ost_status (*find_orphans)(struct store_core *s,
					struct ost_error *err);
};

/* `o` is given, though something of it was met by `st`. */
static inline void object_met(struct store_object *o, enum ost_status st)
{
	if (ost_is_transient(st))
		o->failed = true;
}

#endif
