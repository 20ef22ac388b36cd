/*
 * test_form.c - what an item becomes by its class, and as what it is attached
 *
 *	test_form [DIR]	leaves each mail in DIR, for check_eml.py
 */
#include <unistd.h>

#include "cardkit.h"
#include "forge.h"
#include "mail/render/form.h"

static const uint8_t note_set[16] = { 0x0E, 0x20, 6, 0, 0, 0, 0, 0,
				      0xC0, 0,	  0, 0, 0, 0, 0, 0x46 };
static const uint8_t rss_set[16] = { 0x41, 0x20, 6, 0, 0, 0, 0, 0,
				     0xC0, 0,	 0, 0, 0, 0, 0, 0x46 };
static const struct mail_options as_eml = { .items = MAIL_ITEMS_EML };

/* The item as a mail, whatever it is. */
static const char *eml(struct made *t, const char *test)
{
	mail_free(t->mail);
	CHECK(mail_plan(&t->mail, fake_open(t->message), &as_eml, &t->err) ==
	      OST_OK);
	buf_cut(&t->bytes, 0);
	if (t->mail == NULL)
		return "";
	read_all(t->mail, 4096, &t->bytes);
	CHECK(t->bytes.len == mail_size(t->mail));
	leave(test, &t->bytes);
	return buf_text(&t->bytes);
}

static void a_class_says_what_an_item_becomes(void)
{
	static const struct {
		const char *class, *suffix;
		bool undated;
	} cases[] = {
		{ "IPM.Note", ".eml", false },
		{ "IPM.Contact", ".vcf", true },
		{ "ipm.contact", ".vcf", true },
		{ "IPM.Contact.Custom", ".vcf", true },
		{ "IPM.Contacts", ".eml", false },
		{ "IPM.AbchPerson", ".vcf", true },
		{ "IPM.DistList", ".vcf", true },
		{ "IPM.Appointment", ".ics", false },
		{ "IPM.Appointment.Live Meeting Request", ".ics", false },
		{ "IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}",
		  ".ics", false },
		{ "IPM.OLE.CLASS", ".eml", false },
		{ "IPM.Task", ".ics", true },
		{ "IPM.TaskRequest.Accept", ".eml", false },
		{ "IPM.Activity", ".ics", true },
		{ "IPM.StickyNote", ".txt", true },
		{ "IPM.Schedule.Meeting.Request", ".eml", false },
		{ "IPM.Post", ".eml", false },
		{ "IPM.Post.Rss", ".eml", false },
		{ "IPM.Unheard.Of", ".eml", false },
		{ "REPORT.IPM.Note.NDR", ".eml", false },
		{ "IPM", ".eml", false },
		{ "", ".eml", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct span class =
			span_of(cases[i].class, strlen(cases[i].class));
		const struct mail_kind kind = mail_kind_of(class, NULL);

		CHECK_STR(kind.suffix, cases[i].suffix);
		CHECK_STR(mail_kind_of(class, &as_eml).suffix, ".eml");
		CHECK(kind.undated == cases[i].undated);
		CHECK(kind.appointment ==
		      (strncmp(cases[i].class, "IPM.App", 7) == 0));
	}
}

static void a_note_is_its_text(void)
{
	struct made t = make_class("IPM.StickyNote");

	fake_text(t.message, MAPI_BODY, "Milk\nEggs \xC3\xBC\r\n");
	CHECK_STR(NATIVE(&t), "Milk\r\nEggs \xC3\xBC\r\n");
	CHECK_STR(mail_notes(t.mail), "");
	done(&t);

	t = make_class("IPM.StickyNote"); /* without a body */
	CHECK_STR(NATIVE(&t), "Budget review");
	done(&t);

	t = make_class("IPM.StickyNote");
	add_html(&t, "<div>Milk</div><div>Eggs</div>");
	attach(t.message, "list.txt", NULL, NULL, "a list");
	CHECK_STR(NATIVE(&t), "Milk\r\nEggs\r\n");
	CHECK_STR(mail_notes(t.mail), "att-beside, html-text");
	done(&t);
}

static void a_note_has_a_color_and_a_place(void)
{
	static const char *const colors[] = { "blue",	"green", "pink",
					      "yellow", "white", "" };

	for (uint32_t i = 0; i < 6; i++) {
		struct made t = make_class("IPM.StickyNote");
		struct buf color = { 0 }, geometry = { 0 };
		struct store_object *o;

		fake_number(t.message,
			    fake_name(t.store, note_set, 0x8B00, NULL),
			    MAPI_INTEGER32, i);
		for (uint32_t k = 0; k < 4 && i > 0; k++)
			fake_number(
				t.message,
				fake_name(t.store, note_set, 0x8B02 + k, NULL),
				MAPI_INTEGER32, k < 3 ? 200 + k : UINT32_MAX);
		o = fake_open(t.message);
		CHECK(mail_fact(o, MAIL_COLOR, &color, &t.err) == OST_OK);
		CHECK(mail_fact(o, MAIL_GEOMETRY, &geometry, &t.err) == OST_OK);
		CHECK_STR(buf_text(&color), colors[i]);
		CHECK_STR(buf_text(&geometry), i > 0 ? "200x201+202-1" : "");
		buf_free(&color);
		buf_free(&geometry);
		store_drop(o);
		done(&t);
	}
}

static void a_contact_as_a_mail_has_its_card_and_files(void)
{
	struct made t = make_class("IPM.Contact");

	fake_text(t.message, MAPI_DISPLAY_NAME, "Jane");
	fake_text(t.message, MAPI_BODY, "Call her");
	attach(t.message, "cv.pdf", NULL, NULL, "paper");
	CHECK(in_order(eml(&t, __func__), "X-Ost-Message-Class: IPM.Contact",
		       "\r\n\r\nCall her\r\n", "Content-Type: text/vcard",
		       "Content-Disposition: attachment; "
		       "filename=\"contact.vcf\"\r\n",
		       "BEGIN:VCARD\r\n", "FN:Jane\r\n", "END:VCARD\r\n",
		       "filename=cv.pdf", NULL));
	CHECK_STR(mail_notes(t.mail), "");
	CHECK(count(buf_text(&t.bytes), "properties.txt") == 0);
	done(&t);
}

static void an_appointment_is_a_calendar_either_way(void)
{
	struct made t = make_class("IPM.Appointment");

	fake_number(t.message, MAPI_START_DATE, MAPI_TIME, 133536673200000000);
	fake_number(t.message, MAPI_END_DATE, MAPI_TIME, 133536709200000000);
	CHECK(in_order(NATIVE(&t), "BEGIN:VCALENDAR\r\n", "BEGIN:VEVENT\r\n",
		       "END:VCALENDAR\r\n", NULL));
	CHECK(in_order(eml(&t, __func__), "Content-Type: text/calendar",
		       "filename=\"item.ics\"", "BEGIN:VEVENT\r\n", NULL));
	done(&t);
}

static void a_task_request_has_its_task_once(void)
{
	struct made t = make_class("IPM.TaskRequest");
	struct fake *m = attach_message(t.message, "The task itself");

	fake_text(m, MAPI_MESSAGE_CLASS, "IPM.Task");
	fake_text(t.message, MAPI_BODY, "Please do it");
	CHECK(in_order(RENDER(&t), "Please do it",
		       "Content-Type: text/calendar", "The task itself.ics",
		       "BEGIN:VTODO\r\n", "SUMMARY:The task itself\r\n", NULL));
	CHECK(count(buf_text(&t.bytes), "BEGIN:VTODO") == 1);
	done(&t);

	t = make_class("IPM.TaskRequest.Accept"); /* without its task */
	CHECK(count(RENDER(&t), "BEGIN:VTODO") == 0);
	done(&t);
}

static struct fake *attach_contact(struct made *t, const char *name)
{
	struct fake *m = attach_message(t->message, name);

	fake_text(m, MAPI_MESSAGE_CLASS, "IPM.Contact");
	fake_text(m, MAPI_DISPLAY_NAME, name);
	return m;
}

static void an_attached_contact_is_a_card_where_that_is_all_of_it(void)
{
	struct made t = make();
	struct fake *m = attach_contact(&t, "J\xC3\xBC Doe");
	struct mail_attachments *list = NULL;
	struct store_object *o = fake_open(t.message);
	struct buf type = { 0 };

	CHECK(in_order(RENDER(&t), "Content-Type: text/vcard; charset=utf-8",
		       "Doe.vcf", "BEGIN:VCARD\r\n", NULL));
	CHECK(count(buf_text(&t.bytes), "message/rfc822") == 0);
	CHECK(mail_attachments_open(&list, o, NULL, &t.err) == OST_OK);
	CHECK_STR(mail_attachment_at(list, 0)->name, "J\xC3\xBC Doe.vcf");
	mail_attachments_close(list);
	CHECK(mail_attachment_type(o, 0, NULL, &type, &t.err) == OST_OK);
	CHECK_STR(buf_text(&type), "text/vcard");

	attach(m, "cv.pdf", NULL, NULL, "paper"); /* no card has room for it */
	CHECK(in_order(RENDER(&t), "Content-Type: message/rfc822", "Doe.eml",
		       "Content-Type: text/vcard", "filename=cv.pdf", NULL));
	store_drop(o);
	buf_free(&type);
	done(&t);
}

static void an_attached_contact_is_a_mail_where_all_are(void)
{
	struct made t = make();
	struct store_object *o = fake_open(t.message);
	struct mail_attachments *list = NULL;
	struct buf type = { 0 };

	attach_contact(&t, "Jane");
	CHECK(in_order(eml(&t, __func__), "Content-Type: message/rfc822",
		       "Jane.eml", "filename=\"contact.vcf\"", NULL));
	CHECK(mail_attachments_open(&list, o, &as_eml, &t.err) == OST_OK);
	CHECK_STR(mail_attachment_at(list, 0)->name, "Jane.eml");
	mail_attachments_close(list);
	CHECK(mail_attachment_type(o, 0, &as_eml, &type, &t.err) == OST_OK);
	CHECK_STR(buf_text(&type), "message/rfc822");
	store_drop(o);
	buf_free(&type);
	done(&t);
}

static void a_post_goes_to_its_folder(void)
{
	static const struct {
		const char *folder, *field;
	} cases[] = {
		{ "Board, new", "\r\nTo: \"Board, new\":;\r\n" },
		{ "Br\xC3\xBC"
		  "cke",
		  "\r\nTo: =?utf-8?" },
		{ NULL, "\r\nX-Ost-Message-Class: IPM.Post\r\n" },
	};

	for (size_t i = 0; i < 3; i++) {
		struct made t = make_class("IPM.Post");

		if (cases[i].folder != NULL)
			fake_text(fake_again(t.store, INBOX), MAPI_DISPLAY_NAME,
				  cases[i].folder);
		CHECK(in_order(RENDER(&t), cases[i].field, NULL));
		CHECK((count(buf_text(&t.bytes), "\r\nTo:") > 0) == (i < 2));
		done(&t);
	}
}

static void an_item_of_a_feed_is_by_its_channel(void)
{
	static const char *const texts[] = {
		"http://x/feed", "http://x/1",	NULL,
		"id-1",		 "The Channel", "<item>\xC3\xBC</item>",
		"http://x/sub"
	};
	struct made t = make_class("IPM.Post.Rss");

	for (uint32_t i = 0; i < 7; i++)
		if (texts[i] != NULL)
			fake_text(t.message,
				  fake_name(t.store, rss_set, 0x8900 + i, NULL),
				  texts[i]);
	CHECK(in_order(
		RENDER(&t),
		"From: The Channel <IMCEAUNKNOWN-The+20Channel@ost.invalid>",
		"Sender: Jane Doe", "X-RSS-Channel-Link: http://x/feed",
		"X-RSS-Link: http://x/1", "X-RSS-Guid: id-1",
		"X-RSS-Subscription: http://x/sub",
		"Content-Type: text/xml; charset=utf-8",
		"filename=\"rss-item.xml\"", "<item>\xC3\xBC</item>", NULL));
	done(&t);
}

/*
 * Through the real reader, from stores of every format
 */

static void fill_forge(struct forge *f)
{
	struct forge_message m = { 0 };

	forge_text(&m.props, MAPI_MESSAGE_CLASS, "IPM.Contact");
	forge_text(&m.props, MAPI_DISPLAY_NAME, "J\xC3\xBC Doe");
	forge_text(&m.props, forge_named(f, forge_psetid_address, 0x8083, NULL),
		   "jue@b.c");
	forge_text(&m.props, MAPI_BODY, "A note");
	m.nid = MESSAGE;
	forge_add(f, forge_ipm(f), &m);
	forge_message_free(&m);
}

static void a_contact_is_a_card_in_stores_of_every_format(void)
{
	for (int i = FORGE_ANSI; i <= FORGE_UNICODE_4K; i++) {
		const struct forge_options how = {
			.format = (enum forge_format)i,
			.kind = i == FORGE_UNICODE_4K ? FORGE_OST : FORGE_PST,
		};
		struct forge *f = forge_new(&how);
		char path[] = "/tmp/test_form.XXXXXX";
		const int fd = mkstemp(path);
		struct store *s = NULL;
		struct store_object *o = NULL;
		struct mail *mail = NULL;
		struct buf file = { 0 }, text = { 0 };
		struct ost_error err = { "" };

		fill_forge(f);
		CHECK(forge_finish(f, &file, &err) == OST_OK);
		CHECK(fd >= 0 &&
		      write(fd, file.at, file.len) == (ssize_t)file.len);
		CHECK(store_open(&s, path, &store_native, NULL, &err) ==
		      OST_OK);
		CHECK(store_get(s, (struct store_id){ MESSAGE, 0 }, &o, &err) ==
		      OST_OK);
		CHECK(mail_plan(&mail, o, NULL, &err) == OST_OK);
		read_all(mail, 100, &text);
		CHECK(has_line(buf_text(&text), "FN:J\xC3\xBC Doe"));
		CHECK(has_line(buf_text(&text),
			       "EMAIL;TYPE=INTERNET,PREF:jue@b.c"));
		CHECK(has_line(buf_text(&text), "NOTE:A note"));
		mail_free(mail);
		store_close(s);
		buf_free(&file);
		buf_free(&text);
		close(fd);
		unlink(path);
	}
}

int main(int argc, char **argv)
{
	directory = argc > 1 ? argv[1] : NULL;
	RUN(a_class_says_what_an_item_becomes);
	RUN(a_note_is_its_text);
	RUN(a_note_has_a_color_and_a_place);
	RUN(a_contact_as_a_mail_has_its_card_and_files);
	RUN(an_appointment_is_a_calendar_either_way);
	RUN(a_task_request_has_its_task_once);
	RUN(an_attached_contact_is_a_card_where_that_is_all_of_it);
	RUN(an_attached_contact_is_a_mail_where_all_are);
	RUN(a_post_goes_to_its_folder);
	RUN(an_item_of_a_feed_is_by_its_channel);
	RUN(a_contact_is_a_card_in_stores_of_every_format);
	return checked();
}
