/*
 * vcard.c - what the vCards of contacts and groups have in common
 */
#include "mail/card/vcard.h"

#include <time.h>

#include "mail/body/plain.h"
#include "mail/plan/boundary.h"
#include "mail/text/chars.h"
#include "mail/text/date.h"
#include "mail/text/encode.h"
#include "mail/text/origin.h"
#include "mail/text/value.h"
#include "store/limits.h"

/* Each value of a list is looked up from its start. */
enum { LIST_MAX = 256 << 10 };

bool vcard_ok(struct vcard *v, enum ost_status st)
{
	if (v->st == OST_OK)
		v->st = st;
	return v->st == OST_OK;
}

uint16_t vcard_lid(const struct vcard *v, uint16_t lid)
{
	return value_named(v->item, SET_ADDRESS, lid);
}

typedef enum ost_status reader(struct store_object *o, uint16_t id,
			       struct buf *out, struct notes *notes,
			       struct ost_error *err);

static void get(struct vcard *v, struct vcard_from from, reader *read,
		struct buf *out)
{
	const size_t start = out->len;

	if (v->st == OST_OK && from.id != 0)
		vcard_ok(v, read(v->item, from.id, out, v->notes, v->err));
	if (v->st == OST_OK && from.lid != 0 && out->len == start)
		vcard_ok(v, read(v->item, vcard_lid(v, from.lid), out, v->notes,
				 v->err));
}

void vcard_get(struct vcard *v, struct vcard_from from, struct buf *out)
{
	get(v, from, value_text, out);
}

void vcard_get_line(struct vcard *v, struct vcard_from from, struct buf *out)
{
	get(v, from, value_line, out);
}

void vcard_text(struct vcard *v, const char *name, struct vcard_from from)
{
	struct buf text = { 0 };

	vcard_get(v, from, &text);
	ical_text_line(&v->lines, name, buf_span(&text));
	v->lines.out->bad |= text.bad;
	buf_free(&text);
}

void vcard_each(struct vcard *v, uint16_t id, const char *name,
		vcard_take *take)
{
	struct store_prop p;
	enum ost_status st = v->st;

	if (st == OST_OK)
		st = store_find(v->item, id, &p, v->err);
	if (st == OST_OK && p.size > LIST_MAX)
		st = OST_LIMIT;
	for (size_t i = 0; st == OST_OK && i <= LIMIT_VALUES; i++) {
		struct store_reading how = { 0 };
		struct buf value = { 0 };

		st = store_multi(v->item, id, i, &value, &how, v->err);
		if (st == OST_OK && i < LIMIT_VALUES)
			take(v, name, buf_span(&value));
		notes_reading(v->notes, &how, p.type);
		buf_free(&value);
	}
	if (ost_is_internal(st))
		vcard_ok(v, st);
	else if (st != OST_NOT_FOUND)
		note_add(v->notes, NOTE_PROPERTY_CORRUPT);
}

enum { UID_LEN = 16 };

/*
 * An address book takes two cards of one UID for the same: what tells the item
 * from all others, hashed.
 */
void vcard_uid(struct store_object *item, struct buf *out)
{
	struct notes ignored = { 0 };
	struct buf name = { 0 };
	uint8_t uid[UID_LEN];
	struct ost_error err;

	if (origin_name(item, &name, &ignored, &err) != OST_OK)
		out->bad = true;
	for (size_t i = 0; i < UID_LEN; i++)
		uid[i] = (uint8_t)(boundary_hash(i / 8, buf_span(&name)) >>
				   (i % 8 * 8));
	buf_str(out, "urn:uuid:");
	for (size_t i = 0; i < UID_LEN; i++)
		buf_printf(out, "%s%02x",
			   i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			   uid[i]);
	out->bad = out->bad || name.bad;
	buf_free(&name);
}

/*
 * The beginning and the end of a card
 */

void vcard_begin(struct vcard *v, const char *version)
{
	ical_begin(&v->lines, "VCARD");
	ical_line(&v->lines, "VERSION", "%s", version);
}

static void put_categories(struct vcard *v)
{
	enum ost_status st = v->st;

	for (size_t i = 0; st == OST_OK; i++) {
		struct buf text = { 0 };

		st = value_category(v->item, i, &text, v->notes, v->err);
		if (st == OST_OK && i == 0)
			ical_name(&v->lines, "CATEGORIES");
		if (st == OST_OK)
			ical_text_part(&v->lines, i == 0 ? ":" : ",",
				       buf_span(&text));
		else if (i > 0)
			ical_stop(&v->lines);
		buf_free(&text);
	}
	if (ost_is_internal(st))
		vcard_ok(v, st);
}

static void put_note(struct vcard *v)
{
	struct buf text = { 0 };

	if (v->st == OST_OK)
		vcard_ok(v, plain_read(v->item, &text, v->notes, v->err));
	ical_text_line(&v->lines, "NOTE", chars_trim(buf_span(&text)));
	buf_free(&text);
}

static void put_revision(struct vcard *v)
{
	uint32_t nsec;
	int64_t sec;
	struct tm tm;
	time_t t;

	if (!date_property(v->item, MAPI_LAST_MODIFICATION_TIME, &sec, &nsec))
		return;
	t = (time_t)sec;
	if (gmtime_r(&t, &tm) != NULL)
		ical_line(&v->lines, "REV", "%04d%02d%02dT%02d%02d%02dZ",
			  tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
			  tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void vcard_end(struct vcard *v)
{
	struct buf text = { 0 };

	put_note(v);
	put_categories(v);
	put_revision(v);
	vcard_uid(v->item, &text);
	ical_line(&v->lines, "UID", "%s", buf_text(&text));
	buf_cut(&text, 0);
	notes_text(v->notes, &text);
	ical_text_line(&v->lines, "X-OST-NOTE", buf_span(&text));
	ical_end(&v->lines, "VCARD");
	v->lines.out->bad |= text.bad;
	buf_free(&text);
}
