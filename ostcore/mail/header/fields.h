/*
 * fields.h - private: the fields a header is made of, one row each
 */
#ifndef OST_MAIL_FIELDS_H
#define OST_MAIL_FIELDS_H

#include "mail/address/recipients.h"
#include "mail/rfc822/transport.h"

/* The name of a field that was written. */
struct header_name {
	uint32_t key; /* of its length and three of its letters */
	uint32_t at;  /* in the header */
};

/* A header while it is written. */
struct header {
	struct store_object *item;
	struct buf *out;
	size_t start;		   /* where the header begins in `out` */
	size_t noted;		   /* how much of it is in `names` */
	struct header_name *names; /* owned */
	size_t name_count;
	uint64_t keys[4]; /* a bit for each of the keys: most are looked for,
			     and are not there */
	bool report;	  /* REPORT.*: its recipients are those it is about */
	struct buf class;
	struct address from, sender; /* `from` is never empty */
	struct recipients recipients;
	struct notes *notes;
	struct ost_error *err;
};

/* Read what several fields need. */
enum ost_status header_open(struct header *h, struct store_object *item,
			    struct buf *out, struct notes *notes,
			    struct ost_error *err);
void header_close(struct header *h);

/* The first field of this name. False: there is none. */
bool header_find(struct header *h, struct span name,
		 struct transport_field *out);

/* True if the header has a field of this name already. */
bool header_has(struct header *h, const char *name);

/*
 * A field that is generated. `put` appends it, or nothing when the store has
 * nothing to say; it is not called when the header has `name` already.
 */
struct field {
	const char *name;
	enum ost_status (*put)(struct header *h, const struct field *f);
	uint16_t id; /* a property, or the number of a named one */
};

extern const struct field fields[]; /* in the order they are written */
extern const size_t fields_count;

/* Those about people: people.c */
enum ost_status put_from(struct header *h, const struct field *f);
enum ost_status put_sender(struct header *h, const struct field *f);
enum ost_status put_reply_to(struct header *h, const struct field *f);
enum ost_status put_to(struct header *h, const struct field *f);
enum ost_status put_recipients(struct header *h, const struct field *f);
enum ost_status put_receipt_to(struct header *h, const struct field *f);
enum ost_status put_return_path(struct header *h, const struct field *f);

/* Append X-Ost-Recipient for all that To, Cc and Bcc do not hold. */
enum ost_status put_missing_recipients(struct header *h);

#endif
