/*
 * facts.c - what a listing shows of an item
 */
#include "mail/mail.h"

#include "mail/address/entryid.h"
#include "mail/address/recipients.h"
#include "mail/calendar/ical.h"
#include "mail/header/header.h"
#include "mail/rfc822/transport.h"
#include "mail/text/chars.h"
#include "mail/text/date.h"
#include "mail/text/encode.h"
#include "mail/text/value.h"

#include <time.h>

/* The last name in an X.500 name; anything else as it is. */
static struct span short_name(struct span s)
{
	size_t at = s.len;

	if (s.len == 0 || s.at[0] != '/')
		return s;
	while (at > 0 && s.at[at - 1] != '=')
		at--;
	return at < s.len ? chars_from(s, at) : s;
}

static enum ost_status put_from_name(struct store_object *item, struct buf *out,
				     struct notes *notes, struct ost_error *err)
{
	const uint16_t names[] = { MAPI_SENT_REPRESENTING_NAME,
				   MAPI_SENDER_NAME };
	const uint16_t addrs[] = { MAPI_SENT_REPRESENTING_EMAIL,
				   MAPI_SENDER_EMAIL };
	const size_t start = out->len;
	struct buf text = { 0 };
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && out->len == start && i < 2; i++)
		st = value_line(item, names[i], out, notes, err);
	for (size_t i = 0; st == OST_OK && out->len == start && i < 2; i++) {
		buf_cut(&text, 0);
		st = value_line(item, addrs[i], &text, notes, err);
		const struct span name = short_name(buf_span(&text));
		buf_add(out, name.at, name.len);
	}
	buf_free(&text);
	return st;
}

/*
 * As Outlook's column has it: a row knows that. Without it the names, or else
 * the addresses, of the recipients, which only the item itself has.
 */
static enum ost_status put_to_names(struct store_object *item, struct buf *out,
				    struct notes *notes, struct ost_error *err)
{
	static const uint16_t shown[] = { MAPI_DISPLAY_TO, MAPI_DISPLAY_CC,
					  MAPI_DISPLAY_BCC };
	const size_t start = out->len;
	struct recipients all = { 0 };
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && out->len == start && i < 3; i++)
		st = value_line(item, shown[i], out, notes, err);
	if (st != OST_OK || out->len > start || item->id.folder != 0)
		return st;
	st = recipients_read(&all, item, notes, err);
	for (size_t i = 0; st == OST_OK && i < all.count; i++) {
		const struct address *who = &all.at[i].who;
		const struct buf *name =
			who->name.len > 0 ? &who->name : &who->addr;

		buf_str(out, out->len > start ? "; " : "");
		buf_add(out, name->at, name->len);
	}
	recipients_free(&all);
	return st;
}

static enum ost_status put_from(struct store_object *item, struct buf *out,
				struct notes *notes, struct ost_error *err)
{
	struct address from = { 0 };
	enum ost_status st = address_of(item, ADDRESS_FROM, &from, notes, err);

	if (st == OST_OK && from.addr.len == 0) {
		address_free(&from);
		st = address_of(item, ADDRESS_SENDER, &from, notes, err);
	}
	if (st == OST_OK && from.addr.len > 0)
		address_text(&from, out);
	address_free(&from);
	return st;
}

static enum ost_status put_to(struct store_object *item, struct buf *out,
			      struct notes *notes, struct ost_error *err)
{
	struct recipients to;
	const char *separator = "";
	const enum ost_status st = recipients_read(&to, item, notes, err);

	for (size_t i = 0; st == OST_OK && i < to.count; i++) {
		if (to.at[i].type != RECIPIENT_TO)
			continue;
		buf_str(out, separator);
		address_text(&to.at[i].who, out);
		separator = ", ";
	}
	recipients_free(&to);
	return st;
}

/* An item may have its subject only in the header that it came with. */
static enum ost_status put_subject(struct store_object *item, struct buf *out,
				   struct notes *notes, struct ost_error *err)
{
	enum { HEADER_MAX = 1 << 20 };
	const size_t start = out->len;
	enum ost_status st = value_subject(item, out, notes, err);
	struct buf text = { 0 }, header = { 0 }, line = { 0 }, raw = { 0 };
	struct transport_field f;
	struct store_prop p;

	if (st != OST_OK || out->len > start ||
	    store_find(item, MAPI_TRANSPORT_MESSAGE_HEADERS, &p, err) !=
		    OST_OK ||
	    p.size > HEADER_MAX)
		return st;
	if (store_text(item, p.id, &text, NULL, err) == OST_OK &&
	    transport_write(buf_span(&text), &header, notes) &&
	    transport_find(buf_span(&header), "Subject", &f)) {
		f.value = chars_trim(f.value);
		for (size_t i = 0; i < f.value.len; i++) /* unfolded */
			if (!chars_in(f.value.at[i], "\r\n"))
				buf_byte(&raw, (char)f.value.at[i]);
		encode_clean(&line, buf_span(&raw));
		encode_undo_words(out, buf_span(&line));
	}
	out->bad = out->bad || text.bad || header.bad || line.bad || raw.bad;
	buf_free(&raw);
	buf_free(&text);
	buf_free(&header);
	buf_free(&line);
	return OST_OK;
}

/* As the mail has it: so the header is made, and looked into. */
static enum ost_status put_message_id(struct store_object *item,
				      struct buf *out, struct notes *notes,
				      struct ost_error *err)
{
	struct header_facts facts = { 0 };
	struct buf header = { 0 };
	struct transport_field f;
	enum ost_status st = header_write(item, &header, &facts, notes, err);

	if (st == OST_OK &&
	    transport_find(buf_span(&header), "Message-ID", &f)) {
		const struct span value = chars_trim(f.value);

		for (size_t i = 0; i < value.len; i++)
			if (!chars_control(value.at[i]))
				buf_byte(out, (char)value.at[i]);
	}
	buf_free(&header);
	header_facts_free(&facts);
	return st;
}

static enum ost_status put_date(struct store_object *item, struct buf *out)
{
	int64_t sec;
	uint32_t nsec;
	struct tm tm;
	time_t when;

	if (!mail_when(item, &sec, &nsec))
		return OST_OK;
	when = (time_t)sec;
	if (gmtime_r(&when, &tm) != NULL)
		buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02dZ",
			   tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
			   tm.tm_hour, tm.tm_min, tm.tm_sec);
	return OST_OK;
}

static enum ost_status put_flags(struct store_object *item, struct buf *out)
{
	static const char *const names[] = {
		"read", "draft", "answered", "forwarded", "flagged", "deleted"
	};
	const unsigned state = value_state(item);
	const char *separator = "";

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if ((state >> i & 1) == 0)
			continue;
		buf_printf(out, "%s%s", separator, names[i]);
		separator = " ";
	}
	return OST_OK;
}

static enum ost_status put_categories(struct store_object *item,
				      struct buf *out, struct notes *notes,
				      struct ost_error *err)
{
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK; i++) {
		struct buf text = { 0 };

		st = value_category(item, i, &text, notes, err);
		if (st == OST_OK)
			buf_printf(out, "%s%s", i > 0 ? ", " : "",
				   buf_text(&text));
		buf_free(&text);
	}
	return st == OST_NOT_FOUND ? OST_OK : st;
}

/* A number of a note [MS-OXONOTE] 2.2.1; UINT64_MAX: it has none. */
static uint64_t note_number(struct store_object *item, uint32_t lid)
{
	const uint16_t id = value_named(item, SET_NOTE, lid);

	return id != 0 ? store_number(item, id, UINT64_MAX) : UINT64_MAX;
}

static enum ost_status put_color(struct store_object *item, struct buf *out)
{
	enum { LID_COLOR = 0x8B00 };
	static const char *const colors[] = { "blue", "green", "pink", "yellow",
					      "white" };
	const uint64_t color = note_number(item, LID_COLOR);

	if (color < sizeof(colors) / sizeof(colors[0]))
		buf_str(out, colors[color]);
	return OST_OK;
}

/* As X has it: a place left of or above the screen's corner is negative. */
static enum ost_status put_geometry(struct store_object *item, struct buf *out)
{
	enum {
		LID_WIDTH = 0x8B02,
		LID_HEIGHT = 0x8B03,
		LID_X = 0x8B04,
		LID_Y = 0x8B05
	};
	const uint64_t width = note_number(item, LID_WIDTH);
	const uint64_t height = note_number(item, LID_HEIGHT);
	const uint64_t x = note_number(item, LID_X);
	const uint64_t y = note_number(item, LID_Y);

	if (width <= INT32_MAX && height <= INT32_MAX)
		buf_printf(out, "%dx%d", (int)width, (int)height);
	if (width <= INT32_MAX && height <= INT32_MAX && x <= UINT32_MAX &&
	    y <= UINT32_MAX)
		buf_printf(out, "%+d%+d", (int)(int32_t)x, (int)(int32_t)y);
	return OST_OK;
}

enum ost_status mail_fact(struct store_object *item, enum mail_fact fact,
			  struct buf *out, struct ost_error *err)
{
	struct notes notes = { 0 };
	enum ost_status st = OST_OK;

	switch (fact) {
	case MAIL_SUBJECT:
		st = put_subject(item, out, &notes, err);
		break;
	case MAIL_FROM_NAME:
		st = put_from_name(item, out, &notes, err);
		break;
	case MAIL_TO_NAMES:
		st = put_to_names(item, out, &notes, err);
		break;
	case MAIL_FROM:
		st = put_from(item, out, &notes, err);
		break;
	case MAIL_TO:
		st = put_to(item, out, &notes, err);
		break;
	case MAIL_MESSAGE_ID:
		st = put_message_id(item, out, &notes, err);
		break;
	case MAIL_DATE:
		st = put_date(item, out);
		break;
	case MAIL_FLAGS:
		st = put_flags(item, out);
		break;
	case MAIL_CATEGORIES:
		st = put_categories(item, out, &notes, err);
		break;
	case MAIL_CLASS:
		st = value_class(item, out, err);
		break;
	case MAIL_COLOR:
		st = put_color(item, out);
		break;
	case MAIL_GEOMETRY:
		st = put_geometry(item, out);
		break;
	}
	return st == OST_OK ? buf_status(out, err) : st;
}

/* When an appointment starts. */
static bool start_of(struct store_object *item, int64_t *sec, uint32_t *nsec)
{
	enum { LID_APPOINTMENT_START_WHOLE = 0x820D };

	return date_property(item,
			     value_named(item, SET_APPOINTMENT,
					 LID_APPOINTMENT_START_WHOLE),
			     sec, nsec) ||
	       date_property(item, MAPI_START_DATE, sec, nsec);
}

static bool is_appointment(struct store_object *item)
{
	struct buf class = { 0 };
	struct ost_error err;
	const bool is = value_class(item, &class, &err) == OST_OK &&
			value_class_is(buf_span(&class), "IPM.Appointment");

	buf_free(&class);
	return is;
}

bool mail_time(struct store_object *item, int64_t *sec, uint32_t *nsec)
{
	const uint16_t ids[] = { MAPI_MESSAGE_DELIVERY_TIME,
				 MAPI_CLIENT_SUBMIT_TIME, MAPI_REPORT_TIME,
				 MAPI_CREATION_TIME };

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (date_property(item, ids[i], sec, nsec))
			return true;
	return false;
}

bool mail_when(struct store_object *item, int64_t *sec, uint32_t *nsec)
{
	return (is_appointment(item) && start_of(item, sec, nsec)) ||
	       mail_time(item, sec, nsec);
}

bool mail_starts(struct store_object *item, int64_t *sec, bool *day_only)
{
	return ical_start(item, sec, day_only);
}

bool mail_changed(struct store_object *item, int64_t *sec, uint32_t *nsec)
{
	return date_property(item, MAPI_LAST_MODIFICATION_TIME, sec, nsec);
}
