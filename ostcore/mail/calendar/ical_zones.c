/*
 * ical_zones.c - the time zones of one appointment
 */
#include <stdlib.h>

#include "mail/calendar/ical_parts.h"
#include "mail/calendar/zone_names.h"
#include "mail/text/chars.h"

/* The name of a zone that comes without one: its description. */
static enum ost_status describe(struct zone *z, const struct ical *w)
{
	const uint16_t id = ical_id(w, SET_APPOINTMENT, LID_ZONE_DESCRIPTION);
	const enum ost_status st = ical_string(w, id, &z->name);

	return st == OST_OK ? buf_status(&z->name, w->err) : st;
}

/* The zone in property `lid`; OST_NOT_FOUND: none, or a damaged one. */
static enum ost_status read_zone(struct zone *out, const struct ical *w,
				 uint32_t lid)
{
	const uint16_t id = ical_id(w, SET_APPOINTMENT, lid);
	struct buf bytes = { 0 };
	enum ost_status st = ical_bytes(w, id, &bytes);

	*out = (struct zone){ { 0 } };
	if (st == OST_OK && bytes.len == 0)
		st = OST_NOT_FOUND;
	else if (st == OST_OK && lid == LID_ZONE_STRUCT)
		st = zone_decode_struct(out, buf_span(&bytes), w->err);
	else if (st == OST_OK)
		st = zone_decode(out, buf_span(&bytes), w->err);
	if (st == OST_OK && out->name.len == 0)
		st = describe(out, w);
	if (st == OST_CORRUPT) {
		note_add(w->notes, NOTE_ZONE);
		st = OST_NOT_FOUND;
	}
	if (st != OST_OK)
		zone_free(out);
	buf_free(&bytes);
	return st;
}

/* The first there is of properties `lids`, which end with 0. */
static enum ost_status read_first(struct zone *out, const struct ical *w,
				  const uint32_t *lids)
{
	enum ost_status st = OST_NOT_FOUND;

	while (st == OST_NOT_FOUND && *lids != 0)
		st = read_zone(out, w, *lids++);
	return st;
}

/*
 * What a zone is called in TZID, without the characters that some take as
 * they stand there and some do not; without a name, by its offset.
 */
static void put_id(const struct zone *z, struct buf *out)
{
	for (size_t i = 0; i < z->name.len; i++) {
		const char c = z->name.at[i];

		if (!chars_in((uint8_t)c, ",;\\\"^"))
			buf_byte(out, c == ':' ? '.' : c);
	}
	if (out->len == 0) {
		buf_str(out, "UTC");
		zone_offset(z->rules[0].standard, out);
	}
}

/* Add `zone`, which `z` then owns. `*use` is what times are written in. */
static void add(struct ical_zones *z, struct zone *zone,
		const struct zone **use)
{
	*use = NULL;
	if (zone_is_utc(zone)) {
		zone_free(zone);
		return;
	}
	z->all[z->count] = *zone;
	*use = &z->all[z->count++];
}

/* Widen the years that VTIMEZONEs tell of by that of a wall time. */
static void cover(struct ical_zones *z, int64_t wall)
{
	const int year = clock_of(wall).year;

	if (z->first_year == 0 || year < z->first_year)
		z->first_year = year;
	if (year > z->last_year)
		z->last_year = year;
}

/* Name the zones; `iana` are their names, where the IANA has the same. */
static enum ost_status name_zones(struct ical_zones *z,
				  const char *const iana[2],
				  struct ost_error *err)
{
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i < z->count; i++) {
		struct buf id = { 0 };

		if (iana[i] != NULL)
			buf_str(&id, iana[i]);
		else
			put_id(&z->all[i], &id);
		st = buf_status(&id, err);
		z->ids[i] = id.at;
	}
	return st;
}

/*
 * Outlook tells of the end's zone by fewer rules than of the start's, or by
 * more: one name is one zone, in which both are what they are in UTC.
 */
static void merge(struct ical_zones *z, const char *iana[2])
{
	if (z->count < 2)
		return;
	const struct span a = buf_span(&z->all[0].name);
	const struct span b = buf_span(&z->all[1].name);

	if (!zone_same(&z->all[0], &z->all[1]) &&
	    !(a.len > 0 && chars_same(a, b)) &&
	    !(iana[0] != NULL && iana[1] != NULL &&
	      strcmp(iana[0], iana[1]) == 0))
		return;
	z->start = z->end = &z->all[iana[0] == NULL && iana[1] != NULL];
}

enum ost_status ical_zones_single(struct ical_zones *z, const int64_t *utc,
				  size_t count, struct ost_error *err)
{
	const char *iana[2] = { NULL, NULL };

	for (size_t i = 0; i < z->count; i++)
		iana[i] = zone_iana_at(&z->all[i], utc, count);
	merge(z, iana);
	for (size_t i = 0; i < count; i++) {
		cover(z, zone_wall(z->start, utc[i]));
		cover(z, zone_wall(z->end, utc[i]));
	}
	return name_zones(z, iana, err);
}

enum ost_status ical_zones_series(struct ical_zones *z,
				  const struct recurrence *r, int64_t first,
				  struct ost_error *err)
{
	const bool ends = r->count == 0 && r->end != RECURRENCE_NEVER;
	const char *iana[2] = { NULL, NULL };

	cover(z, first);
	cover(z, clock_minutes(r->start));
	if (ends)
		cover(z, clock_minutes(r->end) + CLOCK_DAY);
	for (size_t i = 0; i < r->count_exceptions; i++) {
		cover(z, clock_minutes(r->exceptions[i].original));
		cover(z, clock_minutes(r->exceptions[i].start));
		cover(z, clock_minutes(r->exceptions[i].end));
	}
	if (!ends)
		z->last_year = ICAL_LAST_YEAR;
	for (size_t i = 0; i < z->count; i++)
		iana[i] = zone_iana_years(&z->all[i], z->first_year,
					  z->last_year);
	return name_zones(z, iana, err);
}

enum ost_status ical_zones_read(struct ical_zones *out, const struct ical *w,
				bool series)
{
	static const uint32_t of_series[] = { LID_ZONE_RECUR, LID_ZONE_STRUCT,
					      LID_ZONE_START, LID_ZONE_END, 0 };
	static const uint32_t of_start[] = { LID_ZONE_START, LID_ZONE_RECUR,
					     LID_ZONE_STRUCT, LID_ZONE_END, 0 };
	static const uint32_t of_end[] = { LID_ZONE_END, 0 };
	struct ical_zones z = { 0 };
	struct zone zone;
	enum ost_status st;

	*out = z;
	st = read_first(&zone, w, series ? of_series : of_start);
	if (st == OST_OK) {
		out->known = true;
		add(out, &zone, &out->start);
	}
	out->end = out->start;
	if (st == OST_OK && !series) {
		st = read_first(&zone, w, of_end);
		if (st == OST_OK)
			add(out, &zone, &out->end);
	}
	if (st == OST_NOT_FOUND)
		st = OST_OK;
	if (st != OST_OK)
		ical_zones_free(out);
	return st;
}

enum ost_status ical_zones_fix(struct ical_zones *z, int32_t minutes,
			       struct ost_error *err)
{
	struct zone zone;
	enum ost_status st = zone_fixed(&zone, minutes, err);

	if (st == OST_OK)
		add(z, &zone, &z->start);
	z->end = z->start;
	return st;
}

void ical_zones_frame(struct ical_zones *z, const struct zone *zone,
		      struct ical_frame *f)
{
	f->zone = zone;
	f->tzid = NULL;
	for (size_t i = 0; i < z->count; i++)
		if (zone == &z->all[i]) {
			f->tzid = z->ids[i];
			f->used = &z->used[i];
		}
}

void ical_zones_free(struct ical_zones *z)
{
	for (size_t i = 0; i < z->count; i++) {
		zone_free(&z->all[i]);
		free(z->ids[i]);
	}
	*z = (struct ical_zones){ 0 };
}
