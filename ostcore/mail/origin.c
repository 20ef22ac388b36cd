/*
 * origin.c - what a message came as, before the store took it apart
 */
#include "mail/chars.h"
#include "mail/encode.h"
#include "mail/message.h"
#include "mail/transport.h"
#include "mail/value.h"

/* The number of the Internet header `text` as a property; 0: it has none. */
static uint16_t header_id(struct store *s, const char *text)
{
	struct store_name name = { .name = text };

	memcpy(name.guid, value_guid(SET_INTERNET_HEADERS), sizeof(name.guid));
	return store_name_id(s, &name);
}

void message_stored_type(struct message *msg, struct buf *out)
{
	struct transport_field f;
	struct ost_error err;
	uint16_t id = header_id(msg->item->store, "content-type");

	if (id == 0)
		id = header_id(msg->item->store, "Content-Type");
	if (value_line(msg->item, id, out, &msg->notes, &err) != OST_OK)
		out->bad = true;
	if (out->len == 0 && transport_find(buf_span(&msg->header),
					    "X-Ost-Orig-Content-Type", &f))
		(void)encode_clean(out, chars_trim(f.value));
}
