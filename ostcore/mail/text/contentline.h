/*
 * contentline.h - private: content lines of iCalendar  [RFC 5545] 3.1
 *
 * Lines end with CRLF and are folded at 75 octets between characters, as they
 * are written. Running out of memory shows in `out`.
 */
#ifndef OST_MAIL_ICAL_LINE_H
#define OST_MAIL_ICAL_LINE_H

#include "bytes/buf.h"

struct ical_lines {
	struct buf *out;
	size_t column; /* octets in the line so far */
	bool in_text;  /* of words, which are not folded */
};

void ical_begin(struct ical_lines *l, const char *component);
void ical_end(struct ical_lines *l, const char *component);

/*
 * A line in steps: its name, its parameters, its value. A parameter's value
 * is UTF-8 of any kind: quoted where needed, with RFC 6868's circumflexes.
 */
void ical_name(struct ical_lines *l, const char *name);
void ical_parameter(struct ical_lines *l, const char *name, struct span value);

/* The value and the end of the line: as it is, or escaped as TEXT. */
void ical_value(struct ical_lines *l, struct span value);
void ical_text(struct ical_lines *l, struct span value);

/* TEXT as ical_text() has it, but its line goes on: for lists. */
void ical_text_part(struct ical_lines *l, const char *before,
		    struct span value);
void ical_stop(struct ical_lines *l);

/* A whole line with no parameters; `format` is not escaped. */
void ical_line(struct ical_lines *l, const char *name, const char *format, ...)
	OST_PRINTF(3, 4);
/* The same with TEXT; nothing when `value` is empty. */
void ical_text_line(struct ical_lines *l, const char *name, struct span value);

#endif
