/*
 * fuzz_header.c - bytes as transport headers, entry ids, keys and names
 *
 * Whatever is in the store, the header must be one that mail can carry:
 * 7-bit lines of at most 998 characters, each a field or the rest of one,
 * with the fields that every mail has.
 */
#include "fake.h"

#include "mail/header/header.h"
#include "mail/mail.h"
#include "mail/rfc822/transport.h"
#include "mail/text/chars.h"

#include <stdlib.h>

static void need(bool that)
{
	if (!that)
		abort();
}

static void check_header(const struct buf *out)
{
	static const char *const always[] = { "From", "Date", "MIME-Version",
					      "Subject", "Status" };
	struct span rest = buf_span(out);
	struct transport_field f;
	size_t column = 0;

	for (size_t i = 0; i < out->len; i++) {
		const char c = out->at[i];

		need(c > 0 && c != 0x7F);
		need(c >= ' ' || c == '\t' || c == '\r' || c == '\n');
		need(c != '\r' || out->at[i + 1] == '\n');
		need(c != '\n' || (i > 0 && out->at[i - 1] == '\r'));
		column = c == '\n' ? 0 : column + 1;
		need(column <= 999); /* with its CR */
	}
	need(column == 0);
	while (transport_next(&rest, &f))
		need(f.name.len > 0);
	need(rest.len == 0); /* no empty line */
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		need(transport_find(buf_span(out), always[i], &f));
}

/* The bytes, as this or that property, of this or that type. */
static void fill(struct fake *mail, uint8_t kind, const uint8_t *data,
		 size_t size)
{
	static const struct {
		uint16_t id, type;
	} props[] = {
		{ MAPI_TRANSPORT_MESSAGE_HEADERS, MAPI_STRING8 },
		{ MAPI_TRANSPORT_MESSAGE_HEADERS, MAPI_UNICODE },
		{ MAPI_SENT_REPRESENTING_ENTRYID, MAPI_BINARY },
		{ MAPI_REPLY_RECIPIENT_ENTRIES, MAPI_BINARY },
		{ MAPI_SENDER_SEARCH_KEY, MAPI_BINARY },
		{ MAPI_SENT_REPRESENTING_NAME, MAPI_UNICODE },
		{ MAPI_SENT_REPRESENTING_EMAIL, MAPI_STRING8 },
		{ MAPI_SUBJECT, MAPI_UNICODE },
		{ MAPI_DISPLAY_TO, MAPI_UNICODE },
		{ MAPI_INTERNET_REFERENCES, MAPI_STRING8 },
		{ MAPI_INTERNET_MESSAGE_ID, MAPI_UNICODE },
		{ MAPI_CONVERSATION_INDEX, MAPI_BINARY },
		{ MAPI_MESSAGE_CLASS, MAPI_UNICODE },
	};
	enum { COUNT = sizeof(props) / sizeof(props[0]) };
	const size_t at = kind % COUNT;

	fake_bytes(mail, props[at].id, props[at].type, data, size);
	if (props[at].id != MAPI_SUBJECT)
		fake_text(mail, MAPI_SUBJECT, "\001\001x");
	if (kind & 0x80) {
		fake_bytes(fake_recipient(mail), MAPI_DISPLAY_NAME,
			   MAPI_UNICODE, data, size);
		fake_bytes(fake_recipient(mail), MAPI_ENTRYID, MAPI_BINARY,
			   data, size);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct store *store;
	struct fake *mail;
	struct store_object *o;
	struct header_facts facts;
	struct notes notes = { 0 };
	struct buf out = { 0 };
	struct ost_error err;

	if (size == 0)
		return 0;
	store = fake_store_new();
	mail = fake_add(store, 0x200024, 0);
	fill(mail, data[0], data + 1, size - 1);
	o = fake_open(mail);
	need(header_write(o, &out, &facts, &notes, &err) == OST_OK);
	header_tail(o, &notes, &out);
	check_header(&out);
	buf_cut(&out, 0);
	for (int i = MAIL_SUBJECT; i <= MAIL_CLASS; i++)
		need(mail_fact(o, (enum mail_fact)i, &out, &err) == OST_OK);
	buf_free(&out);
	header_facts_free(&facts);
	store_drop(o);
	store_close(store);
	return 0;
}
