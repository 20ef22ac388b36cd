/*
 * propnames.c - what Microsoft calls a property               [MS-OXPROPS]
 */
#include <stdlib.h>
#include <string.h>

#include "mail/item/proplist.h"

static int by_id(const void *key, const void *row)
{
	return *(const uint16_t *)key - ((const struct propname_tag *)row)->id;
}

const char *propname_tag(uint16_t id, bool *shown)
{
	const struct propname_tag *row =
		bsearch(&id, propname_tags, propname_tag_count,
			sizeof(propname_tags[0]), by_id);

	*shown = row != NULL && row->shown;
	return row != NULL ? row->name : NULL;
}

/* The number of a property set in the table; 0: it is not in it. */
static uint8_t set_of(const uint8_t guid[16])
{
	static const uint8_t family[15] = { 0x20, 0x06, 0, 0, 0, 0, 0,	 0xC0,
					    0,	  0,	0, 0, 0, 0, 0x46 };
	/* {6ED8DA90-450B-101B-98DA-00AA003F1305} */
	static const uint8_t meeting[16] = { 0x90, 0xDA, 0xD8, 0x6E, 0x0B, 0x45,
					     0x1B, 0x10, 0x98, 0xDA, 0x00, 0xAA,
					     0x00, 0x3F, 0x13, 0x05 };

	if (memcmp(guid, meeting, sizeof(meeting)) == 0)
		return PROPNAME_MEETING;
	return memcmp(guid + 1, family, sizeof(family)) == 0 ? guid[0] : 0;
}

const char *propname_lid(const uint8_t guid[16], uint32_t lid)
{
	const uint8_t set = set_of(guid);

	for (size_t i = 0; i < propname_lid_count && set != 0; i++)
		if (propname_lids[i].set == set && propname_lids[i].lid == lid)
			return propname_lids[i].name;
	return NULL;
}
