#include "forge_mailbox.h"

void mail_from(struct forge_message *m, const char *name, const char *address)
{
	struct forge_props *p = &m->props;

	forge_text(p, MAPI_SENDER_NAME, name);
	forge_text(p, MAPI_SENDER_ADDRTYPE, "SMTP");
	forge_text(p, MAPI_SENDER_EMAIL, address);
	forge_text(p, MAPI_SENT_REPRESENTING_NAME, name);
	forge_text(p, MAPI_SENT_REPRESENTING_ADDRTYPE, "SMTP");
	forge_text(p, MAPI_SENT_REPRESENTING_EMAIL, address);
}

struct forge_props *mail_to(struct forge_message *m, uint32_t type,
			    const char *name, const char *address)
{
	struct forge_props *p = forge_recipient(m);

	forge_int(p, MAPI_RECIPIENT_TYPE, type);
	forge_int(p, MAPI_OBJECT_TYPE, 6); /* MAPI_MAILUSER */
	forge_text(p, MAPI_DISPLAY_NAME, name);
	forge_text(p, MAPI_ADDRTYPE, "SMTP");
	forge_text(p, MAPI_EMAIL_ADDRESS, address);
	forge_text(p, MAPI_SMTP_ADDRESS, address);
	return p;
}

void mail_at(struct forge_message *m, int64_t seconds)
{
	forge_time(&m->props, MAPI_CLIENT_SUBMIT_TIME, seconds);
	forge_time(&m->props, MAPI_MESSAGE_DELIVERY_TIME, seconds + 3);
	forge_time(&m->props, MAPI_CREATION_TIME, seconds + 3);
	forge_time(&m->props, MAPI_LAST_MODIFICATION_TIME, seconds + 60);
}

struct forge_attachment *mail_attach(struct forge_message *m, const char *name,
				     const char *type, const void *bytes,
				     size_t len)
{
	struct forge_attachment *a = forge_attachment(m);

	if (a == NULL)
		return NULL;
	forge_text(&a->props, MAPI_DISPLAY_NAME, name);
	forge_text(&a->props, MAPI_ATTACH_LONG_FILENAME, name);
	forge_text(&a->props, MAPI_ATTACH_FILENAME, name);
	if (type != NULL)
		forge_text(&a->props, MAPI_ATTACH_MIME_TAG, type);
	if (bytes != NULL)
		forge_binary(&a->props, MAPI_ATTACH_DATA, bytes, len);
	return a;
}

void mail_numbered(struct forge_props *p, uint32_t counter)
{
	enum { PTYP_INT64 = 0x14 };
	const uint8_t id[8] = { 1, 0, (uint8_t)(counter >> 16),
				(uint8_t)(counter >> 8), (uint8_t)counter };

	forge_raw(p, MAPI_SERVER_ID, PTYP_INT64, id, sizeof(id));
}
