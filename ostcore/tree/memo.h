/*
 * memo.h - private: sizes of files by inode number, once known for good
 *
 * 12 bytes an entry, and never more than 16 with the room it grows into. The
 * locks are held in memo.c only.
 */
#ifndef OST_TREE_MEMO_H
#define OST_TREE_MEMO_H

#include <stdbool.h>
#include <stdint.h>

struct memo;

struct memo *memo_new(void); /* NULL: no memory */
void memo_free(struct memo *m);
/* False when the size of `ino`, of 52 bits and not 0, is not known. */
bool memo_get(struct memo *m, uint64_t ino, uint64_t *size);
/* Forgotten when memory runs out, or the size is 16 TiB or more. */
void memo_put(struct memo *m, uint64_t ino, uint64_t size);

#endif
