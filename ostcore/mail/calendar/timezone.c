/*
 * timezone.c - the time zones of appointments, decoded and applied
 */
#include "mail/calendar/timezone.h"

#include <stdlib.h>

#include "bytes/sorted.h"
#include "bytes/text.h"
#include "mail/text/clock.h"

enum {
	RULES_MAX = 1024,	     /* [MS-OXOCAL] 2.2.1.41 */
	RULE_SIZE = 0x3E,	     /* bytes, without version and size */
	READAHEAD_MAX = 24 * 60 - 1, /* minutes; RFC 5545 writes no more */
	LAST = 5,
};

void zone_free(struct zone *z)
{
	buf_free(&z->name);
	free(z->rules);
	*z = (struct zone){ 0 };
}

/*
 * Decoding
 */

/* A SYSTEMTIME. */
static struct zone_when read_when(struct cursor *c)
{
	struct zone_when w;

	w.year = cur_u16(c);
	w.month = cur_u16(c);
	w.weekday = cur_u16(c);
	w.day = cur_u16(c);
	w.hour = cur_u16(c);
	w.minute = cur_u16(c);
	w.second = cur_u16(c);
	(void)cur_u16(c); /* milliseconds: 999 of the last second of a day */
	return w;
}

static bool is_when(const struct zone_when *w)
{
	const int days = w->year == 0 ? LAST : 31;

	return w->month == 0 ||
	       (w->month <= 12 && w->weekday <= 6 && w->day >= 1 &&
		w->day <= days && w->hour <= 23 && w->minute <= 59 &&
		w->second <= 59 && w->year <= 9999);
}

/* Three biases: minutes that UTC is ahead, and what is added to that. */
static enum ost_status read_biases(struct zone_rule *r, struct cursor *c,
				   struct ost_error *err)
{
	const int64_t bias = (int32_t)cur_u32(c);
	const int64_t standard = -(bias + (int32_t)cur_u32(c));
	const int64_t daylight = -(bias + (int32_t)cur_u32(c));

	if (standard < -READAHEAD_MAX || standard > READAHEAD_MAX ||
	    daylight < -READAHEAD_MAX || daylight > READAHEAD_MAX)
		return ost_fail(err, OST_CORRUPT,
				"%lld and %lld minutes ahead of UTC",
				(long long)standard, (long long)daylight);
	r->standard = (int32_t)standard;
	r->daylight = (int32_t)daylight;
	return OST_OK;
}

static enum ost_status check_changes(const struct zone_rule *r,
				     struct ost_error *err)
{
	if (!is_when(&r->to_standard) || !is_when(&r->to_daylight))
		return ost_fail(err, OST_CORRUPT,
				"changes in month %u on day %u and in month %u "
				"on day %u",
				r->to_standard.month, r->to_standard.day,
				r->to_daylight.month, r->to_daylight.day);
	return OST_OK;
}

/* One TZRule [MS-OXOCAL] 2.2.1.41.1 */
static enum ost_status read_rule(struct zone_rule *r, struct cursor *c,
				 struct ost_error *err)
{
	struct span bytes;
	struct cursor in;
	enum ost_status st;

	(void)cur_u16(c); /* version 1.2 */
	bytes = cur_span(c, cur_u16(c));
	if (!cur_ok(c) || bytes.len < RULE_SIZE)
		return ost_fail(err, OST_CORRUPT, "cut short: %zu bytes",
				bytes.len);
	in = cur_at(bytes, 2); /* after flags */
	r->year = cur_u16(&in);
	(void)cur_span(&in, 14);
	st = read_biases(r, &in, err);
	if (st != OST_OK)
		return st;
	r->to_standard = read_when(&in);
	r->to_daylight = read_when(&in);
	return check_changes(r, err);
}

/* Put the rules in the order of their years; of one year, keep the last. */
static void sort_rules(struct zone *z)
{
	size_t kept = 0;

	for (size_t i = 0; i < z->count; i++) {
		const struct zone_rule r = z->rules[i];
		size_t at = kept;

		while (at > 0 && z->rules[at - 1].year > r.year)
			at--;
		if (at > 0 && z->rules[at - 1].year == r.year) {
			z->rules[at - 1] = r;
			continue;
		}
		memmove(z->rules + at + 1, z->rules + at,
			(kept - at) * sizeof(z->rules[0]));
		z->rules[at] = r;
		kept++;
	}
	z->count = kept;
}

static enum ost_status read_rules(struct zone *z, size_t count,
				  struct cursor *c, struct ost_error *err)
{
	if (count == 0 || count > RULES_MAX)
		return ost_fail(err, OST_CORRUPT, "%zu rules", count);
	z->rules = calloc(count, sizeof(z->rules[0]));
	if (z->rules == NULL)
		return ost_no_memory(err);
	for (size_t i = 0; i < count; i++) {
		const enum ost_status st = read_rule(&z->rules[i], c, err);

		if (st != OST_OK)
			return ost_within(err, st, "rule %zu of %zu", i, count);
	}
	z->count = count;
	sort_rules(z);
	return OST_OK;
}

/* The key name, without what cannot stand in a line of text. */
static void set_name(struct zone *z, struct span utf16)
{
	struct buf raw = { 0 };

	(void)text_utf16(&raw, utf16);
	for (size_t i = 0; i < raw.len; i++)
		if ((uint8_t)raw.at[i] >= 0x20 && raw.at[i] != 0x7F)
			buf_byte(&z->name, raw.at[i]);
	z->name.bad = z->name.bad || raw.bad;
	buf_free(&raw);
}

enum ost_status zone_decode(struct zone *out, struct span bytes,
			    struct ost_error *err)
{
	struct zone z = { 0 };
	struct cursor c = cur_at(bytes, 0), head;
	const uint8_t major = cur_u8(&c);
	enum ost_status st;
	struct span name;

	(void)cur_u8(&c); /* minor version */
	head = cur_at(cur_span(&c, cur_u16(&c)), 2);
	name = cur_span(&head, UINT64_C(2) * cur_u16(&head));
	const uint16_t count = cur_u16(&head);
	if (!cur_ok(&c) || !cur_ok(&head))
		st = ost_fail(err, OST_CORRUPT, "header is cut short");
	else if (major != 2)
		st = ost_fail(err, OST_CORRUPT, "version %u, not 2", major);
	else
		st = read_rules(&z, count, &c, err);
	set_name(&z, name);
	if (st == OST_OK)
		st = buf_status(&z.name, err);
	if (st != OST_OK)
		zone_free(&z);
	*out = z;
	return st;
}

static enum ost_status one_rule(struct zone *out, const struct zone_rule *r,
				struct ost_error *err)
{
	*out = (struct zone){ 0 };
	out->rules = malloc(sizeof(*r));
	if (out->rules == NULL)
		return ost_no_memory(err);
	out->rules[0] = *r;
	out->count = 1;
	return OST_OK;
}

enum ost_status zone_decode_struct(struct zone *out, struct span bytes,
				   struct ost_error *err)
{
	struct zone_rule r = { 0 };
	struct cursor c = cur_at(bytes, 0);
	enum ost_status st = read_biases(&r, &c, err);

	*out = (struct zone){ 0 };
	(void)cur_u16(&c); /* years that mean nothing: one rule is for ever */
	r.to_standard = read_when(&c);
	(void)cur_u16(&c);
	r.to_daylight = read_when(&c);
	if (!cur_ok(&c))
		return ost_fail(err, OST_CORRUPT, "%zu bytes, not 48",
				bytes.len);
	if (st == OST_OK)
		st = check_changes(&r, err);
	return st == OST_OK ? one_rule(out, &r, err) : st;
}

enum ost_status zone_fixed(struct zone *out, int32_t minutes,
			   struct ost_error *err)
{
	const struct zone_rule r = { .standard = minutes, .daylight = minutes };

	return one_rule(out, &r, err);
}

void zone_offset(int32_t minutes, struct buf *out)
{
	const int offset = minutes < 0 ? -minutes : minutes;

	buf_printf(out, "%c%02d%02d", minutes < 0 ? '-' : '+', offset / 60,
		   offset % 60);
}

/*
 * Applying
 */

/* When `w` is in `year`, as a wall time; false: not in that year. */
static bool when_in(const struct zone_when *w, int year, int64_t *wall)
{
	int day = w->day;

	if (w->month == 0 || (w->year != 0 && w->year != year))
		return false;
	const int days = clock_month_days(year, w->month);
	if (w->year == 0) {
		const int first = clock_weekday(clock_day(year, w->month, 1));

		day = 1 + (w->weekday - first + 7) % 7 + (day - 1) * 7;
		while (day > days)
			day -= 7;
	}
	if (day > days)
		return false;
	*wall = clock_day(year, w->month, day) + w->hour * 3600 +
		w->minute * 60 + w->second;
	return true;
}

size_t zone_changes(const struct zone_rule *rule, int year,
		    struct zone_change out[2])
{
	struct zone_change on = { 0, rule->standard, rule->daylight, true };
	struct zone_change off = { 0, rule->daylight, rule->standard, false };

	/* One without the other is no daylight saving time. */
	if (rule->standard == rule->daylight ||
	    !when_in(&rule->to_daylight, year, &on.wall) ||
	    !when_in(&rule->to_standard, year, &off.wall) ||
	    on.wall == off.wall)
		return 0;
	out[0] = on.wall < off.wall ? on : off;
	out[1] = on.wall < off.wall ? off : on;
	return 2;
}

int32_t zone_at_start(const struct zone_rule *rule, int year)
{
	struct zone_change changes[2];

	return zone_changes(rule, year, changes) == 0 ? rule->standard
						      : changes[0].from;
}

const struct zone_rule *zone_rule_of(const struct zone *z, int year)
{
	size_t above;

	SORTED_FIRST(above, z->count, i, z->rules[i].year <= year);
	return &z->rules[above > 0 ? above - 1
				   : 0]; /* for all before it, too */
}

/* Minutes ahead of UTC at `utc`. */
static int32_t offset_at(const struct zone *z, int64_t utc)
{
	int year = clock_of(utc).year;
	struct zone_change changes[2];
	int32_t offset;

	/* The year is that on the wall. */
	offset = zone_at_start(zone_rule_of(z, year), year);
	year = clock_of(utc + INT64_C(60) * offset).year;

	const struct zone_rule *rule = zone_rule_of(z, year);
	const size_t count = zone_changes(rule, year, changes);
	offset = zone_at_start(rule, year);
	for (size_t i = 0; i < count; i++)
		if (utc >= changes[i].wall - INT64_C(60) * changes[i].from)
			offset = changes[i].to;
	return offset;
}

int64_t zone_wall(const struct zone *z, int64_t utc)
{
	return z == NULL ? utc : utc + INT64_C(60) * offset_at(z, utc);
}

/* When a clock shows `wall`, if it is ever as far ahead as it can be that
   year, and if it is the least ahead. */
static void when_shown(const struct zone *z, int64_t wall, int64_t utc[2])
{
	const struct zone_rule *rule = zone_rule_of(z, clock_of(wall).year);
	const bool more = rule->daylight > rule->standard;

	utc[0] = wall - INT64_C(60) * (more ? rule->daylight : rule->standard);
	utc[1] = wall - INT64_C(60) * (more ? rule->standard : rule->daylight);
}

int64_t zone_utc(const struct zone *z, int64_t wall)
{
	int64_t utc[2];

	if (z == NULL)
		return wall;
	/* The clock that is further ahead shows a time first. */
	when_shown(z, wall, utc);
	return zone_wall(z, utc[0]) == wall ? utc[0] : utc[1];
}

bool zone_twice(const struct zone *z, int64_t wall)
{
	int64_t utc[2];

	if (z == NULL)
		return false;
	when_shown(z, wall, utc);
	return utc[0] != utc[1] && zone_wall(z, utc[0]) == wall &&
	       zone_wall(z, utc[1]) == wall;
}

static bool same_when(const struct zone_when *a, const struct zone_when *b)
{
	if (a->month == 0 || b->month == 0)
		return a->month == b->month;
	return a->year == b->year && a->month == b->month &&
	       a->weekday == b->weekday && a->day == b->day &&
	       a->hour == b->hour && a->minute == b->minute &&
	       a->second == b->second;
}

bool zone_same(const struct zone *a, const struct zone *b)
{
	if (a == NULL || b == NULL || a->count != b->count)
		return a == b;
	for (size_t i = 0; i < a->count; i++) {
		const struct zone_rule *x = &a->rules[i], *y = &b->rules[i];

		if (x->year != y->year || x->standard != y->standard ||
		    x->daylight != y->daylight ||
		    !same_when(&x->to_standard, &y->to_standard) ||
		    !same_when(&x->to_daylight, &y->to_daylight))
			return false;
	}
	return true;
}

bool zone_is_utc(const struct zone *z)
{
	const struct span name = buf_span(&z->name);

	return z->count == 1 && z->rules[0].standard == 0 &&
	       (z->rules[0].daylight == 0 ||
		z->rules[0].to_daylight.month == 0) &&
	       (name.len == 0 ||
		(name.len == 3 && memcmp(name.at, "UTC", 3) == 0));
}
