/*
 * zone_names.h - private: what the IANA calls the time zones of Windows
 *
 * Calendars know zones by IANA names and take their own rules for them, so a
 * zone of a store has such a name only where its rules are the same. The
 * names are those of windowsZones in Unicode CLDR, territory 001. The rules
 * are in the table: nothing here asks the machine.
 */
#ifndef OST_MAIL_ZONE_NAMES_H
#define OST_MAIL_ZONE_NAMES_H

#include "mail/calendar/timezone.h"

/*
 * The IANA name of a zone, by its Windows name, when both are equally far
 * ahead of UTC at each of `count` times (seconds since 1970). NULL: there is
 * none, or they differ, or what the IANA has for that year is not in the
 * table.
 */
const char *zone_iana_at(const struct zone *z, const int64_t *utc,
			 size_t count);

/*
 * The same when both change their clocks alike in the years from `first` to
 * `last`; NULL also when that cannot be told.
 */
const char *zone_iana_years(const struct zone *z, int first, int last);

#endif
