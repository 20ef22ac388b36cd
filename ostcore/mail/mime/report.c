/*
 * report.c - reports as multipart/report (RFC 6522)
 *
 *	report { text, for programs, the message it is about, attachments }
 */
#include "mail/mime/report.h"

#include <strings.h>

#include "mail/address/address.h"
#include "mail/body/body_text.h"
#include "mail/mime/message.h"
#include "mail/rfc822/transport.h"
#include "mail/text/chars.h"
#include "mail/text/encode.h"
#include "mail/text/lines.h"
#include "mail/text/value.h"

/* The part for programs as it came, if it may stand in a mail as it is. */
static struct attach *find_stored(struct message *msg, const char *type)
{
	for (size_t i = 0; i < msg->list.count; i++) {
		struct attach *a = &msg->list.all[i];
		const char *tag = buf_text(&a->type);

		if (a->kind == MAIL_FILE && a->text.len > 0 && !a->in_body &&
		    strncasecmp(tag, "message/", 8) == 0 &&
		    strcasecmp(tag + 8, type) == 0)
			return a;
	}
	return NULL;
}

/* Is what X-Ost-Recipient says in `value` in the part for programs? */
static bool is_told(struct span value, struct span text)
{
	struct span who = chars_trim(value);

	for (size_t i = who.len; i > 0; i--)
		if (chars_blank(who.at[i - 1]) || who.at[i - 1] == '<') {
			who = chars_from(who, i);
			break;
		}
	if (who.len > 0 && who.at[who.len - 1] == '>')
		who.len--;
	for (size_t i = 0; who.len > 0 && i + who.len <= text.len; i++)
		if (chars_same(chars_first(chars_from(text, i), who.len), who))
			return true;
	return false;
}

/* Drop the X-Ost-Recipient fields: all, or those that `text` tells of. */
static void drop_told(struct message *msg, bool all, struct span text)
{
	struct span rest = buf_span(&msg->header);
	struct transport_field f;
	struct buf kept = { 0 };

	while (transport_next(&rest, &f))
		if (!chars_same(f.name, chars_of("X-Ost-Recipient")) ||
		    !(all || is_told(f.value, text)))
			buf_add(&kept, f.raw.at, f.raw.len);
	kept.bad = kept.bad || msg->header.bad;
	buf_free(&msg->header);
	msg->header = kept;
}

void message_drop_told(struct message *msg, struct span text)
{
	drop_told(msg, false, text);
}

/* By whom it was. */
static enum ost_status put_original_authors(struct message *msg,
					    struct ost_error *err)
{
	static const struct {
		const char *name;
		enum address_role role;
	} rows[] = {
		{ "X-Ost-Original-From", ADDRESS_ORIGINAL_FROM },
		{ "X-Ost-Original-Sender", ADDRESS_ORIGINAL_SENDER },
	};
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i < sizeof(rows) / sizeof(rows[0]);
	     i++) {
		size_t column = strlen(rows[i].name) + 1;
		struct address who;

		st = address_of(msg->item, rows[i].role, &who, &msg->notes,
				err);
		if (st == OST_OK && who.addr.len > 0) {
			buf_printf(&msg->header, "%s:", rows[i].name);
			address_write(&who, "", &msg->header, &column);
			buf_str(&msg->header, "\r\n");
		}
		address_free(&who);
	}
	return st;
}

/* What the message was that it is about. */
static enum ost_status put_originals(struct message *msg, struct ost_error *err)
{
	static const struct {
		const char *name;
		uint16_t id;
	} rows[] = {
		{ "X-Ost-Original-Subject", MAPI_ORIGINAL_SUBJECT },
		{ "X-Ost-Original-To", MAPI_ORIGINAL_DISPLAY_TO },
		{ "X-Ost-Original-Cc", MAPI_ORIGINAL_DISPLAY_CC },
		{ "X-Ost-Original-Bcc", MAPI_ORIGINAL_DISPLAY_BCC },
		{ "X-Ost-Original-Message-ID", MAPI_INTERNET_RETURN_PATH },
	};
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i < sizeof(rows) / sizeof(rows[0]);
	     i++) {
		struct buf text = { 0 };

		st = value_line(msg->item, rows[i].id, &text, &msg->notes, err);
		if (st == OST_OK && text.len > 0)
			encode_field(&msg->header, rows[i].name,
				     buf_span(&text));
		buf_free(&text);
	}
	return st;
}

/* A report may have its text elsewhere than in its body. */
static enum ost_status read_text(struct message *msg, struct ost_error *err)
{
	struct buf text = { 0 };
	enum ost_status st;

	if (msg->body.has_html || msg->body.plain.len > 0 ||
	    msg->body.large[0] != 0)
		return OST_OK;
	st = store_text(msg->item, MAPI_REPORT_TEXT, &text, NULL, err);
	if (st == OST_OK)
		lines_crlf(&msg->body.plain, buf_span(&text));
	else if (st != OST_NOT_FOUND && !ost_is_internal(st))
		note_add(&msg->notes, NOTE_PROPERTY_CORRUPT);
	msg->body.has_plain = true;
	buf_free(&text);
	return ost_is_internal(st) ? st : buf_status(&msg->body.plain, err);
}

/* RFC 3464 2.1.1, RFC 8098 3: never encoded. */
static void put_machine(struct mime *m, const char *type,
			const struct attach *stored, struct span text)
{
	struct buf *out = pieces_out(m->pieces);

	buf_printf(out, "Content-Type: message/%s", type);
	if (stored != NULL)
		encode_parameter_word(out, "name", buf_span(&stored->name));
	buf_str(out, "\r\nContent-Transfer-Encoding: 7bit\r\n"
		     "Content-Disposition: inline");
	if (stored != NULL)
		encode_parameter(out, "filename", buf_span(&stored->name));
	buf_str(out, "\r\n\r\n");
	buf_add(out, text.at, text.len);
}

/* Is it what the report is about: the message, or its header? */
static bool is_original(const struct attach *a)
{
	return a->kind == MAIL_MESSAGE ||
	       strcasecmp(buf_text(&a->type), "message/rfc822") == 0 ||
	       strcasecmp(buf_text(&a->type), "text/rfc822-headers") == 0;
}

/* The attachments that are, or are not, what the report is about. */
static enum ost_status put_attached(struct mime *m, struct message *msg,
				    const struct attach *stored, bool original,
				    struct mime_multi *multi,
				    struct ost_error *err)
{
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i < msg->list.count; i++) {
		struct attach *a = &msg->list.all[i];
		enum mime_lines lines = MIME_7BIT;

		if (a == stored || a->in_body || is_original(a) != original)
			continue;
		if (mime_full(m, &msg->notes))
			break;
		mime_part(m, multi);
		st = mime_attachment(m, a, &msg->notes, &lines, err);
		multi->lines = mime_worse(multi->lines, lines);
	}
	return st;
}

static enum ost_status put_parts(struct mime *m, struct message *msg,
				 const char *type, const struct attach *stored,
				 struct span text, enum mime_lines *lines,
				 struct ost_error *err)
{
	const struct mime_top top = message_top(msg);
	enum mime_lines body = MIME_7BIT;
	struct buf subtype = { 0 };
	struct mime_multi multi;
	enum ost_status st;

	mime_open(m, &multi);
	mime_part(m, &multi);
	st = message_body(m, msg, NULL, &body, err);
	multi.lines = body;
	mime_part(m, &multi);
	put_machine(m, type, stored, text);
	if (st == OST_OK)
		st = put_attached(m, msg, stored, true, &multi, err);
	message_extras(m, msg, &multi);
	if (st == OST_OK)
		st = put_attached(m, msg, stored, false, &multi, err);
	buf_printf(&subtype, "report; report-type=%s", type);
	mime_close(m, &multi, &top, buf_text(&subtype));
	buf_free(&subtype);
	*lines = multi.lines;
	return st;
}

static enum ost_status kind_of(struct message *msg, enum report_kind *kind,
			       struct ost_error *err)
{
	struct buf class = { 0 };
	const enum ost_status st = value_class(msg->item, &class, err);

	*kind = report_kind(buf_span(&class));
	buf_free(&class);
	return st == OST_OK && *kind == REPORT_NONE ? OST_NOT_FOUND : st;
}

enum ost_status report_put(struct mime *m, struct message *msg,
			   enum mime_lines *lines, struct ost_error *err)
{
	struct buf made = { 0 };
	enum report_kind kind;
	enum ost_status st = kind_of(msg, &kind, err);

	if (st != OST_OK)
		return st;

	const char *type = report_type(kind);
	const struct attach *stored = find_stored(msg, type);
	if (stored == NULL)
		st = report_write(msg->item, kind, &made, &msg->notes, err);
	if (st == OST_OK)
		st = buf_status(&made, err);
	if (st == OST_OK)
		st = put_original_authors(msg, err);
	if (st == OST_OK)
		st = put_originals(msg, err);
	if (st == OST_OK)
		st = read_text(msg, err);
	const struct span text =
		buf_span(stored != NULL ? &stored->text : &made);
	if (st == OST_OK) {
		drop_told(msg, stored == NULL && kind < REPORT_DISPLAYED, text);
		st = put_parts(m, msg, type, stored, text, lines, err);
		if (st == OST_NOT_FOUND) /* what was there a moment ago */
			st = OST_CORRUPT;
	}
	buf_free(&made);
	return st;
}
