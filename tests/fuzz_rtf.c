/*
 * fuzz_rtf.c - RTF in
 *
 * What was promised must hold: text without NUL that is UTF-8, behind what
 * was in the output, and a note for whatever is lost.
 */
#include <stdlib.h>

#include "bytes/text.h"
#include "mail/rtf/rtf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char before[] = "before";
	const char *const at[] = { "one", "two" };
	const struct rtf_names names = { at, 2 };
	const struct span rtf = span_of(data, size);
	const enum rtf_kind kind = rtf_recognise(rtf);

	/* As it says it is, and as each of the others. */
	for (unsigned i = RTF_PLAIN; i <= RTF_HTML; i++) {
		struct buf out = { 0 };
		struct notes notes = { 0 };
		bool whole;

		buf_str(&out, before);
		whole = rtf_read(rtf, (enum rtf_kind)i, &names, &out, &notes);
		if (out.bad || whole != (notes.set == 0))
			abort();
		if (kind == RTF_NONE && (whole || out.len != strlen(before)))
			abort();
		if (out.len != strlen(out.at) ||
		    memcmp(out.at, before, strlen(before)) != 0 ||
		    !text_is_utf8(buf_span(&out)))
			abort();
		buf_free(&out);
	}
	return 0;
}
