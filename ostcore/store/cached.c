#include "store/cached.h"

#include "store/limits.h"
#include "store/mapi.h"

enum { NATIVE_PLAIN = 1, NATIVE_HTML = 3, SLACK = 16 << 10 };

uint16_t cached_charset_body(struct store *s)
{
	static const struct store_name name = {
		/* {4E3A7680-B77A-11D0-9DA5-00C04FD65685} */
		.guid = { 0x80, 0x76, 0x3A, 0x4E, 0x7A, 0xB7, 0xD0, 0x11, 0x9D,
			  0xA5, 0x00, 0xC0, 0x4F, 0xD6, 0x56, 0x85 },
		.name = "Internet Charset Body",
	};

	return store_name_id(s, &name);
}

/* Bytes in all the properties of `o`. */
static uint64_t stored_size(struct store_object *o)
{
	struct store_prop p;
	struct ost_error err;
	uint64_t size = 0;
	unsigned id = 0;

	while (id <= UINT16_MAX &&
	       store_next(o, (uint16_t)id, &p, &err) == OST_OK) {
		size += p.size;
		id = p.id + 1U;
	}
	return size;
}

bool cached_had_body(struct store_object *o)
{
	const uint64_t native = store_number(o, MAPI_NATIVE_BODY, 0);
	uint64_t here = stored_size(o) + SLACK;
	struct ost_error err;

	if (native >= NATIVE_PLAIN && native <= NATIVE_HTML)
		return true;
	for (size_t i = 0; i < LIMIT_ATTACHMENTS; i++) {
		struct store_object *attachment = NULL;
		const enum ost_status st =
			store_child(o, STORE_ATTACHMENTS, i, &attachment, &err);

		if (st == OST_NOT_FOUND)
			break;
		if (st == OST_OK)
			here += store_number(attachment, MAPI_ATTACH_SIZE, 0);
		store_drop(attachment);
	}
	return store_number(o, MAPI_MESSAGE_SIZE, 0) / 2 > here;
}

/* Is there a value of at least so many bytes, or one that cannot be read? */
static bool has(struct store_object *o, uint16_t id, uint64_t least)
{
	struct store_prop p;
	struct ost_error err;
	const enum ost_status st = store_find(o, id, &p, &err);

	return st == OST_OK ? p.size >= least : st != OST_NOT_FOUND;
}

bool cached_lacks_body(struct store_object *o)
{
	const uint16_t bodies[] = { MAPI_BODY, MAPI_HTML, MAPI_RTF_COMPRESSED,
				    cached_charset_body(o->store) };

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		if (bodies[i] != 0 && has(o, bodies[i], 0))
			return false;
	return has(o, MAPI_PREVIEW, 1) || has(o, MAPI_BODY_PREFIX, 1) ||
	       cached_had_body(o);
}
