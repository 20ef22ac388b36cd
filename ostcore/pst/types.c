/*
 * types.c - the types of properties and their sizes     [MS-OXCDATA] 2.11.1
 */
#include "pst/props.h"
#include "store/mapi.h"

enum { OFFSET_SIZE = 4 };

static const struct {
	uint16_t type;
	uint8_t size; /* bytes; 0: as many as there are */
	bool many;    /* there are multiple values of it, too */
} types[] = {
	{ MAPI_NULL, 0, false },	 { MAPI_INTEGER16, 2, true },
	{ MAPI_INTEGER32, 4, true },	 { MAPI_FLOATING32, 4, true },
	{ MAPI_FLOATING64, 8, true },	 { MAPI_CURRENCY, 8, true },
	{ MAPI_FLOATING_TIME, 8, true }, { MAPI_ERROR_CODE, 4, false },
	{ MAPI_BOOLEAN, 1, false },	 { MAPI_OBJECT, 8, false },
	{ MAPI_INTEGER64, 8, true },	 { MAPI_STRING8, 0, true },
	{ MAPI_UNICODE, 0, true },	 { MAPI_TIME, 8, true },
	{ MAPI_GUID, 16, true },	 { MAPI_BINARY, 0, true },
};
enum { TYPES = sizeof(types) / sizeof(types[0]) };

/* The row of `type` without the flag for multiple values; TYPES: none. */
static size_t row_of(uint16_t type)
{
	const uint16_t one = (uint16_t)(type & ~MAPI_MULTIPLE);
	size_t i = 0;

	while (i < TYPES && types[i].type != one)
		i++;
	if (i < TYPES && (type & MAPI_MULTIPLE) != 0 && !types[i].many)
		return TYPES;
	return i;
}

bool pst_type_known(uint16_t type)
{
	return row_of(type) < TYPES;
}

unsigned pst_type_size(uint16_t type)
{
	const size_t i = row_of(type);

	return i < TYPES && (type & MAPI_MULTIPLE) == 0 ? types[i].size : 0;
}

/* Multiple values of any length: their count, where each begins, all of them
   [MS-PST] 2.3.3.4.2. */
static bool offsets_fit(struct span value)
{
	struct cursor c = cur_at(value, 0);
	const uint32_t count = cur_u32(&c);
	uint64_t last = OFFSET_SIZE + (uint64_t)count * OFFSET_SIZE;

	if (!cur_ok(&c) || count > value.len / OFFSET_SIZE)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		const uint32_t at = cur_u32(&c);

		if (at < last || at > value.len)
			return false;
		last = at;
	}
	return cur_ok(&c);
}

bool pst_value_fits(uint16_t type, struct span value)
{
	const size_t i = row_of(type);

	if (i == TYPES)
		return false;
	if ((type & MAPI_MULTIPLE) == 0)
		return (types[i].size == 0 && type != MAPI_NULL) ||
		       value.len == types[i].size;
	if (value.len == 0)
		return true;
	if (types[i].size != 0)
		return value.len % types[i].size == 0;
	return offsets_fit(value);
}
