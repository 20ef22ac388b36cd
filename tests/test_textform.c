/*
 * test_textform.c - items as text for people and grep (C6)
 */
#include "cardkit.h"

static const struct mail_options as_text = { .items = MAIL_ITEMS_TEXT };

/* The item as text, read in reads of two sizes. */
static const char *text(struct made *t)
{
	struct buf again = { 0 };

	mail_free(t->mail);
	CHECK(mail_plan(&t->mail, fake_open(t->message), &as_text, &t->err) ==
	      OST_OK);
	buf_cut(&t->bytes, 0);
	if (t->mail == NULL)
		return "";
	read_all(t->mail, 4096, &t->bytes);
	read_all(t->mail, 7, &again);
	CHECK(t->bytes.len == mail_size(t->mail));
	CHECK(span_equal(buf_span(&t->bytes), buf_span(&again)));
	buf_free(&again);
	return buf_text(&t->bytes);
}

static void a_mail_is_its_header_decoded_and_its_body(void)
{
	struct made t = make();

	fake_text(t.message, MAPI_TRANSPORT_MESSAGE_HEADERS,
		  "From: =?utf-8?Q?J=C3=BCrgen?= =?utf-8?Q?_M=C3=BCller?=\r\n"
		  " <j@example.org>\r\n"
		  "To: \"A \\\"B\\\" C\" <b@example.org>\r\n"
		  "Date: Tue, 5 Mar 2024 10:00:00 +0530\r\n"
		  "Subject: =?utf-8?B?R3LDvMOfZQ==?= from\r\n"
		  "\tus\r\n"
		  "X-Spam: no\r\n\r\n");
	fake_remove(t.message, MAPI_SUBJECT);
	fake_text(t.message, MAPI_SUBJECT,
		  "Gr\xC3\xBC\xC3\x9F"
		  "e from us");
	fake_remove(t.message, MAPI_SENDER_NAME);
	fake_remove(t.message, MAPI_SENDER_EMAIL);
	fake_remove(t.message, MAPI_SENDER_ADDRTYPE);
	fake_text(t.message, MAPI_BODY, "Hello\r\n\r\nBu\xCC\x88ro\r\n\r\n");
	CHECK_STR(text(&t),
		  "Date: Tue, 5 Mar 2024 10:00:00 +0530\n"
		  "From: J\xC3\xBCrgen M\xC3\xBCller <j@example.org>\n"
		  "To: \"A \"B\" C\" <b@example.org>\n"
		  "Subject: Gr\xC3\xBC\xC3\x9F"
		  "e from us\n"
		  "Message-ID: <1@example.org>\n"
		  "Flags: unread\n"
		  "\n"
		  "Hello\n"
		  "\n"
		  "B\xC3\xBCro\n");
	done(&t);
}

static void what_is_attached_is_told_and_an_item_is_in_it(void)
{
	struct made t = make();

	fill(&t);
	CHECK(in_order(text(&t), "\nAttachment: i.png (image/png, 8 bytes)\n",
		       "\nAttachment: data.bin (application/octet-stream, 8 "
		       "bytes)\n",
		       "\nAttachment: Inner.eml (message/rfc822",
		       "\n    Subject: Inner\n", "\n    inner body\n",
		       "\n    Attachment: inner.txt (text/plain, 10 bytes)\n",
		       NULL));
	done(&t);
}

int main(void)
{
	RUN(a_mail_is_its_header_decoded_and_its_body);
	RUN(what_is_attached_is_told_and_an_item_is_in_it);
	return checked();
}
