/*
 * rtfhtml.h - private: HTML made of RTF that is a body of its own
 *
 * The Rich Text Format specification 1.9.1: paragraphs, the look of
 * characters, lists, tables, links and pictures. What HTML has no place for,
 * such as headers of pages, is left out: the RTF itself stays beside it.
 */
#ifndef OST_MAIL_RTFHTML_H
#define OST_MAIL_RTFHTML_H

#include "mail/rtf/rtf.h"

/* A picture that the HTML shows by the Content-ID of its number. */
struct rtfhtml_picture {
	const char *type; /* MIME type */
	struct buf bytes; /* a whole file of that type, never empty */
};

struct rtfhtml {
	struct buf
		html; /* UTF-8 without NUL; empty: there is nothing to show */
	struct rtfhtml_picture *pictures; /* owned */
	size_t count, cap;
	bool rich; /* it has what text cannot have: pictures, tables, objects */
};

/*
 * Make HTML of `rtf`, which rtf_recognise() calls RTF_PLAIN. `names` as for
 * rtf_read(). Time is linear in the input but for the depth of tables, which
 * is at most 16. False, with nothing made, if it would be larger than 64 MiB
 * or memory ran out, which shows in `out->html`. What is damaged in the RTF
 * is not noted: rtf_read() does that.
 */
bool rtfhtml_make(struct span rtf, const struct rtf_names *names,
		  struct rtfhtml *out);

/* Append the Content-ID of picture `index`, without the <>. */
void rtfhtml_id(size_t index, struct buf *out);

void rtfhtml_free(struct rtfhtml *h);

#endif
