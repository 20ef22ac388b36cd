/*
 * body.c - the bodies of an item as text
 *
 * A mail has its text mostly twice, as HTML and plain. It is shown once, as
 * HTML made text; but where the plain text has a word that the HTML has not,
 * as it may when it is no copy, it is shown too: nothing is to be missed.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "mail/body/body.h"
#include "mail/html/html.h"
#include "mail/text/chars.h"
#include "mail/textform/item.h"
#include "mail/textform/words.h"

/* HTML of more than this of what may be written is not made text. */
enum { SHARE = 4 };

static void put_too_large(struct making *m, const char *what, uint64_t size)
{
	note_add(m->notes, NOTE_BODY_LARGE);
	page_printf(&m->page,
		    "[The %s is not in this text: it has %" PRIu64 " bytes.]",
		    what, size);
}

/* Append the text of a body that may be HTML. */
static void make_text(const struct buf *body, bool html, struct buf *out)
{
	if (html)
		html_text(out, buf_span(body));
	else
		buf_add(out, body->at, body->len);
}

/*
 * Put `body`, unless its words all stand in `shown` already; under `title`,
 * which may be NULL.
 */
static void put_body(struct making *m, const char *title,
		     const struct buf *body, bool html, struct buf *shown)
{
	struct buf text = { 0 };

	if (body->len == 0)
		return;
	page_gap(&m->page);
	if (body->len > page_room(&m->page) / SHARE) {
		put_too_large(m, title != NULL ? title : "body", body->len);
		return;
	}
	make_text(body, html, &text);
	if (!words_all_in(buf_span(&text), buf_span(shown), &text.bad)) {
		if (title != NULL)
			page_printf(&m->page, "[The %s:]", title);
		page_write_text(&m->page, buf_span(&text));
	}
	buf_add(shown, text.at, text.len);
	m->page.out->bad = m->page.out->bad || text.bad;
	buf_free(&text);
}

static void put_all(struct making *m, const struct body *b)
{
	struct buf shown = { 0 };
	const bool html = b->html.len > 0;

	if (html)
		put_body(m, NULL, &b->html, true, &shown);
	put_body(m, html ? "plain text" : NULL, &b->plain, false, &shown);
	put_body(m, "text before it was changed", &b->older, b->older_is_html,
		 &shown);
	m->page.out->bad = m->page.out->bad || shown.bad;
	buf_free(&shown);
}

enum ost_status body_put(struct making *m, struct store_object *item)
{
	struct body body;
	enum ost_status st = body_read(item, &body, m->notes, m->err);
	struct store_prop p;

	page_gap(&m->page);
	if (st == OST_OK)
		put_all(m, &body);
	for (size_t i = 0; st == OST_OK && i < 3 && body.large[i] != 0; i++)
		if (store_find(item, body.large[i], &p, m->err) == OST_OK)
			put_too_large(m, "body", p.size);
	body_free(&body);
	return st;
}
