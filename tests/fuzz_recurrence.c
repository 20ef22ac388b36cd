/*
 * fuzz_recurrence.c - recurrences, time zones and ids of appointments in
 *
 * The first byte says what the rest is taken for; 4 and up, for all of it in
 * one appointment, which must become content lines that anybody can read.
 */
#include <stdlib.h>

#include "bytes/text.h"
#include "fake.h"
#include "mail/calendar/ical.h"
#include "mail/calendar/ical_parts.h"

static void must(bool good)
{
	if (!good)
		abort();
}

static bool inside(struct span outer, struct span inner)
{
	return inner.len == 0 || (inner.at >= outer.at &&
				  inner.at + inner.len <= outer.at + outer.len);
}

static void recur(struct span in, bool task)
{
	struct recurrence r;
	struct ost_error err = { "" };
	const enum ost_status st =
		task ? recurrence_decode_pattern(&r, in, &err)
		     : recurrence_decode(&r, in, &err);

	must(st == OST_OK || (st == OST_CORRUPT && err.text[0] != '\0'));
	must(st == OST_OK || r.exceptions == NULL);
	for (size_t i = 0; i < r.count_exceptions; i++) {
		const struct recurrence_exception *e = &r.exceptions[i];

		must(e->start <= e->end && e->end <= RECURRENCE_NEVER);
		must(i == 0 || e[-1].original < e->original);
		must(inside(in, e->subject) && inside(in, e->location));
		must(inside(in, e->wide_subject));
		must(inside(in, e->wide_location));
		must(recurrence_exception_on(&r, e->original) != NULL);
	}
	must(st != OST_OK || (r.interval > 0 && r.start <= RECURRENCE_NEVER &&
			      r.left <= in.len));
	recurrence_free(&r);
}

static void zone(struct span in, bool old)
{
	struct zone z;
	struct ost_error err = { "" };
	const enum ost_status st = old ? zone_decode_struct(&z, in, &err)
				       : zone_decode(&z, in, &err);

	must(st == OST_OK || (st == OST_CORRUPT && err.text[0] != '\0'));
	for (int year = 1600; st == OST_OK && year < 2100; year += 7) {
		const int64_t utc = clock_day(year, 1, 1) + year * 7777;
		const int64_t readahead = zone_wall(&z, utc) - utc;

		must(readahead > -CLOCK_DAY && readahead < CLOCK_DAY);
		must(llabs(zone_utc(&z, utc) - utc) < CLOCK_DAY);
	}
	zone_free(&z);
}

/* Lines of at most 75 bytes, of text, that end in CRLF. */
static void check_lines(struct span text)
{
	size_t column = 0;

	must(text_is_utf8(text));
	for (size_t i = 0; i < text.len; i++) {
		const bool end = text.at[i] == '\n';

		must(end == (i > 0 && text.at[i - 1] == '\r'));
		must(text.at[i] >= ' ' || text.at[i] == '\t' ||
		     text.at[i] == '\r' || end);
		column = end ? 0 : column + (text.at[i] != '\r');
		must(column <= 75);
	}
	must(column == 0);
}

/* The next part of the input, its length before it in two bytes. */
static struct span next_part(struct cursor *in)
{
	const uint16_t want = cur_u16(in);

	return cur_span(in, want < in->rest.len ? want : in->rest.len);
}

static void appointment(struct cursor in, bool task)
{
	static const uint16_t lids[] = { LID_RECUR, LID_ZONE_RECUR,
					 LID_ZONE_STRUCT, LID_ZONE_START,
					 LID_ZONE_END };
	struct store *s = fake_store_new();
	struct fake *f = fake_add(s, 0x200024, 0);
	struct buf out = { 0 };
	struct notes notes = { 0 };
	struct ost_error err = { "" };

	fake_text(f, MAPI_MESSAGE_CLASS, task ? "IPM.Task" : "IPM.Appointment");
	for (size_t i = 0; i < sizeof(lids) / sizeof(lids[0]); i++) {
		const struct span part = next_part(&in);
		const uint16_t id = fake_name(s, value_guid(SET_APPOINTMENT),
					      lids[i], NULL);

		fake_bytes(f, id, MAPI_BINARY, part.at, part.len);
		if (i == 0)
			fake_bytes(f,
				   fake_name(s, value_guid(SET_TASK),
					     LID_TASK_RECUR, NULL),
				   MAPI_BINARY, part.at, part.len);
	}
	const struct span goid = next_part(&in);
	fake_bytes(f,
		   fake_name(s, value_guid(SET_MEETING), LID_GLOBAL_OBJECT_ID,
			     NULL),
		   MAPI_BINARY, goid.at, goid.len);
	fake_number(
		f, fake_name(s, value_guid(SET_APPOINTMENT), LID_SUBTYPE, NULL),
		MAPI_BOOLEAN, cur_u8(&in) & 1);
	fake_number(f,
		    fake_name(s, value_guid(SET_APPOINTMENT), LID_START_WHOLE,
			      NULL),
		    MAPI_TIME, cur_u64(&in));

	struct store_object *o = fake_open(f);
	must(ical_write(o, ICAL_INSIDE_MAX, &out, &notes, &err) == OST_OK);
	check_lines(buf_span(&out));
	store_drop(o);
	buf_free(&out);
	store_close(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor in = cur_at(span_of(data, size), 0);
	const uint8_t what = cur_u8(&in) % 8;

	if (what < 2)
		recur(in.rest, what == 1);
	else if (what < 4)
		zone(in.rest, what == 3);
	else
		appointment(in, what == 4);
	return 0;
}
