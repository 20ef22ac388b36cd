/*
 * skeleton_parse.h - private: a MIME skeleton [MS-OXCMAIL] 2.1.3.5, taken apart
 */
#ifndef OST_MAIL_SKELETON_PARSE_H
#define OST_MAIL_SKELETON_PARSE_H

#include "bytes/buf.h"
#include "store/store.h"

/*
 * Append the header of the skeleton of `item`, in lines of CRLF, without the
 * fields that the store knows better by now. OST_NOT_FOUND: it has none.
 */
enum ost_status skeleton_header(struct store_object *item, struct buf *out,
				struct ost_error *err);

/* An entity of a skeleton: byte places in its text. */
struct skeleton_part {
	size_t header; /* its first field; its header ends at `body` */
	size_t body;
	size_t end;    /* of its body, or of its last part */
	size_t parent; /* index of the multipart it is in; its own: none */
	size_t next;   /* index of the first entity that is not in it */
	bool multi;    /* a multipart: the entities in it follow */
	struct buf boundary;
};

/* A skeleton taken apart: entities in the order they begin. */
struct skeleton {
	struct span text;
	struct skeleton_part *all;
	size_t count;
};

/*
 * Take `text` apart, lines of CRLF on loan for the life of
 * `out`. OST_CORRUPT: it is not whole; OST_LIMIT: above 1,000 entities, or
 * 20 in one another.
 */
enum ost_status skeleton_parse(struct skeleton *out, struct span text,
			       struct ost_error *err);
void skeleton_free(struct skeleton *s);

/* The header and the body of a part. */
struct span skeleton_header_of(const struct skeleton *s, size_t index);
struct span skeleton_body_of(const struct skeleton *s, size_t index);

/*
 * True if no line of `text` ends one of the multiparts that part `index` is
 * in, were it the body of that part.
 */
bool skeleton_fits(const struct skeleton *s, size_t index, struct span text);

/* Append the id by which a part is known; nothing when it has none. */
void skeleton_id(const struct skeleton *s, size_t index, struct buf *out,
		 bool *promoted);

/*
 * Append text as bytes in a charset, "" being us-ascii.
 * False, with nothing appended, when it does not go into it.
 */
bool skeleton_encode(struct span utf8, struct span charset, struct buf *out);

#endif
