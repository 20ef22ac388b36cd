/*
 * skeleton_fill.h - private: the parts of a skeleton, filled again
 */
#ifndef OST_MAIL_SKELETON_FILL_H
#define OST_MAIL_SKELETON_FILL_H

#include "mail/mime/message.h"
#include "mail/rfc822/skeleton_parse.h"

/* What a part is filled with. */
enum content {
	CONTENT_KEPT,	  /* what is there */
	CONTENT_PLAIN,	  /* a body */
	CONTENT_HTML,	  /* the other body */
	CONTENT_ATTACHED, /* an attachment */
};

struct filler {
	struct mime *m;
	struct message *msg;
	struct skeleton s;
	struct content_of {
		enum content content;
		size_t attachment;
	} * parts;  /* one for each of the skeleton */
	bool *used; /* one for each attachment */
	bool body;  /* a body has its place */
	struct ost_error *err;
};

/* What becomes of a part's header. */
struct change {
	const char *encoding; /* NULL: as it is */
	bool utf8;	      /* its charset */
};

/* A field of part `index`, without blanks at its ends; "" if it has none. */
struct span skeleton_type(const struct filler *f, size_t index);
struct span skeleton_encoding(const struct filler *f, size_t index);

/* Is this encoding the one of that name? */
bool skeleton_is(struct span encoding, const char *name);

/* Put the content of part `index`. `*change` is what its header must say. */
enum ost_status skeleton_fill(struct filler *f, size_t index,
			      enum mime_lines *lines, struct change *change);

/*
 * Append the fields of part `index`; of the first entity those that are of
 * its body, for the mail's header has the others.
 */
void skeleton_put_fields(struct filler *f, size_t index,
			 const struct change *change, struct buf *out);

#endif
