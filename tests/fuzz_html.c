/*
 * fuzz_html.c - HTML, and the text of cards, in
 *
 * What was promised must hold: UTF-8 without control characters, behind what
 * was in the output, and no more of it than is bounded by what came in.
 */
#include <stdlib.h>

#include "bytes/text.h"
#include "mail/html/html.h"
#include "mail/textform/card.h"
#include "mail/textform/heading.h"
#include "mail/textform/words.h"

static void check(const struct buf *out, const char *before)
{
	if (out->bad || !text_is_utf8(buf_span(out)) ||
	    strncmp(buf_text(out), before, strlen(before)) != 0)
		abort();
	for (size_t i = 0; i < out->len; i++)
		if ((uint8_t)out->at[i] < ' ' && out->at[i] != '\n' &&
		    out->at[i] != '\t')
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char before[] = "before\n";
	const struct span in = span_of(data, size);
	struct buf out = { 0 };
	struct page page = { .out = &out, .cap = 1 << 20 };
	bool bad = false;

	buf_str(&out, before);
	html_text(&out, in);
	check(&out, before);
	if (out.len > 4 * size + (1 << 17))
		abort();
	if (!words_all_in(buf_span(&out), buf_span(&out), &bad) || bad)
		abort();
	buf_cut(&out, 0);
	card_put(&page, in, true);
	heading_put(&page, in);
	check(&out, "");
	buf_free(&out);
	return 0;
}
