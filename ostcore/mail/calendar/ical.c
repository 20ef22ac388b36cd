/*
 * ical.c - an item as an iCalendar object
 */
#include "mail/calendar/ical.h"

#include "mail/calendar/ical_parts.h"
#include "mail/text/chars.h"

/* What an item of a class becomes. */
enum component {
	COMPONENT_NONE,
	COMPONENT_EVENT,
	COMPONENT_TODO,
	COMPONENT_JOURNAL
};

static enum component component_of(struct span class)
{
	static const struct {
		const char *class;
		enum component component;
	} classes[] = {
		{ "IPM.Appointment", COMPONENT_EVENT },
		{ "IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}",
		  COMPONENT_EVENT },
		{ "IPM.Schedule.Meeting.Notification", COMPONENT_EVENT },
		{ "IPM.Task", COMPONENT_TODO },
		{ "IPM.Activity", COMPONENT_JOURNAL },
	};

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (value_class_is(class, classes[i].class))
			return classes[i].component;
	return COMPONENT_NONE;
}

bool ical_is(struct span class)
{
	return component_of(class) != COMPONENT_NONE;
}

/* Append what was made, with what stands before and after it. */
static enum ost_status finish(struct ical *w, const struct ical_zones *zones,
			      struct buf *out)
{
	struct ical_lines l = { .out = out };
	struct buf notes = { 0 };

	ical_begin(&l, "VCALENDAR");
	ical_line(&l, "VERSION", "2.0");
	ical_line(&l, "PRODID", "-//ostfs//ostfs//EN");
	if (w->method != NULL)
		ical_line(&l, "METHOD", "%s", w->method);
	notes_text(w->notes, &notes);
	ical_text_line(&l, "X-OST-NOTE", buf_span(&notes));
	for (size_t i = 0; i < zones->count; i++)
		if (zones->used[i])
			ical_timezone(&zones->all[i], zones->ids[i],
				      zones->first_year, zones->last_year, &l);
	buf_add(out, w->lines.out->at, w->lines.out->len);
	ical_end(&l, "VCALENDAR");
	out->bad = out->bad || notes.bad;
	buf_free(&notes);
	return buf_status(out, w->err);
}

static enum ost_status put_component(struct ical *w, enum component component,
				     struct ical_zones *zones)
{
	switch (component) {
	case COMPONENT_EVENT:
		return ical_event(w, zones);
	case COMPONENT_TODO:
		return ical_todo(w);
	case COMPONENT_JOURNAL:
		return ical_journal(w);
	case COMPONENT_NONE:
		break;
	}
	return ost_fail(w->err, OST_NOT_FOUND, "no calendar item");
}

static enum ost_status make(struct store_object *item, enum component component,
			    const char *method, uint64_t inside,
			    struct buf *out, struct notes *notes,
			    struct ost_error *err)
{
	struct buf text = { 0 };
	struct ical w = { .lines = { .out = &text },
			  .item = item,
			  .method = method,
			  .inside_left = inside < ICAL_INSIDE_MAX
						 ? inside
						 : ICAL_INSIDE_MAX,
			  .notes = notes,
			  .err = err };
	struct ical_zones zones = { 0 };
	enum ost_status st = put_component(&w, component, &zones);

	if (st == OST_OK)
		st = finish(&w, &zones, out);
	ical_zones_free(&zones);
	buf_free(&text);
	return st;
}

enum ost_status ical_write(struct store_object *item, uint64_t inside,
			   struct buf *out, struct notes *notes,
			   struct ost_error *err)
{
	struct buf class = { 0 };
	enum ost_status st = value_class(item, &class, err);
	const enum component component = component_of(buf_span(&class));

	buf_free(&class);
	return st == OST_OK
		       ? make(item, component, NULL, inside, out, notes, err)
		       : st;
}

enum ost_status ical_make_event(struct store_object *item, const char *method,
				struct buf *out, struct notes *notes,
				struct ost_error *err)
{
	return make(item, COMPONENT_EVENT, method, ICAL_INSIDE_MAX, out, notes,
		    err);
}
