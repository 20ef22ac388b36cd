/*
 * report.h - private: what a report says, for programs to read
 *						RFC 3464, RFC 8098, [MS-OXOMSG]
 */
#ifndef OST_MAIL_REPORT_H
#define OST_MAIL_REPORT_H

#include "mail/text/notes.h"
#include "store/store.h"

enum report_kind {
	REPORT_NONE,
	REPORT_FAILED, /* from here to REPORT_EXPANDED: of delivery */
	REPORT_DELIVERED,
	REPORT_DELAYED,
	REPORT_RELAYED,
	REPORT_EXPANDED,
	REPORT_DISPLAYED, /* from here: of what became of it then */
	REPORT_DELETED,
};

/* What an item of this message class reports. */
enum report_kind report_kind(struct span class);

/* "delivery-status" or "disposition-notification": its type is message/... */
const char *report_type(enum report_kind kind);

/*
 * Append the part for programs, made from what the store holds: groups of
 * fields, 7-bit. A delivery report has a group for each recipient row.
 */
enum ost_status report_write(struct store_object *item, enum report_kind kind,
			     struct buf *out, struct notes *notes,
			     struct ost_error *err);

/* report_status.c: append the status code (RFC 3463) that `row` was given. */
enum ost_status report_status(struct store_object *item,
			      struct store_object *row, enum report_kind kind,
			      struct buf *out, struct notes *notes,
			      struct ost_error *err);

#endif
