/*
 * rtf_token.h - private: RTF as tokens
 */
#ifndef OST_MAIL_RTF_TOKEN_H
#define OST_MAIL_RTF_TOKEN_H

#include "bytes/bytes.h"

enum rtf_token_kind {
	RTF_END,
	RTF_OPEN,   /* { */
	RTF_CLOSE,  /* } */
	RTF_WORD,   /* \name, \name5, and the blank that ends it */
	RTF_SYMBOL, /* \ and one byte that is no letter */
	RTF_HEX,    /* \'hh: a byte of text */
	RTF_BYTES,  /* text, at least one byte */
	RTF_BINARY, /* \bin5 and the five bytes after it: `data` */
};

struct rtf_token {
	enum rtf_token_kind kind;
	struct span bytes; /* the name of RTF_WORD; RTF_BYTES. On loan */
	struct span data;
	bool has_number;
	int32_t number; /* of RTF_WORD; the nearest there is */
	uint8_t byte;	/* of RTF_SYMBOL and RTF_HEX */
};

/*
 * The next token. Line ends and NUL are none. RTF_END at the end; what ends
 * inside a token makes `in` bad.
 */
struct rtf_token rtf_next(struct cursor *in);

/* True if `t` is the control word `name`. */
bool rtf_is_word(const struct rtf_token *t, const char *name);

#endif
