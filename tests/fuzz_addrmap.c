/*
 * fuzz_addrmap.c - bytes as a directory, LDIF or CSV
 *
 * It is refused with a reason, or names someone; what was left out is told in
 * a line.
 */
#include "mail/address/addrmap.h"

#include <stdlib.h>

#include "mail/text/chars.h"

static void need(bool that)
{
	if (!that)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mail_addrmap *m = NULL;
	struct ost_error err = { "" };
	const enum ost_status st = addrmap_parse(&m, span_of(data, size), &err);

	need(st == OST_OK || st == OST_CORRUPT);
	need((st == OST_OK) == (m != NULL));
	if (st != OST_OK) {
		need(err.text[0] != '\0');
		return 0;
	}
	need(mail_addrmap_count(m) > 0);
	need(strchr(mail_addrmap_left_out(m), '\n') == NULL);
	(void)addrmap_find(m, span_of(data, size));
	mail_addrmap_free(m);
	return 0;
}
