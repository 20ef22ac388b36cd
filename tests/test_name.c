#include "check.h"
#include "tree/name.h"

#include <stdlib.h>

#include <uninorm.h>
#include <unistr.h>

static struct span text(const char *s)
{
	return span_of(s, strlen(s));
}

static const char *fit(struct buf *out, struct span in, size_t max)
{
	struct buf clean = { 0 };

	buf_cut(out, 0);
	name_clean(&clean, in);
	name_fit(out, buf_span(&clean), max, "nothing");
	buf_free(&clean);
	return buf_text(out);
}

static void makes_any_text_safe(void)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "Budget review", "Budget review" },
		{ "Re: lunch", "Re- lunch" },
		{ "a/b\\c:d*e?f\"g<h>i|j", "a-b-c-d-e-f-g-h-i-j" },
		{ "", "nothing" },
		{ "...", "nothing" },
		{ " . . ", "nothing" },
		{ "..", "nothing" },
		{ ".hidden", "hidden" },
		{ " .. ..secret. . ", "secret" },
		{ "ends with dots...", "ends with dots" },
		{ "a.b.c", "a.b.c" },
		{ "tab\tnew\r\nline\x01\x7F.", "tab new line" },
		{ "  many \xC2\xA0 \xE3\x80\x80 spaces  ", "many spaces" },
		{ "C1 \xC2\x85 and \xC2\x9F.", "C1 and" },
		/* what turns text round, or cannot be seen */
		{ "gpj\xE2\x80\xAE"
		  "exe",
		  "gpjexe" },
		{ "\xE2\x81\xA6in\xE2\x81\xA9", "in" },
		{ "\xEF\xBB\xBF"
		  "bom",
		  "bom" },
		{ "so\xC2\xAD"
		  "ft",
		  "soft" },
		{ "line\xE2\x80\xA8separator", "line separator" },
		{ "\xEF\xBF\xBF", "\xEF\xBF\xBD" },
		/* joiners are letters' business */
		{ "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB",
		  "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB" },
		/* decomposed to composed */
		{ "Mu\xCC\x88ller", "M\xC3\xBCller" },
		{ "\xE2\x84\xAB", "\xC3\x85" },
		/* no UTF-8: a Latin-1 byte, a surrogate, an overlong slash */
		{ "caf\xE9", "caf\xEF\xBF\xBD" },
		{ "\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD" },
		{ "\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" },
		/* devices */
		{ "CON", "CON_" },
		{ "nul.txt", "nul_.txt" },
		{ "Aux .tar.gz", "Aux_ .tar.gz" },
		{ "com1", "com1_" },
		{ "LPT\xC2\xB2.x", "LPT\xC2\xB2_.x" },
		{ "CONIN$", "CONIN$_" },
		{ ".prn.", "prn_" },
		{ "COM10", "COM10" },
		{ "CONFERENCE", "CONFERENCE" },
		{ "lpt", "lpt" },
	};
	struct buf out = { 0 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK_STR(fit(&out, text(cases[i].in), NAME_LIMIT),
			  cases[i].out);
		/* What is safe stays as it is. */
		CHECK_STR(fit(&out, text(cases[i].out), NAME_LIMIT),
			  cases[i].out);
	}
	buf_free(&out);
}

static void cuts_between_graphemes(void)
{
	static const struct {
		const char *in;
		size_t max;
		const char *out;
	} cases[] = {
		{ "abcdef", 6, "abcdef" },
		{ "abcdef", 5, "abcde" },
		{ "abc def", 4, "abc" },
		{ "abc. def", 5, "abc" },
		{ "\xC3\xA9\xC3\xA9", 3, "\xC3\xA9" },
		/* q with a dot below has no composed form */
		{ "aq\xCC\xA3", 3, "a" },
		{ "aq\xCC\xA3", 2, "a" },
		{ "aq\xCC\xA3", 4, "aq\xCC\xA3" },
		/* a flag is two letters, a family many */
		{ "x\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA", 8, "x" },
		{ "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB!", 11,
		  "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB" },
		{ "y\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB", 11, "y" },
		/* one grapheme too long: whole characters */
		{ "q\xCC\xA3\xCC\xA3\xCC\xA3", 4, "q\xCC\xA3" },
		{ "CON", 3, "CO" },
		{ "\xC3\xA9", 1, "nothing" },
	};
	struct buf out = { 0 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_STR(fit(&out, text(cases[i].in), cases[i].max),
			  cases[i].out);
	buf_free(&out);
}

static void names_an_item_by_what_is_known_of_it(void)
{
	static const struct {
		bool dated;
		int64_t sec;
		const char *sender, *subject;
		const char *out;
	} cases[] = {
		{ true, 1709288520, "Jane Doe", "Budget review",
		  "2024-03-01 10.22 Jane Doe - Budget review [200024]" },
		{ true, 1709288520, "", "Re: x",
		  "2024-03-01 10.22 Re- x [200024]" },
		{ true, 1709288520, "Jane", "",
		  "2024-03-01 10.22 Jane - No subject [200024]" },
		{ true, 1709288520, "", "",
		  "2024-03-01 10.22 No subject [200024]" },
		{ false, 1709288520, "Jane", "x", "Jane - x [200024]" },
		{ false, 0, "", "", "No subject [200024]" },
		{ false, 0, " \t", "...", "No subject [200024]" },
		{ false, 0, ".NET", "..", "NET - [200024]" },
		{ false, 0, "", "CON", "CON_ [200024]" },
		{ true, 0, "", "a", "1970-01-01 00.00 a [200024]" },
		{ true, -11644473600, "", "a", "1601-01-01 00.00 a [200024]" },
		{ true, 253402300799, "", "a", "9999-12-31 23.59 a [200024]" },
		{ true, 253402300800, "", "a", "a [200024]" },
		{ true, INT64_MAX, "", "a", "a [200024]" },
		{ true, INT64_MIN, "", "a", "a [200024]" },
	};
	struct buf out = { 0 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct name_parts parts = { cases[i].dated, cases[i].sec,
						  text(cases[i].sender),
						  text(cases[i].subject),
						  0x200024 };

		buf_cut(&out, 0);
		name_item(&out, &parts, ".eml");
		CHECK_STR(buf_text(&out), cases[i].out);
	}
	buf_free(&out);
}

static void keeps_room_for_every_suffix(void)
{
	static const char *const letters[] = { "a", "\xC3\xA9", "\xE6\x97\xA5",
					       "\xF0\x9F\x98\x80" };

	for (size_t i = 0; i < 4; i++) {
		struct buf subject = { 0 }, out = { 0 };
		struct name_parts parts = {
			true, 1709288520, { NULL, 0 }, { NULL, 0 }, UINT32_MAX
		};

		while (subject.len < 4000)
			buf_str(&subject, letters[i]);
		parts.subject = buf_span(&subject);
		parts.sender = buf_span(&subject);
		name_item(&out, &parts, ".eml");
		CHECK(out.len <= NAME_LIMIT - strlen(NAME_BESIDE));
		CHECK(out.len > NAME_LIMIT - strlen(NAME_BESIDE) - 4);
		CHECK(u8_check((const uint8_t *)out.at, out.len) == NULL);
		CHECK_STR(out.at + out.len - 11, " [ffffffff]");
		CHECK(strstr(out.at, " - ") != NULL); /* the subject is there */
		buf_free(&out);
		buf_free(&subject);
	}
}

static void finds_the_nid_in_a_name(void)
{
	static const struct {
		const char *name;
		bool found;
		uint32_t nid;
		const char *suffix;
	} cases[] = {
		{ "x [200024].eml", true, 0x200024, ".eml" },
		{ "x [200024].attachments", true, 0x200024, ".attachments" },
		{ "x [ffffffff]", true, UINT32_MAX, "" },
		{ "a [12] b [34].eml", true, 0x34, ".eml" },
		{ "x [1ffffffff].eml", false, 0, "" },
		{ "x [].eml", false, 0, "" },
		{ "x [12G].eml", false, 0, "" },
		{ "x [AB].eml", false, 0, "" },
		{ "x[12].eml", false, 0, "" },
		{ "[12].eml", false, 0, "" },
		{ " [12].eml", true, 0x12, ".eml" },
		{ "12].eml", false, 0, "" },
		{ "]", false, 0, "" },
		{ "", false, 0, "" },
		{ "x [12].eml]", false, 0, "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t nid = 0;
		const char *suffix = "";

		CHECK(name_nid(cases[i].name, &nid, &suffix) == cases[i].found);
		CHECK(nid == cases[i].nid);
		CHECK_STR(suffix, cases[i].suffix);
	}
}

static void tells_like_names_apart(void)
{
	static const struct {
		const char *in;
		uint32_t nid;
		bool always, file;
		const char *out;
	} cases[] = {
		{ "Inbox", 0x22, false, false, "Inbox" },
		{ "INBOX", 0x42, false, false, "INBOX [42]" },
		{ "Inbox", 0x62, false, false, "Inbox [62]" },
		{ "Inbox [82]", 0x1, false, false, "Inbox [82]" },
		{ "Inbox", 0x82, false, false, "Inbox [82-4]" },
		{ "STRASSE", 0x22, false, false, "STRASSE" },
		{ "stra\xC3\x9F"
		  "e",
		  0x42, false, false,
		  "stra\xC3\x9F"
		  "e [42]" },
		{ "a.txt", 0x5, false, true, "a.txt" },
		{ "A.TXT", 0x6, false, true, "A [6].TXT" },
		{ "a.txt", 0x6, false, true, "a [6-9].txt" },
		{ "a [6-11].txt", 0x1, false, true, "a [6-11].txt" },
		{ "a.txt", 0x6, false, true, "a [6-11-3].txt" },
		{ "a.txt", 0x7, false, false, "a.txt [7]" },
		{ "a.tar.gz", 0x5, true, true, "a.tar [5].gz" },
		{ "v. 2 of 3", 0x5, true, true, "v. 2 of 3 [5]" },
		{ "", 0x5, false, true, "nothing" },
		{ "..", 0x6, false, true, "nothing [6]" },
		{ "con.txt", 0x6, false, true, "con_.txt" },
		{ "con .txt", 0x6, false, true, "con_ .txt" },
		{ "..doc", 0x6, false, true, "nothing.doc" },
		{ " . .doc. ", 0x7, false, true, "nothing [7].doc" },
		{ ".profile", 0x6, false, true, "profile" },
		{ "Mr. Roe..doc", 0x6, false, true, "Mr. Roe..doc" },
		{ "plan .doc", 0x6, false, true, "plan .doc" },
		{ "Plan .doc", 0x8, false, true, "Plan [8].doc" },
	};
	struct name_set set = { 0 };
	struct buf out = { 0 };

	for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct name_tag tag = { cases[i].nid,  i, cases[i].always,
					      cases[i].file, 0, "nothing" };

		buf_cut(&out, 0);
		name_unique(&out, &set, text(cases[i].in), &tag);
		CHECK_STR(buf_text(&out), cases[i].out);
	}
	CHECK(!set.bad);
	name_set_free(&set);
	buf_free(&out);
}

/* A name of the most bytes, then others that only differ after that. */
static void keeps_long_names_apart_and_their_suffixes(void)
{
	struct name_set set = { 0 };
	struct buf clean = { 0 }, out = { 0 };

	while (clean.len < 300)
		buf_str(&clean, "ab\xC3\xA9");
	buf_str(&clean, ".docx");
	for (uint32_t i = 0; i < 1000; i++) {
		const struct name_tag tag = {
			0xFFFFFFFF, i, false, true, 0, ""
		};

		buf_cut(&out, 0);
		name_unique(&out, &set, buf_span(&clean), &tag);
		CHECK(out.len <= NAME_LIMIT && out.len > NAME_LIMIT - 4);
		CHECK_STR(out.at + out.len - 5, ".docx");
	}
	CHECK(!set.bad && set.count == 1000);
	name_set_free(&set);
	buf_free(&clean);
	buf_free(&out);
}

/* Whatever the bytes, the name keeps every promise of name.h. */
static void keeps_its_promises_for_random_bytes(void)
{
	uint32_t seed = 1;

	for (int run = 0; run < 20000; run++) {
		struct buf out = { 0 }, again = { 0 };
		uint8_t in[400];
		size_t len, normal_len = 0;
		uint8_t *normal;

		for (size_t i = 0; i < sizeof(in); i++) {
			seed = seed * 1664525 + 1013904223;
			in[i] = (uint8_t)(seed >> 24);
			if (run % 2 == 0) /* mostly text of two bytes each */
				in[i] = (uint8_t)(i % 2 == 0
							  ? 0xC3 + in[i] % 27
							  : 0x80 | in[i] % 64);
		}
		seed = seed * 1664525 + 1013904223;
		len = (seed >> 16) % sizeof(in);
		fit(&out, span_of(in, len), NAME_LIMIT);
		CHECK(out.len > 0 && out.len <= NAME_LIMIT);
		CHECK(strpbrk(out.at, "/\\:*?\"<>|\n\x7F") == NULL);
		CHECK(out.at[0] != '.' && out.at[0] != ' ');
		CHECK(strchr(". ", out.at[out.len - 1]) == NULL);
		normal = u8_normalize(UNINORM_NFC, (uint8_t *)out.at, out.len,
				      NULL, &normal_len);
		CHECK(normal != NULL && normal_len == out.len &&
		      memcmp(normal, out.at, out.len) == 0);
		CHECK_STR(fit(&again, buf_span(&out), NAME_LIMIT),
			  buf_text(&out));
		free(normal);
		buf_free(&out);
		buf_free(&again);
	}
}

int main(void)
{
	RUN(makes_any_text_safe);
	RUN(cuts_between_graphemes);
	RUN(names_an_item_by_what_is_known_of_it);
	RUN(keeps_room_for_every_suffix);
	RUN(finds_the_nid_in_a_name);
	RUN(tells_like_names_apart);
	RUN(keeps_long_names_apart_and_their_suffixes);
	RUN(keeps_its_promises_for_random_bytes);
	return checked();
}
