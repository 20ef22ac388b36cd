/*
 * ical_timezone.c - a time zone as VTIMEZONE  [RFC 5545] 3.6.5
 *
 * Each rule that is needed becomes a STANDARD and a DAYLIGHT that come again
 * each year up to the next rule; the first of them in the year before the
 * first time that is written, so that one of them is always before it. Where a
 * rule begins with another offset than the one before it ends with, one more
 * says so for the New Year.
 */
#include "mail/calendar/ical_parts.h"

enum { FIRST_YEAR = 1601 }; /* from which Windows counts */

static void put_offset(struct ical_lines *l, const char *name, int32_t minutes)
{
	struct buf offset = { 0 };

	zone_offset(minutes, &offset);
	ical_line(l, name, "%s", buf_text(&offset));
	buf_free(&offset);
}

/* Begin a change at `c`; the caller ends the kind that is returned. */
static const char *put_change(struct ical_lines *l, const struct zone_change *c)
{
	const char *kind = c->daylight ? "DAYLIGHT" : "STANDARD";
	char start[CLOCK_TEXT_SIZE];

	clock_text(c->wall, start);
	ical_begin(l, kind);
	ical_line(l, "DTSTART", "%s", start);
	put_offset(l, "TZOFFSETFROM", c->from);
	put_offset(l, "TZOFFSETTO", c->to);
	return kind;
}

/* It comes again each year, up to `last` or, NULL, for ever. */
static void put_rule(struct ical_lines *l, const struct zone_when *w,
		     const struct zone_change *last)
{
	static const char days[][3] = {
		"SU", "MO", "TU", "WE", "TH", "FR", "SA"
	};
	struct buf rule = { 0 };
	char until[CLOCK_TEXT_SIZE];

	buf_printf(&rule, "FREQ=YEARLY;BYMONTH=%u;BYDAY=%d%s", w->month,
		   w->day == 5 ? -1 : (int)w->day, days[w->weekday % 7]);
	if (last != NULL) {
		clock_text(last->wall - INT64_C(60) * last->from, until);
		buf_printf(&rule, ";UNTIL=%sZ", until);
	}
	ical_line(l, "RRULE", "%s", buf_text(&rule));
	l->out->bad |= rule.bad;
	buf_free(&rule);
}

/* The change of rule `r` in `year` that begins daylight saving, or ends it. */
static bool change_of(const struct zone_rule *r, int year, bool daylight,
		      struct zone_change *out)
{
	struct zone_change all[2];
	const size_t count = zone_changes(r, year, all);

	/* Two that are a few days apart may change places. */
	for (size_t i = 0; i < count; i++)
		if (all[i].daylight == daylight) {
			*out = all[i];
			return true;
		}
	return false;
}

/*
 * It comes on these dates: not all know an UNTIL in UTC here. The first is
 * DTSTART, which Thunderbird does not take for one when there are others.
 */
static void put_dates(struct ical_lines *l, const struct zone_rule *r, int from,
		      int to, bool daylight)
{
	struct zone_change c;
	char text[CLOCK_TEXT_SIZE];

	for (int year = from; year <= to; year++) {
		if (!change_of(r, year, daylight, &c))
			continue;
		clock_text(c.wall, text);
		ical_line(l, "RDATE", "%s", text);
	}
}

/* What rule `r` says of the years `from` to `to`, when it has changes. */
static void put_changes(struct ical_lines *l, const struct zone_rule *r,
			int from, int to)
{
	enum { DATES_MAX = 64 };
	struct zone_change first[2] = { { 0 } }, last;
	const size_t count = zone_changes(r, from, first);

	for (size_t i = 0; i < count; i++) {
		const bool daylight = first[i].daylight;
		const struct zone_when *w =
			daylight ? &r->to_daylight : &r->to_standard;
		const char *kind = put_change(l, &first[i]);

		if (w->year != 0)
			; /* in this year only */
		else if (to == ICAL_LAST_YEAR)
			put_rule(l, w, NULL);
		else if (to > from && to - from <= DATES_MAX)
			put_dates(l, r, from, to, daylight);
		else if (to > from && change_of(r, to, daylight, &last))
			put_rule(l, w, &last);
		ical_end(l, kind);
	}
}

/* The year in which a rule with a date of its own applies, or `from`. */
static int year_of(const struct zone_rule *r, int from, int to)
{
	const int year = r->to_daylight.year;

	return year >= from && year <= to ? year : from;
}

/* The last year of rule `index`, of those up to `last`. */
static int ends_in(const struct zone *z, size_t index, int last)
{
	if (index + 1 == z->count || z->rules[index + 1].year > last)
		return ICAL_LAST_YEAR; /* what is not needed is not told */
	return z->rules[index + 1].year - 1;
}

/* From New Year of `year` on: what no change of the rules says. */
static void put_begin(struct ical_lines *l, const struct zone_rule *r, int year,
		      int32_t before)
{
	const int32_t start = zone_at_start(r, year);
	const struct zone_change begin = {
		.wall = clock_day(year, 1, 1),
		.from = before,
		.to = start,
		.daylight = start != r->standard,
	};

	ical_end(l, put_change(l, &begin));
}

void ical_timezone(const struct zone *z, const char *tzid, int first, int last,
		   struct ical_lines *l)
{
	int32_t before = 0;
	bool begun = false;

	first = first - 1 < FIRST_YEAR ? FIRST_YEAR : first - 1;
	ical_begin(l, "VTIMEZONE");
	ical_text_line(l, "TZID", span_of(tzid, strlen(tzid)));
	for (size_t i = 0; i < z->count; i++) {
		const struct zone_rule *r = &z->rules[i];
		const int to = ends_in(z, i, last);
		const int from = begun && r->year > first ? r->year : first;
		struct zone_change changes[2];

		if (to < first)
			continue;
		if (!begun ? zone_changes(r, from, changes) == 0
			   : zone_at_start(r, from) != before)
			put_begin(l, r, from,
				  begun ? before : zone_at_start(r, from));
		put_changes(l, r, year_of(r, from, to), to);
		if (to == ICAL_LAST_YEAR)
			break;
		begun = true;
		before = zone_changes(r, to, changes) == 0 ? r->standard
							   : changes[1].to;
	}
	ical_end(l, "VTIMEZONE");
}
