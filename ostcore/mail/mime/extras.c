/*
 * extras.c - what is attached to a message beside its attachments: what its
 * body is not shown as, and what it says in properties
 */
#include "mail/mime/message.h"
#include "mail/text/chars.h"

/*
 * Bodies that are too large
 */

/* Have property `id` attached as it is stored. */
static void keep_stored(struct body *b, uint16_t id)
{
	size_t i = 0;

	while (b->large[i] != 0 && b->large[i] != id)
		i++;
	b->large[i] = id;
}

/* Of those that go with HTML made of RTF. */
static size_t pictures_size(const struct body *b)
{
	size_t size = 0;

	for (size_t i = 0; i < b->shown.count; i++)
		size += b->shown.pictures[i].bytes.len;
	return size;
}

void message_shed(struct message *msg, size_t cap)
{
	struct body *b = &msg->body;
	const struct {
		struct buf *text, *raw;
		bool *has;
		uint16_t id;
	} all[] = {
		{ &b->html, &b->html_raw, &b->has_html, b->html_id },
		{ &b->plain, &b->plain_raw, &b->has_plain, b->plain_id },
		{ &b->older, NULL, &b->older_is_html, b->older_id },
		{ &b->rtf, NULL, &b->has_rtf, MAPI_RTF_COMPRESSED },
	};
	enum { COUNT = sizeof(all) / sizeof(all[0]) };

	for (;;) {
		size_t total = 0, max = 0, largest = 0;

		for (size_t i = 0; i < COUNT; i++) {
			size_t len = all[i].text->len;

			len += all[i].raw != NULL ? all[i].raw->len : 0;
			len += i == 0 ? pictures_size(b) : 0;
			total += len;
			if (len > max) {
				max = len;
				largest = i;
			}
		}
		if (total <= cap)
			return;
		keep_stored(b, all[largest].id);
		buf_free(all[largest].text);
		if (all[largest].text == &b->html)
			rtfhtml_free(&b->shown);
		if (all[largest].raw != NULL)
			buf_free(all[largest].raw);
		*all[largest].has = false;
		note_add(&msg->notes, NOTE_BODY_LARGE);
	}
}

/*
 * Parts
 */

static void put_names(struct buf *out, const char *type, const char *name)
{
	buf_printf(out,
		   "Content-Type: %s;\r\n name=\"%s\"\r\n"
		   "Content-Transfer-Encoding: base64\r\n"
		   "Content-Disposition: attachment;\r\n filename=\"%s\"\r\n"
		   "\r\n",
		   type, name, name);
}

static void put_bytes(struct mime *m, struct mime_multi *multi,
		      const char *type, const char *name,
		      const struct buf *bytes)
{
	if (bytes->len == 0)
		return;
	mime_part(m, multi);
	put_names(pieces_out(m->pieces), type, name);
	pieces_base64(m->pieces, buf_span(bytes));
}

/* A body that is too large, as it is stored. */
static void put_stored(struct mime *m, struct message *msg, uint16_t id,
		       struct mime_multi *multi)
{
	const char *type = "text/plain", *name = "message-body.txt";
	struct buf full = { 0 };
	struct store_prop p;
	struct ost_error err;

	if (id == 0 || store_find(msg->item, id, &p, &err) != OST_OK)
		return;
	if (id == MAPI_HTML) {
		type = "text/html";
		name = "message-body.html";
	} else if (id == MAPI_RTF_COMPRESSED) {
		type = "application/octet-stream";
		name = "message-body.rtf.lzfu";
	}
	buf_str(&full, type);
	if (p.type == MAPI_UNICODE)
		buf_str(&full, "; charset=utf-16le");
	mime_part(m, multi);
	put_names(pieces_out(m->pieces), buf_text(&full), name);
	pieces_prop(m->pieces, msg->item, &p, true);
	msg->keeps_item = true;
	buf_free(&full);
}

bool message_has_extras(const struct message *msg)
{
	return msg->own.text.len > 0 || msg->facts.bogus.len > 0 ||
	       msg->body.plain_raw.len > 0 || msg->body.html_raw.len > 0 ||
	       (msg->body.has_rtf && msg->body.rtf.len > 0) ||
	       msg->body.older.len > 0 || msg->body.large[0] != 0;
}

/* A body that the RTF took the place of. */
static void put_older(struct mime *m, const struct message *msg,
		      struct mime_multi *multi)
{
	const bool html = msg->body.older_is_html;
	struct buf head = { 0 };
	enum mime_lines lines;

	if (msg->body.older.len == 0)
		return;
	buf_printf(&head,
		   "X-Ost-Body: stale\r\nContent-Disposition: attachment; "
		   "filename=\"message-body.stale.%s\"\r\n",
		   html ? "html" : "txt");
	mime_part(m, multi);
	lines = mime_text(m, NULL, html ? "text/html" : "text/plain",
			  buf_span(&head), buf_span(&msg->body.older));
	multi->lines = mime_worse(multi->lines, lines);
	buf_free(&head);
}

void message_extras(struct mime *m, struct message *msg,
		    struct mime_multi *multi)
{
	static const char octets[] = "application/octet-stream";
	enum mime_lines lines;

	if (msg->own.text.len > 0) {
		mime_part(m, multi);
		lines = mime_text(m, NULL, msg->own.type,
				  chars_of(msg->own.fields),
				  buf_span(&msg->own.text));
		multi->lines = mime_worse(multi->lines, lines);
	}
	put_older(m, msg, multi);
	if (msg->body.has_rtf)
		put_bytes(m, multi, "application/rtf", "message-body.rtf",
			  &msg->body.rtf);
	put_bytes(m, multi, octets, "message-body.orig.txt",
		  &msg->body.plain_raw);
	put_bytes(m, multi, octets, "message-body.orig.html",
		  &msg->body.html_raw);
	for (size_t i = 0; i < 3; i++)
		put_stored(m, msg, msg->body.large[i], multi);
	put_bytes(m, multi, "text/plain; charset=utf-8",
		  "transport-headers.txt", &msg->facts.bogus);
}
