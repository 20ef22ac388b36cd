#include "mail/text/value.h"

#include "mail/text/chars.h"
#include "mail/text/encode.h"
#include "store/limits.h"

enum { BYTES_MAX = 1 << 20, TEXT_MAX = 1 << 20 };

/* {xxxxxxxx-0000-0000-C000-000000000046}, as most sets are */
#define OLE_GUID(a, b, c, d)                                                   \
	{                                                                      \
		d, c, b, a, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46           \
	}

const uint8_t *value_guid(enum value_set set)
{
	static const uint8_t guids[][16] = {
		[SET_COMMON] = OLE_GUID(0x00, 0x06, 0x20, 0x08),
		[SET_APPOINTMENT] = OLE_GUID(0x00, 0x06, 0x20, 0x02),
		[SET_ADDRESS] = OLE_GUID(0x00, 0x06, 0x20, 0x04),
		[SET_PUBLIC_STRINGS] = OLE_GUID(0x00, 0x02, 0x03, 0x29),
		[SET_INTERNET_HEADERS] = OLE_GUID(0x00, 0x02, 0x03, 0x86),
		[SET_NOTE] = OLE_GUID(0x00, 0x06, 0x20, 0x0E),
		[SET_POST_RSS] = OLE_GUID(0x00, 0x06, 0x20, 0x41),
		[SET_MEETING] = { 0x90, 0xDA, 0xD8, 0x6E, 0x0B, 0x45, 0x1B,
				  0x10, 0x98, 0xDA, 0x00, 0xAA, 0x00, 0x3F,
				  0x13, 0x05 },
		[SET_TASK] = OLE_GUID(0x00, 0x06, 0x20, 0x03),
		[SET_LOG] = OLE_GUID(0x00, 0x06, 0x20, 0x0A),
	};

	return guids[set];
}

uint16_t value_named(struct store_object *o, enum value_set set, uint32_t lid)
{
	struct store_name name = { .lid = lid };

	memcpy(name.guid, value_guid(set), sizeof(name.guid));
	return store_name_id(o->store, &name);
}

/* Text property `id` as stored; OST_NOT_FOUND when there is none to be had. */
static enum ost_status read_text(struct store_object *o, uint16_t id,
				 struct buf *out, struct notes *notes,
				 struct ost_error *err)
{
	const size_t start = out->len;
	struct store_reading how = { 0 };
	struct store_prop p;
	enum ost_status st;

	if (id == 0)
		return OST_NOT_FOUND;
	st = store_text(o, id, out, &how, err);
	if (st == OST_OK && out->len - start > TEXT_MAX) {
		buf_cut(out, start);
		note_add(notes, NOTE_FIELD_LARGE);
		return OST_NOT_FOUND;
	}
	if (st == OST_OK) {
		if ((how.replaced > 0 || how.guessed) &&
		    store_find(o, id, &p, err) == OST_OK)
			notes_reading(notes, &how, p.type);
		return OST_OK;
	}
	buf_cut(out, start);
	if (st == OST_NOT_FOUND || ost_is_internal(st))
		return st;
	note_add(notes, NOTE_PROPERTY_CORRUPT);
	return OST_NOT_FOUND;
}

/* Cut the blanks at the ends of what `out` holds from `start` on. */
static void trim_from(struct buf *out, size_t start)
{
	const struct span all = chars_from(buf_span(out), start);
	const struct span line = chars_trim(all);

	if (line.len > 0 && line.at != all.at)
		memmove(out->at + start, line.at, line.len);
	buf_cut(out, start + line.len);
}

/* Make one line of what `out` holds from `start` on. */
static enum ost_status line_from(struct buf *out, size_t start,
				 struct notes *notes, struct ost_error *err)
{
	const struct span text = chars_from(buf_span(out), start);
	struct buf raw = { 0 };

	if (chars_plain(text) < text.len) {
		buf_add(&raw, text.at, text.len);
		buf_cut(out, start);
		if (encode_clean(out, buf_span(&raw)))
			note_add(notes, NOTE_CONTROL);
		out->bad = out->bad || raw.bad;
		buf_free(&raw);
	}
	trim_from(out, start);
	return buf_status(out, err);
}

enum ost_status value_line(struct store_object *o, uint16_t id, struct buf *out,
			   struct notes *notes, struct ost_error *err)
{
	const size_t start = out->len;
	enum ost_status st = read_text(o, id, out, notes, err);

	if (st == OST_OK)
		st = line_from(out, start, notes, err);
	return st == OST_NOT_FOUND ? OST_OK : st;
}

enum ost_status value_text(struct store_object *o, uint16_t id, struct buf *out,
			   struct notes *notes, struct ost_error *err)
{
	const size_t start = out->len;
	const enum ost_status st = read_text(o, id, out, notes, err);

	if (st == OST_OK)
		trim_from(out, start);
	return st == OST_NOT_FOUND ? OST_OK : st;
}

enum ost_status value_bytes(struct store_object *o, uint16_t id,
			    struct buf *out, struct notes *notes,
			    struct ost_error *err)
{
	const size_t start = out->len;
	const enum ost_status st = store_bytes(o, id, BYTES_MAX, out, err);

	if (st == OST_OK || ost_is_internal(st))
		return st;
	buf_cut(out, start);
	if (st != OST_NOT_FOUND)
		note_add(notes, NOTE_PROPERTY_CORRUPT);
	return OST_OK;
}

/*
 * The subject in a store may begin with U+0001 and a character that says how
 * long its prefix is, both no part of it [MS-PST] 2.5.3.1.1.1.
 */
static struct span without_mark(struct span subject)
{
	if (subject.len == 0 || subject.at[0] != 1)
		return subject;
	subject = chars_from(subject, 1);
	if (subject.len > 0)
		(void)chars_next(&subject);
	return subject;
}

enum ost_status value_subject(struct store_object *o, struct buf *out,
			      struct notes *notes, struct ost_error *err)
{
	struct buf raw = { 0 };
	enum ost_status st = read_text(o, MAPI_SUBJECT, &raw, notes, err);

	if (st == OST_NOT_FOUND) {
		st = read_text(o, MAPI_NORMALIZED_SUBJECT, &raw, notes, err);
		if (st == OST_OK) {
			struct buf rest = raw;

			raw = (struct buf){ 0 };
			st = read_text(o, MAPI_SUBJECT_PREFIX, &raw, notes,
				       err);
			buf_add(&raw, rest.at, rest.len);
			buf_free(&rest);
			st = st == OST_NOT_FOUND ? OST_OK : st;
		}
	}
	if (st == OST_NOT_FOUND)
		st = read_text(o, MAPI_CONVERSATION_TOPIC, &raw, notes, err);
	if (st == OST_OK && !raw.bad) {
		const struct span text = without_mark(buf_span(&raw));
		const size_t start = out->len;

		buf_add(out, text.at, text.len);
		st = line_from(out, start, notes, err);
	}
	if (raw.bad)
		st = buf_status(&raw, err);
	buf_free(&raw);
	return st == OST_NOT_FOUND ? OST_OK : st;
}

enum ost_status value_class(struct store_object *o, struct buf *out,
			    struct ost_error *err)
{
	const size_t start = out->len;
	struct notes notes = { 0 };
	const enum ost_status st =
		value_line(o, MAPI_MESSAGE_CLASS, out, &notes, err);

	if (st == OST_OK && out->len == start)
		buf_str(out, "IPM.Note");
	return st == OST_OK ? buf_status(out, err) : st;
}

bool value_class_is(struct span class, const char *name)
{
	const size_t len = strlen(name);

	return chars_begin(class, name) &&
	       (class.len == len || class.at[len] == '.');
}

/* Part `index` of categories that are kept as one string. */
static enum ost_status part_of(struct store_object *o, uint16_t id,
			       size_t index, struct buf *out,
			       struct store_reading *how, struct ost_error *err)
{
	struct buf all = { 0 };
	enum ost_status st = store_text(o, id, &all, how, err);
	struct span rest = buf_span(&all), part = { 0 };

	for (size_t n = 0; st == OST_OK && n <= index;) {
		size_t len = 0;

		if (rest.len == 0)
			st = OST_NOT_FOUND;
		while (len < rest.len && !chars_in(rest.at[len], ",;"))
			len++;
		part = chars_trim(chars_first(rest, len));
		rest = chars_from(rest, len + 1);
		n += part.len > 0;
	}
	if (st == OST_OK)
		buf_add(out, part.at, part.len);
	buf_free(&all);
	return st;
}

static enum ost_status read_category(struct store_object *o, uint16_t id,
				     size_t index, struct buf *out,
				     struct notes *notes, struct ost_error *err)
{
	struct store_reading how = { 0 };
	struct store_prop p;
	enum ost_status st =
		id == 0 ? OST_NOT_FOUND : store_find(o, id, &p, err);

	if (st != OST_OK)
		return st;
	st = (p.type & MAPI_MULTIPLE) != 0
		     ? store_multi(o, id, index, out, &how, err)
		     : part_of(o, id, index, out, &how, err);
	notes_reading(notes, &how, p.type);
	return st;
}

enum ost_status value_category(struct store_object *o, size_t index,
			       struct buf *out, struct notes *notes,
			       struct ost_error *err)
{
	struct store_name name = { .name = "Keywords" };
	const size_t start = out->len;
	enum ost_status st;
	uint16_t id;

	memcpy(name.guid, value_guid(SET_PUBLIC_STRINGS), sizeof(name.guid));
	id = store_name_id(o->store, &name);
	st = read_category(o, id, index, out, notes, err);
	if (st == OST_NOT_FOUND) { /* the number it had before it had a name */
		id = value_named(o, SET_PUBLIC_STRINGS, 0x9000);
		st = read_category(o, id, index, out, notes, err);
	}
	if (st == OST_OK && index < LIMIT_VALUES)
		return line_from(out, start, notes, err);
	buf_cut(out, start);
	if (st == OST_NOT_FOUND || ost_is_internal(st))
		return st;
	note_add(notes, NOTE_PROPERTY_CORRUPT);
	return OST_NOT_FOUND;
}

unsigned value_state(struct store_object *o)
{
	enum { FLAG_READ = 1, FLAG_UNSENT = 8, STATUS_DELETED = 8 };
	enum { VERB_REPLY = 102, VERB_REPLY_ALL = 103, VERB_FORWARD = 104 };
	enum { ICON_REPLIED = 0x105, ICON_FORWARDED = 0x106, FLAG_SET = 2 };
	const uint64_t read = store_number(o, MAPI_READ, 0) != 0;
	const uint64_t flags = store_number(o, MAPI_MESSAGE_FLAGS, read);
	const uint64_t verb = store_number(o, MAPI_LAST_VERB_EXECUTED, 0);
	const uint64_t icon = store_number(o, MAPI_ICON_INDEX, 0);
	unsigned state = 0;

	if (flags & FLAG_READ)
		state |= STATE_READ;
	if (flags & FLAG_UNSENT)
		state |= STATE_DRAFT;
	if (verb == VERB_REPLY || verb == VERB_REPLY_ALL ||
	    icon == ICON_REPLIED)
		state |= STATE_ANSWERED;
	if (verb == VERB_FORWARD || icon == ICON_FORWARDED)
		state |= STATE_FORWARDED;
	if (store_number(o, MAPI_FLAG_STATUS, 0) == FLAG_SET)
		state |= STATE_FLAGGED;
	if (store_number(o, MAPI_MESSAGE_STATUS, 0) & STATUS_DELETED)
		state |= STATE_DELETED;
	return state;
}
