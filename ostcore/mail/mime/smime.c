/*
 * smime.c - signed and encrypted messages, byte for byte
 *							[MS-OXOSMIME], RFC 8551
 *
 * Such a message is kept as one attachment that is all of it: a CMS object,
 * or a multipart/signed entity with its header. A signature holds only when
 * no byte of what was signed is changed, so the attachment becomes the mail,
 * and the bodies, which are copies made of it, are left out.
 */
#include "mail/attach/cms.h"
#include "mail/mime/message.h"
#include "mail/rfc822/entity.h"
#include "mail/rfc822/scan.h"
#include "mail/rfc822/transport.h"
#include "mail/text/chars.h"
#include "mail/text/encode.h"
#include "mail/text/value.h"

enum { HEAD_MAX = 64 << 10 };

/*
 * Opaque: a CMS object
 */

/* The type it came with, if that says what it is; else one made up. */
static void put_opaque_type(struct message *msg, const char *smime_type,
			    struct buf *out)
{
	const char *name = strcmp(smime_type, "compressed-data") == 0
				   ? "smime.p7z"
				   : "smime.p7m";
	struct buf stored = { 0 };

	message_stored_type(msg, &stored);
	if (chars_begin(buf_span(&stored), "application/pkcs7-mime") ||
	    chars_begin(buf_span(&stored), "application/x-pkcs7-mime"))
		encode_folded(out, "Content-Type", buf_span(&stored));
	else
		buf_printf(out,
			   "Content-Type: application/pkcs7-mime;\r\n"
			   " smime-type=%s; name=\"%s\"\r\n",
			   smime_type, name);
	buf_printf(out,
		   "Content-Transfer-Encoding: base64\r\n"
		   "Content-Disposition: attachment; filename=\"%s\"\r\n",
		   name);
	out->bad = out->bad || stored.bad;
	buf_free(&stored);
}

/* The pieces read the data of `a` from here on. */
static void keep(struct mime *m, struct attach *a)
{
	pieces_own(m->pieces, a->object);
	a->object = NULL;
}

static void put_opaque(struct mime *m, struct message *msg,
		       const char *smime_type)
{
	struct buf *out = pieces_out(m->pieces);
	struct attach *a = &msg->list.all[0];

	message_keep_bogus(msg);

	const struct mime_top top = message_top(msg);
	buf_add(out, msg->header.at, msg->header.len);
	put_opaque_type(msg, smime_type, out);
	mime_header_end(m, &top);
	pieces_prop(m->pieces, a->object, &a->data, true);
	keep(m, a);
}

/*
 * Clear-signed: an entity with its own header
 */

static bool is_signed_type(struct span value)
{
	return chars_begin(chars_trim(value), "multipart/signed");
}

/*
 * Append the fields of the clear-signed entity that starts with `head`, each
 * with its CRLF, and set `*from` to where its body starts. False: it is none.
 */
static bool signed_fields(struct message *msg, struct span head,
			  struct buf *fields, size_t *from)
{
	struct transport_field type;
	struct buf stored = { 0 };
	bool found = false;

	if (chars_begin(head, "--")) {
		*from = 0;
		message_stored_type(msg, &stored);
		found = is_signed_type(buf_span(&stored));
		if (found)
			encode_folded(fields, "Content-Type",
				      buf_span(&stored));
		buf_free(&stored);
		return found;
	}
	*from = entity_body(head);
	if (*from == 0)
		return false;
	for (size_t i = 0; i < *from; i++)
		if (head.at[i] == '\n')
			buf_str(fields, "\r\n");
		else if (head.at[i] != '\r')
			buf_byte(fields, (char)head.at[i]);
	if (fields->bad)
		return false;
	buf_cut(fields, fields->len - 2); /* the empty line */
	return entity_sound(buf_span(fields)) &&
	       transport_find(buf_span(fields), "Content-Type", &type) &&
	       is_signed_type(type.value);
}

/*
 * Append the fields of the entity. What is no Content-... field and stands in
 * the mail's header already says how that began, not what is signed.
 */
static void merge_fields(const struct buf *header, struct span fields,
			 struct buf *out)
{
	struct transport_field f, other;

	while (transport_next(&fields, &f)) {
		struct buf name = { 0 };

		buf_add(&name, f.name.at, f.name.len);
		if (!chars_begin(f.name, "Content-") &&
		    transport_find(buf_span(header), buf_text(&name), &other))
			buf_str(out, "X-Ost-Orig-");
		buf_add(out, f.raw.at, f.raw.len);
		out->bad = out->bad || name.bad;
		buf_free(&name);
	}
}

/* Signers fold lines as CRLF; a store that has only LF lost the CR. */
static enum ost_status put_with_crlf(struct mime *m, struct attach *a,
				     size_t from, struct ost_error *err)
{
	struct buf data = { 0 };
	struct buf *out = pieces_out(m->pieces);
	const enum ost_status st =
		store_bytes(a->object, MAPI_ATTACH_DATA, SCAN_MAX, &data, err);

	if (st == OST_OK)
		for (size_t i = from; i < data.len; i++) {
			if (data.at[i] == '\n')
				buf_byte(out, '\r');
			buf_byte(out, data.at[i]);
		}
	buf_free(&data);
	return st;
}

static enum ost_status put_signed(struct mime *m, struct message *msg,
				  struct span fields, size_t from,
				  enum mime_lines *lines, struct ost_error *err)
{
	struct buf *out = pieces_out(m->pieces);
	struct attach *a = &msg->list.all[0];
	struct transport_field label;
	struct scan scan;
	enum ost_status st = scan_data(&scan, a->object, &a->data, from, err);

	if (st != OST_OK)
		return ost_is_internal_or_transient(st) ? st : OST_NOT_FOUND;

	const bool mend = scan.whole && scan.lf && !scan.crlf;
	*lines = scan.whole && !scan.eight ? MIME_7BIT : MIME_8BIT;
	if (mend)
		note_add(&msg->notes, NOTE_SIGNED_LF);
	message_keep_bogus(msg);
	message_drop_repeated(msg, fields);
	buf_add(out, msg->header.at, msg->header.len);
	merge_fields(&msg->header, fields, out);
	if (*lines == MIME_8BIT &&
	    !transport_find(fields, "Content-Transfer-Encoding", &label))
		buf_str(out, "Content-Transfer-Encoding: 8bit\r\n");

	const struct mime_top top = message_top(msg);
	mime_header_end(m, &top);
	if (mend)
		return put_with_crlf(m, a, from, err);
	pieces_prop_from(m->pieces, a->object, &a->data, from);
	keep(m, a);
	return OST_OK;
}

/*
 * The whole
 */

static enum ost_status is_smime(struct message *msg, bool *is,
				struct ost_error *err)
{
	struct buf class = { 0 };
	const enum ost_status st = value_class(msg->item, &class, err);
	const struct span name = buf_span(&class);

	*is = value_class_is(name, "IPM.Note.SMIME") ||
	      chars_end(name, chars_of(".SMIME")) ||
	      chars_end(name, chars_of(".SMIME.MultipartSigned"));
	buf_free(&class);
	return st;
}

static bool is_blank(const struct buf *b)
{
	return chars_trim(buf_span(b)).len == 0;
}

/* Is there one attachment, a file as it is stored? */
static bool is_only_file(const struct message *msg)
{
	return msg->list.count == 1 && msg->list.all[0].kind == MAIL_FILE &&
	       !msg->list.all[0].made;
}

/*
 * Is it one whose class was lost, as of what was moved or imported: a mail of
 * nothing but one attachment that is said to be all of it? Whether it is, its
 * bytes must tell.
 */
static bool lost_class(struct message *msg)
{
	static const char *const types[] = { "application/pkcs7-mime",
					     "application/x-pkcs7-mime",
					     "multipart/signed" };
	const struct body *b = &msg->body;
	struct buf tag = { 0 };
	struct ost_error err;
	bool is = false;

	if (!is_only_file(msg) || !is_blank(&b->plain) || !is_blank(&b->html) ||
	    b->rtf.len > 0 || b->plain_raw.len > 0 || b->html_raw.len > 0 ||
	    store_text(msg->list.all[0].object, MAPI_ATTACH_MIME_TAG, &tag,
		       NULL, &err) != OST_OK)
		goto out;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		is = is || chars_begin(chars_trim(buf_span(&tag)), types[i]);
out:
	buf_free(&tag);
	return is;
}

static enum ost_status put_only(struct mime *m, struct message *msg,
				enum mime_lines *lines, struct ost_error *err)
{
	struct attach *a = &msg->list.all[0];
	struct buf fields = { 0 };
	uint8_t head[HEAD_MAX];
	size_t from = 0;
	const size_t len = a->data.size < sizeof(head) ? (size_t)a->data.size
						       : sizeof(head);
	enum ost_status st = store_read(a->object, &a->data, 0, head, len, err);

	if (st != OST_OK)
		return ost_is_internal_or_transient(st) ? st : OST_NOT_FOUND;

	const char *type = cms_type(span_of(head, len));
	if (type != NULL)
		put_opaque(m, msg, type);
	else if (signed_fields(msg, span_of(head, len), &fields, &from))
		st = put_signed(m, msg, buf_span(&fields), from, lines, err);
	else
		st = OST_NOT_FOUND;
	if (st == OST_NOT_FOUND && fields.bad)
		st = buf_status(&fields, err);
	buf_free(&fields);
	return st;
}

enum ost_status smime_put(struct mime *m, struct message *msg,
			  enum mime_lines *lines, struct ost_error *err)
{
	bool is = false;
	enum ost_status st = is_smime(msg, &is, err);

	if (st != OST_OK || (!is && !lost_class(msg)))
		return st == OST_OK ? OST_NOT_FOUND : st;
	*lines = MIME_7BIT;
	st = OST_NOT_FOUND;
	if (is_only_file(msg))
		st = put_only(m, msg, lines, err);
	if (st == OST_NOT_FOUND && is)
		note_add(&msg->notes, NOTE_SIGNED_SHAPE);
	return st;
}
