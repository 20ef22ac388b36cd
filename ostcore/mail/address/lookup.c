#include "mail/address/lookup.h"

#include "mail/address/entryid.h"
#include "mail/text/chars.h"
#include "mail/text/encode.h"
#include "mail/text/value.h"

enum { NAMES = 4, ENTRYIDS = 2 };

/*
 * Where an item has the name, the X.500 name and the Internet address of a
 * role; 0: nowhere. This is the one place that knows what belongs together:
 * for each role, for the item's others (peers.c), for the store (harvest.c).
 */
struct role {
	uint16_t smtp, email, type;
	uint16_t names[NAMES];
	uint16_t entryids[ENTRYIDS];
	uint16_t key;
};

/* clang-format off */
static const struct role roles[] = {
	[ADDRESS_FROM] = {
		MAPI_SENT_REPRESENTING_SMTP, MAPI_SENT_REPRESENTING_EMAIL,
		MAPI_SENT_REPRESENTING_ADDRTYPE,
		{ MAPI_SENT_REPRESENTING_NAME },
		{ MAPI_SENT_REPRESENTING_ENTRYID },
		MAPI_SENT_REPRESENTING_SEARCH_KEY },
	[ADDRESS_SENDER] = {
		MAPI_SENDER_SMTP, MAPI_SENDER_EMAIL, MAPI_SENDER_ADDRTYPE,
		{ MAPI_SENDER_NAME }, { MAPI_SENDER_ENTRYID },
		MAPI_SENDER_SEARCH_KEY },
	[ADDRESS_RECEIVED_BY] = {
		MAPI_RECEIVED_BY_SMTP, MAPI_RECEIVED_BY_EMAIL,
		MAPI_RECEIVED_BY_ADDRTYPE, { MAPI_RECEIVED_BY_NAME },
		{ MAPI_RECEIVED_BY_ENTRYID }, MAPI_RECEIVED_BY_SEARCH_KEY },
	[ADDRESS_RECEIVED_REPRESENTING] = {
		MAPI_RCVD_REPRESENTING_SMTP, MAPI_RCVD_REPRESENTING_EMAIL,
		MAPI_RCVD_REPRESENTING_ADDRTYPE,
		{ MAPI_RCVD_REPRESENTING_NAME },
		{ MAPI_RCVD_REPRESENTING_ENTRYID },
		MAPI_RCVD_REPRESENTING_SEARCH_KEY },
	[ADDRESS_READ_RECEIPT] = {
		MAPI_READ_RECEIPT_SMTP, MAPI_READ_RECEIPT_EMAIL,
		MAPI_READ_RECEIPT_ADDRTYPE, { MAPI_READ_RECEIPT_NAME },
		{ MAPI_READ_RECEIPT_ENTRYID }, MAPI_READ_RECEIPT_SEARCH_KEY },
	[ADDRESS_ORIGINAL_SENDER] = {
		MAPI_ORIGINAL_SENDER_SMTP, MAPI_ORIGINAL_SENDER_EMAIL,
		MAPI_ORIGINAL_SENDER_ADDRTYPE,
		{ MAPI_ORIGINAL_SENDER_NAME }, { MAPI_ORIGINAL_SENDER_ENTRYID },
		MAPI_ORIGINAL_SENDER_SEARCH_KEY },
	[ADDRESS_ORIGINAL_FROM] = {
		MAPI_ORIGINAL_REPRESENTING_SMTP,
		MAPI_ORIGINAL_REPRESENTING_EMAIL,
		MAPI_ORIGINAL_REPRESENTING_ADDRTYPE,
		{ MAPI_ORIGINAL_REPRESENTING_NAME },
		{ MAPI_ORIGINAL_REPRESENTING_ENTRYID },
		MAPI_ORIGINAL_REPRESENTING_SEARCH_KEY },
	[ADDRESS_ORIGINAL_AUTHOR] = {
		MAPI_ORIGINAL_AUTHOR_SMTP, MAPI_ORIGINAL_AUTHOR_EMAIL,
		MAPI_ORIGINAL_AUTHOR_ADDRTYPE, { MAPI_ORIGINAL_AUTHOR_NAME },
		{ MAPI_ORIGINAL_AUTHOR_ENTRYID },
		MAPI_ORIGINAL_AUTHOR_SEARCH_KEY },
	[ADDRESS_CREATOR] = {
		MAPI_CREATOR_SMTP, MAPI_CREATOR_EMAIL, MAPI_CREATOR_ADDRTYPE,
		{ MAPI_CREATOR_NAME }, { MAPI_CREATOR_ENTRYID }, 0 },
	[ADDRESS_MODIFIER] = {
		MAPI_MODIFIER_SMTP, MAPI_MODIFIER_EMAIL, MAPI_MODIFIER_ADDRTYPE,
		{ MAPI_MODIFIER_NAME }, { MAPI_MODIFIER_ENTRYID }, 0 },
	[ADDRESS_RECIPIENT] = {
		MAPI_SMTP_ADDRESS, MAPI_EMAIL_ADDRESS, MAPI_ADDRTYPE,
		{ MAPI_DISPLAY_NAME, MAPI_RECIPIENT_DISPLAY_NAME,
		  MAPI_7BIT_DISPLAY_NAME, MAPI_TRANSMITABLE_DISPLAY_NAME },
		{ MAPI_ENTRYID, MAPI_RECIPIENT_ENTRYID }, MAPI_SEARCH_KEY },
};
/* clang-format on */

static const struct role *role_of(const struct lookup *l)
{
	return &roles[l->role];
}

static bool is_author(const struct lookup *l)
{
	return l->role == ADDRESS_FROM || l->role == ADDRESS_SENDER;
}

bool lookup_is_x500(const struct lookup *l)
{
	return entryid_x500(buf_span(&l->raw));
}

static bool is_done(const struct lookup *l)
{
	return l->out->addr.len > 0 && (!l->both || lookup_is_x500(l));
}

bool lookup_accept(struct lookup *l, struct span in)
{
	struct span smtp;

	if (!entryid_smtp(in, &smtp))
		return false;
	if (l->out->addr.len == 0)
		entryid_mail(&l->out->addr, smtp);
	return true;
}

void lookup_keep(struct lookup *l, struct span in, struct span type)
{
	in = chars_trim(in);
	if (in.len == 0 || lookup_is_x500(l) ||
	    (l->raw.len > 0 && !entryid_x500(in)))
		return;
	buf_cut(&l->raw, 0);
	buf_add(&l->raw, in.at, in.len);
	buf_cut(&l->type, 0);
	buf_add(&l->type, type.at, type.len);
}

/* Text property `id` taken for the address, if it is one. */
static enum ost_status try_text(struct lookup *l, struct store_object *o,
				uint16_t id, bool keep)
{
	struct buf text = { 0 }, type = { 0 };
	enum ost_status st = value_line(o, id, &text, l->notes, l->err);

	if (st == OST_OK && !lookup_accept(l, buf_span(&text)) && keep) {
		st = value_line(o, role_of(l)->type, &type, l->notes, l->err);
		lookup_keep(l, buf_span(&text), buf_span(&type));
	}
	buf_free(&text);
	buf_free(&type);
	return st;
}

static enum ost_status from_smtp(struct lookup *l)
{
	return try_text(l, l->o, role_of(l)->smtp, false);
}

static enum ost_status from_email(struct lookup *l)
{
	return try_text(l, l->o, role_of(l)->email, true);
}

/* What a recipient's address was before it was resolved. */
static enum ost_status from_original(struct lookup *l)
{
	if (l->role != ADDRESS_RECIPIENT)
		return OST_OK;
	return try_text(l, l->o, MAPI_ORG_EMAIL_ADDRESS, false);
}

/* EmailN of the contact that a contact's entry id names. */
static enum ost_status from_contact(struct lookup *l, const struct entryid *id)
{
	/* PidLidEmail1EmailAddress and OriginalDisplayName; N: 0x10 on */
	const uint32_t lids[] = { 0x8083, 0x8084 };
	struct store_object *contact = NULL;
	enum ost_status st = OST_OK;

	if (id->slot > 2)
		return OST_OK; /* a fax number */
	st = store_get(l->o->store, (struct store_id){ id->nid, 0 }, &contact,
		       l->err);
	if (st != OST_OK)
		return ost_is_internal(st) ? st : OST_OK;
	for (size_t i = 0; st == OST_OK && l->out->addr.len == 0 && i < 2;
	     i++) {
		const uint16_t prop = value_named(contact, SET_ADDRESS,
						  lids[i] + 0x10 * id->slot);

		st = try_text(l, contact, prop, false);
	}
	store_drop(contact);
	return st;
}

enum ost_status lookup_entryid(struct lookup *l, struct span bytes)
{
	struct entryid id;
	struct buf line = { 0 };
	enum ost_status st = entryid_read(&id, bytes, l->o, l->err);

	if (st == OST_OK && id.kind == ENTRYID_CONTACT)
		st = from_contact(l, &id);
	if (st == OST_OK && !lookup_accept(l, buf_span(&id.addr))) {
		encode_clean(&line, buf_span(&id.addr));
		lookup_keep(l, buf_span(&line), buf_span(&id.type));
	}
	if (l->name.len == 0)
		encode_clean(&l->name, buf_span(&id.name));
	buf_free(&line);
	entryid_free(&id);
	return st;
}

static enum ost_status from_entryid(struct lookup *l)
{
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i < ENTRYIDS; i++) {
		struct buf bytes = { 0 };
		const uint16_t id = role_of(l)->entryids[i];

		if (id == 0 || is_done(l))
			break;
		st = value_bytes(l->o, id, &bytes, l->notes, l->err);
		if (st == OST_OK && bytes.len > 0)
			st = lookup_entryid(l, buf_span(&bytes));
		buf_free(&bytes);
	}
	return st;
}

/* A search key is TYPE:ADDRESS in capitals, and a NUL. */
static enum ost_status from_search_key(struct lookup *l)
{
	struct buf key = { 0 }, line = { 0 };
	bool capitals = false;
	enum ost_status st =
		value_bytes(l->o, role_of(l)->key, &key, l->notes, l->err);

	const struct span all =
		chars_first(buf_span(&key), chars_find(buf_span(&key), 0));
	const size_t colon = chars_find(all, ':');
	if (st != OST_OK || colon == all.len || colon == 0)
		goto out;
	const struct span type = chars_first(all, colon);
	encode_clean(&line, chars_from(all, colon + 1));
	if (!chars_same(type, chars_of("SMTP"))) {
		lookup_keep(l, buf_span(&line), type);
		goto out;
	}
	for (size_t i = 0; i < line.len; i++) {
		const uint8_t c = (uint8_t)line.at[i];

		line.at[i] = (char)chars_lower(c);
		capitals = capitals || (char)c != line.at[i];
	}
	if (lookup_accept(l, buf_span(&line)) && capitals)
		note_add(l->notes, NOTE_ADDRESS_CASE);
out:
	buf_free(&key);
	buf_free(&line);
	return st;
}

enum ost_status lookup_peer(struct lookup *l)
{
	const struct person *p = NULL;
	enum ost_status st = OST_OK;

	if (lookup_is_x500(l))
		st = peers_find(l->peers, buf_span(&l->raw), &p, l->notes,
				l->err);
	if (st != OST_OK || p == NULL)
		return st;
	(void)lookup_accept(l, p->addr);
	if (l->name.len == 0)
		buf_add(&l->name, p->name.at, p->name.len);
	return OST_OK;
}

/*
 * The account it was sent from: flags, the account's name or X.500 name, and
 * its address, with U+0001 between them.
 */
static enum ost_status from_account(struct lookup *l)
{
	const uint16_t ids[] = { MAPI_PRIMARY_SEND_ACCOUNT,
				 MAPI_NEXT_SEND_ACCOUNT };

	if (l->role == ADDRESS_RECIPIENT || l->raw.len == 0)
		return OST_OK;
	for (size_t i = 0; i < 2 && l->out->addr.len == 0; i++) {
		struct buf text = { 0 };
		const enum ost_status st =
			store_text(l->o, ids[i], &text, NULL, l->err);
		const struct span all = buf_span(&text);
		const struct span rest =
			chars_from(all, chars_find(all, 1) + 1);
		const struct span account =
			chars_first(rest, chars_find(rest, 1));
		struct span smtp = chars_from(rest, account.len + 1);

		smtp = chars_first(smtp, chars_find(smtp, 1));
		if (st == OST_OK && chars_end(account, buf_span(&l->raw)))
			(void)lookup_accept(l, smtp);
		buf_free(&text);
		if (ost_is_internal(st))
			return st;
	}
	return OST_OK;
}

/* PidLidInternetAccountName, which may be an address, of what we sent. */
static enum ost_status from_account_name(struct lookup *l)
{
	enum { FLAG_FROM_ME = 0x20, LID_ACCOUNT_NAME = 0x8580 };

	if (!is_author(l) || l->raw.len == 0 ||
	    !(store_number(l->o, MAPI_MESSAGE_FLAGS, 0) & FLAG_FROM_ME))
		return OST_OK;
	return try_text(l, l->o,
			value_named(l->o, SET_COMMON, LID_ACCOUNT_NAME), false);
}

/* The return path of what came by POP; in a report it is something else. */
static enum ost_status from_return_path(struct lookup *l)
{
	struct buf class = { 0 };
	enum ost_status st;

	if (!is_author(l) || l->both || (l->raw.len == 0 && l->name.len == 0))
		return OST_OK;
	st = value_class(l->o, &class, l->err);
	if (st == OST_OK && !value_class_is(buf_span(&class), "REPORT"))
		st = try_text(l, l->o, MAPI_INTERNET_RETURN_PATH, false);
	buf_free(&class);
	return st;
}

/* Tried in this order; the first that gives an address wins. */
typedef enum ost_status step(struct lookup *l);
static step *const steps[] = {
	from_smtp,    from_email,	 from_original,
	from_entryid, from_search_key,	 lookup_peer,
	from_account, from_account_name, from_return_path,
};

enum ost_status lookup_name(struct lookup *l, struct buf *out)
{
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && out->len == 0 && i < NAMES; i++)
		st = value_line(l->o, role_of(l)->names[i], out, l->notes,
				l->err);
	return st;
}

enum ost_status lookup_item(struct lookup *l)
{
	enum ost_status st = OST_OK;

	if (!l->both)
		st = lookup_name(l, &l->name);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (st != OST_OK || is_done(l))
			break;
		st = steps[i](l);
	}
	return st;
}

void lookup_free(struct lookup *l)
{
	buf_free(&l->name);
	buf_free(&l->type);
	buf_free(&l->raw);
}
