/*
 * test_strings.c - the code page of 8-bit strings
 *
 * Bytes with their text in a comment beside them are what Python's codec of
 * the page makes of that text: "...".encode("cp1251"). That was compared by
 * hand, and only of these: no test does it.
 */
#include <stdlib.h>

#include "bytes/text.h"
#include "heading.h"
#include "store/backend.h"

#define UMLAUTS "Subject \xF6\xE4\xFC Subject"
#define GBK	"\xB1\xA8\xB8\xE6.pdf" /* 报告.pdf */
#define UTF8                                                                   \
	"Gr\xC3\xBC\xC3\x9F"                                                   \
	"e"						 /* Grüße */
#define SJIS	"\x83\x5C\x83\x74\x83\x67"		 /* ソフト */
#define RUSSIAN "\xCF\xF0\xE8\xE2\xE5\xF2, \xEC\xE8\xF0" /* Привет, мир */
#define LOST	"\xEF\xBF\xBD"

/* B2: each page is believed only of what is text in it, in this order. */
static void a_string_is_in_the_first_page_that_fits(void)
{
	static const struct {
		const char *bytes;
		unsigned said, locale, internet, store; /* 0: not there */
		const char *want;
		const char *note;
	} cases[] = {
		{ UMLAUTS, 0, 0x407, 65001, 0, "Subject öäü Subject", "" },
		{ UMLAUTS, 1252, 0x419, 65001, 0, "Subject öäü Subject", "" },
		{ UMLAUTS, 1251, 0x407, 1252, 0, "Subject цдь Subject", "" },
		/* wide pages are of no 8-bit text */
		{ UMLAUTS, 1200, 0x407, 65001, 0, "Subject öäü Subject", "" },
		{ UMLAUTS, 1201, 0, 0, 1252, "Subject öäü Subject", "" },
		{ UTF8, 0, 0x419, 1251, 1251, "Grüße", "" },
		{ UTF8, 0, 0, 0, 0, "Grüße", "" },
		{ RUSSIAN, 0, 0x419, 65001, 1252, "Привет, мир", "" },
		{ RUSSIAN, 0, 0, 20866, 1251, "Привет, мир", "" },
		{ RUSSIAN, 65001, 0x419, 0, 0, "Привет, мир", "charset-guess" },
		{ RUSSIAN, 0, 0, 1251, 0, "Привет, мир", "charset-guess" },
		{ "caf\xE9", 0, 0, 65001, 0, "café", "charset-guess" },
		{ "caf\xE9", 932, 0, 0, 0, "café", "charset-guess" },
		{ "caf\xE9", 20127, 0x409, 0, 0, "café", "charset-guess" },
		{ SJIS, 932, 0x409, 1252, 0, "ソフト", "" },
		{ SJIS, 0, 0x411, 65001, 0, "ソフト", "" },
		/* cut within a character, as long names are */
		{ SJIS "\x83", 932, 0x411, 50220, 0, "ソフト" LOST, "charset" },
		/* no byte above 0x7F, but escapes */
		{ "\x1B$B%=%U\x1B(B", 0, 0, 50220, 0, "ソフ", "" },
		{ "a\x1B$B", 0, 0, 0, 0, "a $B", "ctl" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake *mail = heading_new();
		struct buf want = { 0 };

		heading_now.store->core->codepage = cases[i].store;
		fake_string8(mail, MAPI_SUBJECT, cases[i].bytes);
		if (cases[i].said != 0)
			fake_number(mail, MAPI_MESSAGE_CODEPAGE, MAPI_INTEGER32,
				    cases[i].said);
		if (cases[i].locale != 0)
			fake_number(mail, MAPI_MESSAGE_LOCALE_ID,
				    MAPI_INTEGER32, cases[i].locale);
		if (cases[i].internet != 0)
			fake_number(mail, MAPI_INTERNET_CODEPAGE,
				    MAPI_INTEGER32, cases[i].internet);
		CHECK_STR(heading_fact(MAIL_SUBJECT), cases[i].want);
		buf_printf(&want, "%sno-from, no-date, synth-msgid",
			   strcmp(cases[i].note, "ctl") == 0 ? "ctl, " : "");
		if (strncmp(cases[i].note, "charset", 7) == 0) {
			buf_cut(&want, 0);
			buf_printf(&want, "%s, no-from, no-date, synth-msgid",
				   cases[i].note);
		}
		CHECK_STR(heading_of("X-Ost-Note"), buf_text(&want));
		buf_free(&want);
	}
	heading_done();
}

/* B2: the same of what is in a message: rows, entry ids, attachments. */
static void what_is_in_a_message_is_in_its_page(void)
{
	struct fake *mail = heading_new();
	struct fake *to = fake_recipient(mail), *file = fake_attachment(mail);
	struct store_object *o;
	struct mail_attachments *list = NULL;
	struct ost_error err;

	heading_now.store->core->codepage = 0;
	fake_number(mail, MAPI_MESSAGE_LOCALE_ID, MAPI_INTEGER32, 0x804);
	fake_number(mail, MAPI_INTERNET_CODEPAGE, MAPI_INTEGER32, 65001);
	fake_string8(to, MAPI_DISPLAY_NAME, "\xB1\xA8\xB8\xE6");
	fake_string8(to, MAPI_EMAIL_ADDRESS, "a@x.org");
	fake_number(to, MAPI_RECIPIENT_TYPE, MAPI_INTEGER32, 1);
	fake_number(file, MAPI_ATTACH_METHOD, MAPI_INTEGER32, 1);
	fake_string8(file, MAPI_ATTACH_LONG_FILENAME, GBK);
	fake_bytes(file, MAPI_ATTACH_DATA, MAPI_BINARY, "x", 1);
	CHECK_STR(heading_fact(MAIL_TO), "报告 <a@x.org>");
	o = fake_open(mail);
	CHECK(mail_attachments_open(&list, o, NULL, &err) == OST_OK);
	CHECK_STR(mail_attachment_at(list, 0)->name, "报告.pdf");
	mail_attachments_close(list);
	store_drop(o);
	heading_done();
}

/* B2: a name in a page that nothing names is noted, whatever comes of it. */
static void a_name_that_was_guessed_is_noted(void)
{
	struct fake *mail = heading_new();
	struct fake *file = fake_attachment(mail);
	struct mail *plan = NULL;
	struct ost_error err;

	heading_now.store->core->codepage = 0;
	fake_number(mail, MAPI_INTERNET_CODEPAGE, MAPI_INTEGER32, 65001);
	fake_number(file, MAPI_ATTACH_METHOD, MAPI_INTEGER32, 1);
	fake_string8(file, MAPI_ATTACH_LONG_FILENAME, GBK);
	fake_bytes(file, MAPI_ATTACH_DATA, MAPI_BINARY, "x", 1);
	CHECK(mail_plan(&plan, fake_open(mail), NULL, &err) == OST_OK);
	CHECK(strstr(mail_notes(plan), "charset-guess") != NULL);
	mail_free(plan);
	heading_done();
}

static void letters_tell_the_page_of_text(void)
{
	static const struct {
		const char *bytes;
		unsigned page;
	} cases[] = {
		{ RUSSIAN, 1251 },
		{ "\xF0\xD2\xC9\xD7\xC5\xD4, \xCD\xC9\xD2",
		  20866 }, /* as RUSSIAN */
		{ "Gr\xFC\xDF"
		  "e aus M\xFCnchen",
		  1252 },
		{ "D\xE9j\xE0 vu", 1252 },
		/* Καλημέρα σας */
		{ "\xCA\xE1\xEB\xE7\xEC\xDD\xF1\xE1 \xF3\xE1\xF2", 1253 },
		{ "\xF9\xEC\xE5\xED \xF2\xE5\xEC\xED", 1255 }, /* שלום עולם */
		/* مرحبا بالعالم */
		{ "\xE3\xD1\xCD\xC8\xC7 \xC8\xC7\xE1\xDA\xC7\xE1\xE3", 1256 },
		/* สวัสดีครับ */
		{ "\xCA\xC7\xD1\xCA\xB4\xD5\xA4\xC3\xD1\xBA", 874 },
		/* Zażółć gęślą jaźń */
		{ "Za\xBF\xF3\xB3\xE6 g\xEA\x9Cl\xB9 ja\x9F\xF1", 1250 },
		{ "\xDDstanbul \xFDl\xFDk s\xFCt",
		  1254 }, /* İstanbul ılık süt */
		/* Доклады за март */
		{ "\xC4\xEE\xEA\xEB\xE0\xE4\xFB \xE7\xE0 \xEC\xE0\xF0\xF2",
		  1251 },
		/* ソフトウェア */
		{ SJIS "\x83\x45\x83\x46\x83\x41", 932 },
		{ "\xBC\xF2\xCC\xE5\xD6\xD0\xCE\xC4", 936 }, /* 简体中文 */
		{ "\xC7\xD1\xB1\xB9\xBE\xEE", 949 },	     /* 한국어 */
		{ "\xC1\x63\xC5\xE9\xA4\xA4\xA4\xE5", 950 }, /* 繁體中文 */
		/* nothing to go by */
		{ "\xA0\xA1\xA2\xA4\xA6", 0 },
		{ "", 0 },
		{ "ascii", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const unsigned got = text_guess(chars_of(cases[i].bytes));

		if (got != cases[i].page)
			fprintf(stderr, "case %zu: %u\n", i, got);
		CHECK(got == cases[i].page);
	}
}

/*
 * B3: a store that names no page anywhere
 */

static struct fake *add_mail(uint32_t nid, const char *subject)
{
	struct fake *mail = fake_add(heading_now.store, nid, 0);

	fake_string8(mail, MAPI_SUBJECT, subject);
	return mail;
}

/* A store whose items are those of a test, in all of which none has a page. */
static void new_store(void)
{
	struct ost_error err;

	(void)heading_new();
	heading_now.store->core->codepage = 0;
	CHECK(mail_directory_open(heading_now.store, NULL, &err) == OST_OK);
	fake_string8(heading_now.mail, MAPI_SUBJECT, "caf\xE9");
}

static void the_items_of_a_store_vote(void)
{
	struct fake *mail;

	/* by its letters: the odd one out is as the others are */
	new_store();
	add_mail(0x200044, RUSSIAN);
	add_mail(0x200064, RUSSIAN);
	CHECK_STR(heading_fact(MAIL_SUBJECT), "cafй");
	CHECK_STR(heading_of("X-Ost-Note"), "no-from, no-date, synth-msgid");

	/* by what others name */
	new_store();
	mail = add_mail(0x200044, "x");
	fake_number(mail, MAPI_MESSAGE_CODEPAGE, MAPI_INTEGER32, 1253);
	mail = add_mail(0x200064, "x");
	fake_number(mail, MAPI_MESSAGE_LOCALE_ID, MAPI_INTEGER32, 0x408);
	CHECK_STR(heading_fact(MAIL_SUBJECT), "cafι");

	/* by their RTF: uncompressed, {\rtf1\ansi\ansicpg1251} */
	new_store();
	mail = add_mail(0x200044, "x");
	fake_bytes(
		mail, MAPI_RTF_COMPRESSED, MAPI_BINARY,
		"\x24\0\0\0\x18\0\0\0MELA\0\0\0\0{\\rtf1\\ansi\\ansicpg1251}",
		16 + 24);
	mail = add_mail(0x200064, RUSSIAN);
	CHECK_STR(heading_fact(MAIL_SUBJECT), "cafй");
	heading_done();
}

static void what_no_vote_decides_is_noted(void)
{
	struct fake *mail;

	new_store();
	fake_remove(heading_now.mail, MAPI_SUBJECT);
	fake_string8(heading_now.mail, MAPI_SUBJECT, "\xA4\xA6");
	mail = add_mail(0x200044, "x");
	fake_number(mail, MAPI_MESSAGE_CODEPAGE, MAPI_INTEGER32, 1253);
	mail = add_mail(0x200064, "x");
	fake_number(mail, MAPI_MESSAGE_CODEPAGE, MAPI_INTEGER32, 1251);
	CHECK_STR(heading_fact(MAIL_SUBJECT), "¤¦");
	CHECK_STR(heading_of("X-Ost-Note"),
		  "charset-guess, no-from, no-date, synth-msgid");

	/* asked for: no vote, no note */
	heading_now.store->core->codepage = 1251;
	CHECK_STR(heading_fact(MAIL_SUBJECT), "¤¦");
	CHECK_STR(heading_of("X-Ost-Note"), "no-from, no-date, synth-msgid");
	heading_done();
}

/* The same 500 vote whatever is read first, and once. */
static void the_sample_is_the_first_by_number(void)
{
	struct fake *mail;

	new_store();
	for (uint32_t i = 1; i <= 600; i++) {
		mail = add_mail(0x200024 + i * 0x20, "x");
		fake_number(mail, MAPI_MESSAGE_CODEPAGE, MAPI_INTEGER32,
			    i <= 251 ? 1253 : 1251);
	}
	CHECK_STR(heading_fact(MAIL_SUBJECT), "cafι");
	heading_done();
}

static void a_charset_is_asked_for_by_name(void)
{
	static const struct {
		const char *name;
		unsigned page;
	} cases[] = {
		{ "windows-1251", 1251 },
		{ "KOI8-R", 20866 },
		{ "shift_jis", 932 },
		{ "cp866", 866 },
		{ "utf-16", 0 },
		{ "klingon", 0 },
		{ "", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store_options options = { 0 };

		CHECK(store_option_charset(&options, cases[i].name) ==
		      (cases[i].page != 0));
		CHECK(options.codepage == cases[i].page);
	}
}

int main(void)
{
	RUN(a_string_is_in_the_first_page_that_fits);
	RUN(what_is_in_a_message_is_in_its_page);
	RUN(a_name_that_was_guessed_is_noted);
	RUN(letters_tell_the_page_of_text);
	RUN(the_items_of_a_store_vote);
	RUN(what_no_vote_decides_is_noted);
	RUN(the_sample_is_the_first_by_number);
	RUN(a_charset_is_asked_for_by_name);
	return checked();
}
