/*
 * source.h - a file, or memory, read at an offset
 *
 * The only way to the bytes of a store. The file is opened read-only, is
 * never locked, and its access time is left alone where the system allows.
 */
#ifndef OST_SOURCE_H
#define OST_SOURCE_H

#include "bytes/bytes.h"
#include "bytes/error.h"

struct source; /* opaque; safe to read from many threads at once */

/*
 * Open `path` for reading. `*out` is owned. OST_CANNOT_OPEN with the reason
 * when there is no such file, or it is not one that can be read at an offset
 * (a directory, a pipe).
 */
enum ost_status source_open(struct source **out, const char *path,
			    struct ost_error *err);

/* Read the file `fd`, which the source then owns, even on failure. */
enum ost_status source_take(struct source **out, int fd, struct ost_error *err);

/* Read from `bytes`, which must outlive the source: tests and fuzzing. */
enum ost_status source_of(struct source **out, struct span bytes,
			  struct ost_error *err);

/* Bytes in the file when it was opened. */
uint64_t source_size(const struct source *s);

/* The file's modification time when it was opened, seconds since 1970. */
int64_t source_mtime(const struct source *s);

/* The file's descriptor, on loan; -1: it is memory. */
int source_fd(const struct source *s);

/*
 * Fill `buf` with exactly `len` bytes from byte offset `off`.
 * Returns OST_CORRUPT past the end, OST_IO if the system call failed or the
 * file is not as it was when it was opened: its size or its time is another.
 */
enum ost_status source_read(struct source *s, uint64_t off, void *buf,
			    size_t len, struct ost_error *err);

/* The same for what goes on in another place: `len` bytes, then `more_len`. */
enum ost_status source_read_on(struct source *s, uint64_t off, void *buf,
			       size_t len, void *more, size_t more_len,
			       struct ost_error *err);

/*
 * Whether the file is still what it was is asked after each read. Whoever
 * reads many times for one answer asks once instead, before giving it:
 *
 *	source_defer();
 *	...what is read meanwhile, by this thread, may be of another file...
 *	if (source_settle())
 *		st = source_check(s, &err);
 *
 * source_settle() is true for the outermost of those that are nested. Once
 * found to be changed, a file is changed for good: nothing is read of it.
 */
void source_defer(void);
bool source_settle(void);

/* OST_IO if the file is not what it was; asks only if it was read since. */
enum ost_status source_check(struct source *s, struct ost_error *err);

void source_close(struct source *s); /* NULL is fine */

#endif
