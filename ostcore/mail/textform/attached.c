/*
 * attached.c - the attachments of an item: a line each, and what is text
 */
#include <inttypes.h>

#include "bytes/text.h"
#include "mail/attach/inside.h"
#include "mail/body/body_text.h"
#include "mail/html/html.h"
#include "mail/rfc822/entity.h"
#include "mail/rfc822/leaves.h"
#include "mail/text/chars.h"
#include "mail/text/lines.h"
#include "mail/textform/card.h"
#include "mail/textform/heading.h"
#include "mail/textform/item.h"

enum {
	DEPTH_MAX = 100,     /* items in one another; mails in text are items */
	FILE_MAX = 16 << 20, /* bytes of a file that is shown as text */
};

/* How a file is made text, by the type that it has. */
enum look {
	LOOK_NONE,
	LOOK_TEXT,
	LOOK_HTML,
	LOOK_MAIL,
	LOOK_CARD,
};

static const struct {
	const char *type;
	enum look look;
} looks[] = {
	{ "text/html", LOOK_HTML },
	{ "application/xhtml+xml", LOOK_HTML },
	{ "text/calendar", LOOK_CARD },
	{ "text/vcard", LOOK_CARD },
	{ "text/x-vcard", LOOK_CARD },
	{ "application/ics", LOOK_CARD },
	{ "text/rtf", LOOK_NONE },
	{ "text/", LOOK_TEXT },
	{ "message/rfc822", LOOK_MAIL },
	{ "message/global", LOOK_MAIL },
	{ "message/", LOOK_TEXT },
	{ "application/json", LOOK_TEXT },
	{ "application/xml", LOOK_TEXT },
	{ "application/x-yaml", LOOK_TEXT },
	{ "application/javascript", LOOK_TEXT },
	{ "application/sql", LOOK_TEXT },
	{ "application/pgp-signature", LOOK_TEXT },
};

static enum look look_of(struct span type)
{
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
		if (chars_begin(type, looks[i].type))
			return looks[i].look;
	return chars_end(type, chars_of("+json")) ||
			       chars_end(type, chars_of("+xml"))
		       ? LOOK_TEXT
		       : LOOK_NONE;
}

static void put_reason(struct making *m, enum note note, const char *text)
{
	note_add(m->notes, note);
	m->page.depth++;
	page_printf(&m->page, "[%s]", text);
	m->page.depth--;
}

/*
 * Files
 */

static void put_bytes(struct making *m, struct span bytes, enum look look,
		      const struct body_pages *pages);

/* The entities of a mail that is a file. */
struct parts {
	struct making *m;
	const struct body_pages *pages;
};

static enum ost_status put_part(void *arg, const struct leaf *leaf,
				struct ost_error *err)
{
	const struct parts *parts = arg;
	struct making *m = parts->m;
	const enum look look = look_of(buf_span(&leaf->type));
	struct body_pages pages = *parts->pages;
	struct buf bytes = { 0 };

	entity_decode(leaf->body, leaf->encoding, &bytes);
	page_gap(&m->page);
	if (leaf->name.len > 0 || look == LOOK_NONE)
		page_printf(&m->page, "Attachment: %s (%s, %zu bytes)",
			    leaf->name.len > 0 ? buf_text(&leaf->name)
					       : "without a name",
			    buf_text(&leaf->type), bytes.len);
	put_bytes(m, buf_span(&bytes), look, &pages);
	m->page.out->bad = m->page.out->bad || bytes.bad;
	buf_free(&bytes);
	return buf_status(m->page.out, err);
}

/* A mail in a file: its header and each of its parts. */
static void put_mail(struct making *m, struct span text,
		     const struct body_pages *pages)
{
	struct parts parts = { m, pages };
	struct buf header = { 0 };
	struct ost_error err;
	enum ost_status st;

	if (m->depth >= DEPTH_MAX) {
		put_reason(m, NOTE_DEPTH, "It lies too deep to be shown.");
		return;
	}
	m->depth++;
	lines_crlf(&header, chars_first(text, entity_body(text)));
	heading_put(&m->page, buf_span(&header));
	st = leaves_each(text, put_part, &parts, &err);
	if (st != OST_OK)
		page_printf(&m->page, "[The rest of it is not MIME.]");
	m->page.out->bad |= header.bad || st == OST_NO_MEMORY;
	buf_free(&header);
	m->depth--;
}

/* Put a file of `look`, set off. */
static void put_bytes(struct making *m, struct span bytes, enum look look,
		      const struct body_pages *pages)
{
	struct buf text = { 0 }, page = { 0 };

	if (look == LOOK_NONE)
		return;
	if (bytes.len > page_room(&m->page) / 4) {
		put_reason(m, NOTE_ATTACH_BESIDE,
			   "Its text is not here: there is no room for it.");
		return;
	}
	m->page.depth++;
	if (look != LOOK_MAIL)
		(void)body_decode(&text, bytes, pages, look == LOOK_HTML);
	if (look == LOOK_MAIL)
		put_mail(m, bytes, pages);
	else if (look == LOOK_HTML)
		html_text(&page, buf_span(&text));
	else if (look == LOOK_CARD)
		card_put(&m->page, buf_span(&text), true);
	else
		page_write_text(&m->page, buf_span(&text));
	page_write_text(&m->page, buf_span(&page));
	m->page.depth--;
	m->page.out->bad = m->page.out->bad || text.bad || page.bad;
	buf_free(&text);
	buf_free(&page);
}

/* The pages that text of an attachment may be in. */
static struct body_pages pages_of(const struct attach *a,
				  struct store_object *item)
{
	struct body_pages pages = { .store = item->store };
	struct buf charset = { 0 };
	struct ost_error err;

	if (a->object != NULL && store_text(a->object, MAPI_ATTACH_CHARSET,
					    &charset, NULL, &err) == OST_OK)
		pages.said[0] =
			text_charset_codepage(chars_trim(buf_span(&charset)));
	pages.guessed[0] =
		(unsigned)(store_number(item, MAPI_MESSAGE_CODEPAGE, 0) &
			   0xFFFF);
	pages.guessed[1] =
		(unsigned)(store_number(item, MAPI_INTERNET_CODEPAGE, 0) &
			   0xFFFF);
	buf_free(&charset);
	return pages;
}

static enum ost_status read_file(const struct attach *a, struct buf *out,
				 struct ost_error *err)
{
	void *at;

	if (a->made) {
		buf_add(out, a->bytes.at, a->bytes.len);
		return OST_OK;
	}
	at = buf_more(out, (size_t)a->data.size);
	if (at == NULL)
		return ost_no_memory(err);
	return store_read(a->object, &a->data, 0, at, (size_t)a->data.size,
			  err);
}

static enum ost_status put_file(struct making *m, struct store_object *item,
				const struct attach *a)
{
	const enum look look = look_of(buf_span(&a->type));
	struct body_pages pages;
	struct buf bytes = { 0 };
	enum ost_status st;

	if (look == LOOK_NONE || a->data.size == 0 ||
	    (!a->made && a->object == NULL))
		return OST_OK;
	if (a->data.size > FILE_MAX) {
		put_reason(m, NOTE_ATTACH_BESIDE,
			   "Its text is not here: the file is too large.");
		return OST_OK;
	}
	st = read_file(a, &bytes, m->err);
	pages = pages_of(a, item);
	if (st == OST_OK)
		put_bytes(m, buf_span(&bytes), look, &pages);
	else if (!ost_is_internal_or_transient(st))
		put_reason(m, NOTE_ATTACH_CORRUPT,
			   "Its text is not here: it cannot be read.");
	buf_free(&bytes);
	return ost_is_internal_or_transient(st) ? st : OST_OK;
}

/*
 * Items
 */

static enum ost_status put_item(struct making *m, const struct attach *a)
{
	struct store_object *message = NULL;
	enum ost_status st;

	if (m->depth >= DEPTH_MAX) {
		put_reason(m, NOTE_DEPTH, "It lies too deep to be shown.");
		return OST_OK;
	}
	if (page_room(&m->page) < 1 << 16) {
		put_reason(m, NOTE_ATTACH_BESIDE,
			   "It is not here: there is no room for it.");
		return OST_OK;
	}
	st = attach_message(a, &message, m->err);
	if (st != OST_OK)
		return st;
	m->depth++;
	m->page.depth++;
	st = item_put(m, message);
	m->depth--;
	m->page.depth--;
	store_drop(message);
	return st;
}

static enum ost_status put_one(struct making *m, struct store_object *item,
			       const struct attach *a)
{
	const char *name = buf_text(&a->name), *type = buf_text(&a->type);

	page_gap(&m->page);
	switch (a->kind) {
	case MAIL_FILE:
		page_printf(&m->page, "Attachment: %s (%s, %" PRIu64 " %s)",
			    name, type, a->data.size,
			    text_plural(a->data.size, "byte", "bytes"));
		return put_file(m, item, a);
	case MAIL_MESSAGE:
		page_printf(&m->page, "Attachment: %s (%s)", name, type);
		return put_item(m, a);
	case MAIL_LINK:
		page_printf(&m->page, "Attachment: %s (at %s)", name,
			    buf_text(&a->path));
		return OST_OK;
	case MAIL_MISSING:
		break;
	}
	page_printf(&m->page, "Attachment: %s (%s, not in the store)", name,
		    type);
	return OST_OK;
}

enum ost_status attached_put(struct making *m, struct store_object *item)
{
	struct attach_list list;
	enum ost_status st = attach_list_open(&list, item, m->notes, m->err);

	if (st == OST_OK)
		st = inside_add(&list, m->notes, m->err);
	for (size_t i = 0; st == OST_OK && i < list.count; i++)
		st = put_one(m, item, &list.all[i]);
	attach_list_close(&list);
	return st;
}
