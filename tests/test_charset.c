/*
 * test_charset.c - the charset of a body
 */
#include "mail/body/body.h"

#include "trial.h"

#define LOST "\xEF\xBF\xBD"

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
		/* B2: but for UTF-8 that says so and is */
		{ 1252, 0, BYTES("<meta charset=utf-8>\xC3\xA9"),
		  "<meta charset=utf-8>é" },
		{ 1252, 0, BYTES("<meta charset=utf-8>\xC3\xA9\xE9"),
		  "<meta charset=utf-8>Ã©é" },
		{ 1252, 0, BYTES("<p>\xC3\xA9"), "<p>Ã©" },
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
		/* and are no text, even alone */
		{ 1252, 0, BYTES("\xEF\xBB\xBF"), "" },
		{ 1252, 0, BYTES("\xFE\xFF"), "" },
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
		notes_are(&t, 0);
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
	notes_are(&t, 0);
	done(&t);
}

static void a_mark_says_the_page_of_plain_text_too(void)
{
	struct trial t = trial();

	fake_number(t.message, MAPI_INTERNET_CODEPAGE, MAPI_INTEGER32, 1251);
	fake_string8(t.message, MAPI_BODY, "\xEF\xBB\xBF\xC3\xA9");
	read_it(&t);
	CHECK_STR(buf_text(&t.body.plain), "é");
	notes_are(&t, 0);
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
		notes_are(&t, bit(cases[i / 2].note));
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

int main(void)
{
	RUN(finds_the_charset_of_html);
	RUN(the_locale_helps_where_nothing_else_does);
	RUN(a_mark_says_the_page_of_plain_text_too);
	RUN(keeps_the_bytes_of_what_does_not_decode);
	RUN(rewrites_the_charset_that_html_names);
	RUN(looks_for_a_charset_at_the_start_only);
	return checked();
}
