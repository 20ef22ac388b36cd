/*
 * item.c - an item as text, with all that is in it
 */
#include "mail/textform/item.h"

#include "mail/calendar/ical.h"
#include "mail/header/header.h"
#include "mail/item/class.h"
#include "mail/render/form.h"
#include "mail/text/chars.h"
#include "mail/text/date.h"
#include "mail/text/encode.h"
#include "mail/text/value.h"
#include "mail/textform/card.h"
#include "mail/textform/heading.h"
#include "mail/textform/named.h"
#include "mail/textform/textform.h"

static void put_date(struct making *m, struct store_object *item,
		     const char *label, uint16_t id)
{
	struct buf date = { 0 };
	uint32_t nsec;
	int64_t sec;

	if (date_property(item, id, &sec, &nsec))
		encode_date(&date, sec);
	page_field(&m->page, label, buf_span(&date));
	buf_free(&date);
}

static void put_flags(struct making *m, struct store_object *item)
{
	static const struct {
		unsigned state;
		const char *word;
	} words[] = { { STATE_DRAFT, " draft" },
		      { STATE_ANSWERED, " answered" },
		      { STATE_FORWARDED, " forwarded" },
		      { STATE_FLAGGED, " flagged" },
		      { STATE_DELETED, " deleted" } };
	const unsigned state = value_state(item);
	struct buf text = { 0 };

	buf_str(&text, state & STATE_READ ? "read" : "unread");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (state & words[i].state)
			buf_str(&text, words[i].word);
	page_field(&m->page, "Flags", buf_span(&text));
	m->page.out->bad = m->page.out->bad || text.bad;
	buf_free(&text);
}

static enum ost_status put_categories(struct making *m,
				      struct store_object *item)
{
	struct buf text = { 0 };
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK; i++) {
		const size_t before = text.len;

		if (i > 0)
			buf_str(&text, ", ");
		st = value_category(item, i, &text, m->notes, m->err);
		if (st != OST_OK)
			buf_cut(&text, before);
	}
	page_field(&m->page, "Categories", buf_span(&text));
	buf_free(&text);
	return st == OST_NOT_FOUND ? OST_OK : st;
}

/* What a meeting, or what no format has a place for, says in properties. */
static enum ost_status put_properties(struct making *m,
				      struct store_object *item)
{
	struct form_part part = { 0 };
	struct buf calendar = { 0 };
	const char *method;
	enum ost_status st =
		ical_meeting(item, &calendar, &method, m->notes, m->err);

	if (st == OST_OK) {
		card_put(&m->page, buf_span(&calendar), false);
	} else if (!ost_is_internal_or_transient(st)) {
		st = form_part(item, &part, m->notes, m->err);
		if (st == OST_OK && form_inside(item) != FORM_MAIL)
			card_put(&m->page, buf_span(&part.text), false);
		else if (st == OST_OK && part.text.len > 0 &&
			 chars_begin(chars_of(part.type), "text/plain"))
			page_write_text(&m->page, buf_span(&part.text));
	}
	m->page.out->bad = m->page.out->bad || calendar.bad || part.text.bad;
	buf_free(&calendar);
	buf_free(&part.text);
	return st;
}

static enum ost_status put_mail_header(struct making *m,
				       struct store_object *item)
{
	struct header_facts facts = { 0 };
	struct buf header = { 0 };
	const size_t start = m->page.out->len;
	enum ost_status st =
		header_write(item, &header, &facts, m->notes, m->err);

	heading_put(&m->page, buf_span(&header));
	if (st == OST_OK && facts.bogus.len > 0)
		page_field(&m->page, "Transport headers",
			   buf_span(&facts.bogus));
	m->page.out->bad = m->page.out->bad || header.bad;
	buf_free(&header);
	header_facts_free(&facts);
	if (st == OST_OK)
		st = named_put(m, item, start);
	if (st == OST_OK)
		st = put_properties(m, item);
	return st;
}

static enum ost_status
put_other_header(struct making *m, struct store_object *item, enum form form)
{
	struct notes theirs = { 0 };
	struct buf text = { 0 }, class = { 0 };
	const size_t start = m->page.out->len;
	enum ost_status st = value_class(item, &class, m->err);

	page_field(&m->page, "Class", buf_span(&class));
	if (st == OST_OK && form == FORM_TEXT)
		st = value_subject(item, &text, m->notes, m->err);
	else if (st == OST_OK)
		st = form_write(item, form, NULL, &text, &theirs, m->err);
	if (form == FORM_TEXT)
		page_field(&m->page, "Subject", buf_span(&text));
	else
		card_put(&m->page, buf_span(&text), false);
	if (st == OST_OK && form != FORM_CALENDAR && form != FORM_CONTACT)
		st = put_categories(m, item);
	if (st == OST_OK)
		st = named_put(m, item, start);
	put_date(m, item, "Created", MAPI_CREATION_TIME);
	put_date(m, item, "Changed", MAPI_LAST_MODIFICATION_TIME);
	note_drop(&theirs, NOTE_ATTACH_BESIDE);
	m->notes->set |= theirs.set;
	m->page.out->bad = m->page.out->bad || text.bad || class.bad;
	buf_free(&text);
	buf_free(&class);
	return st;
}

enum ost_status item_put(struct making *m, struct store_object *item)
{
	const enum form form = form_of(item);
	enum ost_status st;

	notes_origin(m->notes, item);
	st = form == FORM_MAIL ? put_mail_header(m, item)
			       : put_other_header(m, item, form);
	if (st == OST_OK)
		put_flags(m, item);
	if (st == OST_OK)
		st = body_put(m, item);
	if (st == OST_OK)
		st = attached_put(m, item);
	return st;
}

/* What was degraded, in words; what only tells how it was made is not said. */
static void put_notes(struct making *m)
{
	struct buf text = { 0 };
	const char *codes;
	struct span code;

	notes_text(m->notes, &text);
	codes = buf_text(&text);
	page_gap(&m->page);
	while (mail_note_next(&codes, &code))
		if (mail_note_severity(code) != MAIL_DEGRADED)
			page_printf(&m->page, "Note: %s (%.*s)",
				    mail_note_meaning(code), (int)code.len,
				    (const char *)code.at);
	m->page.out->bad = m->page.out->bad || text.bad;
	buf_free(&text);
}

enum ost_status textform_write(struct store_object *item, size_t cap,
			       struct buf *out, struct notes *notes,
			       struct ost_error *err)
{
	struct making m = {
		.page = { .out = out, .start = out->len, .cap = cap },
		.notes = notes,
		.err = err,
	};
	enum ost_status st = item_put(&m, item);

	put_notes(&m);
	/* One empty line at the end would be one too many. */
	if (out->len >= 2 && out->at[out->len - 1] == '\n' &&
	    out->at[out->len - 2] == '\n')
		buf_cut(out, out->len - 1);
	return st == OST_OK ? buf_status(out, err) : st;
}
