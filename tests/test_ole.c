/*
 * test_ole.c - the files in OLE objects
 *
 * With a directory as its argument, leaves each mail there for check_eml.py.
 */
#include "cfbkit.h"
#include "mailkit.h"

static const uint8_t dib[16] = { 0x16, 3, 0, 0, 0, 0, 0, 0,
				 0xC0, 0, 0, 0, 0, 0, 0, 0x46 };
static const uint8_t metafile[16] = { 0x15, 3, 0, 0, 0, 0, 0, 0,
				      0xC0, 0, 0, 0, 0, 0, 0, 0x46 };
static const uint8_t package[16] = { 0x0C, 0, 3, 0, 0, 0, 0, 0,
				     0xC0, 0, 0, 0, 0, 0, 0, 0x46 };
static const uint8_t word[16] = { 6,	9, 2, 0, 0, 0, 0, 0,
				  0xC0, 0, 0, 0, 0, 0, 0, 0x46 };

static struct fake *object(struct made *t, const uint8_t *class,
			   const struct cfb_made *streams, const char *name)
{
	struct cfb_file f = cfb_make(9, class, streams);
	struct fake *a = attach_method(t->message, MAPI_ATTACH_OLE);

	fake_bytes(a, MAPI_ATTACH_DATA, MAPI_OBJECT, f.bytes.at, f.bytes.len);
	if (name != NULL)
		fake_text(a, MAPI_DISPLAY_NAME, name);
	buf_free(&f.bytes);
	return a;
}

static struct fake *one(struct made *t, const uint8_t *class,
			const char *stream_name, const char *bytes, size_t len)
{
	const struct cfb_made all[] = { { stream_name, bytes, len },
					{ NULL, NULL, 0 } };

	return object(t, class, all, "Thing");
}

#define LITERAL(s) s, sizeof(s) - 1

static void B15_a_file_in_an_object_stands_in_its_place(void)
{
	static const struct {
		const uint8_t *class;
		const char *stream, *bytes;
		size_t len;
		const char *name, *type, *base64;
	} cases[] = {
		{ dib, "CONTENTS", LITERAL("BM picture"), "Thing.bmp",
		  "image/bmp", "Qk0gcGljdHVyZQ==" },
		{ metafile, "CONTENTS", LITERAL("\xD7\xCD\xC6\x9A..."),
		  "Thing.wmf", "image/wmf", "183Gmi4uLg==" },
		{ metafile, "\2OlePres000",
		  LITERAL("\xFF\xFF\xFF\xFF\3\0\0\0\4\0\0\0"
			  "\1\0\0\0\xFF\xFF\xFF\xFF\2\0\0\0\0\0\0\0"
			  "\1\0\0\0\1\0\0\0\6\0\0\0\1\0\x09\0\0\3"),
		  "Thing.wmf", "image/wmf", "AQAJAAAD" },
		{ package, "\1Ole10Native",
		  LITERAL("\x42\0\0\0\2\0Label\0C:\\x\\r\xE9sum\xE9.txt\0"
			  "\0\0\3\0\7\0\0\0C:\\tmp\\\4\0\0\0data"),
		  "filename*=utf-8''r%C3%A9sum%C3%A9.txt", "text/plain",
		  "ZGF0YQ==" },
		{ package, "Package", LITERAL("PK\3\4 word/document.xml"),
		  "Thing.docx",
		  "application/vnd.openxmlformats-officedocument."
		  "wordprocessingml.document",
		  "UEsDBCB3b3Jk" },
		{ word + 1, "CONTENTS", LITERAL("%PDF-1.4"), "Thing.pdf",
		  "application/pdf", "JVBERi0xLjQ=" },
	};
	uint8_t other[16] = { 1, 2, 3 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = make();
		char name[64];

		snprintf(name, sizeof(name), "%s-%zu", __func__, i);
		fake_text(t.message, MAPI_BODY, "text");
		one(&t, cases[i].class == word + 1 ? other : cases[i].class,
		    cases[i].stream, cases[i].bytes, cases[i].len);
		CHECK(in_order(render_as(&t, MAIL_ALL_INSIDE, name),
			       cases[i].type, cases[i].name, cases[i].base64,
			       NULL));
		CHECK(count(buf_text(&t.bytes), "ole") == 0);
		CHECK(count(buf_text(&t.bytes), "Content-Disposition") == 1);
		done(&t);
	}
}

#define ANSI_NAMES "\2\0a?.txt\0C:\\a?.txt\0\0\0\3\0\2\0\0\0x\0\4\0\0\0data"
#define WIDE_A	   "a\0\x34\4.\0t\0x\0t\0"

static void a_name_in_utf16_is_better(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *name;
	} cases[] = {
		{ LITERAL("\0\0\0\0" ANSI_NAMES), "a?.txt" },
		{ LITERAL("\0\0\0\0" ANSI_NAMES "\1\0\0\0x\0\6\0\0\0" WIDE_A
			  "\0\0\0\0"),
		  "filename*=utf-8''a%D0%B4.txt" },
		{ LITERAL("\0\0\0\0" ANSI_NAMES "\0\0\0\0\0\0\0\0"
			  "\x0A\0\0\0C\0:\0x\0\\\0" WIDE_A),
		  "filename*=utf-8''a%D0%B4.txt" },
		{ LITERAL("\0\0\0\0" ANSI_NAMES "\0\0\0\0\0\0\0\0"
			  "\x0B\0\0\0C\0:\0x\0\\\0" WIDE_A),
		  "a?.txt" },
		{ LITERAL("\0\0\0\0" ANSI_NAMES
			  "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"),
		  "a?.txt" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = make();

		one(&t, package, "\1Ole10Native", cases[i].bytes, cases[i].len);
		CHECK(in_order(RENDER(&t), cases[i].name, "ZGF0YQ==", NULL));
		done(&t);
	}
}

/* As Windows 3 had them: no compound file [MS-OLEDS] 2.2. */
static void objects_of_the_first_kind_have_files_too(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *name, *base64; /* NULL: no file */
	} cases[] = {
		{ LITERAL("\1\5\0\0\2\0\0\0\7\0\0\0PBrush\0\0\0\0\0\0\0\0\0"
			  "\x0A\0\0\0BM picture"),
		  "Thing.bmp", "Qk0gcGljdHVyZQ==" },
		{ LITERAL("\1\5\0\0\2\0\0\0\x08\0\0\0Package\0\0\0\0\0\0\0\0\0"
			  "\x25\0\0\0" ANSI_NAMES),
		  "a?.txt", "ZGF0YQ==" },
		{ LITERAL("\1\5\0\0\2\0\0\0\x08\0\0\0Package\0\0\0\0\0\0\0\0\0"
			  "\x26\0\0\0" ANSI_NAMES),
		  NULL, NULL },
		{ LITERAL("\1\5\0\0\1\0\0\0\7\0\0\0PBrush\0\0\0\0\0\0\0\0\0"
			  "\x0A\0\0\0BM picture"),
		  NULL, NULL },
		{ LITERAL("\1\5\0\0\2\0\0\0\xFF\xFF\xFF\xFFPBrush\0"), NULL,
		  NULL },
		{ LITERAL("\1\5\0"), NULL, NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = make();
		struct fake *a = attach_method(t.message, MAPI_ATTACH_OLE);
		char name[64];

		snprintf(name, sizeof(name), "%s-%zu", __func__, i);
		fake_bytes(a, MAPI_ATTACH_DATA, MAPI_BINARY, cases[i].bytes,
			   cases[i].len);
		fake_text(a, MAPI_DISPLAY_NAME, "Thing");
		render_as(&t, MAIL_ALL_INSIDE, name);
		CHECK(in_order(buf_text(&t.bytes),
			       cases[i].name == NULL ? "Thing.ole"
						     : cases[i].name,
			       cases[i].base64, NULL));
		CHECK(count(buf_text(&t.bytes), "Content-Disposition") == 1);
		done(&t);
	}
}

static void what_is_no_file_stays_in_its_object(void)
{
	static const struct {
		const char *stream, *bytes;
		size_t len;
	} cases[] = {
		{ "CONTENTS", LITERAL("B") },
		{ "CONTENTS", LITERAL("something else") },
		{ "CONTENTS", LITERAL("") },
		{ "Package", LITERAL("PK") },
		{ "\1Ole10Native", LITERAL("\4\0\0\0data") },
		{ "\1Ole10Native",
		  LITERAL("\0\0\0\0\3\0L\0F\0\0\0\3\0\0\0\0\0\1\0\0\0x") },
		{ "\1Ole10Native",
		  LITERAL("\0\0\0\0\2\0L\0F\0\0\0\3\0\0\0\0\0\2\0\0\0x") },
		{ "\1Ole10Native",
		  LITERAL("\0\0\0\0\2\0L\0F\0\0\0\3\0\xFF\xFF\xFF\xFF") },
		{ "\1Ole10Native", LITERAL("\0\0\0\0\2\0Label without end") },
		{ "\2OlePres000", LITERAL("\xFF\xFF\xFF\xFF\3\0\0\0\4\0\0\0") },
		{ "\2OlePres000", LITERAL("\0\0\0\0\xFF\xFF\xFF\xFF") },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = make();
		char name[64];

		snprintf(name, sizeof(name), "%s-%zu", __func__, i);
		one(&t, metafile, cases[i].stream, cases[i].bytes,
		    cases[i].len);
		render_as(&t, MAIL_ALL_INSIDE, name);
		CHECK(count(buf_text(&t.bytes), "Content-Disposition") == 1);
		CHECK(in_order(buf_text(&t.bytes), "x-ole-storage", "Thing.ole",
			       NULL));
		done(&t);
	}
}

static void a_document_is_its_own_file(void)
{
	struct made t = make();

	one(&t, word, "WordDocument", "text", 4);
	CHECK(in_order(RENDER(&t), "Content-Type: application/msword",
		       "filename=Thing.doc", "0M8R4KGxGuE", NULL));
	CHECK(count(buf_text(&t.bytes), "Content-Disposition") == 1);
	done(&t);
}

static void a_damaged_object_is_given_whole(void)
{
	struct made t = make();
	struct fake *a = attach_method(t.message, MAPI_ATTACH_OLE);
	struct cfb_file f;
	const struct cfb_made all[] = { { "CONTENTS", "BM", 2 },
					{ NULL, NULL, 0 } };

	f = cfb_make(9, dib, all);
	cfb_put(&f, f.directory + 116, 0x111111, 4);
	fake_bytes(a, MAPI_ATTACH_DATA, MAPI_OBJECT, f.bytes.at, f.bytes.len);
	attach_method(t.message, MAPI_ATTACH_OLE);
	CHECK(in_order(RENDER(&t), "ole-damaged", "x-ole-storage",
		       "attachment-1.ole", "attachment-2.MISSING.txt", NULL));
	buf_free(&f.bytes);
	done(&t);
}

static void B15_the_files_are_listed_in_their_places(void)
{
	static const struct cfb_made all[] = { { "CONTENTS", "BM!", 3 },
					       { NULL, NULL, 0 } };
	const struct mail_options options = { MAIL_ALL_INSIDE };
	struct made t = make();
	struct mail_attachments *list = NULL;
	struct mail *file = NULL;
	struct buf got = { 0 };
	struct store_object *item = fake_open(t.message);

	object(&t, dib, all, "Picture");
	attach(t.message, "last.txt", NULL, NULL, "last");
	CHECK(mail_attachments_open(&list, item, NULL, &t.err) == OST_OK);
	CHECK(mail_attachments_count(list) == 2);
	CHECK_STR(mail_attachment_at(list, 0)->name, "Picture.bmp");
	CHECK_STR(mail_attachment_at(list, 1)->name, "last.txt");
	CHECK(mail_attachment_at(list, 0)->kind == MAIL_FILE);
	CHECK(mail_plan_attachment(&file, item, 0, &options, &t.err) == OST_OK);
	read_all(file, 4096, &got);
	CHECK_STR(buf_text(&got), "BM!");
	mail_free(file);
	CHECK(mail_plan_attachment(&file, item, 2, &options, &t.err) ==
	      OST_NOT_FOUND);
	mail_attachments_close(list);
	store_drop(item);
	buf_free(&got);
	done(&t);
}

static void beside_the_mail_they_are_named_in_it(void)
{
	struct made t = make();

	one(&t, dib, "CONTENTS", "BM!", 3);
	CHECK(in_order(render_as(&t, MAIL_BESIDE, __func__),
		       "\"Thing.bmp\" is not in this file", "Size: 3 bytes",
		       NULL));
	done(&t);
}

int main(int argc, char **argv)
{
	directory = argc > 1 ? argv[1] : NULL;
	RUN(B15_a_file_in_an_object_stands_in_its_place);
	RUN(a_name_in_utf16_is_better);
	RUN(objects_of_the_first_kind_have_files_too);
	RUN(what_is_no_file_stays_in_its_object);
	RUN(a_document_is_its_own_file);
	RUN(a_damaged_object_is_given_whole);
	RUN(B15_the_files_are_listed_in_their_places);
	RUN(beside_the_mail_they_are_named_in_it);
	return checked();
}
