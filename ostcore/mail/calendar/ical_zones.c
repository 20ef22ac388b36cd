/*
 * ical_zones.c - the time zones of one appointment
 */
#include <stdlib.h>

#include "mail/calendar/ical_parts.h"
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
static enum ost_status add(struct ical_zones *z, struct zone *zone,
			   const struct zone **use, struct ost_error *err)
{
	struct buf id = { 0 };
	enum ost_status st;

	*use = NULL;
	if (zone_is_utc(zone)) {
		zone_free(zone);
		return OST_OK;
	}
	if (z->count > 0 && zone_same(&z->all[0], zone)) {
		zone_free(zone);
		*use = &z->all[0];
		return OST_OK;
	}
	z->all[z->count] = *zone;
	*use = &z->all[z->count++];
	put_id(zone, &id);
	/* One name, two zones: it was the rules of another year. */
	if (z->count == 2 && strcmp(z->ids[0], buf_text(&id)) == 0)
		buf_str(&id, " (2)");
	st = buf_status(&id, err);
	z->ids[z->count - 1] = id.at;
	return st;
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
		st = add(out, &zone, &out->start, w->err);
	}
	out->end = out->start;
	if (st == OST_OK && !series) {
		st = read_first(&zone, w, of_end);
		if (st == OST_OK)
			st = add(out, &zone, &out->end, w->err);
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
		st = add(z, &zone, &z->start, err);
	z->end = z->start;
	return st;
}

const char *ical_zone_id(const struct ical_zones *z, const struct zone *zone)
{
	for (size_t i = 0; i < z->count; i++)
		if (zone == &z->all[i])
			return z->ids[i];
	return NULL;
}

void ical_zones_free(struct ical_zones *z)
{
	for (size_t i = 0; i < z->count; i++) {
		zone_free(&z->all[i]);
		free(z->ids[i]);
	}
	*z = (struct ical_zones){ 0 };
}
