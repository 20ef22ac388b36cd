/*
 * json.h - JSON written as it is made, so no value need be in memory
 *
 * Write failures are the FILE's own to remember: ask ferror(3) at the end.
 * Every `key` is NULL inside an array.
 */
#ifndef OST_JSON_H
#define OST_JSON_H

#include <stdio.h>

#include "bytes/buf.h"

struct json {
	FILE *to;
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

/* A string. Bytes that are not UTF-8 become U+FFFD. */
void json_text(struct json *j, const char *key, struct span text);
void json_str(struct json *j, const char *key, const char *text);

/* A value already in JSON, printf-style: a number, true, null. */
void json_raw(struct json *j, const char *key, const char *format, ...)
	OST_PRINTF(3, 4);
void json_bool(struct json *j, const char *key, bool value);

/*
 * A string of base64 in pieces. All but the last piece must be a multiple of
 * three bytes.
 */
void json_base64_begin(struct json *j, const char *key);
void json_base64(struct json *j, struct span bytes);
void json_base64_end(struct json *j);

/* End the document with a line feed. */
void json_finish(struct json *j);

#endif
