/*
 * fake.h - a store in memory, put together by hand, for the layers above it
 *
 * A test builds objects and gives them properties; store.h then reads them
 * as it reads any store. Build first, read after: building is for one thread.
 * A mistake of the test itself (no memory, an id twice) aborts.
 */
#ifndef OST_FAKE_H
#define OST_FAKE_H

#include "store/store.h"

struct fake; /* an object being built; on loan for the life of its store */

/* An empty store with the store object 0x21. Free with store_close(). */
struct store *fake_store_new(void);

/*
 * Add the object `nid`. Its NID type (0x02 folder, 0x04 message, 0x08
 * associated) decides the list of folder `parent` it stands in; 0: in none.
 */
struct fake *fake_add(struct store *s, uint32_t nid, uint32_t parent);

/* The object `nid` added before. */
struct fake *fake_again(struct store *s, uint32_t nid);

/* List `o` in `folder` too, whose child it is not. */
void fake_list(struct fake *folder, enum store_list list, struct fake *o);

/* Add to a message, or give an attachment the message in it. */
struct fake *fake_recipient(struct fake *message);
struct fake *fake_attachment(struct fake *message);
struct fake *fake_embedded(struct fake *attachment);

/* Add a child to `list` that answers OST_CORRUPT when asked for. */
void fake_lost_child(struct fake *o, enum store_list list);

/* The handle of `o`, as store_get() gives it: owned, for store_drop(). */
struct store_object *fake_open(struct fake *o);

/*
 * Properties. Each id once an object; fake_remove() takes one away again.
 */
void fake_bytes(struct fake *o, uint16_t id, uint16_t type, const void *bytes,
		size_t len);
/* UTF-8, kept as UTF-16LE (0x001F). */
void fake_text(struct fake *o, uint16_t id, const char *utf8);
/* A string as it is (0x001E). */
void fake_string8(struct fake *o, uint16_t id, const char *bytes);
/* An integer, boolean or time, as wide as `type` is. */
void fake_number(struct fake *o, uint16_t id, uint16_t type, uint64_t value);
/* UTF-8 strings, kept as 0x101F. */
void fake_multi(struct fake *o, uint16_t id, const char *const *utf8,
		size_t count);
/* One that is named but cannot be read: OST_CORRUPT. */
void fake_broken(struct fake *o, uint16_t id, uint16_t type);
/* The same with another answer. */
void fake_failing(struct fake *o, uint16_t id, uint16_t type,
		  enum ost_status status);
/* `size` zeros, of which those before byte `good` can be read. */
void fake_cut(struct fake *o, uint16_t id, uint16_t type, uint64_t size,
	      uint64_t good);
/* `size` bytes that take no memory, all of them `fill`. */
void fake_huge(struct fake *o, uint16_t id, uint16_t type, uint64_t size,
	       uint8_t fill);
void fake_remove(struct fake *o, uint16_t id);

/*
 * Name a property in the map of object 0x61: by `name`, or when that is NULL
 * by `lid`. Returns its number, 0x8000 and up. `guid` is as stored.
 */
uint16_t fake_name(struct store *s, const uint8_t guid[16], uint32_t lid,
		   const char *name);

#endif
