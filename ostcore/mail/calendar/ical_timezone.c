/*
 * ical_timezone.c - a time zone as VTIMEZONE  [RFC 5545] 3.6.5
 *
 * Each rule becomes a STANDARD and a DAYLIGHT that come again each year up to
 * the next rule. Where a rule begins with another offset than the one before
 * it ends with, one more says so for the New Year.
 */
#include "mail/calendar/ical_parts.h"

enum {
	FIRST_YEAR = 1601, /* from which Windows counts */
	LAST_YEAR = 9999,
};

static void put_offset(struct ical_lines *l, const char *name, int32_t minutes)
{
	struct buf offset = { 0 };

	zone_offset(minutes, &offset);
	ical_line(l, name, "%s", buf_text(&offset));
	buf_free(&offset);
}

/* A change at `c`, again each year until `last` unless that is NULL. */
static void put_change(struct ical_lines *l, const struct zone_change *c,
		       const char *again)
{
	const char *kind = c->daylight ? "DAYLIGHT" : "STANDARD";
	char start[CLOCK_TEXT_SIZE];

	clock_text(c->wall, start);
	ical_begin(l, kind);
	ical_line(l, "DTSTART", "%s", start);
	if (again != NULL)
		ical_line(l, "RRULE", "%s", again);
	put_offset(l, "TZOFFSETFROM", c->from);
	put_offset(l, "TZOFFSETTO", c->to);
	ical_end(l, kind);
}

/* How a change comes again each year, up to `last` or, NULL, for ever. */
static void put_again(const struct zone_when *w, const struct zone_change *last,
		      struct buf *out)
{
	static const char days[][3] = {
		"SU", "MO", "TU", "WE", "TH", "FR", "SA"
	};
	char until[CLOCK_TEXT_SIZE];

	buf_printf(out, "FREQ=YEARLY;BYMONTH=%u;BYDAY=%d%s", w->month,
		   w->day == 5 ? -1 : (int)w->day, days[w->weekday % 7]);
	if (last == NULL)
		return;
	clock_text(last->wall - INT64_C(60) * last->from, until);
	buf_printf(out, ";UNTIL=%sZ", until);
}

/* What rule `r` says of the years `from` to `to`, when it has changes. */
static void put_changes(struct ical_lines *l, const struct zone_rule *r,
			int from, int to)
{
	struct zone_change first[2] = { { 0 } }, last[2] = { { 0 } };
	const size_t count = zone_changes(r, from, first);
	const size_t ends = zone_changes(r, to, last);

	for (size_t i = 0; i < count; i++) {
		const struct zone_when *w =
			first[i].daylight ? &r->to_daylight : &r->to_standard;
		struct buf again = { 0 };

		/* Two that are a few days apart may change places. */
		const size_t same =
			last[i].daylight == first[i].daylight ? i : 1 - i;
		if (w->year == 0 && from < to && ends == count)
			put_again(w, to == LAST_YEAR ? NULL : &last[same],
				  &again);
		put_change(l, &first[i], again.len > 0 ? again.at : NULL);
		l->out->bad = l->out->bad || again.bad;
		buf_free(&again);
	}
}

/* The year in which a rule with a date of its own applies, or `from`. */
static int year_of(const struct zone_rule *r, int from, int to)
{
	const int year = r->to_daylight.year;

	return year >= from && year <= to ? year : from;
}

void ical_timezone(const struct zone *z, const char *tzid, struct ical_lines *l)
{
	int32_t before = z->rules[0].standard;
	bool begun = false;

	ical_begin(l, "VTIMEZONE");
	ical_text_line(l, "TZID", span_of(tzid, strlen(tzid)));
	for (size_t i = 0; i < z->count; i++) {
		const struct zone_rule *r = &z->rules[i];
		const bool last = i + 1 == z->count;
		const int to = last ? LAST_YEAR : z->rules[i + 1].year - 1;
		const int from =
			!begun || r->year < FIRST_YEAR ? FIRST_YEAR : r->year;
		struct zone_change changes[2];

		if (to < from)
			continue;
		const int32_t start = zone_at_start(r, from);
		if (!begun || start != before) {
			const struct zone_change begin = {
				.wall = clock_day(from, 1, 1),
				.from = before,
				.to = start,
				.daylight = start != r->standard,
			};
			put_change(l, &begin, NULL);
		}
		put_changes(l, r, year_of(r, from, to), to);
		begun = true;
		before = zone_changes(r, to, changes) == 0 ? r->standard
							   : changes[1].to;
	}
	ical_end(l, "VTIMEZONE");
}
