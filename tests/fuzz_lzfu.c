/*
 * fuzz_lzfu.c - compressed RTF in
 *
 * What was promised must hold: text or OST_CORRUPT and nothing, never more
 * than 17 bytes of a reference, and what was in the output stays.
 */
#include <stdlib.h>

#include "mail/rtf/lzfu.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char before[] = "before";
	struct buf out = { 0 };
	struct notes notes = { 0 };
	struct ost_error err = { "" };
	enum ost_status st;

	buf_str(&out, before);
	st = lzfu_decode(span_of(data, size), &out, &notes, &err);
	if (st != OST_OK && st != OST_CORRUPT)
		abort();
	if (out.len < strlen(before) ||
	    memcmp(out.at, before, strlen(before)) != 0)
		abort();

	const size_t made = out.len - strlen(before);
	if (made > size * 17 / 2 || (st == OST_CORRUPT && made > 0))
		abort();
	if (st == OST_CORRUPT && err.text[0] == '\0')
		abort();
	buf_free(&out);
	return 0;
}
