/*
 * html.h - private: HTML as plain text
 *
 * What a reader sees of it, laid out as text is: paragraphs apart and each a
 * line, lists with their bullets and numbers, tables in columns where they
 * are tables of short cells, quotes behind "> ", and behind a link "<" its
 * address ">" where the text is another.
 */
#ifndef OST_MAIL_HTML_H
#define OST_MAIL_HTML_H

#include "bytes/buf.h"

/*
 * Append the text in `html`, UTF-8, in lines that end in LF; nothing when
 * there is none. Any bytes will do. Time is linear in them; the text is no
 * more than about three times as long, and nothing is left out for that.
 */
void html_text(struct buf *out, struct span html);

#endif
