#include "mail/address/entryid.h"

#include "bytes/text.h"
#include "mail/text/chars.h"
#include "mail/text/idn.h"

enum {
	NESTED_MAX = 4, /* wrapped entry ids in one another */
	SMTP_MAX = 320, /* octets: RFC 5321 4.5.3.1 */
	LOCAL_MAX = 800,
	TYPE_MAX = 16,
};

enum provider {
	PROVIDER_ONE_OFF,
	PROVIDER_EX,
	PROVIDER_WRAPPED,
	PROVIDER_CONTACT,
	PROVIDER_COUNT
};

static const uint8_t providers[PROVIDER_COUNT][16] = {
	[PROVIDER_ONE_OFF] = { 0x81, 0x2B, 0x1F, 0xA4, 0xBE, 0xA3, 0x10, 0x19,
			       0x9D, 0x6E, 0x00, 0xDD, 0x01, 0x0F, 0x54, 0x02 },
	[PROVIDER_EX] = { 0xDC, 0xA7, 0x40, 0xC8, 0xC0, 0x42, 0x10, 0x1A, 0xB4,
			  0xB9, 0x08, 0x00, 0x2B, 0x2F, 0xE1, 0x82 },
	[PROVIDER_WRAPPED] = { 0xC0, 0x91, 0xAD, 0xD3, 0x51, 0x9D, 0xCF, 0x11,
			       0xA4, 0xA9, 0x00, 0xAA, 0x00, 0x47, 0xFA, 0xA4 },
	[PROVIDER_CONTACT] = { 0xFE, 0x42, 0xAA, 0x0A, 0x18, 0xC7, 0x1A, 0x10,
			       0xE8, 0x85, 0x0B, 0x65, 0x1C, 0x24, 0x00, 0x00 },
};

/* Append text up to its NUL, or to the end: false, for some may be missing. */
static bool take_text(struct cursor *c, bool wide, struct store_object *o,
		      struct buf *out)
{
	const struct span in = c->rest;
	const size_t step = wide ? 2 : 1;
	size_t len = 0;

	while (in.len - len >= step &&
	       (in.at[len] != 0 || (wide && in.at[len + 1] != 0)))
		len += step;
	if (wide)
		(void)text_utf16(out, chars_first(in, len));
	else
		store_decode(o, MAPI_STRING8, chars_first(in, len), out, NULL);
	const bool whole = in.len - len >= step;
	*c = cur_at(in, whole ? len + step : in.len);
	return whole;
}

static void read_one_off(struct entryid *out, struct cursor *c,
			 struct store_object *o)
{
	enum { ONE_OFF_UNICODE = 0x8000 };
	struct cursor text;

	(void)cur_u16(c); /* version */
	const bool wide = (cur_u16(c) & ONE_OFF_UNICODE) != 0;
	if (!cur_ok(c))
		return;
	out->kind = ENTRYID_ONE_OFF;
	text = cur_at(c->rest, 0);
	(void)take_text(&text, wide, o, &out->name);
	(void)take_text(&text, wide, o, &out->type);
	/* An address cut short may be another's. */
	if (!take_text(&text, wide, o, &out->addr))
		buf_cut(&out->addr, 0);
}

static void read_ex(struct entryid *out, struct cursor *c,
		    struct store_object *o)
{
	(void)cur_u32(c); /* version */
	(void)cur_u32(c); /* display type */
	if (!cur_ok(c))
		return;
	out->kind = ENTRYID_EX;
	buf_str(&out->type, "EX");
	(void)take_text(c, false, o, &out->addr);
}

/* The entry id of a message: flags, the store's UID, its NID. */
static void read_contact(struct entryid *out, struct cursor *c,
			 enum entryid_kind kind, uint32_t slot)
{
	(void)cur_span(c, 4 + 16);
	out->nid = cur_u32(c);
	out->slot = slot;
	if (cur_ok(c))
		out->kind = kind;
}

/* Of Outlook's address book: a slot of a contact, or a list. */
static void read_address_book(struct entryid *out, struct cursor *c)
{
	enum { TYPE_LIST = 5 };

	(void)cur_u32(c); /* 3 */
	const uint32_t type = cur_u32(c);
	const uint32_t slot = cur_u32(c);
	(void)cur_u32(c); /* bytes in what follows */
	read_contact(out, c, type == TYPE_LIST ? ENTRYID_LIST : ENTRYID_CONTACT,
		     slot);
}

/*
 * Go into a wrapped entry id. True if what is in it is to be read as one;
 * false when that was done, for the slot of a contact is in the wrapping.
 */
static bool unwrap(struct entryid *out, struct cursor *c)
{
	enum { WRAPPED_CONTACT = 3, WRAPPED_LIST = 4, SLOT_EMAIL1 = 4 };
	const uint8_t type = cur_u8(c);
	const unsigned slot = type >> 4 & 7;

	if ((type & 15) == WRAPPED_CONTACT)
		read_contact(out, c, ENTRYID_CONTACT,
			     slot < SLOT_EMAIL1 ? slot + 3
						: slot - SLOT_EMAIL1);
	else if ((type & 15) == WRAPPED_LIST)
		read_contact(out, c, ENTRYID_LIST, 0);
	else
		return true;
	return false;
}

static enum provider provider_of(struct span uid)
{
	for (unsigned i = 0; i < PROVIDER_COUNT; i++)
		if (span_equal(uid, span_of(providers[i], 16)))
			return (enum provider)i;
	return PROVIDER_COUNT;
}

enum ost_status entryid_read(struct entryid *out, struct span id,
			     struct store_object *o, struct ost_error *err)
{
	struct cursor c = cur_at(id, 0);
	bool more = true;

	*out = (struct entryid){ 0 };
	for (unsigned depth = 0; more && depth < NESTED_MAX; depth++) {
		(void)cur_u32(&c); /* flags */
		more = false;
		switch (provider_of(cur_span(&c, 16))) {
		case PROVIDER_ONE_OFF:
			read_one_off(out, &c, o);
			break;
		case PROVIDER_EX:
			read_ex(out, &c, o);
			break;
		case PROVIDER_CONTACT:
			read_address_book(out, &c);
			break;
		case PROVIDER_WRAPPED:
			more = unwrap(out, &c);
			break;
		case PROVIDER_COUNT:
			break;
		}
	}
	if (out->name.bad || out->type.bad || out->addr.bad)
		return ost_no_memory(err);
	return OST_OK;
}

void entryid_free(struct entryid *e)
{
	buf_free(&e->name);
	buf_free(&e->type);
	buf_free(&e->addr);
}

/* `s` without one pair of `open` and `close` around it. */
static struct span unwrapped(struct span s, uint8_t open, uint8_t close)
{
	if (s.len >= 2 && s.at[0] == open && s.at[s.len - 1] == close)
		return chars_first(chars_from(s, 1), s.len - 2);
	return s;
}

static struct span bare(struct span s)
{
	static const char *const schemes[] = { "smtp:", "mailto:" };

	s = chars_trim(s);
	const struct span all = s;
	s = unwrapped(s, '\'', '\'');
	if (s.len == all.len)
		s = unwrapped(s, '"', '"');
	if (s.len == all.len)
		s = unwrapped(s, '<', '>');
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (chars_begin(s, schemes[i]))
			s = chars_from(s, strlen(schemes[i]));
	return chars_trim(s);
}

/* A domain, or an address literal, of characters no header trips over. */
static bool is_domain(struct span s)
{
	const struct span inner = unwrapped(s, '[', ']');

	for (size_t i = 0; i < inner.len; i++)
		if (!chars_atom(inner.at[i]) && !chars_in(inner.at[i], ".:"))
			return false;
	if (inner.len == s.len && chars_find(s, ':') < s.len)
		return false;
	return inner.len > 0 && inner.at[0] != '.' &&
	       inner.at[inner.len - 1] != '.';
}

static bool is_any_domain(struct span s)
{
	struct buf ascii = { 0 };
	bool is = idn_domain(&ascii, s);

	is = is && (ascii.bad || is_domain(buf_span(&ascii)));
	buf_free(&ascii);
	return is;
}

bool entryid_smtp(struct span in, struct span *out)
{
	const struct span s = bare(in);
	size_t at = s.len;
	bool quoted = false;

	if (s.len > SMTP_MAX || s.len == 0 || s.at[0] == '/')
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] <= ' ' || s.at[i] == 0x7F)
			return false;
		if (s.at[i] == '"')
			quoted = !quoted;
		if (s.at[i] != '@' || quoted)
			continue;
		if (at != s.len)
			return false;
		at = i;
	}
	if (at == 0 || at == s.len || quoted || !idn_text(s) ||
	    !is_any_domain(chars_from(s, at + 1)))
		return false;
	*out = s;
	return true;
}

void entryid_mail(struct buf *out, struct span smtp)
{
	size_t at = smtp.len;

	while (at > 0 && smtp.at[at - 1] != '@')
		at--;
	buf_add(out, smtp.at, at);
	(void)idn_domain(out, chars_from(smtp, at));
}

bool entryid_smtp_shown(struct span in, struct span *out)
{
	const struct span s = chars_trim(in);
	size_t open = s.len;

	if (entryid_smtp(s, out))
		return true;
	if (s.len == 0 || s.at[s.len - 1] != ')')
		return false;
	while (open > 0 && s.at[open - 1] != '(')
		open--;
	return entryid_smtp(chars_first(chars_from(s, open), s.len - 1 - open),
			    out);
}

bool entryid_x500(struct span s)
{
	return chars_begin(s, "/o=");
}

bool entryid_imcea(struct buf *out, struct span type, struct span addr,
		   struct span domain)
{
	size_t used = 0, i = 0;

	/* The type is not to be trusted: an X.500 name may be called SMTP. */
	if (entryid_x500(addr))
		type = chars_of("EX");
	for (size_t k = 0; k < type.len; k++)
		if (!chars_letter(type.at[k]) && !chars_digit(type.at[k]))
			type.len = 0;
	if (type.len == 0 || type.len > TYPE_MAX ||
	    (chars_same(type, chars_of("SMTP")) &&
	     chars_find(addr, '@') == addr.len))
		type = chars_of("UNKNOWN");

	buf_str(out, "IMCEA");
	for (size_t k = 0; k < type.len; k++)
		buf_byte(out, (char)(type.at[k] &
				     ~(chars_letter(type.at[k]) ? 0x20 : 0)));
	buf_byte(out, '-');
	for (; i < addr.len && used < LOCAL_MAX; i++) {
		const uint8_t c = addr.at[i];
		const size_t before = out->len;

		if (chars_letter(c) || chars_digit(c) || c == '-' || c == '=')
			buf_byte(out, (char)c);
		else if (c == '/')
			buf_byte(out, '_');
		else
			buf_printf(out, "+%02X", c);
		used += out->len - before;
	}
	buf_byte(out, '@');
	buf_add(out, domain.at, domain.len);
	return i == addr.len;
}
