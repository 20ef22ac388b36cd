/*
 * test_body.c - which bodies a message has
 */
#include "mail/body/body.h"

#include "trial.h"

enum { NATIVE_RTF = 2, NATIVE_HTML = 3 };

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
	notes_are(&t, 0);
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
	notes_are(&t, 0);
	done(&t);
}

/*
 * RTF among them
 */

/* Store RTF uncompressed. */
static void put_rtf(struct trial *t, const char *rtf)
{
	const size_t len = strlen(rtf);
	struct buf b = { 0 };

	buf_byte(&b, (char)(uint8_t)(len + 12));
	buf_byte(&b, (char)(uint8_t)((len + 12) >> 8));
	buf_add(&b, "\0\0", 2);
	buf_byte(&b, (char)(uint8_t)len);
	buf_byte(&b, (char)(uint8_t)(len >> 8));
	buf_add(&b, "\0\0MELA\0\0\0\0", 10);
	buf_str(&b, rtf);
	fake_bytes(t->message, MAPI_RTF_COMPRESSED, MAPI_BINARY, b.at, b.len);
	buf_free(&b);
}

#define OWN	  "{\\rtf1\\ansi new\\par}"
#define FROM_TEXT "{\\rtf1\\ansi\\fromtext new\\par}"
#define FROM_HTML                                                              \
	"{\\rtf1\\ansi\\fromhtml1{\\*\\htmltag64 <meta charset=latin1>}new}"
#define DAMAGED "{\\rtf1\\ansi\\fromtext new"
#define HTML	"<meta charset=utf-8>new"
#define MADE	"made of RTF"

/* B15: HTML that is made of RTF is there too. */
static void html_is(const struct body *b, const char *want)
{
	if (strcmp(want, MADE) == 0)
		CHECK(strstr(buf_text(&b->html), "<p>new</p>") != NULL);
	else
		CHECK_STR(buf_text(&b->html), want);
}

static void rtf_gives_the_bodies_that_are_not_stored(void)
{
	const struct {
		const char *rtf, *plain, *html; /* NULL: not stored */
		const char *want_plain, *want_html;
		bool attached;
		uint64_t notes;
	} cases[] = {
		{ OWN, NULL, NULL, "new\r\n", MADE, true, 0 },
		{ OWN, "old", NULL, "old", NULL, true, 0 },
		{ OWN, "n e w", NULL, "n e w", MADE, true, 0 },
		{ OWN, "", NULL, "new\r\n", MADE, true, 0 },
		{ "{\\rtf1\\par}", NULL, NULL, "\r\n", NULL, true, 0 },
		{ OWN, NULL, "<p>", "new\r\n", "<p>", true, 0 },
		{ OWN, "old", "<p>", "old", "<p>", true, 0 },
		{ FROM_TEXT, NULL, NULL, "new\r\n", NULL, false, 0 },
		{ FROM_TEXT, "old", NULL, "old", NULL, false, 0 },
		{ FROM_TEXT, NULL, "<p>", "new\r\n", "<p>", false, 0 },
		{ FROM_HTML, NULL, NULL, NULL, HTML, false, 0 },
		{ FROM_HTML, "old", NULL, "old", HTML, false, 0 },
		{ FROM_HTML, "old", "<p>", "old", "<p>", false, 0 },
		/* nothing in it */
		{ "{\\rtf1\\ansi\\fromtext\\plain}", NULL, NULL, "", NULL,
		  false, 0 },
		{ "{\\rtf1\\ansi\\fromhtml1\\plain}", "old", NULL, "old", NULL,
		  false, 0 },
		{ "{\\rtf1\\ansi\\fromhtml1\\plain}", NULL, NULL, "", NULL,
		  false, 0 },
		/* damaged, and no RTF at all */
		{ DAMAGED, NULL, NULL, "new", NULL, true,
		  bit(NOTE_RTF_DAMAGED) },
		{ "new", NULL, NULL, "", NULL, true, bit(NOTE_RTF_DAMAGED) },
		{ "new", "old", NULL, "old", NULL, true,
		  bit(NOTE_RTF_DAMAGED) },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct trial t = trial();

		put_rtf(&t, cases[i].rtf);
		if (cases[i].plain != NULL)
			fake_text(t.message, MAPI_BODY, cases[i].plain);
		if (cases[i].html != NULL)
			fake_text(t.message, MAPI_HTML, cases[i].html);
		read_it(&t);
		CHECK(t.body.has_plain == (cases[i].want_plain != NULL));
		CHECK(t.body.has_html == (cases[i].want_html != NULL));
		if (cases[i].want_plain != NULL)
			CHECK_STR(buf_text(&t.body.plain), cases[i].want_plain);
		if (cases[i].want_html != NULL)
			html_is(&t.body, cases[i].want_html);
		CHECK(t.body.has_rtf == cases[i].attached);
		CHECK_STR(buf_text(&t.body.rtf),
			  cases[i].attached ? cases[i].rtf : "");
		CHECK(!t.body.stale_plain && !t.body.stale_html);
		CHECK(t.body.older.len == 0);
		notes_are(&t, cases[i].notes);
		done(&t);
	}
}

static void rtf_that_is_newer_takes_the_place_of_what_is_stored(void)
{
	const struct {
		const char *rtf, *plain, *html;
		const char *want_plain, *want_html, *older;
		bool stale_plain, stale_html;
	} cases[] = {
		{ OWN, "old", NULL, "new\r\n", MADE, "old", false, false },
		{ OWN, "old", "<p>", "new\r\n", "<p>", "old", false, true },
		{ FROM_TEXT, "old", NULL, "new\r\n", "", "old", false, false },
		{ FROM_HTML, "old", NULL, "old", HTML, "", true, false },
		{ FROM_HTML, "old", "<p>", "old", HTML, "<p>", true, false },
		/* the same but for blanks: not older, and left as it is */
		{ OWN, " n ew", NULL, " n ew", MADE, "", false, false },
		{ OWN, "new", "<p>", "new", MADE, "<p>", false, false },
		{ FROM_TEXT, "ne", NULL, "new\r\n", "", "ne", false, false },
		{ FROM_TEXT, "news", NULL, "new\r\n", "", "news", false,
		  false },
		/* it has nothing to put there */
		{ "{\\rtf1\\fromtext}", "old", NULL, "old", "", "", true,
		  false },
		{ "no RTF", "old", "<p>", "old", "<p>", "", true, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct trial t = trial();

		put_rtf(&t, cases[i].rtf);
		fake_number(t.message, MAPI_NATIVE_BODY, MAPI_INTEGER32,
			    NATIVE_RTF);
		fake_text(t.message, MAPI_BODY, cases[i].plain);
		if (cases[i].html != NULL)
			fake_text(t.message, MAPI_HTML, cases[i].html);
		read_it(&t);
		CHECK_STR(buf_text(&t.body.plain), cases[i].want_plain);
		html_is(&t.body, cases[i].want_html);
		CHECK_STR(buf_text(&t.body.older), cases[i].older);
		CHECK(t.body.older.len == 0 ||
		      t.body.older_is_html == (cases[i].older[0] == '<'));
		CHECK(t.body.stale_plain == cases[i].stale_plain);
		CHECK(t.body.stale_html == cases[i].stale_html);
		body_free(&t.body);

		fake_number(t.message, MAPI_RTF_IN_SYNC, MAPI_BOOLEAN, 1);
		read_it(&t);
		CHECK_STR(buf_text(&t.body.plain), cases[i].plain);
		CHECK(!t.body.stale_plain && !t.body.stale_html);
		CHECK(t.body.older.len == 0);
		done(&t);
	}
}

/* Its text may look whole all the same. */
static void compressed_rtf_that_is_cut_short_is_attached_too(void)
{
	static const char rtf[] = "{\\rtf1\\fromtext a}";
	struct trial t = trial();
	struct buf b = { 0 };

	buf_add(&b, "\x7F\0\0\0\x12\0\0\0MELA\0\0\0\0", 16);
	buf_str(&b, rtf);
	fake_bytes(t.message, MAPI_RTF_COMPRESSED, MAPI_BINARY, b.at, b.len);
	buf_free(&b);
	read_it(&t);
	CHECK_STR(buf_text(&t.body.plain), "a");
	CHECK(t.body.has_rtf);
	CHECK_STR(buf_text(&t.body.rtf), rtf);
	notes_are(&t, bit(NOTE_RTF_TRUNCATED));
	done(&t);
}

static void places_in_rtf_are_named_in_the_order_of_their_positions(void)
{
	const struct {
		const char *name;
		uint64_t position;
	} attachments[] = {
		{ "second.txt", 70 },
		{ "nowhere.txt", UINT32_MAX },
		{ "first.txt", 4 },
		{ "third.txt", 70 },
	};
	struct trial t = trial();

	put_rtf(&t, "{\\rtf1 a\\objattph  b\\objattph{\\*\\objattph x}"
		    "\\objattph}");
	for (size_t i = 0; i < 4; i++) {
		struct fake *a = fake_attachment(t.message);

		fake_number(a, MAPI_ATTACH_METHOD, MAPI_INTEGER32, 1);
		fake_text(a, MAPI_ATTACH_LONG_FILENAME, attachments[i].name);
		fake_bytes(a, MAPI_ATTACH_DATA, MAPI_BINARY, "x", 1);
		fake_number(a, MAPI_RENDERING_POSITION, MAPI_INTEGER32,
			    attachments[i].position);
	}
	read_it(&t);
	CHECK_STR(buf_text(&t.body.plain),
		  "a[attachment: first.txt] b[attachment: second.txt]"
		  "[attachment: third.txt][attachment]");
	notes_are(&t, 0);
	done(&t);
}

/*
 * Text
 */

static void line_ends_become_crlf_and_nul_goes(void)
{
	const struct span text = BYTES("a\r\nb\nc\rd\r\r\n\0e\n\n\0");
	struct trial t = trial();

	fake_bytes(t.message, MAPI_BODY, MAPI_STRING8, text.at, text.len);
	read_it(&t);
	CHECK_STR(buf_text(&t.body.plain), "a\r\nb\r\nc\r\nd\r\n\r\ne\r\n\r\n");
	CHECK(t.body.plain.len == strlen(t.body.plain.at));
	notes_are(&t, 0);
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
	notes_are(&t, 0);
	done(&t);

	t = trial();
	fake_bytes(t.message, MAPI_BODY, MAPI_BINARY, "\x93", 1);
	fake_string8(t.message, MAPI_HTML, "<i>\x94</i>");
	read_it(&t);
	CHECK_STR(buf_text(&t.body.plain), "“");
	CHECK_STR(buf_text(&t.body.html), "<i>”</i>");
	notes_are(&t, 0);
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
	notes_are(&t, 0);
	done(&t);
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
	notes_are(&t, bit(NOTE_PREVIEW_ONLY));
	body_free(&t.body);

	fake_remove(t.message, MAPI_PREVIEW);
	read_it(&t);
	CHECK_STR(buf_text(&t.body.plain), "The prefix");
	body_free(&t.body);

	t.notes.set = 0;
	fake_bytes(t.message, MAPI_HTML, MAPI_BINARY, "<p>", 3);
	read_it(&t);
	CHECK(!t.body.has_plain && t.body.has_html);
	notes_are(&t, 0);
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
		notes_are(&t, cases[i].missing ? bit(NOTE_NO_BODY) : 0);
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
	notes_are(&t, 0);
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
		CHECK(t.body.has_plain);
		if (i == 0) /* the RTF has one */
			CHECK_STR(buf_text(&t.body.plain), "hello world");
		CHECK(t.body.has_html == (i != 1));
		CHECK(t.body.has_rtf == (i != 2));
		notes_are(&t, bit(NOTE_BODY_CORRUPT));
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
	notes_are(&t, bit(NOTE_BODY_CORRUPT));
	done(&t);
}

static void a_body_of_an_odd_type_is_damage(void)
{
	struct trial t = trial();

	fake_number(t.message, MAPI_BODY, MAPI_ERROR_CODE, 0x8007000E);
	fake_text(t.message, MAPI_PREVIEW, "start");
	read_it(&t);
	CHECK_STR(buf_text(&t.body.plain), "start");
	notes_are(&t, bit(NOTE_BODY_CORRUPT) | bit(NOTE_PREVIEW_ONLY));
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
	notes_are(&t, bit(NOTE_BODY_CORRUPT));
	done(&t);
}

static void bodies_too_large_for_memory_stay_in_the_store(void)
{
	enum { MAX = 32 << 20 };
	struct trial t = trial();

	fake_huge(t.message, MAPI_BODY, MAPI_STRING8, MAX + 1, 'x');
	fake_huge(t.message, MAPI_HTML, MAPI_BINARY, UINT64_C(1) << 40, 'x');
	fake_huge(t.message, MAPI_RTF_COMPRESSED, MAPI_BINARY, MAX + 1, 'x');
	read_it(&t);
	CHECK(!t.body.has_plain && !t.body.has_html && !t.body.has_rtf);
	CHECK(t.body.large[0] == MAPI_BODY);
	CHECK(t.body.large[1] == MAPI_HTML);
	CHECK(t.body.large[2] == MAPI_RTF_COMPRESSED);
	notes_are(&t, bit(NOTE_BODY_LARGE));
	done(&t);

	t = trial();
	fake_huge(t.message, MAPI_BODY, MAPI_STRING8, MAX, 'x');
	read_it(&t);
	CHECK(t.body.has_plain && t.body.plain.len == MAX);
	notes_are(&t, 0);
	done(&t);
}

int main(void)
{
	RUN(gives_all_bodies_that_are_stored);
	RUN(an_empty_text_beside_html_is_left_out);
	RUN(rtf_gives_the_bodies_that_are_not_stored);
	RUN(rtf_that_is_newer_takes_the_place_of_what_is_stored);
	RUN(compressed_rtf_that_is_cut_short_is_attached_too);
	RUN(places_in_rtf_are_named_in_the_order_of_their_positions);
	RUN(line_ends_become_crlf_and_nul_goes);
	RUN(text_may_be_stored_as_any_type);
	RUN(the_body_as_it_came_stands_in_for_the_text);
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
