/*
 * test_body.c - the bodies of a message as text, and compressed RTF
 */
#include "mail/body.h"

#include "check.h"
#include "fake.h"

#define LOST	 "\xEF\xBF\xBD"
#define BYTES(s) span_of((s), sizeof(s) - 1)

enum { MESSAGE = 0x200024, NATIVE_RTF = 2, NATIVE_HTML = 3 };

/* A message, and its bodies as they are read. */
struct trial {
	struct store *store;
	struct fake *message;
	struct body body;
	struct notes notes;
	struct ost_error err;
};

static struct trial trial(void)
{
	struct trial t = { .store = fake_store_new() };

	t.message = fake_add(t.store, MESSAGE, 0);
	return t;
}

static void read_it(struct trial *t)
{
	struct store_object *o = fake_open(t->message);

	CHECK(body_read(o, &t->body, &t->notes, &t->err) == OST_OK);
	store_drop(o);
}

static void done(struct trial *t)
{
	body_free(&t->body);
	store_close(t->store);
}

static void has_note(const struct trial *t, uint64_t want)
{
	CHECK(t->notes.set == want);
}

static uint64_t bit(enum note note)
{
	return UINT64_C(1) << note;
}

/*
 * Compressed RTF
 */

#define HELLO                                                                  \
	"\x2D\0\0\0\x2B\0\0\0LZFu\xF1\xC5\xC7\xA7\x03\0\x0A\0rcpg125"          \
	"B2\x0A\xF3 hel\x09\0 bw\x05\xB0ld}\x0A\x80\x0F\xA0"
#define CROSSING                                                               \
	"\x1A\0\0\0\x1C\0\0\0LZFu\xE2\xD4\x4B\x51\x41\0\x04\x20WXYZ\x0D\x6E"   \
	"}\x01\x0E\xB0"

static void decompresses_rtf(void)
{
	const struct {
		struct span in;
		const char *want;
		uint64_t notes;
	} cases[] = {
		{ BYTES(HELLO),
		  "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n", 0 },
		/* a reference that runs into what it writes */
		{ BYTES(CROSSING), "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}", 0 },
		/* more in the property than the header says */
		{ BYTES(CROSSING "and more"), "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}",
		  0 },
		/* a wrong CRC */
		{ BYTES("\x1A\0\0\0\x1C\0\0\0LZFu\xE3\xD4\x4B\x51\x41\0\x04\x20"
			"WXYZ\x0D\x6E}\x01\x0E\xB0"),
		  "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}", bit(NOTE_RTF_CRC) },
		/* cut short: in a reference, before one, by the size */
		{ BYTES("\x1A\0\0\0\x1C\0\0\0LZFu\xE2\xD4\x4B\x51\x41\0\x04\x20"
			"WXYZ\x0D"),
		  "{\\rtf1 WXYZ", bit(NOTE_RTF_TRUNCATED) },
		{ BYTES("\x1A\0\0\0\x1C\0\0\0LZFu\xE2\xD4\x4B\x51\x41\0\x04\x20"
			"WX"),
		  "{\\rtf1 WX", bit(NOTE_RTF_TRUNCATED) },
		{ BYTES("\x12\0\0\0\x1C\0\0\0LZFu\xE2\xD4\x4B\x51\x41\0\x04\x20"
			"WXYZ\x0D\x6E}\x01\x0E\xB0"),
		  "{\\rtf1 WX", bit(NOTE_RTF_TRUNCATED) },
		/* less than the raw size says */
		{ BYTES("\x1A\0\0\0\x1D\0\0\0LZFu\xE2\xD4\x4B\x51\x41\0\x04\x20"
			"WXYZ\x0D\x6E}\x01\x0E\xB0"),
		  "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}", bit(NOTE_RTF_TRUNCATED) },
		/* a size that leaves no room for the header */
		{ BYTES("\x05\0\0\0\x04\0\0\0MELA\0\0\0\0{\\r}"), "{\\r}",
		  bit(NOTE_RTF_TRUNCATED) },
		/* stored; the raw size as it is, and as it often is */
		{ BYTES("\x10\0\0\0\x04\0\0\0MELA\0\0\0\0{\\r}"), "{\\r}", 0 },
		{ BYTES("\x10\0\0\0\x10\0\0\0MELA\0\0\0\0{\\r}"), "{\\r}", 0 },
		{ BYTES("\x10\0\0\0\x11\0\0\0MELA\0\0\0\0{\\r}"), "{\\r}",
		  bit(NOTE_RTF_TRUNCATED) },
		{ BYTES("\xFF\xFF\xFF\xFF\x04\0\0\0MELA\0\0\0\0{\\r}"), "{\\r}",
		  bit(NOTE_RTF_TRUNCATED) },
		/* nothing, and nothing promised */
		{ BYTES("\x0F\0\0\0\0\0\0\0LZFu\0\0\0\0\x01\x0C\xF0"), "",
		  bit(NOTE_RTF_CRC) },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = { 0 };
		struct notes notes = { 0 };
		struct ost_error err = { "" };

		CHECK(lzfu_decode(cases[i].in, &out, &notes, &err) == OST_OK);
		CHECK_STR(buf_text(&out), cases[i].want);
		CHECK(notes.set == cases[i].notes);
		buf_free(&out);
	}
}

static void says_what_is_wrong_with_compressed_rtf(void)
{
	const struct {
		struct span in;
		const char *text;
	} cases[] = {
		{ BYTES(""), "compressed RTF of 0 bytes, not 16" },
		{ BYTES("\x1A\0\0\0\x1C\0\0\0LZFu\xE2\xD4\x4B"),
		  "compressed RTF of 15 bytes, not 16" },
		{ BYTES("\x1A\0\0\0\x1C\0\0\0LZFv\xE2\xD4\x4B\x51{\\rtf"),
		  "compressed RTF is of kind 0x76465a4c" },
		{ BYTES("\x1A\0\0\0\x1C\0\0\0LZFu\xE2\xD4\x4B\x51"),
		  "compressed RTF holds nothing of 28 bytes" },
		{ BYTES("\x1A\0\0\0\x1C\0\0\0LZFu\xE2\xD4\x4B\x51\x01\x0C"),
		  "compressed RTF holds nothing of 28 bytes" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = { 0 };
		struct notes notes = { 0 };
		struct ost_error err = { "" };

		CHECK(lzfu_decode(cases[i].in, &out, &notes, &err) ==
		      OST_CORRUPT);
		CHECK_STR(err.text, cases[i].text);
		CHECK(out.len == 0);
		buf_free(&out);
	}
}

/* A text longer than the ring: each reference repeats the four bytes before. */
static void keeps_its_place_in_the_ring(void)
{
	enum { REFERENCES = 2044, PRESET = 207, RING = 4096 };
	struct buf in = { 0 }, out = { 0 };
	struct notes notes = { 0 };
	struct ost_error err;
	size_t wrong = 0;

	buf_add(&in,
		"\0\0\0\0\0\0\0\0LZFu\0\0\0\0\xF0"
		"abcd",
		21);
	for (size_t i = 0; i < REFERENCES; i++) {
		const size_t from = (PRESET + 4 * i) % RING;

		if (i >= 4 && (i - 4) % 8 == 0)
			buf_byte(&in, '\xFF'); /* eight more */
		buf_byte(&in, (char)(uint8_t)(from >> 4));
		buf_byte(&in, (char)(uint8_t)((from & 15) << 4 | 2));
	}
	in.at[0] = (char)(uint8_t)(in.len - 4);
	in.at[1] = (char)(uint8_t)((in.len - 4) >> 8);
	CHECK(lzfu_decode(buf_span(&in), &out, &notes, &err) == OST_OK);
	CHECK(out.len == 4 + 4 * REFERENCES);
	for (size_t i = 0; i < out.len; i++)
		wrong += out.at[i] != "abcd"[i % 4];
	CHECK(wrong == 0);
	buf_free(&in);
	buf_free(&out);
}

/*
 * Which bodies there are
 */

static void gives_all_bodies_that_are_stored(void)
{
	struct trial t = trial();

	fake_text(t.message, MAPI_BODY, "Grüße\n");
	fake_bytes(t.message, MAPI_HTML, MAPI_BINARY, "<p>x</p>", 8);
	fake_bytes(t.message, MAPI_RTF_COMPRESSED, MAPI_BINARY, HELLO,
		   sizeof(HELLO) - 1);
	read_it(&t);
	CHECK(t.body.has_plain && t.body.has_html && t.body.has_rtf);
	CHECK_STR(buf_text(&t.body.plain), "Grüße\r\n");
	CHECK_STR(buf_text(&t.body.html), "<p>x</p>");
	CHECK_STR(buf_text(&t.body.rtf),
		  "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
	CHECK(!t.body.stale_plain && !t.body.stale_html);
	CHECK(t.body.plain_raw.len == 0 && t.body.html_raw.len == 0);
	CHECK(t.body.large[0] == 0);
	has_note(&t, 0);
	done(&t);
}

static void an_empty_text_beside_html_is_left_out(void)
{
	struct trial t = trial();

	fake_text(t.message, MAPI_BODY, "");
	fake_bytes(t.message, MAPI_HTML, MAPI_BINARY, "<p>", 3);
	read_it(&t);
	CHECK(!t.body.has_plain && t.body.has_html);
	done(&t);

	t = trial();
	fake_text(t.message, MAPI_BODY, "");
	read_it(&t);
	CHECK(t.body.has_plain && t.body.plain.len == 0);
	has_note(&t, 0);
	done(&t);
}

static void rtf_alone_is_attached_to_an_empty_text(void)
{
	struct trial t = trial();

	fake_bytes(t.message, MAPI_RTF_COMPRESSED, MAPI_BINARY, CROSSING,
		   sizeof(CROSSING) - 1);
	read_it(&t);
	CHECK(t.body.has_plain && t.body.plain.len == 0);
	CHECK(t.body.has_rtf && !t.body.has_html);
	has_note(&t, 0);
	done(&t);
}

static void rtf_that_is_newer_makes_the_others_stale(void)
{
	for (uint64_t in_sync = 0; in_sync < 2; in_sync++) {
		struct trial t = trial();

		fake_text(t.message, MAPI_BODY, "old");
		fake_number(t.message, MAPI_NATIVE_BODY, MAPI_INTEGER32,
			    NATIVE_RTF);
		fake_number(t.message, MAPI_RTF_IN_SYNC, MAPI_BOOLEAN, in_sync);
		fake_bytes(t.message, MAPI_RTF_COMPRESSED, MAPI_BINARY,
			   CROSSING, sizeof(CROSSING) - 1);
		read_it(&t);
		CHECK(t.body.stale_plain == (in_sync == 0));
		CHECK(!t.body.stale_html);
		done(&t);
	}
}

static void line_ends_become_crlf_and_nul_goes(void)
{
	const struct span text = BYTES("a\r\nb\nc\rd\r\r\n\0e\n\n\0");
	struct trial t = trial();

	fake_bytes(t.message, MAPI_BODY, MAPI_STRING8, text.at, text.len);
	read_it(&t);
	CHECK_STR(buf_text(&t.body.plain), "a\r\nb\r\nc\r\nd\r\n\r\ne\r\n\r\n");
	CHECK(t.body.plain.len == strlen(t.body.plain.at));
	has_note(&t, 0);
	done(&t);
}

static void text_may_be_stored_as_any_type(void)
{
	struct trial t = trial();

	fake_number(t.message, MAPI_INTERNET_CODEPAGE, MAPI_INTEGER32, 1251);
	fake_string8(t.message, MAPI_BODY, "\xCF\xF0");
	fake_text(t.message, MAPI_HTML, "<b>Пр</b>");
	read_it(&t);
	CHECK_STR(buf_text(&t.body.plain), "Пр");
	CHECK_STR(buf_text(&t.body.html), "<b>Пр</b>");
	has_note(&t, 0);
	done(&t);

	t = trial();
	fake_bytes(t.message, MAPI_BODY, MAPI_BINARY, "\x93", 1);
	fake_string8(t.message, MAPI_HTML, "<i>\x94</i>");
	read_it(&t);
	CHECK_STR(buf_text(&t.body.plain), "“");
	CHECK_STR(buf_text(&t.body.html), "<i>”</i>");
	has_note(&t, 0);
	done(&t);
}

static void the_body_as_it_came_stands_in_for_the_text(void)
{
	static const uint8_t set[16] = { 0x80, 0x76, 0x3A, 0x4E, 0x7A, 0xB7,
					 0xD0, 0x11, 0x9D, 0xA5, 0x00, 0xC0,
					 0x4F, 0xD6, 0x56, 0x85 };
	struct trial t = trial();
	const uint16_t id = fake_name(t.store, set, 0, "Internet Charset Body");

	fake_number(t.message, MAPI_INTERNET_CODEPAGE, MAPI_INTEGER32, 932);
	fake_bytes(t.message, id, MAPI_BINARY, "\x83\x5C\n", 3);
	read_it(&t);
	CHECK(t.body.has_plain);
	CHECK_STR(buf_text(&t.body.plain), "ソ\r\n");
	body_free(&t.body);

	fake_text(t.message, MAPI_BODY, "the text");
	read_it(&t);
	CHECK_STR(buf_text(&t.body.plain), "the text");
	has_note(&t, 0);
	done(&t);
}

/*
 * Charsets
 */

static void finds_the_charset_of_html(void)
{
	const struct {
		unsigned said, message; /* 0: absent */
		struct span in;
		const char *want;
	} cases[] = {
		{ 1252, 0, BYTES("<p>\x93\x81"), "<p>“\xC2\x81" },
		{ 932, 0, BYTES("<p>\x81\x60"), "<p>～" },
		/* the page said wins over the one named inside */
		{ 65001, 0, BYTES("<meta charset=iso-8859-1>\xC3\xA9"),
		  "<meta charset=utf-8>é" },
		{ 0, 0, BYTES("<meta charset='koi8-r'>\xC1"),
		  "<meta charset='utf-8'>а" },
		/* that it is ASCII is not believed of 8-bit bytes */
		{ 20127, 0, BYTES("<p>\xC3\xA9"), "<p>é" },
		{ 20127, 1251, BYTES("<p>\xCF"), "<p>П" },
		{ 20127, 0, BYTES("<p>e"), "<p>e" },
		/* nor UTF-16 of narrow text */
		{ 1200, 0, BYTES("<p>even!"), "<p>even!" },
		{ 1200, 0, BYTES("<p>even\0"), "<p>even" },
		{ 1200, 0, BYTES("<\0p\0>\0\x42\x30"), "<p>あ" },
		{ 0, 0, BYTES("<meta charset=utf-16>\xC3\xA9"),
		  "<meta charset=utf-8>é" },
		/* marks win over what is said */
		{ 1252, 0, BYTES("\xEF\xBB\xBF<p>\xC3\xA9"), "<p>é" },
		{ 1252, 0, BYTES("\xFF\xFE<\0p\0>\0\xE9\0"), "<p>é" },
		{ 1252, 0, BYTES("\xFE\xFF\0<\0p\0>\0\xE9"), "<p>é" },
		{ 0, 0, BYTES("<\0p\0>\0\xE9\0"), "<p>é" },
		/* 7-bit, with escapes */
		{ 50220, 0, BYTES("<p>\x1B$B$\"\x1B(B"), "<p>あ" },
		/* unknown pages and nothing said */
		{ 3, 0, BYTES("<p>\xC3\xA9"), "<p>é" },
		{ 0, 0, BYTES("<p>\xE9"), "<p>é" },
		{ 0, 1253, BYTES("<p>\xE1"), "<p>α" },
		{ 99999, 0, BYTES("<meta charset=x-none>\xE9"),
		  "<meta charset=utf-8>é" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct trial t = trial();

		if (cases[i].said != 0)
			fake_number(t.message, MAPI_INTERNET_CODEPAGE,
				    MAPI_INTEGER32, cases[i].said);
		if (cases[i].message != 0)
			fake_number(t.message, MAPI_MESSAGE_CODEPAGE,
				    MAPI_INTEGER32, cases[i].message);
		fake_bytes(t.message, MAPI_HTML, MAPI_BINARY, cases[i].in.at,
			   cases[i].in.len);
		read_it(&t);
		CHECK_STR(buf_text(&t.body.html), cases[i].want);
		CHECK(t.body.html_raw.len == 0);
		has_note(&t, 0);
		done(&t);
	}
}

static void the_locale_helps_where_nothing_else_does(void)
{
	struct trial t = trial();

	fake_number(t.message, MAPI_MESSAGE_LOCALE_ID, MAPI_INTEGER32, 1049);
	fake_string8(t.message, MAPI_BODY, "\xCF\xF0");
	read_it(&t);
	CHECK_STR(buf_text(&t.body.plain), "Пр");
	has_note(&t, 0);
	done(&t);
}

static void keeps_the_bytes_of_what_does_not_decode(void)
{
	const struct {
		uint16_t type;
		unsigned said;
		struct span in;
		const char *want;
		enum note note;
	} cases[] = {
		/* damaged text of the page said */
		{ MAPI_BINARY, 65001, BYTES("\xC3\xA9\xFF\xC3\xA9"),
		  "é" LOST "é", NOTE_CHARSET },
		{ MAPI_STRING8, 932, BYTES("\x83\x5C\x83\x5C\xFF."),
		  "ソソ" LOST ".", NOTE_CHARSET },
		/* text of another page */
		{ MAPI_BINARY, 65001, BYTES("caf\xE9"), "café", NOTE_CHARSET },
		{ MAPI_UNICODE, 0, BYTES("a\0\x3D\xD8z\0"), "a" LOST "z",
		  NOTE_SURROGATE },
		{ MAPI_UNICODE, 0, BYTES("a\0z"), "a" LOST, NOTE_SURROGATE },
	};
	const uint16_t ids[] = { MAPI_BODY, MAPI_HTML };

	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		const bool html = i % 2 == 1;
		struct trial t = trial();

		fake_number(t.message, MAPI_INTERNET_CODEPAGE, MAPI_INTEGER32,
			    cases[i / 2].said);
		fake_bytes(t.message, ids[i % 2], cases[i / 2].type,
			   cases[i / 2].in.at, cases[i / 2].in.len);
		read_it(&t);
		CHECK(html ? t.body.has_html : t.body.has_plain);
		CHECK_STR(buf_text(html ? &t.body.html : &t.body.plain),
			  cases[i / 2].want);
		CHECK(span_equal(
			buf_span(html ? &t.body.html_raw : &t.body.plain_raw),
			cases[i / 2].in));
		has_note(&t, bit(cases[i / 2].note));
		done(&t);
	}
}

static void rewrites_the_charset_that_html_names(void)
{
	const struct {
		const char *in, *want;
	} cases[] = {
		{ "<META HTTP-EQUIV=Content-Type CONTENT=\"text/html; "
		  "CharSet=windows-1252\"><p>",
		  "<META HTTP-EQUIV=Content-Type CONTENT=\"text/html; "
		  "CharSet=utf-8\"><p>" },
		{ "<?xml version='1.0' encoding='iso-8859-1'?>"
		  "<meta charset = \"latin1\" />",
		  "<?xml version='1.0' encoding='utf-8'?>"
		  "<meta charset = \"utf-8\" />" },
		/* twice; one that is right; one without a value */
		{ "<meta charset=a><meta charset=b>",
		  "<meta charset=utf-8><meta charset=utf-8>" },
		{ "<meta charset=UTF-8>", "<meta charset=UTF-8>" },
		{ "<meta charset=><meta charset>",
		  "<meta charset=><meta charset>" },
		/* no tag of its kind, and one that never ends */
		{ "<form accept-charset=latin1>charset=x",
		  "<form accept-charset=latin1>charset=x" },
		{ "<meta accept-charset=latin1>",
		  "<meta accept-charset=latin1>" },
		{ "<meta charset=latin1", "<meta charset=utf-8" },
		{ "<meta charset=latin", "<meta charset=utf-8" },
		{ "<meta charset", "<meta charset" },
		{ "<meta", "<meta" },
		{ "", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct trial t = trial();

		fake_text(t.message, MAPI_HTML, cases[i].in);
		read_it(&t);
		CHECK_STR(buf_text(&t.body.html), cases[i].want);
		done(&t);
	}
}

static void looks_for_a_charset_at_the_start_only(void)
{
	static const char tag[] = "<meta charset=latin1>";

	for (size_t at = 4094; at < 4098; at++) {
		struct trial t = trial();
		struct buf html = { 0 };

		for (size_t i = 0; i < at; i++)
			buf_byte(&html, 'x');
		buf_str(&html, tag);
		fake_bytes(t.message, MAPI_HTML, MAPI_BINARY, html.at,
			   html.len);
		read_it(&t);
		CHECK_STR(buf_text(&t.body.html) + at,
			  at < 4096 ? "<meta charset=utf-8>" : tag);
		buf_free(&html);
		done(&t);
	}
}

/*
 * Bodies that are not there
 */

static void a_preview_is_used_only_when_nothing_else_is_stored(void)
{
	struct trial t = trial();

	fake_text(t.message, MAPI_PREVIEW, "The first\nwords");
	fake_text(t.message, MAPI_BODY_PREFIX, "The prefix");
	read_it(&t);
	CHECK_STR(buf_text(&t.body.plain), "The first\r\nwords");
	CHECK(t.body.has_plain && !t.body.has_html);
	has_note(&t, bit(NOTE_PREVIEW_ONLY));
	body_free(&t.body);

	fake_remove(t.message, MAPI_PREVIEW);
	read_it(&t);
	CHECK_STR(buf_text(&t.body.plain), "The prefix");
	body_free(&t.body);

	t.notes.set = 0;
	fake_bytes(t.message, MAPI_HTML, MAPI_BINARY, "<p>", 3);
	read_it(&t);
	CHECK(!t.body.has_plain && t.body.has_html);
	has_note(&t, 0);
	done(&t);
}

static void a_message_without_any_body_has_an_empty_one(void)
{
	const struct {
		uint64_t size, native;
		bool missing;
	} cases[] = {
		{ 0, 0, false },    { 8000, 0, false },
		{ 40000, 0, true }, { 8000, NATIVE_HTML, true },
		{ 8000, 4, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct trial t = trial();

		fake_number(t.message, MAPI_MESSAGE_SIZE, MAPI_INTEGER32,
			    cases[i].size);
		fake_number(t.message, MAPI_NATIVE_BODY, MAPI_INTEGER32,
			    cases[i].native);
		read_it(&t);
		CHECK(t.body.has_plain && t.body.plain.len == 0);
		CHECK(!t.body.has_html && !t.body.has_rtf);
		has_note(&t, cases[i].missing ? bit(NOTE_NO_BODY) : 0);
		done(&t);
	}
}

static void attachments_account_for_the_size_of_a_message(void)
{
	struct trial t = trial();
	struct fake *attachment = fake_attachment(t.message);

	fake_lost_child(t.message, STORE_ATTACHMENTS);
	fake_number(attachment, MAPI_ATTACH_SIZE, MAPI_INTEGER32, 50000);
	fake_number(t.message, MAPI_MESSAGE_SIZE, MAPI_INTEGER32, 51000);
	read_it(&t);
	has_note(&t, 0);
	done(&t);
}

static void a_body_that_cannot_be_read_costs_only_itself(void)
{
	const uint16_t ids[] = { MAPI_BODY, MAPI_HTML, MAPI_RTF_COMPRESSED };

	for (size_t i = 0; i < 3; i++) {
		struct trial t = trial();

		for (size_t k = 0; k < 3; k++)
			if (k == i)
				fake_broken(t.message, ids[k], MAPI_BINARY);
			else
				fake_bytes(t.message, ids[k], MAPI_BINARY,
					   HELLO, sizeof(HELLO) - 1);
		read_it(&t);
		CHECK(t.body.has_plain == (i != 0));
		CHECK(t.body.has_html == (i != 1));
		CHECK(t.body.has_rtf == (i != 2));
		has_note(&t, bit(NOTE_BODY_CORRUPT));
		done(&t);
	}
}

static void a_body_that_cannot_be_read_is_not_said_to_be_missing(void)
{
	struct trial t = trial();

	fake_broken(t.message, MAPI_HTML, MAPI_BINARY);
	fake_number(t.message, MAPI_NATIVE_BODY, MAPI_INTEGER32, NATIVE_HTML);
	read_it(&t);
	CHECK(t.body.has_plain && t.body.plain.len == 0);
	has_note(&t, bit(NOTE_BODY_CORRUPT));
	done(&t);
}

static void a_body_of_an_odd_type_is_damage(void)
{
	struct trial t = trial();

	fake_number(t.message, MAPI_BODY, MAPI_ERROR_CODE, 0x8007000E);
	fake_text(t.message, MAPI_PREVIEW, "start");
	read_it(&t);
	CHECK_STR(buf_text(&t.body.plain), "start");
	has_note(&t, bit(NOTE_BODY_CORRUPT) | bit(NOTE_PREVIEW_ONLY));
	done(&t);
}

static void rtf_that_does_not_decompress_is_attached_as_it_is(void)
{
	struct trial t = trial();

	fake_bytes(t.message, MAPI_RTF_COMPRESSED, MAPI_BINARY, "{\\rtf1 no}",
		   10);
	fake_text(t.message, MAPI_BODY, "text");
	read_it(&t);
	CHECK(!t.body.has_rtf && t.body.has_plain);
	CHECK(t.body.large[0] == MAPI_RTF_COMPRESSED && t.body.large[1] == 0);
	has_note(&t, bit(NOTE_BODY_CORRUPT));
	done(&t);
}

static void bodies_too_large_for_memory_stay_in_the_store(void)
{
	enum { MOST = 32 << 20 };
	struct trial t = trial();

	fake_huge(t.message, MAPI_BODY, MAPI_STRING8, MOST + 1, 'x');
	fake_huge(t.message, MAPI_HTML, MAPI_BINARY, UINT64_C(1) << 40, 'x');
	fake_huge(t.message, MAPI_RTF_COMPRESSED, MAPI_BINARY, MOST + 1, 'x');
	read_it(&t);
	CHECK(!t.body.has_plain && !t.body.has_html && !t.body.has_rtf);
	CHECK(t.body.large[0] == MAPI_BODY);
	CHECK(t.body.large[1] == MAPI_HTML);
	CHECK(t.body.large[2] == MAPI_RTF_COMPRESSED);
	has_note(&t, bit(NOTE_BODY_LARGE));
	done(&t);

	t = trial();
	fake_huge(t.message, MAPI_BODY, MAPI_STRING8, MOST, 'x');
	read_it(&t);
	CHECK(t.body.has_plain && t.body.plain.len == MOST);
	has_note(&t, 0);
	done(&t);
}

int main(void)
{
	RUN(decompresses_rtf);
	RUN(says_what_is_wrong_with_compressed_rtf);
	RUN(keeps_its_place_in_the_ring);
	RUN(gives_all_bodies_that_are_stored);
	RUN(an_empty_text_beside_html_is_left_out);
	RUN(rtf_alone_is_attached_to_an_empty_text);
	RUN(rtf_that_is_newer_makes_the_others_stale);
	RUN(line_ends_become_crlf_and_nul_goes);
	RUN(text_may_be_stored_as_any_type);
	RUN(the_body_as_it_came_stands_in_for_the_text);
	RUN(finds_the_charset_of_html);
	RUN(the_locale_helps_where_nothing_else_does);
	RUN(keeps_the_bytes_of_what_does_not_decode);
	RUN(rewrites_the_charset_that_html_names);
	RUN(looks_for_a_charset_at_the_start_only);
	RUN(a_preview_is_used_only_when_nothing_else_is_stored);
	RUN(a_message_without_any_body_has_an_empty_one);
	RUN(attachments_account_for_the_size_of_a_message);
	RUN(a_body_that_cannot_be_read_costs_only_itself);
	RUN(a_body_that_cannot_be_read_is_not_said_to_be_missing);
	RUN(a_body_of_an_odd_type_is_damage);
	RUN(rtf_that_does_not_decompress_is_attached_as_it_is);
	RUN(bodies_too_large_for_memory_stay_in_the_store);
	return checked();
}
