/*
 * addrmap_ldif.c - a directory as LDIF (RFC 2849)
 */
#include "mail/address/addrmap.h"

#include "mail/rfc822/entity.h"
#include "mail/text/chars.h"

/* Are these the characters of base64, and no others? */
static bool is_base64(struct span s)
{
	while (s.len > 0 && s.at[s.len - 1] == '=')
		s.len--;
	for (size_t i = 0; i < s.len; i++)
		if (!chars_letter(s.at[i]) && !chars_digit(s.at[i]) &&
		    !chars_in(s.at[i], "+/"))
			return false;
	return true;
}

/* "name: value", "name:: base64", or "name:< url", which is not fetched. */
static void take_line(struct mail_addrmap *m, struct addrmap_entry *e,
		      struct span line, size_t number)
{
	const size_t colon = chars_find(line, ':');
	const struct span name = chars_first(line, colon);
	struct span value = chars_from(line, colon + 1);
	struct buf decoded = { 0 };

	if (span_equal(line, chars_of("-"))) /* between changes */
		return;
	if (colon == line.len || colon == 0) {
		addrmap_bad(m, number, "no \"attribute: value\"");
		return;
	}
	const unsigned field =
		addrmap_field(chars_first(name, chars_find(name, ';')));
	if (field == ADDRMAP_OTHER || (value.len > 0 && value.at[0] == '<'))
		return;
	if (value.len > 0 && value.at[0] == ':') {
		const struct span base64 = chars_trim(chars_from(value, 1));

		if (!is_base64(base64)) {
			addrmap_bad(m, number, "damaged base64");
			return;
		}
		entity_decode(base64, chars_of("base64"), &decoded);
		value = buf_span(&decoded);
	}
	addrmap_value(e, field, chars_trim(value));
	e->dns.bad = e->dns.bad || decoded.bad;
	buf_free(&decoded);
}

/* Take a line and those that go on with it, which begin with a space. */
static void unfold(struct span *rest, size_t *line, struct buf *out)
{
	struct span part = addrmap_line(rest, line);

	buf_add(out, part.at, part.len);
	while (rest->len > 0 && rest->at[0] == ' ') {
		part = chars_from(addrmap_line(rest, line), 1);
		buf_add(out, part.at, part.len);
	}
}

enum ost_status addrmap_ldif(struct mail_addrmap *m, struct span text,
			     struct ost_error *err)
{
	struct addrmap_entry e = { 0 };
	struct buf whole = { 0 };
	size_t line = 0;
	enum ost_status st = OST_OK;

	while (st == OST_OK && text.len > 0) {
		const size_t number = line + 1;

		buf_cut(&whole, 0);
		unfold(&text, &line, &whole);
		st = buf_status(&whole, err);
		const struct span all = buf_span(&whole);
		if (st != OST_OK || (all.len > 0 && all.at[0] == '#'))
			continue;
		if (chars_trim(all).len == 0) {
			st = addrmap_end(m, &e, err);
			continue;
		}
		if (e.line == 0)
			e.line = number;
		take_line(m, &e, all, number);
	}
	const enum ost_status last = addrmap_end(m, &e, err);
	buf_free(&whole);
	return st == OST_OK ? last : st;
}
