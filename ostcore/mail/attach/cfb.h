/*
 * cfb.h - private: compound files, a file system in a file    [MS-CFB]
 *
 * Reads the streams of the root storage, in versions 3 and 4. All in it is
 * untrusted: chains may loop and sizes lie.
 */
#ifndef OST_MAIL_CFB_H
#define OST_MAIL_CFB_H

#include "bytes/buf.h"

struct cfb; /* one open compound file; for one thread */

/* Where the bytes are: `read` fills `buf` with exactly `len` from `off`. */
struct cfb_source {
	enum ost_status (*read)(void *arg, uint64_t off, void *buf, size_t len,
				struct ost_error *err);
	void *arg;
	uint64_t size; /* bytes in the file */
};

/*
 * Open a compound file; `source` is on loan for its life. OST_UNSUPPORTED: it
 * is none; OST_LIMIT: above 64 MiB, or with more than 8,192 entries.
 */
enum ost_status cfb_open(struct cfb **out, const struct cfb_source *source,
			 struct ost_error *err);

/* Class id of the root storage: 16 bytes, as stored. */
const uint8_t *cfb_class(const struct cfb *c);

/*
 * Append the stream `name`, in ASCII, of the root storage. OST_NOT_FOUND when
 * there is none; OST_LIMIT when it is larger than `most` bytes.
 */
enum ost_status cfb_stream(struct cfb *c, const char *name, size_t max,
			   struct buf *out, struct ost_error *err);

void cfb_close(struct cfb *c); /* NULL is fine */

#endif
