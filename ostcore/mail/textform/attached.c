/*
 * attached.c - the attachments of an item: a line each, and what is text
 */
#include <inttypes.h>

#include "mail/attach/inside.h"
#include "mail/text/chars.h"
#include "mail/textform/item.h"

enum { DEPTH_MAX = 100 };

static void put_line(struct making *m, const struct attach *a)
{
	page_printf(&m->page, "Attachment: %s (%s, %" PRIu64 " bytes)",
		    buf_text(&a->name), buf_text(&a->type), a->data.size);
}

static enum ost_status put_item(struct making *m, const struct attach *a)
{
	struct store_object *message = NULL;
	enum ost_status st;

	if (m->depth >= DEPTH_MAX) {
		note_add(m->notes, NOTE_DEPTH);
		return OST_OK;
	}
	st = attach_message(a, &message, m->err);
	if (st != OST_OK)
		return st;
	m->depth++;
	m->page.depth++;
	st = item_put(m, message);
	m->depth--;
	m->page.depth--;
	store_drop(message);
	return st;
}

enum ost_status attached_put(struct making *m, struct store_object *item)
{
	struct attach_list list;
	enum ost_status st = attach_list_open(&list, item, m->notes, m->err);

	if (st == OST_OK)
		st = inside_add(&list, m->notes, m->err);
	for (size_t i = 0; st == OST_OK && i < list.count; i++) {
		page_gap(&m->page);
		put_line(m, &list.all[i]);
		if (list.all[i].kind == MAIL_MESSAGE)
			st = put_item(m, &list.all[i]);
	}
	attach_list_close(&list);
	return st;
}
