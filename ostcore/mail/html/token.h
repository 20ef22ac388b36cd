/*
 * token.h - private: HTML as a row of tags and characters
 *
 * Never a tree: what no browser would make sense of is passed over or is
 * text, and all of it is looked at once.
 */
#ifndef OST_MAIL_HTML_TOKEN_H
#define OST_MAIL_HTML_TOKEN_H

#include "bytes/buf.h"

enum token_kind { TOKEN_TEXT, TOKEN_START, TOKEN_END, TOKEN_NONE };

struct token {
	enum token_kind kind;
	struct span name; /* of a tag, in any case */
	struct span all;  /* of a tag: with its "<" and ">" */
	struct span text; /* characters as UTF-8, no longer encoded */
};

/*
 * Take the next off `*html`, which is not empty. TOKEN_NONE: a comment, or
 * what is never shown. A text is one character or more, all blanks or none of
 * them, on loan from the HTML or the table of characters, or in `room`.
 */
void token_next(struct span *html, char room[8], struct token *out);

/*
 * Append the value of attribute `name` of a tag, characters decoded; false:
 * it has none.
 */
bool token_attribute(struct span tag, const char *name, struct buf *out);

#endif
