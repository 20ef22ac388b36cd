/*
 * ical_people.c - who called a meeting, and who was asked to come
 */
#include "mail/address/address.h"
#include "mail/address/recipients.h"
#include "mail/calendar/ical_parts.h"
#include "mail/text/chars.h"
#include "store/limits.h"

enum {
	LOST_MAX = 64, /* unreadable rows in a row: the table is lost */

	/* Recipient rows [MS-OXCMSG] 2.2.1, [MS-OXOCAL] 2.2.4.10 */
	TYPE_MASK = 15,
	TYPE_ORIGINATOR = 0,
	TYPE_REQUIRED = 1,
	TYPE_OPTIONAL = 2,
	TYPE_RESOURCE = 3,
	FLAG_ORGANIZER = 0x2,
	FLAG_DELETED = 0x20,
	TRACK_TENTATIVE = 2,
	TRACK_ACCEPTED = 3,
	TRACK_DECLINED = 4,
	TRACK_ORGANIZED = 1,
};

/* What is known of the organizer, and who the attendees are, as lines. */
struct people {
	struct ical *w;
	struct peers peers;
	struct address organizer;
	struct address owner; /* of the mailbox, when there is an `answer` */
	uint64_t answer;      /* a TRACK_..., or 0 */
	struct ical_lines attendees;
	size_t count;
	size_t rows; /* in the table, those left out too */
	bool meeting;
	bool reply; /* one attendee: who replies */
};

/* Append `a` as a URI (RFC 6068): what may not stand in one %-encoded. */
static void put_uri(struct ical_lines *l, const struct address *a)
{
	struct buf uri = { 0 };

	buf_str(&uri, "mailto:");
	for (size_t i = 0; i < a->addr.len; i++) {
		const uint8_t c = (uint8_t)a->addr.at[i];

		if (c <= ' ' || c >= 0x7F || chars_in(c, "\"%<>[\\]^`{|}?#"))
			buf_printf(&uri, "%%%02X", c);
		else
			buf_byte(&uri, (char)c);
	}
	ical_value(l, buf_span(&uri));
	l->out->bad = l->out->bad || uri.bad;
	buf_free(&uri);
}

static void put_name(struct ical_lines *l, const struct address *a)
{
	if (a->name.len > 0)
		ical_parameter(l, "CN", buf_span(&a->name));
}

static const char *part_of(uint64_t track)
{
	switch (track) {
	case TRACK_ORGANIZED:
	case TRACK_ACCEPTED:
		return "ACCEPTED";
	case TRACK_TENTATIVE:
		return "TENTATIVE";
	case TRACK_DECLINED:
		return "DECLINED";
	default:
		return "NEEDS-ACTION";
	}
}

static void put_attendee(struct people *p, const struct address *who,
			 uint64_t type, const char *part)
{
	struct ical_lines *l = &p->attendees;

	ical_name(l, "ATTENDEE");
	put_name(l, who);
	if (type == TYPE_RESOURCE)
		ical_parameter(l, "CUTYPE", chars_of("RESOURCE"));
	ical_parameter(l, "ROLE",
		       chars_of(type == TYPE_RESOURCE	? "NON-PARTICIPANT"
				: type == TYPE_OPTIONAL ? "OPT-PARTICIPANT"
							: "REQ-PARTICIPANT"));
	ical_parameter(l, "PARTSTAT", chars_of(part));
	if (!p->reply && store_number(p->w->item, MAPI_RESPONSE_REQUESTED, 0))
		ical_parameter(l, "RSVP", chars_of("TRUE"));
	put_uri(l, who);
	p->count++;
}

/* `who` becomes the organizer, unless there is one that is as well known. */
static void set_organizer(struct people *p, struct address *who)
{
	if (who->addr.len == 0 ||
	    (p->organizer.addr.len > 0 && (!p->organizer.imcea || who->imcea)))
		return;
	address_free(&p->organizer);
	p->organizer = *who;
	*who = (struct address){ { 0 } };
}

/* Of the owner the table has no answer: that is with the meeting. */
static void put_row(struct people *p, const struct address *who, uint64_t type,
		    uint64_t track)
{
	if (p->answer != 0 && address_same(who, &p->owner)) {
		if (track == 0)
			track = p->answer;
		p->answer = 0;
	}
	put_attendee(p, who, type, part_of(track));
}

static bool is_organizer(uint64_t type, uint64_t flags)
{
	return (flags & FLAG_ORGANIZER) ||
	       (type & TYPE_MASK) == TYPE_ORIGINATOR;
}

static enum ost_status read_row(struct people *p, struct store_object *row)
{
	struct ical *w = p->w;
	const uint64_t type =
		store_number(row, MAPI_RECIPIENT_TYPE, TYPE_REQUIRED);
	const uint64_t flags = store_number(row, MAPI_RECIPIENT_FLAGS, 0);
	const uint64_t track =
		store_number(row, MAPI_RECIPIENT_TRACK_STATUS, 0);
	struct address who = { { 0 } };
	enum ost_status st;

	if (flags & FLAG_DELETED)
		return OST_OK;
	st = address_of_row(&p->peers, row, &who, w->notes, w->err);
	if (st == OST_OK && who.addr.len == 0) {
		if (!recipient_is_blank(row))
			note_add(w->notes, NOTE_RECIPIENTS_CORRUPT);
	} else if (st == OST_OK && p->reply) {
		set_organizer(p, &who); /* to whom the reply went */
	} else if (st == OST_OK && is_organizer(type, flags)) {
		set_organizer(p, &who);
	} else if (st == OST_OK && !address_same(&who, &p->organizer)) {
		put_row(p, &who, type & TYPE_MASK, track);
	}
	address_free(&who);
	return st;
}

typedef enum ost_status row_reader(struct people *p, struct store_object *row);

static enum ost_status read_rows(struct people *p, row_reader *read)
{
	struct ical *w = p->w;

	p->rows = 0;
	for (size_t i = 0, lost = 0; i <= LIMIT_RECIPIENTS; i++) {
		struct store_object *row = NULL;
		enum ost_status st =
			store_child(w->item, STORE_RECIPIENTS, i, &row, w->err);

		if (st == OST_OK) {
			st = i < LIMIT_RECIPIENTS ? read(p, row) : OST_OK;
			store_drop(row);
			p->rows++;
			lost = 0;
			if (st != OST_OK)
				return st;
			continue;
		}
		if (st == OST_NOT_FOUND)
			return OST_OK;
		if (ost_is_internal_or_transient(st))
			return st;
		note_add(w->notes, NOTE_RECIPIENTS_CORRUPT);
		if (++lost == LOST_MAX)
			return OST_OK;
	}
	note_add(w->notes, NOTE_RECIPIENTS_CORRUPT);
	return OST_OK;
}

/* Only who called the meeting, so that the others can be told from him. */
static enum ost_status read_organizer_row(struct people *p,
					  struct store_object *row)
{
	struct ical *w = p->w;
	struct address who = { { 0 } };
	enum ost_status st = OST_OK;

	if (!is_organizer(store_number(row, MAPI_RECIPIENT_TYPE, TYPE_REQUIRED),
			  store_number(row, MAPI_RECIPIENT_FLAGS, 0)))
		return OST_OK;
	st = address_of_row(&p->peers, row, &who, w->notes, w->err);
	if (st == OST_OK)
		set_organizer(p, &who);
	address_free(&who);
	return st;
}

static bool same_name(const struct address *a, const struct address *b)
{
	return a->name.len > 0 &&
	       chars_same(buf_span(&a->name), buf_span(&b->name));
}

/*
 * Who called it: as the item says, and when that is no address, the row of
 * the organizer, or whoever sent it under the same name. Another name is
 * somebody who sent it for him.
 */
static enum ost_status read_organizer(struct people *p)
{
	struct ical *w = p->w;
	const struct notes before = *w->notes;
	struct address sender = { { 0 } };
	enum ost_status st = address_of(w->item, ADDRESS_FROM, &p->organizer,
					w->notes, w->err);

	if (st == OST_OK && p->organizer.imcea)
		st = read_rows(p, read_organizer_row);
	if (st == OST_OK && (p->organizer.addr.len == 0 || p->organizer.imcea))
		st = address_of(w->item, ADDRESS_SENDER, &sender, w->notes,
				w->err);
	if (p->organizer.addr.len == 0 || same_name(&sender, &p->organizer))
		set_organizer(p, &sender);
	if (!p->organizer.imcea)
		address_unused(w->notes, &before);
	address_free(&sender);
	return st;
}

/* Who replies is the one attendee of a reply (RFC 5546 3.2.3). */
static enum ost_status read_replier(struct people *p)
{
	struct ical *w = p->w;
	static const enum address_role roles[] = { ADDRESS_FROM,
						   ADDRESS_SENDER };
	struct buf class = { 0 };
	struct address who = { { 0 } };
	enum ost_status st = value_class(w->item, &class, w->err);
	uint64_t track = TRACK_TENTATIVE;

	if (chars_end(buf_span(&class), chars_of(".Pos")))
		track = TRACK_ACCEPTED;
	else if (chars_end(buf_span(&class), chars_of(".Neg")))
		track = TRACK_DECLINED;
	if (st == OST_OK)
		st = address_of_first(w->item, roles, 2, &who, w->notes,
				      w->err);
	if (st == OST_OK && who.addr.len > 0)
		put_attendee(p, &who, TYPE_REQUIRED, part_of(track));
	address_free(&who);
	buf_free(&class);
	return st;
}

/* Without a table of them, those that the item names. */
static enum ost_status read_names(struct people *p)
{
	struct ical *w = p->w;
	struct recipients all;
	enum ost_status st = recipients_read(&all, w->item, w->notes, w->err);

	for (size_t i = 0; st == OST_OK && i < all.count; i++) {
		const struct recipient *one = &all.at[i];

		put_row(p, &one->who,
			one->type == RECIPIENT_RESOURCE ? TYPE_RESOURCE
			: one->type == RECIPIENT_CC	? TYPE_OPTIONAL
							: TYPE_REQUIRED,
			0);
	}
	recipients_free(&all);
	return st;
}

/* Appends to `who` the one that a property of a task names, if any. */
static enum ost_status read_named(struct people *p, uint32_t lid,
				  struct address *who)
{
	struct ical *w = p->w;
	struct buf name = { 0 };
	enum ost_status st = ical_string(w, ical_id(w, SET_TASK, lid), &name);

	if (st == OST_OK && name.len > 0)
		st = address_of_name(w->item, buf_span(&name), who, w->notes,
				     w->err);
	buf_free(&name);
	return st;
}

/*
 * A task may name whom it was assigned to by PidLidTaskOwner alone. One that
 * was not assigned, as PidLidTaskOwnership says, names its own user there; so
 * does one that does not say, unless it has an address.
 */
static enum ost_status read_assignee(struct people *p)
{
	enum { NOT_ASSIGNED = 0, NOT_SAID = 3 };
	struct ical *w = p->w;
	struct address who = { { 0 } };
	const uint64_t role = ical_number(
		w, ical_id(w, SET_TASK, LID_TASK_OWNERSHIP), NOT_SAID);
	const struct notes before = *w->notes;
	enum ost_status st = OST_OK;

	if (role != NOT_ASSIGNED)
		st = read_named(p, LID_TASK_OWNER, &who);
	if (st == OST_OK && who.addr.len > 0 &&
	    (role != NOT_SAID || !who.imcea))
		put_attendee(p, &who, TYPE_REQUIRED, part_of(0));
	else
		address_unused(w->notes, &before);
	address_free(&who);
	return st;
}

/* Who assigned a task, which does not come by mail: as it says, or the owner */
static enum ost_status read_assigner(struct people *p)
{
	struct ical *w = p->w;
	struct address who = { { 0 } };
	enum ost_status st = read_named(p, LID_TASK_ASSIGNER, &who);

	if (st == OST_OK && who.addr.len == 0)
		st = address_of_owner(w->item, &who, w->err);
	if (st == OST_OK)
		set_organizer(p, &who);
	address_free(&who);
	return st;
}

/*
 * What the owner of the mailbox answered, when the meeting is another's
 * [MS-OXOCAL] 2.2.1.11.
 */
static enum ost_status read_answer(struct people *p)
{
	struct ical *w = p->w;
	const uint64_t answer = ical_number(
		w, ical_id(w, SET_APPOINTMENT, LID_RESPONSE_STATUS), 0);
	enum ost_status st = OST_OK;

	if (w->method != NULL || answer < TRACK_TENTATIVE ||
	    answer > TRACK_DECLINED)
		return OST_OK;
	st = address_of_receiver(w->item, &p->owner, w->notes, w->err);
	if (p->owner.addr.len > 0)
		p->answer = answer;
	return st;
}

static enum ost_status read_people(struct people *p)
{
	enum ost_status st;

	if (p->reply) {
		st = read_replier(p);
		return st == OST_OK ? read_rows(p, read_row) : st;
	}
	st = read_organizer(p);
	if (st == OST_OK)
		st = read_answer(p);
	if (st == OST_OK)
		st = read_rows(p, read_row);
	if (st == OST_OK && p->count == 0 && p->rows == 0 && p->meeting)
		st = read_names(p);
	if (st == OST_OK && p->count == 0)
		st = read_assignee(p);
	if (st == OST_OK && p->count > 0 && p->organizer.addr.len == 0)
		st = read_assigner(p);
	/* Asked as one of a list */
	if (st == OST_OK && p->answer != 0 && p->count > 0 &&
	    !address_same(&p->owner, &p->organizer))
		put_row(p, &p->owner, TYPE_REQUIRED, 0);
	return st;
}

enum ost_status ical_put_people(struct ical *w, bool *given)
{
	const uint64_t state =
		ical_number(w, ical_id(w, SET_APPOINTMENT, LID_STATE_FLAGS), 0);
	struct buf lines = { 0 };
	struct people p = {
		.w = w,
		.peers = { .item = w->item },
		.attendees = { .out = &lines },
		.meeting = (state & STATE_MEETING) || w->method != NULL,
		.reply = w->method != NULL &&
			 (strcmp(w->method, "REPLY") == 0 ||
			  strcmp(w->method, "COUNTER") == 0),
	};
	const enum ost_status st = read_people(&p);

	*given = p.count > 0;
	if (st == OST_OK && p.organizer.addr.len > 0 &&
	    (p.count > 0 || p.meeting)) {
		ical_name(&w->lines, "ORGANIZER");
		put_name(&w->lines, &p.organizer);
		put_uri(&w->lines, &p.organizer);
		*given = true;
	}
	if (st == OST_OK)
		buf_add(w->lines.out, lines.at, lines.len);
	w->lines.out->bad = w->lines.out->bad || lines.bad;
	buf_free(&lines);
	address_free(&p.organizer);
	address_free(&p.owner);
	peers_free(&p.peers);
	return st;
}
