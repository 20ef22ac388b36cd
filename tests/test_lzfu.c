/*
 * test_lzfu.c - compressed RTF
 */
#include "mail/rtf/lzfu.h"

#include "trial.h"

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

/* Which of the eight from number `i` on are references: no single bytes. */
static unsigned kinds(size_t i, size_t singles)
{
	unsigned bits = 0;

	for (size_t k = 0; k < 8; k++)
		bits |= (unsigned)(i + k >= singles) << k;
	return bits;
}

/* A4: as much as is made of it, and one byte more: mostly runs of a byte. */
static void a4_more_than_is_made_is_said(void)
{
	enum { FIRST = 207, RING = 4096, RUN = 17 };

	for (size_t over = 0; over < 2; over++) {
		const size_t all = LZFU_MAX + over;
		const size_t runs = (all - 1) / RUN, singles = all - runs * RUN;
		struct buf in = { 0 }, out = { 0 };
		struct notes notes = { 0 };
		struct ost_error err;

		buf_add(&in, "\0\0\0\0\0\0\0\0LZFu\0\0\0\0", 16);
		for (size_t i = 0; i < singles + runs; i++) {
			const size_t run = i < singles ? 0 : i - singles;
			const size_t from =
				(FIRST + singles + run * RUN - 1) % RING;

			if (i % 8 == 0)
				buf_byte(&in, (char)(uint8_t)kinds(i, singles));
			if (i < singles) {
				buf_byte(&in, 'a');
				continue;
			}
			buf_byte(&in, (char)(uint8_t)(from >> 4));
			buf_byte(&in, (char)(uint8_t)((from & 15) << 4 | 15));
		}
		for (unsigned i = 0; i < 4; i++)
			in.at[i] = (char)(uint8_t)((in.len - 4) >> 8 * i);
		CHECK(lzfu_decode(buf_span(&in), &out, &notes, &err) ==
		      (over > 0 ? OST_LIMIT : OST_OK));
		CHECK(out.len == all && out.at[all - 1] == 'a');
		buf_free(&in);
		buf_free(&out);
	}
}

int main(void)
{
	RUN(decompresses_rtf);
	RUN(says_what_is_wrong_with_compressed_rtf);
	RUN(keeps_its_place_in_the_ring);
	RUN(a4_more_than_is_made_is_said);
	return checked();
}
