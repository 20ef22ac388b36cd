/*
 * test_attach.c - attachments, as parts and as files of their own
 *
 * With a directory as its argument, leaves each mail there for check_eml.py.
 */
#include "mailkit.h"
#include "store/backend.h"

/*
 * Kinds of attachment
 */

static void a_message_in_a_message_is_one(void)
{
	struct made t = make();
	struct fake *m;

	fake_text(t.message, MAPI_BODY, "ascii");
	m = attach_message(t.message, "Re: lunch");
	fake_text(m, MAPI_BODY, "\xC3\xBC");
	CHECK(in_order(RENDER(&t), "Content-Type: multipart/mixed",
		       "Content-Transfer-Encoding: 8bit",
		       "Content-Type: message/rfc822",
		       "Content-Transfer-Encoding: 8bit",
		       "filename=\"Re: lunch.eml\"", "Subject: Re: lunch\r\n",
		       "Content-Type: text/plain; charset=utf-8",
		       "\r\n\r\n\xC3\xBC\r\n--", NULL));
	done(&t);
}

/* `depth` messages, each in the one before, with a file in the last. */
static void nest(struct made *t, int depth)
{
	struct fake *m = t->message;
	char subject[32];

	for (int i = 1; i <= depth; i++) {
		snprintf(subject, sizeof(subject), "Level %d", i);
		m = attach_message(m, subject);
	}
	attach(m, "deep.bin", NULL, NULL, "found");
}

static void messages_nest_twenty_deep(void)
{
	struct made t = make();
	const char *text;

	nest(&t, 20);
	text = RENDER(&t);
	CHECK(count(text, "Content-Type: message/rfc822") == 20);
	CHECK(in_order(text, "Subject: Level 20\r\n", "deep.bin",
		       "Zm91bmQ=", NULL));
	CHECK(!has_note(t.mail, "depth"));
	done(&t);
}

static void nesting_ends_with_a_note(void)
{
	struct made t = make();
	struct buf bytes = { 0 };

	nest(&t, 150);
	CHECK(plan_as(&t, MAIL_ALL_INSIDE) == OST_OK);
	CHECK(has_note(t.mail, "depth"));
	read_all(t.mail, 4096, &bytes);
	CHECK(count(buf_text(&bytes), "Content-Type: message/rfc822") == 99);
	CHECK(in_order(buf_text(&bytes), "Subject: Level 99\r\n",
		       "The message \"Level 100.eml\" is not in this file",
		       NULL));
	buf_free(&bytes);
	done(&t);
}

static void a_path_becomes_a_shortcut(void)
{
	const struct {
		uint32_t method;
		const char *path, *name, *url;
	} cases[] = {
		{ 2, "C:\\Docs\\My plan.doc", "My plan.doc.url",
		  "URL=file:///C:/Docs/My%20plan.doc\r\n" },
		{ 3, "\\\\server\\share\\a#b.doc", "a#b.doc.url",
		  "URL=file://server/share/a%23b.doc\r\n" },
		{ 4, "\\\\server\\\xC3\xBC.doc",
		  "filename*=", "URL=file://server/%C3%BC.doc\r\n" },
		{ 7, "https://example.org/d/plan%20b.docx?x=1#y",
		  "X-Ost-Attach-Path: https://example.org/d/plan%20b.docx",
		  "URL=https://example.org/d/plan%20b.docx?x=1#y\r\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = make();
		char name[64];

		snprintf(name, sizeof(name), "%s-%zu", __func__, i);
		fake_text(attach_method(t.message, cases[i].method),
			  MAPI_ATTACH_LONG_PATHNAME, cases[i].path);
		render_as(&t, MAIL_ALL_INSIDE, name);
		CHECK(in_order(buf_text(&t.bytes), "multipart/mixed",
			       "application/internet-shortcut", cases[i].name,
			       "[InternetShortcut]\r\n", cases[i].url, NULL));
		CHECK(has_note(t.mail, "att-ref"));
		done(&t);
	}
}

static void missing_data_is_said_to_be_missing(void)
{
	struct made t = make();
	struct fake *a = attach(t.message, "plan.doc", NULL, NULL, NULL);
	struct fake *b = attach(t.message, "lost.doc", NULL, NULL, NULL);
	struct fake *c = attach(t.message, "cut.doc", NULL, NULL, "");
	struct fake *d = attach_method(t.message, MAPI_ATTACH_EMBEDDED);

	fake_number(a, MAPI_ATTACH_SIZE, MAPI_INTEGER32, 123456);
	fake_broken(b, MAPI_ATTACH_DATA, MAPI_BINARY);
	fake_number(c, MAPI_ATTACH_SIZE, MAPI_INTEGER32, 99999);
	fake_text(d, MAPI_DISPLAY_NAME, "Re: lost");
	fake_lost_child(t.message, STORE_ATTACHMENTS);
	CHECK(in_order(RENDER(&t), "X-Ost-Note: ", "att-missing", "att-corrupt",
		       "plan.doc.MISSING.txt", "its data is not there",
		       "123456 bytes", "lost.doc.MISSING.txt", "cannot be read",
		       "cut.doc.MISSING.txt", "its data is not there",
		       "lost.MISSING.txt", "attachment-5.MISSING.txt",
		       "cannot be read", NULL));
	done(&t);
}

static void a_lost_row_costs_only_itself(void)
{
	struct made t = make();
	struct mail_attachments *a = NULL;
	struct store_object *item = fake_open(t.message);

	fake_lost_child(t.message, STORE_ATTACHMENTS);
	attach(t.message, "good.txt", NULL, NULL, "good");
	CHECK(mail_attachments_open(&a, item, NULL, &t.err) == OST_OK);
	CHECK(mail_attachments_count(a) == 2);
	CHECK(mail_attachment_at(a, 0)->kind == MAIL_MISSING);
	CHECK_STR(mail_attachment_at(a, 1)->name, "good.txt");
	mail_attachments_close(a);
	store_drop(item);
	done(&t);
}

static enum ost_status no_child(struct store_object *o, enum store_list list,
				size_t index, struct store_object **out,
				struct ost_error *err)
{
	*out = NULL;
	return ost_fail(err, OST_CORRUPT, "%#x: list %d, child %zu", o->id.nid,
			(int)list, index);
}

static void a_table_without_end_is_one_missing_attachment(void)
{
	struct made t = make();
	struct store_ops endless = *t.store->core->ops;

	endless.child = no_child;
	t.store->core->ops = &endless;
	CHECK(count(RENDER(&t), ".MISSING.txt\r\n") == 1);
	CHECK(has_note(t.mail, "att-corrupt"));
	done(&t);
}

static void an_empty_file_is_an_empty_file(void)
{
	struct made t = make();
	struct fake *a = attach(t.message, "empty.txt", NULL, NULL, "");

	fake_number(a, MAPI_ATTACH_SIZE, MAPI_INTEGER32, 300);
	CHECK(in_order(RENDER(&t), "text/plain", "base64", "empty.txt",
		       "size=0", "\r\n\r\n", NULL));
	CHECK(!has_note(t.mail, "att-missing"));
	done(&t);
}

static void an_attachment_of_no_kind_is_noted(void)
{
	struct made t = make();

	fake_text(attach_method(t.message, MAPI_ATTACH_NONE), MAPI_DISPLAY_NAME,
		  "ghost.doc");
	CHECK(in_order(RENDER(&t), "ghost.doc.MISSING.txt",
		       "never given any data", NULL));
	CHECK(has_note(t.mail, "att-empty"));
	done(&t);
}

static void a_stored_message_file_is_shown_when_it_is_one(void)
{
	const struct {
		const char *data, *type, *encoding;
	} cases[] = {
		{ "Subject: x\r\n\r\nbody\r\n", "message/rfc822", "7bit" },
		{ "Content-Type: text/plain; charset=utf-8\r\n"
		  "Content-Transfer-Encoding: 8bit\r\n\r\n\xC3\xBC",
		  "message/rfc822", "8bit" },
		{ "Subject: x\n\nbody\n", "application/octet-stream",
		  "base64" },
		{ "Subject: \xC3\xBC\r\n\r\nbody", "application/octet-stream",
		  "base64" },
		{ "no header", "application/octet-stream", "base64" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = make();
		char type[64], encoding[64], name[64];

		snprintf(name, sizeof(name), "%s-%zu", __func__, i);
		snprintf(type, sizeof(type), "Content-Type: %s;",
			 cases[i].type);
		snprintf(encoding, sizeof(encoding),
			 "Content-Transfer-Encoding: %s\r\n",
			 cases[i].encoding);
		attach(t.message, "old.eml", "message/rfc822", NULL,
		       cases[i].data);
		render_as(&t, MAIL_ALL_INSIDE, name);
		CHECK(in_order(buf_text(&t.bytes), "multipart/mixed", type,
			       encoding, NULL));
		done(&t);
	}
}

/*
 * Names and types
 */

static void names_and_types_are_made_good(void)
{
	const struct {
		const char *name, *extension, *tag, *data;
		const char *want, *type;
	} cases[] = {
		{ "a.pdf", NULL, NULL, "x", "a.pdf", "application/pdf" },
		{ "a", ".pdf", NULL, "x", "a.pdf", "application/pdf" },
		{ "a", NULL, "image/png", "x", "a.png", "image/png" },
		{ NULL, NULL, "image/png", "x", "attachment-1.png",
		  "image/png" },
		{ NULL, NULL, NULL, "%PDF-1.4\n", "attachment-1.pdf",
		  "application/pdf" },
		{ "a.bin", NULL, NULL, "GIF89a\x01\x01\x01\x01", "a.bin",
		  "image/gif" },
		{ "a.zzz", NULL, NULL, "\x01\x02\x03", "a.zzz",
		  "application/octet-stream" },
		{ "a.xls", NULL, "application/msexcell", "x", "a.xls",
		  "application/vnd.ms-excel" },
		{ "a.xls", NULL, "excel", "x", "a.xls",
		  "application/vnd.ms-excel" },
		{ "a.txt", NULL, "text/x-log; charset=x", "x", "a.txt",
		  "text/x-log" },
		{ "a.pdf", NULL, "x/y\r\nEvil: 1", "x", "a.pdf",
		  "application/pdf" },
		{ "a.pdf", NULL, "multipart/mixed", "x", "a.pdf",
		  "application/octet-stream" },
		{ "../../etc/passwd", NULL, "text/plain", "x",
		  ".._.._etc_passwd", "text/plain" },
		{ "C:\\x\\y.doc", NULL, NULL, "x", "C:_x_y.doc",
		  "application/msword" },
		{ " a\r\nb\t.doc ", NULL, NULL, "x", "ab.doc",
		  "application/msword" },
		{ "u\xCC\x88.doc", NULL, NULL, "x", "\xC3\xBC.doc",
		  "application/msword" },
		{ "\r\n", NULL, "image/gif", "x", "attachment-1.gif",
		  "image/gif" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = make();
		struct mail_attachments *list = NULL;
		struct buf type = { 0 };
		struct store_object *item = fake_open(t.message);
		struct fake *a = attach(t.message, cases[i].name, cases[i].tag,
					NULL, cases[i].data);
		char name[64];

		if (cases[i].extension != NULL)
			fake_text(a, MAPI_ATTACH_EXTENSION, cases[i].extension);
		CHECK(mail_attachments_open(&list, item, NULL, &t.err) ==
		      OST_OK);
		CHECK(mail_attachments_count(list) == 1);
		CHECK_STR(mail_attachment_at(list, 0)->name, cases[i].want);
		CHECK(mail_attachment_at(list, 0)->kind == MAIL_FILE);
		CHECK(mail_attachment_type(item, 0, NULL, &type, &t.err) ==
		      OST_OK);
		CHECK_STR(buf_text(&type), cases[i].type);
		snprintf(name, sizeof(name), "%s-%zu", __func__, i);
		render_as(&t, MAIL_ALL_INSIDE, name);
		buf_free(&type);
		mail_attachments_close(list);
		store_drop(item);
		done(&t);
	}
}

static void a_name_is_given_in_every_spelling(void)
{
	struct made t = make();

	attach(t.message, "\xC3\xBC\"x\\.txt", "text/plain", NULL, "x");
	CHECK(in_order(RENDER(&t), "Content-Type: text/plain",
		       "name=\"=?utf-8?", "Content-Disposition: attachment",
		       "filename*=utf-8''%C3%BC%22x_.txt", NULL));
	done(&t);
}

static void what_the_store_says_of_a_file_is_told(void)
{
	struct made t = make();
	struct fake *a =
		attach(t.message, "Budget 2024.xlsx", NULL, "a b\xC3\xBC", "x");

	fake_text(a, MAPI_ATTACH_FILENAME, "BUDGET~1.XLS");
	fake_text(a, MAPI_DISPLAY_NAME,
		  "The \xC3\xBC"
		  "ber-budget");
	fake_text(a, MAPI_ATTACH_CONTENT_LOCATION, "http://h/x y");
	fake_number(a, MAPI_CREATION_TIME, MAPI_TIME, 133536673200000000);
	fake_number(a, MAPI_LAST_MODIFICATION_TIME, MAPI_TIME,
		    UINT64_C(0x0CB34557A3DD4000));
	CHECK(in_order(RENDER(&t), "Content-Disposition: attachment;",
		       "filename=\"Budget 2024.xlsx\"", "size=1",
		       "creation-date=\"Thu, 29 Feb 2024",
		       "Content-ID: <a%20b%C3%BC>\r\n",
		       "Content-Location: http://h/x%20y\r\n",
		       "Content-Description: The =?utf-8?",
		       "X-Ost-Attach-Filename: BUDGET~1.XLS", NULL));
	CHECK(count(buf_text(&t.bytes), "modification-date") == 0);
	done(&t);
}

/* RFC 2045 has no way to fold a Content-ID. */
static void an_id_too_long_for_a_line_has_a_field_that_folds(void)
{
	struct made t = make();
	char id[2001];

	memset(id, 'i', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	attach(t.message, "a.txt", NULL, id, "x");
	CHECK(in_order(RENDER(&t), "X-Ost-Attach-Content-ID: =?utf-8?", NULL));
	CHECK(count(buf_text(&t.bytes), "\r\nContent-ID:") == 0);
	CHECK(count(buf_text(&t.bytes), "i") > 2000);
	done(&t);
}

static void a_charset_is_told_when_it_is_one(void)
{
	const struct {
		const char *type, *charset;
		size_t told;
	} cases[] = {
		{ "text/plain", "iso-8859-1", 1 },
		{ "text/plain", "x\r\nEvil: 1", 0 },
		{ "text/plain", "", 0 },
		{ "image/png", "utf-8", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = make();
		struct fake *a =
			attach(t.message, "a", cases[i].type, NULL, "x");
		const char *text;

		fake_text(a, MAPI_ATTACH_CHARSET, cases[i].charset);
		text = render_as(&t, MAIL_ALL_INSIDE, __func__);
		/* One more is that of the empty body. */
		CHECK(count(text, "charset=") == cases[i].told + 1);
		CHECK(count(text, "Evil") == 0);
		done(&t);
	}
}

/*
 * Files beside the mail
 */

static void a_part_left_out_names_the_file_beside_it(void)
{
	struct made t = make();
	const char *text;

	fill(&t);
	text = render_as(&t, MAIL_BESIDE, __func__);
	CHECK(in_order(text, "See the files",
		       "The attachment \"i.png\" is not in this file.",
		       ".attachments", "Type: image/png",
		       "The attachment \"data.bin\" is not in this file.",
		       "Size: 8 bytes",
		       "The attachment \"Inner.eml\" is not in this file.",
		       "Type: message/rfc822", "[InternetShortcut]",
		       "gone.doc.MISSING.txt", NULL));
	CHECK(count(text, "Content-Disposition: ") == 5);
	CHECK(count(text, "base64") == 0);
	CHECK(count(text, "inner body") == 0);
	CHECK(count(text, "Content-ID") == 0);
	done(&t);
}

static void attachments_are_files_of_their_own(void)
{
	const struct {
		enum mail_attachment_kind kind;
		const char *name, *type, *bytes;
	} want[] = {
		{ MAIL_FILE, "i.png", "image/png", "an image" },
		{ MAIL_FILE, "data.bin", NULL, "\x01\x02\x03 data" },
		{ MAIL_MESSAGE, "Inner.eml", "message/rfc822", NULL },
		{ MAIL_LINK, "there.doc.url", "application/internet-shortcut",
		  "[InternetShortcut]\r\nURL=file:///C:/there.doc\r\n" },
		{ MAIL_MISSING, "gone.doc.MISSING.txt", "text/plain", NULL },
	};
	const size_t all = sizeof(want) / sizeof(want[0]);
	struct made t = make();
	struct mail_attachments *list = NULL;
	struct store_object *item;

	fill(&t);
	item = fake_open(t.message);
	CHECK(mail_has_attachments(item));
	CHECK(mail_attachments_open(&list, item, NULL, &t.err) == OST_OK);
	CHECK(mail_attachments_count(list) == all);
	CHECK(mail_attachment_at(list, all) == NULL);
	for (size_t i = 0; i < all; i++) {
		const struct mail_attachment *a = mail_attachment_at(list, i);
		struct buf type = { 0 }, bytes = { 0 };
		struct mail *mail = NULL;

		CHECK(a->kind == want[i].kind);
		CHECK_STR(a->name, want[i].name);
		CHECK(mail_attachment_type(item, i, NULL, &type, &t.err) ==
		      OST_OK);
		if (want[i].type != NULL)
			CHECK_STR(buf_text(&type), want[i].type);
		CHECK(mail_plan_attachment(&mail, item, i, NULL, &t.err) ==
		      OST_OK);
		read_all(mail, 3, &bytes);
		CHECK(bytes.len == mail_size(mail));
		if (want[i].bytes != NULL)
			CHECK_STR(buf_text(&bytes), want[i].bytes);
		mail_free(mail);
		buf_free(&type);
		buf_free(&bytes);
	}
	mail_attachments_close(list);
	store_drop(item);
	done(&t);
}

static void a_message_in_it_is_the_same_file_either_way(void)
{
	struct made t = make();
	struct store_object *item, *message = NULL;
	struct mail *one = NULL, *other = NULL;
	struct buf a = { 0 }, b = { 0 };

	fill(&t);
	item = fake_open(t.message);
	CHECK(mail_embedded(item, 0, &message, &t.err) == OST_NOT_FOUND);
	CHECK(mail_embedded(item, 2, &message, &t.err) == OST_OK);
	CHECK(mail_plan(&one, message, NULL, &t.err) == OST_OK);
	CHECK(mail_plan_attachment(&other, item, 2, NULL, &t.err) == OST_OK);
	read_all(one, 1000, &a);
	read_all(other, 1000, &b);
	CHECK(span_equal(buf_span(&a), buf_span(&b)));
	CHECK(in_order(buf_text(&a), "Subject: Inner\r\n", "inner body",
		       "inner.txt", NULL));
	leave(__func__, &a);
	mail_free(one);
	mail_free(other);
	buf_free(&a);
	buf_free(&b);
	store_drop(item);
	done(&t);
}

static void a_message_without_attachments_says_so(void)
{
	struct made t = make();
	struct store_object *item = fake_open(t.message), *none = NULL;
	struct mail_attachments *list = NULL;

	CHECK(!mail_has_attachments(item));
	CHECK(mail_attachments_open(&list, item, NULL, &t.err) == OST_OK);
	CHECK(mail_attachments_count(list) == 0);
	CHECK(mail_embedded(item, 0, &none, &t.err) == OST_NOT_FOUND);
	CHECK(none == NULL);
	mail_attachments_close(list);
	store_drop(item);
	done(&t);
}

/* D4: a row whose column of flags is none does not hide them. */
static void D4_a_row_that_says_nothing_is_not_believed(void)
{
	struct made t = make();
	const struct store_id id = { MESSAGE, INBOX };
	struct store_object *row = NULL;

	attach(t.message, "a.txt", NULL, NULL, "a");
	fake_text(t.message, MAPI_MESSAGE_FLAGS, "none");
	CHECK(store_get(t.store, id, &row, &t.err) == OST_OK);
	CHECK(mail_has_attachments(row));
	store_drop(row);
	done(&t);
}

/* D4: a row that leads to another's attachment is told. */
static void D4_one_attachment_twice_is_noted(void)
{
	struct made t = make();
	struct fake *a = attach(t.message, "a.txt", NULL, NULL, "a");

	(void)attach(t.message, "b.txt", NULL, NULL, "b");
	(void)RENDER(&t);
	CHECK(!has_note(t.mail, "att-corrupt"));
	fake_list(t.message, STORE_ATTACHMENTS, a);
	(void)RENDER(&t);
	CHECK(has_note(t.mail, "att-corrupt"));
	done(&t);
}

int main(int argc, char **argv)
{
	directory = argc > 1 ? argv[1] : NULL;
	RUN(a_message_in_a_message_is_one);
	RUN(messages_nest_twenty_deep);
	RUN(nesting_ends_with_a_note);
	RUN(a_path_becomes_a_shortcut);
	RUN(missing_data_is_said_to_be_missing);
	RUN(a_lost_row_costs_only_itself);
	RUN(a_table_without_end_is_one_missing_attachment);
	RUN(an_empty_file_is_an_empty_file);
	RUN(an_attachment_of_no_kind_is_noted);
	RUN(a_stored_message_file_is_shown_when_it_is_one);
	RUN(names_and_types_are_made_good);
	RUN(a_name_is_given_in_every_spelling);
	RUN(what_the_store_says_of_a_file_is_told);
	RUN(an_id_too_long_for_a_line_has_a_field_that_folds);
	RUN(a_charset_is_told_when_it_is_one);
	RUN(a_part_left_out_names_the_file_beside_it);
	RUN(attachments_are_files_of_their_own);
	RUN(a_message_in_it_is_the_same_file_either_way);
	RUN(a_message_without_attachments_says_so);
	RUN(D4_a_row_that_says_nothing_is_not_believed);
	RUN(D4_one_attachment_twice_is_noted);
	return checked();
}
