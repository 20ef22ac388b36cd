/*
 * rtf_reader.h - private: RTF being read, and what it puts out
 */
#ifndef OST_MAIL_RTF_READER_H
#define OST_MAIL_RTF_READER_H

#include "mail/rtf/rtf.h"
#include "mail/rtf/rtf_font.h"
#include "mail/rtf/rtf_token.h"

/* Where the text of a group goes. */
enum rtf_destination {
	RTF_TO_BODY,
	RTF_TO_TAG,   /* \htmltag: the body too, as it is */
	RTF_TO_FIELD, /* \fldinst: what a field is */
	RTF_TO_FONTS, /* \fonttbl: their names */
	RTF_TO_NOWHERE,
	RTF_TO_SINK, /* who takes the layout knows */
};

/* What is done at the end of a group, and of no group in it. */
enum rtf_closing {
	RTF_AS_IS,
	RTF_FIELD_KNOWN,
	RTF_FIELD_SHOWN,
	RTF_CHOICE_MADE,
	RTF_NOTE_SHOWN,
};

/* What the end of a group takes back. */
struct rtf_group {
	enum rtf_destination to;
	enum rtf_closing closing;
	enum rtf_destination unicode_to; /* of \ud; none may begin: nowhere */
	uint16_t font;
	bool suppressed;     /* \htmlrtf */
	bool hidden;	     /* \v */
	bool note;	     /* in a \footnote */
	uint32_t fallback;   /* \uc: characters that stand in for a \u */
	size_t url, url_len; /* of the field it is in: a place in `urls` */
	size_t shown;	     /* RTF_FIELD_SHOWN: where in `out` it begins */
};

struct rtf_reader;

/*
 * Who takes RTF of its own with its layout. What is called changes `now` of
 * the reader, as the words of the reader do.
 */
struct rtf_sink {
	void *arg;
	void (*open)(void *arg);  /* a group has begun */
	void (*close)(void *arg); /* it has ended */
	/* A word, wherever it stands; true: the reader is not to act on it. */
	bool (*word)(void *arg, const struct rtf_token *t);
	void (*text)(void *arg, struct span utf8);
	void (*bytes)(void *arg, struct span bytes); /* of \bin */
	void (*end)(void *arg);			     /* of the RTF */
	bool stop;				     /* it has enough */
	bool bad; /* memory ran out: there is no end */
};

/* Read `rtf` to `sink`. `*reader` is there while that is called. */
void rtf_walk(struct span rtf, struct rtf_sink *sink,
	      struct rtf_reader **reader);

struct rtf_reader {
	struct cursor in;
	enum rtf_kind kind;
	const struct rtf_names *names;
	size_t next_name;
	struct rtf_sink *sink; /* NULL: what is read goes to `out` */
	struct buf *out;
	size_t out_max;
	struct notes *notes;
	bool lost;

	struct rtf_fonts fonts;
	uint16_t first_font; /* \deff */
	struct rtf_group now;
	struct rtf_group *around; /* the groups around it, outermost first */
	size_t depth, cap;
	size_t uncounted; /* groups too deep for `around` */
	bool opened;	  /* the token before was { */
	bool starred;	  /* those before were {\* */
	bool chosen;	  /* the last \upr had its \ud */

	uint32_t skip;	/* characters left that stand in for a \u */
	uint32_t high;	/* the first half of a pair, or 0 */
	struct buf run; /* bytes of text that are not yet decoded */
	struct buf decoded;
	struct buf field; /* of RTF_TO_FIELD */
	struct buf urls;
};

/* Some of it could not be read, because of `note`. */
void rtf_lose(struct rtf_reader *r, enum note note);

/* Put out bytes of text, in the code page of the font. */
void rtf_put_bytes(struct rtf_reader *r, struct span bytes);

/*
 * Decode and put out what is gathered of them. To be called before anything
 * changes that they depend on.
 */
void rtf_flush(struct rtf_reader *r);

/* Put out the character of a \u: UTF-16, or a scalar beyond it. */
void rtf_put_unicode(struct rtf_reader *r, int32_t number);

/* Put out UTF-8 that needs no escaping. */
void rtf_put(struct rtf_reader *r, const char *utf8);

/* A first half of a pair that stays alone is put out as U+FFFD. */
void rtf_settle(struct rtf_reader *r);

/* Do what a control word says. */
void rtf_word(struct rtf_reader *r, const struct rtf_token *t);

/* Append the URL that the field instruction `text` links to, if it does. */
void rtf_hyperlink(struct span text, struct buf *out);

#endif
