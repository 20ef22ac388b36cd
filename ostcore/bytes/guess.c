/*
 * guess.c - which code page short 8-bit text may be in, by its letters
 *
 * Of each page the letters that its languages use most. In the right page
 * most of what is not ASCII is among them, and words are of one script and
 * have their capitals in front; in a wrong one they seldom are.
 */
#include "bytes/text.h"

enum {
	MAX = 1024,   /* bytes looked at */
	ENOUGH = 600, /* of 1000 that are usual letters */
	LEAD = 100,   /* over any other page */
	CP_KOREAN = 949,
	ENOUGH_KOREAN = 900, /* half of Chinese text looks like it */
};

/* A page of a byte a character. */
static const struct letters {
	uint16_t cp;
	bool latin;
	const char *usual; /* UTF-8 */
} pages[] = {
	{ 1252, true, "äöüßÄÖÜéèêëàâçîïôûùÉÈÀÇáíóúñÁÍÓÚÑåøæÅØÆãõìò" },
	{ 1250, true,
	  "äöüßÄÖÜáéíóúýÁÉÍÓÚÝąćęłńśźżŁŚŻčďěňřšťůžČĎŘŠŤŽőűâăîşţđŐŰ" },
	{ 1254, true, "ıİşŞğĞüöçÜÖÇâîû" },
	{ 1257, true, "ąčęėįšųūžāēģīķļņöäõüĄČĖŠŪŽĀ" },
	{ 1251, false, "оеаинтсрвлкмдпуяОЕАИНТСРВЛКМДПУіїј" },
	{ 1253, false, "αοιετσνηυρπκλμςάέήίόύώΑΟΙΕΤΣΝΗΡΠΚΛΜ" },
	{ 1255, false, "יוהלאמרתבשנםןדע" },
	{ 1256, false, "اليمنوترب\xD8\xA9عدسفحكقه" },
	{ 874, false, "านรอกเงมยลวดทส่้ี์ัิคปะบ" },
	{ 20866, false, "оеаинтсрвлкмдпуяОЕАИНТСРВЛКМДПУ" },
};
enum { PAGES = sizeof(pages) / sizeof(pages[0]) };

/* A page of two bytes a character: those of the usual ones. */
static const struct pairs {
	uint16_t cp;
	uint8_t first, last; /* of the first byte */
	uint8_t low;	     /* of the second */
	uint8_t kana_first, kana_last;
} double_pages[] = {
	{ 932, 0x88, 0x97, 0x40, 0x82, 0x83 },
	{ 936, 0xB0, 0xD7, 0xA1, 1, 0 },
	{ CP_KOREAN, 0xB0, 0xC8, 0xA1, 1, 0 },
	{ 950, 0xA4, 0xC6, 0x40, 1, 0 },
};
enum { DOUBLES = sizeof(double_pages) / sizeof(double_pages[0]) };

/* The length of the UTF-8 character at `at` of good UTF-8. */
static size_t char_len(uint8_t lead)
{
	return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

static bool is_usual(const struct letters *l, const char *c, size_t len)
{
	for (const char *p = l->usual; *p != '\0'; p += char_len((uint8_t)*p))
		if (strncmp(p, c, len) == 0)
			return true;
	return false;
}

static bool is_ascii_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/*
 * Of 1000 characters that are not ASCII, how many are usual letters where
 * they stand: in a word of none of another script, or, in a Latin page, of not
 * too few of ASCII.
 */
static unsigned share_of(const struct letters *l, struct span utf8)
{
	unsigned all = 0, good = 0, ascii = 0, foreign = 0, usual = 0;

	for (size_t i = 0; i <= utf8.len;) {
		const uint8_t c = i < utf8.len ? utf8.at[i] : ' ';
		const size_t len = char_len(c);

		if (len > 1) {
			foreign++;
			usual += is_usual(l, (const char *)utf8.at + i, len);
		} else if (is_ascii_letter(c)) {
			ascii++;
		} else {
			if (l->latin ? foreign <= 2 * ascii : ascii == 0)
				good += usual;
			all += foreign;
			ascii = foreign = usual = 0;
		}
		i += len;
	}
	return all > 0 ? good * 1000 / all : 0;
}

static unsigned share_of_pairs(const struct pairs *p, struct span in)
{
	unsigned all = 0, good = 0;

	for (size_t i = 0; i < in.len; i++) {
		if (in.at[i] < 0x80)
			continue;
		all++;
		if (i + 1 == in.len)
			break;
		good += in.at[i + 1] >= p->low &&
			((in.at[i] >= p->first && in.at[i] <= p->last) ||
			 (in.at[i] >= p->kana_first &&
			  in.at[i] <= p->kana_last));
		i++;
	}
	return all > 0 ? good * 1000 / all : 0;
}

static bool decodes(unsigned cp, struct span in, struct buf *out)
{
	buf_cut(out, 0);
	return text_codepage(out, cp, in) == 0 && !out->bad;
}

/* The best page so far, and how good any that reads another text is. */
struct best {
	unsigned cp, share, second;
	struct buf text;
};

/* Pages in which a text is the same do not contend: the first stands. */
static void contend(struct best *b, unsigned cp, unsigned share,
		    struct buf *text)
{
	if (b->cp != 0 && span_equal(buf_span(&b->text), buf_span(text)))
		return;
	if (share <= b->share) {
		b->second = share > b->second ? share : b->second;
		return;
	}
	const struct buf old = b->text;
	b->second = b->share;
	b->share = share;
	b->cp = cp;
	b->text = *text;
	*text = old;
}

unsigned text_guess(struct span in)
{
	struct best b = { 0 };
	struct buf text = { 0 };

	(void)span_sub(in, 0, in.len < MAX ? in.len : MAX, &in);
	for (size_t i = 0; i < DOUBLES; i++) {
		unsigned share = share_of_pairs(&double_pages[i], in);

		if (double_pages[i].cp == CP_KOREAN)
			share = share >= ENOUGH_KOREAN ? 2 * share : 0;
		if (share >= ENOUGH && decodes(double_pages[i].cp, in, &text))
			contend(&b, double_pages[i].cp, share, &text);
	}
	for (size_t i = 0; i < PAGES; i++)
		if (decodes(pages[i].cp, in, &text))
			contend(&b, pages[i].cp,
				share_of(&pages[i], buf_span(&text)), &text);
	buf_free(&text);
	buf_free(&b.text);
	return b.share >= ENOUGH && b.share >= b.second + LEAD ? b.cp : 0;
}
