#include "mail/address/peers.h"

#include "mail/address/lookup.h"
#include "mail/text/value.h"

enum {
	ROWS_MAX = 4096,    /* recipients that are looked at */
	BOOK_MAX = 8 << 20, /* bytes: more than so many recipients take */
};

/* Role `role` of `o`, when it has both an X.500 name and an address. */
static enum ost_status put_role(struct peers *p, struct store_object *o,
				enum address_role role, struct notes *notes,
				struct ost_error *err)
{
	struct address who = { 0 };
	struct lookup l = { .o = o,
			    .role = role,
			    .out = &who,
			    .notes = notes,
			    .err = err,
			    .both = true };
	struct buf name = { 0 };
	enum ost_status st = lookup_item(&l);

	if (st == OST_OK && lookup_is_x500(&l) && who.addr.len > 0)
		st = lookup_name(&l, &name);
	const struct person one = { .dn = buf_span(&l.raw),
				    .addr = buf_span(&who.addr),
				    .name = buf_span(&name) };
	if (st == OST_OK && lookup_is_x500(&l) && one.addr.len > 0)
		st = addrbook_put(&p->book, &one, err);
	buf_free(&name);
	lookup_free(&l);
	address_free(&who);
	return st;
}

/* A row that cannot be read is noted by who writes the recipients. */
static enum ost_status put_rows(struct peers *p, struct notes *notes,
				struct ost_error *err)
{
	enum { LOST_MAX = 64 };
	enum ost_status st = OST_OK;

	for (size_t i = 0, lost = 0; lost < LOST_MAX; i++) {
		struct store_object *row = NULL;

		st = store_child(p->item, STORE_RECIPIENTS, i, &row, err);
		if (st == OST_OK && i >= ROWS_MAX) {
			note_add(notes, NOTE_ADDRESS_MAP_PART);
			st = OST_NOT_FOUND;
		}
		lost = st == OST_OK ? 0 : lost + 1;
		if (st == OST_OK)
			st = put_role(p, row, ADDRESS_RECIPIENT, notes, err);
		store_drop(row);
		if (st == OST_NOT_FOUND || ost_is_internal(st))
			break;
	}
	return ost_is_internal(st) ? st : OST_OK;
}

static enum ost_status read_item(struct peers *p, struct notes *notes,
				 struct ost_error *err)
{
	struct notes all = { 0 };
	enum ost_status st;

	p->read = true;
	p->book.max = BOOK_MAX;
	st = put_rows(p, &all, err);
	/* The item's own properties are the last word. */
	for (unsigned i = 0; st == OST_OK && i < ADDRESS_RECIPIENT; i++)
		st = put_role(p, p->item, (enum address_role)i, &all, err);
	/* How another was found is no matter of this one. */
	for (unsigned i = 0; i < 2; i++) {
		const enum note kept[] = { NOTE_PROPERTY_CORRUPT,
					   NOTE_ADDRESS_MAP_PART };

		if (note_has(&all, kept[i]))
			note_add(notes, kept[i]);
	}
	return st;
}

enum ost_status peers_find(struct peers *p, struct span dn,
			   const struct person **out, struct notes *notes,
			   struct ost_error *err)
{
	enum ost_status st = OST_OK;

	*out = NULL;
	if (p == NULL)
		return OST_OK;
	if (!p->read)
		st = read_item(p, notes, err);
	if (st == OST_OK)
		*out = addrbook_find(&p->book, dn);
	return st;
}

void peers_free(struct peers *p)
{
	addrbook_free(&p->book);
}
