/*
 * json.h - JSON as it is made: RFC 8259, in UTF-8
 *
 * Appended to a buf, which remembers when memory runs out: ask it at the end.
 * It may be another buf each time: the JSON has no memory of what was written.
 * Every `key` is NULL inside an array.
 */
#ifndef OST_JSON_H
#define OST_JSON_H

#include "bytes/buf.h"

struct json {
	struct buf *to;
	unsigned depth;
	unsigned flat; /* levels that are kept on one line */
	bool more;     /* something stands before: a comma is due */
};

/* Begin an object or array; the _flat ones stay on one line. */
void json_object(struct json *j, const char *key);
void json_object_flat(struct json *j, const char *key);
void json_array(struct json *j, const char *key);
void json_array_flat(struct json *j, const char *key);

/* End the innermost one, begun by the matching call. */
void json_object_end(struct json *j);
void json_array_end(struct json *j);

/*
 * A string. Bytes that are not UTF-8 become U+FFFD; what moves the cursor of a
 * terminal, or ends a line in JavaScript, is escaped.
 */
void json_text(struct json *j, const char *key, struct span text);
void json_str(struct json *j, const char *key, const char *text);

/* A short value already in JSON, printf-style: a number, true, null. */
void json_raw(struct json *j, const char *key, const char *format, ...)
	OST_PRINTF(3, 4);
void json_bool(struct json *j, const char *key, bool value);

/*
 * A string that the caller writes: what goes between its quotes, escaped where
 * need be, is appended between the two calls.
 */
void json_string_begin(struct json *j, const char *key);
void json_string_end(struct json *j);

/* End the document with a line feed. */
void json_finish(struct json *j);

#endif
