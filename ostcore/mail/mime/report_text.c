/*
 * report_text.c - the part of a report that programs read, made from what the
 * store holds
 */
#include "bytes/text.h"
#include "mail/address/address.h"
#include "mail/address/recipients.h"
#include "mail/mime/report.h"
#include "mail/text/chars.h"
#include "mail/text/date.h"
#include "mail/text/encode.h"
#include "mail/text/idn.h"
#include "mail/text/value.h"
#include "store/limits.h"

enum {
	LOST_MAX = 64, /* unreadable rows in a row: the table is lost */
};

enum report_kind report_kind(struct span class)
{
	static const struct {
		const char *ending;
		enum report_kind kind;
	} kinds[] = {
		{ ".NDR", REPORT_FAILED },
		{ ".Delayed.DR", REPORT_DELAYED },
		{ ".Relayed.DR", REPORT_RELAYED },
		{ ".Expanded.DR", REPORT_EXPANDED },
		{ ".DR", REPORT_DELIVERED },
		{ ".IPNRN", REPORT_DISPLAYED },
		{ ".IPNNRN", REPORT_DELETED },
	};

	if (!value_class_is(class, "REPORT"))
		return REPORT_NONE;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (chars_end(class, chars_of(kinds[i].ending)))
			return kinds[i].kind;
	return REPORT_NONE;
}

const char *report_type(enum report_kind kind)
{
	return kind >= REPORT_DISPLAYED ? "disposition-notification"
					: "delivery-status";
}

/* A report being written. */
struct report {
	struct store_object *item;
	enum report_kind kind;
	struct buf *out;
	struct notes *notes;
	struct ost_error *err;
	struct peers peers;
};

/* A field whose value is `type`, "; " and text property `id`, if it is set. */
static enum ost_status put_text(struct report *r, struct store_object *o,
				const char *name, const char *type, uint16_t id)
{
	struct buf text = { 0 };
	const size_t start = strlen(type);
	enum ost_status st;

	buf_str(&text, type);
	st = value_line(o, id, &text, r->notes, r->err);
	if (st == OST_OK && text.len > start)
		encode_field(r->out, name, buf_span(&text));
	r->out->bad = r->out->bad || text.bad;
	buf_free(&text);
	return st;
}

static void put_time(struct report *r, struct store_object *o, const char *name,
		     uint16_t id)
{
	uint32_t nsec;
	int64_t sec;

	if (!date_property(o, id, &sec, &nsec))
		return;
	buf_printf(r->out, "%s: ", name);
	encode_date(r->out, sec);
	buf_str(r->out, "\r\n");
}

/*
 * A mailbox that is not ASCII in a report that is: each character that is not,
 * or that has a meaning there, by its number (utf-8-addr-xtext of RFC 6533).
 */
static void put_xtext(struct buf *out, struct span address)
{
	while (address.len > 0) {
		const uint32_t c = chars_next(&address);

		if (c > ' ' && c < 0x7F && c != '+' && c != '=' && c != '\\')
			buf_byte(out, (char)c);
		else
			buf_printf(out, "\\x{%02X}", (unsigned)c);
	}
}

static void put_address(struct report *r, const char *name, const char *type,
			struct span address)
{
	struct buf value = { 0 };

	if (idn_wide(address)) { /* RFC 6533 */
		buf_str(&value, "utf-8; ");
		put_xtext(&value, address);
	} else {
		buf_str(&value, type);
		buf_add(&value, address.at, address.len);
	}
	encode_folded(r->out, name, buf_span(&value));
	r->out->bad = r->out->bad || value.bad;
	buf_free(&value);
}

/*
 * Who it is about. One known by his X.500 name alone is given by that, which
 * RFC 3464 2.3.1 lets any address be that has a type.
 */
static enum ost_status put_who(struct report *r, struct store_object *row,
			       const struct address *who)
{
	struct buf name = { 0 };
	enum ost_status st = OST_OK;

	if (who->imcea && row != NULL)
		st = value_line(row, MAPI_EMAIL_ADDRESS, &name, r->notes,
				r->err);
	const bool x500 = name.len > 0 && name.at[0] == '/' &&
			  text_is_ascii(buf_span(&name));
	for (int i = 0; i < 2; i++)
		put_address(r,
			    i == 0 ? "Original-Recipient" : "Final-Recipient",
			    x500 ? "x-ex; " : "rfc822; ",
			    buf_span(x500 ? &name : &who->addr));
	if (who->name.len > 0)
		encode_field(r->out, "X-Display-Name", buf_span(&who->name));
	r->out->bad = r->out->bad || name.bad;
	buf_free(&name);
	return st;
}

/* One group: what became of it for `who`; `row` is the message without one. */
static enum ost_status put_group(struct report *r, struct store_object *row,
				 const struct address *who)
{
	static const char *const actions[] = {
		[REPORT_FAILED] = "failed",
		[REPORT_DELIVERED] = "delivered",
		[REPORT_DELAYED] = "delayed",
		[REPORT_RELAYED] = "relayed",
		[REPORT_EXPANDED] = "expanded",
	};
	enum ost_status st;

	buf_str(r->out, "\r\n");
	st = put_who(r, row == r->item ? NULL : row, who);
	if (st != OST_OK)
		return st;
	buf_printf(r->out, "Action: %s\r\nStatus: ", actions[r->kind]);
	st = report_status(r->item, row, r->kind, r->out, r->notes, r->err);
	buf_str(r->out, "\r\n");
	if (st == OST_OK)
		st = put_text(r, row, "Remote-MTA", "dns; ", MAPI_REMOTE_MTA);
	if (st == OST_OK)
		st = put_text(r, row, "Diagnostic-Code", "smtp; ",
			      MAPI_SUPPLEMENTARY_INFO);
	if (row != r->item)
		put_time(r, row, "Last-Attempt-Date", MAPI_REPORT_TIME);
	return st;
}

static enum ost_status put_row(struct report *r, struct store_object *row,
			       bool *any)
{
	enum { TYPE_MASK = 15 };
	struct address who;
	enum ost_status st;

	/* Type 0 is who sent it. */
	if ((store_number(row, MAPI_RECIPIENT_TYPE, RECIPIENT_TO) &
	     TYPE_MASK) == 0)
		return OST_OK;
	st = address_of_row(&r->peers, row, &who, r->notes, r->err);
	if (st == OST_OK && who.addr.len > 0) {
		st = put_group(r, row, &who);
		*any = true;
	}
	address_free(&who);
	return st;
}

/* Rows that are too many, or unreadable, were noted with the header. */
static enum ost_status put_rows(struct report *r, bool *any)
{
	size_t lost = 0;

	for (size_t i = 0; lost < LOST_MAX && i < LIMIT_RECIPIENTS; i++) {
		struct store_object *row = NULL;
		enum ost_status st =
			store_child(r->item, STORE_RECIPIENTS, i, &row, r->err);

		lost = st == OST_OK ? 0 : lost + 1;
		if (st == OST_NOT_FOUND)
			break;
		if (st == OST_OK)
			st = put_row(r, row, any);
		store_drop(row);
		if (ost_is_internal(st))
			return st;
	}
	return OST_OK;
}

/* Without a table, those in the display strings; at the least one group. */
static enum ost_status put_others(struct report *r)
{
	struct recipients all;
	struct address unknown = { 0 };
	enum ost_status st = recipients_read(&all, r->item, r->notes, r->err);

	for (size_t i = 0; st == OST_OK && i < all.count; i++)
		st = put_group(r, r->item, &all.at[i].who);
	if (st == OST_OK && all.count == 0) {
		buf_str(&unknown.addr, "unknown");
		st = put_group(r, r->item, &unknown);
	}
	address_free(&unknown);
	recipients_free(&all);
	return st;
}

static enum ost_status put_delivery(struct report *r)
{
	const size_t start = r->out->len;
	bool any = false;
	enum ost_status st;

	st = put_text(r, r->item, "Reporting-MTA", "dns; ", MAPI_REPORTING_MTA);
	if (r->out->len == start)
		buf_str(r->out, "Reporting-MTA: dns; unknown\r\n");
	put_time(r, r->item, "Arrival-Date", MAPI_ORIGINAL_SUBMIT_TIME);
	if (st == OST_OK)
		st = put_rows(r, &any);
	if (st == OST_OK && !any)
		st = put_others(r);
	return st;
}

/* A word of Disposition (RFC 8098 3.2.6), as stored if it is one. */
static enum ost_status put_word(struct report *r, uint16_t id,
				const char *usual, const char *also)
{
	struct buf text = { 0 };
	enum ost_status st = value_line(r->item, id, &text, r->notes, r->err);
	bool fit = text.len > 0 && text.len <= 100;

	for (size_t i = 0; i < text.len; i++)
		fit = fit && (chars_letter((uint8_t)text.at[i]) ||
			      chars_in((uint8_t)text.at[i], also));
	buf_str(r->out, fit ? text.at : usual);
	buf_free(&text);
	return st;
}

static enum ost_status put_disposition(struct report *r)
{
	static const enum address_role roles[] = { ADDRESS_FROM,
						   ADDRESS_SENDER };
	struct address who;
	enum ost_status st =
		address_of_first(r->item, roles, 2, &who, r->notes, r->err);

	if (st == OST_OK)
		put_address(r, "Final-Recipient", "rfc822; ",
			    who.addr.len > 0 ? buf_span(&who.addr)
					     : chars_of("unknown"));
	address_free(&who);
	if (st == OST_OK)
		st = put_text(r, r->item, "Original-Message-ID", "",
			      MAPI_INTERNET_RETURN_PATH);
	buf_str(r->out, "Disposition: ");
	if (st == OST_OK)
		st = put_word(r, MAPI_REPORT_DISPOSITION_MODE,
			      "automatic-action/MDN-sent-automatically", "-/");
	buf_str(r->out, "; ");
	if (st == OST_OK)
		st = put_word(r, MAPI_REPORT_DISPOSITION,
			      r->kind == REPORT_DELETED ? "deleted"
							: "displayed",
			      "-");
	buf_str(r->out, "\r\n");
	return st;
}

enum ost_status report_write(struct store_object *item, enum report_kind kind,
			     struct buf *out, struct notes *notes,
			     struct ost_error *err)
{
	struct report r = { item, kind, out, notes, err, { .item = item } };
	const enum ost_status st = kind >= REPORT_DISPLAYED
					   ? put_disposition(&r)
					   : put_delivery(&r);

	peers_free(&r.peers);
	return st;
}
