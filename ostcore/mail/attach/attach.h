/*
 * attach.h - private: one attachment of a message, as parts and files see it
 */
#ifndef OST_MAIL_ATTACH_H
#define OST_MAIL_ATTACH_H

#include "mail/attach/kind.h"
#include "mail/item/class.h"
#include "mail/text/notes.h"

#define ATTACH_NO_POSITION UINT32_MAX /* of PidTagRenderingPosition */

struct attach {
	enum mail_attachment_kind kind;
	enum form form; /* MAIL_MESSAGE: what the item in it becomes */
	size_t index;	/* in the message's table */
	uint32_t nid;	/* 0: not even that can be read */
	uint32_t method;
	uint32_t position; /* in RTF, in order; ATTACH_NO_POSITION: none */
	struct store_object *object; /* owned; NULL: it cannot be read */
	struct store_prop data;	     /* MAIL_FILE: its bytes */
	uint64_t declared;	     /* bytes the store says there are, or 0 */
	bool damaged;		     /* something of it cannot be read */
	bool hidden;		     /* it says not to list it */
	bool in_body;	  /* the HTML body refers to it; set by message.c */
	bool in_place;	  /* that was made of RTF: by attach_place_id() */
	struct buf name;  /* UTF-8, never empty, with its kind's ending */
	struct buf type;  /* MIME type of its file */
	struct buf tag;	  /* the stored type, when `type` is another */
	struct buf path;  /* MAIL_LINK: where the store says the data is */
	struct buf text;  /* a message/... file to be shown, not encoded */
	bool made;	  /* of the object stored in its place; no `object` */
	struct buf bytes; /* the file that was made; its size is in `data` */
};

/*
 * Read attachment `index` of `item`. What is damaged makes it MAIL_MISSING
 * and is noted. OST_NOT_FOUND past the last, else only errors that are not
 * the store's: OST_IO, OST_NO_MEMORY, OST_BUG.
 */
enum ost_status attach_open(struct attach *out, struct store_object *item,
			    size_t index, struct notes *notes,
			    struct ost_error *err);
void attach_close(struct attach *a);

/* All attachments of a message. */
struct attach_list {
	struct attach *all;
	size_t count, cap;
};

enum ost_status attach_list_open(struct attach_list *out,
				 struct store_object *item, struct notes *notes,
				 struct ost_error *err);
void attach_list_close(struct attach_list *list);

/* Append `a`, which the list then owns, even on failure. */
enum ost_status attach_list_add(struct attach_list *list, struct attach *a,
				struct ost_error *err);

/* Show the item in a MAIL_MESSAGE as `form`, FORM_MAIL or FORM_ALL_TEXT. */
void attach_as(struct attach *a, enum form form);

/* The message in a MAIL_MESSAGE. `*out` is owned. */
enum ost_status attach_message(const struct attach *a,
			       struct store_object **out,
			       struct ost_error *err);

/* Append its Content-ID, without the <>; nothing when it has none. */
void attach_content_id(const struct attach *a, struct buf *out);

/*
 * Append the Content-ID by which HTML that is made of RTF shows it: its own,
 * or one by its place in the message.
 */
void attach_place_id(const struct attach *a, struct buf *out);

/* Append the file of a MAIL_LINK: an Internet shortcut. */
void attach_link(const struct attach *a, struct buf *out);

/* Append the file of a MAIL_MISSING: what is missing. */
void attach_missing(const struct attach *a, struct buf *out);

/* Append the file that stands for one that lies beside the mail. */
void attach_beside(const struct attach *a, struct buf *out);

/*
 * names.c
 */

/*
 * Set the name of `a`, but for its kind's ending: the stored names, in the
 * order of [MS-OXCMSG] 2.2.2, made one path component.
 */
void attach_set_name(struct attach *a, struct store_object *embedded,
		     struct notes *notes);

/* Append `raw` as one path component; nothing if nothing is left of it. */
void attach_put_name(struct buf *out, struct span raw);

/* Give the name the ending of its kind, and an extension if it has none. */
void attach_end_name(struct attach *a, const char *suffix);

/*
 * types.c
 */

/* Set `type`, and `tag` and `text` where they apply, of a MAIL_FILE. */
enum ost_status attach_set_type(struct attach *a, struct ost_error *err);

/* The extension (no dot) of files of MIME type `type`; NULL if unknown. */
const char *type_extension(const char *type);

/* The MIME type of files with `extension` (no dot); NULL if unknown. */
const char *type_of_extension(const char *extension);

#endif
