/*
 * icalkit.h - an item in a fake store, and the iCalendar made of it
 *
 * Included once a program. Times are written as "20240301T102200".
 */
#ifndef OST_ICALKIT_H
#define OST_ICALKIT_H

#include <stdlib.h>

#include "check.h"
#include "fake.h"
#include "mail/calendar/ical.h"
#include "mail/calendar/ical_parts.h"

/* Where each calendar is left for ical_check.py; NULL: nowhere. */
static const char *directory;

static struct item {
	struct store *store;
	struct fake *fake;
	struct buf text; /* the calendar, unfolded by unfold() */
	struct notes notes;
} item_now;

static inline void item_done(void)
{
	store_close(item_now.store);
	buf_free(&item_now.text);
	item_now = (struct item){ 0 };
}

/* An empty item of this class, of node 0x200024. */
static inline struct fake *item_new(const char *class)
{
	static const uint8_t key[4] = { 0xAB, 0xCD, 0x01, 0x02 };

	item_done();
	item_now.store = fake_store_new();
	item_now.fake = fake_add(item_now.store, 0x200024, 0);
	fake_text(item_now.fake, MAPI_MESSAGE_CLASS, class);
	fake_text(item_now.fake, MAPI_SUBJECT, "Budget review");
	fake_bytes(item_now.fake, MAPI_SEARCH_KEY, MAPI_BINARY, key,
		   sizeof(key));
	return item_now.fake;
}

/* A number for a named property; once each. */
static inline uint16_t named(enum value_set set, uint32_t lid)
{
	return fake_name(item_now.store, value_guid(set), lid, NULL);
}

/* A wall time as the seconds that it is on its clock. */
static inline int64_t wall_of(const char *text)
{
	int year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0;

	sscanf(text, "%4d%2d%2dT%2d%2d%2d", &year, &month, &day, &hour, &minute,
	       &second);
	return clock_day(year, month, day) + hour * 3600 + minute * 60 + second;
}

static inline uint64_t filetime_of(const char *text)
{
	return (uint64_t)(wall_of(text) - clock_day(1601, 1, 1)) * 10000000;
}

static inline uint32_t minutes_of(const char *text)
{
	return (uint32_t)((wall_of(text) - clock_day(1601, 1, 1)) / 60);
}

static inline void set_time(struct fake *f, uint16_t id, const char *utc)
{
	fake_number(f, id, MAPI_TIME, filetime_of(utc));
}

static inline void set_int(struct fake *f, uint16_t id, uint32_t value)
{
	fake_number(f, id, MAPI_INTEGER32, value);
}

static inline void set_bool(struct fake *f, uint16_t id, bool value)
{
	fake_number(f, id, MAPI_BOOLEAN, value);
}

/* Store RTF uncompressed. */
static inline void set_rtf(struct fake *f, const char *rtf)
{
	const size_t len = strlen(rtf);
	const uint8_t header[16] = { (uint8_t)(len + 12),
				     0,
				     0,
				     0,
				     (uint8_t)len,
				     0,
				     0,
				     0,
				     'M',
				     'E',
				     'L',
				     'A' };
	struct buf b = { 0 };

	buf_add(&b, header, sizeof(header));
	buf_str(&b, rtf);
	fake_bytes(f, MAPI_RTF_COMPRESSED, MAPI_BINARY, b.at, b.len);
	buf_free(&b);
}

static inline void set_blob(struct fake *f, uint16_t id, struct buf *blob)
{
	fake_bytes(f, id, MAPI_BINARY, blob->at, blob->len);
	buf_free(blob);
}

/* Undo folding, checking it: 75 octets a line, and whole characters. */
static inline void unfold(struct buf *b)
{
	size_t kept = 0, column = 0;

	for (size_t i = 0; i < b->len; i++) {
		if (strncmp(b->at + i, "\r\n ", 3) == 0) {
			CHECK(column <= 75);
			CHECK(((uint8_t)b->at[i + 3] & 0xC0) != 0x80);
			column = 1;
			i += 2;
			continue;
		}
		if (b->at[i] == '\r' || b->at[i] == '\n')
			column = 0;
		else
			CHECK(++column <= 75);
		b->at[kept++] = b->at[i];
	}
	buf_cut(b, kept);
}

static inline void leave(const char *test, const struct buf *bytes)
{
	char path[512];
	FILE *f;

	if (directory == NULL || test == NULL)
		return;
	snprintf(path, sizeof(path), "%s/%s.ics", directory, test);
	f = fopen(path, "wb");
	CHECK(f != NULL);
	if (f == NULL)
		return;
	CHECK(fwrite(buf_text(bytes), 1, bytes->len, f) == bytes->len);
	CHECK(fclose(f) == 0);
}

/*
 * The calendar of the item, unfolded. On loan until the next call. `test`
 * NULL: it is not left for others.
 */
static inline const char *calendar_as(const char *test)
{
	struct store_object *o = fake_open(item_now.fake);
	struct ost_error err = { "" };

	buf_cut(&item_now.text, 0);
	item_now.notes = (struct notes){ 0 };
	CHECK(ical_write(o, ICAL_INSIDE_MAX, &item_now.text, &item_now.notes,
			 &err) == OST_OK);
	store_drop(o);
	leave(test, &item_now.text);
	unfold(&item_now.text);
	return buf_text(&item_now.text);
}

#define CALENDAR() calendar_as(__func__)

/* Is `line` a line of the calendar last made? */
static inline bool has_line(const char *line)
{
	char all[1024];

	snprintf(all, sizeof(all), "\r\n%s\r\n", line);
	return item_now.text.len > 0 && strstr(item_now.text.at, all) != NULL;
}

/* `text` from where `what` is in it; "" when it is not. */
static inline const char *from(const char *text, const char *what)
{
	const char *at = strstr(text, what);

	return at != NULL ? at : "";
}

/* Is there a property of this name in a component? */
static inline bool has_name(const char *name)
{
	static const char zone[] = "END:VTIMEZONE";
	const char *at = buf_text(&item_now.text);
	const size_t len = strlen(name);

	while (strstr(at, zone) != NULL)
		at = strstr(at, zone) + strlen(zone);

	for (; (at = strstr(at, "\r\n")) != NULL; at += 2)
		if (strncmp(at + 2, name, len) == 0 &&
		    (at[2 + len] == ':' || at[2 + len] == ';'))
			return true;
	return false;
}

/*
 * Values of several bytes
 */

static inline void put16(struct buf *b, uint32_t value)
{
	buf_byte(b, (char)(uint8_t)value);
	buf_byte(b, (char)(uint8_t)(value >> 8));
}

static inline void put32(struct buf *b, uint32_t value)
{
	put16(b, value & 0xFFFF);
	put16(b, value >> 16);
}

/* ASCII as UTF-16LE */
static inline void put_wide(struct buf *b, const char *ascii)
{
	for (; *ascii != '\0'; ascii++)
		put16(b, (uint8_t)*ascii);
}

/* A change of clocks: in `month`, the `nth` `weekday`, at `hour`. */
static inline void put_when(struct buf *b, uint32_t month, uint32_t weekday,
			    uint32_t nth, uint32_t hour)
{
	const uint32_t fields[] = { 0, month, weekday, nth, hour, 0, 0, 0 };

	for (size_t i = 0; i < 8; i++)
		put16(b, fields[i]);
}

struct rule {
	uint32_t year;
	int32_t bias, daylight; /* minutes */
	/* month, weekday, nth, hour; month 0: none */
	uint32_t to_standard[4], to_daylight[4];
};

/* A time zone with a name [MS-OXOCAL] 2.2.1.41 */
static inline void put_zone(struct buf *b, const char *name,
			    const struct rule *rules, size_t count)
{
	put16(b, 0x0102);
	put16(b, (uint32_t)(6 + 2 * strlen(name)));
	put16(b, 2);
	put16(b, (uint32_t)strlen(name));
	put_wide(b, name);
	put16(b, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		const uint32_t *s = rules[i].to_standard;
		const uint32_t *d = rules[i].to_daylight;

		put16(b, 0x0102);
		put16(b, 0x3E);
		put16(b, i + 1 == count ? 2 : 0);
		put16(b, rules[i].year);
		for (size_t j = 0; j < 7; j++)
			put16(b, 0);
		put32(b, (uint32_t)rules[i].bias);
		put32(b, 0);
		put32(b, (uint32_t)rules[i].daylight);
		put_when(b, s[0], s[1], s[2], s[3]);
		put_when(b, d[0], d[1], d[2], d[3]);
	}
}

/* A zone without a name: in the middle of Europe, but for its offset. */
static inline struct buf zone_struct(int32_t bias, int32_t daylight)
{
	struct buf b = { 0 };

	put32(&b, (uint32_t)bias);
	put32(&b, 0);
	put32(&b, (uint32_t)daylight);
	put16(&b, 0);
	put_when(&b, 10, 0, 5, 3);
	put16(&b, 0);
	put_when(&b, 3, 0, 5, 2);
	return b;
}

/* Pacific time, as Windows has it since 2007, and before. */
static const struct rule pacific[] = {
	{ 1601, 480, -60, { 10, 0, 5, 2 }, { 4, 0, 1, 2 } },
	{ 2007, 480, -60, { 11, 0, 1, 2 }, { 3, 0, 2, 2 } },
};

static inline void set_pacific(struct fake *f, uint32_t lid)
{
	struct buf b = { 0 };

	put_zone(&b, "Pacific Standard Time", pacific, 2);
	set_blob(f, named(SET_APPOINTMENT, lid), &b);
}

/*
 * Items
 */

/* An appointment of half an hour, in Pacific time unless `zone` is false. */
static inline struct fake *appointment(const char *start, const char *end,
				       bool zone)
{
	struct fake *f = item_new("IPM.Appointment");

	if (start != NULL)
		set_time(f, named(SET_APPOINTMENT, LID_START_WHOLE), start);
	if (end != NULL)
		set_time(f, named(SET_APPOINTMENT, LID_END_WHOLE), end);
	if (zone)
		set_pacific(f, LID_ZONE_START);
	set_time(f, MAPI_CREATION_TIME, "20240101T000000");
	set_time(f, MAPI_LAST_MODIFICATION_TIME, "20240201T030405");
	return f;
}

static inline struct fake *person(struct fake *f, const char *name,
				  const char *addr, uint32_t type,
				  uint32_t flags, uint32_t track)
{
	struct fake *r = fake_recipient(f);

	fake_text(r, MAPI_DISPLAY_NAME, name);
	fake_text(r, MAPI_ADDRTYPE, "SMTP");
	fake_text(r, MAPI_EMAIL_ADDRESS, addr);
	set_int(r, MAPI_RECIPIENT_TYPE, type);
	set_int(r, MAPI_RECIPIENT_FLAGS, flags);
	set_int(r, MAPI_RECIPIENT_TRACK_STATUS, track);
	return r;
}

static inline void from_jane(struct fake *f)
{
	fake_text(f, MAPI_SENT_REPRESENTING_NAME, "Doe, \"Jane\"");
	fake_text(f, MAPI_SENT_REPRESENTING_ADDRTYPE, "SMTP");
	fake_text(f, MAPI_SENT_REPRESENTING_EMAIL, "jane@example.org");
}

/* A global object id [MS-OXOCAL] 2.2.1.27 */
static inline struct buf object_id(const char *data, size_t len)
{
	static const uint8_t head[16] = { 4,	0,    0,    0,	  0x82, 0,
					  0xE0, 0,    0x74, 0xC5, 0xB7, 0x10,
					  0x1A, 0x82, 0xE0, 8 };
	static const uint8_t date[4] = { 0x07, 0xE8, 7, 15 };
	static const uint8_t rest[16] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct buf b = { 0 };

	buf_add(&b, head, sizeof(head));
	buf_add(&b, date, sizeof(date));
	buf_add(&b, rest, sizeof(rest));
	put32(&b, (uint32_t)len);
	buf_add(&b, data, len);
	return b;
}

static inline struct fake *attach_file(struct fake *f, const char *name)
{
	struct fake *a = fake_attachment(f);

	set_int(a, MAPI_ATTACH_METHOD, MAPI_ATTACH_BY_VALUE);
	fake_text(a, MAPI_ATTACH_LONG_FILENAME, name);
	fake_text(a, MAPI_ATTACH_MIME_TAG, "application/x-test");
	return a;
}

#endif
