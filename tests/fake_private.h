/*
 * fake_private.h - what a fake store is made of, for fake*.c only
 */
#ifndef OST_FAKE_PRIVATE_H
#define OST_FAKE_PRIVATE_H

#include "fake.h"
#include "store/backend.h"

enum { LISTS = STORE_NODES };

struct value {
	struct store_prop prop;
	struct buf bytes; /* unless huge or broken */
	bool huge;
	uint64_t good;		/* bytes at its start that can be read */
	enum ost_status broken; /* what reading others answers */
	uint8_t fill;
};

/* What a list holds; NULL stands for a child that cannot be read. */
struct list {
	struct fake **at;
	size_t count;
};

struct fake {
	struct store *store;
	struct store_id id;
	uint32_t parent;
	struct value *values; /* by id */
	size_t count;
	struct list lists[LISTS];
	struct fake *next; /* all of the store's, in no order */
};

struct fake_store {
	struct store_core base;
	struct fake *all;
	uint32_t inner; /* the last nid given inside a message */
	uint16_t names;
};

struct handle {
	struct store_object base;
	const struct fake *of;
	bool bare; /* names a node, but its properties are not read */
};

extern const struct store_ops fake_ops;

/* `at`, unless it is NULL: then the test cannot go on. */
void *fake_need(void *at);

/* The object `nid`, unless it is inside a message; NULL: none. */
struct fake *fake_find(const struct store *s, uint32_t nid);

/* The place of the first value with an id not below `id`. */
size_t fake_place(const struct fake *o, uint16_t id);

static inline struct fake_store *fake_of(const struct store *s)
{
	return (struct fake_store *)s->core;
}

/* A handle of `o`; with `folder`, of its row there. Owned. */
struct store_object *fake_handle(const struct fake *o, uint32_t folder);

#endif
