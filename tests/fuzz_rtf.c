/*
 * fuzz_rtf.c - RTF in
 *
 * What was promised must hold: text without NUL that is UTF-8, behind what
 * was in the output, and a note for whatever is lost; HTML whose tags are
 * paired, and no picture that is empty.
 */
#include <stdlib.h>

#include "bytes/text.h"
#include "mail/rtf/rtf.h"
#include "mail/rtfhtml/rtfhtml.h"

static size_t times(const struct buf *html, const char *what)
{
	const char *at = buf_text(html);
	size_t count = 0;

	while ((at = strstr(at, what)) != NULL) {
		at += strlen(what);
		count++;
	}
	return count;
}

static void check_html(struct span rtf, const struct rtf_names *names)
{
	static const char *const pairs[][2] = {
		{ "<table", "</table>" }, { "<tr", "</tr>" },
		{ "<td", "</td>" },	  { "<ul", "</ul>" },
		{ "<ol", "</ol>" },	  { "<li", "</li>" },
		{ "<a ", "</a>" },	  { "<span", "</span>" },
		{ "<b>", "</b>" },	  { "<p", "</p>" },
	};
	struct rtfhtml made = { 0 };

	if (!rtfhtml_make(rtf, names, &made) &&
	    (made.html.bad || made.html.len > 0))
		abort();
	if (made.html.len != strlen(buf_text(&made.html)) ||
	    !text_is_utf8(buf_span(&made.html)))
		abort();
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (times(&made.html, pairs[i][0]) !=
		    times(&made.html, pairs[i][1]))
			abort();
	for (size_t i = 0; i < made.count; i++)
		if (made.pictures[i].bytes.len == 0)
			abort();
	rtfhtml_free(&made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char before[] = "before";
	const char *const at[] = { "one", "two" };
	const char *const ids[] = { NULL, "two@example" };
	const struct rtf_names names = { at, 2, ids };
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
	check_html(rtf, &names);
	return 0;
}
