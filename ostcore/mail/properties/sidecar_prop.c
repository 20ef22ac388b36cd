/*
 * sidecar_prop.c - properties as JSON
 */
#include <inttypes.h>

#include "bytes/text.h"
#include "mail/item/proplist.h"
#include "mail/properties/sidecar.h"
#include "mail/text/encode.h"

enum {
	VALUE_MAX = 4 << 20,  /* of text and lists; longer ones are bytes */
	SHORT_MAX = 16 << 10, /* of bytes that are text of the plan */
};

/* Large values beyond this are not read while planning. */
static const uint64_t check_max = UINT64_C(4) << 30;

/* How many bytes at the start of a value can be read; why not more. */
static enum ost_status readable(struct subject *sub,
				const struct store_prop *prop, uint64_t *good,
				struct ost_error *err)
{
	struct sidecar *s = sub->s;
	enum ost_status st = OST_OK;

	*good = 0;
	while (st == OST_OK && *good < prop->size && s->checked < check_max) {
		const uint64_t left = prop->size - *good;
		const size_t len =
			left < SIDECAR_CHUNK ? (size_t)left : SIDECAR_CHUNK;

		st = store_read(sub->o, prop, *good, s->chunk, len, err);
		if (st == OST_OK)
			*good += len;
		s->checked += len;
	}
	if (st == OST_OK)
		*good = prop->size;
	return st;
}

/* The stored bytes as base64, up to where they can be read. */
static void put_stored(struct subject *sub, const char *key,
		       const struct store_prop *prop)
{
	struct sidecar *s = sub->s;
	struct ost_error err;
	uint64_t good;
	const enum ost_status st = readable(sub, prop, &good, &err);

	if (good > 0 || st == OST_OK) {
		json_string_begin(&s->json, key);
		if (good <= SHORT_MAX && good == prop->size) {
			encode_base64_run(s->json.to,
					  span_of(s->chunk, (size_t)good));
		} else {
			pieces_prop_run(s->pieces, sub->o, prop, good);
			sub->used = true;
		}
		json_string_end(&s->json);
	}
	if (st != OST_OK)
		sidecar_error(sub, st, NOTE_PROPERTY_CORRUPT, &err);
}

/*
 * The following write a value from its stored bytes and return false where it
 * does not tell every bit of them.
 */

static bool put_numbers(struct subject *sub, const struct sidecar_type *type,
			bool multiple, struct span bytes)
{
	struct json *j = &sub->s->json;
	struct cursor c = cur_at(bytes, 0);
	bool exact = true;

	if (multiple ? bytes.len % type->width != 0 : bytes.len != type->width)
		return false;
	if (!multiple)
		return type->put(j, "value", &c);
	json_array_flat(j, "value");
	while (c.rest.len > 0)
		exact = type->put(j, NULL, &c) && exact;
	json_array_end(j);
	return exact;
}

/*
 * One text. Which code page 8-bit text is in is a guess, and what is left of
 * the bytes after it differs, so those that matter are given too.
 */
static bool put_text(struct subject *sub, uint16_t type, const char *key,
		     struct span bytes, size_t *replaced)
{
	struct buf text = { 0 };
	struct store_reading how = { 0 };

	store_decode(sub->o, type, bytes, &text, &how);

	json_text(&sub->s->json, key, buf_span(&text));
	sub->s->json.to->bad = sub->s->json.to->bad || text.bad;
	buf_free(&text);
	*replaced += how.replaced;
	return how.replaced == 0 &&
	       (type == MAPI_UNICODE || text_is_ascii(bytes));
}

static bool put_string(struct subject *sub, uint16_t type, struct span bytes)
{
	size_t replaced = 0;
	const bool exact = put_text(sub, type, "value", bytes, &replaced);

	if (replaced > 0)
		json_raw(&sub->s->json, "replaced", "%zu", replaced);
	return exact;
}

static bool put_element(struct subject *sub, uint16_t type, struct span one,
			size_t *replaced)
{
	struct json *j = &sub->s->json;

	if (type != MAPI_BINARY)
		return put_text(sub, type, NULL, one, replaced) &&
		       (one.len == 0 || one.at[one.len - 1] != 0);
	json_string_begin(j, NULL);
	encode_base64_run(j->to, one);
	json_string_end(j);
	return true;
}

/* Texts or binary values: [MS-PST] 2.3.3.4.2. */
static bool put_elements(struct subject *sub, uint16_t type, struct span all)
{
	struct json *j = &sub->s->json;
	struct cursor head = cur_at(all, 0);
	const uint32_t count = all.len > 0 ? cur_u32(&head) : 0;
	const uint64_t values = 4 + 4 * (uint64_t)count;
	bool exact = count > 0 ? cur_u32(&head) == values : all.len <= 4;
	struct ost_error err;
	enum ost_status st = OST_OK;
	size_t replaced = 0;

	if (!cur_ok(&head) || values > all.len + 4)
		st = ost_fail(&err, OST_CORRUPT, "%u values in %zu bytes",
			      count, all.len);
	json_array_flat(j, "value");
	for (uint32_t i = 0; i < count && st == OST_OK; i++) {
		struct span one;

		st = store_multi_of(all, i, &one, &err);
		if (st == OST_OK)
			exact = put_element(sub, type, one, &replaced) && exact;
	}
	json_array_end(j);
	if (replaced > 0)
		json_raw(j, "replaced", "%zu", replaced);
	if (st != OST_OK)
		sidecar_error(sub, st, NOTE_PROPERTY_CORRUPT, &err);
	return exact && st == OST_OK;
}

static bool put_decoded(struct subject *sub, const struct store_prop *prop,
			const struct sidecar_type *type, struct span bytes)
{
	const bool multiple = (prop->type & MAPI_MULTIPLE) != 0;

	if (type->put != NULL)
		return put_numbers(sub, type, multiple, bytes);
	return multiple ? put_elements(sub, type->type, bytes)
			: put_string(sub, type->type, bytes);
}

static void put_value(struct subject *sub, const struct store_prop *prop)
{
	const struct sidecar_type *type = sidecar_type(prop->type);
	struct buf bytes = { 0 };
	struct ost_error err;
	enum ost_status st;

	if (prop->type == MAPI_BINARY) {
		put_stored(sub, "value", prop);
		return;
	}
	if (type == NULL || type->type == MAPI_OBJECT ||
	    prop->size > VALUE_MAX) {
		put_stored(sub, "base64", prop);
		return;
	}
	st = store_bytes(sub->o, prop->id, VALUE_MAX, &bytes, &err);
	if (st != OST_OK)
		sidecar_error(sub, st, NOTE_PROPERTY_CORRUPT, &err);
	else if (!put_decoded(sub, prop, type, buf_span(&bytes)))
		put_stored(sub, "base64", prop);
	buf_free(&bytes);
}

/*
 * Properties
 */

static void put_named(struct subject *sub, uint16_t id)
{
	struct json *j = &sub->s->json;
	struct store_name name;
	const char *canonical;

	if (!store_id_name(sub->o->store, id, &name))
		return;

	struct cursor guid = cur_at(span_of(name.guid, sizeof(name.guid)), 0);
	(void)sidecar_guid(j, "guid", &guid);
	if (name.name != NULL) {
		json_str(j, "name", name.name);
		return;
	}
	json_raw(j, "lid", "\"0x%04" PRIX32 "\"", name.lid);
	canonical = propname_lid(name.guid, name.lid);
	if (canonical != NULL)
		json_raw(j, "canonical", "\"PidLid%s\"", canonical);
}

static void put_names(struct subject *sub, const struct store_prop *prop)
{
	const bool object = prop->type == MAPI_OBJECT;
	const char *name;
	bool shown;

	if (prop->id >= 0x8000) {
		put_named(sub, prop->id);
		return;
	}
	name = propname_tag(prop->id, &shown);
	if (prop->id == MAPI_ATTACH_DATA && object)
		name = "AttachDataObject";
	if (name != NULL)
		json_raw(&sub->s->json, "canonical", "\"PidTag%s\"", name);
}

static void put_type(struct json *j, uint16_t type)
{
	const struct sidecar_type *known = sidecar_type(type);
	const bool multiple = (type & MAPI_MULTIPLE) != 0;

	if (known == NULL)
		json_raw(j, "type", "\"0x%04X\"", type);
	else
		json_raw(j, "type", "\"Ptyp%s%s\"", multiple ? "Multiple" : "",
			 known->name);
}

static void put_property(struct subject *sub, const struct store_prop *prop)
{
	struct json *j = &sub->s->json;
	struct ost_error err;
	enum ost_status st = OST_OK;
	uint8_t nothing;

	sub->told = false;
	json_object_flat(j, NULL);
	json_raw(j, "tag", "\"0x%04X\"", prop->id);
	put_names(sub, prop);
	put_type(j, prop->type);
	json_raw(j, "size", "%" PRIu64, prop->size);
	/* One that cannot be read at all has size 0 and says so when read. */
	if (prop->size == 0)
		st = store_read(sub->o, prop, 0, &nothing, 0, &err);
	if (st == OST_OK)
		put_value(sub, prop);
	else
		sidecar_error(sub, st, NOTE_PROPERTY_CORRUPT, &err);
	json_object_end(j);
	sub->told = false;
}

void sidecar_properties(struct subject *sub)
{
	struct sidecar *s = sub->s;
	struct store_prop prop;
	struct ost_error err;
	enum ost_status st = OST_OK;

	json_array(&s->json, "properties");
	for (uint32_t id = 0; id <= UINT16_MAX; id = prop.id + UINT32_C(1)) {
		st = store_next(sub->o, (uint16_t)id, &prop, &err);
		if (st != OST_OK || prop.id < id || sidecar_full(s))
			break;
		put_property(sub, &prop);
	}
	json_array_end(&s->json);
	if (st == OST_OK && sidecar_full(s))
		st = sidecar_fail_full(&err);
	if (st != OST_OK && st != OST_NOT_FOUND)
		sidecar_error(sub, st, NOTE_PROPERTY_CORRUPT, &err);
}
