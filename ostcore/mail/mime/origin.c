/*
 * origin.c - what a message came as, before the store took it apart
 */
#include "mail/mime/message.h"
#include "mail/rfc822/transport.h"
#include "mail/text/chars.h"
#include "mail/text/encode.h"
#include "mail/text/value.h"

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

void message_keep_bogus(struct message *msg)
{
	enum { MAX = 16 << 10 };
	struct span rest = chars_first(buf_span(&msg->facts.bogus), MAX);

	while (rest.len > 0) {
		const size_t len = chars_find(rest, '\n');
		struct buf line = { 0 };

		(void)encode_clean(&line, chars_first(rest, len));
		const struct span text = chars_trim(buf_span(&line));
		if (text.len > 0)
			encode_field(&msg->header, "X-Ost-Bad-Header", text);
		msg->header.bad = msg->header.bad || line.bad;
		buf_free(&line);
		rest = chars_from(rest, len + 1);
	}
}

/* Is field `f` one of `fields`, renamed, with the same value? */
static bool is_repeated(const struct transport_field *f, struct span fields)
{
	static const char prefix[] = "X-Ost-Orig-";
	struct transport_field other;

	if (!chars_begin(f->name, prefix))
		return false;

	const struct span name = chars_from(f->name, sizeof(prefix) - 1);
	while (transport_next(&fields, &other))
		if (chars_same(other.name, name))
			return span_equal(chars_trim(other.value),
					  chars_trim(f->value));
	return false;
}

void message_drop_repeated(struct message *msg, struct span fields)
{
	struct span rest = buf_span(&msg->header);
	struct transport_field f;
	struct buf kept = { 0 };

	while (transport_next(&rest, &f))
		if (!is_repeated(&f, fields))
			buf_add(&kept, f.raw.at, f.raw.len);
	kept.bad = kept.bad || msg->header.bad;
	buf_free(&msg->header);
	msg->header = kept;
}
