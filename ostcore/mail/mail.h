/*
 * mail.h - an item or an attachment as a file whose every byte has a place
 *
 * A file is planned, not rendered: a list of pieces, each either text held in
 * memory or a property still in the store. The plan gives the exact size at
 * once, and any byte range without rendering what comes before it. The same
 * store and object always give the same bytes. Knows what properties mean;
 * knows nothing of directories.
 */
#ifndef OST_MAIL_H
#define OST_MAIL_H

#include "store/store.h"

struct mail; /* a plan; never changes once made, so threads may share it */

/* What of a message's attachments goes into its .eml. */
enum mail_inside {
	MAIL_ALL_INSIDE, /* as MIME parts */
	MAIL_BESIDE,	 /* a part in its place names the file beside it */
};

/* What becomes of items that are no mail: contacts, events, notes. */
enum mail_items {
	MAIL_ITEMS_NATIVE, /* a vCard, iCalendar or text file */
	MAIL_ITEMS_EML,	   /* a mail, with that file as an attachment */
};

struct mail_options {
	enum mail_inside inside;
	enum mail_items items;
};

/*
 * WHO IS WHO. Exchange names people by X.500 names. An item that has nothing
 * else of someone is given the address that the user's own directory has for
 * that name, or else one that other items of the store have beside it.
 */
struct mail_addrmap; /* a directory; never changes, so threads may share it */

/*
 * Read a directory exported as LDIF or CSV (addrmap.h says what of it).
 * `*out` is owned. OST_CANNOT_OPEN, OST_LIMIT, OST_CORRUPT: no line of it is
 * of use; `err` names the line and what to do about it.
 */
enum ost_status mail_addrmap_read(struct mail_addrmap **out, const char *path,
				  struct ost_error *err);
void mail_addrmap_free(struct mail_addrmap *m); /* NULL is fine */

/* How many people are in it by an X.500 name. */
size_t mail_addrmap_count(const struct mail_addrmap *m);

/* One line for a person on what of it was left out, and why; "": nothing. */
const char *mail_addrmap_left_out(const struct mail_addrmap *m);

/*
 * Have the items of `store` look in `given` (NULL: none), which must outlive
 * it, and in each other. Call once, before anything is planned; without it
 * they do neither. Costs nothing until an address is first looked for: then
 * all items of the store are read, once, whatever thread asks. What they have
 * is kept up to 16 MiB, until the store is closed.
 */
enum ost_status mail_directory_open(struct store *store,
				    const struct mail_addrmap *given,
				    struct ost_error *err);

/*
 * Plan the file of `item` (a message object, not a row), which the mail then
 * owns, even on failure. OST_LIMIT: nested or long beyond our caps. Damage
 * inside costs its part and is noted in the mail.
 */
enum ost_status mail_plan(struct mail **out, struct store_object *item,
			  const struct mail_options *options,
			  struct ost_error *err);

/*
 * Plan every property of `item`, a folder, message, attachment or the store
 * object, as JSON in the form that ostfs(5) gives; the mail owns `item` from
 * then on, even on failure. What cannot be read has an "error" in its place,
 * and is in mail_notes(). A value that can be read now may not be later.
 */
enum ost_status mail_plan_properties(struct mail **out,
				     struct store_object *item,
				     struct ost_error *err);

/* Bytes in the file, exactly: what stat(2) reports. */
uint64_t mail_size(const struct mail *m);

/*
 * Read up to `want` bytes from byte `off` of the file into `buf`.
 * `*got` falls short only at the end, and is 0 from there on.
 */
enum ost_status mail_read(const struct mail *m, uint64_t off, void *buf,
			  size_t want, size_t *got, struct ost_error *err);

/*
 * What was degraded in it and in the messages inside it: note codes,
 * comma-separated, "" when nothing was.
 */
const char *mail_notes(const struct mail *m);

/* The next of such codes, on loan from `*codes`; false: there is no more. */
bool mail_note_next(const char **codes, struct span *code);

/* What a note code means, for people; "" for one that there is not. */
const char *mail_note_meaning(struct span code);

void mail_free(struct mail *m); /* NULL is fine */

/*
 * Bytes of memory that the plan takes: it holds the texts, but no attachment.
 * Of each object in the store that it reads later an estimate is in it.
 */
size_t mail_memory(const struct mail *m);

/* What becomes of the items of a message class, and how they are named. */
struct mail_kind {
	const char *suffix; /* of the file, e.g. ".eml" */
	bool undated;	    /* by name alone: a contact, task or note */
	bool appointment;   /* by its start: see mail_when() */
};
struct mail_kind mail_kind_of(struct span class,
			      const struct mail_options *options);

/*
 * The attachments of a message, as its directory shows them.
 */
enum mail_attachment_kind {
	MAIL_FILE,    /* bytes in the store */
	MAIL_MESSAGE, /* an embedded message: an item of its own */
	MAIL_LINK,    /* a path or URL only: a .url file */
	MAIL_MISSING, /* declared, but its data is not in the store */
};

struct mail_attachment {
	enum mail_attachment_kind kind;
	uint32_t nid; /* unique in its message */
	const char
		*name; /* UTF-8 with extension, not yet safe as a file name */
};

struct mail_attachments; /* fixed once read, so threads may share it */

/*
 * The attachments of `item`, on loan during the call. An attachment that
 * cannot be read is listed as MAIL_MISSING.
 */
enum ost_status mail_attachments_open(struct mail_attachments **out,
				      struct store_object *item,
				      const struct mail_options *options,
				      struct ost_error *err);
size_t mail_attachments_count(const struct mail_attachments *a);
/* On loan for the life of `a`. */
const struct mail_attachment *
mail_attachment_at(const struct mail_attachments *a, size_t index);
void mail_attachments_close(struct mail_attachments *a); /* NULL is fine */

/*
 * True if `item` has one attachment or more; reads as little as it can: a row
 * is believed, a message is asked for its first.
 */
bool mail_has_attachments(struct store_object *item);

/*
 * Attachment `index` of `item` (on loan) as a file of its own: stored bytes,
 * the .url, or the text that says what is missing; for MAIL_MESSAGE, the file
 * of the item in it.
 */
enum ost_status mail_plan_attachment(struct mail **out,
				     struct store_object *item, size_t index,
				     const struct mail_options *options,
				     struct ost_error *err);

/* The message inside attachment `index` of `item`. `*message` is owned. */
enum ost_status mail_embedded(struct store_object *item, size_t index,
			      struct store_object **message,
			      struct ost_error *err);

/* MIME type of the file of attachment `index`; "" when it has none stored. */
enum ost_status mail_attachment_type(struct store_object *item, size_t index,
				     const struct mail_options *options,
				     struct buf *out, struct ost_error *err);

/*
 * What a listing shows of an item: facts that are cheap and do not need the
 * plan. Each appends UTF-8 to `out`, and nothing when the item lacks it.
 * `item` may be a row.
 */
enum mail_fact {
	MAIL_SUBJECT,	 /* without the U+0001 mark, one line */
	MAIL_FROM_NAME,	 /* display name of the author, else the address */
	MAIL_FROM,	 /* "Name <addr>", resolved; item, not row */
	MAIL_TO,	 /* the same, comma-separated */
	MAIL_MESSAGE_ID, /* as the mail has it, with <> */
	MAIL_DATE,	 /* RFC 3339, UTC: of mail_when() */
	MAIL_FLAGS, /* of "read draft answered forwarded flagged deleted" */
	MAIL_CATEGORIES, /* comma-separated */
	MAIL_CLASS,	 /* message class; "IPM.Note" when absent */
	MAIL_COLOR,	 /* of a note: "yellow" */
	MAIL_GEOMETRY,	 /* of a note: "WIDTHxHEIGHT+X+Y", in pixels */
};
enum ost_status mail_fact(struct store_object *item, enum mail_fact fact,
			  struct buf *out, struct ost_error *err);

/*
 * When an item came to be: delivered, else submitted, else created, as
 * seconds since 1970 with nanoseconds. False: none.
 */
bool mail_time(struct store_object *item, int64_t *sec, uint32_t *nsec);

/*
 * The time an item is named by: the start of an appointment, which a row need
 * not know; else as mail_time().
 */
bool mail_when(struct store_object *item, int64_t *sec, uint32_t *nsec);

/* Last modification (0x3008). False: none. */
bool mail_changed(struct store_object *item, int64_t *sec, uint32_t *nsec);

#endif
