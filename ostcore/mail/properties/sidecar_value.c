/*
 * sidecar_value.c - numbers, times and the like as JSON [MS-OXCDATA] 2.11.1
 *
 * A number of 64 bits is a string: JSON leaves it to the reader how large a
 * number may be, and most take it for a double.
 */
#include <inttypes.h>
#include <math.h>
#include <time.h>

#include "mail/properties/sidecar.h"

static bool put_integer16(struct json *j, const char *key, struct cursor *c)
{
	json_raw(j, key, "%" PRId16, (int16_t)cur_u16(c));
	return true;
}

static bool put_integer32(struct json *j, const char *key, struct cursor *c)
{
	json_raw(j, key, "%" PRId32, (int32_t)cur_u32(c));
	return true;
}

static bool put_integer64(struct json *j, const char *key, struct cursor *c)
{
	json_raw(j, key, "\"%" PRId64 "\"", (int64_t)cur_u64(c));
	return true;
}

/* 17 digits are enough for any double; which NaN it is they do not say. */
static bool put_double(struct json *j, const char *key, double value)
{
	if (isnan(value))
		json_str(j, key, "NaN");
	else if (isinf(value))
		json_str(j, key, value > 0 ? "Infinity" : "-Infinity");
	else if (value == 0)
		json_raw(j, key, "%s", signbit(value) ? "-0.0" : "0");
	else
		json_raw(j, key, "%.17g", value);
	return !isnan(value);
}

static bool put_floating32(struct json *j, const char *key, struct cursor *c)
{
	const uint32_t bits = cur_u32(c);
	float value;

	memcpy(&value, &bits, sizeof(value));
	return put_double(j, key, (double)value);
}

static bool put_floating64(struct json *j, const char *key, struct cursor *c)
{
	const uint64_t bits = cur_u64(c);
	double value;

	memcpy(&value, &bits, sizeof(value));
	return put_double(j, key, value);
}

/* Ten-thousandths. */
static bool put_currency(struct json *j, const char *key, struct cursor *c)
{
	const int64_t value = (int64_t)cur_u64(c);
	const uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;

	json_raw(j, key, "\"%s%" PRIu64 ".%04u\"", value < 0 ? "-" : "",
		 size / 10000, (unsigned)(size % 10000));
	return true;
}

static bool put_error_code(struct json *j, const char *key, struct cursor *c)
{
	json_raw(j, key, "\"0x%08" PRIx32 "\"", cur_u32(c));
	return true;
}

static bool put_boolean(struct json *j, const char *key, struct cursor *c)
{
	const uint8_t value = cur_u8(c);

	json_bool(j, key, value != 0);
	return value <= 1;
}

/* FILETIME: 100 ns since 1601. One past the year 9999 is that number. */
static bool put_time(struct json *j, const char *key, struct cursor *c)
{
	static const uint64_t years_end = UINT64_C(2650467744000000000);
	const uint64_t value = cur_u64(c);
	const time_t sec =
		(time_t)(value / 10000000) - (time_t)INT64_C(11644473600);
	struct tm tm;

	if (value >= years_end || gmtime_r(&sec, &tm) == NULL)
		json_raw(j, key, "\"%" PRIu64 "\"", value);
	else
		json_raw(j, key, "\"%04d-%02d-%02dT%02d:%02d:%02d.%07uZ\"",
			 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
			 tm.tm_hour, tm.tm_min, tm.tm_sec,
			 (unsigned)(value % 10000000));
	return true;
}

bool sidecar_guid(struct json *j, const char *key, struct cursor *c)
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
	return true;
}

static const struct sidecar_type types[] = {
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
	{ MAPI_GUID, "Guid", 16, sidecar_guid },
	{ MAPI_BINARY, "Binary", 0, NULL },
};

const struct sidecar_type *sidecar_type(uint16_t type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].type == (type & ~MAPI_MULTIPLE))
			return &types[i];
	return NULL;
}
