/*
 * vcard_email.c - the addresses of a contact [MS-OXOCNTC] 2.2.1.2
 */
#include "mail/address/address.h"
#include "mail/address/entryid.h"
#include "mail/card/vcard.h"
#include "mail/text/chars.h"
#include "mail/text/value.h"

enum { EMAILS = 3, EMAIL_STEP = 0x10 };

/* PidLidEmail1DisplayName and its like; those of 2 and 3 are EMAIL_STEP on. */
enum {
	LID_DISPLAY = 0x8080,
	LID_TYPE = 0x8082,
	LID_ADDRESS = 0x8083,
	LID_ORIGINAL_DISPLAY = 0x8084,
	LID_ORIGINAL_ENTRYID = 0x8085,
};

struct email {
	struct buf display, type, address, original;
	struct buf id; /* entry id */
};

static void read_email(struct vcard *v, unsigned slot, struct email *e)
{
	const uint16_t step = (uint16_t)(slot * EMAIL_STEP);
	const struct {
		uint16_t lid;
		struct buf *out;
	} texts[] = {
		{ LID_DISPLAY, &e->display },
		{ LID_TYPE, &e->type },
		{ LID_ADDRESS, &e->address },
		{ LID_ORIGINAL_DISPLAY, &e->original },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		vcard_get_line(v,
			       (struct vcard_from){
				       .lid = (uint16_t)(texts[i].lid + step) },
			       texts[i].out);
	if (v->st == OST_OK)
		vcard_ok(v,
			 value_bytes(v->item,
				     vcard_lid(v, LID_ORIGINAL_ENTRYID + step),
				     &e->id, v->notes, v->err));
}

static void free_email(struct vcard *v, struct email *e)
{
	struct buf *all[] = { &e->display, &e->type, &e->address, &e->original,
			      &e->id };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		v->lines.out->bad |= all[i]->bad;
		buf_free(all[i]);
	}
}

/*
 * The address: as stored; of Exchange's, the one it shows for it; else one
 * made of what it is.
 */
static void resolve(struct vcard *v, const struct email *e, struct address *out)
{
	const struct span texts[] = { buf_span(&e->address),
				      buf_span(&e->original),
				      buf_span(&e->display) };
	struct span smtp;

	*out = (struct address){ 0 };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (out->addr.len == 0 && entryid_smtp_shown(texts[i], &smtp))
			buf_add(&out->addr, smtp.at, smtp.len);
	if (v->st != OST_OK || out->addr.len > 0)
		return;
	if (e->id.len > 0)
		vcard_ok(v, address_of_entryid(v->item, buf_span(&e->id),
					       buf_span(&e->display), out,
					       v->notes, v->err));
	if (v->st != OST_OK || e->address.len == 0 ||
	    (out->addr.len > 0 && !out->imcea))
		return;
	address_free(out);
	vcard_ok(v, address_of_other(v->item, buf_span(&e->type),
				     buf_span(&e->address), out, v->notes,
				     v->err));
}

/* Does the name say more than the address does? */
static bool says_more(struct span display, const struct address *a)
{
	struct span smtp;

	if (display.len == 0 || chars_same(display, buf_span(&a->addr)))
		return false;
	return !entryid_smtp(display, &smtp) ||
	       !chars_same(smtp, buf_span(&a->addr));
}

static bool put_email(struct vcard *v, const struct email *e, bool first)
{
	struct address a;
	bool any;

	resolve(v, e, &a);
	any = a.addr.len > 0;
	if (any)
		ical_text_line(&v->lines,
			       first ? "EMAIL;TYPE=INTERNET,PREF"
				     : "EMAIL;TYPE=INTERNET",
			       buf_span(&a.addr));
	if (says_more(buf_span(&e->display), &a))
		ical_text_line(&v->lines, "X-MS-EMAIL-DISPLAY",
			       buf_span(&e->display));
	if (a.imcea)
		ical_text_line(&v->lines, "X-MS-EMAIL-ORIGINAL",
			       buf_span(&e->address));
	v->lines.out->bad |= a.addr.bad || a.name.bad;
	address_free(&a);
	return any;
}

/* An address book entry has one in the place of the three. */
static void put_entry(struct vcard *v)
{
	const uint16_t ids[] = { MAPI_SMTP_ADDRESS, MAPI_EMAIL_ADDRESS };

	for (size_t i = 0; i < 2; i++) {
		struct buf text = { 0 };
		struct span smtp;
		bool is = false;

		vcard_get_line(v, (struct vcard_from){ .id = ids[i] }, &text);
		is = entryid_smtp(buf_span(&text), &smtp);
		if (is)
			ical_text_line(&v->lines, "EMAIL;TYPE=INTERNET,PREF",
				       smtp);
		v->lines.out->bad |= text.bad;
		buf_free(&text);
		if (is)
			return;
	}
}

void vcard_emails(struct vcard *v)
{
	bool any = false;

	for (unsigned slot = 0; slot < EMAILS; slot++) {
		struct email e = { 0 };

		read_email(v, slot, &e);
		any |= put_email(v, &e, !any);
		free_email(v, &e);
	}
	if (!any)
		put_entry(v);
}
