#include "mail/address/address.h"

#include "mail/address/directory.h"
#include "mail/address/entryid.h"
#include "mail/address/lookup.h"
#include "mail/text/chars.h"
#include "mail/text/encode.h"
#include "mail/text/value.h"

/* What the user's directory, or the rest of the store, knows of the name. */
static enum ost_status from_directory(struct lookup *l)
{
	struct directory_answer answer;
	enum ost_status st;

	if (!lookup_is_x500(l))
		return OST_OK;
	st = directory_find(l->o->store, buf_span(&l->raw), &answer, l->err);
	if (st != OST_OK)
		return st;
	if (lookup_accept(l, answer.addr))
		note_add(l->notes, NOTE_ADDRESS_MAP);
	if (answer.partial)
		note_add(l->notes, NOTE_ADDRESS_MAP_PART);
	if (l->name.len == 0)
		buf_add(&l->name, answer.name.at, answer.name.len);
	return OST_OK;
}

static enum ost_status from_name(struct lookup *l)
{
	(void)lookup_accept(l, buf_span(&l->name));
	return OST_OK;
}

static enum ost_status from_sip(struct lookup *l)
{
	struct buf sip = { 0 };
	enum ost_status st;

	if (l->role != ADDRESS_RECIPIENT)
		return OST_OK;
	st = value_line(l->o, MAPI_SIP_ADDRESS, &sip, l->notes, l->err);
	const struct span all = buf_span(&sip);
	if (lookup_accept(l, chars_from(all, chars_begin(all, "sip:") ? 4 : 0)))
		note_add(l->notes, NOTE_ADDRESS_SIP);
	buf_free(&sip);
	return st;
}

/* The domain of the mailbox's owner, or one that no mail is sent to. */
static enum ost_status put_domain(struct lookup *l, struct buf *out)
{
	struct address owner;
	const enum ost_status st = address_of_owner(l->o, &owner, l->err);
	const struct span addr = buf_span(&owner.addr);
	size_t at = addr.len;

	while (at > 0 && addr.at[at - 1] != '@')
		at--;
	if (at > 0)
		buf_add(out, addr.at + at, addr.len - at);
	else
		buf_str(out, "ost.invalid");
	address_free(&owner);
	return st;
}

static enum ost_status from_imcea(struct lookup *l)
{
	struct buf domain = { 0 };
	enum ost_status st;

	if (l->raw.len == 0)
		lookup_keep(l, buf_span(&l->name), chars_of("UNKNOWN"));
	if (l->raw.len == 0)
		return OST_OK;
	st = put_domain(l, &domain);
	if (!entryid_imcea(&l->out->addr, buf_span(&l->type), buf_span(&l->raw),
			   buf_span(&domain)))
		note_add(l->notes, NOTE_ADDRESS_CUT);
	l->out->imcea = true;
	note_add(l->notes, NOTE_ADDRESS_IMCEA);
	buf_free(&domain);
	return st;
}

/* Tried in this order; the first that gives an address wins. */
typedef enum ost_status step(struct lookup *l);
static step *const steps[] = {
	lookup_item, from_directory, from_name, from_sip, from_imcea,
};

/* Hand over the name, unless it says no more than the address does. */
static void give_name(struct lookup *l)
{
	struct address *out = l->out;
	const struct span all = chars_trim(buf_span(&l->name));
	struct span name = all, bare;
	struct buf mail = { 0 };

	if (all.len >= 2 && all.at[0] == all.at[all.len - 1] &&
	    chars_in(all.at[0], "'\""))
		name = chars_trim(chars_first(chars_from(all, 1), all.len - 2));
	if (entryid_smtp(all, &bare))
		entryid_mail(&mail, bare);
	if (mail.len > 0 && chars_same(buf_span(&mail), buf_span(&out->addr)))
		name.len = 0;
	buf_add(&out->name, name.at, name.len);
	out->name.bad = out->name.bad || mail.bad;
	buf_free(&mail);
}

static enum ost_status try_steps(struct lookup *l)
{
	enum ost_status st = OST_OK;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (st != OST_OK || l->out->addr.len > 0)
			break;
		st = steps[i](l);
	}
	return st;
}

/* Hand over and free what the lookup holds. Returns `st`, or no memory. */
static enum ost_status finish(struct lookup *l, enum ost_status st)
{
	give_name(l);
	if (l->name.bad || l->type.bad || l->raw.bad || l->out->name.bad ||
	    l->out->addr.bad)
		st = ost_no_memory(l->err);
	lookup_free(l);
	return st;
}

enum ost_status address_of(struct store_object *o, enum address_role role,
			   struct address *out, struct notes *notes,
			   struct ost_error *err)
{
	struct peers peers = { .item = o };
	struct lookup l = { o, role, out, notes, err };
	enum ost_status st;

	if (role != ADDRESS_RECIPIENT)
		l.peers = &peers;
	*out = (struct address){ 0 };
	st = finish(&l, try_steps(&l));
	peers_free(&peers);
	return st;
}

enum ost_status address_of_row(struct peers *peers, struct store_object *row,
			       struct address *out, struct notes *notes,
			       struct ost_error *err)
{
	struct lookup l = { row, ADDRESS_RECIPIENT, out, notes,
			    err, .peers = peers };

	*out = (struct address){ 0 };
	return finish(&l, try_steps(&l));
}

void address_unused(struct notes *notes, const struct notes *before)
{
	static const enum note made_up[] = { NOTE_ADDRESS_IMCEA,
					     NOTE_ADDRESS_CUT };

	for (size_t i = 0; i < 2; i++)
		if (!note_has(before, made_up[i]))
			note_drop(notes, made_up[i]);
}

enum ost_status address_of_first(struct store_object *o,
				 const enum address_role *roles, size_t count,
				 struct address *out, struct notes *notes,
				 struct ost_error *err)
{
	const struct notes before = *notes;
	enum ost_status st = OST_OK;

	*out = (struct address){ 0 };
	for (size_t i = 0; st == OST_OK && i < count; i++) {
		struct address next;

		if (out->addr.len > 0 && !out->imcea)
			break;
		st = address_of(o, roles[i], &next, notes, err);
		if (next.addr.len > 0 && (out->addr.len == 0 || !next.imcea)) {
			address_free(out);
			*out = next;
		} else {
			address_free(&next);
		}
	}
	if (!out->imcea)
		address_unused(notes, &before);
	return st;
}

enum ost_status address_of_receiver(struct store_object *o, struct address *out,
				    struct notes *notes, struct ost_error *err)
{
	static const enum address_role roles[] = {
		ADDRESS_RECEIVED_REPRESENTING, ADDRESS_RECEIVED_BY
	};
	const struct notes before = *notes;
	struct address owner;
	enum ost_status st = address_of_first(o, roles, 2, out, notes, err);

	if (st != OST_OK || (out->addr.len > 0 && !out->imcea))
		return st;
	st = address_of_owner(o, &owner, err);
	if (st != OST_OK || owner.addr.len == 0) {
		address_free(&owner);
		return st;
	}
	address_free(out);
	*out = owner;
	address_unused(notes, &before);
	return OST_OK;
}

enum ost_status address_of_name(struct store_object *o, struct span name,
				struct address *out, struct notes *notes,
				struct ost_error *err)
{
	struct lookup l = { o, ADDRESS_RECIPIENT, out, notes, err };
	enum ost_status st = OST_OK;

	*out = (struct address){ 0 };
	encode_clean(&l.name, name);
	if (!lookup_accept(&l, buf_span(&l.name)))
		st = from_imcea(&l);
	return finish(&l, st);
}

enum ost_status address_of_other(struct store_object *o, struct span type,
				 struct span addr, struct address *out,
				 struct notes *notes, struct ost_error *err)
{
	struct lookup l = { o, ADDRESS_RECIPIENT, out, notes, err };
	enum ost_status st = OST_OK;

	*out = (struct address){ 0 };
	if (!lookup_accept(&l, addr)) {
		lookup_keep(&l, addr, type);
		st = from_directory(&l);
	}
	if (st == OST_OK && out->addr.len == 0)
		st = from_imcea(&l);
	return finish(&l, st);
}

enum ost_status address_of_entryid(struct store_object *o, struct span id,
				   struct span name, struct address *out,
				   struct notes *notes, struct ost_error *err)
{
	struct peers peers = { .item = o };
	struct lookup l = { o,	 ADDRESS_RECIPIENT, out, notes,
			    err, .peers = &peers };
	enum ost_status st;

	*out = (struct address){ 0 };
	st = lookup_entryid(&l, id);
	if (l.name.len == 0)
		encode_clean(&l.name, name);
	/* Replies mostly go to the author, whose address is known better. */
	if (st == OST_OK && out->addr.len == 0)
		st = lookup_peer(&l);
	if (st == OST_OK && out->addr.len == 0)
		st = from_directory(&l);
	if (st == OST_OK && out->addr.len == 0)
		st = from_imcea(&l);
	st = finish(&l, st);
	peers_free(&peers);
	return st;
}

bool address_same(const struct address *a, const struct address *b)
{
	return chars_same(buf_span(&a->addr), buf_span(&b->addr));
}

void address_free(struct address *a)
{
	buf_free(&a->name);
	buf_free(&a->addr);
}
