/*
 * entity.h - private: MIME entities that came as text (RFC 2045, 2046)
 */
#ifndef OST_MAIL_ENTITY_H
#define OST_MAIL_ENTITY_H

#include "bytes/buf.h"

/*
 * Where the body of the entity `text` starts, after its empty line, be its
 * lines CRLF or LF; 0: its header does not end.
 */
size_t entity_body(struct span text);

/*
 * May these lines stand in a header as they are: fields in lines of CRLF, of
 * at most 998 ASCII characters, and no empty line?
 */
bool entity_sound(struct span header);

/* Append parameter `name` of a Content-Type; nothing when it has none. */
void entity_parameter(struct span type, const char *name, struct buf *out);

/* True if `line` is "--" and `boundary`, and nothing but blanks after it. */
bool entity_delimits(struct span line, struct span boundary, bool *last);

/*
 * Append the content of a body with this Content-Transfer-Encoding ("": none)
 * decoded. What is not in the encoding is passed over.
 */
void entity_decode(struct span body, struct span encoding, struct buf *out);

#endif
