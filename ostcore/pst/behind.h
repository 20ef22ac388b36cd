/*
 * behind.h - private: write a file while the next piece of it is made
 *
 * One piece is written by a thread of its own, in the order in which they are
 * given, while the caller fills another buffer. Where there can be no thread
 * each is written at once. What is in the file is the same either way.
 */
#ifndef OST_PST_BEHIND_H
#define OST_PST_BEHIND_H

#include "bytes/bytes.h"
#include "bytes/error.h"

struct pst_behind;

/* For the file `fd`, on loan, in pieces of at most `size` bytes. */
enum ost_status pst_behind_new(struct pst_behind **out, int fd, size_t size,
			       struct ost_error *err);

/*
 * Write the first `len` bytes of `*bytes`, which has `size` and is from
 * malloc(), to byte `off` of the file. `*bytes` is another such buffer then,
 * with anything in it. A failure may be of an earlier piece, and stays.
 */
enum ost_status pst_behind_write(struct pst_behind *b, uint64_t off,
				 uint8_t **bytes, size_t len,
				 struct ost_error *err);

/* Until all that was given is in the file; or that failure. */
enum ost_status pst_behind_wait(struct pst_behind *b, struct ost_error *err);

void pst_behind_free(struct pst_behind *b); /* waits; NULL is fine */

#endif
