/*
 * date.h - private: times of a store and dates of a header
 */
#ifndef OST_MAIL_DATE_H
#define OST_MAIL_DATE_H

#include "store/store.h"

/*
 * A FILETIME as seconds since 1970 and nanoseconds. False for the values that
 * mean "none": 0, the largest, 4501-01-01, and what is past year 9999.
 */
bool date_filetime(uint64_t filetime, int64_t *sec, uint32_t *nsec);

/* Time property `id`; false when absent, of another type, or "none". */
bool date_property(struct store_object *o, uint16_t id, int64_t *sec,
		   uint32_t *nsec);

/*
 * Read the date that `s` begins with, as RFC 5322 3.3 and 4.3 write it, with
 * or without its zone; what follows it is not looked at. False: it is none.
 */
bool date_parse(struct span s, int64_t *sec);

#endif
