/*
 * mailbox.c - addresses written out (RFC 5322 3.4), and the owner's
 */
#include "mail/address/address.h"

#include "mail/address/entryid.h"
#include "mail/text/chars.h"
#include "mail/text/encode.h"
#include "mail/text/idn.h"
#include "mail/text/value.h"
#include "store/identity.h"

static bool is_dot_atom(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!chars_atom(s.at[i]) && s.at[i] < 0x80 &&
		    (s.at[i] != '.' || i == 0 || i + 1 == s.len ||
		     s.at[i + 1] == '.'))
			return false;
	return s.len > 0;
}

/* Append an address, its local part quoted when it must be. */
static void put_addr(struct buf *out, struct span addr)
{
	size_t at = addr.len;

	while (at > 0 && addr.at[at - 1] != '@')
		at--;
	const struct span local = chars_first(addr, at > 0 ? at - 1 : 0);
	const bool quoted = local.len >= 2 && local.at[0] == '"' &&
			    local.at[local.len - 1] == '"';

	if (quoted || is_dot_atom(local)) {
		buf_add(out, addr.at, addr.len);
		return;
	}
	buf_byte(out, '"');
	for (size_t i = 0; i < local.len; i++) {
		if (chars_in(local.at[i], "\"\\"))
			buf_byte(out, '\\');
		buf_byte(out, (char)local.at[i]);
	}
	buf_str(out, "\"@");
	buf_add(out, addr.at + at, addr.len - at);
}

/*
 * A mailbox that mail in ASCII cannot have: an empty group that is called by
 * the name and the address (RFC 6857).
 */
static void write_group(const struct address *a, const char *tail,
			struct buf *out, size_t *column)
{
	struct buf name = { 0 };

	buf_add(&name, a->name.at, a->name.len);
	if (name.len > 0)
		buf_byte(&name, ' ');
	put_addr(&name, buf_span(&a->addr));
	encode_phrase(out, buf_span(&name), column);
	buf_printf(out, ":;%s", tail);
	*column += 2 + strlen(tail);
	out->bad = out->bad || name.bad;
	buf_free(&name);
}

void address_write(const struct address *a, const char *tail, struct buf *out,
		   size_t *column)
{
	struct buf token = { 0 };

	if (idn_wide(buf_span(&a->addr))) {
		write_group(a, tail, out, column);
		return;
	}
	if (a->name.len > 0) {
		encode_phrase(out, buf_span(&a->name), column);
		buf_byte(&token, '<');
	}
	put_addr(&token, buf_span(&a->addr));
	if (a->name.len > 0)
		buf_byte(&token, '>');
	buf_str(&token, tail);
	encode_token(out, buf_span(&token), column);
	out->bad = out->bad || token.bad;
	buf_free(&token);
}

void address_text(const struct address *a, struct buf *out)
{
	const struct span name = buf_span(&a->name);
	bool quoted = false;

	for (size_t i = 0; i < name.len; i++)
		quoted = quoted || chars_in(name.at[i], "\",;<>");
	if (quoted)
		buf_byte(out, '"');
	for (size_t i = 0; i < name.len; i++) {
		if (quoted && chars_in(name.at[i], "\"\\"))
			buf_byte(out, '\\');
		buf_byte(out, (char)name.at[i]);
	}
	if (quoted)
		buf_byte(out, '"');
	if (name.len > 0)
		buf_str(out, " <");
	put_addr(out, buf_span(&a->addr));
	if (name.len > 0)
		buf_byte(out, '>');
}

enum ost_status address_of_owner(struct store_object *o, struct address *out,
				 struct ost_error *err)
{
	const struct store_identity *identity = NULL;
	struct store_object *store = NULL;
	struct buf name = { 0 };
	struct notes notes = { 0 };
	struct span smtp;
	enum ost_status st = store_identity(o->store, &identity, err);

	*out = (struct address){ 0 };
	if (st != OST_OK)
		return st;
	buf_str(&out->addr, identity->mailboxes[0].owner.address);
	if (out->addr.len == 0)
		st = store_get(o->store, (struct store_id){ MAPI_NID_STORE, 0 },
			       &store, err);
	if (st == OST_OK && store != NULL)
		st = value_line(store, MAPI_DISPLAY_NAME, &name, &notes, err);
	if (st == OST_OK && entryid_smtp(buf_span(&name), &smtp))
		entryid_mail(&out->addr, smtp);
	if (out->addr.bad)
		st = ost_no_memory(err);
	store_drop(store);
	buf_free(&name);
	return ost_is_internal(st) ? st : OST_OK;
}
