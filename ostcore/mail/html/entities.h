/*
 * entities.h - private: the named characters of HTML
 */
#ifndef OST_MAIL_ENTITIES_H
#define OST_MAIL_ENTITIES_H

#include "bytes/bytes.h"

/*
 * What the name at the front of `in`, which follows an "&", stands for, as
 * UTF-8; NULL: it is none. `*len` is how long it is, with its semicolon.
 */
const char *entity_named(struct span in, size_t *len);

#endif
