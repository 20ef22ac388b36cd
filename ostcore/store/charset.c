/*
 * charset.c - which code page 8-bit text is in: the one place that decides
 *
 * Of the pages that a message names only one is of its strings; the one that
 * is named most is of the body as it came from the Internet, and is not that
 * of a file's name beside it. So a page is believed when the text fits it.
 */
#include "store/charset.h"

#include "bytes/text.h"
#include "store/backend.h"

enum { CP_WINDOWS = 1252, CP_UTF8 = 65001, ESC = 0x1B };

/* Pages of 7-bit bytes with escapes: ISO-2022. */
static bool has_escapes(unsigned cp)
{
	return cp >= 50220 && cp <= 50229;
}

/* Pages of wide characters are none of 8-bit text. */
uint16_t charset_known(uint64_t cp)
{
	enum { UTF16 = 1200, UTF16BE = 1201, UTF32 = 12000, UTF32BE = 12001 };

	return cp > 0 && cp <= CP_UTF8 && cp != UTF16 && cp != UTF16BE &&
			       cp != UTF32 && cp != UTF32BE &&
			       text_knows((unsigned)cp)
		       ? (uint16_t)cp
		       : 0;
}

bool store_option_charset(struct store_options *options, const char *name)
{
	options->codepage = charset_known(
		text_charset_codepage(span_of(name, strlen(name))));
	return options->codepage != 0;
}

static struct store_pages pages_of(struct store_object *o)
{
	return (struct store_pages){
		.known = true,
		.declared = charset_known(
			store_number(o, MAPI_MESSAGE_CODEPAGE, 0)),
		.locale = (uint16_t)text_lcid_codepage(
			(uint32_t)store_number(o, MAPI_MESSAGE_LOCALE_ID, 0)),
		.own = charset_known(store_number(o, MAPI_CODEPAGE_ID, 0)),
		.internet = charset_known(
			store_number(o, MAPI_INTERNET_CODEPAGE, 0)),
	};
}

/* A row of a folder says nothing of its page: its message does. */
static struct store_pages listed_pages(struct store_object *row)
{
	struct store_pages pages = { .known = true };
	struct store_object *message = NULL;
	struct ost_error err;

	if (store_get(row->store, (struct store_id){ row->id.nid, 0 }, &message,
		      &err) == OST_OK)
		pages = pages_of(message);
	store_drop(message);
	return pages;
}

static bool names_any(const struct store_pages *p)
{
	return p->declared != 0 || p->locale != 0 || p->own != 0 ||
	       p->internet != 0;
}

/* An embedded message that names none is in those of the one around it. */
struct store_pages charset_pages(struct store_object *o)
{
	const struct store_pages own =
		o->id.folder != 0 ? listed_pages(o) : pages_of(o);

	return o->pages.known && !names_any(&own) ? o->pages : own;
}

unsigned store_evidence(struct store *s)
{
	struct store_core *c = s->core;
	unsigned voted;

	if (c->codepage != 0 || c->vote == NULL)
		return c->codepage;
	voted = atomic_load(&c->voted);
	if (voted == 0) {
		struct store own;

		/* Whoever asks at the same time gets the same answer. */
		store_again(&own, s);
		voted = c->vote(&own) + 1;
		if (!store_failed(&own))
			atomic_store(&c->voted, voted);
	}
	return voted - 1;
}

/* What holes of a page become: they are no text. */
static size_t count_controls(struct span utf8)
{
	size_t count = 0;

	for (size_t i = 0; i + 1 < utf8.len; i++)
		count += utf8.at[i] == 0xC2 && utf8.at[i + 1] >= 0x80 &&
			 utf8.at[i + 1] < 0xA0;
	return count;
}

/* The pages tried of a text, and the one that is wrong in least. */
struct trial {
	struct span in;
	struct buf *out;
	unsigned best;
	size_t best_bad;
};

/* Decode in page `cp`. True if all of it is text; else nothing is left. */
static bool fits(struct trial *t, unsigned cp, bool named)
{
	const size_t before = t->out->len;
	size_t bad;

	if (cp == 0 || (text_is_ascii(t->in) && !has_escapes(cp)))
		return false;
	bad = text_codepage(t->out, cp, t->in);
	bad += count_controls(
		span_of(t->out->at + before, t->out->len - before));
	if (bad == 0)
		return true;
	buf_cut(t->out, before);
	if (named && bad < t->best_bad) {
		t->best = cp;
		t->best_bad = bad;
	}
	return false;
}

/*
 * Is the best page mostly right? Text of another page fails in most of its
 * 8-bit bytes, damaged text, or one cut within a character, in a few.
 */
static bool is_mostly_right(const struct trial *t)
{
	size_t eight = 0;

	for (size_t i = 0; i < t->in.len; i++)
		eight += t->in.at[i] >= 0x80;
	return t->best != 0 && t->best_bad < eight / 2 + 1;
}

static void decode_narrow(struct trial *t, const struct store_pages *p,
			  struct store *s, struct store_reading *how)
{
	const bool doubted = p->declared != 0;

	if (fits(t, p->declared, true) || fits(t, CP_UTF8, false))
		return;
	if (fits(t, p->locale, true) || fits(t, p->own, true) ||
	    fits(t, store_evidence(s), true)) {
		how->guessed = how->guessed || doubted;
		return;
	}
	if (text_is_ascii(t->in) && !has_escapes(p->internet)) {
		buf_add(t->out, t->in.at, t->in.len);
		return;
	}
	how->guessed = how->guessed || !text_is_ascii(t->in);
	if (fits(t, p->internet, true))
		return;
	if (is_mostly_right(t)) {
		how->guessed = t->best != p->declared;
		how->replaced += text_codepage(t->out, t->best, t->in);
		return;
	}
	(void)text_codepage(t->out, CP_WINDOWS, t->in);
}

/* `in` without its trailing run of NULs, each of `width` bytes. */
static struct span trim_nuls(struct span in, size_t width)
{
	static const uint8_t nul[2];

	while (in.len >= width &&
	       memcmp(in.at + in.len - width, nul, width) == 0)
		in.len -= width;
	return in;
}

void store_decode(struct store_object *o, uint16_t type, struct span in,
		  struct buf *out, struct store_reading *how)
{
	struct store_reading ignored = { 0 };
	struct trial t = { .out = out, .best_bad = SIZE_MAX };
	struct store_pages pages;

	if (how == NULL)
		how = &ignored;
	if (type == MAPI_UNICODE) {
		how->replaced += text_utf16(out, trim_nuls(in, 2));
		return;
	}
	t.in = trim_nuls(in, 1);
	if (text_is_ascii(t.in) &&
	    (t.in.len == 0 || memchr(t.in.at, ESC, t.in.len) == NULL)) {
		buf_add(out, t.in.at, t.in.len);
		return;
	}
	pages = charset_pages(o);
	decode_narrow(&t, &pages, o->store, how);
}
