/*
 * vcard_group.c - a distribution list as a vCard 4.0 [MS-OXOCNTC] 2.2.2
 */
#include "mail/address/address.h"
#include "mail/address/entryid.h"
#include "mail/card/vcard.h"
#include "mail/text/chars.h"
#include "mail/text/value.h"

enum {
	LID_NAME = 0x8053,
	LID_ONE_OFFS = 0x8054, /* names and addresses of the members */
	LID_MEMBERS = 0x8055,  /* their entry ids */
	LID_STREAM = 0x8064,   /* both; when it is there, they do not count */
};

enum {
	STREAM_MAX = 16 << 20,
	LIST_MAX = 256 << 10, /* bytes; Outlook stops at 15,000 */
	MEMBERS_MAX = 2000,   /* of such a list */
};

/*
 * Append what may stand in a mailto URI (RFC 6068 2) as it is, the rest as
 * %XX.
 */
static void put_mailto(struct buf *out, struct span addr)
{
	buf_str(out, "mailto:");
	for (size_t i = 0; i < addr.len; i++) {
		const uint8_t c = addr.at[i];

		if (chars_letter(c) || chars_digit(c) ||
		    chars_in(c, "-._~!$'*+@"))
			buf_byte(out, (char)c);
		else
			buf_printf(out, "%%%02X", c);
	}
}

/* MEMBER;CN=name:uri; one known by name only is told so. */
static void put_member(struct vcard *v, struct span name, struct span uri)
{
	if (uri.len == 0) {
		ical_text_line(&v->lines, "X-OST-MEMBER",
			       name.len > 0 ? name : chars_of("?"));
		return;
	}
	ical_name(&v->lines, "MEMBER");
	if (name.len > 0)
		ical_parameter(&v->lines, "CN", name);
	ical_value(&v->lines, uri);
}

/* A list in the list: by its UID, which its own card has. */
static void put_list(struct vcard *v, uint32_t nid, struct span name)
{
	struct store_object *list = NULL;
	struct buf class = { 0 }, uri = { 0 };
	struct ost_error err;

	if (store_get(v->item->store, (struct store_id){ nid, 0 }, &list,
		      &err) == OST_OK &&
	    value_class(list, &class, &err) == OST_OK &&
	    value_class_is(buf_span(&class), "IPM.DistList"))
		vcard_uid(list, &uri);
	note_add(v->notes, NOTE_GROUP_NESTED);
	put_member(v, name, buf_span(&uri));
	v->lines.out->bad |= uri.bad;
	store_drop(list);
	buf_free(&class);
	buf_free(&uri);
}

/* The address that either of them holds, else what they can be made into. */
static void put_person(struct vcard *v, const struct entryid *real,
		       const struct entryid *once, struct span id,
		       struct span once_id, struct span name)
{
	struct address a = { 0 };
	struct buf uri = { 0 };
	struct span smtp;

	if (entryid_smtp(buf_span(&once->addr), &smtp) ||
	    entryid_smtp(buf_span(&real->addr), &smtp))
		entryid_mail(&a.addr, smtp);
	else
		vcard_ok(v, address_of_entryid(
				    v->item,
				    real->kind != ENTRYID_OTHER ? id : once_id,
				    name, &a, v->notes, v->err));
	if (a.addr.len > 0)
		put_mailto(&uri, buf_span(&a.addr));
	else
		note_add(v->notes, NOTE_RECIPIENTS_CORRUPT);
	put_member(v, name, buf_span(&uri));
	v->lines.out->bad |= a.addr.bad || a.name.bad || uri.bad;
	address_free(&a);
	buf_free(&uri);
}

static void put_entry(struct vcard *v, struct span id, struct span once_id)
{
	struct entryid real = { 0 }, once = { 0 };
	struct span name;

	vcard_ok(v, entryid_read(&real, id, v->item, v->err));
	vcard_ok(v, entryid_read(&once, once_id, v->item, v->err));
	name = buf_span(once.name.len > 0 ? &once.name : &real.name);
	if (v->st == OST_OK && real.kind == ENTRYID_LIST)
		put_list(v, real.nid, name);
	else if (v->st == OST_OK)
		put_person(v, &real, &once, id, once_id, name);
	entryid_free(&real);
	entryid_free(&once);
}

/*
 * The stream [MS-OXOCNTC] 2.2.2.2.4: a count, totals, and then for each member
 * entry id, one-off entry id and something else, each after its length.
 */
static void put_stream(struct vcard *v, struct span stream)
{
	enum { VERSION = 1, LEAST = 12 }; /* bytes of a member */
	struct cursor c = cur_at(stream, 0);
	const uint16_t version = cur_u16(&c);

	(void)cur_span(&c, 2 + 4 + 4); /* reserved, build, flags */
	const uint32_t count = cur_u32(&c);
	(void)cur_span(&c, 4 + 4 + 4); /* totals */
	bool good =
		cur_ok(&c) && version == VERSION && count <= c.rest.len / LEAST;

	for (uint32_t i = 0; good && v->st == OST_OK && i < count; i++) {
		const struct span id = cur_span(&c, cur_u32(&c));
		const struct span once = cur_span(&c, cur_u32(&c));

		(void)cur_span(&c, cur_u32(&c));
		good = cur_ok(&c);
		if (good)
			put_entry(v, id, once);
	}
	if (!good)
		note_add(v->notes, NOTE_RECIPIENTS_CORRUPT);
}

/* Value `index` of a list, or nothing; OST_NOT_FOUND past the last. */
static enum ost_status one_of(struct vcard *v, uint16_t id, size_t index,
			      struct buf *out)
{
	const enum ost_status st =
		store_multi(v->item, id, index, out, NULL, v->err);

	if (st == OST_OK || st == OST_NOT_FOUND || ost_is_internal(st))
		return st;
	note_add(v->notes, NOTE_RECIPIENTS_CORRUPT);
	return OST_OK;
}

static bool is_short(struct vcard *v, uint16_t id)
{
	struct store_prop p;
	struct ost_error err;

	return id == 0 || store_find(v->item, id, &p, &err) != OST_OK ||
	       p.size <= LIST_MAX;
}

static void put_members(struct vcard *v)
{
	const uint16_t ids = vcard_lid(v, LID_MEMBERS);
	const uint16_t onces = vcard_lid(v, LID_ONE_OFFS);
	size_t i = 0;

	if (!is_short(v, ids) || !is_short(v, onces))
		i = MEMBERS_MAX + 1;
	for (; v->st == OST_OK && i <= MEMBERS_MAX; i++) {
		struct buf id = { 0 }, once = { 0 };
		enum ost_status a = one_of(v, ids, i, &id);
		enum ost_status b = one_of(v, onces, i, &once);

		if (ost_is_internal(a) || ost_is_internal(b))
			vcard_ok(v, ost_is_internal(a) ? a : b);
		else if (i < MEMBERS_MAX && (a == OST_OK || b == OST_OK))
			put_entry(v, buf_span(&id), buf_span(&once));
		buf_free(&id);
		buf_free(&once);
		if (a == OST_NOT_FOUND && b == OST_NOT_FOUND)
			return;
	}
	if (i > MEMBERS_MAX)
		note_add(v->notes, NOTE_RECIPIENTS_CORRUPT);
}

static void put_all(struct vcard *v)
{
	const uint16_t id = vcard_lid(v, LID_STREAM);
	struct buf stream = { 0 };
	enum ost_status st = OST_NOT_FOUND;

	if (id != 0)
		st = store_bytes(v->item, id, STREAM_MAX, &stream, v->err);
	if (st == OST_OK)
		put_stream(v, buf_span(&stream));
	else if (ost_is_internal(st))
		vcard_ok(v, st);
	else
		put_members(v);
	/* Of a long list the other two have the start only. */
	if (st != OST_OK && st != OST_NOT_FOUND)
		note_add(v->notes, NOTE_RECIPIENTS_CORRUPT);
	buf_free(&stream);
}

static void put_name(struct vcard *v)
{
	const struct vcard_from from[] = { { .lid = LID_NAME },
					   { .id = MAPI_DISPLAY_NAME } };
	struct buf name = { 0 };

	for (size_t i = 0; i < 2 && name.len == 0; i++)
		vcard_get_line(v, from[i], &name);
	if (name.len == 0 && v->st == OST_OK)
		vcard_ok(v, value_subject(v->item, &name, v->notes, v->err));
	if (name.len == 0)
		buf_str(&name, "(no name)");
	ical_text_line(&v->lines, "FN", buf_span(&name));
	v->lines.out->bad |= name.bad;
	buf_free(&name);
}

enum ost_status vcard_group(struct store_object *item, struct buf *out,
			    struct notes *notes, struct ost_error *err)
{
	struct vcard v = {
		.item = item, .lines = { out }, .notes = notes, .err = err
	};

	vcard_begin(&v, "4.0");
	ical_line(&v.lines, "KIND", "group");
	put_name(&v);
	put_all(&v);
	vcard_attachments(&v, false);
	vcard_end(&v);
	return v.st == OST_OK ? buf_status(out, err) : v.st;
}
