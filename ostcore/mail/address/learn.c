/*
 * learn.c - what the items of a store have of X.500 names and addresses
 *
 * Items are read in the order of their NIDs, mostly that in which they came,
 * so of two addresses known equally well the newer is kept.
 */
#include "mail/address/directory.h"

#include "mail/address/entryid.h"
#include "mail/address/lookup.h"
#include "mail/rfc822/transport.h"
#include "mail/text/chars.h"
#include "mail/text/value.h"

enum {
	ROWS_MOST = 4096,	 /* recipients of an item */
	LOST_MOST = 64,		 /* of them in a row that cannot be read */
	ALL_ROWS_MOST = 1 << 24, /* of a store, whose items may share them */
	MEMBERS_MOST = 512,	 /* of a distribution list */
	HEADER_MOST = 1 << 20,	 /* bytes */
	DN_MOST = 1024,		 /* bytes */
};

/* How far an address is to be trusted. */
enum rank {
	RANK_HEADER,  /* of a transport header */
	RANK_CONTACT, /* of a contact, which people write */
	RANK_ITEM,    /* of the item's own properties */
};

struct learner {
	struct addrbook *book;
	struct ost_error *err;
	size_t rows;	    /* read so far */
	struct notes notes; /* what an item is like is said in its file */
	bool missed;	    /* something could not be read */
};

/* Damage costs what is damaged only. Is `st` more than that? */
static enum ost_status go_on(struct learner *n, enum ost_status st)
{
	if (value_fatal(st))
		return st;
	n->missed |= st != OST_OK && st != OST_NOT_FOUND;
	return OST_OK;
}

static enum ost_status put(struct learner *n, struct span dn, struct span addr,
			   enum rank rank)
{
	const struct person p = { .dn = dn, .addr = addr, .rank = rank };

	return dn.len <= DN_MOST ? addrbook_put(n->book, &p, n->err) : OST_OK;
}

/* The address in a From of the one author: "Name <addr>", or "addr". */
static bool from_address(struct span value, struct span *out)
{
	const size_t open = chars_find(value, '<');
	const struct span inner = chars_from(value, open + 1);
	const size_t close = chars_find(inner, '>');

	if (open == value.len)
		return entryid_smtp(value, out);
	return chars_trim(chars_from(inner, close + 1)).len == 0 &&
	       entryid_smtp(chars_first(inner, close), out);
}

/* The author as the Internet knows him, of an item that came from there. */
static enum ost_status learn_header(struct learner *n, struct store_object *o,
				    struct span dn)
{
	struct buf text = { 0 };
	struct transport_field from;
	struct store_prop header;
	struct span addr;
	enum ost_status st =
		store_find(o, MAPI_TRANSPORT_MESSAGE_HEADERS, &header, n->err);

	if (st == OST_OK && header.size <= HEADER_MOST)
		st = store_text(o, header.id, &text, NULL, n->err);
	if (st == OST_OK && transport_find(buf_span(&text), "From", &from) &&
	    from_address(from.value, &addr))
		st = put(n, dn, addr, RANK_HEADER);
	buf_free(&text);
	return go_on(n, st);
}

static enum ost_status learn_role(struct learner *n, struct store_object *o,
				  enum address_role role)
{
	struct address who = { 0 };
	struct lookup l = { o, role, &who, &n->notes, n->err, .both = true };
	enum ost_status st = lookup_item(&l);

	if (st == OST_OK && lookup_is_x500(&l)) {
		if (who.addr.len > 0)
			st = put(n, buf_span(&l.raw), buf_span(&who.addr),
				 RANK_ITEM);
		else if (role == ADDRESS_FROM)
			st = learn_header(n, o, buf_span(&l.raw));
	}
	lookup_free(&l);
	address_free(&who);
	return st;
}

static enum ost_status learn_recipients(struct learner *n,
					struct store_object *o)
{
	enum ost_status st = OST_OK;

	for (size_t i = 0, lost = 0; lost < LOST_MOST && i < ROWS_MOST; i++) {
		struct store_object *row = NULL;

		n->rows++;
		st = store_child(o, STORE_RECIPIENTS, i, &row, n->err);
		lost = st == OST_OK ? 0 : lost + 1;
		n->missed |= lost > 0 && st != OST_NOT_FOUND;
		if (st == OST_OK)
			st = learn_role(n, row, ADDRESS_RECIPIENT);
		store_drop(row);
		if (st == OST_NOT_FOUND || value_fatal(st))
			break;
	}
	return go_on(n, st);
}

/* EmailN of a contact: the address, and how Outlook shows it. */
static enum ost_status learn_email(struct learner *n, struct store_object *o,
				   uint32_t step)
{
	enum { LID_EMAIL = 0x8083, LID_ORIGINAL = 0x8084, LID_SHOWN = 0x8080 };
	const uint32_t lids[] = { LID_ORIGINAL, LID_SHOWN };
	struct buf dn = { 0 };
	enum ost_status st =
		value_line(o, value_named(o, SET_ADDRESS, LID_EMAIL + step),
			   &dn, &n->notes, n->err);

	for (size_t i = 0; st == OST_OK && i < 2; i++) {
		struct buf text = { 0 };
		struct span addr;

		if (!entryid_x500(buf_span(&dn)))
			break;
		st = value_line(o, value_named(o, SET_ADDRESS, lids[i] + step),
				&text, &n->notes, n->err);
		const bool found = entryid_smtp_shown(buf_span(&text), &addr);
		if (st == OST_OK && found)
			st = put(n, buf_span(&dn), addr, RANK_CONTACT);
		buf_free(&text);
		if (found)
			break;
	}
	buf_free(&dn);
	return st;
}

static enum ost_status learn_contact(struct learner *n, struct store_object *o)
{
	enum { EMAILS = 3, EMAIL_STEP = 0x10 };
	enum ost_status st = OST_OK;

	for (uint32_t i = 0; st == OST_OK && i < EMAILS; i++)
		st = learn_email(n, o, i * EMAIL_STEP);
	return st;
}

/* Member `index`: who it is, and the name and address it was put in with. */
static enum ost_status learn_member(struct learner *n, struct store_object *o,
				    size_t index)
{
	enum { LID_MEMBERS = 0x8055, LID_ONE_OFF_MEMBERS = 0x8054 };
	static const uint32_t lids[] = { LID_MEMBERS, LID_ONE_OFF_MEMBERS };
	struct entryid ids[2] = { 0 };
	struct span addr;
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i < 2; i++) {
		struct buf bytes = { 0 };

		st = store_multi(o, value_named(o, SET_ADDRESS, lids[i]), index,
				 &bytes, NULL, n->err);
		if (st == OST_OK)
			st = entryid_read(&ids[i], buf_span(&bytes), o, n->err);
		buf_free(&bytes);
	}
	if (st == OST_OK && entryid_x500(buf_span(&ids[0].addr)) &&
	    entryid_smtp(buf_span(&ids[1].addr), &addr))
		st = put(n, buf_span(&ids[0].addr), addr, RANK_CONTACT);
	entryid_free(&ids[0]);
	entryid_free(&ids[1]);
	return st;
}

static enum ost_status learn_members(struct learner *n, struct store_object *o)
{
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i < MEMBERS_MOST; i++)
		st = learn_member(n, o, i);
	return go_on(n, st);
}

static enum ost_status learn_address_book(struct learner *n,
					  struct store_object *o)
{
	struct buf class = { 0 };
	enum ost_status st =
		value_line(o, MAPI_MESSAGE_CLASS, &class, &n->notes, n->err);

	if (value_class_is(buf_span(&class), "IPM.Contact"))
		st = learn_contact(n, o);
	else if (value_class_is(buf_span(&class), "IPM.DistList"))
		st = learn_members(n, o);
	buf_free(&class);
	return st;
}

static enum ost_status learn_item(struct learner *n, struct store *s,
				  uint32_t nid)
{
	struct store_object *o = NULL;
	enum ost_status st =
		store_get(s, (struct store_id){ nid, 0 }, &o, n->err);

	for (unsigned role = 0; st == OST_OK && role < ADDRESS_RECIPIENT;
	     role++)
		st = learn_role(n, o, (enum address_role)role);
	if (st == OST_OK)
		st = learn_recipients(n, o);
	if (st == OST_OK)
		st = learn_address_book(n, o);
	store_drop(o);
	return go_on(n, st);
}

enum ost_status learn_store(struct addrbook *book, bool *whole, struct store *s,
			    struct ost_error *err)
{
	struct learner n = { .book = book, .err = err };
	struct store_object *top = NULL;
	enum ost_status st =
		store_get(s, (struct store_id){ MAPI_NID_STORE, 0 }, &top, err);
	uint64_t nid = 0;

	while (st == OST_OK && nid <= UINT32_MAX && !book->full &&
	       n.rows < ALL_ROWS_MOST) {
		struct store_object *node = NULL;

		st = store_child(top, STORE_NODES, (size_t)nid, &node, err);
		if (st != OST_OK)
			break;
		const uint32_t found = node->id.nid;
		store_drop(node);
		nid = (uint64_t)found + 1;
		if ((found & MAPI_NID_TYPE) == MAPI_NID_MESSAGE)
			st = learn_item(&n, s, found);
	}
	store_drop(top);
	*whole = st == OST_NOT_FOUND && !n.missed &&
		 !note_has(&n.notes, NOTE_PROPERTY_CORRUPT);
	return value_fatal(st) ? st : OST_OK;
}
