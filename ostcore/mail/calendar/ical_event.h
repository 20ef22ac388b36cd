/*
 * ical_event.h - private: one appointment on its way to VEVENTs
 */
#ifndef OST_MAIL_ICAL_EVENT_H
#define OST_MAIL_ICAL_EVENT_H

#include "mail/calendar/ical_parts.h"

/* What all VEVENTs of one item share. */
struct event {
	struct ical_zones *zones;
	const struct recurrence *series; /* NULL: it is no series */
	bool all_day;
	bool begins, ends;  /* the next two are known */
	bool dated;	    /* it or its rule says when it begins */
	int64_t start, end; /* wall times, in the zones' start and end */
	int64_t utc_start, utc_end; /* what the item says of them */
	bool instance; /* of a series that is not here: the next is known */
	int64_t instance_wall;
	struct buf uid;
	struct buf people; /* lines */
	struct body body;
	struct attach_list attachments;
	bool *told; /* by attachment: an exception has it; NULL: none does */
};

/* The frame of times in the start's zone. */
struct ical_frame event_frame(const struct event *e);

/*
 * Append one VEVENT: the item's, or with `x` that of an exception of it,
 * whose own message, if it has one, is `w->item`.
 */
enum ost_status event_put(struct ical *w, struct event *e,
			  const struct recurrence_exception *x);

/* ical_series.c: append the VEVENT of each exception. */
enum ost_status event_put_exceptions(struct ical *w, struct event *e);

/* Set `told`: which attachments are exceptions of the series. */
enum ost_status event_find_exceptions(struct event *e, struct ost_error *err);

#endif
