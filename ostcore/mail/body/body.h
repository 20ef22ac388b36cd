/*
 * body.h - private: the bodies of a message as UTF-8 text
 */
#ifndef OST_MAIL_BODY_H
#define OST_MAIL_BODY_H

#include "mail/rtfhtml/rtfhtml.h"
#include "mail/text/notes.h"
#include "store/store.h"

/*
 * What to emit. Texts are UTF-8 with CRLF line ends and no NUL; a body that
 * is there may be empty. All buffers are owned.
 */
struct body {
	bool has_plain;
	bool has_html;
	bool has_rtf; /* to be attached as message-body.rtf */
	struct buf plain;
	struct buf html; /* its <meta> charset rewritten to utf-8 */
	struct buf rtf;	 /* decompressed */
	/* The RTF says what neither the text nor the HTML made of it has. */
	bool rtf_rich;
	struct rtfhtml shown; /* the pictures of HTML made of RTF */
	bool stale_plain;     /* `plain` is older than the RTF body */
	bool stale_html;
	struct buf
		older; /* stored, older than the RTF in its place; or empty */
	bool older_is_html;
	/* The properties that they are, or were made from. */
	uint16_t plain_id, html_id, older_id;
	/* The stored bytes of a body that did not decode; empty: none. */
	struct buf plain_raw;
	struct buf html_raw;
	/* Bodies too large for memory: attach the property as it is; 0: none */
	uint16_t large[3];
};

/* Read the bodies of `item`. Damage is noted, not returned. */
enum ost_status body_read(struct store_object *item, struct body *out,
			  struct notes *notes, struct ost_error *err);

void body_free(struct body *b);

#endif
