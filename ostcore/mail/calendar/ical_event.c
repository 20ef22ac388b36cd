/*
 * ical_event.c - an appointment or a meeting as VEVENT
 *
 * A VEVENT begins at some time [RFC 5545 3.6.1], and when the item was made is
 * none of its times. So one that does not say when it begins is a VTODO, which
 * needs no time. What is sent with a METHOD is a VEVENT even then.
 */
#include <stdlib.h>

#include "bytes/text.h"
#include "mail/calendar/ical_event.h"
#include "mail/text/chars.h"

/*
 * When it is
 */

/* The first there is of some properties. */
static bool first_time(const struct ical *w, const uint16_t ids[4],
		       int64_t *utc)
{
	for (size_t i = 0; i < 4; i++)
		if (ical_time(w, ids[i], utc))
			return true;
	return false;
}

/* The times the item says, in UTC: those it proposes before those it has. */
static void read_times(const struct ical *w, struct event *e)
{
	const bool counter =
		w->method != NULL && strcmp(w->method, "COUNTER") == 0;
	const uint16_t starts[4] = {
		counter ? ical_id(w, SET_APPOINTMENT, LID_PROPOSED_START) : 0,
		ical_id(w, SET_APPOINTMENT, LID_START_WHOLE),
		MAPI_START_DATE,
		ical_id(w, SET_COMMON, LID_COMMON_START),
	};
	const uint16_t ends[4] = {
		counter ? ical_id(w, SET_APPOINTMENT, LID_PROPOSED_END) : 0,
		ical_id(w, SET_APPOINTMENT, LID_END_WHOLE),
		MAPI_END_DATE,
		ical_id(w, SET_COMMON, LID_COMMON_END),
	};
	const int64_t minutes = (int32_t)ical_number(
		w, ical_id(w, SET_APPOINTMENT, LID_DURATION), 0);

	e->begins = first_time(w, starts, &e->start);
	e->ends = first_time(w, ends, &e->end);
	if (e->begins && !e->ends && minutes > 0) {
		e->end = e->start + 60 * minutes;
		e->ends = true;
	}
	if (!e->begins)
		e->start = e->ends ? e->end : 0;
	e->utc_start = e->start;
	e->utc_end = e->end;
	/* Of a series the rule says the first day, and mostly the time. */
	e->dated = e->begins || e->series != NULL;
	if (!e->begins && (e->series == NULL || !e->series->timed)) {
		note_add(w->notes, NOTE_NO_DATE);
		e->all_day = e->dated || e->all_day;
	}
}

/*
 * The times of a series are those of its rule, as all that goes with it is.
 * `e` has the times of the item, in UTC.
 */
static enum ost_status set_series_times(const struct ical *w, struct event *e,
					struct ical_zones *zones)
{
	const struct recurrence *r = e->series;
	const int64_t length = e->ends ? e->end - e->start : 0;
	const int64_t first = clock_minutes(r->start);
	int64_t wall = zone_wall(zones->start, e->start);
	enum ost_status st = OST_OK;

	if (r->timed) {
		wall = first + INT64_C(60) * r->start_offset;
		if (!zones->known && !e->all_day && e->begins) {
			const int64_t minutes = (wall - e->start) / 60;

			note_add(w->notes, NOTE_NO_ZONE);
			if (minutes != 0 && minutes > -1440 && minutes < 1440)
				st = ical_zones_fix(zones, (int32_t)minutes,
						    w->err);
		}
		e->end = first + INT64_C(60) * r->end_offset;
		e->ends = true;
	} else {
		wall = e->begins ? first + (wall - clock_midnight(wall))
				 : first;
		e->end = wall + length;
	}
	e->start = wall;
	return st;
}

/*
 * Of which instance it is when it is told alone, with no series around it, as
 * a wall time; false: it is none, or only its day is known.
 */
static bool find_instance(const struct ical *w, const struct event *e,
			  const struct zone *zone, int64_t *wall)
{
	int64_t start = e->start;

	const uint16_t id = ical_id(w, SET_MEETING, LID_GLOBAL_OBJECT_ID);
	struct buf goid = { 0 };
	bool found = ical_time(
		w, ical_id(w, SET_APPOINTMENT, LID_EXCEPTION_REPLACE_TIME),
		wall);

	if (found) {
		*wall = zone_wall(zone, *wall);
		return true;
	}
	found = e->begins && ical_bytes(w, id, &goid) == OST_OK &&
		ical_uid_day(buf_span(&goid), wall);
	if (found) {
		start = zone_wall(zone, start);
		*wall += start - clock_midnight(start);
	}
	buf_free(&goid);
	return found;
}

static enum ost_status set_single_times(const struct ical *w, struct event *e,
					struct ical_zones *zones)
{
	int64_t times[3] = { e->start, e->ends ? e->end : e->start, e->start };
	int64_t wall;
	enum ost_status st;

	if (find_instance(w, e, zones->start, &wall))
		times[2] = zone_utc(zones->start, wall);
	st = ical_zones_single(zones, times, 3, w->err);
	e->instance = find_instance(w, e, zones->start, &e->instance_wall);
	e->start = zone_wall(zones->start, e->start);
	e->end = zone_wall(zones->end, e->end);
	return st;
}

static enum ost_status set_times(const struct ical *w, struct event *e,
				 struct ical_zones *zones)
{
	enum ost_status st = OST_OK;

	e->zones = zones;
	e->all_day = ical_number(w, ical_id(w, SET_APPOINTMENT, LID_SUBTYPE),
				 0) != 0;
	read_times(w, e);
	if (e->series == NULL)
		return set_single_times(w, e, zones);
	st = set_series_times(w, e, zones);
	if (st == OST_OK)
		st = ical_zones_series(zones, e->series, e->start, w->err);
	return st;
}

struct ical_frame event_frame(const struct event *e)
{
	struct ical_frame f = {
		.all_day = e->all_day,
		.offset = e->start - clock_midnight(e->start),
	};

	ical_zones_frame(e->zones, e->zones->start, &f);
	return f;
}

static bool is_todo(const struct ical *w, const struct event *e)
{
	return !e->dated && w->method == NULL;
}

/* A time on the wall, and the one that it is: if `told`, as the item says. */
struct moment {
	int64_t wall, utc;
	bool told;
};

/* `utc` says which a wall time is that the clock shows twice; NULL: it is not
   told. */
static struct moment moment_of(const struct zone *z, int64_t wall,
			       const int64_t *utc)
{
	const bool told = utc != NULL && zone_wall(z, *utc) == wall;

	return (struct moment){ wall, told ? *utc : zone_utc(z, wall), told };
}

/*
 * A wall time that the clock shows twice is the first [RFC 5545 3.3.5], and
 * the second to libical and icalendar: no time that is told is left to them.
 */
static void put_moment(struct ical *w, const char *name,
		       const struct ical_frame *f, struct moment at)
{
	if (at.told && zone_twice(f->zone, at.wall))
		ical_put_utc(w, name, at.utc);
	else
		ical_put_wall(&w->lines, name, f, at.wall);
}

/* DTSTART and DTEND of whole days. */
static void put_days(struct ical *w, const struct event *e,
		     const struct ical_frame *f, int64_t start, int64_t end)
{
	start = clock_nearest_midnight(start);
	end = clock_nearest_midnight(end);
	ical_put_wall(&w->lines, "DTSTART", f, start);
	ical_put_wall(&w->lines, "DTEND", f,
		      e->ends && end > start ? end : start + CLOCK_DAY);
}

/* DTSTART and DTEND, which does not belong to what has no length. */
static void put_times(struct ical *w, const struct event *e,
		      const struct ical_frame *from, struct moment start,
		      struct moment end)
{
	struct ical_frame to = *from;

	ical_zones_frame(e->zones, e->zones->end, &to);
	if (!e->dated) {
		to.all_day = false;
		if (e->ends)
			put_moment(w, is_todo(w, e) ? "DUE" : "DTEND", &to,
				   end);
		return;
	}
	if (from->all_day) {
		put_days(w, e, from, start.wall, end.wall);
		return;
	}
	put_moment(w, "DTSTART", from, start);
	if (e->ends && end.utc > start.utc)
		put_moment(w, "DTEND", &to, end);
	else if (e->ends && end.utc < start.utc) {
		note_add(w->notes, NOTE_TIMES);
		put_moment(w, "X-OST-DTEND", &to, end);
	}
}

/*
 * What it says
 */

static bool has(const struct recurrence_exception *x, uint16_t flag)
{
	return x != NULL && (x->flags & flag);
}

/* A text that an exception has of its own; false: it has none. */
static bool put_own(struct ical *w, const char *name, struct span wide,
		    struct span narrow)
{
	struct buf raw = { 0 };
	const uint16_t type = wide.len > 0 ? MAPI_UNICODE : MAPI_STRING8;
	struct store_reading how = { 0 };

	store_decode(w->item, type, wide.len > 0 ? wide : narrow, &raw, &how);
	notes_reading(w->notes, &how, type);
	const struct span text = chars_trim(buf_span(&raw));
	ical_text_line(&w->lines, name, text);
	w->lines.out->bad = w->lines.out->bad || raw.bad;
	buf_free(&raw);
	return text.len > 0;
}

static enum ost_status put_texts(struct ical *w,
				 const struct recurrence_exception *x)
{
	enum ost_status st = OST_OK;

	if (!has(x, EXCEPTION_SUBJECT) ||
	    !put_own(w, "SUMMARY", x->wide_subject, x->subject))
		st = ical_put_summary(w);
	if (st != OST_OK)
		return st;
	if (has(x, EXCEPTION_LOCATION)) {
		(void)put_own(w, "LOCATION", x->wide_location, x->location);
		return OST_OK;
	}
	return ical_put_string(w, "LOCATION",
			       ical_id(w, SET_APPOINTMENT, LID_LOCATION));
}

static void put_busy_name(struct ical *w, const char *name, uint64_t busy)
{
	static const char *const names[] = { "FREE", "TENTATIVE", "BUSY", "OOF",
					     "WORKINGELSEWHERE" };

	if (busy < sizeof(names) / sizeof(names[0]))
		ical_line(&w->lines, name, "%s", names[busy]);
}

static void put_state(struct ical *w, const struct event *e,
		      const struct recurrence_exception *x)
{
	const uint64_t state =
		ical_number(w, ical_id(w, SET_APPOINTMENT, LID_STATE_FLAGS), 0);
	const uint64_t none = UINT64_MAX;
	const uint64_t intended = ical_number(
		w, ical_id(w, SET_APPOINTMENT, LID_INTENDED_BUSY_STATUS), none);
	uint64_t busy =
		ical_number(w, ical_id(w, SET_APPOINTMENT, LID_BUSY_STATUS), 2);
	const bool cancel =
		(w->method != NULL && strcmp(w->method, "CANCEL") == 0) ||
		(state & STATE_CANCELED);

	if (has(x, EXCEPTION_BUSY))
		busy = x->busy;
	/* A request is kept tentative until it is answered. */
	const uint64_t meant =
		w->method != NULL && intended != none ? intended : busy;
	if (cancel || !is_todo(w, e))
		ical_line(&w->lines, "STATUS", "%s",
			  cancel		    ? "CANCELLED"
			  : meant == BUSY_TENTATIVE ? "TENTATIVE"
						    : "CONFIRMED");
	if (!is_todo(w, e))
		ical_line(&w->lines, "TRANSP", "%s",
			  meant == 0 || meant == 4 ? "TRANSPARENT" : "OPAQUE");
	put_busy_name(w, "X-MICROSOFT-CDO-BUSYSTATUS", busy);
	put_busy_name(w, "X-MICROSOFT-CDO-INTENDEDSTATUS", intended);
}

static void put_alarm(struct ical *w, const struct recurrence_exception *x)
{
	enum { DEFAULT = 0x5AE980E1, DEFAULT_MINUTES = 15 };
	uint64_t set =
		ical_number(w, ical_id(w, SET_COMMON, LID_REMINDER_SET), 0);
	uint64_t delta = ical_number(
		w, ical_id(w, SET_COMMON, LID_REMINDER_DELTA), DEFAULT);

	if (has(x, EXCEPTION_REMINDER))
		set = x->reminder;
	if (has(x, EXCEPTION_REMINDER_DELTA))
		delta = x->reminder_delta;
	if (set == 0)
		return;
	const int64_t minutes =
		delta == DEFAULT ? DEFAULT_MINUTES : (int32_t)delta;
	ical_begin(&w->lines, "VALARM");
	ical_line(&w->lines, "ACTION", "DISPLAY");
	ical_line(&w->lines, "DESCRIPTION", "Reminder");
	ical_line(&w->lines, "TRIGGER", "%sPT%lldM", minutes > 0 ? "-" : "",
		  (long long)(minutes < 0 ? -minutes : minutes));
	ical_end(&w->lines, "VALARM");
}

/* What only Outlook asks for [MS-OXCICAL] */
static enum ost_status put_outlook(struct ical *w, const struct event *e,
				   const struct recurrence_exception *x,
				   bool all_day)
{
	const uint64_t none = UINT64_MAX;
	const uint64_t owner = ical_number(w, MAPI_OWNER_APPOINTMENT_ID, none);
	const uint64_t no_counter = ical_number(
		w, ical_id(w, SET_APPOINTMENT, LID_NOT_ALLOW_PROPOSE), none);
	enum ost_status st = OST_OK;

	ical_line(&w->lines, "X-MICROSOFT-CDO-ALLDAYEVENT", "%s",
		  all_day ? "TRUE" : "FALSE");
	ical_line(&w->lines, "X-MICROSOFT-CDO-INSTTYPE", "%d",
		  x != NULL	      ? 3
		  : e->series != NULL ? 1
				      : 0);
	if (owner != none)
		ical_line(&w->lines, "X-MICROSOFT-CDO-OWNERAPPTID", "%d",
			  (int)(int32_t)owner);
	if (no_counter != none)
		ical_line(&w->lines, "X-MICROSOFT-DISALLOW-COUNTER", "%s",
			  no_counter != 0 ? "TRUE" : "FALSE");
	if (e->series != NULL && x == NULL)
		st = ical_put_string(
			w, "X-MICROSOFT-RECURTEXT",
			ical_id(w, SET_APPOINTMENT, LID_RECURRENCE_PATTERN));
	if (st == OST_OK)
		st = ical_put_string(
			w, "X-MICROSOFT-TZTEXT",
			ical_id(w, SET_APPOINTMENT, LID_ZONE_DESCRIPTION));
	return st;
}

/* ORGANIZER and ATTENDEEs; those of the series when it has none itself. */
static enum ost_status put_people(struct ical *w, struct event *e, bool own)
{
	const size_t before = w->lines.out->len;
	bool given = false;
	enum ost_status st = OST_OK;

	if (own)
		st = ical_put_people(w, &given);
	if (st != OST_OK)
		return st;
	if (w->series == NULL && own)
		buf_add(&e->people, w->lines.out->at + before,
			w->lines.out->len - before);
	else if (!given) {
		buf_cut(w->lines.out, before);
		buf_add(w->lines.out, e->people.at, e->people.len);
	}
	return OST_OK;
}

static bool says_something(const struct body *b)
{
	return b->plain.len > 0 || b->html.len > 0 || b->rtf.len > 0 ||
	       b->plain_raw.len > 0 || b->html_raw.len > 0;
}

/* DESCRIPTION, ATTACH: of an exception, its own, else those of the series. */
static enum ost_status put_content(struct ical *w, struct event *e,
				   bool exception)
{
	struct attach_list list = { 0 };
	struct body body = { 0 };
	enum ost_status st;

	if (!exception || w->series == NULL) {
		ical_put_body(w, &e->body, exception ? &e->body : NULL);
		/* Those of a mail are parts of it. */
		return exception || w->method != NULL
			       ? OST_OK
			       : ical_put_attachments(w, &e->attachments,
						      e->told);
	}
	st = body_read(w->item, &body, w->notes, w->err);
	if (st == OST_OK)
		ical_put_body(w, says_something(&body) ? &body : &e->body,
			      exception ? &e->body : NULL);
	if (st == OST_OK && w->method == NULL)
		st = attach_list_open(&list, w->item, w->notes, w->err);
	if (st == OST_OK)
		st = ical_put_attachments(w, &list, NULL);
	attach_list_close(&list);
	body_free(&body);
	return st;
}

/* Those of a series are not told one by one, but by its rule. */
static void put_own_times(struct ical *w, const struct event *e,
			  const struct ical_frame *frame)
{
	const bool alone = e->series == NULL;

	put_times(w, e, frame,
		  moment_of(e->zones->start, e->start,
			    alone ? &e->utc_start : NULL),
		  moment_of(e->zones->end, e->end, alone ? &e->utc_end : NULL));
}

/* The rule has wall times; the message of an exception, if any, is in UTC. */
static void put_exception_times(struct ical *w, const struct event *e,
				const struct recurrence_exception *x,
				const struct ical_frame *frame)
{
	const struct zone *z = e->zones->start;
	int64_t start, end;
	const bool starts = ical_time(
		w, ical_id(w, SET_APPOINTMENT, LID_START_WHOLE), &start);
	const bool ends =
		ical_time(w, ical_id(w, SET_APPOINTMENT, LID_END_WHOLE), &end);

	put_times(w, e, frame,
		  moment_of(z, clock_minutes(x->start), starts ? &start : NULL),
		  moment_of(z, clock_minutes(x->end), ends ? &end : NULL));
}

static void put_when(struct ical *w, const struct event *e,
		     const struct recurrence_exception *x,
		     const struct ical_frame *instance)
{
	const struct ical_frame frame = event_frame(e);
	const uint64_t none = UINT64_MAX;
	const uint64_t sequence = ical_number(
		w, ical_id(w, SET_APPOINTMENT, LID_APPOINTMENT_SEQUENCE), none);

	if (x != NULL) {
		ical_put_wall(&w->lines, "RECURRENCE-ID", &frame,
			      clock_minutes(x->original));
		put_exception_times(w, e, x, instance);
	} else {
		if (e->instance)
			ical_put_wall(&w->lines, "RECURRENCE-ID", &frame,
				      e->instance_wall);
		put_own_times(w, e, &frame);
	}
	if (x == NULL && e->series != NULL)
		ical_put_rule(w, e->series, &frame);
	/* RFC 5546 wants one in what is sent. */
	if (sequence <= INT32_MAX || w->method != NULL)
		ical_line(&w->lines, "SEQUENCE", "%d",
			  sequence <= INT32_MAX ? (int)sequence : 0);
}

enum ost_status event_put(struct ical *w, struct event *e,
			  const struct recurrence_exception *x)
{
	const char *component = is_todo(w, e) ? "VTODO" : "VEVENT";
	struct ical_frame instance = event_frame(e);
	enum ost_status st;

	if (has(x, EXCEPTION_ALL_DAY))
		instance.all_day = x->all_day != 0;
	ical_begin(&w->lines, component);
	st = ical_put_identity(w, buf_span(&e->uid));
	if (st == OST_OK) {
		put_when(w, e, x, &instance);
		st = put_texts(w, x);
	}
	if (st == OST_OK)
		st = ical_put_common(w, (struct span){ NULL, 0 });
	if (st == OST_OK) {
		ical_put_priority(w);
		put_state(w, e, x);
		st = put_outlook(w, e, x, instance.all_day);
	}
	if (st == OST_OK)
		st = put_people(w, e, x == NULL || w->series != NULL);
	if (st == OST_OK)
		st = put_content(w, e, x != NULL);
	if (e->dated)
		put_alarm(w, x);
	ical_end(&w->lines, component);
	return st == OST_OK ? buf_status(w->lines.out, w->err) : st;
}

/*
 * All of it
 */

/* The recurrence of the item; OST_NOT_FOUND: it has none. */
static enum ost_status read_series(struct ical *w, struct recurrence *out,
				   struct buf *blob)
{
	enum ost_status st =
		ical_bytes(w, ical_id(w, SET_APPOINTMENT, LID_RECUR), blob);

	if (st != OST_OK)
		return st;
	if (blob->len == 0)
		return OST_NOT_FOUND;
	st = recurrence_decode(out, buf_span(blob), w->err);
	if (st == OST_CORRUPT || out->damaged)
		note_add(w->notes, NOTE_RECURRENCE);
	return st == OST_CORRUPT ? OST_NOT_FOUND : st;
}

static enum ost_status gather(struct ical *w, struct event *e,
			      struct ical_zones *zones)
{
	enum ost_status st = ical_zones_read(zones, w, e->series != NULL);

	if (st == OST_OK)
		st = set_times(w, e, zones);
	if (st == OST_OK)
		st = ical_uid(w, &e->uid);
	if (st == OST_OK)
		st = body_read(w->item, &e->body, w->notes, w->err);
	if (st == OST_OK)
		st = attach_list_open(&e->attachments, w->item, w->notes,
				      w->err);
	if (st == OST_OK && e->series != NULL)
		st = event_find_exceptions(e, w->err);
	return st;
}

bool ical_start(struct store_object *item, int64_t *wall, bool *all_day)
{
	struct ost_error err;
	struct notes notes = { 0 };
	struct ical w = { .item = item, .notes = &notes, .err = &err };
	struct recurrence series = { 0 };
	struct ical_zones zones = { 0 };
	struct event e = { 0 };
	struct buf blob = { 0 };
	enum ost_status st = read_series(&w, &series, &blob);

	if (st == OST_OK)
		e.series = &series;
	if (st == OST_OK || st == OST_NOT_FOUND)
		st = ical_zones_read(&zones, &w, e.series != NULL);
	if (st == OST_OK)
		st = set_times(&w, &e, &zones);
	*all_day = e.all_day;
	*wall = e.all_day ? clock_nearest_midnight(e.start) : e.start;
	ical_zones_free(&zones);
	recurrence_free(&series);
	buf_free(&blob);
	return st == OST_OK && e.dated;
}

enum ost_status ical_event(struct ical *w, struct ical_zones *zones)
{
	struct recurrence series = { 0 };
	struct event e = { 0 };
	struct buf blob = { 0 };
	enum ost_status st = read_series(w, &series, &blob);

	if (st == OST_OK)
		e.series = &series;
	if (st == OST_OK || st == OST_NOT_FOUND)
		st = gather(w, &e, zones);
	if (st == OST_OK)
		st = event_put(w, &e, NULL);
	if (st == OST_OK && e.series != NULL)
		st = event_put_exceptions(w, &e);
	buf_free(&e.uid);
	buf_free(&e.people);
	body_free(&e.body);
	attach_list_close(&e.attachments);
	free(e.told);
	recurrence_free(&series);
	buf_free(&blob);
	return st == OST_OK ? buf_status(w->lines.out, w->err) : st;
}
