/*
 * people.c - the fields that name people
 */
#include "mail/header/fields.h"

#include <stdlib.h>

#include "bytes/sorted.h"
#include "mail/address/entryid.h"
#include "mail/rfc822/transport.h"
#include "mail/text/chars.h"
#include "mail/text/encode.h"
#include "mail/text/idn.h"
#include "mail/text/value.h"

/* An item of a feed is by its channel [MS-OXORSS] 2.2.1.5. */
static enum ost_status read_channel(struct header *h)
{
	enum { LID_CHANNEL = 0x8904 };
	struct buf name = { 0 };
	enum ost_status st = value_line(
		h->item, value_named(h->item, SET_POST_RSS, LID_CHANNEL), &name,
		h->notes, h->err);

	if (st == OST_OK && name.len > 0) {
		address_free(&h->from);
		st = address_of_name(h->item, buf_span(&name), &h->from,
				     h->notes, h->err);
	}
	buf_free(&name);
	return st;
}

/* The author, who is there even when the store names none. */
static enum ost_status read_authors(struct header *h)
{
	const char *nobody = "IMCEAUNKNOWN-@ost.invalid";
	enum ost_status st =
		address_of(h->item, ADDRESS_FROM, &h->from, h->notes, h->err);

	if (st == OST_OK)
		st = address_of(h->item, ADDRESS_SENDER, &h->sender, h->notes,
				h->err);
	if (st == OST_OK && value_class_is(buf_span(&h->class), "IPM.Post.Rss"))
		st = read_channel(h);
	if (st != OST_OK || h->from.addr.len > 0)
		return st;
	address_free(&h->from);
	h->from = h->sender;
	h->sender = (struct address){ 0 };
	if (h->from.addr.len == 0) {
		buf_str(&h->from.name, "(unknown sender)");
		buf_str(&h->from.addr, nobody);
		h->from.imcea = true;
	}
	return OST_OK;
}

enum ost_status header_open(struct header *h, struct store_object *item,
			    struct buf *out, struct notes *notes,
			    struct ost_error *err)
{
	enum ost_status st;

	*h = (struct header){ .item = item,
			      .out = out,
			      .start = out->len,
			      .notes = notes,
			      .err = err };
	st = value_class(item, &h->class, err);
	h->report = value_class_is(buf_span(&h->class), "REPORT");
	if (st == OST_OK)
		st = read_authors(h);
	if (st == OST_OK)
		st = recipients_read(&h->recipients, item, notes, err);
	return st;
}

void header_close(struct header *h)
{
	free(h->names);
	buf_free(&h->class);
	address_free(&h->from);
	address_free(&h->sender);
	recipients_free(&h->recipients);
}

static void put_one(struct header *h, const char *name, const struct address *a)
{
	size_t column = strlen(name) + 1;

	buf_printf(h->out, "%s:", name);
	address_write(a, "", h->out, &column);
	buf_str(h->out, "\r\n");
}

/*
 * The same in a field that may not hold a group: an address that is one there
 * (see address_write) is kept as text.
 */
static void put_no_group(struct header *h, const char *name,
			 const struct address *a)
{
	struct buf text = { 0 }, field = { 0 };

	if (!idn_wide(buf_span(&a->addr))) {
		put_one(h, name, a);
		return;
	}
	address_text(a, &text);
	buf_printf(&field, "X-Ost-Orig-%s", name);
	if (!field.bad)
		encode_field(h->out, buf_text(&field), buf_span(&text));
	h->out->bad = h->out->bad || text.bad || field.bad;
	buf_free(&text);
	buf_free(&field);
}

enum ost_status put_from(struct header *h, const struct field *f)
{
	if (h->from.imcea &&
	    chars_begin(buf_span(&h->from.addr), "IMCEAUNKNOWN-@"))
		note_add(h->notes, NOTE_NO_FROM);
	put_one(h, f->name, &h->from);
	return OST_OK;
}

enum ost_status put_sender(struct header *h, const struct field *f)
{
	if (h->sender.addr.len > 0 && !address_same(&h->sender, &h->from))
		put_one(h, f->name, &h->sender);
	return OST_OK;
}

enum ost_status put_reply_to(struct header *h, const struct field *f)
{
	struct recipients to;
	const enum ost_status st =
		recipients_reply_to(&to, h->item, h->notes, h->err);

	if (st == OST_OK)
		recipients_write(&to, RECIPIENT_TO, f->name, h->out);
	recipients_free(&to);
	return st;
}

/* To whom a report came: not in its table, which has whom it is about. */
static enum ost_status put_report_to(struct header *h, const struct field *f)
{
	struct address to;
	enum ost_status st =
		address_of_receiver(h->item, &to, h->notes, h->err);

	if (st == OST_OK && to.addr.len > 0)
		put_one(h, f->name, &to);
	address_free(&to);
	return st;
}

/* A post went to its folder: a group (RFC 5322 3.4) that no mail is sent to. */
static enum ost_status put_folder(struct header *h, const struct field *f)
{
	const struct store_id id = { h->item->parent, 0 };
	struct store_object *folder = NULL;
	struct buf name = { 0 };
	size_t column = strlen(f->name) + 1;
	struct ost_error ignored;
	enum ost_status st = OST_OK;

	if (id.nid != 0 &&
	    store_get(h->item->store, id, &folder, &ignored) == OST_OK)
		st = value_line(folder, MAPI_DISPLAY_NAME, &name, h->notes,
				h->err);
	if (name.len > 0) {
		buf_printf(h->out, "%s:", f->name);
		encode_phrase(h->out, buf_span(&name), &column);
		buf_str(h->out, ":;\r\n");
	}
	h->out->bad = h->out->bad || name.bad;
	store_drop(folder);
	buf_free(&name);
	return st;
}

enum ost_status put_to(struct header *h, const struct field *f)
{
	if (h->report)
		return put_report_to(h, f);
	if (h->recipients.count == 0 &&
	    value_class_is(buf_span(&h->class), "IPM.Post"))
		return put_folder(h, f);
	return put_recipients(h, f);
}

enum ost_status put_recipients(struct header *h, const struct field *f)
{
	if (!h->report)
		recipients_write(&h->recipients, (enum recipient_type)f->id,
				 f->name, h->out);
	return OST_OK;
}

/* Where receipts go: as the store says, else to the sender. */
enum ost_status put_receipt_to(struct header *h, const struct field *f)
{
	struct address to = { 0 };
	enum ost_status st;

	if (store_number(h->item, f->id, 0) == 0)
		return OST_OK;
	st = address_of(h->item, ADDRESS_READ_RECEIPT, &to, h->notes, h->err);
	const struct address *author =
		h->sender.addr.len > 0 ? &h->sender : &h->from;
	if (to.addr.len > 0 && (!to.imcea || author->imcea))
		author = &to;
	if (st == OST_OK)
		put_no_group(h, f->name, author);
	address_free(&to);
	return st;
}

/* In a report this property holds the Message-ID of what failed. */
enum ost_status put_return_path(struct header *h, const struct field *f)
{
	struct buf text = { 0 };
	struct address path = { 0 };
	struct span smtp;
	enum ost_status st = OST_OK;

	if (!h->report)
		st = value_line(h->item, f->id, &text, h->notes, h->err);
	if (st == OST_OK && entryid_smtp(buf_span(&text), &smtp))
		entryid_mail(&path.addr, smtp);
	if (path.addr.len > 0 && !idn_wide(buf_span(&path.addr)))
		buf_printf(h->out, "%s: <%s>\r\n", f->name,
			   buf_text(&path.addr));
	else if (path.addr.len > 0)
		put_no_group(h, f->name, &path);
	h->out->bad = h->out->bad || path.addr.bad;
	address_free(&path);
	buf_free(&text);
	return st;
}

/* Append in lower case, with runs of blanks made one: for comparing. */
static void put_plainly(struct span text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++)
		if (!chars_blank(text.at[i]))
			buf_byte(out, (char)chars_lower(text.at[i]));
		else if (out->len > 0 && out->at[out->len - 1] != ' ')
			buf_byte(out, ' ');
}

/* Append the values of To, Cc and Bcc, with words decoded, plainly. */
static void read_named(struct header *h, struct buf *out)
{
	static const char *const names[] = { "To", "Cc", "Bcc" };
	struct transport_field f;
	struct buf text = { 0 }, clean = { 0 }, decoded = { 0 };

	for (size_t i = 0; i < 3; i++) {
		if (!header_find(h, chars_of(names[i]), &f))
			continue;
		buf_add(&text, f.value.at, f.value.len);
		buf_byte(&text, ',');
	}
	encode_clean(&clean, buf_span(&text));
	encode_undo_words(&decoded, buf_span(&clean));
	put_plainly(buf_span(&decoded), out);
	buf_byte(out, ',');
	out->bad = out->bad || text.bad || clean.bad || decoded.bad;
	buf_free(&text);
	buf_free(&clean);
	buf_free(&decoded);
}

static bool is_inside(uint8_t c)
{
	return chars_atom(c) || c == '.';
}

/* The text that recipients may stand in, and where in it a name may begin. */
struct named {
	struct buf text;  /* as read_named() makes it */
	uint32_t *starts; /* in the order of what begins there */
	size_t count;
};

enum { ORDERED = 256 }; /* bytes that the order is by: no name is longer */

/* What ends a name comes before all that goes on with it. */
static int order(uint8_t a, uint8_t b)
{
	return is_inside(a) != is_inside(b) ? is_inside(a) - is_inside(b)
					    : a - b;
}

static int compare_up_to(struct span a, struct span b, size_t max)
{
	size_t i = 0;

	while (i < a.len && i < b.len && i < max && a.at[i] == b.at[i])
		i++;
	if (i == max || i == a.len || i == b.len)
		return i == max ? 0 : (a.len > i) - (b.len > i);
	return order(a.at[i], b.at[i]);
}

static int by_text(const void *a, const void *b, void *arg)
{
	const struct span all = buf_span(&((struct named *)arg)->text);

	return compare_up_to(chars_from(all, *(const uint32_t *)a),
			     chars_from(all, *(const uint32_t *)b), ORDERED);
}

/* So that of many recipients each is looked for once, not all through it. */
static void sort_starts(struct named *n)
{
	const struct span all = buf_span(&n->text);

	for (size_t i = 0; i < all.len; i++)
		n->count += i == 0 || !is_inside(all.at[i - 1]);
	n->starts = reallocarray(NULL, n->count + 1, sizeof(*n->starts));
	if (n->starts == NULL || all.len > UINT32_MAX) {
		n->text.bad = true;
		n->count = 0;
		return;
	}
	n->count = 0;
	for (size_t i = 0; i < all.len; i++)
		if (i == 0 || !is_inside(all.at[i - 1]))
			n->starts[n->count++] = (uint32_t)i;
	qsort_r(n->starts, n->count, sizeof(*n->starts), by_text, n);
}

static int against(const void *key, size_t index, const void *arg)
{
	const struct named *n = arg;
	const struct span *want = key;

	return compare_up_to(*want,
			     chars_from(buf_span(&n->text), n->starts[index]),
			     want->len < ORDERED ? want->len : ORDERED);
}

/* Does `want` begin at `start`, and end before anything goes on with it? */
static bool stands_at(const struct named *n, uint32_t start, struct span want)
{
	const struct span all = buf_span(&n->text);
	const size_t end = start + want.len;

	return end <= all.len &&
	       memcmp(all.at + start, want.at, want.len) == 0 &&
	       (end == all.len || !is_inside(all.at[end]));
}

/*
 * True if `what` stands by itself in the text. The first place that begins so
 * tells, for it is in order; but the order of what is very long is not known.
 */
static bool stands_in(const struct named *n, struct span what)
{
	struct buf lower = { 0 };
	bool found = false;
	size_t i;

	put_plainly(what, &lower);
	const struct span want = buf_span(&lower);
	if (want.len > 0 && sorted_find(&want, n->count, against, n, &i))
		do {
			found = stands_at(n, n->starts[i], want);
		} while (!found && want.len >= ORDERED && ++i < n->count &&
			 against(&want, i, n) == 0);
	buf_free(&lower);
	return found;
}

/* A quoted address `'a@b'` begins with an atom's character. */
static bool is_named(const struct named *all, const struct address *who)
{
	struct buf quoted = { 0 };
	bool found = stands_in(all, buf_span(&who->addr));

	if (!found && who->imcea && who->name.len > 0)
		found = stands_in(all, buf_span(&who->name));
	if (!found && !who->imcea) {
		buf_byte(&quoted, '\'');
		buf_add(&quoted, who->addr.at, who->addr.len);
		buf_byte(&quoted, '\'');
		found = stands_in(all, buf_span(&quoted));
	}
	buf_free(&quoted);
	return found;
}

enum ost_status put_missing_recipients(struct header *h)
{
	static const char *const types[] = {
		[RECIPIENT_TO] = "to;",
		[RECIPIENT_CC] = "cc;",
		[RECIPIENT_BCC] = "bcc;",
	};
	struct named all = { 0 };
	enum ost_status st;

	read_named(h, &all.text);
	sort_starts(&all);
	for (size_t i = 0; i < h->recipients.count; i++) {
		const struct recipient *r = &h->recipients.at[i];
		size_t column = strlen("X-Ost-Recipient:");

		if (r->type == RECIPIENT_RESOURCE || is_named(&all, &r->who))
			continue;
		buf_str(h->out, "X-Ost-Recipient:");
		encode_token(h->out, chars_of(types[r->type]), &column);
		address_write(&r->who, "", h->out, &column);
		buf_str(h->out, "\r\n");
	}
	st = buf_status(&all.text, h->err);
	buf_free(&all.text);
	free(all.starts);
	return st;
}
