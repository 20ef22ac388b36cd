/*
 * test_mail.c - messages as files: bodies, structure, reading, caps
 *
 * With a directory as its argument, leaves each mail there for check_eml.py.
 */
#include "mailkit.h"
#include "store/backend.h"

/*
 * Bodies
 */

static void a_text_is_one_part(void)
{
	struct made t = make();
	const char *text;

	fake_text(t.message, MAPI_BODY, "Hello,\r\nall is well.");
	text = RENDER(&t);
	CHECK(in_order(text, "Content-Type: text/plain; charset=us-ascii\r\n",
		       "Content-Transfer-Encoding: 7bit\r\n",
		       "\r\n\r\nHello,\r\nall is well.", NULL));
	CHECK(count(text, "multipart") == 0);
	CHECK(count(text, "Content-Type:") == 1);
	done(&t);
}

static void text_and_html_are_alternatives(void)
{
	struct made t = make();

	fake_text(t.message, MAPI_BODY,
		  "Gr\xC3\xBC\xC3\x9F"
		  "e");
	add_html(&t, "<html><body>Gr\xC3\xBC\xC3\x9F"
		     "e</body></html>");
	CHECK(in_order(RENDER(&t), "Content-Type: multipart/alternative;",
		       "Content-Transfer-Encoding: 8bit\r\n",
		       "Content-Type: text/plain; charset=utf-8\r\n",
		       "Content-Transfer-Encoding: 8bit\r\n",
		       "Gr\xC3\xBC\xC3\x9F"
		       "e",
		       "Content-Type: text/html; charset=utf-8\r\n", "<html>",
		       NULL));
	done(&t);
}

static void a_message_of_nothing_has_an_empty_text(void)
{
	struct made t = make();

	CHECK(in_order(RENDER(&t),
		       "Content-Type: text/plain; charset=us-ascii\r\n",
		       "\r\n\r\n", NULL));
	CHECK(strcmp(t.bytes.at + t.bytes.len - 4, "\r\n\r\n") == 0);
	done(&t);
}

/* `unit` many times, as a body. */
static void long_body(struct made *t, const char *unit, size_t times)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < times; i++)
		buf_str(&b, unit);
	fake_text(t->message, MAPI_BODY, buf_text(&b));
	buf_free(&b);
}

static void lines_too_long_are_encoded(void)
{
	const struct {
		const char *unit, *encoding;
		size_t times;
	} cases[] = {
		{ "x", "7bit", 998 },
		{ "x", "quoted-printable", 999 },
		{ "\xC3\xBC", "8bit", 499 },
		{ "\xC3\xBC", "base64", 500 },
		{ "ten plain \xC3\xBC ", "quoted-printable", 500 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = make();
		char field[64], name[64];

		snprintf(field, sizeof(field),
			 "Content-Transfer-Encoding: %s\r\n",
			 cases[i].encoding);
		snprintf(name, sizeof(name), "%s-%zu", __func__, i);
		long_body(&t, cases[i].unit, cases[i].times);
		CHECK(in_order(render_as(&t, MAIL_ALL_INSIDE, name), field,
			       NULL));
		done(&t);
	}
}

/*
 * Inline or attached
 */

static void an_image_in_the_html_is_related_to_it(void)
{
	struct made t = make();
	struct fake *a;

	fake_text(t.message, MAPI_BODY, "See below");
	add_html(&t, "<html><img src=\"CID:Image001.png@01D0\"></html>");
	a = attach(t.message, "image001.png", "image/png", "image001.png@01D0",
		   "\x89PNG");
	fake_number(a, MAPI_ATTACH_FLAGS, MAPI_INTEGER32, 1);
	CHECK(in_order(RENDER(&t), "multipart/alternative;", "text/plain",
		       "multipart/related; type=\"text/html\";", "text/html",
		       "Content-Type: image/png",
		       "Content-Transfer-Encoding: base64",
		       "Content-Disposition: inline;", "image001.png",
		       "Content-ID: <image001.png@01D0>", NULL));
	CHECK(count(buf_text(&t.bytes), "multipart/mixed") == 0);
	done(&t);
}

static void an_image_is_found_by_any_spelling(void)
{
	const struct {
		const char *html, *cid, *location, *name;
		bool used;
	} cases[] = {
		{ "<img src=cid:a@b>", "a@b", NULL, "x.png", true },
		{ "<img src='cid:a%40b'>", "a@b", NULL, "x.png", true },
		{ "<img src=\"cid:a@b\">", "<a@b>", NULL, "x.png", true },
		{ "<td background=\"cid:A@B\">", "a@b", NULL, "x.png", true },
		{ "<p style=\"x:url(cid:a@b)\">", "a@b", NULL, "x", true },
		{ "<img src=\"cid:a@b1\">", "a@b", NULL, "x.png", false },
		{ "<img src=\"x.png\">", "a@b", NULL, "x.png", false },
		{ "<img src=\"x.png\">", NULL, NULL, "x.png", true },
		{ "<img src=\"my%20x.png\">", NULL, NULL, "my x.png", true },
		{ "<img src=\"cid:x.png\">", NULL, NULL, "x.png", true },
		{ "<img src=\"y.png\">", NULL, NULL, "x.png", false },
		{ "<img src = \"http://h/i?a=1&amp;b=2\">", NULL,
		  "http://h/i?a=1&b=2", "x.png", true },
		{ "<img src=\"http://h/j\">", NULL, "http://h/i", "x", false },
		{ "<img src=", "a@b", NULL, "x.png", false },
		{ "<img src=\"cid:", "a@b", NULL, "x.png", false },
		{ "src", "a@b", NULL, "x.png", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = make();
		struct fake *a;
		char name[64];

		snprintf(name, sizeof(name), "%s-%zu", __func__, i);
		add_html(&t, cases[i].html);
		a = attach(t.message, cases[i].name, "image/png", cases[i].cid,
			   "png");
		if (cases[i].location != NULL)
			fake_text(a, MAPI_ATTACH_CONTENT_LOCATION,
				  cases[i].location);
		render_as(&t, MAIL_ALL_INSIDE, name);
		CHECK(count(buf_text(&t.bytes), "multipart/related") ==
		      cases[i].used);
		CHECK(count(buf_text(&t.bytes), "multipart/mixed") ==
		      !cases[i].used);
		if (check_failed > 0)
			fprintf(stderr, "case %zu\n", i);
		done(&t);
	}
}

static void a_content_id_alone_makes_nothing_inline(void)
{
	struct made t = make();

	fake_text(t.message, MAPI_BODY, "See the file");
	add_html(&t, "<html>See the file</html>");
	attach(t.message, "report.pdf", "application/pdf", "f_k@x", "%PDF");
	CHECK(in_order(RENDER(&t), "multipart/mixed;", "multipart/alternative;",
		       "application/pdf", "Content-Disposition: attachment;",
		       "report.pdf", "Content-ID: <f_k@x>", NULL));
	done(&t);
}

static void what_is_hidden_and_unused_is_still_there(void)
{
	struct made t = make();
	struct fake *a;

	add_html(&t, "<html>text</html>");
	a = attach(t.message, "dot.png", "image/png", "dot@x", "png");
	fake_number(a, MAPI_ATTACHMENT_HIDDEN, MAPI_BOOLEAN, 1);
	CHECK(in_order(RENDER(&t), "X-Ost-Note: ", "att-hidden", "dot.png",
		       NULL));
	CHECK(in_order(buf_text(&t.bytes), "multipart/mixed",
		       "Content-Disposition: inline;", "dot.png", NULL));
	CHECK(has_note(t.mail, "att-hidden"));
	done(&t);
}

static void two_images_of_one_name_are_both_there(void)
{
	struct made t = make();

	add_html(&t, "<html><img src=cid:a@b></html>");
	attach(t.message, "a.png", "image/png", "a@b", "first");
	attach(t.message, "a.png", "image/png", "a@b", "second");
	CHECK(in_order(RENDER(&t), "multipart/related", "Zmlyc3Q=", "c2Vjb25k",
		       NULL));
	done(&t);
}

/*
 * Reading
 */

static void any_range_is_the_same_bytes(void)
{
	struct made t = make();
	struct buf big = { 0 };
	uint64_t seed = 1;

	for (int i = 0; i < 30000; i++)
		buf_byte(&big, (char)(i * 7 + i / 256));
	fill(&t);
	fake_bytes(attach(t.message, "big.bin", NULL, NULL, NULL),
		   MAPI_ATTACH_DATA, MAPI_BINARY, big.at, big.len);
	buf_free(&big);
	RENDER(&t);
	for (int i = 0; i < 20000; i++) {
		char part[2000];
		size_t off, want, left, got = 0;

		seed = seed * 6364136223846793005 + 1442695040888963407;
		off = (size_t)(seed >> 33) % (t.bytes.len + 100);
		want = (size_t)(seed >> 20) % (i % 3 == 0 ? 2000 : 90);
		left = off < t.bytes.len ? t.bytes.len - off : 0;
		const bool same =
			mail_read(t.mail, off, part, want, &got, &t.err) ==
				OST_OK &&
			got == (want < left ? want : left) &&
			memcmp(part, t.bytes.at + t.bytes.len - left, got) == 0;

		CHECK(same);
		if (!same)
			break;
	}
	CHECK(t.bytes.len > 40000);
	done(&t);
}

static void five_gigabytes_have_their_place(void)
{
	const uint64_t size = UINT64_C(5) << 30;
	const uint64_t lines = size / 57 * 78 + (size % 57 + 2) / 3 * 4 + 2;
	struct made t = make();
	struct store_object *item;
	struct mail *file = NULL;
	char part[200];
	size_t got;

	fake_huge(
		attach(t.message, "huge.bin", "application/x-huge", NULL, NULL),
		MAPI_ATTACH_DATA, MAPI_BINARY, size, 0xFF);
	CHECK(plan_as(&t, MAIL_ALL_INSIDE) == OST_OK);
	CHECK(mail_size(t.mail) > lines);
	CHECK(mail_size(t.mail) < lines + 3000);
	CHECK(mail_memory(t.mail) > 500 && mail_memory(t.mail) < 12000);
	CHECK(mail_read(t.mail, UINT64_C(6) << 30, part, sizeof(part), &got,
			&t.err) == OST_OK);
	CHECK(got == sizeof(part));
	CHECK(memchr(part, '/', got) != NULL);
	CHECK(memchr(part, 'A', got) == NULL);
	CHECK(mail_read(t.mail, mail_size(t.mail) - 60, part, sizeof(part),
			&got, &t.err) == OST_OK);
	CHECK(got == 60);
	CHECK(memcmp(part + 56, "--\r\n", 4) == 0);

	item = fake_open(t.message);
	CHECK(mail_plan_attachment(&file, item, 0, NULL, &t.err) == OST_OK);
	CHECK(mail_size(file) == size);
	CHECK(mail_read(file, size - 7, part, sizeof(part), &got, &t.err) ==
	      OST_OK);
	CHECK(got == 7);
	CHECK(mail_read(file, size, part, sizeof(part), &got, &t.err) ==
	      OST_OK);
	CHECK(got == 0);
	CHECK(mail_read(file, UINT64_MAX, part, sizeof(part), &got, &t.err) ==
	      OST_OK);
	CHECK(got == 0);
	mail_free(file);
	store_drop(item);
	done(&t);
}

/* --- what a plan asks of an item (A12) --------------------------------- */

static const struct store_ops *asked;
static struct {
	unsigned class, body, attachments;
} asks;

static enum ost_status ask_next(struct store_object *o, uint16_t id,
				uint16_t last, struct store_prop *out,
				struct ost_error *err)
{
	asks.class += id == MAPI_MESSAGE_CLASS && last == id;
	return asked->next(o, id, last, out, err);
}

static enum ost_status ask_read(struct store_object *o,
				const struct store_prop *p, uint64_t off,
				void *to, size_t len, struct ost_error *err)
{
	asks.body += p->id == MAPI_BODY;
	return asked->read(o, p, off, to, len, err);
}

static enum ost_status ask_child(struct store_object *o, enum store_list list,
				 size_t index, struct store_object **out,
				 struct ost_error *err)
{
	const enum ost_status st = asked->child(o, list, index, out, err);

	asks.attachments += list == STORE_ATTACHMENTS && st == OST_OK;
	return st;
}

static void a12_an_item_is_asked_no_more_than_that(void)
{
	static const struct {
		const char *class;
		enum mail_items items;
		unsigned class_max, body_max, attachments_max;
	} all[] = {
		{ "IPM.Note", MAIL_ITEMS_NATIVE, 8, 1, 3 },
		{ "IPM.Appointment", MAIL_ITEMS_NATIVE, 2, 1, 3 },
		{ "IPM.Contact", MAIL_ITEMS_NATIVE, 1, 1, 3 },
		{ "IPM.Appointment", MAIL_ITEMS_EML, 8, 2, 6 },
		{ "IPM.Contact", MAIL_ITEMS_EML, 7, 2, 6 },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const struct mail_options how = { .items = all[i].items };
		struct made t = make();
		struct store_ops counting;
		struct store_object *o;

		fake_text(t.message, MAPI_MESSAGE_CLASS, all[i].class);
		fake_text(t.message, MAPI_BODY, "Hello");
		for (int k = 0; k < 3; k++)
			attach(t.message, "a.bin", "a/b", NULL, "some data");
		o = fake_open(t.message);
		asked = o->ops;
		counting = *asked;
		counting.next = ask_next;
		counting.read = ask_read;
		counting.child = ask_child;
		o->ops = &counting;
		memset(&asks, 0, sizeof(asks));
		CHECK(mail_plan(&t.mail, o, &how, &t.err) == OST_OK);
		CHECK(asks.class <= all[i].class_max &&
		      asks.body <= all[i].body_max &&
		      asks.attachments <= all[i].attachments_max);
		/* It is asked, or the bounds mean nothing. */
		CHECK(asks.class > 0 && asks.body > 0 && asks.attachments >= 3);
		done(&t);
	}
}

static void a_size_no_file_can_have_is_refused(void)
{
	struct made t = make();

	fake_huge(attach(t.message, "x", "a/b", NULL, NULL), MAPI_ATTACH_DATA,
		  MAPI_BINARY, UINT64_MAX - 1, 0);
	CHECK(plan_as(&t, MAIL_ALL_INSIDE) == OST_LIMIT);
	CHECK_STR(t.err.text, "property 0x3701 has 18446744073709551614 bytes");
	done(&t);
}

static void data_that_turns_bad_is_an_error_not_zeros(void)
{
	struct made t = make();
	struct fake *a = attach(t.message, "a.bin", "a/b", NULL, "some data");
	char part[4000];
	size_t got = 1;

	CHECK(plan_as(&t, MAIL_ALL_INSIDE) == OST_OK);
	fake_remove(a, MAPI_ATTACH_DATA);
	CHECK(mail_read(t.mail, 0, part, 20, &got, &t.err) == OST_OK);
	CHECK(got == 20);
	CHECK(mail_read(t.mail, 0, part, sizeof(part), &got, &t.err) ==
	      OST_NOT_FOUND);
	CHECK(got == 0);
	CHECK(strstr(t.err.text, "property 0x3701") != NULL);
	done(&t);
}

static void the_same_store_gives_the_same_bytes(void)
{
	struct made a = make(), b = make();

	fill(&a);
	fill(&b);
	RENDER(&a);
	RENDER(&b);
	CHECK(span_equal(buf_span(&a.bytes), buf_span(&b.bytes)));
	done(&a);
	done(&b);
}

/*
 * Boundaries and caps
 */

static void no_line_of_the_text_is_taken_for_a_boundary(void)
{
	struct made t = make();
	char line[32] = "", body[128];
	const char *at;

	attach(t.message, "a.bin", "a/b", NULL, "x");
	at = strstr(RENDER(&t), "--=_ost_");
	CHECK(at != NULL);
	if (at != NULL)
		memcpy(line, at, 25);
	snprintf(body, sizeof(body), "%s\r\nnot a part\r\n%s--\r\n", line,
		 line);
	fake_text(t.message, MAPI_BODY, body);
	at = RENDER(&t);
	CHECK(count(at, line) == 2); /* in the body, and nowhere else */
	CHECK(in_order(at, "Content-Type: multipart/mixed", line, "not a part",
		       "a.bin", NULL));
	CHECK(count(at, "--=_ost_") == 5);
	done(&t);
}

static void a_boundary_that_it_came_with_is_not_used_again(void)
{
	struct made t = make();

	fake_text(t.message, MAPI_TRANSPORT_MESSAGE_HEADERS,
		  "From: a@b.c\r\nMIME-Version: 1.0\r\n"
		  "Content-Type: multipart/mixed; boundary=\"-=x\"\r\n\r\n");
	fake_text(t.message, MAPI_BODY, "---=x\r\ntext\r\n---=x--\r\n");
	attach(t.message, "a.bin", NULL, NULL, "data");
	CHECK(in_order(RENDER(&t),
		       "X-Ost-Orig-Content-Type: multipart/mixed; "
		       "boundary=\"-=x\"\r\n",
		       "\r\nContent-Type: multipart/mixed;\r\n"
		       " boundary=\"=_ost_",
		       "\r\n\r\n---=x\r\ntext\r\n---=x--\r\n",
		       "ZGF0YQ==", NULL));
	done(&t);
}

static void damage_costs_its_part_only(void)
{
	const uint16_t ids[] = {
		MAPI_SUBJECT,
		MAPI_SENDER_NAME,
		MAPI_SENDER_EMAIL,
		MAPI_MESSAGE_CLASS,
		MAPI_BODY,
		MAPI_HTML,
		MAPI_RTF_COMPRESSED,
		MAPI_HAS_ATTACHMENTS,
		MAPI_MESSAGE_SIZE,
		MAPI_SEARCH_KEY,
		MAPI_INTERNET_CODEPAGE,
		MAPI_MESSAGE_FLAGS,
	};
	const uint16_t types[] = { MAPI_UNICODE, MAPI_BINARY, MAPI_INTEGER32, 0,
				   0x7777 };

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		for (size_t k = 0; k < sizeof(types) / sizeof(types[0]); k++) {
			struct store *s = fake_store_new();
			struct made t = { .store = s };

			t.message = fake_add(s, MESSAGE, 0);
			fake_broken(t.message, ids[i], types[k]);
			fake_lost_child(t.message, STORE_RECIPIENTS);
			attach(t.message, "a.txt", NULL, NULL, "kept");
			CHECK(in_order(RENDER(&t), "a.txt", "a2VwdA==", NULL));
			done(&t);
		}
}

/*
 * Items that are no mail
 */

static void a_meeting_keeps_all_its_text(void)
{
	static const uint8_t address[16] = { 4,	   0x20, 6, 0, 0, 0, 0, 0,
					     0xC0, 0,	 0, 0, 0, 0, 0, 0x46 };
	static const uint8_t strings[16] = { 0x29, 3, 2, 0, 0, 0, 0, 0,
					     0xC0, 0, 0, 0, 0, 0, 0, 0x46 };
	const char *const children[] = { "Ann", "Bob" };
	struct made t = make();
	uint16_t id;

	fake_text(t.message, MAPI_MESSAGE_CLASS, "IPM.Schedule.Inquiry");
	fake_text(t.message, 0x3A08, "+49 30 1234");
	fake_text(t.message, 0x3A11, "M\xC3\xBCller");
	fake_text(t.message, 0x3A29, "Main Street 1\r\nback door");
	fake_multi(t.message, 0x3A58, children, 2);
	fake_number(t.message, 0x3A42, MAPI_TIME, 133536673200000000);
	id = fake_name(t.store, address, 0x8083, NULL);
	fake_text(t.message, id, "doe@example.org");
	id = fake_name(t.store, strings, 0, "Shoe size");
	fake_number(t.message, id, MAPI_INTEGER32, 42);
	fake_broken(t.message, 0x3A16, MAPI_UNICODE);
	fake_number(t.message, 0x6799, MAPI_INTEGER32, 7);
	CHECK(in_order(RENDER(&t), "X-Ost-Note: ", "prop-corrupt",
		       "filename=\"properties.txt\"",
		       "BusinessTelephoneNumber: +49 30 1234\r\n",
		       "Surname: M\xC3\xBCller\r\n",
		       "StreetAddress: Main Street 1\r\n\tback door\r\n",
		       "Birthday: 2024-02-29T08:02:00Z",
		       "ChildrensNames: Ann\r\n\tBob",
		       "Email1EmailAddress: doe@example.org\r\n",
		       "Shoe size: 42\r\n", NULL));
	CHECK(count(buf_text(&t.bytes), "0x6799") == 0);
	done(&t);
}

static void mail_has_no_list_of_properties(void)
{
	struct made t = make();

	fake_text(t.message, 0x3A08, "+49 30 1234");
	CHECK(count(RENDER(&t), "properties.txt") == 0);
	done(&t);
}

int main(int argc, char **argv)
{
	directory = argc > 1 ? argv[1] : NULL;
	RUN(a_text_is_one_part);
	RUN(text_and_html_are_alternatives);
	RUN(a_message_of_nothing_has_an_empty_text);
	RUN(lines_too_long_are_encoded);
	RUN(an_image_in_the_html_is_related_to_it);
	RUN(an_image_is_found_by_any_spelling);
	RUN(a_content_id_alone_makes_nothing_inline);
	RUN(what_is_hidden_and_unused_is_still_there);
	RUN(two_images_of_one_name_are_both_there);
	RUN(any_range_is_the_same_bytes);
	RUN(five_gigabytes_have_their_place);
	RUN(a12_an_item_is_asked_no_more_than_that);
	RUN(a_size_no_file_can_have_is_refused);
	RUN(data_that_turns_bad_is_an_error_not_zeros);
	RUN(the_same_store_gives_the_same_bytes);
	RUN(no_line_of_the_text_is_taken_for_a_boundary);
	RUN(a_boundary_that_it_came_with_is_not_used_again);
	RUN(damage_costs_its_part_only);
	RUN(a_meeting_keeps_all_its_text);
	RUN(mail_has_no_list_of_properties);
	return checked();
}
