/*
 * proplist.c - the properties of an item as lines of text
 */
#include "mail/item/proplist.h"

#include <inttypes.h>
#include <time.h>

#include "mail/item/class.h"
#include "mail/text/chars.h"
#include "mail/text/date.h"
#include "mail/text/value.h"
#include "store/limits.h"

enum {
	VALUE_MAX = 64 << 10, /* bytes of a stored value that is shown */
	TOTAL_MAX = 1 << 20,
};

/* Shown elsewhere: in the header, or as the body. */
static const uint16_t elsewhere[] = {
	MAPI_MESSAGE_CLASS,
	MAPI_TRANSPORT_MESSAGE_HEADERS,
	MAPI_BODY,
	MAPI_HTML,
	MAPI_RTF_COMPRESSED,
	MAPI_PREVIEW,
	MAPI_BODY_PREFIX,
	MAPI_MESSAGE_FLAGS,
	MAPI_SUBJECT_PREFIX,
	MAPI_NORMALIZED_SUBJECT,
	MAPI_INTERNET_MESSAGE_ID,
};

static bool is_elsewhere(uint16_t id)
{
	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++)
		if (elsewhere[i] == id)
			return true;
	return false;
}

/*
 * Values, as text; nothing is appended for one that says nothing
 */

static void put_time(uint64_t filetime, struct buf *out)
{
	uint32_t nsec;
	int64_t sec;
	struct tm tm;
	time_t t;

	if (!date_filetime(filetime, &sec, &nsec))
		return;
	t = (time_t)sec;
	if (gmtime_r(&t, &tm) != NULL)
		buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02dZ",
			   tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
			   tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static enum ost_status put_double(struct store_object *o,
				  const struct store_prop *p, struct buf *out,
				  struct ost_error *err)
{
	uint8_t bytes[8];
	double value;
	uint64_t bits;
	struct cursor c;
	enum ost_status st = OST_NOT_FOUND;

	if (p->size == sizeof(bytes))
		st = store_read(o, p, 0, bytes, sizeof(bytes), err);
	if (st != OST_OK)
		return st;
	c = cur_at(span_of(bytes, sizeof(bytes)), 0);
	bits = cur_u64(&c);
	memcpy(&value, &bits, sizeof(value));
	buf_printf(out, "%.10g", value);
	return OST_OK;
}

static enum ost_status put_number(struct store_object *o,
				  const struct store_prop *p, struct buf *out,
				  struct ost_error *err)
{
	const uint64_t value = store_number(o, p->id, 0);

	switch (p->type) {
	case MAPI_BOOLEAN:
		buf_str(out, value != 0 ? "true" : "false");
		return OST_OK;
	case MAPI_TIME:
		put_time(value, out);
		return OST_OK;
	case MAPI_INTEGER16:
		buf_printf(out, "%d", (int)(int16_t)value);
		return OST_OK;
	case MAPI_INTEGER32:
		buf_printf(out, "%" PRId32, (int32_t)value);
		return OST_OK;
	case MAPI_INTEGER64:
		buf_printf(out, "%" PRId64, (int64_t)value);
		return OST_OK;
	case MAPI_FLOATING64:
		return put_double(o, p, out, err);
	default:
		return OST_NOT_FOUND;
	}
}

static enum ost_status put_multi(struct store_object *o, uint16_t id,
				 struct buf *out, struct ost_error *err)
{
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i <= LIMIT_VALUES; i++) {
		const size_t before = out->len;

		if (i > 0)
			buf_byte(out, '\n');
		st = store_multi(o, id, i, out, NULL, err);
		if (st == OST_OK && i == LIMIT_VALUES)
			st = ost_fail(err, OST_LIMIT, "over %d values",
				      LIMIT_VALUES);
		if (st != OST_OK)
			buf_cut(out, before);
	}
	return st == OST_NOT_FOUND ? OST_OK : st;
}

static enum ost_status put_value(struct store_object *o,
				 const struct store_prop *p, bool known,
				 struct buf *out, struct ost_error *err)
{
	if (p->size > VALUE_MAX) {
		buf_printf(out, "(%" PRIu64 " bytes)", p->size);
		return OST_OK;
	}
	switch (p->type) {
	case MAPI_STRING8:
	case MAPI_UNICODE:
		return store_text(o, p->id, out, NULL, err);
	case MAPI_MULTIPLE | MAPI_STRING8:
	case MAPI_MULTIPLE | MAPI_UNICODE:
		return put_multi(o, p->id, out, err);
	default:
		/* Numbers of no name are plumbing. */
		return known ? put_number(o, p, out, err) : OST_NOT_FOUND;
	}
}

/*
 * Lines
 */

/* Append the name of a property; false when its number says nothing alone. */
static bool put_name(struct store_object *o, uint16_t id, struct buf *out)
{
	struct store_name named = { .lid = 0 };
	bool shown = true;
	const char *name = NULL;

	if (id < 0x8000)
		name = propname_tag(id, &shown);
	else if (store_id_name(o->store, id, &named))
		name = named.name != NULL ? named.name
					  : propname_lid(named.guid, named.lid);
	if (name == NULL && named.lid != 0)
		buf_printf(out, "Lid0x%04" PRIX32, named.lid);
	else if (name == NULL)
		buf_printf(out, "0x%04X", id);
	for (; name != NULL && *name != '\0'; name++)
		buf_byte(out, chars_control((uint8_t)*name) ? ' ' : *name);
	return shown;
}

/* Append a value, its further lines set off by a TAB. */
static void put_lines(struct buf *out, struct span text)
{
	text = chars_trim(text);
	for (size_t i = 0; i < text.len; i++) {
		const uint8_t c = text.at[i];

		if (c == '\r' && i + 1 < text.len && text.at[i + 1] == '\n')
			continue;
		if (c == '\r' || c == '\n')
			buf_str(out, "\r\n\t");
		else if (!chars_control(c) || c == '\t')
			buf_byte(out, (char)c);
	}
	buf_str(out, "\r\n");
}

static enum ost_status put_property(struct store_object *o,
				    const struct store_prop *p, struct buf *out,
				    struct notes *notes, struct ost_error *err)
{
	struct buf name = { 0 }, value = { 0 };
	const bool known = put_name(o, p->id, &name);
	enum ost_status st = put_value(o, p, known, &value, err);

	/* Of too many values there are the first. */
	if ((st == OST_OK || st == OST_LIMIT) &&
	    chars_trim(buf_span(&value)).len > 0) {
		buf_printf(out, "%s: ", buf_text(&name));
		put_lines(out, buf_span(&value));
	}
	out->bad = out->bad || name.bad || value.bad;
	buf_free(&name);
	buf_free(&value);
	if (st == OST_OK || st == OST_NOT_FOUND)
		return OST_OK;
	if (ost_is_internal_or_transient(st))
		return st;
	note_add(notes, NOTE_PROPERTY_CORRUPT);
	return OST_OK;
}

enum ost_status proplist_text(struct store_object *item, struct buf *out,
			      struct notes *notes, struct ost_error *err)
{
	struct buf class = { 0 };
	struct store_prop p;
	enum ost_status st = value_class(item, &class, err);
	const bool listed =
		st == OST_OK && form_has_properties(buf_span(&class));

	buf_free(&class);
	if (st != OST_OK || !listed)
		return st;
	for (uint32_t id = 1; id <= UINT16_MAX; id = p.id + UINT32_C(1)) {
		st = store_next(item, (uint16_t)id, &p, err);
		if (st == OST_OK && out->len >= TOTAL_MAX)
			st = ost_fail(err, OST_LIMIT, "too many properties");
		if (st != OST_OK || p.id < id)
			break;
		if (!is_elsewhere(p.id))
			st = put_property(item, &p, out, notes, err);
		if (st != OST_OK)
			return st;
	}
	if (ost_is_internal_or_transient(st))
		return st;
	if (st != OST_OK && st != OST_NOT_FOUND)
		note_add(notes, NOTE_PROPERTY_CORRUPT);
	return buf_status(out, err);
}
