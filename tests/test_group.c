/*
 * test_group.c - distribution lists as vCards
 *
 *	test_group [DIR]	leaves each card in DIR, for vcard_check.py
 */
#include "cardkit.h"
#include "mail/address/entryid.h"
#include "mail/card/vcard.h"

enum { OTHER = MESSAGE + 32 };
enum { LID_ONE_OFFS = 0x8054, LID_MEMBERS = 0x8055, LID_STREAM = 0x8064 };

static const uint8_t one_off_uid[16] = { 0x81, 0x2B, 0x1F, 0xA4, 0xBE, 0xA3,
					 0x10, 0x19, 0x9D, 0x6E, 0x00, 0xDD,
					 0x01, 0x0F, 0x54, 0x02 };
static const uint8_t ex_uid[16] = { 0xDC, 0xA7, 0x40, 0xC8, 0xC0, 0x42,
				    0x10, 0x1A, 0xB4, 0xB9, 0x08, 0x00,
				    0x2B, 0x2F, 0xE1, 0x82 };
static const uint8_t wrapped_uid[16] = { 0xC0, 0x91, 0xAD, 0xD3, 0x51, 0x9D,
					 0xCF, 0x11, 0xA4, 0xA9, 0x00, 0xAA,
					 0x00, 0x47, 0xFA, 0xA4 };
static const uint8_t book_uid[16] = { 0xFE, 0x42, 0xAA, 0x0A, 0x18, 0xC7,
				      0x1A, 0x10, 0xE8, 0x85, 0x0B, 0x65,
				      0x1C, 0x24, 0x00, 0x00 };

static void put_u32(struct buf *b, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		buf_byte(b, (char)(value >> 8 * i));
}

static void begin(struct buf *b, const uint8_t uid[16])
{
	put_u32(b, 0);
	buf_add(b, uid, 16);
}

static struct buf one_off(const char *name, const char *type, const char *addr)
{
	struct buf b = { 0 };

	begin(&b, one_off_uid);
	put_u32(&b, 0); /* version, flags: 8-bit */
	buf_add(&b, name, strlen(name) + 1);
	buf_add(&b, type, strlen(type) + 1);
	buf_add(&b, addr, strlen(addr) + 1);
	return b;
}

/* [MS-OXOCNTC] 2.2.2.2.4.1.1 of a message in a .pst */
static struct buf wrapped(uint8_t type, uint32_t nid)
{
	struct buf b = { 0 };

	begin(&b, wrapped_uid);
	buf_byte(&b, (char)type);
	begin(&b, one_off_uid); /* the store's, whatever it is */
	put_u32(&b, nid);
	return b;
}

/* Give the list property `number` the values `all`, which are then freed. */
static void set_list(struct made *t, uint32_t number, struct buf *all,
		     uint32_t count)
{
	struct buf value = { 0 };
	uint32_t at = 4 + 4 * count;

	put_u32(&value, count);
	for (uint32_t i = 0; i < count; i++) {
		put_u32(&value, at);
		at += (uint32_t)all[i].len;
	}
	for (uint32_t i = 0; i < count; i++) {
		buf_add(&value, buf_text(&all[i]), all[i].len);
		buf_free(&all[i]);
	}
	fake_bytes(t->message, lid(t, number), MAPI_MULTIPLE | MAPI_BINARY,
		   value.at, value.len);
	buf_free(&value);
}

/* A contact with an address as its third. */
static void add_contact(struct made *t)
{
	struct fake *f = fake_add(t->store, OTHER, INBOX);

	fake_text(f, MAPI_MESSAGE_CLASS, "IPM.Contact");
	fake_text(f, lid(t, 0x80A3), "bob@b.c");
}

static void a_list_has_all_its_members(void)
{
	struct made t = make_class("IPM.DistList");
	struct buf members[3], once[3];

	members[0] = wrapped(0xE3, OTHER); /* the third address */
	members[1] = one_off("Jane, Doe", "SMTP", "jane@b.c");
	members[2] = one_off("x", "SMTP", "a&b%c@b.c");
	once[0] = one_off("Bob \"B\" ^", "UNKNOWN", "/");
	once[1] = one_off("Jane, Doe", "SMTP", "jane@b.c");
	once[2] = one_off("a&b%c@b.c", "SMTP", "a&b%c@b.c");
	add_contact(&t);
	fake_text(t.message, lid(&t, 0x8053), "All of us");
	set_list(&t, LID_MEMBERS, members, 3);
	set_list(&t, LID_ONE_OFFS, once, 3);
	CHECK(in_order(NATIVE(&t),
		       "BEGIN:VCARD\r\nVERSION:4.0\r\nKIND:group\r\n"
		       "FN:All of us\r\n"
		       "MEMBER;CN=Bob ^'B^' ^^:mailto:bob@b.c\r\n"
		       "MEMBER;CN=\"Jane, Doe\":mailto:jane@b.c\r\n"
		       "MEMBER;CN=a&b%c@b.c:mailto:a%26b%25c@b.c\r\n"
		       "UID:urn:uuid:",
		       "END:VCARD\r\n", NULL));
	CHECK(count(buf_text(&t.bytes), "MEMBER") == 3);
	CHECK_STR(mail_notes(t.mail), "");
	done(&t);
}

static void a_member_without_an_address_is_not_lost(void)
{
	struct made t = make_class("IPM.DistList");
	struct buf members[4] = { 0 };

	begin(&members[0], ex_uid);
	put_u32(&members[0], 1);
	put_u32(&members[0], 0);
	buf_add(&members[0], "/o=X/cn=jane", 13);
	members[1] = wrapped(0xC3, 0x999924); /* there is no such contact */
	buf_str(&members[2], "rubbish");
	members[3] = one_off("Bob", "FAX", "+49 1");
	set_list(&t, LID_MEMBERS, members, 4);
	CHECK(in_order(NATIVE(&t),
		       "MEMBER:mailto:IMCEAEX-_o%3DX_cn%3Djane@ost.invalid\r\n"
		       "X-OST-MEMBER:?\r\nX-OST-MEMBER:?\r\n"
		       "MEMBER;CN=Bob:mailto:IMCEAFAX-+2B49+201@ost.invalid",
		       NULL));
	CHECK_STR(mail_notes(t.mail), "addr-imcea, rcpt-corrupt");
	done(&t);
}

static void a_list_in_a_list_is_named(void)
{
	struct made t = make_class("IPM.DistList");
	struct fake *inner = fake_add(t.store, OTHER, INBOX);
	struct store_object *o = fake_open(inner);
	struct buf members[3] = { 0 }, once[1], uid = { 0 };

	fake_text(inner, MAPI_MESSAGE_CLASS, "IPM.DistList");
	members[0] = wrapped(0xB4, OTHER);
	begin(&members[1], book_uid);
	put_u32(&members[1], 3);
	put_u32(&members[1], 5);
	put_u32(&members[1], 0xFF);
	put_u32(&members[1], 24);
	begin(&members[1], one_off_uid);
	put_u32(&members[1], OTHER);
	members[2] = wrapped(0xB4, MESSAGE + 64); /* no longer there */
	once[0] = one_off("Inner", "MAPIPDL", "Unknown");
	set_list(&t, LID_MEMBERS, members, 3);
	set_list(&t, LID_ONE_OFFS, once, 1);
	vcard_uid(o, &uid);
	store_drop(o);
	CHECK(in_order(NATIVE(&t), "MEMBER;CN=Inner:", buf_text(&uid),
		       "MEMBER:", buf_text(&uid), "X-OST-MEMBER:?\r\n", NULL));
	CHECK_STR(mail_notes(t.mail), "group-nested");
	buf_free(&uid);
	done(&t);
}

static struct buf stream_of(uint16_t version, uint32_t count)
{
	struct buf member = one_off("Jane", "SMTP", "jane@b.c");
	struct buf s = { 0 };

	buf_byte(&s, (char)version);
	buf_byte(&s, (char)(version >> 8));
	buf_add(&s, "\0\0builflag", 10);
	put_u32(&s, count);
	buf_add(&s, "totals......", 12);
	put_u32(&s, (uint32_t)member.len);
	buf_add(&s, member.at, member.len);
	put_u32(&s, 0); /* no one-off */
	put_u32(&s, 2); /* of something else */
	buf_add(&s, "xx", 2);
	put_u32(&s, 0); /* a member of which nothing is known */
	put_u32(&s, 0);
	put_u32(&s, 0);
	buf_add(&s, "\0\0\0\0\0\0\0", 8);
	buf_free(&member);
	return s;
}

static void a_stream_of_members_is_read_as_far_as_it_goes(void)
{
	struct buf whole = stream_of(1, 2);
	const struct {
		uint16_t version;
		uint32_t count;
		size_t len;
		size_t members, unknown;
		const char *notes;
	} cases[] = {
		{ 1, 1, whole.len, 1, 0, "" },
		{ 1, 2, whole.len, 1, 1, "rcpt-corrupt" },
		{ 1, 0, whole.len, 0, 0, "" },
		{ 1, 3, whole.len, 1, 1, "rcpt-corrupt" },
		{ 1, 0xFFFFFFFF, whole.len, 0, 0, "rcpt-corrupt" },
		{ 2, 1, whole.len, 0, 0, "rcpt-corrupt" },
		{ 1, 1, whole.len - 22, 0, 0, "rcpt-corrupt" },
		{ 1, 1, 28, 0, 0, "rcpt-corrupt" },
		{ 1, 0, 28, 0, 0, "" },
		{ 1, 1, 27, 0, 0, "rcpt-corrupt" },
		{ 1, 1, 1, 0, 0, "rcpt-corrupt" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = make_class("IPM.DistList");
		struct buf s = stream_of(cases[i].version, cases[i].count);

		/* What is in the other two properties no longer counts. */
		set_list(&t, LID_MEMBERS,
			 (struct buf[]){ one_off("Old", "SMTP", "o@b.c") }, 1);
		fake_bytes(t.message, lid(&t, LID_STREAM), MAPI_BINARY, s.at,
			   cases[i].len);
		CHECK(count(NATIVE(&t), "\nMEMBER") == cases[i].members);
		CHECK(count(buf_text(&t.bytes), "\nX-OST-MEMBER") ==
		      cases[i].unknown);
		CHECK_STR(mail_notes(t.mail), cases[i].notes);
		buf_free(&s);
		done(&t);
	}
	buf_free(&whole);
}

/* A4: in the list that older versions read. */
static void a4_one_more_member_than_is_shown_is_noted(void)
{
	enum { MOST = 2000 };

	for (uint32_t over = 0; over < 2; over++) {
		struct made t = make_class("IPM.DistList");
		struct buf all[MOST + 1];

		for (uint32_t i = 0; i < MOST + over; i++)
			all[i] = one_off("Jane", "SMTP", "jane@b.c");
		set_list(&t, LID_MEMBERS, all, MOST + over);
		CHECK(count(NATIVE(&t), "\nMEMBER") == MOST);
		CHECK_STR(mail_notes(t.mail), over > 0 ? "rcpt-corrupt" : "");
		done(&t);
	}
}

/* A4: of a stream that is not read, the older list has the start only. */
static void a4_a_stream_that_is_not_read_is_noted(void)
{
	for (int how = 0; how < 3; how++) {
		struct made t = make_class("IPM.DistList");
		const uint16_t id = lid(&t, LID_STREAM);

		set_list(&t, LID_MEMBERS,
			 (struct buf[]){ one_off("Old", "SMTP", "o@b.c") }, 1);
		if (how == 1)
			fake_huge(t.message, id, MAPI_BINARY, (16 << 20) + 1,
				  0);
		if (how == 2)
			fake_broken(t.message, id, MAPI_BINARY);
		CHECK(count(NATIVE(&t), "\nMEMBER") == 1);
		CHECK_STR(mail_notes(t.mail), how > 0 ? "rcpt-corrupt" : "");
		done(&t);
	}
}

/* A4: of a list of more bytes than are read it is said, too. */
static void a4_a_list_that_is_not_read_is_noted(void)
{
	enum { MOST = 256 << 10 };

	for (uint64_t over = 0; over < 2; over++) {
		struct made t = make_class("IPM.DistList");

		fake_huge(t.message, lid(&t, LID_MEMBERS),
			  MAPI_MULTIPLE | MAPI_BINARY, MOST + over, 0);
		CHECK(count(NATIVE(&t), "\nMEMBER") == 0);
		CHECK_STR(mail_notes(t.mail), over > 0 ? "rcpt-corrupt" : "");
		done(&t);
	}
}

static void lists_that_lie_cost_only_themselves(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *notes;
	} cases[] = {
		{ "", 0, "" },
		{ "\1\0\0", 3, "" },
		{ "\0\0\0\0", 4, "" },
		{ "\1\0\0\0\xFF\0\0\0", 8, "rcpt-corrupt" },
		{ "\2\0\0\0\x0C\0\0\0\x04\0\0\0", 12, "rcpt-corrupt" },
		{ "\xFF\xFF\xFF\xFF", 4, "rcpt-corrupt" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = make_class("IPM.DistList");

		fake_bytes(t.message, lid(&t, LID_MEMBERS),
			   MAPI_MULTIPLE | MAPI_BINARY, cases[i].bytes,
			   cases[i].len);
		CHECK(has_line(NATIVE(&t), "FN:Budget review"));
		CHECK_STR(mail_notes(t.mail), cases[i].notes);
		done(&t);
	}
}

int main(int argc, char **argv)
{
	directory = argc > 1 ? argv[1] : NULL;
	RUN(a_list_has_all_its_members);
	RUN(a_member_without_an_address_is_not_lost);
	RUN(a_list_in_a_list_is_named);
	RUN(a_stream_of_members_is_read_as_far_as_it_goes);
	RUN(a4_one_more_member_than_is_shown_is_noted);
	RUN(a4_a_stream_that_is_not_read_is_noted);
	RUN(a4_a_list_that_is_not_read_is_noted);
	RUN(lists_that_lie_cost_only_themselves);
	return checked();
}
