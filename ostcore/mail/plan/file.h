/*
 * file.h - a file that is planned, not rendered
 */
#ifndef OST_MAIL_FILE_H
#define OST_MAIL_FILE_H

#include "store/store.h"

struct mail; /* a plan; never changes once made, so threads may share it */

/* Bytes in the file, exactly: what stat(2) reports. */
uint64_t mail_size(const struct mail *m);

/*
 * Read up to `want` bytes from byte `off` of the file into `buf`.
 * `*got` falls short only at the end, and is 0 from there on.
 */
enum ost_status mail_read(const struct mail *m, uint64_t off, void *buf,
			  size_t want, size_t *got, struct ost_error *err);

/*
 * What was degraded in it and in the messages inside it: note codes,
 * comma-separated, "" when nothing was.
 */
const char *mail_notes(const struct mail *m);

void mail_free(struct mail *m); /* NULL is fine */

/*
 * Bytes of memory that the plan takes: it holds the texts, but no attachment.
 * Of each object in the store that it reads later an estimate is in it.
 */
size_t mail_memory(const struct mail *m);

#endif
