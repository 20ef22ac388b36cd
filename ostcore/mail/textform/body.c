/*
 * body.c - the bodies of an item as text
 */
#include <inttypes.h>

#include "mail/body/body.h"
#include "mail/body/plain.h"
#include "mail/text/chars.h"
#include "mail/textform/item.h"

enum ost_status body_put(struct making *m, struct store_object *item)
{
	struct body body;
	struct buf text = { 0 };
	enum ost_status st = body_read(item, &body, m->notes, m->err);

	page_gap(&m->page);
	if (st == OST_OK && body.html.len > 0)
		plain_of_html(&text, buf_span(&body.html));
	else if (st == OST_OK)
		buf_add(&text, body.plain.at, body.plain.len);
	page_write_text(&m->page, buf_span(&text));
	m->page.out->bad = m->page.out->bad || text.bad;
	buf_free(&text);
	body_free(&body);
	return st;
}
