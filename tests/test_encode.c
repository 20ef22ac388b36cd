/*
 * test_encode.c - text and bytes as Internet mail carries them
 */
#include "check.h"

#include "mail/text/chars.h"
#include "mail/text/date.h"
#include "mail/text/encode.h"

#include <stdio.h>
#include <stdlib.h>

/* What `text` reads as, from `make`; on loan until the next call. */
static const char *made(void (*make)(struct buf *out, struct span text),
			const char *text)
{
	static char kept[4096];
	struct buf out = { 0 };

	make(&out, chars_of(text));
	snprintf(kept, sizeof(kept), "%s", buf_text(&out));
	buf_free(&out);
	return kept;
}

static void field(struct buf *out, struct span text)
{
	encode_field(out, "Subject", text);
}

static void folded(struct buf *out, struct span text)
{
	encode_folded(out, "References", text);
}

static void phrase(struct buf *out, struct span text)
{
	size_t column = 0;

	encode_phrase(out, text, &column);
}

static void parameter(struct buf *out, struct span text)
{
	encode_parameter(out, "filename", text);
}

static void parameter_word(struct buf *out, struct span text)
{
	encode_parameter_word(out, "name", text);
}

static void clean(struct buf *out, struct span text)
{
	encode_clean(out, text);
}

static void undone(struct buf *out, struct span text)
{
	encode_undo_words(out, text);
}

struct pair {
	const char *in, *out;
};

static void check_pairs(void (*make)(struct buf *, struct span),
			const struct pair *pairs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		CHECK_STR(made(make, pairs[i].in), pairs[i].out);
}

#define CHECK_PAIRS(make, pairs)                                               \
	check_pairs(make, pairs, sizeof(pairs) / sizeof(pairs[0]))

static void base64_is_as_long_as_it_was_said_to_be(void)
{
	uint8_t in[400];
	char out[700];

	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 7);
	for (size_t len = 0; len <= sizeof(in); len++)
		CHECK(encode_base64(in, len, out) == encode_base64_size(len));
	CHECK(encode_base64_size(57) == 78);
	CHECK(encode_base64_size(58) == 84);
	/* 2^40 bytes are 19,289,677,680 lines and 16 bytes. */
	CHECK(encode_base64_size(UINT64_C(1) << 40) ==
	      UINT64_C(19289677680) * 78 + 26);
}

static void base64_may_be_made_where_its_bytes_are(void)
{
	uint8_t in[400];
	char apart[700], here[700];

	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 89);
	for (size_t len = 0; len <= sizeof(in); len++) {
		const size_t size = encode_base64(in, len, apart);
		const size_t run = (size_t)encode_base64_run_size(len);

		memcpy(here + size - len, in, len);
		CHECK(encode_base64((uint8_t *)here + size - len, len, here) ==
		      size);
		CHECK(memcmp(here, apart, size) == 0);
		CHECK(encode_base64_raw(in, len, apart) == run);
		memcpy(here + run - len, in, len);
		CHECK(encode_base64_raw((uint8_t *)here + run - len, len,
					here) == run);
		CHECK(memcmp(here, apart, run) == 0);
	}
}

/* Many bytes are encoded in another way than few. */
static void base64_is_the_same_in_one_go_or_by_threes(void)
{
	uint8_t in[300];
	char all[400], part[4];

	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * i * 37 + i / 7);
	for (size_t len = 3; len <= sizeof(in); len += 3) {
		CHECK(encode_base64_raw(in, len, all) == len / 3 * 4);
		for (size_t i = 0; i < len; i += 3) {
			CHECK(encode_base64_raw(in + i, 3, part) == 4);
			CHECK(memcmp(all + i / 3 * 4, part, 4) == 0);
		}
	}
}

static void base64_is_that_of_rfc_4648(void)
{
	const struct pair vectors[] = {
		{ "f", "Zg==\r\n" },	     { "fo", "Zm8=\r\n" },
		{ "foo", "Zm9v\r\n" },	     { "foob", "Zm9vYg==\r\n" },
		{ "fooba", "Zm9vYmE=\r\n" }, { "foobar", "Zm9vYmFy\r\n" },
	};

	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		char out[16] = "";
		const size_t len = encode_base64((const uint8_t *)vectors[i].in,
						 strlen(vectors[i].in), out);

		out[len] = '\0';
		CHECK_STR(out, vectors[i].out);
	}
}

static size_t count_in(struct buf *text, const char *word)
{
	size_t count = 0;

	for (const char *at = buf_text(text); (at = strstr(at, word)) != NULL;
	     at++)
		count++;
	return count;
}

static void quoted_printable_keeps_lines_and_every_byte(void)
{
	static const struct pair pairs[] = {
		{ "plain", "plain" },
		{ "a=b", "a=3Db" },
		{ "two\r\nlines\r\n", "two\r\nlines\r\n" },
		{ "bare\nfeed\rhere", "bare=0Afeed=0Dhere" },
		{ "blank \r\nat \t\r\nends ", "blank=20\r\nat =09\r\nends=20" },
		{ "From me\r\nFrom you", "From=20me\r\nFrom=20you" },
		{ ".\r\n..", "=2E\r\n=2E." },
		{ "\xC3\xA9", "=C3=A9" },
		{ "1234567890123456789012345678901234567890"
		  "12345678901234567890123456789012345X",
		  "1234567890123456789012345678901234567890"
		  "12345678901234567890123456789012345=\r\nX" },
		{ "1234567890123456789012345678901234567890"
		  "123456789012345678901234567890123\xC3\xA9",
		  "1234567890123456789012345678901234567890"
		  "123456789012345678901234567890123=\r\n=C3=A9" },
	};

	CHECK_PAIRS(encode_quoted_printable, pairs);
}

/* C6: what a search looks for is on one line. */
static void quoted_printable_never_cuts_a_word(void)
{
	static const char *const units[] = { "<table class=\"MsoNormal\">",
					     "<td>",
					     "</td>",
					     "&nbsp;",
					     "reconciliation ",
					     "a",
					     "of ",
					     "someone@example.org,",
					     "gr\303\274\303\237e ",
					     "\t" };
	static const char *const words[] = {
		"<table", "class",	    "MsoNormal", "<td",	   "</td",
		"nbsp",	  "reconciliation", "someone",	 "example"
	};
	struct buf text = { 0 }, out = { 0 };
	uint32_t seed = 1;

	for (size_t i = 0; i < 2000; i++) {
		seed = seed * 1664525 + 1013904223;
		buf_str(&text, units[(seed >> 16) % 10]);
	}
	encode_quoted_printable(&out, buf_span(&text));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		CHECK(count_in(&out, words[i]) == count_in(&text, words[i]));
	buf_free(&text);
	buf_free(&out);
}

static void a_field_is_words_only_where_it_must_be(void)
{
	static const struct pair pairs[] = {
		{ "", "Subject:\r\n" },
		{ "Budget review", "Subject: Budget review\r\n" },
		{ "Re: \xC3\x84rger",
		  "Subject: Re: =?utf-8?Q?=C3=84rger?=\r\n" },
		{ "a \xC3\xA9 bcd \xC3\xA9 e",
		  "Subject: a =?utf-8?Q?=C3=A9_bcd_=C3=A9?= e\r\n" },
		{ "a  \xC3\xA9  b", "Subject: a =?utf-8?Q?_=C3=A9_?= b\r\n" },
		{ "\xD0\x94\xD0\xB0", "Subject: =?utf-8?B?0JTQsA==?=\r\n" },
		{ "an =?utf-8?Q?x?= as text",
		  "Subject: an =?utf-8?Q?=3D=3Futf-8=3FQ=3Fx=3F=3D?= as "
		  "text\r\n" },
		{ "one\r\n two\tthree\001four",
		  "Subject: one  two three four\r\n" },
		{ "bad \xFF byte", "Subject: bad =?utf-8?B?77+9?= byte\r\n" },
		{ "Lorem ipsum dolor sit amet consectetur adipiscing elit sed "
		  "do eiusmod tempor incididunt",
		  "Subject: Lorem ipsum dolor sit amet consectetur adipiscing "
		  "elit sed do eiusmod\r\n tempor incididunt\r\n" },
	};

	CHECK_PAIRS(field, pairs);
}

static void message_ids_are_folded_and_never_words(void)
{
	static const struct pair pairs[] = {
		{ "<a@b>", "References: <a@b>\r\n" },
		{ "  <a@b>\t<c@d> ", "References: <a@b> <c@d>\r\n" },
		{ "<aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.org> "
		  "<bbbbbbbbbbbbbbbbbbbbbbbbbbbb@example.org>",
		  "References: "
		  "<aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.org>"
		  "\r\n <bbbbbbbbbbbbbbbbbbbbbbbbbbbb@example.org>\r\n" },
		{ "<\xC3\xA9@b>", "References: <  @b>\r\n" },
	};

	CHECK_PAIRS(folded, pairs);
}

static void a_phrase_is_atoms_or_quoted_or_words(void)
{
	static const struct pair pairs[] = {
		{ "Jane Doe", " Jane Doe" },
		{ "Doe, Jane", " \"Doe, Jane\"" },
		{ "J. Doe", " \"J. Doe\"" },
		{ "a \"b\" \\c", " \"a \\\"b\\\" \\\\c\"" },
		{ "two  blanks", " \"two  blanks\"" },
		{ "J\xC3\xBCrgen M\xC3\xBCller",
		  " =?utf-8?Q?J=C3=BCrgen_M=C3=BCller?=" },
		/* Of the restricted set of RFC 2047 5 (3): no comma, no dot. */
		{ "M\xC3\xBCller, J.", " =?utf-8?Q?M=C3=BCller=2C_J=2E?=" },
		{ "x=?y", " =?utf-8?Q?x=3D=3Fy?=" },
		{ "Fran\xC3\xA7ois Dupont",
		  " =?utf-8?Q?Fran=C3=A7ois?= Dupont" },
		/* A space at an end would be lost outside of a word. */
		{ " Fran\xC3\xA7ois D ", " =?utf-8?Q?_Fran=C3=A7ois_D_?=" },
		{ "a  Fran\xC3\xA7ois  D", " a =?utf-8?Q?_Fran=C3=A7ois__D?=" },
	};

	CHECK_PAIRS(phrase, pairs);
}

#define TANAKA "\xE7\x94\xB0\xE4\xB8\xAD"
#define TARO   "\xE5\xA4\xAA\xE9\x83\x8E"

/* C6: a word of ASCII beside others can be found, and all is still there. */
static void words_of_ascii_stand_beside_others(void)
{
	static const char *const texts[] = {
		TANAKA " " TARO " Tanaka Trading",
		"Tanaka " TANAKA " Trading " TARO " office",
		TANAKA " Tanaka, Trading. " TARO,
		"Tanaka  " TANAKA "   Trading " TARO,
		" Tanaka " TANAKA " Trading " TARO " ",
		TANAKA TARO TANAKA TARO TANAKA TARO TANAKA TARO
		" Tanaka " TARO TANAKA TARO TANAKA TARO TANAKA TARO TANAKA
		" Trading",
		"Tanaka (" TANAKA ") \"Trading\" <" TARO ">",
		TANAKA "Tanaka" TARO "Trading",
		"=?utf-8?Q?Tanaka?= " TANAKA " Trading",
	};
	void (*const makes[])(struct buf *, struct span) = { phrase, field };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (size_t k = 0; k < 2; k++) {
			struct buf out = { 0 }, line = { 0 };

			makes[k](&out, chars_of(texts[i]));
			CHECK(count_in(&out, "Tanaka") == 1);
			CHECK(count_in(&out, "Trading") ==
			      (strstr(texts[i], "Trading") != NULL));
			for (size_t at = 0; at < out.len; at++)
				if (out.at[at] != '\r' && out.at[at] != '\n' &&
				    out.at[at] != '"' && out.at[at] != '\\')
					buf_byte(&line, out.at[at]);
			const char *from = buf_text(&line) +
					   (k == 1 ? strlen("Subject: ") : 1);
			/* Of a field, what is around the text is no text. */
			if (strchr(texts[i], '"') == NULL &&
			    (k == 0 || texts[i][0] != ' '))
				CHECK_STR(made(undone, from), texts[i]);
			buf_free(&out);
			buf_free(&line);
		}
}

static void a_parameter_is_in_pieces_unless_it_is_ascii(void)
{
	static const struct pair pairs[] = {
		{ "a.txt", ";\r\n filename=a.txt" },
		{ "a b.txt", ";\r\n filename=\"a b.txt\"" },
		{ "q\"b\\.txt", ";\r\n filename=\"q\\\"b\\\\.txt\"" },
		{ "", ";\r\n filename=\"\"" },
		{ "=?utf-8?Q?x?=",
		  ";\r\n filename*=utf-8''%3D%3Futf-8%3FQ%3Fx%3F%3D" },
		{ "\xC3\xBC\"x\\.txt",
		  ";\r\n filename*=utf-8''%C3%BC%22x%5C.txt" },
		{ "\xD0\x94\xD0\x94\xD0\x94\xD0\x94\xD0\x94\xD0\x94\xD0\x94"
		  "\xD0\x94\xD0\x94\xD0\x94\xD0\x94\xD0\x94.pdf",
		  ";\r\n filename*0*=utf-8''%D0%94%D0%94%D0%94%D0%94%D0%94"
		  "%D0%94%D0%94%D0%94%D0%94"
		  ";\r\n filename*1*=%D0%94%D0%94%D0%94.pdf" },
	};

	CHECK_PAIRS(parameter, pairs);
}

static void a_parameter_may_be_words_for_old_readers(void)
{
	static const struct pair pairs[] = {
		{ "a.txt", ";\r\n name=a.txt" },
		{ "\xC3\xBC.txt", ";\r\n name=\"=?utf-8?Q?=C3=BC=2Etxt?=\"" },
		{ "=?x?=", ";\r\n name=\"=?utf-8?Q?=3D=3Fx=3F=3D?=\"" },
	};

	CHECK_PAIRS(parameter_word, pairs);
}

static void text_is_made_one_line(void)
{
	static const struct pair pairs[] = {
		{ "a\r\nb", "a b" },
		{ "a\tb", "a b" },
		{ "a\r\n\r\n\tb", "a b" },
		{ "a\001\002b", "a  b" },
		{ "a\x7F"
		  "b",
		  "a b" },
		{ "\xED\xA0\x80", "\xEF\xBF\xBD"
				  "\xEF\xBF\xBD"
				  "\xEF\xBF\xBD" },
	};
	struct buf out = { 0 };

	CHECK_PAIRS(clean, pairs);
	CHECK(!encode_clean(&out, chars_of("a\r\n\tb")));
	CHECK(encode_clean(&out, chars_of("a\033b")));
	CHECK(!encode_clean(&out, span_of("a\0b", 3)));
	CHECK_STR(buf_text(&out), "a ba bab");
	buf_free(&out);
}

static void words_can_be_undone(void)
{
	static const struct pair pairs[] = {
		{ "plain text", "plain text" },
		{ "=?utf-8?Q?J=C3=BCrgen_M?=", "J\xC3\xBCrgen M" },
		{ "=?UTF-8?b?0JTQsA==?= x", "\xD0\x94\xD0\xB0 x" },
		{ "=?iso-8859-1?q?=E9?= =?iso-8859-1?q?=E8?=",
		  "\xC3\xA9\xC3\xA8" },
		{ "a =?utf-8?Q?b?= c", "a b c" },
		{ "=?utf-8*en?Q?b?=", "b" },
		/* No words: */
		{ "=?utf-8?Q?open", "=?utf-8?Q?open" },
		{ "=?no-such-set?Q?x?=", "=?no-such-set?Q?x?=" },
		{ "=?utf-8?X?x?=", "=?utf-8?X?x?=" },
		{ "=?", "=?" },
		{ "=?utf-8?Q?a?= = b", "a = b" },
	};

	CHECK_PAIRS(undone, pairs);
}

/* The next of a row of numbers that are the same in every run. */
static uint32_t next_number(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static void make_text(uint32_t *state, struct buf *out)
{
	static const uint32_t some[] = { 'a',	 ' ',	  '=',	'?',
					 '_',	 '"',	  0xE9, 0x416,
					 0x4E2D, 0x1F600, '\\', '.' };
	const size_t len = next_number(state) % 300;

	for (size_t i = 0; i < len; i++)
		buf_utf8(out, some[next_number(state) %
				   (next_number(state) % 2 ? 12 : 2)]);
}

/* The value of a field with its folding undone. */
static void unfold(struct span field_, struct buf *out)
{
	const struct span value =
		chars_from(field_, chars_find(field_, ':') + 1);

	for (size_t i = 0; i < value.len; i++)
		if (value.at[i] != '\r' && value.at[i] != '\n')
			buf_byte(out, (char)value.at[i]);
}

static void any_text_survives_a_field_in_lines_of_78(void)
{
	uint32_t state = 1;

	for (int run = 0; run < 2000; run++) {
		struct buf text = { 0 }, out = { 0 }, flat = { 0 },
			   back = { 0 };
		size_t longest = 0, column = 0;

		make_text(&state, &text);
		encode_field(&out, "Subject", buf_span(&text));
		for (size_t i = 0; i < out.len; i++) {
			CHECK(out.at[i] > 0);
			column = out.at[i] == '\n' ? 0 : column + 1;
			longest = column > longest ? column : longest;
		}
		unfold(buf_span(&out), &flat);
		encode_undo_words(&back, chars_trim(buf_span(&flat)));
		const struct span got = chars_trim(buf_span(&back));
		const struct span want = chars_trim(buf_span(&text));
		CHECK(span_equal(got, want));
		/* A word of text that is longer is not broken. */
		CHECK(longest <= 79 || strchr(buf_text(&text), ' ') == NULL ||
		      longest < text.len);
		buf_free(&text);
		buf_free(&out);
		buf_free(&flat);
		buf_free(&back);
	}
}

/* Of text without spaces, in Q, a letter a column. */
static void words_fill_their_lines(void)
{
	struct buf text = { 0 }, out = { 0 };
	size_t longest = 0, column = 0;

	buf_str(&text, "\xC3\xA9");
	for (int i = 0; i < 300; i++)
		buf_byte(&text, 'x');
	encode_field(&out, "Subject", buf_span(&text));
	for (size_t i = 0; i < out.len; i++) {
		column = out.at[i] == '\r' ? 0 : column + 1;
		longest = column > longest ? column : longest;
	}
	CHECK(longest == 1 + 76); /* and its line feed */
	buf_free(&text);
	buf_free(&out);
}

static void no_line_is_longer_than_998(void)
{
	char *text = malloc(5001);
	void (*const makers[])(struct buf *, struct span) = { field, folded,
							      phrase, parameter,
							      parameter_word };

	text[5000] = '\0';
	for (int fill = 0; fill < 3; fill++) {
		memset(text, "x \xE9"[fill], 5000);
		for (size_t i = 0; i < 5; i++) {
			struct buf out = { 0 };
			size_t column = 0;

			makers[i](&out, chars_of(text));
			for (size_t k = 0; k < out.len; k++) {
				column = out.at[k] == '\n' ? 0 : column + 1;
				CHECK(column <= 999);
			}
			buf_free(&out);
		}
	}
	free(text);
}

static void dates_are_written_in_utc(void)
{
	const struct {
		int64_t sec;
		const char *text;
	} dates[] = {
		{ 0, "Thu, 01 Jan 1970 00:00:00 +0000" },
		{ 1709288520, "Fri, 01 Mar 2024 10:22:00 +0000" },
		{ 951782400, "Tue, 29 Feb 2000 00:00:00 +0000" },
		{ -11644473600, "Mon, 01 Jan 1601 00:00:00 +0000" },
		{ 253402300799, "Fri, 31 Dec 9999 23:59:59 +0000" },
	};

	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		struct buf out = { 0 };
		int64_t back = 1;

		encode_date(&out, dates[i].sec);
		CHECK_STR(buf_text(&out), dates[i].text);
		CHECK(date_parse(buf_span(&out), &back));
		CHECK(back == dates[i].sec);
		buf_free(&out);
	}
}

static void dates_are_read_in_all_their_forms(void)
{
	const struct {
		const char *text;
		int64_t sec;
	} dates[] = {
		{ "Fri, 1 Mar 2024 11:22:00 +0100", 1709288520 },
		{ "1 Mar 2024 10:22 GMT", 1709288520 },
		{ "Fri, 01 Mar 2024 05:22:00 EST (New York (US))", 1709288520 },
		{ "(x) Fri,\r\n 1 Mar 24 10:22:00 -0000", 1709288520 },
		{ "Fri (a \\) b), 1 (\\() Mar 24 10 : 22 :00 GMT", 1709288520 },
		{ "Fri Mar  1 10:22:00 2024", 1709288520 },
		{ "1-Mar-2024 10:22:00", 1709288520 },
		{ "Friday, 1 March 2024 10:22:00 UT", 1709288520 },
		{ "Thu, 1 Jan 70 00:00:00 Z", 0 },
		/* A second date after the first, as Exchange 5.5 stored it. */
		{ "Fri, 1 Mar 2024 10:22:00 +0000 Sat, 2 Mar 2024 1:1:1 Z",
		  1709288520 },
	};
	static const char *const none[] = {
		"",
		"yesterday",
		"Fri, 32 Mar 2024 10:22:00 +0000",
		"Fri, 29 Feb 2023 10:22:00 +0000",
		"Fri, 1 Mar 2024 24:22:00 +0000",
		"Fri, 1 Mar 2024 10:60:00 +0000",
		"Fri, 1 Mar 2024",
		"1 Foo 2024 10:22:00",
		"0 Mar 2024 10:22:00",
		"99999999999999 Mar 2024 10:22:00",
		"((((",
		"Mar",
	};
	int64_t sec;

	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		sec = -1;
		CHECK(date_parse(chars_of(dates[i].text), &sec));
		CHECK(sec == dates[i].sec);
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		CHECK(!date_parse(chars_of(none[i]), &sec));
}

static void times_that_mean_none_are_none(void)
{
	int64_t sec;
	uint32_t nsec;

	CHECK(!date_filetime(0, &sec, &nsec));
	CHECK(!date_filetime(UINT64_C(0x0CB34557A3DD4000), &sec, &nsec));
	CHECK(!date_filetime(UINT64_C(0x7FFFFFFFFFFFFFFF), &sec, &nsec));
	CHECK(!date_filetime(UINT64_C(2650467744000000000), &sec, &nsec));
	CHECK(date_filetime(UINT64_C(2650467743999999999), &sec, &nsec));
	CHECK(sec == 253402300799 && nsec == 999999900);
	CHECK(date_filetime(UINT64_C(116444736000000001), &sec, &nsec));
	CHECK(sec == 0 && nsec == 100);
}

/* D5: an empty value has no bytes to point to, and no room. */
static void nothing_is_encoded_as_nothing(void)
{
	struct buf none = { 0 };

	CHECK(encode_base64(NULL, 0, NULL) == 0);
	CHECK(encode_base64_raw(NULL, 0, NULL) == 0);
	encode_base64_run(&none, span_of(NULL, 0));
	CHECK(none.len == 0 && !none.bad);
	buf_free(&none);
}

/* Whatever byte stands wherever in whatever is read at a time. */
static void bytes_are_told_apart_wherever_they_stand(void)
{
	enum { LENGTH = 70 };
	uint8_t text[LENGTH];

	for (size_t len = 0; len <= LENGTH; len++)
		for (unsigned c = 0; c < 256; c += len % 16 == 0 ? 1 : 31)
			for (size_t at = 0; at < len; at++) {
				const bool plain = c >= 0x20 && c < 0x7F;
				const struct span s = span_of(text, len);

				memset(text, 'x', len);
				text[at] = (uint8_t)c;
				CHECK(chars_plain(s) == (plain ? len : at));
				CHECK(chars_count(s, (uint8_t)c) ==
				      (c == 'x' ? len : 1));
				CHECK(chars_count(s, 'x') ==
				      (c == 'x' ? len : len - 1));
			}
}

int main(void)
{
	RUN(bytes_are_told_apart_wherever_they_stand);
	RUN(base64_is_as_long_as_it_was_said_to_be);
	RUN(base64_may_be_made_where_its_bytes_are);
	RUN(base64_is_the_same_in_one_go_or_by_threes);
	RUN(base64_is_that_of_rfc_4648);
	RUN(quoted_printable_keeps_lines_and_every_byte);
	RUN(quoted_printable_never_cuts_a_word);
	RUN(a_field_is_words_only_where_it_must_be);
	RUN(message_ids_are_folded_and_never_words);
	RUN(a_phrase_is_atoms_or_quoted_or_words);
	RUN(words_of_ascii_stand_beside_others);
	RUN(a_parameter_is_in_pieces_unless_it_is_ascii);
	RUN(a_parameter_may_be_words_for_old_readers);
	RUN(text_is_made_one_line);
	RUN(words_can_be_undone);
	RUN(any_text_survives_a_field_in_lines_of_78);
	RUN(words_fill_their_lines);
	RUN(no_line_is_longer_than_998);
	RUN(dates_are_written_in_utc);
	RUN(dates_are_read_in_all_their_forms);
	RUN(times_that_mean_none_are_none);
	RUN(nothing_is_encoded_as_nothing);
	return checked();
}
