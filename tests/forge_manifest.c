#include "forge_mailbox.h"

#include <stdlib.h>

/* One line of JSON a message: what a reader must find in the store. */

static void put_string(FILE *out, const char *s)
{
	fputc('"', out);
	for (; *s != '\0'; s++) {
		const unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 0x20 || c == 0x7F)
			fprintf(out, "\\u%04x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

/*
 * The text of a property in UTF-8, or null. Text in a charset of its own is
 * left to the size and CRC of its bytes.
 */
static void put_text(FILE *out, const char *name, const struct forge_props *p,
		     uint16_t id)
{
	const struct forge_prop *prop = forge_props_find(p, id);

	fprintf(out, ",\"%s\":", name);
	if (prop == NULL || !prop->text)
		fputs("null", out);
	else
		put_string(out, prop->bytes);
}

/* Its size and the CRC-32 of zip and zlib, of its UTF-8 or its bytes. */
static void put_sum(FILE *out, const char *name, const struct forge_prop *p)
{
	uint32_t crc = 0xFFFFFFFF;

	if (p == NULL)
		return;
	for (uint64_t off = 0; off < p->size;) {
		const uint64_t left = p->size - off;
		char part[8192];
		const size_t len =
			left < sizeof(part) ? (size_t)left : sizeof(part);

		if (p->bytes != NULL)
			memcpy(part, p->bytes + off, len);
		else if (!p->read(p->arg, off, part, len))
			break;
		crc = forge_crc_more(crc, part, len);
		off += len;
	}
	fprintf(out, ",\"%s\":{\"size\":%llu,\"crc32\":\"%08x\"}", name,
		(unsigned long long)p->size, (unsigned)~crc);
}

static void put_message(FILE *out, const struct forge_message *m);

static void put_attachments(FILE *out, const struct forge_message *m)
{
	fputs(",\"attachments\":[", out);
	for (const struct forge_attachment *a = m->attachments; a != NULL;
	     a = a->next) {
		fprintf(out, "%s{\"nid\":%u", a == m->attachments ? "" : ",",
			(unsigned)a->nid);
		put_text(out, "name", &a->props, MAPI_ATTACH_LONG_FILENAME);
		put_sum(out, "data",
			forge_props_find(&a->props, MAPI_ATTACH_DATA));
		if (a->message != NULL) {
			fputs(",\"message\":{", out);
			put_message(out, a->message);
			fputc('}', out);
		}
		fputc('}', out);
	}
	fputc(']', out);
}

static void put_message(FILE *out, const struct forge_message *m)
{
	const struct forge_props *p = &m->props;
	size_t recipients = 0;

	for (const struct forge_recipient *r = m->recipients; r != NULL;
	     r = r->next)
		recipients++;
	fprintf(out, "\"recipients\":%zu", recipients);
	put_text(out, "class", p, MAPI_MESSAGE_CLASS);
	put_text(out, "subject", p, MAPI_SUBJECT);
	put_text(out, "from", p, MAPI_SENDER_NAME);
	put_sum(out, "body", forge_props_find(p, MAPI_BODY));
	put_sum(out, "html", forge_props_find(p, MAPI_HTML));
	put_sum(out, "rtf", forge_props_find(p, MAPI_RTF_COMPRESSED));
	put_attachments(out, m);
}

struct mailbox_folder mailbox_folder(struct mailbox *b, const char *name,
				     const char *container)
{
	const struct forge_folder how = { .name = name,
					  .container = container };

	return (struct mailbox_folder){
		forge_folder(b->forge, forge_ipm(b->forge), &how), name
	};
}

uint32_t mailbox_add(struct mailbox *b, struct mailbox_folder folder,
		     struct forge_message *m)
{
	uint32_t nid;

	if (b->numbered != 0)
		mail_numbered(&m->props, b->numbered++);
	damage_message(b, m);
	nid = forge_add(b->forge, folder.nid, m);
	damage_made(b, folder, m, nid);
	if (b->manifest != NULL) {
		fprintf(b->manifest, "{\"nid\":%u,\"folder\":", (unsigned)nid);
		put_string(b->manifest, folder.path);
		fprintf(b->manifest, ",\"associated\":%s,",
			m->associated ? "true" : "false");
		put_message(b->manifest, m);
		fputs("}\n", b->manifest);
	}
	forge_message_free(m);
	return nid;
}
