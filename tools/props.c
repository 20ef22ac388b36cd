/*
 * props.c - every property of an object, as JSON      [MS-OXCDATA] 2.11.1
 */
#include "props.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

enum {
	DEPTH_MOST = 16,
	FAILURES_MOST = 1024,
	/* Longer ones are written as base64, as they are read. */
	VALUE_MOST = 64 << 20,
	/* store_multi() reads all of a value for each part of it. */
	MULTI_WORK_MOST = 64 << 20,
	CHUNK = 3 * 16384,
};

struct props {
	struct json *json;
	struct store_object *object;
	uint64_t *damaged;
};

static void put_error(struct props *p, const struct ost_error *err)
{
	json_str(p->json, "error", err->text);
	++*p->damaged;
}

typedef void put_fn(struct json *j, const char *key, struct cursor *c);

static void put_integer16(struct json *j, const char *key, struct cursor *c)
{
	json_raw(j, key, "%" PRId16, (int16_t)cur_u16(c));
}

static void put_integer32(struct json *j, const char *key, struct cursor *c)
{
	json_raw(j, key, "%" PRId32, (int32_t)cur_u32(c));
}

static void put_integer64(struct json *j, const char *key, struct cursor *c)
{
	json_raw(j, key, "%" PRId64, (int64_t)cur_u64(c));
}

static void put_double(struct json *j, const char *key, double value)
{
	if (isfinite(value))
		json_raw(j, key, "%.17g", value);
	else
		json_str(j, key,
			 isnan(value) ? "NaN"
			 : value > 0  ? "inf"
				      : "-inf");
}

static void put_floating32(struct json *j, const char *key, struct cursor *c)
{
	const uint32_t bits = cur_u32(c);
	float value;

	memcpy(&value, &bits, sizeof(value));
	put_double(j, key, (double)value);
}

static void put_floating64(struct json *j, const char *key, struct cursor *c)
{
	const uint64_t bits = cur_u64(c);
	double value;

	memcpy(&value, &bits, sizeof(value));
	put_double(j, key, value);
}

/* Ten-thousandths. */
static void put_currency(struct json *j, const char *key, struct cursor *c)
{
	const int64_t value = (int64_t)cur_u64(c);
	const uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;

	json_raw(j, key, "%s%" PRIu64 ".%04u", value < 0 ? "-" : "",
		 size / 10000, (unsigned)(size % 10000));
}

static void put_error_code(struct json *j, const char *key, struct cursor *c)
{
	json_raw(j, key, "\"0x%08" PRIx32 "\"", cur_u32(c));
}

static void put_boolean(struct json *j, const char *key, struct cursor *c)
{
	json_bool(j, key, cur_u8(c) != 0);
}

/* FILETIME: 100 ns since 1601. One beyond the calendar stays a number. */
static void put_time(struct json *j, const char *key, struct cursor *c)
{
	const uint64_t value = cur_u64(c);
	const time_t sec = (time_t)(value / 10000000) - 11644473600;
	char text[40];
	struct tm tm;

	if (value > INT64_MAX || gmtime_r(&sec, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		json_raw(j, key, "%" PRIu64, value);
	else
		json_raw(j, key, "\"%s.%07uZ\"", text,
			 (unsigned)(value % 10000000));
}

/* The first three fields are little-endian [MS-DTYP] 2.3.4. */
static void put_guid(struct json *j, const char *key, struct cursor *c)
{
	const uint32_t a = cur_u32(c);
	const uint16_t b = cur_u16(c), d = cur_u16(c);
	uint8_t e[8];

	for (size_t i = 0; i < sizeof(e); i++)
		e[i] = cur_u8(c);
	json_raw(j, key,
		 "\"%08" PRIx32
		 "-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x\"",
		 a, b, d, e[0], e[1], e[2], e[3], e[4], e[5], e[6], e[7]);
}

/* `width` 0: as long as it likes. */
static const struct type {
	uint16_t type;
	const char *name;
	size_t width;
	put_fn *put;
} types[] = {
	{ MAPI_INTEGER16, "Integer16", 2, put_integer16 },
	{ MAPI_INTEGER32, "Integer32", 4, put_integer32 },
	{ MAPI_FLOATING32, "Floating32", 4, put_floating32 },
	{ MAPI_FLOATING64, "Floating64", 8, put_floating64 },
	{ MAPI_CURRENCY, "Currency", 8, put_currency },
	{ MAPI_FLOATING_TIME, "FloatingTime", 8, put_floating64 },
	{ MAPI_ERROR_CODE, "ErrorCode", 4, put_error_code },
	{ MAPI_BOOLEAN, "Boolean", 1, put_boolean },
	{ MAPI_OBJECT, "Object", 0, NULL },
	{ MAPI_INTEGER64, "Integer64", 8, put_integer64 },
	{ MAPI_STRING8, "String8", 0, NULL },
	{ MAPI_UNICODE, "String", 0, NULL },
	{ MAPI_TIME, "Time", 8, put_time },
	{ MAPI_GUID, "Guid", 16, put_guid },
	{ MAPI_BINARY, "Binary", 0, NULL },
};

static const struct type *find_type(uint16_t type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].type == (type & ~MAPI_MULTIPLE))
			return &types[i];
	return NULL;
}

/* The stored bytes as base64, read and written piece by piece. */
static void put_base64(struct props *p, const char *key,
		       const struct store_prop *prop)
{
	struct ost_error err;
	enum ost_status st = OST_OK;
	uint8_t *chunk = malloc(CHUNK);

	json_base64_begin(p->json, key);
	if (chunk == NULL)
		st = ost_fail(&err, OST_NO_MEMORY, "out of memory");
	for (uint64_t off = 0; st == OST_OK && off < prop->size; off += CHUNK) {
		const uint64_t left = prop->size - off;
		const size_t len = left < CHUNK ? (size_t)left : CHUNK;

		st = store_read(p->object, prop, off, chunk, len, &err);
		if (st == OST_OK)
			json_base64(p->json, span_of(chunk, len));
	}
	json_base64_end(p->json);
	if (st != OST_OK)
		put_error(p, &err);
	free(chunk);
}

/* Numbers and the like: one, or the many of a multi-valued property. */
static void put_fixed(struct props *p, const struct store_prop *prop,
		      const struct type *type)
{
	const bool multiple = (prop->type & MAPI_MULTIPLE) != 0;
	struct buf bytes = { 0 };
	struct ost_error err;

	if (store_bytes(p->object, prop->id, VALUE_MOST, &bytes, &err) !=
	    OST_OK) {
		put_error(p, &err);
		buf_free(&bytes);
		return;
	}

	struct cursor c = cur_at(buf_span(&bytes), 0);
	if (!multiple) {
		type->put(p->json, "value", &c);
		buf_free(&bytes);
		return;
	}
	json_array_flat(p->json, "value");
	while (c.rest.len >= type->width)
		type->put(p->json, NULL, &c);
	json_array_end(p->json);
	buf_free(&bytes);
}

static void put_string(struct props *p, const struct store_prop *prop)
{
	struct buf text = { 0 };
	struct ost_error err;
	size_t replaced = 0;
	const enum ost_status st =
		store_text(p->object, prop->id, &text, &replaced, &err);

	if (st == OST_OK)
		json_text(p->json, "value", buf_span(&text));
	else if (st == OST_LIMIT)
		put_base64(p, "base64", prop);
	else
		put_error(p, &err);
	/* Text that is not all there must not be all there is. */
	if (st == OST_OK && replaced > 0)
		put_base64(p, "base64", prop);
	buf_free(&text);
}

/* How many values a multi-valued property of variable size says it has. */
static enum ost_status multi_count(struct props *p,
				   const struct store_prop *prop,
				   uint32_t *count, struct ost_error *err)
{
	uint8_t bytes[4];
	struct cursor c = cur_at(span_of(bytes, sizeof(bytes)), 0);
	enum ost_status st;

	*count = 0;
	if (prop->size == 0)
		return OST_OK;
	if (prop->size < sizeof(bytes))
		return ost_fail(err, OST_CORRUPT, "%" PRIu64 " bytes of a list",
				prop->size);
	st = store_read(p->object, prop, 0, bytes, sizeof(bytes), err);
	if (st == OST_OK)
		*count = cur_u32(&c);
	return st;
}

static void put_element(struct props *p, uint16_t type, const struct buf *value)
{
	if (type != (MAPI_MULTIPLE | MAPI_BINARY)) {
		json_text(p->json, NULL, buf_span(value));
		return;
	}
	json_base64_begin(p->json, NULL);
	json_base64(p->json, buf_span(value));
	json_base64_end(p->json);
}

static void put_multi(struct props *p, const struct store_prop *prop)
{
	struct ost_error err;
	uint32_t count;
	enum ost_status st = multi_count(p, prop, &count, &err);

	if (count > 0 && prop->size > MULTI_WORK_MOST / count) {
		put_base64(p, "base64", prop);
		return;
	}
	json_array_flat(p->json, "value");
	for (uint32_t i = 0; i < count && st == OST_OK; i++) {
		struct buf one = { 0 };

		st = store_multi(p->object, prop->id, i, &one, &err);
		if (st == OST_OK)
			put_element(p, prop->type, &one);
		buf_free(&one);
	}
	json_array_end(p->json);
	if (st != OST_OK) {
		put_error(p, &err);
		put_base64(p, "base64", prop);
	}
}

static void put_value(struct props *p, const struct store_prop *prop)
{
	const struct type *type = find_type(prop->type);
	const bool multiple = (prop->type & MAPI_MULTIPLE) != 0;

	if (type != NULL && type->put != NULL && prop->size <= VALUE_MOST &&
	    (multiple ? prop->size % type->width == 0
		      : prop->size == type->width))
		put_fixed(p, prop, type);
	else if (type == NULL || type->put != NULL || type->type == MAPI_OBJECT)
		put_base64(p, "base64", prop);
	else if (multiple)
		put_multi(p, prop);
	else if (type->type == MAPI_BINARY)
		put_base64(p, "value", prop);
	else
		put_string(p, prop);
}

static void put_name(struct props *p, uint16_t id)
{
	struct store_name name;

	if (id < 0x8000 || !store_id_name(p->object->store, id, &name))
		return;

	struct cursor guid = cur_at(span_of(name.guid, sizeof(name.guid)), 0);
	put_guid(p->json, "guid", &guid);
	if (name.name != NULL)
		json_str(p->json, "name", name.name);
	else
		json_raw(p->json, "lid", "\"0x%04" PRIx32 "\"", name.lid);
}

static void put_property(struct props *p, const struct store_prop *prop)
{
	const struct type *type = find_type(prop->type);
	struct ost_error err;
	uint8_t nothing;

	json_object_flat(p->json, NULL);
	json_raw(p->json, "tag", "\"0x%04X\"", prop->id);
	if (type != NULL)
		json_raw(p->json, "type", "\"Ptyp%s%s\"",
			 (prop->type & MAPI_MULTIPLE) != 0 ? "Multiple" : "",
			 type->name);
	else
		json_raw(p->json, "type", "\"0x%04X\"", prop->type);
	put_name(p, prop->id);
	json_raw(p->json, "size", "%" PRIu64, prop->size);
	/* One that cannot be read at all has size 0 and says so when read. */
	if (prop->size == 0 &&
	    store_read(p->object, prop, 0, &nothing, 0, &err) != OST_OK)
		put_error(p, &err);
	else
		put_value(p, prop);
	json_object_end(p->json);
}

static void put_properties(struct props *p)
{
	struct store_prop prop;
	struct ost_error err;
	enum ost_status st;
	uint16_t from = 0;

	json_array(p->json, "properties");
	while ((st = store_next(p->object, from, &prop, &err)) == OST_OK) {
		put_property(p, &prop);
		if (prop.id == UINT16_MAX)
			break;
		from = (uint16_t)(prop.id + 1);
	}
	json_array_end(p->json);
	if (st != OST_OK && st != OST_NOT_FOUND)
		put_error(p, &err);
}

static void put_object(struct json *j, struct store_object *o,
		       uint64_t *damaged, unsigned depth);

/* The recipients or attachments of a message, or the message in one. */
static void put_list(struct props *p, const char *key, enum store_list list,
		     unsigned depth)
{
	unsigned failures = 0;

	json_array(p->json, key);
	for (size_t i = 0; failures < FAILURES_MOST; i++) {
		struct store_object *child = NULL;
		struct ost_error err;
		const enum ost_status st =
			store_child(p->object, list, i, &child, &err);

		if (st == OST_NOT_FOUND)
			break;
		json_object(p->json, NULL);
		if (st == OST_OK)
			put_object(p->json, child, p->damaged, depth);
		else
			put_error(p, &err);
		json_object_end(p->json);
		store_drop(child);
		failures += st != OST_OK;
	}
	json_array_end(p->json);
}

/* A message has both lists, an attachment may have the message in it. */
static bool is_message(const struct store_object *o)
{
	const uint32_t type = o->id.nid & MAPI_NID_TYPE;

	return type == MAPI_NID_MESSAGE || type == MAPI_NID_ASSOCIATED;
}

static void put_object(struct json *j, struct store_object *o,
		       uint64_t *damaged, unsigned depth)
{
	struct props p = { j, o, damaged };
	struct ost_error err;

	json_raw(j, "nid", "\"%#" PRIx32 "\"", o->id.nid);
	put_properties(&p);
	if (depth > DEPTH_MOST) {
		(void)ost_fail(&err, OST_LIMIT, "nested deeper than %d",
			       DEPTH_MOST);
		put_error(&p, &err);
		return;
	}
	if (is_message(o)) {
		put_list(&p, "recipients", STORE_RECIPIENTS, depth + 1);
		put_list(&p, "attachments", STORE_ATTACHMENTS, depth + 1);
	} else if ((o->id.nid & MAPI_NID_TYPE) == MAPI_NID_ATTACHMENT) {
		put_list(&p, "messages", STORE_MESSAGES, depth + 1);
	}
}

void props_write(struct json *j, struct store_object *o, uint64_t *damaged)
{
	json_object(j, NULL);
	put_object(j, o, damaged, 0);
	json_object_end(j);
	json_finish(j);
}
