/*
 * test_room.c - what becomes of what a mail has no room for
 */
#include "mailkit.h"

static void bodies_too_large_are_attached(void)
{
	struct made t = make();
	struct buf body = { 0 };

	for (size_t i = 0; i < 300000; i++)
		buf_str(&body, "A line of a body that is far too long.\r\n");
	fake_text(t.message, MAPI_BODY, buf_text(&body));
	buf_free(&body);
	fake_huge(t.message, MAPI_HTML, MAPI_BINARY, 20 << 20, 'h');
	CHECK(plan_as(&t, MAIL_ALL_INSIDE) == OST_OK);
	CHECK(has_note(t.mail, "body-large"));
	read_all(t.mail, 1 << 20, &t.bytes);
	CHECK(in_order(buf_text(&t.bytes), "multipart/mixed", "text/plain",
		       "A line of a body", "text/html",
		       "filename=\"message-body.html\"", "aGhoaGho", NULL));
	CHECK(mail_size(t.mail) == t.bytes.len);
	done(&t);
}

static void the_text_as_it_came_may_be_too_large(void)
{
	static const uint8_t set[16] = { 0x80, 0x76, 0x3A, 0x4E, 0x7A, 0xB7,
					 0xD0, 0x11, 0x9D, 0xA5, 0x00, 0xC0,
					 0x4F, 0xD6, 0x56, 0x85 };
	struct made t = make();
	const uint16_t id = fake_name(t.store, set, 0, "Internet Charset Body");

	fake_huge(t.message, id, MAPI_BINARY, 40 << 20, 'x');
	CHECK(plan_as(&t, MAIL_ALL_INSIDE) == OST_OK);
	CHECK(has_note(t.mail, "body-large"));
	read_all(t.mail, 1 << 20, &t.bytes);
	CHECK(in_order(buf_text(&t.bytes), "text/plain",
		       "filename=\"message-body.txt\"", "eHh4eHh4", NULL));
	done(&t);
}

static void what_a_mail_has_no_room_for_lies_beside_it(void)
{
	struct made t = make();

	for (int i = 0; i < 10; i++) {
		struct fake *m = attach_message(t.message, "Inner");

		for (int k = 0; k < 3300; k++)
			attach(m, "a.bin", "a/b", NULL, "x");
	}
	attach(t.message, "last.bin", "a/b", NULL, "x");
	CHECK(plan_as(&t, MAIL_ALL_INSIDE) == OST_OK);
	CHECK(has_note(t.mail, "att-beside"));
	read_all(t.mail, 1 << 20, &t.bytes);
	CHECK(count(buf_text(&t.bytes), "Content-Type: message/rfc822") == 8);
	CHECK(count(buf_text(&t.bytes),
		    "The attachment \"Inner.eml\" is not in this file.") == 2);
	CHECK(in_order(buf_text(&t.bytes), "Inner.eml.txt", "last.bin", NULL));
	CHECK(mail_size(t.mail) == t.bytes.len);
	done(&t);

	t = make();
	for (int k = 0; k < 29500; k++)
		attach(t.message, "a.bin", "a/b", NULL, "x");
	CHECK(plan_as(&t, MAIL_ALL_INSIDE) == OST_OK);
	CHECK(has_note(t.mail, "att-beside"));
	done(&t);
}

static void large_bodies_in_it_cost_no_mail(void)
{
	struct made t = make();
	struct buf body = { 0 };
	struct fake *m = t.message;

	for (size_t i = 0; i < 11 << 20; i += 1000)
		buf_printf(&body, "%998s\r\n", "x");
	for (int i = 0; i < 6; i++) {
		fake_string8(m, MAPI_BODY, buf_text(&body));
		m = attach_message(i % 2 == 0 ? t.message : m, "Inner");
	}
	CHECK(plan_as(&t, MAIL_ALL_INSIDE) == OST_OK);
	CHECK(has_note(t.mail, "body-large"));
	CHECK(!has_note(t.mail, "att-beside"));
	read_all(t.mail, 1 << 20, &t.bytes);
	CHECK(count(buf_text(&t.bytes), "Content-Type: message/rfc822") == 6);
	CHECK(in_order(buf_text(&t.bytes), "Subject: Inner",
		       "filename=\"message-body.txt\"", "ICAgICAg", NULL));
	buf_free(&body);
	done(&t);
}

int main(void)
{
	RUN(bodies_too_large_are_attached);
	RUN(the_text_as_it_came_may_be_too_large);
	RUN(what_a_mail_has_no_room_for_lies_beside_it);
	RUN(large_bodies_in_it_cost_no_mail);
	return checked();
}
