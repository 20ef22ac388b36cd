/*
 * proplist.h - private: what an item says beside its body, as lines of text
 *
 * Meetings, notes and their like are kept in properties that no mail header
 * has a place for. Those that can be a file of their own are that instead.
 */
#ifndef OST_MAIL_PROPLIST_H
#define OST_MAIL_PROPLIST_H

#include "mail/text/notes.h"
#include "store/store.h"

/*
 * Append a `Name: value` line for each property of `item` that says something
 * to a person, if its class is one that needs it; else nothing. UTF-8 with
 * CRLF; further lines of a value start with a TAB. In the order of ids.
 */
enum ost_status proplist_text(struct store_object *item, struct buf *out,
			      struct notes *notes, struct ost_error *err);

/*
 * propnames.c: the name of property `id` below 0x8000, without "PidTag"; NULL:
 * none known. `*shown`: it says something to a person, be it a bare number.
 */
const char *propname_tag(uint16_t id, bool *shown);

/* The same of property `lid` of the property set `guid`, without "PidLid". */
const char *propname_lid(const uint8_t guid[16], uint32_t lid);

/* proptags.c: by id */
extern const struct propname_tag {
	uint16_t id;
	const char *name;
	bool shown;
} propname_tags[];
extern const size_t propname_tag_count;

/* proplids.c: `set` is what its GUID differs in from its family */
enum { PROPNAME_MEETING = 0xFF };
extern const struct propname_lid {
	uint8_t set;
	uint16_t lid;
	const char *name;
} propname_lids[];
extern const size_t propname_lid_count;

#endif
