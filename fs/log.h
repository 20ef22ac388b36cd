/*
 * log.h - where the daemon's lines go: stderr first, syslog once it is one
 *
 * After the mount a line names inode numbers and NIDs, never subjects,
 * addresses or file names: a system log is read by more people than a mailbox.
 */
#ifndef OST_FS_LOG_H
#define OST_FS_LOG_H

#include "bytes/buf.h"

/* Send libfuse's lines the way of ours. Call before anything else. */
void log_start(void);

/* "ostfs: " and a sentence to stderr, for whoever is mounting. */
void log_say(const char *format, ...) OST_PRINTF(1, 2);

/* Connect to syslog(3), for later. */
void log_prepare(void);

/* From now on the lines of the running mount go there. */
void log_to_syslog(void);

/*
 * Say nothing more once the other end of the socket `fd` is closed: whoever
 * wanted to be served is gone, and that is how this process is told.
 */
void log_until_closed(int fd);

/*
 * The lines of the running mount are kept too, the newest 64 KiB of them, each
 * with its time: `.ostfs/log` is made of them. Any thread may ask.
 */
uint64_t log_size(void *none, int64_t *sec, uint32_t *nsec);
/* As pread(2): bytes read, 0 past the end. */
size_t log_read(void *none, uint64_t off, void *buf, size_t want);

/*
 * Hold back what this process and its children write to stderr, so that
 * fusermount3's words can become part of a sentence of ours. False, with
 * nothing held, if that cannot be done. One thread only.
 */
bool log_hold(void);

/* End log_hold() and append what was held to `out`. */
void log_held(struct buf *out);

#endif
