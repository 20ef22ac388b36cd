#include "forge_private.h"

struct forge_props *forge_recipient(struct forge_message *m)
{
	struct forge_recipient **at = &m->recipients;

	while (*at != NULL)
		at = &(*at)->next;
	*at = calloc(1, sizeof(**at));
	if (*at == NULL)
		m->props.bad = true;
	return *at == NULL ? NULL : &(*at)->props;
}

struct forge_attachment *forge_attachment(struct forge_message *m)
{
	struct forge_attachment **at = &m->attachments;

	while (*at != NULL)
		at = &(*at)->next;
	*at = calloc(1, sizeof(**at));
	if (*at == NULL)
		m->props.bad = true;
	return *at;
}

struct forge_message *forge_embed(struct forge_attachment *a)
{
	if (a->message == NULL)
		a->message = calloc(1, sizeof(*a->message));
	if (a->message == NULL)
		a->props.bad = true;
	return a->message;
}

static void free_attachments(struct forge_attachment *a)
{
	while (a != NULL) {
		struct forge_attachment *next = a->next;

		forge_props_free(&a->props);
		if (a->message != NULL)
			forge_message_free(a->message);
		free(a->message);
		free(a);
		a = next;
	}
}

void forge_message_free(struct forge_message *m)
{
	struct forge_recipient *r = m->recipients;

	while (r != NULL) {
		struct forge_recipient *next = r->next;

		forge_props_free(&r->props);
		free(r);
		r = next;
	}
	free_attachments(m->attachments);
	forge_props_free(&m->props);
	*m = (struct forge_message){ 0 };
}

static uint64_t props_size(const struct forge_props *p)
{
	uint64_t size = 0;

	for (size_t i = 0; i < p->count; i++)
		size += p->at[i].size;
	return size;
}

static uint32_t message_size(const struct forge_message *m)
{
	uint64_t size = props_size(&m->props);

	for (const struct forge_attachment *a = m->attachments; a != NULL;
	     a = a->next)
		size += props_size(&a->props);
	return size < INT32_MAX ? (uint32_t)size : INT32_MAX;
}

/* PidTagDisplayTo and its like: the names of recipients of one type. */
static void display_names(const struct forge_message *m, uint32_t type,
			  uint16_t id, struct forge_props *out)
{
	struct buf names = { 0 };

	for (const struct forge_recipient *r = m->recipients; r != NULL;
	     r = r->next) {
		const struct forge_prop *is =
			forge_props_find(&r->props, MAPI_RECIPIENT_TYPE);
		const struct forge_prop *name =
			forge_props_find(&r->props, MAPI_DISPLAY_NAME);

		if (is == NULL || name == NULL || !name->text ||
		    is->bytes == NULL || is->bytes[0] != (char)type)
			continue;
		if (names.len > 0)
			buf_str(&names, "; ");
		buf_str(&names, name->bytes);
	}
	forge_text(out, id, buf_text(&names));
	buf_free(&names);
}

void message_more(const struct forge_message *m, struct forge_props *out)
{
	const bool attached = m->attachments != NULL;

	if (m->bare)
		return;
	forge_text(out, MAPI_MESSAGE_CLASS, "IPM.Note");
	forge_int(out, MAPI_MESSAGE_FLAGS, attached ? 0x11 : 0x01);
	forge_int(out, MAPI_MESSAGE_SIZE, message_size(m));
	forge_int(out, MAPI_MESSAGE_STATUS, 0);
	forge_bool(out, MAPI_HAS_ATTACHMENTS, attached);
	display_names(m, 1, MAPI_DISPLAY_TO, out);
	display_names(m, 2, MAPI_DISPLAY_CC, out);
	display_names(m, 3, MAPI_DISPLAY_BCC, out);
}

/* The usual columns, and all that the rows have beyond them. */
static struct table *recipient_table(struct forge *f,
				     const struct forge_message *m)
{
	struct buf tags = { 0 };
	struct table *t = NULL;

	table_tags(f, TABLE_RECIPIENTS, &tags);
	for (const struct forge_recipient *r = m->recipients; r != NULL;
	     r = r->next)
		for (size_t i = 0; i < r->props.count; i++) {
			const struct forge_prop *p = &r->props.at[i];
			const uint32_t tag =
				(uint32_t)p->id << 16 | value_type(f, p);

			buf_add(&tags, &tag, sizeof(tag));
		}
	if (forge_ok(f, &tags))
		t = table_new(f, (const uint32_t *)(void *)tags.at,
			      tags.len / sizeof(uint32_t));
	buf_free(&tags);
	return t;
}

static void write_recipients(struct forge *f, const struct forge_message *m,
			     struct buf *subs)
{
	struct table *t = recipient_table(f, m);
	struct forge_sub node;
	uint32_t id = 0;

	for (const struct forge_recipient *r = m->recipients; r != NULL;
	     r = r->next) {
		table_row(t, id++, NULL, &r->props);
		if (r->props.bad)
			forge_fail(f, OST_NO_MEMORY, "out of memory");
	}
	table_close(t, &node);
	subs_add(subs, 0x692, node.data, node.subnodes);
}

/* What Outlook writes for any attachment. */
static void attachment_more(const struct forge_attachment *a, uint32_t number,
			    struct forge_props *out)
{
	const struct forge_prop *data =
		forge_props_find(&a->props, MAPI_ATTACH_DATA);
	uint32_t method = MAPI_ATTACH_NONE;
	uint64_t size = props_size(&a->props);

	if (a->message != NULL) {
		method = MAPI_ATTACH_EMBEDDED;
		size += message_size(a->message);
	} else if (data != NULL) {
		method = data->type == MAPI_OBJECT ? MAPI_ATTACH_OLE
						   : MAPI_ATTACH_BY_VALUE;
	}
	forge_int(out, MAPI_ATTACH_SIZE,
		  size < INT32_MAX ? (uint32_t)size : INT32_MAX);
	forge_int(out, MAPI_ATTACH_NUMBER, number);
	forge_int(out, MAPI_ATTACH_METHOD, method);
	forge_int(out, MAPI_RENDERING_POSITION, UINT32_MAX);
}

/* The message inside: a subnode of the attachment, named by 0x3701. */
static void write_embedded(struct forge *f, struct forge_message *m,
			   struct forge_props *more, struct buf *subs)
{
	const uint32_t nid = message_nid(f, m);
	struct forge_props inner = { 0 };
	struct forge_sub node;
	uint8_t object[8];

	message_more(m, &inner);
	message_write(f, m, &inner, &node);
	forge_props_free(&inner);
	subs_add(subs, nid, node.data, node.subnodes);
	put_uint(object, 4, nid);
	put_uint(object + 4, 4, message_size(m));
	forge_raw(more, MAPI_ATTACH_DATA, MAPI_OBJECT, object, 8);
	if (more->count > 0)
		more->at[more->count - 1].read = value_ready;
}

static void write_attachment(struct forge *f, struct forge_attachment *a,
			     uint32_t number, struct table *t, struct buf *subs)
{
	struct forge_props more = { 0 };
	struct buf own = { 0 };

	if (a->nid == 0)
		a->nid = (0x401 + number) << 5 | MAPI_NID_ATTACHMENT;
	attachment_more(a, number, &more);
	if (a->message != NULL)
		write_embedded(f, a->message, &more, &own);
	if (!a->no_node) {
		const uint64_t data = props_write(f, &more, &a->props, &own);

		subs_add(subs, a->nid, data, subs_write(f, &own));
	}
	if (!a->no_row)
		table_row(t, a->nid, &more, &a->props);
	forge_props_free(&more);
	buf_free(&own);
}

static void write_attachments(struct forge *f, const struct forge_message *m,
			      struct buf *subs)
{
	struct buf tags = { 0 };
	struct forge_sub node;
	struct table *t = NULL;
	uint32_t number = 0;

	table_tags(f, TABLE_ATTACHMENTS, &tags);
	if (forge_ok(f, &tags))
		t = table_new(f, (const uint32_t *)(void *)tags.at,
			      tags.len / sizeof(uint32_t));
	buf_free(&tags);
	for (struct forge_attachment *a = m->attachments; a != NULL;
	     a = a->next)
		write_attachment(f, a, number++, t, subs);
	table_close(t, &node);
	subs_add(subs, 0x671, node.data, node.subnodes);
}

void message_write(struct forge *f, struct forge_message *m,
		   const struct forge_props *more, struct forge_sub *out)
{
	struct buf subs = { 0 };

	if (m->recipients != NULL || !m->no_recipients)
		write_recipients(f, m, &subs);
	if (m->attachments != NULL)
		write_attachments(f, m, &subs);
	out->data = props_write(f, more, &m->props, &subs);
	out->subnodes = subs_write(f, &subs);
	buf_free(&subs);
}
