/*
 * ical_common.c - properties, and the lines that every component has
 */
#include "mail/calendar/ical_parts.h"
#include "mail/text/chars.h"
#include "mail/text/date.h"
#include "store/limits.h"

uint16_t ical_id(const struct ical *w, enum value_set set, uint32_t lid)
{
	return value_named(w->item, set, lid);
}

/* Where property `id` is: in the item, else in its series. */
static struct store_object *owner(const struct ical *w, uint16_t id)
{
	struct store_prop p;
	struct ost_error err;

	if (w->series == NULL || store_find(w->item, id, &p, &err) == OST_OK)
		return w->item;
	return w->series;
}

uint64_t ical_number(const struct ical *w, uint16_t id, uint64_t fallback)
{
	return id == 0 ? fallback : store_number(owner(w, id), id, fallback);
}

bool ical_time(const struct ical *w, uint16_t id, int64_t *utc)
{
	uint32_t nsec;

	return id != 0 && date_property(owner(w, id), id, utc, &nsec);
}

enum ost_status ical_string(const struct ical *w, uint16_t id, struct buf *out)
{
	return value_line(owner(w, id), id, out, w->notes, w->err);
}

enum ost_status ical_bytes(const struct ical *w, uint16_t id, struct buf *out)
{
	return id == 0 ? OST_OK
		       : value_bytes(owner(w, id), id, out, w->notes, w->err);
}

enum ost_status ical_put_string(struct ical *w, const char *name, uint16_t id)
{
	struct buf text = { 0 };
	enum ost_status st = ical_string(w, id, &text);

	if (st == OST_OK)
		ical_text_line(&w->lines, name, buf_span(&text));
	buf_free(&text);
	return st;
}

void ical_put_utc(struct ical *w, const char *name, int64_t utc)
{
	char text[CLOCK_TEXT_SIZE];

	clock_text(utc, text);
	ical_line(&w->lines, name, "%sZ", text);
}

void ical_put_time(struct ical *w, const char *name, uint16_t id)
{
	int64_t utc;

	if (ical_time(w, id, &utc))
		ical_put_utc(w, name, utc);
}

void ical_put_date(struct ical *w, const char *name, int64_t wall)
{
	char text[CLOCK_DATE_SIZE];

	clock_date(wall, text);
	ical_name(&w->lines, name);
	ical_parameter(&w->lines, "VALUE", chars_of("DATE"));
	ical_value(&w->lines, chars_of(text));
}

/* When what is said here was said: never the time of day. */
static void put_stamp(struct ical *w)
{
	const bool reply =
		w->method != NULL && (strcmp(w->method, "REPLY") == 0 ||
				      strcmp(w->method, "COUNTER") == 0);
	const uint16_t ids[] = {
		ical_id(w, SET_MEETING,
			reply ? LID_ATTENDEE_CRITICAL_CHANGE
			      : LID_OWNER_CRITICAL_CHANGE),
		MAPI_LAST_MODIFICATION_TIME,
		MAPI_CREATION_TIME,
	};
	int64_t utc = 0;
	size_t i = 0;

	while (i < 3 && !ical_time(w, ids[i], &utc))
		i++;
	if (i == 3)
		note_add(w->notes, NOTE_NO_DATE);
	ical_put_utc(w, "DTSTAMP", i < 3 ? utc : 0);
}

enum ost_status ical_put_identity(struct ical *w, struct span uid)
{
	ical_text_line(&w->lines, "UID", uid);
	put_stamp(w);
	ical_put_time(w, "CREATED", MAPI_CREATION_TIME);
	ical_put_time(w, "LAST-MODIFIED", MAPI_LAST_MODIFICATION_TIME);
	return buf_status(w->lines.out, w->err);
}

enum ost_status ical_put_summary(struct ical *w)
{
	struct buf text = { 0 };
	enum ost_status st = value_subject(w->item, &text, w->notes, w->err);

	if (st == OST_OK && text.len == 0 && w->series != NULL)
		st = value_subject(w->series, &text, w->notes, w->err);
	if (st == OST_OK)
		ical_text_line(&w->lines, "SUMMARY", buf_span(&text));
	buf_free(&text);
	return st;
}

/* RFC 5545 3.8.1.3, and Outlook's "personal" which it lacks. */
static void put_class(struct ical *w)
{
	static const char *const classes[] = { "PUBLIC", "X-PERSONAL",
					       "PRIVATE", "CONFIDENTIAL" };
	const uint64_t private =
		ical_number(w, ical_id(w, SET_COMMON, LID_PRIVATE), 0);
	const uint64_t sensitivity =
		ical_number(w, MAPI_SENSITIVITY, private != 0 ? 2 : 0);

	if (sensitivity < 4)
		ical_line(&w->lines, "CLASS", "%s", classes[sensitivity]);
}

void ical_put_priority(struct ical *w)
{
	static const int priorities[] = { 9, 5, 1 };
	const uint64_t importance = ical_number(w, MAPI_IMPORTANCE, 1);

	if (importance <= 2)
		ical_line(&w->lines, "PRIORITY", "%d", priorities[importance]);
}

static enum ost_status put_categories(struct ical *w, struct span more)
{
	struct store_object *from = w->item;
	struct buf one = { 0 };
	bool begun = more.len > 0;
	enum ost_status st;

	/* An exception that has none may not say so: it says nothing. */
	st = value_category(from, 0, &one, w->notes, w->err);
	if (st == OST_NOT_FOUND && w->series != NULL)
		from = w->series;
	if (begun) {
		ical_name(&w->lines, "CATEGORIES");
		ical_text_part(&w->lines, ":", more);
	}
	for (size_t i = 0;; i++) {
		buf_cut(&one, 0);
		st = value_category(from, i, &one, w->notes, w->err);
		if (st != OST_OK)
			break;
		if (one.len == 0)
			continue;
		if (!begun)
			ical_name(&w->lines, "CATEGORIES");
		ical_text_part(&w->lines, begun ? "," : ":", buf_span(&one));
		begun = true;
	}
	if (begun)
		ical_stop(&w->lines);
	buf_free(&one);
	return ost_is_internal(st) ? st : OST_OK;
}

enum ost_status ical_put_common(struct ical *w, struct span category)
{
	const uint64_t importance = ical_number(w, MAPI_IMPORTANCE, 1);

	put_class(w);
	if (importance <= 2)
		ical_line(&w->lines, "X-MICROSOFT-CDO-IMPORTANCE", "%d",
			  (int)importance);
	return put_categories(w, category);
}

enum ost_status ical_put_list(struct ical *w, const char *name, uint16_t id)
{
	struct store_reading how = { 0 };
	struct buf one = { 0 };
	enum ost_status st = id == 0 ? OST_NOT_FOUND : OST_OK;

	for (size_t i = 0; st == OST_OK && i <= LIMIT_VALUES; i++) {
		buf_cut(&one, 0);
		st = store_multi(w->item, id, i, &one, &how, w->err);
		if (st == OST_OK && i < LIMIT_VALUES)
			ical_text_line(&w->lines, name, buf_span(&one));
	}
	buf_free(&one);
	if (ost_is_internal(st))
		return st;
	notes_reading(w->notes, &how, MAPI_UNICODE);
	if (st != OST_NOT_FOUND) /* damage, or too many */
		note_add(w->notes, NOTE_PROPERTY_CORRUPT);
	return OST_OK;
}
