/*
 * vcard.h - private: contacts and distribution lists as vCards
 *
 * [MS-OXOCNTC] to RFC 2426 (contacts, version 3.0) and RFC 6350 (groups,
 * version 4.0, for 3.0 has none). Only errors that are not the store's are
 * returned: what cannot be read is left out and noted, and the codes stand
 * in X-OST-NOTE.
 */
#ifndef OST_MAIL_VCARD_H
#define OST_MAIL_VCARD_H

#include "mail/text/contentline.h"
#include "mail/text/notes.h"
#include "store/store.h"

/*
 * Append the vCard of a contact. Its picture is in it; other attachments are
 * named, with NOTE_ATTACH_BESIDE.
 */
enum ost_status vcard_contact(struct store_object *item, struct buf *out,
			      struct notes *notes, struct ost_error *err);

/* Append the vCard of a distribution list [MS-OXOCNTC] 2.2.2. */
enum ost_status vcard_group(struct store_object *item, struct buf *out,
			    struct notes *notes, struct ost_error *err);

/*
 * Between the files of vcard*.c
 */

/* A vCard while it is written. */
struct vcard {
	struct store_object *item;
	struct ical_lines lines;
	struct notes *notes;
	struct ost_error *err;
	enum ost_status st; /* the first failure; the rest is then left out */
};

/* Where a value is: a property, else a named one of PSETID_Address; 0: no. */
struct vcard_from {
	uint16_t id;
	uint16_t lid;
};

/* The number of a property of PSETID_Address. */
uint16_t vcard_lid(const struct vcard *v, uint16_t lid);

/*
 * Append a text, without blanks at its ends; nothing when it is not there.
 * vcard_get() keeps its lines apart, vcard_get_line() makes them one.
 */
void vcard_get(struct vcard *v, struct vcard_from from, struct buf *out);
void vcard_get_line(struct vcard *v, struct vcard_from from, struct buf *out);

/* Write a text; nothing when it is not there. `name` has its parameters. */
void vcard_text(struct vcard *v, const char *name, struct vcard_from from);

/*
 * Give each value of a list (a property of texts or bytes) to `take`, with
 * `name`. Lists over 256 KiB or 1,000 values are cut, and noted.
 */
typedef void vcard_take(struct vcard *v, const char *name, struct span value);
void vcard_each(struct vcard *v, uint16_t id, const char *name,
		vcard_take *take);

/* Keep the first failure. True when there was none. */
bool vcard_ok(struct vcard *v, enum ost_status st);

/* Append "urn:uuid:" and 16 bytes that are the card's alone, the same ever. */
void vcard_uid(struct store_object *item, struct buf *out);

/* What the cards of contacts and groups have in common. */
void vcard_begin(struct vcard *v, const char *version);
void vcard_end(struct vcard *v);

/* vcard_email.c: the addresses of a contact. */
void vcard_emails(struct vcard *v);

/* vcard_parts.c: its certificates; its attachments, one its picture. */
void vcard_keys(struct vcard *v);
void vcard_attachments(struct vcard *v, bool photo);

#endif
