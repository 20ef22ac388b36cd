/*
 * plain.c - the body of an item as plain text
 */
#include "mail/body/plain.h"

#include "mail/body/body.h"
#include "mail/html/html.h"
#include "mail/text/lines.h"

void plain_of_html(struct buf *out, struct span html)
{
	struct buf text = { 0 };

	html_text(&text, html);
	lines_crlf(out, buf_span(&text));
	out->bad = out->bad || text.bad;
	buf_free(&text);
}

enum ost_status plain_read(struct store_object *item, struct buf *out,
			   struct notes *notes, struct ost_error *err)
{
	struct body body;
	const enum ost_status st = body_read(item, &body, notes, err);

	if (st == OST_OK && body.plain.len > 0) {
		buf_add(out, body.plain.at, body.plain.len);
	} else if (st == OST_OK && body.html.len > 0) {
		plain_of_html(out, buf_span(&body.html));
		note_add(notes, NOTE_HTML_TEXT);
	}
	body_free(&body);
	return st == OST_OK ? buf_status(out, err) : st;
}
