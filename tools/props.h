/*
 * props.h - every property of an object, as JSON
 */
#ifndef OST_PROPS_H
#define OST_PROPS_H

#include "json.h"
#include "store/store.h"

/*
 * Write `o` (on loan) as a JSON object: its properties and, of a message, its
 * recipients and attachments, with the messages in those. Nothing is left
 * out; a large value is written as it is read. What cannot be read has an
 * "error" in its place, and `*damaged` counts those.
 */
void props_write(struct json *j, struct store_object *o, uint64_t *damaged);

#endif
