/*
 * ical.h - private: appointments, tasks and journal entries as iCalendar
 *
 * [RFC 5545], with the properties that Outlook knows [MS-OXCICAL]. Text is
 * UTF-8 with CRLF. The same item always gives the same bytes: no time of day,
 * no zone of the machine and no name of it gets in.
 */
#ifndef OST_MAIL_ICAL_H
#define OST_MAIL_ICAL_H

#include "mail/text/notes.h"
#include "store/store.h"

/* True if items of this class are kept as iCalendar. */
bool ical_is(struct span class);

enum { ICAL_INSIDE_MAX = 16 << 20 }; /* bytes of attachments in a file */

/*
 * Append `item` as a VCALENDAR with its VEVENTs (one, and one for each
 * exception of a series), VTODO or VJOURNAL. Attachments are inside as
 * base64 up to `inside` bytes together, or ICAL_INSIDE_MAX; others are named,
 * as lying beside the file. Damage costs what it hit and is noted.
 * OST_NOT_FOUND: the class is none of these; OST_IO, OST_NO_MEMORY.
 */
enum ost_status ical_write(struct store_object *item, uint64_t inside,
			   struct buf *out, struct notes *notes,
			   struct ost_error *err);

/*
 * When the appointment `item` starts, as its DTSTART has it: in seconds since
 * 1970 on the clock of its own zone, UTC when it has none; of an all-day one,
 * midnight of its day. False: it does not say.
 */
bool ical_start(struct store_object *item, int64_t *wall, bool *all_day);

/*
 * The same for meeting mail: the calendar it came with, if the store kept
 * that, else one VEVENT made from its properties. `*method` is set to the
 * METHOD of it, also meant for the Content-Type: "REQUEST", "CANCEL", "REPLY"
 * or "COUNTER". Attachments are not in what is made: they are in the mail.
 * OST_NOT_FOUND: no such mail.
 */
enum ost_status ical_meeting(struct store_object *item, struct buf *out,
			     const char **method, struct notes *notes,
			     struct ost_error *err);

#endif
