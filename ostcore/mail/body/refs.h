/*
 * refs.h - private: what an HTML body refers to
 */
#ifndef OST_MAIL_REFS_H
#define OST_MAIL_REFS_H

#include "bytes/buf.h"

struct refs {
	struct buf text;  /* the references, each followed by a NUL */
	const char **all; /* sorted; on loan from `text` */
	size_t count;
};

/*
 * Gather the cid: URLs of `html`, and the values of its src, background and
 * href attributes and of url() in styles. At most 65,536 of them.
 */
enum ost_status refs_read(struct refs *out, struct span html,
			  struct ost_error *err);

/* Is the content named by `cid`, in any case and without its <>, used? */
bool refs_cid(const struct refs *r, const char *cid);

/* Is exactly this URL or file name used as a source? */
bool refs_url(const struct refs *r, const char *url);

void refs_free(struct refs *r);

#endif
