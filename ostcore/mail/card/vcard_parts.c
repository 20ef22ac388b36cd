/*
 * vcard_parts.c - what a contact has that is not text
 */
#include <inttypes.h>
#include <stdio.h>

#include "mail/attach/attach.h"
#include "mail/attach/sniff.h"
#include "mail/card/vcard.h"
#include "mail/text/chars.h"
#include "mail/text/encode.h"
#include "mail/text/value.h"

enum {
	PHOTO_MAX = 8 << 20, /* bytes; a larger one stays beside the card */
};

enum { TAG_USER_CERTIFICATES = 0x3A70 };

static void put_base64(struct vcard *v, const char *name, struct span bytes)
{
	struct buf text = { 0 };

	encode_base64_run(&text, bytes);
	ical_name(&v->lines, name);
	ical_value(&v->lines, buf_span(&text));
	v->lines.out->bad |= text.bad;
	buf_free(&text);
}

/*
 * Certificates
 */

/*
 * The certificate in settings of tag, length and data [MS-OXOABK] 2.2.4.36:
 * the one mail is encrypted with, else the one it is signed with.
 */
static struct span certificate_in(struct span all)
{
	enum { SETTING_HEAD = 4, KEY_EXCHANGE = 3, SIGN = 8 };
	struct span exchange = { NULL, 0 }, sign = { NULL, 0 };
	struct cursor c = cur_at(all, 0);

	while (c.rest.len > 0 && cur_ok(&c)) {
		const uint16_t tag = cur_u16(&c);
		const uint16_t len = cur_u16(&c);

		if (len < SETTING_HEAD)
			break;
		const struct span data = cur_span(&c, len - SETTING_HEAD);
		if (tag == KEY_EXCHANGE)
			exchange = data;
		if (tag == SIGN)
			sign = data;
	}
	return exchange.len > 0 ? exchange : sign;
}

static void put_key(struct vcard *v, const char *name, struct span bytes)
{
	enum { DER_SEQUENCE = 0x30 };
	struct span der = bytes;

	if (bytes.len == 0)
		return;
	if (bytes.at[0] != DER_SEQUENCE)
		der = certificate_in(bytes);
	if (der.len > 0)
		put_base64(v, name, der);
	else
		put_base64(v, "X-MS-CERTIFICATE;ENCODING=b", bytes);
}

void vcard_keys(struct vcard *v)
{
	vcard_each(v, TAG_USER_CERTIFICATES, "KEY;TYPE=X509;ENCODING=b",
		   put_key);
}

/*
 * Attachments
 */

/* The picture: flagged as one, or with the name that Outlook gives it. */
static bool is_photo(const struct attach *a)
{
	if (a->kind != MAIL_FILE || a->data.size == 0 ||
	    a->data.size > PHOTO_MAX)
		return false;
	return store_number(a->object, MAPI_ATTACHMENT_CONTACT_PHOTO, 0) != 0 ||
	       chars_same(buf_span(&a->name), chars_of("ContactPicture.jpg"));
}

/* Append "PHOTO;ENCODING=b;TYPE=JPEG", by the bytes of the picture. */
static void put_photo_name(const struct attach *a, const struct buf *bytes,
			   struct buf *out)
{
	enum { HEAD_MAX = 4 << 10 };
	const struct span image = chars_of("image/");
	struct buf type = { 0 };
	struct span kind;

	if (!sniff_type(chars_first(buf_span(bytes), HEAD_MAX), &type) ||
	    !chars_begin(buf_span(&type), "image/")) {
		buf_cut(&type, 0);
		buf_str(&type, buf_text(&a->type));
	}
	buf_str(out, "PHOTO;ENCODING=b");
	kind = chars_from(buf_span(&type), image.len);
	if (chars_begin(buf_span(&type), "image/") && kind.len > 0)
		buf_str(out, ";TYPE=");
	else
		kind.len = 0;
	for (size_t i = 0; i < kind.len; i++)
		buf_byte(out,
			 (char)(chars_letter(kind.at[i]) ? kind.at[i] & ~0x20
							 : kind.at[i]));
	out->bad |= type.bad;
	buf_free(&type);
}

/* False when it cannot be read. */
static bool put_photo(struct vcard *v, const struct attach *a)
{
	struct buf bytes = { 0 }, name = { 0 };
	const enum ost_status st =
		store_bytes(a->object, a->data.id, PHOTO_MAX, &bytes, v->err);

	if (ost_is_internal(st))
		vcard_ok(v, st);
	if (st == OST_OK) {
		put_photo_name(a, &bytes, &name);
		put_base64(v, buf_text(&name), buf_span(&bytes));
	}
	v->lines.out->bad |= name.bad;
	buf_free(&bytes);
	buf_free(&name);
	return st == OST_OK;
}

static void put_other(struct vcard *v, const struct attach *a)
{
	char name[64] = "X-OST-ATTACHMENT";

	if (a->kind == MAIL_FILE)
		snprintf(name, sizeof(name), "X-OST-ATTACHMENT;X-SIZE=%" PRIu64,
			 a->data.size);
	ical_text_line(&v->lines, name, buf_span(&a->name));
	note_add(v->notes, NOTE_ATTACH_BESIDE);
}

void vcard_attachments(struct vcard *v, bool photo)
{
	struct attach_list list = { 0 };

	if (v->st != OST_OK ||
	    !vcard_ok(v, attach_list_open(&list, v->item, v->notes, v->err)))
		return;
	for (size_t i = 0; i < list.count; i++) {
		const struct attach *a = &list.all[i];

		if (photo && is_photo(a) && put_photo(v, a))
			photo = false; /* there is one only */
		else
			put_other(v, a);
	}
	attach_list_close(&list);
}
