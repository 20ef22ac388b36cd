#include "tree/name.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <unicase.h>
#include <unictype.h>
#include <unigbrk.h>
#include <uninorm.h>
#include <unistr.h>

enum {
	TEXT_MAX = 1024, /* bytes worth cleaning: far more than fit */
	SENDER_MAX = 80, /* bytes of a sender: the subject needs room too */
	SUFFIX_MAX = 16, /* bytes of ".ext": more is no file type */
	TAG_MAX = 36,	 /* " [ffffffff-4294967295-4294967295]" */
};

/* The last second of the year 9999. */
static const int64_t last_second = INT64_C(253402300799);

/* Characters that turn or hide what stands around them. */
static const struct {
	uint32_t from, to;
} left_out[] = {
	{ 0x00AD, 0x00AD },   /* soft hyphen */
	{ 0x061C, 0x061C },   /* Arabic letter mark */
	{ 0x180E, 0x180E },   /* Mongolian vowel separator */
	{ 0x200B, 0x200B },   /* zero width space; not the joiners */
	{ 0x200E, 0x200F },   /* left-to-right, right-to-left mark */
	{ 0x202A, 0x202E },   /* embeddings and overrides */
	{ 0x2060, 0x206F },   /* invisible operators, isolates */
	{ 0xFEFF, 0xFEFF },   /* byte order mark */
	{ 0xFFF9, 0xFFFC },   /* annotation, object replacement */
	{ 0xE0001, 0xE0001 }, /* language tag */
};

/* What stands for `c` in a name; 0: nothing. */
static uint32_t stand_in(uint32_t c)
{
	switch (c) {
	case '/':
	case '\\':
	case ':':
	case '*':
	case '?':
	case '"':
	case '<':
	case '>':
	case '|':
		return '-';
	default:
		break;
	}
	if (c > ' ' && c < 0x7F)
		return c;
	if (c < 0xA0 || uc_is_property_white_space(c))
		return ' ';
	if ((c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF))
		return 0xFFFD; /* never a character */
	for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
		if (c >= left_out[i].from && c <= left_out[i].to)
			return 0;
	return c;
}

/* ASCII is in its normal form. */
static void put_normal(struct buf *out, const uint8_t *text, size_t text_len)
{
	size_t len = 0, plain = 0;
	uint8_t *normal;

	while (plain < text_len && text[plain] < 0x80)
		plain++;
	if (plain == text_len) {
		buf_add(out, text, text_len);
		return;
	}
	normal = u8_normalize(UNINORM_NFC, text, text_len, NULL, &len);
	if (normal == NULL)
		out->bad = true;
	else
		buf_add(out, normal, len);
	free(normal);
}

void name_clean(struct buf *out, struct span text)
{
	uint8_t plain[TEXT_MAX + 8]; /* room for a space and a character */
	size_t used = 0;
	bool space = false;

	for (size_t i = 0; i < text.len && used < TEXT_MAX;) {
		ucs4_t c = text.at[i];
		const int len =
			c < 0x80 ? 1
				 : u8_mbtoucr(&c, text.at + i, text.len - i);

		i += len > 0 ? (size_t)len : 1;
		c = len > 0 ? stand_in(c) : 0xFFFD;
		if (c == ' ')
			space = used > 0;
		if (c == ' ' || c == 0)
			continue;
		if (space)
			plain[used++] = ' ';
		space = false;
		if (c < 0x80)
			plain[used++] = (uint8_t)c;
		else
			used += (size_t)u8_uctomb(plain + used, c, 4);
	}
	put_normal(out, plain, used);
}

static bool at_an_end(uint8_t c)
{
	return c == ' ' || c == '.';
}

static struct span trim_start(struct span s)
{
	size_t skip = 0;

	while (skip < s.len && at_an_end(s.at[skip]))
		skip++;
	(void)span_sub(s, skip, s.len - skip, &s);
	return s;
}

static struct span trim_end(struct span s)
{
	while (s.len > 0 && at_an_end(s.at[s.len - 1]))
		s.len--;
	return s;
}

/*
 * The most of `s` that fits, in whole graphemes; in whole characters when
 * even the first grapheme is too long (a letter under a heap of accents).
 */
static size_t cut_at(struct span s, size_t max)
{
	char breaks[NAME_LIMIT + 4]; /* up to the character after the cut */
	size_t at = max < NAME_LIMIT ? max : NAME_LIMIT;

	if (s.len <= at)
		return s.len;
	u8_grapheme_breaks(s.at, s.len < at + 4 ? s.len : at + 4, breaks);
	while (at > 0 && breaks[at] == 0)
		at--;
	if (at > 0)
		return at;
	for (at = max; at > 0 && (s.at[at] & 0xC0) == 0x80;)
		at--;
	return at;
}

/* Length of a DOS device name at the start of `s`, alone but for a suffix. */
static size_t device(struct span s)
{
	static const char *const names[] = {
		"CON", "PRN", "AUX", "NUL", "COM", "LPT", "CONIN$", "CONOUT$"
	};
	const uint8_t *dot;
	size_t len;

	if (s.len == 0 || s.at[0] == '\0' ||
	    strchr("CPANLcpanl", s.at[0]) == NULL)
		return 0; /* as most names are */
	dot = memchr(s.at, '.', s.len);
	len = dot != NULL ? (size_t)(dot - s.at) : s.len;

	while (len > 0 && s.at[len - 1] == ' ')
		len--;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const size_t plain = strlen(names[i]);
		const bool port = names[i][0] == 'L' || names[i][2] == 'M';
		const char *rest = (const char *)s.at + plain;

		if (len < plain ||
		    strncasecmp((const char *)s.at, names[i], plain) != 0)
			continue;
		if (!port && len == plain)
			return len;
		/* A digit, or superscript 1, 2 or 3 */
		if (port && len == plain + 1 && *rest >= '0' && *rest <= '9')
			return len;
		if (port && len == plain + 2 &&
		    (memcmp(rest, "\xC2\xB9", 2) == 0 ||
		     memcmp(rest, "\xC2\xB2", 2) == 0 ||
		     memcmp(rest, "\xC2\xB3", 2) == 0))
			return len;
	}
	return 0;
}

/* The start of a name; its end is trimmed unless a suffix follows it. */
static void put_fit(struct buf *out, struct span s, size_t max,
		    const char *otherwise, bool trimmed)
{
	size_t mark;

	s = trim_start(s);
	s.len = cut_at(s, device(s) > 0 && max > 0 ? max - 1 : max);
	if (trimmed)
		s = trim_end(s);
	mark = device(s);
	if (s.len == 0) {
		buf_str(out, otherwise);
	} else if (mark > 0) {
		buf_add(out, s.at, mark);
		buf_byte(out, '_');
		buf_add(out, s.at + mark, s.len - mark);
	} else {
		buf_add(out, s.at, s.len);
	}
}

void name_fit(struct buf *out, struct span clean, size_t max,
	      const char *otherwise)
{
	put_fit(out, trim_end(clean), max, otherwise, true);
}

/*
 * Items
 */

/* The last `count` digits of a number, and what follows. */
static void put_digits(struct buf *out, int n, size_t count, char after)
{
	char text[8];

	text[count] = after;
	for (size_t i = count; i > 0; i--, n /= 10)
		text[i - 1] = (char)('0' + n % 10);
	buf_add(out, text, count + 1);
}

/* Not by printf(3), which would take a sixth of the time of a listing. */
static void put_date(struct buf *out, int64_t sec, bool day_only)
{
	const time_t when = (time_t)sec;
	struct tm tm;

	if (sec > last_second || gmtime_r(&when, &tm) == NULL ||
	    tm.tm_year < -1900)
		return;
	put_digits(out, tm.tm_year + 1900, 4, '-');
	put_digits(out, tm.tm_mon + 1, 2, '-');
	put_digits(out, tm.tm_mday, 2, ' ');
	if (day_only)
		return;
	put_digits(out, tm.tm_hour, 2, '.');
	put_digits(out, tm.tm_min, 2, ' ');
}

/* " [200024]", its end in `room`; returns its start. */
static const char *nid_tag(char cap[TAG_MAX], uint32_t nid)
{
	char *at = cap + TAG_MAX - 1;

	*at = '\0';
	*--at = ']';
	do {
		*--at = "0123456789abcdef"[nid % 16];
		nid /= 16;
	} while (nid > 0);
	*--at = '[';
	*--at = ' ';
	return at;
}

static void put_sender(struct buf *out, struct span sender)
{
	struct buf clean = { 0 };
	size_t len;

	name_clean(&clean, sender);
	len = cut_at(buf_span(&clean), SENDER_MAX);
	while (len > 0 && clean.at[len - 1] == ' ')
		len--;
	if (len > 0) {
		buf_add(out, clean.at, len);
		buf_str(out, " - ");
	}
	out->bad |= clean.bad;
	buf_free(&clean);
}

void name_item(struct buf *out, const struct name_parts *parts,
	       const char *suffix)
{
	static const char nothing[] = "No subject";
	struct buf text = { 0 };
	size_t start, cap = strlen(NAME_BESIDE);
	char tag_cap[TAG_MAX];
	const char *tag = nid_tag(tag_cap, parts->nid);

	if (parts->dated)
		put_date(&text, parts->sec, parts->day_only);
	put_sender(&text, parts->sender);
	start = text.len;
	name_clean(&text, parts->subject);
	if (text.len == start)
		buf_str(&text, nothing);
	if (strlen(suffix) > cap)
		cap = strlen(suffix);
	cap += strlen(tag);
	name_fit(out, buf_span(&text), NAME_LIMIT - cap, nothing);
	buf_str(out, tag);
	out->bad |= text.bad;
	buf_free(&text);
}

bool name_nid(const char *name, uint32_t *nid, const char **suffix)
{
	const char *end = strrchr(name, ']');
	const char *p = end;
	uint32_t value = 0;
	unsigned digits = 0;

	if (end == NULL)
		return false;
	while (p > name && strchr("0123456789abcdef", p[-1]) != NULL)
		p--;
	for (const char *d = p; d < end; d++, digits++)
		value = value << 4 |
			(uint32_t)(*d <= '9' ? *d - '0' : *d - 'a' + 10);
	if (digits == 0 || digits > 8 || p - name < 2 || p[-1] != '[' ||
	    p[-2] != ' ')
		return false;
	*nid = value;
	*suffix = end + 1;
	return true;
}

/*
 * One of its kind
 */

/* The form in which names that only differ in case are the same. Owned. */
static char *fold(const char *name)
{
	size_t len = 0;
	uint8_t *key = u8_casefold((const uint8_t *)name, strlen(name) + 1,
				   NULL, UNINORM_NFC, NULL, &len);

	return (char *)key; /* the NUL is folded along */
}

/* FNV-1a */
static size_t hash(const char *s)
{
	uint64_t h = UINT64_C(0xCBF29CE484222325);

	for (; *s != 0; s++)
		h = (h ^ (uint8_t)*s) * UINT64_C(0x100000001B3);
	return (size_t)h;
}

/* Where `key` is, or would go. */
static size_t slot(const struct name_set *set, const char *key)
{
	size_t i = hash(key) & (set->cap - 1);

	while (set->keys[i] != NULL && strcmp(set->keys[i], key) != 0)
		i = (i + 1) & (set->cap - 1);
	return i;
}

static bool grow(struct name_set *set)
{
	struct name_set more = { .count = set->count };

	if (set->count * 2 < set->cap)
		return true;
	more.cap = set->cap == 0 ? 16 : set->cap * 2;
	more.keys = calloc(more.cap, sizeof(*more.keys));
	if (more.keys == NULL)
		return false;
	for (size_t i = 0; i < set->cap; i++)
		if (set->keys[i] != NULL)
			more.keys[slot(&more, set->keys[i])] = set->keys[i];
	free(set->keys);
	*set = more;
	return true;
}

bool name_set_add(struct name_set *set, const char *name)
{
	char *key = fold(name);

	if (key == NULL || !grow(set)) {
		free(key);
		set->bad = true;
		return false;
	}

	const size_t i = slot(set, key);
	if (set->keys[i] != NULL) {
		free(key);
		return false;
	}
	set->keys[i] = key;
	set->count++;
	return true;
}

void name_set_free(struct name_set *set)
{
	for (size_t i = 0; i < set->cap; i++)
		free(set->keys[i]);
	free(set->keys);
	*set = (struct name_set){ 0 };
}

size_t name_suffix(struct span name)
{
	for (size_t i = 1; i < name.len && i < SUFFIX_MAX; i++) {
		const uint8_t c = name.at[name.len - i];

		if (c == ' ')
			return 0;
		if (c == '.')
			return i > 1 ? i : 0;
	}
	return 0;
}

/* The name with the tag for attempt `n`, from 0: none, NID, NID and place. */
static void put_tagged(struct buf *out, struct span clean,
		       const struct name_tag *tag, unsigned n)
{
	const struct span s = trim_end(clean);
	const size_t suffix = tag->before_suffix ? name_suffix(s) : 0;
	struct span stem, ext;
	char text[TAG_MAX] = "";

	if (n == 1)
		snprintf(text, sizeof(text), " [%x]", tag->nid);
	else if (n == 2)
		snprintf(text, sizeof(text), " [%x-%u]", tag->nid, tag->place);
	else if (n > 2)
		snprintf(text, sizeof(text), " [%x-%u-%u]", tag->nid,
			 tag->place, n);
	(void)span_sub(s, 0, s.len - suffix, &stem);
	(void)span_sub(s, s.len - suffix, suffix, &ext);
	put_fit(out, stem, NAME_LIMIT - tag->spare - strlen(text) - suffix,
		tag->nothing, suffix == 0 || n > 0);
	buf_str(out, text);
	buf_add(out, ext.at, ext.len);
}

void name_unique(struct buf *out, struct name_set *set, struct span clean,
		 const struct name_tag *tag)
{
	const size_t start = out->len;

	/* Each failure is another's name: there are not that many. */
	for (unsigned n = tag->always ? 1 : 0; !out->bad && !set->bad; n++) {
		buf_cut(out, start);
		put_tagged(out, clean, tag, n);
		if (!out->bad && name_set_add(set, out->at + start))
			return;
	}
	out->bad = true;
}

/*
 * Maildir
 */

void name_mail(struct buf *out, const struct name_mail *parts)
{
	/* In the order of ASCII, as readers want them. */
	static const struct {
		const char *word;
		char flag;
	} flags[] = {
		{ "draft", 'D' },    { "flagged", 'F' }, { "forwarded", 'P' },
		{ "answered", 'R' }, { "read", 'S' },	 { "deleted", 'T' },
	};

	buf_printf(out, "%lld.N%x.", parts->sec > 0 ? (long long)parts->sec : 0,
		   parts->nid);
	for (int i = 0; i < 4; i++)
		buf_printf(out, "%02x",
			   parts->mailbox != NULL ? parts->mailbox[i] : 0);
	if (parts->size != NULL)
		buf_printf(out, ",S=%s", parts->size);
	buf_str(out, ":2,");
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (strstr(parts->flags, flags[i].word) != NULL)
			buf_byte(out, flags[i].flag);
}

bool name_mail_nid(const char *name, uint32_t *nid)
{
	const char *at = strstr(name, ".N");
	char *end;
	unsigned long value;

	if (at == NULL || strchr("123456789abcdef", at[2]) == NULL)
		return false;
	value = strtoul(at + 2, &end, 16);
	*nid = (uint32_t)value;
	return *end == '.' && value <= UINT32_MAX;
}
