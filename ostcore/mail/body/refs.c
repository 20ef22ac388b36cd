/*
 * refs.c - find references in HTML, without making a tree of it
 *
 * What is read as a reference and is none does no harm: only an attachment of
 * the same name is then shown inline.
 */
#include "mail/body/refs.h"

#include <stdlib.h>
#include <strings.h>

enum { REFS_MAX = 65536, REF_LEN_MAX = 2048 };

static bool same(struct span s, size_t at, const char *word)
{
	struct span part;
	const size_t len = strlen(word);

	return span_sub(s, at, len, &part) &&
	       strncasecmp((const char *)part.at, word, len) == 0;
}

static int hex(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One reference is kept with %XX decoded, so that both spellings meet. */
static void put_decoded(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		const int high = i + 2 < s.len ? hex(s.at[i + 1]) : -1;
		const int low = i + 2 < s.len ? hex(s.at[i + 2]) : -1;
		char c = (char)s.at[i];

		if (s.at[i] == '%' && high >= 0 && low >= 0) {
			c = (char)(high << 4 | low);
			i += 2;
		} else if (same(s, i, "&amp;")) {
			i += 4;
		}
		if (c != '\0')
			buf_byte(out, c);
	}
}

/* cid: and what follows in lower case; anything else as it is. */
static void put(struct refs *r, struct span ref)
{
	const size_t from = r->text.len;

	if (r->count == REFS_MAX || ref.len == 0 || ref.len > REF_LEN_MAX)
		return;
	put_decoded(&r->text, ref);
	if (r->text.bad)
		return;
	if (same(ref, 0, "cid:"))
		for (size_t i = from; i < r->text.len; i++)
			if (r->text.at[i] >= 'A' && r->text.at[i] <= 'Z')
				r->text.at[i] |= 0x20;
	buf_byte(&r->text, '\0');
	r->count++;
}

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/*
 * The value that starts at `at`: quoted, or up to a space or one of `ends`.
 */
static struct span value_at(struct span s, size_t at, const char *ends)
{
	uint8_t quote = 0;
	struct span value;

	while (at < s.len && is_space(s.at[at]))
		at++;
	if (at < s.len && (s.at[at] == '"' || s.at[at] == '\''))
		quote = s.at[at++];

	size_t i = at;
	while (i < s.len && i - at <= REF_LEN_MAX && s.at[i] != '\0' &&
	       (quote != 0
			? s.at[i] != quote
			: !is_space(s.at[i]) && strchr(ends, s.at[i]) == NULL))
		i++;
	(void)span_sub(s, at, i - at, &value);
	return value;
}

static void attribute(struct refs *r, struct span s, size_t at)
{
	while (at < s.len && is_space(s.at[at]))
		at++;
	if (at < s.len && s.at[at] == '=')
		put(r, value_at(s, at + 1, ">"));
}

static void look(struct refs *r, struct span s, size_t i)
{
	switch (s.at[i] | 0x20) {
	case 's':
		if (same(s, i, "src"))
			attribute(r, s, i + 3);
		break;
	case 'h':
		if (same(s, i, "href"))
			attribute(r, s, i + 4);
		break;
	case 'b':
		if (same(s, i, "background"))
			attribute(r, s, i + 10);
		break;
	case 'u':
		if (same(s, i, "url("))
			put(r, value_at(s, i + 4, ")"));
		break;
	case 'c':
		if (same(s, i, "cid:"))
			put(r, value_at(s, i, "\"'<>)&"));
		break;
	default:
		break;
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum ost_status refs_read(struct refs *out, struct span html,
			  struct ost_error *err)
{
	struct refs r = { 0 };
	size_t at = 0;

	*out = r;
	for (size_t i = 0; i < html.len; i++)
		look(&r, html, i);
	r.all = calloc(r.count + 1, sizeof(*r.all));
	if (r.text.bad || r.all == NULL) {
		refs_free(&r);
		return ost_no_memory(err);
	}
	for (size_t i = 0; i < r.count; i++) {
		r.all[i] = r.text.at + at;
		at += strlen(r.all[i]) + 1;
	}
	if (r.count > 0)
		qsort(r.all, r.count, sizeof(*r.all), by_text);
	*out = r;
	return OST_OK;
}

static bool has(const struct refs *r, const char *ref)
{
	return r->count > 0 && bsearch(&ref, r->all, r->count, sizeof(*r->all),
				       by_text) != NULL;
}

bool refs_cid(const struct refs *r, const char *cid)
{
	struct buf ref = { 0 };
	bool found;

	buf_str(&ref, "cid:");
	put_decoded(&ref, span_of(cid, strlen(cid)));
	for (size_t i = 0; i < ref.len; i++)
		if (ref.at[i] >= 'A' && ref.at[i] <= 'Z')
			ref.at[i] |= 0x20;
	found = *cid != '\0' && has(r, buf_text(&ref));
	buf_free(&ref);
	return found;
}

bool refs_url(const struct refs *r, const char *url)
{
	struct buf ref = { 0 };
	bool found;

	put_decoded(&ref, span_of(url, strlen(url)));
	found = ref.len > 0 && has(r, buf_text(&ref));
	buf_free(&ref);
	return found;
}

void refs_free(struct refs *r)
{
	buf_free(&r->text);
	free(r->all);
	*r = (struct refs){ 0 };
}
