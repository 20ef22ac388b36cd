/*
 * ical_series.c - the exceptions of a series, each a VEVENT
 *
 * What an exception has of its own is in the recurrence blob, and in a
 * message attached to the series; the two are found to belong together by
 * the times that the attachment says, which are wall times [MS-OXOCAL]
 * 2.2.10.
 */
#include <stdlib.h>

#include "bytes/sorted.h"
#include "mail/calendar/ical_event.h"
#include "mail/text/chars.h"
#include "mail/text/date.h"

enum {
	TEXT_MAX = 32 << 20, /* bytes, after which no exception is begun */

	/* Of attachments [MS-OXCMSG] 2.2.2.27 */
	EXCEPTION_START_TIME = 0x7FFB,
	EXCEPTION_REPLACE_TIME = 0x7FF9,
};

/* An attachment by one of its times. */
struct by_time {
	uint16_t id; /* which */
	int64_t wall;
	size_t index;
};

struct index {
	struct by_time *at; /* sorted */
	size_t count;
};

static int compare(const void *a, const void *b)
{
	const struct by_time *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	if (x->wall != y->wall)
		return x->wall < y->wall ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

static enum ost_status index_attachments(const struct attach_list *list,
					 struct index *out,
					 struct ost_error *err)
{
	static const uint16_t ids[] = { EXCEPTION_REPLACE_TIME,
					EXCEPTION_START_TIME };

	*out = (struct index){ calloc(2 * list->count + 1, sizeof(out->at[0])),
			       0 };
	if (out->at == NULL)
		return ost_no_memory(err);
	for (size_t i = 0; i < list->count; i++)
		for (size_t j = 0; ical_is_exception(&list->all[i]) && j < 2;
		     j++) {
			struct by_time *one = &out->at[out->count];
			uint32_t nsec;

			*one = (struct by_time){ .id = ids[j], .index = i };
			if (date_property(list->all[i].object, ids[j],
					  &one->wall, &nsec))
				out->count++;
		}
	qsort(out->at, out->count, sizeof(out->at[0]), compare);
	return OST_OK;
}

/* The first attachment with this time; NULL: none. */
static const struct by_time *find(const struct index *in, uint16_t id,
				  int64_t wall)
{
	const struct by_time want = { .id = id, .wall = wall };
	size_t at;

	SORTED_FIRST(at, in->count, i, compare(&in->at[i], &want) < 0);
	return at < in->count && in->at[at].id == id && in->at[at].wall == wall
		       ? &in->at[at]
		       : NULL;
}

static const struct by_time *
find_exception(const struct index *in, const struct recurrence_exception *x)
{
	const struct by_time *one =
		find(in, EXCEPTION_REPLACE_TIME, clock_minutes(x->original));

	return one != NULL ? one
			   : find(in, EXCEPTION_START_TIME,
				  clock_minutes(x->start));
}

enum ost_status event_find_exceptions(struct event *e, struct ost_error *err)
{
	const struct recurrence *r = e->series;
	struct index index;
	enum ost_status st = index_attachments(&e->attachments, &index, err);

	if (st != OST_OK)
		return st;
	e->told = calloc(e->attachments.count + 1, sizeof(e->told[0]));
	for (size_t i = 0; e->told != NULL && i < r->count_exceptions; i++) {
		const struct by_time *one =
			find_exception(&index, &r->exceptions[i]);

		if (one != NULL)
			e->told[one->index] = true;
	}
	free(index.at);
	return e->told == NULL ? ost_no_memory(err) : OST_OK;
}

static enum ost_status put_exception(struct ical *w, struct event *e,
				     const struct recurrence_exception *x,
				     const struct attach *a)
{
	struct ical own = *w;
	struct store_object *message = NULL;
	enum ost_status st = OST_NOT_FOUND;

	if (a != NULL)
		st = attach_message(a, &message, w->err);
	if (st == OST_OK) {
		own.item = message;
		own.series = w->item;
	} else if (a != NULL && !ost_is_internal_or_transient(st)) {
		note_add(w->notes, NOTE_ATTACH_CORRUPT);
	}
	if (st == OST_OK || !ost_is_internal_or_transient(st))
		st = event_put(&own, e, x);
	store_drop(message);
	w->inside_left = own.inside_left;
	return st;
}

enum ost_status event_put_exceptions(struct ical *w, struct event *e)
{
	const struct recurrence *r = e->series;
	struct index index;
	enum ost_status st = index_attachments(&e->attachments, &index, w->err);

	for (size_t i = 0; st == OST_OK && i < r->count_exceptions; i++) {
		const struct recurrence_exception *x = &r->exceptions[i];
		const struct by_time *one = find_exception(&index, x);

		if (w->lines.out->len > TEXT_MAX) {
			note_add(w->notes, NOTE_RECURRENCE);
			break;
		}
		st = put_exception(
			w, e, x,
			one == NULL ? NULL : &e->attachments.all[one->index]);
	}
	free(index.at);
	return st;
}
