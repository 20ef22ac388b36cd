/*
 * rtf.h - private: RTF to the HTML or text in it
 *
 * [MS-OXRTFEX] for RTF that was made of HTML or text and holds it still; the
 * Rich Text Format specification 1.9.1 for RTF that is a body of its own.
 */
#ifndef OST_MAIL_RTF_H
#define OST_MAIL_RTF_H

#include "mail/text/notes.h"

enum rtf_kind {
	RTF_NONE,  /* not RTF */
	RTF_PLAIN, /* RTF of its own: to text, the layout is lost */
	RTF_TEXT,  /* made of text: gives that text again */
	RTF_HTML,  /* made of HTML: gives that HTML again */
};

/* What decompressed RTF is, by its first ten tokens (2.1.3.1). */
enum rtf_kind rtf_recognise(struct span rtf);

/* What RTF_PLAIN calls its attachments, in the order they stand in it. */
struct rtf_names {
	const char *const *at; /* UTF-8 */
	size_t count;
	/* The Content-IDs of those that are pictures, others NULL; or NULL. */
	const char *const *ids;
};

/*
 * Append to `out` the HTML (RTF_HTML) or text that `rtf` holds, as UTF-8
 * without NUL; `kind` is as recognised, and `names` only for RTF_PLAIN; NULL:
 * none. Time is linear in the input; the stack of groups grows to 10,000 at
 * most, and the output ends with the run of text that takes it past 64 MiB.
 * Memory running out shows in `out`.
 *
 * False if some of it was lost: it ends too soon, a group is too deep, bytes
 * are no text, it is not RTF. What was read is there, and why is noted.
 */
bool rtf_read(struct span rtf, enum rtf_kind kind,
	      const struct rtf_names *names, struct buf *out,
	      struct notes *notes);

#endif
