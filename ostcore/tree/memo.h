/*
 * memo.h - private: sizes of files by inode number, once known for good
 *
 * 16 bytes an entry. One lock, held in memo.c only.
 */
#ifndef OST_TREE_MEMO_H
#define OST_TREE_MEMO_H

#include <stdbool.h>
#include <stdint.h>

struct memo;

struct memo *memo_new(void); /* NULL: no memory */
void memo_free(struct memo *m);
/* False when the size of `ino` is not known. */
bool memo_get(struct memo *m, uint64_t ino, uint64_t *size);
/* Forgotten when memory runs out. */
void memo_put(struct memo *m, uint64_t ino, uint64_t size);

#endif
