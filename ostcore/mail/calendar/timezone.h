/*
 * timezone.h - private: the time zones that appointments bring along
 *
 * PidLidAppointmentTimeZoneDefinition... and PidLidTimeZoneStruct [MS-OXOCAL]
 * 2.2.1.39 and 2.2.1.41. NULL stands for UTC. Nothing here looks at the zones
 * of the machine: those in the store are the ones it was made with.
 */
#ifndef OST_MAIL_TIMEZONE_H
#define OST_MAIL_TIMEZONE_H

#include "bytes/buf.h"

/* When a change of clocks is, on the clock that shows before it. */
struct zone_when {
	uint16_t year;	  /* 0: each year; else in that year only */
	uint16_t month;	  /* 0: never */
	uint16_t weekday; /* 0 for Sunday */
	uint16_t day;	  /* `year` 0: which such weekday, 5 the last */
	uint16_t hour, minute, second;
};

/* What holds from the start of `year` to the year of the next rule. */
struct zone_rule {
	uint16_t year;
	int32_t standard, daylight; /* minutes ahead of UTC */
	struct zone_when to_standard, to_daylight;
};

struct zone {
	struct buf name;	 /* UTF-8; may be empty */
	struct zone_rule *rules; /* owned; at least one, by year */
	size_t count;
};

/*
 * Decode a zone with a name and rules for spans of years, or one of 48 bytes
 * that has neither. OST_CORRUPT: it is none.
 */
enum ost_status zone_decode(struct zone *out, struct span bytes,
			    struct ost_error *err);
enum ost_status zone_decode_struct(struct zone *out, struct span bytes,
				   struct ost_error *err);

/* A zone always `minutes` ahead of UTC, without a name. */
enum ost_status zone_fixed(struct zone *out, int32_t minutes,
			   struct ost_error *err);

/* Append minutes ahead of UTC: "-0330". */
void zone_offset(int32_t minutes, struct buf *out);

/* The rule of a year; the first one is for all years before it too. */
const struct zone_rule *zone_rule_of(const struct zone *z, int year);

/* Times are seconds since 1970, in UTC and on the clock of the zone. */
int64_t zone_wall(const struct zone *z, int64_t utc);

/*
 * A time that the clock shows twice is the first; one that it skips counts
 * from before the skip (RFC 5545 3.3.5).
 */
int64_t zone_utc(const struct zone *z, int64_t wall);

/* Does the clock show a time twice, as when daylight saving time ends? */
bool zone_twice(const struct zone *z, int64_t wall);

/* The changes of one year, in the order of the year. */
struct zone_change {
	int64_t wall;	  /* on the clock that shows before it */
	int32_t from, to; /* minutes ahead of UTC */
	bool daylight;	  /* it begins daylight saving time */
};
size_t zone_changes(const struct zone_rule *rule, int year,
		    struct zone_change out[2]);

/* Minutes ahead of UTC when `year` begins, by `rule`. */
int32_t zone_at_start(const struct zone_rule *rule, int year);

/* True if both have the same rules, whatever they are called. */
bool zone_same(const struct zone *a, const struct zone *b);

/* True if it is UTC by another name, or by that. */
bool zone_is_utc(const struct zone *z);

void zone_free(struct zone *z);

#endif
