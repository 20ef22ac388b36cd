/*
 * idn.c - internationalised addresses (RFC 6531) as mail in ASCII has them
 */
#include "mail/text/idn.h"

#include <idn2.h>

#include "bytes/text.h"
#include "mail/text/chars.h"

bool idn_wide(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] >= 0x80)
			return true;
	return false;
}

bool idn_domain(struct buf *out, struct span domain)
{
	/* The same on every host: no locale, and UTS 46 in lower case. */
	const int flags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;
	struct buf in = { 0 };
	uint8_t *label = NULL;
	int got;

	if (!idn_wide(domain)) {
		buf_add(out, domain.at, domain.len);
		return true;
	}
	if (chars_find(domain, 0) < domain.len)
		return false;
	buf_add(&in, domain.at, domain.len);
	buf_byte(&in, '\0');
	got = in.bad ? IDN2_MALLOC
		     : idn2_lookup_u8((const uint8_t *)in.at, &label, flags);
	buf_free(&in);
	/* The library lets a label be empty, which no domain may have. */
	if (got == IDN2_OK && strstr((const char *)label, "..") != NULL)
		got = IDN2_DOT_IN_LABEL;
	if (got == IDN2_OK)
		buf_str(out, (const char *)label);
	idn2_free(label);
	out->bad = out->bad || got == IDN2_MALLOC;
	return got == IDN2_OK || got == IDN2_MALLOC;
}

/* What no eye can see, or what is there for a character that was lost. */
static bool is_unseen(uint32_t c)
{
	return c <= ' ' || (c >= 0x7F && c <= 0xA0) || c == 0xAD ||
	       (c >= 0x2000 && c <= 0x200F) || (c >= 0x2028 && c <= 0x202F) ||
	       (c >= 0x205F && c <= 0x206F) || c == 0x3000 || c == 0xFEFF ||
	       (c >= 0xFFF9 && c <= 0xFFFF);
}

bool idn_text(struct span s)
{
	if (!text_is_utf8(s) || chars_find(s, ' ') < s.len)
		return false;
	for (;;) {
		s = chars_from(s, chars_plain(s));
		if (s.len == 0)
			return true;
		if (is_unseen(chars_next(&s)))
			return false;
	}
}
