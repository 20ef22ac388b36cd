/*
 * harvest.c - what the items of a store have of X.500 names and addresses
 *
 * Items are read in the order of their NIDs, mostly that in which they came,
 * so of two addresses known equally well the newer is kept.
 *
 * To read all of a large store takes seconds, and whoever reads its first mail
 * waits. Of one with more items than ITEMS_MAX so many are read: the first,
 * the last, some at even distances between, and contacts. It depends on
 * nothing but the store which these are, so that a mail is always the same.
 */
#include "mail/address/directory.h"

#include "mail/address/entryid.h"
#include "mail/address/lookup.h"
#include "mail/rfc822/transport.h"
#include "mail/text/chars.h"
#include "mail/text/value.h"

enum {
	ITEMS_MAX = 600,      /* of a store that is read whole */
	ENDS = ITEMS_MAX / 4, /* of a larger one: the first, and the last */
	BETWEEN = ITEMS_MAX / 4,
	CONTACTS = ITEMS_MAX / 4,
	FOLDERS_MAX = 256,	/* looked at for contacts */
	SAMPLE_ROWS_MAX = 2000, /* of all that is read of a larger store */
	NID_STEP = 0x20,	/* between two of a type */
	ROWS_MAX = 4096,	/* recipients of an item */
	LOST_MAX = 64,		/* of them in a row that cannot be read */
	ALL_ROWS_MAX = 1 << 24, /* of a store, whose items may share them */
	MEMBERS_MAX = 512,	/* of a distribution list */
	HEADER_MAX = 1 << 20,	/* bytes */
	DN_MAX = 1024,		/* bytes */
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
	struct store_object *top; /* lists the nodes */
	const atomic_bool *stop;
	size_t rows; /* read so far */
	size_t rows_max;
	struct notes notes; /* what an item is like is said in its file */
	bool missed;	    /* something could not be read */
};

/* Damage costs what is damaged only. Is `st` more than that? */
static enum ost_status go_on(struct learner *n, enum ost_status st)
{
	if (ost_is_internal(st))
		return st;
	n->missed |= st != OST_OK && st != OST_NOT_FOUND;
	return OST_OK;
}

static enum ost_status put(struct learner *n, struct span dn, struct span addr,
			   enum rank rank)
{
	struct person p = { .dn = dn, .rank = rank };
	struct buf mail = { 0 };
	enum ost_status st;

	n->missed |= dn.len > DN_MAX;
	if (dn.len > DN_MAX)
		return OST_OK;
	entryid_mail(&mail, addr);
	p.addr = buf_span(&mail);
	st = buf_status(&mail, n->err);
	if (st == OST_OK)
		st = addrbook_put(n->book, &p, n->err);
	buf_free(&mail);
	return st;
}

/*
 * Append the address in a From of one author without what may stand around
 * and in it: a name, comments, blanks, a route (RFC 5322 3.4 and 4.4). What is
 * not one address is none afterwards either.
 */
static void put_author(struct buf *out, struct span value)
{
	unsigned depth = 0;
	bool quoted = false, ended = false;

	for (size_t i = 0; i < value.len; i++) {
		const uint8_t c = value.at[i];
		const bool pair = c == '\\' && (quoted || depth > 0);

		if (depth == 0 && c == '"')
			quoted = !quoted;
		if (!quoted && c == '(')
			depth++;
		else if (depth > 0)
			depth -= c == ')';
		else if (!quoted && c == '<')
			buf_cut(out, 0);
		else if (!quoted && c == ':' && out->len > 0 &&
			 out->at[0] == '@')
			buf_cut(out, 0);
		else if (!quoted && c == '>')
			ended = true;
		else if (quoted || !chars_blank(c))
			buf_byte(out, ended ? ',' : (char)c);
		if (pair && i + 1 < value.len) {
			i++;
			if (depth == 0)
				buf_byte(out, (char)value.at[i]);
		}
	}
}

/* The author as the Internet knows him, of an item that came from there. */
static enum ost_status harvest_header(struct learner *n, struct store_object *o,
				      struct span dn)
{
	struct buf text = { 0 }, author = { 0 };
	struct transport_field from;
	struct store_prop header;
	struct span addr;
	enum ost_status st =
		store_find(o, MAPI_TRANSPORT_MESSAGE_HEADERS, &header, n->err);

	n->missed |= st == OST_OK && header.size > HEADER_MAX;
	if (st == OST_OK && header.size <= HEADER_MAX)
		st = store_text(o, header.id, &text, NULL, n->err);
	if (st == OST_OK && transport_find(buf_span(&text), "From", &from))
		put_author(&author, from.value);
	if (st == OST_OK)
		st = buf_status(&author, n->err);
	if (st == OST_OK && entryid_smtp(buf_span(&author), &addr))
		st = put(n, dn, addr, RANK_HEADER);
	buf_free(&author);
	buf_free(&text);
	return go_on(n, st);
}

static enum ost_status harvest_role(struct learner *n, struct store_object *o,
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
			st = harvest_header(n, o, buf_span(&l.raw));
	}
	lookup_free(&l);
	address_free(&who);
	return st;
}

static enum ost_status harvest_recipients(struct learner *n,
					  struct store_object *o)
{
	enum ost_status st = OST_OK;

	for (size_t i = 0, lost = 0; lost < LOST_MAX; i++) {
		struct store_object *row = NULL;

		n->rows++;
		st = store_child(o, STORE_RECIPIENTS, i, &row, n->err);
		if (st == OST_OK && (i >= ROWS_MAX || n->rows > n->rows_max))
			st = ost_fail(n->err, OST_LIMIT, "more recipients");
		lost = st == OST_OK ? 0 : lost + 1;
		n->missed |= lost > 0 && st != OST_NOT_FOUND;
		if (st == OST_OK)
			st = harvest_role(n, row, ADDRESS_RECIPIENT);
		store_drop(row);
		if (st == OST_NOT_FOUND || st == OST_LIMIT ||
		    ost_is_internal(st))
			break;
	}
	return go_on(n, st);
}

/* EmailN of a contact: the address, and how Outlook shows it. */
static enum ost_status harvest_email(struct learner *n, struct store_object *o,
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

static enum ost_status harvest_contact(struct learner *n,
				       struct store_object *o)
{
	enum { EMAILS = 3, EMAIL_STEP = 0x10 };
	enum ost_status st = OST_OK;

	for (uint32_t i = 0; st == OST_OK && i < EMAILS; i++)
		st = harvest_email(n, o, i * EMAIL_STEP);
	return st;
}

/* Member `index`: who it is, and the name and address it was put in with. */
static enum ost_status harvest_member(struct learner *n, struct store_object *o,
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

static enum ost_status harvest_members(struct learner *n,
				       struct store_object *o)
{
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i < MEMBERS_MAX; i++)
		st = harvest_member(n, o, i);
	n->missed |= st == OST_OK; /* there may be more */
	return go_on(n, st);
}

static enum ost_status harvest_address_book(struct learner *n,
					    struct store_object *o)
{
	struct buf class = { 0 };
	enum ost_status st =
		value_line(o, MAPI_MESSAGE_CLASS, &class, &n->notes, n->err);

	if (value_class_is(buf_span(&class), "IPM.Contact"))
		st = harvest_contact(n, o);
	else if (value_class_is(buf_span(&class), "IPM.DistList"))
		st = harvest_members(n, o);
	buf_free(&class);
	return st;
}

static enum ost_status harvest_item(struct learner *n, struct store *s,
				    uint32_t nid)
{
	struct store_object *o = NULL;
	enum ost_status st =
		store_get(s, (struct store_id){ nid, 0 }, &o, n->err);

	for (unsigned role = 0; st == OST_OK && role < ADDRESS_RECIPIENT;
	     role++)
		st = harvest_role(n, o, (enum address_role)role);
	if (st == OST_OK)
		st = harvest_recipients(n, o);
	if (st == OST_OK)
		st = harvest_address_book(n, o);
	store_drop(o);
	return go_on(n, st);
}

/* `*nid`: the first message at or above it; OST_NOT_FOUND past the last. */
static enum ost_status next_message(const struct learner *n, uint64_t *nid)
{
	struct store_object *node = NULL;
	enum ost_status st = OST_OK;

	while (st == OST_OK && !*n->stop) {
		if (*nid > UINT32_MAX)
			return OST_NOT_FOUND;
		st = store_child(n->top, STORE_NODES, (size_t)*nid, &node,
				 n->err);
		if (st != OST_OK)
			return st;
		*nid = node->id.nid;
		store_drop(node);
		if ((*nid & MAPI_NID_TYPE) == MAPI_NID_MESSAGE)
			return OST_OK;
		++*nid;
	}
	return OST_NOT_FOUND;
}

/* Up to `most` messages from `*nid` on, which moves past them. */
static enum ost_status harvest_run(struct learner *n, uint64_t *nid, size_t max)
{
	enum ost_status st = OST_OK;

	for (size_t i = 0; i < max && st == OST_OK; i++) {
		if (n->book->full || n->rows >= n->rows_max)
			return OST_OK;
		st = next_message(n, nid);
		if (st == OST_OK)
			st = harvest_item(n, n->top->store, (uint32_t)*nid);
		++*nid;
	}
	return st;
}

/* The first messages of the store, one more than is read of one. */
struct first {
	uint32_t nids[ITEMS_MAX + 1];
	size_t count;
};

/* OST_OK: there are more, so that the store is large. */
static enum ost_status list_first(const struct learner *n, struct first *out)
{
	enum ost_status st = OST_OK;
	uint64_t nid = 0;

	for (; st == OST_OK && out->count <= ITEMS_MAX; nid++) {
		st = next_message(n, &nid);
		if (st == OST_OK)
			out->nids[out->count++] = (uint32_t)nid;
	}
	return st;
}

/* `st` is how the list of them ended. */
static enum ost_status harvest_all(struct learner *n, const struct first *all,
				   enum ost_status st)
{
	enum ost_status learned = OST_OK;

	for (size_t i = 0; i < all->count && learned == OST_OK; i++) {
		if (n->book->full || n->rows >= n->rows_max || *n->stop)
			return OST_OK;
		learned = harvest_item(n, n->top->store, all->nids[i]);
	}
	return learned != OST_OK ? learned : st;
}

/* The NID of the last message at or above `first`. */
static uint64_t last_message(const struct learner *n, uint64_t first)
{
	uint64_t low = first, high = UINT32_MAX; /* of none above */

	while (low < high) {
		uint64_t mid = low + (high - low + 1) / 2;

		if (next_message(n, &mid) == OST_OK)
			low = mid;
		else
			high = low + (high - low + 1) / 2 - 1;
	}
	return low;
}

static enum ost_status harvest_folder(struct learner *n, uint32_t nid,
				      size_t *left)
{
	struct store_object *o = NULL, *row = NULL;
	struct buf class = { 0 };
	enum ost_status st = store_get(n->top->store,
				       (struct store_id){ nid, 0 }, &o, n->err);

	if (st == OST_OK)
		st = store_text(o, MAPI_CONTAINER_CLASS, &class, NULL, n->err);
	if (st == OST_OK && !value_class_is(buf_span(&class), "IPF.Contact"))
		st = OST_NOT_FOUND;
	for (size_t i = 0; st == OST_OK && *left > 0; i++, --*left) {
		st = store_child(o, STORE_MESSAGES, i, &row, n->err);
		if (st == OST_OK)
			st = harvest_item(n, n->top->store, row->id.nid);
		store_drop(row);
		row = NULL;
	}
	store_drop(o);
	buf_free(&class);
	return go_on(n, st);
}

/* Of the folders for contacts among the first ones. */
static enum ost_status harvest_contacts(struct learner *n)
{
	enum ost_status st = OST_OK;
	size_t left = CONTACTS;
	uint64_t nid = 0;

	for (size_t i = 0; i < FOLDERS_MAX && st == OST_OK; i++, nid++) {
		struct store_object *node = NULL;

		st = store_child(n->top, STORE_NODES, (size_t)nid, &node,
				 n->err);
		if (st != OST_OK)
			break;
		nid = node->id.nid;
		store_drop(node);
		if ((nid & MAPI_NID_TYPE) == MAPI_NID_FOLDER)
			st = harvest_folder(n, (uint32_t)nid, &left);
	}
	return go_on(n, st);
}

static enum ost_status harvest_sample(struct learner *n)
{
	uint64_t first = 0, last, at, end;
	enum ost_status st = next_message(n, &first);

	if (st != OST_OK)
		return st;
	last = last_message(n, first);
	n->rows_max = SAMPLE_ROWS_MAX;
	st = harvest_run(n, &first, ENDS);
	end = last > first + ENDS * NID_STEP ? last - ENDS * NID_STEP : first;
	for (uint64_t i = 0; st == OST_OK && i < BETWEEN; i++) {
		at = first + (end - first) * i / BETWEEN;
		st = harvest_run(n, &at, 1);
	}
	if (st == OST_OK)
		st = harvest_contacts(n);
	n->rows_max += SAMPLE_ROWS_MAX / 4;
	if (st == OST_OK)
		st = harvest_run(n, &end, ENDS);
	n->missed = true; /* not all was asked */
	return st;
}

enum ost_status harvest_store(struct addrbook *book, bool *whole,
			      struct store *s, const atomic_bool *stop,
			      struct ost_error *err)
{
	struct learner n = {
		.book = book, .err = err, .stop = stop, .rows_max = ALL_ROWS_MAX
	};
	struct first first = { .count = 0 };
	enum ost_status st = store_get(
		s, (struct store_id){ MAPI_NID_STORE, 0 }, &n.top, err);

	if (st == OST_OK)
		st = list_first(&n, &first);
	st = st == OST_OK ? harvest_sample(&n) : harvest_all(&n, &first, st);
	store_drop(n.top);
	*whole = st == OST_NOT_FOUND && !n.missed && !book->full &&
		 !note_has(&n.notes, NOTE_PROPERTY_CORRUPT);
	if (*stop)
		return ost_fail(err, OST_IO, "the store is being closed");
	return ost_is_internal(st) ? st : OST_OK;
}
