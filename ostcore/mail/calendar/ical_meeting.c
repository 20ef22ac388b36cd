/*
 * ical_meeting.c - the calendar part of meeting mail  [MS-OXCICAL], RFC 6047
 */
#include "bytes/text.h"
#include "mail/calendar/ical.h"
#include "mail/calendar/ical_parts.h"
#include "mail/text/chars.h"

enum { CALENDAR_MAX = 4 << 20 }; /* bytes of a calendar that is kept */

static const char *method_of(const struct ical *w, struct span class)
{
	static const struct {
		const char *class, *method;
	} methods[] = {
		{ "IPM.Schedule.Meeting.Request", "REQUEST" },
		{ "IPM.Schedule.Meeting.Canceled", "CANCEL" },
		{ "IPM.Schedule.Meeting.Resp", "REPLY" },
	};
	const uint16_t counter =
		ical_id(w, SET_APPOINTMENT, LID_COUNTER_PROPOSAL);

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (!value_class_is(class, methods[i].class))
			continue;
		if (i == 2 && ical_number(w, counter, 0) != 0)
			return "COUNTER";
		return methods[i].method;
	}
	return NULL;
}

/*
 * A calendar that came with it
 */

/*
 * Take the next unfolded line off `*rest` into `line`, without its end.
 * False at the end of the text.
 */
static bool next_line(struct span *rest, struct buf *line)
{
	buf_cut(line, 0);
	if (rest->len == 0)
		return false;
	do {
		const size_t end = chars_find(*rest, '\n');
		struct span part = chars_first(*rest, end);

		if (part.len > 0 && part.at[part.len - 1] == '\r')
			part.len--;
		if (line->len > 0)
			part = chars_from(part, 1);
		buf_add(line, part.at, part.len);
		*rest = chars_from(*rest, end + 1);
	} while (rest->len > 0 && line->len > 0 &&
		 (rest->at[0] == ' ' || rest->at[0] == '\t'));
	return true;
}

static bool is_line(const struct buf *line, const char *name,
		    struct span *value)
{
	const struct span s = buf_span(line);

	if (!chars_begin(s, name) || s.len <= strlen(name) ||
	    s.at[strlen(name)] != ':')
		return false;
	*value = chars_trim(chars_from(s, strlen(name) + 1));
	return true;
}

/* What was found in a calendar text. */
struct found {
	bool begins, ends, method, uid;
};

/* Is `text` a calendar with this method, and this UID if that is not empty? */
static bool is_calendar(struct span text, const char *method, struct span uid)
{
	struct found f = { .uid = uid.len == 0 };
	struct buf line = { 0 };
	struct span value;

	while (next_line(&text, &line)) {
		if (is_line(&line, "BEGIN", &value) &&
		    chars_same(value, chars_of("VCALENDAR")))
			f.begins = true;
		if (is_line(&line, "END", &value) &&
		    chars_same(value, chars_of("VCALENDAR")))
			f.ends = f.begins;
		if (is_line(&line, "METHOD", &value))
			f.method = chars_same(value, chars_of(method));
		if (is_line(&line, "UID", &value))
			f.uid = f.uid || chars_same(value, uid);
	}
	const bool good = !line.bad;
	buf_free(&line);
	return good && f.begins && f.ends && f.method && f.uid;
}

/* Append `text` with CRLF line ends, without what is before its lines. */
static void put_lines(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '\n' && (i == 0 || text.at[i - 1] != '\r'))
			buf_byte(out, '\r');
		buf_byte(out, (char)text.at[i]);
	}
	if (text.len > 0 && text.at[text.len - 1] != '\n')
		buf_str(out, "\r\n");
}

static struct span without_bom(struct span text)
{
	static const uint8_t bom[] = { 0xEF, 0xBB, 0xBF };

	return span_equal(chars_first(text, 3), span_of(bom, 3))
		       ? chars_from(text, 3)
		       : text;
}

/* Append `bytes` if they are the calendar meant; OST_NOT_FOUND: not so. */
static enum ost_status use(struct ical *w, const struct buf *bytes,
			   struct span uid, struct buf *out)
{
	const struct span text = without_bom(buf_span(bytes));

	if (!text_is_utf8(text) || chars_find(text, 0) < text.len ||
	    !is_calendar(text, w->method, uid))
		return OST_NOT_FOUND;
	put_lines(out, text);
	return buf_status(out, w->err);
}

/* The calendar as it came in, that Exchange kept. */
static enum ost_status use_inbound(struct ical *w, struct buf *out)
{
	const uint16_t id = ical_id(w, SET_APPOINTMENT, LID_INBOUND_STREAM);
	struct buf bytes = { 0 };
	enum ost_status st = ical_bytes(w, id, &bytes);

	if (st == OST_OK)
		st = use(w, &bytes, (struct span){ NULL, 0 }, out);
	buf_free(&bytes);
	return st;
}

static bool is_calendar_type(const struct attach *a)
{
	const struct span type = buf_span(&a->type);

	return a->kind == MAIL_FILE && a->data.size <= CALENDAR_MAX &&
	       (chars_begin(type, "text/calendar") ||
		chars_begin(type, "application/ics"));
}

/* One attached, if it is of the same meeting. */
static enum ost_status use_attached(struct ical *w, struct buf *out)
{
	struct attach_list list = { 0 };
	struct buf uid = { 0 }, bytes = { 0 };
	enum ost_status st = ical_uid(w, &uid);

	if (st == OST_OK)
		st = attach_list_open(&list, w->item, w->notes, w->err);
	if (st == OST_OK)
		st = OST_NOT_FOUND;
	for (size_t i = 0; st == OST_NOT_FOUND && i < list.count; i++) {
		const struct attach *a = &list.all[i];

		buf_cut(&bytes, 0);
		if (is_calendar_type(a))
			st = store_bytes(a->object, MAPI_ATTACH_DATA,
					 CALENDAR_MAX, &bytes, w->err);
		if (st == OST_OK)
			st = use(w, &bytes, buf_span(&uid), out);
		st = st == OST_OK || ost_is_internal_or_transient(st)
			     ? st
			     : OST_NOT_FOUND;
	}
	attach_list_close(&list);
	buf_free(&bytes);
	buf_free(&uid);
	return st;
}

enum ost_status ical_meeting(struct store_object *item, struct buf *out,
			     const char **method, struct notes *notes,
			     struct ost_error *err)
{
	struct buf class = { 0 };
	struct ical w = { .item = item, .notes = notes, .err = err };
	enum ost_status st = value_class(item, &class, err);

	w.method = method_of(&w, buf_span(&class));
	*method = w.method;
	buf_free(&class);
	if (st != OST_OK)
		return st;
	if (w.method == NULL)
		return ost_fail(err, OST_NOT_FOUND, "no meeting mail");
	st = use_inbound(&w, out);
	if (st == OST_NOT_FOUND)
		st = use_attached(&w, out);
	return st == OST_NOT_FOUND
		       ? ical_make_event(item, w.method, out, notes, err)
		       : st;
}
