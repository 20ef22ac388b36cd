/*
 * ical_task.c - tasks as VTODO, journal entries as VJOURNAL
 */
#include <stdlib.h>

#include "mail/calendar/ical_parts.h"
#include "mail/text/chars.h"

/* PidLidTaskStatus [MS-OXOTASK] 2.2.2.2.2 */
enum { TASK_COMPLETE = 2, TASK_WAITING = 3, TASK_DEFERRED = 4 };

/* What both have: after their own lines. */
static enum ost_status put_content(struct ical *w)
{
	struct attach_list list = { 0 };
	struct body body = { 0 };
	enum ost_status st = body_read(w->item, &body, w->notes, w->err);

	if (st == OST_OK)
		ical_put_body(w, &body, NULL);
	if (st == OST_OK)
		st = attach_list_open(&list, w->item, w->notes, w->err);
	if (st == OST_OK)
		st = ical_put_attachments(w, &list, NULL);
	attach_list_close(&list);
	body_free(&body);
	return st;
}

static enum ost_status put_begin(struct ical *w, struct span category)
{
	struct buf uid = { 0 };
	enum ost_status st = ical_uid(w, &uid);

	if (st == OST_OK)
		st = ical_put_identity(w, buf_span(&uid));
	if (st == OST_OK)
		st = ical_put_summary(w);
	if (st == OST_OK)
		st = ical_put_common(w, category);
	buf_free(&uid);
	return st;
}

/*
 * Tasks
 */

static uint16_t task_id(const struct ical *w, uint32_t lid)
{
	return ical_id(w, SET_TASK, lid);
}

static void put_task_status(struct ical *w)
{
	static const char *const names[] = { "NEEDS-ACTION", "IN-PROCESS",
					     "COMPLETED", "IN-PROCESS",
					     "NEEDS-ACTION" };
	uint64_t status = ical_number(w, task_id(w, LID_TASK_STATUS), 0);

	if (ical_number(w, task_id(w, LID_TASK_COMPLETE), 0) != 0)
		status = TASK_COMPLETE;
	if (status < sizeof(names) / sizeof(names[0]))
		ical_line(&w->lines, "STATUS", "%s", names[status]);
	if (status == TASK_WAITING || status == TASK_DEFERRED)
		ical_line(&w->lines, "X-MICROSOFT-STATUS", "%s",
			  status == TASK_WAITING ? "WAITING" : "DEFERRED");
}

/* A double of 0 to 1; false: none. */
static bool read_fraction(const struct ical *w, uint16_t id, double *out)
{
	uint8_t bytes[8];
	struct store_prop p;
	struct ost_error err;

	if (id == 0 || store_find(w->item, id, &p, &err) != OST_OK ||
	    p.type != MAPI_FLOATING64 || p.size != sizeof(bytes) ||
	    store_read(w->item, &p, 0, bytes, sizeof(bytes), &err) != OST_OK)
		return false;
	struct cursor c = cur_at(span_of(bytes, sizeof(bytes)), 0);
	const uint64_t bits = cur_u64(&c);
	memcpy(out, &bits, sizeof(*out));
	return *out >= 0 && *out <= 1; /* and no NaN */
}

/* Days are kept as midnights of them in UTC, wherever they were meant. */
static void put_task_days(struct ical *w)
{
	int64_t start = 0, due = 0;
	const bool starts = ical_time(w, task_id(w, LID_TASK_START), &start);
	const bool ends = ical_time(w, task_id(w, LID_TASK_DUE), &due);

	if (starts)
		ical_put_date(w, "DTSTART", start);
	/* RFC 5545 3.8.2.3: none is due before it starts. */
	if (starts && ends && due < start) {
		note_add(w->notes, NOTE_TIMES);
		ical_put_date(w, "X-OST-DUE", due);
	} else if (ends) {
		ical_put_date(w, "DUE", due);
	}
}

/*
 * The rule of a task. One that comes again only when it is done, so long
 * after that, and one whose series is over or is no more, are no RRULE: that
 * would come again for ever, whatever becomes of the task.
 */
static void put_rule(struct ical *w, const struct recurrence *r)
{
	const struct ical_frame days = { .all_day = true };
	const bool over =
		ical_number(w, task_id(w, LID_TASK_DEAD_OCCURRENCE), 0) != 0 ||
		ical_number(w, task_id(w, LID_TASK_RECURRING), 1) == 0;
	int64_t start;

	if (r->sliding || over) {
		note_add(w->notes, NOTE_TASK_RULE);
		ical_put_foreign_rule(
			w, over ? "X-OST-RRULE-ENDED" : "X-OST-RRULE-WHEN-DONE",
			r, &days);
		return;
	}
	if (!ical_time(w, task_id(w, LID_TASK_START), &start))
		ical_put_date(w, "DTSTART", clock_minutes(r->start));
	ical_put_rule(w, r, &days);
}

/* How the task comes again; its first day when it does not say its own. */
static enum ost_status put_task_rule(struct ical *w)
{
	struct recurrence r = { 0 };
	struct buf blob = { 0 };
	enum ost_status st = ical_bytes(w, task_id(w, LID_TASK_RECUR), &blob);

	if (st == OST_OK && blob.len > 0) {
		st = recurrence_decode_pattern(&r, buf_span(&blob), w->err);
		if (st == OST_OK)
			put_rule(w, &r);
		if (st == OST_CORRUPT || r.damaged)
			note_add(w->notes, NOTE_RECURRENCE);
		if (st == OST_CORRUPT)
			st = OST_OK;
	}
	recurrence_free(&r);
	buf_free(&blob);
	return st;
}

static void put_number(struct ical *w, const char *name, uint16_t id)
{
	const uint64_t none = UINT64_MAX;
	const uint64_t value = ical_number(w, id, none);

	if (value != none)
		ical_line(&w->lines, name, "%d", (int)(int32_t)value);
}

static enum ost_status put_task_facts(struct ical *w)
{
	const struct {
		const char *name;
		enum value_set set;
		uint32_t lid;
	} texts[] = {
		{ "X-MS-OLK-MILEAGE", SET_COMMON, LID_MILEAGE },
		{ "X-MS-OLK-BILLING", SET_COMMON, LID_BILLING },
		{ "X-MS-OLK-OWNER", SET_TASK, LID_TASK_OWNER },
		{ "X-MS-OLK-ASSIGNER", SET_TASK, LID_TASK_ASSIGNER },
	};
	enum ost_status st = OST_OK;

	put_number(w, "X-MS-OLK-ACTUALWORK", task_id(w, LID_TASK_ACTUAL));
	put_number(w, "X-MS-OLK-TOTALWORK", task_id(w, LID_TASK_ESTIMATED));
	for (size_t i = 0; st == OST_OK && i < sizeof(texts) / sizeof(texts[0]);
	     i++)
		st = ical_put_string(w, texts[i].name,
				     ical_id(w, texts[i].set, texts[i].lid));
	if (st == OST_OK)
		st = ical_put_list(w, "X-MS-OLK-COMPANIES",
				   ical_id(w, SET_COMMON, LID_COMPANIES));
	return st;
}

/* A reminder of a task is at a time of its own. */
static void put_task_alarm(struct ical *w)
{
	char text[CLOCK_TEXT_SIZE + 1];
	int64_t at;

	if (ical_number(w, ical_id(w, SET_COMMON, LID_REMINDER_SET), 0) == 0 ||
	    (!ical_time(w, ical_id(w, SET_COMMON, LID_REMINDER_SIGNAL_TIME),
			&at) &&
	     !ical_time(w, ical_id(w, SET_COMMON, LID_REMINDER_TIME), &at)))
		return;
	clock_text(at, text);
	strcat(text, "Z");
	ical_begin(&w->lines, "VALARM");
	ical_line(&w->lines, "ACTION", "DISPLAY");
	ical_line(&w->lines, "DESCRIPTION", "Reminder");
	ical_name(&w->lines, "TRIGGER");
	ical_parameter(&w->lines, "VALUE", chars_of("DATE-TIME"));
	ical_value(&w->lines, chars_of(text));
	ical_end(&w->lines, "VALARM");
}

enum ost_status ical_todo(struct ical *w)
{
	double done;
	bool given;
	enum ost_status st;

	ical_begin(&w->lines, "VTODO");
	st = put_begin(w, (struct span){ NULL, 0 });
	if (st == OST_OK) {
		ical_put_priority(w);
		put_task_days(w);
		ical_put_time(w, "COMPLETED", task_id(w, LID_TASK_COMPLETED));
		put_task_status(w);
		if (read_fraction(w, task_id(w, LID_TASK_PERCENT), &done))
			ical_line(&w->lines, "PERCENT-COMPLETE", "%d",
				  (int)(done * 100 + 0.5));
		st = put_task_rule(w);
	}
	if (st == OST_OK)
		st = put_task_facts(w);
	if (st == OST_OK) /* to whom it was assigned */
		st = ical_put_people(w, &given);
	if (st == OST_OK)
		st = put_content(w);
	put_task_alarm(w);
	ical_end(&w->lines, "VTODO");
	return st == OST_OK ? buf_status(w->lines.out, w->err) : st;
}

/*
 * Journal entries
 */

static uint16_t log_id(const struct ical *w, uint32_t lid)
{
	return ical_id(w, SET_LOG, lid);
}

enum ost_status ical_journal(struct ical *w)
{
	const uint64_t minutes =
		ical_number(w, log_id(w, LID_LOG_DURATION), UINT64_MAX);
	struct buf type = { 0 };
	enum ost_status st = ical_string(w, log_id(w, LID_LOG_TYPE), &type);

	ical_begin(&w->lines, "VJOURNAL");
	if (st == OST_OK)
		st = put_begin(w, buf_span(&type));
	if (st == OST_OK) {
		ical_put_time(w, "DTSTART", log_id(w, LID_LOG_START));
		ical_put_time(w, "X-DTEND", log_id(w, LID_LOG_END));
		if (minutes <= INT32_MAX)
			ical_line(&w->lines, "X-DURATION", "PT%dM",
				  (int)minutes);
		ical_text_line(&w->lines, "X-TYPE", buf_span(&type));
		st = ical_put_string(w, "X-TYPE-DESC",
				     log_id(w, LID_LOG_DESCRIPTION));
	}
	if (st == OST_OK)
		st = ical_put_list(w, "CONTACT",
				   ical_id(w, SET_COMMON, LID_CONTACTS));
	if (st == OST_OK)
		st = put_content(w);
	ical_end(&w->lines, "VJOURNAL");
	buf_free(&type);
	return st == OST_OK ? buf_status(w->lines.out, w->err) : st;
}
