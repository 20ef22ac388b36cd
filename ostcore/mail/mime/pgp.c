/*
 * pgp.c - messages that OpenPGP encrypted (RFC 3156)
 *
 * The store has taken multipart/encrypted apart, yet nothing of it was
 * changed: its two parts are attachments, and make the entity again. Of
 * multipart/signed the part that was signed is gone, and its signature holds
 * no more.
 */
#include <strings.h>

#include "mail/mime/message.h"
#include "mail/rfc822/scan.h"
#include "mail/text/chars.h"
#include "mail/text/encode.h"

static const char control[] = "application/pgp-encrypted";

static bool has_word(struct span text, const char *word)
{
	for (size_t i = 0; i < text.len; i++)
		if (chars_begin(chars_from(text, i), word))
			return true;
	return false;
}

/* The two parts: which says it is encrypted, and which holds what is. */
static bool find_parts(struct message *msg, struct attach **parts)
{
	struct attach *all = msg->list.all;

	if (msg->list.count != 2 || all[0].kind != MAIL_FILE || all[0].made ||
	    all[1].kind != MAIL_FILE || all[1].made)
		return false;

	const bool first = strcasecmp(buf_text(&all[0].type), control) == 0;
	const bool second = strcasecmp(buf_text(&all[1].type), control) == 0;
	parts[0] = &all[first ? 0 : 1];
	parts[1] = &all[first ? 1 : 0];
	return first != second;
}

/* Has the message nothing to say but what is encrypted? */
static bool says_no_more(const struct message *msg)
{
	return chars_trim(buf_span(&msg->body.plain)).len == 0 &&
	       chars_trim(buf_span(&msg->body.html)).len == 0 &&
	       !message_has_extras(msg);
}

/* As it is, when it is fit for that: programs of old decode nothing here. */
static enum ost_status put_part(struct mime *m, struct attach *a,
				const char *type, struct ost_error *err)
{
	struct buf *out = pieces_out(m->pieces);
	struct scan scan;
	const enum ost_status st =
		scan_data(&scan, a->object, &a->data, 0, err);
	const bool base64 = st != OST_OK || !scan_7bit(&scan);

	if (ost_is_internal_or_transient(st))
		return st;
	buf_printf(out, "Content-Type: %s", type);
	encode_parameter_word(out, "name", buf_span(&a->name));
	buf_printf(out,
		   "\r\nContent-Transfer-Encoding: %s\r\n"
		   "Content-Disposition: inline",
		   base64 ? "base64" : "7bit");
	encode_parameter(out, "filename", buf_span(&a->name));
	buf_str(out, "\r\n\r\n");
	pieces_prop(m->pieces, a->object, &a->data, base64);
	pieces_own(m->pieces, a->object);
	a->object = NULL;
	return OST_OK;
}

static enum ost_status put_encrypted(struct mime *m, struct message *msg,
				     struct attach **parts,
				     struct ost_error *err)
{
	const struct mime_top top = message_top(msg);
	struct mime_multi multi;
	enum ost_status st;

	mime_open(m, &multi);
	mime_part(m, &multi);
	st = put_part(m, parts[0], control, err);
	mime_part(m, &multi);
	if (st == OST_OK)
		st = put_part(m, parts[1], "application/octet-stream", err);
	mime_close(m, &multi, &top,
		   "encrypted; protocol=\"application/pgp-encrypted\"");
	return st;
}

enum ost_status pgp_put(struct mime *m, struct message *msg,
			enum mime_lines *lines, struct ost_error *err)
{
	struct attach *parts[2];
	struct buf stored = { 0 };
	enum ost_status st = OST_NOT_FOUND;

	*lines = MIME_7BIT;
	message_stored_type(msg, &stored);
	const struct span type = buf_span(&stored);
	if (chars_begin(type, "multipart/encrypted") &&
	    has_word(type, control) && find_parts(msg, parts) &&
	    says_no_more(msg))
		st = put_encrypted(m, msg, parts, err);
	else if (chars_begin(type, "multipart/signed") &&
		 has_word(type, "application/pgp-signature"))
		note_add(&msg->notes, NOTE_PGP_SIGNED);
	if (stored.bad)
		pieces_out(m->pieces)->bad = true;
	buf_free(&stored);
	return st;
}
