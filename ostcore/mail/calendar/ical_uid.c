/*
 * ical_uid.c - what an appointment is called everywhere
 */
#include "mail/calendar/ical_parts.h"
#include "mail/text/chars.h"
#include "mail/text/origin.h"

enum {
	DATE_AT = 16, /* year, high byte first, month and day: of an instance */
	DATE_SIZE = 4,
	DATA_AT = 40, /* a class, the date, a time, 8 zeros, a size: 4 bytes */
	ID_MAX = 4096,
};

/* What stands before a UID that another program gave. */
static const uint8_t vcal[12] = { 'v', 'C', 'a', 'l', '-', 'U',
				  'i', 'd', 1,	 0,   0,   0 };

static void put_hex(struct buf *out, struct span bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		buf_printf(out, "%02X", bytes.at[i]);
}

/* The UID in the data of an id; empty when it has none. */
static struct span foreign(struct span id)
{
	struct span head, data = chars_from(id, DATA_AT);

	if (!span_sub(data, 0, sizeof(vcal), &head) ||
	    !span_equal(head, span_of(vcal, sizeof(vcal))))
		return (struct span){ NULL, 0 };
	data = chars_from(data, sizeof(vcal));
	return chars_trim(chars_first(data, chars_find(data, 0)));
}

enum ost_status ical_uid_decode(struct span id, struct buf *out,
				struct ost_error *err)
{
	static const uint8_t no_date[DATE_SIZE];
	const struct span uid = foreign(id);

	if (id.len < DATA_AT || id.len > ID_MAX)
		return ost_fail(err, OST_CORRUPT,
				"global object id of %zu bytes", id.len);
	if (uid.len > 0) {
		buf_add(out, uid.at, uid.len);
		return OST_OK;
	}
	put_hex(out, chars_first(id, DATE_AT));
	put_hex(out, span_of(no_date, DATE_SIZE));
	put_hex(out, chars_from(id, DATE_AT + DATE_SIZE));
	return OST_OK;
}

bool ical_uid_day(struct span id, int64_t *day)
{
	struct span date;

	if (!span_sub(id, DATE_AT, DATE_SIZE, &date))
		return false;
	const int year = date.at[0] << 8 | date.at[1];
	const int month = date.at[2];

	if (year < 1601 || year > 4500 || month < 1 || month > 12 ||
	    date.at[3] < 1 || date.at[3] > clock_month_days(year, month))
		return false;
	*day = clock_day(year, month, date.at[3]);
	return true;
}

enum ost_status ical_uid(const struct ical *w, struct buf *out)
{
	static const uint32_t lids[] = { LID_CLEAN_GLOBAL_OBJECT_ID,
					 LID_GLOBAL_OBJECT_ID };
	struct buf bytes = { 0 };
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && out->len == 0 && i < 2; i++) {
		buf_cut(&bytes, 0);
		st = ical_bytes(w, ical_id(w, SET_MEETING, lids[i]), &bytes);
		if (st == OST_OK && bytes.len > 0 &&
		    ical_uid_decode(buf_span(&bytes), out, w->err) != OST_OK)
			note_add(w->notes, NOTE_PROPERTY_CORRUPT);
	}
	if (st == OST_OK && out->len == 0) { /* as a task */
		st = origin_name(w->item, out, w->notes, w->err);
		buf_str(out, "@ost.invalid");
	}
	out->bad = out->bad || bytes.bad;
	buf_free(&bytes);
	return st == OST_OK ? buf_status(out, w->err) : st;
}
