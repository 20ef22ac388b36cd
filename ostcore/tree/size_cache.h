/*
 * size cache.h - private: sizes of files by inode number, once known for good
 *
 * 12 bytes an entry, and never more than 16 with the room it grows into. The
 * locks are held in size cache.c only.
 */
#ifndef OST_TREE_SIZE_CACHE_H
#define OST_TREE_SIZE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

struct size_cache;

struct size_cache *size_cache_new(void); /* NULL: no memory */
void size_cache_free(struct size_cache *m);
/* False when the size of `ino`, of 52 bits and not 0, is not known. */
bool size_cache_get(struct size_cache *m, uint64_t ino, uint64_t *size);
/* Forgotten when memory runs out, or the size is 16 TiB or more. */
void size_cache_put(struct size_cache *m, uint64_t ino, uint64_t size);

#endif
