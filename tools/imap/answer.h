/*
 * answer.h - what an IMAP server answers, taken apart         RFC 3501 7, 9
 *
 * Pure functions over bytes that a server sent, which may be anything. An
 * answer is one line with the literals in it, as they came: "{5}" CRLF and
 * five bytes. Spans are on loan from it. What is not understood is not there.
 */
#ifndef OST_IMAP_ANSWER_H
#define OST_IMAP_ANSWER_H

#include "bytes/buf.h"

/* The number at the end of a line that announces a literal: "... {5}".
   False: it announces none. */
bool answer_literal(struct span line, uint64_t *size);

/* OK, NO, BAD, BYE, PREAUTH: the first word of an answer that has a state. */
enum answer_state {
	ANSWER_NONE,
	ANSWER_OK,
	ANSWER_NO,
	ANSWER_BAD,
	ANSWER_BYE,
	ANSWER_PREAUTH,
};

struct answer_status {
	enum answer_state state;
	struct span code; /* between [ and ], its first word; empty: none */
	struct span args; /* what follows that word, up to ] */
	struct span text; /* for a person */
};

/* Of "OK [UIDNEXT 5] text". */
struct answer_status answer_status(struct span body);

/* Is the code, or any word, `word`, letter case aside? */
bool answer_is(struct span word, const char *want);

/* A number of at most 32 bits, all of `word`. */
bool answer_number(struct span word, uint32_t *out);

/* --- words and lists ----------------------------------------------------- */

enum answer_kind {
	WORD_END, /* no more, or what follows is none */
	WORD_ATOM,
	WORD_STRING, /* quoted */
	WORD_LITERAL,
	WORD_OPEN,  /* ( */
	WORD_CLOSE, /* ) */
};

/* Take the next word off `*rest`. Of a quoted string, `raw` has its escapes
   still: answer_text(). */
enum answer_kind answer_word(struct span *rest, struct span *raw);

/* Append a string or an atom, without the escapes of a quoted one. */
void answer_text(struct buf *out, enum answer_kind kind, struct span raw);

/* --- answers that are asked for ------------------------------------------- */

/* What a CAPABILITY answer, or code, says. */
struct capabilities {
	bool multiappend, literal_plus, literal_minus, uidplus, special_use,
		namespaces, list_extended, append_limits;
	uint64_t append_limit; /* in bytes; 0: none is told */
};
void answer_capabilities(struct span words, struct capabilities *out);

/* LIST (flags) "/" name */
struct answer_list {
	bool no_select;
	char delimiter;	       /* 0: NIL */
	unsigned special;      /* bits 1 << enum special */
	enum answer_kind kind; /* of the name */
	struct span name;
};
enum special {
	SPECIAL_NONE,
	SPECIAL_SENT,
	SPECIAL_DRAFTS,
	SPECIAL_TRASH,
	SPECIAL_JUNK,
	SPECIAL_ARCHIVE,
	SPECIAL_COUNT,
};
/* `body` begins with LIST. False: it is none. */
bool answer_list(struct span body, struct answer_list *out);

/* NAMESPACE: the first of the user's own. False: it has none. */
bool answer_namespace(struct span body, struct buf *prefix, char *delimiter);

/* "5 FETCH (...)": what we ever ask for. */
struct answer_fetch {
	uint32_t uid;		   /* 0: not told */
	bool has_size, has_header; /* and `header` is set */
	uint32_t size;
	struct span header; /* of BODY[HEADER.FIELDS ...] */
};
bool answer_fetch(struct span body, struct answer_fetch *out);

/*
 * The `count` UIDs of "APPENDUID 38505 3955:3958,4000", in order. False: these
 * are not just so many.
 */
bool answer_appenduid(struct span args, uint32_t *validity, uint32_t *uids,
		      size_t count);

#endif
