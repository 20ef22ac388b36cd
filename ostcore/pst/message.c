/*
 * message.c - a message with all that is in it          [MS-PST] 2.4.5, 2.4.6
 *
 * What is in a message is written before the message itself. Whatever cannot
 * be read costs just that, stands in the report, and in the item as a note.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "bytes/text.h"
#include "pst/writer.h"
#include "store/cached.h"

enum {
	CONVERSATION_ID = 0x3013,
	CHANGE_KEY = 0x65E2,
	PREDECESSORS = 0x65E3,
	FLAG_READ = 0x0001,
	FLAG_UNSENT = 0x0004 | 0x0080, /* resend, submit: Outlook might */
	FLAG_ATTACHMENTS = 0x0010,
	FLAG_ASSOCIATED = 0x0040,
	ATTACH_MAX = INT32_MAX - (64 << 10) + 1, /* bytes: 2 GiB - 64 KiB */
	LARGE_ITEM = 150 << 20,
	NOTE_MAX = 2000, /* characters */
};

/* 2000-01-01, in units of 100 ns since 1601. */
#define LONG_AGO UINT64_C(125911584000000000)

/* A message that is being written, at any depth. */
struct item {
	struct writer *w;
	struct store_object *o;
	struct store_object *row;
	const struct message *top; /* the one in the folder */
	uint32_t new_nid;
	unsigned depth;	 /* messages around it */
	uint32_t *place; /* attachments so far, of the top message */
	struct pst_props *props;
	struct kept kept;
	struct buf note;
	unsigned attachments;
	bool associated;
};

/* --- what is told -----------------------------------------------------------
 */

struct told {
	enum report_what what;
	uint16_t id;
	uint32_t place;
	uint64_t count;
};

static void tell(struct item *it, const struct told *t, const char *why)
{
	const struct report_line line = {
		.what = t->what,
		.nid = it->top->nid,
		.new_nid = it->top->new_nid,
		.folder = it->top->folder,
		.place = t->place,
		.id = t->id,
		.count = t->count,
		.why = why,
	};

	account_line(&it->w->report, &line);
}

/* In the item itself, that something of it was lost. */
static void note_loss(struct item *it, const struct told *t)
{
	if (it->note.len > NOTE_MAX)
		return;
	buf_printf(&it->note, "%s%s", it->note.len > 0 ? "; " : "",
		   account_word(t->what));
	if (t->place != 0)
		buf_printf(&it->note, " %" PRIu32, t->place);
	if (t->id != 0)
		buf_printf(&it->note, " 0x%04X", t->id);
	if (t->count != 0)
		buf_printf(&it->note, " (%" PRIu64 ")", t->count);
}

static void tell_loss(struct item *it, const struct told *t, const char *why)
{
	tell(it, t, why);
	note_loss(it, t);
}

static void count(struct item *it, enum report_what what, uint16_t id)
{
	account_count(&it->w->report, what, id);
}

static void count_changes(struct item *it, uint16_t id,
			  const struct convert_changes *c)
{
	const struct told replaced = { .what = REPORT_REPLACED,
				       .id = id,
				       .count = c->replaced };

	convert_count(&it->w->report, id, c);
	if (c->replaced > 0)
		tell(it, &replaced, NULL);
}

/* --- a value
 * ------------------------------------------------------------------ */

/* Where a large value comes from, and its hash on the way. */
struct streaming {
	struct writer *w;
	struct store_object *o;
	const struct convert_value *value;
	struct digest_value digest;
	bool salvage;
	uint64_t zeros;
};

static enum ost_status give(void *from, uint64_t off, void *buf, size_t len,
			    struct ost_error *err)
{
	struct streaming *s = from;
	enum ost_status st = writer_go_on(s->w, err);

	if (st == OST_OK && s->salvage)
		st = convert_salvage(s->o, s->value, off, buf, len, &s->zeros,
				     err);
	else if (st == OST_OK)
		st = convert_piece(s->o, s->value, off, buf, len, err);
	if (st == OST_OK)
		digest_more(&s->digest, span_of(buf, len));
	return st;
}

static struct digest_key key_of(uint32_t nid, const struct convert_value *v)
{
	return (struct digest_key){ .nid = nid, .id = v->id, .type = v->type };
}

/* A value in pieces, of object `nid`. */
static enum ost_status stream(struct writer *w, struct store_object *o,
			      uint32_t nid, struct pst_props *props,
			      const struct convert_value *v, uint64_t *zeros,
			      struct ost_error *err)
{
	struct streaming s = {
		.w = w, .o = o, .value = v, .salvage = zeros != NULL
	};
	const struct digest_key key = key_of(nid, v);
	enum ost_status st;

	digest_begin(&s.digest, &key);
	st = pst_props_stream(props, v->id, v->type, v->size, give, &s, err);
	if (st == OST_OK)
		digest_end(&w->digest, &s.digest);
	if (zeros != NULL)
		*zeros += s.zeros;
	return st;
}

/* Put a value, whole or in pieces, into `props`, which are of object `nid`. */
static enum ost_status put(struct writer *w, struct store_object *o,
			   uint32_t nid, struct pst_props *props,
			   const struct convert_value *v, struct ost_error *err)
{
	const struct digest_key key = key_of(nid, v);
	enum ost_status st = OST_OK;

	if (v->id >= 0x8000)
		st = part_name(w, v->id, err);
	if (st != OST_OK)
		return st;
	if (!v->held)
		return stream(w, o, nid, props, v, NULL, err);
	st = pst_props_add(props, v->id, v->type, buf_span(&v->bytes), err);
	if (st == OST_OK)
		digest_add(&w->digest, &key, buf_span(&v->bytes));
	return st;
}

static enum report_what value_loss(enum ost_status st)
{
	return st == OST_UNSUPPORTED ? REPORT_VALUE_TYPE
	       : st == OST_LIMIT     ? REPORT_VALUE_LARGE
				     : REPORT_VALUE_UNREADABLE;
}

/* OST_OK after telling what was lost, unless it ends all. */
static enum ost_status lose_value(struct item *it, enum ost_status st,
				  const struct store_prop *p, uint32_t place,
				  struct ost_error *err)
{
	const struct told t = { .what = value_loss(st),
				.id = p->id,
				.place = place,
				.count = p->size };

	if (st == OST_OK || writer_ends(it->w, st))
		return st;
	tell_loss(it, &t, err->text);
	return OST_OK;
}

/* --- properties of a message
 * ---------------------------------------------------- */

/* Is the value no part of the message, by what it is? */
static enum report_what leaves_value(const struct item *it,
				     const struct convert_value *v)
{
	static const uint16_t names[] = { MAPI_DISPLAY_BCC, MAPI_DISPLAY_CC,
					  MAPI_DISPLAY_TO };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (v->id == names[i] && v->size == 0)
			return REPORT_EMPTY;
	return convert_is_dangling(v, store_key(it->w->s)) ? REPORT_DANGLING
							   : REPORT_NOTHING;
}

/* What is made anew when all else is known. */
static bool is_late(const struct convert_value *v)
{
	return v->id == MAPI_MESSAGE_FLAGS || v->id == MAPI_MESSAGE_SIZE ||
	       v->id == MAPI_MESSAGE_STATUS ||
	       (v->id == CONVERSATION_ID && v->type == MAPI_BINARY && v->held);
}

/* Keep it until then. */
static enum ost_status keep_late(struct item *it, const struct convert_value *v,
				 struct ost_error *err)
{
	if (kept_put(&it->kept, v->id, v->type, buf_span(&v->bytes), v->size,
		     v->held))
		return OST_OK;
	if (v->id != MAPI_MESSAGE_SIZE)
		return ost_fail(err, OST_UNSUPPORTED,
				"it is not a value of type %#06x", v->type);
	count(it, REPORT_COMPUTED, v->id);
	return OST_OK;
}

static enum ost_status put_message_value(struct item *it,
					 struct store_object *from,
					 const struct store_prop *p,
					 struct ost_error *err)
{
	struct convert_changes changes = { 0 };
	struct convert_value v = { 0 };
	enum report_what leaves;
	enum ost_status st = convert_value(from, p, &v, &changes, err);

	if (st == OST_OK && is_late(&v)) {
		st = keep_late(it, &v, err);
	} else if (st == OST_OK) {
		leaves = leaves_value(it, &v);
		if (leaves != REPORT_NOTHING)
			count(it, leaves, p->id);
		else
			st = put(it->w, from, it->new_nid, it->props, &v, err);
		if (st == OST_OK && leaves == REPORT_NOTHING) {
			kept_put(&it->kept, v.id, v.type, buf_span(&v.bytes),
				 v.size, v.held);
			count_changes(it, p->id, &changes);
		}
	}
	convert_free(&v);
	return lose_value(it, st, p, 0, err);
}

static enum ost_status put_all(struct item *it, struct ost_error *err)
{
	struct store_prop p = { 0 };
	enum ost_status st = OST_OK;

	for (uint32_t id = 0; st == OST_OK && id <= UINT16_MAX;
	     id = (uint32_t)p.id + 1) {
		enum report_what leaves;

		st = store_next(it->o, (uint16_t)id, &p, err);
		if (st != OST_OK)
			break;
		leaves = convert_leaves(CONVERT_MESSAGE, p.id);
		if (leaves != REPORT_NOTHING)
			count(it, leaves, p.id);
		else
			st = put_message_value(it, it->o, &p, err);
	}
	return st == OST_NOT_FOUND ? OST_OK : st;
}

/* Of an .ost, the row alone has some of what is the message's. */
static enum ost_status put_from_row(struct item *it, struct ost_error *err)
{
	static const uint16_t ids[] = { MAPI_LAST_MODIFICATION_TIME, CHANGE_KEY,
					PREDECESSORS };
	enum ost_status st = OST_OK;

	for (size_t i = 0; it->row != NULL && st == OST_OK &&
			   i < sizeof(ids) / sizeof(ids[0]);
	     i++) {
		struct store_prop p;

		if (pst_props_has(it->props, ids[i]))
			continue;
		st = store_find(it->row, ids[i], &p, err);
		if (st == OST_OK)
			st = put_message_value(it, it->row, &p, err);
		else if (st == OST_NOT_FOUND)
			st = OST_OK;
		else
			st = lose_value(it, st,
					&(struct store_prop){ .id = ids[i] }, 0,
					err);
	}
	return st;
}

/* Put what is in memory, and keep it. */
static enum ost_status put_bytes(struct item *it, uint16_t id, uint16_t type,
				 struct span bytes, struct ost_error *err)
{
	const struct digest_key key = { .nid = it->new_nid,
					.id = id,
					.type = type };
	const enum ost_status st =
		pst_props_add(it->props, id, type, bytes, err);

	if (st != OST_OK)
		return st;
	digest_add(&it->w->digest, &key, bytes);
	kept_put(&it->kept, id, type, bytes, bytes.len, true);
	return OST_OK;
}

static enum ost_status put_number(struct item *it, uint16_t id, uint16_t type,
				  uint64_t value, struct ost_error *err)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
	return put_bytes(it, id, type, span_of(bytes, convert_fixed(type)),
			 err);
}

/* The time that it has, by the first of these that there is. */
static uint64_t time_of(struct item *it, uint16_t other)
{
	const struct {
		struct store_object *of;
		uint16_t id;
	} times[] = { { it->o, other },
		      { it->row, other },
		      { it->o, MAPI_MESSAGE_DELIVERY_TIME },
		      { it->o, MAPI_CLIENT_SUBMIT_TIME } };

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		const uint64_t is =
			times[i].of != NULL
				? store_number(times[i].of, times[i].id, 0)
				: 0;

		if (is != 0)
			return is;
	}
	return LONG_AGO;
}

static enum ost_status add_times(struct item *it, struct ost_error *err)
{
	static const uint16_t ids[] = { MAPI_CREATION_TIME,
					MAPI_LAST_MODIFICATION_TIME };
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i < 2; i++) {
		if (pst_props_has(it->props, ids[i]))
			continue;
		count(it, REPORT_ADDED_PROPERTY, ids[i]);
		st = put_number(it, ids[i], MAPI_TIME, time_of(it, ids[1 - i]),
				err);
	}
	return st;
}

static enum ost_status add_search_key(struct item *it, struct ost_error *err)
{
	struct sha256_ctx hash;
	uint8_t key[16], nid[4];

	if (pst_props_has(it->props, MAPI_SEARCH_KEY))
		return OST_OK;
	for (size_t i = 0; i < sizeof(nid); i++)
		nid[i] = (uint8_t)(it->new_nid >> 8 * i);
	sha256_init(&hash);
	sha256_update(&hash, sizeof(it->w->uid), it->w->uid);
	sha256_update(&hash, sizeof(nid), nid);
	sha256_digest(&hash, sizeof(key), key);
	count(it, REPORT_ADDED_PROPERTY, MAPI_SEARCH_KEY);
	return put_bytes(it, MAPI_SEARCH_KEY, MAPI_BINARY,
			 span_of(key, sizeof(key)), err);
}

/* What every message of Outlook's has. */
static enum ost_status add_missing(struct item *it, struct ost_error *err)
{
	static const uint8_t note[] = "I\0P\0M\0.\0N\0o\0t\0e";
	enum ost_status st = OST_OK;

	if (!pst_props_has(it->props, MAPI_MESSAGE_CLASS)) {
		count(it, REPORT_ADDED_PROPERTY, MAPI_MESSAGE_CLASS);
		st = put_bytes(it, MAPI_MESSAGE_CLASS, MAPI_UNICODE,
			       span_of(note, sizeof(note)), err);
	}
	if (st == OST_OK)
		st = add_times(it, err);
	return st == OST_OK ? add_search_key(it, err) : st;
}

static enum ost_status put_flags(struct item *it, struct ost_error *err)
{
	const bool has = kept_find(&it->kept, MAPI_MESSAGE_FLAGS) != NULL;
	const uint64_t was =
		kept_number(&it->kept, MAPI_MESSAGE_FLAGS, FLAG_READ);
	uint64_t is = was & ~(uint64_t)(FLAG_UNSENT | FLAG_ASSOCIATED);

	if (it->attachments == 0)
		is &= ~(uint64_t)FLAG_ATTACHMENTS;
	if (it->associated)
		is |= FLAG_ASSOCIATED;
	if (!has)
		count(it, REPORT_ADDED_PROPERTY, MAPI_MESSAGE_FLAGS);
	else if (is != was)
		tell(it,
		     &(struct told){ .what = REPORT_FLAGS,
				     .id = MAPI_MESSAGE_FLAGS },
		     NULL);
	return put_number(it, MAPI_MESSAGE_FLAGS, MAPI_INTEGER32, is, err);
}

/* What stands in the row alone, unless it cannot be made out from the rest. */
static enum ost_status put_row_only(struct item *it, struct ost_error *err)
{
	const struct kept_value *own = kept_find(&it->kept, CONVERSATION_ID);
	const struct kept_value *status =
		kept_find(&it->kept, MAPI_MESSAGE_STATUS);
	uint8_t id[16];
	enum ost_status st = OST_OK;

	if (own != NULL && kept_conversation(&it->kept, id) &&
	    own->bytes.len == sizeof(id) &&
	    memcmp(own->bytes.at, id, sizeof(id)) == 0)
		count(it, REPORT_IN_ROW, CONVERSATION_ID);
	else if (own != NULL)
		st = put_bytes(it, CONVERSATION_ID, MAPI_BINARY,
			       buf_span(&own->bytes), err);
	if (status == NULL || st != OST_OK)
		return st;
	if (kept_number(&it->kept, MAPI_MESSAGE_STATUS, 0) != 0)
		return put_bytes(it, MAPI_MESSAGE_STATUS, MAPI_INTEGER32,
				 buf_span(&status->bytes), err);
	count(it, REPORT_IN_ROW, MAPI_MESSAGE_STATUS);
	return OST_OK;
}

static enum ost_status put_note(struct item *it, struct ost_error *err)
{
	struct buf text = { 0 };
	enum ost_status st;

	if (it->note.len == 0 || it->w->note_id == 0 ||
	    pst_props_has(it->props, it->w->note_id))
		return OST_OK;
	pst_utf16(&text, buf_span(&it->note));
	st = part_name(it->w, it->w->note_id, err);
	if (st == OST_OK)
		st = buf_status(&text, err);
	if (st == OST_OK)
		st = put_bytes(it, it->w->note_id, MAPI_UNICODE,
			       buf_span(&text), err);
	if (st == OST_OK)
		count(it, REPORT_NOTE, 0);
	buf_free(&text);
	return st;
}

/* --- attachments
 * ------------------------------------------------------------------ */

struct attachment {
	struct item *it;
	struct store_object *o;
	uint32_t new_nid, place;
	struct pst_props *props;
	struct buf name;   /* as it is in its row */
	uint32_t position; /* the same */
	uint32_t method;
	bool has_name;
	uint64_t zeros;
	bool too_large;
};

static enum ost_status item_write(struct item *it, struct pst_part *part,
				  struct ost_error *err);

/* The message in it. */
static enum ost_status put_embedded(struct attachment *a,
				    struct store_object *o,
				    struct ost_error *err)
{
	struct item *around = a->it;
	struct writer *w = around->w;
	struct item in = { .w = w,
			   .o = o,
			   .top = around->top,
			   .new_nid = pst_nid(w->out, PST_NID_MESSAGE),
			   .depth = around->depth + 1,
			   .place = around->place };
	struct pst_part part;
	enum ost_status st = item_write(&in, &part, err);

	if (st == OST_OK) {
		digest_object(&w->digest, in.new_nid, a->new_nid);
		st = pst_props_sub(a->props, in.new_nid, &part, err);
	}
	if (st == OST_OK)
		st = pst_props_object(
			a->props, MAPI_ATTACH_DATA, in.new_nid,
			part.size < INT32_MAX ? part.size : INT32_MAX, err);
	return st;
}

/* Bytes of an OLE object, as a subnode. */
static enum ost_status put_ole(struct attachment *a, const struct store_prop *p,
			       struct ost_error *err)
{
	struct writer *w = a->it->w;
	const struct convert_value v = {
		.id = p->id, .type = p->type, .size = p->size, .from = *p
	};
	struct streaming s = {
		.w = w, .o = a->o, .value = &v, .salvage = true
	};
	const struct digest_key key = key_of(a->new_nid, &v);
	const uint32_t nid = pst_nid(w->out, PST_NID_OLE);
	struct pst_part part = { 0 };
	enum ost_status st;

	digest_begin(&s.digest, &key);
	st = pst_data_from(w->out, p->size, give, &s, &part, err);
	if (st == OST_OK)
		st = pst_props_sub(a->props, nid, &part, err);
	if (st == OST_OK)
		st = pst_props_object(a->props, MAPI_ATTACH_DATA, nid, p->size,
				      err);
	if (st == OST_OK)
		digest_end(&w->digest, &s.digest);
	a->zeros += s.zeros;
	return st;
}

/* The same, or nothing of it. */
static enum ost_status try_embedded(struct attachment *a,
				    struct store_object *o,
				    struct ost_error *err)
{
	struct writer *w = a->it->w;
	const struct digest digest = w->digest;
	const size_t held = account_held(&w->report);
	struct ost_error why;
	struct pst_mark mark;
	enum ost_status st;

	pst_mark(w->out, &mark);
	st = put_embedded(a, o, err);
	if (st == OST_OK || writer_ends(w, st))
		return st;
	w->digest = digest;
	account_cut(&w->report, held);
	if (pst_undo(w->out, &mark, &why) != OST_OK)
		return ost_fail(err, OST_IO, "%s", why.text);
	return st;
}

static enum ost_status put_object(struct attachment *a,
				  const struct store_prop *p,
				  struct ost_error *err)
{
	const struct told deep = { .what = REPORT_EMBEDDED_DEEP,
				   .place = a->place };
	const struct told lost = { .what = REPORT_EMBEDDED_UNREADABLE,
				   .place = a->place };
	struct store_object *o = NULL;
	enum ost_status st = store_child(a->o, STORE_MESSAGES, 0, &o, err);

	if (st == OST_NOT_FOUND &&
	    store_number(a->o, MAPI_ATTACH_METHOD, MAPI_ATTACH_EMBEDDED) !=
		    MAPI_ATTACH_EMBEDDED)
		return put_ole(a, p, err);
	if (st == OST_OK && a->it->depth >= PST_EMBEDDED_MAX)
		tell_loss(a->it, &deep, NULL);
	else if (st == OST_OK)
		st = try_embedded(a, o, err);
	store_drop(o);
	if (st == OST_OK || writer_ends(a->it->w, st))
		return st;
	tell_loss(a->it, &lost, err->text);
	return OST_OK;
}

/* The bytes of it: what of them is lost is zeros. */
static enum ost_status put_data(struct attachment *a,
				const struct store_prop *p,
				struct ost_error *err)
{
	struct convert_value v = {
		.id = p->id, .type = p->type, .size = p->size, .from = *p
	};

	return stream(a->it->w, a->o, a->new_nid, a->props, &v, &a->zeros, err);
}

/* What its row says, too, is a number. */
static bool fits_row(const struct convert_value *v)
{
	return v->type == MAPI_INTEGER32 || (v->id != MAPI_RENDERING_POSITION &&
					     v->id != MAPI_ATTACH_METHOD);
}

/* Keep what its row says, too. */
static void keep_for_row(struct attachment *a, const struct convert_value *v)
{
	struct cursor c = cur_at(buf_span(&v->bytes), 0);

	if (v->id == MAPI_RENDERING_POSITION)
		a->position = cur_u32(&c);
	else if (v->id == MAPI_ATTACH_METHOD)
		a->method = cur_u32(&c);
	else if (v->id == MAPI_ATTACH_FILENAME && v->type == MAPI_UNICODE) {
		a->has_name = v->size > 0;
		buf_add(&a->name, buf_text(&v->bytes), v->bytes.len);
	}
}

static enum ost_status put_plain(struct attachment *a,
				 const struct store_prop *p,
				 struct ost_error *err)
{
	struct convert_changes changes = { 0 };
	struct convert_value v = { 0 };
	enum ost_status st = convert_value(a->o, p, &v, &changes, err);

	if (st == OST_OK && !fits_row(&v))
		st = ost_fail(err, OST_UNSUPPORTED,
			      "it is not a value of type %#06x", v.type);
	if (st == OST_OK)
		st = put(a->it->w, a->o, a->new_nid, a->props, &v, err);
	if (st == OST_OK) {
		count_changes(a->it, p->id, &changes);
		keep_for_row(a, &v);
	}
	convert_free(&v);
	return st;
}

static enum ost_status put_attachment_value(struct attachment *a,
					    const struct store_prop *p,
					    struct ost_error *err)
{
	struct ost_error why = { "" };
	enum ost_status st = OST_OK;

	if (p->id == MAPI_ATTACH_SIZE)
		return OST_OK; /* made anew */
	if (p->type == MAPI_OBJECT && p->id == MAPI_ATTACH_DATA)
		return put_object(a, p, err);
	/* With no byte of it, one cannot know whether it was empty. */
	if (p->size == 0)
		st = store_read(a->o, p, 0, NULL, 0, &why);
	if (st == OST_OK && p->id == MAPI_ATTACH_DATA && p->type == MAPI_BINARY)
		st = put_data(a, p, &why);
	else if (st == OST_OK)
		st = put_plain(a, p, &why);
	st = lose_value(a->it, st, p, a->place, &why);
	return st == OST_OK ? st : ost_fail(err, st, "%s", why.text);
}

static enum ost_status put_attachment_values(struct attachment *a,
					     struct ost_error *err)
{
	struct store_prop p = { 0 };
	enum ost_status st = OST_OK;

	for (uint32_t id = 0; st == OST_OK && id <= UINT16_MAX;
	     id = (uint32_t)p.id + 1) {
		enum report_what leaves;

		st = store_next(a->o, (uint16_t)id, &p, err);
		if (st != OST_OK)
			break;
		a->too_large |= p.id == MAPI_ATTACH_DATA && p.size > ATTACH_MAX;
		if (a->too_large)
			return OST_OK;
		leaves = convert_leaves(CONVERT_ATTACHMENT, p.id);
		if (leaves != REPORT_NOTHING)
			count(a->it, leaves, p.id);
		else
			st = put_attachment_value(a, &p, err);
	}
	return st == OST_NOT_FOUND ? OST_OK : st;
}

static enum ost_status attachment_number(struct attachment *a, uint16_t id,
					 uint32_t value, struct ost_error *err)
{
	const uint8_t bytes[4] = { (uint8_t)value, (uint8_t)(value >> 8),
				   (uint8_t)(value >> 16),
				   (uint8_t)(value >> 24) };
	const struct digest_key key = { .nid = a->new_nid,
					.id = id,
					.type = MAPI_INTEGER32 };
	const struct span value_bytes = span_of(bytes, sizeof(bytes));
	const enum ost_status st =
		pst_props_add(a->props, id, MAPI_INTEGER32, value_bytes, err);

	if (st == OST_OK)
		digest_add(&a->it->w->digest, &key, value_bytes);
	return st;
}

/* What its row has, too, and must be there. */
static enum ost_status add_attachment_missing(struct attachment *a,
					      uint32_t *size,
					      struct ost_error *err)
{
	const struct {
		uint16_t id;
		uint32_t value;
	} needed[] = { { MAPI_RENDERING_POSITION, a->position },
		       { MAPI_ATTACH_METHOD, a->method } };
	uint64_t all;
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i < 2; i++) {
		if (pst_props_has(a->props, needed[i].id))
			continue;
		count(a->it, REPORT_ADDED_PROPERTY, needed[i].id);
		st = attachment_number(a, needed[i].id, needed[i].value, err);
	}
	all = pst_props_values(a->props) + 4;
	*size = all < INT32_MAX ? (uint32_t)all : INT32_MAX;
	if (all > INT32_MAX)
		count(a->it, REPORT_SIZE_CAPPED, MAPI_ATTACH_SIZE);
	if (*size != store_number(a->o, MAPI_ATTACH_SIZE, UINT64_MAX))
		count(a->it, REPORT_ATTACH_SIZE, MAPI_ATTACH_SIZE);
	if (st == OST_OK)
		st = attachment_number(a, MAPI_ATTACH_SIZE, *size, err);
	return st;
}

static void put_u32(uint8_t to[4], uint64_t v)
{
	for (size_t i = 0; i < 4; i++)
		to[i] = (uint8_t)(v >> 8 * i);
}

static enum ost_status attachment_row(struct attachment *a,
				      struct pst_table *table, uint32_t size,
				      struct ost_error *err)
{
	uint8_t numbers[3][4];
	struct pst_cell cells[4] = {
		{ .tag = pst_tag(MAPI_RENDERING_POSITION, MAPI_INTEGER32) },
		{ .tag = pst_tag(MAPI_ATTACH_SIZE, MAPI_INTEGER32) },
		{ .tag = pst_tag(MAPI_ATTACH_METHOD, MAPI_INTEGER32) },
		{ .tag = pst_tag(MAPI_ATTACH_FILENAME, MAPI_UNICODE),
		  .bytes = buf_span(&a->name) },
	};

	put_u32(numbers[0], a->position);
	put_u32(numbers[1], size);
	put_u32(numbers[2], a->method);
	for (size_t i = 0; i < 3; i++)
		cells[i].bytes = span_of(numbers[i], 4);
	if (a->has_name)
		cells[3].bid =
			pst_props_bid(a->props, MAPI_ATTACH_FILENAME, NULL);
	if (cells[3].bid != 0)
		cells[3].bytes = span_of(NULL, 0);
	return pst_table_row(table, a->new_nid, cells, a->has_name ? 4 : 3,
			     err);
}

/* What of the bytes is lost is told; true: it is to be left out for it. */
static bool tell_zeros(struct attachment *a)
{
	const struct told t = { .what = REPORT_ATTACHMENT_PART,
				.place = a->place,
				.count = a->zeros };
	const struct told large = { .what = REPORT_ATTACHMENT_LARGE,
				    .place = a->place };

	if (a->too_large)
		tell_loss(a->it, &large, NULL);
	if (a->zeros > 0)
		tell_loss(a->it, &t, NULL);
	return a->too_large || (a->zeros > 0 && a->it->w->o->omit_damaged);
}

/* Of some attachments, and of those that are paths, an .ost has no data. */
static void tell_not_stored(struct attachment *a)
{
	const struct told t = { .what = REPORT_NOT_STORED, .place = a->place };
	struct store_prop p;
	struct ost_error err;

	if (!a->o->lost &&
	    store_number(a->o, MAPI_ATTACH_METHOD, MAPI_ATTACH_BY_VALUE) !=
		    MAPI_ATTACH_NONE &&
	    store_find(a->o, MAPI_ATTACH_DATA, &p, &err) == OST_NOT_FOUND)
		tell(a->it, &t, NULL);
}

static enum ost_status attachment_write(struct attachment *a,
					struct pst_table *table, bool *omitted,
					struct ost_error *err)
{
	struct writer *w = a->it->w;
	const struct digest digest = w->digest;
	const struct told lost = { .what = REPORT_ATTACHMENT_UNREADABLE,
				   .place = a->place };
	struct pst_part part;
	struct pst_mark mark;
	uint32_t size = 0;
	enum ost_status st;

	if (a->o->lost)
		tell_loss(a->it, &lost, "only its row can be read");
	tell_not_stored(a);
	pst_mark(w->out, &mark);
	a->new_nid = pst_nid(w->out, PST_NID_ATTACHMENT);
	st = pst_props_new(&a->props, w->out, err);
	if (st == OST_OK)
		st = put_attachment_values(a, err);
	if (st == OST_OK && tell_zeros(a)) {
		pst_props_free(a->props);
		a->props = NULL;
		*omitted = true;
		w->digest = digest;
		return pst_undo(w->out, &mark, err);
	}
	if (st == OST_OK)
		st = add_attachment_missing(a, &size, err);
	if (st == OST_OK)
		st = pst_props_end(a->props, &part, err);
	if (st == OST_OK)
		st = pst_props_sub(a->it->props, a->new_nid, &part, err);
	if (st == OST_OK)
		st = attachment_row(a, table, size, err);
	if (st == OST_OK)
		digest_object(&w->digest, a->new_nid, a->it->new_nid);
	return st;
}

/* One of the list; a failure to get it is told, and costs it alone. */
static enum ost_status attachment_at(struct item *it, size_t index,
				     struct pst_table *table,
				     struct ost_error *err)
{
	struct attachment a = { .it = it,
				.position = UINT32_MAX,
				.method = MAPI_ATTACH_BY_VALUE };
	const struct told lost = { .what = REPORT_ATTACHMENT_UNREADABLE,
				   .place = *it->place + 1 };
	bool omitted = false;
	enum ost_status st =
		store_child(it->o, STORE_ATTACHMENTS, index, &a.o, err);

	if (st == OST_NOT_FOUND)
		return st;
	a.place = ++*it->place;
	if (st == OST_OK) {
		st = attachment_write(&a, table, &omitted, err);
		it->attachments += st == OST_OK && !omitted;
	} else if (!writer_ends(it->w, st)) {
		tell_loss(it, &lost, err->text);
		st = OST_OK;
	}
	pst_props_free(a.props);
	buf_free(&a.name);
	store_drop(a.o);
	return st;
}

static enum ost_status attachments_write(struct item *it, struct ost_error *err)
{
	struct pst_table *table = NULL;
	struct pst_part part;
	enum ost_status st = pst_table_new(&table, it->w->out,
					   PST_ATTACHMENT_TABLE, NULL, 0, err);

	for (size_t i = 0; st == OST_OK; i++)
		st = attachment_at(it, i, table, err);
	if (st == OST_NOT_FOUND)
		st = OST_OK;
	if (st == OST_OK && it->attachments > 0) {
		st = pst_table_end(table, &part, err);
		if (st == OST_OK)
			st = pst_props_sub(it->props, PST_NID_ATTACHMENTS,
					   &part, err);
	}
	pst_table_free(table);
	return st;
}

/* --- a message
 * ---------------------------------------------------------------------- */

static enum ost_status put_recipients(struct item *it, struct ost_error *err)
{
	struct message m = *it->top;
	const struct told lost = { .what = REPORT_RECIPIENTS_UNREADABLE };
	struct recipients_lost of = { .values = 0 };
	struct pst_part part;
	enum ost_status st;

	m.o = it->o;
	m.new_nid = it->new_nid;
	st = recipients_copy(it->w, &m, &part, &of, err);
	if (of.rows)
		tell_loss(it, &lost, err->text);
	if (of.values > 0)
		note_loss(it, &(struct told){ .what = REPORT_VALUE_UNREADABLE,
					      .count = of.values });
	if (st == OST_OK)
		st = pst_props_sub(it->props, PST_NID_RECIPIENTS, &part, err);
	return st;
}

static void count_size(struct item *it, const struct pst_part *part)
{
	const struct told large = { .what = REPORT_LARGE_ITEM,
				    .count = part->size };
	uint64_t size = part->size;
	uint8_t bytes[4];

	if (size > INT32_MAX) {
		count(it, REPORT_SIZE_CAPPED, MAPI_MESSAGE_SIZE);
		size = INT32_MAX;
	}
	if (size != kept_number(&it->kept, MAPI_MESSAGE_SIZE, UINT64_MAX))
		count(it, REPORT_SIZE, MAPI_MESSAGE_SIZE);
	if (it->depth == 0 && size > LARGE_ITEM)
		tell(it, &large, NULL);
	put_u32(bytes, size);
	kept_put(&it->kept, MAPI_MESSAGE_SIZE, MAPI_INTEGER32,
		 span_of(bytes, sizeof(bytes)), sizeof(bytes), true);
}

static void tell_header_only(struct item *it)
{
	const struct told t = { .what = REPORT_HEADER_ONLY };

	if (!it->associated && cached_lacks_body(it->o))
		tell(it, &t, NULL);
}

static enum ost_status item_write(struct item *it, struct pst_part *part,
				  struct ost_error *err)
{
	enum ost_status st = pst_props_new(&it->props, it->w->out, err);

	kept_start(&it->kept, it->associated);
	if (st == OST_OK)
		st = put_all(it, err);
	if (st == OST_OK)
		st = attachments_write(it, err);
	if (st == OST_OK)
		st = put_recipients(it, err);
	if (st == OST_OK)
		st = put_from_row(it, err);
	if (st == OST_OK)
		st = add_missing(it, err);
	if (st == OST_OK)
		st = put_flags(it, err);
	if (st == OST_OK)
		st = put_row_only(it, err);
	if (st == OST_OK)
		st = put_note(it, err);
	if (st == OST_OK)
		st = pst_props_size(it->props, MAPI_MESSAGE_SIZE, err);
	if (st == OST_OK)
		st = pst_props_end(it->props, part, err);
	if (st == OST_OK)
		count_size(it, part);
	if (st == OST_OK)
		tell_header_only(it);
	if (it->depth > 0) {
		pst_props_free(it->props);
		kept_free(&it->kept);
	}
	buf_free(&it->note);
	return st;
}

void written_free(struct written *m)
{
	pst_props_free(m->props);
	kept_free(&m->kept);
	*m = (struct written){ .props = NULL };
}

enum ost_status message_copy(struct writer *w, const struct message *m,
			     uint32_t parent, struct written *out,
			     struct ost_error *err)
{
	uint32_t place = 0;
	struct item it = { .w = w,
			   .o = m->o,
			   .row = m->row,
			   .top = m,
			   .new_nid = m->new_nid,
			   .place = &place,
			   .associated = m->associated };
	struct pst_part part;
	enum ost_status st = item_write(&it, &part, err);

	if (st == OST_OK)
		st = pst_node(w->out, m->new_nid, parent, &part, err);
	if (st == OST_OK)
		digest_object(&w->digest, m->new_nid, parent);
	*out = (struct written){
		.kept = it.kept,
		.props = it.props,
		.attachments = it.attachments,
		.unread = (kept_number(&it.kept, MAPI_MESSAGE_FLAGS, 0) &
			   FLAG_READ) == 0,
	};
	return st;
}
