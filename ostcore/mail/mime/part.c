/*
 * part.c - an attachment as a MIME part
 */
#include <inttypes.h>
#include <stdio.h>

#include "bytes/text.h"
#include "mail/mime/mime.h"
#include "mail/render/form.h"
#include "mail/text/chars.h"
#include "mail/text/date.h"
#include "mail/text/encode.h"
#include "store/limits.h"

/* RFC 2183 has no cap; a header line has. */
enum { ID_MAX = 900 };

/* Messages in messages: what is deeper is not shown in the outer mail. */
enum { DEPTH_MAX = 100 };

static const uint8_t attachment_set[16] = { 0x7F, 0x7F, 0x35, 0x96, 0xE1, 0x59,
					    0xD0, 0x47, 0x99, 0xA7, 0x46, 0x51,
					    0x5C, 0x18, 0x3B, 0x54 };

/*
 * Fields of its header
 */

static void put_date(struct buf *out, const struct attach *a, const char *name,
		     uint16_t id)
{
	struct buf date = { 0 };
	uint32_t nsec;
	int64_t sec;

	if (a->object != NULL && date_property(a->object, id, &sec, &nsec)) {
		encode_date(&date, sec);
		encode_parameter(out, name, buf_span(&date));
	}
	buf_free(&date);
}

/* What a part is: the attachment, or a text that stands for it. */
enum stand { STAND_NONE, STAND_TEXT, STAND_BESIDE };

static void put_disposition(struct buf *out, const struct attach *a, bool shown)
{
	const bool in = shown || a->in_body || a->hidden;

	buf_printf(out, "Content-Disposition: %s",
		   in ? "inline" : "attachment");
	encode_parameter(out, "filename", buf_span(&a->name));
}

/* The rest of RFC 2183, for the attachment itself. */
static void put_size(struct buf *out, const struct attach *a)
{
	if (a->kind == MAIL_FILE)
		buf_printf(out, ";\r\n size=%" PRIu64, a->data.size);
	put_date(out, a, "creation-date", MAPI_CREATION_TIME);
	put_date(out, a, "modification-date", MAPI_LAST_MODIFICATION_TIME);
}

/*
 * A field whose value is one word of ASCII: what is not is %-encoded. A word
 * too long for a line is told in a field that can be folded.
 */
static void put_word(struct buf *out, const char *name, struct span value,
		     bool angle)
{
	struct buf word = { 0 };
	char other[40];

	for (size_t i = 0; i < value.len && word.len <= ID_MAX; i++) {
		const uint8_t c = value.at[i];

		if (c > ' ' && c < 0x7F && c != '<' && c != '>')
			buf_byte(&word, (char)c);
		else
			buf_printf(&word, "%%%02X", c);
	}
	snprintf(other, sizeof(other), "X-Ost-Attach-%s", name);
	if (word.len > ID_MAX)
		encode_field(out, other, value);
	else if (word.len > 0)
		buf_printf(out, angle ? "%s: <%s>\r\n" : "%s: %s\r\n", name,
			   word.at);
	buf_free(&word);
}

static void text_of(const struct attach *a, uint16_t id, struct buf *out)
{
	struct ost_error err;

	if (a->object == NULL || id == 0 ||
	    store_text(a->object, id, out, NULL, &err) != OST_OK)
		buf_cut(out, 0);
}

static void put_id(struct buf *out, const struct attach *a)
{
	struct buf id = { 0 };

	if (a->in_place)
		attach_place_id(a, &id);
	else
		attach_content_id(a, &id);
	put_word(out, "Content-ID", buf_span(&id), true);
	buf_free(&id);
}

static void put_location(struct buf *out, const struct attach *a,
			 const char *name, uint16_t id)
{
	struct buf raw = { 0 };

	text_of(a, id, &raw);
	put_word(out, name, chars_trim(buf_span(&raw)), false);
	buf_free(&raw);
}

/* A text property as a field, unless it says no more than the name does. */
static void put_text(struct buf *out, const struct attach *a, const char *name,
		     uint16_t id)
{
	struct buf raw = { 0 };
	struct span text;

	text_of(a, id, &raw);
	text = chars_trim(buf_span(&raw));
	if (text.len > 0 && !span_equal(text, buf_span(&a->name)))
		encode_field(out, name, text);
	buf_free(&raw);
}

/* [MS-OXCMSG] 2.2.2.25, 2.2.2.26: who keeps it, and who may read it. */
static void put_provider(struct buf *out, const struct attach *a)
{
	const struct store_name type = { .name = "AttachmentProviderType" };
	const struct store_name permission = {
		.name = "AttachmentPermissionType"
	};
	struct store_name both[] = { type, permission };
	uint64_t allowed;

	if (a->object == NULL || a->method != MAPI_ATTACH_WEB_REFERENCE)
		return;
	for (size_t i = 0; i < 2; i++)
		memcpy(both[i].guid, attachment_set, sizeof(attachment_set));
	put_text(out, a, "X-Ost-Attach-Provider",
		 store_name_id(a->object->store, &both[0]));
	allowed = store_number(a->object,
			       store_name_id(a->object->store, &both[1]),
			       UINT64_MAX);
	if (allowed != UINT64_MAX)
		buf_printf(out, "X-Ost-Attach-Permission: %" PRIu64 "\r\n",
			   allowed);
}

/*
 * How to show it, and what the store tells of it. A text that only names a
 * file beside the mail is not the content that an HTML body refers to, so it
 * has no Content-ID.
 */
static void put_facts(struct buf *out, const struct attach *a, enum stand stand)
{
	put_disposition(out, a, stand == STAND_BESIDE);
	if (stand == STAND_NONE)
		put_size(out, a);
	buf_str(out, "\r\n");
	if (stand != STAND_BESIDE) {
		put_id(out, a);
		put_location(out, a, "Content-Location",
			     MAPI_ATTACH_CONTENT_LOCATION);
		put_location(out, a, "Content-Base", MAPI_ATTACH_CONTENT_BASE);
	}
	put_text(out, a, "Content-Description", MAPI_DISPLAY_NAME);
	if (a->tag.len > 0)
		encode_field(out, "X-Ost-Attach-Mime-Tag", buf_span(&a->tag));
	put_text(out, a, "X-Ost-Attach-Filename", MAPI_ATTACH_FILENAME);
	put_text(out, a, "X-Ost-Attach-Path", MAPI_ATTACH_LONG_PATHNAME);
	put_provider(out, a);
}

/* The name of a charset (RFC 2978 2.3); what is none is not told. */
static bool is_charset(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!chars_letter(name.at[i]) && !chars_digit(name.at[i]) &&
		    !chars_in(name.at[i], "-_.:+"))
			return false;
	return name.len > 0 && name.len <= 40;
}

static void put_type(struct buf *out, const struct attach *a)
{
	struct buf charset = { 0 };

	buf_printf(out, "Content-Type: %s", buf_text(&a->type));
	if (chars_begin(buf_span(&a->type), "text/")) {
		text_of(a, MAPI_ATTACH_CHARSET, &charset);
		const struct span name = chars_trim(buf_span(&charset));

		if (is_charset(name))
			encode_parameter(out, "charset", name);
	}
	encode_parameter_word(out, "name", buf_span(&a->name));
	buf_str(out, "\r\n");
	buf_free(&charset);
}

/*
 * Parts
 */

static const char *encoding_of(enum mime_lines lines)
{
	return lines == MIME_8BIT ? "8bit" : "7bit";
}

/* A text that stands for the attachment. */
static enum mime_lines put_stand_in(struct mime *m, const struct attach *a,
				    const struct buf *text, enum stand stand)
{
	struct buf fields = { 0 };
	enum mime_lines lines;

	put_facts(&fields, a, stand);
	lines = mime_text(m, NULL, buf_text(&a->type), buf_span(&fields),
			  buf_span(text));
	if (fields.bad || text->bad)
		pieces_out(m->pieces)->bad = true;
	buf_free(&fields);
	return lines;
}

static enum mime_lines put_missing(struct mime *m, const struct attach *a)
{
	struct buf text = { 0 };
	enum mime_lines lines;

	attach_missing(a, &text);
	lines = put_stand_in(m, a, &text, STAND_TEXT);
	buf_free(&text);
	return lines;
}

static enum mime_lines put_link(struct mime *m, const struct attach *a)
{
	struct buf text = { 0 };
	enum mime_lines lines;

	attach_link(a, &text);
	lines = put_stand_in(m, a, &text, STAND_TEXT);
	buf_free(&text);
	return lines;
}

/* The file is beside the mail. */
static enum mime_lines put_beside(struct mime *m, struct attach *a)
{
	struct buf text = { 0 };
	enum mime_lines lines;

	attach_beside(a, &text);
	buf_cut(&a->type, 0);
	buf_str(&a->type, "text/plain");
	buf_str(&a->name, ".txt");
	lines = put_stand_in(m, a, &text, STAND_BESIDE);
	buf_free(&text);
	return lines;
}

static enum mime_lines put_file(struct mime *m, struct attach *a)
{
	struct buf *out = pieces_out(m->pieces);
	const bool ascii = text_is_ascii(buf_span(&a->text));
	const enum mime_lines lines = ascii ? MIME_7BIT : MIME_8BIT;

	put_type(out, a);
	buf_printf(out, "Content-Transfer-Encoding: %s\r\n",
		   a->text.len > 0 ? encoding_of(lines) : "base64");
	put_facts(out, a, STAND_NONE);
	mime_header_end(m, NULL);
	if (a->text.len > 0) {
		buf_add(out, a->text.at, a->text.len);
		return lines;
	}
	if (a->made) {
		pieces_base64(m->pieces, buf_span(&a->bytes));
	} else if (a->data.size > 0) {
		pieces_prop(m->pieces, a->object, &a->data, true);
		pieces_own(m->pieces, a->object);
		a->object = NULL;
	}
	return MIME_7BIT;
}

/* RFC 2046 5.2.1: its encoding is that of the message in it. */
static enum ost_status put_message(struct mime *m, const struct attach *a,
				   struct store_object *message,
				   enum mime_lines *lines,
				   struct ost_error *err)
{
	const size_t slot = pieces_slot(m->pieces);
	struct buf *out = pieces_out(m->pieces);
	const enum ost_status st = mime_message(m, message, lines, err);

	pieces_cut(m->pieces);
	put_type(out, a);
	buf_printf(out, "Content-Transfer-Encoding: %s\r\n",
		   encoding_of(*lines));
	put_facts(out, a, STAND_NONE);
	mime_header_end(m, NULL);
	pieces_fill(m->pieces, slot);
	return st;
}

static enum mime_lines put_too_deep(struct mime *m, struct attach *a)
{
	struct buf text = { 0 };
	enum mime_lines lines;

	buf_printf(&text,
		   "The message \"%s\" is not in this file: it lies %u "
		   "messages deep.\r\n",
		   buf_text(&a->name), m->depth);
	buf_cut(&a->type, 0);
	buf_str(&a->type, "text/plain");
	buf_str(&a->name, ".txt");
	lines = put_stand_in(m, a, &text, STAND_BESIDE);
	buf_free(&text);
	return lines;
}

/*
 * An item that is no mail as the file that it is. OST_NOT_FOUND, with nothing
 * put, when that would leave out attachments: only as a mail it has them.
 */
static enum ost_status put_form(struct mime *m, struct attach *a,
				struct store_object *item, struct notes *notes,
				enum mime_lines *lines, struct ost_error *err)
{
	struct notes theirs = { 0 };
	struct buf text = { 0 };
	enum ost_status st = OST_NOT_FOUND;

	if (a->form != FORM_MAIL && m->options->items != MAIL_ITEMS_EML)
		st = form_write(item, a->form, NULL, &text, &theirs, err);
	if (st == OST_OK && note_has(&theirs, NOTE_ATTACH_BESIDE))
		st = OST_NOT_FOUND;
	if (st == OST_OK) {
		*lines = put_stand_in(m, a, &text, STAND_TEXT);
		notes->set |= theirs.set;
	}
	buf_free(&text);
	return st;
}

/* A message, or what an item that is no mail becomes. */
static enum ost_status put_item(struct mime *m, struct attach *a,
				struct notes *notes, enum mime_lines *lines,
				struct ost_error *err)
{
	struct store_object *message = NULL;
	enum ost_status st;

	if (m->depth >= DEPTH_MAX) {
		note_add(notes, NOTE_DEPTH);
		*lines = put_too_deep(m, a);
		return OST_OK;
	}
	st = attach_message(a, &message, err);
	if (st != OST_OK)
		return ost_within(err, st, "attachment %#x", a->nid);
	st = put_form(m, a, message, notes, lines, err);
	if (st != OST_NOT_FOUND) {
		store_drop(message);
		return st;
	}
	attach_as(a, FORM_MAIL);
	return put_message(m, a, message, lines, err);
}

/* The same, unless it leaves no room for what comes after it. */
static enum ost_status put_embedded(struct mime *m, struct attach *a,
				    struct notes *notes, enum mime_lines *lines,
				    struct ost_error *err)
{
	const struct pieces_mark mark = pieces_mark(m->pieces);
	const enum ost_status st = put_item(m, a, notes, lines, err);

	if (st != OST_OK || !mime_full(m, notes))
		return st;
	pieces_rewind(m->pieces, &mark);
	boundary_rewind(m->boundaries, mark.text);
	*lines = put_beside(m, a);
	return OST_OK;
}

bool mime_full(const struct mime *m, struct notes *notes)
{
	if (!pieces_tight(m->pieces))
		return false;
	note_add(notes, NOTE_ATTACH_BESIDE);
	return true;
}

enum ost_status mime_attachment(struct mime *m, struct attach *a,
				struct notes *notes, enum mime_lines *lines,
				struct ost_error *err)
{
	const bool data = a->kind == MAIL_FILE || a->kind == MAIL_MESSAGE;
	const bool large = a->made && a->bytes.len > pieces_cap(m->pieces) / 2;
	enum ost_status st = OST_OK;

	store_wake(a->object);
	if (a->hidden && !a->in_body)
		note_add(notes, NOTE_ATTACH_HIDDEN);
	if (large)
		note_add(notes, NOTE_ATTACH_BESIDE);
	if (large || (data && m->options->inside == MAIL_BESIDE))
		*lines = put_beside(m, a);
	else if (a->kind == MAIL_MESSAGE)
		st = put_embedded(m, a, notes, lines, err);
	else if (a->kind == MAIL_FILE)
		*lines = put_file(m, a);
	else if (a->kind == MAIL_LINK)
		*lines = put_link(m, a);
	else
		*lines = put_missing(m, a);
	if (a->index >= LIMIT_AWAKE)
		store_rest(a->object);
	return st;
}
