/*
 * mime.h - private: entities laid out as pieces (RFC 2045, 2046)
 *
 * Parts are written front to back. Where a header depends on what is below
 * it, as a multipart's transfer encoding does, it goes to a slot kept for it.
 */
#ifndef OST_MAIL_MIME_H
#define OST_MAIL_MIME_H

#include "mail/attach/attach.h"
#include "mail/item/class.h"
#include "mail/plan/boundary.h"
#include "mail/plan/piece.h"
#include "mail/text/notes.h"

/* A mail that is being laid out. */
struct mime {
	struct pieces *pieces;
	struct boundaries *boundaries;
	const struct mail_options *options;
	unsigned depth;	    /* of the message that is laid out, from 1 */
	struct notes notes; /* of all messages in it */
};

/* What an entity's lines are: those around it must not promise less. */
enum mime_lines { MIME_7BIT, MIME_8BIT };

static inline enum mime_lines mime_worse(enum mime_lines a, enum mime_lines b)
{
	return a > b ? a : b;
}

/*
 * The message an entity is the whole body of: the fields that go before and
 * after those of the entity. NULL in its place: the entity is a part.
 */
struct mime_top {
	struct store_object *item;
	struct span header;
	const struct notes *notes;
};

/* Write the header's end: an empty line, after the last fields of `top`. */
void mime_header_end(struct mime *m, const struct mime_top *top);

/*
 * A text entity: `text` is UTF-8, sent as it is where its lines allow, else
 * encoded. `fields` are further header lines.
 */
enum mime_lines mime_text(struct mime *m, const struct mime_top *top,
			  const char *type, struct span fields,
			  struct span text);

/*
 * A multipart: opened, then mime_part() before each part, then closed. The
 * parts' lines go to `lines`.
 */
struct mime_multi {
	size_t slot;
	uint32_t boundary;
	bool any;
	enum mime_lines lines;
};
void mime_open(struct mime *m, struct mime_multi *multi);
void mime_part(struct mime *m, struct mime_multi *multi);
/* `subtype` may carry parameters: `related; type="text/html"`. */
void mime_close(struct mime *m, const struct mime_multi *multi,
		const struct mime_top *top, const char *subtype);

/*
 * part.c: an attachment as a part, at its place in its message. What it needs
 * of `a` to be read later, the pieces then own.
 */
enum ost_status mime_attachment(struct mime *m, struct attach *a,
				struct notes *notes, enum mime_lines *lines,
				struct ost_error *err);

/*
 * Is there no room for more attachments? They lie beside the mail, then, which
 * is noted.
 */
bool mime_full(const struct mime *m, struct notes *notes);

/*
 * message.c: `item`, which is owned from here on, as a message with its
 * header. `*lines` are those of all of it.
 */
enum ost_status mime_message(struct mime *m, struct store_object *item,
			     enum mime_lines *lines, struct ost_error *err);

#endif
